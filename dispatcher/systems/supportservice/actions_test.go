package supportservice

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

var (
	client = ticket.Person{ID: "C1", Email: "client@example.com", Role: ticket.RoleClient}
	agent  = ticket.Person{ID: "A1", Email: "agent@example.com", Role: ticket.RoleAgent}
	at     = time.Date(2020, 5, 19, 22, 59, 24, 524687600, time.FixedZone("", 2*60*60))
)

// actions returns the list Actions of the body.
func actions(t *testing.T, body string) string {
	t.Helper()
	members, ok := systems.Members(body)
	if !ok {
		t.Fatalf("no object: %s", body)
	}
	for _, m := range members {
		if m.Name == "Actions" {
			return string(m.Value)
		}
	}
	t.Fatalf("no Actions: %s", body)
	return ""
}

func TestActions(t *testing.T) {
	reply := ticket.Reply{ID: "rep_b", Author: client, Body: "<p>It is <i>still</i> wrong</p>", Public: true, CreatedAt: at}
	internal := ticket.Reply{ID: "rep_c", Author: agent, Body: "<p>between us</p>", CreatedAt: at, Attachments: []ticket.Attachment{{Name: "secret.txt"}}}
	note := ticket.Note{ID: "40", Author: agent, Body: "<p>call back</p>", Private: true, CreatedAt: at}
	replies := []ticket.Reply{{ID: "rep_a", Author: agent, Public: true, CreatedAt: at.Add(-time.Hour)}, reply, internal}
	tests := []struct {
		name     string
		change   ticket.Change
		private  bool
		seed     string
		captured string
	}{
		{
			name:     "a change of members alone has none",
			change:   ticket.Change{Kind: ticket.TicketUpdated, After: &ticket.Ticket{Replies: replies}},
			seed:     `[]`,
			captured: `[]`,
		},
		{
			name: "creation",
			change: ticket.Change{Kind: ticket.TicketCreated, After: &ticket.Ticket{
				DescriptionHTML: "<p>Wrong &amp; late</p>", Requester: &client, Source: ticket.Ref{Name: "Email"}, CreatedAt: at,
			}},
			seed: `[{"Id":1,"Description":"Wrong & late","HtmlDescription":"<p>Wrong &amp; late</p>","Attachments":[]}]`,
			captured: `[{"Id":1,"Type":2,"Origin":3,"Description":"Wrong & late","HtmlDescription":"<p>Wrong &amp; late</p>","IsDeleted":false,` +
				`"CreatedBy":{"Id":"C1","PersonType":1,"ProfileType":2},"Attachments":[]}]`,
		},
		{
			name:   "the client's reply is the third text",
			change: ticket.Change{Kind: ticket.ReplyAdded, After: &ticket.Ticket{Replies: replies}, Reply: &reply},
			seed:   `[{"Id":3,"Description":"It is still wrong","HtmlDescription":"<p>It is <i>still</i> wrong</p>","Attachments":[]}]`,
			captured: `[{"Id":3,"Type":2,"Origin":1,"Description":"It is still wrong","HtmlDescription":"<p>It is <i>still</i> wrong</p>","IsDeleted":false,` +
				`"CreatedBy":{"Id":"C1","PersonType":1,"ProfileType":2},"Attachments":[]}]`,
		},
		{
			name:     "an internal reply is withheld",
			change:   ticket.Change{Kind: ticket.ReplyAdded, After: &ticket.Ticket{Replies: replies}, Reply: &internal},
			seed:     `[{"Id":4,"Description":null,"HtmlDescription":null,"Attachments":[]}]`,
			captured: `[{"Id":4,"Type":1,"Origin":2,"IsDeleted":false,"CreatedBy":{"Id":"A1","PersonType":1,"ProfileType":1},"Attachments":[]}]`,
		},
		{
			name:    "a private note for who may see it",
			change:  ticket.Change{Kind: ticket.NoteAdded, Via: "api", After: &ticket.Ticket{Notes: []ticket.Note{note}}, Note: &note},
			private: true,
			seed:    `[{"Id":40,"Description":"call back","HtmlDescription":"<p>call back</p>","Attachments":[]}]`,
			captured: `[{"Id":40,"Type":1,"Origin":9,"Description":"call back","HtmlDescription":"<p>call back</p>","IsDeleted":false,` +
				`"CreatedBy":{"Id":"A1","PersonType":1,"ProfileType":1},"Attachments":[]}]`,
		},
		{
			name:   "a deleted reply",
			change: ticket.Change{Kind: ticket.ReplyDeleted, After: &ticket.Ticket{}, Reply: &reply},
			seed:   `[{"Id":2,"Description":"It is still wrong","HtmlDescription":"<p>It is <i>still</i> wrong</p>","Attachments":[]}]`,
			captured: `[{"Id":2,"Type":2,"Origin":1,"Description":"It is still wrong","HtmlDescription":"<p>It is <i>still</i> wrong</p>","IsDeleted":true,` +
				`"CreatedBy":{"Id":"C1","PersonType":1,"ProfileType":2},"Attachments":[]}]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := systems.Endpoint{PrivateNotes: tt.private}
			if diff := cmp.Diff(tt.seed, actions(t, render(t, revisionSeed, &tt.change, to))); diff != "" {
				t.Errorf("seed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.captured, actions(t, render(t, revisionCaptured, &tt.change, to))); diff != "" {
				t.Errorf("captured (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAttachments(t *testing.T) {
	reply := ticket.Reply{Author: agent, Public: true, CreatedAt: at, Attachments: []ticket.Attachment{
		{Name: "a.pdf", URL: "https://files.example.com/a.pdf?sig=1&x=<y>"},
		{Name: "b.pdf", CreatedBy: &client, CreatedAt: at.Add(time.Second)},
	}}
	body := render(t, revisionSeed, &ticket.Change{Kind: ticket.ReplyAdded, After: &ticket.Ticket{}, Reply: &reply}, systems.Endpoint{})
	want := `[{"Id":2,"Description":null,"HtmlDescription":null,"Attachments":[` +
		`{"FileName":"a.pdf","Path":"https://files.example.com/a.pdf?sig=1&x=<y>","CreatedBy":{"Id":"A1","PersonType":1,"ProfileType":1,` +
		`"BusinessName":"agent@example.com","Email":"agent@example.com","Phone":null},"CreatedDate":"2020-05-19T20:59:24.5246876"},` +
		`{"FileName":"b.pdf","Path":null,"CreatedBy":{"Id":"C1","PersonType":1,"ProfileType":2,` +
		`"BusinessName":"client@example.com","Email":"client@example.com","Phone":null},"CreatedDate":"2020-05-19T20:59:25.5246876"}]}]`
	if diff := cmp.Diff(want, actions(t, body)); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

func TestTypeAndOrigin(t *testing.T) {
	tests := []struct {
		ticket       ticket.Ticket
		kind, origin int
	}{
		{ticket.Ticket{}, 2, 1},
		{ticket.Ticket{Type: ticket.Ref{Name: "Internal"}, Source: ticket.Ref{Name: "chat"}}, 1, 5},
		{ticket.Ticket{Type: ticket.Ref{ID: "1"}, Source: ticket.Ref{Name: "API"}}, 1, 9},
		{ticket.Ticket{Type: ticket.Ref{ID: "1", Name: "Incident"}, Source: ticket.Ref{Name: "agent"}}, 2, 2},
		{ticket.Ticket{Source: ticket.Ref{Name: "Call"}}, 2, 13},
		{ticket.Ticket{Source: ticket.Ref{Name: "form"}}, 2, 8},
		{ticket.Ticket{Source: ticket.Ref{Name: "carrier pigeon"}}, 2, 1},
	}
	for _, tt := range tests {
		if kind, origin := ticketType(&tt.ticket), ticketOrigin(&tt.ticket); kind != tt.kind || origin != tt.origin {
			t.Errorf("%+v %+v: type %d, origin %d, want %d and %d", tt.ticket.Type, tt.ticket.Source, kind, origin, tt.kind, tt.origin)
		}
	}
}

func TestCustomFields(t *testing.T) {
	fields := map[string]any{
		"31":  []any{"Billing", map[string]any{"PersonId": "A7", "Team": "Finance", "StorageFileGuid": ""}},
		"4":   "text",
		"12":  map[string]any{"CustomFieldRuleId": 5, "Line": 2.0, "Value": 7.25},
		"13":  map[string]any{"city": "Porto Alegre"},
		"14":  true,
		"15":  nil,
		"100": 1e6,
	}
	body := render(t, revisionCaptured, &ticket.Change{Kind: ticket.TicketUpdated, After: &ticket.Ticket{Number: "1", CustomFields: fields}}, systems.Endpoint{})
	want := `"CustomFieldValues":[` +
		`{"CustomFieldId":4,"CustomFieldRuleId":0,"Line":1,"Value":"text","Items":[]},` +
		`{"CustomFieldId":12,"CustomFieldRuleId":5,"Line":2,"Value":"7.25","Items":[]},` +
		`{"CustomFieldId":13,"CustomFieldRuleId":0,"Line":1,"Value":"{\"city\":\"Porto Alegre\"}","Items":[]},` +
		`{"CustomFieldId":14,"CustomFieldRuleId":0,"Line":1,"Value":"true","Items":[]},` +
		`{"CustomFieldId":15,"CustomFieldRuleId":0,"Line":1,"Items":[]},` +
		`{"CustomFieldId":31,"CustomFieldRuleId":0,"Line":1,"Items":[{"CustomFieldItem":"Billing"},{"PersonId":"A7","Team":"Finance","StorageFileGuid":""}]},` +
		`{"CustomFieldId":100,"CustomFieldRuleId":0,"Line":1,"Value":"1000000","Items":[]}]`
	if !strings.Contains(body, want) {
		t.Errorf("body %s\nlacks %s", body, want)
	}
}
