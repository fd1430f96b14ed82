package ticket

import (
	"slices"
	"strings"
)

// Clone returns a deep copy, nil for nil.
func (t *Ticket) Clone() *Ticket {
	if t == nil {
		return nil
	}
	c := *t
	c.Requester, c.Creator, c.Assignee = clonePointer(t.Requester), clonePointer(t.Creator), clonePointer(t.Assignee)
	c.Tags = slices.Clone(t.Tags)
	c.CustomFields = cloneMembers(t.CustomFields)
	c.DueAt, c.ResponseDueAt = clonePointer(t.DueAt), clonePointer(t.ResponseDueAt)
	c.ResolutionDueAt, c.ClosedAt = clonePointer(t.ResolutionDueAt), clonePointer(t.ClosedAt)
	c.Attachments = cloneAttachments(t.Attachments)
	c.Replies = cloneReplies(t.Replies)
	c.Notes = cloneNotes(t.Notes)
	c.Extra = cloneMembers(t.Extra)
	c.Known = slices.Clone(t.Known)
	return &c
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func cloneMembers(members map[string]any) map[string]any {
	if members == nil {
		return nil
	}
	c := make(map[string]any, len(members))
	for name, value := range members {
		c[name] = cloneValue(value)
	}
	return c
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return cloneMembers(v)
	case []any:
		c := make([]any, len(v))
		for i, element := range v {
			c[i] = cloneValue(element)
		}
		return c
	case []string:
		return slices.Clone(v)
	default:
		return value
	}
}

func cloneAttachments(list []Attachment) []Attachment {
	c := slices.Clone(list)
	for i := range c {
		c[i].CreatedBy = clonePointer(c[i].CreatedBy)
	}
	return c
}

func cloneReplies(list []Reply) []Reply {
	c := slices.Clone(list)
	for i := range c {
		c[i].Attachments = cloneAttachments(c[i].Attachments)
	}
	return c
}

func cloneNotes(list []Note) []Note {
	c := slices.Clone(list)
	for i := range c {
		c[i].Attachments = cloneAttachments(c[i].Attachments)
	}
	return c
}

// The keep functions return the new reference. Where it was given as a bare
// name or id of what the ticket already has, the ticket's own stays, which
// knows more.

func keepRef(old, given Ref, plain bool) Ref {
	if plain && same(old.ID, old.Name, given.ID, given.Name) {
		return old
	}
	return given
}

func keepStatus(old, given Status, plain bool) Status {
	if plain && same(old.ID, old.Name, given.ID, given.Name) {
		return old
	}
	return given
}

func keepCategory(old, given Category, plain bool) Category {
	if plain && (same(old.ID, old.Path, given.ID, given.Path) || same(old.ID, old.Name, given.ID, given.Path)) {
		return old
	}
	return given
}

func keepPerson(old, given *Person, plain bool) *Person {
	if plain && old != nil && given != nil {
		switch {
		case given.ID != "" && given.ID == old.ID,
			given.Email != "" && strings.EqualFold(given.Email, old.Email),
			given.Name != "" && given.Name == old.FullName():
			return clonePointer(old)
		}
	}
	return clonePointer(given)
}

func same(oldID, oldName, givenID, givenName string) bool {
	return givenID != "" && givenID == oldID || givenName != "" && givenName == oldName
}
