package bench

import (
	"os"
	"testing"
	"time"
)

func TestPercentiles(t *testing.T) {
	var list []time.Duration
	for i := 100; i > 0; i-- {
		list = append(list, time.Duration(i)*time.Millisecond)
	}
	l := percentiles(list)
	if l.Count != 100 || l.P50 != 51*time.Millisecond || l.P99 != 100*time.Millisecond || l.Max != 100*time.Millisecond {
		t.Errorf("%+v", l)
	}
	if percentiles(nil).Count != 0 {
		t.Error("nothing has percentiles")
	}
}

func TestProcessUsage(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this system has no /proc")
	}
	before := processUsage(os.Getpid())
	if before.memory == 0 {
		t.Fatalf("%+v", before)
	}
	for deadline := time.Now().Add(10 * time.Second); processUsage(os.Getpid()).cpu == before.cpu; {
		if time.Now().After(deadline) {
			t.Fatal("the processor time does not grow")
		}
	}
	if processUsage(0) != (usage{}) || processUsage(1<<30) != (usage{}) {
		t.Error("a process that does not exist uses something")
	}
}

func TestBareMeasuresTheReceiver(t *testing.T) {
	r, err := startReceiver()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	b := &Bench{receiver: r}
	rate, err := b.Bare(t.Context(), 500, 4)
	if err != nil || rate <= 0 || r.count() != 500 {
		t.Errorf("%f per second, %d arrived, %v", rate, r.count(), err)
	}
}
