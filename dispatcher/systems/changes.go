package systems

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Changed reports whether a change gave a member of its ticket another value.
// Members have their JSON names, "status" or "due_at"; "custom.<id>" is one
// custom field and "extra.<name>" one extra member. A change that created its
// ticket changes nothing. Where the ticket before is not known, a member that
// the caller wrote counts as changed: an emulation fires rather than not.
func Changed(change *ticket.Change, member string) bool {
	if change == nil || change.After == nil {
		return false
	}
	switch change.Kind {
	case ticket.TicketCreated, ticket.TicketDeleted:
		return false
	}
	if change.Before == nil {
		return slices.Contains(change.Touched, member)
	}
	return Differs(change.Before, change.After, member)
}

// ChangedAnything reports whether a change made a difference to its ticket: to
// a member, a reply or a note. Writing what was there already makes none, and
// that somebody wrote at all does not count.
func ChangedAnything(change *ticket.Change) bool {
	if change.Before == nil || change.Reply != nil || change.Note != nil || change.Kind == ticket.TicketDeleted {
		return true
	}
	for _, differ := range differs {
		if differ(change.Before, change.After) {
			return true
		}
	}
	return false
}

// Differs reports whether two tickets differ in a member, named as for
// Changed. A nil ticket has no value anywhere. An unknown member never differs.
func Differs(before, after *ticket.Ticket, member string) bool {
	if before == nil {
		before = &ticket.Ticket{}
	}
	if after == nil {
		after = &ticket.Ticket{}
	}
	if name, ok := strings.CutPrefix(member, "custom."); ok {
		return encoded(before.CustomFields[name]) != encoded(after.CustomFields[name])
	}
	if name, ok := strings.CutPrefix(member, "extra."); ok {
		return encoded(before.Extra[name]) != encoded(after.Extra[name])
	}
	differ, ok := differs[member]
	return ok && differ(before, after)
}

// differs says for each member of a ticket when it has another value.
var differs = map[string]func(b, a *ticket.Ticket) bool{
	"subject":           func(b, a *ticket.Ticket) bool { return b.Subject != a.Subject },
	"description":       func(b, a *ticket.Ticket) bool { return b.Description != a.Description },
	"description_html":  func(b, a *ticket.Ticket) bool { return b.DescriptionHTML != a.DescriptionHTML },
	"status":            func(b, a *ticket.Ticket) bool { return !SameStatus(b.Status, a.Status) },
	"justification":     func(b, a *ticket.Ticket) bool { return b.Justification != a.Justification },
	"priority":          func(b, a *ticket.Ticket) bool { return !SameRef(b.Priority, a.Priority) },
	"urgency":           func(b, a *ticket.Ticket) bool { return !SameRef(b.Urgency, a.Urgency) },
	"type":              func(b, a *ticket.Ticket) bool { return !SameRef(b.Type, a.Type) },
	"category":          func(b, a *ticket.Ticket) bool { return !SameCategory(b.Category, a.Category) },
	"department":        func(b, a *ticket.Ticket) bool { return !SameRef(b.Department, a.Department) },
	"team":              func(b, a *ticket.Ticket) bool { return !SameRef(b.Team, a.Team) },
	"help_topic":        func(b, a *ticket.Ticket) bool { return !SameRef(b.HelpTopic, a.HelpTopic) },
	"sla":               func(b, a *ticket.Ticket) bool { return !SameRef(b.SLA, a.SLA) },
	"source":            func(b, a *ticket.Ticket) bool { return !SameRef(b.Source, a.Source) },
	"requester":         func(b, a *ticket.Ticket) bool { return !SamePerson(b.Requester, a.Requester) },
	"creator":           func(b, a *ticket.Ticket) bool { return !SamePerson(b.Creator, a.Creator) },
	"assignee":          func(b, a *ticket.Ticket) bool { return !SamePerson(b.Assignee, a.Assignee) },
	"tags":              func(b, a *ticket.Ticket) bool { return !sameSet(b.Tags, a.Tags) },
	"custom_fields":     func(b, a *ticket.Ticket) bool { return encoded(b.CustomFields) != encoded(a.CustomFields) },
	"due_at":            func(b, a *ticket.Ticket) bool { return !SameTime(b.DueAt, a.DueAt) },
	"response_due_at":   func(b, a *ticket.Ticket) bool { return !SameTime(b.ResponseDueAt, a.ResponseDueAt) },
	"resolution_due_at": func(b, a *ticket.Ticket) bool { return !SameTime(b.ResolutionDueAt, a.ResolutionDueAt) },
	"language":          func(b, a *ticket.Ticket) bool { return b.Language != a.Language },
	"community":         func(b, a *ticket.Ticket) bool { return b.Community != a.Community },
	"attachments":       func(b, a *ticket.Ticket) bool { return encoded(b.Attachments) != encoded(a.Attachments) },
	"replies":           func(b, a *ticket.Ticket) bool { return encoded(b.Replies) != encoded(a.Replies) },
	"notes":             func(b, a *ticket.Ticket) bool { return encoded(b.Notes) != encoded(a.Notes) },
	"extra":             func(b, a *ticket.Ticket) bool { return encoded(b.Extra) != encoded(a.Extra) },
	"closed_at":         func(b, a *ticket.Ticket) bool { return !SameTime(b.ClosedAt, a.ClosedAt) },
}

// SameRef reports whether two references name the same entry: by id where both
// have one, else by name without regard to case.
func SameRef(a, b ticket.Ref) bool {
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	if a.Name != "" && b.Name != "" {
		return strings.EqualFold(a.Name, b.Name)
	}
	return a == b
}

// SameStatus reports whether two statuses are the same one.
func SameStatus(a, b ticket.Status) bool {
	if a.ID != "" && b.ID != "" || a.Name != "" && b.Name != "" {
		return SameRef(ticket.Ref{ID: a.ID, Name: a.Name}, ticket.Ref{ID: b.ID, Name: b.Name})
	}
	return a.State == b.State && a.ID == b.ID && a.Name == b.Name
}

// SameCategory reports whether two categories are the same place in the tree.
func SameCategory(a, b ticket.Category) bool {
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	if a.Path != "" && b.Path != "" {
		return strings.EqualFold(a.Path, b.Path)
	}
	return SameRef(ticket.Ref{ID: a.ID, Name: a.Name}, ticket.Ref{ID: b.ID, Name: b.Name})
}

// SamePerson reports whether two people are the same one: by id where both
// have one, else by address, else by name. Nobody is nil or empty.
func SamePerson(a, b *ticket.Person) bool {
	if nobody(a) || nobody(b) {
		return nobody(a) == nobody(b)
	}
	if a.ID != "" && b.ID != "" {
		return a.ID == b.ID
	}
	if a.Email != "" && b.Email != "" {
		return strings.EqualFold(a.Email, b.Email)
	}
	return a.FullName() == b.FullName()
}

func nobody(p *ticket.Person) bool {
	return p == nil || p.ID == "" && p.FullName() == ""
}

// SameTime reports whether two times are the same instant, or both unset.
func SameTime(a, b *time.Time) bool {
	if a == nil || b == nil || a.IsZero() || b.IsZero() {
		return (a == nil || a.IsZero()) == (b == nil || b.IsZero())
	}
	return a.Equal(*b)
}

// Over reports whether a state ends the work on a ticket.
func Over(state ticket.State) bool { return state == ticket.Resolved || state == ticket.Closed }

// Finished reports whether a change resolved or closed a ticket that was not
// so before.
func Finished(change *ticket.Change) bool {
	return Changed(change, "status") && Over(change.After.Status.State) &&
		(change.Before == nil || !Over(change.Before.Status.State))
}

// PublicReply returns the public reply that a change added, nil for any other
// change: an internal reply is a note.
func PublicReply(change *ticket.Change) *ticket.Reply {
	if change == nil || change.Kind != ticket.ReplyAdded || change.Reply == nil || !change.Reply.Public {
		return nil
	}
	return change.Reply
}

// AuthorRole says in what capacity the author of a reply or a note wrote it:
// the role the author has, else client where the author is the ticket's
// requester, else the actor's role, else agent.
func AuthorRole(change *ticket.Change, author ticket.Person) ticket.Role {
	if author.Role != "" {
		return author.Role
	}
	if change != nil && change.After != nil && !nobody(&author) && SamePerson(&author, change.After.Requester) {
		return ticket.RoleClient
	}
	if change != nil && change.Actor.Role != "" {
		return change.Actor.Role
	}
	return ticket.RoleAgent
}

func sameSet(a, b []string) bool {
	return slices.Equal(sortedSet(a), sortedSet(b))
}

func sortedSet(list []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(list)))
}

// encoded is a value as text for comparing, the same for nil and empty.
func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	switch string(text) {
	case "null", "{}", "[]", `""`:
		return ""
	}
	return string(text)
}
