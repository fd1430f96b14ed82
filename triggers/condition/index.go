package condition

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Demand says what a Predicate demands of its field.
type Demand uint8

// The demands.
const (
	DemandValue     Demand = iota // it holds one of the keys
	DemandChangedTo               // it changed, and holds one of the keys
	DemandChanged                 // it changed
	DemandTouched                 // it was written
)

// Predicate is something that must be so for a tree to match, in a form that
// an index can look up. A change that does not meet it does not match, and no
// leaf's error changes that.
type Predicate struct {
	Field  *Field
	Demand Demand
	Keys   []string
}

// Clause is some predicates of which at least one must be met.
type Clause []Predicate

// Clauses returns what must be so for the tree to match: each clause.
func (c *Compiled) Clauses() []Clause { return c.clauses(c.root) }

func (c *Compiled) clauses(n *node) []Clause {
	if n.leaf >= 0 {
		if p, ok := c.leaves[n.leaf].predicate(); ok {
			return []Clause{{p}}
		}
		return nil
	}
	var all []Clause
	switch n.mode {
	case modeAll:
		for _, child := range n.children {
			all = append(all, c.clauses(child)...)
		}
	case modeAny:
		var either Clause
		for _, child := range n.children {
			clauses := c.clauses(child)
			if len(clauses) == 0 {
				return nil
			}
			either = append(either, clauses[0]...)
		}
		if len(either) > 0 {
			all = append(all, either)
		}
	case modeNone:
	}
	return all
}

func (l *leaf) predicate() (Predicate, bool) {
	p := Predicate{Field: l.field}
	switch l.op.Name {
	case "is", "is_any_of", "contains_any":
		p.Demand = DemandValue
		return p, l.keys(l.operands, &p.Keys)
	case "contains_all":
		p.Demand = DemandValue
		return p, l.keys(l.operands[:1], &p.Keys)
	case "changed_to":
		p.Demand = DemandChangedTo
		if l.field.Type != Set && l.keys(l.operands, &p.Keys) {
			return p, true
		}
		return Predicate{Field: l.field, Demand: DemandChanged}, true
	case "changed", "changed_from", "changed_from_to", "increased", "decreased", "added", "removed":
		p.Demand = DemandChanged
		return p, true
	case "touched":
		p.Demand = DemandTouched
		return p, true
	}
	return p, false
}

// keys returns what the field's own keys are compared with; false where that
// would not find every match.
func (l *leaf) keys(operands []operand, keys *[]string) bool {
	if l.strip || len(operands) == 0 {
		return false
	}
	for i := range operands {
		o := &operands[i]
		if o.any || o.null {
			return false
		}
		switch l.field.Type {
		case Text, Choice, Ordinal, Person, Tree, Boolean, Set:
			*keys = append(*keys, o.folded)
		case Number:
			*keys = append(*keys, o.number.key())
		case Custom:
			if o.isBoolean {
				return false
			}
			if o.isNumber {
				*keys = append(*keys, o.number.key())
			}
			if o.counted {
				*keys = append(*keys, wordKey)
			} else {
				*keys = append(*keys, o.folded)
			}
		default:
			return false
		}
	}
	return true
}

// wordKey is the key of a custom field that holds a text that is no number:
// comparing it with a number is an error, which must not be overlooked.
const wordKey = "\x00word"

// key writes a number so that equal numbers have the same key.
func (d decimal) key() string {
	return "\x00" + strconv.Itoa(d.sign) + "." + d.digits + "e" + strconv.Itoa(d.point)
}

// AppendKeys appends the keys that the field has after a change. Wide says
// that there is a value for which keys do not do: every predicate on the
// field counts as met.
func (f *Field) AppendKeys(keys []string, c *ticket.Change) (all []string, wide bool) {
	var v value
	if f.context != nil {
		v = f.context(c)
	} else {
		v = f.get(c.After, c.At)
	}
	fold := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				keys = append(keys, Fold(text))
			}
		}
	}
	switch v.kind {
	case isNil:
	case isText:
		fold(v.text)
		if f.Type == Custom {
			if d, ok := parseDecimal(v.text); ok {
				keys = append(keys, d.key())
			} else {
				keys = append(keys, wordKey)
			}
		}
	case isNumber:
		d, ok := parseDecimal(v.text)
		if !ok {
			return keys, true
		}
		keys = append(keys, d.key())
	case isRef:
		fold(v.text, v.id)
		if strings.Contains(v.path, "/") || v.path != v.text {
			fold(normalPath(v.path))
		}
	case isPerson:
		fold(v.person.ID, v.person.Email, v.person.UserName, v.person.FullName())
	case isSet:
		fold(v.set...)
		return keys, f.Type == Custom
	case isBoolean:
		keys = append(keys, strconv.FormatBool(v.boolean))
		return keys, f.Type == Custom
	default:
		return keys, true
	}
	return keys, false
}

// Changed reports whether the field changed, case included, in a change whose
// tickets are wholly known.
func (f *Field) Changed(c *ticket.Change) bool {
	if f.context != nil {
		return false
	}
	a := f.get(c.After, c.At)
	if c.Before == nil {
		return a.kind != isNil
	}
	return !same(a, f.get(c.Before, c.At), true)
}

// Touched reports whether the field was written.
func (f *Field) Touched(c *ticket.Change) bool { return slices.Contains(c.Touched, f.root) }

// WhollyKnown reports whether hookdesk knows the whole ticket before and after
// a change, so that no leaf fails for want of knowledge.
func WhollyKnown(c *ticket.Change) bool {
	if c.After == nil || c.Partial || c.Before == nil && !c.Created() {
		return false
	}
	return c.Before == nil || len(c.Before.Known) == 0
}
