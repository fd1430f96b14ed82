package dispatcher

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
)

// limits disables endpoints whose receiver said that it is gone, or failed as
// often in a row as its system allows, and warns on the way there.
type limits struct {
	config  Configuration
	systems *systems.Registry
	log     *slog.Logger
	// announce tells of an endpoint that was disabled, or soon will be.
	announce func(StateChange)

	// disabling is held while an endpoint is disabled: of several attempts
	// that end at the same time one does it, and announces it.
	disabling sync.Mutex
}

// laneEnd is an attempt's end and the endpoint's failures in a row since.
type laneEnd struct {
	report   Report
	failures int
	warned   *int
}

// warnAt are the shares of the way to disabling, in percent, that are worth a warning.
var warnAt = []int{90, 75, 50}

// weigh returns what has to be done; the caller does it without locks.
func (m *limits) weigh(ends []laneEnd) []func() {
	var measures []func()
	for _, end := range ends {
		if end.report.Gone {
			measures = append(measures, m.disable(end.report, StateChange{State: StateDisabled, Reason: "the receiver answered 410 Gone"}))
			continue
		}
		system := m.systems.Lookup(end.report.System)
		if system == nil || end.report.Effect == EffectSuccess || end.report.Stale || end.report.Held || end.report.Full {
			continue
		}
		most := system.Sheet().Policy.DisableAfter
		switch {
		case most == 0:
		case end.failures >= most:
			measures = append(measures, m.disable(end.report, StateChange{
				State: StateFailing, Failures: end.failures, DisabledAt: most,
				Reason: fmt.Sprintf("%d attempts in a row failed, the last with: %s", end.failures, end.report.Error),
			}))
		case end.report.Announcement:
		default:
			if share := 100 * end.failures / most; share > *end.warned {
				for _, at := range warnAt {
					if share >= at && *end.warned < at {
						*end.warned = at
						measures = append(measures, m.warn(end.report, end.failures, most))
						break
					}
				}
			}
		}
	}
	return measures
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
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := m.config.SetEndpointState(ctx, r.Workspace, r.Endpoint, triggers.EndpointDisabled, reason); err != nil {
		m.log.Error("endpoint_disable_failed", "endpoint_id", r.Endpoint, "error", err)
		return false
	}
	m.log.Warn("endpoint_disabled", "endpoint_id", r.Endpoint, "reason", reason)
	return true
}

func (m *limits) warn(r Report, failures, most int) func() {
	return func() {
		m.log.Warn("endpoint_failing", "endpoint_id", r.Endpoint, "failures", failures, "disabled_at", most)
		m.announce(StateChange{
			Workspace: r.Workspace, Endpoint: r.Endpoint, State: StateWarning, Failures: failures, DisabledAt: most,
			Reason: fmt.Sprintf("%d attempts in a row failed, the last with: %s", failures, r.Error),
		})
	}
}
