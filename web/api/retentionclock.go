package api

import (
	"context"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// retentionClockView is the time that retention goes by.
type retentionClockView struct {
	Trusted       bool      `json:"trusted" doc:"Whether retention goes by the clock of the server"`
	BehindSeconds float64   `json:"behind_seconds" doc:"By how much it goes by an earlier time, 0 while the clock is trusted"`
	RetentionTime time.Time `json:"retention_time,omitzero" doc:"The time that the last round went by"`
	LeaptAt       time.Time `json:"leapt_at,omitzero" doc:"When the clock was first seen to have leapt, by the same clock"`
	TrustedAt     time.Time `json:"trusted_at,omitzero" doc:"When the clock will be trusted, if it does not leap again"`
}

func (a *api) viewRetentionClock(clock executionlog.RetentionClock) *out[retentionClockView] {
	behind := clock.Behind()
	view := retentionClockView{Trusted: behind == 0, BehindSeconds: behind.Seconds(), RetentionTime: clock.Now()}
	if behind > 0 {
		view.LeaptAt, view.TrustedAt = clock.Leapt, clock.Settles(a.Config.Retention())
	}
	return answer(view)
}

func (a *api) getRetentionClock(ctx context.Context, _ caller, _ *none) (*out[retentionClockView], error) {
	clock, err := a.Ledger.RetentionClock(ctx)
	return a.viewRetentionClock(clock), err
}

func (a *api) trustRetentionClock(ctx context.Context, _ caller, _ *none) (*out[retentionClockView], error) {
	clock, err := a.Ledger.RetentionClock(ctx)
	if err != nil || clock.Behind() == 0 {
		return a.viewRetentionClock(clock), err
	}
	clock = executionlog.Trusting(a.now())
	return a.viewRetentionClock(clock), a.Ledger.TrustClock(ctx, clock.At)
}
