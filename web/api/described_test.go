package api

import (
	"net/http"
	"strings"
	"testing"
)

// TestEveryMemberIsDescribed holds the document to a description of every
// member, and descriptions.go to what there is.
func TestEveryMemberIsDescribed(t *testing.T) {
	s := newServer(t)
	schemas := s.api.huma.OpenAPI().Components.Schemas.Map()
	used := map[string]bool{}
	for name, schema := range schemas {
		if name != strings.TrimPrefix(name, "Page") && schema.Properties["items"] == nil {
			t.Errorf("page %s has no items", name)
		}
		for member, property := range schema.Properties {
			if property.Description == "" {
				t.Errorf("%s.%s has no description", name, member)
			}
		}
		for _, relative := range append([]string{name}, relatives(name)...) {
			for _, object := range append(schema.OneOf, schema) {
				for member := range object.Properties {
					used[relative+"."+member], used[member] = true, true
				}
			}
		}
	}
	for name := range memberTexts {
		if !used[name] {
			t.Errorf("%s is described, and is no member of a schema", name)
		}
	}
	for name := range schemaTexts {
		if schemas[name] == nil {
			t.Errorf("%s is described, and is no schema", name)
		}
	}
}

// TestEveryOperationSaysWhatItNeeds checks that descriptions, parameters and
// problems are there for every operation.
func TestEveryOperationSaysWhatItNeeds(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Metrics = http.NotFoundHandler() })
	known := map[string]bool{}
	for _, tag := range tags {
		known[tag.Name] = true
	}
	for path, item := range s.api.huma.OpenAPI().Paths {
		for _, method := range methods {
			op := operationOf(item, method)
			if op == nil {
				continue
			}
			if !strings.Contains(op.Description, "Needs ") || !known[op.Tags[0]] {
				t.Errorf("%s %s: description %q, tag %s", method, path, op.Description, op.Tags[0])
			}
			for _, parameter := range op.Parameters {
				if parameter.Description == "" {
					t.Errorf("%s %s: parameter %s has no description", method, path, parameter.Name)
				}
			}
			if op.RequestBody != nil && (op.Responses["413"] == nil || op.Responses["415"] == nil) {
				t.Errorf("%s %s takes a body and never finds fault with it", method, path)
			}
			if len(op.Security[0]) > 0 && (op.Responses["401"] == nil || op.Responses["403"] == nil) {
				t.Errorf("%s %s needs a token and has no 401 or 403", method, path)
			}
		}
	}
}
