package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/ticket"
	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

// unhurried is a ledger that takes its time for each page of a simulation.
type unhurried struct {
	executionlog.Ledger
	pause time.Duration
}

func (s unhurried) Changes(ctx context.Context, query executionlog.ChangeQuery) (executionlog.Page[*executionlog.Change], error) {
	if query.Oldest {
		select {
		case <-time.After(s.pause):
		case <-ctx.Done():
		}
	}
	return s.Ledger.Changes(ctx, query)
}

// simulatedSite is a console over so many stored changes, and a trigger that
// half of them fired.
func simulatedSite(t *testing.T, pause time.Duration, count int) (s *site, trigger string) {
	t.Helper()
	own, err := consoletest.NewOn(unhurried{memory.New(), pause}, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	endpoint, err := own.Endpoint("Receiver", "faveo", "/ok/receiver")
	if err != nil {
		t.Fatal(err)
	}
	made, err := own.Trigger(`{"name": "New ones", "system": "faveo", "enabled": true, "on": ["ticket_created"],
		"when": {"all": [{"field": "priority", "op": "is", "value": "Never"}]}, "then": [{"webhook": {"endpoint": "%s"}}]}`, endpoint)
	if err != nil {
		t.Fatal(err)
	}
	inputs := make([]*ticket.Input, count)
	for i := range inputs {
		priority := []string{"High", "Low"}[i%2]
		if inputs[i], err = ticket.DecodeInput(fmt.Appendf(nil, `{"ticket": {"number": "SIM-%d", "subject": "Printer", "priority": %q}}`, i, priority)); err != nil {
			t.Fatal(err)
		}
	}
	for _, submitted := range own.Desk.Submit(t.Context(), own.By.Workspace, inputs) {
		if submitted.Err != nil {
			t.Fatal(submitted.Err)
		}
	}
	return openStage(t, own), "/triggers/" + made.ID
}

// A long simulation shows how far it is, goes back to the editor with its
// draft, and can be stopped.
func TestBrowserSimulation(t *testing.T) {
	s, trigger := simulatedSite(t, 300*time.Millisecond, 4000)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, trigger+"/edit")
	eval[bool](t, b, `(document.querySelector('[name="n.0.value"]').value = "High", true)`)
	b.run(t, chromedp.Click(chromedp.CSS(`button[value="simulate"]`)))
	b.waitFor(t, `location.pathname.startsWith("/simulations/sim_") && document.querySelector("#live").innerText.includes("of 4,000 changes")`)
	b.waitFor(t, `(v => v > 0 && v < 100)(document.querySelector("progress").value)`)
	b.waitFor(t, `document.querySelector("#live").innerText.includes("the draft fires on 2,000, the version in force on 0. Gained 2,000, lost 0")`)
	if eval[bool](t, b, `!!document.querySelector("#live button.danger") || !!document.querySelector("#live[hx-get]")`) {
		t.Error("what is done can be stopped, or is asked for again")
	}
	b.check(t, "watching a simulation")
	b.run(t, chromedp.Click(chromedp.CSS(`.page-head a.button`)))
	b.waitFor(t, `location.pathname === "`+trigger+`/edit" && document.querySelector('[name="n.0.value"]').value === "High" && document.querySelector("#try").innerText.includes("Gained 2,000")`)

	b.run(t, chromedp.Click(chromedp.CSS(`button[value="simulate"]`)))
	b.waitFor(t, `document.querySelector("#live button.danger")`)
	b.run(t, chromedp.Click(chromedp.CSS(`#live button.danger`)))
	b.waitFor(t, `document.body.innerText.includes("Stopped the simulation.") && document.querySelector("#live").innerText.includes("cancelled")`)
	b.check(t, "stopping a simulation")
}

// Without a script the page loads itself again until the simulation is over.
func TestBrowserSimulationWithoutScripts(t *testing.T) {
	s, trigger := simulatedSite(t, 300*time.Millisecond, 2500)
	b := browse(t, s.URL)
	b.signIn(t)
	b.call(t, func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})
	b.open(t, trigger+"/edit")
	b.run(t, chromedp.Click(chromedp.CSS(`button[value="simulate"]`)))
	text := ""
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(text, "the draft fires on 0"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the page never shows the result:\n%s", text)
		}
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		if found, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body"))); err == nil { // else it is just loading
			text = found
		}
		cancel()
	}
	b.check(t, "without scripts")
}

func TestSimulationPages(t *testing.T) {
	s, trigger := simulatedSite(t, 0, 2100)
	s.signIn(t)
	id := strings.TrimPrefix(trigger, "/triggers/")
	form := []string{"id", id, "version", "1", "system", "faveo", "name", "Draft of mine", "n.join", "all", "do", "simulate"}
	started := s.post(t, "/triggers/form", form...)
	path := started.header.Get("Location")
	if started.status != http.StatusSeeOther || !strings.HasPrefix(path, "/simulations/sim_") {
		t.Fatalf("starting: status %d to %s\n%s", started.status, path, section(started.body, "Try it before saving"))
	}
	over := answer{}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(over.body, "is-done"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never ends:\n%s", section(over.body, "Simulation"))
		}
		over = s.get(t, path)
	}
	for _, want := range []string{"Simulation of Draft of mine", "the draft fires on 2,100", "/edit?draft=sim_"} {
		if !strings.Contains(over.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	checkMarkup(t, over.body)
	if list := s.get(t, "/simulations"); !strings.Contains(list.body, path) || !strings.Contains(list.body, "Draft of mine") {
		t.Error("the simulation is not listed")
	}
	if got := s.get(t, trigger+"/edit?draft="+strings.TrimPrefix(path, "/simulations/")); !strings.Contains(got.body, "Draft of mine") {
		t.Error("the draft is not in the editor again")
	}
	if got := s.post(t, path+"/cancel"); got.status != http.StatusConflict {
		t.Errorf("stopping what is over: status %d", got.status)
	}
	for _, path := range []string{"/simulations/sim_0000000000000", "/triggers/new?draft=sim_0000000000000", trigger + "/edit?draft=sim_0000000000000"} {
		if got := s.get(t, path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}
