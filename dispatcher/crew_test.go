package dispatcher

import (
	"sync"
	"testing"
	"testing/synctest"
)

// TestCrew has more tasks under way at once than may wait afterwards: each
// ends only when all have begun.
func TestCrew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrew()
		for range 3 {
			var begun sync.WaitGroup
			begun.Add(2 * crewIdle)
			var ended sync.WaitGroup
			ended.Add(2 * crewIdle)
			for range 2 * crewIdle {
				c.run(func() {
					begun.Done()
					begun.Wait()
					ended.Done()
				})
			}
			ended.Wait()
			synctest.Wait()
			if idle := c.idle.Load(); idle != crewIdle {
				t.Fatalf("%d wait for work, want %d", idle, crewIdle)
			}
		}
		c.dismiss()
		synctest.Wait() // the test ends with all goroutines ended, or fails
		done := make(chan bool)
		c.run(func() { done <- true })
		if !<-done {
			t.Error("a late task did not run")
		}
	})
}
