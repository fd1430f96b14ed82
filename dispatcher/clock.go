package dispatcher

import (
	"context"
	"time"
)

// tellEvery is how often the ledger is told the time while nothing waits.
const tellEvery = time.Minute

// look returns the time, and whether it was set back since run looked last.
func (f *feeder) look() (now time.Time, back bool) {
	now = f.now()
	if by := f.latest.Sub(now); by > time.Second {
		f.setBack(by)
		back = true
	}
	f.latest = now
	return now, back
}

// setBack keeps all intervals as they were when the clock is set back. The
// ledger's follow when it is told the time.
func (f *feeder) setBack(by time.Duration) {
	f.log.Warn("the clock was set back", "by", by)
	if f.latest.After(f.ahead) {
		f.ahead = f.latest
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paused = f.paused.Add(-by)
	for _, l := range f.lanes {
		l.setBack(by)
	}
}

// tellTime tells the ledger the time, which moves its due times where the clock
// was set back, here or while nobody fed.
func (f *feeder) tellTime(ctx context.Context) {
	now, _ := f.look()
	back, err := f.ledger.Clock(ctx, f.ahead, now)
	if err != nil {
		if ctx.Err() == nil {
			f.log.Warn("telling the ledger the time failed", "error", err)
		}
		return
	}
	f.ahead, f.told = time.Time{}, now
	if back > 0 {
		f.log.Warn("due times were moved back with the clock", "by", back)
	}
}
