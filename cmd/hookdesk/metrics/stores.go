package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// Ledger returns a ledger whose operations are measured.
func (m *Metrics) Ledger(inner executionlog.Ledger) executionlog.Ledger {
	return &measured{
		Ledger: inner,
		accept: m.store.WithLabelValues("accept"), record: m.store.WithLabelValues("record"), load: m.store.WithLabelValues("load"),
		due: m.store.WithLabelValues("due"), waiting: m.store.WithLabelValues("waiting"), search: m.store.WithLabelValues("search"),
		put: m.store.WithLabelValues("put"),
	}
}

// measured times what deliveries and people wait for.
type measured struct {
	executionlog.Ledger
	accept, record, load, due, waiting, search, put prometheus.Observer
}

func since(observer prometheus.Observer, start time.Time) {
	observer.Observe(time.Since(start).Seconds())
}

func (l *measured) Accept(ctx context.Context, acceptances []*executionlog.Acceptance) []error {
	defer since(l.accept, time.Now())
	return l.Ledger.Accept(ctx, acceptances)
}

func (l *measured) Record(ctx context.Context, results []*executionlog.Result) []error {
	defer since(l.record, time.Now())
	return l.Ledger.Record(ctx, results)
}

func (l *measured) Load(ctx context.Context, ids []string) ([]*executionlog.Outgoing, error) {
	defer since(l.load, time.Now())
	return l.Ledger.Load(ctx, ids)
}

func (l *measured) Due(ctx context.Context, query executionlog.DueQuery) ([]executionlog.Due, error) {
	defer since(l.due, time.Now())
	return l.Ledger.Due(ctx, query)
}

func (l *measured) Waiting(ctx context.Context) ([]executionlog.Backlog, error) {
	defer since(l.waiting, time.Now())
	return l.Ledger.Waiting(ctx)
}

func (l *measured) Executions(ctx context.Context, filter executionlog.Filter, limit int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	defer since(l.search, time.Now())
	return l.Ledger.Executions(ctx, filter, limit, cursor)
}

func (l *measured) Put(ctx context.Context, writes []executionlog.DocumentWrite, audit []executionlog.AuditEntry) error {
	defer since(l.put, time.Now())
	return l.Ledger.Put(ctx, writes, audit)
}

// classOf sorts endpoints by what their deliveries may have to wait for.
func classOf(endpoint *triggers.Endpoint) string {
	switch {
	case endpoint == nil:
		return "gone"
	case endpoint.Ordered == triggers.OrderedTicket:
		return "ordered"
	case endpoint.RatePerSecond > 0:
		return "limited"
	default:
		return "plain"
	}
}
