package systemtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// rounds is how many random changes a system is tried with.
const rounds = 150

func (s Suite) testRandom(t *testing.T) {
	for seed := range uint64(rounds) {
		random := rand.New(rand.NewPCG(seed, 20240507))
		checkChange(t, s.System, RandomChange(random), seed)
		if t.Failed() {
			t.Fatalf("with the random change number %d", seed)
		}
	}
}

// Fuzz is the body of a system's fuzz target: changes made from a seed, with
// the texts that the fuzzer chooses.
func Fuzz(f *testing.F, system systems.System) {
	f.Add(uint64(1), "HDSK-AAAA-0122", "Help with Account", "<p>reply</p>")
	f.Add(uint64(7), "-1", "a\x00b\xff[c]&d=e", "]]><script>\u2028")
	f.Fuzz(func(t *testing.T, seed uint64, number, subject, body string) {
		change := RandomChange(rand.New(rand.NewPCG(seed, 1)))
		change.After.Number = number
		change.After.Subject = subject
		if change.Reply != nil {
			change.Reply.Body = body
		}
		change.After.CustomFields = map[string]any{subject: body, "deep": map[string]any{number: []any{body}}}
		checkChange(t, system, change, seed)
	})
}

// checkChange renders a change as every event in every revision, fired or not.
func checkChange(t *testing.T, system systems.System, change *ticket.Change, seed uint64) {
	t.Helper()
	sheet := system.Sheet()
	before := snapshot(t, change)
	names := system.Detect(change)
	if !slices.Equal(names, system.Detect(change)) {
		t.Fatalf("detected differently the second time: %q", names)
	}
	checkOrder(t, sheet, names)
	if filter, ok := system.(systems.Filter); ok {
		if reason := filter.Accepts(change, nil); reason != "" && !strings.HasSuffix(reason, ".") {
			t.Errorf("the reason of the filter is no sentence: %q", reason)
		}
	}
	for _, event := range sheet.Events {
		if event.Sample == nil {
			continue
		}
		for _, revision := range sheet.Revisions {
			occasion := systems.Occasion{
				Event: event.Name, Revision: revision.Name, Change: change,
				Endpoint: systems.Endpoint{ID: fmt.Sprint("ep_", seed), URL: "https://receiver.example.com/", PrivateNotes: seed%2 == 0},
				Delivery: fmt.Sprint("dlv_", seed), Matched: event.SampleMatched,
			}
			a, b := renderOnly(t, system, occasion), renderOnly(t, system, occasion)
			if !bytes.Equal(a.Body, b.Body) {
				t.Fatalf("%s in %s is not the same twice:\n%s\n%s", event.Name, revision.Name, a.Body, b.Body)
			}
		}
	}
	if after := snapshot(t, change); before != after {
		t.Fatalf("the change was modified:\n%s\n%s", before, after)
	}
}

// checkOrder reports detected events that are not of the sheet or not in one
// fixed order: that of the sheet.
func checkOrder(t *testing.T, sheet *systems.Sheet, names []string) {
	t.Helper()
	last := -1
	for _, name := range names {
		at := slices.Index(sheet.EventNames(), name)
		if at <= last {
			t.Fatalf("detected %q: %s is no event or out of the order of the sheet", names, name)
		}
		last = at
	}
}

var oddTexts = []string{
	"", "Printer on fire", "<p>a & b</p>", "日本語 ✓", "👩‍👩‍👧‍👦", "\u202egnp.exe", "a\x00b", "\xff\xfe", "line\r\nX-Evil: 1",
	"[x]=&y", "{{=1+1}}", "\u2028", `"quoted\"`, "99999999999999999999", "-7", "0", " ", "ﷺ", strings.Repeat("long ", 500),
}

// RandomChange makes a change from the source: with people missing, odd text,
// numbers of any size and times of any year. The same source gives the same
// change.
func RandomChange(random *rand.Rand) *ticket.Change {
	r := maker{random}
	change := &ticket.Change{
		ID:        "chg_random",
		Workspace: "default",
		Kind:      pick(r, ticket.Kinds),
		At:        r.moment(),
		After:     r.ticket(),
		Via:       r.text(),
	}
	if p := r.person(); p != nil {
		change.Actor = *p
	}
	if change.Kind != ticket.TicketCreated && r.IntN(4) > 0 {
		change.Before = r.ticket()
		change.Before.Number = change.After.Number
	}
	if change.Before == nil && r.IntN(2) == 0 {
		change.Partial = true
		change.Touched = []string{"status", "assignee", "due_at", "tags"}
	}
	switch change.Kind {
	case ticket.ReplyAdded, ticket.ReplyUpdated, ticket.ReplyDeleted:
		reply := r.reply()
		change.Reply = &reply
	case ticket.NoteAdded, ticket.NoteUpdated, ticket.NoteDeleted:
		note := r.note()
		change.Note = &note
	}
	return change
}

type maker struct{ *rand.Rand }

func pick[T any](r maker, list []T) T { return list[r.IntN(len(list))] }

func (r maker) text() string { return pick(r, oddTexts) }

func (r maker) ref() ticket.Ref {
	return ticket.Ref{ID: pick(r, []string{"", "1", "-3", "x", "9223372036854775807"}), Name: r.text()}
}

func (r maker) moment() time.Time {
	switch r.IntN(6) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(-r.Int64N(1<<34), 123456789).UTC()
	default:
		zone := time.FixedZone("", (r.IntN(27)-12)*3600)
		return time.Unix(r.Int64N(1<<32), r.Int64N(1e9)).In(zone)
	}
}

func (r maker) maybe() *time.Time {
	if r.IntN(2) == 0 {
		return nil
	}
	moment := r.moment()
	return &moment
}

func (r maker) person() *ticket.Person {
	if r.IntN(3) == 0 {
		return nil
	}
	return &ticket.Person{
		ID:        pick(r, []string{"", "17", "-4", "abc", "3463a4ee-5eba-45cd-9ef9-3f3a0f64329e"}),
		FirstName: r.text(), LastName: r.text(), Name: r.text(), Email: pick(r, []string{"", "a@example.com", "odd\"@x"}),
		UserName: r.text(), Phone: r.text(), Role: pick(r, append([]ticket.Role{""}, ticket.Roles...)),
	}
}

func (r maker) files() []ticket.Attachment {
	var files []ticket.Attachment
	for range r.IntN(3) {
		files = append(files, ticket.Attachment{
			ID: r.text(), Name: r.text(), URL: r.text(), ContentType: pick(r, []string{"", "image/png", "x"}),
			Size: r.Int64(), CreatedBy: r.person(), CreatedAt: r.moment(),
		})
	}
	return files
}

func (r maker) reply() ticket.Reply {
	reply := ticket.Reply{ID: r.text(), Body: r.text(), Public: r.IntN(3) > 0, Attachments: r.files(), CreatedAt: r.moment(), UpdatedAt: r.moment()}
	if p := r.person(); p != nil {
		reply.Author = *p
	}
	return reply
}

func (r maker) note() ticket.Note {
	reply := r.reply()
	return ticket.Note{ID: reply.ID, Author: reply.Author, Body: reply.Body, Private: !reply.Public, Attachments: reply.Attachments, CreatedAt: reply.CreatedAt}
}

func (r maker) value() any {
	return pick(r, []any{
		nil, true, false, 1.5, float64(1 << 40), -1e300, 42, int64(-1), r.text(),
		[]any{},
		[]any{"a", nil, 2.0},
		map[string]any{},
		map[string]any{"b": []any{1.0}, "a": nil},
		[]string{"x"},
	})
}

func (r maker) values(names ...string) map[string]any {
	if r.IntN(3) == 0 {
		return nil
	}
	values := map[string]any{r.text(): r.value()}
	for _, name := range names {
		if r.IntN(3) == 0 {
			values[name] = r.value()
		}
	}
	return values
}

func (r maker) ticket() *ticket.Ticket {
	t := &ticket.Ticket{
		Number: r.text(), Subject: r.text(), Description: r.text(), DescriptionHTML: r.text(),
		Status:        ticket.Status{ID: r.ref().ID, Name: r.text(), State: pick(r, append([]ticket.State{""}, ticket.States...))},
		Justification: r.text(), Priority: r.ref(), Urgency: r.ref(), Type: r.ref(),
		Category:   ticket.Category{ID: r.ref().ID, Name: r.text(), Path: pick(r, []string{"", "/", "a/b/c", "a//b", "/a"})},
		Department: r.ref(), Team: r.ref(), HelpTopic: r.ref(), SLA: r.ref(), Source: r.ref(),
		Requester: r.person(), Creator: r.person(), Assignee: r.person(),
		Tags: []string{r.text(), r.text()}, CustomFields: r.values("1", "size"),
		DueAt: r.maybe(), ResponseDueAt: r.maybe(), ResolutionDueAt: r.maybe(),
		Language: r.text(), Community: r.text(), Attachments: r.files(),
		Extra:     r.values("id", "rating", "statuses", "department_due_track", "closed_at", "subcategory", "field_values", "changes"),
		CreatedAt: r.moment(), UpdatedAt: r.moment(), ClosedAt: r.maybe(),
	}
	for range r.IntN(4) {
		t.Replies = append(t.Replies, r.reply())
		t.Notes = append(t.Notes, r.note())
	}
	return t
}
