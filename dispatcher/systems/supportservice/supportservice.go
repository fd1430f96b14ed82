// Package supportservice renders ticket changes as the webhooks of Support
// Service (Zenvia Customer Cloud, formerly Movidesk). There a webhook is an
// action of a trigger and has no event name: the body says which of the
// trigger's conditions held, as numbers.
//
// The vendor does not publish those numbers. One pair is known from a captured
// request; Criteria and Operators hold the rest, numbered here and marked so.
// Also assumed: which service a help topic is, that ids of actions count from
// the ticket's first text, and the order of some members of the revision
// captured.
package supportservice

import (
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// eventTicket is the one event, named after the type of the vendor's trigger.
const eventTicket = "ticket"

// Names of the revisions.
const (
	revisionSeed     = "seed"
	revisionCaptured = "captured"
)

type system struct{ sheet *systems.Sheet }

// New returns the system.
func New() systems.System { return system{newSheet()} }

// Sheet implements systems.System.
func (s system) Sheet() *systems.Sheet { return s.sheet }

// Detect implements systems.System: a trigger of type Ticket looks at every change.
func (s system) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil {
		return nil
	}
	return []string{eventTicket}
}

// Render implements systems.System.
func (s system) Render(occasion systems.Occasion) (*systems.Request, error) {
	revision, err := systems.Begin(s.sheet, occasion)
	if err != nil {
		return nil, err
	}
	body, err := encode(occasion, revision)
	if err != nil {
		return nil, err
	}
	return &systems.Request{
		EventID:     systems.UUIDOf("supportservice event", occasion.Delivery),
		ContentType: "application/json; charset=utf-8",
		Body:        body,
	}, nil
}

// AttemptHeaders implements systems.System: nothing differs.
func (s system) AttemptHeaders(int) []systems.Header { return nil }

// encode writes the body. In the revision seed a member without a value is
// null, in captured it is absent.
func encode(occasion systems.Occasion, revision string) ([]byte, error) {
	if revision == revisionSeed {
		return systems.JSON(seedBody{opening: newOpening(occasion.Change), rest: newRest(occasion, seedShape)})
	}
	body, err := systems.JSON(capturedBody{
		opening: newOpening(occasion.Change),
		counts:  newCounts(occasion.Change),
		rest:    newRest(occasion, capturedShape),
	})
	if err != nil {
		return nil, err
	}
	return withoutNulls(body)
}
