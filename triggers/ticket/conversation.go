package ticket

import (
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/triggers/id"
)

// conversation adds, changes or removes the reply or the note.
func (m *merge) conversation() {
	if m.in.Reply != nil {
		m.reply()
	}
	if m.in.Note != nil {
		m.note()
	}
}

// removing and changing say what the change does to its reply or note. A
// change of the ticket itself adds the entry, or changes the one it names.
func (m *merge) removing() bool { return m.change.Kind == ReplyDeleted || m.change.Kind == NoteDeleted }

func (m *merge) changing(exists bool) bool {
	switch m.change.Kind {
	case ReplyUpdated, NoteUpdated:
		return true
	case ReplyAdded, NoteAdded:
		return false
	default:
		return exists
	}
}

func (m *merge) reply() {
	given, c := m.in.Reply, m.change
	i := slices.IndexFunc(c.After.Replies, func(r Reply) bool { return r.ID != "" && r.ID == given.Values.ID })
	entry := Reply{Public: true, CreatedAt: m.at}
	switch {
	case m.removing() || m.changing(i >= 0):
		if !m.mayExist("reply", given.Values.ID, i) {
			return
		}
		if i >= 0 {
			entry = c.After.Replies[i]
		}
	case i >= 0:
		m.problems.Add("reply.id", given.Values.ID, "an id that is new; the ticket has this reply already")
		return
	}
	given.onto(&entry)
	entry.Attachments = cloneAttachments(entry.Attachments)
	if entry.ID == "" {
		entry.ID = m.env.NewID(id.Reply)
	}
	if entry.Author == (Person{}) {
		entry.Author = c.Actor
	}
	entry.Author = m.complete(entry.Author)
	if entry.Author.Role == "" {
		entry.Author.Role = m.roleOf(entry.Author)
	}
	if entry.CreatedAt.IsZero() {
		entry.CreatedAt = m.at
	}
	switch {
	case m.removing() && i >= 0:
		c.After.Replies = slices.Delete(c.After.Replies, i, i+1)
	case m.removing():
	case i >= 0:
		entry.UpdatedAt = m.updated(given.Touched, entry.UpdatedAt)
		c.After.Replies[i] = entry
	default:
		m.requireBody("reply.body", entry.Body, len(entry.Attachments))
		c.After.Replies = append(c.After.Replies, entry)
	}
	c.Touched = append(c.Touched, "replies")
	entry.Attachments = cloneAttachments(entry.Attachments)
	c.Reply = &entry
}

func (m *merge) note() {
	given, c := m.in.Note, m.change
	i := slices.IndexFunc(c.After.Notes, func(n Note) bool { return n.ID != "" && n.ID == given.Values.ID })
	entry := Note{Private: true, CreatedAt: m.at}
	switch {
	case m.removing() || m.changing(i >= 0):
		if !m.mayExist("note", given.Values.ID, i) {
			return
		}
		if i >= 0 {
			entry = c.After.Notes[i]
		}
	case i >= 0:
		m.problems.Add("note.id", given.Values.ID, "an id that is new; the ticket has this note already")
		return
	}
	given.onto(&entry)
	entry.Attachments = cloneAttachments(entry.Attachments)
	if entry.ID == "" {
		entry.ID = m.env.NewID(id.Note)
	}
	if entry.Author == (Person{}) {
		entry.Author = c.Actor
	}
	entry.Author = m.complete(entry.Author)
	if entry.Author.Role == "" {
		entry.Author.Role = m.roleOf(entry.Author)
	}
	if entry.CreatedAt.IsZero() {
		entry.CreatedAt = m.at
	}
	switch {
	case m.removing() && i >= 0:
		c.After.Notes = slices.Delete(c.After.Notes, i, i+1)
	case m.removing():
	case i >= 0:
		entry.UpdatedAt = m.updated(given.Touched, entry.UpdatedAt)
		c.After.Notes[i] = entry
	default:
		m.requireBody("note.body", entry.Body, len(entry.Attachments))
		c.After.Notes = append(c.After.Notes, entry)
	}
	c.Touched = append(c.Touched, "notes")
	entry.Attachments = cloneAttachments(entry.Attachments)
	c.Note = &entry
}

// mayExist reports whether an entry can be changed or removed: the ticket has
// it, or hookdesk does not know the whole ticket.
func (m *merge) mayExist(what, id string, index int) bool {
	switch {
	case id == "":
		m.problems.Add(what+".id", nil, "the id of the %s", what)
		return false
	case index < 0 && !m.change.Partial && (m.stored == nil || len(m.stored.Known) == 0):
		m.problems.Add(what+".id", id, "the id of a %s that ticket %s has", what, m.change.After.Number)
		return false
	}
	return true
}

func (m *merge) requireBody(path, body string, attachments int) {
	if body == "" && attachments == 0 {
		m.problems.Add(path, nil, "a text, as HTML")
	}
}

func (m *merge) updated(touched []string, given time.Time) time.Time {
	if slices.Contains(touched, "updated_at") {
		return given
	}
	return m.at
}

// onto writes the members given onto a reply.
func (in *ReplyInput) onto(r *Reply) {
	for _, name := range in.Touched {
		switch name {
		case "id":
			r.ID = in.Values.ID
		case "author":
			r.Author = in.Values.Author
		case "body":
			r.Body = in.Values.Body
		case "public":
			r.Public = in.Values.Public
		case "attachments":
			r.Attachments = in.Values.Attachments
		case "created_at":
			r.CreatedAt = in.Values.CreatedAt
		case "updated_at":
			r.UpdatedAt = in.Values.UpdatedAt
		}
	}
	if in.Values.ID != "" {
		r.ID = in.Values.ID
	}
}

// onto writes the members given onto a note.
func (in *NoteInput) onto(n *Note) {
	for _, name := range in.Touched {
		switch name {
		case "id":
			n.ID = in.Values.ID
		case "author":
			n.Author = in.Values.Author
		case "body":
			n.Body = in.Values.Body
		case "private":
			n.Private = in.Values.Private
		case "attachments":
			n.Attachments = in.Values.Attachments
		case "created_at":
			n.CreatedAt = in.Values.CreatedAt
		case "updated_at":
			n.UpdatedAt = in.Values.UpdatedAt
		}
	}
	if in.Values.ID != "" {
		n.ID = in.Values.ID
	}
}
