package api

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// logged is a server with three attempts: two failures and a success.
func logged(t *testing.T) (s *server, deliveries, attempts []string) {
	t.Helper()
	s = newServer(t)
	s.trigger("faveo", s.endpoint("faveo", nil), nil)
	for _, number := range []string{"HDSK-1", "HDSK-2"} {
		receipt := s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": number, "subject": "Help"}}).object(http.StatusAccepted)
		deliveries = append(deliveries, receipt["deliveries"].([]any)[0].(string))
	}
	attempts = append(attempts,
		s.attempt(deliveries[0], 503, "503 Service Unavailable: =down"), s.attempt(deliveries[0], 500, "500 Internal Server Error"), s.attempt(deliveries[1], 200, ""))
	return s, deliveries, attempts
}

func TestExecutions(t *testing.T) {
	s, deliveries, attempts := logged(t)
	for query, want := range map[string]int{
		"": 3, "?ticket=HDSK-1": 2, "?ticket=hdsk*": 3, "?error=service+unavailable": 1, "?words=unavailable+SERVICE": 1, "?words=service+error": 0, "?outcome=failed": 2, "?outcome=succeeded": 1,
		"?http_status=503": 1, "?http_status=5xx": 2, "?http_status=200-499": 1, "?system=faveo&event=ticket_created": 3,
		"?delivery=" + deliveries[0]: 2, "?q=HDSK-2": 1, "?from=2026-03-02T09:00:02Z": 2, "?to=2026-03-02T09:00:02%2B00:00": 1,
		"?attempt=2": 1, "?error_code=http_5xx": 2, "?ticket=HDSK-1&outcome=succeeded": 0, "?response=said": 3,
	} {
		if found := s.do(http.MethodGet, "/api/v1/executions"+query, nil).items(); len(found) != want {
			t.Errorf("%q finds %d, want %d", query, len(found), want)
		}
	}
	newest := s.do(http.MethodGet, "/api/v1/executions?limit=1", nil)
	if newest.items()[0]["id"] != attempts[2] {
		t.Errorf("newest is %v", newest.items()[0])
	}
	next := newest.object(http.StatusOK)["next_cursor"].(string)
	if second := s.do(http.MethodGet, "/api/v1/executions?limit=1&cursor="+next, nil).items(); second[0]["id"] != attempts[1] {
		t.Errorf("second page %v", second)
	}
	one := s.do(http.MethodGet, "/api/v1/executions/"+attempts[0], nil).object(http.StatusOK)
	response := one["response"].(object)
	if one["error"] != "503 Service Unavailable: =down" || one["duration_ms"] != 12.5 || one["advice"] == nil || response["encoding"] != "base64" || one["request"].(object)["method"] != "POST" {
		t.Errorf("detail %v", one)
	}
	s.do(http.MethodGet, "/api/v1/executions/att_0000000000000", nil).problem(http.StatusNotFound, "")
	delivery := s.do(http.MethodGet, "/api/v1/deliveries/"+deliveries[0], nil).object(http.StatusOK)
	if verdict, ok := delivery["verdict"].(object); !ok || verdict["verdict"] != "fired" || verdict["trigger"] != delivery["trigger"] {
		t.Errorf("the delivery's verdict is %v", delivery["verdict"])
	}
	differs := object{}
	for _, one := range delivery["differences"].([]any) {
		differs[one.(object)["what"].(string)] = one
	}
	if status, ok := differs["http_status"].(object); !ok || status["attempt"] != 2.0 || status["before"] != "503" || status["after"] != "500" {
		t.Errorf("the attempts differ in %v", differs)
	}
	if len(delivery["attempts"].([]any)) != 2 || delivery["attempt_count"] != 2.0 || delivery["http_status"] != 500.0 {
		t.Errorf("delivery %v", delivery)
	}
	bars := s.do(http.MethodGet, "/api/v1/executions/histogram?step=minute&from=2026-03-02T08:00&to=2026-03-02T10:00", nil).items()
	var failed, succeeded float64
	for _, bar := range bars {
		failed, succeeded = failed+bar["failed"].(float64), succeeded+bar["succeeded"].(float64)
	}
	if failed != 2 || succeeded != 1 {
		t.Errorf("histogram %v", bars)
	}
	if day := s.do(http.MethodGet, "/api/v1/executions/histogram", nil).object(http.StatusOK); day["step"] != "hour" {
		t.Errorf("over a day: %v", day)
	}
}

func TestBadQueries(t *testing.T) {
	s := newServer(t)
	for query, at := range map[string]string{
		"executions?colour=red":                                       "query.colour",
		"executions?limit=0":                                          "query.limit",
		"executions?limit=1001":                                       "query.limit",
		"deliveries?system=zendesk":                                   "query.system",
		"deliveries?endpoint=trg_1jc0v7wq10000":                       "query.endpoint",
		"deliveries?trigger=rule":                                     "query.trigger",
		"deliveries?change=c-1":                                       "query.change",
		"deliveries?replay=1":                                         "query.replay",
		"replays?cursor=bm9uc2Vuc2U":                                  "query.cursor",
		"simulations?cursor=bm9uc2Vuc2U":                              "query.cursor",
		"executions?limit=ten":                                        "query.limit",
		"executions?from=yesterday":                                   "query.from",
		"executions?from=2026-02-01&to=2026-01-01":                    "query.to",
		"executions?outcome=maybe":                                    "query.outcome",
		"executions?http_status=6xx":                                  "query.http_status",
		"executions?http_status=500-400":                              "query.http_status",
		"executions?attempt=-1":                                       "query.attempt",
		"executions?cursor=bm9uc2Vuc2U":                               "query.cursor",
		"executions?ticket=1&ticket=2":                                "query.ticket",
		"executions?words=" + strings.Repeat("x+", 251):               "query.words",
		"executions?order=random":                                     "query.order",
		"executions?system=jira":                                      "query.system",
		"executions/count?system=jira":                                "query.system",
		"executions/histogram?system=jira":                            "query.system",
		"executions/stream?system=jira":                               "query.system",
		"executions/export?system=jira":                               "query.system",
		"executions?error_code=broken":                                "query.error_code",
		"executions?endpoint=dlv_0000000000001":                       "query.endpoint",
		"executions?trigger=mine":                                     "query.trigger",
		"executions?delivery=1":                                       "query.delivery",
		"executions?change=chg_x":                                     "query.change",
		"executions?error=" + strings.Repeat("x", 501):                "query.error",
		"executions/histogram?step=second":                            "query.step",
		"executions/histogram?step=minute&from=2020-01-01":            "query.from",
		"executions/histogram?step=day&from=2000-01-01&to=2026-01-01": "query.from",
		"executions/export?format=xlsx":                               "query.format",
		"deliveries?outcome=lost":                                     "query.outcome",
		"deliveries?cursor=x":                                         "query.cursor",
		"changes?from=2026-13-01":                                     "query.from",
		"tickets?limit=-1":                                            "query.limit",
		"triggers?enabled=yes":                                        "query.enabled",
		"executions?q=%zz":                                            "",
		"executions?q=a;b=c":                                          "",
	} {
		s.do(http.MethodGet, "/api/v1/"+query, nil).problem(http.StatusBadRequest, at)
	}
	s.do(http.MethodGet, "/api/v1/executions?q="+strings.Repeat("x", 9000), nil).problem(http.StatusRequestURITooLong, "")
}

func TestExport(t *testing.T) {
	s, _, attempts := logged(t)
	answer := s.do(http.MethodGet, "/api/v1/executions/export?order=oldest", nil).ok(http.StatusOK, nil)
	rows, err := csv.NewReader(strings.NewReader(string(answer.body))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != attempts[0] || rows[0][5] != "error" || !strings.HasPrefix(answer.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("csv %v, %v", rows, err)
	}
	lines := strings.Split(strings.TrimSpace(string(s.do(http.MethodGet, "/api/v1/executions/export?format=ndjson&outcome=failed", nil).body)), "\n")
	var row object
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &row) != nil || row["id"] != attempts[1] {
		t.Errorf("lines %v", lines)
	}
}

func TestExportedTextIsNoFormula(t *testing.T) {
	for text, want := range map[string]string{"": "", "plain": "plain", "=1+1": "'=1+1", "-x": "'-x", "@a": "'@a", "+1": "'+1", "a=b": "a=b"} {
		if got := harmless(text); got != want {
			t.Errorf("harmless(%q) = %q", text, got)
		}
	}
}

// brokenLedger fails in the middle of an export.
type brokenLedger struct{ executionlog.Ledger }

func (b brokenLedger) Export(ctx context.Context, filter executionlog.Filter, yield func(*executionlog.Attempt) error) error {
	if err := yield(&executionlog.Attempt{ID: "att_1"}); err != nil {
		return err
	}
	return errors.New("disk on fire")
}

func TestBrokenExportIsNotWhole(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Ledger = brokenLedger{o.Ledger} })
	listening := httptest.NewServer(s.handler)
	defer listening.Close()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, listening.URL+"/api/v1/executions/export", nil)
	request.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := listening.Client().Do(request)
	if err == nil {
		defer response.Body.Close()
		_, err = bufio.NewReader(response.Body).ReadString(0)
	}
	if err == nil || err.Error() == "EOF" {
		t.Errorf("the client read to the end: %v", err)
	}
}

func TestStream(t *testing.T) {
	s, deliveries, _ := logged(t)
	listening := httptest.NewServer(s.handler)
	defer listening.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, listening.URL+"/api/v1/executions/stream?outcome=failed", nil)
	request.Header.Set("Authorization", "Bearer "+adminToken)
	response, err := listening.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("status %d, content type %q", response.StatusCode, kind)
	}
	lines := bufio.NewScanner(response.Body)
	if !lines.Scan() || lines.Text() != ": following" {
		t.Fatalf("begins with %q", lines.Text())
	}
	fresh := s.attempt(deliveries[0], 502, "502 Bad Gateway")
	var event []string
	for lines.Scan() {
		if line := lines.Text(); line != "" {
			event = append(event, line)
		} else if len(event) > 1 {
			break
		} else {
			event = nil // the place alone
		}
	}
	var row object
	if len(event) != 3 || event[0] != "event: execution" || !strings.HasPrefix(event[1], "id: "+fresh+".") {
		t.Fatalf("event %q", event)
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(event[2], "data: ")), &row); err != nil || row["id"] != fresh || row["http_status"] != 502.0 {
		t.Errorf("row %v, %v", row, err)
	}
	missed := s.attempt(deliveries[0], 504, "504 Gateway Timeout")
	request.Header.Set("Last-Event-ID", strings.TrimPrefix(event[1], "id: "))
	again, err := listening.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Body.Close()
	for lines = bufio.NewScanner(again.Body); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "id: ") {
			if !strings.HasPrefix(line, "id: "+missed+".") {
				t.Errorf("goes on with %s, want %s", line, missed)
			}
			break
		}
	}
}

// A dead letter is open until a redelivery of it succeeds.
func TestDeadLetters(t *testing.T) {
	s, deliveries, _ := logged(t)
	expect := func(open, recovered int) {
		t.Helper()
		for query, want := range map[string]int{"recovered=false": open, "recovered=true": recovered, "outcome=failed": open + recovered} {
			if found := s.do(http.MethodGet, "/api/v1/deliveries?"+query, nil).items(); len(found) != want {
				t.Errorf("%s: %d deliveries, want %d", query, len(found), want)
			}
		}
	}
	expect(0, 0)
	s.attempt(deliveries[0], http.StatusGone, "410 Gone")
	expect(1, 0)
	again := s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[0]+"/redeliver", nil).object(http.StatusAccepted)["id"].(string)
	s.attempt(again, http.StatusOK, "")
	expect(0, 1)
	for id, want := range map[string]any{deliveries[0]: true, again: nil} {
		if got := s.do(http.MethodGet, "/api/v1/deliveries/"+id, nil).object(http.StatusOK); got["recovered"] != want {
			t.Errorf("%s: recovered is %v, want %v", id, got["recovered"], want)
		}
	}
	s.do(http.MethodGet, "/api/v1/deliveries?recovered=perhaps", nil).problem(http.StatusBadRequest, "query.recovered")
}

func TestDeliveryOperations(t *testing.T) {
	s, deliveries, _ := logged(t)
	again := s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[1]+"/redeliver", nil).object(http.StatusAccepted)
	if again["redelivery_of"] != deliveries[1] || again["outcome"] != "pending" {
		t.Errorf("redelivered: %v", again)
	}
	pending := s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[0]+"/redeliver", nil)
	if pending.problem(http.StatusConflict, ""); !strings.Contains(string(pending.body), "is pending") {
		t.Errorf("redelivered while pending: %s", pending.body)
	}
	cancelled := s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[0]+"/cancel", nil).object(http.StatusOK)
	if cancelled["outcome"] != "cancelled" {
		t.Errorf("cancelled: %v", cancelled)
	}
	s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[0]+"/cancel", nil).problem(http.StatusConflict, "")
	if curl := s.do(http.MethodGet, "/api/v1/deliveries/"+deliveries[0]+"/curl", nil).object(http.StatusOK); !strings.HasPrefix(curl["command"].(string), "curl ") {
		t.Errorf("curl %v", curl)
	}
	for _, made := range []string{"triggers", "endpoints"} {
		for _, item := range s.do(http.MethodGet, "/api/v1/"+made, nil).items() {
			s.do(http.MethodDelete, "/api/v1/"+made+"/"+item["id"].(string), nil).ok(http.StatusNoContent, nil)
		}
	}
	orphan := s.do(http.MethodPost, "/api/v1/deliveries/"+deliveries[0]+"/redeliver", nil)
	if orphan.problem(http.StatusConflict, ""); !strings.Contains(string(orphan.body), "does not exist any more") {
		t.Errorf("redelivered without an endpoint: %s", orphan.body)
	}
	for _, path := range []string{"", "/curl"} {
		s.do(http.MethodGet, "/api/v1/deliveries/dlv_0000000000000"+path, nil).problem(http.StatusNotFound, "")
	}
	s.do(http.MethodPost, "/api/v1/deliveries/dlv_0000000000000/redeliver", nil).problem(http.StatusNotFound, "")
}

func TestReplays(t *testing.T) {
	s, _, _ := logged(t)
	counted := s.do(http.MethodPost, "/api/v1/replays", object{"outcome": "failed", "http_status": 503, "dry_run": true}).object(http.StatusOK)
	if counted["dry_run"] != true || counted["count"] != 1.0 || counted["filter"].(object)["http_status"] != "503" {
		t.Errorf("counted %v", counted)
	}
	started := s.do(http.MethodPost, "/api/v1/replays", object{"filter": object{"ticket": "HDSK-*", "from": "2026-01-01"}, "rate_per_second": 5})
	id := started.object(http.StatusAccepted)["id"].(string)
	if started.header.Get("Location") != "/api/v1/replays/"+id {
		t.Errorf("started %v", started.header)
	}
	if one := s.do(http.MethodGet, "/api/v1/replays/"+id, nil).object(http.StatusOK); one["filter"].(object)["ticket"] != "HDSK-*" || one["actor"] != "admin" {
		t.Errorf("replay %v", one)
	}
	if list := s.do(http.MethodGet, "/api/v1/replays", nil).items(); len(list) != 1 {
		t.Errorf("replays %v", list)
	}
	if over := s.do(http.MethodPost, "/api/v1/replays/"+id+"/cancel", nil).object(http.StatusOK); over["state"] != "cancelled" {
		t.Errorf("cancelled %v", over)
	}
	if again := s.do(http.MethodPost, "/api/v1/replays/"+id+"/resume", nil).object(http.StatusOK); again["state"] != "counting" || again["finished_at"] != nil {
		t.Errorf("resumed %v", again)
	}
	refused := s.do(http.MethodPost, "/api/v1/replays/"+id+"/resume", nil).problem(http.StatusConflict, "")
	if want := "the replay is counting; only one that was cancelled or failed can be resumed"; refused.Detail != want {
		t.Errorf("resumed what counts: %q, want %q", refused.Detail, want)
	}
	s.do(http.MethodPost, "/api/v1/replays/rpl_0000000000000/resume", nil).problem(http.StatusNotFound, "")
	var actions []string
	for _, entry := range s.do(http.MethodGet, "/api/v1/audit?target="+id, nil).items() {
		actions = append(actions, fmt.Sprint(entry["action"], " by ", entry["actor"], ", ", entry["after"].(object)["state"]))
	}
	if want := []string{"replay.resumed by admin, counting", "replay.cancelled by admin, cancelled", "replay.started by admin, running"}; !slices.Equal(actions, want) {
		t.Errorf("the audit log has %q, want %q", actions, want)
	}
	s.do(http.MethodGet, "/api/v1/replays/rpl_0000000000000", nil).problem(http.StatusNotFound, "")
	for body, at := range map[string]string{
		`{"colour":"red"}`:                       "body.colour",
		`{"filter":{"outcome":"lost"}}`:          "body.filter.outcome",
		`{"system":"nonesuch"}`:                  "body.system",
		`{"filter":{"system":"nonesuch"}}`:       "body.filter.system",
		`{"from":"soon"}`:                        "body.from",
		`{"rate_per_second":-1}`:                 "body.rate_per_second",
		`{"filter":{"ticket":"1"},"ticket":"2"}`: "body.filter",
		`{"http_status":[]}`:                     "body.http_status",
		`[]`:                                     "body",
		`{}`:                                     "body.all",
		`{"filter":{}}`:                          "body.all",
		`{"all":false,"rate_per_second":5}`:      "body.all",
		`{"all":true,"outcome":"failed"}`:        "body.all",
		`{"all":"yes"}`:                          "body.all",
	} {
		s.do(http.MethodPost, "/api/v1/replays", body).problem(http.StatusUnprocessableEntity, at)
	}
	s.do(http.MethodPost, "/api/v1/replays", `{`).problem(http.StatusBadRequest, "body")
	s.do(http.MethodPost, "/api/v1/replays", object{"dry_run": true}).object(http.StatusOK) // counting harms nobody
	s.do(http.MethodPost, "/api/v1/replays", object{"all": true}).object(http.StatusAccepted)
}
