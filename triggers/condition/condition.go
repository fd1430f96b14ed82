// Package condition is the tree of conditions of a trigger: parsed, validated,
// evaluated and explained. It is pure: no clock, no network, no store.
package condition

import "encoding/json"

// Limits of a tree.
const (
	MaxDepth      = 5    // groups inside groups
	MaxLeaves     = 100  // in the whole tree
	MaxPattern    = 1024 // bytes of a regular expression
	MaxMatchInput = 64 << 10
	MaxValues     = 1000 // elements of one leaf's value
	MaxValueBytes = 4096 // of one text to compare with
)

// Group joins children. Exactly one of All, Any and None is set, except for
// the two-level {"all": […], "any": […]} of Zendesk, where both must hold.
// A member that is set and empty is not nil.
type Group struct {
	All  []Node `json:"all,omitempty"`
	Any  []Node `json:"any,omitempty"`
	None []Node `json:"none,omitempty"` // no child may match
}

// Node is a Group or a Leaf.
type Node struct {
	Group *Group
	Leaf  *Leaf
}

// Leaf compares one field of a change.
type Leaf struct {
	Field   string          `json:"field"`
	Op      string          `json:"op"`
	Value   json.RawMessage `json:"value,omitempty"`
	Options *Options        `json:"options,omitempty"`
}

// Options refine an operator.
type Options struct {
	Case     string `json:"case,omitempty"`     // sensitive
	HTML     string `json:"html,omitempty"`     // strip
	Calendar string `json:"calendar,omitempty"` // a calendar's id
	// Order lists the names of an ordinal field from lowest to highest, where
	// they are not those that hookdesk knows.
	Order []string `json:"order,omitempty"`
}
