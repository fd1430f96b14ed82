package console_test

import (
	"fmt"
	"strings"
	"testing"
)

// A ticket with many changes is explained by pages, and what many triggers
// that were not asked would bury is on the page of the one change.
func TestExplainByPages(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Explained", "faveo", "/ok/explained")
	if err != nil {
		t.Fatal(err)
	}
	const unasked = 25
	for i := range unasked {
		if _, err := own.Trigger(fmt.Sprintf(`{"name": "status only %02d", "system": "faveo", "on": ["ticket_status_updated"], "then": {"webhook": "%%s"}}`, i), endpoint); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := own.Trigger(`{"name": "always", "system": "faveo", "then": {"webhook": "%s"}}`, endpoint); err != nil {
		t.Fatal(err)
	}
	s.post(t, "/tickets", "number", "WHY-1", "subject", "why", "status", "Open")
	for i := range 11 {
		s.post(t, "/tickets/WHY-1", "do", "reply", "body", fmt.Sprintf("reply %d", i))
	}
	first := s.get(t, "/tickets/WHY-1/explain").body
	if shown := strings.Count(first, `<li id="chg_`); shown != 10 {
		t.Errorf("%d changes on the first page, want 10", shown)
	}
	if !strings.Contains(first, "25 triggers that were not asked") || !strings.Contains(first, "15 more than are listed here") {
		t.Error("does not say how many triggers were not asked, and how many are not listed")
	}
	older := s.first(t, "/tickets/WHY-1/explain", `/tickets/WHY-1/explain\?cursor=[^"]+`)
	rest := s.get(t, strings.ReplaceAll(older, "&amp;", "&")).body
	if shown := strings.Count(rest, `<li id="chg_`); shown != 2 || !strings.Contains(rest, "ticket created") {
		t.Errorf("%d changes on the second page, want 2", shown)
	}
	one := s.get(t, s.first(t, "/tickets/WHY-1/explain", `/tickets/WHY-1/explain\?change=chg_[0-9a-z]+`)).body
	if shown, listed := strings.Count(one, `<li id="chg_`), strings.Count(one, "status only"); shown != 1 || listed != unasked {
		t.Errorf("the page of one change shows %d changes and lists %d triggers", shown, listed)
	}
	if missing := s.get(t, "/tickets/WHY-2/explain"); missing.status != 404 {
		t.Errorf("a ticket that is not there: status %d", missing.status)
	}
}

// An update says which fields of the ticket it changed, so that one is told
// from another.
func TestExplainNamesWhatChanged(t *testing.T) {
	s, _ := onOwnStage(t)
	s.post(t, "/tickets", "number", "WHAT-1", "subject", "what", "status", "Open")
	s.post(t, "/tickets/WHAT-1", "do", "status", "value", "Closed")
	s.post(t, "/tickets/WHAT-1", "do", "tags", "value", "vip")
	body := s.get(t, "/tickets/WHAT-1/explain").body
	for _, want := range []string{"<span>Status, Closed</span>", "<span>Tags</span>"} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%s does not stand there once:\n%s", want, section(body, "timeline"))
		}
	}
}
