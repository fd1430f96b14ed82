package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// OpenAPI returns the description of the API as it is served at /openapi.json,
// without anything that serves it. Of the options only Systems and Version
// count, and Metrics, without which /metrics is left out.
func OpenAPI(options Options) []byte {
	a, _ := build(options)
	return a.openAPI
}

// serveDescription makes the OpenAPI document once, and serves it.
func (a *api) serveDescription(router *mux.Router) {
	a.documentPlain(http.MethodGet, "/openapi.json", "get-openapi", "Read this document", "application/json", &huma.Schema{Type: "object", AdditionalProperties: true})
	if a.Metrics != nil {
		a.documentPlain(http.MethodGet, "/metrics", "get-metrics", "Read metrics for Prometheus", "text/plain", &huma.Schema{Type: "string"})
		router.Handle("/metrics", a.Metrics).Methods(http.MethodGet)
	}
	a.finish()
	document, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		panic(fmt.Sprintf("encode the OpenAPI document: %v", err)) // the code's own data
	}
	a.openAPI = document
	router.HandleFunc("/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(a.openAPI)
	}).Methods(http.MethodGet)
}

// finish adds what is known only when every operation is there.
func (a *api) finish() {
	schemas := a.huma.OpenAPI().Components.Schemas.Map()
	delete(schemas, "TriggerBody") // TriggerInput says more
	schemas["ChangeView"].Properties["change"] = component("Change").schema()
	for name, schema := range schemas {
		describeMembers(name, schema)
	}
	for name, text := range schemaTexts {
		if schema := schemas[name]; schema != nil && schema.Description == "" {
			schema.Description = text
		}
	}
	answers := recordedAnswers()
	for _, item := range a.huma.OpenAPI().Paths {
		for _, method := range methods {
			if op := operationOf(item, method); op != nil {
				finishOperation(op, answers[op.OperationID])
			}
		}
	}
}

// describeMembers gives members the descriptions of descriptions.go that their
// Go type has none for.
func describeMembers(name string, schema *huma.Schema) {
	for member, property := range schema.Properties {
		if property.Description == "" {
			property.Description = descriptionOf(name, member)
		}
	}
	for _, branch := range slices.Concat(schema.OneOf, schema.AnyOf) {
		describeMembers(name, branch)
	}
}

// descriptionOf finds the description of a member of a schema, or of the schema
// that it is a view, a draft or a change of, or of members of that name.
func descriptionOf(schema, member string) string {
	for _, name := range append([]string{schema}, relatives(schema)...) {
		if text := memberTexts[name+"."+member]; text != "" {
			return text
		}
	}
	return memberTexts[member]
}

// relatives are the names of the schemas that share the members of one.
func relatives(schema string) []string {
	switch schema {
	case "ReferenceInput":
		return []string{"Ref"}
	case "ChangeInputTicket":
		return []string{"Ticket"}
	case "SystemRetry":
		return []string{"Retry"}
	case "WorkspaceBodyLimitsStruct":
		return []string{"WorkspaceLimits"}
	case "WorkspaceBodyRetentionStruct":
		return []string{"Retention"}
	}
	for _, suffix := range []string{"Input", "Patch", "Draft", "View", "Body", "Detail", "Query"} {
		if base, ok := strings.CutSuffix(schema, suffix); ok {
			return append([]string{base}, relatives(base)...)
		}
	}
	return nil
}

// finishOperation completes the description, the headers and the examples.
func finishOperation(op *huma.Operation, answers map[string]any) {
	op.Description = strings.TrimSpace(op.Description + " " + generalText(op))
	// The media type is not a parameter in OpenAPI's sense.
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "header" && p.Name == "Content-Type" })
	for _, parameter := range op.Parameters {
		if parameter.Description == "" {
			parameter.Description = parameterTexts[parameter.Name]
		}
		if parameter.Description == "" {
			parameter.Description = memberTexts[parameter.Name]
		}
	}
	for status, response := range op.Responses {
		describeHeaders(status, response)
		for kind, media := range response.Content {
			if media.Example == nil && kind != "application/problem+json" {
				media.Example = answers[status]
			}
		}
	}
}

// generalText says what holds for operations of a kind.
func generalText(op *huma.Operation) string {
	var texts []string
	if scope, ok := op.Metadata[scopeKey].(config.Scope); ok {
		texts = append(texts, fmt.Sprintf("Needs a token with the scope %s.", scope))
	} else {
		texts = append(texts, "Needs no token.")
	}
	has := func(name string) bool {
		return slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.Name == name })
	}
	if has("cursor") {
		texts = append(texts, "Answers one page; next_cursor of a page asks for the next.")
	}
	if has("If-Match") {
		texts = append(texts, "With If-Match it happens only to the version that was read.")
	}
	return strings.Join(texts, " ")
}

// describeHeaders adds the headers of problems, and says what the others are.
func describeHeaders(status string, response *huma.Response) {
	add := func(name, text, example string) {
		if response.Headers == nil {
			response.Headers = map[string]*huma.Param{}
		}
		response.Headers[name] = &huma.Header{Description: text, Schema: &huma.Schema{Type: "string"}, Example: example}
	}
	switch status {
	case strconv.Itoa(http.StatusUnauthorized):
		add("WWW-Authenticate", "The scheme that a token goes by", `Bearer realm="hookdesk"`)
	case strconv.Itoa(http.StatusTooManyRequests), strconv.Itoa(http.StatusServiceUnavailable):
		add("Retry-After", "How many seconds to wait", retryAfter)
	}
	for name, text := range map[string]string{
		"ETag": "The version, for If-Match", "Location": "The path of what was made", "Content-Type": "The media type of the body",
	} {
		if header := response.Headers[name]; header != nil {
			header.Description = text
		}
	}
	delete(response.Headers, "Content-Type") // which OpenAPI says by itself
	if len(response.Headers) == 0 {
		response.Headers = nil
	}
}

// errorsOf lists the statuses of problems that an operation may answer.
func errorsOf(op operation, in reflect.Type) []int {
	statuses := []int{http.StatusBadRequest, http.StatusInternalServerError}
	if op.scope != "" {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable)
	}
	if op.method != http.MethodGet {
		statuses = append(statuses, http.StatusConflict, http.StatusUnprocessableEntity)
	}
	if _, conditional := in.FieldByName("Precondition"); conditional {
		statuses = append(statuses, http.StatusPreconditionFailed)
	}
	if op.body != nil {
		statuses = append(statuses, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if op.scope == config.ScopeIngest || op.id == "start-simulation" {
		statuses = append(statuses, http.StatusTooManyRequests)
	}
	slices.Sort(statuses)
	return statuses
}

func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
}
