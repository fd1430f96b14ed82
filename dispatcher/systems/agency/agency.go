// Package agency emulates the tickets of whitelabel agencies as Tamio sends
// them: four events in one JSON envelope, with UUIDs and Unix seconds.
//
// The vendor's page shows the payloads. It keeps to itself the name of the
// signature header and what exactly is signed, the fields of an attachment's
// value list and the retries; what this package does there is marked as
// assumed in its Sheet.
package agency

import (
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The events, by the vendor's names.
const (
	Created  = "whitelabel-ticket-created"
	Updated  = "whitelabel-ticket-updated"
	Assigned = "whitelabel-ticket-assigned"
	Resolved = "whitelabel-ticket-resolved"
)

const revision = "2" // the api_version of the envelope

type system struct{ sheet *systems.Sheet }

// New returns the agency system.
func New() systems.System { return &system{sheet: sheet()} }

func (s *system) Sheet() *systems.Sheet { return s.sheet }

func (s *system) AttemptHeaders(int) []systems.Header { return nil }

// Detect names events in the order of the vendor's table. The table ties the
// updated and the resolved event to the client and the agent, so that neither
// fires for what a rule or the system itself does.
func (s *system) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil {
		return nil
	}
	var events []string
	if change.Created() {
		events = append(events, Created)
	}
	if reply := systems.PublicReply(change); reply != nil && person(systems.AuthorRole(change, reply.Author)) {
		events = append(events, Updated)
	}
	if change.After.Assignee != nil && systems.Changed(change, "assignee") {
		events = append(events, Assigned)
	}
	if systems.Finished(change) && person(change.Actor.Role) {
		events = append(events, Resolved)
	}
	return events
}

// person reports whether a role is that of the client or an agent; an actor
// without a role is taken for one.
func person(role ticket.Role) bool {
	return role == "" || role == ticket.RoleClient || role == ticket.RoleAgent
}

func (s *system) Render(occasion systems.Occasion) (*systems.Request, error) {
	if _, err := systems.Begin(s.sheet, occasion); err != nil {
		return nil, err
	}
	event := envelope{
		EventID:    eventID(occasion.Delivery),
		EventType:  occasion.Event,
		APIVersion: 2,
		Object:     "event",
		Data:       data{Ticket: renderTicket(occasion)},
		EndpointID: endpointID(s.sheet, occasion.Endpoint),
	}
	if occasion.Event == Updated {
		event.Data.Reply = event.Data.Ticket.last()
	}
	body, err := systems.JSON(event)
	if err != nil {
		return nil, err
	}
	return &systems.Request{
		EventID:     event.EventID,
		ContentType: "application/json",
		Header:      []systems.Header{{Name: "User-Agent", Value: userAgent}},
		Body:        body,
	}, nil
}

const (
	eventIDPrefix = "whev_"
	eventIDLength = 17
)

// eventID returns an event id in the vendor's form; a delivery that is named
// in that form already keeps its name.
func eventID(delivery string) string {
	if rest, ok := strings.CutPrefix(delivery, eventIDPrefix); ok && len(rest) == eventIDLength &&
		strings.Trim(rest, systems.LowerAlphanumeric) == "" {
		return delivery
	}
	return eventIDPrefix + systems.Token(systems.LowerAlphanumeric, eventIDLength, "agency event", delivery)
}

// endpointID returns the id that the endpoint's settings give it, else one
// derived from hookdesk's own.
func endpointID(sheet *systems.Sheet, endpoint systems.Endpoint) string {
	if id := endpoint.Setting(sheet, settingEndpointID); id != "" {
		return systems.UUIDOf("agency endpoint", id)
	}
	return systems.UUID("agency endpoint", endpoint.ID)
}
