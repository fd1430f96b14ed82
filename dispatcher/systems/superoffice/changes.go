package superoffice

import (
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// primaryKeyColumn opens Changes of every ticket.changed, as the primary key
// opens it in the vendor's examples of every entity.
const primaryKeyColumn = "id"

// lastChangedColumn follows whatever changes a ticket.
const lastChangedColumn = "last_changed"

// Column is one name that Changes can hold.
type Column struct {
	Name string
	// From says in words which members of a change lead to it.
	From    string
	changed func(*ticket.Change) bool
}

// Columns lists the columns of the vendor's table of tickets that Changes can
// name, in the vendor's order, each with what leads to it.
var Columns = []Column{
	{"created_at", "created_at", func(c *ticket.Change) bool {
		return c.Before != nil && !c.Before.CreatedAt.Equal(c.After.CreatedAt)
	}},
	member("title", "subject"),
	{lastChangedColumn, "updated_at", func(c *ticket.Change) bool {
		return c.Before != nil && !c.Before.UpdatedAt.Equal(c.After.UpdatedAt)
	}},
	extra("read_by_owner"),
	extra("read_by_customer"),
	member("closed_at", "closed_at"),
	{"time_to_close", "a status that closes the ticket", closes},
	{"real_time_to_close", "a status that closes the ticket", closes},
	{"time_to_reply", "the first public reply of an agent", firstAnswer},
	{"real_time_to_reply", "the first public reply of an agent", firstAnswer},
	extra("author"),
	member("created_by", "creator"),
	extra("alert_level"),
	extra("alert_timeout"),
	extra("connect_id"),
	extra("filter_id"),
	extra("read_status"),
	{"has_attachment", "attachments, of the ticket or of a reply", func(c *ticket.Change) bool {
		return c.Before != nil && hasAttachment(c.Before) != hasAttachment(c.After) ||
			c.Before == nil && systems.Changed(c, "attachments")
	}},
	{"num_replies", "a public reply of an agent, added or deleted", func(c *ticket.Change) bool {
		return countChanged(c, func(t *ticket.Ticket) int { return answers(c, t) }) || replyComesOrGoes(c) && isAnswer(c, *c.Reply)
	}},
	{"num_messages", "a reply or a note, added or deleted", func(c *ticket.Change) bool {
		return countChanged(c, messages) || replyComesOrGoes(c) || noteComesOrGoes(c)
	}},
	extra("display_filter"),
	extra("alert_stop"),
	{"replied_at", "the first public reply of an agent", firstAnswer},
	extra("slevel"),
	member("category", "category"),
	member("priority", "priority"),
	member("cust_id", "requester"),
	{"status", "status, where its meaning changes (active, closed, postponed, deleted)", levelChanged},
	{"ticket_status", "status", func(c *ticket.Change) bool {
		return c.Kind == ticket.TicketDeleted || systems.Changed(c, "status") || extraChanged(c, "ticket_status")
	}},
	member("deadline", "due_at"),
	extra("first_read_by_user"),
	extra("first_read_by_owner"),
	extra("activate"),
	member("owned_by", "assignee"),
	extra("agent_id"),
	extra("dbi_key"),
	extra("dbi_last_syncronized"),
	{"extraField", "custom_fields", func(c *ticket.Change) bool {
		return systems.Changed(c, "custom_fields") || c.Before == nil &&
			slices.ContainsFunc(c.Touched, func(m string) bool { return strings.HasPrefix(m, "custom.") })
	}},
	extra("filter_address"),
	extra("time_spent_internally"),
	extra("time_spent_externally"),
	extra("time_spent_queue"),
	extra("real_time_spent_internally"),
	extra("real_time_spent_externally"),
	extra("real_time_spent_queue"),
	member("tags", "tags"),
	member("ticket_type", "type"),
}

// changedColumns returns the columns that a change of an existing ticket
// wrote, in the order of Columns.
func changedColumns(change *ticket.Change) []string {
	var names []string
	for _, column := range Columns {
		if column.changed(change) {
			names = append(names, column.Name)
		}
	}
	return names
}

// member is a column that follows a member of the ticket, or the member of
// extra that has the column's name.
func member(column, name string) Column {
	return Column{column, name, func(c *ticket.Change) bool {
		return systems.Changed(c, name) || extraChanged(c, column)
	}}
}

// extra is a column that only SuperOffice has: a member of extra.
func extra(column string) Column {
	return Column{column, "extra." + column, func(c *ticket.Change) bool { return extraChanged(c, column) }}
}

func extraChanged(c *ticket.Change, name string) bool {
	_, is := c.After.Extra[name]
	if c.Before == nil {
		// Of a ticket that is not known, whatever extra was written holds.
		return is && slices.Contains(c.Touched, "extra")
	}
	// Most tickets have none of these columns, and comparing costs.
	_, was := c.Before.Extra[name]
	return (is || was) && systems.Changed(c, "extra."+name)
}

func levelChanged(c *ticket.Change) bool {
	if c.Kind == ticket.TicketDeleted {
		return true
	}
	if c.Before == nil {
		return systems.Changed(c, "status") || extraChanged(c, "status")
	}
	return level(c.Before, false) != level(c.After, false)
}

func closes(c *ticket.Change) bool {
	return levelChanged(c) && level(c.After, c.Kind == ticket.TicketDeleted) == levelClosed
}

// isAnswer reports whether a reply went out to the customer.
func isAnswer(c *ticket.Change, reply ticket.Reply) bool {
	return reply.Public && systems.AuthorRole(c, reply.Author) != ticket.RoleClient
}

// answers counts the replies of a ticket that went out to the customer.
func answers(c *ticket.Change, t *ticket.Ticket) int {
	n := 0
	for _, reply := range t.Replies {
		if isAnswer(c, reply) {
			n++
		}
	}
	return n
}

// firstAnswer reports whether the change is the first reply to the customer.
func firstAnswer(c *ticket.Change) bool {
	reply := systems.PublicReply(c)
	return reply != nil && isAnswer(c, *reply) && (c.Before == nil || answers(c, c.Before) == 0)
}

func replyComesOrGoes(c *ticket.Change) bool {
	return c.Reply != nil && (c.Kind == ticket.ReplyAdded || c.Kind == ticket.ReplyDeleted)
}

func noteComesOrGoes(c *ticket.Change) bool {
	return c.Note != nil && (c.Kind == ticket.NoteAdded || c.Kind == ticket.NoteDeleted)
}

func countChanged(c *ticket.Change, count func(*ticket.Ticket) int) bool {
	return c.Before != nil && count(c.Before) != count(c.After)
}

func messages(t *ticket.Ticket) int { return len(t.Replies) + len(t.Notes) }
