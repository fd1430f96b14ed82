package vendorapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
)

const adminToken = "admin-token-for-tests-0123456789"

// idleQueue takes tasks and never works them.
type idleQueue struct{ dispatcher.Queue }

// server is the vendors' APIs over a ledger in memory and the real dispatcher.
type server struct {
	t       *testing.T
	handler http.Handler
	config  *config.Service
	ledger  *memory.Store
	now     time.Time
	probes  []string // URLs tried before saving
	refuse  error    // what a try answers
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, ledger: memory.New(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return s.now }
	keys, err := signing.NewKeyring(signing.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	registry, quiet := all.Registry(), slog.New(slog.DiscardHandler)
	s.config, err = config.New(t.Context(), config.Options{
		Ledger: s.ledger, Systems: registry, Keys: keys, Now: now, Logger: quiet,
		Probe: func(_ context.Context, endpoint *triggers.Endpoint, _ []string) error {
			s.probes = append(s.probes, endpoint.URL)
			return s.refuse
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	desk := dispatcher.New(dispatcher.Options{Ledger: s.ledger, Config: s.config, Systems: registry, Queue: idleQueue{}, Now: now})
	s.handler = New(Options{Desk: desk, Config: s.config, Ledger: s.ledger, AdminToken: adminToken, Now: now, Logger: quiet})
	return s
}

// do sends a request and checks the answer's status.
func (s *server) do(method, path string, body any, status int, change ...func(*http.Request)) []byte {
	s.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		reader = bytes.NewReader(text)
	}
	request := httptest.NewRequestWithContext(s.t.Context(), method, Base+path, reader)
	request.Header.Set("Authorization", "Bearer "+adminToken)
	for _, f := range change {
		f(request)
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	if recorder.Code != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, recorder.Code, status, recorder.Body)
	}
	if recorder.Header().Get("X-Content-Type-Options") != "nosniff" {
		s.t.Errorf("%s: headers %v", path, recorder.Header())
	}
	return recorder.Body.Bytes()
}

type object = map[string]any

func (s *server) object(method, path string, body any, status int) object {
	s.t.Helper()
	var o object
	if text := s.do(method, path, body, status); json.Unmarshal(text, &o) != nil {
		s.t.Fatalf("%s %s: %s", method, path, text)
	}
	return o
}

const webhooks = "/superoffice/api/v1/Webhook"

// registration is what the vendor's page shows, for tickets.
func registration() object {
	return object{
		"Name": "Tickets", "Events": []string{"ticket.created", "ticket.changed"}, "TargetUrl": "https://www.example.com/hook",
		"Secret": "Something Super Secret", "State": "Active", "Type": "webhook",
		"Headers": object{"X-Shop": "7"}, "Properties": object{"Source": "crm"}, "ErrorsEmail": "ops@example.com",
	}
}

func pathOf(webhook object) string {
	return webhooks + "/" + strconv.FormatInt(int64(webhook["WebhookId"].(float64)), 10)
}

func TestWebhookLife(t *testing.T) {
	s := newServer(t)
	made := s.object(http.MethodPost, webhooks, registration(), http.StatusOK)
	if made["WebhookId"].(float64) <= 0 || made["State"] != "Active" || made["Secret"] != "Something Super Secret" || made["ErrorsEmail"] != "ops@example.com" {
		t.Errorf("made %v", made)
	}
	if !slices.Equal(s.probes, []string{"https://www.example.com/hook"}) {
		t.Errorf("tried %v", s.probes)
	}
	path := pathOf(made)
	got := s.object(http.MethodGet, path, nil, http.StatusOK)
	if got["Secret"] != "" || got["Headers"].(object)["X-Shop"] != "7" || got["Properties"].(object)["Source"] != "crm" || len(got["Events"].([]any)) != 2 {
		t.Errorf("read %v", got)
	}

	// The same endpoint and trigger are hookdesk's own.
	endpoint := s.config.Endpoints(config.DefaultWorkspace)[0]
	keys, err := s.config.SigningKeys(endpoint, s.now)
	if err != nil || !slices.Equal(keys, []string{"Something Super Secret"}) {
		t.Errorf("keys %v, %v", keys, err)
	}
	trigger := s.config.Triggers(config.DefaultWorkspace)[0]
	if !slices.Equal(trigger.On, []string{"ticket.created", "ticket.changed"}) || trigger.Then[0].Webhook.Endpoint != endpoint.ID {
		t.Errorf("trigger %+v", trigger)
	}

	// What was read can be sent back; the secret stays.
	got["Events"], got["Name"] = []string{"ticket.created", "webhook17.errors"}, "Renamed"
	put := s.object(http.MethodPut, path, got, http.StatusOK)
	own := "webhook" + strings.TrimPrefix(path, webhooks+"/") + ".errors"
	if put["Name"] != "Renamed" || put["Events"].([]any)[1] != own {
		t.Errorf("replaced: %v", put)
	}
	if keys, _ = s.config.SigningKeys(s.config.Endpoint(endpoint.ID), s.now); len(keys) != 1 {
		t.Errorf("keys after a replacement without a secret: %v", keys)
	}
	stopped := s.object(http.MethodPatch, path, object{"State": "Stopped"}, http.StatusOK)
	if stopped["State"] != "Stopped" || stopped["Name"] != "Renamed" || s.config.Endpoint(endpoint.ID).State != triggers.EndpointDisabled {
		t.Errorf("stopped: %v", stopped)
	}
	patched := s.object(http.MethodPatch, path, `[{"op":"replace","path":"/State","value":1},{"op":"replace","path":"/Name","value":"Again"}]`, http.StatusOK)
	if patched["State"] != "Active" || patched["Name"] != "Again" {
		t.Errorf("patched: %v", patched)
	}
	if err := s.config.SetEndpointState(t.Context(), config.DefaultWorkspace, endpoint.ID, triggers.EndpointDisabled, "nine failures"); err != nil {
		t.Fatal(err)
	}
	if failing := s.object(http.MethodGet, path, nil, http.StatusOK); failing["State"] != "TooManyErrors" {
		t.Errorf("after too many errors: %v", failing)
	}
	s.do(http.MethodDelete, path, nil, http.StatusNoContent)
	s.do(http.MethodGet, path, nil, http.StatusNotFound)
	if len(s.config.Endpoints(config.DefaultWorkspace)) != 0 || len(s.config.Triggers(config.DefaultWorkspace)) != 0 {
		t.Error("something of the webhook is left")
	}
}

func TestWebhookWithoutSecretDoesNotSign(t *testing.T) {
	s := newServer(t)
	in := registration()
	in["Secret"] = nil
	s.object(http.MethodPost, webhooks, in, http.StatusOK)
	if keys, err := s.config.SigningKeys(s.config.Endpoints(config.DefaultWorkspace)[0], s.now); err != nil || len(keys) != 0 {
		t.Errorf("keys %v, %v", keys, err)
	}
}

func TestDefaultWebhookCanBeFilledIn(t *testing.T) {
	s := newServer(t)
	blank := s.object(http.MethodGet, webhooks+"/default", nil, http.StatusOK)
	if blank["WebhookId"] != 0.0 || blank["Type"] != "webhook" {
		t.Errorf("blank %v", blank)
	}
	blank["Name"], blank["Events"], blank["TargetUrl"] = "Filled", []string{"ticket.created"}, "https://example.com/x"
	s.object(http.MethodPost, webhooks, blank, http.StatusOK)
	var list []object
	if text := s.do(http.MethodGet, webhooks, nil, http.StatusOK); json.Unmarshal(text, &list) != nil || len(list) != 1 || list[0]["Name"] != "Filled" {
		t.Errorf("list %s", text)
	}
}

func TestTriggersWithConditionsStay(t *testing.T) {
	s := newServer(t)
	made := s.object(http.MethodPost, webhooks, registration(), http.StatusOK)
	endpoint := s.config.Endpoints(config.DefaultWorkspace)[0].ID
	by := config.Actor{Name: "test", Workspace: config.DefaultWorkspace}
	in, err := config.DecodeTrigger([]byte(`{"name":"Urgent","system":"superoffice","on":["ticket.created"],"when":{"all":[{"field":"subject","op":"contains","value":"urgent"}]},"then":[{"webhook":{"endpoint":"` + endpoint + `"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	conditional, err := s.config.CreateTrigger(t.Context(), by, in)
	if err != nil {
		t.Fatal(err)
	}
	s.object(http.MethodPatch, pathOf(made), object{"Events": []string{"ticket.created"}}, http.StatusOK)
	if after := s.config.Trigger(conditional.ID); after.Version != 1 {
		t.Errorf("the trigger with a condition was changed: %+v", after)
	}
	s.do(http.MethodDelete, pathOf(made), nil, http.StatusNoContent)
	if s.config.Trigger(conditional.ID) != nil {
		t.Error("a trigger without a target is left")
	}
}

func TestSignalAndLastError(t *testing.T) {
	s := newServer(t)
	made := s.object(http.MethodPost, webhooks, registration(), http.StatusOK)
	if text := s.do(http.MethodGet, pathOf(made)+"/LastError", nil, http.StatusOK); strings.TrimSpace(string(text)) != `""` {
		t.Errorf("last error %s", text)
	}
	for _, event := range []string{"ticket.created", "ticket.changed", "contact.changed", "ticket.created", "no such event"} {
		s.now = s.now.Add(time.Second)
		s.do(http.MethodPost, webhooks+"/"+url.PathEscape(event)+"/527331", nil, http.StatusNoContent)
	}
	found, err := s.ledger.ListDeliveries(t.Context(), executionlog.DeliveryQuery{Workspace: config.DefaultWorkspace, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, d := range found.Items {
		events = append(events, d.Event)
		request, err := s.ledger.Request(t.Context(), config.DefaultWorkspace, d.ID)
		if err != nil || !strings.Contains(string(request.Body), `"PrimaryKey":527331`) {
			t.Errorf("request %s, %v", request.Body, err)
		}
	}
	if !slices.Equal(events, []string{"ticket.created", "ticket.changed", "ticket.created"}) {
		t.Errorf("signalled %v", events)
	}
	d := found.Items[0]
	failed := s.ledger.Record(t.Context(), []*executionlog.Result{{
		Outcome: executionlog.Failed,
		Attempt: executionlog.Attempt{
			ID: id.NewSource(1, func() time.Time { return s.now }).New(id.Attempt), Workspace: d.Workspace, Delivery: d.ID, Change: d.Change, Ticket: d.Ticket,
			System: d.System, Event: d.Event, Endpoint: d.Endpoint, Number: 1, At: s.now, Outcome: executionlog.Failed, Error: "500 Internal Server Error",
		},
	}})
	if failed[0] != nil {
		t.Fatal(failed[0])
	}
	if text := s.do(http.MethodGet, pathOf(made)+"/LastError", nil, http.StatusOK); strings.TrimSpace(string(text)) != `"500 Internal Server Error"` {
		t.Errorf("last error %s", text)
	}
}

func TestTestingAWebhookSavesNothing(t *testing.T) {
	s := newServer(t)
	if result := s.object(http.MethodPost, webhooks+"/Test", registration(), http.StatusOK); result["Success"] != true {
		t.Errorf("result %v", result)
	}
	s.refuse = errors.New("the receiver answered 500")
	if result := s.object(http.MethodPost, webhooks+"/Test", registration(), http.StatusOK); result["Success"] != false || !strings.Contains(result["Message"].(string), "500") {
		t.Errorf("result %v", result)
	}
	if fault := s.object(http.MethodPost, webhooks, registration(), http.StatusBadRequest); !strings.Contains(fault["Message"].(string), "TargetUrl") {
		t.Errorf("fault %v", fault)
	}
	if len(s.config.Endpoints(config.DefaultWorkspace)) != 0 {
		t.Error("an endpoint was saved")
	}
}

func TestBadWebhooks(t *testing.T) {
	s := newServer(t)
	for name, c := range map[string]struct {
		member string
		value  any
		word   string
	}{
		"no events":      {"Events", []string{}, "Events"},
		"unknown event":  {"Events", []string{"ticket.exploded"}, "Events"},
		"other entity":   {"Events", []string{"contact.created"}, "Events"},
		"http":           {"TargetUrl", "http://example.com/x", "TargetUrl"},
		"no url":         {"TargetUrl", "", "TargetUrl"},
		"loopback":       {"TargetUrl", "https://127.0.0.1/x", "TargetUrl"},
		"state":          {"State", "Asleep", "State"},
		"type":           {"Type", "crmscript", "Type"},
		"header":         {"Headers", object{"Host": "x"}, "Host"},
		"unknown member": {"TargetURI", "x", "TargetUrl"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			in := registration()
			in[c.member] = c.value
			if fault := s.object(http.MethodPost, webhooks, in, http.StatusBadRequest); fault["Error"] != true || !strings.Contains(fault["Message"].(string), c.word) {
				t.Errorf("fault %v", fault)
			}
		})
	}
	s.t = t
	for _, body := range []string{`{`, `[]`, ``} {
		s.do(http.MethodPost, webhooks, body, http.StatusBadRequest)
	}
	s.do(http.MethodPost, webhooks, `"`+strings.Repeat("x", maxBody)+`"`, http.StatusRequestEntityTooLarge)
	s.do(http.MethodGet, webhooks+"/99", nil, http.StatusNotFound)
	s.do(http.MethodGet, "/superoffice/api/v1/Contact", nil, http.StatusNotFound)
	s.do(http.MethodDelete, webhooks, nil, http.StatusMethodNotAllowed)
	if len(s.config.Endpoints(config.DefaultWorkspace)) != 0 || len(s.config.Triggers(config.DefaultWorkspace)) != 0 {
		t.Error("something of a bad webhook was stored")
	}
}

func TestAccess(t *testing.T) {
	s := newServer(t)
	by := config.Actor{Name: "test", Workspace: config.DefaultWorkspace}
	_, reader, err := s.config.CreateToken(t.Context(), by, config.TokenInput{Name: "Reader", Scopes: []config.Scope{config.ScopeRead}})
	if err != nil {
		t.Fatal(err)
	}
	as := func(authorization string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", authorization) }
	}
	basic := func(r *http.Request) { r.SetBasicAuth("api", adminToken) }
	s.do(http.MethodGet, webhooks, nil, http.StatusOK, as("Bearer "+reader))
	s.do(http.MethodGet, webhooks, nil, http.StatusOK, basic)
	s.do(http.MethodPost, webhooks, registration(), http.StatusForbidden, as("Bearer "+reader))
	for _, authorization := range []string{"", "Bearer", "Bearer nonsense", "Basic bm9uc2Vuc2U="} {
		s.do(http.MethodGet, webhooks, nil, http.StatusUnauthorized, as(authorization))
	}
	s.do(http.MethodGet, webhooks, nil, http.StatusForbidden, func(r *http.Request) { r.Header.Set(workspaceHeader, "nowhere") })
}

func TestVerifySignature(t *testing.T) {
	s := newServer(t)
	by := config.Actor{Name: "test", Workspace: config.DefaultWorkspace, Admin: true}
	_, secret, err := s.config.CreateEndpoint(t.Context(), by, config.EndpointInput{URL: "https://example.com/x", System: "agency"}, config.EndpointOptions{})
	if err != nil {
		t.Fatal(err)
	}
	scheme, _ := signing.Lookup("agency")
	const body = `{"event_id":"whev_1"}`
	signed := func(at time.Time, key string) func(*http.Request) {
		headers, err := scheme.Sign(signing.Message{Timestamp: at, Body: []byte(body)}, []string{key}, signing.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return func(r *http.Request) { r.Header.Set(headers[0].Name, headers[0].Value) }
	}
	const path = "/agency/v2/webhook-endpoints/verify-signature"
	if answer := strings.TrimSpace(string(s.do(http.MethodPost, path, body, http.StatusOK, signed(s.now, secret)))); answer != `{"status":200,"valid":true}` {
		t.Errorf("valid: %s", answer)
	}
	headers, err := scheme.Sign(signing.Message{Timestamp: s.now, Body: []byte(body)}, []string{secret}, signing.Options{})
	if err != nil {
		t.Fatal(err)
	}
	none, signature := func(*http.Request) {}, `"signature":"`+headers[0].Value+`"`
	quoted := strings.ReplaceAll(body, `"`, `\"`)
	for _, enclosed := range []string{`{"payload":"` + quoted + `",` + signature + `}`, `{` + signature + `,"payload":` + body + `}`, `{"body":"` + quoted + `",` + signature + `}`} {
		s.do(http.MethodPost, path, enclosed, http.StatusOK, none)
	}
	for _, enclosed := range []string{`{"payload":"other",` + signature + `}`, `{` + signature + `}`, `{"payload":"` + quoted + `"}`, `{"payload":5,"signature":7}`} {
		s.do(http.MethodPost, path, enclosed, http.StatusBadRequest, none)
	}
	for name, c := range map[string]struct {
		body   string
		signed func(*http.Request)
	}{
		"other body":   {body + " ", signed(s.now, secret)},
		"other secret": {body, signed(s.now, "another secret of the test")},
		"too old":      {body, signed(s.now.Add(-6*time.Minute), secret)},
		"none":         {body, func(*http.Request) {}},
		"nonsense":     {body, func(r *http.Request) { r.Header.Set("Signature", "t=x") }},
	} {
		if answer := strings.TrimSpace(string(s.do(http.MethodPost, path, c.body, http.StatusBadRequest, c.signed))); answer != `{"status":400,"valid":false,"errors":["Invalid payload"]}` {
			t.Errorf("%s: %s", name, answer)
		}
	}
}
