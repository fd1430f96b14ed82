package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func ticketRoutes(get, post registrar) {
	get("/tickets", listTickets)
	get("/tickets/new", newTicket)
	post("/tickets", createTicket)
	get("/tickets/{number}", showTicket)
	post("/tickets/{number}", actOnTicket)
	get("/tickets/{number}/explain", explainTicket)
}

// ticketsPage lists the tickets.
type ticketsPage struct {
	Number string
	Rows   []*ticket.Ticket
	Next   string
}

func listTickets(r *request) error {
	values := r.URL.Query()
	page := &ticketsPage{Number: strings.TrimSpace(values.Get("number"))}
	found, err := r.Ledger.Tickets(r.Context(), executionlog.TicketQuery{
		Workspace: r.session.Workspace, Number: page.Number, Limit: logPageSize, Cursor: values.Get("cursor"),
	})
	if err != nil {
		return err
	}
	for _, row := range found.Items {
		t, err := decodeTicket(row)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, t)
	}
	if found.Next != "" {
		page.Next = url.Values{"number": {page.Number}, "cursor": {found.Next}}.Encode()
	}
	return r.show("tickets", "tickets", "Tickets", page)
}

func decodeTicket(row *executionlog.Ticket) (*ticket.Ticket, error) {
	t := &ticket.Ticket{}
	if err := json.Unmarshal(row.Doc, t); err != nil {
		return nil, fmt.Errorf("decode ticket: %w", err)
	}
	if t.Number == "" {
		t.Number = row.Number
	}
	return t, nil
}

// newTicketPage is the form for a new ticket.
type newTicketPage struct {
	Values url.Values
	Fault  string
	States []ticket.State
}

// Value returns a field as it was written.
func (p *newTicketPage) Value(name string) string { return p.Values.Get(name) }

func newTicket(r *request) error {
	return r.show("ticketform", "tickets", "New ticket", &newTicketPage{Values: url.Values{"status": {"Open"}}})
}

func createTicket(r *request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	document := newTicketDocument(r.PostForm)
	input, err := decodeAs(document, ticket.NewTicketInput)
	if err == nil {
		var receipt dispatcher.Receipt
		if receipt, err = r.submit(input); err == nil {
			r.done("Created the ticket: " + caused(receipt))
			return r.redirect("/tickets/" + url.PathEscape(receipt.Ticket))
		}
	}
	found, ok := faultsOf(err)
	if !ok {
		return err
	}
	return r.render(http.StatusUnprocessableEntity, "ticketform", frame{
		Title: "New ticket", Section: "tickets",
		Page: &newTicketPage{Values: r.PostForm, Fault: strings.Join(found.Rest(func(string) bool { return false }), " ")},
	})
}

// newTicketDocument returns the members of a new ticket that were filled in.
func newTicketDocument(form url.Values) map[string]any {
	document := map[string]any{"actor": actorOf(form)}
	for _, name := range []string{"number", "subject", "description", "status", "priority", "urgency", "type", "department", "community", "language"} {
		if value := strings.TrimSpace(form.Get(name)); value != "" {
			document[name] = value
		}
	}
	if path := strings.TrimSpace(form.Get("category")); path != "" {
		document["category"] = category(path)
	}
	if tags := splitList(form.Get("tags")); len(tags) > 0 {
		document["tags"] = tags
	}
	if who := person(form.Get("requester.name"), form.Get("requester.email"), "client"); who != nil {
		document["requester"] = who
	}
	return document
}

// category names a category by its path, such as Hardware/Printers.
func category(path string) map[string]any {
	return map[string]any{"name": path[strings.LastIndexByte(path, '/')+1:], "path": path}
}

// person names somebody; nil for nobody.
func person(name, email, role string) map[string]any {
	who := map[string]any{}
	for member, value := range map[string]string{"name": name, "email": email} {
		if value = strings.TrimSpace(value); value != "" {
			who[member] = value
		}
	}
	if len(who) == 0 {
		return nil
	}
	who["role"] = role
	return who
}

// actorOf returns as whom the playground acts.
func actorOf(form url.Values) map[string]any {
	role := roleOf(form)
	if who := person(form.Get("as.name"), form.Get("as.email"), string(role)); who != nil {
		return who
	}
	return map[string]any{"name": "Playground " + string(role), "email": string(role) + "@playground.example", "role": string(role)}
}

// decodeAs passes a document through the decoder that the API uses.
func decodeAs(document map[string]any, decode func([]byte) (*ticket.Input, error)) (*ticket.Input, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encode change: %w", err)
	}
	return decode(text)
}

// submit hands one change to the dispatcher.
func (r *request) submit(input *ticket.Input) (dispatcher.Receipt, error) {
	input.Via = "console"
	results := r.Desk.Submit(r.Context(), r.session.Workspace, []*ticket.Input{input})
	if len(results) != 1 {
		return dispatcher.Receipt{}, fmt.Errorf("submit change: %d results for one input", len(results))
	}
	return results[0].Receipt, results[0].Err
}

// caused says what a change led to.
func caused(receipt dispatcher.Receipt) string {
	if len(receipt.Fired) == 0 {
		return "no trigger fired."
	}
	return plural(len(receipt.Fired), "trigger fired", "triggers fired") + ", " +
		plural(len(receipt.Deliveries), "webhook is", "webhooks are") + " on the way."
}

// explainPage says for each change of a ticket what became of each trigger.
type explainPage struct {
	Ticket   string
	Trigger  string
	One      string // the only change that is shown, or empty
	Triggers []choice
	Changes  []explainedChange
	Next     string // query of the page with older ones, or empty
}

// explainedAtOnce is how many changes are explained on a page.
const explainedAtOnce = 10

// explainedChange is a change with its verdicts: the telling ones, those of
// triggers that did not match beyond the first few, and the rest, which only
// say that the change was not one the trigger listens to.
type explainedChange struct {
	dispatcher.ExplainedChange
	Telling, Unmatched, Rest          []triggers.Verdict
	UnmatchedInAll, RestInAll, Hidden int
	Changed                           []string // titles of the ticket's fields that it changed
}

// changedFields names what a stored change altered of a ticket that was there
// before it.
func changedFields(doc []byte) ([]string, error) {
	var change ticket.Change
	if err := json.Unmarshal(doc, &change); err != nil {
		return nil, fmt.Errorf("decode change: %w", err)
	}
	if change.Before == nil || change.After == nil {
		return nil, nil
	}
	var titles []string
	for _, f := range condition.Fields() {
		if f.Name == f.Root() && f.Name != "updated_at" && f.Changed(&change) {
			titles = append(titles, f.Title)
		}
	}
	return titles, nil
}

// mostListed is how many verdicts of a kind a page with several changes lists
// by name.
const mostListed = 10

// cut leaves out what would bury the telling verdicts; the page of the one
// change has it.
func (c *explainedChange) cut() {
	c.Unmatched, c.Rest = c.Unmatched[:min(mostListed, len(c.Unmatched))], c.Rest[:min(mostListed, len(c.Rest))]
	c.Hidden = c.UnmatchedInAll + c.RestInAll - len(c.Unmatched) - len(c.Rest)
}

// mostUnmatched is how many verdicts of a change that did not match are shown
// in full.
const mostUnmatched = 5

// sort puts a verdict where it belongs; all says that no trigger was chosen.
func (c *explainedChange) sort(v triggers.Verdict, all bool) {
	unmatched := 0
	for _, told := range c.Telling {
		if told.Verdict == triggers.NotMatched {
			unmatched++
		}
	}
	switch {
	case all && (v.Verdict == triggers.NotSubscribed || v.Verdict == triggers.Disabled):
		c.Rest = append(c.Rest, v)
	case all && v.Verdict == triggers.NotMatched && unmatched >= mostUnmatched:
		c.Unmatched = append(c.Unmatched, v)
	default:
		c.Telling = append(c.Telling, v)
	}
}

func explainTicket(r *request) error {
	values := r.URL.Query()
	page := &explainPage{Ticket: r.segment("number"), Trigger: values.Get("trigger"), One: values.Get("change"), Triggers: r.triggerChoices()}
	if page.One != "" {
		change, err := r.Ledger.Change(r.Context(), r.session.Workspace, page.One)
		if err != nil {
			return err
		}
		if err := r.explainChange(page, change); err != nil {
			return err
		}
		return r.show("explain", "tickets", "Why · "+page.Ticket, page)
	}
	found, err := r.Ledger.Changes(r.Context(), executionlog.ChangeQuery{
		Workspace: r.session.Workspace, Ticket: page.Ticket, Limit: explainedAtOnce, Cursor: values.Get("cursor"),
	})
	if err != nil {
		return err
	}
	if len(found.Items) == 0 {
		return notFound("ticket")
	}
	for _, change := range found.Items {
		if err := r.explainChange(page, change); err != nil {
			return err
		}
	}
	if found.Next != "" {
		page.Next = url.Values{"trigger": {page.Trigger}, "cursor": {found.Next}}.Encode()
	}
	return r.show("explain", "tickets", "Why · "+page.Ticket, page)
}

// explainChange adds a change with its verdicts to the page.
func (r *request) explainChange(page *explainPage, change *executionlog.Change) error {
	verdicts, err := r.Desk.Verdicts(r.Context(), r.session.Workspace, change.ID)
	if err != nil {
		return err
	}
	explained := explainedChange{ExplainedChange: dispatcher.ExplainedChange{Change: change.ID, At: change.At, Kind: ticket.Kind(change.Kind)}}
	if explained.Changed, err = changedFields(change.Doc); err != nil {
		return err
	}
	for _, v := range verdicts {
		if page.Trigger == "" || v.Trigger == page.Trigger {
			explained.sort(v, page.Trigger == "")
		}
	}
	explained.UnmatchedInAll, explained.RestInAll = len(explained.Unmatched), len(explained.Rest)
	if page.One == "" {
		explained.cut()
	}
	page.Changes = append(page.Changes, explained)
	return nil
}
