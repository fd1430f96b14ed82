package condition

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Compiled is a tree made ready to be evaluated often. It is immutable and
// safe for concurrent use.
type Compiled struct {
	root   *node
	leaves []*leaf
}

// mode says how a group joins its children.
type mode uint8

const (
	modeAll mode = iota
	modeAny
	modeNone
)

// node is a group, or a leaf by its place in Compiled.leaves.
type node struct {
	leaf     int // -1 for a group
	mode     mode
	children []*node
}

// leaf is one condition made ready.
type leaf struct {
	path     string
	spec     Leaf
	expected any
	field    *Field
	op       *Operator

	sensitive bool // heeds case
	strip     bool // compares HTML without its tags
	zone      *time.Location
	hours     *hours
	order     map[string]int

	operands []operand // alternatives, or low and high
	from     []operand // of changed_from_to
	pattern  *regexp.Regexp
	phrases  []string
	duration time.Duration
}

// Validate checks a tree, nil being valid. The error is an *invalid.Error
// whose paths are relative to the tree, such as all.2.any.0.op.
func Validate(group *Group, calendars Calendars) error {
	_, err := Compile(group, calendars)
	return err
}

// Compile checks a tree and makes it ready. Nil matches every change. The
// error is that of Validate.
func Compile(group *Group, calendars Calendars) (*Compiled, error) {
	return CompileAt("", group, calendars)
}

// CompileAt is Compile for a tree that stands at path: the paths of errors and
// results begin with it.
func CompileAt(path string, group *Group, calendars Calendars) (*Compiled, error) {
	c := &compiler{calendars: calendars, out: &Compiled{}}
	if group == nil {
		group = &Group{All: []Node{}}
	}
	c.out.root = c.group(path, group, 1)
	if len(c.out.leaves) > MaxLeaves {
		c.problems.Add(path, len(c.out.leaves), "at most %d conditions", MaxLeaves)
	}
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return c.out, nil
}

type compiler struct {
	calendars Calendars
	out       *Compiled
	problems  invalid.List
}

func (c *compiler) group(path string, g *Group, depth int) *node {
	if depth > MaxDepth {
		c.problems.Add(path, nil, "groups at most %d deep", MaxDepth)
		return &node{leaf: -1}
	}
	all, some, none := g.All != nil, g.Any != nil, g.None != nil
	switch {
	case all && some && !none && depth == 1:
		// Zendesk's form: both must hold, and nothing in any asks for nothing.
		root := &node{leaf: -1, children: []*node{c.children(path, "all", g.All, modeAll, depth)}}
		if len(g.Any) > 0 {
			root.children = append(root.children, c.children(path, "any", g.Any, modeAny, depth))
		}
		return root
	case all && !some && !none:
		return c.children(path, "all", g.All, modeAll, depth)
	case some && !all && !none:
		return c.children(path, "any", g.Any, modeAny, depth)
	case none && !all && !some:
		return c.children(path, "none", g.None, modeNone, depth)
	}
	c.problems.Add(path, nil, "exactly one of all, any and none (all with any only at the top)")
	return &node{leaf: -1}
}

func (c *compiler) children(path, name string, list []Node, m mode, depth int) *node {
	n := &node{leaf: -1, mode: m}
	for i, child := range list {
		at := invalid.Join(path, fmt.Sprintf("%s.%d", name, i))
		switch {
		case child.Group != nil && child.Leaf == nil:
			n.children = append(n.children, c.group(at, child.Group, depth+1))
		case child.Leaf != nil && child.Group == nil:
			n.children = append(n.children, c.leaf(at, child.Leaf))
		default:
			c.problems.Add(at, nil, "a condition {field, op, value} or a group")
		}
	}
	return n
}

func (c *compiler) leaf(path string, spec *Leaf) *node {
	l := &leaf{path: path, spec: *spec, zone: time.UTC}
	c.out.leaves = append(c.out.leaves, l)
	n := &node{leaf: len(c.out.leaves) - 1}
	l.field = lookup(spec.Field)
	if l.field == nil {
		c.problems.Add(path+".field", spec.Field, "%s", "the name of a field, custom.<id> or extra.<name>"+invalid.Suggest(spec.Field, fieldNames()))
		return n
	}
	i := slices.IndexFunc(operatorTable, func(o Operator) bool { return o.Name == spec.Op })
	if i < 0 || !operatorTable[i].fits(l.field.Type, l.field.context != nil) {
		c.problems.Add(path+".op", spec.Op, "%s", fmt.Sprintf("an operator of %s (%s): %s%s", spec.Field, l.field.Type,
			strings.Join(l.field.Operators, ", "), invalid.Suggest(spec.Op, l.field.Operators)))
		return n
	}
	l.op = &operatorTable[i]
	c.options(path+".options", l)
	c.argument(path+".value", l)
	return n
}

// options checks and applies a leaf's options.
func (c *compiler) options(path string, l *leaf) {
	var o Options
	if l.spec.Options != nil {
		o = *l.spec.Options
	}
	switch {
	case o.Case == "sensitive" && slices.Contains(l.op.Options, "case"):
		l.sensitive = true
	case o.Case == "sensitive":
		c.problems.Add(path+".case", o.Case, "nothing: %s does not compare text", l.op.Name)
	case o.Case != "" && o.Case != "insensitive":
		c.problems.Add(path+".case", o.Case, "sensitive, or nothing")
	}
	switch {
	case o.HTML == "strip" && (l.field.Type == HTML || l.field.Type == Custom || l.field.Type == Text):
		l.strip = true
	case o.HTML == "strip":
		c.problems.Add(path+".html", o.HTML, "nothing: %s holds no HTML", l.field.Name)
	case o.HTML != "" && o.HTML != "keep":
		c.problems.Add(path+".html", o.HTML, "strip, or nothing")
	}
	c.calendar(path, l, o.Calendar)
	if len(o.Order) == 0 {
		return
	}
	if l.field.Type != Ordinal || len(o.Order) > MaxValues {
		c.problems.Add(path+".order", o.Order, "at most %d names, for an ordinal field only", MaxValues)
		return
	}
	l.order = map[string]int{}
	for rank, name := range o.Order {
		if _, twice := l.order[Fold(name)]; twice || name == "" {
			c.problems.Add(fmt.Sprintf("%s.order.%d", path, rank), name, "each name once, from lowest to highest")
		}
		l.order[Fold(name)] = rank
	}
}

func (c *compiler) calendar(path string, l *leaf, id string) {
	needed := l.op.Name == "in_business_hours" || l.op.Name == "not_in_business_hours" || l.op.Name == "business_hours_since"
	if id == "" {
		if needed {
			c.problems.Add(path+".calendar", nil, "the id of a calendar, which says when business hours are")
		}
		return
	}
	if !slices.Contains(l.op.Options, "calendar") {
		c.problems.Add(path+".calendar", id, "nothing: %s does not look at a calendar", l.op.Name)
		return
	}
	calendar := c.calendars[id]
	if calendar == nil {
		c.problems.Add(path+".calendar", id, "the id of a calendar that exists")
		return
	}
	h, err := calendar.compile()
	if err != nil {
		c.problems.Add(path+".calendar", id, "a calendar that is valid: %s", err.Error())
		return
	}
	l.hours, l.zone = h, h.zone
}

// argument reads the leaf's value as its operator wants it.
func (c *compiler) argument(path string, l *leaf) {
	var given any
	present := len(l.spec.Value) > 0
	if present {
		tree, err := decodeTree(l.spec.Value)
		if err != nil {
			c.problems.Merge(path, err)
			return
		}
		given = tree
	}
	l.expected = given
	a := argument{c: c, l: l, path: path, given: given, present: present}
	switch l.op.Argument {
	case ArgNone:
		a.none()
	case ArgOne:
		l.operands = a.scalars([]any{given})
	case ArgList:
		l.operands = a.scalars(a.list(1, MaxValues))
	case ArgTwo, ArgNumbers:
		a.bounds()
	case ArgNumber:
		a.number()
	case ArgText:
		a.text()
	case ArgWords:
		a.words()
	case ArgTime:
		a.time()
	case ArgDuration:
		a.duration()
	case ArgOptional:
		if present && given != nil {
			l.operands = a.scalars(a.list(1, MaxValues))
		}
	case ArgChange:
		l.operands = a.alternatives(path, given, present)
	case ArgFromTo:
		a.fromTo()
	}
}
