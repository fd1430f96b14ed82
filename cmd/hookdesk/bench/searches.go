package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
)

// LogShape is what measuring has to know of a filled log.
type LogShape struct {
	Workspace string           `json:"workspace"`
	Attempts  int              `json:"attempts"`
	Tickets   int              `json:"tickets"`
	From      time.Time        `json:"from"`
	To        time.Time        `json:"to"`
	Lanes     []synthetic.Lane `json:"lanes"`
}

// LogSearch is one kind of question to the log.
type LogSearch struct {
	Group, Name string
	// Run asks once, each time for something else of its kind.
	Run func(ctx context.Context, r *rand.Rand) error
}

// LogSearches returns everything that is measured, in the order of the table.
func LogSearches(ctx context.Context, ledger executionlog.Ledger, shape LogShape) ([]LogSearch, error) {
	s := searches{ledger: ledger, shape: shape}
	s.tickets()
	s.texts()
	s.filters()
	if err := s.pages(ctx); err != nil {
		return nil, err
	}
	s.histograms()
	return s.list, nil
}

type searches struct {
	ledger executionlog.Ledger
	shape  LogShape
	list   []LogSearch
}

// filterOf makes a filter of a kind.
type filterOf func(r *rand.Rand) executionlog.Filter

// pageSize is how many rows a search wants.
const pageSize = 50

func (s *searches) add(group, name string, make filterOf) {
	s.addAt(group, name, "", make)
}

func (s *searches) addAt(group, name, cursor string, make filterOf) {
	s.list = append(s.list, LogSearch{group, name, func(ctx context.Context, r *rand.Rand) error {
		filter := make(r)
		filter.Workspace = s.shape.Workspace
		_, err := s.ledger.Executions(ctx, filter, pageSize, cursor)
		return err
	}})
}

func (s *searches) ticket(r *rand.Rand) string { return synthetic.Ticket(r.IntN(s.shape.Tickets)) }

// oldTickets is what the oldest tickets begin with, about a hundredth of all:
// none of them had an attempt for weeks.
func (s *searches) oldTickets() string {
	return strings.TrimRight(synthetic.Ticket(max(1, s.shape.Tickets/100-1)), "123456789") + "*"
}

func (s *searches) lane(r *rand.Rand) synthetic.Lane {
	return s.shape.Lanes[r.IntN(len(s.shape.Lanes))]
}

func (s *searches) tickets() {
	const group = "ticket number"
	pattern := func(make func(number string) string) filterOf {
		return func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Ticket: make(s.ticket(r))} }
	}
	s.add(group, "exact", pattern(func(n string) string { return n }))
	s.add(group, "beginning", pattern(func(n string) string { return n[:9] + "*" }))
	s.add(group, "part of 5 digits", pattern(func(n string) string { return "*" + n[6:] + "*" }))
	s.add(group, "part of 4 digits", pattern(func(n string) string { return "*" + n[7:] + "*" }))
	s.add(group, "part of 3 digits", pattern(func(n string) string { return "*" + n[8:] + "*" }))
	three := func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{Ticket: "*" + s.ticket(r)[8:] + "*"}
	}
	s.add(group, "part of 3 digits, oldest first", func(r *rand.Rand) executionlog.Filter {
		f := three(r)
		f.OldestFirst = true
		return f
	})
	s.add(group, "part of 3 digits, failed", func(r *rand.Rand) executionlog.Filter {
		f := three(r)
		f.Outcome = executionlog.Failed
		return f
	})
	s.add(group, "part of 3 digits, before a day", func(r *rand.Rand) executionlog.Filter {
		f := three(r)
		f.To = s.day(r).From
		return f
	})
	s.add(group, "beginning of the oldest hundredth", pattern(func(string) string { return s.oldTickets() }))
	s.add(group, "part of 2 digits", pattern(func(n string) string { return "*" + n[9:] + "*" }))
	s.add(group, "part that all have", pattern(func(string) string { return "*ck-0*" }))
	s.add(group, "absent part", pattern(func(n string) string { return "*-" + n[7:] + "-*" }))
}

func one(texts ...string) func(*rand.Rand) string {
	return func(r *rand.Rand) string { return texts[r.IntN(len(texts))] }
}

func (s *searches) texts() {
	hex := func(format string, digits int) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return fmt.Sprintf(format, fmt.Sprintf("%08x", r.Uint32())[:digits]) }
	}
	type texts struct {
		name string
		text func(*rand.Rand) string
	}
	kinds := []texts{
		{"rare", hex("upstream request %s", 3)},
		{"common", one("Connection Refused", "no answer from", "bad gateway", "is not accepted")},
		{"absent", one("no such hostage", "connection refuted", "teapot is empty", "request zzz failed")},
		{"absent, all trigrams common", hex("failed request %s", 4)},
		{"two letters", one("tl", "no", "cf")},
		{"two letters, absent", one("xq", "zz", "öä")},
	}
	for _, k := range kinds {
		s.add("error contains", k.name, func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Error: k.text(r)} })
	}
	s.add("error contains", "words", func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{Words: fmt.Sprintf("customer%d timeout", 4*r.IntN(24))}
	})
	answers := []texts{
		{"rare", hex(`"id":"%s`, 4)},
		{"common", one("received", "accepted", "upstream")},
		{"absent", one("teapot is empty", "no such hostage", "zebra")},
		{"two letters, absent", one("xq", "zz")},
	}
	for _, k := range answers {
		s.add("response contains", k.name, func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Response: k.text(r)} })
	}
	for _, k := range kinds[:3] {
		s.add("response contains, outcome failed", k.name, func(r *rand.Rand) executionlog.Filter {
			return executionlog.Filter{Response: k.text(r), Outcome: executionlog.Failed}
		})
	}
	anywhere := []texts{
		{"a ticket number", s.ticket},
		{"an error, rare", hex("upstream request %s", 3)},
		{"an error, common", one("refused", "gateway")},
		{"an event", one("ticket_reply", "status_change")},
		{"absent", one("no such hostage", "zebra")},
		{"two letters, absent", one("xq", "zz")},
	}
	for _, k := range anywhere {
		s.add("anywhere (q)", k.name, func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Q: k.text(r)} })
	}
}

// day returns the filter for a random day.
func (s *searches) day(r *rand.Rand) executionlog.Filter {
	const day = 24 * time.Hour
	from := s.shape.From.Add(time.Duration(r.Int64N(int64(s.shape.To.Sub(s.shape.From) - day))))
	return executionlog.Filter{From: from, To: from.Add(day)}
}

func (s *searches) filters() {
	const group = "filters"
	s.add(group, "day and failed", func(r *rand.Rand) executionlog.Filter {
		f := s.day(r)
		f.Outcome = executionlog.Failed
		return f
	})
	s.add(group, "day and succeeded", func(r *rand.Rand) executionlog.Filter {
		f := s.day(r)
		f.Outcome = executionlog.Succeeded
		return f
	})
	s.add(group, "endpoint", func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Endpoint: s.lane(r).Endpoint} })
	s.add(group, "endpoint and failed", func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{Endpoint: s.lane(r).Endpoint, Outcome: executionlog.Failed}
	})
	s.add(group, "trigger", func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Trigger: s.lane(r).Trigger} })
	s.add(group, "system", func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{System: s.lane(r).System} })
	s.add(group, "system and failed", func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{System: s.lane(r).System, Outcome: executionlog.Failed}
	})
	s.add(group, "event, third attempt", func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{Event: s.lane(r).Events[0], Number: 3}
	})
	s.add(group, "error code", func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{ErrorCode: one("tls_expired", "dns_not_found", "http_5xx")(r)}
	})
	s.add(group, "status 429", func(*rand.Rand) executionlog.Filter { return executionlog.Filter{StatusFrom: 429, StatusTo: 429} })
}

// deepPage is the page that has to be as fast as the first.
const deepPage = 1000

func (s *searches) pages(ctx context.Context) error {
	for _, kind := range []struct {
		name   string
		filter executionlog.Filter
	}{{"of all", executionlog.Filter{}}, {"of a common error", executionlog.Filter{Error: "connection refused"}}} {
		filter := kind.filter
		filter.Workspace = s.shape.Workspace
		cursor := ""
		for range deepPage / 200 { // 10,000 rows at a time
			found, err := s.ledger.Executions(ctx, filter, 200*pageSize, cursor)
			if err != nil {
				return fmt.Errorf("look for page %d: %w", deepPage, err)
			}
			if found.Next == "" {
				break // there are fewer
			}
			cursor = found.Next
		}
		make := func(*rand.Rand) executionlog.Filter { return kind.filter }
		s.add("pages", "1 "+kind.name, make)
		s.addAt("pages", fmt.Sprintf("%d %s", deepPage, kind.name), cursor, make)
	}
	return nil
}

func (s *searches) histograms() {
	const day = 24 * time.Hour
	count := func(name string, span, step time.Duration, make filterOf) {
		s.list = append(s.list, LogSearch{"histogram", name, func(ctx context.Context, r *rand.Rand) error {
			filter := make(r)
			filter.Workspace, filter.From, filter.To = s.shape.Workspace, s.shape.To.Add(-span), s.shape.To
			_, err := s.ledger.Histogram(ctx, filter, step)
			return err
		}})
	}
	all := func(*rand.Rand) executionlog.Filter { return executionlog.Filter{} }
	system := func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{System: s.lane(r).System} }
	failing := func(r *rand.Rand) executionlog.Filter {
		return executionlog.Filter{System: s.lane(r).System, Outcome: executionlog.Failed}
	}
	count("24 hours by minute", day, time.Minute, all)
	count("24 hours by hour", day, time.Hour, all)
	count("30 days by hour", 30*day, time.Hour, all)
	count("24 hours, system", day, time.Hour, system)
	count("30 days, system", 30*day, time.Hour, system)
	count("30 days, system and failed", 30*day, time.Hour, failing)
	count("30 days, endpoint", 30*day, time.Hour, func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Endpoint: s.lane(r).Endpoint} })
	count("30 days, error code", 30*day, time.Hour, func(*rand.Rand) executionlog.Filter { return executionlog.Filter{ErrorCode: "http_5xx"} })
	count("30 days, a ticket", 30*day, time.Hour, func(r *rand.Rand) executionlog.Filter { return executionlog.Filter{Ticket: s.ticket(r)} })
	count("24 hours, an error", day, time.Hour, func(*rand.Rand) executionlog.Filter { return executionlog.Filter{Error: "refused"} })
	s.list = append(s.list, LogSearch{"total", "of a common error", func(ctx context.Context, _ *rand.Rand) error {
		_, _, err := s.ledger.Estimate(ctx, executionlog.Filter{Workspace: s.shape.Workspace, Error: "refused"})
		return err
	}})
}

// Measure runs a question again and again, at most so often and so long, and
// returns how long it took, and the processor time of all runs.
func Measure(ctx context.Context, search LogSearch, runs int, atMost time.Duration) (Latencies, error) {
	random := rand.New(rand.NewPCG(7, 11))
	var took []time.Duration
	usage := processUsage(os.Getpid())
	for begun := time.Now(); len(took) < runs && (len(took) < 3 || time.Since(begun) < atMost); {
		started := time.Now()
		if err := search.Run(ctx, random); err != nil {
			return Latencies{}, fmt.Errorf("%s, %s: %w", search.Group, search.Name, err)
		}
		took = append(took, time.Since(started))
	}
	l := percentiles(took)
	l.CPU = processUsage(os.Getpid()).cpu - usage.cpu
	return l, nil
}
