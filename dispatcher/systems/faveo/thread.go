package faveo

import (
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

const (
	posterClient  = "client"
	posterSupport = "support"
	noSubject     = "No Subject" // the title of every entry but the first
)

// thread is an entry of a ticket's conversation, its columns in the order of
// the page.
type thread struct {
	ID           int64   `json:"id"`
	TicketID     int64   `json:"ticket_id"`
	UserID       int64   `json:"user_id"`
	ThreadType   *string `json:"thread_type"`
	Poster       string  `json:"poster"`
	Source       *string `json:"source"`
	ReplyRating  int64   `json:"reply_rating"`
	RatingCount  int64   `json:"rating_count"`
	IsInternal   int64   `json:"is_internal"`
	Title        string  `json:"title"`
	Body         string  `json:"body"`
	Format       *string `json:"format"`
	IPAddress    *string `json:"ip_address"`
	CreatedAt    string  `json:"created_at"`
	UpdatedAt    string  `json:"updated_at"`
	ResponseTime *int64  `json:"response_time"` // minutes
}

// openingThread is the entry that opened the ticket, in the requester's name.
func openingThread(change *ticket.Change) thread {
	t := change.After
	body := t.DescriptionHTML
	if body == "" {
		body = t.Description
	}
	given := columns{t.Extra}
	return thread{
		ID:        given.number("thread_id", ticket.NumericID("first thread of "+t.Number)),
		TicketID:  t.NumericID(),
		UserID:    t.Requester.NumericID(),
		Poster:    posterClient,
		Title:     t.Subject,
		Body:      body,
		CreatedAt: systems.LaravelTime(createdAt(change)),
		UpdatedAt: systems.LaravelTime(createdAt(change)),
	}
}

// renderThread renders the change's reply. A change without one, which
// happens only where somebody asks for a sample of an event that did not
// happen, has an empty entry of the actor.
func renderThread(change *ticket.Change) (thread, *ticket.Person) {
	reply := change.Reply
	if reply == nil {
		reply = &ticket.Reply{Author: change.Actor}
	}
	writer := reply.Author
	if writer == (ticket.Person{}) {
		writer = change.Actor
	}
	t := change.After
	entry := thread{
		ID:         ticket.NumericID(reply.ID),
		TicketID:   t.NumericID(),
		UserID:     writer.NumericID(),
		Poster:     posterClient,
		IsInternal: 0,
		Title:      noSubject,
		Body:       reply.Body,
	}
	created, updated := reply.CreatedAt, reply.UpdatedAt
	if created.IsZero() {
		created = change.At
	}
	if updated.IsZero() {
		updated = created
	}
	entry.CreatedAt, entry.UpdatedAt = systems.LaravelTime(created), systems.LaravelTime(updated)
	if systems.AuthorRole(change, reply.Author) != ticket.RoleClient {
		talk := conversation(change)
		entry.Poster = posterSupport
		entry.ResponseTime = talk.last
		if talk.responses == 1 {
			first := "first_reply"
			entry.ThreadType = &first
		}
	}
	return entry, &writer
}

// talk is what the replies of a ticket amount to.
type talk struct {
	entries       int64 // public ones, the opening one among them
	poster        string
	firstResponse *time.Time
	responses     int64  // replies of agents
	waited        int64  // minutes that clients waited for them in all
	last          *int64 // minutes until the newest of them
}

// average is the mean time until a response in minutes, nil before the first.
func (t talk) average() *int64 {
	if t.responses == 0 {
		return nil
	}
	mean := (t.waited + t.responses/2) / t.responses
	return &mean
}

// conversation reads the public replies, the change's own among them.
func conversation(change *ticket.Change) talk {
	t := change.After
	made := talk{entries: 1, poster: posterClient}
	asked := createdAt(change)
	for _, reply := range publicReplies(change) {
		made.entries++
		when := reply.CreatedAt
		if when.IsZero() {
			when = change.At
		}
		if roleOf(change, t, reply) == ticket.RoleClient {
			made.poster = posterClient
			asked = when
			continue
		}
		made.poster = posterSupport
		waited := minutes(asked, when)
		made.responses++
		made.waited += waited
		made.last = &waited
		if made.firstResponse == nil {
			made.firstResponse = &when
		}
	}
	return made
}

// publicReplies lists the replies that the client sees, the one that the
// change added last of all.
func publicReplies(change *ticket.Change) []ticket.Reply {
	added := systems.PublicReply(change)
	var replies []ticket.Reply
	for _, reply := range change.After.Replies {
		if reply.Public && (added == nil || !sameReply(reply, *added)) {
			replies = append(replies, reply)
		}
	}
	if added != nil {
		replies = append(replies, *added)
	}
	return replies
}

func sameReply(a, b ticket.Reply) bool {
	if a.ID != "" || b.ID != "" {
		return a.ID == b.ID
	}
	return a.Body == b.Body && a.CreatedAt.Equal(b.CreatedAt)
}

// roleOf is in what capacity a reply was written. The actor says so only of
// the reply that the change added.
func roleOf(change *ticket.Change, t *ticket.Ticket, reply ticket.Reply) ticket.Role {
	if added := systems.PublicReply(change); added != nil && sameReply(reply, *added) {
		return systems.AuthorRole(change, reply.Author)
	}
	return systems.AuthorRole(&ticket.Change{After: t}, reply.Author)
}
