package systemtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// vendorFile holds the vendor's examples in our transcription, as JSON. The
// name of a file in it says what it is:
//
//	exact/<revision>/<event>    the whole body: same members, order, types, values
//	partial/<revision>/<event>  what the vendor's page names of the body, in its
//	                            order; the body may have further members between
//
// The text "*" stands for any value that is not empty. The comment of the
// archive says which side was taken where the vendor contradicts itself.
const vendorFile = "vendor.txtar"

func (s Suite) testVendor(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(s.Golden, vendorFile))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range txtar.Parse(text).Files {
		t.Run(file.Name, func(t *testing.T) {
			part := strings.SplitN(file.Name, "/", 3)
			if len(part) != 3 || part[0] != "exact" && part[0] != "partial" {
				t.Fatal("the name is not exact/<revision>/<event> or partial/<revision>/<event>")
			}
			event, ok := s.System.Sheet().Event(part[2])
			if !ok {
				t.Fatalf("the sheet has no event %s", part[2])
			}
			want, err := parseNode(file.Data)
			if err != nil {
				t.Fatalf("transcription: %v", err)
			}
			request := render(t, s.System, s.occasion(event, part[1]))
			got, err := parseNode(request.Body)
			if err != nil {
				t.Fatalf("body: %v", err)
			}
			for _, difference := range want.differences(got, "", part[0] == "exact") {
				t.Error(difference)
			}
		})
	}
}

// node is a JSON value that remembers the order of its members.
type node struct {
	kind    string // object, list, or value
	members []member
	items   []*node
	text    string // of a value, as JSON
}

type member struct {
	name  string
	value *node
}

func parseNode(text []byte) (*node, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	n, err := readNode(decoder)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the value")
	}
	return n, nil
}

func readNode(decoder *json.Decoder) (*node, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		text, err := systems.JSON(token)
		return &node{kind: "value", text: string(text)}, err
	}
	n := &node{kind: "object"}
	if delim == '[' {
		n.kind = "list"
	}
	for decoder.More() {
		name := ""
		if n.kind == "object" {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			name, _ = key.(string)
		}
		value, err := readNode(decoder)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name, value})
		n.items = append(n.items, value)
	}
	_, err = decoder.Token()
	return n, err
}

// differences lists where got is not what is wanted.
func (n *node) differences(got *node, path string, exact bool) []string {
	if n.kind == "value" && n.text == `"*"` && (got.kind != "value" || got.text != `""` && got.text != "null") {
		return nil
	}
	if n.kind != got.kind || n.text != got.text {
		return []string{fmt.Sprintf("%s is %s %s, want %s %s", path, got.kind, got.text, n.kind, n.text)}
	}
	if n.kind == "list" {
		return n.listDifferences(got, path, exact)
	}
	var found []string
	next := 0
	for _, want := range n.members {
		at := next
		for at < len(got.members) && got.members[at].name != want.name {
			at++
		}
		if at == len(got.members) || exact && at != next {
			found = append(found, fmt.Sprintf("%s.%s is missing or stands in another place", path, want.name))
			continue
		}
		found = append(found, want.value.differences(got.members[at].value, path+"."+want.name, exact)...)
		next = at + 1
	}
	if exact && next < len(got.members) {
		found = append(found, fmt.Sprintf("%s has %s more than the vendor", path, got.members[next].name))
	}
	return found
}

func (n *node) listDifferences(got *node, path string, exact bool) []string {
	if len(n.items) != len(got.items) {
		return []string{fmt.Sprintf("%s has %d items, want %d", path, len(got.items), len(n.items))}
	}
	var found []string
	for i, item := range n.items {
		found = append(found, item.differences(got.items[i], fmt.Sprintf("%s[%d]", path, i), exact)...)
	}
	return found
}
