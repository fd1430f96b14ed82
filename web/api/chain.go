package api

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	tagged "github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ChainHeader is what requests carry that are part of something larger.
type ChainHeader struct {
	Chain string `header:"Webhook-Chain" doc:"As a delivery carried it, when the request is its consequence; it continues the causal chain, in which a trigger fires once for a ticket"`
	Trace string `header:"traceparent" doc:"W3C Trace Context: what follows from the request belongs to the caller's trace. What cannot be read is ignored"`
}

// join returns a context whose changes belong to the caller's trace.
func (h ChainHeader) join(ctx context.Context) context.Context {
	if trace, ok := dispatcher.ParseTraceParent(h.Trace); ok {
		return dispatcher.WithTrace(ctx, trace)
	}
	return ctx
}

var chainID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// maxChainDepth is the deepest chain that a header may claim.
const maxChainDepth = 1_000_000

// chain returns the chain that a request continues, one step deeper than the
// delivery that led to it; nil where the header is missing.
func (h ChainHeader) chain() (*ticket.Chain, error) {
	if h.Chain == "" {
		return nil, nil //nolint:nilnil // no header is no chain, and no error
	}
	id, text, ok := strings.Cut(h.Chain, ";")
	depth, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(text), "depth="))
	id = strings.TrimSpace(id)
	if !ok || err != nil || depth < 0 || depth > maxChainDepth || !chainID.MatchString(id) {
		p := problem(http.StatusBadRequest, "the header Webhook-Chain must be as a delivery carried it, such as chn_01c3vq0rk8g7a;depth=1")
		p.Errors = []ProblemField{{Location: "header.Webhook-Chain", Path: "Webhook-Chain", Message: "must be an id, a semicolon and a depth"}}
		return nil, p
	}
	return &ticket.Chain{ID: id, Depth: depth + 1}, nil
}

// submit hands changes to the desk, as part of a chain where there is one.
//
// An id that was accepted before is answered with what was accepted then, also
// where the change cannot be made a second time: a ticket is created once, a
// reply deleted once.
func (a *api) submit(ctx context.Context, workspace string, chain *ticket.Chain, inputs []*ticket.Input) []dispatcher.Submitted {
	var results []dispatcher.Submitted
	if chain == nil {
		results = a.Desk.Submit(ctx, workspace, inputs)
	} else {
		for _, in := range inputs { // each has to know what those before it fired
			results = append(results, a.continueChain(ctx, workspace, *chain, in))
		}
	}
	for i := range results {
		if results[i].Err == nil || i >= len(inputs) || inputs[i].ID == "" {
			continue
		}
		if change, err := a.Ledger.ChangeByKey(ctx, workspace, inputs[i].ID); err == nil {
			results[i].Err = &executionlog.DuplicateError{ChangeID: change}
		}
	}
	return results
}

// continueChain submits a change that follows from a delivery. Its trigger, and
// all others that fired for the ticket in the chain, do not fire again.
func (a *api) continueChain(ctx context.Context, workspace string, chain ticket.Chain, in *ticket.Input) dispatcher.Submitted {
	defer a.echoes.lock(workspace, in.Ticket.Number)()
	fired, err := a.firedIn(ctx, workspace, chain.ID, in.Ticket.Number)
	if err != nil {
		return dispatcher.Submitted{Err: fmt.Errorf("read what fired in the chain: %w", err)}
	}
	chain.Fired, in.Chain = fired, &chain
	results := a.Desk.Submit(ctx, workspace, []*ticket.Input{in})
	if len(results) != 1 {
		return dispatcher.Submitted{Err: fmt.Errorf("submit change: %d results for one input", len(results))}
	}
	return results[0]
}

// chainPages and chainPage bound how many of a ticket's changes are looked
// through for those of a chain: far more than happen between a delivery and
// what its receiver makes of it.
const (
	chainPages = 4
	chainPage  = 250
)

// firedIn returns the triggers that a chain fired for a ticket.
func (a *api) firedIn(ctx context.Context, workspace, chain, number string) ([]string, error) {
	if number == "" { // a ticket without a number is a new one
		return nil, nil
	}
	query := executionlog.ChangeQuery{Workspace: workspace, Ticket: number, From: chainBegan(chain), Limit: chainPage}
	var fired []string
	for range chainPages {
		found, err := a.Ledger.Changes(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, change := range found.Items {
			if change.Chain == chain {
				fired = append(fired, change.Fired...)
			}
		}
		if found.Next == "" {
			break
		}
		query.Cursor = found.Next
	}
	return fired, nil
}

// chainBegan returns a time before which nothing belongs to a chain, zero where
// its id does not tell. Clocks of processes may differ, by less than a minute.
func chainBegan(chain string) time.Time {
	number, err := tagged.Parse(tagged.Chain, chain[:min(len(chain), len(tagged.Format(tagged.Chain, 0)))])
	if err != nil {
		return time.Time{}
	}
	return tagged.Time(number).Add(-time.Minute)
}

// echoLocks make changes that continue chains wait for each other, ticket by
// ticket: two that come at the same time would not know what the other fires.
type echoLocks struct {
	seed  maphash.Seed
	locks [64]sync.Mutex
}

func newEchoLocks() *echoLocks { return &echoLocks{seed: maphash.MakeSeed()} }

func (e *echoLocks) lock(workspace, number string) (unlock func()) {
	lock := &e.locks[maphash.String(e.seed, workspace+"\x00"+number)%uint64(len(e.locks))]
	lock.Lock()
	return lock.Unlock
}
