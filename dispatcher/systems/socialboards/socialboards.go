// Package socialboards renders ticket changes as the webhooks of Socialboards'
// Ticket API: an object type, Ticket, Reply or Note, and an event of it, with
// the object as it is and, for a change, what it was before.
//
// Two event names are the vendor's own; the names of the other eight follow
// the titles of their pages, and what their items hold is assumed from the
// documented objects. The data sheet marks each assumption.
package socialboards

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Names of the events, in the order of the vendor's pages.
const (
	ticketCreation       = "ticket_creation"
	ticketStatusChange   = "ticket_status_change"
	ticketTagsChange     = "ticket_tags_change"
	ticketCategoryChange = "ticket_category_change"
	replyCreation        = "reply_creation"
	replyUpdate          = "reply_update"
	replyDeletion        = "reply_deletion"
	noteCreation         = "note_creation"
	noteUpdate           = "note_update"
	noteDeletion         = "note_deletion"
)

// Names of the revisions.
const (
	revisionSeed = "seed"
	revision2022 = "2022"
)

type system struct{ sheet *systems.Sheet }

var _ systems.Handshaker = system{}

// New returns the system.
func New() systems.System { return system{newSheet()} }

// Sheet implements systems.System.
func (s system) Sheet() *systems.Sheet { return s.sheet }

// Detect implements systems.System. A change can be several events: a reply
// that also completes the ticket is two.
func (s system) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil {
		return nil
	}
	var events []string
	if change.Created() {
		events = append(events, ticketCreation)
	}
	if statusChanged(change) {
		events = append(events, ticketStatusChange)
	}
	if systems.Changed(change, "tags") {
		events = append(events, ticketTagsChange)
	}
	if systems.Changed(change, "category") {
		events = append(events, ticketCategoryChange)
	}
	return append(events, threadEvents(change)...)
}

// statusChanged reports whether the status that goes on the wire changed; new
// and open, for one, are both open there.
func statusChanged(change *ticket.Change) bool {
	if !systems.Changed(change, "status") {
		return false
	}
	return change.Before == nil || statusName(change.Before.Status) != statusName(change.After.Status)
}

// threadEvents are the events of the reply and the note that a change carries.
// An internal reply is a note: only the team sees it.
func threadEvents(change *ticket.Change) []string {
	replies := map[ticket.Kind]string{ticket.ReplyUpdated: replyUpdate, ticket.ReplyDeleted: replyDeletion}
	notes := map[ticket.Kind]string{ticket.NoteUpdated: noteUpdate, ticket.NoteDeleted: noteDeletion}
	name := func(events map[ticket.Kind]string, otherwise string) string {
		if event, ok := events[change.Kind]; ok {
			return event
		}
		return otherwise
	}
	var events []string
	if r := change.Reply; r != nil && r.Public {
		events = append(events, name(replies, replyCreation))
	}
	switch r := change.Reply; {
	case change.Note != nil:
		events = append(events, name(notes, noteCreation))
	case r != nil && !r.Public:
		asNote := map[string]string{replyCreation: noteCreation, replyUpdate: noteUpdate, replyDeletion: noteDeletion}
		events = append(events, asNote[name(replies, replyCreation)])
	}
	return events
}

// Render implements systems.System.
func (s system) Render(occasion systems.Occasion) (*systems.Request, error) {
	revision, err := systems.Begin(s.sheet, occasion)
	if err != nil {
		return nil, err
	}
	community := s.community(occasion)
	it := newItem(occasion, community, revision)
	var body any
	if revision == revisionSeed {
		body = seedEnvelope{CommunityName: community, EventType: occasion.Event, TicketID: it.TicketID, Events: []item{it}}
	} else {
		body = envelope2022{CommunityName: community, EventType: occasion.Event, Events: []item{it}, TicketID: it.TicketID}
	}
	text, err := systems.JSON(body)
	if err != nil {
		return nil, err
	}
	return &systems.Request{
		EventID:     systems.UUIDOf("socialboards event", occasion.Delivery),
		ContentType: "application/json; charset=utf-8",
		Body:        text,
	}, nil
}

// AttemptHeaders implements systems.System: nothing differs.
func (s system) AttemptHeaders(int) []systems.Header { return nil }

// community is the setting, else the ticket's own community, else the name
// that the vendor's examples use.
func (s system) community(occasion systems.Occasion) string {
	for _, name := range []string{occasion.Endpoint.Setting(s.sheet, settingCommunity), occasion.Change.After.Community} {
		if name != "" {
			return name
		}
	}
	return "yourCompany"
}

// Handshake implements systems.Handshaker: the receiver checks the token and
// answers with the challenge. What the endpoint's URL asks already stays.
func (s system) Handshake(endpoint systems.Endpoint, random int64) *systems.Handshake {
	challenge := strconv.FormatUint(uint64(random)%9_000_000_000+1_000_000_000, 10)
	query := "challenge=" + challenge + "&verifyToken=" + url.QueryEscape(endpoint.Setting(s.sheet, settingToken))
	address, fragment, _ := strings.Cut(endpoint.URL, "#")
	switch {
	case !strings.Contains(address, "?"):
		address += "?"
	case !strings.HasSuffix(address, "?") && !strings.HasSuffix(address, "&"):
		address += "&"
	}
	address += query
	if fragment != "" {
		address += "#" + fragment
	}
	return &systems.Handshake{
		Method:  http.MethodGet,
		URL:     address,
		EventID: systems.UUID("socialboards challenge", endpoint.ID, challenge),
		Check: func(status int, body []byte) error {
			if status < 200 || status > 299 {
				return fmt.Errorf("the receiver must answer the verification request with 2xx, it answered %d", status)
			}
			if !strings.Contains(string(body), challenge) {
				return fmt.Errorf("the receiver's answer must contain the challenge %s; it answered %d", challenge, status)
			}
			return nil
		},
	}
}
