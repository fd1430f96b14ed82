package client

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/web/api"
)

var update = flag.Bool("update", false, "write generated.go again")

// TestGenerated holds generated.go to the OpenAPI document of the server, so
// that client and server cannot come apart. With -update it is written anew.
func TestGenerated(t *testing.T) {
	var document openAPI
	if err := json.Unmarshal(api.OpenAPI(api.Options{Systems: all.Registry()}), &document); err != nil {
		t.Fatal(err)
	}
	want, err := generate(&document)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("generated.go", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("generated.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("generated.go is not what the OpenAPI document says; make generate")
	}
}

// openAPI is what the generator reads of a document.
type openAPI struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct{ Name, In string }
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format, Description  string
	Items                *schema
	Properties           map[string]*schema
	AdditionalProperties json.RawMessage
	Default              json.RawMessage
	Required             []string
	OneOf, AnyOf         []*schema
	ReadOnly             bool
}

// byHand are schemas that the package has its own types for.
var byHand = []string{"Problem", "ProblemField"}

func generate(document *openAPI) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString(`// Code generated from the OpenAPI document by make generate; DO NOT EDIT.

package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)
`)
	for _, name := range slices.Sorted(maps.Keys(document.Components.Schemas)) {
		if !slices.Contains(byHand, name) {
			writeType(&text, name, document.Components.Schemas[name])
		}
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		below, ok := strings.CutPrefix(path, api.Base)
		if !ok {
			continue
		}
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			if op, ok := document.Paths[path][method]; ok {
				writeMethod(&text, method, below, &op)
			}
		}
	}
	source, err := format.Source(text.Bytes())
	if err != nil {
		return nil, fmt.Errorf("format generated client: %w", err)
	}
	return source, nil
}

func writeType(text *bytes.Buffer, name string, s *schema) {
	fmt.Fprintf(text, "\n// %s: %s\n", name, sentence(s.Description, name))
	switch {
	case strings.HasSuffix(name, "Patch"):
		fmt.Fprintf(text, "type %s = map[string]any\n", name) // null means something there
	case len(s.OneOf)+len(s.AnyOf) > 0 || len(s.Properties) == 0:
		fmt.Fprintf(text, "type %s = %s\n", name, goType(&schema{Type: s.Type, OneOf: s.OneOf, AnyOf: s.AnyOf}))
	default:
		fmt.Fprintf(text, "type %s struct {\n", name)
		for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
			property := s.Properties[member]
			if property.ReadOnly {
				continue // ignored on input
			}
			kind, tag := goType(property), member
			if !slices.Contains(s.Required, member) {
				tag += ",omitzero"
				if property.Ref != "" && !strings.HasSuffix(kind, "Input") && kind != "SystemName" && kind != "ConditionNode" || string(property.Default) == "true" {
					kind = "*" + kind
				}
			}
			fmt.Fprintf(text, "\t%s %s `json:%q`", goName(member), kind, tag)
			if property.Description != "" {
				fmt.Fprintf(text, " // %s", sentence(property.Description, ""))
			}
			text.WriteByte('\n')
		}
		text.WriteString("}\n")
	}
}

func sentence(description, otherwise string) string {
	if description == "" {
		return "what the server calls " + otherwise + "."
	}
	return strings.ReplaceAll(description, "\n", " ")
}

func goType(s *schema) string {
	if s.Ref != "" {
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	}
	kind, _ := s.Type.(string)
	if kinds, ok := s.Type.([]any); ok {
		kind, _ = kinds[0].(string)
	}
	switch {
	case len(s.OneOf)+len(s.AnyOf) > 0:
		return "any"
	case kind == "string" && s.Format == "date-time":
		return "time.Time"
	case kind == "array":
		return "[]" + goType(s.Items)
	case kind == "object":
		var value schema
		if json.Unmarshal(s.AdditionalProperties, &value) == nil {
			return "map[string]" + goType(&value)
		}
		return "map[string]any"
	}
	if known, ok := map[string]string{"string": "string", "boolean": "bool", "integer": "int", "number": "float64"}[kind]; ok {
		return known
	}
	return "any"
}

// initials are the parts of names that Go writes in capitals.
var initials = []string{"id", "url", "http", "https", "ms", "us", "tls", "dns", "sla", "ca", "html", "q"}

func goName(name string) string {
	var text strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '_' || r == '-' }) {
		if slices.Contains(initials, part) {
			text.WriteString(strings.ToUpper(part))
		} else {
			text.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return text.String()
}

// writeMethod writes the method of an operation that answers with JSON, text or
// nothing; Follow is that of the stream.
func writeMethod(text *bytes.Buffer, method, path string, op *operation) {
	kind, result := "", ""
	for _, status := range []string{"200", "201", "202", "204"} {
		for media, content := range op.Responses[status].Content {
			kind, result = media, "[]byte"
			if media == "application/json" {
				if result = goType(content.Schema); result == "any" {
					result = "json.RawMessage"
				}
				break
			}
		}
		if kind != "" {
			break
		}
	}
	if kind == "text/event-stream" {
		return
	}
	arguments, query := []string{"ctx context.Context"}, ""
	at := fmt.Sprintf("%q", path)
	for _, parameter := range op.Parameters {
		switch parameter.In {
		case "path":
			name := strings.ToLower(parameter.Name)
			arguments = append(arguments, name+" string")
			at = strings.ReplaceAll(at, "{"+parameter.Name+"}", fmt.Sprintf(`" + url.PathEscape(%s) + "`, name))
		case "query":
			query = "query ...string"
		}
	}
	in := "nil"
	if op.RequestBody != nil {
		body := goType(op.RequestBody.Content["application/json"].Schema)
		in = "body"
		if !op.RequestBody.Required {
			body, in = "*"+body, "given(body)"
		}
		arguments = append(arguments, "body "+body)
	}
	if query != "" {
		arguments, at = append(arguments, query), at+" + Query(query...)"
	}
	at = strings.ReplaceAll(strings.ReplaceAll(at, ` + ""`, ""), `"" + `, "")
	name := goName(op.OperationID)
	call := fmt.Sprintf("c.Do(ctx, http.Method%s, %s, %s", goName(method), at, in)
	fmt.Fprintf(text, "\n// %s: %s.", name, op.Summary)
	if query != "" {
		text.WriteString(" Query holds pairs of a parameter and its value.")
	}
	if result == "" {
		fmt.Fprintf(text, "\nfunc (c *Client) %s(%s) error {\n\treturn %s, nil)\n}\n", name, strings.Join(arguments, ", "), call)
		return
	}
	fmt.Fprintf(text, "\nfunc (c *Client) %s(%s) (%s, error) {\n\tvar out %s\n\terr := %s, &out)\n\treturn out, err\n}\n",
		name, strings.Join(arguments, ", "), result, result, call)
}
