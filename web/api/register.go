package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
)

// Sizes of request bodies, in bytes.
const (
	maxConfigBody = 1 << 20
	maxChangeBody = 5 << 20
	maxBatchBody  = 32 << 20
	maxDiscarded  = 64 << 20 // read and thrown away of a body that is too large
)

// operation describes one operation.
type operation struct {
	method, path string // path below Base, or absolute with root
	root         bool
	id           string
	summary      string
	description  string
	tag          string
	scope        config.Scope // empty: no token is needed
	status       int          // of success, 200 if 0
	// body is a value of the type that the body has, nil where there is none.
	body     any
	optional bool // the body may be left out
	// bodies are further media types of the body, with a value of their type.
	bodies  map[string]any
	maxBody int64
	// also describes further successful answers.
	also map[int]string
}

// register adds an operation. Errors of handle become problems by the table
// in problem.go.
func register[I, O any](a *api, op operation, handle func(context.Context, caller, *I) (*O, error)) {
	path := Base + op.path
	if op.root {
		path = op.path
	}
	described := huma.Operation{
		OperationID: op.id, Method: op.method, Path: path, Summary: op.summary, Description: op.description,
		Tags: []string{op.tag}, DefaultStatus: op.status, MaxBodyBytes: op.maxBody, Metadata: map[string]any{},
		Errors:   errorsOf(op, reflect.TypeFor[I]()),
		Security: anonymous,
	}
	if op.scope != "" {
		described.Metadata[scopeKey] = op.scope
		described.Security = []map[string][]string{{bearer: {}}}
		described.Parameters = []*huma.Param{{
			Name: workspaceHeader, In: "header", Schema: &huma.Schema{Type: "string"},
			Description: "The workspace, for an administrator's token; others have their own only.",
		}}
	}
	if described.MaxBodyBytes == 0 {
		described.MaxBodyBytes = maxConfigBody
	}
	huma.Register(a.huma, described, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, callerOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, op.id, named(err, op.path, in))
		}
		return out, nil
	})
	a.documentBody(op, path)
}

// fail returns the problem of an error, and logs what the client is not told.
func (a *api) fail(ctx context.Context, operation string, err error) error {
	p, known := problemOf(err)
	if !known {
		a.log.ErrorContext(ctx, "a request failed", "operation", operation, "error", err)
	}
	return p
}

// documentBody adds what huma must not know about the body, since it would
// decode it by itself.
func (a *api) documentBody(op operation, path string) {
	described := a.described(op.method, path)
	for status, text := range op.also {
		success := described.Responses[strconv.Itoa(max(op.status, http.StatusOK))]
		also := &huma.Response{Description: text}
		if success != nil {
			also.Content = success.Content
		}
		described.Responses[strconv.Itoa(status)] = also
	}
	if op.body == nil {
		return
	}
	body := &huma.RequestBody{Required: !op.optional, Content: map[string]*huma.MediaType{
		"application/json": {Schema: a.schema(op.body), Example: examples[op.id]},
	}}
	for mediaType, value := range op.bodies {
		body.Content[mediaType] = &huma.MediaType{Schema: a.schema(value)}
	}
	described.RequestBody = body
}

func (a *api) described(method, path string) *huma.Operation {
	return operationOf(a.huma.OpenAPI().Paths[path], method)
}

// schema returns a schema given as such, else the schema of the value's type.
func (a *api) schema(value any) *huma.Schema {
	switch value := value.(type) {
	case *huma.Schema:
		return value
	case component:
		return value.schema()
	}
	return a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeOf(value), true, "")
}

// documentPlain describes an operation that huma does not serve.
func (a *api) documentPlain(method, path, id, summary, mediaType string, schema *huma.Schema) {
	a.huma.OpenAPI().AddOperation(&huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary, Tags: []string{"operations"}, Security: anonymous,
		Responses: map[string]*huma.Response{
			"200": {Description: "OK", Content: map[string]*huma.MediaType{mediaType: {Schema: schema}}},
			"405": {Description: "Another method", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: a.schema(Problem{})}}},
		},
	})
}

// anonymous is the security of operations that need no token.
var anonymous = []map[string][]string{{}}

// Payload is a request's body as it came. It is part of inputs.
type Payload struct{ raw []byte }

// Resolve reads the body, up to the operation's limit.
func (p *Payload) Resolve(ctx huma.Context) []error {
	limit := ctx.Operation().MaxBodyBytes
	if kind := mediaType(ctx.Header("Content-Type")); kind != "" && !readable(kind) {
		return []error{problem(http.StatusUnsupportedMediaType, "the body must be application/json, not %s", kind)}
	}
	raw, err := io.ReadAll(io.LimitReader(ctx.BodyReader(), limit+1))
	var tooLarge *http.MaxBytesError
	switch {
	case int64(len(raw)) > limit || errors.As(err, &tooLarge):
		// Many clients read the answer only when all is sent.
		_, _ = io.Copy(io.Discard, io.LimitReader(ctx.BodyReader(), maxDiscarded))
		return []error{problem(http.StatusRequestEntityTooLarge, "the body must be at most %d bytes", limit)}
	case err != nil:
		return []error{problem(http.StatusBadRequest, "the body could not be read to its end")}
	}
	p.raw = raw
	return nil
}

func mediaType(header string) string {
	kind, _, _ := strings.Cut(header, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func readable(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json") || lined(kind) ||
		kind == "application/octet-stream" || kind == "application/x-www-form-urlencoded" || kind == "text/plain"
}

// lined reports whether a media type has one JSON value on each line.
func lined(kind string) bool {
	switch kind {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/json-lines":
		return true
	}
	return false
}

// empty reports whether there is no body.
func (p *Payload) empty() bool { return len(strings.TrimSpace(string(p.raw))) == 0 }

// decode reads the body into target, strictly.
func (p *Payload) decode(target any) error { return strictjson.Unmarshal(p.raw, target) }

// checked returns an error that says that the body is no JSON, before decoders
// see it that tell malformed from unfitting input no better.
func (p *Payload) checked() ([]byte, error) {
	if _, err := strictjson.Parse(p.raw); err != nil {
		return nil, err
	}
	return p.raw, nil
}

// out is an answer with a body.
type out[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// made is the answer to something created.
type made[T any] struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     T
}

func answer[T any](body T) *out[T] { return &out[T]{Body: body} }

// none is an answer without a body.
type none struct{}

// etag is the entity tag of a version.
func etag(version int) string { return fmt.Sprintf(`"%d"`, version) }

// Precondition is the condition of a change: the version that the caller read.
type Precondition struct {
	IfMatch string `header:"If-Match" doc:"The ETag that was read; another version answers 412"`
}

func (m Precondition) expect() (int, error) {
	text := strings.TrimPrefix(strings.TrimSpace(m.IfMatch), "W/")
	if text == "" || text == "*" {
		return config.AnyVersion, nil
	}
	version, err := strconv.Atoi(strings.Trim(text, `"`))
	if err != nil || version < 1 {
		p := problem(http.StatusBadRequest, "If-Match must be an ETag of this API")
		p.Errors = []ProblemField{{Location: "header.If-Match", Path: "If-Match", Message: "must be an ETag of this API"}}
		return 0, p
	}
	return version, nil
}

// decodeOptional reads the body into target if there is one.
func (p *Payload) decodeOptional(target any) error {
	if p.empty() {
		return nil
	}
	return p.decode(target)
}
