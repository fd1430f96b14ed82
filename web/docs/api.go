package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// description is the part of an OpenAPI document that the page shows.
type description struct {
	Info struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Version     string `json:"version"`
	} `json:"info"`
	Tags []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"tags"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

// operation is one operation of the API.
type operation struct {
	Method      string
	Path        string
	Tags        []string    `json:"tags"`
	Summary     string      `json:"summary"`
	Description string      `json:"description"`
	ID          string      `json:"operationId"`
	Parameters  []parameter `json:"parameters"`
	RequestBody struct {
		Content map[string]media `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Description string           `json:"description"`
		Content     map[string]media `json:"content"`
	} `json:"responses"`
}

type media struct {
	Schema  schema          `json:"schema"`
	Example json.RawMessage `json:"example"`
}

// Text returns the example for reading: JSON indented, other texts as they are.
func (m media) Text() string {
	var text string
	if json.Unmarshal(m.Example, &text) == nil {
		return text
	}
	var indented bytes.Buffer
	if json.Indent(&indented, m.Example, "", "  ") != nil {
		return string(m.Example)
	}
	return indented.String()
}

type parameter struct {
	Name        string `json:"name"`
	In          string `json:"in"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Schema      schema `json:"schema"`
}

type schema struct {
	Ref         string            `json:"$ref"`
	Type        any               `json:"type"`
	Format      string            `json:"format"`
	Description string            `json:"description"`
	Enum        []any             `json:"enum"`
	Items       *schema           `json:"items"`
	Properties  map[string]schema `json:"properties"`
	Required    []string          `json:"required"`
	OneOf       []schema          `json:"oneOf"`
	AnyOf       []schema          `json:"anyOf"`
	Pattern     string            `json:"pattern"`
	Default     any               `json:"default"`
	MinLength   *int              `json:"minLength"`
	MaxLength   *int              `json:"maxLength"`
	Minimum     *float64          `json:"minimum"`
	Maximum     *float64          `json:"maximum"`
	MaxItems    *int              `json:"maxItems"`
	ReadOnly    bool              `json:"readOnly"`
	WriteOnly   bool              `json:"writeOnly"`
}

// Union returns the alternatives, of which a value is one.
func (s schema) Union() []schema { return append(slices.Clip(s.OneOf), s.AnyOf...) }

// Members returns the members of an object, or of the alternative that is one.
func (s schema) Members() map[string]schema {
	if len(s.Properties) > 0 {
		return s.Properties
	}
	for _, one := range s.Union() {
		if len(one.Properties) > 0 {
			return one.Properties
		}
	}
	return nil
}

// Requires reports whether a member must be given.
func (s schema) Requires(member string) bool { return slices.Contains(s.Required, member) }

// Limits returns what bounds a value, in words.
func (s schema) Limits() string {
	var parts []string
	add := func(text string, args ...any) { parts = append(parts, fmt.Sprintf(text, args...)) }
	if s.Default != nil {
		add("default %v", s.Default)
	}
	if s.Minimum != nil {
		add("from %v", *s.Minimum)
	}
	if s.Maximum != nil {
		add("to %v", *s.Maximum)
	}
	if s.MinLength != nil && *s.MinLength > 0 {
		add("not empty")
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.MaxItems != nil {
		add("at most %d entries", *s.MaxItems)
	}
	if s.WriteOnly {
		add("never shown")
	}
	return strings.Join(parts, ", ")
}

// Name returns the schema's type for reading, such as list of Ticket.
func (s schema) Name() string {
	switch {
	case s.Ref != "":
		return s.Target()
	case s.Items != nil:
		return "list of " + s.Items.Name()
	case len(s.Enum) > 0:
		texts := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			texts[i] = fmt.Sprint(v)
			if v == nil {
				texts[i] = "null"
			}
		}
		return "one of " + strings.Join(texts, ", ")
	}
	text := ""
	if union := s.Union(); len(union) > 0 {
		texts := make([]string, len(union))
		for i, one := range union {
			texts[i] = one.Name()
		}
		return strings.Join(texts, " or ")
	}
	switch t := s.Type.(type) {
	case string:
		text = t
	case []any:
		var parts []string
		for _, part := range t {
			parts = append(parts, fmt.Sprint(part))
		}
		text = strings.Join(parts, " or ")
	}
	if s.Format != "" {
		text += " (" + s.Format + ")"
	}
	return text
}

// Target returns the name of the schema that s refers to, or that its entries
// do; empty where neither does.
func (s schema) Target() string {
	if s.Items != nil {
		return s.Items.Target()
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}

// apiReference is the page of the REST API.
type apiReference struct {
	Title, Text, Version string
	Groups               []apiGroup
	Schemas              []namedSchema
}

type apiGroup struct {
	Name, Text string
	Operations []operation
}

type namedSchema struct {
	Name string
	schema
}

// methods is the order of the operations of one path.
var methods = []string{"get", "post", "put", "patch", "delete"}

// apiPage renders the API's own description.
func (s *site) apiPage() (template.HTML, error) {
	text, err := s.OpenAPI()
	if err != nil {
		return "", fmt.Errorf("read API description: %w", err)
	}
	reference, err := readAPI(text)
	if err != nil {
		return "", err
	}
	var html bytes.Buffer
	if err := s.templates.ExecuteTemplate(&html, "api", reference); err != nil {
		return "", fmt.Errorf("render API page: %w", err)
	}
	return template.HTML(html.String()), nil //nolint:gosec // made by html/template
}

func readAPI(text []byte) (*apiReference, error) {
	var d description
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("decode API description: %w", err)
	}
	reference := &apiReference{Title: d.Info.Title, Text: d.Info.Description, Version: d.Info.Version}
	for _, tag := range d.Tags { // in the order that a reader needs them
		reference.Groups = append(reference.Groups, apiGroup{Name: tag.Name, Text: tag.Description})
	}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range methods {
			raw, ok := d.Paths[path][method]
			if !ok {
				continue
			}
			op := operation{Method: method, Path: path}
			if err := json.Unmarshal(raw, &op); err != nil {
				return nil, fmt.Errorf("decode operation %s %s: %w", method, path, err)
			}
			reference.put(op)
		}
	}
	reference.Groups = slices.DeleteFunc(reference.Groups, func(g apiGroup) bool { return len(g.Operations) == 0 })
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		reference.Schemas = append(reference.Schemas, namedSchema{name, d.Components.Schemas[name]})
	}
	return reference, nil
}

// put files an operation under its first tag, or the first part of its path.
func (r *apiReference) put(op operation) {
	name := ""
	if len(op.Tags) > 0 {
		name = op.Tags[0]
	} else {
		name, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(op.Path, "/api/v1"), "/"), "/")
	}
	i := slices.IndexFunc(r.Groups, func(g apiGroup) bool { return g.Name == name })
	if i < 0 {
		r.Groups = append(r.Groups, apiGroup{Name: name})
		i = len(r.Groups) - 1
	}
	r.Groups[i].Operations = append(r.Groups[i].Operations, op)
}
