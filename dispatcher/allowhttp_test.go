package dispatcher_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// Outside of development mode a URL without TLS is posted to where the system
// or the endpoint allows it, which is where it could be saved.
func TestURLsWithoutTLS(t *testing.T) {
	for name, want := range map[string]struct {
		system, revision string
		allowed          bool
		outcome          executionlog.Outcome
	}{
		"Faveo has them":                            {"faveo", "json", false, executionlog.Succeeded},
		"Support Service has them":                  {"supportservice", "seed", false, executionlog.Succeeded},
		"agency tickets want TLS":                   {"agency", "", false, executionlog.Failed},
		"agency tickets, an administrator says yes": {"agency", "", true, executionlog.Succeeded},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, nil)
			e := r.endpoint("a", func(e *triggers.Endpoint) {
				e.System, e.Revision, e.AllowHTTP = want.system, want.revision, want.allowed
			})
			config := newConfiguration(e)
			config.setTriggers(trigger(t, trgA, `{"name": "all", "system": "`+want.system+`", "then": []}`, e))
			ledger := memory.New()
			d := runWith(t, ledger, config, "", func(o *dispatcher.Options) { o.AllowHTTP = false })
			receipt := accepted(t, d, created)
			if len(receipt.Deliveries) != 1 {
				t.Fatalf("%d deliveries", len(receipt.Deliveries))
			}
			eventually(t, func() bool {
				attempts, err := ledger.Attempts(t.Context(), workspace, receipt.Deliveries[0])
				if err != nil {
					t.Fatal(err)
				}
				if len(attempts) == 0 {
					return false
				}
				if got := attempts[0]; got.Outcome != want.outcome {
					t.Errorf("%s: %s", got.Outcome, got.Error)
				}
				return true
			})
		})
	}
}
