package logtest

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// BenchRows returns how many attempts benchmarks of searching work on:
// HOOKDESK_BENCH_ROWS, or 100,000.
func BenchRows() int {
	if rows, err := strconv.Atoi(os.Getenv("HOOKDESK_BENCH_ROWS")); err == nil && rows > 0 {
		return rows
	}
	return 100_000
}

// Benchmark measures a ledger: what is written per second by one caller and
// by many, and every kind of search on synthetic attempts.
//
// Between filling and searching it calls settle, which may be nil: for what a
// database does by itself some time after so many rows.
func Benchmark(b *testing.B, ledger executionlog.Ledger, settle func() error) {
	b.Run("accept", func(b *testing.B) { benchmarkAccept(b, ledger) })
	b.Run("record", func(b *testing.B) { benchmarkRecord(b, ledger) })
	benchmarkSearch(b, ledger, settle)
}

// groups are how many callers write at once, and how much each hands over.
var groups = []struct{ callers, size int }{{1, 1}, {1, 100}, {32, 1}, {8, 10}}

// spreadWork has callers hand over b.N items in groups of a size.
func spreadWork(b *testing.B, callers, size int, work func(count int) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var group sync.WaitGroup
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for {
				count := min(int64(size), left.Add(-int64(size))+int64(size))
				if count <= 0 {
					return
				}
				if err := work(int(count)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "items/s")
}

func benchmarkAccept(b *testing.B, ledger executionlog.Ledger) {
	ids := id.NewSource(ledger.Node(), time.Now)
	doc := fmt.Appendf(nil, `{"subject":"printer on fire","description":%q}`, make([]byte, 600))
	body := fmt.Appendf(nil, `{"event":"ticket_created","ticket":%s}`, doc)
	for _, g := range groups {
		b.Run(fmt.Sprintf("callers=%d/size=%d", g.callers, g.size), func(b *testing.B) {
			spreadWork(b, g.callers, g.size, func(count int) error {
				acceptances := make([]*executionlog.Acceptance, count)
				for i := range acceptances {
					acceptances[i] = acceptance(ids, doc, body)
				}
				return firstError(ledger.Accept(b.Context(), acceptances))
			})
		})
	}
}

// acceptance is a new ticket with one change and one delivery.
func acceptance(ids *id.Source, doc, body []byte) *executionlog.Acceptance {
	now := time.Now()
	number, change := "N-"+ids.New(id.Change), ids.New(id.Change)
	return &executionlog.Acceptance{
		Workspace: "default", Key: change,
		Ticket:  &executionlog.Ticket{Number: number, Version: 1, Doc: doc, UpdatedAt: now},
		Changes: []*executionlog.Change{{ID: change, Ticket: number, Kind: "ticket_created", At: now, AcceptedAt: now, Doc: doc, Verdicts: []byte("[]")}},
		Deliveries: []*executionlog.NewDelivery{{
			Delivery: executionlog.Delivery{
				ID: ids.New(id.Delivery), Workspace: "default", Change: change, Ticket: number, System: "faveo", Event: "ticket_created",
				Endpoint: synthetic.Endpoint(1), EventID: change, CreatedAt: now, DueAt: now,
			},
			Request: &executionlog.Request{ContentType: "application/json", Body: body},
		}},
	}
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func benchmarkRecord(b *testing.B, ledger executionlog.Ledger) {
	ids := id.NewSource(ledger.Node(), time.Now)
	var made atomic.Int64
	for _, g := range groups {
		b.Run(fmt.Sprintf("callers=%d/size=%d", g.callers, g.size), func(b *testing.B) {
			spreadWork(b, g.callers, g.size, func(count int) error {
				results := make([]*executionlog.Result, count)
				for i := range results {
					results[i] = synthetic.Result(ids, "default", int(made.Add(1)))
				}
				return firstError(ledger.Record(b.Context(), results))
			})
		})
	}
}

// benchmarkSearch measures searches on BenchRows synthetic attempts.
func benchmarkSearch(b *testing.B, ledger executionlog.Ledger, settle func() error) {
	rows := BenchRows()
	to := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	if err := synthetic.Fill(b.Context(), ledger, synthetic.Options{Workspace: "searched", Attempts: rows, To: to, Details: true, Batch: 2000}); err != nil {
		b.Fatal(err)
	}
	if settle != nil {
		if err := settle(); err != nil {
			b.Fatal(err)
		}
	}
	middle := synthetic.Ticket(rows / 20)
	for _, search := range []struct {
		name   string
		filter executionlog.Filter
	}{
		{"newest", executionlog.Filter{}},
		{"ticket exact", executionlog.Filter{Ticket: middle}},
		{"ticket part rare", executionlog.Filter{Ticket: "*" + middle[6:] + "*"}},
		{"ticket part common", executionlog.Filter{Ticket: "*" + middle[8:] + "*"}},
		{"ticket part everywhere", executionlog.Filter{Ticket: "*ck-0*"}},
		{"ticket prefix", executionlog.Filter{Ticket: middle[:9] + "*"}},
		{"error rare", executionlog.Filter{Error: "upstream request 00a"}},
		{"error common", executionlog.Filter{Error: "Connection Refused"}},
		{"error words", executionlog.Filter{Words: "customer77 expired"}},
		{"error absent", executionlog.Filter{Error: "no such hostage"}},
		{"error two letters", executionlog.Filter{Error: "xq"}},
		{"q rare", executionlog.Filter{Q: "customer123."}},
		{"q common", executionlog.Filter{Q: "refused"}},
		{"q ticket", executionlog.Filter{Q: middle}},
		{"response rare", executionlog.Filter{Response: `"request":"00a`, Outcome: executionlog.Failed}},
		{"day failed", executionlog.Filter{From: to.Add(-240 * time.Hour), To: to.Add(-216 * time.Hour), Outcome: executionlog.Failed}},
		{"endpoint rare", executionlog.Filter{Endpoint: synthetic.Endpoint(47)}},
		{"endpoint failed", executionlog.Filter{Endpoint: synthetic.Endpoint(47), Outcome: executionlog.Failed}},
		{"code rare", executionlog.Filter{ErrorCode: "tls_expired"}},
		{"status", executionlog.Filter{StatusFrom: 429, StatusTo: 429}},
		{"system and number", executionlog.Filter{System: "superoffice", Number: 5}},
		{"oldest", executionlog.Filter{OldestFirst: true}},
	} {
		b.Run("search/"+search.name, func(b *testing.B) {
			search.filter.Workspace = "searched"
			for b.Loop() {
				if _, err := ledger.Executions(b.Context(), search.filter, 50, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	day := executionlog.Filter{Workspace: "searched", From: to.Add(-24 * time.Hour), To: to}
	month := executionlog.Filter{Workspace: "searched", From: to.Add(-30 * 24 * time.Hour), To: to}
	figures := map[string]func() error{
		"histogram day":   func() error { return second1(ledger.Histogram(b.Context(), day, time.Minute)) },
		"histogram month": func() error { return second1(ledger.Histogram(b.Context(), month, time.Hour)) },
		"failing":         func() error { return second1(ledger.Failing(b.Context(), "searched", day.From, 10)) },
		"latency":         func() error { return second1(ledger.Latency(b.Context(), "searched", day.From, []float64{0.5, 0.99})) },
		"estimate": func() error {
			_, _, err := ledger.Estimate(b.Context(), executionlog.Filter{Workspace: "searched", Error: "refused"})
			return err
		},
	}
	for name, run := range figures {
		b.Run("figures/"+name, func(b *testing.B) {
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
