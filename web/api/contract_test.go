package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is the OpenAPI document as a JSON Schema validator reads it that
// shares no code with the one that made the document.
type contract struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by their place in the document
}

// contracts holds a contract for each text of the document, since compiling
// takes longer than answering.
var contracts sync.Map

const documentName = "https://hookdesk.example/openapi.json"

func contractOf(t *testing.T, document []byte) *contract {
	t.Helper()
	if known, ok := contracts.Load(string(document)); ok {
		return known.(*contract)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020) // what OpenAPI 3.1 builds on
	compiler.AssertFormat()
	if err := compiler.AddResource(documentName, tree); err != nil {
		t.Fatal(err)
	}
	made := &contract{compiler: compiler, schemas: map[string]*jsonschema.Schema{}}
	known, _ := contracts.LoadOrStore(string(document), made)
	return known.(*contract)
}

// at returns the schema at a place in the document.
func (c *contract) at(t *testing.T, place ...string) *jsonschema.Schema {
	t.Helper()
	for i, part := range place {
		place[i] = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(part)
	}
	pointer := strings.Join(place, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	if schema := c.schemas[pointer]; schema != nil {
		return schema
	}
	schema, err := c.compiler.Compile(documentName + "#/" + pointer)
	if err != nil {
		t.Fatalf("the schema at %s cannot be compiled: %v", pointer, err)
	}
	c.schemas[pointer] = schema
	return schema
}

// check validates JSON against the schema at a place in the document.
func (c *contract) check(t *testing.T, text []byte, place ...string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return c.at(t, place...).Validate(value)
}

// checkIndependently validates an answer against the document as it is served.
func (s *server) checkIndependently(method, template, kind string, answer *reply) {
	s.t.Helper()
	err := contractOf(s.t, s.api.openAPI).check(s.t, answer.body,
		"paths", template, strings.ToLower(method), "responses", strconv.Itoa(answer.status), "content", kind, "schema")
	if err != nil {
		s.t.Errorf("%s %s: answer %d does not fit the document: %v\n%s", method, template, answer.status, err, answer.body)
	}
}

// checkRequest validates a body that was accepted against the document, which
// must not forbid what the server takes.
func (s *server) checkRequest(method, path string, body []byte) {
	s.t.Helper()
	op, template := s.operation(method, path)
	if op == nil || op.RequestBody == nil {
		return
	}
	err := contractOf(s.t, s.api.openAPI).check(s.t, body, "paths", template, strings.ToLower(method), "requestBody", "content", "application/json", "schema")
	if err != nil {
		s.t.Errorf("%s %s: the server takes what the document forbids: %v\n%s", method, template, err, body)
	}
}

// TestTheContractForbids holds the document to what the server refuses.
func TestTheContractForbids(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("superoffice", nil)
	webhook := []object{{"webhook": object{"endpoint": endpoint}}}
	for _, c := range []struct {
		path string
		body any
	}{
		{"/changes", object{"ticket": object{"subject": "no number"}}},
		{"/changes", object{"kind": "exploded", "ticket": object{"number": "1"}}},
		{"/changes", object{"ticket": object{"number": "1", "colour": "red"}}},
		{"/changes", object{"ticket": object{"number": "1", "status": []int{1}}}},
		{"/changes", object{"ticket": object{"number": "1", "status": object{"state": "melting"}}}},
		{"/changes", object{"at": "yesterday", "ticket": object{"number": "1"}}},
		{"/changes", object{"actor": object{"role": "king"}, "ticket": object{"number": "1"}}},
		{"/changes", []object{}},
		{"/tickets", object{"number": "1", "tags": []string{""}}},
		{"/tickets", object{"number": "1", "attachments": []object{{"url": "https://example.com"}}}},
		{"/endpoints", object{"name": "x", "url": "https://example.com", "system": "fax"}},
		{"/endpoints", object{"name": "x", "url": "https://example.com", "system": "faveo", "timeout_seconds": 61}},
		{"/endpoints", object{"name": "x", "url": "https://example.com", "system": "faveo", "ordered": "alphabet"}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": []object{}}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": []object{{}}}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": webhook, "fire": "often"}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": webhook, "when": object{"all": []object{{"field": "status", "op": "resembles"}}}}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": webhook, "when": object{"all": []object{{"field": "mood", "op": "is", "value": 1}}}}},
		{"/triggers", object{"name": "x", "system": "superoffice", "then": webhook, "when": object{"each": []object{}}}},
		{"/tokens", object{"name": "x", "scopes": []string{"everything"}}},
	} {
		text, err := json.Marshal(c.body)
		if err != nil {
			t.Fatal(err)
		}
		if s.do(http.MethodPost, Base+c.path, string(text)).status < 400 {
			t.Errorf("POST %s takes %s", c.path, text)
		}
		if contractOf(t, s.api.openAPI).check(t, text, "paths", Base+c.path, "post", "requestBody", "content", "application/json", "schema") == nil {
			t.Errorf("the document allows POST %s with %s", c.path, text)
		}
	}
}

// TestEverySchemaCompiles reads each schema of the document, and each body and
// answer, with the independent validator.
func TestEverySchemaCompiles(t *testing.T) {
	s := newServer(t, func(o *Options) { o.Metrics = http.NotFoundHandler() })
	c := contractOf(t, s.api.openAPI)
	for name := range s.api.huma.OpenAPI().Components.Schemas.Map() {
		c.at(t, "components", "schemas", name)
	}
	for path, item := range s.api.huma.OpenAPI().Paths {
		for _, method := range methods {
			operation := operationOf(item, method)
			if operation == nil {
				continue
			}
			base := []string{"paths", path, strings.ToLower(method)}
			if operation.RequestBody != nil {
				for kind := range operation.RequestBody.Content {
					c.at(t, append(base[:3:3], "requestBody", "content", kind, "schema")...)
				}
			}
			for status, response := range operation.Responses {
				for kind := range response.Content {
					c.at(t, append(base[:3:3], "responses", status, "content", kind, "schema")...)
				}
			}
		}
	}
}
