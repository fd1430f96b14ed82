package condition

import "github.com/hookdesk/hookdesk/triggers/ticket"

// Outcome is the result of evaluating a tree.
type Outcome struct {
	Matched bool
	Failed  bool     // a leaf had an error, so that the tree counts as not matched
	Leaves  []Result // those that decided
}

// Calendars are the calendars of a workspace by id.
type Calendars = map[string]*Calendar

// Compiled is a tree made ready to be evaluated often. It is immutable.
type Compiled struct{}

// Compile validates and compiles a tree. The error is an *invalid.Error.
func Compile(group *Group, calendars Calendars) (*Compiled, error) { return &Compiled{}, nil }

// Validate checks a tree; paths are relative to it, such as all.2.any.0.op.
func Validate(group *Group, calendars Calendars) error { return nil }

// Evaluate decides whether the tree matches a change.
func (c *Compiled) Evaluate(change *ticket.Change) Outcome { return Outcome{} }

// Calendar says when business hours are.
type Calendar struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Zone     string     `json:"zone"`  // IANA, such as Europe/Berlin
	Hours    []Interval `json:"hours"` // each week's business hours
	Holidays []string   `json:"holidays,omitempty"`
}

// Interval is one stretch of business hours on a weekday.
type Interval struct {
	Day  string `json:"day"`  // monday to sunday
	From string `json:"from"` // 09:00
	To   string `json:"to"`   // 17:30; 24:00 is the end of the day
}

// DecodeCalendar reads and checks a calendar.
func DecodeCalendar(data []byte) (*Calendar, error) { return &Calendar{}, nil }

// Validate checks a calendar.
func (c *Calendar) Validate() error { return nil }

// Type is the type of a field.
type Type string

// Field describes one field that conditions may look at.
type Field struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Type        Type     `json:"type"`
	Operators   []string `json:"operators"`
	Values      []string `json:"values,omitempty"`
	Description string   `json:"description"`
	// Writable says that a trigger's action may set the field.
	Writable bool `json:"writable"`
}

// Argument says what value an operator takes.
type Argument string

// The arguments of operators.
const (
	ArgNone     Argument = "none"
	ArgOne      Argument = "one"      // a value of the field's type
	ArgList     Argument = "list"     // a list of them
	ArgTwo      Argument = "two"      // two of them: [low, high]
	ArgFromTo   Argument = "from_to"  // {"from": …, "to": …}, each a value, a list or *
	ArgText     Argument = "text"     // a text, whatever the field's type
	ArgTime     Argument = "time"     // a date or a time
	ArgDuration Argument = "duration" // such as 8h, 3d or PT8H
	ArgNumber   Argument = "number"
	ArgOptional Argument = "optional" // a list, or nothing for any
)

// Operator describes one operator.
type Operator struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Argument    Argument `json:"argument"`
	Description string   `json:"description"`
	// Options lists the options that the operator understands.
	Options []string `json:"options,omitempty"`
}

// Fields lists every field.
func Fields() []Field { return nil }

// LookupField returns a field by name; custom.<id> is always there.
func LookupField(name string) (Field, bool) { return Field{}, false }

// Operators lists every operator.
func Operators() []Operator { return nil }
