package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const adminToken = "admin-token-for-tests-0123456789"

// idleQueue takes tasks and never works them.
type idleQueue struct{ dispatcher.Queue }

func (idleQueue) Drain(context.Context) {}

func (idleQueue) Publish(context.Context, []byte) error { return nil }

func (idleQueue) Status(context.Context) dispatcher.QueueStatus {
	return dispatcher.QueueStatus{Backend: "embedded", Connected: true}
}

// server is the API over a ledger in memory, with the real dispatcher, whose
// deliveries stay pending.
type server struct {
	t       *testing.T
	api     *api
	handler http.Handler
	ledger  *memory.Store
	config  *config.Service
	desk    *dispatcher.Dispatcher
	now     time.Time
	logs    *bytes.Buffer

	clock sync.Mutex // guards now while the server reads it
}

// pass lets time go by.
func (s *server) pass(d time.Duration) {
	s.clock.Lock()
	defer s.clock.Unlock()
	s.now = s.now.Add(d)
}

// keep is how long the tests' server keeps things.
var keep = executionlog.Keep{Bodies: 36 * time.Hour, Succeeded: 90 * 24 * time.Hour, Failed: 180 * 24 * time.Hour}

func newServer(t *testing.T, change ...func(*Options)) *server {
	t.Helper()
	s := &server{t: t, ledger: memory.New(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), logs: &bytes.Buffer{}}
	now := func() time.Time {
		s.clock.Lock()
		defer s.clock.Unlock()
		return s.now
	}
	keys, err := signing.NewKeyring(signing.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	registry := all.Registry()
	logger := slog.New(slog.NewJSONHandler(s.logs, nil))
	s.config, err = config.New(t.Context(), config.Options{Ledger: s.ledger, Systems: registry, Keys: keys, Keep: keep, Now: now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	s.desk = dispatcher.New(dispatcher.Options{Ledger: s.ledger, Config: s.config, Systems: registry, Queue: idleQueue{}, AuditID: s.config.AuditID, Now: now, Logger: logger})
	options := Options{
		Desk: s.desk, Config: s.config, Ledger: s.ledger, Systems: registry, AdminToken: adminToken,
		Version: "1.2.3", StreamEvery: time.Millisecond, Now: now, Logger: logger,
	}
	for _, f := range change {
		f(&options)
	}
	s.api, s.handler = build(options)
	return s
}

// reply is an answer, read whole.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

type requestOption func(*http.Request)

func header(name, value string) requestOption {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func asToken(token string) requestOption { return header("Authorization", "Bearer "+token) }

// do sends a request with the administrator's token and checks the answer
// against the OpenAPI document. body is text, or a value that is sent as JSON.
func (s *server) do(method, path string, body any, options ...requestOption) *reply {
	s.t.Helper()
	var reader io.Reader
	var text []byte
	var err error
	switch body := body.(type) {
	case nil:
	case string:
		text = []byte(body)
		reader = strings.NewReader(body)
	default:
		if text, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	request := httptest.NewRequestWithContext(s.t.Context(), method, path, reader)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	for _, option := range options {
		option(request)
	}
	answer := s.send(request)
	if len(text) > 0 && answer.status < 300 && answer.status != http.StatusMultiStatus && request.Header.Get("Content-Type") == "application/json" {
		s.checkRequest(method, request.URL.EscapedPath(), text)
	}
	return answer
}

// send carries out a request and checks the answer against the OpenAPI
// document.
func (s *server) send(request *http.Request) *reply {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	answer := &reply{t: s.t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
	s.checkContract(request.Method, request.URL.EscapedPath(), answer)
	return answer
}

// request makes a request without a body, nil where the target is no URL.
func (s *server) request(method, target string) *http.Request {
	request, err := http.NewRequestWithContext(s.t.Context(), method, "http://hookdesk.example"+target, nil)
	if err != nil {
		return nil
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	return request
}

// ok decodes an answer that must have a status.
func (r *reply) ok(status int, into any) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if into != nil {
		if err := json.Unmarshal(r.body, into); err != nil {
			r.t.Fatalf("decode %s: %v", r.body, err)
		}
	}
	return r
}

// problem decodes an error that must have a status, and must name the place
// unless that is empty.
func (r *reply) problem(status int, location string) *Problem {
	r.t.Helper()
	p := &Problem{}
	r.ok(status, p)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("content type %q", got)
	}
	if p.Status != status || p.Title != http.StatusText(status) || p.Detail == "" {
		r.t.Errorf("problem %s", r.body)
	}
	if location != "" && !slices.ContainsFunc(p.Errors, func(f ProblemField) bool { return f.Location == location }) {
		r.t.Errorf("no error at %s in %s", location, r.body)
	}
	return p
}

// object is JSON as tests look at it.
type object = map[string]any

func (r *reply) object(status int) object {
	r.t.Helper()
	o := object{}
	r.ok(status, &o)
	return o
}

func (o objects) ids() []string {
	var ids []string
	for _, item := range o {
		ids = append(ids, fmt.Sprint(item["id"]))
	}
	return ids
}

type objects []object

// items returns the items of a page.
func (r *reply) items() objects {
	r.t.Helper()
	var list struct {
		Items objects `json:"items"`
	}
	r.ok(http.StatusOK, &list)
	if list.Items == nil {
		r.t.Fatalf("no items in %s", r.body)
	}
	return list.Items
}

// checkContract validates an answer against the OpenAPI document: the status
// is described, the media type too, and the body fits its schema.
func (s *server) checkContract(method, path string, answer *reply) {
	s.t.Helper()
	if answer.status == http.StatusMethodNotAllowed || answer.status == http.StatusRequestURITooLong {
		return
	}
	operation, template := s.operation(method, path)
	if operation == nil {
		if answer.status != http.StatusNotFound {
			s.t.Errorf("%s %s answers %d and is not in the OpenAPI document", method, path, answer.status)
		}
		return
	}
	response := operation.Responses[strconv.Itoa(answer.status)]
	if response == nil {
		s.t.Errorf("%s %s: status %d is not described: %s", method, path, answer.status, answer.body)
		return
	}
	if len(response.Content) == 0 {
		if len(answer.body) > 0 {
			s.t.Errorf("%s %s: status %d has a body that is not described: %s", method, path, answer.status, answer.body)
		}
		return
	}
	kind := mediaType(answer.header.Get("Content-Type"))
	media := response.Content[kind]
	if media == nil {
		s.t.Errorf("%s %s: media type %q of status %d is not described, only %v", method, path, kind, answer.status, slices.Collect(maps.Keys(response.Content)))
		return
	}
	if !strings.HasSuffix(kind, "json") || strings.Contains(kind, "ndjson") {
		return
	}
	var value any
	if err := json.Unmarshal(answer.body, &value); err != nil {
		s.t.Errorf("%s %s: %v in %s", method, path, err, answer.body)
		return
	}
	result := &huma.ValidateResult{}
	huma.Validate(s.api.huma.OpenAPI().Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, value, result)
	for _, err := range result.Errors {
		s.t.Errorf("%s %s: answer %d does not fit its schema: %v\n%s", method, path, answer.status, err, answer.body)
	}
	s.checkIndependently(method, template, kind, answer)
}

var templatePart = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

// operation finds the operation of a path and the path's template, paths
// without parameters first.
func (s *server) operation(method, path string) (*huma.Operation, string) {
	paths := s.api.huma.OpenAPI().Paths
	if item := paths[path]; item != nil {
		return operationOf(item, method), path
	}
	for template, item := range paths {
		if regexp.MustCompile("^"+templatePart.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+")+"$").MatchString(path) && operationOf(item, method) != nil {
			return operationOf(item, method), template
		}
	}
	return nil, ""
}

// endpoint makes an endpoint and returns its id.
func (s *server) endpoint(system string, members object) string {
	s.t.Helper()
	body := object{"name": "Receiver", "url": "https://receiver.example.com/hook", "system": system}
	maps.Copy(body, members)
	return s.do(http.MethodPost, "/api/v1/endpoints", body).object(http.StatusCreated)["id"].(string)
}

// trigger makes a trigger that sends to an endpoint and returns its id.
func (s *server) trigger(system, endpoint string, members object) string {
	s.t.Helper()
	body := object{"name": "Rule", "system": system, "then": []object{{"webhook": object{"endpoint": endpoint}}}}
	maps.Copy(body, members)
	return s.do(http.MethodPost, "/api/v1/triggers", body).object(http.StatusCreated)["id"].(string)
}

// attempt records an attempt of a pending delivery, failed if there is a
// message, and returns its id.
func (s *server) attempt(delivery string, status int, message string) string {
	s.t.Helper()
	loaded, err := s.ledger.Load(s.t.Context(), []string{delivery})
	if err != nil || len(loaded) != 1 {
		s.t.Fatalf("load %s: %v", delivery, err)
	}
	d := loaded[0]
	s.pass(time.Second)
	result := &executionlog.Result{Outcome: executionlog.Succeeded, Recovers: d.RedeliveryOf, Attempt: executionlog.Attempt{
		ID: attemptIDs(s).New(id.Attempt), Workspace: d.Workspace, Delivery: d.ID, Change: d.Change, Ticket: d.Ticket, System: d.System,
		Event: d.Event, Trigger: d.Trigger, Endpoint: d.Endpoint, Number: d.Attempts + 1, At: s.now, Duration: 12500 * time.Microsecond,
		Outcome: executionlog.Succeeded, HTTPStatus: status,
		Detail: &executionlog.AttemptDetail{
			Method: "POST", URL: "https://receiver.example.com/hook", RequestHeader: append([]executionlog.Header{{Name: "User-Agent", Value: "x"}}, s.signed(d)...),
			ResponseBody: []byte("said no\xff"), Timings: executionlog.Timings{Total: 12500},
		},
	}}
	if message != "" {
		result.Outcome, result.DueAt = executionlog.Pending, s.now.Add(time.Minute)
		result.Attempt.Outcome, result.Attempt.ErrorCode, result.Attempt.Error = executionlog.Failed, "http_5xx", message
	}
	if status == http.StatusGone {
		result.Outcome, result.DueAt = executionlog.Failed, time.Time{}
	}
	if err := s.ledger.Record(s.t.Context(), []*executionlog.Result{result})[0]; err != nil {
		s.t.Fatal(err)
	}
	return result.Attempt.ID
}

// signed returns the headers that sign a delivery now, as a worker adds them.
func (s *server) signed(d *executionlog.Outgoing) []executionlog.Header {
	s.t.Helper()
	endpoint := s.config.Endpoint(d.Endpoint)
	keys, err := s.config.SigningKeys(endpoint, s.now)
	if err != nil || len(keys) == 0 {
		return nil
	}
	scheme, _ := signing.Lookup(endpoint.Signing.Scheme)
	lines, err := scheme.Sign(signing.Message{ID: d.EventID, Timestamp: s.now, Body: d.Request.Body}, keys, signing.Options{Header: endpoint.Signing.Header})
	if err != nil {
		s.t.Fatal(err)
	}
	var list []executionlog.Header
	for _, line := range lines {
		list = append(list, executionlog.Header(line))
	}
	return list
}

// attemptIDs returns a source of ids at the server's time.
func attemptIDs(s *server) *id.Source { return id.NewSource(7, func() time.Time { return s.now }) }
