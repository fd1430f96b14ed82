package bench

import (
	"context"
	"fmt"
	"os"
	"time"
)

// What one flush writes: about a transaction of one change. The file is
// written from its beginning again before it is long.
const (
	flushBytes = 16 << 10
	flushFile  = 16 << 20
)

// Flushes writes to a file in folder and has the disk confirm it, at an even
// rate for a while, and measures how long each takes. Whoever is told that a
// change is accepted has waited for one such flush, and perhaps for the one
// before: no tail of a latency is shorter than this one.
func Flushes(ctx context.Context, folder string, perSecond int, lasts time.Duration) (Latencies, error) {
	file, err := os.CreateTemp(folder, "flush-")
	if err != nil {
		return Latencies{}, fmt.Errorf("measure the disk: %w", err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	content, at := make([]byte, flushBytes), int64(0)
	total := int(float64(perSecond) * lasts.Seconds())
	list := make([]time.Duration, 0, total)
	started := time.Now()
	for i := range total {
		if wait := time.Until(started.Add(time.Duration(i) * time.Second / time.Duration(perSecond))); wait > 0 {
			time.Sleep(wait)
		}
		if ctx.Err() != nil {
			return Latencies{}, ctx.Err()
		}
		begun := time.Now()
		if _, err := file.WriteAt(content, at); err != nil {
			return Latencies{}, fmt.Errorf("measure the disk: %w", err)
		}
		if err := file.Sync(); err != nil {
			return Latencies{}, fmt.Errorf("measure the disk: %w", err)
		}
		list = append(list, time.Since(begun))
		at = (at + flushBytes) % flushFile
	}
	l := percentiles(list)
	l.Lasted = time.Since(started)
	return l, nil
}
