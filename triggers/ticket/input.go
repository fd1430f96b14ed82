package ticket

import (
	"slices"
	"time"
)

// Limits of an input.
const (
	MaxInputBytes   = 4 << 20  // of one change
	MaxBodyBytes    = 1 << 20  // of a description, a reply or a note
	MaxTextBytes    = 4 << 10  // of every other text
	MaxTags         = 100      // on one ticket
	MaxAttachments  = 100      // on one ticket, reply or note
	MaxConversation = 1000     // replies or notes given with one ticket
	MaxCustomFields = 500      // on one ticket
	MaxCustomDepth  = 5        // of lists and objects inside a custom field
	MaxCustomBytes  = 64 << 10 // of one custom field's texts
	MaxNumberBytes  = 128      // of a ticket's number
	maxNumberDigits = 400      // of a number in a custom field, as written
	MaxIDBytes      = 256      // of an id, a tag or the name of a custom field
	maxJSONDepth    = 20       // of the input as a whole
)

// Input is a change as a caller asks for it: not yet merged onto the ticket.
type Input struct {
	ID    string     // the caller's own id of the change, which makes it idempotent; may be empty
	Kind  Kind       // empty: derived from the content
	At    *time.Time // when it happened; nil: now
	Actor *Person    // who did it; nil: derived from the content
	Via   string     // through what; empty: api

	Ticket Patch
	Reply  *ReplyInput
	Note   *NoteInput

	// Signalled says that a client only asks for the event that Kind names: a
	// creation may be told of although the ticket is there.
	Signalled bool

	// Chain is set for changes that a trigger's action makes; nil takes the
	// chain of Env.
	Chain *Chain
}

// Patch is a ticket of which only the members in Touched are given.
type Patch struct {
	Number string // the ticket's number; empty only where a new ticket shall get one
	Values Ticket
	// Touched names the members given, as Change.Touched does. A member that
	// is touched and zero is emptied; a custom field that is touched and nil
	// is deleted.
	Touched []string
	// AddTags and RemoveTags change the ticket's tags, after Values.Tags.
	AddTags, RemoveTags []string

	plain []string // those of Touched that were not given as an object
}

// Merge writes the members that other gives onto p.
func (p *Patch) Merge(other Patch) {
	values := other.Values.Clone()
	for _, m := range members {
		if slices.Contains(other.Touched, m.name) {
			m.copy(&p.Values, values, false)
		}
	}
	for key, value := range values.CustomFields {
		p.Values.CustomFields = put(p.Values.CustomFields, key, value)
	}
	for key, value := range values.Extra {
		p.Values.Extra = put(p.Values.Extra, key, value)
	}
	for _, name := range other.Touched {
		if !slices.Contains(p.Touched, name) {
			p.Touched = append(p.Touched, name)
		}
	}
	p.plain = append(p.plain, other.plain...)
	p.AddTags = append(p.AddTags, other.AddTags...)
	p.RemoveTags = append(p.RemoveTags, other.RemoveTags...)
}

// put writes one member; nil, which deletes on a ticket, stays nil in a patch.
func put[M ~map[string]any](all M, key string, value any) M {
	if all == nil {
		all = M{}
	}
	all[key] = value
	return all
}

// ReplyInput is a reply of which only the members in Touched are given.
type ReplyInput struct {
	Values  Reply
	Touched []string
}

// NoteInput is a note of which only the members in Touched are given.
type NoteInput struct {
	Values  Note
	Touched []string
}

// Env is what Apply cannot know from the input: passed in, so that the same
// input gives the same change.
type Env struct {
	Workspace string
	Now       time.Time
	ChangeID  string
	// NewID makes an identifier with one of the prefixes of package id.
	NewID func(prefix string) string
	Chain Chain
}

// DecodeInput reads one change: {id, kind, at, actor, via, ticket, reply,
// note}. The error is an *invalid.Error.
func DecodeInput(data []byte) (*Input, error) {
	r, err := read(data)
	if err != nil {
		return nil, err
	}
	in := &Input{}
	r.head(in)
	if r.require("ticket", "an object with at least the ticket's number") {
		in.Ticket = r.object("ticket").patch(true)
	}
	if r.has("reply") {
		in.Reply = r.object("reply").reply()
	}
	if r.has("note") {
		in.Note = r.object("note").note()
	}
	r.refuseRest("id", "kind", "at", "actor", "via", "ticket", "reply", "note")
	if in.Reply != nil && in.Note != nil {
		r.problems.Add("note", nil, "a change carries a reply or a note, not both; send two changes")
	}
	return in, r.problems.Err()
}

// NewTicketInput reads the members of a new ticket, beside which actor, via
// and at may stand. Without a number the ticket gets one when it is applied.
func NewTicketInput(data []byte) (*Input, error) {
	in, err := ticketInput("", data)
	if err == nil {
		in.Kind = TicketCreated
	}
	return in, err
}

// PatchTicketInput reads the members of a ticket that shall be changed, beside
// which actor, via and at may stand.
func PatchTicketInput(number string, data []byte) (*Input, error) {
	in, err := ticketInput(number, data)
	if err == nil {
		in.Kind = TicketUpdated
	}
	return in, err
}

// DeleteTicketInput returns the change that deletes a ticket.
func DeleteTicketInput(number string) *Input {
	return &Input{Kind: TicketDeleted, Ticket: Patch{Number: number}}
}

// AddReplyInput reads a new reply to a ticket.
func AddReplyInput(number string, data []byte) (*Input, error) {
	return conversationInput(ReplyAdded, number, "", data)
}

// PatchReplyInput reads the members of a reply that shall be changed.
func PatchReplyInput(number, reply string, data []byte) (*Input, error) {
	return conversationInput(ReplyUpdated, number, reply, data)
}

// DeleteReplyInput returns the change that deletes a reply.
func DeleteReplyInput(number, reply string) *Input {
	return &Input{
		Kind: ReplyDeleted, Ticket: Patch{Number: number},
		Reply: &ReplyInput{Values: Reply{ID: reply}, Touched: []string{"id"}},
	}
}

// AddNoteInput reads a new note on a ticket.
func AddNoteInput(number string, data []byte) (*Input, error) {
	return conversationInput(NoteAdded, number, "", data)
}

// PatchNoteInput reads the members of a note that shall be changed.
func PatchNoteInput(number, note string, data []byte) (*Input, error) {
	return conversationInput(NoteUpdated, number, note, data)
}

// DeleteNoteInput returns the change that deletes a note.
func DeleteNoteInput(number, note string) *Input {
	return &Input{
		Kind: NoteDeleted, Ticket: Patch{Number: number},
		Note: &NoteInput{Values: Note{ID: note}, Touched: []string{"id"}},
	}
}

func ticketInput(number string, data []byte) (*Input, error) {
	r, err := read(data)
	if err != nil {
		return nil, err
	}
	in := &Input{At: r.time("at"), Actor: r.person("actor", ""), Via: r.text("via", MaxTextBytes)}
	r.drop("at", "actor", "via")
	in.Ticket = r.patch(false)
	if number != "" {
		if in.Ticket.Number != "" && in.Ticket.Number != number {
			r.problems.Add("number", in.Ticket.Number, "the ticket's own number, %s: a number cannot change", number)
		}
		in.Ticket.Number = number
	}
	return in, r.problems.Err()
}

func conversationInput(kind Kind, number, entry string, data []byte) (*Input, error) {
	r, err := read(data)
	if err != nil {
		return nil, err
	}
	in := &Input{Kind: kind, Ticket: Patch{Number: number}, Via: r.text("via", MaxTextBytes)}
	r.drop("via")
	if kind == ReplyAdded || kind == ReplyUpdated {
		in.Reply = r.reply()
		if entry != "" {
			in.Reply.Values.ID = entry
		}
	} else {
		in.Note = r.note()
		if entry != "" {
			in.Note.Values.ID = entry
		}
	}
	return in, r.problems.Err()
}

// head reads the members that stand beside the ticket.
func (r *reader) head(in *Input) {
	in.ID = r.id("id", MaxIDBytes)
	in.Kind = kindOf(r.text("kind", MaxTextBytes))
	if in.Kind != "" && !known(Kinds, in.Kind) {
		r.add("kind", string(in.Kind), "one of "+list(Kinds)+suggest(string(in.Kind), names(Kinds)))
	}
	in.At = r.time("at")
	in.Actor = r.person("actor", "")
	in.Via = r.text("via", MaxTextBytes)
}
