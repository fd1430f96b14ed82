package api

import (
	"net/http"
	"strings"
	"testing"
)

// TestNotFoundSaysWhat reads what is not there, by every path that names it.
func TestNotFoundSaysWhat(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("faveo", nil)
	trigger := s.trigger("faveo", endpoint, nil)
	long := strings.Repeat("x", 150)
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/changes/chg_0000000000001", "there is no change chg_0000000000001 in this workspace"},
		{"GET", "/changes/chg_0000000000001/verdicts", "there is no change chg_0000000000001 in this workspace"},
		{"GET", "/deliveries/dlv_0000000000001", "there is no delivery dlv_0000000000001 in this workspace"},
		{"POST", "/deliveries/dlv_0000000000001/redeliver", "there is no delivery dlv_0000000000001 in this workspace"},
		{"GET", "/endpoints/ep_0000000000001", "there is no endpoint ep_0000000000001 in this workspace"},
		{"POST", "/endpoints/ep_0000000000001/pause", "there is no endpoint ep_0000000000001 in this workspace"},
		{"GET", "/executions/att_0000000000001", "there is no execution att_0000000000001 in this workspace"},
		{"GET", "/triggers/" + trigger + "/versions/7", "there is no version 7 of trigger " + trigger + " in this workspace"},
		{"GET", "/triggers/trg_0000000000001", "there is no trigger trg_0000000000001 in this workspace"},
		{"GET", "/tickets/A-1", "there is no ticket A-1 in this workspace"},
		{"DELETE", "/tokens/tok_0000000000001", "there is no token tok_0000000000001 in this workspace"},
		{"DELETE", "/searches/sea_0000000000001", "there is no saved search sea_0000000000001 in this workspace"},
		{"GET", "/replays/rpl_0000000000001", "there is no replay rpl_0000000000001 in this workspace"},
		{"GET", "/calendars/cal_0000000000001", "there is no calendar cal_0000000000001 in this workspace"},
		{"GET", "/workspaces/nowhere", "there is no workspace nowhere"},
		{"GET", "/changes/" + long, "there is no change " + long[:100] + "… in this workspace"},
	} {
		answer := s.do(c.method, Base+c.path, nil)
		if p := answer.problem(http.StatusNotFound, ""); p.Detail != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, p.Detail, c.want)
		}
	}
}
