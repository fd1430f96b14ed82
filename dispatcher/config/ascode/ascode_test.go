package ascode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

var admin = config.Actor{Name: "tester", Workspace: "default", Admin: true}

// server is a configuration over a ledger in memory.
type server struct {
	*config.Service
	ledger *memory.Store
}

func newServer(t testing.TB) server {
	t.Helper()
	keys, err := signing.NewKeyring(signing.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	ledger := memory.New()
	service, err := config.New(t.Context(), config.Options{Ledger: ledger, Systems: all.Registry(), Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return server{service, ledger}
}

type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// plan reads a file and returns the differences, each as action, kind, name
// and the paths that differ.
func (s server) plan(t testing.TB, text string, env environment, prune bool) []string {
	t.Helper()
	file, err := Read([]byte(text), env.lookup, prune)
	if err != nil {
		t.Fatalf("read: %v\n%s", err, text)
	}
	planned, err := s.Plan(t.Context(), admin, file.Desired)
	if err != nil {
		t.Fatalf("plan: %v\n%s", file.Explain(err), text)
	}
	return lines(planned)
}

func lines(outcome *config.Outcome) []string {
	list := []string{}
	for _, d := range outcome.Differences {
		line := fmt.Sprintf("%s %s %s", d.Action, d.Kind, d.Name)
		for _, field := range d.Fields {
			line += " " + field.Path
		}
		list = append(list, line)
	}
	for _, part := range outcome.Left {
		list = append(list, "left "+part.Kind+" "+part.Name)
	}
	return list
}

// apply carries a file out, and holds the plan against what was done.
func (s server) apply(t testing.TB, text string, env environment, prune bool) *config.Outcome {
	t.Helper()
	planned := s.plan(t, text, env, prune)
	file, err := Read([]byte(text), env.lookup, prune)
	if err != nil {
		t.Fatal(err)
	}
	done, err := s.CarryOut(t.Context(), admin, file.Desired)
	if err != nil {
		t.Fatalf("apply: %v\n%s", file.Explain(err), text)
	}
	if diff := cmp.Diff(planned, lines(done)); diff != "" {
		t.Errorf("the plan is not what was done (-plan +done):\n%s", diff)
	}
	return done
}

// fail applies a file that must not be carried out, and returns what is wrong
// with it.
func (s server) fail(t testing.TB, text string, env environment, prune bool) *Error {
	t.Helper()
	before, err := s.ledger.Sequence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file, err := Read([]byte(text), env.lookup, prune)
	if err == nil {
		_, err = s.CarryOut(t.Context(), admin, file.Desired)
		err = file.Explain(err)
	}
	var wrong *Error
	if !errors.As(err, &wrong) {
		t.Fatalf("error %v, want one about the file\n%s", err, text)
	}
	if after, _ := s.ledger.Sequence(t.Context()); after != before {
		t.Errorf("a bad file changed the configuration\n%s", text)
	}
	return wrong
}

const warehouse = `
endpoints:
  - name: Warehouse
    system: supportservice
    url: https://warehouse.example.com/hook?x=1
    signing: {scheme: standard}
    secret: ${env:WAREHOUSE_SECRET}
    headers: {X-Api-Key: "${env:KEY}", X-Team: blue}
    auth: {type: basic, user: u, password: "${env:PASSWORD}"}
  - name: CRM
    system: superoffice
    url: https://crm.example.com/hook
calendars:
  - name: Office hours
    zone: Europe/Berlin
    hours: [{day: monday, from: "09:00", to: "17:00"}]
triggers:
  - name: Urgent
    system: supportservice
    when:
      all:
        - {field: status, op: changed_to, value: In Progress}
        - any:
            - {field: event.kind, op: is, value: ticket_created}
            - {field: created_at, op: in_business_hours, options: {calendar: Office hours}}
    then:
      - webhook: {endpoint: Warehouse}
      - note: {body: "Sent: {{delivery.id}}"}
  - name: CRM changes
    system: superoffice
    on: [ticket.changed]
    fire: edge
    then:
      - webhook: {endpoints: [CRM]}
`

var secrets = environment{"WAREHOUSE_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "KEY": "k-1", "PASSWORD": "p-1"}

func TestApplyTwiceChangesNothing(t *testing.T) {
	s := newServer(t)
	done := s.apply(t, warehouse, secrets, false)
	want := []string{
		"created calendar Office hours", "created endpoint Warehouse", "created endpoint CRM",
		"created trigger Urgent", "created trigger CRM changes",
	}
	if diff := cmp.Diff(want, lines(done)); diff != "" {
		t.Fatal(diff)
	}
	if done.Differences[1].Secret != "" || !strings.Contains(warehouse, done.Differences[2].Name) || done.Differences[2].Secret == "" {
		t.Errorf("secrets made: %q and %q, want one of CRM only", done.Differences[1].Secret, done.Differences[2].Secret)
	}
	before, _ := s.ledger.Sequence(t.Context())
	if again := s.apply(t, warehouse, secrets, true); len(again.Differences) != 0 {
		t.Errorf("applied again: %v", lines(again))
	}
	if after, _ := s.ledger.Sequence(t.Context()); after != before {
		t.Error("applying twice wrote something")
	}
	crm := s.Endpoints("default")[1]
	trigger := s.Triggers("default")[1]
	if trigger.Then[0].Webhook.Endpoints[0] != crm.ID {
		t.Errorf("the trigger sends to %q, want %q", trigger.Then[0].Webhook.Endpoints, crm.ID)
	}
	keys, err := s.SigningKeys(s.Endpoints("default")[0], crm.CreatedAt)
	if err != nil || len(keys) != 1 || keys[0] != secrets["WAREHOUSE_SECRET"] {
		t.Errorf("keys %v, %v", keys, err)
	}
}

func TestExportReadsBack(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	text, err := Write(s.Service, "default")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the export contains the secret %s:\n%s", secret, text)
		}
	}
	if planned := s.plan(t, string(text), nil, true); len(planned) != 0 {
		t.Errorf("the export differs from the server: %v\n%s", planned, text)
	}
	file, err := Read(text, environment{}.lookup, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"CRM_SECRET", "WAREHOUSE_HEADER_X_API_KEY", "WAREHOUSE_PASSWORD", "WAREHOUSE_SECRET"}
	if diff := cmp.Diff(want, file.Kept); diff != "" {
		t.Errorf("variables without a value (-want +got):\n%s", diff)
	}
	other := newServer(t)
	env := environment{"CRM_SECRET": "crm-secret-1", "WAREHOUSE_HEADER_X_API_KEY": "k-1", "WAREHOUSE_PASSWORD": "p-1", "WAREHOUSE_SECRET": secrets["WAREHOUSE_SECRET"]}
	other.apply(t, string(text), env, false)
	again, err := Write(other.Service, "default")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(again)); diff != "" {
		t.Errorf("the export of the copy differs:\n%s", diff)
	}
}

// What a file leaves to the server is not sent to another host than it was.
func TestAnotherHostNeedsTheSecrets(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	moved := strings.Replace(warehouse, "warehouse.example.com", "stock.example.com", 1)
	file, err := Read([]byte(moved), environment{}.lookup, false)
	if err == nil {
		_, err = s.Plan(t.Context(), admin, file.Desired)
	}
	if err == nil || !strings.Contains(err.Error(), "headers.X-Api-Key") || !strings.Contains(err.Error(), "must be given again") {
		t.Errorf("planned without secrets: %v", err)
	}
	if got := s.plan(t, moved, secrets, false); len(got) != 1 {
		t.Errorf("planned with them: %v", got)
	}
}

func TestPlanShowsWhatDiffers(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	for _, c := range []struct {
		name     string
		from, to string
		env      environment
		prune    bool
		want     []string
	}{
		{"url", "warehouse.example.com", "stock.example.com", secrets, false, []string{"changed endpoint Warehouse url"}},
		{"header gone", ", X-Team: blue", "", nil, false, []string{"changed endpoint Warehouse headers.X-Team"}},
		{"limit", "    auth:", "    max_in_flight: 3\n    auth:", nil, false, []string{"changed endpoint Warehouse max_in_flight"}},
		{"secret", "", "", environment{"WAREHOUSE_SECRET": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "KEY": "k-1"}, false, []string{"changed endpoint Warehouse secret"}},
		{"password", "", "", environment{"PASSWORD": "p-2"}, false, []string{"changed endpoint Warehouse auth.password"}},
		{"calendar", "17:00", "18:00", nil, false, []string{"changed calendar Office hours hours.0.to"}},
		{"condition", "value: In Progress", "value: Done", nil, false, []string{"changed trigger Urgent when.all.0.value"}},
		{"target", "endpoints: [CRM]", "endpoint: CRM", nil, false, []string{"changed trigger CRM changes then.0.webhook.endpoint then.0.webhook.endpoints"}},
		{"renamed without prune", "- name: CRM changes", "- name: CRM edits", nil, false, []string{"created trigger CRM edits", "left trigger CRM changes"}},
		{"renamed with prune", "- name: CRM changes", "- name: CRM edits", nil, true, []string{"created trigger CRM edits", "removed trigger CRM changes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := s.plan(t, strings.Replace(warehouse, c.from, c.to, 1), c.env, c.prune)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRenameByID(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	id := s.Endpoints("default")[1].ID
	text := "endpoints:\n  - id: " + id + "\n    name: Customers\n    system: superoffice\n    url: https://crm.example.com/hook\n"
	s.apply(t, text, nil, false)
	endpoint := s.Endpoint(id)
	if endpoint.Name != "Customers" || endpoint.Version != 2 {
		t.Errorf("endpoint %+v", endpoint)
	}
	audit, err := s.ledger.Audit(t.Context(), executionlog.AuditQuery{Workspace: "default"})
	if err != nil || audit.Items[0].Action != "endpoint.updated" || audit.Items[0].Actor != "tester" {
		t.Errorf("audit %+v, %v", audit.Items, err)
	}
}

// TestSameNames: names need not be unique on the server; the file then has ids.
func TestSameNames(t *testing.T) {
	s := newServer(t)
	for range 2 {
		in := config.EndpointInput{Name: "Twin", System: "faveo", URL: "https://twin.example.com"}
		if _, _, err := s.CreateEndpoint(t.Context(), admin, in, config.EndpointOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	first := s.Endpoints("default")[0].ID
	_, err := s.CreateTrigger(t.Context(), admin, &triggers.Trigger{
		Name: "Rule", System: "faveo", Enabled: true, Then: []triggers.Action{{Webhook: &triggers.WebhookAction{Endpoint: first}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := Write(s.Service, "default")
	if err != nil {
		t.Fatal(err)
	}
	if planned := s.plan(t, string(text), nil, true); len(planned) != 0 {
		t.Errorf("%v\n%s", planned, text)
	}
	wrong := s.fail(t, "endpoints: [{name: Twin, system: faveo, url: https://x.example.com}]", nil, false)
	if text := wrong.Error(); !strings.Contains(text, first) || !strings.Contains(text, "2 endpoints") {
		t.Error(text)
	}
	// Elsewhere the ids do not exist; they still hold the file together.
	other := newServer(t)
	other.apply(t, string(text), nil, false)
	if target := other.Triggers("default")[0].Then[0].Webhook.Endpoint; target != other.Endpoints("default")[0].ID {
		t.Errorf("the trigger of the copy sends to %s", target)
	}
}

// TestOneTransaction: where the handshake or the store refuses, nothing changes.
func TestOneTransaction(t *testing.T) {
	s := newServer(t)
	s.SetProbe(func(_ context.Context, endpoint *triggers.Endpoint, _ []string) error {
		if endpoint.Name == "CRM" {
			return errors.New("it answered 500")
		}
		return nil
	})
	wrong := s.fail(t, warehouse, secrets, false)
	if len(wrong.Problems) != 1 || wrong.Problems[0].Path != "endpoints.1.url" || wrong.Problems[0].Line != 12 {
		t.Errorf("problems %v", wrong)
	}
	if n := len(s.Endpoints("default")) + len(s.Triggers("default")); n != 0 {
		t.Errorf("%d things were made", n)
	}
}

func TestPrune(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	wrong := s.fail(t, "endpoints: []", nil, true)
	if !strings.Contains(wrong.Error(), `"Warehouse"`) {
		t.Error(wrong)
	}
	left := []string{"left trigger Urgent", "left trigger CRM changes", "left endpoint Warehouse", "left endpoint CRM", "left calendar Office hours"}
	if diff := cmp.Diff(left, s.plan(t, "endpoints: []\ncalendars: []\ntriggers: []", nil, false)); diff != "" {
		t.Errorf("without prune (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(left[:2], s.plan(t, "triggers:", nil, false)); diff != "" {
		t.Errorf("a section that is not in the file (-want +got):\n%s", diff)
	}
	s.apply(t, "triggers: []", nil, true)
	if len(s.Triggers("default")) != 0 || len(s.Endpoints("default")) != 2 {
		t.Error("a section left out is left alone, one that is empty is emptied")
	}
	done := s.apply(t, "endpoints: []\ncalendars:", nil, true)
	if diff := cmp.Diff([]string{"removed endpoint Warehouse", "removed endpoint CRM", "removed calendar Office hours"}, lines(done)); diff != "" {
		t.Error(diff)
	}
	s.apply(t, warehouse, secrets, false)
}
