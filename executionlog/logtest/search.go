package logtest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

var searchTests = []namedTest{
	{"every filter finds what it says", testFilters},
	{"export yields all and stops on an error", testExport},
	{"a cursor belongs to its query", testCursor},
}

// search returns the ids of everything that a filter finds, in order.
func (b *bench) search(f executionlog.Filter) []string {
	b.Helper()
	return b.pages(f, 10000)
}

// pages reads in pages of a size.
func (b *bench) pages(f executionlog.Filter, size int) []string {
	b.Helper()
	var ids []string
	cursor := ""
	for {
		page := must[executionlog.Page[*executionlog.Attempt]](b)(b.ledger.Executions(b.ctx, f, size, cursor))
		if len(page.Items) > size || page.Next != "" && len(page.Items) != size && !page.Partial || page.Partial && page.Next == "" {
			b.Fatalf("%d items on a page of %d, next %q, partial %v", len(page.Items), size, page.Next, page.Partial)
		}
		for _, a := range page.Items {
			if a.Detail != nil {
				b.Fatal("a list carries details")
			}
			ids = append(ids, a.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
}

// attempts records twelve attempts, a minute apart, that differ in everything.
func (b *bench) attempts() []*executionlog.Attempt {
	b.Helper()
	errorTexts := []string{
		"dial tcp 192.0.2.1:443: connect: connection refused",
		"lookup receiver.example: no such host",
		"TLS: certificate of *.Example.COM expired; 100% sure_thing",
		"Zeitüberschreitung beim Lesen der ANTWORT",
	}
	var all []*executionlog.Attempt
	var results []*executionlog.Result
	for i := range 12 {
		b.pass(time.Minute)
		d := b.delivery(fmt.Sprintf("ep_%d", i%3), fmt.Sprintf("Case-%03d", i%4))
		d.System, d.Event, d.Trigger = []string{"faveo", "agency"}[i%2], []string{"ticket_created", "reply_added", "Status.Changed"}[i%3], fmt.Sprintf("trg_%d", i%4)
		outcome := executionlog.Succeeded
		if i%3 == 0 {
			outcome = executionlog.Failed
		}
		r := b.attempt(&d.Delivery, 1+i%5, outcome)
		number, err := id.Parse(id.Attempt, r.Attempt.ID)
		b.ok(err)
		r.Attempt.At = id.Time(number)
		r.Attempt.Detail.ResponseBody = fmt.Appendf(nil, "<p>Answer %d from Größe</p>", i)
		if outcome == executionlog.Failed {
			r.Attempt.Error, r.Attempt.HTTPStatus = errorTexts[i/3], []int{0, 0, 500, 404}[i/3]
			r.Attempt.ErrorCode = []string{"connection_refused", "dns_not_found", "http_5xx", "http_4xx"}[i/3]
		}
		results, all = append(results, r), append(all, &r.Attempt)
	}
	b.record(results...)
	return all
}

func testFilters(b *bench) {
	all := b.attempts()
	foreign := b.delivery("ep_0", "Case-000")
	foreign.Workspace = "other"
	b.record(b.attempt(&foreign.Delivery, 1, executionlog.Failed))
	for name, test := range map[string]struct {
		filter executionlog.Filter
		want   []int
	}{
		"all":                {executionlog.Filter{}, []int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}},
		"oldest first":       {executionlog.Filter{OldestFirst: true, Outcome: executionlog.Failed}, []int{0, 3, 6, 9}},
		"ticket":             {executionlog.Filter{Ticket: "case-002"}, []int{10, 6, 2}},
		"ticket prefix":      {executionlog.Filter{Ticket: "CASE-00*", System: "agency", Endpoint: "ep_1"}, []int{7, 1}},
		"ticket part":        {executionlog.Filter{Ticket: "*-003*"}, []int{11, 7, 3}},
		"ticket suffix":      {executionlog.Filter{Ticket: "*1"}, []int{9, 5, 1}},
		"ticket absent":      {executionlog.Filter{Ticket: "*004*"}, nil},
		"ticket not a part":  {executionlog.Filter{Ticket: "ase-002"}, nil},
		"error":              {executionlog.Filter{Error: "CONNECTION Refused"}, []int{0}},
		"error of two runes": {executionlog.Filter{Error: "ss"}, nil},
		"error of two, hit":  {executionlog.Filter{Error: "TL"}, []int{6}},
		"error, umlaut":      {executionlog.Filter{Error: "ZEITÜBER"}, []int{9}},
		"error with signs":   {executionlog.Filter{Error: "100% SURE_"}, []int{6}},
		"error wildcard":     {executionlog.Filter{Error: "connect%refused"}, nil},
		"error, same grams":  {executionlog.Filter{Error: "refused connection"}, nil},
		"words":              {executionlog.Filter{Words: "refused  tcp"}, []int{0}},
		"words, one absent":  {executionlog.Filter{Words: "refused nothing"}, nil},
		"words short":        {executionlog.Filter{Words: "no h"}, []int{3}},
		"response":           {executionlog.Filter{Response: "answer 1"}, []int{11, 10, 1}},
		"response umlaut":    {executionlog.Filter{Response: "GRÖßE</P>", Outcome: executionlog.Failed}, []int{9, 6, 3, 0}},
		"q in ticket":        {executionlog.Filter{Q: "e-001"}, []int{9, 5, 1}},
		"q in error":         {executionlog.Filter{Q: "such host"}, []int{3}},
		"q in code":          {executionlog.Filter{Q: "HTTP_"}, []int{9, 6}},
		"q in event":         {executionlog.Filter{Q: "status.ch"}, []int{11, 8, 5, 2}},
		"q in several":       {executionlog.Filter{Q: "re", OldestFirst: true}, []int{0, 1, 3, 4, 6, 7, 9, 10}},
		"q with more":        {executionlog.Filter{Q: "ticket_", StatusFrom: 500}, []int{6}},
		"time":               {executionlog.Filter{From: all[3].At, To: all[6].At}, []int{5, 4, 3}},
		"time, microseconds": {executionlog.Filter{From: all[3].At.Add(time.Microsecond), To: all[6].At.Add(time.Microsecond)}, []int{6, 5, 4}},
		"time, nanoseconds":  {executionlog.Filter{From: all[3].At.Add(time.Nanosecond), To: all[6].At.Add(time.Nanosecond)}, []int{6, 5, 4}},
		"ended":              {executionlog.Filter{EndedFrom: all[9].At.Add(all[9].Duration)}, []int{11, 10, 9}},
		"ended, just before": {executionlog.Filter{EndedFrom: all[9].At.Add(all[9].Duration + time.Microsecond), Outcome: executionlog.Succeeded}, []int{11, 10}},
		"time backwards":     {executionlog.Filter{From: all[6].At, To: all[3].At}, nil},
		"status":             {executionlog.Filter{StatusFrom: 400, StatusTo: 499}, []int{9}},
		"status class":       {executionlog.Filter{StatusFrom: 200, StatusTo: 299, Event: "reply_added"}, []int{10, 7, 4, 1}},
		"status open end":    {executionlog.Filter{StatusFrom: 404}, []int{9, 6}},
		"status open begin":  {executionlog.Filter{StatusTo: 299, Trigger: "trg_1"}, []int{5, 1}},
		"code":               {executionlog.Filter{ErrorCode: "dns_not_found"}, []int{3}},
		"code and outcome":   {executionlog.Filter{ErrorCode: "http_5xx", Outcome: executionlog.Failed}, []int{6}},
		"system":             {executionlog.Filter{System: "agency", Outcome: executionlog.Succeeded}, []int{11, 7, 5, 1}},
		"unknown system":     {executionlog.Filter{System: "none"}, nil},
		"unknown outcome":    {executionlog.Filter{Outcome: "odd"}, nil},
		"event":              {executionlog.Filter{Event: "Status.Changed"}, []int{11, 8, 5, 2}},
		"trigger":            {executionlog.Filter{Trigger: "trg_2"}, []int{10, 6, 2}},
		"endpoint":           {executionlog.Filter{Endpoint: "ep_2"}, []int{11, 8, 5, 2}},
		"delivery":           {executionlog.Filter{Delivery: all[4].Delivery}, []int{4}},
		"no delivery":        {executionlog.Filter{Delivery: "dlv"}, nil},
		"change":             {executionlog.Filter{Change: all[5].Change}, []int{5}},
		"number":             {executionlog.Filter{Number: 5}, []int{9, 4}},
		"all at once": {executionlog.Filter{
			Ticket: "*case*", Error: "lookup", Words: "host receiver", Q: "dns", Response: "3", From: all[0].At, To: all[11].At,
			Outcome: executionlog.Failed, ErrorCode: "dns_not_found", System: "agency", Event: "ticket_created",
			Trigger: "trg_3", Endpoint: "ep_0", Delivery: all[3].Delivery, Change: all[3].Change, Number: 4,
		}, []int{3}},
	} {
		test.filter.Workspace = "default"
		var want []string
		for _, place := range test.want {
			want = append(want, all[place].ID)
		}
		b.equal(name, want, b.search(test.filter))
		b.equal(name+", one by one", want, b.pages(test.filter, 1))
	}
	page := must[executionlog.Page[*executionlog.Attempt]](b)(b.ledger.Executions(b.ctx, executionlog.Filter{Workspace: "default", Number: 5}, 1, ""))
	want := *all[9]
	want.Detail = nil
	b.equal("row", &want, page.Items[0])
}

func testExport(b *bench) {
	all := b.attempts()
	var got []string
	b.ok(b.ledger.Export(b.ctx, executionlog.Filter{Workspace: "default", OldestFirst: true}, func(a *executionlog.Attempt) error {
		got = append(got, a.ID)
		// Writing while reading must not lock up.
		return b.ledger.Check(b.ctx)
	}))
	b.equal("rows", len(all), len(got))
	b.equal("first", all[0].ID, got[0])
	enough := errors.New("enough")
	calls := 0
	err := b.ledger.Export(b.ctx, executionlog.Filter{Workspace: "default"}, func(*executionlog.Attempt) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		b.Errorf("export returned %v after %d calls", err, calls)
	}
}

func testCursor(b *bench) {
	b.attempts()
	first := must[executionlog.Page[*executionlog.Attempt]](b)(b.ledger.Executions(b.ctx, executionlog.Filter{Workspace: "default"}, 3, ""))
	for name, f := range map[string]executionlog.Filter{
		"another workspace": {Workspace: "other"},
		"another direction": {Workspace: "default", OldestFirst: true},
		"another filter":    {Workspace: "default", Error: "x"},
	} {
		if _, err := b.ledger.Executions(b.ctx, f, 3, first.Next); !errors.Is(err, executionlog.ErrCursor) {
			b.Errorf("cursor with %s: %v, want ErrCursor", name, err)
		}
	}
	for _, cursor := range []string{"x", "!!!", strings.Repeat("A", 500), first.Next[1:], first.Next + "\x00", "' OR 1=1 --"} {
		if _, err := b.ledger.Executions(b.ctx, executionlog.Filter{Workspace: "default"}, 3, cursor); !errors.Is(err, executionlog.ErrCursor) {
			b.Errorf("cursor %q: %v, want ErrCursor", cursor, err)
		}
	}
	if _, err := b.ledger.ListDeliveries(b.ctx, executionlog.DeliveryQuery{Workspace: "default", Cursor: first.Next}); !errors.Is(err, executionlog.ErrCursor) {
		b.Errorf("cursor of another list: %v, want ErrCursor", err)
	}
	if _, err := b.ledger.Tickets(b.ctx, executionlog.TicketQuery{Workspace: "default", Cursor: first.Next}); !errors.Is(err, executionlog.ErrCursor) {
		b.Errorf("cursor of tickets: %v, want ErrCursor", err)
	}
	if _, err := b.ledger.Changes(b.ctx, executionlog.ChangeQuery{Workspace: "default", Cursor: first.Next}); !errors.Is(err, executionlog.ErrCursor) {
		b.Errorf("cursor of changes: %v, want ErrCursor", err)
	}
	if _, err := b.ledger.Audit(b.ctx, executionlog.AuditQuery{Cursor: first.Next}); !errors.Is(err, executionlog.ErrCursor) {
		b.Errorf("cursor of audit: %v, want ErrCursor", err)
	}
}
