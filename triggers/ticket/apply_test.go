package ticket

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/id"
)

var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// desk applies inputs one after another, as the dispatcher does.
type desk struct {
	t      *testing.T
	stored *Ticket
	count  int64
}

func (d *desk) newID(prefix string) string {
	d.count++
	return id.Format(prefix, d.count*id.Nodes)
}

func (d *desk) env() Env {
	return Env{Workspace: "default", Now: now, ChangeID: d.newID(id.Change), NewID: d.newID}
}

func (d *desk) submit(text string) *Change {
	d.t.Helper()
	change, err := decode(d.t, text).Apply(d.stored, d.env())
	if err != nil {
		d.t.Fatalf("%s: %v", text, err)
	}
	d.stored = change.After
	return change
}

func (d *desk) apply(in *Input) *Change {
	d.t.Helper()
	change, err := in.Apply(d.stored, d.env())
	if err != nil {
		d.t.Fatal(err)
	}
	d.stored = change.After
	return change
}

func TestKindsAreDerived(t *testing.T) {
	const whole = `{"ticket": {"number": 1, "subject": "S"}}`
	reply := `{"ticket": {"number": 1}, "reply": {"id": "r1", "body": "x"}}`
	note := `{"ticket": {"number": 1}, "note": {"id": "n1", "body": "x"}}`
	for _, test := range []struct {
		inputs []string
		want   Kind
		partly bool
	}{
		{[]string{whole}, TicketCreated, false},
		{[]string{whole, whole}, TicketUpdated, false},
		{[]string{`{"ticket": {"number": 1, "status": "Open"}}`}, TicketUpdated, true},
		{[]string{`{"kind": "ticket_created", "ticket": {"number": 1, "status": "Open"}}`}, TicketCreated, false},
		{[]string{`{"kind": "ticket_updated", "ticket": {"number": 1, "subject": "S"}}`}, TicketUpdated, true},
		{[]string{`{"kind": "ticket_updated", "ticket": {"number": 1, "subject": "S"}}`, `{"ticket": {"number": 1, "status": "Open"}}`}, TicketUpdated, false},
		{[]string{whole, reply}, ReplyAdded, false},
		{[]string{whole, reply, reply}, ReplyUpdated, false},
		{[]string{whole, note}, NoteAdded, false},
		{[]string{whole, note, note}, NoteUpdated, false},
		{[]string{reply}, ReplyAdded, true},
		{[]string{whole, `{"kind": "ticket_updated", "ticket": {"number": 1}, "reply": {"body": "x"}}`}, TicketUpdated, false},
	} {
		d := &desk{t: t}
		var change *Change
		for _, input := range test.inputs {
			change = d.submit(input)
		}
		if change.Kind != test.want || change.Partial != test.partly {
			t.Errorf("%v: %s, partial %v; want %s, %v", test.inputs, change.Kind, change.Partial, test.want, test.partly)
		}
	}
}

func TestMerging(t *testing.T) {
	d := &desk{t: t}
	first := d.submit(`{"ticket": {"number": 1, "subject": "S", "status": {"id": "2", "name": "Open"}, "priority": {"id": "1", "name": "Low"},
		"assignee": {"id": "7", "email": "bob@example.com", "phone": "1"}, "tags": ["a"], "custom_fields": {"x": 1, "y": "2"}, "extra": {"a": 1, "b": 2}}}`)
	change := d.submit(`{"ticket": {"number": 1, "priority": "Low", "assignee": "BOB@example.com", "tags": ["b"],
		"custom_fields": {"y": null, "z": 3}, "extra": {"a": 5}, "status": {"name": "Closed"}}}`)
	after := change.After
	if after.Priority != (Ref{ID: "1", Name: "Low"}) || after.Assignee.Phone != "1" {
		t.Errorf("a plain name lost what was known: %+v, %+v", after.Priority, after.Assignee)
	}
	if after.Status != (Status{Name: "Closed", State: Closed}) {
		t.Errorf("an object did not replace the status: %+v", after.Status)
	}
	if got := fmt.Sprint(after.Tags, after.CustomFields, after.Extra); got != "[b] map[x:1 z:3] map[a:5 b:2]" {
		t.Errorf("merged to %s", got)
	}
	if diff := cmp.Diff([]string{"status", "priority", "assignee", "tags", "custom.y", "custom.z", "extra.a"}, change.Touched); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(first.After, change.Before); diff != "" {
		t.Errorf("before is not what the ticket was: %s", diff)
	}
}

// Neither an input nor a stored ticket changes, whatever becomes of the change.
func TestChangesShareNoMemory(t *testing.T) {
	d := &desk{t: t}
	d.submit(`{"ticket": {"number": 1, "subject": "S", "tags": ["a", "b"], "custom_fields": {"list": ["x"]}, "requester": "carla@example.com",
		"attachments": [{"name": "f", "created_by": "Ann"}], "due_at": "2026-03-05T00:00:00Z"}, "reply": {"id": "r1", "body": "one", "attachments": [{"name": "g"}]}}`)
	stored := d.stored
	before, _ := json.Marshal(stored)
	in := decode(t, `{"ticket": {"number": 1, "tags": ["c"], "custom_fields": {"more": ["y"]}}, "reply": {"id": "r1", "body": "two"}}`)
	change := d.apply(in)
	change.After.Tags[0], change.Before.Tags[0] = "spoiled", "spoiled"
	change.After.CustomFields["list"].([]any)[0] = "spoiled"
	change.After.CustomFields["more"].([]any)[0] = "spoiled"
	change.After.Requester.Email = "spoiled"
	change.After.Attachments[0].CreatedBy.Name = "spoiled"
	change.After.Replies[0].Attachments[0].Name = "spoiled"
	change.Reply.Attachments[0].Name = "spoilt"
	*change.After.DueAt = time.Time{}
	if after, _ := json.Marshal(stored); string(after) != string(before) {
		t.Errorf("the stored ticket changed:\n%s\n%s", before, after)
	}
	if fmt.Sprint(in.Ticket.Values.Tags, in.Ticket.Values.CustomFields) != "[c] map[more:[y]]" {
		t.Errorf("the input changed: %v %v", in.Ticket.Values.Tags, in.Ticket.Values.CustomFields)
	}
}

func TestTimes(t *testing.T) {
	d := &desk{t: t}
	c := d.submit(`{"at": "2026-03-01T08:00:00Z", "ticket": {"number": 1, "subject": "S", "status": "Open"}}`)
	if got := c.After.CreatedAt.Format(time.DateOnly); got != "2026-03-01" || !c.After.UpdatedAt.Equal(c.At) || c.After.ClosedAt != nil {
		t.Errorf("created: %+v", c.After)
	}
	c = d.submit(`{"at": "2026-03-02T08:00:00Z", "ticket": {"number": 1, "status": "Solved"}}`)
	if c.After.ClosedAt == nil || !c.After.ClosedAt.Equal(c.At) {
		t.Errorf("solved, and closed at %v", c.After.ClosedAt)
	}
	closed := *c.After.ClosedAt
	c = d.submit(`{"at": "2026-03-03T08:00:00Z", "ticket": {"number": 1, "status": "Closed"}}`)
	if !c.After.ClosedAt.Equal(closed) {
		t.Error("closing a solved ticket moved when it was closed")
	}
	c = d.submit(`{"at": "2026-03-02T12:00:00Z", "ticket": {"number": 1, "subject": "T"}}`)
	if got := c.After.UpdatedAt.Format(time.DateOnly); got != "2026-03-03" {
		t.Errorf("a late change turned the clock back to %s", got)
	}
	c = d.submit(`{"ticket": {"number": 1, "status": "Reopened"}}`)
	if c.After.ClosedAt != nil || !c.At.Equal(now) {
		t.Errorf("reopened, and closed at %v, changed at %v", c.After.ClosedAt, c.At)
	}
	c = d.submit(`{"ticket": {"number": 1, "status": "Open", "closed_at": "2026-03-05T00:00:00Z", "created_at": "2020-01-01"}}`)
	if c.After.ClosedAt == nil || c.After.CreatedAt.Year() != 2020 {
		t.Error("times that were given are not kept")
	}
}

func TestPeople(t *testing.T) {
	for _, test := range []struct{ input, actor, requester string }{
		{`{"ticket": {"number": 1, "subject": "S"}}`, "agent ", ""},
		{`{"ticket": {"number": 1, "subject": "S", "requester": "c@example.com"}}`, "client c@example.com", "c@example.com"},
		{`{"actor": {"email": "c@example.com", "role": "client"}, "ticket": {"number": 1, "subject": "S"}}`, "client c@example.com", "c@example.com"},
		{`{"actor": "a@example.com", "ticket": {"number": 1, "subject": "S", "requester": "c@example.com"}}`, "agent a@example.com", "c@example.com"},
		{`{"actor": "C@example.com", "ticket": {"number": 1, "subject": "S", "requester": "c@example.com"}}`, "client C@example.com", "c@example.com"},
		{`{"ticket": {"number": 1, "requester": "c@example.com"}, "reply": {"body": "x", "author": "c@example.com"}}`, "client c@example.com", "c@example.com"},
	} {
		c := (&desk{t: t}).submit(test.input)
		if got := string(c.Actor.Role) + " " + c.Actor.Email; got != test.actor {
			t.Errorf("%s: actor %q, want %q", test.input, got, test.actor)
		}
		if got := c.After.Requester; (got != nil) != (test.requester != "") || got != nil && got.Email != test.requester {
			t.Errorf("%s: requester %+v", test.input, got)
		}
	}
}

func TestConversation(t *testing.T) {
	d := &desk{t: t}
	d.submit(`{"ticket": {"number": 1, "subject": "S"}}`)
	c := d.submit(`{"ticket": {"number": 1, "status": "Pending"}, "actor": "ann@example.com", "reply": {"body": "one", "public": false}}`)
	replyID := c.Reply.ID
	if c.Kind != ReplyAdded || c.Reply.Public || c.Reply.Author.Email != "ann@example.com" || !c.Reply.CreatedAt.Equal(now) || len(c.Before.Replies) != 0 {
		t.Errorf("added: %+v", c.Reply)
	}
	if diff := cmp.Diff([]string{"status", "replies"}, c.Touched); diff != "" {
		t.Error(diff)
	}
	in, _ := PatchReplyInput("1", replyID, []byte(`{"body": "two"}`))
	c = d.apply(in)
	if c.Kind != ReplyUpdated || c.After.Replies[0].Body != "two" || c.Before.Replies[0].Body != "one" || c.Reply.Public || c.Reply.UpdatedAt.IsZero() {
		t.Errorf("updated: %+v", c.After.Replies)
	}
	c = d.apply(DeleteReplyInput("1", replyID))
	if c.Kind != ReplyDeleted || len(c.After.Replies) != 0 || c.Reply.Body != "two" {
		t.Errorf("deleted: %+v", c)
	}
	in, _ = AddNoteInput("1", []byte(`{"body": "n"}`))
	c = d.apply(in)
	if c.Kind != NoteAdded || !c.Note.Private || len(c.After.Notes) != 1 {
		t.Errorf("note: %+v", c.Note)
	}
	noteID := c.Note.ID
	c = d.submit(`{"ticket": {"number": 1}, "note": {"id": "` + noteID + `", "private": false}}`)
	if c.Kind != NoteUpdated || c.Note.Private || c.Note.Body != "n" {
		t.Errorf("updated note: %+v", c.Note)
	}
	c = d.apply(DeleteNoteInput("1", noteID))
	if c.Kind != NoteDeleted || len(c.After.Notes) != 0 {
		t.Errorf("deleted note: %+v", c)
	}
	c = d.apply(DeleteTicketInput("1"))
	if c.Kind != TicketDeleted || c.After.Subject != "S" {
		t.Errorf("deleted ticket: %+v", c.After)
	}
}

func TestApplyRefuses(t *testing.T) {
	const whole = `{"kind": "ticket_created", "ticket": {"number": 1, "subject": "S"}, "reply": {"id": "r1", "body": "x"}}`
	for _, test := range []struct {
		stored, input, path string
	}{
		{whole, `{"kind": "ticket_created", "ticket": {"number": 1, "subject": "S"}}`, "kind"},
		{"", `{"kind": "ticket_deleted", "ticket": {"number": 1}}`, "ticket.number"},
		{whole, `{"kind": "reply_added", "ticket": {"number": 1}}`, "reply"},
		{whole, `{"kind": "reply_added", "ticket": {"number": 1}, "note": {"body": "x"}}`, "reply"},
		{whole, `{"kind": "note_added", "ticket": {"number": 1}}`, "note"},
		{whole, `{"kind": "reply_added", "ticket": {"number": 1}, "reply": {"id": "r1", "body": "x"}}`, "reply.id"},
		{whole, `{"kind": "reply_added", "ticket": {"number": 1}, "reply": {}}`, "reply.body"},
		{whole, `{"kind": "reply_updated", "ticket": {"number": 1}, "reply": {"id": "r2", "body": "x"}}`, "reply.id"},
		{whole, `{"kind": "reply_deleted", "ticket": {"number": 1}, "reply": {"body": "x"}}`, "reply.id"},
		{whole, `{"kind": "note_updated", "ticket": {"number": 1}, "note": {"id": "n2", "body": "x"}}`, "note.id"},
		{whole, `{"ticket": {"number": 1}, "note": {"body": ""}}`, "note.body"},
	} {
		d := &desk{t: t}
		if test.stored != "" {
			d.submit(test.stored)
		}
		_, err := decode(t, test.input).Apply(d.stored, d.env())
		wantPath(t, test.input, err, test.path)
	}
}

func TestNewTicketsGetNumbers(t *testing.T) {
	in, err := NewTicketInput([]byte(`{"subject": "S"}`))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t}
	first := d.apply(in)
	d.stored = nil
	second := d.apply(in)
	if first.After.Number == "" || first.After.Number == second.After.Number {
		t.Errorf("numbers %q and %q", first.After.Number, second.After.Number)
	}
}

func TestPatchesAddUp(t *testing.T) {
	d := &desk{t: t}
	d.submit(`{"ticket": {"number": 1, "subject": "S", "tags": ["a", "b"], "custom_fields": {"x": 1, "y": 1}}}`)
	var p Patch
	for _, text := range []string{`{"status": "Open", "custom_fields": {"x": null}}`, `{"status": "Closed", "custom_fields": {"y": 2}}`} {
		in, err := PatchTicketInput("1", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		p.Merge(in.Ticket)
	}
	p.Number, p.AddTags, p.RemoveTags = "1", []string{"c", "b"}, []string{"a"}
	c := d.apply(&Input{Ticket: p})
	if got := fmt.Sprint(c.After.Status.Name, c.After.CustomFields, c.After.Tags, c.Touched); got != "Closedmap[y:2] [b c] [status custom.x custom.y tags]" {
		t.Error(got)
	}
}

// Whatever is stored as JSON comes back as it was.
func TestJSONIsLossless(t *testing.T) {
	d := &desk{t: t}
	d.submit(`{"ticket": {"number": 1, "subject": "<&>", "description_html": "<p>x</p>", "status": "Open", "custom_fields": {"n": 0.10000000000000000000000001, "big": 12345678901234567890, "list": [1, {"a": null}]},
		"extra": {"id": 5}, "due_at": "2026-03-04T12:00:00.123456Z", "attachments": [{"name": "f", "size": 5, "created_by": {"id": 1}}]}}`)
	change := d.submit(`{"ticket": {"number": 1}, "reply": {"body": "x", "public": false}}`)
	data, err := json.Marshal(change)
	if err != nil {
		t.Fatal(err)
	}
	var back Change
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(change, &back); diff != "" {
		t.Error(diff)
	}
}

func FuzzDecodeInput(f *testing.F) {
	f.Add([]byte(`{"ticket": {"number": 1, "subject": "S", "status": "Open", "custom_fields": {"a": [1e9]}}, "reply": {"body": "x"}}`))
	f.Add([]byte(`{"kind": "note_updated", "ticket": {"number": "x", "category": "a/b/", "assignee": {"id": 1}}, "note": {"id": "n", "attachments": [{"name": "y"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := DecodeInput(data)
		if err != nil {
			return
		}
		d := &desk{t: t}
		var stored *Ticket
		for range 2 {
			change, err := in.Apply(stored, d.env())
			if err != nil {
				return
			}
			text, err := json.Marshal(change)
			if err != nil {
				t.Fatal(err)
			}
			var back Change
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(&back)
			if err != nil || string(again) != string(text) {
				t.Fatalf("%s came back as %s (%v)", text, again, err)
			}
			stored = change.After
		}
	})
}

func benchChange(b *testing.B) []byte {
	b.Helper()
	number := int64(0)
	newID := func(prefix string) string { number++; return id.Format(prefix, number*id.Nodes) }
	var stored *Ticket
	var change *Change
	for _, text := range []string{
		`{"ticket": {"number": 1, "subject": "Printer", "description": "It does not print", "status": "New", "priority": "High", "requester": {"id": 1, "email": "c@example.com"}, "tags": ["a", "b"], "custom_fields": {"x": 1, "y": "2"}}}`,
		`{"ticket": {"number": 1, "status": "Open"}, "reply": {"body": "<p>Have you tried it?</p>"}}`,
	} {
		in, err := DecodeInput([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		if change, err = in.Apply(stored, Env{Now: now, ChangeID: newID(id.Change), NewID: newID}); err != nil {
			b.Fatal(err)
		}
		stored = change.After
	}
	data, err := json.Marshal(change)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// Simulations read many stored changes.
func BenchmarkReadChange(b *testing.B) {
	data := benchChange(b)
	b.ReportAllocs()
	for b.Loop() {
		var change Change
		if err := json.Unmarshal(data, &change); err != nil {
			b.Fatal(err)
		}
	}
}
