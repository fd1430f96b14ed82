package triggers

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Warnings says what is allowed in a trigger and yet looks like a mistake,
// each as a sentence.
func Warnings(t *Trigger) []string {
	read := map[string]bool{}
	readFields(t.When, read)
	var written []string
	for _, a := range t.Then {
		switch {
		case a.Tag != nil:
			written = append(written, "tags")
		case a.Set != nil:
			if f, ok := condition.LookupField(a.Set.Field); ok {
				written = append(written, f.Root())
			}
		case a.Note != nil:
			written = append(written, "notes")
		}
	}
	slices.Sort(written)
	var warnings []string
	for _, root := range slices.Compact(written) {
		if read[root] {
			warnings = append(warnings, "This trigger writes "+root+", which it also reads.")
		}
	}
	if len(written) > 0 && t.AllowRuleChanges {
		warnings = append(warnings, "This trigger changes the ticket and reacts to changes that triggers make; only the loop protection stops it.")
	}
	return warnings
}

// readFields notes the members that a tree looks at.
func readFields(g *condition.Group, read map[string]bool) {
	if g == nil {
		return
	}
	for _, nodes := range [][]condition.Node{g.All, g.Any, g.None} {
		for _, n := range nodes {
			if n.Group != nil {
				readFields(n.Group, read)
			}
			if n.Leaf == nil {
				continue
			}
			if f, ok := condition.LookupField(n.Leaf.Field); ok {
				read[f.Root()] = true
				if strings.HasPrefix(f.Name, "comment.") {
					read["notes"] = true
				}
			}
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
