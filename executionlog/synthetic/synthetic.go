// Package synthetic fills a ledger with attempts that look like a month of
// real ones, for measuring how search behaves on millions of rows.
package synthetic

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Options say what to make. Members that are zero get the value named.
type Options struct {
	Workspace string    // "default"
	Attempts  int       // 100,000
	Tickets   int       // a tenth of Attempts
	Endpoints int       // 50
	From, To  time.Time // To: now; From: 30 days before
	// Failures is the share of attempts that fail, 0.12.
	Failures float64
	// Details adds requests' headers and responses to every attempt.
	Details bool
	// Batch is how many attempts one call of Record gets, 1,000.
	Batch int
	Seed  uint64
	// Progress is told after every batch how many attempts are made.
	Progress func(done, total int)
}

func (o *Options) complete() {
	set := func(value *int, otherwise int) {
		if *value <= 0 {
			*value = otherwise
		}
	}
	if o.Workspace == "" {
		o.Workspace = "default"
	}
	set(&o.Attempts, 100_000)
	set(&o.Tickets, max(1, o.Attempts/10))
	set(&o.Endpoints, 50)
	set(&o.Batch, 1000)
	if o.To.IsZero() {
		o.To = time.Now()
	}
	if o.From.IsZero() {
		o.From = o.To.Add(-30 * 24 * time.Hour)
	}
	if o.Failures == 0 {
		o.Failures = 0.12
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
}

// Fill records the attempts, oldest first. The same options make the same
// attempts.
func Fill(ctx context.Context, ledger executionlog.Ledger, options Options) error {
	options.complete()
	m := &maker{options: options, random: rand.New(rand.NewPCG(options.Seed, 1)), step: max(1, options.To.Sub(options.From).Microseconds()/int64(options.Attempts))}
	for done := 0; done < options.Attempts; {
		batch := make([]*executionlog.Result, min(options.Batch, options.Attempts-done))
		for i := range batch {
			batch[i] = m.result(done + i)
		}
		for _, err := range ledger.Record(ctx, batch) {
			if err != nil {
				return fmt.Errorf("record synthetic attempts: %w", err)
			}
		}
		done += len(batch)
		options.Progress(done, options.Attempts)
	}
	return nil
}

type maker struct {
	options Options
	random  *rand.Rand
	step    int64 // microseconds between attempts
}

var events = []struct{ system, event string }{
	{"faveo", "ticket_created"},
	{"faveo", "ticket_updated"},
	{"faveo", "reply_added"},
	{"superoffice", "ticket.created"},
	{"superoffice", "ticket.changed"},
	{"agency", "ticket_status_changed"},
	{"supportservice", "ticket"},
	{"socialboards", "case_updated"},
}

// Ticket returns the number of the n-th ticket.
func Ticket(n int) string { return fmt.Sprintf("TCK-%07d", n) }

// Endpoint returns the id of the n-th endpoint.
func Endpoint(n int) string { return id.Format(id.Endpoint, int64(n+1)) }

// result makes the n-th attempt. Tickets see most of their attempts within a
// short time: the newer a ticket, the more of them.
func (m *maker) result(n int) *executionlog.Result {
	o := &m.options
	micros := o.From.UnixMicro() + int64(n)*m.step + m.random.Int64N(m.step)
	at := time.UnixMicro(micros).UTC()
	newest := int(int64(n) * int64(o.Tickets) / int64(o.Attempts))
	ticket := max(0, newest-int(m.random.ExpFloat64()*float64(o.Tickets)/200))
	kind := events[m.random.IntN(len(events))]
	endpoint := m.random.IntN(o.Endpoints)
	if m.random.IntN(4) > 0 {
		endpoint = m.random.IntN(max(1, o.Endpoints/10)) // a few get most
	}
	a := executionlog.Attempt{
		ID: id.Format(id.Attempt, micros*id.Nodes), Workspace: o.Workspace,
		Delivery: id.Format(id.Delivery, micros*id.Nodes-5), Change: id.Format(id.Change, micros*id.Nodes-9),
		Ticket: Ticket(ticket), System: kind.system, Event: kind.event,
		Trigger: id.Format(id.Trigger, int64(endpoint+1)), Endpoint: Endpoint(endpoint),
		Number: 1, At: at, Duration: time.Duration(20e6 + m.random.ExpFloat64()*120e6),
		Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}
	if m.random.Float64() < o.Failures {
		m.fail(&a)
	}
	if o.Details {
		m.detail(&a)
	}
	return &executionlog.Result{Attempt: a, Outcome: a.Outcome}
}

// fail gives an attempt one of the errors that are frequent in life, with the
// addresses, times and names that make each text another.
func (m *maker) fail(a *executionlog.Attempt) {
	r := m.random
	a.Outcome, a.Number = executionlog.Failed, 1+r.IntN(5)
	host := fmt.Sprintf("hooks-%d.customer%d.example", r.IntN(5), r.IntN(200))
	address := fmt.Sprintf("192.0.2.%d:443", r.IntN(256))
	switch place := r.IntN(100); {
	case place < 35:
		a.HTTPStatus, a.ErrorCode = 500+r.IntN(5), "http_5xx"
		a.Error = fmt.Sprintf("the receiver answered %d: upstream request %08x failed", a.HTTPStatus, r.Uint32())
	case place < 55:
		a.HTTPStatus, a.ErrorCode = 0, "timeout_headers"
		a.Error = fmt.Sprintf("no answer from %s within %d seconds", host, 5+r.IntN(25))
	case place < 75:
		a.HTTPStatus, a.ErrorCode = 0, "connection_refused"
		a.Error = fmt.Sprintf("dial tcp %s: connect: connection refused", address)
	case place < 88:
		a.HTTPStatus, a.ErrorCode = 400+r.IntN(30), "http_4xx"
		a.Error = fmt.Sprintf("the receiver answered %d: field %q is not accepted", a.HTTPStatus, fmt.Sprintf("cf_%d", r.IntN(500)))
	case place < 98:
		a.HTTPStatus, a.ErrorCode = 0, "dns_not_found"
		a.Error = fmt.Sprintf("lookup %s: no such host", host)
	default:
		a.HTTPStatus, a.ErrorCode = 0, "tls_expired"
		a.Error = fmt.Sprintf("tls: the certificate of %s expired on 2026-%02d-%02d", host, 1+r.IntN(12), 1+r.IntN(28))
	}
}

func (m *maker) detail(a *executionlog.Attempt) {
	r := m.random
	total := a.Duration.Microseconds()
	a.Detail = &executionlog.AttemptDetail{
		Method: "POST", URL: fmt.Sprintf("https://hooks-%d.customer%d.example/hookdesk/%s", r.IntN(5), r.IntN(200), a.Endpoint),
		RequestHeader: []executionlog.Header{
			{Name: "Content-Type", Value: "application/json"},
			{Name: "User-Agent", Value: "hookdesk"},
			{Name: "Webhook-Id", Value: a.Delivery},
			{Name: "Webhook-Signature", Value: "v1,***"},
		},
		ResponseHeader: []executionlog.Header{
			{Name: "Content-Type", Value: "application/json"},
			{Name: "Date", Value: a.At.Format(time.RFC1123)},
			{Name: "X-Request-Id", Value: fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())},
		},
		ResponseBody: fmt.Appendf(nil, `{"ok":%v,"request":"%08x","message":%q}`, a.Outcome == executionlog.Succeeded, r.Uint32(), a.Error),
		Address:      fmt.Sprintf("192.0.2.%d:443", r.IntN(256)), TLSVersion: "TLS 1.3",
		Timings: executionlog.Timings{Connect: total / 10, TLS: total / 5, FirstByte: total - 100, Total: total},
	}
}
