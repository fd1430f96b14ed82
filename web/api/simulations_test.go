package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
)

// works lets the server's dispatcher run until the test ends.
func (s *server) works() {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.desk.Run(ctx) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			s.t.Error(err)
		}
	})
}

// simulated reads a simulation until it is over.
func (s *server) simulated(path string) object {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if job := s.do(http.MethodGet, path, nil).object(http.StatusOK); job["state"] != "running" {
			return job
		}
	}
	s.t.Fatalf("%s never ended", path)
	return nil
}

func TestSimulations(t *testing.T) {
	s := newServer(t)
	id := s.trigger("faveo", s.endpoint("faveo", nil), object{"on": []string{"ticket_created"}})
	for i := range 5 {
		s.do(http.MethodPost, "/api/v1/changes", fmt.Sprintf(`{"ticket":{"number":"%d","subject":"printer"}}`, i)).ok(http.StatusAccepted, nil)
	}
	s.pass(time.Second)
	started := s.do(http.MethodPost, "/api/v1/simulations", object{
		"trigger": id, "from": "-1h", "system": "faveo",
		"draft": object{"when": object{"all": []object{{"field": "ticket", "op": "is", "value": "3"}}}},
	})
	started.problem(http.StatusUnprocessableEntity, "body.draft.when.all.0.field")
	started = s.do(http.MethodPost, "/api/v1/simulations", object{
		"trigger": id, "from": "-1h", "system": "faveo",
		"draft": object{"when": object{"all": []object{{"field": "number", "op": "is", "value": "3"}}}},
	})
	job := started.object(http.StatusAccepted)
	path := fmt.Sprint("/api/v1/simulations/", job["id"])
	if started.header.Get("Location") != path || job["total"] != 5.0 || job["state"] != "running" || job["actor"] != "admin" {
		t.Errorf("started %v at %s", job, started.header.Get("Location"))
	}
	s.works()
	done := s.simulated(path)
	result, _ := done["result"].(object)
	if done["state"] != "done" || done["considered"] != 5.0 || result["fired"] != 1.0 || result["lost_count"] != 4.0 {
		t.Errorf("done %v", done)
	}
	s.do(http.MethodPost, path+"/cancel", nil).problem(http.StatusConflict, "")
	if list := s.do(http.MethodGet, "/api/v1/simulations", nil).items(); len(list) != 1 || list[0]["result"] != nil {
		t.Errorf("listed %v", list)
	}
	// A draft alone is compared with nothing.
	alone := s.do(http.MethodPost, "/api/v1/simulations", object{"draft": object{"system": "faveo", "on": []string{"ticket_created"}}}).object(http.StatusAccepted)
	if over := s.simulated(fmt.Sprint("/api/v1/simulations/", alone["id"])); over["result"].(object)["fired"] != 5.0 || over["result"].(object)["gained_count"] != 0.0 {
		t.Errorf("alone: %v", over)
	}
	if stored := s.do(http.MethodGet, "/api/v1/deliveries", nil).items(); len(stored) != 5 {
		t.Errorf("simulations left %d deliveries", len(stored))
	}
}

func TestSimulationsAreCancelledAndBounded(t *testing.T) {
	s := newServer(t) // nothing carries them out
	id := s.trigger("faveo", s.endpoint("faveo", nil), nil)
	var first object
	for range dispatcher.MaxSimulations {
		s.pass(time.Millisecond)
		first = s.do(http.MethodPost, "/api/v1/simulations", object{"trigger": id}).object(http.StatusAccepted)
	}
	refused := s.do(http.MethodPost, "/api/v1/simulations", object{"trigger": id})
	refused.problem(http.StatusTooManyRequests, "")
	if refused.header.Get("Retry-After") == "" {
		t.Error("nobody says when to try again")
	}
	path := fmt.Sprint("/api/v1/simulations/", first["id"])
	if over := s.do(http.MethodPost, path+"/cancel", nil).object(http.StatusOK); over["state"] != "cancelled" || over["finished_at"] == nil {
		t.Errorf("cancelled %v", over)
	}
	s.do(http.MethodPost, "/api/v1/simulations", object{"trigger": id}).object(http.StatusAccepted)
	s.do(http.MethodGet, "/api/v1/simulations/sim_0000000000000", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodPost, "/api/v1/simulations/sim_0000000000000/cancel", nil).problem(http.StatusNotFound, "")
}

func TestBadSimulations(t *testing.T) {
	s := newServer(t)
	id := s.trigger("faveo", s.endpoint("faveo", nil), nil)
	for body, at := range map[string]string{
		`{}`:                                                         "body.trigger",
		`{"trigger":"trg_0000000000000"}`:                            "body.trigger",
		`{"trigger":"ID","from":"soon"}`:                             "body.from",
		`{"trigger":"ID","to":"later"}`:                              "body.to",
		`{"trigger":"ID","system":"zendesk"}`:                        "body.system",
		`{"trigger":"ID","colour":"red"}`:                            "body.colour",
		`{"trigger":"ID","draft":{"fire":"twice"}}`:                  "body.draft.fire",
		`{"draft":{"on":["ticket_created"]}}`:                        "body.draft.system",
		`{"draft":{"system":"faveo","when":{"all":[{"op":"is"}]}}}`:  "body.draft.when.all.0.field",
		`{"draft":{"system":"faveo","on":["ticket_exploded"]}}`:      "body.draft.on.0",
		`{"draft":{"system":"faveo"},"from":["2026-01-01"]}`:         "body.from",
		`{"draft":{"system":"faveo","then":[{"webhook":{}}]}}`:       "body.draft.then.0.webhook.endpoint",
		`{"draft":{"system":"faveo","whenn":{}},"ticket":"HDSK-1 "}`: "body.draft.whenn",
	} {
		s.do(http.MethodPost, "/api/v1/simulations", strings.ReplaceAll(body, "ID", id)).problem(http.StatusUnprocessableEntity, at)
	}
}
