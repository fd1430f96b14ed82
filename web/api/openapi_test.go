package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// tableOfTheContract are the operations that clients rely on.
var tableOfTheContract = []string{
	"GET /systems", "GET /systems/{name}", "GET /systems/{name}/events/{event}/sample", "GET /fields",
	"POST /endpoints", "GET /endpoints", "GET /endpoints/{id}", "PATCH /endpoints/{id}", "DELETE /endpoints/{id}",
	"POST /endpoints/{id}/test", "POST /endpoints/{id}/rotate-secret", "POST /endpoints/{id}/enable", "POST /endpoints/{id}/disable", "POST /endpoints/{id}/close-breaker",
	"POST /triggers", "GET /triggers", "GET /triggers/{id}", "PUT /triggers/{id}", "PATCH /triggers/{id}", "DELETE /triggers/{id}",
	"POST /triggers/{id}/simulate", "POST /triggers/try", "GET /triggers/{id}/versions", "POST /triggers/{id}/rollback",
	"POST /tickets", "GET /tickets", "GET /tickets/{number}", "PATCH /tickets/{number}", "DELETE /tickets/{number}",
	"POST /tickets/{number}/replies", "PATCH /tickets/{number}/replies/{id}", "DELETE /tickets/{number}/replies/{id}",
	"POST /tickets/{number}/notes", "PATCH /tickets/{number}/notes/{id}", "DELETE /tickets/{number}/notes/{id}", "GET /tickets/{number}/explain",
	"POST /changes", "GET /changes", "GET /changes/{id}", "GET /changes/{id}/verdicts",
	"GET /deliveries", "GET /deliveries/{id}", "POST /deliveries/{id}/redeliver", "POST /deliveries/{id}/cancel", "GET /deliveries/{id}/curl", "GET /deliveries/{id}/signature", "POST /deliveries/{id}/signature",
	"GET /executions", "GET /executions/{id}", "GET /executions/count", "GET /executions/histogram", "GET /executions/stream", "GET /executions/export",
	"POST /replays", "GET /replays", "GET /replays/{id}", "POST /replays/{id}/cancel", "POST /replays/{id}/resume",
	"POST /simulations", "GET /simulations", "GET /simulations/{id}", "POST /simulations/{id}/cancel",
	"GET /tokens", "POST /tokens", "DELETE /tokens/{id}", "GET /audit", "GET /queues",
	"GET /statistics", "GET /statistics/failures", "GET /statistics/endpoints", "GET /statistics/triggers", "GET /error-codes", "GET /me",
	"GET /calendars", "POST /calendars", "GET /searches", "POST /searches", "GET /workspaces", "POST /workspaces",
}

func TestDocumentIsComplete(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Metrics = http.NotFoundHandler() })
	answer := s.do(http.MethodGet, "/openapi.json", nil).ok(http.StatusOK, nil)
	var document struct {
		OpenAPI    string
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(answer.body, &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" {
		t.Errorf("version %q", document.OpenAPI)
	}
	for _, line := range tableOfTheContract {
		method, path, _ := strings.Cut(line, " ")
		if document.Paths[Base+path][strings.ToLower(method)] == nil {
			t.Errorf("%s is missing", line)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json"} {
		if document.Paths[path]["get"] == nil {
			t.Errorf("%s is missing", path)
		}
	}
	for _, reference := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(answer.body), -1) {
		if document.Components.Schemas[reference[1]] == nil {
			t.Errorf("schema %s is referred to and missing", reference[1])
		}
	}
	ids := map[string]string{}
	for path, item := range document.Paths {
		for method, raw := range item {
			var operation huma.Operation
			var fields struct {
				OperationID string
				Summary     string
				Tags        []string
				Responses   map[string]json.RawMessage
			}
			if err := json.Unmarshal(raw, &fields); err != nil {
				t.Fatalf("%s %s: %v (%T)", method, path, err, operation)
			}
			if fields.Summary == "" || len(fields.Tags) != 1 || len(fields.Responses) == 0 {
				t.Errorf("%s %s is described poorly: %s", method, path, raw)
			}
			if other, twice := ids[fields.OperationID]; twice {
				t.Errorf("%s %s and %s share the id %s", method, path, other, fields.OperationID)
			}
			ids[fields.OperationID] = method + " " + path
			if method != "get" && method != "delete" && strings.Contains(string(raw), "application/octet-stream") {
				t.Errorf("%s %s takes octets", method, path)
			}
		}
	}
}

// TestTokensAreNeeded tries every operation without a token.
func TestTokensAreNeeded(t *testing.T) {
	s := newServer(t)
	open := []string{"/healthz", "/readyz", "/openapi.json"}
	for path, item := range s.api.huma.OpenAPI().Paths {
		if slices.Contains(open, path) {
			continue
		}
		for _, method := range methods {
			if operationOf(item, method) == nil {
				continue
			}
			path := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "1")
			s.do(method, path, nil, func(r *http.Request) { r.Header.Del("Authorization") }).problem(http.StatusUnauthorized, "")
		}
	}
}

// TestNoOperationPanicsOnNonsense sends a few wrong bodies to every operation
// that takes one.
func TestNoOperationPanicsOnNonsense(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("faveo", nil)
	for path, item := range s.api.huma.OpenAPI().Paths {
		for _, method := range methods {
			operation := operationOf(item, method)
			if operation == nil || operation.RequestBody == nil {
				continue
			}
			id := "1"
			if strings.Contains(path, "/endpoints/") {
				id = endpoint
			}
			path := regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, id)
			for _, body := range []string{"", "null", "7", `"x"`, "[]", "[null]", "{", "{}", `{"":""}`, `{"a":{"b":[{}]}}`, "\x00", "\xff\xfe", strings.Repeat("[", 10_000)} {
				if answer := s.do(method, path, body); answer.status >= http.StatusInternalServerError {
					t.Errorf("%s %s of %.20q answers %d: %s", method, path, body, answer.status, answer.body)
				}
			}
		}
	}
}

// FuzzQuery holds every query to an answer that the contract knows, whatever
// it says.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"limit=2&cursor=YWZ0ZXI6eA", "ticket=*&from=-24h&to=2026-01-31", "http_status=5xx", "http_status=500-599", "error=%27%22%00", "q=%ff",
		"from=2026-01-31T12:00:00 02:00", "from=-999999999h", "attempt=99999999999999999999", "limit=1e1", "outcome=failed&outcome=failed", "order=oldest&cursor=a.b",
	} {
		f.Add("executions", seed)
		f.Add("deliveries", seed)
		f.Add("endpoints", seed)
	}
	var s *server // one for all, since making one takes longer than a request
	f.Fuzz(func(t *testing.T, resource, query string) {
		if !slices.Contains([]string{"executions", "deliveries", "endpoints", "changes", "tickets", "triggers", "audit", "executions/histogram"}, resource) || strings.ContainsAny(query, " \r\n\t#") {
			return
		}
		if s == nil {
			s = newServer(t)
		}
		s.t = t
		request := s.request(http.MethodGet, "/api/v1/"+resource+"?"+query)
		if request == nil {
			return
		}
		if answer := s.send(request); answer.status != http.StatusOK && answer.status != http.StatusBadRequest && answer.status != http.StatusRequestURITooLong {
			t.Errorf("%s?%s answers %d: %s", resource, query, answer.status, answer.body)
		}
	})
}

// FuzzCursor checks that a cursor is either refused or begins a page behind it.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", writeCursor("b"), writeCursor(""), "YWZ0ZXI6", "%%%"} {
		f.Add(seed)
	}
	all := []string{"a", "b", "c", "d"}
	f.Fuzz(func(t *testing.T, cursor string) {
		cut, err := slicePage(all, func(s string) string { return s }, PageQuery{Limit: 2, Cursor: cursor})
		if err != nil {
			return
		}
		if len(cut.Items) > 2 || !slices.IsSorted(cut.Items) {
			t.Fatalf("page %v", cut.Items)
		}
		if after, err := readCursor(cursor); err == nil && len(cut.Items) > 0 && cut.Items[0] <= after {
			t.Fatalf("page %v after %q", cut.Items, after)
		}
	})
}

func TestNewestPage(t *testing.T) {
	all := []string{"d", "c", "b", "a"}
	key := func(s string) string { return s }
	var got []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		cut, err := newestPage(all, key, PageQuery{Limit: 3, Cursor: cursor})
		if err != nil || pages > 1 {
			t.Fatalf("page %d: %v", pages, err)
		}
		got, cursor = append(got, cut.Items...), cut.NextCursor
		all = []string{"e", "d", "b", "a"} // one came, and the one of the cursor's page went
	}
	if want := []string{"d", "c", "b", "a"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if cut, err := newestPage(all, key, PageQuery{Limit: 3, Cursor: writeCursor("a")}); err != nil || len(cut.Items) != 0 || cut.NextCursor != "" {
		t.Errorf("behind the last: %v, %v", cut, err)
	}
}

// TestExamplesAreAccepted sends each example of the document to its operation.
func TestExamplesAreAccepted(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("superoffice", nil)
	trigger := s.trigger("superoffice", endpoint, nil)
	s.do(http.MethodPost, "/api/v1/tickets", object{"number": "1", "subject": "x"}).ok(http.StatusAccepted, nil)
	reply := s.do(http.MethodPost, "/api/v1/tickets/1/replies", examples["add-reply"]).object(http.StatusAccepted)["reply"]
	note := s.do(http.MethodPost, "/api/v1/tickets/1/notes", examples["add-note"]).object(http.StatusAccepted)["note"]
	calendar := s.do(http.MethodPost, "/api/v1/calendars", object{"name": "Late", "zone": "UTC", "hours": []object{{"day": "friday", "from": "20:00", "to": "24:00"}}}).object(http.StatusCreated)["id"]
	s.do(http.MethodPost, "/api/v1/workspaces", object{"name": "north"}).ok(http.StatusCreated, nil)
	delivery := s.do(http.MethodPost, "/api/v1/endpoints/"+endpoint+"/test", nil).object(http.StatusAccepted)["id"]
	ids := map[string]any{"deliveries": delivery, "triggers": trigger, "endpoints": endpoint, "replies": reply, "notes": note, "calendars": calendar}
	sent := 0
	// In order, since examples meet what those before them made.
	paths := s.api.huma.OpenAPI().Paths
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range methods {
			operation := operationOf(paths[path], method)
			if operation == nil || operation.RequestBody == nil {
				continue
			}
			if examples[operation.OperationID] == nil {
				t.Errorf("%s shows no body", operation.OperationID)
				continue
			}
			parts := strings.Split(path, "/")
			for i, part := range parts {
				if part == "{id}" {
					parts[i] = ids[parts[i-1]].(string)
				}
			}
			path := strings.NewReplacer("{number}", "1", "{name}", "north").Replace(strings.Join(parts, "/"))
			text, err := json.Marshal(examples[operation.OperationID])
			if err != nil {
				t.Fatal(err)
			}
			body := strings.NewReplacer("ep_01c3vq0rk8g7a", s.endpointOf(path, endpoint), "trg_01c3vq0rk8g7a", trigger).Replace(string(text))
			if answer := s.do(method, path, body); answer.status >= 300 {
				t.Errorf("%s %s refuses its example: %s", method, path, answer.body)
			}
			sent++
		}
	}
	if sent != len(examples) {
		t.Errorf("%d of %d examples belong to an operation", sent, len(examples))
	}
}

// endpointOf returns an endpoint that the example of a path may name.
func (s *server) endpointOf(path, other string) string {
	if path == Base+"/triggers" {
		return s.endpoint("supportservice", nil)
	}
	return other
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	good := map[string]time.Time{
		"":                          {},
		"2026-01-31":                time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		"2026-01-31T12:00":          time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		"2026-01-31T12:00:00":       time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		"2026-01-31T12:00:00Z":      time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		"2026-01-31T12:00:00.5Z":    time.Date(2026, 1, 31, 12, 0, 0, 5e8, time.UTC),
		"2026-01-31T12:00:00+02:00": time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		"2026-01-31T12:00:00 02:00": time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
		"-90m":                      now.Add(-90 * time.Minute),
	}
	for _, text := range slices.Sorted(maps.Keys(good)) {
		if at, err := parseTime("from", text, now); err != nil || !at.Equal(good[text]) {
			t.Errorf("%q is %s, %v", text, at, err)
		}
	}
	for _, bad := range []string{"yesterday", "-", "--1h", "+1h", "1700000000", "2026-02-30", "12:00", "-1y"} {
		if at, err := parseTime("from", bad, now); err == nil {
			t.Errorf("%q is read as %s", bad, at)
		}
	}
}
