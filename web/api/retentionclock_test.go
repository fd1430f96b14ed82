package api

import (
	"net/http"
	"testing"
	"time"
)

func TestRetentionClock(t *testing.T) {
	s := newServer(t)
	read := s.do(http.MethodPost, "/api/v1/tokens", object{"name": "reader", "scopes": []string{"read"}}).object(http.StatusCreated)["token"].(string)
	const path = "/api/v1/retention/clock"
	clock := func(trusted bool, behind time.Duration) object {
		t.Helper()
		view := s.do(http.MethodGet, path, nil, asToken(read)).object(http.StatusOK)
		if view["trusted"] != trusted || view["behind_seconds"] != behind.Seconds() {
			t.Errorf("the clock is %v, want trusted %v and behind %v", view, trusted, behind)
		}
		return view
	}
	round := func() {
		t.Helper()
		if _, err := s.ledger.Maintain(t.Context(), s.config.Retention(), s.now); err != nil {
			t.Fatal(err)
		}
	}
	const year = 365 * 24 * time.Hour
	clock(true, 0)
	round()
	before := clock(true, 0)["retention_time"]
	s.pass(year)
	round()
	view := clock(false, year)
	if view["retention_time"] != before {
		t.Errorf("retention goes by %v, want %v", view["retention_time"], before)
	}
	if want := s.now.Add(24 * time.Hour).Format(time.RFC3339Nano); view["trusted_at"] != want {
		t.Errorf("it is trusted at %v, want %s", view["trusted_at"], want)
	}
	made := s.do(http.MethodPost, "/api/v1/tokens", object{"name": "again", "scopes": []string{"read"}}).object(http.StatusCreated)["token"].(string)
	s.do(http.MethodPost, path+"/trust", nil, asToken(made)).problem(http.StatusForbidden, "")
	if view := s.do(http.MethodPost, path+"/trust", nil).object(http.StatusOK); view["trusted"] != true {
		t.Errorf("after it was said to be right: %v", view)
	}
	clock(true, 0)
}
