package condition

import "testing"

func TestFieldsAreKeptUnderOneName(t *testing.T) {
	for written, kept := range map[string]string{
		"status":          "status",
		"status.name":     "status",
		"status.state":    "status.state",
		"priority.name":   "priority",
		"sla.name":        "sla",
		"category.path":   "category",
		"category.name":   "category.name",
		"requester.name":  "requester.name",
		"custom_fields.7": "custom.7",
		"custom.7.name":   "custom.7.name",
		"extra.name":      "extra.name",
		"tags.name":       "tags.name",
		"priority.path":   "priority.path",
		"colour":          "colour",
		"":                "",
	} {
		var n Node
		if err := n.UnmarshalJSON([]byte(leafOf(written, "present", ""))); err != nil {
			t.Errorf("%s: %v", written, err)
		} else if n.Leaf.Field != kept {
			t.Errorf("%s is kept as %s, want %s", written, n.Leaf.Field, kept)
		}
	}
}

func TestKindsAreKeptUnderOneName(t *testing.T) {
	for written, kept := range map[string]string{
		leafOf("event.kind", "is", `"ticket.created"`):                        `"ticket_created"`,
		leafOf("event.kind", "is_any_of", `["reply.added", "note_added", 5]`): `["reply_added","note_added",5]`,
		leafOf("event.kind", "is", `"ticket.colour"`):                         `"ticket.colour"`,
		leafOf("subject", "is", `"ticket.created"`):                           `"ticket.created"`,
	} {
		var n Node
		if err := n.UnmarshalJSON([]byte(written)); err != nil {
			t.Errorf("%s: %v", written, err)
		} else if string(n.Leaf.Value) != kept {
			t.Errorf("%s is kept with %s, want %s", written, n.Leaf.Value, kept)
		}
	}
}

func TestLists(t *testing.T) {
	before := create(`"attachments": [{"name": "a.pdf"}, {"name": "b.png"}], "replies": [{"id": "r1", "body": "x"}],
		"extra": {"Rank": 3, "flags": ["x", "y"], "gone": "soon"}`)
	after := []string{before, `{"ticket": {"number": 1, "attachments": [{"name": "b.png"}, {"name": "c.txt"}], "extra": {"Rank": 4, "gone": null}}, "note": {"id": "n1", "body": "y"}}`}
	runLeaves(t, []leafTest{
		{"a file by name", after, leafOf("attachments", "contains_any", `["C.TXT"]`), holds},
		{"a file that came", after, leafOf("attachments", "added", `["c.txt"]`), holds},
		{"a file that went", after, leafOf("attachments", "removed", `["a.pdf"]`), holds},
		{"how many files", after, leafOf("attachments", "size_is", `2`), holds},
		{"a reply", after, leafOf("replies", "contains_all", `["r1"]`), holds},
		{"replies are as they were", after, leafOf("replies", "changed", ""), fails},
		{"a note came", after, leafOf("notes", "added", ""), holds},
		{"there was none", after, leafOf("notes", "was", `["n1"]`), fails},
		{"extra as a number", after, leafOf("extra.Rank", "greater_than", `3`), holds},
		{"extra grew", after, leafOf("extra.Rank", "increased", ""), holds},
		{"extra as a set", after, leafOf("extra.flags", "contains_all", `["y"]`), holds},
		{"extra that was not written", after, leafOf("extra.flags", "touched", ""), fails},
		{"extra that went", after, leafOf("extra.gone", "removed", ""), holds},
		{"extra that never was", after, leafOf("extra.other", "present", ""), fails},
		{"nobody has told it", []string{`{"kind": "ticket_updated", "ticket": {"number": 1, "subject": "S"}}`}, leafOf("extra.Rank", "present", ""), errs},
	})
}
