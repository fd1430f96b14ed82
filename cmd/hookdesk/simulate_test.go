package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// simulations is a server with one simulation that goes on until it is
// cancelled. It answers without a network.
type simulations struct {
	asked     int
	cancelled bool
	atThird   func()
}

func (s *simulations) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	job := client.SimulationView{ID: "sim_1", State: "running", Considered: 500 * s.asked, Total: 5000, UpdatedAt: time.Now()}
	if s.asked > 0 {
		job.Ends = time.Now().Add(9500 * time.Millisecond)
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/cancel"):
		s.cancelled, job.State = true, "cancelled"
	case s.cancelled:
		job.State, job.Ends = "cancelled", time.Time{}
		job.Result = &client.DeskSimulationResult{Changes: job.Considered, Fired: 7}
	case r.Method == http.MethodGet:
		if s.asked++; s.asked == 3 {
			s.atThird()
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	_ = json.NewEncoder(answer).Encode(job)
	return answer.Result(), nil
}

// Ctrl-C ends the simulation on the server, too, and shows what it has found.
func TestInterruptCancelsTheSimulation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		server := &simulations{atThird: interrupt}
		api := &client.Client{Base: "http://server", HTTP: &http.Client{Transport: server}}
		var progress bytes.Buffer
		job, err := watch(ctx, api, client.SimulationView{ID: "sim_1", State: "running", Total: 5000}, &progress)
		if err != nil || job.State != "cancelled" || job.Result == nil || job.Result.Fired != 7 || !server.cancelled {
			t.Errorf("%+v (%v), cancelled on the server: %v", job, err, server.cancelled)
		}
		if want := "0 of 5000 changes\n500 of 5000 changes, about 10s left\n"; progress.String() != want {
			t.Errorf("progress:\n%s\nwant\n%s", progress.String(), want)
		}
	})
}
