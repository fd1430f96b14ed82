package ticket

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func decode(t *testing.T, text string) *Input {
	t.Helper()
	in, err := DecodeInput([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return in
}

func TestDecodeInput(t *testing.T) {
	in := decode(t, `{"id": "evt-1", "kind": "ticket_updated", "at": "2026-03-04T13:00:00+01:00", "actor": "ann@example.com", "via": "email",
		"ticket": {"number": 1001, "status": "Open", "priority": 3, "category": "Hardware/Printers", "requester": "Carla Díaz",
			"assignee": {"id": 7, "email": "bob@example.com"}, "tags": ["a", " a ", "b"], "due_at": null,
			"custom_fields": {"n": 1.10, "gone": null}, "extra": {"flag": true}},
		"reply": {"body": "<p>x</p>", "author": "ann@example.com"}}`)
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	want := &Input{
		ID: "evt-1", Kind: TicketUpdated, At: &at, Actor: &Person{Email: "ann@example.com"}, Via: "email",
		Reply: &ReplyInput{Values: Reply{Author: Person{Email: "ann@example.com"}, Body: "<p>x</p>", Public: true}, Touched: []string{"author", "body"}},
	}
	want.Ticket.Number = "1001"
	want.Ticket.Touched = []string{
		"status", "priority", "category", "requester", "assignee", "tags", "due_at", "custom.gone", "custom.n", "extra.flag",
	}
	values := &want.Ticket.Values
	values.Status = Status{Name: "Open", State: Open}
	values.Priority = Ref{ID: "3"}
	values.Category = Category{Name: "Printers", Path: "Hardware/Printers"}
	values.Requester = &Person{Name: "Carla Díaz", Role: RoleClient}
	values.Assignee = &Person{ID: "7", Email: "bob@example.com", Role: RoleAgent}
	values.Tags = []string{"a", "b"}
	values.CustomFields = in.Ticket.Values.CustomFields
	values.Extra = Extra{"flag": true}
	if fmt.Sprint(in.Ticket.Values.CustomFields) != "map[gone:<nil> n:1.10]" {
		t.Errorf("custom fields are %v", in.Ticket.Values.CustomFields)
	}
	in.Ticket.plain = nil
	if diff := cmp.Diff(want, in, cmp.AllowUnexported(Patch{})); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeInputRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxBodyBytes+1)
	var tags []string
	for i := range MaxTags + 1 {
		tags = append(tags, fmt.Sprintf(`"%d"`, i))
	}
	for input, path := range map[string]string{
		``:                             "",
		`[]`:                           "",
		`{"ticket"`:                    "",
		`{} {}`:                        "",
		`{}`:                           "ticket",
		`{"ticket": 5}`:                "ticket",
		`{"ticket": {}}`:               "ticket.number",
		`{"ticket": {"number": ""}}`:   "ticket.number",
		`{"ticket": {"number": true}}`: "ticket.number",
		`{"ticket": {"number": 1}, "tickets": {}}`:                                               "tickets",
		`{"ticket": {"number": 1, "subjekt": "x"}}`:                                              "ticket.subjekt",
		`{"ticket": {"number": 1, "known": ["x"]}}`:                                              "ticket.known",
		`{"ticket": {"number": 1, "subject": ["x"]}}`:                                            "ticket.subject",
		`{"ticket": {"number": 1, "subject": "a\u0000b"}}`:                                       "ticket.subject",
		`{"ticket": {"number": 1, "subject": 5}}`:                                                "ticket.subject",
		`{"ticket": {"number": 1, "tags": ["a", 1]}}`:                                            "ticket.tags.1",
		`{"ticket": {"number": 1}, "reply": {"body": 5}}`:                                        "reply.body",
		`{"ticket": {"number": "a\nb"}}`:                                                         "ticket.number",
		"{\"ticket\": {\"number\": 1, \"subject\": \"\xff\"}}":                                   "",
		`{"ticket": {"number": 1, "status": {"name": "x", "state": "opn"}}}`:                     "ticket.status.state",
		`{"ticket": {"number": 1, "status": {"nam": "x"}}}`:                                      "ticket.status.nam",
		`{"ticket": {"number": 1, "status": true}}`:                                              "ticket.status",
		`{"ticket": {"number": 1, "priority": []}}`:                                              "ticket.priority",
		`{"ticket": {"number": 1, "category": false}}`:                                           "ticket.category",
		`{"ticket": {"number": 1, "assignee": {"role": "boss"}}}`:                                "ticket.assignee.role",
		`{"ticket": {"number": 1, "assignee": {"mail": "x"}}}`:                                   "ticket.assignee.mail",
		`{"ticket": {"number": 1, "tags": "vip"}}`:                                               "ticket.tags",
		`{"ticket": {"number": 1, "tags": ["a", {}]}}`:                                           "ticket.tags.1",
		`{"ticket": {"number": 1, "tags": [` + strings.Join(tags, ",") + `]}}`:                   "ticket.tags",
		`{"ticket": {"number": 1, "due_at": "tomorrow"}}`:                                        "ticket.due_at",
		`{"ticket": {"number": 1, "due_at": 5}}`:                                                 "ticket.due_at",
		`{"ticket": {"number": 1, "description": "` + long + `"}}`:                               "ticket.description",
		`{"ticket": {"number": 1, "custom_fields": []}}`:                                         "ticket.custom_fields",
		`{"ticket": {"number": 1, "custom_fields": {"": 1}}}`:                                    "ticket.custom_fields",
		`{"ticket": {"number": 1, "custom_fields": {"x": [[[[[[1]]]]]]}}}`:                       "ticket.custom_fields.x",
		`{"ticket": {"number": 1, "custom_fields": {"x": ` + strings.Repeat("9", 500) + `}}}`:    "ticket.custom_fields.x",
		`{"ticket": {"number": 1, "attachments": [{"url": "x"}]}}`:                               "ticket.attachments.0.name",
		`{"ticket": {"number": 1, "attachments": [{"name": "x", "size": -1}]}}`:                  "ticket.attachments.0.size",
		`{"ticket": {"number": 1, "replies": [{"public": "yes"}]}}`:                              "ticket.replies.0.public",
		`{"ticket": {"number": 1}, "kind": "ticket_chnage"}`:                                     "kind",
		`{"ticket": {"number": "."}}`:                                                            "ticket.number",
		`{"ticket": {"number": " .. "}}`:                                                         "ticket.number",
		`{"ticket": {"number": 1}, "reply": {"id": "..", "body": "x"}}`:                          "reply.id",
		`{"ticket": {"number": 1}, "note": {"id": ".", "body": "x"}}`:                            "note.id",
		`{"ticket": {"number": 1, "number": 2}}`:                                                 "ticket.number",
		`{"ticket": {"number": 1}, "ticket": {"number": 1}}`:                                     "ticket",
		`{"ticket": {"number": 1, "attachments": [{"name": "{:\\\""}, {"name": 1, "name": 2}]}}`: "ticket.attachments.1.name",
		`{"ticket": {"number": 1}, "at": "now"}`:                                                 "at",
		`{"ticket": {"number": 1}, "reply": {"text": "x"}}`:                                      "reply.text",
		`{"ticket": {"number": 1}, "note": {"private": 1}}`:                                      "note.private",
		`{"ticket": {"number": 1}, "note": {"body": "x"}, "reply": {"body": "x"}}`:               "note",
		`{"ticket": ` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5000) + `}`:    "",
	} {
		_, err := DecodeInput([]byte(input))
		wantPath(t, input, err, path)
	}
}

func wantPath(t *testing.T, input string, err error, path string) {
	t.Helper()
	if len(input) > 100 {
		input = input[:100] + "…"
	}
	var list *invalid.Error
	if !errors.As(err, &list) {
		t.Errorf("%s: error %v, want one about %q", input, err, path)
		return
	}
	if list.Fields[0].Path != path {
		t.Errorf("%s: path %q, want %q (%v)", input, list.Fields[0].Path, path, err)
	}
}

func TestDecodeInputSuggests(t *testing.T) {
	_, err := DecodeInput([]byte(`{"ticket": {"number": 1, "prioritiy": "High"}}`))
	if err == nil || !strings.Contains(err.Error(), "did you mean priority?") {
		t.Errorf("no suggestion: %v", err)
	}
}

func TestReferencesAreReadInManyForms(t *testing.T) {
	in := decode(t, `{"ticket": {"number": "A-1", "status": {"id": 4}, "category": {"id": 5, "name": "Laser", "path": "/Hardware/Printers/"}, "requester": 12,
		"creator": "Ann <ann@example.com>", "department": {"name": "Depot"}, "notes": [{"body": "n"}], "replies": [{"body": "r", "created_at": "2026-03-04"}],
		"attachments": [{"name": "f", "created_at": "2026-03-04 10:00:00"}]}}`)
	v := in.Ticket.Values
	if v.Status != (Status{ID: "4"}) || v.Category != (Category{ID: "5", Name: "Laser", Path: "Hardware/Printers"}) || v.Department.Name != "Depot" {
		t.Errorf("%+v, %+v, %+v", v.Status, v.Category, v.Department)
	}
	if v.Requester.ID != "12" || v.Creator.Name != "Ann <ann@example.com>" || !v.Notes[0].Private || !v.Replies[0].Public || v.Attachments[0].CreatedAt.Hour() != 10 {
		t.Errorf("%+v", v)
	}
	in = decode(t, `{"ticket": {"number": 1, "category": {"name": "Laser"}, "status": ""}}`)
	if v := in.Ticket.Values; v.Category.Path != "Laser" || v.Status != (Status{}) {
		t.Errorf("%+v, %+v", v.Category, v.Status)
	}
	names := MemberNames()
	if names[0] != "number" || len(names) != 32 {
		t.Errorf("%d members: %v", len(names), names)
	}
}

func TestTicketOperations(t *testing.T) {
	in, err := NewTicketInput([]byte(`{"subject": "S", "actor": {"email": "a@example.com", "role": "agent"}, "via": "web"}`))
	if err != nil || in.Kind != TicketCreated || in.Actor.Email != "a@example.com" || in.Via != "web" || in.Ticket.Number != "" {
		t.Errorf("new ticket: %+v, %v", in, err)
	}
	in, err = PatchTicketInput("7", []byte(`{"status": "Closed"}`))
	if err != nil || in.Kind != TicketUpdated || in.Ticket.Number != "7" {
		t.Errorf("patch: %+v, %v", in, err)
	}
	_, err = PatchTicketInput("7", []byte(`{"number": 8}`))
	wantPath(t, "another number", err, "number")
	_, err = PatchTicketInput("7", []byte(`{"statsu": "Closed"}`))
	wantPath(t, "unknown member", err, "statsu")
	in, err = AddReplyInput("7", []byte(`{"body": "x", "public": false}`))
	if err != nil || in.Kind != ReplyAdded || in.Reply.Values.Public {
		t.Errorf("reply: %+v, %v", in, err)
	}
	in, err = AddNoteInput("7", []byte(`{"body": "x"}`))
	if err != nil || in.Kind != NoteAdded || !in.Note.Values.Private {
		t.Errorf("note: %+v, %v", in, err)
	}
	in, err = PatchNoteInput("7", "not_1", []byte(`{"body": "y"}`))
	if err != nil || in.Kind != NoteUpdated || in.Note.Values.ID != "not_1" {
		t.Errorf("patched note: %+v, %v", in, err)
	}
	_, err = PatchReplyInput("7", "rep_1", []byte(`{"text": "y"}`))
	wantPath(t, "unknown member of a reply", err, "text")
}
