package api

import (
	"net/http"
	"testing"
)

func TestTriggerLife(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("supportservice", nil)
	when := object{"all": []object{{"field": "status", "op": "changed_to", "value": "Closed"}, {"any": []object{{"field": "tags", "op": "contains_any", "value": []string{"vip"}}}}}}
	id := s.trigger("supportservice", endpoint, object{"when": when})
	path := "/api/v1/triggers/" + id
	got := s.do(http.MethodGet, path, nil).object(http.StatusOK)
	if got["enabled"] != true || got["fire"] != "every" || got["version"] != 1.0 || got["when"] == nil {
		t.Errorf("trigger %v", got)
	}
	// What was read can be sent back as it is.
	if put := s.do(http.MethodPut, path, got).object(http.StatusOK); put["version"] != 2.0 {
		t.Errorf("replaced: %v", put)
	}
	patched := s.do(http.MethodPatch, path, object{"name": "Renamed", "when": object{"any": []object{{"field": "subject", "op": "contains", "value": "x"}}}}).object(http.StatusOK)
	if patched["name"] != "Renamed" || patched["when"].(object)["all"] != nil {
		t.Errorf("patched: %v", patched)
	}
	versions := s.do(http.MethodGet, path+"/versions", nil).items()
	if len(versions) != 3 || versions[0]["version"] != 3.0 || versions[2]["name"] != "Rule" {
		t.Errorf("versions %v", versions)
	}
	if one := s.do(http.MethodGet, path+"/versions/1", nil).object(http.StatusOK); one["name"] != "Rule" {
		t.Errorf("version 1: %v", one)
	}
	s.do(http.MethodGet, path+"/versions/9", nil).problem(http.StatusNotFound, "")
	if diff := s.do(http.MethodGet, path+"/diff?from=1&to=3", nil).items(); len(diff) == 0 {
		t.Error("no difference between versions 1 and 3")
	}
	back := s.do(http.MethodPost, path+"/rollback", object{"version": 1}).object(http.StatusOK)
	if back["name"] != "Rule" || back["version"] != 4.0 {
		t.Errorf("rolled back to %v", back)
	}
	for _, version := range []int{-1, 0, 99} {
		s.do(http.MethodPost, path+"/rollback", object{"version": version}).problem(http.StatusUnprocessableEntity, "body.version")
	}
	s.do(http.MethodPost, "/api/v1/triggers/trg_0000000000000/rollback", object{"version": 1}).problem(http.StatusNotFound, "")
	for query, want := range map[string]int{"?system=supportservice": 1, "?system=faveo": 0, "?enabled=true": 1, "?enabled=false": 0, "?endpoint=" + endpoint: 1} {
		if found := s.do(http.MethodGet, "/api/v1/triggers"+query, nil).items(); len(found) != want {
			t.Errorf("%s finds %v", query, found)
		}
	}
	s.do(http.MethodDelete, path, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodGet, path, nil).problem(http.StatusNotFound, "")
	if kept := s.do(http.MethodGet, path+"/versions", nil).items(); len(kept) != 4 {
		t.Errorf("%d versions are left", len(kept))
	}
}

func TestSimulate(t *testing.T) {
	s := newServer(t)
	id := s.trigger("faveo", s.endpoint("faveo", nil), object{"on": []string{"ticket_created"}})
	for _, body := range []string{`{"ticket":{"number":"1","subject":"printer"}}`, `{"ticket":{"number":"2","subject":"mouse"}}`} {
		s.do(http.MethodPost, "/api/v1/changes", body).ok(http.StatusAccepted, nil)
	}
	path := "/api/v1/triggers/" + id + "/simulate"
	if live := s.do(http.MethodPost, path, nil).object(http.StatusOK); live["changes"] != 2.0 || live["fired"] != 2.0 || live["lost_count"] != 0.0 {
		t.Errorf("as it is: %v", live)
	}
	draft := object{"draft": object{"system": "faveo", "name": "Draft", "when": object{"all": []object{{"field": "subject", "op": "is", "value": "mouse"}}}}}
	if tried := s.do(http.MethodPost, path, draft).object(http.StatusOK); tried["fired"] != 1.0 || tried["lost_count"] != 1.0 || len(tried["lost"].([]any)) != 1 {
		t.Errorf("draft: %v", tried)
	}
	if one := s.do(http.MethodPost, path, object{"ticket": "2"}).object(http.StatusOK); one["changes"] != 1.0 {
		t.Errorf("one ticket: %v", one)
	}
	s.do(http.MethodPost, path, object{"from": "soon"}).problem(http.StatusUnprocessableEntity, "body.from")
	s.do(http.MethodPost, path, object{"draft": object{"when": object{"all": []object{{"field": "x", "op": "is"}}}}}).problem(http.StatusUnprocessableEntity, "body.draft.when.all.0.field")
	if stored := s.do(http.MethodGet, "/api/v1/deliveries", nil).items(); len(stored) != 2 {
		t.Errorf("a simulation left %d deliveries", len(stored))
	}
}

func TestBadTriggers(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("faveo", nil)
	then := `,"then":[{"webhook":{"endpoint":"` + endpoint + `"}}]}`
	for name, c := range map[string]struct {
		body   string
		status int
		at     string
	}{
		"no JSON":          {`{`, 400, "body"},
		"unknown member":   {`{"name":"x","system":"faveo","wehn":{}` + then, 422, "body.wehn"},
		"unknown system":   {`{"name":"x","system":"f"` + then, 422, "body.system"},
		"unknown event":    {`{"name":"x","system":"faveo","on":["ticket_exploded"]` + then, 422, "body.on.0"},
		"unknown field":    {`{"name":"x","system":"faveo","when":{"all":[{"field":"colour","op":"is","value":1}]}` + then, 422, "body.when.all.0.field"},
		"unknown operator": {`{"name":"x","system":"faveo","when":{"all":[{"field":"subject","op":"iz","value":"1"}]}` + then, 422, "body.when.all.0.op"},
		"deep operator":    {`{"name":"x","system":"faveo","when":{"all":[{"any":[{"field":"subject","op":"iz","value":"1"}]}]}` + then, 422, "body.when.all.0.any.0.op"},
		"fire":             {`{"name":"x","system":"faveo","fire":"twice"` + then, 422, "body.fire"},
		"unknown endpoint": {`{"name":"x","system":"faveo","then":[{"webhook":{"endpoint":"ep_0000000000000"}}]}`, 422, "body.then.0.webhook.endpoint"},
		"wrong type":       {`{"name":"x","system":"faveo","on":5` + then, 422, "body.on"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.do(http.MethodPost, "/api/v1/triggers", c.body).problem(c.status, c.at)
		})
	}
	s.t = t
	if stored := s.do(http.MethodGet, "/api/v1/triggers", nil).items(); len(stored) != 0 {
		t.Errorf("stored %v", stored)
	}
}
