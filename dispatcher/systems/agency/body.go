package agency

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// envelope is the body of every event, its members in the order of the
// vendor's page.
type envelope struct {
	EventID    string `json:"event_id"`
	EventType  string `json:"event_type"`
	APIVersion int    `json:"api_version"`
	Object     string `json:"object"`
	Data       data   `json:"data"`
	EndpointID string `json:"endpoint_id"`
}

type data struct {
	Ticket *wireTicket `json:"ticket"`
	// Reply is the last of the ticket's replies, on the updated event only.
	Reply *reply `json:"reply,omitempty"`
}

type wireTicket struct {
	ID          string  `json:"id"`
	Title       string  `json:"title"`
	IsOpen      bool    `json:"is_open"`
	Object      string  `json:"object"`
	CreatedAt   int64   `json:"created_at"` // Unix seconds
	UpdatedAt   int64   `json:"updated_at"`
	Client      *client `json:"client"`
	TeammateID  *string `json:"teammate_id"`
	Replies     []reply `json:"replies"`
	Category    *string `json:"category"`
	Subcategory *string `json:"subcategory"`
	Language    *string `json:"language"`
}

type client struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type reply struct {
	ID            string  `json:"id"`
	Text          string  `json:"text"`
	IsClientReply bool    `json:"is_client_reply"`
	CreatedAt     int64   `json:"created_at"`
	Assets        []asset `json:"assets"` // null where there is none
}

type asset struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Filename  string `json:"filename"`
	Extension string `json:"extension"`
	Filesize  int64  `json:"filesize"` // bytes
	Type      string `json:"type"`
	Version   int    `json:"version"`
	Status    string `json:"status"`
}

func renderTicket(occasion systems.Occasion) *wireTicket {
	change := occasion.Change
	t := change.After
	category, subcategory := categories(t)
	wire := &wireTicket{
		ID:          ticketID(t),
		Title:       t.Subject,
		IsOpen:      !systems.Over(t.Status.State),
		Object:      "ticket",
		CreatedAt:   systems.UnixSeconds(first(t.CreatedAt, change.At)),
		UpdatedAt:   systems.UnixSeconds(first(t.UpdatedAt, change.At)),
		Client:      renderClient(t.Requester),
		TeammateID:  optional(personID(t.Assignee)),
		Replies:     renderReplies(change),
		Category:    optional(category),
		Subcategory: optional(subcategory),
		Language:    optional(t.Language),
	}
	switch occasion.Event {
	case Created:
		wire.UpdatedAt = wire.CreatedAt
	case Updated:
		if newest := wire.last(); newest != nil {
			wire.UpdatedAt = newest.CreatedAt
		}
	}
	return wire
}

func (t *wireTicket) last() *reply {
	if len(t.Replies) == 0 {
		return nil
	}
	return &t.Replies[len(t.Replies)-1]
}

// ticketID is extra.id or the ticket's number where it is a UUID, else a UUID
// derived from it.
func ticketID(t *ticket.Ticket) string {
	if id := t.Extra.Text("id"); id != "" {
		return systems.UUIDOf("agency ticket", id)
	}
	return systems.UUIDOf("agency ticket", t.Number)
}

func renderClient(p *ticket.Person) *client {
	if p == nil {
		return nil
	}
	return &client{ID: personID(p), Name: p.FullName(), Email: p.Email}
}

// personID is a person's id as a UUID, "" for nobody.
func personID(p *ticket.Person) string {
	if p == nil {
		return ""
	}
	if p.ID != "" {
		return systems.UUIDOf("agency person", p.ID)
	}
	return systems.UUIDOf("agency person", strings.ToLower(first(p.Email, p.FullName())))
}

// categories splits a path such as General Support/Billing into the category
// and what lies deepest in it. extra.subcategory wins over the path.
func categories(t *ticket.Ticket) (category, subcategory string) {
	levels := strings.FieldsFunc(t.Category.Path, func(r rune) bool { return r == '/' })
	category = t.Category.Name
	if len(levels) > 0 {
		category = strings.TrimSpace(levels[0])
	}
	if len(levels) > 1 {
		subcategory = strings.TrimSpace(levels[len(levels)-1])
	}
	return category, first(t.Extra.Text("subcategory"), subcategory)
}

// renderReplies lists what the client can read, oldest first: the message
// that opened the ticket, then the public replies. The reply of the change
// comes last even where the ticket does not list it.
func renderReplies(change *ticket.Change) []reply {
	t := change.After
	replies := []reply{}
	if opening, ok := openingReply(change); ok {
		replies = append(replies, opening)
	}
	added := systems.PublicReply(change)
	for _, r := range t.Replies {
		if r.Public && (added == nil || !same(r, *added)) {
			replies = append(replies, renderReply(change, r))
		}
	}
	if added != nil {
		replies = append(replies, renderReply(change, *added))
	}
	return replies
}

// openingReply is the ticket's description as its first reply, as the vendor
// shows it; a ticket whose replies repeat the description has none.
func openingReply(change *ticket.Change) (reply, bool) {
	t := change.After
	text := first(t.Description, systems.PlainText(t.DescriptionHTML))
	if text == "" || len(t.Replies) > 0 && systems.PlainText(t.Replies[0].Body) == text {
		return reply{}, false
	}
	author := t.Creator
	if author == nil {
		author = t.Requester
	}
	byClient := author == nil || author.Role == ticket.RoleClient || systems.SamePerson(author, t.Requester)
	return reply{
		ID:            systems.UUID("agency opening reply", ticketID(t)),
		Text:          text,
		IsClientReply: byClient,
		CreatedAt:     systems.UnixSeconds(first(t.CreatedAt, change.At)),
		Assets:        renderAssets(t.Attachments),
	}, true
}

func renderReply(change *ticket.Change, r ticket.Reply) reply {
	return reply{
		ID:            replyID(change.After, r),
		Text:          systems.PlainText(r.Body),
		IsClientReply: role(change, r) == ticket.RoleClient,
		CreatedAt:     systems.UnixSeconds(first(r.CreatedAt, change.At)),
		Assets:        renderAssets(r.Attachments),
	}
}

// role is in what capacity a reply was written. The actor says so only of the
// reply that the change added.
func role(change *ticket.Change, r ticket.Reply) ticket.Role {
	if added := systems.PublicReply(change); added != nil && same(r, *added) {
		return systems.AuthorRole(change, r.Author)
	}
	return systems.AuthorRole(&ticket.Change{After: change.After}, r.Author)
}

func replyID(t *ticket.Ticket, r ticket.Reply) string {
	if r.ID != "" {
		return systems.UUIDOf("agency reply", r.ID)
	}
	return systems.UUID("agency reply", ticketID(t), r.Body, r.CreatedAt.UTC().Format(time.RFC3339Nano))
}

// same reports whether two replies are one and the same.
func same(a, b ticket.Reply) bool {
	if a.ID != "" || b.ID != "" {
		return a.ID == b.ID
	}
	return a.Body == b.Body && a.CreatedAt.Equal(b.CreatedAt)
}

func renderAssets(files []ticket.Attachment) []asset {
	if len(files) == 0 {
		return nil
	}
	assets := make([]asset, 0, len(files))
	for _, file := range files {
		assets = append(assets, asset{
			ID:        systems.UUIDOf("agency asset", first(file.ID, file.URL, file.Name)),
			Object:    "asset",
			Filename:  file.Name,
			Extension: strings.TrimPrefix(path.Ext(file.Name), "."),
			Filesize:  file.Size,
			Type:      assetType(file.ContentType),
			Version:   1,
			Status:    "available",
		})
	}
	return assets
}

// assetType is the kind of file that a content type names.
func assetType(contentType string) string {
	kind, _, _ := strings.Cut(contentType, "/")
	if slices.Contains([]string{"image", "video", "audio"}, kind) {
		return kind
	}
	return "file"
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// first returns the first value that is not the zero value.
func first[T comparable](values ...T) T {
	var zero T
	for _, value := range values {
		if value != zero {
			return value
		}
	}
	return zero
}
