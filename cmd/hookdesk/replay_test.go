package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
)

// replays is a server with one replay. It answers without a network: each look
// at the replay gets the next answer, and the last one again and again.
type replays struct {
	answers []func() (*client.ReplayView, error)
	asked   []string
}

func (s *replays) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.asked = append(s.asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v1"))
	recorder := httptest.NewRecorder()
	if strings.HasSuffix(r.URL.Path, "/deliveries") {
		_ = json.NewEncoder(recorder).Encode(client.PageDeliveryView{})
		return recorder.Result(), nil
	}
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	job, err := answer()
	if err != nil {
		return nil, err
	}
	_ = json.NewEncoder(recorder).Encode(job)
	return recorder.Result(), nil
}

// at is an answer: so many deliveries of ten, one second each.
func at(state string, done int) func() (*client.ReplayView, error) {
	return func() (*client.ReplayView, error) {
		job := &client.ReplayView{ID: "rpl_1", State: state, Done: done, Total: 10, RatePerSecond: 1}
		job.UpdatedAt = time.UnixMilli(int64(done)).UTC()
		return job, nil
	}
}

func away() (*client.ReplayView, error) { return nil, errors.New("connection refused") }

func TestFollowReplay(t *testing.T) {
	begun, _ := at("counting", 0)()
	for _, c := range []struct {
		name     string
		answers  []func() (*client.ReplayView, error)
		progress string
		out      string
		fault    string
	}{
		{
			"to its end",
			[]func() (*client.ReplayView, error){at("running", 0), at("running", 4), at("done", 9)},
			"10 deliveries counted so far\n0 of 10 deliveries, about 10s left\n4 of 10 deliveries, about 6s left\n9 of 10 deliveries\n",
			"rpl_1 done: 9 of 10 deliveries made; 1 left out: pending, repeated already, or without an endpoint by now\nof these 9 succeeded, 0 failed\n", "",
		},
		{
			"over a restart of the server",
			[]func() (*client.ReplayView, error){at("running", 4), away, away, at("done", 10)},
			"10 deliveries counted so far\n4 of 10 deliveries, about 6s left\nthe server does not answer; waiting for it\n10 of 10 deliveries\n",
			"rpl_1 done: 10 of 10 deliveries made\nof these 10 succeeded, 0 failed\n", "",
		},
		{
			"cancelled by somebody else",
			[]func() (*client.ReplayView, error){at("cancelled", 0)},
			"10 deliveries counted so far\n0 of 10 deliveries\n",
			"rpl_1 cancelled: 0 of 10 deliveries made\n", "the replay was cancelled",
		},
		{
			"the server does not come back",
			[]func() (*client.ReplayView, error){away},
			"10 deliveries counted so far\nthe server does not answer; waiting for it\n", "", "connection refused",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := &client.Client{Base: "http://server", HTTP: &http.Client{Transport: &replays{answers: c.answers}}}
				var out, progress bytes.Buffer
				err := followReplay(t.Context(), api, *begun, Std{Out: &out, Err: &progress}, false, false)
				if got := progress.String(); got != c.progress {
					t.Errorf("progress:\n%swant\n%s", got, c.progress)
				}
				if got := out.String(); got != c.out {
					t.Errorf("printed:\n%swant\n%s", got, c.out)
				}
				if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
					t.Errorf("error %v, want %q", err, c.fault)
				}
			})
		})
	}
}

// Where nothing moves, the reader is told once why that may be.
func TestAReplayThatStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, _ := at("running", 3)()
		since := time.Now()
		server := &replays{answers: []func() (*client.ReplayView, error){func() (*client.ReplayView, error) {
			if time.Since(since) > time.Minute {
				return at("done", 10)()
			}
			return at("running", 3)()
		}}}
		api := &client.Client{Base: "http://server", HTTP: &http.Client{Transport: server}}
		var out, progress bytes.Buffer
		if err := followReplay(t.Context(), api, *begun, Std{Out: &out, Err: &progress}, false, true); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(progress.String(), "no progress for 15s"); got != 1 {
			t.Errorf("told %d times:\n%s", got, progress.String())
		}
	})
}

// Ctrl-C ends the watching: the replay goes on, and the way back is told.
func TestInterruptLeavesTheReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		begun, _ := at("running", 0)()
		server := &replays{answers: []func() (*client.ReplayView, error){at("running", 1), func() (*client.ReplayView, error) {
			interrupt()
			return at("running", 2)()
		}}}
		api := &client.Client{Base: "http://server", HTTP: &http.Client{Transport: server}}
		var out, progress bytes.Buffer
		err := followReplay(ctx, api, *begun, Std{Out: &out, Err: &progress}, false, false)
		var quiet *quietError
		if !errors.As(err, &quiet) || out.Len() > 0 {
			t.Errorf("error %v, printed %q", err, out.String())
		}
		for _, command := range []string{"hookdesk replay watch rpl_1", "hookdesk replay cancel rpl_1"} {
			if !strings.Contains(progress.String(), command) {
				t.Errorf("%q is not told:\n%s", command, progress.String())
			}
		}
		for _, asked := range server.asked {
			if asked != "GET /replays/rpl_1" {
				t.Errorf("asked %s", asked)
			}
		}
	})
}

// What became of very many deliveries is counted as far as a thousand.
func TestFatesAreBounded(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		page := client.PageDeliveryView{}
		if r.URL.Query().Get("outcome") == "pending" {
			page.Items, page.NextCursor = make([]client.DeliveryView, pageSize), "more"
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	defer server.Close()
	got, err := fatesOf(t.Context(), &client.Client{Base: server.URL}, &client.ReplayView{ID: "rpl_1", Done: 5000})
	if want := "0 failed, at least 1000 pending"; err != nil || got != want || asked != 7 {
		t.Errorf("%q (%v) after %d requests, want %q", got, err, asked, want)
	}
}

func TestBecameOf(t *testing.T) {
	due := time.Date(2026, 1, 31, 12, 0, 0, 0, time.Local)
	for _, c := range []struct {
		name string
		of   client.DeliveryDetail
		want string
	}{
		{"arrived", client.DeliveryDetail{Outcome: "succeeded", HTTPStatus: 204}, "succeeded, status 204"},
		{"refused", client.DeliveryDetail{Outcome: "failed", HTTPStatus: 404, Error: "not here"}, "failed, status 404, not here"},
		{"refused with an escape", client.DeliveryDetail{Outcome: "failed", HTTPStatus: 500, Error: "\x1b[2J"}, `failed, status 500, \x1b[2J`},
		{"tried again", client.DeliveryDetail{Outcome: "pending", Error: "timeout", DueAt: due}, "pending, timeout; tried again at 12:00:00"},
		{"held up", client.DeliveryDetail{Outcome: "pending", Held: "the breaker is open"}, "pending; the breaker is open"},
		{"not tried yet", client.DeliveryDetail{Outcome: "pending"}, "pending; no attempt has ended yet"},
		{"never read", client.DeliveryDetail{}, "pending; no attempt has ended yet"},
	} {
		if got := becameOf(&c.of); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReplayListHasAllPages(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page := client.PageReplayView{Items: []client.ReplayView{{ID: "rpl_2", State: "done"}}, NextCursor: "more"}
		if r.URL.Query().Get("cursor") == "more" {
			page = client.PageReplayView{Items: []client.ReplayView{{ID: "rpl_1", State: "cancelled", Filter: client.FilterView{Ticket: "A\x1b"}}}}
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	defer server.Close()
	var out bytes.Buffer
	list := ReplayListCmd{Remote: Remote{Server: server.URL, Token: "t"}}
	if err := list.Run(t.Context(), Std{Out: &out}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[1], "rpl_2 ") || !strings.HasPrefix(lines[2], "rpl_1 ") || !strings.HasSuffix(lines[2], `ticket=A\x1b`) {
		t.Errorf("listed %q", lines)
	}
}
