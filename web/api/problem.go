package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Problem is an error as the API answers it (RFC 9457).
type Problem struct {
	Type   string         `json:"type" doc:"about:blank, since the status says what kind of problem it is"`
	Title  string         `json:"title" doc:"The status in words"`
	Status int            `json:"status" doc:"The HTTP status"`
	Detail string         `json:"detail,omitempty" doc:"What is wrong, as a sentence"`
	Errors []ProblemField `json:"errors,omitempty" doc:"Each thing that is wrong with the request"`

	header http.Header
}

// ProblemField is one thing wrong with a request.
type ProblemField struct {
	Location string `json:"location" doc:"Where: body, query, path or header, and the member, such as body.when.all.0.op"`
	Path     string `json:"path,omitempty" doc:"The member alone, such as when.all.0.op"`
	Message  string `json:"message" doc:"What would be right"`
	Value    any    `json:"value,omitempty" doc:"What was given; never a secret"`
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns headers to answer with.
func (p *Problem) GetHeaders() http.Header { return p.header }

// ContentType returns the media type of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problem(status int, detail string, args ...any) *Problem {
	if len(args) > 0 {
		detail = fmt.Sprintf(detail, args...)
	}
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

func (p *Problem) with(header, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(header, value)
	return p
}

// badQuery is the problem of one query parameter.
func badQuery(name string, value any, want string, args ...any) *Problem {
	if len(args) > 0 {
		want = fmt.Sprintf(want, args...)
	}
	p := problem(http.StatusBadRequest, "query parameter %s %s", name, want)
	p.Errors = []ProblemField{{Location: "query." + name, Path: name, Message: want, Value: value}}
	return p
}

// retryAfter is what clients are told to wait when the ledger cannot be
// written to, in seconds.
const retryAfter = "2"

// statuses maps the sentinels of other packages to HTTP statuses, with the
// sentence that a client sees. The first that fits counts.
var statuses = []struct {
	err    error
	status int
	detail string
}{
	{executionlog.ErrNotFound, http.StatusNotFound, "there is no such thing in this workspace"},
	{executionlog.ErrConflict, http.StatusConflict, "it was changed, or made, by somebody else at the same time; read it again and repeat"},
	{executionlog.ErrState, http.StatusConflict, "its state does not allow this"},
	{executionlog.ErrUnavailable, http.StatusServiceUnavailable, "the database cannot be reached; nothing was written, try again"},
	{executionlog.ErrCursor, http.StatusBadRequest, "the cursor does not belong to this query; begin without one"},
	{dispatcher.ErrTooManySimulations, http.StatusTooManyRequests, "as many simulations run as may; cancel one, or wait until one is done"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "it took too long; try again"},
	{context.Canceled, http.StatusServiceUnavailable, "the request was cancelled"},
}

// problemOf turns an error into the problem that a client sees. What is no
// fault of the client's and not in statuses becomes a bare 500, and known is
// false.
func problemOf(err error) (p *Problem, known bool) {
	var (
		input   *invalid.Error
		syntax  *strictjson.SyntaxError
		inUse   *config.InUseError
		version *config.VersionError
		taken   *config.NameTakenError
	)
	switch {
	case errors.As(err, &p):
		return p, true
	case errors.As(err, &syntax):
		p = problem(http.StatusBadRequest, "%s", syntax.Error())
		p.Errors = []ProblemField{{Location: "body", Message: "must be JSON: " + syntax.Reason}}
		return p, true
	case errors.As(err, &input):
		return problemOfInput(input), true
	case errors.As(err, &inUse):
		p = problem(http.StatusConflict, "%s; change those first", inUse.Error())
		for _, user := range inUse.By {
			p.Errors = append(p.Errors, ProblemField{Location: "path.id", Message: "is used by " + user, Value: user})
		}
		return p, true
	case errors.As(err, &taken):
		p = problem(http.StatusConflict, "%s", taken.Error())
		p.Errors = []ProblemField{{Location: "body.name", Path: "name", Message: "must be the name of no other saved search", Value: taken.Name}}
		return p, true
	case errors.As(err, &version):
		return problem(http.StatusPreconditionFailed, "%s", version.Error()), true
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			p = problem(s.status, "%s", s.detail)
			if s.status == http.StatusServiceUnavailable || s.status == http.StatusTooManyRequests {
				p = p.with("Retry-After", retryAfter)
			}
			if errors.Is(s.err, executionlog.ErrCursor) {
				p.Errors = []ProblemField{{Location: "query.cursor", Path: "cursor", Message: s.detail}}
			}
			return p, true
		}
	}
	return problem(http.StatusInternalServerError, "something went wrong on the server; its log says what"), false
}

func problemOfInput(input *invalid.Error) *Problem {
	p := problem(http.StatusUnprocessableEntity, "%s", input.Error())
	for _, field := range input.Fields {
		location := "body"
		if field.Path != "" {
			location += "." + field.Path
		}
		p.Errors = append(p.Errors, ProblemField{Location: location, Path: field.Path, Message: field.Want, Value: field.Value})
	}
	return p
}

// useProblems makes huma's own errors Problems: parameters that do not fit
// their description are a 400.
var useProblems = sync.OnceFunc(func() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return problemOfHuma(status, message, errs)
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return problemOfHuma(status, message, errs)
	}
})

func problemOfHuma(status int, message string, errs []error) *Problem {
	p := problem(status, "%s", message)
	parameters := len(errs) > 0
	for _, err := range errs {
		var (
			own    *Problem
			detail *huma.ErrorDetail
		)
		switch {
		case errors.As(err, &own):
			return own
		case errors.As(err, &detail):
			path := detail.Location
			if _, rest, ok := strings.Cut(path, "."); ok {
				path = rest
			}
			p.Errors = append(p.Errors, ProblemField{Location: detail.Location, Path: path, Message: detail.Message, Value: detail.Value})
			parameters = parameters && !strings.HasPrefix(detail.Location, "body")
		}
	}
	if status == http.StatusUnprocessableEntity && parameters {
		first := p.Errors[0]
		p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
		p.Detail = first.Location + ": " + first.Message
	}
	if status >= http.StatusInternalServerError {
		p.Detail, p.Errors = "something went wrong on the server; its log says what", nil
	}
	return p
}

// writeProblem answers with a problem outside of huma.
func writeProblem(w http.ResponseWriter, p *Problem) {
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
