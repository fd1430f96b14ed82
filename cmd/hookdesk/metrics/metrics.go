// Package metrics counts what the dispatcher does and shows it to Prometheus.
// Labels have few values, none of them chosen by strangers: no endpoint, no
// ticket, no address.
package metrics

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// Metrics implements dispatcher.Observer.
type Metrics struct {
	registry   *prometheus.Registry
	accepted   prometheus.Counter
	deliveries prometheus.Counter
	attempts   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	waited     *prometheus.HistogramVec
	lag        prometheus.Histogram
	store      *prometheus.HistogramVec
	redis      *prometheus.HistogramVec
	finished   *prometheus.CounterVec
	removed    *prometheus.CounterVec
	upkeep     prometheus.Histogram
	behind     prometheus.Gauge

	endpoint func(id string) *triggers.Endpoint
	now      func() time.Time
}

var _ dispatcher.Observer = (*Metrics)(nil)

// buckets reach from a receiver on the same machine to the longest time-out,
// in seconds.
var buckets = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60}

// storeBuckets reach from a transaction that others share to one that waits
// for a disk, in seconds.
var storeBuckets = []float64{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// New returns Metrics without any counts. Endpoint finds an endpoint by its
// id, nil for none.
func New(version string, endpoint func(id string) *triggers.Endpoint, now func() time.Time) *Metrics {
	m := &Metrics{
		endpoint: endpoint, now: now,
		registry: prometheus.NewRegistry(),
		accepted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hookdesk_changes_accepted_total", Help: "Changes of tickets that were committed.",
		}),
		deliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hookdesk_deliveries_created_total", Help: "Deliveries that changes led to.",
		}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookdesk_attempts_total", Help: "Attempts by system, outcome and error code.",
		}, []string{"system", "outcome", "error_code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookdesk_attempt_duration_seconds", Help: "How long attempts took.", Buckets: buckets,
		}, []string{"system"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "hookdesk_first_attempt_wait_seconds",
			Help:    "Time from a delivery's creation to its first attempt, by class of endpoint: ordered, limited (in its rate), plain or gone.",
			Buckets: buckets,
		}, []string{"class"}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hookdesk_ledger_lag_seconds", Help: "Time from the end of an attempt until the ledger has it.", Buckets: storeBuckets,
		}),
		store: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookdesk_ledger_seconds", Help: "How long operations of the ledger took.", Buckets: storeBuckets,
		}, []string{"operation"}),
		redis: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "hookdesk_redis_seconds",
			Help: "How long operations on Redis took: enqueue, claim, release, lead, notify, and work for each command of the workers.", Buckets: storeBuckets,
		}, []string{"operation"}),
		finished: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookdesk_deliveries_finished_total", Help: "Deliveries that got their final outcome.",
		}, []string{"system", "outcome"}),
		removed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hookdesk_retention_removed_total", Help: "Rows that retention removed, by what they were.",
		}, []string{"kind"}),
		upkeep: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hookdesk_retention_longest_step_seconds", Help: "For how long the longest step of a round of retention held up writers.", Buckets: buckets,
		}),
		behind: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hookdesk_retention_clock_behind_seconds",
			Help: "By how much retention's time is behind a clock that leapt ahead and is not trusted yet; 0 while it is.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "hookdesk_build_info", Help: "Always 1; its label names the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(
		m.accepted, m.deliveries, m.attempts, m.duration, m.waited, m.lag, m.store, m.redis, m.finished, m.removed, m.upkeep, m.behind, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Accepted implements dispatcher.Observer.
func (m *Metrics) Accepted(_ string, deliveries int) {
	m.accepted.Inc()
	m.deliveries.Add(float64(deliveries))
}

// Attempted implements dispatcher.Observer.
func (m *Metrics) Attempted(attempt *executionlog.Attempt, waited time.Duration) {
	m.attempts.WithLabelValues(attempt.System, string(attempt.Outcome), attempt.ErrorCode).Inc()
	m.duration.WithLabelValues(attempt.System).Observe(attempt.Duration.Seconds())
	if waited >= 0 {
		m.waited.WithLabelValues(classOf(m.endpoint(attempt.Endpoint))).Observe(waited.Seconds())
	}
	m.lag.Observe(max(0, m.now().Sub(attempt.At.Add(attempt.Duration)).Seconds()))
}

// Finished implements dispatcher.Observer.
func (m *Metrics) Finished(system string, outcome executionlog.Outcome) {
	m.finished.WithLabelValues(system, string(outcome)).Inc()
}

// Redis notes how long an operation on Redis took.
func (m *Metrics) Redis(operation string, took time.Duration) {
	m.redis.WithLabelValues(operation).Observe(took.Seconds())
}

// Maintained counts what a round of the ledger's upkeep did.
func (m *Metrics) Maintained(done executionlog.Upkeep) {
	total := done.Total()
	for kind, n := range map[string]int64{
		"bodies": total.Bodies, "attempts": total.Attempts, "deliveries": total.Deliveries, "changes": total.Changes,
	} {
		m.removed.WithLabelValues(kind).Add(float64(n))
	}
	m.behind.Set(done.Clock.Behind().Seconds())
	if done.Steps > 0 {
		m.upkeep.Observe(done.Longest.Seconds())
	}
}

// Source is what is read whenever Prometheus asks.
type Source interface {
	Queue(ctx context.Context) (dispatcher.QueueStatus, error)
	Lanes(workspace string) []dispatcher.LaneStatus
}

// Backlog is the ledger's list of what waits.
type Backlog interface {
	Waiting(ctx context.Context) ([]executionlog.Backlog, error)
}

// Watch adds the state of the queue, the lanes and the ledger. Workspaces
// returns the names of the workspaces.
func (m *Metrics) Watch(source Source, backlog Backlog, workspaces func() []string) {
	m.registry.MustRegister(&state{source: source, backlog: backlog, workspaces: workspaces, now: m.now})
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// state reads the state at the moment of each scrape.
type state struct {
	source     Source
	backlog    Backlog
	workspaces func() []string
	now        func() time.Time
}

var (
	queueUp   = prometheus.NewDesc("hookdesk_queue_connected", "1 while the task queue answers.", nil, nil)
	queueSize = prometheus.NewDesc("hookdesk_queue_tasks", "Tasks in the queue by state.", []string{"state"}, nil)
	ledgerUp  = prometheus.NewDesc("hookdesk_ledger_up", "1 while the ledger answers.", nil, nil)
	pending   = prometheus.NewDesc("hookdesk_deliveries_pending", "Deliveries without a final outcome; each endpoint counts up to 10,000.", nil, nil)
	overdue   = prometheus.NewDesc("hookdesk_oldest_due_seconds", "For how long the delivery that has waited longest has been due.", nil, nil)
	inFlight  = prometheus.NewDesc("hookdesk_attempts_in_flight", "Attempts under way in this process.", nil, nil)
	breakers  = prometheus.NewDesc("hookdesk_breakers", "Endpoints by the state of their circuit breaker in this process.", []string{"state"}, nil)
)

// Describe implements prometheus.Collector.
func (s *state) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueUp, queueSize, ledgerUp, pending, overdue, inFlight, breakers} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector.
func (s *state) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	status, err := s.source.Queue(ctx)
	gauge(queueUp, number(err == nil && status.Connected))
	gauge(queueSize, float64(status.Pending), "pending")
	gauge(queueSize, float64(status.Active), "active")
	gauge(queueSize, float64(status.Scheduled), "scheduled")

	waiting, err := s.backlog.Waiting(ctx)
	gauge(ledgerUp, number(err == nil))
	total, oldest, now := 0, time.Duration(0), s.now()
	for _, w := range waiting {
		total += w.Pending
		oldest = max(oldest, now.Sub(w.DueAt))
	}
	gauge(pending, float64(total))
	gauge(overdue, oldest.Seconds())

	running := 0
	states := map[string]int{"closed": 0, "open": 0, "half_open": 0}
	for _, workspace := range s.workspaces() {
		for _, lane := range s.source.Lanes(workspace) {
			running += lane.InFlight
			if _, known := states[lane.Breaker]; known {
				states[lane.Breaker]++
			}
		}
	}
	gauge(inFlight, float64(running))
	for name, count := range states {
		gauge(breakers, float64(count), name)
	}
}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
