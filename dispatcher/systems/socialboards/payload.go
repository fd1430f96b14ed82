package socialboards

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// seedEnvelope and envelope2022 are the body; TicketId moved to the end.
type seedEnvelope struct {
	CommunityName string `json:"CommunityName"`
	EventType     string `json:"EventType"`
	TicketID      int64  `json:"TicketId"`
	Events        []item `json:"Events"`
}

type envelope2022 struct {
	CommunityName string `json:"CommunityName"`
	EventType     string `json:"EventType"`
	Events        []item `json:"Events"`
	TicketID      int64  `json:"TicketId"`
}

// item is the one entry of Events. What was before, and the objects, are there
// only for the events that have them.
type item struct {
	InboxLink                string    `json:"InboxLink"`
	PreviousTicketStatus     *nullable `json:"PreviousTicketStatus,omitempty"`
	PreviousTicketTags       *nullable `json:"PreviousTicketTags,omitempty"`
	PreviousTicketCategoryID *nullable `json:"PreviousTicketCategoryId,omitempty"`
	Tags                     *[]tag    `json:"Tags,omitempty"`
	Reply                    *reply    `json:"Reply,omitempty"`
	Note                     *note     `json:"Note,omitempty"`
	Ticket                   any       `json:"Ticket"`
	TicketID                 int64     `json:"TicketId"`
}

// nullable is a member that may be null and yet is there. What was before is
// null where it is not known.
type nullable struct{ value any }

// MarshalJSON implements json.Marshaler.
func (n nullable) MarshalJSON() ([]byte, error) { return systems.JSON(n.value) }

func newItem(occasion systems.Occasion, community, revision string) item {
	change := occasion.Change
	it := item{
		TicketID:  change.After.NumericID(),
		InboxLink: inboxLink(community, change.After.NumericID()),
	}
	switch occasion.Event {
	case ticketStatusChange:
		it.PreviousTicketStatus = previous(change, func(t *ticket.Ticket) any { return statusName(t.Status) })
	case ticketTagsChange:
		now := tags(change.After.Tags)
		it.PreviousTicketTags, it.Tags = previous(change, func(t *ticket.Ticket) any { return tags(t.Tags) }), &now
	case ticketCategoryChange:
		it.PreviousTicketCategoryID = previous(change, func(t *ticket.Ticket) any { return categoryNumber(t.Category) })
	case replyCreation, replyUpdate, replyDeletion:
		it.Reply = newReply(change, occasion.Endpoint.PrivateNotes, revision)
	case noteCreation, noteUpdate, noteDeletion:
		it.Note = newNote(change, occasion.Endpoint.PrivateNotes, revision)
	}
	it.Ticket = newTicket(change, revision)
	return it
}

func previous(change *ticket.Change, member func(*ticket.Ticket) any) *nullable {
	if change.Before == nil {
		return &nullable{}
	}
	return &nullable{member(change.Before)}
}

func inboxLink(community string, id int64) string {
	return "https://inbox.socialboards.com/" + url.PathEscape(community) + "/tickets?ticketId=" + strconv.FormatInt(id, 10)
}

// statusNames are the statuses that the vendor knows.
var statusNames = []string{"open", "pending", "completed"}

// statusName is one of those: the status's own name where it is one, else by
// its state.
func statusName(status ticket.Status) string {
	if name := strings.ToLower(status.Name); slices.Contains(statusNames, name) {
		return name
	}
	switch status.State {
	case ticket.Pending, ticket.OnHold:
		return "pending"
	case ticket.Resolved, ticket.Closed:
		return "completed"
	default:
		return "open"
	}
}

// tag is a tag of a ticket or a reply.
type tag struct {
	ID   int64  `json:"Id"`
	Name string `json:"Name"`
}

func tags(names []string) []tag {
	list := make([]tag, 0, len(names))
	for _, name := range names {
		list = append(list, tag{ticket.NumericID(name), name})
	}
	return list
}

// categoryNumber is a category's number, nil for none.
func categoryNumber(c ticket.Category) *int64 {
	number := c.ID
	for _, name := range []string{c.Path, c.Name} {
		if number == "" {
			number = name
		}
	}
	if number == "" {
		return nil
	}
	n := ticket.NumericID(number)
	return &n
}

// moment is a time with its offset, which is +00:00 for UTC and never Z; null
// for the zero time.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := systems.DotNetTime(t, true)
	if plain, ok := strings.CutSuffix(text, "Z"); ok {
		text = plain + "+00:00"
	}
	return &text
}

// optionalText is a text member, null where it is empty.
func optionalText(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
