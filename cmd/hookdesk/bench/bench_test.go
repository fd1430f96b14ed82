package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
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

func TestFlushes(t *testing.T) {
	folder := t.TempDir()
	l, err := Flushes(t.Context(), folder, 1000, 20*time.Millisecond)
	if err != nil || l.Count != 20 || l.P50 <= 0 || l.Max < l.P99 {
		t.Errorf("%+v (%v)", l, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind %v (%v)", left, err)
	}
	if _, err := Flushes(t.Context(), folder+"/none", 1, time.Second); err == nil {
		t.Error("a folder that is not there can be written to")
	}
}

func TestChangesOfADepartment(t *testing.T) {
	b := &Bench{}
	body := joined(3, func() []byte { _, one := b.changeFor("Desk 7"); return one })
	var changes []struct {
		Ticket struct {
			Number     string
			Department struct{ Name string }
		}
	}
	if err := json.Unmarshal(body, &changes); err != nil || len(changes) != 3 {
		t.Fatalf("%v: %s", err, body)
	}
	for i, c := range changes {
		if c.Ticket.Number != fmt.Sprintf("B-%d", i+1) || c.Ticket.Department.Name != "Desk 7" {
			t.Errorf("%+v", c)
		}
	}
}

// A receiver that hangs takes what is posted and says nothing until it is closed.
func TestTheReceiverHangs(t *testing.T) {
	h, err := startHanging()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		response, err := http.Post(h.url, "application/json", strings.NewReader("{}"))
		if err == nil {
			_ = response.Body.Close()
		}
		ended <- err
	}()
	<-h.begun
	select {
	case err := <-ended:
		t.Errorf("answered: %v", err)
	default:
	}
	h.close()
	if err := <-ended; err == nil {
		t.Error("answered when it was closed")
	}
}
