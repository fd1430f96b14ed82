package ascode

import (
	"regexp"
	"slices"
	"strings"
)

// reference is the name of a variable whose value is meant.
type reference string

func (r reference) text() string { return "${env:" + string(r) + "}" }

var references = regexp.MustCompile(`\$?\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand replaces the references of a text. missing is the first variable that
// has no value, or is empty.
func expand(text string, lookup func(name string) (string, bool)) (expanded, missing string) {
	expanded = references.ReplaceAllStringFunc(text, func(found string) string {
		if strings.HasPrefix(found, "$$") {
			return found[1:]
		}
		name := found[len("${env:") : len(found)-1]
		value, ok := lookup(name)
		if (!ok || value == "") && missing == "" {
			missing = name
		}
		return value
	})
	return expanded, missing
}

// literal returns the text that expands to the given one.
func literal(text string) string {
	return references.ReplaceAllStringFunc(text, func(found string) string { return "$" + found })
}

// Variables lists the variables that a file refers to, by name. The error is
// an *Error.
func Variables(text []byte) ([]string, error) {
	seen := map[string]bool{}
	_, err := parse(text, func(name string) (string, bool) {
		seen[name] = true
		return "x", true
	})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}
