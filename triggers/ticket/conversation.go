package ticket

import (
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/triggers/id"
)

// parts are what replies and notes have in common: the members of one, to read
// and to write.
type parts struct {
	id, body             *string
	author               *Person
	flag                 *bool // public of a reply, private of a note
	attachments          *[]Attachment
	createdAt, updatedAt *time.Time
}

func (r *Reply) parts() parts {
	return parts{&r.ID, &r.Body, &r.Author, &r.Public, &r.Attachments, &r.CreatedAt, &r.UpdatedAt}
}

func (n *Note) parts() parts {
	return parts{&n.ID, &n.Body, &n.Author, &n.Private, &n.Attachments, &n.CreatedAt, &n.UpdatedAt}
}

// entry is a pointer to a Reply or a Note.
type entry[E any] interface {
	*E
	parts() parts
}

// conversation adds, changes or removes the reply or the note.
func (m *merge) conversation() {
	c := m.change
	if in := m.in.Reply; in != nil {
		k := kindOfEntry{"reply", "replies", id.Reply}
		c.After.Replies, c.Reply = mergeEntry(m, k, c.After.Replies, Reply{Public: true, CreatedAt: m.at}, &in.Values, in.Touched)
	}
	if in := m.in.Note; in != nil {
		k := kindOfEntry{"note", "notes", id.Note}
		c.After.Notes, c.Note = mergeEntry(m, k, c.After.Notes, Note{Private: true, CreatedAt: m.at}, &in.Values, in.Touched)
	}
}

// kindOfEntry names replies or notes.
type kindOfEntry struct{ one, many, prefix string }

// mergeEntry returns the list after the change, and the entry that the change
// is about, nil where it cannot be. Fresh is a new entry.
func mergeEntry[E any, P entry[E]](m *merge, kind kindOfEntry, list []E, fresh E, given P, touched []string) ([]E, P) {
	number := *given.parts().id
	i := indexOf[E, P](list, number)
	about := fresh
	switch {
	case m.removing() || m.changing(i >= 0):
		if !m.mayExist(kind.one, number, i) {
			return list, nil
		}
		if i >= 0 {
			about = list[i]
		}
	case i >= 0:
		m.problems.Add(kind.one+".id", number, "an id that is new; the ticket has this %s already", kind.one)
		return list, nil
	}
	p := P(&about).parts()
	p.take(given.parts(), touched)
	m.fill(p, kind.prefix)
	switch {
	case m.removing() && i >= 0:
		list = slices.Delete(list, i, i+1)
	case m.removing():
	case i >= 0:
		*p.updatedAt = m.updated(touched, *p.updatedAt)
		list[i] = about
	default:
		m.requireBody(kind.one+".body", *p.body, len(*p.attachments))
		list = append(list, about)
	}
	m.change.Touched = append(m.change.Touched, kind.many)
	*p.attachments = cloneAttachments(*p.attachments)
	return list, &about
}

func indexOf[E any, P entry[E]](list []E, number string) int {
	if number != "" {
		for i := range list {
			if *P(&list[i]).parts().id == number {
				return i
			}
		}
	}
	return -1
}

// take writes the members given.
func (p parts) take(given parts, touched []string) {
	for _, name := range touched {
		switch name {
		case "id":
			*p.id = *given.id
		case "author":
			*p.author = *given.author
		case "body":
			*p.body = *given.body
		case "public", "private":
			*p.flag = *given.flag
		case "attachments":
			*p.attachments = *given.attachments
		case "created_at":
			*p.createdAt = *given.createdAt
		case "updated_at":
			*p.updatedAt = *given.updatedAt
		}
	}
	if *given.id != "" {
		*p.id = *given.id
	}
}

// fill gives an entry what every one has.
func (m *merge) fill(p parts, prefix string) {
	*p.attachments = cloneAttachments(*p.attachments)
	if *p.id == "" {
		*p.id = m.env.NewID(prefix)
	}
	if *p.author == (Person{}) {
		*p.author = m.change.Actor
	}
	*p.author = m.complete(*p.author)
	if p.author.Role == "" {
		p.author.Role = m.roleOf(*p.author)
	}
	if p.createdAt.IsZero() {
		*p.createdAt = m.at
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
