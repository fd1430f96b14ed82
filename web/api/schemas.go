package api

import (
	"encoding/json"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// newSchemas returns the registry of schemas. Types of other packages that
// share a name carry their package's as well.
func newSchemas(all *systems.Registry) huma.Registry {
	registry := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		name := huma.DefaultSchemaNamer(t, hint)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if strings.Contains(t.Name(), "[") {
			return name
		}
		for path, prefix := range map[string]string{
			"/dispatcher/systems": "System", "/executionlog": "Log", "/triggers/condition": "Condition", "/dispatcher": "Desk",
		} {
			if strings.HasSuffix(t.PkgPath(), path) && !strings.HasPrefix(name, prefix) {
				return prefix + name
			}
		}
		return name
	})
	registry.RegisterTypeAlias(reflect.TypeFor[condition.Group](), reflect.TypeFor[groupSchema]())
	registry.RegisterTypeAlias(reflect.TypeFor[config.Scalar](), reflect.TypeFor[scalarSchema]())
	registry.RegisterTypeAlias(reflect.TypeFor[any](), reflect.TypeFor[json.RawMessage]())
	describeEnums(registry)
	ticketInputs(registry.Map())
	conditionSchemas(registry)
	configurationInputs(registry, all)
	return registry
}

// scalarSchema describes a setting on input.
type scalarSchema struct{}

// Schema implements huma.SchemaProvider.
func (scalarSchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}}
}

// anyObject describes a body that is decoded elsewhere, with what its members
// are.
func anyObject(description string) *huma.Schema {
	return &huma.Schema{Type: "object", Description: description, AdditionalProperties: true}
}
