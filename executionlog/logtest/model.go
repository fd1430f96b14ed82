package logtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers/id"
)

var modelTests = []namedTest{
	{"random searches find what a linear scan finds", testModel},
}

func contextThatEnds(b *bench) (context.Context, context.CancelFunc) {
	return context.WithCancel(b.ctx)
}

// modelRows and modelFilters are enough for every plan to be chosen many
// times, and few enough for an ordinary test run.
const (
	modelRows    = 1200
	modelFilters = 300
)

func testModel(b *bench) {
	if _, same := b.ledger.(*memory.Store); same {
		return // it is what the others are compared with
	}
	reference := memory.New()
	random := rand.New(rand.NewPCG(5, 6))
	rows := RandomResults(random, noon, modelRows)
	for _, ledger := range []executionlog.Ledger{b.ledger, reference} {
		for _, err := range ledger.Record(b.ctx, rows) {
			b.ok(err)
		}
	}
	for i := range modelFilters {
		Compare(b.T, b.ledger, reference, RandomFilter(random, rows), 5+random.IntN(200), i)
	}
}

// failer is the part of testing.TB that Compare needs.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Context() context.Context
}

// wholePage reads partial pages until there is a whole one.
func wholePage(ctx context.Context, ledger executionlog.Ledger, f executionlog.Filter, size int, cursor string) (executionlog.Page[*executionlog.Attempt], error) {
	var whole executionlog.Page[*executionlog.Attempt]
	for {
		page, err := ledger.Executions(ctx, f, size-len(whole.Items), cursor)
		if err != nil {
			return page, err
		}
		whole.Items = append(whole.Items, page.Items...)
		whole.Next, cursor = page.Next, page.Next
		if len(whole.Items) < size && page.Partial {
			continue
		}
		if page.Next == "" {
			return whole, nil
		}
		// What comes next may be nothing where the search could not yet know.
		last, err := id.Parse(id.Attempt, whole.Items[len(whole.Items)-1].ID)
		if err != nil {
			return whole, err
		}
		whole.Next = criteria.AttemptsQuery(f).Cursor(criteria.Place{Number: last})
		for cursor != "" {
			rest, err := ledger.Executions(ctx, f, 1, cursor)
			if err != nil || len(rest.Items) > 0 {
				return whole, err
			}
			cursor = rest.Next
		}
		whole.Next = ""
		return whole, nil
	}
}

// Compare fails the test unless two ledgers find the same for a filter, page
// for page, and count the same.
func Compare(t failer, got, want executionlog.Ledger, f executionlog.Filter, size, round int) {
	t.Helper()
	cursor := ""
	for range 100 {
		expected, wantErr := want.Executions(t.Context(), f, size, cursor)
		found, err := wholePage(t.Context(), got, f, size, cursor)
		if (err == nil) != (wantErr == nil) || err != nil && !errors.Is(err, executionlog.ErrCursor) {
			t.Fatalf("round %d: %+v: error %v, want %v", round, f, err, wantErr)
		}
		if diff := cmp.Diff(expected, found); diff != "" {
			t.Fatalf("round %d: %+v at %q (-want +got):\n%s", round, f, cursor, diff)
		}
		if cursor = expected.Next; cursor == "" {
			break
		}
	}
	if f.From.IsZero() || f.To.IsZero() || !f.From.Before(f.To) {
		return
	}
	expected, wantErr := want.Histogram(t.Context(), f, time.Hour)
	found, err := got.Histogram(t.Context(), f, time.Hour)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("round %d: histogram of %+v: error %v, want %v", round, f, err, wantErr)
	}
	if diff := cmp.Diff(expected, found); diff != "" {
		t.Fatalf("round %d: histogram of %+v (-want +got):\n%s", round, f, diff)
	}
}

// fragments are what random texts are made of: parts of words that meet again
// in other places, in several scripts and cases.
var fragments = []string{
	"connection", "Connect", "refused", "reset", "TIMEOUT", "time", "out", "Größe", "größe", "ПРИВЕТ", "привет", "K", "k", "ſ", "s",
	" ", " ", "-", "%", "_", "*", `"`, "'", "\x00", "1", "12", "123", "A", "a", "ab", "abc", "bc", "🙂",
}

func text(random *rand.Rand, parts int) string {
	var out strings.Builder
	for range random.IntN(parts + 1) {
		out.WriteString(fragments[random.IntN(len(fragments))])
	}
	return out.String()
}

func pick(random *rand.Rand, values ...string) string { return values[random.IntN(len(values))] }

// RandomResults returns attempts of all kinds, spread over three days.
func RandomResults(random *rand.Rand, from time.Time, count int) []*executionlog.Result {
	var results []*executionlog.Result
	used := map[int64]bool{}
	var tickets []string
	for range count/8 + 2 {
		tickets = append(tickets, "T"+text(random, 3))
	}
	for len(results) < count {
		micros := from.UnixMicro() + random.Int64N((72 * time.Hour).Microseconds())
		if used[micros] {
			continue
		}
		used[micros] = true
		a := executionlog.Attempt{
			ID:        id.Format(id.Attempt, micros*id.Nodes+random.Int64N(id.Nodes)),
			Workspace: pick(random, "default", "default", "default", "other"),
			Delivery:  id.Format(id.Delivery, 1+random.Int64N(int64(count/3+1))),
			Change:    id.Format(id.Change, 1+random.Int64N(int64(count/3+1))),
			Ticket:    tickets[random.IntN(len(tickets))],
			System:    pick(random, "faveo", "agency", "superoffice"),
			Event:     pick(random, "ticket.created", "reply_added", "Connect.Event", "größe"),
			Trigger:   pick(random, "", "trg_1", "trg_2", "trg_3"),
			Endpoint:  pick(random, "ep_1", "ep_2", "ep_3", "ep_4"),
			Number:    1 + random.IntN(5), Outcome: executionlog.Succeeded, HTTPStatus: 200 + random.IntN(5),
			At: time.UnixMicro(micros + random.Int64N(3)).UTC(), Duration: time.Duration(random.IntN(1e6)) * time.Microsecond,
			Detail: &executionlog.AttemptDetail{Method: "POST", URL: "https://receiver.example", ResponseBody: []byte(strings.Repeat("x", random.IntN(2)*random.IntN(800)) + text(random, 6))},
		}
		if random.IntN(3) == 0 {
			a.Outcome, a.HTTPStatus = executionlog.Failed, []int{0, 404, 500, 503}[random.IntN(4)]
			a.ErrorCode, a.Error = pick(random, "connection_refused", "timeout", "http_5xx"), text(random, 10)
		}
		results = append(results, &executionlog.Result{Attempt: a, Outcome: a.Outcome})
	}
	return results
}

// RandomFilter returns a filter of a few members, most of which match some of
// the rows.
func RandomFilter(random *rand.Rand, rows []*executionlog.Result) executionlog.Filter {
	f := executionlog.Filter{Workspace: pick(random, "default", "default", "other", ""), OldestFirst: random.IntN(2) == 0}
	for range random.IntN(4) {
		some := &rows[random.IntN(len(rows))].Attempt
		switch random.IntN(16) {
		case 0:
			f.Ticket = some.Ticket
		case 1:
			f.Ticket = pick(random, "*", "") + part(random, some.Ticket) + pick(random, "*", "*"+text(random, 1)+"*", "")
		case 2, 3:
			f.Error = part(random, some.Error)
		case 4:
			f.Words = text(random, 3)
		case 5:
			f.Response = part(random, string(some.Detail.ResponseBody))
		case 6, 7:
			f.Q = pick(random, part(random, some.Ticket), part(random, some.Error), part(random, some.ErrorCode), part(random, some.Event), text(random, 2))
		case 8:
			f.From, f.To = some.At, some.At.Add(time.Duration(random.Int64N(int64(30*time.Hour))))
		case 9:
			f.Outcome = some.Outcome
		case 10:
			f.StatusFrom, f.StatusTo = random.IntN(600), random.IntN(600)
		case 11:
			f.ErrorCode = some.ErrorCode
		case 12:
			f.System, f.Event = some.System, some.Event
		case 13:
			f.Trigger = some.Trigger
		case 14:
			f.Endpoint, f.Number = some.Endpoint, random.IntN(3)
		case 15:
			f.Delivery = some.Delivery
			if random.IntN(2) == 0 {
				f.Delivery, f.Change = "", some.Change
			}
		}
	}
	return f
}

// part returns a part of a text, perhaps in another case.
func part(random *rand.Rand, whole string) string {
	runes := []rune(whole)
	if len(runes) == 0 {
		return ""
	}
	from := random.IntN(len(runes))
	out := string(runes[from : from+1+random.IntN(len(runes)-from)])
	switch random.IntN(3) {
	case 0:
		return strings.ToUpper(out)
	case 1:
		return strings.ToLower(out)
	}
	return out
}
