package dispatcher

import (
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

func TestDecide(t *testing.T) {
	schedule := policy{retry: triggers.Retry{ScheduleSeconds: []float64{1, 4}}, maxAge: time.Hour}
	strict := schedule
	strict.clientErrorsFinal = true
	tests := []struct {
		name     string
		exchange sender.Exchange
		policy   policy
		number   int
		outcome  executionlog.Outcome
		wait     time.Duration
		effect   Effect
		hold     time.Duration
	}{
		{"200", sender.Exchange{Status: 200}, schedule, 1, executionlog.Succeeded, 0, EffectSuccess, 0},
		{"first failure", sender.Exchange{Status: 500, Code: sender.HTTP5xx}, schedule, 1, executionlog.Pending, time.Second, EffectFailure, 0},
		{"second failure", sender.Exchange{Status: 500, Code: sender.HTTP5xx}, schedule, 2, executionlog.Pending, 4 * time.Second, EffectFailure, 0},
		{"third and last", sender.Exchange{Status: 500, Code: sender.HTTP5xx}, schedule, 3, executionlog.Failed, 0, EffectFailure, 0},
		{"gone", sender.Exchange{Status: 410, Code: sender.Gone}, schedule, 1, executionlog.Failed, 0, EffectFailure, 0},
		{"404 is tried again", sender.Exchange{Status: 404, Code: sender.HTTP4xx}, schedule, 1, executionlog.Pending, time.Second, EffectFailure, 0},
		{"404 where 4xx are final", sender.Exchange{Status: 404, Code: sender.HTTP4xx}, strict, 1, executionlog.Failed, 0, EffectFailure, 0},
		{"408 is never final", sender.Exchange{Status: 408, Code: sender.HTTP4xx}, strict, 1, executionlog.Pending, time.Second, EffectFailure, 0},
		{"425 is never final", sender.Exchange{Status: 425, Code: sender.HTTP4xx}, strict, 1, executionlog.Pending, time.Second, EffectFailure, 0},
		{"429 with a wish", sender.Exchange{Status: 429, Code: sender.Throttled, RetryAfter: 30 * time.Second}, strict, 1, executionlog.Pending, 30 * time.Second, EffectThrottled, 30 * time.Second},
		{"a shorter wish than the policy", sender.Exchange{Status: 503, Code: sender.HTTP5xx, RetryAfter: time.Second}, schedule, 2, executionlog.Pending, 4 * time.Second, EffectSlow, time.Second},
		{"a long wish holds the endpoint a minute", sender.Exchange{Status: 503, Code: sender.HTTP5xx, RetryAfter: 20 * time.Minute}, schedule, 1, executionlog.Pending, 20 * time.Minute, EffectSlow, time.Minute},
		{"429 without a wish", sender.Exchange{Status: 429, Code: sender.Throttled}, schedule, 1, executionlog.Pending, time.Second, EffectThrottled, throttledHold},
		{"502", sender.Exchange{Status: 502, Code: sender.HTTP5xx}, schedule, 1, executionlog.Pending, time.Second, EffectSlow, 0},
		{"no answer", sender.Exchange{Code: sender.TimeoutHeaders}, schedule, 1, executionlog.Pending, time.Second, EffectSlow, 0},
		{"wish beyond the age", sender.Exchange{Status: 503, Code: sender.HTTP5xx, RetryAfter: 2 * time.Hour}, schedule, 1, executionlog.Failed, 0, EffectSlow, time.Minute},
		{"redirect", sender.Exchange{Status: 302, Code: sender.Redirect}, schedule, 1, executionlog.Pending, time.Second, EffectFailure, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := decide(&test.exchange, test.policy, test.number, start, start)
			if got.outcome != test.outcome || got.effect != test.effect || got.hold != test.hold {
				t.Errorf("got %+v", got)
			}
			var wait time.Duration
			if !got.due.IsZero() {
				wait = got.due.Sub(start)
			}
			if wait != test.wait {
				t.Errorf("waits %s, want %s", wait, test.wait)
			}
		})
	}
}

// The exponential policy grows, keeps to its jitter of a fifth, and never
// passes its maximum by more than that.
func TestExponentialDelay(t *testing.T) {
	p := policy{retry: triggers.Retry{MaxAttempts: 10, InitialSeconds: 10, MaxSeconds: 300}}
	for range 200 {
		want := 10.0
		for number := 1; number < 100; number++ {
			got := p.delay(number).Seconds()
			if got < want*0.79 || got > want*1.21 {
				t.Fatalf("attempt %d waits %.1f s, want about %.0f", number, got, want)
			}
			want = min(want*2, 300)
		}
	}
}

func TestAttempts(t *testing.T) {
	for _, test := range []struct {
		retry triggers.Retry
		want  int
	}{
		{triggers.Retry{}, 1},
		{triggers.Retry{MaxAttempts: 5}, 5},
		{triggers.Retry{ScheduleSeconds: []float64{1, 4}}, 3},
		{triggers.Retry{ScheduleSeconds: []float64{1, 4}, MaxAttempts: 2}, 2},
		{triggers.Retry{ScheduleSeconds: []float64{1, 4}, MaxAttempts: 9}, 9},
	} {
		if got := (policy{retry: test.retry}).attempts(); got != test.want {
			t.Errorf("%+v allows %d attempts, want %d", test.retry, got, test.want)
		}
	}
}
