package redisqueue

import (
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher"
)

// Every key and channel holds the instance, and in a cluster what has to be on
// one server is.
func TestNamesHoldTheInstance(t *testing.T) {
	n := namesOf("0abc")
	member := dispatcher.Member{Delivery: "dlv_1", Attempt: 2}
	for _, name := range []string{n.queue, n.pending, n.lead, n.notices, n.work, n.claim(member)} {
		if !strings.Contains(name, "0abc") {
			t.Errorf("%s", name)
		}
	}
	tag := "{" + n.queue + "}"
	if !strings.Contains(n.pending, tag) || !strings.Contains(n.lead, tag) {
		t.Errorf("%s and %s are in different slots", n.pending, n.lead)
	}
	if n.claim(member) == namesOf("1abc").claim(member) || n.claim(member) == n.claim(dispatcher.Member{Delivery: "dlv_1", Attempt: 1}) {
		t.Error("claims collide")
	}
}
