package ticket

import "strings"

// What people call the things that change and what happens to them. A thing
// alone, such as reply, was added; a happening alone is about the ticket.
var (
	changedThings = map[string]string{"ticket": "ticket", "reply": "reply", "comment": "reply", "note": "note"}
	happenings    = map[string]string{
		"create": "added", "created": "added", "creation": "added", "new": "added", "add": "added", "added": "added",
		"update": "updated", "updated": "updated", "change": "updated", "changed": "updated",
		"delete": "deleted", "deleted": "deleted", "deletion": "deleted", "remove": "deleted", "removed": "deleted",
	}
)

// kindOf returns the Kind that a name stands for: its own, or one of the names
// by which other systems call the same, such as created, ticket.created or
// note. What is none is returned as it is.
func kindOf(text string) Kind {
	key := strings.ReplaceAll(underscored.Replace(strings.ToLower(strings.TrimSpace(text))), ".", "_")
	thing, happening, both := strings.Cut(key, "_")
	if !both {
		if happenings[key] != "" {
			thing, happening = "ticket", key
		} else {
			happening = "added"
		}
	}
	thing, happening = changedThings[thing], happenings[happening]
	if thing == "ticket" && happening == "added" && key != "ticket" {
		happening = "created"
	}
	if kind := Kind(thing + "_" + happening); known(Kinds, kind) {
		return kind
	}
	return Kind(text)
}
