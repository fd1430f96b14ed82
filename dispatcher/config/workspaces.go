package config

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Workspace is a tenant: everything else belongs to one.
type Workspace struct {
	Name      string          `json:"name"`
	Title     string          `json:"title,omitempty"`
	Limits    WorkspaceLimits `json:"limits"`
	Retention Retention       `json:"retention"`
	Version   int             `json:"version"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
	UpdatedAt time.Time       `json:"updated_at,omitzero"`
}

// WorkspaceLimits bound what a workspace may use; 0 is no limit.
type WorkspaceLimits struct {
	ChangesPerSecond float64 `json:"changes_per_second"`
	Endpoints        int     `json:"endpoints"`
	Triggers         int     `json:"triggers"`
}

// Retention says how many days things are kept; 0 leaves it to the process's
// settings.
type Retention struct {
	BodiesDays    int `json:"bodies_days"`
	SucceededDays int `json:"succeeded_days"`
	FailedDays    int `json:"failed_days"`
	ChangesDays   int `json:"changes_days"`
}

// Over returns how long things are kept where r lays itself over the process's
// settings.
func (r Retention) Over(process executionlog.Keep) executionlog.Keep {
	for _, own := range []struct {
		days int
		kept *time.Duration
	}{
		{r.BodiesDays, &process.Bodies},
		{r.SucceededDays, &process.Succeeded},
		{r.FailedDays, &process.Failed},
		{r.ChangesDays, &process.Changes},
	} {
		if own.days > 0 {
			*own.kept = time.Duration(own.days) * 24 * time.Hour
		}
	}
	return process
}

// Retention returns how long all workspaces keep things.
func (s *Service) Retention() executionlog.Retention {
	policy := executionlog.Retention{
		Keep: s.options.Keep, Workspaces: map[string]executionlog.Keep{}, Leap: executionlog.DefaultLeap, Settle: executionlog.DefaultSettle,
	}
	for _, workspace := range s.Workspaces() {
		if workspace.Retention != (Retention{}) {
			policy.Workspaces[workspace.Name] = workspace.Retention.Over(s.options.Keep)
		}
	}
	return policy
}

// WorkspaceInput is a workspace as people write it.
type WorkspaceInput struct {
	Name      string          `json:"name"`
	Title     string          `json:"title,omitempty"`
	Limits    WorkspaceLimits `json:"limits"`
	Retention Retention       `json:"retention"`
}

type workspaceUpdate struct {
	WorkspaceInput
	Version   any `json:"version"`
	CreatedAt any `json:"created_at"`
	UpdatedAt any `json:"updated_at"`
}

var workspaceName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

const maxDays = 36_500

func (in WorkspaceInput) check() error {
	var list invalid.List
	if !workspaceName.MatchString(in.Name) {
		list.Add("name", in.Name, "must be a lower-case letter and then up to 62 letters, digits and hyphens")
	}
	if in.Title != "" {
		checkName("title", in.Title, &list)
	}
	if in.Limits.ChangesPerSecond < 0 || in.Limits.ChangesPerSecond > maxRate {
		list.Add("limits.changes_per_second", in.Limits.ChangesPerSecond, "must be from 0 (no limit) to %d", maxRate)
	}
	for _, count := range []struct {
		path string
		n    int
		most int
	}{
		{"limits.endpoints", in.Limits.Endpoints, 1_000_000},
		{"limits.triggers", in.Limits.Triggers, 1_000_000},
		{"retention.bodies_days", in.Retention.BodiesDays, maxDays},
		{"retention.succeeded_days", in.Retention.SucceededDays, maxDays},
		{"retention.failed_days", in.Retention.FailedDays, maxDays},
		{"retention.changes_days", in.Retention.ChangesDays, maxDays},
	} {
		if count.n < 0 || count.n > count.most {
			list.Add(count.path, count.n, "must be from 0 (no limit) to %d", count.most)
		}
	}
	return list.Err()
}

// HasWorkspace reports whether a workspace exists.
func (s *Service) HasWorkspace(name string) bool { return s.current.Load().workspaces[name] != nil }

// Workspaces lists the workspaces by name.
func (s *Service) Workspaces() []*Workspace {
	return list(s.current.Load().workspaces, func(*Workspace) bool { return true })
}

// Workspace returns a workspace by name.
func (s *Service) Workspace(name string) (*Workspace, error) {
	found := s.current.Load().workspaces[name]
	if found == nil {
		return nil, fmt.Errorf("find workspace %s: %w", name, executionlog.ErrNotFound)
	}
	return found, nil
}

// CreateWorkspace makes a workspace. A name that is taken is an error that
// wraps executionlog.ErrConflict.
func (s *Service) CreateWorkspace(ctx context.Context, by Actor, in WorkspaceInput) (*Workspace, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.HasWorkspace(in.Name) {
		return nil, fmt.Errorf("create workspace %s, which exists: %w", in.Name, executionlog.ErrConflict)
	}
	version, err := s.lastVersion(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	now := s.now()
	made := &Workspace{Name: in.Name, Title: in.Title, Limits: in.Limits, Retention: in.Retention, Version: version + 1, CreatedAt: now, UpdatedAt: now}
	return made, s.putWorkspace(ctx, by, made, nil, "workspace.created")
}

// lastVersion returns the version that a deleted workspace of the same name
// had, 0 if there was none.
func (s *Service) lastVersion(ctx context.Context, name string) (int, error) {
	versions, err := s.options.Ledger.Versions(ctx, name, kindWorkspace, name)
	if err != nil || len(versions) == 0 {
		return 0, ignoreNotFound(err)
	}
	return versions[0].Version, nil
}

// PatchWorkspace applies a JSON merge patch.
func (s *Service) PatchWorkspace(ctx context.Context, by Actor, name string, patch []byte) (*Workspace, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.Workspace(name)
	if err != nil {
		return nil, err
	}
	text, err := strictjson.MergePatch(before, patch)
	if err != nil {
		return nil, err
	}
	var update workspaceUpdate
	if err := strictjson.Unmarshal(text, &update); err != nil {
		return nil, err
	}
	in := update.WorkspaceInput
	if in.Name != name {
		return nil, invalid.New("name", in.Name, "cannot be changed")
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	after := *before
	after.Title, after.Limits, after.Retention = in.Title, in.Limits, in.Retention
	after.Version, after.UpdatedAt = before.Version+1, s.now()
	return &after, s.putWorkspace(ctx, by, &after, before, "workspace.updated")
}

// DeleteWorkspace deletes a workspace without endpoints, triggers and tokens;
// else it returns an *InUseError.
func (s *Service) DeleteWorkspace(ctx context.Context, by Actor, name string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.Workspace(name)
	if err != nil {
		return err
	}
	if name == DefaultWorkspace {
		return invalid.New("name", name, "cannot be deleted")
	}
	var users []string
	for _, endpoint := range s.Endpoints(name) {
		users = append(users, endpoint.ID)
	}
	for _, trigger := range s.Triggers(name) {
		users = append(users, trigger.ID)
	}
	for _, token := range s.Tokens(name) {
		users = append(users, token.ID)
	}
	if len(users) > 0 {
		return &InUseError{ID: name, By: users}
	}
	by.Workspace = name
	return s.put(ctx, by, write{
		kind: kindWorkspace, id: name, version: before.Version + 1, deleted: true,
		body: struct{}{}, before: before, action: "workspace.deleted",
	})
}

// putWorkspace stores a workspace as a document of its own.
func (s *Service) putWorkspace(ctx context.Context, by Actor, after, before *Workspace, action string) error {
	by.Workspace = after.Name
	w := write{kind: kindWorkspace, id: after.Name, version: after.Version, body: after, after: after, action: action}
	if before != nil {
		w.before = before
	}
	return s.put(ctx, by, w)
}

func decodeWorkspace(document *executionlog.Document) (*Workspace, error) {
	workspace := &Workspace{}
	if err := json.Unmarshal(document.Body, workspace); err != nil {
		return nil, fmt.Errorf("decode workspace: %w", err)
	}
	workspace.Name, workspace.Version = document.ID, document.Version
	return workspace, nil
}

// addDefaultWorkspace adds the workspace that nobody has to make.
func (s *Service) addDefaultWorkspace(to *snapshot) {
	if to.workspaces[DefaultWorkspace] == nil {
		to.workspaces[DefaultWorkspace] = &Workspace{Name: DefaultWorkspace, Title: "Default"}
	}
}
