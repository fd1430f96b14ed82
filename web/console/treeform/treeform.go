// Package treeform carries a tree of conditions through an HTML form: the form
// is the tree. The name of a field encodes its place, such as n.0.1.op for the
// operator of the second child of the first child of the root.
package treeform

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Root is the name of the root's place.
const Root = "n"

// The joins of a group.
const (
	All  = "all"
	Any  = "any"
	None = "none"
)

// Node is a group or a leaf in the form.
type Node struct {
	Name string // the place, such as n.0.1
	Path string // as in errors, such as when.all.0.any.1

	Join     string // of a group: all, any or none; empty for a leaf
	Children []*Node

	Field, Op     string // of a leaf
	Value, Second string // as written; Second is the end of a range, or what a change led to
	Case, HTML    bool   // options: case-sensitive, strip HTML
	Calendar      string
	Order         string
}

// IsGroup reports whether the node joins others.
func (n *Node) IsGroup() bool { return n.Join != "" }

// Read reads the tree out of a posted form. A form without a tree gives an
// empty root.
func Read(form url.Values) *Node {
	root := readNode(form, Root, 0)
	if !root.IsGroup() {
		root = &Node{Name: Root, Join: All}
	}
	root.place("when")
	return root
}

// maxDepth is how deep a posted tree is read; what lies deeper could not be
// saved anyway.
const maxDepth = 12

func readNode(form url.Values, name string, depth int) *Node {
	n := &Node{Name: name}
	switch join := form.Get(name + ".join"); join {
	case All, Any, None:
		n.Join = join
		if depth < maxDepth {
			for _, i := range childIndexes(form, name) {
				n.Children = append(n.Children, readNode(form, name+"."+strconv.Itoa(i), depth+1))
			}
		}
		return n
	}
	n.Field, n.Op = form.Get(name+".field"), form.Get(name+".op")
	n.Value, n.Second = form.Get(name+".value"), form.Get(name+".second")
	n.Case, n.HTML = form.Get(name+".case") != "", form.Get(name+".html") != ""
	n.Calendar, n.Order = form.Get(name+".calendar"), form.Get(name+".order")
	return n
}

// childIndexes lists the numbers of a group's children in order; removed ones
// leave gaps.
func childIndexes(form url.Values, name string) []int {
	seen := map[int]bool{}
	for key := range form {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok {
			continue
		}
		digits, _, ok := strings.Cut(rest, ".")
		if i, err := strconv.Atoi(digits); ok && err == nil && i >= 0 {
			seen[i] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// place numbers the children anew and gives every node its path.
func (n *Node) place(path string) {
	n.Path = path
	for i, child := range n.Children {
		child.Name = n.Name + "." + strconv.Itoa(i)
		child.place(path + "." + n.Join + "." + strconv.Itoa(i))
	}
}

// From returns the tree of a condition for the form. A group in which both all
// and any are set becomes the same condition with one join.
func From(group *condition.Group) *Node {
	root := &Node{Name: Root, Join: All}
	if group != nil {
		root = fromGroup(group)
		root.Name = Root
	}
	root.place("when")
	return root
}

func fromGroup(group *condition.Group) *Node {
	if group.All != nil && len(group.Any) > 0 {
		both := fromNodes(All, group.All)
		both.Children = append(both.Children, fromNodes(Any, group.Any))
		return both
	}
	switch {
	case group.None != nil:
		return fromNodes(None, group.None)
	case group.Any != nil && group.All == nil:
		return fromNodes(Any, group.Any)
	}
	return fromNodes(All, group.All)
}

func fromNodes(join string, nodes []condition.Node) *Node {
	n := &Node{Join: join}
	for _, node := range nodes {
		switch {
		case node.Group != nil:
			n.Children = append(n.Children, fromGroup(node.Group))
		case node.Leaf != nil:
			n.Children = append(n.Children, fromLeaf(node.Leaf))
		}
	}
	return n
}

func fromLeaf(leaf *condition.Leaf) *Node {
	n := &Node{Field: leaf.Field, Op: leaf.Op}
	n.Value, n.Second = valueText(argumentOf(leaf.Op), leaf.Value)
	if o := leaf.Options; o != nil {
		n.Case, n.HTML, n.Calendar = o.Case == "sensitive", o.HTML == "strip", o.Calendar
		n.Order = strings.Join(o.Order, ", ")
	}
	return n
}

// Group returns the condition that the form describes; nil where the root has
// no children.
func (n *Node) Group() *condition.Group {
	if len(n.Children) == 0 && n.Name == Root {
		return nil
	}
	nodes := make([]condition.Node, 0, len(n.Children))
	for _, child := range n.Children {
		if child.IsGroup() {
			nodes = append(nodes, condition.Node{Group: child.Group()})
		} else {
			nodes = append(nodes, condition.Node{Leaf: child.leaf()})
		}
	}
	switch n.Join {
	case Any:
		return &condition.Group{Any: nodes}
	case None:
		return &condition.Group{None: nodes}
	}
	return &condition.Group{All: nodes}
}

func (n *Node) leaf() *condition.Leaf {
	leaf := &condition.Leaf{Field: n.Field, Op: n.Op, Value: valueJSON(argumentOf(n.Op), n.Field, n.Value, n.Second)}
	options := condition.Options{Calendar: n.Calendar, Order: split(n.Order)}
	if n.Case {
		options.Case = "sensitive"
	}
	if n.HTML {
		options.HTML = "strip"
	}
	if n.Case || n.HTML || n.Calendar != "" || len(options.Order) > 0 {
		leaf.Options = &options
	}
	return leaf
}

// Blank lists the paths of the leaves whose value was left out, which the form
// would otherwise read as an empty text. Two quotes stand for one.
func (n *Node) Blank() []string {
	if !n.IsGroup() {
		blank := strings.TrimSpace(n.Value) == "" || TwoFields(argumentOf(n.Op)) && strings.TrimSpace(n.Second) == "" && !structured(strings.TrimSpace(n.Value))
		if blank && n.needsValue() {
			return []string{n.Path + ".value"}
		}
		return nil
	}
	var paths []string
	for _, child := range n.Children {
		paths = append(paths, child.Blank()...)
	}
	return paths
}

// needsValue reports whether the operator compares with something.
func (n *Node) needsValue() bool {
	switch argumentOf(n.Op) {
	case condition.ArgNone, condition.ArgOptional:
		return false
	}
	return true
}

// Change carries out a button of the form: add-leaf, add-group or remove with
// a place, such as add-leaf:n.0. Anything else leaves the tree as it is.
func (n *Node) Change(button string) {
	what, place, _ := strings.Cut(button, ":")
	switch what {
	case "add-leaf":
		if group := n.find(place); group != nil && group.IsGroup() {
			group.Children = append(group.Children, &Node{Field: "status", Op: "is"})
		}
	case "add-group":
		if group := n.find(place); group != nil && group.IsGroup() {
			group.Children = append(group.Children, &Node{Join: Any, Children: []*Node{{Field: "status", Op: "is"}}})
		}
	case "remove":
		n.remove(place)
	}
	n.place(n.Path)
}

func (n *Node) find(place string) *Node {
	if n.Name == place {
		return n
	}
	for _, child := range n.Children {
		if found := child.find(place); found != nil {
			return found
		}
	}
	return nil
}

func (n *Node) remove(place string) {
	n.Children = slices.DeleteFunc(n.Children, func(child *Node) bool { return child.Name == place })
	for _, child := range n.Children {
		child.remove(place)
	}
}
