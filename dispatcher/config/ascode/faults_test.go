package ascode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/triggers"
)

// TestFaults: every fault is named with line, column, member and what would be
// right, and changes nothing.
func TestFaults(t *testing.T) {
	const good = "endpoints:\n  - name: A\n    system: faveo\n    url: https://a.example.com\n"
	for _, c := range []struct {
		name, text   string
		line, column int
		path, want   string
	}{
		{"no yaml", "endpoints:\n  - name: [\n", 2, 11, "", "valid YAML"},
		{"tab", "endpoints:\n\t- name: x\n", 2, 1, "", "valid YAML"},
		{"no mapping", "- a\n- b\n", 1, 1, "", "endpoints, calendars and triggers"},
		{"unknown section", good + "trigers: []\n", 5, 1, "trigers", "did you mean triggers?"},
		{"section is no list", "endpoints: {name: A}\n", 1, 1, "endpoints", "a list"},
		{"item is no mapping", "endpoints:\n  - A\n", 2, 5, "endpoints.0", "a mapping"},
		{"no name", "endpoints:\n  - system: faveo\n    url: https://a.example.com\n", 2, 11, "endpoints.0.name", "not empty"},
		{"unknown member", good + "    time_out: 3\n", 5, 5, "endpoints.0.time_out", "not known"},
		{"wrong type", good + "    timeout_seconds: soon\n", 5, 5, "endpoints.0.timeout_seconds", "a whole number"},
		{"out of range", good + "    timeout_seconds: 99\n", 5, 5, "endpoints.0.timeout_seconds", "from 1 to 60"},
		{"unknown system", "endpoints:\n  - {name: A, system: favio, url: https://a.example.com}\n", 2, 15, "endpoints.0.system", "did you mean faveo?"},
		{"twice", good + "  - name: A\n    system: agency\n    url: https://b.example.com\n", 5, 5, "endpoints.1.name", "differ from the name of endpoints.0"},
		{"member twice", "endpoints:\n  - name: A\n    name: B\n", 3, 5, "", ""},
		{"private address", "endpoints:\n  - {name: A, system: faveo, url: \"http://127.0.0.1/\"}\n", 2, 30, "endpoints.0.url", ""},
		{"unset in a text", good + "    headers:\n      X-A: a${env:NOWHERE}\n", 6, 7, "endpoints.0.headers.X-A", "NOWHERE"},
		{"unset of a new endpoint", good + "    signing: {scheme: standard}\n    secret: ${env:NOWHERE}\n", 6, 5, "endpoints.0.secret", "NOWHERE"},
		{"unset elsewhere", good + "triggers:\n  - name: ${env:NOWHERE}\n", 6, 5, "triggers.0.name", "NOWHERE"},
		{"endpoint that is none", good + "triggers:\n  - name: T\n    system: faveo\n    then:\n      - webhook: {endpoint: B}\n", 9, 19, "triggers.0.then.0.webhook.endpoint", "name or id of an endpoint"},
		{"endpoint of another system", good + "triggers:\n  - name: T\n    system: agency\n    then:\n      - webhook: {endpoint: A}\n", 9, 19, "triggers.0.then.0.webhook.endpoint", "of agency"},
		{"operator", good + "triggers:\n  - name: T\n    system: faveo\n    when:\n      all:\n        - field: subject\n          op: includs\n          value: x\n    then:\n      - webhook: {endpoint: A}\n", 11, 11, "triggers.0.when.all.0.op", ""},
		{"calendar that is none", good + "triggers:\n  - name: T\n    system: faveo\n    when: {all: [{field: created_at, op: in_business_hours, options: {calendar: Office}}]}\n    then:\n      - webhook: {endpoint: A}\n", 8, 71, "triggers.0.when.all.0.options.calendar", "name or id of a calendar"},
		{"event", good + "triggers:\n  - name: T\n    system: faveo\n    on: [ticket_made]\n    then:\n      - webhook: {endpoint: A}\n", 8, 10, "triggers.0.on.0", "ticket_created"},
		{"zone", "calendars:\n  - name: Office\n    zone: Mars/North\n    hours: [{day: monday, from: \"09:00\", to: \"17:00\"}]\n", 3, 5, "calendars.0.zone", "IANA"},
		{"alias without anchor", "endpoints:\n  - name: *other\n", 2, 5, "endpoints.0.name", "anchor"},
		{"merge key", "endpoints:\n  - &a {name: A}\n  - <<: *a\n", 3, 7, "endpoints.1", "merge key"},
		{"tag", "endpoints:\n  - name: !!binary aGk=\n", 2, 5, "endpoints.0.name", "this is"},
		{"two documents", good + "---\n" + good, 5, 1, "document", "only document"},
		{"too deep", "endpoints: " + strings.Repeat("[", 80) + strings.Repeat("]", 80), 1, 0, "", "at most 64 deep"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong := newServer(t).fail(t, c.text, nil, false)
			first := wrong.Problems[0]
			if first.Line != c.line || c.column > 0 && first.Column != c.column || c.path != "" && first.Path != c.path || !strings.Contains(first.Want, c.want) {
				t.Errorf("%v\nwant line %d, column %d, path %s and %q", wrong, c.line, c.column, c.path, c.want)
			}
		})
	}
}

func TestAnchorsAreWrittenOut(t *testing.T) {
	s := newServer(t)
	s.apply(t, "endpoints:\n  - {name: A, system: faveo, url: https://a.example.com, retry: &r {max_attempts: 3}}\n"+
		"  - {name: B, system: faveo, url: https://b.example.com, retry: *r}\n", nil, false)
	if n := s.Endpoints("default")[1].Retry.MaxAttempts; n != 3 {
		t.Errorf("max_attempts %d", n)
	}
}

// TestManyAliases: a file of a few hundred bytes must not fill the memory.
func TestManyAliases(t *testing.T) {
	var b strings.Builder
	b.WriteString("endpoints:\n  - a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "    a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	wrong := newServer(t).fail(t, b.String(), nil, false)
	if !strings.Contains(wrong.Error(), "at most") {
		t.Error(wrong)
	}
}

func TestReferences(t *testing.T) {
	env := environment{"A": "one", "B_2": "two"}
	for _, c := range []struct{ text, want, missing string }{
		{"plain", "plain", ""},
		{"${env:A}", "one", ""},
		{"x${env:A}y${env:B_2}z", "xoneytwoz", ""},
		{"$${env:A}", "${env:A}", ""},
		{"$$${env:A}", "$${env:A}", ""},
		{"${env:C}", "", "C"},
		{"${A} $A ${env:} ${env:1}", "${A} $A ${env:} ${env:1}", ""},
	} {
		got, missing := expand(c.text, env.lookup)
		if got != c.want || missing != c.missing {
			t.Errorf("%q becomes %q, %q; want %q, %q", c.text, got, missing, c.want, c.missing)
		}
	}
	for _, text := range []string{"", "a", "${env:A}", "$${env:A}", "$$$${env:A}", "${env:A}${env:B}", "$"} {
		if got, _ := expand(literal(text), env.lookup); got != text {
			t.Errorf("literal of %q reads back as %q", text, got)
		}
	}
}

func TestVariables(t *testing.T) {
	names, err := Variables([]byte(warehouse))
	if err != nil || strings.Join(names, " ") != "KEY PASSWORD WAREHOUSE_SECRET" {
		t.Errorf("%v, %v", names, err)
	}
	if _, err := Variables([]byte("a: [")); err == nil {
		t.Error("malformed YAML has variables")
	}
}

// TestKeptSecrets: what has no value in the environment stays as it is.
func TestKeptSecrets(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	s.apply(t, strings.Replace(warehouse, "X-Team: blue", "X-Team: red", 1), nil, false)
	endpoint := s.Endpoints("default")[0]
	credentials, err := s.Credentials(endpoint)
	if err != nil || credentials.Password != "p-1" || endpoint.Headers["X-Api-Key"] != "k-1" || endpoint.Headers["X-Team"] != "red" {
		t.Errorf("%+v, %+v, %v", endpoint, credentials, err)
	}
	wrong := s.fail(t, strings.Replace(warehouse, "type: basic, user: u, password:", "type: bearer, token:", 1), nil, false)
	if !strings.Contains(wrong.Error(), "no value to keep") {
		t.Error(wrong)
	}
}

func TestStateOfTheServer(t *testing.T) {
	s := newServer(t)
	s.apply(t, warehouse, secrets, false)
	id := s.Endpoints("default")[1].ID
	if err := s.SetEndpointState(t.Context(), "default", id, triggers.EndpointDisabled, "gone"); err != nil {
		t.Fatal(err)
	}
	if planned := s.plan(t, warehouse, nil, false); len(planned) != 0 {
		t.Errorf("a file without states differs from an endpoint that the system disabled: %v", planned)
	}
	exported, err := Write(s.Service, "default")
	if err != nil || !strings.Contains(string(exported), "state: disabled") {
		t.Errorf("%v\n%s", err, exported)
	}
	s.apply(t, strings.Replace(warehouse, "system: superoffice\n    url", "system: superoffice\n    state: active\n    url", 1), nil, false)
	if state := s.Endpoint(id).State; state != triggers.EndpointActive {
		t.Errorf("state %s", state)
	}
}
