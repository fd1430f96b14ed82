package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/triggers/jsontree"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// maxBatch is how many changes one request may hold.
const maxBatch = 1000

// receipt is the answer to an accepted change.
type receipt struct {
	ID         string   `json:"id" doc:"Of the change"`
	Ticket     string   `json:"ticket" doc:"Its number"`
	Deliveries []string `json:"deliveries" nullable:"false" doc:"Ids of the deliveries that follow"`
	Fired      []string `json:"fired" nullable:"false" doc:"Ids of the triggers that fired"`
	Duplicate  bool     `json:"duplicate,omitempty" doc:"The id was accepted before; this is the receipt of then"`
	Reply      string   `json:"reply,omitempty" doc:"Id of the reply, where the operation is about one"`
	Note       string   `json:"note,omitempty" doc:"Id of the note, where the operation is about one"`
}

// receipts is the answer to many changes.
type receipts struct {
	Items []batchItem `json:"items" nullable:"false"`
}

// batchItem is what became of one of many changes: a receipt, or an error.
type batchItem struct {
	Index      int      `json:"index" doc:"Its place in the request, from 0"`
	Status     int      `json:"status" doc:"202, or the status that the change would have had alone"`
	ID         string   `json:"id,omitempty"`
	Ticket     string   `json:"ticket,omitempty"`
	Deliveries []string `json:"deliveries,omitzero" nullable:"false"`
	Fired      []string `json:"fired,omitzero" nullable:"false"`
	Duplicate  bool     `json:"duplicate,omitempty"`
	Error      *Problem `json:"error,omitempty"`
}

// changeAnswer is a receipt, or receipts.
type changeAnswer struct {
	Status int
	Body   any
}

// changeView is a change as it is shown.
type changeView struct {
	ID         string          `json:"id"`
	Ticket     string          `json:"ticket"`
	Kind       string          `json:"kind"`
	At         time.Time       `json:"at" doc:"When it happened"`
	AcceptedAt time.Time       `json:"accepted_at"`
	Key        string          `json:"key,omitempty" doc:"The caller's own id of it"`
	Chain      string          `json:"chain,omitempty"`
	Depth      int             `json:"depth"`
	Fired      []string        `json:"fired" nullable:"false"`
	Deliveries []string        `json:"deliveries" nullable:"false"`
	Change     json.RawMessage `json:"change,omitempty" doc:"The whole change: the ticket before and after it, the reply or note; left out in lists"`
}

type submitInput struct {
	ChainHeader
	ContentType string `header:"Content-Type"`
	Payload     Payload
}

type changeQuery struct {
	PageQuery
	Ticket string `query:"ticket" doc:"The ticket's number, exactly"`
	From   string `query:"from" doc:"Of the acceptance; inclusive"`
	To     string `query:"to" doc:"Exclusive"`
	Order  string `query:"order" enum:"newest,oldest" default:"newest"`
}

func (a *api) changeRoutes() {
	const tag = "changes"
	register(a, operation{
		method: http.MethodPost, path: "/changes", id: "submit-changes", tag: tag, scope: config.ScopeIngest, status: http.StatusAccepted,
		summary: "Submit a change, or many",
		description: "The body is one change, an array of changes, or one change per line, for which Content-Type is application/x-ndjson. " +
			"One change is answered with its receipt. Many are answered with items, one for each in order: 202 when all were accepted, " +
			"207 when some met a conflict, and a problem when none was. All are read first: where one cannot be read or does not fit, " +
			"none is accepted, and the problem names its place. Each change is accepted wholly or not at all, and those of one ticket " +
			"in their order. A change with an id that was accepted before is answered with the receipt of then.",
		body: &huma.Schema{OneOf: []*huma.Schema{changeInput.schema(), {Type: "array", Items: changeInput.schema(), MinItems: new(1), MaxItems: new(maxBatch)}}},
		bodies: map[string]any{
			"application/x-ndjson": &huma.Schema{Type: "string", Description: "One ChangeInput per line"},
		},
		maxBody: maxBatchBody,
		also:    map[int]string{http.StatusMultiStatus: "Some of the changes were accepted"},
	}, a.submitChanges)
	a.described(http.MethodPost, Base+"/changes").RequestBody.Content["application/x-ndjson"].Example = changeLines
	a.described(http.MethodPost, Base+"/changes").Responses["202"].Content["application/json"].Schema = &huma.Schema{
		OneOf: []*huma.Schema{a.schema(receipt{}), a.schema(receipts{})},
	}
	a.described(http.MethodPost, Base+"/changes").Responses["207"].Content = map[string]*huma.MediaType{"application/json": {Schema: a.schema(receipts{})}}
	register(a, operation{
		method: http.MethodGet, path: "/changes", id: "list-changes", tag: tag, scope: config.ScopeRead, summary: "List changes",
	}, a.listChanges)
	register(a, operation{
		method: http.MethodGet, path: "/changes/{id}", id: "get-change", tag: tag, scope: config.ScopeRead, summary: "Read a change",
	}, a.getChange)
	register(a, operation{
		method: http.MethodGet, path: "/changes/{id}/verdicts", id: "list-verdicts", tag: tag, scope: config.ScopeRead,
		summary: "See, for every trigger, whether a change fired it and why",
	}, a.listVerdicts)
}

func (a *api) submitChanges(ctx context.Context, who caller, in *submitInput) (*changeAnswer, error) {
	ctx = in.join(ctx)
	chain, err := in.chain()
	if err != nil {
		return nil, err
	}
	texts, many, err := splitChanges(in.Payload.raw, mediaType(in.ContentType))
	if err != nil {
		return nil, err
	}
	if !many {
		if len(texts[0]) > maxChangeBody {
			return nil, problem(http.StatusRequestEntityTooLarge, "one change must be at most %d bytes", maxChangeBody)
		}
		accepted, err := a.submitOne(ctx, who, chain, func() (*ticket.Input, error) { return decodeChange(texts[0]) })
		if err != nil {
			return nil, err
		}
		return &changeAnswer{Status: http.StatusAccepted, Body: accepted}, nil
	}
	if err := a.withinRate(who, len(texts)); err != nil {
		return nil, err
	}
	return a.submitMany(ctx, who, chain, texts)
}

// decodeChange reads one change. What is no JSON at all is told from what does
// not fit.
func decodeChange(text []byte) (*ticket.Input, error) {
	in, err := ticket.DecodeInput(text)
	return in, orMalformed(text, err)
}

func orMalformed(text []byte, err error) error {
	if err == nil {
		return nil
	}
	if _, malformed := (&Payload{raw: text}).checked(); malformed != nil {
		return malformed
	}
	return err
}

// splitChanges returns the changes of a body, and whether it is a list.
func splitChanges(body []byte, kind string) (texts [][]byte, many bool, err error) {
	trimmed := bytes.TrimSpace(body)
	count := 0
	switch {
	case lined(kind) || linedBody(trimmed):
		texts, count = splitLines(body)
	case len(trimmed) > 0 && trimmed[0] == '[':
		texts, count, err = elements(trimmed)
	default:
		return [][]byte{trimmed}, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	if count == 0 || count > maxBatch {
		return nil, true, invalid.New("", count, "must have 1 to %d changes", maxBatch)
	}
	return texts, true, nil
}

// linedBody reports whether a body has one change per line although its media
// type does not say so: its first line is an object and not all there is.
func linedBody(trimmed []byte) bool {
	first, _, more := bytes.Cut(trimmed, []byte("\n"))
	return more && len(first) > 0 && first[0] == '{' && json.Valid(first)
}

// elements returns the first changes of a JSON list, not yet parsed, and how
// many it has, or says what keeps the body from being one.
func elements(list []byte) (texts [][]byte, count int, err error) {
	texts, count, ok := jsontree.Split(list, maxBatch)
	if !ok {
		_, malformed := (&Payload{raw: list}).checked()
		return nil, 0, malformed
	}
	return texts, count, nil
}

// splitLines returns the first lines that are not empty, and how many there are.
func splitLines(body []byte) (texts [][]byte, count int) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if count++; count <= maxBatch {
			texts = append(texts, line)
		}
	}
	return texts, count
}

func (a *api) submitMany(ctx context.Context, who caller, chain *ticket.Chain, texts [][]byte) (*changeAnswer, error) {
	items := make([]batchItem, len(texts))
	var inputs []*ticket.Input
	var places []int
	for i, text := range texts {
		items[i].Index = i
		in, err := decodeChange(text)
		if err != nil {
			items[i].fail(a.fail(ctx, "submit-changes", err))
			continue
		}
		in.Chain = chain
		inputs, places = append(inputs, in), append(places, i)
	}
	if len(inputs) < len(items) {
		return nil, refusal(items)
	}
	for j, submitted := range a.Desk.Submit(ctx, who.workspace, inputs) {
		item := &items[places[j]]
		accepted, err := a.receiptOf(ctx, who, submitted)
		if err != nil {
			item.fail(a.fail(ctx, "submit-changes", err))
			continue
		}
		item.Status, item.ID, item.Ticket, item.Duplicate = http.StatusAccepted, accepted.ID, accepted.Ticket, accepted.Duplicate
		item.Deliveries, item.Fired = accepted.Deliveries, accepted.Fired
	}
	return batchAnswer(items)
}

func (i *batchItem) fail(err error) {
	if p, ok := errors.AsType[*Problem](err); ok {
		i.Status, i.Error = p.Status, p
	}
}

// batchAnswer is 202 when all were accepted and 207 when some were. When none
// was, it is the problem of the first with the errors of all.
func batchAnswer(items []batchItem) (*changeAnswer, error) {
	switch failed := failures(items); len(failed) {
	case 0:
		return &changeAnswer{Status: http.StatusAccepted, Body: receipts{items}}, nil
	case len(items):
		return nil, refusal(items)
	default:
		return &changeAnswer{Status: http.StatusMultiStatus, Body: receipts{items}}, nil
	}
}

func failures(items []batchItem) []batchItem {
	var failed []batchItem
	for _, item := range items {
		if item.Error != nil {
			failed = append(failed, item)
		}
	}
	return failed
}

// refusal is the problem of a batch of which nothing was accepted: what is
// wrong with each that failed, by its place.
func refusal(items []batchItem) *Problem {
	failed := failures(items)
	first := failed[0]
	p := problem(first.Error.Status, "none of the %d changes was accepted; the one at %d: %s", len(items), first.Index, first.Error.Detail)
	p.header = first.Error.header
	for _, item := range failed {
		for _, field := range item.Error.Errors {
			field.Path = invalid.Join(strconv.Itoa(item.Index), field.Path)
			field.Location = "body." + field.Path
			p.Errors = append(p.Errors, field)
		}
	}
	return p
}

// submitOne submits what decode reads.
func (a *api) submitOne(ctx context.Context, who caller, chain *ticket.Chain, decode func() (*ticket.Input, error)) (*receipt, error) {
	in, err := decode()
	if err != nil {
		return nil, err
	}
	if err := a.withinRate(who, 1); err != nil {
		return nil, err
	}
	in.Chain = chain
	results := a.Desk.Submit(ctx, who.workspace, []*ticket.Input{in})
	if len(results) != 1 {
		return nil, fmt.Errorf("submit change: %d results for one input", len(results))
	}
	return a.receiptOf(ctx, who, results[0])
}

func (a *api) receiptOf(ctx context.Context, who caller, submitted dispatcher.Submitted) (*receipt, error) {
	if duplicate, ok := errors.AsType[*executionlog.DuplicateError](submitted.Err); ok {
		change, err := a.Ledger.Change(ctx, who.workspace, duplicate.ChangeID)
		if err != nil {
			return nil, err
		}
		return &receipt{
			ID: change.ID, Ticket: change.Ticket, Deliveries: textsOf(change.Deliveries), Fired: textsOf(change.Fired), Duplicate: true,
		}, nil
	}
	if submitted.Err != nil {
		return nil, submitted.Err
	}
	r := submitted.Receipt
	return &receipt{ID: r.ID, Ticket: r.Ticket, Deliveries: textsOf(r.Deliveries), Fired: textsOf(r.Fired), Duplicate: r.Duplicate}, nil
}

func (a *api) withinRate(who caller, n int) error {
	workspace, err := a.Config.Workspace(who.workspace)
	if err != nil {
		return err
	}
	if !a.limits.allow(who.workspace, workspace.Limits.ChangesPerSecond, n) {
		return problem(http.StatusTooManyRequests, "the workspace may submit %g changes per second", workspace.Limits.ChangesPerSecond).with("Retry-After", "1")
	}
	return nil
}

func viewChange(c *executionlog.Change) changeView {
	return changeView{
		ID: c.ID, Ticket: c.Ticket, Kind: c.Kind, At: c.At.UTC(), AcceptedAt: c.AcceptedAt.UTC(), Key: c.Key,
		Chain: c.Chain, Depth: c.Depth, Fired: textsOf(c.Fired), Deliveries: textsOf(c.Deliveries),
	}
}

func (a *api) listChanges(ctx context.Context, who caller, in *changeQuery) (*out[page[changeView]], error) {
	from, to, err := parseRange(in.From, in.To, a.now())
	if err != nil {
		return nil, err
	}
	found, err := a.Ledger.Changes(ctx, executionlog.ChangeQuery{
		Workspace: who.workspace, Ticket: in.Ticket, From: from, To: to, Oldest: in.Order == "oldest", Limit: in.Limit, Cursor: in.Cursor,
	})
	if err != nil {
		return nil, err
	}
	return answer(pageOf(found, viewChange)), nil
}

func (a *api) getChange(ctx context.Context, who caller, in *IDPath) (*out[changeView], error) {
	found, err := a.Ledger.Change(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	view := viewChange(found)
	view.Change = jsonOrNil(found.Doc)
	return answer(view), nil
}

func (a *api) listVerdicts(ctx context.Context, who caller, in *IDPath) (*out[page[triggers.Verdict]], error) {
	verdicts, err := a.Desk.Verdicts(ctx, who.workspace, in.ID)
	if err != nil {
		return nil, err
	}
	if verdicts == nil {
		verdicts = []triggers.Verdict{}
	}
	return answer(page[triggers.Verdict]{Items: verdicts}), nil
}
