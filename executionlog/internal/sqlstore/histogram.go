package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// countRows counts a filter's matches into their bars: in the database where
// it can tell what matches.
func (s *Store) countRows(ctx context.Context, match *criteria.Attempts, buckets []executionlog.Bucket, step time.Duration) error {
	plan, err := s.plan(ctx, match, true)
	if err != nil || plan == nil {
		return err
	}
	conditions, complete := plan.complete()
	if !complete {
		return s.walk(ctx, &walk{filter: match.Filter, wanted: scanChunk}, func(number int64, a *executionlog.Attempt) (bool, error) {
			criteria.Count(buckets, step, id.Time(number), a.Outcome, 1)
			return true, nil
		})
	}
	w := &plan.ways[0]
	if w.table != "" {
		if done, err := plan.estimate(ctx, w, conditions, buckets, step); err != nil || done {
			return err
		}
	}
	sel := plan.bounds(w, criteria.Place{}, criteria.Place{})
	plan.narrow(w, conditions, &sel)
	width := step.Microseconds()
	text := fmt.Sprintf(`SELECT %s / %d, a.outcome, count(*) FROM %s%s GROUP BY 1, 2`, w.id, width*id.Nodes, w.from, sel.conditions())
	return s.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		var at, outcome, n int64
		if err := rows.Scan(&at, &outcome, &n); err != nil {
			return false, err
		}
		criteria.Count(buckets, step, time.UnixMicro(at*width).UTC(), outcomes[outcome], n)
		return true, nil
	})
}

// complete returns the conditions beside those of the plan that decide in the
// database what matches; ok is false where they do not.
func (p *plan) complete() (conditions []condition, ok bool) {
	m := p.match
	w := &p.ways[0]
	byTicket := len(w.tickets) > 0 || w.oneTicket
	if len(p.ways) > 1 || m.Q != "" || m.Response != "" || m.Filter.Ticket != "" && !byTicket {
		return nil, false
	}
	for _, text := range m.Contains {
		if text == "" {
			continue
		}
		term := p.store.Dialect.HoldsFolded("a.error", text)
		if term == "" || w.table == "" {
			return nil, false // what no index finds is read bit by bit
		}
		conditions = append(conditions, condition{term, text})
	}
	return conditions, true
}

// narrow adds the conditions of a way and others.
func (p *plan) narrow(w *way, conditions []condition, sel *selection) {
	if w.table != "" {
		p.askText(w, sel)
	}
	if len(w.tickets) > 0 {
		sel.terms = append(sel.terms, "a.ticket "+p.store.Dialect.In(sel.arg(p.store.Dialect.List(w.tickets))))
	}
	for _, list := range [][]condition{w.by, p.common, conditions} {
		for _, c := range list {
			c.add(sel)
		}
	}
}

const (
	// countedExactly is how many candidates of a text index are compared to
	// count them.
	countedExactly = 4000
	// samplePlaces and sampleRows are from how many places, and how many
	// candidates from each, the sample of more is.
	samplePlaces = 8
	sampleRows   = 25
)

// estimate counts the candidates of a text index, where they are too many to
// be compared, and compares some from all over the time. Unless all of those
// match, done is false.
//
// Where all match that a part of the texts finds, that part is asked alone:
// every other one takes as long again.
func (p *plan) estimate(ctx context.Context, w *way, conditions []condition, buckets []executionlog.Bucket, step time.Duration) (done bool, err error) {
	partly := func(sel *selection) {
		sel.terms = append(sel.terms, p.store.Dialect.ContainsPart(w.table, w.text, sel.arg))
	}
	var unused selection
	if w.ending == "" && p.store.Dialect.ContainsPart(w.table, w.text, unused.arg) != "" {
		all, err := p.allSampled(ctx, w, partly, conditions)
		if err != nil {
			return false, err
		}
		if all {
			bars, count, err := p.candidateBars(ctx, w, partly, step)
			if err != nil || count <= p.store.counted {
				return count == 0, err
			}
			addEstimates(buckets, bars, step)
			return true, nil
		}
	}
	wholly := func(sel *selection) { p.askText(w, sel) }
	bars, count, err := p.candidateBars(ctx, w, wholly, step)
	if err != nil || count <= p.store.counted {
		return count == 0, err
	}
	if all, err := p.allSampled(ctx, w, wholly, conditions); err != nil || !all {
		return false, err
	}
	addEstimates(buckets, bars, step)
	return true, nil
}

// asking adds a question to a text index.
type asking func(*selection)

func addEstimates(buckets []executionlog.Bucket, bars map[int64]int64, step time.Duration) {
	for at, n := range bars {
		criteria.Count(buckets, step, time.UnixMicro(at*step.Microseconds()).UTC(), executionlog.Failed, n)
	}
	for i := range buckets {
		buckets[i].Estimated = buckets[i].Failed > 0
	}
}

// candidateBars returns how many candidates each step of time has, by its
// number since 1970, and how many that are together.
func (p *plan) candidateBars(ctx context.Context, w *way, ask asking, step time.Duration) (bars map[int64]int64, count int64, err error) {
	sel := p.candidates(w, ask, p.match.Low, p.match.High)
	bar := fmt.Sprintf("%s / %d", w.id, step.Microseconds()*id.Nodes)
	rows := fmt.Sprintf("%s %s%s", w.table, w.alias, sel.conditions())
	if p.store.Dialect.InOrder() {
		// As one text: to group them SQLite would sort them, which takes longer
		// than finding them.
		var list sql.NullString
		if err := p.store.one(ctx, "SELECT string_agg(CAST("+bar+" AS TEXT), ',') FROM "+rows, sel.args, &list); err != nil {
			return nil, 0, err
		}
		return countNumbers(list.String)
	}
	bars = map[int64]int64{}
	err = p.store.each(ctx, "SELECT "+bar+", count(*) FROM "+rows+" GROUP BY 1", sel.args, func(rows *sql.Rows) (bool, error) {
		var at, n int64
		err := rows.Scan(&at, &n)
		bars[at], count = n, count+n
		return true, err
	})
	return bars, count, err
}

// candidates selects what a text index finds between two numbers.
func (p *plan) candidates(w *way, ask asking, low, high int64) selection {
	var sel selection
	sel.where(w.id+" >= %s", low)
	sel.where(w.id+" < %s", high)
	ask(&sel)
	return sel
}

// allSampled says whether all candidates of a sample from all over the time
// match.
func (p *plan) allSampled(ctx context.Context, w *way, ask asking, conditions []condition) (bool, error) {
	low, high := p.match.Low, p.match.High
	for place := range int64(samplePlaces) {
		if all, err := p.allMatch(ctx, w, ask, conditions, low+(high-low)/samplePlaces*place, high); err != nil || !all {
			return false, err
		}
	}
	return true, nil
}

// allMatch says whether the next candidates from a number on all match.
func (p *plan) allMatch(ctx context.Context, w *way, ask asking, conditions []condition, from, high int64) (bool, error) {
	some := p.candidates(w, ask, from, high)
	sample := "(SELECT " + w.id + " AS id FROM " + w.table + " " + w.alias + some.conditions() + " ORDER BY " + w.id + " LIMIT " + some.arg(sampleRows) + ") c"
	sel := selection{args: some.args}
	for _, c := range slices.Concat(p.common, conditions) {
		c.add(&sel)
	}
	var sampled, matching int
	text := "SELECT count(*), coalesce(sum(CASE WHEN " + strings.Join(sel.terms, " AND ") + " THEN 1 ELSE 0 END), 0) FROM " + sample + " JOIN attempts a ON a.id = c.id"
	err := p.store.one(ctx, text, sel.args, &sampled, &matching)
	return sampled == matching, err
}
