package dispatcher

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// limitsPatience bounds how long weighing an endpoint may take.
const limitsPatience = 10 * time.Second

// limits disables endpoints whose receiver said that it is gone, or failed as
// often in a row as its system allows, and warns on the way there. How often
// that was the ledger says, so that neither a restart nor a report that got
// lost forgives a failure.
type limits struct {
	ledger  executionlog.Ledger
	config  Configuration
	systems *systems.Registry
	log     *slog.Logger
	// announce tells of an endpoint that was disabled, or soon will be.
	announce func(StateChange)
	// counted is told how many attempts of an endpoint failed in a row.
	counted func(endpoint string, failures int)

	// disabling is held while an endpoint is disabled: of several attempts
	// that end at the same time one does it, and announces it.
	disabling sync.Mutex

	mu     sync.Mutex
	since  time.Time           // when this process began to feed
	warned map[string]lastWarn // by endpoint
}

// lastWarn is the last warning about an endpoint.
type lastWarn struct {
	first string // of the attempts in a row that failed
	share int    // of the way to disabling, in percent; 0 for no warning yet
}

// warnAt are the shares of the way to disabling, in percent, that are worth a warning.
var warnAt = []int{90, 75, 50}

// shareOf returns which of the shares so many failures have reached, 0 for none.
func shareOf(failures, most int) int {
	for _, at := range warnAt {
		if 100*failures >= at*most {
			return at
		}
	}
	return 0
}

// feedsSince tells when this process began to feed: what failed before has
// been weighed by the one that did then.
func (m *limits) feedsSince(at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since, m.warned = at, map[string]lastWarn{}
}

// weigh returns what has to be done about attempts that ended; the caller does
// it without locks.
func (m *limits) weigh(ends []Report) []func() {
	var measures []func()
	failed := map[string]bool{}
	for _, end := range ends {
		if end.Gone {
			measures = append(measures, m.disable(end, StateChange{State: StateDisabled, Reason: "the receiver answered 410 Gone"}))
			continue
		}
		system := m.systems.Lookup(end.System)
		if system == nil || end.Effect == EffectSuccess || end.Stale || end.Held || end.Full || failed[end.Endpoint] {
			continue
		}
		if most := system.Sheet().Policy.DisableAfter; most > 0 {
			failed[end.Endpoint] = true // once for all that ended together
			measures = append(measures, func() { m.count(end, most) })
		}
	}
	return measures
}

// count disables an endpoint, or warns, if enough of its attempts failed in a row.
func (m *limits) count(end Report, most int) {
	row, err := m.inARow(end, most)
	if err != nil {
		m.log.Error("counting the failures of an endpoint failed", "endpoint_id", end.Endpoint, "error", err) // the next one counts again
		return
	}
	failures := len(row)
	m.counted(end.Endpoint, failures)
	reason := fmt.Sprintf("%d attempts in a row failed, the last with: %s", failures, end.Error)
	switch {
	case failures >= most:
		m.disable(end, StateChange{State: StateFailing, Failures: failures, DisabledAt: most, Reason: reason})()
	case failures > 0 && !end.Announcement && m.shouldWarn(end.Endpoint, row, most):
		m.log.Warn("an endpoint fails", "endpoint_id", end.Endpoint, "failures", failures, "disabled_at", most)
		m.announce(StateChange{
			Workspace: end.Workspace, Endpoint: end.Endpoint, State: StateWarning, Failures: failures, DisabledAt: most, Reason: reason,
		})
	}
}

// inARow returns the newest attempts of an endpoint, newest first, until one
// that succeeded, and since somebody changed its state last; at most so many.
func (m *limits) inARow(end Report, most int) ([]*executionlog.Attempt, error) {
	filter := executionlog.Filter{Workspace: end.Workspace, Endpoint: end.Endpoint}
	if endpoint := m.config.Endpoint(end.Endpoint); endpoint != nil {
		filter.From = endpoint.StateSince
	}
	ctx, cancel := context.WithTimeout(context.Background(), limitsPatience)
	defer cancel()
	page, err := m.ledger.Executions(ctx, filter, most, "")
	if err != nil {
		return nil, fmt.Errorf("read the newest attempts: %w", err)
	}
	for i, attempt := range page.Items {
		if attempt.Outcome != executionlog.Failed {
			return page.Items[:i], nil
		}
	}
	return page.Items, nil
}

// shouldWarn says whether failures in a row, newest first, are worth a warning
// that was not given yet, and remembers that it is.
func (m *limits) shouldWarn(endpoint string, row []*executionlog.Attempt, most int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := row[len(row)-1].ID
	last, known := m.warned[endpoint]
	if !known || first > last.first {
		before := 0
		for _, attempt := range row {
			if attempt.At.Before(m.since) {
				before++
			}
		}
		last = lastWarn{share: shareOf(before, most)}
	}
	share := shareOf(len(row), most)
	m.warned[endpoint] = lastWarn{first: first, share: max(share, last.share)}
	return share > last.share
}

func (m *limits) disable(r Report, change StateChange) func() {
	return func() {
		if m.disableOnce(r, change.Reason) {
			change.Workspace, change.Endpoint = r.Workspace, r.Endpoint
			m.announce(change)
		}
	}
}

// disableOnce says whether it disabled the endpoint, which may be disabled
// already or gone.
func (m *limits) disableOnce(r Report, reason string) bool {
	m.disabling.Lock()
	defer m.disabling.Unlock()
	endpoint := m.config.Endpoint(r.Endpoint)
	if endpoint == nil || endpoint.State == triggers.EndpointDisabled {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), limitsPatience)
	defer cancel()
	if err := m.config.SetEndpointState(ctx, r.Workspace, r.Endpoint, triggers.EndpointDisabled, reason); err != nil {
		m.log.Error("disabling an endpoint failed", "endpoint_id", r.Endpoint, "error", err)
		return false
	}
	m.log.Warn("an endpoint is disabled", "endpoint_id", r.Endpoint, "reason", reason)
	return true
}
