package socialboards

import (
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// seedTicket is the Ticket object in the order of the vendor's first page.
type seedTicket struct {
	Author                        user        `json:"Author"`
	Category                      *seedPlace  `json:"Category"`
	CreationTime                  *string     `json:"CreationTime"`
	DetailedSource                string      `json:"DetailedSource"`
	ID                            int64       `json:"Id"`
	LastThreadElementCreationTime *string     `json:"LastThreadElementCreationTime"`
	LockedBy                      *user       `json:"LockedBy"`
	Message                       string      `json:"Message"`
	OriginalLink                  *string     `json:"OriginalLink"`
	Properties                    ticketFlags `json:"Properties"`
	ReplyCount                    int64       `json:"ReplyCount"`
	Sentiment                     string      `json:"Sentiment"`
	Source                        string      `json:"Source"`
	SourceName                    *string     `json:"SourceName"`
	Status                        string      `json:"Status"`
	Title                         string      `json:"Title"`
	HTMLMessage                   string      `json:"HtmlMessage"`
}

// ticket2022 is the Ticket object in the order of the page about
// ticket_category_change.
type ticket2022 struct {
	ID                            int64       `json:"Id"`
	Title                         string      `json:"Title"`
	Message                       string      `json:"Message"`
	HTMLMessage                   string      `json:"HtmlMessage"`
	Author                        any         `json:"Author"`
	Category                      *place      `json:"Category"`
	CreationTime                  *string     `json:"CreationTime"`
	LastThreadElementCreationTime *string     `json:"LastThreadElementCreationTime"`
	LockedBy                      any         `json:"LockedBy"`
	OriginalLink                  *string     `json:"OriginalLink"`
	Properties                    ticketFlags `json:"Properties"`
	ReplyCount                    int64       `json:"ReplyCount"`
	IsMuted                       bool        `json:"IsMuted"`
	Sentiment                     string      `json:"Sentiment"`
	Source                        string      `json:"Source"`
	DetailedSource                string      `json:"DetailedSource"`
	SourceName                    *string     `json:"SourceName"`
	Status                        string      `json:"Status"`
	Tags                          []tag       `json:"Tags"`
	Attachments                   []file      `json:"Attachments"`
}

type place struct {
	ID   int64  `json:"Id"`
	Name string `json:"Name"`
}

type seedPlace struct {
	place
	Parents []place `json:"Parents"`
}

type ticketFlags struct {
	IsAnonymized    bool `json:"IsAnonymized"`
	IsMuted         bool `json:"IsMuted"`
	HasAttachments  bool `json:"HasAttachments"`
	HasDraft        bool `json:"HasDraft"`
	IsAssignedToBot bool `json:"IsAssignedToBot"`
	IsDeleted       bool `json:"IsDeleted"`
	IsExpired       bool `json:"IsExpired"`
	IsHidden        bool `json:"IsHidden"`
	IsLocked        bool `json:"IsLocked"`
	IsSpam          bool `json:"IsSpam"`
	IsSensitive     bool `json:"IsSensitive"`
}

func newTicket(change *ticket.Change, revision string) any {
	t := change.After
	plain, html := message(t.Description, t.DescriptionHTML)
	author := ticket.Person{Role: ticket.RoleClient}
	for _, p := range []*ticket.Person{t.Creator, t.Requester} {
		if p != nil {
			author = *p
		}
	}
	source := sourceOf(t)
	seed := seedTicket{
		Author:                        newUser(author, ticket.RoleClient),
		Category:                      newPlace(t.Category),
		CreationTime:                  moment(t.CreatedAt),
		DetailedSource:                detailedSource(t, source),
		ID:                            t.NumericID(),
		LastThreadElementCreationTime: moment(lastElement(t)),
		Message:                       plain,
		OriginalLink:                  optionalText(t.Extra.Text("OriginalLink")),
		Properties:                    newFlags(change),
		ReplyCount:                    replyCount(t),
		Sentiment:                     orText(t.Extra.Text("Sentiment"), "question"),
		Source:                        source,
		SourceName:                    optionalText(t.Extra.Text("SourceName")),
		Status:                        statusName(t.Status),
		Title:                         t.Subject,
		HTMLMessage:                   html,
	}
	if t.Assignee != nil {
		locked := newUser(*t.Assignee, ticket.RoleAgent)
		seed.LockedBy = &locked
	}
	if revision == revisionSeed {
		return seed
	}
	return as2022(t, seed, author)
}

// as2022 puts the members of the seed's object into the later order.
func as2022(t *ticket.Ticket, seed seedTicket, author ticket.Person) ticket2022 {
	later := ticket2022{
		ID: seed.ID, Title: seed.Title, Message: seed.Message, HTMLMessage: seed.HTMLMessage,
		Author:       newUser2022(author, ticket.RoleClient),
		CreationTime: seed.CreationTime, LastThreadElementCreationTime: seed.LastThreadElementCreationTime,
		OriginalLink: seed.OriginalLink, Properties: seed.Properties, ReplyCount: seed.ReplyCount,
		IsMuted: seed.Properties.IsMuted, Sentiment: seed.Sentiment, Source: seed.Source,
		DetailedSource: seed.DetailedSource, SourceName: seed.SourceName, Status: seed.Status,
		Tags: tags(t.Tags), Attachments: files(t.Attachments),
	}
	if seed.Category != nil {
		later.Category = &seed.Category.place
	}
	if t.Assignee != nil {
		later.LockedBy = newUser2022(*t.Assignee, ticket.RoleAgent)
	}
	return later
}

func newPlace(c ticket.Category) *seedPlace {
	number := categoryNumber(c)
	if number == nil {
		return nil
	}
	levels := strings.Split(c.Path, "/")
	category := &seedPlace{place{*number, orText(c.Name, levels[len(levels)-1])}, []place{}}
	for i := range levels[:len(levels)-1] {
		if levels[i] == "" {
			continue
		}
		path := strings.Join(levels[:i+1], "/")
		category.Parents = append(category.Parents, place{ticket.NumericID(path), levels[i]})
	}
	return category
}

func newFlags(change *ticket.Change) ticketFlags {
	t := change.After
	flag := func(name string, otherwise bool) bool {
		if n, ok := t.Extra.Int(name); ok {
			return n != 0
		}
		return otherwise
	}
	return ticketFlags{
		IsAnonymized:    flag("IsAnonymized", false),
		IsMuted:         flag("IsMuted", false),
		HasAttachments:  flag("HasAttachments", len(t.Attachments) > 0),
		HasDraft:        flag("HasDraft", false),
		IsAssignedToBot: flag("IsAssignedToBot", false),
		IsDeleted:       flag("IsDeleted", change.Kind == ticket.TicketDeleted),
		IsExpired:       flag("IsExpired", false),
		IsHidden:        flag("IsHidden", false),
		IsLocked:        flag("IsLocked", t.Assignee != nil),
		IsSpam:          flag("IsSpam", false),
		IsSensitive:     flag("IsSensitive", false),
	}
}

// message is a text in its plain and its HTML form, each made from the other
// where it is missing; plain text stands for HTML as it is.
func message(plain, html string) (string, string) {
	if html == "" {
		return plain, plain
	}
	return orText(plain, systems.PlainText(html)), html
}

// lastElement is when the newest reply or note was written, the ticket itself
// where there is none.
func lastElement(t *ticket.Ticket) time.Time {
	last := t.CreatedAt
	for _, r := range t.Replies {
		if r.CreatedAt.After(last) {
			last = r.CreatedAt
		}
	}
	for _, n := range t.Notes {
		if n.CreatedAt.After(last) {
			last = n.CreatedAt
		}
	}
	return last
}

func replyCount(t *ticket.Ticket) int64 {
	if n, ok := t.Extra.Int("ReplyCount"); ok {
		return n
	}
	count := int64(0)
	for _, r := range t.Replies {
		if r.Public {
			count++
		}
	}
	return count
}

// sourceOf is where the ticket came from, as one word in lower case.
func sourceOf(t *ticket.Ticket) string {
	name := strings.ReplaceAll(strings.ToLower(t.Source.Name), " ", "_")
	return orText(name, "web")
}

func detailedSource(t *ticket.Ticket, source string) string {
	if source == "web" {
		source = "web_website"
	}
	return orText(t.Extra.Text("DetailedSource"), source)
}

func orText(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
