package treeform

import (
	"encoding/json"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

// post writes a tree the way the page's form sends it.
func post(n *Node, form url.Values) url.Values {
	set := func(name, value string) { form.Set(n.Name+"."+name, value) }
	if n.IsGroup() {
		set("join", n.Join)
		for _, child := range n.Children {
			post(child, form)
		}
		return form
	}
	set("field", n.Field)
	set("op", n.Op)
	set("value", n.Value)
	set("second", n.Second)
	set("calendar", n.Calendar)
	set("order", n.Order)
	if n.Case {
		set("case", "on")
	}
	if n.HTML {
		set("html", "on")
	}
	return form
}

func decode(t *testing.T, text string) *condition.Group {
	t.Helper()
	group := &condition.Group{}
	if err := json.Unmarshal([]byte(text), group); err != nil {
		t.Fatal(err)
	}
	return group
}

// What goes through the form comes back the same.
func TestRoundTrip(t *testing.T) {
	tests := map[string]string{
		"one leaf":           `{"all":[{"field":"status","op":"is","value":"Open"}]}`,
		"nested":             `{"any":[{"field":"status","op":"changed"},{"none":[{"field":"tags","op":"contains_any","value":["vip","gold"]},{"all":[{"field":"subject","op":"contains","value":"urgent"}]}]}]}`,
		"number":             `{"all":[{"field":"replies.count","op":"greater_than","value":3}]}`,
		"range":              `{"all":[{"field":"replies.count","op":"between","value":[1,9]}]}`,
		"size":               `{"all":[{"field":"tags","op":"size_between","value":[1,2]}]}`,
		"from and to":        `{"all":[{"field":"status","op":"changed_from_to","value":{"from":"New","to":["Open","Closed"]}}]}`,
		"any change":         `{"all":[{"field":"status","op":"changed_to","value":"*"}]}`,
		"alternatives":       `{"all":[{"field":"status","op":"changed_to","value":["Open","Closed"]}]}`,
		"emptied":            `{"all":[{"field":"assignee","op":"changed_to","value":null}]}`,
		"the word null":      `{"all":[{"field":"assignee","op":"changed_to","value":"null"}]}`,
		"comma in a value":   `{"all":[{"field":"status","op":"is_any_of","value":["a, b","c"]}]}`,
		"a text like a list": `{"all":[{"field":"subject","op":"contains","value":"[\"a\"]"}]}`,
		"spaces kept":        `{"all":[{"field":"subject","op":"starts_with","value":" x "}]}`,
		"list of one":        `{"all":[{"field":"status","op":"is_any_of","value":["Open"]}]}`,
		"no value":           `{"all":[{"field":"tags","op":"added"}]}`,
		"options":            `{"all":[{"field":"description","op":"contains","value":"x","options":{"case":"sensitive","html":"strip","calendar":"cal_1","order":["a","b"]}}]}`,
		"an empty text":      `{"all":[{"field":"status","op":"is","value":""}]}`,
		"script":             `{"all":[{"field":"subject","op":"is","value":"<script>&\"'"}]}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			group := decode(t, text)
			got := Read(post(From(group), url.Values{})).Group()
			want, _ := json.Marshal(group)
			have, _ := json.Marshal(got)
			if diff := cmp.Diff(string(want), string(have)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestEmptyRootIsNoCondition(t *testing.T) {
	if got := Read(url.Values{}).Group(); got != nil {
		t.Errorf("got %+v, want none", got)
	}
	if got := From(nil).Group(); got != nil {
		t.Errorf("got %+v, want none", got)
	}
}

func TestBothJoins(t *testing.T) {
	both := decode(t, `{"all":[{"field":"status","op":"is","value":"Open"}],"any":[{"field":"via","op":"is","value":"web"}]}`)
	have, _ := json.Marshal(From(both).Group())
	want := `{"all":[{"field":"status","op":"is","value":"Open"},{"any":[{"field":"via","op":"is","value":"web"}]}]}`
	if string(have) != want {
		t.Errorf("got %s\nwant %s", have, want)
	}
}

func TestButtons(t *testing.T) {
	tests := []struct {
		name, button string
		want         int // leaves
		groups       int
	}{
		{"add a condition", "add-leaf:n", 4, 2},
		{"add one in a group", "add-leaf:n.1", 4, 2},
		{"add a group", "add-group:n.1", 4, 3},
		{"to a condition nothing can be added", "add-leaf:n.0", 3, 2},
		{"remove a condition", "remove:n.0", 2, 2},
		{"remove a group", "remove:n.1", 1, 1},
		{"the root stays", "remove:n", 3, 2},
		{"nonsense", "explode:n.7", 3, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := From(decode(t, `{"all":[{"field":"status","op":"changed"},{"any":[{"field":"via","op":"present"},{"field":"tags","op":"present"}]}]}`))
			tree.Change(tt.button)
			leaves, groups := 0, 0
			var walk func(*Node)
			walk = func(n *Node) {
				if n.IsGroup() {
					groups++
				} else {
					leaves++
				}
				for i, child := range n.Children {
					if want := n.Path + "." + n.Join + "." + strconv.Itoa(i); child.Path != want {
						t.Errorf("path %s, want %s", child.Path, want)
					}
					walk(child)
				}
			}
			walk(tree)
			if leaves != tt.want || groups != tt.groups {
				t.Errorf("%d leaves in %d groups, want %d in %d", leaves, groups, tt.want, tt.groups)
			}
		})
	}
}

// Whatever is posted, reading it ends, and gives a tree that can be written.
func FuzzRead(f *testing.F) {
	f.Add("n.join=all&n.0.field=status&n.0.op=is&n.0.value=Open&n.7.join=any&n.7.1.field=x")
	f.Add("n.join=none&n.0.join=all&n.0.0.join=all&n.0.0.0.op=between&n.0.0.0.value=[1&n.0.0.0.second=}")
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		tree := Read(form)
		group := tree.Group()
		if group == nil {
			return
		}
		once, err := json.Marshal(group)
		if err != nil {
			t.Fatalf("marshal: %v", err)
		}
		again, err := json.Marshal(Read(post(From(group), url.Values{})).Group())
		if err != nil {
			t.Fatalf("marshal again: %v", err)
		}
		if len(tree.Children) > 0 && len(again) == 0 {
			t.Errorf("%s became nothing", once)
		}
	})
}
