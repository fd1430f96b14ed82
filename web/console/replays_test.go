package console_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
)

// jobs is a desk with one replay.
type jobs struct {
	dispatcher.Desk
	state string
}

const oneReplay = "rpl_0000000000009"

func (j *jobs) Replay(context.Context, string, string) (*dispatcher.Replay, error) {
	now := time.Now()
	return &dispatcher.Replay{
		Job: dispatcher.Job{ID: oneReplay, State: j.state, CreatedAt: now}, Total: 40, Done: 12,
		Filter: executionlog.Filter{Workspace: "default", Outcome: executionlog.Failed, System: "faveo", To: now, OldestFirst: true},
	}, nil
}

func (j *jobs) ResumeReplay(ctx context.Context, workspace, id, _ string) (*dispatcher.Replay, error) {
	if j.state != dispatcher.JobCancelled && j.state != dispatcher.JobFailed {
		return nil, executionlog.ErrState
	}
	j.state = dispatcher.JobRunning
	return j.Replay(ctx, workspace, id)
}

// A replay that was stopped, or failed, is resumed on its page; one that runs
// is stopped there, and one that is done neither.
func TestReplayIsResumed(t *testing.T) {
	for state, want := range map[string]struct {
		resume, stop bool
		status       int
	}{
		dispatcher.JobCancelled: {true, false, http.StatusSeeOther},
		dispatcher.JobFailed:    {true, false, http.StatusSeeOther},
		dispatcher.JobRunning:   {false, true, http.StatusConflict},
		dispatcher.JobDone:      {false, false, http.StatusConflict},
	} {
		s := openDesk(t, stage, &jobs{stage.Desk, state}, stage.Ledger, time.Minute)
		s.signIn(t)
		page := "/replays/" + oneReplay
		body := s.get(t, page).body
		if !strings.Contains(body, `<a href="/log?outcome=failed&amp;system=faveo">outcome failed, system faveo</a>`) {
			t.Errorf("%s: it does not name its search:\n%s", state, section(body, "<dt>Of</dt>"))
		}
		if strings.Contains(body, page+"/resume") != want.resume || strings.Contains(body, page+"/cancel") != want.stop {
			t.Errorf("%s: want resume %v, stop %v:\n%s", state, want.resume, want.stop, section(body, `id="control"`))
		}
		if got := s.post(t, page+"/resume"); got.status != want.status {
			t.Errorf("%s: status %d, want %d", state, got.status, want.status)
		}
		if want.resume && !strings.Contains(s.get(t, page).body, page+"/cancel") {
			t.Errorf("%s: it does not run after it was resumed", state)
		}
	}
}
