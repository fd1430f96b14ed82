package condition

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ErrUnknown is why a leaf fails whose field hookdesk does not know: it was
// not part of a partial update, and the ticket is not stored.
var ErrUnknown = errors.New("hookdesk does not know the whole ticket")

// Result is one leaf's part in an evaluation.
type Result struct {
	Path     string `json:"path"` // such as when.all.1.any.0
	Field    string `json:"field"`
	Op       string `json:"op"`
	Expected any    `json:"expected"`
	Actual   any    `json:"actual"` // a Transition for operators that compare before with after
	Matched  bool   `json:"matched"`
	Error    string `json:"error,omitempty"` // why the leaf could not be decided
}

// Transition is what a field was and is.
type Transition struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Outcome is the result of evaluating a tree.
type Outcome struct {
	Matched bool
	// Failed: a leaf could not be decided, so that the tree does not match.
	// A tree is not failed where a condition that must hold is plainly false.
	Failed bool
	// Unknown: it failed because hookdesk does not know the whole ticket.
	Unknown bool
	// Leaves are those that decided, in the order of the tree.
	Leaves []Result
}

// Evaluate decides whether the tree matches a change. Evaluating the same
// change again gives the same outcome.
func (c *Compiled) Evaluate(change *ticket.Change) Outcome {
	return c.evaluate(change, false)
}

// EvaluateBefore decides whether the tree would have matched the ticket as it
// was before the change, nothing having changed. The outcome has no leaves.
func (c *Compiled) EvaluateBefore(change *ticket.Change) Outcome {
	return c.evaluate(change, true)
}

// evaluations are used again, since one is made for each candidate trigger.
var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

func (c *Compiled) evaluate(change *ticket.Change, past bool) Outcome {
	e := evaluations.Get().(*evaluation)
	defer func() {
		e.reset()
		evaluations.Put(e)
	}()
	e.compiled, e.change, e.past = c, change, past
	e.run()
	return e.outcome(!past)
}

// state is the result of a node. A leaf that failed keeps whatever depends on
// it from matching.
type state uint8

const (
	no state = iota
	yes
	failed
)

type evaluation struct {
	compiled *Compiled
	change   *ticket.Change
	past     bool
	states   [MaxLeaves]state
	anyError bool
	unknown  bool
	views    [viewsKept]view // what the first leaves look at
	view     view            // of the leaf at hand, where it is none of those
}

// viewsKept is of how many leaves the values are kept for the explanation.
// They are large, and most trees are small.
const viewsKept = 4

// reset drops what the evaluation holds of the change.
func (e *evaluation) reset() {
	clear(e.states[:len(e.compiled.leaves)])
	clear(e.views[:min(viewsKept, len(e.compiled.leaves))])
	if len(e.compiled.leaves) > viewsKept || e.anyError {
		e.view = view{}
	}
	e.compiled, e.change, e.past, e.anyError, e.unknown = nil, nil, false, false, false
}

func (e *evaluation) run() {
	for i, l := range e.compiled.leaves {
		matched, err := e.test(i, l)
		switch {
		case err != nil:
			e.states[i], e.anyError = failed, true
			e.unknown = e.unknown || errors.Is(err, ErrUnknown)
		case matched:
			e.states[i] = yes
		}
	}
}

// test reads a leaf's values and decides it.
func (e *evaluation) test(i int, l *leaf) (bool, error) {
	v := &e.view
	if i < viewsKept {
		v = &e.views[i] // nothing is in it yet
	} else {
		e.view = view{}
	}
	if err := e.load(l, v); err != nil {
		return false, err
	}
	return l.op.test(l, v)
}

// load reads the values that a leaf looks at.
func (e *evaluation) load(l *leaf, v *view) error {
	c := e.change
	v.at = c.At
	if l.field.context != nil {
		v.a = l.field.context(c)
		l.strips(&v.a)
		return nil
	}
	v.touched = !e.past && slices.Contains(c.Touched, l.field.root)
	if l.op.Name == "touched" {
		return nil
	}
	now := c.After
	if e.past {
		now = c.Before
	}
	if now == nil || !e.past && !knownAfter(c, l.field.root) || e.past && !knownBefore(c, l.field.root) {
		return fmt.Errorf("%w: nobody has told it %s", ErrUnknown, l.field.Name)
	}
	v.a = l.field.get(now, c.At)
	l.strips(&v.a)
	if !l.op.change || c.Before == nil && c.Created() {
		return nil
	}
	if c.Before == nil || !knownBefore(c, l.field.root) {
		return fmt.Errorf("%w: nobody has told it what %s was before", ErrUnknown, l.field.Name)
	}
	v.b = l.field.get(c.Before, c.At)
	l.strips(&v.b)
	return nil
}

func (l *leaf) strips(v *value) {
	if l.strip && v.kind == isText {
		*v = textValue(stripHTML(v.text))
	}
}

// knownAfter reports whether a member is known after the change.
func knownAfter(c *ticket.Change, root string) bool {
	return !c.Partial || root == "number" || slices.Contains(c.Touched, root) || slices.Contains(c.After.Known, root)
}

// knownBefore reports whether a member was known before the change.
func knownBefore(c *ticket.Change, root string) bool {
	return c.Before != nil && (len(c.Before.Known) == 0 || slices.Contains(c.Before.Known, root))
}

// outcome joins the leaves' states.
func (e *evaluation) outcome(explain bool) Outcome {
	root := e.compiled.root
	decided := e.decide(root)
	out := Outcome{Matched: decided == yes && !e.anyError, Failed: decided == failed || decided == yes && e.anyError}
	out.Unknown = out.Failed && e.unknown
	if !explain {
		return out
	}
	if out.Failed {
		for i := range e.compiled.leaves {
			if e.states[i] == failed {
				out.Leaves = append(out.Leaves, e.result(i))
			}
		}
		return out
	}
	out.Leaves = make([]Result, 0, min(len(e.compiled.leaves), 4))
	e.gather(root, decided, &out.Leaves)
	return out
}

// decide joins the states below a node.
func (e *evaluation) decide(n *node) state {
	if n.leaf >= 0 {
		return e.states[n.leaf]
	}
	var seen [3]bool
	for _, child := range n.children {
		seen[e.decide(child)] = true
	}
	switch n.mode {
	case modeAny:
		return firstSeen(seen, []state{failed, yes}, no)
	case modeNone:
		if seen[yes] {
			return no
		}
		return firstSeen(seen, []state{failed}, yes)
	default:
		return firstSeen(seen, []state{no, failed}, yes)
	}
}

func firstSeen(seen [3]bool, order []state, otherwise state) state {
	for _, s := range order {
		if seen[s] {
			return s
		}
	}
	return otherwise
}

// gather collects the leaves that made a node what it is.
func (e *evaluation) gather(n *node, decided state, results *[]Result) {
	if n.leaf >= 0 {
		*results = append(*results, e.result(n.leaf))
		return
	}
	for _, child := range n.children {
		s := e.decide(child)
		if n.decidedBy(decided, s) {
			e.gather(child, s, results)
		}
	}
}

// decidedBy reports whether a child in state s is why the node is decided.
func (n *node) decidedBy(decided, s state) bool {
	switch n.mode {
	case modeAny:
		return s == decided
	case modeNone:
		return decided == yes && s == no || decided == no && s == yes
	default:
		return s == decided
	}
}

// result explains one leaf. Where its values were not kept, or were found
// wanting, they are read again.
func (e *evaluation) result(i int) Result {
	l, v := e.compiled.leaves[i], &e.view
	r := Result{Path: l.path, Field: l.spec.Field, Op: l.spec.Op, Expected: l.expected, Matched: e.states[i] == yes}
	var err error
	if i < viewsKept && e.states[i] != failed {
		v = &e.views[i]
	} else {
		*v = view{}
		err = e.load(l, v)
	}
	if err == nil && e.states[i] == failed {
		_, err = l.op.test(l, v)
	}
	switch {
	case l.op.Name == "touched":
		r.Actual = v.touched
	case l.op.change:
		r.Actual = Transition{From: v.b.shown(), To: v.a.shown()}
	default:
		r.Actual = v.a.shown()
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
