package supportservice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestSystem(t *testing.T) { systemtest.Run(t, New(), "testdata") }

func FuzzRender(f *testing.F) { systemtest.Fuzz(f, New()) }

func render(t *testing.T, revision string, change *ticket.Change, to systems.Endpoint, matched ...systems.Matched) string {
	t.Helper()
	request, err := New().Render(systems.Occasion{
		Event: eventTicket, Revision: revision, Change: change, Endpoint: to, Delivery: "dlv_1", Matched: matched,
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(request.Body)
}

// TestSkeleton compares the sample with the skeleton of the vendor's page:
// every member there, in its order and of its type, filled at least once, and
// no member more.
func TestSkeleton(t *testing.T) {
	skeleton, err := os.ReadFile("testdata/skeleton.json")
	if err != nil {
		t.Fatal(err)
	}
	filled := map[string]bool{}
	compare(t, "", skeleton, []byte(render(t, revisionSeed, sample(), systems.Endpoint{}, systems.Matched{Field: "status", Op: "changed_to"})), filled)
	for path, is := range filled {
		if !is {
			t.Errorf("%s is never filled", path)
		}
	}
	if len(filled) != 31 {
		t.Errorf("compared %d members, the page has 31 that hold a value", len(filled))
	}
}

func compare(t *testing.T, path string, want, got []byte, filled map[string]bool) {
	t.Helper()
	if members, ok := systems.Members(string(want)); ok {
		have, _ := systems.Members(string(got))
		if len(have) != len(members) {
			t.Fatalf("%s has %d members, want %d: %s", path, len(have), len(members), got)
		}
		for i, m := range members {
			if have[i].Name != m.Name {
				t.Fatalf("member %d of %s is %s, want %s", i, path, have[i].Name, m.Name)
			}
			compare(t, path+"."+m.Name, m.Value, have[i].Value, filled)
		}
		return
	}
	if bytes.HasPrefix(want, []byte("[")) {
		var wantItems, gotItems []json.RawMessage
		if json.Unmarshal(want, &wantItems) != nil || json.Unmarshal(got, &gotItems) != nil || gotItems == nil {
			t.Fatalf("%s is no list: %s", path, got)
		}
		for _, item := range gotItems {
			compare(t, path+"[]", wantItems[0], item, filled)
		}
		return
	}
	kind := "null"
	switch value := string(got); {
	case strings.HasPrefix(value, `"`):
		kind = "string"
	case json.Unmarshal(got, new(int64)) == nil && value != "null":
		kind = "int"
	}
	if kind != "null" && fmt.Sprintf("%q", kind) != string(want) {
		t.Errorf("%s is %s, want %s", path, got, want)
	}
	filled[path] = filled[path] || kind != "null"
}

func TestEveryChangeIsOneEvent(t *testing.T) {
	for _, kind := range ticket.Kinds {
		change := &ticket.Change{Kind: kind, After: &ticket.Ticket{Number: "1"}}
		if diff := cmp.Diff([]string{"ticket"}, New().Detect(change)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	if events := New().Detect(&ticket.Change{Kind: ticket.TicketUpdated}); events != nil {
		t.Errorf("a change without a ticket is %q", events)
	}
}

func TestEmptyTicket(t *testing.T) {
	change := &ticket.Change{Kind: ticket.TicketUpdated, After: &ticket.Ticket{Number: "7"}}
	want := `{"Id":7,"Subject":null,"Status":"New","Justification":null,"Actions":[],"WebhookEvents":[],"Urgency":null,` +
		`"ServiceFirstLevel":null,"CustomFieldValues":[],"SlaSolutionTime":null}`
	if diff := cmp.Diff(want, render(t, revisionSeed, change, systems.Endpoint{})); diff != "" {
		t.Errorf("seed (-want +got):\n%s", diff)
	}
	want = `{"Id":7,"Status":"New","Type":2,"Origin":1,"IsDeleted":false,"ActionCount":1,"ResolvedInFirstCall":false,"Actions":[],` +
		`"WebhookEvents":[],"CustomFieldValues":[]}`
	if diff := cmp.Diff(want, render(t, revisionCaptured, change, systems.Endpoint{})); diff != "" {
		t.Errorf("captured (-want +got):\n%s", diff)
	}
}

func TestWebhookEvents(t *testing.T) {
	change := &ticket.Change{Kind: ticket.TicketUpdated, After: &ticket.Ticket{Number: "7"}}
	got := render(t, revisionSeed, change, systems.Endpoint{},
		systems.Matched{Field: "status", Op: "changed_to"},
		systems.Matched{Field: "custom.12", Op: "is"},
		systems.Matched{Field: "requester.email", Op: "ends_with"},
		systems.Matched{Field: "moon.phase", Op: "waxes"},
	)
	want := `"WebhookEvents":[{"Criteria":2,"Operator":10},{"Criteria":17,"Operator":1},{"Criteria":13,"Operator":31},{"Criteria":99,"Operator":99}]`
	if !strings.Contains(got, want) {
		t.Errorf("body %s\nlacks %s", got, want)
	}
}

func TestStatusNames(t *testing.T) {
	tests := []struct {
		status ticket.Status
		want   string
	}{
		{ticket.Status{}, "New"},
		{ticket.Status{State: ticket.New}, "New"},
		{ticket.Status{State: ticket.Open}, "InAttendance"},
		{ticket.Status{State: ticket.Pending}, "Stopped"},
		{ticket.Status{State: ticket.OnHold}, "Stopped"},
		{ticket.Status{State: ticket.Resolved}, "Resolved"},
		{ticket.Status{State: ticket.Closed}, "Closed"},
		{ticket.Status{Name: "Canceled", State: ticket.Closed}, "Canceled"},
	}
	for _, tt := range tests {
		if got := statusName(tt.status); got != tt.want {
			t.Errorf("status %+v is %q, want %q", tt.status, got, tt.want)
		}
	}
}

func TestServiceAndTime(t *testing.T) {
	created := time.Date(2020, 5, 19, 8, 0, 0, 0, time.UTC)
	due := created.Add(90*time.Minute + 59*time.Second)
	tests := []struct {
		name    string
		ticket  ticket.Ticket
		service string
		minutes string
	}{
		{"nothing", ticket.Ticket{}, "", "null"},
		{"help topic and due time", ticket.Ticket{HelpTopic: ticket.Ref{Name: "Finance"}, CreatedAt: created, ResolutionDueAt: &due}, "Finance", "90"},
		{"category", ticket.Ticket{Category: ticket.Category{Name: "Printers", Path: "Hardware/Printers"}, ResolutionDueAt: &due}, "Hardware", "null"},
		{"extra", ticket.Ticket{HelpTopic: ticket.Ref{Name: "Finance"}, Extra: ticket.Extra{"ServiceFirstLevel": "Billing", "SlaSolutionTime": 5}}, "Billing", "5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			minutes, err := json.Marshal(solutionMinutes(&tt.ticket))
			if err != nil {
				t.Fatal(err)
			}
			if service(&tt.ticket) != tt.service || string(minutes) != tt.minutes {
				t.Errorf("service %q, time %s, want %q and %s", service(&tt.ticket), minutes, tt.service, tt.minutes)
			}
		})
	}
}

func TestQueryOfTheURLIsNotTouched(t *testing.T) {
	if _, asks := New().(systems.Handshaker); asks {
		t.Error("the vendor makes no request before it saves a trigger")
	}
	if headers := New().AttemptHeaders(3); headers != nil {
		t.Errorf("attempts differ in %v", headers)
	}
}

func TestWithoutNulls(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{"a":null}`, `{}`},
		{`{"a":{"b":null,"c":[{"d":null,"e":"<p>"}]},"f":0}`, `{"a":{"c":[{"e":"<p>"}]},"f":0}`},
		{`[null,{"a":null}]`, `[null,{}]`},
		{`[]`, `[]`},
		{`"null"`, `"null"`},
	}
	for _, tt := range tests {
		got, err := withoutNulls([]byte(tt.in))
		if err != nil || string(got) != tt.want {
			t.Errorf("withoutNulls(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}
