package api

import (
	"net/http"
	"strings"
	"testing"
)

func TestChangeToDelivery(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("faveo", nil)
	trigger := s.trigger("faveo", endpoint, object{"on": []string{"ticket_created"}})
	receipt := s.do(http.MethodPost, "/api/v1/changes", object{
		"id": "order-1", "actor": object{"name": "Ada", "role": "client"},
		"ticket": object{"number": "HDSK-1", "subject": "Printer", "status": "Open"},
	}).object(http.StatusAccepted)
	deliveries, fired := receipt["deliveries"].([]any), receipt["fired"].([]any)
	if receipt["ticket"] != "HDSK-1" || len(deliveries) != 1 || len(fired) != 1 || fired[0] != trigger || !strings.HasPrefix(receipt["id"].(string), "chg_") {
		t.Fatalf("receipt %v", receipt)
	}
	again := s.do(http.MethodPost, "/api/v1/changes", object{"id": "order-1", "ticket": object{"number": "HDSK-1"}}).object(http.StatusAccepted)
	if again["id"] != receipt["id"] || again["duplicate"] != true || len(again["deliveries"].([]any)) != 1 {
		t.Errorf("repeated: %v", again)
	}

	if ticket := s.do(http.MethodGet, "/api/v1/tickets/HDSK-1", nil).object(http.StatusOK); ticket["subject"] != "Printer" {
		t.Errorf("ticket %v", ticket)
	}
	if tickets := s.do(http.MethodGet, "/api/v1/tickets?number=HDSK*", nil).items(); len(tickets) != 1 {
		t.Errorf("tickets %v", tickets)
	}
	change := s.do(http.MethodGet, "/api/v1/changes/"+receipt["id"].(string), nil).object(http.StatusOK)
	if change["kind"] != "ticket_created" || change["change"] == nil || change["key"] != "order-1" {
		t.Errorf("change %v", change)
	}
	if changes := s.do(http.MethodGet, "/api/v1/changes?ticket=HDSK-1", nil).items(); len(changes) != 1 || changes[0]["change"] != nil {
		t.Errorf("changes %v", changes)
	}
	verdicts := s.do(http.MethodGet, "/api/v1/changes/"+receipt["id"].(string)+"/verdicts", nil).items()
	if len(verdicts) != 1 || verdicts[0]["verdict"] != "fired" || verdicts[0]["trigger"] != trigger {
		t.Errorf("verdicts %v", verdicts)
	}
	s.do(http.MethodGet, "/api/v1/tickets/HDSK-1/explain?trigger=trg_none", nil).problem(http.StatusBadRequest, "query.trigger")
	explained := s.do(http.MethodGet, "/api/v1/tickets/HDSK-1/explain", nil).object(http.StatusOK)
	if explained["ticket"] != "HDSK-1" || len(explained["changes"].([]any)) != 1 {
		t.Errorf("explained %v", explained)
	}
	delivery := s.do(http.MethodGet, "/api/v1/deliveries/"+deliveries[0].(string), nil).object(http.StatusOK)
	if delivery["outcome"] != "pending" || delivery["event"] != "ticket_created" || delivery["endpoint"] != endpoint || delivery["request"] == nil {
		t.Errorf("delivery %v", delivery)
	}
	for query, want := range map[string]int{
		"?ticket=HDSK-1": 1, "?ticket=*-1": 1, "?trigger=" + trigger: 1, "?endpoint=" + endpoint: 1, "?system=faveo&event=ticket_created": 1,
		"?outcome=pending": 1, "?outcome=failed": 0, "?from=2026-01-01": 1, "?to=2026-01-01": 0, "?from=-1h": 1,
	} {
		if found := s.do(http.MethodGet, "/api/v1/deliveries"+query, nil).items(); len(found) != want {
			t.Errorf("%s finds %d deliveries, want %d", query, len(found), want)
		}
	}
}

func TestTicketOperations(t *testing.T) {
	s := newServer(t)
	receipt := s.do(http.MethodPost, "/api/v1/tickets", object{"number": "A/7 ü", "subject": "Slash"})
	if receipt.object(http.StatusAccepted)["ticket"] != "A/7 ü" {
		t.Errorf("receipt %s", receipt.body)
	}
	path := receipt.header.Get("Location")
	if got := s.do(http.MethodGet, path, nil).object(http.StatusOK); got["subject"] != "Slash" {
		t.Errorf("at %s: %v", path, got)
	}
	s.do(http.MethodPatch, path, object{"status": "Closed", "actor": object{"name": "Bob", "role": "agent"}}).ok(http.StatusAccepted, nil)
	reply := s.do(http.MethodPost, path+"/replies", object{"author": object{"name": "Bob", "role": "agent"}, "body": "<p>Hi</p>"}).object(http.StatusAccepted)["reply"].(string)
	note := s.do(http.MethodPost, path+"/notes", object{"author": object{"name": "Bob", "role": "agent"}, "body": "<p>Psst</p>"}).object(http.StatusAccepted)["note"].(string)
	s.do(http.MethodPatch, path+"/replies/"+reply, object{"body": "<p>Hello</p>"}).ok(http.StatusAccepted, nil)
	s.do(http.MethodPatch, path+"/notes/"+note, object{"body": "<p>Never mind</p>"}).ok(http.StatusAccepted, nil)
	ticket := s.do(http.MethodGet, path, nil).object(http.StatusOK)
	if ticket["status"].(object)["state"] != "closed" || ticket["replies"].([]any)[0].(object)["body"] != "<p>Hello</p>" || len(ticket["notes"].([]any)) != 1 {
		t.Errorf("ticket %v", ticket)
	}
	s.do(http.MethodDelete, path+"/replies/"+reply, nil).ok(http.StatusAccepted, nil)
	s.do(http.MethodDelete, path+"/notes/"+note, nil).ok(http.StatusAccepted, nil)
	s.do(http.MethodDelete, path+"/notes/rep_none", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodDelete, path, nil).ok(http.StatusAccepted, nil)
	s.do(http.MethodGet, path, nil).problem(http.StatusNotFound, "")
	s.do(http.MethodPatch, path, object{"status": "Open"}).problem(http.StatusNotFound, "")
	s.do(http.MethodPost, "/api/v1/tickets/none/replies", object{"author": object{"name": "B"}, "body": "x"}).problem(http.StatusNotFound, "")
	if changes := s.do(http.MethodGet, "/api/v1/changes?order=oldest", nil).items(); len(changes) != 9 || changes[0]["kind"] != "ticket_created" {
		t.Errorf("%d changes, the first %v", len(changes), changes[0])
	}
}

func TestManyChanges(t *testing.T) {
	const good, bad = `{"ticket":{"number":"1","subject":"s"}}`, `{"ticket":{"number":"2","colour":"red"}}`
	for name, c := range map[string]struct {
		body   string
		status int
		items  int
	}{
		"all":   {`[` + good + `,{"ticket":{"number":"3"}}]`, http.StatusAccepted, 2},
		"some":  {`[` + good + `,{"kind":"ticket_created","ticket":{"number":"1","subject":"s"}}]`, http.StatusMultiStatus, 2},
		"one":   {`[` + good + `,` + bad + `]`, http.StatusUnprocessableEntity, 0},
		"none":  {`[` + bad + `,` + bad + `]`, http.StatusUnprocessableEntity, 0},
		"empty": {`[]`, http.StatusUnprocessableEntity, 0},
		"comma": {`[` + good + `,]`, http.StatusBadRequest, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			answer := s.do(http.MethodPost, "/api/v1/changes", c.body)
			if c.items == 0 {
				answer.problem(c.status, "")
				if stored := s.do(http.MethodGet, "/api/v1/changes", nil).items(); len(stored) != 0 {
					t.Errorf("stored %v", stored)
				}
				return
			}
			items := answer.object(c.status)["items"].([]any)
			if len(items) != c.items || items[0].(object)["id"] == nil || items[0].(object)["status"] != 202.0 || items[0].(object)["fired"] == nil {
				t.Errorf("items %v", items)
			}
			if c.status == http.StatusMultiStatus {
				if failed := items[1].(object)["error"].(object); failed["status"] != 422.0 {
					t.Errorf("error %v", failed)
				}
			}
		})
	}
	t.Run("none, with places", func(t *testing.T) {
		newServer(t).do(http.MethodPost, "/api/v1/changes", `[`+bad+`]`).problem(http.StatusUnprocessableEntity, "body.0.ticket.colour")
	})
	t.Run("lines", func(t *testing.T) {
		s := newServer(t)
		lines := good + "\n\n" + `{"ticket":{"number":"2"}}` + "\r\n"
		ndjson := header("Content-Type", "application/x-ndjson")
		s.do(http.MethodPost, "/api/v1/changes", lines+"{broken\n", ndjson).problem(http.StatusBadRequest, "body.2")
		if items := s.do(http.MethodPost, "/api/v1/changes", lines, ndjson).object(http.StatusAccepted)["items"].([]any); len(items) != 2 {
			t.Errorf("items %v", items)
		}
	})
	t.Run("lines by their look", func(t *testing.T) {
		s := newServer(t)
		for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", ""} {
			if items := s.do(http.MethodPost, "/api/v1/changes", good+"\n"+good+"\n", header("Content-Type", kind)).object(http.StatusAccepted)["items"].([]any); len(items) != 2 {
				t.Errorf("%q: items %v", kind, items)
			}
		}
		one := s.do(http.MethodPost, "/api/v1/changes", good+"\n").object(http.StatusAccepted)
		indented := s.do(http.MethodPost, "/api/v1/changes", "{\n"+strings.TrimPrefix(good, "{")+"\n").object(http.StatusAccepted)
		if one["id"] == nil || indented["id"] == nil {
			t.Errorf("one change is taken as many: %v, %v", one, indented)
		}
		s.do(http.MethodPost, "/api/v1/changes", good+"\n{", header("Content-Type", "text/plain")).problem(http.StatusBadRequest, "body.1")
	})
	t.Run("too many", func(t *testing.T) {
		s := newServer(t)
		s.do(http.MethodPost, "/api/v1/changes", "["+strings.Repeat(good+",", maxBatch)+good+"]").problem(http.StatusUnprocessableEntity, "body")
		s.do(http.MethodPost, "/api/v1/changes", strings.Repeat(good+"\n", maxBatch+1)).problem(http.StatusUnprocessableEntity, "body")
		s.do(http.MethodPost, "/api/v1/changes", "["+strings.Repeat(",", 1<<20)+"]").problem(http.StatusUnprocessableEntity, "body")
	})
}

func TestBadChanges(t *testing.T) {
	s := newServer(t)
	for name, c := range map[string]struct {
		body   string
		status int
		at     string
	}{
		"no JSON":        {`{"ticket":`, 400, "body"},
		"empty":          {``, 400, "body"},
		"a number":       {`7`, 422, "body"},
		"no ticket":      {`{}`, 422, "body.ticket"},
		"no number":      {`{"ticket":{"subject":"x"}}`, 422, "body.ticket.number"},
		"unknown":        {`{"ticket":{"number":"1"},"tciket":1}`, 422, "body.tciket"},
		"unknown field":  {`{"ticket":{"number":"1","subjcet":"x"}}`, 422, "body.ticket.subjcet"},
		"wrong type":     {`{"ticket":{"number":"1","subject":[]}}`, 422, "body.ticket.subject"},
		"bad kind":       {`{"kind":"exploded","ticket":{"number":"1"}}`, 422, "body.kind"},
		"bad time":       {`{"at":"yesterday","ticket":{"number":"1"}}`, 422, "body.at"},
		"reply and note": {`{"ticket":{"number":"1"},"reply":{"body":"a"},"note":{"body":"b"}}`, 422, "body.note"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.do(http.MethodPost, "/api/v1/changes", c.body).problem(c.status, c.at)
		})
	}
	s.t = t
	s.do(http.MethodPost, "/api/v1/changes", `{"ticket":{"number":"1"}}`, header("Webhook-Chain", "x")).problem(http.StatusBadRequest, "header.Webhook-Chain")
	s.do(http.MethodPost, "/api/v1/changes", `<ticket/>`, header("Content-Type", "application/xml")).problem(http.StatusUnsupportedMediaType, "")
	s.do(http.MethodPost, "/api/v1/changes", `{"ticket":{"number":"1","description":"`+strings.Repeat("x", maxChangeBody)+`"}}`).problem(http.StatusRequestEntityTooLarge, "")
	if stored := s.do(http.MethodGet, "/api/v1/changes", nil).items(); len(stored) != 0 {
		t.Errorf("stored %v", stored)
	}
}

func TestBadTicketOperations(t *testing.T) {
	s := newServer(t)
	s.do(http.MethodPost, "/api/v1/tickets", object{"number": "1"}).ok(http.StatusAccepted, nil)
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		at                 string
	}{
		"new: no JSON":        {http.MethodPost, "/tickets", `{`, 400, "body"},
		"new: unknown member": {http.MethodPost, "/tickets", `{"number":"2","colour":1}`, 422, "body.colour"},
		"new: no such state":  {http.MethodPost, "/tickets", `{"number":"2","status":{"name":"x","state":"gone"}}`, 422, "body.status.state"},
		"new: exists":         {http.MethodPost, "/tickets", `{"number":"1","subject":"again"}`, 409, "body.number"},
		"patch: wrong type":   {http.MethodPatch, "/tickets/1", `{"tags":"vip"}`, 422, "body.tags"},
		"patch: number":       {http.MethodPatch, "/tickets/1", `{"number":"2"}`, 422, "body.number"},
		"reply: no body":      {http.MethodPost, "/tickets/1/replies", `{"author":{"name":"A"}}`, 422, "body.body"},
		"reply: private":      {http.MethodPost, "/tickets/1/replies", `{"author":{"name":"A"},"body":"x","private":true}`, 422, "body.private"},
		"note: role":          {http.MethodPost, "/tickets/1/notes", `{"author":{"name":"A","role":"boss"},"body":"x"}`, 422, "body.author.role"},
		"reply: unknown":      {http.MethodPatch, "/tickets/1/replies/rep_x", `{"body":"x"}`, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.do(c.method, "/api/v1"+c.path, c.body).problem(c.status, c.at)
		})
	}
}

func TestChainContinues(t *testing.T) {
	s := newServer(t)
	s.endpoint("faveo", nil)
	receipt := s.do(http.MethodPost, "/api/v1/changes", `{"ticket":{"number":"1"}}`, header("Webhook-Chain", "chn_1jc0v7wq10000;depth=2")).object(http.StatusAccepted)
	change := s.do(http.MethodGet, "/api/v1/changes/"+receipt["id"].(string), nil).object(http.StatusOK)
	if change["chain"] != "chn_1jc0v7wq10000" || change["depth"] != 3.0 {
		t.Errorf("chain %v at depth %v", change["chain"], change["depth"])
	}
}

func TestWorkspaceRate(t *testing.T) {
	s := newServer(t)
	s.do(http.MethodPatch, "/api/v1/workspaces/default", object{"limits": object{"changes_per_second": 2}}).ok(http.StatusOK, nil)
	for range 2 {
		s.do(http.MethodPost, "/api/v1/changes", `{"ticket":{"number":"1"}}`).ok(http.StatusAccepted, nil)
	}
	limited := s.do(http.MethodPost, "/api/v1/changes", `{"ticket":{"number":"1"}}`)
	limited.problem(http.StatusTooManyRequests, "")
	if limited.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
