package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
)

// A person makes an endpoint and a trigger with a nested condition, acts on a
// ticket, and finds the webhook: all with forms, as without a script.
func TestMainFlow(t *testing.T) {
	s := enter(t)

	made := s.post(t, "/endpoints", "system", "superoffice", "name", "Flow receiver", "url", stage.Receiver.URL+"/ok/flow",
		"signing.scheme", "superoffice", "auth.type", "none", "allow_http", "true", "ordered", "none", "on_failure", "skip",
		"settings.context_identifier", "Cust1", "skip_handshake", "true", "headers", "X-Tenant: north\n")
	if made.status != http.StatusOK || !strings.Contains(made.body, "It is shown only this once") {
		t.Fatalf("making the endpoint: status %d\n%s", made.status, made.body)
	}
	endpoint := endpointNamed(t, "Flow receiver")
	if got := s.get(t, "/endpoints/"+endpoint); strings.Contains(got.body, "only this once") || !strings.Contains(got.body, "X-Tenant: north") {
		t.Error("the endpoint's page shows the secret again, or not its header")
	}

	form := []string{
		"system", "superoffice", "name", "Flow trigger", "enabled", "on", "fire", "every", "n.join", "all",
		"n.0.field", "subject", "n.0.op", "contains", "n.0.value", "flow", "then.0.kind", "webhook", "then.0.endpoints", endpoint,
	}
	grown := s.post(t, "/triggers/form", append(form, "do", "add-group:n")...)
	for _, want := range []string{`name="n.1.join"`, `name="n.1.0.field"`, `name="n.0.value" value="flow"`} {
		if !strings.Contains(grown.body, want) {
			t.Errorf("after adding a group the form lacks %s", want)
		}
	}
	saved := s.post(t, "/triggers", append(form, "n.1.join", "any", "n.1.0.field", "status", "n.1.0.op", "is_any_of", "n.1.0.value", "Open, Closed")...)
	if saved.status != http.StatusSeeOther {
		t.Fatalf("making the trigger: status %d\n%s", saved.status, saved.body)
	}
	trigger := saved.header.Get("Location")
	if body := s.get(t, trigger).body; !strings.Contains(body, "Made the trigger") || !strings.Contains(body, "[&#34;Open&#34;,&#34;Closed&#34;]") {
		t.Error("the trigger's page does not show what was made")
	}

	created := s.post(t, "/tickets", "number", "FLOW-1", "subject", "a flow through it", "status", "Open", "requester.name", "Kim", "as", "client")
	if created.status != http.StatusSeeOther || created.header.Get("Location") != "/tickets/FLOW-1" {
		t.Fatalf("creating the ticket: status %d to %s", created.status, created.header.Get("Location"))
	}
	if err := stage.Settled("FLOW-1", endpoint, 10*time.Second); err != nil {
		t.Fatal(err)
	}
	delivery := s.first(t, "/deliveries?ticket=FLOW-1&endpoint="+endpoint, `/deliveries/dlv_[0-9a-z]+`)
	body := s.get(t, delivery).body
	for _, want := range []string{"200 succeeded", "verifies", "curl --request POST", "ticket.created", "Flow trigger", "Why the trigger fired"} {
		if !strings.Contains(body, want) {
			t.Errorf("the delivery does not show %q", want)
		}
	}
	if body := s.get(t, "/tickets/FLOW-1").body; !strings.Contains(body, delivery) {
		t.Error("the ticket does not show the webhook it caused")
	}
	if body := s.get(t, "/tickets/FLOW-1/explain").body; !strings.Contains(body, "Flow trigger") || !strings.Contains(body, ">fired<") {
		t.Error("the explanation does not show that the trigger fired")
	}

	again := s.post(t, delivery+"/redeliver")
	if again.status != http.StatusSeeOther || again.header.Get("Location") == delivery {
		t.Errorf("redelivering: status %d to %s", again.status, again.header.Get("Location"))
	}
	if body := s.get(t, again.header.Get("Location")).body; !strings.Contains(body, strings.TrimPrefix(delivery, "/deliveries/")) {
		t.Error("the redelivery does not name the first one")
	}

	s.editAndRollBack(t, trigger, form)
}

// editAndRollBack simulates an edit, saves it, compares the versions and puts
// the first one in force again.
func (s *site) editAndRollBack(t *testing.T, trigger string, form []string) {
	t.Helper()
	id := strings.TrimPrefix(trigger, "/triggers/")
	edited := append(append([]string{}, form...), "id", id, "version", "1", "n.1.join", "none", "n.1.0.field", "status", "n.1.0.op", "is", "n.1.0.value", "Open")
	tried := s.post(t, "/triggers/form", append(edited, "do", "simulate", "try.ticket", "FLOW-1")...)
	if !strings.Contains(tried.body, "the draft fires on 0") || !strings.Contains(tried.body, "lost 1") {
		t.Errorf("the simulation does not show the difference:\n%s", section(tried.body, "Try it before saving"))
	}
	tested := s.post(t, "/triggers/form", append(edited, "do", "test", "try.ticket", "FLOW-1")...)
	if !strings.Contains(tested.body, "not matched") {
		t.Errorf("the test does not show the verdict:\n%s", section(tested.body, "Try it before saving"))
	}
	if got := s.post(t, trigger, edited...); got.status != http.StatusSeeOther {
		t.Fatalf("saving: status %d\n%s", got.status, got.body)
	}
	if got := s.post(t, trigger, edited...); got.status != http.StatusConflict {
		t.Errorf("saving over another version: status %d", got.status)
	}
	if body := s.get(t, trigger+"/versions").body; !strings.Contains(body, `class="del"`) || !strings.Contains(body, `class="add"`) {
		t.Error("the versions show no difference")
	}
	if got := s.post(t, trigger+"/rollback", "to", "1"); got.status != http.StatusSeeOther {
		t.Errorf("rolling back: status %d", got.status)
	}
	found := stage.Config.Trigger(id)
	if found == nil || found.Version != 3 || found.When.All[1].Group == nil || len(found.When.All[1].Group.Any) != 1 {
		t.Errorf("after rolling back: %+v", found)
	}
}

func section(body, from string) string {
	if i := strings.Index(body, from); i >= 0 {
		return body[i:min(len(body), i+3000)]
	}
	return ""
}

func endpointNamed(t *testing.T, name string) string {
	t.Helper()
	for _, e := range stage.Config.Endpoints(config.DefaultWorkspace) {
		if e.Name == name {
			return e.ID
		}
	}
	t.Fatalf("there is no endpoint %s", name)
	return ""
}

// Faults stand beside the fields, and what was written stays.
func TestFaultsBesideFields(t *testing.T) {
	s := enter(t)
	tests := []struct {
		name, path string
		form       []string
		want       []string
	}{
		{"endpoint", "/endpoints", []string{"system", "superoffice", "name", "", "url", "ftp://x", "timeout_seconds", "soon", "signing.scheme", "superoffice", "auth.type", "none"}, []string{`value="ftp://x"`, `A whole number.`, `value="soon"`}},
		{"endpoint's URL", "/endpoints", []string{"system", "superoffice", "name", "N", "url", "ftp://x", "signing.scheme", "superoffice", "auth.type", "none"}, []string{`id="fault-url"`, `value="ftp://x"`}},
		{"condition", "/triggers", []string{"system", "faveo", "name", "N", "fire", "every", "n.join", "all", "n.0.field", "subject", "n.0.op", "matches", "n.0.value", "([", "then.0.kind", "webhook", "then.0.endpoints", example.Endpoints[1].ID}, []string{`id="n.0.fault"`, `value="(["`}},
		{"action", "/triggers", []string{"system", "faveo", "name", "N", "fire", "every", "n.join", "all", "then.0.kind", "webhook", "then.0.endpoints", example.Endpoints[0].ID}, []string{`class="fault"`}},
		{"token", "/operations/tokens", []string{"name", "x"}, []string{`class="fault"`}},
		{"calendar", "/operations/calendars", []string{"name", "x", "zone", "Nowhere", "tuesday", "soon"}, []string{`class="fault"`, `value="Nowhere" aria-invalid="true"`, `value="soon"`}},
		{"calendar's hours", "/operations/calendars", []string{"name", "x", "zone", "UTC", "monday", "09:00-12:00", "tuesday", "17:00-09:00"}, []string{`value="17:00-09:00" aria-invalid="true"`, `value="09:00-12:00">`}},
		{"calendar's holidays", "/operations/calendars", []string{"name", "x", "zone", "UTC", "holidays", "2026-02-30"}, []string{`class="fault"`, "2026-02-30</textarea>"}},
		{"ticket", "/tickets", []string{"number", strings.Repeat("9", 300), "subject", "kept"}, []string{"Nothing was created", `value="kept"`}},
		{"due date", "/tickets/XSS-1", []string{"do", "due", "value", "soon"}, []string{"Nothing was changed"}},
		{"unknown action", "/tickets/XSS-1", []string{"do", "explode"}, []string{"Nothing was changed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.post(t, tt.path, tt.form...)
			if got.status != http.StatusUnprocessableEntity {
				t.Fatalf("status %d", got.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.body, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
		})
	}
}

func TestLogFaults(t *testing.T) {
	s := enter(t)
	for _, query := range []string{"from=yesterday", "status=999", "status=5xx-1", "outcome=maybe", "attempt=0", "from=2026-02-01&to=2026-01-01"} {
		if got := s.get(t, "/log?"+query); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `class="fault"`) {
			t.Errorf("%s: status %d", query, got.status)
		}
	}
	if got := s.get(t, "/log?cursor=nonsense"); got.status != http.StatusBadRequest {
		t.Errorf("a cursor that is none: status %d", got.status)
	}
}

// The pages of the log hang together: every attempt once, none missing.
func TestLogPages(t *testing.T) {
	s := enter(t)
	seen := map[string]bool{}
	path := "/log?ticket=HDSK-AAAA*&trigger=" + example.Triggers[1].ID
	pages := 0
	for path != "" {
		body := s.get(t, path).body
		for _, row := range strings.Split(body, `id="row-`)[1:] {
			id, _, _ := strings.Cut(row, `"`)
			if seen[id] {
				t.Fatalf("%s stands there twice", id)
			}
			seen[id] = true
		}
		path = ""
		if _, rest, ok := strings.Cut(body, `rel="next" href="`); ok {
			href, _, _ := strings.Cut(rest, `"`)
			path = strings.ReplaceAll(href, "&amp;", "&")
		}
		pages++
	}
	want := 0
	err := stage.Ledger.Export(context.Background(), executionlog.Filter{Workspace: config.DefaultWorkspace, Ticket: "HDSK-AAAA*", Trigger: example.Triggers[1].ID},
		func(*executionlog.Attempt) error { want++; return nil })
	if err != nil || pages < 3 || len(seen) != want {
		t.Errorf("%d attempts on %d pages, want %d (%v)", len(seen), pages, want, err)
	}
}

func TestExport(t *testing.T) {
	s := enter(t)
	table := s.get(t, "/log/export?format=csv&ticket=XSS-1")
	if !strings.HasPrefix(table.body, "id,at,ticket,") || !strings.Contains(table.body, "XSS-1") || !strings.Contains(table.header.Get("Content-Disposition"), ".csv") {
		t.Errorf("CSV: %.200s", table.body)
	}
	lines := s.get(t, "/log/export?format=ndjson&ticket=XSS-1")
	if !strings.HasPrefix(lines.body, `{"id":"att_`) || lines.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("NDJSON: %.200s", lines.body)
	}
	if strings.Count(table.body, "\n") != strings.Count(lines.body, "\n")+1 {
		t.Error("the two exports differ in length")
	}
}

func TestSearchIsSaved(t *testing.T) {
	s := enter(t)
	s.post(t, "/log/searches", "name", "Bad ones", "query", "outcome=failed&nonsense=1")
	body := s.get(t, "/log").body
	if !strings.Contains(body, `href="/log?outcome=failed">Bad ones`) {
		t.Error("the search is not offered")
	}
	_, rest, _ := strings.Cut(body, `name="id" value="sea_`)
	id, _, _ := strings.Cut(rest, `"`)
	s.post(t, "/log/searches/delete", "id", "sea_"+id)
	if strings.Contains(s.get(t, "/log").body, ">Bad ones") {
		t.Error("the deleted search is still offered")
	}
}

func TestReplay(t *testing.T) {
	s := enter(t)
	query := url.Values{"ticket": {"RTL-1"}, "system": {"faveo"}, "event": {"ticket_created"}}.Encode()
	counted := s.get(t, "/replays/new?"+query)
	if !strings.Contains(counted.body, "<strong>1 delivery</strong>") {
		t.Fatalf("the count is not shown:\n%s", section(counted.body, "Bulk replay"))
	}
	if got := s.post(t, "/replays", "query", query, "rate", "fast"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a rate that is none: status %d", got.status)
	}
	if got := s.get(t, "/replays/new"); !strings.Contains(got.body, `name="all"`) {
		t.Error("nobody is asked whether everything is meant")
	}
	if got := s.post(t, "/replays", "query", "", "rate", "100", "count", "7"); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "you mean everything") {
		t.Errorf("everything, and nobody said so: status %d", got.status)
	}
	started := s.post(t, "/replays", "query", query, "rate", "100")
	if started.status != http.StatusSeeOther || !strings.HasPrefix(started.header.Get("Location"), "/replays/rpl_") {
		t.Fatalf("starting: status %d to %s", started.status, started.header.Get("Location"))
	}
	if got := s.get(t, started.header.Get("Location")); got.status != http.StatusOK || !strings.Contains(got.body, "<progress") {
		t.Errorf("progress: status %d", got.status)
	}
	if !strings.Contains(s.get(t, "/replays").body, started.header.Get("Location")) {
		t.Error("the replay is not listed")
	}
}

// Every action of the playground changes the ticket.
func TestPlayground(t *testing.T) {
	s := enter(t)
	s.post(t, "/tickets", "number", "PLAY/1 #?", "subject", "odd number", "status", "Open")
	path := "/tickets/" + url.PathEscape("PLAY/1 #?")
	tests := []struct {
		form []string
		want string
	}{
		{[]string{"do", "reply", "body", "first line\nsecond line", "as", "client"}, "first line\nsecond line"},
		{[]string{"do", "note", "body", "a note of mine", "as", "agent"}, "a note of mine"},
		{[]string{"do", "status", "value", "Pending"}, `<span class="tag">Pending</span>`},
		{[]string{"do", "priority", "value", "High"}, "<dt>Priority</dt><dd>High</dd>"},
		{[]string{"do", "assign", "name", "Rosa Agent"}, "Rosa Agent"},
		{[]string{"do", "owner", "name", "Otto Owner"}, "Otto Owner"},
		{[]string{"do", "tags", "value", "vip, loud"}, `<span class="tag">loud</span>`},
		{[]string{"do", "category", "value", "Hardware/Printers"}, "Hardware/Printers"},
		{[]string{"do", "department", "value", "Sales"}, "<dt>Department</dt><dd>Sales</dd>"},
		{[]string{"do", "due", "value", "2030-01-02T03:04"}, "2030-01-02 03:04:00.000 UTC"},
	}
	for _, tt := range tests {
		if got := s.post(t, path, tt.form...); got.status != http.StatusSeeOther {
			t.Fatalf("%v: status %d\n%s", tt.form, got.status, section(got.body, "Nothing was"))
		}
		if !strings.Contains(s.get(t, path).body, tt.want) {
			t.Errorf("after %v the page lacks %q", tt.form, tt.want)
		}
	}
	if got := s.post(t, path, "do", "delete"); got.header.Get("Location") != "/tickets" {
		t.Errorf("deleting leads to %s", got.header.Get("Location"))
	}
	if !strings.Contains(s.get(t, path).body, "deleted") {
		t.Error("the ticket does not say that it is deleted")
	}
}

func TestEndpointLife(t *testing.T) {
	s := enter(t)
	made, err := stage.Endpoint("Life", "superoffice", "/ok/life")
	if err != nil {
		t.Fatal(err)
	}
	path := "/endpoints/" + made.ID
	for state, badge := range map[string]string{"paused": "is-paused", "disabled": "is-disabled", "active": "is-active"} {
		s.post(t, path+"/state", "state", state)
		if !strings.Contains(s.get(t, path).body, badge) {
			t.Errorf("after %s the page lacks %s", state, badge)
		}
	}
	if got := s.post(t, path+"/state", "state", "gone"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown state: status %d", got.status)
	}
	if got := s.post(t, path+"/rotate", "hours", "2"); got.status != http.StatusOK || !strings.Contains(got.body, "It is shown only this once") {
		t.Errorf("rotating: status %d", got.status)
	}
	tested := s.post(t, path+"/test", "event", "ticket.created")
	if tested.status != http.StatusSeeOther || !strings.HasPrefix(tested.header.Get("Location"), "/deliveries/dlv_") {
		t.Errorf("testing: status %d to %s", tested.status, tested.header.Get("Location"))
	}
	if got := s.post(t, path, "system", "superoffice", "name", "Life, renamed", "url", stage.Receiver.URL+"/ok/life", "allow_http", "true", "version", "1", "signing.scheme", "superoffice", "auth.type", "none"); got.status != http.StatusConflict {
		t.Errorf("saving over another version: status %d", got.status)
	}
	if got := s.post(t, path+"/delete"); got.header.Get("Location") != "/endpoints" {
		t.Errorf("deleting: status %d", got.status)
	}
	if got := s.post(t, "/endpoints/"+example.Endpoints[0].ID+"/delete"); got.status != http.StatusConflict {
		t.Errorf("deleting one that is in use: status %d", got.status)
	}
}

// Whoever makes an asymmetric key is given the half for the receiver, too.
func TestPublicKeyIsShown(t *testing.T) {
	s := enter(t)
	made, err := stage.Endpoint("Asymmetric", "supportservice", "/ok/asymmetric")
	if err != nil {
		t.Fatal(err)
	}
	path := "/endpoints/" + made.ID
	if got := s.post(t, path, "system", "supportservice", "name", "Asymmetric", "url", stage.Receiver.URL+"/ok/asymmetric", "allow_http", "true",
		"version", strconv.Itoa(made.Version), "signing.scheme", "standard-v1a", "auth.type", "none"); got.status >= http.StatusBadRequest {
		t.Fatalf("choosing the scheme: status %d\n%s", got.status, got.body)
	}
	got := s.post(t, path+"/rotate", "hours", "0")
	private := regexp.MustCompile(`whsk_[A-Za-z0-9/]`).FindString(got.body)
	if private == "" || !strings.Contains(got.body, "whpk_") || strings.Contains(got.body, "Put it into the receiver") {
		t.Errorf("status %d; private key shown: %v, public: %v", got.status, private != "", strings.Contains(got.body, "whpk_"))
	}
}
