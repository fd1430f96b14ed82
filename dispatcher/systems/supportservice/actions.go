package supportservice

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// seedAction is an action of the ticket as the vendor's page prints it.
type seedAction struct {
	ID              int64        `json:"Id"`
	Description     *string      `json:"Description"`
	HTMLDescription *string      `json:"HtmlDescription"`
	Attachments     []attachment `json:"Attachments"`
}

// capturedAction is an action as it was captured.
type capturedAction struct {
	ID              int64        `json:"Id"`
	Type            int          `json:"Type"`
	Origin          int          `json:"Origin"`
	Description     *string      `json:"Description"`
	HTMLDescription *string      `json:"HtmlDescription"`
	IsDeleted       bool         `json:"IsDeleted"`
	CreatedBy       author       `json:"CreatedBy"`
	Attachments     []attachment `json:"Attachments"`
}

type attachment struct {
	FileName    *string `json:"FileName"`
	Path        *string `json:"Path"`
	CreatedBy   person  `json:"CreatedBy"`
	CreatedDate *string `json:"CreatedDate"`
}

type person struct {
	ID           *string `json:"Id"`
	PersonType   int     `json:"PersonType"`
	ProfileType  int     `json:"ProfileType"`
	BusinessName *string `json:"BusinessName"`
	Email        *string `json:"Email"`
	Phone        *string `json:"Phone"`
}

type author struct {
	ID          *string `json:"Id"`
	PersonType  int     `json:"PersonType"`
	ProfileType int     `json:"ProfileType"`
}

// entry is one text of the conversation, in neither revision's spelling.
type entry struct {
	id          int64
	public      bool
	withheld    bool // a private text that the endpoint may not see
	plain, html string
	deleted     bool
	origin      int
	author      ticket.Person
	role        ticket.Role
	at          time.Time
	attachments []ticket.Attachment
}

// entries are the actions of the body: only those that the change itself
// wrote, as captured requests show. A change of a member alone has none.
func entries(change *ticket.Change, private bool) []entry {
	var list []entry
	if change.Created() {
		list = append(list, firstEntry(change))
	}
	if r := change.Reply; r != nil {
		list = append(list, entry{
			id: actionID(change.After, r.ID), public: r.Public, withheld: !r.Public && !private,
			plain: systems.PlainText(r.Body), html: r.Body, deleted: change.Kind == ticket.ReplyDeleted,
			author: r.Author, role: systems.AuthorRole(change, r.Author), at: r.CreatedAt, attachments: r.Attachments,
		})
	}
	if n := change.Note; n != nil {
		list = append(list, entry{
			id: actionID(change.After, n.ID), public: !n.Private, withheld: n.Private && !private,
			plain: systems.PlainText(n.Body), html: n.Body, deleted: change.Kind == ticket.NoteDeleted,
			author: n.Author, role: systems.AuthorRole(change, n.Author), at: n.CreatedAt, attachments: n.Attachments,
		})
	}
	for i := range list {
		if list[i].at.IsZero() {
			list[i].at = change.At
		}
		if list[i].origin == 0 {
			list[i].origin = actionOrigin(change, list[i].role)
		}
		if list[i].withheld {
			list[i].plain, list[i].html, list[i].attachments = "", "", nil
		}
	}
	return list
}

// firstEntry is the text that the ticket was created with.
func firstEntry(change *ticket.Change) entry {
	t := change.After
	html, plain := t.DescriptionHTML, t.Description
	if html == "" {
		html = plain
	}
	if plain == "" {
		plain = systems.PlainText(html)
	}
	by := change.Actor
	for _, p := range []*ticket.Person{t.Creator, t.Requester} {
		if p != nil {
			by = *p
			break
		}
	}
	return entry{
		id: 1, public: ticketType(t) == typePublic, plain: plain, html: html, origin: ticketOrigin(t),
		author: by, role: systems.AuthorRole(change, by), at: t.CreatedAt, attachments: t.Attachments,
	}
}

func (e entry) seed() seedAction {
	return seedAction{ID: e.id, Description: text(e.plain), HTMLDescription: text(e.html), Attachments: e.files()}
}

func (e entry) captured() capturedAction {
	kind := typeInternal
	if e.public {
		kind = typePublic
	}
	return capturedAction{
		ID: e.id, Type: kind, Origin: e.origin, Description: text(e.plain), HTMLDescription: text(e.html),
		IsDeleted: e.deleted, Attachments: e.files(),
		CreatedBy: author{ID: text(e.author.ID), PersonType: personNatural, ProfileType: profile(e.role)},
	}
}

func (e entry) files() []attachment {
	files := []attachment{}
	for _, a := range e.attachments {
		by, role := e.author, e.role
		if a.CreatedBy != nil {
			by = *a.CreatedBy
			if by.Role != "" {
				role = by.Role
			}
		}
		at := a.CreatedAt
		if at.IsZero() {
			at = e.at
		}
		files = append(files, attachment{
			FileName: text(a.Name), Path: text(a.URL), CreatedDate: date(at),
			CreatedBy: person{
				ID: text(by.ID), PersonType: personNatural, ProfileType: profile(role),
				BusinessName: text(by.FullName()), Email: text(by.Email), Phone: text(by.Phone),
			},
		})
	}
	return files
}

// date is a time as the vendor writes it: in UTC, without saying so.
func date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return text(systems.DotNetTime(t.UTC(), false))
}

// actionID is the number of a reply or a note: its own id where that is a
// number, else its place among the ticket's texts, of which the first, 1, is
// what the ticket was created with.
func actionID(t *ticket.Ticket, id string) int64 {
	if number, err := strconv.ParseInt(id, 10, 64); err == nil && number >= 0 {
		return number
	}
	type written struct {
		id string
		at time.Time
	}
	var all []written
	for _, r := range t.Replies {
		all = append(all, written{r.ID, r.CreatedAt})
	}
	for _, n := range t.Notes {
		all = append(all, written{n.ID, n.CreatedAt})
	}
	slices.SortStableFunc(all, func(a, b written) int { return a.at.Compare(b.at) })
	place := slices.IndexFunc(all, func(w written) bool { return w.id == id })
	if place < 0 || id == "" {
		place = max(len(all)-1, 0)
	}
	return int64(place + 2)
}

// Values of the vendor's enumerations.
const (
	typeInternal = 1
	typePublic   = 2

	personNatural = 1

	profileAgent  = 1
	profileClient = 2

	originWebClient = 1
	originWebAgent  = 2
	originEmail     = 3
	originTrigger   = 4
	originChat      = 5
	originForm      = 8
	originAPI       = 9
	originCall      = 13
)

func profile(role ticket.Role) int {
	if role == ticket.RoleClient {
		return profileClient
	}
	return profileAgent
}

func ticketType(t *ticket.Ticket) int {
	if strings.EqualFold(t.Type.Name, "internal") || t.Type.ID == strconv.Itoa(typeInternal) && t.Type.Name == "" {
		return typeInternal
	}
	return typePublic
}

// origins are the numbers of the ways in, by the source's or the change's name.
var origins = map[string]int{
	"web": originWebClient, "portal": originWebClient, "widget": originWebClient,
	"agent": originWebAgent, "console": originWebAgent,
	"email": originEmail, "e-mail": originEmail, "mail": originEmail,
	"rule": originTrigger, "trigger": originTrigger,
	"chat": originChat, "form": originForm, "contact_form": originForm, "api": originAPI,
	"call": originCall, "phone": originCall,
}

func ticketOrigin(t *ticket.Ticket) int {
	if origin, ok := origins[strings.ToLower(t.Source.Name)]; ok {
		return origin
	}
	return originWebClient
}

func actionOrigin(change *ticket.Change, role ticket.Role) int {
	via := strings.ToLower(change.Via)
	if origin, ok := origins[via]; ok && via != "web" {
		return origin
	}
	switch role {
	case ticket.RoleClient:
		return originWebClient
	case ticket.RoleRule, ticket.RoleSystem:
		return originTrigger
	default:
		return originWebAgent
	}
}
