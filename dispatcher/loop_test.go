package dispatcher_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// A receiver that changes the ticket because of each webhook, and says so by
// sending the chain back, is stopped once each trigger has fired in the chain;
// the log says why.
func TestAnEchoingReceiverIsStopped(t *testing.T) {
	var d *desk
	var echoes atomic.Int64
	echo := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		chain, depth, _ := strings.Cut(r.Header.Get(dispatcher.ChainHeader), ";depth=")
		n, err := strconv.Atoi(depth)
		if err != nil || r.Header.Get(dispatcher.TraceHeader) == "" {
			t.Errorf("delivery without a chain: %v", r.Header)
			return
		}
		in := input(t, fmt.Sprintf(`{"ticket": {"number": "T-1", "status": %q}}`, []string{"Open", "Closed"}[echoes.Add(1)%2]))
		in.Chain = &ticket.Chain{ID: chain, Depth: n + 1}
		if result := d.Submit(r.Context(), workspace, []*ticket.Input{in})[0]; result.Err != nil {
			t.Error(result.Err)
		}
	}))
	t.Cleanup(echo.Close)
	e := (&receiver{Server: echo}).endpoint("a", func(e *triggers.Endpoint) { e.System, e.Revision = "supportservice", "seed" })
	config := newConfiguration(e)
	rule := `{"name": %q, "system": "supportservice", "when": {"all": [{"field": "status", "op": "changed_to", "value": %q}]}, "then": []}`
	config.setTriggers(
		trigger(t, trgA, fmt.Sprintf(rule, "opened", "Open"), e),
		trigger(t, trgB, fmt.Sprintf(rule, "closed", "Closed"), e))
	d = run(t, memory.New(), config, "")
	accepted(t, d, created)

	var last triggers.Verdict
	eventually(t, func() bool {
		explained, err := d.Explain(t.Context(), workspace, "T-1", "")
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range explained.Changes {
			for _, v := range change.Verdicts {
				if v.Verdict == triggers.Suppressed {
					last = v
				}
			}
		}
		return last.Code != ""
	})
	if last.Code != triggers.CodeLoopRepeat || last.Reason == "" {
		t.Errorf("stopped by %+v", last)
	}
	// An echo is submitted before its webhook is answered: when nothing is
	// pending any more, nothing follows.
	eventually(t, func() bool {
		waiting, err := d.ledger.Waiting(t.Context())
		return err == nil && len(waiting) == 0
	})
	if after := echoes.Load(); after > 3 {
		t.Errorf("%d echoes", after)
	}
}

// Echoes of one chain that reach two processes at the same time fire a trigger
// once for a ticket: the ledger refuses one of them, and what was planned anew
// knows what the other fired.
func TestEchoesAtTheSameTimeFireOnce(t *testing.T) {
	ledger := memory.New()
	silent := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(silent.Close)
	e := (&receiver{Server: silent}).endpoint("a", func(e *triggers.Endpoint) { e.System, e.Revision = "supportservice", "seed" })
	config := newConfiguration(e)
	config.setTriggers(trigger(t, trgA, `{"name": "changed", "system": "supportservice", "when": {"all": [{"field": "subject", "op": "changed"}]}, "then": []}`, e))
	desks := [2]*desk{run(t, ledger, config, ""), run(t, ledger, config, "")}
	for n := range 40 {
		var fired atomic.Int64
		var both sync.WaitGroup
		for i, d := range desks {
			echo := input(t, fmt.Sprintf(`{"ticket": {"number": "T-%d", "subject": "%d"}}`, n, i))
			echo.Chain = &ticket.Chain{ID: fmt.Sprintf("theirs-%d", n), Depth: 1}
			both.Go(func() {
				result := d.Submit(t.Context(), workspace, []*ticket.Input{echo})[0]
				if result.Err != nil {
					t.Error(result.Err)
				}
				fired.Add(int64(len(result.Receipt.Fired)))
			})
		}
		both.Wait()
		if fired.Load() != 1 {
			t.Fatalf("ticket %d: fired %d times", n, fired.Load())
		}
	}
}
