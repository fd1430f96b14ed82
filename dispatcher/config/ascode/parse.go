package ascode

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// position is a place in a file, from 1.
type position struct{ line, column int }

func at(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{}
	}
	return position{t.Position.Line, t.Position.Column}
}

// document is a YAML file as the values of JSON, and where each stands.
type document struct {
	root      any // map[string]any, []any, string, json.Number, bool or nil
	positions map[string]position
	// unset are the variables that have no value, by the path of the text;
	// such a text is left out of root.
	unset map[string]string
}

// errorAt makes an error of what is wrong with a member.
func (d *document) errorAt(err error) error {
	var wrong *invalid.Error
	if !errors.As(err, &wrong) {
		return err
	}
	made := &Error{}
	for _, field := range wrong.Fields {
		place := d.locate(field.Path)
		made.Problems = append(made.Problems, Problem{Line: place.line, Column: place.column, Field: field})
	}
	return made
}

// locate returns where a path stands, or the nearest part around it.
func (d *document) locate(path string) position {
	for {
		if place, ok := d.positions[path]; ok {
			return place
		}
		cut := strings.LastIndexByte(path, '.')
		if cut < 0 {
			return d.positions[""]
		}
		path = path[:cut]
	}
}

// reader turns the nodes of one file into values.
type reader struct {
	*document
	lookup  func(name string) (string, bool)
	anchors map[string]ast.Node
	open    map[string]bool // anchors being written out
	nodes   int
	list    invalid.List
}

// parse reads a YAML file. lookup returns the value of a variable.
func parse(text []byte, lookup func(name string) (string, bool)) (doc *document, err error) {
	doc = &document{positions: map[string]position{"": {1, 1}}, unset: map[string]string{}}
	if len(text) > MaxBytes {
		return nil, doc.errorAt(invalid.New("", len(text), "must be at most %d bytes", MaxBytes))
	}
	defer func() {
		// The library panics on some malformed input.
		if cause := recover(); cause != nil {
			doc, err = nil, (&document{}).errorAt(invalid.New("", nil, "must be valid YAML: %v", cause))
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	r := &reader{document: doc, lookup: lookup, anchors: map[string]ast.Node{}, open: map[string]bool{}}
	bodies := 0
	for _, one := range file.Docs {
		if one.Body == nil {
			continue
		}
		if bodies++; bodies > 1 {
			doc.positions["document"] = at(one.Start)
			r.list.Add("document", nil, "must be the only document of the file")
			break
		}
		doc.root = r.value(one.Body, "", 0)
	}
	if err := r.list.Err(); err != nil {
		return nil, doc.errorAt(err)
	}
	return doc, nil
}

func syntaxError(err error) error {
	problem := Problem{Field: invalid.Field{Want: "must be valid YAML: " + firstLine(err.Error())}}
	if located, ok := errors.AsType[yaml.Error](err); ok {
		place := at(located.GetToken())
		problem.Line, problem.Column = place.line, place.column
		problem.Want = "must be valid YAML: " + firstLine(located.GetMessage())
	}
	return &Error{Problems: []Problem{problem}}
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// value returns a node's value; it notes what is wrong.
func (r *reader) value(node ast.Node, path string, depth int) any {
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		if r.nodes <= maxNodes+1 || depth > maxDepth {
			r.nodes = maxNodes + 1
			r.list.Add(path, nil, "must nest at most %d deep and hold at most %d values", maxDepth, maxNodes)
		}
		return nil
	}
	switch n := node.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.MappingNode:
		return r.mapping(n.Values, path, depth)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{n}, path, depth)
	case *ast.SequenceNode:
		items := make([]any, 0, len(n.Values))
		for i, item := range n.Values {
			below := invalid.Join(path, strconv.Itoa(i))
			if item != nil {
				r.note(below, at(item.GetToken()))
			}
			items = append(items, r.value(item, below, depth+1))
		}
		return items
	case *ast.AnchorNode:
		if n.Name != nil {
			r.anchors[n.Name.GetToken().Value] = n.Value
		}
		return r.value(n.Value, path, depth+1)
	case *ast.AliasNode:
		return r.alias(n, path, depth)
	case *ast.StringNode:
		return r.text(n.Value, path)
	case *ast.LiteralNode:
		return r.text(n.Value.Value, path)
	case *ast.BoolNode:
		return n.Value
	case *ast.IntegerNode:
		return number(n.GetToken().Value, n.Value)
	case *ast.FloatNode:
		return number(n.GetToken().Value, n.Value)
	}
	r.list.Add(path, nil, "must be a text, a number, true, false, null, a list or a mapping; this is %s", strings.ToLower(node.Type().YAMLName()))
	return nil
}

func (r *reader) note(path string, place position) {
	if _, known := r.positions[path]; !known {
		r.positions[path] = place
	}
}

func (r *reader) mapping(values []*ast.MappingValueNode, path string, depth int) any {
	all := make(map[string]any, len(values))
	for _, member := range values {
		if member.Key == nil || member.Key.IsMergeKey() {
			r.list.Add(path, nil, "must not have a merge key (<<); write the members out")
			continue
		}
		name := member.Key.GetToken().Value
		below := invalid.Join(path, name)
		r.note(below, at(member.Key.GetToken()))
		switch _, twice := all[name]; {
		case name == "":
			r.list.Add(path, nil, "must not have an empty name")
		case twice:
			r.list.Add(below, nil, "must stand there once")
		default:
			all[name] = r.value(member.Value, below, depth+1)
			if r.unset[below] != "" {
				delete(all, name)
			}
		}
	}
	return all
}

func (r *reader) alias(n *ast.AliasNode, path string, depth int) any {
	name := ""
	if n.Value != nil {
		name = n.Value.GetToken().Value
	}
	target, ok := r.anchors[name]
	if !ok || r.open[name] {
		r.list.Add(path, "*"+name, "must name an anchor that stands before it")
		return nil
	}
	r.open[name] = true
	defer delete(r.open, name)
	return r.value(target, path, depth+1)
}

// text puts the values of variables into a text. One that has none is noted,
// and the text is empty.
func (r *reader) text(raw, path string) any {
	expanded, missing := expand(raw, r.lookup)
	if missing != "" {
		if raw != reference(missing).text() {
			r.list.Add(path, nil, "needs the variable %s, which is not set", missing)
			return ""
		}
		r.unset[path] = missing
		return ""
	}
	return expanded
}

// number keeps a number's digits where JSON can have them.
func number(digits string, value any) any {
	if json.Valid([]byte(digits)) {
		return json.Number(digits)
	}
	return json.Number(fmt.Sprint(value))
}
