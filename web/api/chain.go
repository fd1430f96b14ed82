package api

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// ChainHeader is what requests carry that are part of something larger.
type ChainHeader struct {
	Chain string `header:"Webhook-Chain" doc:"As a delivery carried it, when the request is its consequence; it continues the causal chain, in which a trigger fires once for a ticket"`
	Trace string `header:"traceparent" doc:"W3C Trace Context: what follows from the request belongs to the caller's trace. What cannot be read is ignored"`
}

// join returns a context whose changes belong to the caller's trace.
func (h ChainHeader) join(ctx context.Context) context.Context {
	if trace, ok := dispatcher.ParseTraceParent(h.Trace); ok {
		return dispatcher.WithTrace(ctx, trace)
	}
	return ctx
}

var chainID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// maxChainDepth is the deepest chain that a header may claim.
const maxChainDepth = 1_000_000

// chain returns the chain that a request continues, one step deeper than the
// delivery that led to it; nil where the header is missing.
func (h ChainHeader) chain() (*ticket.Chain, error) {
	if h.Chain == "" {
		return nil, nil //nolint:nilnil // no header is no chain, and no error
	}
	id, text, ok := strings.Cut(h.Chain, ";")
	depth, err := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(text), "depth="))
	id = strings.TrimSpace(id)
	if !ok || err != nil || depth < 0 || depth > maxChainDepth || !chainID.MatchString(id) {
		p := problem(http.StatusBadRequest, "the header Webhook-Chain must be as a delivery carried it, such as chn_01c3vq0rk8g7a;depth=1")
		p.Errors = []ProblemField{{Location: "header.Webhook-Chain", Path: "Webhook-Chain", Message: "must be an id, a semicolon and a depth"}}
		return nil, p
	}
	return &ticket.Chain{ID: id, Depth: depth + 1}, nil
}
