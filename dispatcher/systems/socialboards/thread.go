package socialboards

import (
	"strconv"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// user is whoever wrote something, or works on a ticket.
type user struct {
	ID     *string `json:"Id"`
	Name   string  `json:"Name"`
	Image  *string `json:"Image"`
	Email  *string `json:"Email"`
	Status string  `json:"Status"`
	IsBot  bool    `json:"IsBot"`
}

// user2022 adds the identifier that a customer's own system gives.
type user2022 struct {
	CustomIdentifier *string `json:"CustomIdentifier"`
	user
}

func newUser(p ticket.Person, role ticket.Role) user {
	if p.Role != "" {
		role = p.Role
	}
	status := "team"
	if role == ticket.RoleClient {
		status = "client"
	}
	return user{
		ID:     optionalText(systems.UUIDOf("socialboards user", orText(p.ID, p.Email))),
		Name:   p.FullName(),
		Email:  optionalText(p.Email),
		Status: status,
		IsBot:  role == ticket.RoleRule || role == ticket.RoleSystem,
	}
}

func newUser2022(p ticket.Person, role ticket.Role) user2022 {
	return user2022{user: newUser(p, role)}
}

// author is a user in a revision.
func newAuthor(p ticket.Person, role ticket.Role, revision string) any {
	if revision == revisionSeed {
		return newUser(p, role)
	}
	return newUser2022(p, role)
}

type file struct {
	IsContentPart bool    `json:"IsContentPart"`
	Name          string  `json:"Name"`
	URL           *string `json:"Url"`
}

func files(attachments []ticket.Attachment) []file {
	list := make([]file, 0, len(attachments))
	for _, a := range attachments {
		list = append(list, file{Name: a.Name, URL: optionalText(a.URL)})
	}
	return list
}

// reply is the Reply object.
type reply struct {
	ID            int64      `json:"Id"`
	TicketID      int64      `json:"TicketId"`
	Level         int        `json:"Level"`
	Message       string     `json:"Message"`
	HTMLMessage   string     `json:"HtmlMessage"`
	Author        any        `json:"Author"`
	CcEmails      []string   `json:"CcEmails"`
	ToEmails      []string   `json:"ToEmails"`
	CreationTime  *string    `json:"CreationTime"`
	ParentReplyID *int64     `json:"ParentReplyId"`
	Properties    replyFlags `json:"Properties"`
	Tags          []tag      `json:"Tags"`
	Attachments   []file     `json:"Attachments"`
}

type replyFlags struct {
	IsByTeam bool `json:"IsByTeam"`
	IsDraft  bool `json:"IsDraft"`
	IsHidden bool `json:"IsHidden"`
}

// newReply is the reply that a change carries; an empty one where it carries
// none. An internal one shows its text only to who may see private notes.
func newReply(change *ticket.Change, private bool, revision string) *reply {
	r := change.Reply
	if r == nil {
		r = &ticket.Reply{Public: true}
	}
	role := systems.AuthorRole(change, r.Author)
	object := &reply{
		ID:           elementID(r.ID, change.ID),
		TicketID:     change.After.NumericID(),
		Author:       newAuthor(r.Author, role, revision),
		CcEmails:     []string{},
		ToEmails:     []string{},
		CreationTime: moment(r.CreatedAt),
		Properties:   replyFlags{IsByTeam: role != ticket.RoleClient, IsHidden: !r.Public},
		Tags:         []tag{},
		Attachments:  []file{},
	}
	if r.CreatedAt.IsZero() {
		object.CreationTime = moment(change.At)
	}
	if r.Public || private {
		object.Message, object.HTMLMessage = message("", r.Body)
		object.Attachments = files(r.Attachments)
	}
	return object
}

// note is the Note object.
type note struct {
	ID             int64   `json:"Id"`
	Message        string  `json:"Message"`
	HTMLMessage    *string `json:"HtmlMessage"`
	Author         any     `json:"Author"`
	Attachments    []file  `json:"Attachments"`
	MentionedUsers []any   `json:"MentionedUsers"`
	CreationTime   *string `json:"CreationTime"`
}

// newNote is the note that a change carries, or its internal reply; an empty
// one where it carries neither. A private one shows its text only to who may
// see private notes.
func newNote(change *ticket.Change, private bool, revision string) *note {
	n := change.Note
	if r := change.Reply; n == nil && r != nil {
		n = &ticket.Note{ID: r.ID, Author: r.Author, Body: r.Body, Private: !r.Public, Attachments: r.Attachments, CreatedAt: r.CreatedAt}
	}
	if n == nil {
		n = &ticket.Note{}
	}
	object := &note{
		ID:             elementID(n.ID, change.ID),
		Author:         newAuthor(n.Author, systems.AuthorRole(change, n.Author), revision),
		Attachments:    []file{},
		MentionedUsers: []any{},
		CreationTime:   moment(n.CreatedAt),
	}
	if n.CreatedAt.IsZero() {
		object.CreationTime = moment(change.At)
	}
	if !n.Private || private {
		plain, html := message("", n.Body)
		object.Message, object.HTMLMessage = plain, optionalText(html)
		object.Attachments = files(n.Attachments)
	}
	return object
}

// elementID is the number of a reply or a note, made from the change's id
// where it has none.
func elementID(id, change string) int64 {
	if number, err := strconv.ParseInt(id, 10, 64); err == nil && number >= 0 {
		return number
	}
	return ticket.NumericID(orText(id, change))
}
