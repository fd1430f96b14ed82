package dispatcher

import (
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

const (
	// maxRetryAfter caps how long a receiver can put a delivery off.
	maxRetryAfter = 6 * time.Hour
	// maxHold caps how long one answer can silence a whole endpoint.
	maxHold = time.Minute
	// throttledHold is the pause after a 429 that names none.
	throttledHold = time.Second
)

// policy is how often and when an endpoint's deliveries are tried.
type policy struct {
	retry             triggers.Retry
	clientErrorsFinal bool
	maxAge            time.Duration
}

func (d *Dispatcher) policyOf(endpoint *triggers.Endpoint) policy {
	p := policy{retry: endpoint.Retry, maxAge: d.options.MaxAge}
	if system := d.options.Systems.Lookup(endpoint.System); system != nil {
		p.clientErrorsFinal = system.Sheet().Policy.ClientErrorsFinal
	}
	return p
}

// attempts returns how many attempts the policy allows. A schedule without a
// number allows one more than it has waits.
func (p policy) attempts() int {
	if p.retry.MaxAttempts > 0 {
		return p.retry.MaxAttempts
	}
	return len(p.retry.ScheduleSeconds) + 1
}

// delay returns how long to wait after the attempt with a number: from the
// schedule where there is one, whose last wait goes on, else growing exponentially with jitter.
func (p policy) delay(number int) time.Duration {
	if schedule := p.retry.ScheduleSeconds; len(schedule) > 0 {
		return seconds(schedule[min(number, len(schedule))-1])
	}
	b := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(max(seconds(p.retry.InitialSeconds), time.Millisecond)),
		backoff.WithMaxInterval(max(seconds(p.retry.MaxSeconds), seconds(p.retry.InitialSeconds), time.Millisecond)),
		backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(0.2),
		backoff.WithMaxElapsedTime(0), // the ledger counts the attempts
	)
	var wait time.Duration
	for range min(number, 64) {
		wait = b.NextBackOff()
	}
	return wait
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// decision is what follows from an attempt.
type decision struct {
	outcome executionlog.Outcome
	due     time.Time // of the next attempt, while pending
	effect  Effect
	hold    time.Duration // how long the endpoint gets nothing
}

// decide says what becomes of a delivery after the attempt with a number.
func decide(exchange *sender.Exchange, p policy, number int, created, now time.Time) decision {
	d := decision{effect: effectOf(exchange)}
	if d.effect == EffectSuccess {
		d.outcome = executionlog.Succeeded
		return d
	}
	wait := max(p.delay(number), min(exchange.RetryAfter, maxRetryAfter))
	due := now.Add(wait)
	switch {
	case overloaded(exchange.Status) && exchange.RetryAfter > 0:
		d.hold = min(exchange.RetryAfter, maxHold)
	case d.effect == EffectThrottled:
		d.hold = throttledHold
	}
	if number >= p.attempts() || due.Sub(created) > p.maxAge || final(exchange, p) {
		d.outcome = executionlog.Failed
		return d
	}
	d.outcome, d.due = executionlog.Pending, due.UTC().Truncate(time.Microsecond)
	return d
}

// final says whether trying again is pointless whatever the policy.
func final(exchange *sender.Exchange, p policy) bool {
	switch {
	case exchange.Code == sender.Gone:
		return true
	case exchange.Status == 408, exchange.Status == 425, exchange.Status == 429:
		return false
	default:
		return p.clientErrorsFinal && exchange.Status >= 400 && exchange.Status < 500
	}
}

// overloaded says whether a status asks for less.
func overloaded(status int) bool {
	return status == 429 || status == 502 || status == 503 || status == 504
}

func effectOf(exchange *sender.Exchange) Effect {
	switch {
	case exchange.Code == sender.OK:
		return EffectSuccess
	case exchange.Status == 429:
		return EffectThrottled
	case exchange.Status == 0, overloaded(exchange.Status):
		return EffectSlow
	default:
		return EffectFailure
	}
}
