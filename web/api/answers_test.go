package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"
)

var update = flag.Bool("update", false, "record answers.json again")

// TestAnswersOfTheDocument checks that every operation shows an answer for each
// status that is a success and has a body, and that the answer fits its schema.
// With -update the answers are recorded from a server.
func TestAnswersOfTheDocument(t *testing.T) {
	if *update {
		recordAnswers(t)
		return // the next run embeds them
	}
	s := newServer(t, func(o *Options) { o.Metrics = http.NotFoundHandler() })
	c := contractOf(t, s.api.openAPI)
	answers := recordedAnswers()
	shown := 0
	for path, item := range s.api.huma.OpenAPI().Paths {
		for _, method := range methods {
			op := operationOf(item, method)
			if op == nil {
				continue
			}
			for status, response := range op.Responses {
				if status >= "300" {
					continue
				}
				for kind := range response.Content {
					answer, ok := answers[op.OperationID][status]
					if !ok {
						t.Errorf("%s shows no answer %s", op.OperationID, status)
						continue
					}
					shown++
					if kind != "application/json" {
						continue
					}
					text, err := json.Marshal(answer)
					if err != nil {
						t.Fatal(err)
					}
					if err := c.check(t, text, "paths", path, strings.ToLower(method), "responses", status, "content", kind, "schema"); err != nil {
						t.Errorf("%s: the answer %s that is shown does not fit: %v", op.OperationID, status, err)
					}
				}
			}
		}
	}
	if shown == 0 {
		t.Error("no answers")
	}
}

// recordAnswers takes a server through every operation.
func recordAnswers(t *testing.T) {
	t.Helper()
	cryptotest.SetGlobalRandom(t, 1) // recorded twice, secrets are the same
	s := newServer(t, func(o *Options) {
		o.Dev = true
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "hookdesk_changes_accepted_total 4\n")
		})
	})
	answers := map[string]map[string]any{}
	note := func(reply *reply, method, path string) *reply {
		path, _, _ = strings.Cut(path, "?")
		op, _ := s.operation(method, path)
		if op == nil || reply.status >= 300 {
			t.Fatalf("%s %s answers %d: %s", method, path, reply.status, reply.body)
		}
		if len(reply.body) == 0 {
			return reply
		}
		var value any
		if json.Unmarshal(reply.body, &value) != nil {
			value = string(reply.body)
		}
		if answers[op.OperationID] == nil {
			answers[op.OperationID] = map[string]any{}
		}
		status := strconv.Itoa(reply.status)
		if answers[op.OperationID][status] == nil {
			answers[op.OperationID][status] = shortened(value)
		}
		return reply
	}
	do := func(method, path string, body any) object {
		answer := object{}
		_ = json.Unmarshal(note(s.do(method, path, body), method, path).body, &answer)
		return answer
	}
	tell(s, do)
	answers["stream-executions"] = map[string]any{"200": streamOf(answers["list-executions"]["200"])}
	answers["get-openapi"] = map[string]any{"200": object{"openapi": "3.1.0"}}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "\t")
	if err := encoder.Encode(answers); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("answers.json", text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tell carries out every operation once, in an order in which each succeeds.
func tell(s *server, do func(method, path string, body any) object) {
	const base = "/api/v1"
	get := func(paths ...string) {
		for _, path := range paths {
			if !strings.HasPrefix(path, "/") {
				path = base + "/" + path
			}
			do(http.MethodGet, path, nil)
		}
	}
	post := func(path string, body any) object { return do(http.MethodPost, base+"/"+path, body) }
	id := func(o object) string { return fmt.Sprint(o["id"]) }

	get("systems", "systems/superoffice", "systems/superoffice/events/ticket.changed/sample", "fields", "schemes", "/healthz", "/readyz", "/metrics")
	post("calendars", examples["create-calendar"])
	calendar := id(post("calendars", object{"name": "Weekend", "zone": "Europe/Oslo", "hours": []object{{"day": "saturday", "from": "10:00", "to": "14:00"}}}))
	get("calendars", "calendars/"+calendar)
	do(http.MethodPatch, base+"/calendars/"+calendar, object{"name": "Saturdays"})
	do(http.MethodDelete, base+"/calendars/"+calendar, nil)

	endpoint := id(post("endpoints", examples["create-endpoint"]))
	spare := id(post("endpoints", object{"name": "Archive", "url": "https://archive.example.com/hooks", "system": "faveo", "signing": object{"scheme": "standard"}}))
	do(http.MethodPatch, base+"/endpoints/"+endpoint, examples["patch-endpoint"])
	get("endpoints", "endpoints/"+endpoint)
	post("endpoints/"+spare+"/rotate-secret", examples["rotate-secret"])
	for _, state := range []string{"pause", "disable", "enable"} {
		post("endpoints/"+spare+"/"+state, object{"reason": "maintenance"})
	}
	post("endpoints/"+endpoint+"/test", examples["test-endpoint"])
	post("endpoints/"+endpoint+"/close-breaker", nil)
	do(http.MethodDelete, base+"/endpoints/"+spare, nil)

	trigger := id(post("triggers", object{
		"name": "Closed tickets to the warehouse", "system": "superoffice", "then": []object{{"webhook": object{"endpoint": endpoint}}},
		"when": object{"all": []object{{"field": "status", "op": "is", "value": "Closed"}}},
	}))
	do(http.MethodPatch, base+"/triggers/"+trigger, object{"name": "Closed tickets"})
	current := do(http.MethodGet, base+"/triggers/"+trigger, nil)
	do(http.MethodPut, base+"/triggers/"+trigger, current)
	get("triggers", "triggers/"+trigger+"/versions", "triggers/"+trigger+"/versions/1", "triggers/"+trigger+"/diff?from=1&to=2")
	post("triggers/"+trigger+"/rollback", examples["rollback-trigger"])
	post("triggers/import", object{
		"system": "superoffice", "endpoints": object{"01H": endpoint}, "dry_run": true,
		"document": object{"trigger": object{
			"title": "Urgent", "conditions": object{"all": []object{{"field": "status", "operator": "is", "value": "open"}}, "any": []object{}},
			"actions": []object{{"field": "notification_webhook", "value": []string{"01H", "{}"}}},
		}},
	})

	post("changes", examples["submit-changes"])
	post("changes", object{"ticket": object{"number": "HDSK-AAAA-0130", "subject": "Paper is out", "status": "Open", "tags": []string{"vip"}}})
	post("changes", []object{{"ticket": object{"number": "HDSK-AAAA-0131", "status": "Open"}}, {"kind": "ticket_created", "ticket": object{"number": "HDSK-AAAA-0131"}}})
	post("tickets", examples["create-ticket"])
	closing := do(http.MethodPatch, base+"/tickets/HDSK-AAAA-0130", examples["patch-ticket"])
	reply := fmt.Sprint(post("tickets/HDSK-AAAA-0130/replies", examples["add-reply"])["reply"])
	remark := fmt.Sprint(post("tickets/HDSK-AAAA-0130/notes", examples["add-note"])["note"])
	entries := []string{"notes/" + remark, "replies/" + reply}
	for _, entry := range entries {
		do(http.MethodPatch, base+"/tickets/HDSK-AAAA-0130/"+entry, object{"body": "<p>It is out, at last.</p>"})
	}
	get("tickets", "tickets/HDSK-AAAA-0130", "tickets/HDSK-AAAA-0130/explain", "changes", "changes/"+id(closing), "changes/"+id(closing)+"/verdicts")
	for _, entry := range entries {
		do(http.MethodDelete, base+"/tickets/HDSK-AAAA-0130/"+entry, nil)
	}
	do(http.MethodDelete, base+"/tickets/HDSK-AAAA-0123", nil)
	post("triggers/"+trigger+"/simulate", object{"ticket": "HDSK-AAAA-0130"})
	post("triggers/try", object{"trigger": trigger, "ticket": "HDSK-AAAA-0130"})
	simulation := id(post("simulations", object{"trigger": trigger, "from": "-720h"}))
	get("simulations", "simulations/"+simulation)
	post("simulations/"+simulation+"/cancel", nil)

	deliveries, _ := closing["deliveries"].([]any)
	delivery := fmt.Sprint(deliveries[0])
	attempt := s.attempt(delivery, 503, "the receiver answered 503")
	get("deliveries", "deliveries/"+delivery, "deliveries/"+delivery+"/curl", "deliveries/"+delivery+"/signature", "executions", "executions/count?outcome=failed", "executions/"+attempt, "executions/histogram", "executions/export")
	post("deliveries/"+delivery+"/signature", examples["diagnose-signature"])
	get("statistics", "statistics/failures", "statistics/endpoints", "statistics/triggers", "error-codes", "me")
	post("deliveries/"+delivery+"/cancel", nil)
	post("deliveries/"+delivery+"/redeliver", nil)
	s.pass(time.Second) // a replay repeats what is past
	post("replays", object{"outcome": "failed", "from": "-24h", "dry_run": true})
	replay := id(post("replays", object{"outcome": "failed", "from": "-24h"}))
	get("replays", "replays/"+replay)
	post("replays/"+replay+"/cancel", nil)
	post("replays/"+replay+"/resume", nil)

	search := id(post("searches", examples["create-search"]))
	get("searches", "searches/"+search)
	do(http.MethodDelete, base+"/searches/"+search, nil)
	token := id(post("tokens", examples["create-token"]))
	get("tokens", "tokens/"+token)
	do(http.MethodDelete, base+"/tokens/"+token, nil)
	post("workspaces", examples["create-workspace"])
	get("workspaces", "workspaces/acme", "workspaces/acme/retention", "retention/clock")
	post("retention/clock/trust", nil)
	do(http.MethodPatch, base+"/workspaces/acme", object{"title": "Acme Ltd"})
	do(http.MethodDelete, base+"/workspaces/acme", nil)
	get("configuration/export", "audit", "queues")
	file := object{"file": "endpoints:\n  - name: Mailroom\n    url: https://mailroom.example.com/hooks\n    system: agency\n"}
	post("configuration/plan", file)
	post("configuration/apply", file)
	do(http.MethodDelete, base+"/triggers/"+trigger, nil)
}

// shortened leaves out what an example does not need: all but the first two
// entries of long lists.
func shortened(value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) > 3 {
			value = value[:2]
		}
		for i := range value {
			value[i] = shortened(value[i])
		}
		return value
	case object:
		for name := range value {
			value[name] = shortened(value[name])
		}
	}
	return value
}

// streamOf writes the first row of a page as an event of the stream.
func streamOf(page any) string {
	list, _ := page.(object)
	rows, _ := list["items"].([]any)
	row, _ := rows[0].(object)
	text, _ := json.Marshal(row)
	return fmt.Sprintf("event: execution\nid: %s.AAZL6qRn0gCGAcno\ndata: %s\n\n", row["id"], text)
}
