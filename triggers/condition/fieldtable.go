package condition

import (
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var (
	stateNames = texts(ticket.States)
	roleNames  = texts(ticket.Roles)
	kindNames  = texts(ticket.Kinds)

	usualPriorities = []string{"Low", "Normal", "High", "Urgent", "Critical"}
)

func texts[T ~string](all []T) []string {
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = string(one)
	}
	return names
}

// ticketFields are the fields of the ticket, apart from its people.
var ticketFields = []Field{
	{
		Name: "number", Title: "Number", Type: Text, Description: "The ticket's number.",
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Number) },
	},
	{
		Name: "subject", Title: "Subject", Type: Text, Description: "The subject line.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Subject) },
	},
	{
		Name: "description", Title: "Description", Type: Text, Description: "The description as plain text.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Description) },
	},
	{
		Name: "description_html", Title: "Description (HTML)", Type: HTML, Description: "The description as HTML.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.DescriptionHTML) },
	},
	{
		Name: "status", Title: "Status", Type: Ordinal, Description: "The status by the name its system gives it; ordered by its state.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value {
			v := refValue(t.Status.ID, t.Status.Name, "")
			v.state = string(t.Status.State)
			return v
		},
	},
	{
		Name: "status.id", Title: "Status id", Type: Text, Description: "The id of the status.", root: "status",
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Status.ID) },
	},
	{
		Name: "status.state", Title: "State", Type: Ordinal, Description: "The part of the status that all systems share.", root: "status", Values: stateNames, Closed: true,
		get: func(t *ticket.Ticket, _ time.Time) value {
			v := refValue("", string(t.Status.State), "")
			v.state = v.text
			return v
		},
	},
	{
		Name: "justification", Title: "Justification", Type: Text, Description: "Why the ticket has its status.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Justification) },
	},
	refField("priority", "Priority", Ordinal, usualPriorities, func(t *ticket.Ticket) ticket.Ref { return t.Priority }),
	idField("priority", "Priority", func(t *ticket.Ticket) ticket.Ref { return t.Priority }),
	refField("urgency", "Urgency", Ordinal, usualPriorities, func(t *ticket.Ticket) ticket.Ref { return t.Urgency }),
	idField("urgency", "Urgency", func(t *ticket.Ticket) ticket.Ref { return t.Urgency }),
	refField("type", "Type", Choice, nil, func(t *ticket.Ticket) ticket.Ref { return t.Type }),
	idField("type", "Type", func(t *ticket.Ticket) ticket.Ref { return t.Type }),
	{
		Name: "category", Title: "Category", Type: Tree, Description: "The category by its path, such as Hardware/Printers.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value {
			return refValue(t.Category.ID, t.Category.Name, t.Category.Path)
		},
	},
	{
		Name: "category.id", Title: "Category id", Type: Text, Description: "The id of the category.", root: "category",
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Category.ID) },
	},
	{
		Name: "category.name", Title: "Category name", Type: Text, Description: "The last part of the category's path.", root: "category",
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Category.Name) },
	},
	refField("department", "Department", Choice, nil, func(t *ticket.Ticket) ticket.Ref { return t.Department }),
	idField("department", "Department", func(t *ticket.Ticket) ticket.Ref { return t.Department }),
	refField("team", "Team", Choice, nil, func(t *ticket.Ticket) ticket.Ref { return t.Team }),
	idField("team", "Team", func(t *ticket.Ticket) ticket.Ref { return t.Team }),
	refField("help_topic", "Help topic", Choice, nil, func(t *ticket.Ticket) ticket.Ref { return t.HelpTopic }),
	idField("help_topic", "Help topic", func(t *ticket.Ticket) ticket.Ref { return t.HelpTopic }),
	refField("sla", "SLA", Choice, nil, func(t *ticket.Ticket) ticket.Ref { return t.SLA }),
	idField("sla", "SLA", func(t *ticket.Ticket) ticket.Ref { return t.SLA }),
	refField("source", "Source", Choice, []string{"web", "email", "agent", "call", "chat"}, func(t *ticket.Ticket) ticket.Ref { return t.Source }),
	idField("source", "Source", func(t *ticket.Ticket) ticket.Ref { return t.Source }),
	{
		Name: "tags", Title: "Tags", Type: Set, Description: "The tags, without order.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return setValue(t.Tags) },
	},
	timeField("due_at", "Due", "When the ticket is due.", func(t *ticket.Ticket) *time.Time { return t.DueAt }),
	timeField("response_due_at", "Response due", "When the first answer is due.", func(t *ticket.Ticket) *time.Time { return t.ResponseDueAt }),
	timeField("resolution_due_at", "Resolution due", "When the solution is due.", func(t *ticket.Ticket) *time.Time { return t.ResolutionDueAt }),
	alias("sla.response_due_at", "SLA: response due", "The same as response_due_at, which the SLA sets.", "response_due_at", func(t *ticket.Ticket) *time.Time { return t.ResponseDueAt }),
	alias("sla.resolution_due_at", "SLA: resolution due", "The same as resolution_due_at, which the SLA sets.", "resolution_due_at", func(t *ticket.Ticket) *time.Time { return t.ResolutionDueAt }),
	{
		Name: "language", Title: "Language", Type: Text, Description: "The language as a tag such as en or pt-BR.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Language) },
	},
	{
		Name: "community", Title: "Community", Type: Text, Description: "The community's name.", Writable: true,
		get: func(t *ticket.Ticket, _ time.Time) value { return textValue(t.Community) },
	},
	{
		Name: "attachments", Title: "Attachments", Type: Set, Description: "The names of the files that the ticket itself has.",
		get: func(t *ticket.Ticket, _ time.Time) value {
			return namesValue(t.Attachments, func(a *ticket.Attachment) string { return a.Name })
		},
	},
	{
		Name: "replies", Title: "Replies", Type: Set, Description: "The ids of the replies: one is added, removed or counted; comment.body is what the change says.",
		get: func(t *ticket.Ticket, _ time.Time) value {
			return namesValue(t.Replies, func(r *ticket.Reply) string { return r.ID })
		},
	},
	{
		Name: "notes", Title: "Notes", Type: Set, Description: "The ids of the notes.",
		get: func(t *ticket.Ticket, _ time.Time) value {
			return namesValue(t.Notes, func(n *ticket.Note) string { return n.ID })
		},
	},
	{
		Name: "attachments.count", Title: "Number of attachments", Type: Number, Description: "How many files the ticket itself has.", root: "attachments",
		get: func(t *ticket.Ticket, _ time.Time) value { return numberValue(len(t.Attachments)) },
	},
	{
		Name: "replies.count", Title: "Number of replies", Type: Number, Description: "How many replies the ticket has.", root: "replies",
		get: func(t *ticket.Ticket, _ time.Time) value { return numberValue(len(t.Replies)) },
	},
	{
		Name: "notes.count", Title: "Number of notes", Type: Number, Description: "How many notes the ticket has.", root: "notes",
		get: func(t *ticket.Ticket, _ time.Time) value { return numberValue(len(t.Notes)) },
	},
	timeField("created_at", "Created", "When the ticket was created.", func(t *ticket.Ticket) *time.Time { return &t.CreatedAt }),
	timeField("updated_at", "Updated", "When the ticket was last changed.", func(t *ticket.Ticket) *time.Time { return &t.UpdatedAt }),
	timeField("closed_at", "Closed", "When the ticket was closed.", func(t *ticket.Ticket) *time.Time { return t.ClosedAt }),
	{
		Name: "age", Title: "Age", Type: Duration, Description: "How long before the change the ticket was created.", root: "created_at",
		get: func(t *ticket.Ticket, at time.Time) value {
			if t.CreatedAt.IsZero() {
				return value{}
			}
			return value{kind: isDuration, duration: at.Sub(t.CreatedAt)}
		},
	},
}

func refField(name, title string, typ Type, values []string, of func(*ticket.Ticket) ticket.Ref) Field {
	return Field{
		Name: name, Title: title, Type: typ, Values: values, Writable: true,
		Description: title + " by name or id.",
		get: func(t *ticket.Ticket, _ time.Time) value {
			ref := of(t)
			return refValue(ref.ID, ref.Name, "")
		},
	}
}

// namesValue is the set of what the members of a list are called.
func namesValue[T any](list []T, name func(*T) string) value {
	names := make([]string, len(list))
	for i := range list {
		names[i] = name(&list[i])
	}
	return setValue(names)
}

func idField(name, title string, of func(*ticket.Ticket) ticket.Ref) Field {
	return Field{
		Name: name + ".id", Title: title + " id", Type: Text, root: name,
		Description: "The id of the ticket's " + strings.ReplaceAll(name, "_", " ") + ".",
		get:         func(t *ticket.Ticket, _ time.Time) value { return textValue(of(t).ID) },
	}
}

func timeField(name, title, description string, of func(*ticket.Ticket) *time.Time) Field {
	return Field{
		Name: name, Title: title, Type: Datetime, Writable: name != "created_at" && name != "updated_at",
		Description: description,
		get:         func(t *ticket.Ticket, _ time.Time) value { return timeValue(of(t)) },
	}
}

func alias(name, title, description, root string, of func(*ticket.Ticket) *time.Time) Field {
	f := timeField(name, title, description, of)
	f.root, f.Writable = root, false
	return f
}

// contextFields are the fields of the change itself. They have no before.
var contextFields = []Field{
	{
		Name: "event.kind", Title: "Kind of change", Type: Choice, Values: kindNames, Closed: true, Description: "What the change did.",
		context: func(c *ticket.Change) value { return textValue(string(c.Kind)) },
	},
	{
		Name: "event.at", Title: "Time of change", Type: Datetime, Description: "When the change happened.",
		context: func(c *ticket.Change) value { return timeValue(&c.At) },
	},
	{
		Name: "actor", Title: "Actor", Type: Person, Description: "Who made the change: by id, address, user name or full name.",
		context: func(c *ticket.Change) value { return personValue(&c.Actor) },
	},
	{
		Name: "actor.role", Title: "Actor's role", Type: Choice, Values: roleNames, Closed: true, Description: "In what capacity the change was made.",
		context: func(c *ticket.Change) value { return textValue(string(c.Actor.Role)) },
	},
	{
		Name: "actor.id", Title: "Actor's id", Type: Text, Description: "The id of who made the change.",
		context: func(c *ticket.Change) value { return textValue(c.Actor.ID) },
	},
	{
		Name: "actor.name", Title: "Actor's name", Type: Text, Description: "The name of who made the change.",
		context: func(c *ticket.Change) value { return textValue(c.Actor.FullName()) },
	},
	{
		Name: "actor.email", Title: "Actor's address", Type: Text, Description: "The address of who made the change.",
		context: func(c *ticket.Change) value { return textValue(c.Actor.Email) },
	},
	{
		Name: "via", Title: "Via", Type: Choice, Values: []string{"web", "email", "api", "chat", "rule"}, Description: "Through what the change was made.",
		context: func(c *ticket.Change) value { return textValue(c.Via) },
	},
	{
		Name: "comment.is_public", Title: "Comment is public", Type: Boolean, Description: "Whether the reply or note of the change is public; nothing where there is none.",
		context: func(c *ticket.Change) value {
			switch {
			case c.Reply != nil:
				return booleanValue(c.Reply.Public)
			case c.Note != nil:
				return booleanValue(!c.Note.Private)
			}
			return value{}
		},
	},
	{
		Name: "comment.author_role", Title: "Comment's author's role", Type: Choice, Values: roleNames, Closed: true, Description: "In what capacity the reply or note was written.",
		context: func(c *ticket.Change) value { return textValue(string(commentAuthor(c).Role)) },
	},
	{
		Name: "comment.author", Title: "Comment's author", Type: Person, Description: "Who wrote the reply or note.",
		context: func(c *ticket.Change) value { return personValue(commentAuthor(c)) },
	},
	{
		Name: "comment.body", Title: "Comment's text", Type: HTML, Description: "The body of the reply or note of the change, as HTML.",
		context: func(c *ticket.Change) value {
			switch {
			case c.Reply != nil:
				return textValue(c.Reply.Body)
			case c.Note != nil:
				return textValue(c.Note.Body)
			}
			return value{}
		},
	},
	{
		Name: "comment.attachments.count", Title: "Number of the comment's attachments", Type: Number, Description: "How many files the reply or note has; nothing where there is none.",
		context: func(c *ticket.Change) value {
			switch {
			case c.Reply != nil:
				return numberValue(len(c.Reply.Attachments))
			case c.Note != nil:
				return numberValue(len(c.Note.Attachments))
			}
			return value{}
		},
	},
}

func commentAuthor(c *ticket.Change) *ticket.Person {
	switch {
	case c.Reply != nil:
		return &c.Reply.Author
	case c.Note != nil:
		return &c.Note.Author
	}
	return &ticket.Person{}
}
