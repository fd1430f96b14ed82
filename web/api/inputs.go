package api

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// component is the name of a schema of the document.
type component string

func (c component) schema() *huma.Schema {
	return &huma.Schema{Ref: "#/components/schemas/" + string(c)}
}

// Schemas of what callers write about tickets. A reference on input may be a
// plain name, which its Go type does not say.
const (
	changeInput     component = "ChangeInput"
	changedTicket   component = "ChangeInputTicket"
	ticketInput     component = "TicketInput"
	personInput     component = "PersonInput"
	referenceInput  component = "ReferenceInput"
	statusInput     component = "StatusInput"
	categoryInput   component = "CategoryInput"
	attachmentInput component = "AttachmentInput"
	replyInput      component = "ReplyInput"
	noteInput       component = "NoteInput"
	replyBody       component = "ReplyBody"
	noteBody        component = "NoteBody"
	timeInput       component = "TimeInput"
)

// inputOf says which schema stands for a type on input.
var inputOf = map[reflect.Type]component{
	reflect.TypeFor[ticket.Ref]():        referenceInput,
	reflect.TypeFor[ticket.Status]():     statusInput,
	reflect.TypeFor[ticket.Category]():   categoryInput,
	reflect.TypeFor[ticket.Person]():     personInput,
	reflect.TypeFor[ticket.Attachment](): attachmentInput,
	reflect.TypeFor[ticket.Reply]():      replyInput,
	reflect.TypeFor[ticket.Note]():       noteInput,
	reflect.TypeFor[time.Time]():         timeInput,
}

// longTexts are members that may be longer than ticket.MaxTextBytes, or not as
// long.
var longTexts = map[string]int{
	"number": ticket.MaxNumberBytes, "id": ticket.MaxIDBytes, "language": ticket.MaxIDBytes,
	"description": ticket.MaxBodyBytes, "description_html": ticket.MaxBodyBytes, "body": ticket.MaxBodyBytes,
}

// mostEntries are the limits of lists.
var mostEntries = map[string]int{
	"tags": ticket.MaxTags, "attachments": ticket.MaxAttachments, "replies": ticket.MaxConversation, "notes": ticket.MaxConversation,
}

// ticketInputs describes what operations about tickets take.
func ticketInputs(schemas map[string]*huma.Schema) {
	put := func(name component, description string, schema *huma.Schema) *huma.Schema {
		schema.Description = description
		schemas[string(name)] = schema
		return schema
	}
	put(timeInput, "A time as in RFC 3339; without a zone it is UTC, without a time midnight. Empty is the same as null.", &huma.Schema{
		AnyOf: []*huma.Schema{
			{Type: "string", Format: "date-time"},
			{Type: "string", Format: "date"},
			{Type: "string", Pattern: `^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d(:?\d\d)?)?)?$`},
			{Type: "null"},
		},
		Examples: []any{"2026-01-31T12:00:00Z"},
	})
	put(referenceInput, "An entry of a list that the ticketing system keeps: its name, its id as a number, or both in an object.",
		orPlain(objectOf(reflect.TypeFor[ticket.Ref]()), "High"))
	put(statusInput, "A status: its name, its id as a number, or an object. Where the state is left out, the name implies it.",
		orPlain(objectOf(reflect.TypeFor[ticket.Status]()), "In Progress"))
	put(categoryInput, "A category: its path, its id as a number, or an object.",
		orPlain(objectOf(reflect.TypeFor[ticket.Category]()), "Hardware/Printers"))
	put(personInput, "Somebody: an address, a name, an id as a number, or an object.",
		orPlain(objectOf(reflect.TypeFor[ticket.Person]()), "ada@example.com"))

	attachment := put(attachmentInput, "A file; hookdesk keeps where it is, not its content.", objectOf(reflect.TypeFor[ticket.Attachment]()))
	attachment.Required = []string{"name"}
	put(replyInput, "A reply. A new one needs a body or an attachment.", objectOf(reflect.TypeFor[ticket.Reply]())).Properties["public"].Default = true
	put(noteInput, "A note. A new one needs a body or an attachment.", objectOf(reflect.TypeFor[ticket.Note]())).Properties["private"].Default = true
	put(replyBody, "A reply. A new one needs a body or an attachment.", with(objectOf(reflect.TypeFor[ticket.Reply]()), "via"))
	put(noteBody, "A note. A new one needs a body or an attachment.", with(objectOf(reflect.TypeFor[ticket.Note]()), "via"))

	put(ticketInput, "Members of a ticket; those left out stay as they are, null empties one. Beside them stand when, by whom and through what it changed.",
		with(objectOf(reflect.TypeFor[ticket.Ticket](), ticket.MemberNames()...), "at", "actor", "via"))
	changed := put(changedTicket, "The ticket's number and the members that it has now; those left out stay as they are, null empties one.",
		objectOf(reflect.TypeFor[ticket.Ticket](), ticket.MemberNames()...))
	changed.Required = []string{"number"}
	change := put(changeInput, "One change of one ticket: what it is now, and the reply or the note that was written.",
		with(objectOf(reflect.TypeFor[ticket.Change](), "id", "kind"), "at", "actor", "via"))
	change.Properties["ticket"] = changedTicket.schema()
	change.Properties["reply"] = replyInput.schema()
	change.Properties["note"] = noteInput.schema()
	change.Required = []string{"ticket"}
}

// orPlain allows a text or a number beside an object, and null.
func orPlain(object *huma.Schema, example any) *huma.Schema {
	return &huma.Schema{
		OneOf:    []*huma.Schema{{Type: "string", MaxLength: new(ticket.MaxTextBytes)}, {Type: "number"}, object, {Type: "null"}},
		Examples: []any{example},
	}
}

// with adds the members that stand beside those of a ticket.
func with(object *huma.Schema, names ...string) *huma.Schema {
	for _, name := range names {
		switch name {
		case "at":
			object.Properties[name] = timeInput.schema()
		case "actor":
			object.Properties[name] = personInput.schema()
		default:
			object.Properties[name] = textInput(name)
		}
	}
	return object
}

func textInput(name string) *huma.Schema {
	limit := ticket.MaxTextBytes
	if own, ok := longTexts[name]; ok {
		limit = own
	}
	return &huma.Schema{Type: "string", Nullable: true, MaxLength: &limit}
}

// objectOf describes a type on input: the members named, or all.
func objectOf(t reflect.Type, names ...string) *huma.Schema {
	object := &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{}, AdditionalProperties: false}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		object.Properties[name] = memberOf(name, field.Type)
	}
	return object
}

func memberOf(name string, t reflect.Type) *huma.Schema {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if known, ok := inputOf[t]; ok {
		return known.schema()
	}
	if values, ok := enums[t]; ok {
		return &huma.Schema{Type: "string", Nullable: true, Enum: append(slices.Clone(values), nil)}
	}
	if name == "number" || name == "id" { // help desks count
		return &huma.Schema{OneOf: []*huma.Schema{{Type: "string", MaxLength: new(longTexts[name])}, {Type: "number"}, {Type: "null"}}}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &huma.Schema{Type: "boolean", Nullable: true}
	case reflect.Int64:
		return &huma.Schema{Type: "integer", Format: "int64", Nullable: true, Minimum: new(float64)}
	case reflect.Map:
		return &huma.Schema{Type: "object", Nullable: true, AdditionalProperties: true, MaxProperties: new(ticket.MaxCustomFields)}
	case reflect.Slice:
		entry := memberOf("", t.Elem())
		if t.Elem().Kind() == reflect.String {
			entry = &huma.Schema{Type: "string", MinLength: new(1), MaxLength: new(ticket.MaxIDBytes)}
		}
		return &huma.Schema{Type: "array", Nullable: true, Items: entry, MaxItems: new(mostEntries[name])}
	default:
		return textInput(name)
	}
}
