package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// sweep removes one kind of rows.
type sweep struct {
	kept  func(executionlog.Keep) time.Duration
	count func(executionlog.Removed) executionlog.Removed // adds one row
	// find lists rows from $1 up to, not including, $2, at most $3, in the
	// order of their numbers: number and workspace. %s stands for the
	// condition on the workspace.
	find      string
	workspace string // the column
	// remove removes those of the rows that may still be removed, and
	// returns their numbers.
	remove func(b *batch, numbers []int64) ([]int64, error)
}

// A request is needed while a delivery that sends it is pending.
const unneeded = ` AND NOT EXISTS (SELECT 1 FROM deliveries p WHERE p.request_of = %s AND p.outcome = 0)`

func keptBodies(k executionlog.Keep) time.Duration    { return k.Bodies }
func keptSucceeded(k executionlog.Keep) time.Duration { return k.Succeeded }
func keptFailed(k executionlog.Keep) time.Duration    { return k.Failed }
func keptChanges(k executionlog.Keep) time.Duration   { return k.Changes }

func oneBody(r executionlog.Removed) executionlog.Removed     { r.Bodies++; return r }
func oneAttempt(r executionlog.Removed) executionlog.Removed  { r.Attempts++; return r }
func oneDelivery(r executionlog.Removed) executionlog.Removed { r.Deliveries++; return r }
func oneChange(r executionlog.Removed) executionlog.Removed   { r.Changes++; return r }

// sweeps lists what retention removes, in order.
func sweeps() []sweep {
	attempts := `SELECT a.id, a.workspace FROM attempts a WHERE a.id >= $1 AND a.id < $2 AND a.outcome = %d%%s ORDER BY a.id LIMIT $3`
	deliveries := `SELECT d.id, d.workspace FROM deliveries d WHERE d.id >= $1 AND d.id < $2 AND d.outcome = %d` +
		fmt.Sprintf(unneeded, "d.id") + `%%s ORDER BY d.id LIMIT $3`
	return []sweep{
		{keptBodies, oneBody, `SELECT r.delivery, d.workspace FROM requests r JOIN deliveries d ON d.id = r.delivery
			WHERE r.delivery >= $1 AND r.delivery < $2` + fmt.Sprintf(unneeded, "r.delivery") + `%s ORDER BY r.delivery LIMIT $3`, "d.workspace", (*batch).removeRequests},
		{keptBodies, oneBody, `SELECT t.attempt, a.workspace FROM details t JOIN attempts a ON a.id = t.attempt
			WHERE t.attempt >= $1 AND t.attempt < $2 AND a.id >= $1 AND a.id < $2%s ORDER BY t.attempt LIMIT $3`, "a.workspace", (*batch).removeDetails},
		{keptSucceeded, oneAttempt, fmt.Sprintf(attempts, succeeded), "a.workspace", (*batch).removeAttempts},
		{keptFailed, oneAttempt, fmt.Sprintf(attempts, failed), "a.workspace", (*batch).removeAttempts},
		{keptSucceeded, oneDelivery, fmt.Sprintf(deliveries, succeeded), "d.workspace", (*batch).removeDeliveries},
		{keptFailed, oneDelivery, fmt.Sprintf(deliveries, failed), "d.workspace", (*batch).removeDeliveries},
		{keptFailed, oneDelivery, fmt.Sprintf(deliveries, cancelled), "d.workspace", (*batch).removeDeliveries},
		{keptChanges, oneChange, `SELECT c.id, c.workspace FROM changes c WHERE c.id >= $1 AND c.id < $2%s ORDER BY c.id LIMIT $3`, "c.workspace", (*batch).removeChanges},
	}
}

// Maintain removes what retention does not keep. Rows are looked for by
// reading; the writer only removes them, in steps between which other writes
// have their turn.
func (s *Store) Maintain(ctx context.Context, policy executionlog.Retention, now time.Time) (executionlog.Upkeep, error) {
	r := &round{store: s, removed: map[int64]executionlog.Removed{}, pace: newPace(policy.Step)}
	err := s.Dialect.Alone(ctx, s, func() (err error) {
		if r.clock, err = s.tellRetention(ctx, policy, now); err != nil {
			return err
		}
		r.now = r.clock.Now()
		return r.run(ctx, policy)
	})
	upkeep, nameErr := r.upkeep(context.WithoutCancel(ctx)) // what was removed is told in any case
	return upkeep, s.classify("maintain", errors.Join(err, nameErr))
}

// round is one round of upkeep.
type round struct {
	store   *Store
	clock   executionlog.RetentionClock
	now     time.Time                      // what it shows
	removed map[int64]executionlog.Removed // by workspace
	steps   int
	longest time.Duration
	pace    pace
}

func (r *round) run(ctx context.Context, policy executionlog.Retention) error {
	if err := r.store.Dialect.Maintain(ctx, r.store, policy, r.clock, r.add); err != nil {
		return err
	}
	if err := r.forget(ctx); err != nil {
		return err
	}
	for i, w := range sweeps() {
		groups, err := r.store.groups(ctx, policy, w.kept)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if err := r.sweep(ctx, w, fmt.Sprint(i, g), g); err != nil {
				return fmt.Errorf("remove old rows: %w", err)
			}
		}
	}
	return nil
}

// add counts what was removed from a workspace.
func (r *round) add(workspace int64, removed executionlog.Removed) {
	sum := r.removed[workspace]
	sum.Add(removed)
	r.removed[workspace] = sum
}

func (r *round) upkeep(ctx context.Context) (executionlog.Upkeep, error) {
	out := executionlog.Upkeep{Removed: map[string]executionlog.Removed{}, Steps: r.steps, Longest: r.longest, Clock: r.clock}
	for number, removed := range r.removed {
		var name string
		if err := r.store.names.resolve(ctx, resolution{number, &name}); err != nil {
			return out, err
		}
		out.Removed[name] = removed
	}
	return out, nil
}

// sweep removes the rows of a group that are older than what is kept.
//
// What it has gone through once it does not go through again until the next
// day: rows that stay there, because another group owns them or because a
// pending delivery needs them, may be millions.
func (r *round) sweep(ctx context.Context, w sweep, place string, g group) error {
	before := criteria.First(r.now.Add(-g.kept))
	from := r.store.swept.from(place, r.now)
	for from < before {
		rows, err := r.find(ctx, w, g, from, before)
		if err != nil {
			return err
		}
		done := 0
		if len(rows) > 0 {
			if done, err = r.step(ctx, w, rows); err != nil {
				return err
			}
		}
		switch {
		case done < len(rows):
			from = rows[done].number
		case len(rows) < r.pace.asked:
			from = before
		default:
			from = rows[done-1].number + 1
		}
		r.store.swept.set(place, from)
	}
	return nil
}

// old is a row to remove.
type old struct{ number, workspace int64 }

func (r *round) find(ctx context.Context, w sweep, g group, from, before int64) ([]old, error) {
	args, condition := []any{from, before, r.pace.next()}, ""
	if len(g.workspaces) > 0 {
		condition = w.workspace + " " + r.store.Dialect.In("$4")
		if g.others {
			condition = "NOT (" + condition + ")"
		}
		condition = " AND " + condition
		args = append(args, r.store.Dialect.List(g.workspaces))
	}
	var found []old
	err := r.store.each(ctx, fmt.Sprintf(w.find, condition), args, func(rows *sql.Rows) (bool, error) {
		var row old
		err := rows.Scan(&row.number, &row.workspace)
		found = append(found, row)
		return true, err
	})
	return found, err
}

// step removes rows in one transaction, and then leaves the writer to others
// for as long as that took. It ends before all rows are done where they take
// too long, and returns how many are.
func (r *round) step(ctx context.Context, w sweep, rows []old) (done int, err error) {
	numbers, owners := make([]int64, len(rows)), make(map[int64]int64, len(rows))
	for i, row := range rows {
		numbers[i], owners[row.number] = row.number, row.workspace
	}
	var removed map[int64]executionlog.Removed
	var begun time.Time
	err = r.store.write(ctx, func(b *batch) error {
		begun, done = r.store.swept.time(), 0
		removed = map[int64]executionlog.Removed{}
		for chunk := range slices.Chunk(numbers, smallestStep) {
			gone, err := w.remove(b, chunk)
			if err == nil {
				err = b.drain()
			}
			if err != nil {
				return err
			}
			for _, number := range gone {
				removed[owners[number]] = w.count(removed[owners[number]])
			}
			if done += len(chunk); r.store.swept.time().Sub(begun) >= aim {
				break
			}
		}
		for workspace, n := range removed {
			note := NoteRemoval(workspace, r.now, n)
			b.later(note.Text, note.Args...)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for workspace, n := range removed {
		r.add(workspace, n)
	}
	took := r.store.swept.time().Sub(begun)
	r.steps, r.longest = r.steps+1, max(r.longest, took)
	r.pace.took(done, took)
	return done, rest(ctx, took)
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(d, slowest)):
		return nil
	}
}

// removeAll runs a statement that deletes the rows of $1 and returns their
// numbers.
func (b *batch) removeAll(text string, numbers []int64) ([]int64, error) {
	return b.numbersOf(fmt.Sprintf(text, b.store.Dialect.In("$1")), b.store.Dialect.List(numbers))
}

func (b *batch) removeRequests(numbers []int64) ([]int64, error) {
	return b.removeAll(`DELETE FROM requests WHERE delivery %s`+fmt.Sprintf(unneeded, "requests.delivery")+` RETURNING delivery`, numbers)
}

func (b *batch) removeDetails(numbers []int64) ([]int64, error) {
	return b.removeAll(`DELETE FROM details WHERE attempt %s RETURNING attempt`, numbers)
}

func (b *batch) removeChanges(numbers []int64) ([]int64, error) {
	return b.removeAll(`DELETE FROM changes WHERE id %s RETURNING id`, numbers)
}

func (b *batch) removeAttempts(numbers []int64) ([]int64, error) {
	var gone, wrong []int64
	err := b.each(`DELETE FROM attempts WHERE id `+b.store.Dialect.In("$1")+
		` RETURNING id, workspace, system, event, trigger_id, endpoint, outcome, error_code`, []any{b.store.Dialect.List(numbers)},
		func(rows *sql.Rows) error {
			var a counted
			err := rows.Scan(&a.number, &a.workspace, &a.system, &a.event, &a.trigger, &a.endpoint, &a.outcome, &a.code)
			b.counts.attempt(a, -1)
			gone = append(gone, a.number)
			if a.outcome == failed {
				wrong = append(wrong, a.number)
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	b.later(`DELETE FROM details WHERE attempt `+b.store.Dialect.In("$1"), b.store.Dialect.List(gone))
	if len(wrong) > 0 {
		b.laterText(`DELETE FROM attempt_errors WHERE rowid `+b.store.Dialect.In("$1"), b.store.Dialect.List(wrong))
	}
	return gone, nil
}

func (b *batch) removeDeliveries(numbers []int64) ([]int64, error) {
	var gone []int64
	err := b.each(`DELETE FROM deliveries WHERE id `+b.store.Dialect.In("$1")+fmt.Sprintf(unneeded, "deliveries.id")+
		` RETURNING id, workspace, endpoint, outcome`, []any{b.store.Dialect.List(numbers)},
		func(rows *sql.Rows) error {
			var number, workspace, endpoint, outcome int64
			err := rows.Scan(&number, &workspace, &endpoint, &outcome)
			b.counts.delivery(number, workspace, endpoint, outcome, -1)
			gone = append(gone, number)
			return err
		})
	b.later(`DELETE FROM requests WHERE delivery `+b.store.Dialect.In("$1"), b.store.Dialect.List(gone))
	return gone, err
}

// group is workspaces that keep something for the same time.
type group struct {
	kept       time.Duration
	workspaces []int64
	others     bool // all but these
}

// groups cuts the workspaces by how long they keep something. Those that keep
// it for ever are left out.
func (s *Store) groups(ctx context.Context, policy executionlog.Retention, kept func(executionlog.Keep) time.Duration) ([]group, error) {
	rest := group{kept: kept(policy.Keep), others: true}
	own := map[time.Duration][]int64{}
	for name, keep := range policy.Workspaces {
		if kept(keep) == rest.kept {
			continue
		}
		number, err := s.names.find(ctx, name)
		if err != nil {
			return nil, err
		}
		if number == criteria.None {
			continue // nothing was ever written for it
		}
		rest.workspaces = append(rest.workspaces, number)
		own[kept(keep)] = append(own[kept(keep)], number)
	}
	all := []group{rest}
	for kept, workspaces := range own {
		all = append(all, group{kept: kept, workspaces: workspaces})
	}
	all = slices.DeleteFunc(all, func(g group) bool { return g.kept <= 0 })
	for _, g := range all {
		slices.Sort(g.workspaces)
	}
	slices.SortFunc(all, func(a, b group) int { return cmp.Compare(a.kept, b.kept) })
	return all, nil
}
