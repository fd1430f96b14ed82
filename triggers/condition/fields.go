package condition

import (
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Type is the type of a field; it decides which operators the field has.
type Type string

// The types of fields.
const (
	Text     Type = "text"
	HTML     Type = "html"
	Number   Type = "number"
	Boolean  Type = "boolean"
	Datetime Type = "datetime"
	Duration Type = "duration"
	Choice   Type = "choice"  // one of a list, by name or id
	Ordinal  Type = "ordinal" // one of a list with an order
	Person   Type = "person"  // by id, address, user name or full name
	Set      Type = "set"     // texts without order
	Tree     Type = "tree"    // a path such as Hardware/Printers
	Custom   Type = "custom"  // whatever the custom field holds
)

// CustomPrefix precedes the id of a custom field in the name of a field,
// ExtraPrefix the name of a member that only one vendor has.
const (
	CustomPrefix = "custom."
	ExtraPrefix  = "extra."
)

// Field describes one field that conditions may look at.
type Field struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Type        Type     `json:"type"`
	Operators   []string `json:"operators"`
	Values      []string `json:"values,omitempty"` // those it can have, or the usual ones in their order
	Closed      bool     `json:"closed,omitempty"` // there are no values but Values
	Description string   `json:"description"`
	// Writable says that a trigger's action may set the field.
	Writable bool `json:"writable"`

	root    string                                     // as in Change.Touched; empty for fields of the change itself
	get     func(t *ticket.Ticket, at time.Time) value // fields of the ticket
	context func(c *ticket.Change) value               // fields of the change
}

// Fields lists every field; custom.<id> stands for each custom field,
// extra.<name> for each member of extra. Callers do not modify the slices
// inside.
func Fields() []Field { return slices.Clone(fields) }

// LookupField returns a field by name; custom.<id> is there for any id,
// extra.<name> for any name.
func LookupField(name string) (Field, bool) {
	f := lookup(name)
	if f == nil {
		return Field{}, false
	}
	return *f, true
}

// Root returns the member of the ticket that the field belongs to, as
// Change.Touched names it; empty for a field of the change itself.
func (f Field) Root() string { return f.root }

// Text returns what the field holds in a change after it, as text for a
// template; empty where it holds nothing or is unknown.
func (f Field) Text(c *ticket.Change) string {
	var v value
	switch {
	case f.context != nil:
		v = f.context(c)
	case c.After != nil:
		v = f.get(c.After, c.At)
	}
	texts, ok := v.elements()
	if !ok {
		return ""
	}
	return strings.Join(texts, ", ")
}

func lookup(name string) *Field {
	if f, ok := fieldByName[name]; ok {
		return f
	}
	for _, family := range families {
		key, ok := strings.CutPrefix(name, family.prefix)
		if !ok || key == "" || len(key) > 256 || name == family.Name {
			continue
		}
		f := family.Field
		f.Name, f.Title, f.root = name, f.Title+" "+key, name
		f.get = func(t *ticket.Ticket, _ time.Time) value { return customValue(family.members(t)[key]) }
		return &f
	}
	return nil
}

// family is a family of fields whose names differ behind a prefix, and which
// hold whatever they are given.
type family struct {
	Field
	prefix  string
	members func(t *ticket.Ticket) map[string]any
}

func fieldNames() []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

var (
	families = []family{
		{
			Field: Field{
				Name: CustomPrefix + "<id>", Title: "Custom field", Type: Custom, Operators: operatorsOf(Custom, false), Writable: true,
				Description: "A custom field by its id; the value decides whether it is compared as a number, a time, a text or a list.",
			},
			prefix:  CustomPrefix,
			members: func(t *ticket.Ticket) map[string]any { return t.CustomFields },
		},
		{
			Field: Field{
				Name: ExtraPrefix + "<name>", Title: "Extra", Type: Custom, Operators: operatorsOf(Custom, false),
				Description: "A member that only one vendor has, by its name in extra; compared as custom fields are.",
			},
			prefix:  ExtraPrefix,
			members: func(t *ticket.Ticket) map[string]any { return t.Extra },
		},
	}
	fields      = buildFields()
	fieldByName = indexFields(fields)
)

func indexFields(all []Field) map[string]*Field {
	index := make(map[string]*Field, len(all))
	for i := range all {
		if all[i].Type != Custom {
			index[all[i].Name] = &all[i]
		}
	}
	return index
}

func buildFields() []Field {
	var all []Field
	add := func(f Field) {
		f.Operators = operatorsOf(f.Type, f.context != nil)
		all = append(all, f)
	}
	for _, f := range ticketFields {
		if f.root == "" {
			f.root = f.Name
		}
		add(f)
	}
	for _, p := range people {
		for _, f := range personFields(p.name, p.title, p.of) {
			add(f)
		}
	}
	for _, f := range families {
		all = append(all, f.Field)
	}
	for _, f := range contextFields {
		add(f)
	}
	return all
}

var people = []struct {
	name, title string
	of          func(t *ticket.Ticket) *ticket.Person
}{
	{"requester", "Requester", func(t *ticket.Ticket) *ticket.Person { return t.Requester }},
	{"creator", "Creator", func(t *ticket.Ticket) *ticket.Person { return t.Creator }},
	{"assignee", "Assignee", func(t *ticket.Ticket) *ticket.Person { return t.Assignee }},
}

// personFields are the fields of one person of the ticket.
func personFields(name, title string, of func(*ticket.Ticket) *ticket.Person) []Field {
	all := []Field{{
		Name: name, Title: title, Type: Person, root: name, Writable: true,
		Description: title + " as a person: matches by id, address, user name or full name.",
		get:         func(t *ticket.Ticket, _ time.Time) value { return personValue(of(t)) },
	}}
	for _, part := range []struct {
		name, title string
		of          func(p *ticket.Person) string
	}{
		{"id", "id", func(p *ticket.Person) string { return p.ID }},
		{"name", "full name", (*ticket.Person).FullName},
		{"first_name", "first name", func(p *ticket.Person) string { return p.FirstName }},
		{"last_name", "last name", func(p *ticket.Person) string { return p.LastName }},
		{"email", "address", func(p *ticket.Person) string { return p.Email }},
		{"user_name", "user name", func(p *ticket.Person) string { return p.UserName }},
		{"phone", "phone", func(p *ticket.Person) string { return p.Phone }},
		{"role", "role", func(p *ticket.Person) string { return string(p.Role) }},
	} {
		f := Field{
			Name: name + "." + part.name, Title: title + "'s " + part.title, Type: Text, root: name,
			Description: "The " + part.title + " of the ticket's " + name + ".",
			get: func(t *ticket.Ticket, _ time.Time) value {
				if p := of(t); p != nil {
					return textValue(part.of(p))
				}
				return value{}
			},
		}
		if part.name == "role" {
			f.Type, f.Values, f.Closed = Choice, roleNames, true
		}
		all = append(all, f)
	}
	return all
}
