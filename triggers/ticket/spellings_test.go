package ticket

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseTime(t *testing.T) {
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-01-31T12:00:00Z":                noon,
		"2026-01-31t12:00:00z":                noon,
		"2026-01-31 12:00:00":                 noon,
		"2026-01-31 12:00:00Z":                noon,
		"2026-01-31 13:00:00+01:00":           noon,
		"2026-01-31T13:00:00.000+0100":        noon,
		"2026-01-31T13:00:00+01":              noon,
		"2026-01-31T12:00":                    noon,
		"2026-01-31T12:00Z":                   noon,
		"2026-01-31":                          noon.Add(-12 * time.Hour),
		"2026-01-31T12:00:00.123456789Z":      noon.Add(123456789),
		"2026-01-31T11:59:60Z":                noon,
		"2026-01-31T11:59:60.5+00:00":         noon.Add(time.Second / 2),
		"9999-12-31T23:59:59Z":                time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"0001-01-01T00:00:00":                 {},
		"2026-01-31T12:00:00+14:00":           noon.Add(-14 * time.Hour),
		"2026-01-31T00:00:00.000000001-01:00": noon.Add(-11*time.Hour + 1),
	} {
		if at, ok := ParseTime(text); !ok || !at.Equal(want) || at.Location() != time.UTC {
			t.Errorf("%s is %v (%t), want %v", text, at, ok, want)
		}
	}
	for _, text := range []string{
		"", "now", "2026", "2026-02-30", "2026-13-01", "31.01.2026", "01/31/2026", "1767225600", "2026-01-31T", "2026-01-31T24:00:00Z",
		"2026-01-31T12:58:60Z", "2026-01-31T12:00:00+99:00", "0000-01-01", "10000-01-01", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2026-01-31X12:00:00Z",
		"Sat, 31 Jan 2026 12:00:00 GMT", "2026-01-31T12:00:00Z ", "2026-01-31  12:00:00",
	} {
		if at, ok := ParseTime(text); ok {
			t.Errorf("%q is taken as %v", text, at)
		}
	}
}

// A time that is empty, or what .NET writes for none, is no time.
func TestTimesThatAreNone(t *testing.T) {
	for _, text := range []string{`null`, `""`, `"0001-01-01T00:00:00"`} {
		in := decode(t, `{"at": `+text+`, "ticket": {"number": 1, "due_at": `+text+`}}`)
		if in.At != nil || in.Ticket.Values.DueAt != nil || !cmp.Equal(in.Ticket.Touched, []string{"due_at"}) {
			t.Errorf("%s: at %v, due_at %v, touched %v", text, in.At, in.Ticket.Values.DueAt, in.Ticket.Touched)
		}
	}
}

func TestKindsByOtherNames(t *testing.T) {
	for text, want := range map[string]Kind{
		"": "", "nope": "nope", "ticket": "ticket", "reply_nope": "reply_nope", "_": "_", "ticket_added_x": "ticket_added_x",
		"created": TicketCreated, "create": TicketCreated, "Ticket.Created": TicketCreated, "ticket-creation": TicketCreated, "ticket_new": TicketCreated,
		"updated": TicketUpdated, "ticket.changed": TicketUpdated, "change": TicketUpdated, "deleted": TicketDeleted,
		"reply": ReplyAdded, "comment": ReplyAdded, "reply_creation": ReplyAdded, "comment.updated": ReplyUpdated, "reply_removed": ReplyDeleted,
		"note": NoteAdded, "note created": NoteAdded, "note_deletion": NoteDeleted,
	} {
		if got := kindOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, kind := range Kinds {
		if kindOf(string(kind)) != kind {
			t.Errorf("%s is %s", kind, kindOf(string(kind)))
		}
	}
}

// Whoever replies is who asked: the address tells, and the ticket knows the
// rest. What a reply says of its author itself stays.
func TestAuthorsAreCompleted(t *testing.T) {
	d := &desk{t: t}
	d.submit(`{"ticket": {"number": "7", "subject": "x", "requester": {"id": 21, "first_name": "Ada", "last_name": "L", "email": "ada@example.com", "phone": "1"},
		"assignee": {"id": 6, "name": "Bob", "email": "bob@example.com"}}}`)
	for text, want := range map[string]Person{
		`"ADA@example.com"`: {ID: "21", FirstName: "Ada", LastName: "L", Email: "ADA@example.com", Phone: "1", Role: RoleClient},
		`{"email": "ada@example.com", "name": "A. L.", "phone": "2"}`: {ID: "21", Name: "A. L.", Email: "ada@example.com", Phone: "2", Role: RoleClient},
		`6`:                                     {ID: "6", Name: "Bob", Email: "bob@example.com", Role: RoleAgent},
		`{"id": 8, "email": "ada@example.com"}`: {ID: "8", Email: "ada@example.com", Role: RoleAgent},
		`{"name": "Ada"}`:                       {Name: "Ada", Role: RoleAgent},
		`{"email": "bob@example.com", "role": "client"}`: {ID: "6", Name: "Bob", Email: "bob@example.com", Role: RoleClient},
	} {
		change := d.submit(`{"ticket": {"number": "7"}, "reply": {"body": "x", "author": ` + text + `}}`)
		if diff := cmp.Diff(want, change.Reply.Author); diff != "" {
			t.Errorf("author %s (-want +got):\n%s", text, diff)
		}
		if diff := cmp.Diff(want, change.Actor); diff != "" {
			t.Errorf("actor of %s (-want +got):\n%s", text, diff)
		}
	}
}
