package console_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// fill replaces what a field holds, as a person does who types into it.
func (b *browser) fill(t *testing.T, selector, value string) {
	t.Helper()
	eval[bool](t, b, `(() => { const f = document.querySelector(`+quote(selector)+`); f.focus(); f.value = `+quote(value)+
		`; f.dispatchEvent(new Event("input", {bubbles: true})); f.dispatchEvent(new Event("change", {bubbles: true})); return true })()`)
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// press clicks something and waits until the page that it leads to is true.
func (b *browser) press(t *testing.T, selector, until string) {
	t.Helper()
	b.run(t, chromedp.Click(chromedp.CSS(selector)))
	b.waitFor(t, until)
}

// newest is the newest change on a ticket's page, with what it caused.
const newest = `(document.querySelector("#caused .timeline > li")?.innerText ?? "")`

// Every action of the playground changes the ticket, and the webhooks that it
// caused land beside it.
func TestBrowserPlayground(t *testing.T) {
	b := browse(t, open(t).URL)
	b.signIn(t)
	b.open(t, "/tickets/new")
	b.fill(t, "#subject", "acted upon")
	b.fill(t, "#number", "ACT-1")
	b.press(t, "form.card button.primary", `location.pathname === "/tickets/ACT-1" && document.body.innerText.includes("Created the ticket")`)
	b.waitFor(t, newest+`.includes("ticket_created")`)
	actions := []struct {
		name, as, field, value, button string
		shows, causes                  string
	}{
		{"the client's reply", "client", "#body", "it is broken again", "reply", "it is broken again", "ticket_commented"},
		{"an agent's reply", "agent", "#body", "which one is it?", "reply", "which one is it?", "ticket_reply"},
		{"a private note", "agent", "#body", "seen this before", "note", "note, private", "note"},
		{"a public note", "agent", "#body", "known to us", "public-note", "known to us", "note"},
		{"the status", "agent", "#status", "Pending", "status", "Pending", "ticket_status_updated"},
		{"the assignee", "agent", "#assign", "Rosa Agent", "assign", "Rosa Agent", "ticket_assigned"},
		{"the due date", "agent", "#due", "2031-05-07T11:17", "due", "2031-05-07 11:17", "ticket_due_date_updated"},
		{"the owner", "agent", "#owner", "Otto Owner", "owner", "Otto Owner", "ticket_owner_updated"},
		{"the department", "agent", "#department", "Sales", "department", "Sales", "ticket_department_updated"},
		{"the tags", "client", "#tags", "vip, loud", "tags", "loud", "ticket.changed"},
		{"the category", "agent", "#category", "Hardware/Printers", "category", "Hardware/Printers", "ticket.changed"},
		{"the priority", "agent", "#priority", "High", "priority", "High", "ticket.changed"},
	}
	for _, action := range actions {
		b.open(t, "/tickets/ACT-1?as="+action.as)
		b.fill(t, action.field, action.value)
		b.press(t, `button[value="`+action.button+`"]`, `document.querySelector(".flash.good") && location.search === "?as=`+action.as+`"`)
		b.waitFor(t, newest+".includes("+quote(action.causes)+") && /\\b(200|503|400)\\b/.test("+newest+")")
		if text := eval[string](t, b, `document.querySelector("main").innerText`); !strings.Contains(text, action.shows) {
			t.Errorf("after %s the page lacks %q:\n%s", action.name, action.shows, text)
		}
		if by := eval[string](t, b, newest); !strings.Contains(by, "by Playground "+action.as) {
			t.Errorf("%s was not by the %s: %s", action.name, action.as, by)
		}
	}
	b.check(t, "acting on a ticket")

	eval[bool](t, b, `(window.stayed = true)`)
	enter(t).post(t, "/tickets/ACT-1", "do", "status", "value", "Closed")
	b.waitFor(t, newest+`.includes("ticket_status_updated") && document.querySelectorAll("#caused .timeline > li").length === `+strconv.Itoa(len(actions)+2))
	if !eval[bool](t, b, `window.stayed === true`) {
		t.Error("the page was loaded anew to show what landed")
	}
	b.press(t, `button[value="delete"]`, `location.pathname === "/tickets"`)
	b.check(t, "watching a ticket")
}

// A calendar is made, used by a condition and deleted.
func TestBrowserCalendar(t *testing.T) {
	s, own := onOwnStage(t)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/operations/calendars")
	b.fill(t, "#name", "Night shift")
	b.fill(t, "#zone", "Asia/Tokyo")
	b.fill(t, "#friday", "06:00-08:00, 22:00-23:30")
	b.fill(t, "#holidays", "2031-01-01")
	b.press(t, "#form button.primary", `document.body.innerText.includes("Saved the calendar") && document.body.innerText.includes("Asia/Tokyo")`)
	b.press(t, `a[href^="/operations/calendars?edit="]`, `document.querySelector("#friday").value === "06:00-08:00, 22:00-23:30"`)
	b.fill(t, "#monday", "")
	b.press(t, "#form button.primary", `document.body.innerText.includes("Saved the calendar")`)
	list := own.Config.CalendarList(config.DefaultWorkspace)
	if len(list) != 1 || len(list[0].Hours) != 5 || list[0].Hours[4].To != "23:30" {
		t.Fatalf("calendars %+v", list)
	}
	b.open(t, "/triggers/new?system=faveo")
	b.press(t, `button[value="add-leaf:n"]`, `document.querySelector('[name="n.0.field"]')`)
	b.waitCalm(t, `true`)
	b.fill(t, `[name="n.0.field"]`, "created_at")
	b.waitCalm(t, `[...(document.querySelector('[name="n.0.op"]')?.options ?? [])].some(o => o.value === "in_business_hours")`)
	b.fill(t, `[name="n.0.op"]`, "in_business_hours")
	b.waitCalm(t, `[...(document.querySelector('[name="n.0.calendar"]')?.options ?? [])].some(o => o.text === "Night shift")`)
	b.open(t, "/operations/calendars")
	b.press(t, `form[action="/operations/calendars/delete"] button`, `document.body.innerText.includes("Deleted the calendar")`)
	b.check(t, "keeping a calendar")
}

// An administrator goes to another workspace, sees nothing of the first, and
// comes back.
func TestBrowserWorkspaces(t *testing.T) {
	s, own := onOwnStage(t)
	if _, err := own.Endpoint("Of the first", "faveo", "/ok"); err != nil {
		t.Fatal(err)
	}
	if _, err := own.Config.CreateWorkspace(t.Context(), own.By, config.WorkspaceInput{Name: "north", Title: "The north"}); err != nil {
		t.Fatal(err)
	}
	b := browse(t, s.URL)
	b.signIn(t)
	const side = `document.querySelector(".wide-only .side-foot").innerText`
	for _, w := range []struct {
		name string
		sees bool
	}{{"north", false}, {config.DefaultWorkspace, true}} {
		b.open(t, "/operations/workspaces")
		b.press(t, `button[name="name"][value="`+w.name+`"]`, side+`.includes(`+quote("Workspace "+w.name)+`)`)
		b.open(t, "/endpoints")
		if sees := eval[bool](t, b, `document.body.innerText.includes("Of the first")`); sees != w.sees {
			t.Errorf("in %s the endpoint of the first workspace is seen: %v", w.name, sees)
		}
	}
	b.check(t, "switching workspaces")
}

// A file of configuration is planned and applied; what is wrong with one
// stands there with its line, while what was typed stays.
func TestBrowserConfiguration(t *testing.T) {
	s, own := onOwnStage(t)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/operations/configuration")
	b.fill(t, "#values", "STOCK_SECRET=a-secret-of-mine-1")
	b.fill(t, "#text", strings.Replace(stockFile, "https://stock", "ftp://stock", 1))
	b.run(t, chromedp.Click(chromedp.CSS(`[name="skip_handshake"]`)))
	b.press(t, `button[value="plan"]`, `document.querySelector("#plan").innerText.includes("Line 4, column")`)
	b.fill(t, "#text", stockFile)
	b.press(t, `button[value="plan"]`, `document.querySelector("#plan").innerText.includes("2 parts differ")`)
	if kept := eval[string](t, b, `document.querySelector("#values").value`); kept != "STOCK_SECRET=a-secret-of-mine-1" {
		t.Errorf("planning left %q of the values", kept)
	}
	b.examine(t, "the plan")
	b.waitCalm(t, `document.querySelector('button[value="apply"]')`)
	b.press(t, `button[value="apply"]`, `document.querySelector("#carried").innerText.includes("Applied")`)
	if n := len(own.Config.Triggers(config.DefaultWorkspace)); n != 1 {
		t.Errorf("%d triggers", n)
	}
	b.check(t, "applying a file")
}

// The doctor says what a receiver did wrong with a delivery's signature.
func TestSignatureDoctor(t *testing.T) {
	s := enter(t)
	delivery := s.first(t, "/log?ticket=XSS-1&system=agency", `/deliveries/dlv_[0-9a-z]+`)
	body := s.get(t, delivery).body
	for _, want := range []string{"Step by step", "Signed content", "Expected signature", "The signature is right"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, section(body, `id="signature"`))
		}
	}
	tests := []struct {
		name string
		form []string
		want string
	}{
		{"another secret", []string{"secret", "not-the-secret-at-all"}, "secret"},
		{"another body", []string{"body", `{"event_id": "changed"}`}, "body"},
		{"nonsense", []string{"computed", "<b>abc</b>"}, "&lt;b&gt;"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.post(t, delivery+"/doctor", tt.form...)
			if got.status != http.StatusOK || !strings.Contains(got.body, "What your receiver made of it") || !strings.Contains(got.body, tt.want) {
				t.Errorf("status %d:\n%s", got.status, section(got.body, `id="signature"`))
			}
			if strings.Contains(got.body, "not-the-secret-at-all") {
				t.Error("the page shows the secret")
			}
		})
	}
}

// A bulk replay is counted, started and watched until it is done.
func TestBrowserReplay(t *testing.T) {
	b := browse(t, open(t).URL)
	b.signIn(t)
	b.open(t, "/log?ticket=4478963&system=socialboards")
	b.run(t, chromedp.Click(chromedp.CSS("details.card > summary")))
	b.press(t, `form[action="/replays/new"] button`, `location.pathname === "/replays/new"`)
	b.press(t, `form[action="/replays"] button.primary`, `location.pathname.startsWith("/replays/rpl_")`)
	b.waitFor(t, `document.querySelector("#live .badge").innerText === "done"`)
	b.check(t, "replaying")
}

// An edit is compared with the version before it, and rolled back.
func TestBrowserVersions(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Versioned", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	trigger, err := own.Trigger(`{"name": "First name", "system": "faveo", "enabled": true, "when": {"all": [{"field": "status", "op": "is", "value": "Open"}]}, "then": [{"webhook": {"endpoint": "%s"}}]}`, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/triggers/"+trigger.ID+"/edit")
	b.fill(t, "#name", "Second name")
	b.press(t, "#editor > .row button.primary", `location.pathname === "/triggers/`+trigger.ID+`" && document.querySelector("h1").innerText === "Second name"`)
	b.open(t, "/triggers/"+trigger.ID+"/versions")
	if diff := eval[string](t, b, `document.querySelector(".diff").innerText`); !strings.Contains(diff, `- "First name"`) || !strings.Contains(diff, `+ "Second name"`) {
		t.Errorf("the difference is %q", diff)
	}
	b.press(t, `form[action$="/rollback"] button`, `document.body.innerText.includes("Version 1 is in force again, as version 3")`)
	if found := own.Config.Trigger(trigger.ID); found.Version != 3 || found.Name != "First name" {
		t.Errorf("version %d is named %s", found.Version, found.Name)
	}
	b.check(t, "rolling back")
}

// A secret is shown once; after a rotation both sign for a while.
func TestBrowserSecrets(t *testing.T) {
	s, _ := onOwnStage(t)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/endpoints/new?system=agency")
	b.fill(t, "#in-name", "Secretive")
	b.fill(t, "#in-url", "https://receiver.example/hook")
	b.press(t, `form[action="/endpoints"] button.primary`, `document.querySelector("#secret")`)
	first := eval[string](t, b, `document.querySelector("#secret").innerText`)
	page := eval[string](t, b, `document.querySelector('form[action$="/rotate"]').getAttribute("action").replace("/rotate", "")`)
	b.open(t, page)
	if eval[bool](t, b, `document.body.innerText.includes(`+quote(first)+`)`) {
		t.Error("the secret is shown again")
	}
	b.fill(t, "#hours", "12")
	b.press(t, `form[action$="/rotate"] button`, `document.querySelector("#secret") && document.body.innerText.includes("signs until")`)
	if second := eval[string](t, b, `document.querySelector("#secret").innerText`); second == first {
		t.Error("the rotation made no other secret")
	}
	b.check(t, "rotating a secret")
}
