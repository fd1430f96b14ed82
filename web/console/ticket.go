package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ticketPage is one ticket of the playground: the ticket, what can be done to
// it, and what each change of it caused.
type ticketPage struct {
	*ticket.Ticket
	Deleted bool
	Talk    []spoken
	Changes []changeView
	Fault   string
	Values  url.Values // of a form that was refused
	States  []string
	As      ticket.Role // who acts
	Roles   []actor
	// Settable are the fields that are set as plain text.
	Settable []settable
}

// Value returns a field of a form that was refused.
func (p *ticketPage) Value(name string) string { return p.Values.Get(name) }

// actor is somebody as whom the playground acts.
type actor struct {
	Value ticket.Role
	Text  string
}

var actors = []actor{{ticket.RoleAgent, "an agent"}, {ticket.RoleClient, "the client"}}

// settable is a field of a ticket that the playground sets.
type settable struct{ Name, Title, Value, Example string }

func settableOf(t *ticket.Ticket) []settable {
	category := t.Category.Path
	if category == "" {
		category = t.Category.Name
	}
	return []settable{
		{"priority", "Priority", t.Priority.Name, ""},
		{"urgency", "Urgency", t.Urgency.Name, ""},
		{"tags", "Tags", strings.Join(t.Tags, ", "), "vip, billing"},
		{"category", "Category", category, "Hardware/Printers"},
		{"department", "Department", t.Department.Name, ""},
		{"type", "Type", t.Type.Name, ""},
		{"community", "Community", t.Community, ""},
		{"subject", "Subject", t.Subject, ""},
	}
}

// roleOf returns as whom a form acts: an agent, unless it names another role.
func roleOf(form url.Values) ticket.Role {
	if role := ticket.Role(form.Get("as")); slices.Contains(ticket.Roles, role) {
		return role
	}
	return ticket.RoleAgent
}

// spoken is a reply or a note, as text.
type spoken struct {
	By     string
	Role   ticket.Role
	At     time.Time
	Text   string
	Note   bool
	Hidden bool // only agents see it
}

// changeView is a change with the deliveries it caused.
type changeView struct {
	*executionlog.Change
	Actor      string
	Deliveries []deliveryRow
}

func showTicket(r *request) error {
	return r.ticketPage(http.StatusOK, r.segment("number"), "", r.URL.Query())
}

// ticketPage shows a ticket, with what was wrong with an action or nothing.
// values say as whom the page acts, and hold the form of a refused action.
func (r *request) ticketPage(status int, number, fault string, values url.Values) error {
	row, err := r.Ledger.Ticket(r.Context(), r.session.Workspace, number)
	if err != nil {
		return err
	}
	t, err := decodeTicket(row)
	if err != nil {
		return err
	}
	page := &ticketPage{
		Ticket: t, Deleted: row.Deleted, Fault: fault, Values: values, Talk: talkOf(t),
		States: []string{"New", "Open", "In Progress", "Pending", "On Hold", "Resolved", "Closed"},
		As:     roleOf(values), Roles: actors, Settable: settableOf(t),
	}
	if page.Changes, err = r.changesOf(number); err != nil {
		return err
	}
	return r.render(status, "ticket", frame{Title: "Ticket " + number, Section: "tickets", Page: page})
}

// talkOf puts replies and notes in one order of time.
func talkOf(t *ticket.Ticket) []spoken {
	var talk []spoken
	for _, reply := range t.Replies {
		talk = append(talk, spoken{By: reply.Author.FullName(), Role: reply.Author.Role, At: reply.CreatedAt, Text: plainText(reply.Body), Hidden: !reply.Public})
	}
	for _, note := range t.Notes {
		talk = append(talk, spoken{By: note.Author.FullName(), Role: note.Author.Role, At: note.CreatedAt, Text: plainText(note.Body), Note: true, Hidden: note.Private})
	}
	for i := 1; i < len(talk); i++ {
		for j := i; j > 0 && talk[j].At.Before(talk[j-1].At); j-- {
			talk[j], talk[j-1] = talk[j-1], talk[j]
		}
	}
	return talk
}

// plainText shows HTML by a stranger as text: breaks become lines, and all
// other markup is shown as it was written.
func plainText(html string) string {
	return strings.TrimSpace(strings.NewReplacer("<p>", "", "</p>", "\n", "<br>", "\n", "<br/>", "\n", "<br />", "\n").Replace(html))
}

// changesOf lists the newest changes of a ticket with their deliveries.
func (r *request) changesOf(number string) ([]changeView, error) {
	const changes, deliveries = 25, 200
	found, err := r.Ledger.Changes(r.Context(), executionlog.ChangeQuery{Workspace: r.session.Workspace, Ticket: number, Limit: changes})
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", err)
	}
	sent, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{Workspace: r.session.Workspace, Ticket: number, Limit: deliveries})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	byChange := map[string][]deliveryRow{}
	for _, row := range r.deliveryRows(sent.Items) {
		byChange[row.Change] = append(byChange[row.Change], row)
	}
	views := make([]changeView, len(found.Items))
	for i, row := range found.Items {
		var change struct {
			Actor ticket.Person `json:"actor"`
		}
		if err := json.Unmarshal(row.Doc, &change); err != nil {
			return nil, fmt.Errorf("decode change %s: %w", row.ID, err)
		}
		views[i] = changeView{row, change.Actor.FullName(), byChange[row.ID]}
	}
	return views, nil
}

// actOnTicket does to the ticket what one of the page's buttons says.
func actOnTicket(r *request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	number, what := r.segment("number"), r.PostForm.Get("do")
	input, err := actionInput(number, what, r.PostForm)
	if err == nil {
		receipt, failed := r.submit(input)
		if failed == nil {
			r.done(doneText(what) + " " + sentence(caused(receipt)))
			if what == "delete" {
				return r.redirect("/tickets")
			}
			return r.redirect("/tickets/" + url.PathEscape(number) + "?as=" + url.QueryEscape(string(roleOf(r.PostForm))))
		}
		err = failed
	}
	if list, ok := errors.AsType[*invalid.Error](err); ok {
		return r.ticketPage(http.StatusUnprocessableEntity, number, sentence(list.Error()), r.PostForm)
	}
	return err
}

// doneText says what an action did.
func doneText(what string) string {
	switch what {
	case "reply":
		return "Replied."
	case "note", "public-note":
		return "Wrote the note."
	case "delete":
		return "Deleted the ticket."
	}
	return "Changed the ticket."
}

// actionInput returns the change that one of the page's forms asks for.
func actionInput(number, what string, form url.Values) (*ticket.Input, error) {
	text := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	switch what {
	case "reply":
		return decodeAs(map[string]any{"body": paragraphs(form.Get("body")), "author": actorOf(form)},
			func(data []byte) (*ticket.Input, error) { return ticket.AddReplyInput(number, data) })
	case "note", "public-note":
		return decodeAs(map[string]any{"body": paragraphs(form.Get("body")), "author": actorOf(form), "private": what == "note"},
			func(data []byte) (*ticket.Input, error) { return ticket.AddNoteInput(number, data) })
	case "delete":
		return ticket.DeleteTicketInput(number), nil
	}
	document := map[string]any{"actor": actorOf(form)}
	switch what {
	case "status", "priority", "urgency", "department", "type", "community", "subject":
		document[what] = text("value")
	case "assign":
		document["assignee"] = orNull(person(form.Get("name"), form.Get("email"), "agent"))
	case "owner":
		document["requester"] = orNull(person(form.Get("name"), form.Get("email"), "client"))
	case "tags":
		document["tags"] = append([]string{}, splitList(form.Get("value"))...)
	case "category":
		document["category"] = nil
		if path := text("value"); path != "" {
			document["category"] = category(path)
		}
	case "due":
		document["due_at"] = nil
		if value := text("value"); value != "" {
			due, ok := ticket.ParseTime(value)
			if !ok {
				return nil, invalid.New("due_at", value, "a time such as 2026-05-07 11:17")
			}
			document["due_at"] = due
		}
	default:
		return nil, invalid.New("do", what, "one of the page's actions")
	}
	return decodeAs(document, func(data []byte) (*ticket.Input, error) { return ticket.PatchTicketInput(number, data) })
}

func orNull(who map[string]any) any {
	if who == nil {
		return nil
	}
	return who
}

// paragraphs writes plain text as the HTML that replies and notes are.
func paragraphs(text string) string {
	var html strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(text, "\r", "")), "\n") {
		if line != "" {
			html.WriteString("<p>" + line + "</p>")
		}
	}
	return html.String()
}
