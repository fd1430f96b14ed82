package synthetic

import (
	"container/heap"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// delays are how long a failed delivery waits for its next attempt.
var delays = []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// maker makes attempts, one after the other in time.
type maker struct {
	options Options
	random  *rand.Rand
	rhythm  *rhythm
	bad     [][]outage // by lane
	lanes   map[string]int
	done    int
	last    int64 // the newest attempt's time, in microseconds
	steps   map[int]int
	due     dueList
}

// waiting is a delivery whose next attempt is due.
type waiting struct {
	at       time.Time
	delivery executionlog.Delivery
	lane     int
	told     bool // it is in the ledger
}

func newMaker(o Options) *maker {
	m := &maker{
		options: o, random: rand.New(rand.NewPCG(o.Seed, 1)), rhythm: newRhythm(o.From, o.To),
		lanes: map[string]int{}, steps: map[int]int{},
	}
	share := max(0, (o.Failures-usual)/duringOutage/reattempts*1.6)
	for i, lane := range o.Lanes {
		m.bad = append(m.bad, outages(m.random, o.From, o.To, share))
		m.lanes[lane.Endpoint] = i
	}
	return m
}

// batch makes the next attempts, and what they need in the ledger.
func (m *maker) batch(ctx context.Context) (batch, error) {
	var b batch
	for len(b.results) < m.options.Batch && m.done < m.options.Attempts {
		at := m.time()
		if len(m.due) == 0 || m.due[0].at.After(at) {
			acceptances, err := m.begin(ctx, at)
			if err != nil {
				return b, err
			}
			b.acceptances = append(b.acceptances, acceptances...)
		}
		if len(m.due) > 0 && !m.due[0].at.After(at) {
			b.results = append(b.results, m.attempt(heap.Pop(&m.due).(waiting), at))
			m.done++
		}
	}
	return b, nil
}

// time returns when the next attempt is made: later than the one before.
func (m *maker) time() time.Time {
	share := (float64(m.done) + m.random.Float64()) / float64(m.options.Attempts)
	micros := max(m.rhythm.at(share).UnixMicro(), m.last+1)
	m.last = micros
	return time.UnixMicro(micros).UTC()
}

// begin lets something happen to a ticket. Tickets see most within a short
// time: the newer a ticket, the more of it.
func (m *maker) begin(ctx context.Context, at time.Time) ([]*executionlog.Acceptance, error) {
	o := &m.options
	newest := int(int64(m.done) * int64(o.Tickets) / int64(o.Attempts))
	place := max(0, newest-int(m.random.ExpFloat64()*min(float64(o.Tickets)/200, 2000)))
	if m.done < o.Attempts-o.Told {
		m.beginUntold(place, at)
		return nil, nil
	}
	happening := Happening{At: at, Ticket: Ticket(place), Place: place, Step: m.steps[place]}
	m.steps[place]++
	acceptances, err := o.Tell(ctx, happening)
	for _, a := range acceptances {
		for _, d := range a.Deliveries {
			lane, ok := m.lanes[d.Endpoint]
			if !ok {
				return nil, errors.New("a delivery goes to an endpoint that is no lane")
			}
			heap.Push(&m.due, waiting{at, d.Delivery, lane, true})
		}
	}
	return acceptances, err
}

func (m *maker) beginUntold(place int, at time.Time) {
	lane := m.random.IntN(len(m.options.Lanes))
	if m.random.IntN(4) > 0 {
		lane = m.random.IntN(max(1, len(m.options.Lanes)/10)) // a few get most
	}
	l := &m.options.Lanes[lane]
	number := at.UnixMicro() * id.Nodes
	heap.Push(&m.due, waiting{at: at, lane: lane, delivery: executionlog.Delivery{
		ID: id.Format(id.Delivery, number-5), Change: id.Format(id.Change, number-9), Workspace: m.options.Workspace,
		Ticket: Ticket(place), System: l.System, Event: l.Events[m.random.IntN(len(l.Events))], Endpoint: l.Endpoint, Trigger: l.Trigger,
	}})
}

// attempt makes the next attempt of a delivery.
func (m *maker) attempt(w waiting, at time.Time) *executionlog.Result {
	d := &w.delivery
	d.Attempts++
	a := executionlog.Attempt{
		ID: id.Format(id.Attempt, at.UnixMicro()*id.Nodes), Workspace: d.Workspace, Delivery: d.ID, Change: d.Change,
		Ticket: d.Ticket, System: d.System, Event: d.Event, Trigger: d.Trigger, Endpoint: d.Endpoint,
		Number: d.Attempts, At: at, Duration: time.Duration(20e6 + m.random.ExpFloat64()*120e6),
		Outcome: executionlog.Succeeded, HTTPStatus: 200,
	}
	result := &executionlog.Result{Outcome: executionlog.Succeeded}
	body := m.answer(w.lane)
	if failure := m.failure(w.lane, at); failure != nil {
		a.Outcome = executionlog.Failed
		a.HTTPStatus, a.ErrorCode, a.Error, body = failure.status, failure.code, failure.text, failure.body
		a.Duration = max(a.Duration, failure.took)
		result.Outcome = executionlog.Failed
		if d.Attempts <= len(delays) {
			result.Outcome, result.DueAt = executionlog.Pending, at.Add(delays[d.Attempts-1])
			w.at = result.DueAt
			heap.Push(&m.due, w)
		}
	}
	if m.options.Details {
		a.Detail = m.detail(&a, &m.options.Lanes[w.lane], body)
	}
	result.Attempt = a
	return result
}

// cancelRest ends what still waits, so that nobody goes on with it.
func (m *maker) cancelRest(ctx context.Context, ledger executionlog.Ledger) error {
	for _, w := range m.due {
		if !w.told {
			continue
		}
		if err := ledger.Cancel(ctx, w.delivery.Workspace, w.delivery.ID, m.options.To); err != nil {
			return err
		}
	}
	return nil
}

// dueList is a heap of what waits, the earliest first.
type dueList []waiting

func (l dueList) Len() int           { return len(l) }
func (l dueList) Less(i, j int) bool { return l[i].at.Before(l[j].at) }
func (l dueList) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *dueList) Push(w any)        { *l = append(*l, w.(waiting)) }

func (l *dueList) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
