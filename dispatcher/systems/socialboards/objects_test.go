package socialboards

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// encode is a value as it goes on the wire.
func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := systems.JSON(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCategory(t *testing.T) {
	tests := []struct {
		name     string
		category ticket.Category
		want     string
	}{
		{"none", ticket.Category{}, `null`},
		{"with an id", ticket.Category{ID: "15721", Name: "Other cases"}, `{"Id":15721,"Name":"Other cases","Parents":[]}`},
		{"without an id", ticket.Category{Name: "Cats"}, `{"Id":` + encode(t, ticket.NumericID("Cats")) + `,"Name":"Cats","Parents":[]}`},
		{
			"in a tree",
			ticket.Category{ID: "9", Path: "Hardware//Printers/Ink"},
			`{"Id":9,"Name":"Ink","Parents":[{"Id":` + encode(t, ticket.NumericID("Hardware")) + `,"Name":"Hardware"},` +
				`{"Id":` + encode(t, ticket.NumericID("Hardware//Printers")) + `,"Name":"Printers"}]}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, encode(t, newPlace(tt.category))); diff != "" {
				t.Errorf("category (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUser(t *testing.T) {
	derived := systems.UUID("socialboards user", "17")
	tests := []struct {
		name   string
		person ticket.Person
		role   ticket.Role
		want   string
	}{
		{
			"a client",
			ticket.Person{ID: "35692164-BFAA-4c49-a23c-ecfa618f7d20", Name: "Robert Baker", Role: ticket.RoleClient},
			ticket.RoleAgent,
			`{"Id":"35692164-bfaa-4c49-a23c-ecfa618f7d20","Name":"Robert Baker","Image":null,"Email":null,"Status":"client","IsBot":false}`,
		},
		{
			"another system's id",
			ticket.Person{ID: "17", Email: "agent@example.com"},
			ticket.RoleAgent,
			`{"Id":"` + derived + `","Name":"agent@example.com","Image":null,"Email":"agent@example.com","Status":"team","IsBot":false}`,
		},
		{
			"a rule is a bot",
			ticket.Person{ID: "17", Role: ticket.RoleRule},
			ticket.RoleAgent,
			`{"Id":"` + derived + `","Name":"","Image":null,"Email":null,"Status":"team","IsBot":true}`,
		},
		{"nobody", ticket.Person{}, ticket.RoleClient, `{"Id":null,"Name":"","Image":null,"Email":null,"Status":"client","IsBot":false}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, encode(t, newUser(tt.person, tt.role))); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			later := `{"CustomIdentifier":null,` + tt.want[1:]
			if diff := cmp.Diff(later, encode(t, newUser2022(tt.person, tt.role))); diff != "" {
				t.Errorf("user of 2022 (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMoment(t *testing.T) {
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, `null`},
		{time.Date(2022, 11, 9, 10, 12, 59, 0, zone), `"2022-11-09T10:12:59+01:00"`},
		{time.Date(2019, 12, 17, 8, 3, 48, 318717000, zone), `"2019-12-17T08:03:48.318717+01:00"`},
		{time.Date(2023, 12, 7, 15, 16, 42, 374143599, time.UTC), `"2023-12-07T15:16:42.3741435+00:00"`},
	}
	for _, tt := range tests {
		if got := encode(t, moment(tt.at)); got != tt.want {
			t.Errorf("moment(%v) = %s, want %s", tt.at, got, tt.want)
		}
	}
}

func TestTicketMembers(t *testing.T) {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	agent := &ticket.Person{ID: "0da5a9e8-90ef-403f-873c-e20e4d298558", Name: "Agent", Role: ticket.RoleAgent}
	change := &ticket.Change{Kind: ticket.TicketDeleted, After: &ticket.Ticket{
		Number: "7", DescriptionHTML: "<p>Hi &amp; bye</p>", Source: ticket.Ref{Name: "Facebook"}, Assignee: agent,
		Attachments: []ticket.Attachment{{Name: "a.png"}},
		Replies:     []ticket.Reply{{Public: true, CreatedAt: at}, {CreatedAt: at.Add(-time.Hour)}},
		Notes:       []ticket.Note{{CreatedAt: at.Add(time.Hour)}},
		Extra: ticket.Extra{
			"IsSpam": true, "IsMuted": 1, "Sentiment": "negative", "SourceName": "Our page", "OriginalLink": "https://facebook.example/1",
			"DetailedSource": "facebook_messenger",
		},
	}}
	got, ok := newTicket(change, revisionSeed).(seedTicket)
	if !ok {
		t.Fatal("the revision seed has another object")
	}
	locked := newUser(*agent, ticket.RoleAgent)
	link, name, last := "https://facebook.example/1", "Our page", "2020-01-01T01:00:00+00:00"
	want := seedTicket{
		Author: user{Status: "client"}, DetailedSource: "facebook_messenger", ID: 7, LastThreadElementCreationTime: &last, LockedBy: &locked,
		Message: "Hi & bye", HTMLMessage: "<p>Hi &amp; bye</p>", OriginalLink: &link,
		Properties: ticketFlags{IsMuted: true, HasAttachments: true, IsDeleted: true, IsLocked: true, IsSpam: true},
		ReplyCount: 1, Sentiment: "negative", Source: "facebook", SourceName: &name, Status: "open",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(seedPlace{})); diff != "" {
		t.Errorf("ticket (-want +got):\n%s", diff)
	}
	later, ok := newTicket(change, revision2022).(ticket2022)
	if !ok || !later.IsMuted || len(later.Attachments) != 1 || later.LockedBy == nil || later.Category != nil {
		t.Errorf("ticket of 2022: %+v", later)
	}
}

func TestReplyAndNote(t *testing.T) {
	at := time.Date(2020, 3, 5, 17, 58, 23, 0, time.UTC)
	client := ticket.Person{ID: "bd909b4a-84fb-46ba-9e0e-581d045ed18d", Name: "Client", Role: ticket.RoleClient}
	change := &ticket.Change{
		ID: "chg_1", Kind: ticket.ReplyAdded, At: at, After: &ticket.Ticket{Number: "443484636"},
		Reply: &ticket.Reply{
			ID: "156372820", Author: client, Body: "<b>new</b> reply", Public: true,
			Attachments: []ticket.Attachment{{Name: "a.png", URL: "https://files.example.com/a.png?x=1&y=2"}},
		},
		Note: &ticket.Note{ID: "not_1", Author: client, Body: "private", Private: true, Attachments: []ticket.Attachment{{Name: "b.png"}}},
	}
	author := `{"Id":"bd909b4a-84fb-46ba-9e0e-581d045ed18d","Name":"Client","Image":null,"Email":null,"Status":"client","IsBot":false}`
	want := `{"Id":156372820,"TicketId":443484636,"Level":0,"Message":"new reply","HtmlMessage":"<b>new</b> reply","Author":` + author +
		`,"CcEmails":[],"ToEmails":[],"CreationTime":"2020-03-05T17:58:23+00:00","ParentReplyId":null,` +
		`"Properties":{"IsByTeam":false,"IsDraft":false,"IsHidden":false},"Tags":[],` +
		`"Attachments":[{"IsContentPart":false,"Name":"a.png","Url":"https://files.example.com/a.png?x=1&y=2"}]}`
	if diff := cmp.Diff(want, encode(t, newReply(change, false, revisionSeed))); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	withheld := `{"Id":` + encode(t, ticket.NumericID("not_1")) + `,"Message":"","HtmlMessage":null,"Author":` + author +
		`,"Attachments":[],"MentionedUsers":[],"CreationTime":"2020-03-05T17:58:23+00:00"}`
	if diff := cmp.Diff(withheld, encode(t, newNote(change, false, revisionSeed))); diff != "" {
		t.Errorf("private note (-want +got):\n%s", diff)
	}
	if got := newNote(change, true, revisionSeed); got.Message != "private" || len(got.Attachments) != 1 {
		t.Errorf("private note for who may see it: %+v", got)
	}
	change.Note, change.Reply.Public = nil, false
	if got := newNote(change, true, revisionSeed); got.ID != 156372820 || got.Message != "new reply" {
		t.Errorf("internal reply as a note: %+v", got)
	}
	if got := newReply(change, false, revisionSeed); got.Message != "" || len(got.Attachments) != 0 {
		t.Errorf("internal reply is not withheld: %+v", got)
	}
}
