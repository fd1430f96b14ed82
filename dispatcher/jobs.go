package dispatcher

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// The states of a Job.
const (
	JobRunning   = "running"
	JobCounting  = "counting" // a replay that finds out how much it has to do
	JobDone      = "done"
	JobCancelled = "cancelled"
	JobFailed    = "failed"
)

// Job is what replays and simulations have in common: work that goes on by
// itself. Its progress is a document of the ledger, so that every process can
// show and cancel it, and another one go on with it.
type Job struct {
	ID         string    `json:"id"`
	Workspace  string    `json:"-"`
	Actor      string    `json:"actor"`
	State      string    `json:"state"` // counting, running, done, cancelled or failed
	Error      string    `json:"error,omitempty"`
	CreatedAt  time.Time `json:"created_at"`
	UpdatedAt  time.Time `json:"updated_at"`
	FinishedAt time.Time `json:"finished_at,omitzero"`

	// The version of the document that was read or written last, 0 for none,
	// and whether it is one of those that ended.
	version int
	ended   bool
}

func (j *Job) job() *Job { return j }

// belong tells a job that was read whose it is.
func (j *Job) belong(workspace string) { j.Workspace = workspace }

// Ended says that nothing goes on any more.
func (j *Job) Ended() bool { return j.State != JobRunning && j.State != JobCounting }

// end notes how a job that ran has ended.
func (j *Job) end(state, fault string, at time.Time) {
	j.State, j.Error, j.UpdatedAt, j.FinishedAt = state, fault, at, at
}

// cancel ends a job that runs; ErrState for another.
func (j *Job) cancel(at time.Time) error {
	if j.Ended() {
		return fmt.Errorf("%s is %s: %w", j.ID, j.State, executionlog.ErrState)
	}
	j.end(JobCancelled, "", at)
	return nil
}

// resume lets a job go on that was cancelled or failed; ErrState for another.
func (j *Job) resume(state string, at time.Time) error {
	if j.State != JobCancelled && j.State != JobFailed {
		return fmt.Errorf("%s is %s: %w", j.ID, j.State, executionlog.ErrState)
	}
	j.State, j.Error, j.UpdatedAt, j.FinishedAt = state, "", at, time.Time{}
	return nil
}

// ownActor is the author where nobody is named.
const ownActor = "hookdesk"

// jobs keeps the jobs of one kind. Those that run and those that ended are
// documents of different kinds: whoever looks for work reads only the former.
type jobs[J interface {
	job() *Job
	belong(workspace string)
}] struct {
	ledger executionlog.Ledger
	now    func() time.Time
	empty  func() J
	kind   string
	most   int           // ended ones of a workspace that are kept
	life   time.Duration // how long they are kept
}

func (s *jobs[J]) kindOf(ended bool) string {
	if ended {
		return s.kind + ".ended"
	}
	return s.kind
}

// put writes a job in place of what was read or written last; ErrConflict
// where somebody else wrote it meanwhile. One that has ended moves to those
// that did, and one that goes on back to those that run.
func (s *jobs[J]) put(ctx context.Context, j J, audit ...executionlog.AuditEntry) error {
	job := j.job()
	body, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", s.kind, job.ID, err)
	}
	ended, version := job.Ended(), job.version
	var writes []executionlog.DocumentWrite
	if ended != job.ended && version > 0 {
		writes, version = append(writes, s.removal(job)), 0
	}
	writes = append(writes, executionlog.DocumentWrite{Expect: version, Forget: true, Quiet: true, Document: executionlog.Document{
		Workspace: job.Workspace, Kind: s.kindOf(ended), ID: job.ID, Body: body, At: s.now(), Author: cmp.Or(job.Actor, ownActor),
	}})
	if err := s.ledger.Put(ctx, writes, audit); err != nil {
		return fmt.Errorf("write %s %s: %w", s.kind, job.ID, err)
	}
	job.version, job.ended = version+1, ended
	return nil
}

func (s *jobs[J]) removal(job *Job) executionlog.DocumentWrite {
	return executionlog.DocumentWrite{Expect: job.version, Forget: true, Quiet: true, Document: executionlog.Document{
		Workspace: job.Workspace, Kind: s.kindOf(job.ended), ID: job.ID, At: s.now(), Deleted: true,
	}}
}

// get returns a job; ErrNotFound for one that was kept long enough, too.
func (s *jobs[J]) get(ctx context.Context, workspace, id string) (J, error) {
	var none J
	var document *executionlog.Document
	var err error
	for _, ended := range []bool{false, true, false} { // it may end, or go on, between two looks
		if document, err = s.ledger.Document(ctx, workspace, s.kindOf(ended), id); !errors.Is(err, executionlog.ErrNotFound) {
			break
		}
	}
	if err != nil {
		return none, fmt.Errorf("read %s %s: %w", s.kind, id, err)
	}
	j, err := s.parse(document)
	if err == nil && s.expired(j.job()) {
		return none, fmt.Errorf("%s %s: %w", s.kind, id, executionlog.ErrNotFound)
	}
	return j, err
}

func (s *jobs[J]) parse(document *executionlog.Document) (J, error) {
	j := s.empty()
	if err := json.Unmarshal(document.Body, j); err != nil {
		return j, fmt.Errorf("read %s %s: %w", s.kind, document.ID, err)
	}
	j.belong(document.Workspace)
	j.job().version, j.job().ended = document.Version, document.Kind != s.kind
	return j, nil
}

func (s *jobs[J]) expired(job *Job) bool {
	return job.Ended() && s.now().Sub(cmp.Or(job.FinishedAt, job.UpdatedAt)) > s.life
}

// running returns the jobs of all workspaces that run.
func (s *jobs[J]) running(ctx context.Context) ([]J, error) {
	list, err := s.read(ctx, "", false)
	return slices.DeleteFunc(list, func(j J) bool { return j.job().Ended() }), err
}

// list returns the jobs of a workspace, newest first.
func (s *jobs[J]) list(ctx context.Context, workspace string) ([]J, error) {
	list, err := s.all(ctx, workspace)
	return slices.DeleteFunc(list, func(j J) bool { return s.expired(j.job()) }), err
}

// all is list with what was kept long enough, and of all workspaces where it
// is empty. Those that run are read twice, since one may end before the others
// are read, or go on after.
func (s *jobs[J]) all(ctx context.Context, workspace string) ([]J, error) {
	found := map[string]J{}
	for _, ended := range []bool{false, true, false} {
		list, err := s.read(ctx, workspace, ended)
		if err != nil {
			return nil, err
		}
		for _, j := range list {
			found[j.job().ID] = j
		}
	}
	list := slices.Collect(maps.Values(found))
	slices.SortFunc(list, func(a, b J) int { return cmp.Compare(b.job().ID, a.job().ID) })
	return list, nil
}

func (s *jobs[J]) read(ctx context.Context, workspace string, ended bool) ([]J, error) {
	documents, err := s.ledger.ListDocuments(ctx, workspace, s.kindOf(ended))
	if err != nil {
		return nil, fmt.Errorf("list the documents %s: %w", s.kindOf(ended), err)
	}
	list := make([]J, len(documents))
	for i, document := range documents {
		if list[i], err = s.parse(document); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// cancel ends a job that runs, in whichever process; ErrState for another.
func (s *jobs[J]) cancel(ctx context.Context, workspace, id string) (J, error) {
	return s.change(ctx, workspace, id, func(j J) ([]executionlog.AuditEntry, error) { return nil, j.job().cancel(s.now()) })
}

// change has a job changed and written, with what the audit log is to say of
// it; again where somebody else wrote it meanwhile.
func (s *jobs[J]) change(ctx context.Context, workspace, id string, change func(J) ([]executionlog.AuditEntry, error)) (J, error) {
	for {
		j, err := s.get(ctx, workspace, id)
		if err != nil {
			return j, err
		}
		audit, err := change(j)
		if err != nil {
			return j, err
		}
		if err := s.put(ctx, j, audit...); !errors.Is(err, executionlog.ErrConflict) {
			return j, err
		}
	}
}

// sweep removes what has been kept long enough, of one workspace or of all,
// and makes room for so many more in each.
func (s *jobs[J]) sweep(ctx context.Context, workspace string, room int) error {
	list, err := s.all(ctx, workspace)
	if err != nil {
		return err
	}
	kept := map[string]int{}
	for _, j := range list {
		job := j.job()
		if !job.Ended() {
			continue
		}
		if kept[job.Workspace]++; kept[job.Workspace]+room <= s.most && !s.expired(job) {
			continue
		}
		err := s.ledger.Put(ctx, []executionlog.DocumentWrite{s.removal(job)}, nil)
		if err != nil && !errors.Is(err, executionlog.ErrConflict) { // else another process removes it
			return fmt.Errorf("remove %s %s: %w", s.kind, job.ID, err)
		}
	}
	return nil
}
