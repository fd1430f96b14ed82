package superoffice

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestSystem(t *testing.T) {
	systemtest.Suite{
		System:     New(),
		Golden:     "testdata",
		Settings:   map[string]string{settingName: "Name you provided"},
		Undetected: []string{eventTest, eventStarted, eventStopped, eventErrors},
	}.Run(t)
}

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, New()) }

// body renders the change as ticket.changed for an endpoint and reads it back.
func body(t *testing.T, change *ticket.Change, to systems.Endpoint) map[string]any {
	t.Helper()
	request, err := New().Render(systems.Occasion{Event: eventChanged, Change: change, Endpoint: to, Delivery: "dlv_1"})
	if err != nil {
		t.Fatal(err)
	}
	var read map[string]any
	if err := json.Unmarshal(request.Body, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestSettings(t *testing.T) {
	to := systems.Endpoint{ID: "ep_1", Name: "Receiver", Settings: map[string]string{
		settingContext:    "Cust31038",
		settingName:       "My Ticket Webhook",
		settingZone:       "Europe/Oslo",
		settingProperties: `{"Tenant": {"Name": "<b>"}, "Event": "mine", "Flag": true}`,
	}}
	request, err := New().Render(systems.Occasion{Event: eventChanged, Change: sampleChanged(), Endpoint: to, Delivery: "dlv_1"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"EventId":"` + request.EventID + `","Timestamp":"2025-05-19T09:56:33.1554128Z","Changes":["id","read_by_owner"],` +
		`"Event":"ticket.changed","PrimaryKey":76,"Entity":"ticket","ContextIdentifier":"Cust31038","ChangedByAssociateId":19,` +
		`"WebhookName":"My Ticket Webhook","FieldValues":{"category":2,"connect_id":-1,"contact_id":2,"created_at":"2025-05-16T16:25:37",` +
		`"cust_id":5,"has_attachment":1,"last_changed":"2025-05-19T12:51:32","owned_by":8,"priority":2,"project_id":0,"sale_id":0,` +
		`"slevel":1,"status":1,"ticket_status":1,"ticket_type":1},"Tenant":{"Name":"<b>"},"Flag":true}`
	if diff := cmp.Diff(want, string(request.Body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestSettingsThatMeanNothing(t *testing.T) {
	plain := body(t, sampleChanged(), systems.Endpoint{Name: "Receiver"})
	if plain["WebhookName"] != "Receiver" || plain["ContextIdentifier"] != "Default" {
		t.Errorf("without settings: WebhookName %v, ContextIdentifier %v", plain["WebhookName"], plain["ContextIdentifier"])
	}
	for _, properties := range []string{"{", "[1]", "null", "text", "{}"} {
		odd := body(t, sampleChanged(), systems.Endpoint{Name: "Receiver", Settings: map[string]string{
			settingProperties: properties, settingZone: "Nowhere/Else", settingAssociates: "=,x,19=,=4,a=b",
		}})
		if diff := cmp.Diff(plain, odd); diff != "" {
			t.Errorf("properties %q changed the body:\n%s", properties, diff)
		}
	}
}

func TestChangedByAssociate(t *testing.T) {
	settings := map[string]string{settingAssociates: "Agent@Example.com = 19, a7=20,client=5, rule = 0"}
	tests := []struct {
		name     string
		actor    ticket.Person
		settings map[string]string
		want     int64
	}{
		{"an agent's own number", ticket.Person{ID: "37201", Role: ticket.RoleAgent}, nil, 37201},
		{"no role is an agent", ticket.Person{ID: "8"}, nil, 8},
		{"a client is no associate", ticket.Person{ID: "5", Role: ticket.RoleClient}, nil, 0},
		{"a rule is no associate", ticket.Person{ID: "trg_1", Role: ticket.RoleRule}, nil, 0},
		{"by address", ticket.Person{ID: "x", Email: "agent@example.com", Role: ticket.RoleAgent}, settings, 19},
		{"by id", ticket.Person{ID: "A7", Role: ticket.RoleAgent}, settings, 20},
		{"by role", ticket.Person{ID: "C1", Role: ticket.RoleClient}, settings, 5},
		{"nobody", ticket.Person{}, settings, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := sampleChanged()
			change.Actor = tt.actor
			if got := body(t, change, systems.Endpoint{Settings: tt.settings})["ChangedByAssociateId"]; got != float64(tt.want) {
				t.Errorf("ChangedByAssociateId = %v, want %d", got, tt.want)
			}
		})
	}
}

func TestAttemptHeaders(t *testing.T) {
	want := []systems.Header{{Name: "X-SuperOffice-Retry", Value: "2"}}
	if diff := cmp.Diff(want, New().AttemptHeaders(2)); diff != "" {
		t.Error(diff)
	}
}

func TestHandshake(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 500, time.UTC)
	s := &system{sheet: newSheet(), now: func() time.Time { return at }}
	endpoint := systems.Endpoint{ID: "ep_1", Name: "Receiver", URL: "https://receiver.example.com/hook?token=a%20b"}
	handshake := s.Handshake(endpoint, 42)
	if handshake.Method != http.MethodPost || handshake.URL != endpoint.URL || !handshake.Signed {
		t.Errorf("handshake = %s %s, signed %v", handshake.Method, handshake.URL, handshake.Signed)
	}
	wantHeader := []systems.Header{
		{Name: "Content-Type", Value: "application/json; charset=utf-8"},
		{Name: "User-Agent", Value: "NetServer-Webhook/8.8.6684.1719"},
		{Name: "X-SuperOffice-Event", Value: "test"},
		{Name: "X-SuperOffice-EventId", Value: handshake.EventID},
		{Name: "X-Hook-Test", Value: "true"},
	}
	if diff := cmp.Diff(wantHeader, handshake.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	want := `{"EventId":"` + handshake.EventID + `","Timestamp":"2026-03-01T12:00:00.0000005Z","Changes":[],"Event":"test","PrimaryKey":0,` +
		`"Entity":"test","ContextIdentifier":"Default","ChangedByAssociateId":0,"WebhookName":"Receiver"}`
	if diff := cmp.Diff(want, string(handshake.Body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	for status, ok := range map[int]bool{200: true, 201: false, 204: false, 301: false, 404: false, 500: false} {
		if err := handshake.Check(status, nil); (err == nil) != ok {
			t.Errorf("an answer of %d: %v", status, err)
		}
	}
	if again := s.Handshake(endpoint, 43); again.EventID == handshake.EventID {
		t.Error("two handshakes share an event id")
	}
}

func TestStateEvents(t *testing.T) {
	s := New().(systems.StateEvents)
	about := systems.Endpoint{ID: "123", Name: "Watched"}
	to := systems.Endpoint{ID: "ep_2", Name: "Watcher", Settings: map[string]string{settingContext: "Cust12345"}}
	at := time.Date(2018, 7, 5, 11, 58, 18, 580990800, time.UTC)
	tests := []struct {
		state, event, wire string
		number             string
	}{
		{"active", "webhook.started", "webhook123.started", "1"},
		{"disabled", "webhook.stopped", "webhook123.stopped", "2"},
		{"failing", "webhook.errors", "webhook123.errors", "3"},
	}
	for _, tt := range tests {
		t.Run(tt.event, func(t *testing.T) {
			if got := s.StateEvent(tt.state); got != tt.event {
				t.Fatalf("StateEvent(%q) = %q, want %q", tt.state, got, tt.event)
			}
			request, err := s.RenderState(tt.event, about, to, "dlv_1", at)
			if err != nil {
				t.Fatal(err)
			}
			if got := request.Header[1]; got != (systems.Header{Name: "X-SuperOffice-Event", Value: tt.wire}) {
				t.Errorf("header %v, want %s", got, tt.wire)
			}
			want := `{"EventId":"` + request.EventID + `","Timestamp":"2018-07-05T11:58:18.5809908Z","Changes":[],"Event":"` + tt.event +
				`","PrimaryKey":123,"ContextIdentifier":"Cust12345","ChangedByAssociateId":0,"WebhookName":"Watcher","FieldValues":{"events":1,` +
				`"registered":"0001-01-01T00:00:00","registered_associate_id":0,"state":` + tt.number + `,"updated":"2018-07-05T11:58:18.5809908Z","updated_associate_id":0}}`
			if diff := cmp.Diff(want, string(request.Body)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
	if got := s.StateEvent("paused"); got != "" {
		t.Errorf("a paused endpoint raises %q", got)
	}
	if _, err := s.RenderState(eventChanged, about, to, "dlv_1", at); err == nil {
		t.Error("ticket.changed rendered as the event of a state")
	}
}

func TestPolicy(t *testing.T) {
	policy := New().Sheet().Policy
	if !policy.HTTPSOnly || policy.DisableAfter != 9 || policy.Retry.MaxAttempts != 3 {
		t.Errorf("policy %+v", policy)
	}
	if diff := cmp.Diff([]float64{1, 4}, policy.Retry.ScheduleSeconds); diff != "" {
		t.Error(diff)
	}
}
