package condition

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Decode reads a tree, nil where it is null or empty: no condition. A single
// condition and a list of them will do as well; all must hold then. The error
// is an *invalid.Error with paths relative to the tree.
func Decode(data []byte) (*Group, error) {
	tree, err := decodeTree(data)
	if err != nil {
		return nil, err
	}
	switch v := tree.(type) {
	case nil:
		return nil, nil //nolint:nilnil // no tree is no condition, and no error
	case []any:
		tree = map[string]any{"all": v}
	case map[string]any:
		if len(v) == 0 {
			return nil, nil //nolint:nilnil // see above
		}
		if v["field"] != nil {
			tree = map[string]any{"all": []any{v}}
		}
	}
	return read(tree)
}

func read(tree any) (*Group, error) {
	p := parser{}
	group := p.group("", tree, 1)
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return group, nil
}

// UnmarshalJSON reads the group and everything below it. The error is an
// *invalid.Error.
func (g *Group) UnmarshalJSON(data []byte) error {
	tree, err := decodeTree(data)
	if err != nil {
		return err
	}
	group, err := read(tree)
	if err != nil {
		return err
	}
	*g = *group
	return nil
}

// UnmarshalJSON reads a group or a leaf. The error is an *invalid.Error.
func (n *Node) UnmarshalJSON(data []byte) error {
	tree, err := decodeTree(data)
	if err != nil {
		return err
	}
	p := parser{}
	node := p.node("", tree, 1)
	if err := p.problems.Err(); err != nil {
		return err
	}
	*n = node
	return nil
}

// MarshalJSON writes the members that are set, empty ones too.
func (g Group) MarshalJSON() ([]byte, error) {
	var members struct {
		All  *[]Node `json:"all,omitempty"`
		Any  *[]Node `json:"any,omitempty"`
		None *[]Node `json:"none,omitempty"`
	}
	if g.All != nil {
		members.All = &g.All
	}
	if g.Any != nil {
		members.Any = &g.Any
	}
	if g.None != nil {
		members.None = &g.None
	}
	return encode(members)
}

// MarshalJSON writes the group or the leaf.
func (n Node) MarshalJSON() ([]byte, error) {
	if n.Group != nil {
		return n.Group.MarshalJSON()
	}
	return encode(n.Leaf)
}

// encode is json.Marshal without the escapes for HTML, which would change the
// text of a value each time it is written.
func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode condition: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

func decodeTree(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, invalid.New("", nil, "valid JSON: %s", err.Error())
	}
	if decoder.More() {
		return nil, invalid.New("", nil, "one JSON value and nothing behind it")
	}
	return tree, nil
}

// parser turns decoded JSON into a tree and notes what is wrong with it.
type parser struct {
	problems invalid.List
	leaves   int
}

var groupNames = []string{"all", "any", "none"}

func (p *parser) group(path string, tree any, depth int) *Group {
	members, ok := tree.(map[string]any)
	if !ok {
		p.problems.Add(path, tree, "an object with all, any or none")
		return &Group{}
	}
	if depth > MaxDepth {
		p.problems.Add(path, nil, "groups at most %d deep", MaxDepth)
		return &Group{}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(groupNames, name) {
			p.problems.Add(invalid.Join(path, name), nil, "%s", "no such member; a group has all, any or none"+invalid.Suggest(name, groupNames))
		}
	}
	group := &Group{
		All: p.nodes(path, "all", members, depth), Any: p.nodes(path, "any", members, depth), None: p.nodes(path, "none", members, depth),
	}
	return group
}

func (p *parser) nodes(path, name string, members map[string]any, depth int) []Node {
	value, ok := members[name]
	if !ok {
		return nil
	}
	path = invalid.Join(path, name)
	list, ok := value.([]any)
	if !ok {
		p.problems.Add(path, value, "a list of conditions and groups")
		return nil
	}
	nodes := make([]Node, 0, min(len(list), MaxLeaves+1))
	for i, child := range list {
		if p.leaves > MaxLeaves {
			return nodes
		}
		nodes = append(nodes, p.node(fmt.Sprintf("%s.%d", path, i), child, depth+1))
	}
	return nodes
}

func (p *parser) node(path string, tree any, depth int) Node {
	members, ok := tree.(map[string]any)
	if !ok {
		p.leaves++
		p.problems.Add(path, tree, "a condition {field, op, value} or a group {all}, {any} or {none}")
		return Node{}
	}
	for _, name := range groupNames {
		if _, ok := members[name]; ok {
			return Node{Group: p.group(path, tree, depth)}
		}
	}
	p.leaves++
	if p.leaves == MaxLeaves+1 {
		p.problems.Add(path, nil, "at most %d conditions", MaxLeaves)
	}
	return Node{Leaf: p.leaf(path, members)}
}

var (
	leafNames   = []string{"field", "op", "value", "options"}
	optionNames = []string{"case", "html", "calendar", "order"}
)

func (p *parser) leaf(path string, members map[string]any) *Leaf {
	p.refuse(path, members, leafNames)
	leaf := &Leaf{Field: UsualField(p.text(path, "field", members)), Op: p.text(path, "op", members)}
	if value, ok := members["value"]; ok {
		raw, err := encode(usualValue(leaf.Field, value))
		if err != nil {
			p.problems.Merge(invalid.Join(path, "value"), err)
		}
		leaf.Value = raw
	}
	switch options := members["options"].(type) {
	case nil:
	case map[string]any:
		below := invalid.Join(path, "options")
		p.refuse(below, options, optionNames)
		leaf.Options = &Options{
			Case: p.caseOption(below, options), HTML: p.text(below, "html", options),
			Calendar: p.text(below, "calendar", options), Order: p.texts(below, "order", options),
		}
	default:
		p.problems.Add(invalid.Join(path, "options"), options, "an object")
	}
	return leaf.usual(members["value"])
}

// usual takes a calendar that is given as the value of an operator that has
// none: there is nothing else it could mean.
func (l *Leaf) usual(value any) *Leaf {
	id, ok := value.(string)
	if !ok || l.Op != "in_business_hours" && l.Op != "not_in_business_hours" || l.Options != nil && l.Options.Calendar != "" {
		return l
	}
	if l.Options == nil {
		l.Options = &Options{}
	}
	l.Options.Calendar, l.Value = id, nil
	return l
}

// caseOption reads the option case, for which true and false will do as well.
func (p *parser) caseOption(path string, options map[string]any) string {
	switch options["case"] {
	case true:
		return "sensitive"
	case false:
		return "insensitive"
	}
	return p.text(path, "case", options)
}

func (p *parser) refuse(path string, members map[string]any, allowed []string) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(allowed, name) {
			p.problems.Add(invalid.Join(path, name), nil, "%s", "no such member; there are "+strings.Join(allowed, ", ")+invalid.Suggest(name, allowed))
		}
	}
}

func (p *parser) text(path, name string, members map[string]any) string {
	value := members[name]
	text, ok := value.(string)
	if !ok && value != nil {
		p.problems.Add(invalid.Join(path, name), value, "a text")
	}
	return text
}

func (p *parser) texts(path, name string, members map[string]any) []string {
	value := members[name]
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	texts := make([]string, 0, len(list))
	for _, element := range list {
		text, isText := element.(string)
		ok = ok && isText
		texts = append(texts, text)
	}
	if !ok {
		p.problems.Add(invalid.Join(path, name), value, "a list of texts")
	}
	return texts
}
