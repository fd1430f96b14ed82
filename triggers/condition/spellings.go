package condition

import (
	"slices"
	"strings"
)

// UsualField returns the name under which the table has a field that somebody
// calls as the ticket's JSON does: status.name is status, category.path is
// category, custom_fields.7 is custom.7. Any other name stays as it is.
func UsualField(name string) string {
	if _, ok := fieldByName[name]; ok {
		return name
	}
	if key, ok := strings.CutPrefix(name, "custom_fields."); ok {
		return CustomPrefix + key
	}
	root, part, _ := strings.Cut(name, ".")
	_, reference := fieldByName[root+".id"]
	if reference && (part == "name" || root == "category" && part == "path") {
		return root
	}
	return name
}

// usualValue returns the value that a field is compared with, kinds of changes
// by the name that the table has: ticket.created is ticket_created.
func usualValue(field string, value any) any {
	if field != "event.kind" {
		return value
	}
	switch v := value.(type) {
	case string:
		if kind := strings.ReplaceAll(v, ".", "_"); slices.Contains(kindNames, kind) {
			return kind
		}
	case []any:
		usual := make([]any, len(v))
		for i, one := range v {
			usual[i] = usualValue(field, one)
		}
		return usual
	}
	return value
}
