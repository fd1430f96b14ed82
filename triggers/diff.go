package triggers

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// FieldDiff is one difference between two versions.
type FieldDiff struct {
	Path string `json:"path"` // such as when.all.0.value
	From any    `json:"from,omitempty"`
	To   any    `json:"to,omitempty"`
}

// unversioned are the members that differ between versions anyway.
var unversioned = []string{"version", "author", "created_at", "updated_at"}

// Diff lists the differences from a to b, by path.
func Diff(a, b *Trigger) []FieldDiff {
	from, to := plain(a), plain(b)
	for _, name := range unversioned {
		delete(from, name)
		delete(to, name)
	}
	return DiffValues(from, to)
}

// DiffValues lists the differences between two decoded JSON values, by path.
func DiffValues(from, to any) []FieldDiff {
	var diffs []FieldDiff
	compare("", from, to, &diffs)
	return diffs
}

func plain(t *Trigger) map[string]any {
	members := map[string]any{}
	if t == nil {
		return members
	}
	data, err := json.Marshal(t)
	if err != nil {
		return members
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return map[string]any{}
	}
	return members
}

func compare(path string, from, to any, diffs *[]FieldDiff) {
	if reflect.DeepEqual(from, to) {
		return
	}
	switch a := from.(type) {
	case map[string]any:
		if b, ok := to.(map[string]any); ok {
			names := map[string]bool{}
			for name := range a {
				names[name] = true
			}
			for name := range b {
				names[name] = true
			}
			for _, name := range slices.Sorted(maps.Keys(names)) {
				compare(invalid.Join(path, name), a[name], b[name], diffs)
			}
			return
		}
	case []any:
		if b, ok := to.([]any); ok {
			for i := range max(len(a), len(b)) {
				compare(invalid.Join(path, strconv.Itoa(i)), element(a, i), element(b, i), diffs)
			}
			return
		}
	}
	*diffs = append(*diffs, FieldDiff{Path: path, From: from, To: to})
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}
