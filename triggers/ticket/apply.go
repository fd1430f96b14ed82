package ticket

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Apply merges the input onto the stored ticket, nil where there is none, and
// returns the change. Neither the input nor the stored ticket is modified, and
// the change shares no memory with them that anybody may write to. The error
// is an *invalid.Error.
func (in *Input) Apply(stored *Ticket, env Env) (*Change, error) {
	m := &merge{in: in, stored: stored, env: env, at: env.Now.UTC()}
	if in.At != nil {
		m.at = in.At.UTC()
	}
	m.at = m.at.Truncate(time.Microsecond)
	m.kind()
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	m.actor()
	m.ticket()
	m.conversation()
	m.times()
	m.people()
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	return m.change, nil
}

// merge is the state of one Apply.
type merge struct {
	in       *Input
	stored   *Ticket
	env      Env
	at       time.Time
	change   *Change
	problems invalid.List
}

// kind starts the change and finds out its kind.
func (m *merge) kind() {
	in := m.in
	m.change = &Change{
		ID: m.env.ChangeID, Workspace: m.env.Workspace, Kind: in.Kind, At: m.at, Via: in.Via,
		Before: m.stored.Clone(), After: m.stored.Clone(), Chain: m.env.Chain,
	}
	if in.Chain != nil {
		m.change.Chain = *in.Chain
	}
	m.change.Chain.Fired = slices.Clone(m.change.Chain.Fired)
	if m.change.Chain.ID == "" {
		m.change.Chain.ID = m.env.NewID(id.Chain)
	}
	if m.change.Via == "" {
		m.change.Via = "api"
	}
	if in.Kind == "" {
		m.change.Kind = m.derive()
	}
	kind := m.change.Kind
	if kind == TicketCreated && m.stored != nil && !in.Signalled {
		m.problems.Add("kind", string(kind), "a ticket that does not exist yet; %s exists, so leave kind out or say %s", m.stored.Number, TicketUpdated)
	}
	if kind == TicketDeleted && m.stored == nil {
		m.problems.Add("ticket.number", in.Ticket.Number, "the number of a ticket that hookdesk knows")
	}
	if strings.HasPrefix(string(kind), "reply_") && in.Reply == nil {
		m.problems.Add("reply", nil, "the reply that %s is about", kind)
	}
	if strings.HasPrefix(string(kind), "note_") && in.Note == nil {
		m.problems.Add("note", nil, "the note that %s is about", kind)
	}
	if strings.HasPrefix(string(kind), "reply_") && in.Note != nil {
		m.problems.Add("note", nil, "nothing: %s is about a reply", kind)
	}
	if strings.HasPrefix(string(kind), "note_") && in.Reply != nil {
		m.problems.Add("reply", nil, "nothing: %s is about a note", kind)
	}
}

// derive names a change by its content.
func (m *merge) derive() Kind {
	switch {
	case m.in.Reply != nil && m.hasReply(m.in.Reply.Values.ID):
		return ReplyUpdated
	case m.in.Reply != nil:
		return ReplyAdded
	case m.in.Note != nil && m.hasNote(m.in.Note.Values.ID):
		return NoteUpdated
	case m.in.Note != nil:
		return NoteAdded
	case m.stored == nil && m.substantial():
		return TicketCreated
	default:
		return TicketUpdated
	}
}

// substantial reports whether the input says what the ticket is about, so that
// it is a ticket and not merely an update of one.
func (m *merge) substantial() bool {
	v := m.in.Ticket.Values
	return v.Subject != "" || v.Description != "" || v.DescriptionHTML != ""
}

func (m *merge) hasReply(id string) bool {
	return id != "" && m.stored != nil && slices.ContainsFunc(m.stored.Replies, func(r Reply) bool { return r.ID == id })
}

func (m *merge) hasNote(id string) bool {
	return id != "" && m.stored != nil && slices.ContainsFunc(m.stored.Notes, func(n Note) bool { return n.ID == id })
}

// actor fills in who made the change: whoever wrote the reply or the note, or
// asked for the new ticket, else an agent. Those who call the API without
// saying for whom are people's tools; were they taken for the system, events
// that only people cause would not fire, and nobody would see why.
func (m *merge) actor() {
	in := m.in
	switch {
	case in.Actor != nil:
		m.change.Actor = *in.Actor
	case in.Reply != nil && in.Reply.Values.Author != Person{}:
		m.change.Actor = in.Reply.Values.Author
	case in.Note != nil && in.Note.Values.Author != Person{}:
		m.change.Actor = in.Note.Values.Author
	case m.change.Created() && in.Ticket.Values.Requester != nil:
		m.change.Actor = *in.Ticket.Values.Requester
	default:
		m.change.Actor = Person{Role: RoleAgent}
	}
	m.change.Actor = m.complete(m.change.Actor)
	if m.change.Actor.Role == "" {
		m.change.Actor.Role = m.roleOf(m.change.Actor)
	}
}

// roleOf says in what capacity somebody acts who did not say so: the ticket's
// requester is the client, everybody else an agent.
func (m *merge) roleOf(p Person) Role {
	for _, t := range []*Ticket{&m.in.Ticket.Values, m.stored} {
		if t != nil && t.Requester != nil && p.is(t.Requester) {
			return RoleClient
		}
	}
	return RoleAgent
}

// ticket copies the members given onto the ticket.
func (m *merge) ticket() {
	patch, c := m.in.Ticket, m.change
	if c.After == nil {
		c.After = &Ticket{Number: patch.Number}
		if c.After.Number == "" {
			c.After.Number = m.number()
		}
		if !c.Created() {
			c.Partial = true
		}
	}
	values := patch.Values.Clone()
	for _, member := range members {
		if slices.Contains(patch.Touched, member.name) {
			member.copy(c.After, values, slices.Contains(patch.plain, member.name))
		}
	}
	for _, name := range patch.Touched {
		if key, ok := strings.CutPrefix(name, "custom."); ok {
			c.After.CustomFields = assign(c.After.CustomFields, key, values.CustomFields[key])
		} else if key, ok := strings.CutPrefix(name, "extra."); ok {
			c.After.Extra = assign(c.After.Extra, key, values.Extra[key])
		}
	}
	if len(c.After.CustomFields) > MaxCustomFields {
		m.problems.Add("ticket.custom_fields", len(c.After.CustomFields), "at most %d members", MaxCustomFields)
	}
	if len(c.After.Extra) > MaxCustomFields {
		m.problems.Add("ticket.extra", len(c.After.Extra), "at most %d members", MaxCustomFields)
	}
	c.Touched = slices.Clone(patch.Touched)
	m.tags()
}

// tags adds and removes single tags.
func (m *merge) tags() {
	patch, c := m.in.Ticket, m.change
	if len(patch.AddTags) == 0 && len(patch.RemoveTags) == 0 {
		return
	}
	c.After.Tags = slices.DeleteFunc(c.After.Tags, func(tag string) bool { return slices.Contains(patch.RemoveTags, tag) })
	for _, tag := range patch.AddTags {
		if !slices.Contains(c.After.Tags, tag) {
			c.After.Tags = append(c.After.Tags, tag)
		}
	}
	if len(c.After.Tags) > MaxTags {
		m.problems.Add("ticket.tags", len(c.After.Tags), "at most %d tags", MaxTags)
	}
	if !slices.Contains(c.Touched, "tags") {
		c.Touched = append(c.Touched, "tags")
	}
}

// assign writes one member, and deletes it where the value is nil.
func assign[M ~map[string]any](all M, key string, value any) M {
	if value == nil {
		delete(all, key)
		if len(all) == 0 {
			return nil
		}
		return all
	}
	if all == nil {
		all = M{}
	}
	all[key] = value
	return all
}

// number makes a number for a new ticket out of a fresh id: digits only, and
// small enough for receivers that count with 53 bits.
func (m *merge) number() string {
	number, err := id.Parse(id.Change, m.env.NewID(id.Change))
	if err != nil {
		m.problems.Add("ticket.number", nil, "the ticket's number")
		return ""
	}
	return strconv.FormatInt(number/id.Nodes, 10)
}

// times keeps the ticket's own times sensible where they are not given.
func (m *merge) times() {
	c := m.change
	given := func(name string) bool { return slices.Contains(m.in.Ticket.Touched, name) }
	if c.Created() && c.After.CreatedAt.IsZero() {
		c.After.CreatedAt = m.at
	}
	if c.Kind != TicketDeleted && (!given("updated_at") || c.After.UpdatedAt.IsZero()) {
		// A change that arrives late does not turn the ticket's clock back.
		if c.After.UpdatedAt.Before(m.at) || given("updated_at") {
			c.After.UpdatedAt = m.at
		}
	}
	if !given("closed_at") && given("status") {
		closed := c.After.Status.State == Closed || c.After.Status.State == Resolved
		switch {
		case !closed:
			c.After.ClosedAt = nil
		case c.After.ClosedAt == nil:
			at := m.at
			c.After.ClosedAt = &at
		}
	}
	c.After.Known = nil
	if !m.substantial() && (c.Partial || len(knownOf(m.stored)) > 0) {
		c.Partial = true
		c.After.Known = m.known()
	}
}

// known lists the members ever written of a ticket first heard of in part.
func (m *merge) known() []string {
	all := map[string]bool{"number": true, "updated_at": true}
	for _, names := range [][]string{m.change.Touched, knownOf(m.stored)} {
		for _, name := range names {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func knownOf(t *Ticket) []string {
	if t == nil {
		return nil
	}
	return t.Known
}
