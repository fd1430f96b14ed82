package api

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// token makes a token and returns it.
func (s *server) token(members object, options ...requestOption) string {
	s.t.Helper()
	body := object{"name": "Robot", "scopes": []string{"read"}}
	maps.Copy(body, members)
	return s.do(http.MethodPost, "/api/v1/tokens", body, options...).object(http.StatusCreated)["token"].(string)
}

func TestTokens(t *testing.T) {
	s := newServer(t)
	reader, writer, feeder := s.token(nil), s.token(object{"scopes": []string{"write"}}), s.token(object{"scopes": []string{"ingest"}})
	if !strings.HasPrefix(reader, "hd_") {
		t.Errorf("token %q", reader)
	}
	change, endpoint := object{"ticket": object{"number": "1"}}, object{"url": "https://example.com/x", "system": "faveo"}
	for name, c := range map[string]struct {
		token, method, path string
		body                any
		status              int
	}{
		"none":              {"", http.MethodGet, "/endpoints", nil, 401},
		"wrong":             {"hd_wrong", http.MethodGet, "/endpoints", nil, 401},
		"reader reads":      {reader, http.MethodGet, "/endpoints", nil, 200},
		"reader writes":     {reader, http.MethodPost, "/endpoints", endpoint, 403},
		"reader submits":    {reader, http.MethodPost, "/changes", change, 403},
		"reader manages":    {reader, http.MethodGet, "/tokens", nil, 403},
		"writer reads":      {writer, http.MethodGet, "/executions", nil, 200},
		"writer writes":     {writer, http.MethodPost, "/endpoints", endpoint, 201},
		"writer submits":    {writer, http.MethodPost, "/changes", change, 202},
		"writer audits":     {writer, http.MethodGet, "/audit", nil, 403},
		"feeder submits":    {feeder, http.MethodPost, "/changes", change, 202},
		"feeder reads":      {feeder, http.MethodGet, "/tickets", nil, 403},
		"writer relaxes":    {writer, http.MethodPost, "/endpoints", object{"url": "http://example.com/x", "system": "agency", "allow_http": true}, 422},
		"writer skips":      {writer, http.MethodPost, "/endpoints?skip_handshake=true", endpoint, 403},
		"writer, elsewhere": {writer, http.MethodGet, "/workspaces", nil, 403},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			options := []requestOption{asToken(c.token)}
			if c.token == "" {
				options = []requestOption{func(r *http.Request) { r.Header.Del("Authorization") }}
			}
			answer := s.do(c.method, "/api/v1"+c.path, c.body, options...).ok(c.status, nil)
			if c.status == http.StatusUnauthorized && !strings.HasPrefix(answer.header.Get("WWW-Authenticate"), "Bearer") {
				t.Error("no WWW-Authenticate")
			}
			if c.token != "" && strings.Contains(string(answer.body), c.token) {
				t.Error("the answer shows the token")
			}
		})
	}
	s.t = t
	listed := s.do(http.MethodGet, "/api/v1/tokens", nil)
	if items := listed.items(); len(items) != 3 || strings.Contains(string(listed.body), reader) {
		t.Errorf("tokens %s", listed.body)
	}
	id := listed.items()[0]["id"].(string)
	s.do(http.MethodGet, "/api/v1/tokens/"+id, nil).ok(http.StatusOK, nil)
	s.do(http.MethodDelete, "/api/v1/tokens/"+id, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodGet, "/api/v1/endpoints", nil, asToken(reader)).problem(http.StatusUnauthorized, "")
	for _, authorization := range []string{"Basic YTpi", "Bearer", "Bearer  ", adminToken} {
		s.do(http.MethodGet, "/api/v1/endpoints", nil, header("Authorization", authorization)).problem(http.StatusUnauthorized, "")
	}
}

func TestTokenExpires(t *testing.T) {
	s := newServer(t)
	token := s.token(object{"expires_at": "2026-03-02T10:00:00Z"})
	s.do(http.MethodGet, "/api/v1/endpoints", nil, asToken(token)).ok(http.StatusOK, nil)
	s.pass(time.Hour)
	s.do(http.MethodGet, "/api/v1/endpoints", nil, asToken(token)).problem(http.StatusUnauthorized, "")
	for body, at := range map[string]string{
		`{"name":"x","scopes":[]}`:                                           "body.scopes",
		`{"name":"x","scopes":["root"]}`:                                     "body.scopes.0",
		`{"name":"","scopes":["read"]}`:                                      "body.name",
		`{"name":"x","scopes":["read"],"expires_at":"2020-01-01T00:00:00Z"}`: "body.expires_at",
		`{"name":"x","scopes":["read"],"expires_at":"tomorrow"}`:             "body.expires_at",
		`{"name":"x","scopes":["read"],"owner":1}`:                           "body.owner",
	} {
		s.do(http.MethodPost, "/api/v1/tokens", body).problem(http.StatusUnprocessableEntity, at)
	}
}

func TestWorkspaces(t *testing.T) {
	s := newServer(t)
	s.do(http.MethodPost, "/api/v1/workspaces", object{"name": "acme", "title": "Acme", "limits": object{"endpoints": 1}}).ok(http.StatusCreated, nil)
	acme := header(workspaceHeader, "acme")
	made := s.do(http.MethodPost, "/api/v1/endpoints", object{"url": "https://example.com/x", "system": "faveo"}, acme).object(http.StatusCreated)
	s.do(http.MethodPost, "/api/v1/endpoints", object{"url": "https://example.com/x", "system": "faveo"}, acme).problem(http.StatusUnprocessableEntity, "")
	path := "/api/v1/endpoints/" + made["id"].(string)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		s.do(method, path, nil).problem(http.StatusNotFound, "")
	}
	s.do(http.MethodPatch, path, object{"name": "stolen"}).problem(http.StatusNotFound, "")
	s.do(http.MethodPost, path+"/rotate-secret", nil).problem(http.StatusNotFound, "")
	if others := s.do(http.MethodGet, "/api/v1/endpoints", nil).items(); len(others) != 0 {
		t.Errorf("the default workspace sees %v", others)
	}
	own := s.token(object{"scopes": []string{"write"}}, acme)
	s.do(http.MethodGet, path, nil, asToken(own)).ok(http.StatusOK, nil)
	s.do(http.MethodGet, path, nil, asToken(own), acme).ok(http.StatusOK, nil)
	s.do(http.MethodGet, "/api/v1/endpoints", nil, asToken(own), header(workspaceHeader, "default")).problem(http.StatusForbidden, "")
	s.do(http.MethodGet, "/api/v1/endpoints", nil, header(workspaceHeader, "nowhere")).problem(http.StatusNotFound, "header."+workspaceHeader)

	// The same trigger cannot reach into another workspace.
	s.do(http.MethodPost, "/api/v1/triggers", object{"name": "x", "system": "faveo", "then": []object{{"webhook": object{"endpoint": made["id"]}}}}).
		problem(http.StatusUnprocessableEntity, "body.then.0.webhook.endpoint")

	s.do(http.MethodPost, "/api/v1/workspaces", object{"name": "acme"}).problem(http.StatusConflict, "body.name")
	s.do(http.MethodPost, "/api/v1/workspaces", object{"name": "No Spaces"}).problem(http.StatusUnprocessableEntity, "body.name")
	s.do(http.MethodPatch, "/api/v1/workspaces/acme", object{"limits": object{"endpoints": -1}}).problem(http.StatusUnprocessableEntity, "body.limits.endpoints")
	s.do(http.MethodDelete, "/api/v1/workspaces/acme", nil).problem(http.StatusConflict, "")
	s.do(http.MethodDelete, "/api/v1/workspaces/default", nil).problem(http.StatusUnprocessableEntity, "body.name")
	if all := s.do(http.MethodGet, "/api/v1/workspaces", nil).items(); len(all) != 2 || all[0]["name"] != "acme" {
		t.Errorf("workspaces %v", all)
	}
	s.do(http.MethodGet, "/api/v1/workspaces/acme", nil).ok(http.StatusOK, nil)
	s.do(http.MethodGet, "/api/v1/workspaces/x", nil).problem(http.StatusNotFound, "")
}

func TestRetention(t *testing.T) {
	s := newServer(t)
	s.do(http.MethodPost, "/api/v1/workspaces", object{"name": "acme", "retention": object{"succeeded_days": 7}}).ok(http.StatusCreated, nil)
	type retention struct {
		Keeps   map[string]float64
		Removed []map[string]any
	}
	read := func(workspace string) (got retention) {
		t.Helper()
		s.do(http.MethodGet, "/api/v1/workspaces/"+workspace+"/retention", nil).ok(http.StatusOK, &got)
		return got
	}
	keeps := map[string]float64{"bodies_days": 1.5, "succeeded_days": 90, "failed_days": 180, "changes_days": 0}
	if diff := cmp.Diff(retention{keeps, []map[string]any{}}, read("default")); diff != "" {
		t.Errorf("the default workspace (-want +got):\n%s", diff)
	}
	s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": "1", "subject": "Printer on fire"}}, header(workspaceHeader, "acme")).ok(http.StatusAccepted, nil)
	s.do(http.MethodPatch, "/api/v1/workspaces/acme", object{"retention": object{"changes_days": 3}}).ok(http.StatusOK, nil)
	s.pass(4 * 24 * time.Hour)
	if _, err := s.ledger.Maintain(t.Context(), s.config.Retention(), s.now); err != nil {
		t.Fatal(err)
	}
	keeps["succeeded_days"], keeps["changes_days"] = 7, 3
	removed := []map[string]any{{"day": "2026-03-06", "bodies": 0.0, "attempts": 0.0, "deliveries": 0.0, "changes": 1.0}}
	if diff := cmp.Diff(retention{keeps, removed}, read("acme")); diff != "" {
		t.Errorf("the other (-want +got):\n%s", diff)
	}
	s.pass(31 * 24 * time.Hour)
	if got := read("acme"); len(got.Removed) != 0 {
		t.Errorf("a month later it still shows %v", got.Removed)
	}
	s.do(http.MethodGet, "/api/v1/workspaces/x/retention", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodPatch, "/api/v1/workspaces/acme", object{"retention": object{"failed_days": -1}}).problem(http.StatusUnprocessableEntity, "body.retention.failed_days")
}

func TestSmallResources(t *testing.T) {
	s := newServer(t)
	calendar := s.do(http.MethodPost, "/api/v1/calendars", object{"name": "Office", "zone": "Europe/Oslo", "hours": []object{{"day": "monday", "from": "09:00", "to": "17:00"}}}).object(http.StatusCreated)
	path := "/api/v1/calendars/" + calendar["id"].(string)
	s.do(http.MethodPost, "/api/v1/calendars", object{"name": "x", "colour": "red"}).problem(http.StatusUnprocessableEntity, "body.colour")
	s.do(http.MethodPost, "/api/v1/calendars", object{"name": "x", "hours": []object{{"day": 1}}}).problem(http.StatusUnprocessableEntity, "body.hours.0.day")
	if patched := s.do(http.MethodPatch, path, object{"holidays": []string{"2026-12-25"}}).object(http.StatusOK); patched["version"] != 2.0 || patched["zone"] != "Europe/Oslo" {
		t.Errorf("patched %v", patched)
	}
	s.do(http.MethodGet, path, nil).ok(http.StatusOK, nil)
	s.do(http.MethodPatch, path, object{"zone": "Mars/Olympus"}).problem(http.StatusUnprocessableEntity, "body.zone")
	if list := s.do(http.MethodGet, "/api/v1/calendars", nil).items(); len(list) != 1 {
		t.Errorf("calendars %v", list)
	}
	s.do(http.MethodDelete, path, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodGet, path, nil).problem(http.StatusNotFound, "")

	search := s.do(http.MethodPost, "/api/v1/searches", object{"name": "Failures", "query": "outcome=failed&system=faveo"}).object(http.StatusCreated)
	path = "/api/v1/searches/" + search["id"].(string)
	s.do(http.MethodGet, path, nil).ok(http.StatusOK, nil)
	for query, at := range map[string]string{
		"%zz": "", "outcom=failed": ".outcom", "outcome=lost": ".outcome", "from=never": ".from", "http_status=9xx": ".http_status", "attempt=two": ".attempt",
		"attempt=-1": ".attempt", "order=up": ".order", "ticket=A&ticket=B": ".ticket", "system=nonesuch": ".system",
	} {
		s.do(http.MethodPost, "/api/v1/searches", object{"name": "x", "query": query}).problem(http.StatusUnprocessableEntity, "body.query"+at)
	}
	if taken := s.do(http.MethodPost, "/api/v1/searches", object{"name": "FAILURES", "query": "outcome=failed"}); !strings.Contains(string(taken.body), search["id"].(string)) {
		t.Errorf("a name that is taken: %s", taken.body)
	} else {
		taken.problem(http.StatusConflict, "body.name")
	}
	if list := s.do(http.MethodGet, "/api/v1/searches", nil).items(); len(list) != 1 || list[0]["query"] != "outcome=failed&system=faveo" {
		t.Errorf("searches %v", list)
	}
	s.do(http.MethodDelete, path, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodGet, path, nil).problem(http.StatusNotFound, "")

	entries := s.do(http.MethodGet, "/api/v1/audit", nil).items()
	if len(entries) != 5 || entries[0]["action"] != "search.deleted" || entries[4]["before"] != nil || entries[4]["actor"] != "admin" {
		t.Errorf("audit %v", entries)
	}
	if some := s.do(http.MethodGet, "/api/v1/audit?action=calendar.updated&target="+calendar["id"].(string), nil).items(); len(some) != 1 || some[0]["before"] == nil {
		t.Errorf("audit of the calendar %v", some)
	}
	s.endpoint("faveo", nil)
	if queues := s.do(http.MethodGet, "/api/v1/queues", nil).object(http.StatusOK); queues["queue"].(object)["backend"] != "embedded" {
		t.Errorf("queues %v", queues)
	}
}

func TestSystems(t *testing.T) {
	s := newServer(t)
	systems := s.do(http.MethodGet, "/api/v1/systems", nil).items()
	if len(systems) != 5 || systems[0]["name"] != "faveo" {
		t.Fatalf("systems %v", systems)
	}
	for _, system := range systems {
		name := system["name"].(string)
		s.do(http.MethodGet, "/api/v1/systems/"+name, nil).ok(http.StatusOK, nil)
		for _, event := range system["events"].([]any) {
			for _, revision := range system["revisions"].([]any) {
				path := "/api/v1/systems/" + name + "/events/" + event.(object)["name"].(string) + "/sample?revision=" + revision.(object)["name"].(string)
				if sample := s.do(http.MethodGet, path, nil).object(http.StatusOK); sample["body"] == "" || sample["event"] != event.(object)["name"] {
					t.Errorf("%s: %v", path, sample)
				}
			}
		}
	}
	s.do(http.MethodGet, "/api/v1/systems/favo", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodGet, "/api/v1/systems/faveo/events/x/sample", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodGet, "/api/v1/systems/faveo/events/ticket_created/sample?revision=x", nil).problem(http.StatusBadRequest, "query.revision")
	if fields := s.do(http.MethodGet, "/api/v1/fields", nil).items(); len(fields) < 20 {
		t.Errorf("%d fields", len(fields))
	}
	if schemes := s.do(http.MethodGet, "/api/v1/schemes", nil).items(); len(schemes) < 5 {
		t.Errorf("%d schemes", len(schemes))
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	s := newServer(t, func(o *Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/plain") })
	})
	for path, status := range map[string]int{
		"/healthz": 200, "/readyz": 200, "/openapi.json": 200, "/metrics": 200, "/api/v1/endpoints": 200,
		"/nowhere": 404, "/api/v1/nowhere": 404, "/api/v1": 404, "/api/v1/endpoints/": 404, "/api/v1//endpoints": 404,
	} {
		answer := s.do(http.MethodGet, path, nil).ok(status, nil)
		if status == http.StatusNotFound {
			detail := answer.problem(status, "").Detail
			if told := strings.Contains(detail, "no slash at the end"); told != strings.HasSuffix(path, "/") {
				t.Errorf("%s: %s", path, detail)
			}
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
			if got := answer.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if answer.header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(answer.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: headers %v", path, answer.header)
		}
	}
	wrong := s.do(http.MethodPut, "/api/v1/endpoints", nil)
	wrong.problem(http.StatusMethodNotAllowed, "")
	if wrong.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow %q", wrong.header.Get("Allow"))
	}
	wrong = s.do(http.MethodPut, "/api/v1/executions/stream", nil)
	wrong.problem(http.StatusMethodNotAllowed, "")
	if wrong.header.Get("Allow") != "GET" {
		t.Errorf("Allow %q of a stream, which answers no HEAD", wrong.header.Get("Allow"))
	}
}

// sickDesk fails in every way.
type sickDesk struct {
	dispatcher.Desk
	err error
}

func (d sickDesk) Submit(_ context.Context, _ string, inputs []*ticket.Input) []dispatcher.Submitted {
	if d.err == nil {
		panic("kaboom")
	}
	results := make([]dispatcher.Submitted, len(inputs))
	for i := range results {
		results[i].Err = d.err
	}
	return results
}

func (d sickDesk) Queue(context.Context) (dispatcher.QueueStatus, error) {
	return dispatcher.QueueStatus{}, errors.New("redis://secret@host is away")
}

func TestFaultsRevealNothing(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"panic":       {nil, 500},
		"unknown":     {errors.New("secret: dsn=postgres://u:p@host"), 500},
		"unavailable": {executionlog.ErrUnavailable, 503},
		"conflict":    {executionlog.ErrConflict, 409},
		"too slow":    {context.DeadlineExceeded, 503},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, func(o *Options) { o.Desk = sickDesk{o.Desk, c.err} })
			answer := s.do(http.MethodPost, "/api/v1/changes", object{"ticket": object{"number": "1"}})
			answer.problem(c.status, "")
			if body := string(answer.body); strings.Contains(body, "secret") || strings.Contains(body, "kaboom") || strings.Contains(body, "goroutine") {
				t.Errorf("the answer reveals %s", body)
			}
			if c.status == 500 && s.logs.Len() == 0 {
				t.Error("nothing in the log")
			}
			if c.status == 503 && answer.header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Desk = sickDesk{o.Desk, nil} })
	ready := s.do(http.MethodGet, "/readyz", nil)
	if ready.object(http.StatusOK)["status"] != "degraded" || strings.Contains(string(ready.body), "secret") {
		t.Errorf("without a queue: %s", ready.body)
	}
	if err := s.ledger.Close(); err != nil {
		t.Fatal(err)
	}
	if away := s.do(http.MethodGet, "/readyz", nil).object(http.StatusServiceUnavailable); away["status"] != "unavailable" {
		t.Errorf("without a database: %v", away)
	}
	s.do(http.MethodGet, "/healthz", nil).ok(http.StatusOK, nil)
}

// A client that reads the answer only when all is sent gets it, too.
func TestBodiesThatAreTooLargeAreReadToTheirEnd(t *testing.T) {
	s := newServer(t)
	body := strings.NewReader(strings.Repeat("x", 5*maxConfigBody))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/endpoints", body)
	request.Header.Set("Authorization", "Bearer "+adminToken)
	s.send(request).problem(http.StatusRequestEntityTooLarge, "")
	if left := body.Len(); left != 0 {
		t.Errorf("%d bytes are not read", left)
	}
}

func TestHead(t *testing.T) {
	s := newServer(t)
	server := httptest.NewServer(s.handler)
	defer server.Close()
	for path, want := range map[string]int{
		"/healthz": 200, "/api/v1/systems": 200, "/api/v1/systems/none": 404, "/api/v1/executions/stream": 405, "/nothing": 404,
	} {
		request := s.request(http.MethodHead, path)
		request.URL.Host = strings.TrimPrefix(server.URL, "http://")
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != want || len(body) != 0 {
			t.Errorf("%s: status %d, want %d; body %q, %v", path, answer.StatusCode, want, body, err)
		}
	}
}
