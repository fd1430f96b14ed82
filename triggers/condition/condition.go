// Package condition is the tree of conditions of a trigger: parsed, validated,
// evaluated and explained. It is pure: no clock, no network, no store.
package condition

import "encoding/json"

// Group joins children. Exactly one of All, Any and None is set, except for
// the two-level {"all": […], "any": […]} of Zendesk, where both must hold.
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
}
