package api

import (
	"net/http"
	"testing"
	"time"
)

// TestStatistics checks that the API has every figure of the console's
// overview, of its lists of endpoints and triggers, and of the log's foot.
func TestStatistics(t *testing.T) {
	s := newServer(t)
	if empty := s.do(http.MethodGet, "/api/v1/statistics", nil).object(http.StatusOK); empty["attempts"] != 0.0 || empty["success_rate"] != nil {
		t.Errorf("of nothing: %v", empty)
	}
	endpoint := s.do(http.MethodPost, "/api/v1/endpoints", `{"name":"Shop","url":"https://shop.example.com/hook","system":"superoffice"}`).object(http.StatusCreated)["id"].(string)
	trigger := s.do(http.MethodPost, "/api/v1/triggers", object{"name": "All", "system": "superoffice", "then": []object{{"webhook": object{"endpoint": endpoint}}}}).object(http.StatusCreated)["id"].(string)
	deliver := func(number string) string {
		return s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": number, "status": "Open"}}).object(http.StatusAccepted)["deliveries"].([]any)[0].(string)
	}
	first, second := deliver("1"), deliver("2")
	s.attempt(first, 503, "the receiver answered 503")
	failed := s.attempt(first, 503, "the receiver answered 503: again")
	s.attempt(second, 200, "")
	s.pass(time.Second)

	all := s.do(http.MethodGet, "/api/v1/statistics", nil).object(http.StatusOK)
	if all["attempts"] != 3.0 || all["succeeded"] != 1.0 || all["failed"] != 2.0 || all["success_rate"].(float64) < 0.333 || all["latency_ms"].(object)["p95"] != 12.5 {
		t.Errorf("statistics %v", all)
	}
	group := s.do(http.MethodGet, "/api/v1/statistics/failures", nil).items()
	if len(group) != 1 || group[0]["endpoint"] != endpoint || group[0]["error_code"] != "http_5xx" || group[0]["count"] != 2.0 ||
		group[0]["last_execution"] != failed || group[0]["advice"] == "" || group[0]["meaning"] == "" || group[0]["recovered_at"] == nil {
		t.Errorf("failures %v", group)
	}
	if counts := s.do(http.MethodGet, "/api/v1/statistics/endpoints", nil).items(); len(counts) != 1 || counts[0]["pending"] != 1.0 || counts[0]["succeeded"] != 1.0 {
		t.Errorf("endpoints %v", counts)
	}
	if counts := s.do(http.MethodGet, "/api/v1/statistics/triggers", nil).items(); len(counts) != 1 || counts[0]["trigger"] != trigger || counts[0]["failed"] != 2.0 {
		t.Errorf("triggers %v", counts)
	}
	for _, path := range []string{"/statistics", "/statistics/failures", "/statistics/endpoints", "/statistics/triggers"} {
		s.do(http.MethodGet, "/api/v1"+path+"?from=-24h", nil).ok(http.StatusOK, nil)
	}
	if later := s.do(http.MethodGet, "/api/v1/statistics/failures?limit=5&from="+s.now.Add(-time.Millisecond).Format(time.RFC3339Nano), nil).items(); len(later) != 0 {
		t.Errorf("failures since they ended: %v", later)
	}
	if count := s.do(http.MethodGet, "/api/v1/executions/count?outcome=failed", nil).object(http.StatusOK); count["count"] != 2.0 || count["exact"] != true {
		t.Errorf("count %v", count)
	}
	s.do(http.MethodGet, "/api/v1/statistics?from=2099-01-01", nil).problem(http.StatusBadRequest, "query.from")
	s.do(http.MethodGet, "/api/v1/statistics/failures?limit=0", nil).problem(http.StatusBadRequest, "query.limit")

	if codes := s.do(http.MethodGet, "/api/v1/error-codes", nil).items(); len(codes) < 10 || codes[0]["advice"] == "" {
		t.Errorf("error codes %v", codes)
	}
}

// TestWhatTheConsoleShowsBesides checks the rest of what its pages say: who
// signed in, what holds a delivery up, which secrets sign, how a draft judges
// a ticket.
func TestWhatTheConsoleShowsBesides(t *testing.T) {
	s := newServer(t)
	me := s.do(http.MethodGet, "/api/v1/me", nil, asToken(s.token(object{"name": "Robot"}))).object(http.StatusOK)
	if me["workspace"] != "default" || me["admin"] != false || len(me["scopes"].([]any)) != 1 || me["name"] == "" {
		t.Errorf("me %v", me)
	}
	endpoint := s.do(http.MethodPost, "/api/v1/endpoints", `{"name":"Shop","url":"https://shop.example.com/hook","system":"superoffice"}`).object(http.StatusCreated)["id"].(string)
	s.do(http.MethodPost, "/api/v1/endpoints/"+endpoint+"/rotate-secret", nil).ok(http.StatusOK, nil)
	keys := s.do(http.MethodGet, "/api/v1/endpoints/"+endpoint, nil).object(http.StatusOK)["signing_keys"].([]any)
	if len(keys) != 2 || keys[0].(object)["expires_at"] != nil || keys[1].(object)["expires_at"] == nil {
		t.Errorf("signing keys %v", keys)
	}
	for query, want := range map[string]int{"shop": 1, "SHOP.example": 1, "nowhere": 0} {
		if found := s.do(http.MethodGet, "/api/v1/endpoints?q="+query, nil).items(); len(found) != want {
			t.Errorf("%d endpoints contain %q", len(found), query)
		}
	}
	trigger := s.do(http.MethodPost, "/api/v1/triggers", object{
		"name": "Closed", "system": "superoffice", "then": []object{{"webhook": object{"endpoint": endpoint}}},
		"when": object{"all": []object{{"field": "status", "op": "is", "value": "Closed"}}},
	}).object(http.StatusCreated)["id"].(string)
	for query, want := range map[string]int{"lose": 1, "open": 0} {
		if found := s.do(http.MethodGet, "/api/v1/triggers?q="+query, nil).items(); len(found) != want {
			t.Errorf("%d triggers contain %q", len(found), query)
		}
	}
	s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": "1", "status": "Open"}}).ok(http.StatusAccepted, nil)
	sent := s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": "1", "status": "Closed"}}).object(http.StatusAccepted)["deliveries"].([]any)
	s.do(http.MethodPost, "/api/v1/endpoints/"+endpoint+"/pause", nil).ok(http.StatusOK, nil)
	if held := s.do(http.MethodGet, "/api/v1/deliveries/"+sent[0].(string), nil).object(http.StatusOK)["held"]; held != "It waits until the endpoint is enabled, which is paused." {
		t.Errorf("held: %v", held)
	}

	tried := s.do(http.MethodPost, "/api/v1/triggers/try", object{"trigger": trigger, "ticket": "1"}).items()
	if len(tried) != 2 || tried[0]["verdict"].(object)["verdict"] != "fired" || tried[1]["verdict"].(object)["verdict"] != "not_matched" || tried[1]["verdict"].(object)["reason"] == "" {
		t.Errorf("tried %v", tried)
	}
	draft := object{"name": "x", "system": "superoffice", "then": []object{{"webhook": object{"endpoint": endpoint}}}, "when": object{"all": []object{{"field": "status", "op": "is", "value": "Open"}}}}
	if tried := s.do(http.MethodPost, "/api/v1/triggers/try", object{"draft": draft, "ticket": "1"}).items(); tried[1]["verdict"].(object)["verdict"] != "fired" {
		t.Errorf("a draft: %v", tried)
	}
	for path, asked := range map[string]object{
		"body.trigger":    {"trigger": "trg_0000000000000", "ticket": "1"},
		"body.ticket":     {"trigger": trigger, "ticket": "nope"},
		"body.draft.on.0": {"draft": object{"name": "x", "system": "superoffice", "on": "nope", "then": []object{}}, "ticket": "1"},
	} {
		s.do(http.MethodPost, "/api/v1/triggers/try", asked).problem(http.StatusUnprocessableEntity, path)
	}
}
