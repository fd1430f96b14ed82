package console

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/console/chart"
	"github.com/hookdesk/hookdesk/web/inspect"
)

func deliveryRoutes(get, post registrar) {
	get("/deliveries", listDeliveries)
	get("/deliveries/{id}", showDelivery)
	post("/deliveries/{id}/redeliver", redeliver)
	post("/deliveries/{id}/cancel", cancelDelivery)
	post("/deliveries/{id}/doctor", askDoctor)
}

// deliveryPage is one delivery with all its attempts.
type deliveryPage struct {
	*executionlog.Delivery
	EndpointName  string
	TriggerName   string
	Request       *executionlog.Request
	Attempts      []attemptView
	Verdict       *triggers.Verdict // why its trigger fired; nil where it has none, or it is gone
	Signature     *signatureView
	Curl          string
	Repeats       []*executionlog.Delivery // redeliveries of this one
	EndpointState triggers.EndpointState   // empty where it is gone
	Held          string                   // what holds up a pending one; empty: nothing but its time
	Late          bool                     // its time is over
}

// attemptView is one attempt as the page shows it, with what differs from the
// one before.
type attemptView struct {
	*executionlog.Attempt
	Spans       []chart.Span
	Differences []inspect.AttemptDifference
}

func showDelivery(r *request) error { return r.deliveryPage(r.segment("id"), nil) }

// deliveryPage shows a delivery, with what a receiver made of it or nil.
func (r *request) deliveryPage(id string, asked *inspect.Receiver) error {
	ctx, workspace := r.Context(), r.session.Workspace
	delivery, err := r.Ledger.Delivery(ctx, workspace, id)
	if err != nil {
		return err
	}
	page := &deliveryPage{
		Delivery: delivery, EndpointName: r.endpointName(delivery.Endpoint), TriggerName: r.triggerName(delivery.Trigger),
	}
	if endpoint := r.Config.Endpoint(delivery.Endpoint); endpoint != nil {
		page.EndpointState = endpoint.State
	}
	if delivery.Outcome == executionlog.Pending {
		page.Held, page.Late = r.inspect.Held(delivery), delivery.DueAt.Before(r.Now())
	}
	if page.Request, err = r.Ledger.Request(ctx, workspace, id); err != nil && !errors.Is(err, executionlog.ErrNotFound) {
		return fmt.Errorf("load request: %w", err)
	}
	attempts, err := r.Ledger.Attempts(ctx, workspace, id)
	if err != nil {
		return fmt.Errorf("load attempts: %w", err)
	}
	for i, a := range attempts {
		page.Attempts = append(page.Attempts, attemptView{a, timingSpans(a), inspect.Differences(attempts[max(0, i-1) : i+1])})
	}
	if page.Verdict, err = r.inspect.Verdict(ctx, delivery); err != nil {
		return err
	}
	if page.Request != nil {
		page.Signature = r.explainSignature(delivery, page.Request, attempts, asked)
		if page.Curl, err = r.Desk.Curl(ctx, workspace, id); err != nil {
			page.Curl = ""
		}
	}
	if page.Repeats, err = r.repeats(delivery); err != nil {
		return err
	}
	return r.show("delivery", "log", "Delivery "+id, page)
}

// repeats finds the redeliveries of a delivery among those of its change.
func (r *request) repeats(of *executionlog.Delivery) ([]*executionlog.Delivery, error) {
	if of.Change == "" {
		return nil, nil
	}
	const most = 100
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{
		Workspace: of.Workspace, Change: of.Change, Endpoint: of.Endpoint, Limit: most,
	})
	if err != nil {
		return nil, fmt.Errorf("list redeliveries: %w", err)
	}
	var repeats []*executionlog.Delivery
	for _, d := range found.Items {
		if d.RedeliveryOf == of.ID {
			repeats = append(repeats, d)
		}
	}
	return repeats, nil
}

// timingSpans splits an attempt's duration into its steps.
func timingSpans(a *executionlog.Attempt) []chart.Span {
	if a.Detail == nil {
		return nil
	}
	t := a.Detail.Timings
	micro := func(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
	before := t.DNS + t.Connect + t.TLS
	wait := max(0, t.FirstByte-before)
	if t.FirstByte == 0 {
		wait = max(0, t.Total-before)
	}
	return chart.Spans([]chart.Span{
		{Class: "dns", Name: "name lookup", Took: micro(t.DNS)},
		{Class: "connect", Name: "connection", Took: micro(t.Connect)},
		{Class: "tls", Name: "TLS", Took: micro(t.TLS)},
		{Class: "wait", Name: "waiting for the answer", Took: micro(wait)},
		{Class: "read", Name: "reading the answer", Took: micro(max(0, t.Total-before-wait))},
	})
}

func redeliver(r *request) error {
	id := r.segment("id")
	made, err := r.Desk.Redeliver(r.Context(), r.session.Workspace, id)
	if err != nil {
		return err
	}
	text := "Sent again, as a new delivery of the same event."
	if endpoint := r.Config.Endpoint(made.Endpoint); endpoint != nil && endpoint.State != triggers.EndpointActive {
		text += " The endpoint stays " + string(endpoint.State) + ": nothing else goes out."
	}
	r.doneLink(text, "/deliveries/"+id, "Back to the first one")
	return r.redirect("/deliveries/" + made.ID)
}

func cancelDelivery(r *request) error {
	id := r.segment("id")
	if err := r.Desk.Cancel(r.Context(), r.session.Workspace, id); err != nil {
		return err
	}
	r.done("Cancelled. Nothing more is sent for this delivery.")
	return r.redirect("/deliveries/" + id)
}

// deliveriesPage lists deliveries; the log lists their attempts.
type deliveriesPage struct {
	Query   executionlog.DeliveryQuery
	Rows    []deliveryRow
	Next    string
	Outcome []string

	Endpoints, Triggers []choice
}

// Filtered reports whether the list is narrowed.
func (p *deliveriesPage) Filtered() bool {
	all := executionlog.DeliveryQuery{Workspace: p.Query.Workspace, Limit: p.Query.Limit, Cursor: p.Query.Cursor}
	return p.Query != all
}

// deliveryRow is one delivery with the names behind its ids.
type deliveryRow struct {
	*executionlog.Delivery
	EndpointName string
	TriggerName  string
	Held         string // what holds up a pending one; empty: nothing but its time
}

func listDeliveries(r *request) error {
	values := r.URL.Query()
	query := executionlog.DeliveryQuery{
		Workspace: r.session.Workspace, Ticket: values.Get("ticket"), Change: values.Get("change"),
		Trigger: values.Get("trigger"), Endpoint: values.Get("endpoint"), System: values.Get("system"),
		Event: values.Get("event"), Outcome: executionlog.Outcome(values.Get("outcome")), Replay: values.Get("replay"),
		Limit: logPageSize, Cursor: values.Get("cursor"),
	}
	found, err := r.Ledger.ListDeliveries(r.Context(), query)
	if err != nil {
		return err
	}
	page := &deliveriesPage{Query: query, Rows: r.deliveryRows(found.Items), Outcome: []string{"pending", "succeeded", "failed", "cancelled"}}
	page.Endpoints, page.Triggers = r.endpointChoices(), r.triggerChoices()
	if found.Next != "" {
		values.Set("cursor", found.Next)
		page.Next = values.Encode()
	}
	return r.show("deliveries", "log", "Deliveries", page)
}

func (r *request) deliveryRows(deliveries []*executionlog.Delivery) []deliveryRow {
	type kind struct {
		endpoint  string
		onRequest bool
	}
	held := map[kind]string{} // all pending ones of a kind wait for the same
	rows := make([]deliveryRow, len(deliveries))
	for i, d := range deliveries {
		rows[i] = deliveryRow{Delivery: d, EndpointName: r.endpointName(d.Endpoint), TriggerName: r.triggerName(d.Trigger)}
		if d.Outcome != executionlog.Pending {
			continue
		}
		of := kind{d.Endpoint, d.OnRequest()}
		if _, known := held[of]; !known {
			held[of] = briefly(r.inspect.Held(d))
		}
		rows[i].Held = held[of]
	}
	return rows
}

// briefly leaves out of a text what stands in brackets and behind them: the
// page of the delivery says it.
func briefly(text string) string {
	if brief, _, more := strings.Cut(text, " ("); more {
		return brief + "."
	}
	return text
}
