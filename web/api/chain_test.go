package api

import (
	"fmt"
	"net/http"
	"testing"
)

// itemsOf are the items of an answer to many changes that were all accepted.
func itemsOf(r *reply) objects {
	var all struct{ Items objects }
	r.ok(http.StatusAccepted, &all)
	return all.Items
}

// A trigger fires once for a ticket in one chain, however often a receiver
// answers its webhooks with changes that name the chain, alone or in batches.
func TestChainFiresOnce(t *testing.T) {
	s := newServer(t)
	rule := s.trigger("supportservice", s.endpoint("supportservice", nil), object{"when": object{"all": []object{{"field": "subject", "op": "changed"}}}})
	fired := func(o object) []any { return o["fired"].([]any) }
	for chain, began := range map[string]string{
		"one of ours":   "",
		"one of theirs": "theirs-1;depth=0",
	} {
		number := "T " + chain
		change := func(subject string) object { return object{"ticket": object{"number": number, "subject": subject}} }
		post := func(body any, chain string) *reply {
			if chain == "" {
				return s.do(http.MethodPost, "/api/v1/changes", body)
			}
			return s.do(http.MethodPost, "/api/v1/changes", body, header("Webhook-Chain", chain))
		}
		first := post(change("a"), began).object(http.StatusAccepted)
		if got := fired(first); len(got) != 1 || got[0] != rule {
			t.Fatalf("%s: the first fired %v", chain, got)
		}
		if began == "" {
			delivery := s.do(http.MethodGet, "/api/v1/deliveries/"+first["deliveries"].([]any)[0].(string), nil).object(http.StatusOK)
			began = fmt.Sprintf("%s;depth=%v", delivery["chain"], delivery["depth"])
		}
		again := post(change("b"), began).object(http.StatusAccepted)
		if got := fired(again); len(got) != 0 {
			t.Errorf("%s: its echo fired %v", chain, got)
		}
		verdict := s.do(http.MethodGet, "/api/v1/changes/"+again["id"].(string)+"/verdicts", nil).items()[0]
		if verdict["verdict"] != "suppressed" || verdict["code"] != "loop_repeat" {
			t.Errorf("%s: verdict %v", chain, verdict)
		}
		other := object{"ticket": object{"number": number + " other", "subject": "a"}}
		for i, item := range itemsOf(post([]object{other, other, change("c")}, began)) {
			if got := fired(item); len(got) != map[bool]int{true: 1}[i == 0] {
				t.Errorf("%s: change %d of a batch fired %v", chain, i, got)
			}
		}
		if got := fired(post(change("d"), "").object(http.StatusAccepted)); len(got) != 1 {
			t.Errorf("%s: outside of it %v fired", chain, got)
		}
	}
}

// A change that is sent again under its id is answered as it was, also where
// it cannot be made twice.
func TestAcceptedOnce(t *testing.T) {
	for name, change := range map[string]string{
		"a ticket is created":           `{"id":"c","kind":"ticket_created","ticket":{"number":"new","subject":"s"}}`,
		"a ticket is deleted":           `{"id":"c","kind":"ticket_deleted","ticket":{"number":"1"}}`,
		"a reply is added":              `{"id":"c","kind":"reply_added","ticket":{"number":"1"},"reply":{"id":"r2","body":"x"}}`,
		"a reply is deleted":            `{"id":"c","kind":"reply_deleted","ticket":{"number":"1"},"reply":{"id":"r1"}}`,
		"a ticket is changed, as usual": `{"id":"c","ticket":{"number":"1","subject":"b"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			post := func(body string) *reply { return s.do(http.MethodPost, "/api/v1/changes", body) }
			post(`{"ticket":{"number":"1","subject":"a","replies":[{"id":"r1","body":"x"}]}}`).ok(http.StatusAccepted, nil)

			batch := itemsOf(post("[" + change + "," + change + "]"))
			first := batch[0]
			if first["duplicate"] != nil {
				t.Errorf("the first is a duplicate: %v", first)
			}
			again := post(change).object(http.StatusAccepted)
			for how, got := range map[string]object{"in the same batch": batch[1], "alone": again, "in another batch": itemsOf(post("[" + change + "]"))[0]} {
				if got["id"] != first["id"] || got["duplicate"] != true {
					t.Errorf("%s: %v after %v", how, got, first)
				}
			}
		})
	}
}
