// Package superoffice renders ticket changes as SuperOffice CRM's webhooks:
// ticket.created and ticket.changed with the names of the changed database
// columns, the test event of a save, and the events about a webhook's state.
//
// What no public page says is assumed, and the data sheet marks it so: the
// numbers of entries that the caller names without an id, the zone of the two
// times in FieldValues, the order of the names in Changes, and what a change
// by somebody who is not an associate carries as ChangedByAssociateId.
package superoffice

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Names of the events, as the sheet lists them.
const (
	eventCreated = "ticket.created"
	eventChanged = "ticket.changed"
	eventTest    = "test"
	eventStarted = "webhook.started"
	eventStopped = "webhook.stopped"
	eventErrors  = "webhook.errors"
)

// Names of the revisions.
const (
	revisionFields = "10.2.11"
	revisionPlain  = "8.8"
)

// Names of the headers, in the spelling of the vendor's tables.
const (
	headerEvent   = "X-SuperOffice-Event"
	headerEventID = "X-SuperOffice-EventId"
	headerRetry   = "X-SuperOffice-Retry"
	headerTest    = "X-Hook-Test"
)

const contentType = "application/json; charset=utf-8"

// system implements systems.System, systems.Handshaker and
// systems.StateEvents.
type system struct {
	sheet *systems.Sheet
	// now dates the test event of a save, which belongs to no change.
	now func() time.Time
	// zones keeps the *time.Location of each name: loading one reads a file.
	zones sync.Map
}

var (
	_ systems.Handshaker  = (*system)(nil)
	_ systems.StateEvents = (*system)(nil)
)

// New returns the system.
func New() systems.System { return &system{sheet: newSheet(), now: time.Now} }

// Sheet implements systems.System.
func (s *system) Sheet() *systems.Sheet { return s.sheet }

// Detect implements systems.System: a ticket is created once, and everything
// else that changes one of its columns changes it; saving it as it was does
// not. There is no event for a
// deletion; SuperOffice gives a deleted ticket the status deleted.
func (s *system) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil {
		return nil
	}
	if change.Created() {
		return []string{eventCreated}
	}
	if change.Before == nil {
		return []string{eventChanged}
	}
	switch columns := changedColumns(change); {
	case len(columns) == 0:
		return nil
	case len(columns) == 1 && columns[0] == lastChangedColumn && !slices.Contains(change.Touched, "updated_at") && !systems.ChangedAnything(change):
		return nil // saved as it was
	}
	return []string{eventChanged}
}

// Render implements systems.System.
func (s *system) Render(occasion systems.Occasion) (*systems.Request, error) {
	revision, err := systems.Begin(s.sheet, occasion)
	if err != nil {
		return nil, err
	}
	eventID := systems.UUIDOf("superoffice event", occasion.Delivery)
	switch occasion.Event {
	case eventStarted, eventStopped, eventErrors:
		return s.state(occasion.Event, revision, occasion.Endpoint, occasion.Endpoint, eventID, occasion.Change.At)
	case eventTest:
		return s.test(occasion.Endpoint, eventID, occasion.Change.At, s.associate(occasion.Endpoint, occasion.Change.Actor))
	}
	body := s.envelope(occasion.Event, occasion.Endpoint, eventID, occasion.Change.At)
	body.Entity = "ticket"
	body.PrimaryKey = occasion.Change.After.NumericID()
	body.ChangedByAssociateID = s.associate(occasion.Endpoint, occasion.Change.Actor)
	if revision == revisionFields {
		body.FieldValues = fieldValues(occasion.Change, s.zone(occasion.Endpoint))
		if occasion.Event == eventChanged {
			body.Changes = append([]string{primaryKeyColumn}, changedColumns(occasion.Change)...)
		}
	}
	return s.request(occasion.Event, occasion.Endpoint, body)
}

// AttemptHeaders implements systems.System.
func (s *system) AttemptHeaders(tries int) []systems.Header {
	return []systems.Header{{Name: headerRetry, Value: strconv.Itoa(tries)}}
}
