package config

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// readOnlyTrigger are the members that a trigger is shown with and nobody
// writes; an update may send them back, and they are ignored there.
var readOnlyTrigger = []string{"id", "version", "author", "created_at", "updated_at", "warnings"}

// DecodeTrigger reads a trigger to create. It returns a
// *strictjson.SyntaxError or an *invalid.Error.
func DecodeTrigger(data []byte) (*triggers.Trigger, error) {
	if _, err := strictjson.Parse(data); err != nil {
		return nil, err
	}
	return triggers.DecodeTrigger(data)
}

// DecodeTriggerUpdate reads a trigger that replaces another; it may hold the
// members that only hookdesk writes.
func DecodeTriggerUpdate(data []byte) (*triggers.Trigger, error) {
	text, err := strictjson.Without(data, readOnlyTrigger...)
	if err != nil {
		return nil, err
	}
	return triggers.DecodeTrigger(text)
}

// CreateTrigger makes a trigger.
func (s *Service) CreateTrigger(ctx context.Context, by Actor, in *triggers.Trigger) (*triggers.Trigger, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if w := s.current.Load().workspaces[by.Workspace]; w != nil && w.Limits.Triggers > 0 && len(s.Triggers(by.Workspace)) >= w.Limits.Triggers {
		return nil, invalid.New("", nil, "the workspace may have %d triggers, and there are as many", w.Limits.Triggers)
	}
	now := s.now()
	trigger := completed(in)
	trigger.ID, trigger.Workspace, trigger.Version = s.ids.New(id.Trigger), by.Workspace, 1
	trigger.Author, trigger.CreatedAt, trigger.UpdatedAt = by.Name, now, now
	if err := s.checkTrigger(trigger); err != nil {
		return nil, err
	}
	return trigger, s.storeTrigger(ctx, by, trigger, nil, "trigger.created")
}

// ReplaceTrigger saves a new version of a trigger. expect is the version that
// the caller read, or AnyVersion.
func (s *Service) ReplaceTrigger(ctx context.Context, by Actor, id string, in *triggers.Trigger, expect int) (*triggers.Trigger, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestTrigger(by.Workspace, id, expect)
	if err != nil {
		return nil, err
	}
	return s.nextTrigger(ctx, by, before, in, "trigger.updated")
}

// PatchTrigger applies a JSON merge patch.
func (s *Service) PatchTrigger(ctx context.Context, by Actor, id string, patch []byte, expect int) (*triggers.Trigger, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestTrigger(by.Workspace, id, expect)
	if err != nil {
		return nil, err
	}
	text, err := mergeTrigger(before, patch)
	if err != nil {
		return nil, err
	}
	in, err := DecodeTriggerUpdate(text)
	if err != nil {
		return nil, err
	}
	return s.nextTrigger(ctx, by, before, in, "trigger.updated")
}

// mergeTrigger applies a merge patch to a trigger. Its condition is replaced
// as a whole, since a mixture of two trees is what nobody means.
func mergeTrigger(before *triggers.Trigger, patch []byte) ([]byte, error) {
	current := *before
	if when, err := strictjson.Has(patch, "when"); err != nil {
		return nil, err
	} else if when {
		current.When = nil
	}
	return strictjson.MergePatch(&current, patch)
}

// DeleteTrigger deletes a trigger; its versions stay readable.
func (s *Service) DeleteTrigger(ctx context.Context, by Actor, id string, expect int) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestTrigger(by.Workspace, id, expect)
	if err != nil {
		return err
	}
	return s.put(ctx, by, write{
		kind: kindTrigger, id: id, version: before.Version + 1, deleted: true,
		body: before, before: before, action: "trigger.deleted",
	})
}

// TriggerVersions lists all versions of a trigger, newest first.
func (s *Service) TriggerVersions(ctx context.Context, workspace, id string) ([]*triggers.Trigger, error) {
	documents, err := s.options.Ledger.Versions(ctx, workspace, kindTrigger, id)
	if err != nil {
		return nil, fmt.Errorf("list versions of %s: %w", id, err)
	}
	versions := []*triggers.Trigger{}
	for _, document := range documents {
		if document.Deleted {
			continue
		}
		trigger, err := decodeTrigger(document)
		if err != nil {
			return nil, err
		}
		versions = append(versions, trigger)
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("find %s: %w", id, executionlog.ErrNotFound)
	}
	return versions, nil
}

// TriggerVersion returns one version of a trigger.
func (s *Service) TriggerVersion(ctx context.Context, workspace, id string, version int) (*triggers.Trigger, error) {
	versions, err := s.TriggerVersions(ctx, workspace, id)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(versions, func(t *triggers.Trigger) bool { return t.Version == version })
	if i < 0 {
		return nil, fmt.Errorf("find version %d of %s: %w", version, id, executionlog.ErrNotFound)
	}
	return versions[i], nil
}

// RollbackTrigger saves an earlier version as the newest.
func (s *Service) RollbackTrigger(ctx context.Context, by Actor, id string, version int) (*triggers.Trigger, error) {
	earlier, err := s.TriggerVersion(ctx, by.Workspace, id, version)
	if err != nil {
		return nil, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.newestTrigger(by.Workspace, id, AnyVersion)
	if err != nil {
		return nil, err
	}
	return s.nextTrigger(ctx, by, before, earlier, "trigger.rolled_back")
}

// Draft checks a trigger that is only tried, and returns it as it would be
// saved, with the id of an existing one where id is not empty.
func (s *Service) Draft(workspace, id string, in *triggers.Trigger) (*triggers.Trigger, error) {
	draft := completed(in)
	draft.ID, draft.Workspace, draft.UpdatedAt = id, workspace, s.now()
	if existing := s.Trigger(id); existing != nil && existing.Workspace == workspace {
		draft.Version, draft.CreatedAt = existing.Version, existing.CreatedAt
		if draft.System == "" {
			draft.System = existing.System
		}
		if draft.Name == "" {
			draft.Name = existing.Name
		}
		if len(draft.Then) == 0 {
			draft.Then = existing.Then
		}
		return draft, s.checkTrigger(draft)
	}
	// What is only tried needs neither a name nor anything to do.
	checked := *draft
	checked.Name = cmp.Or(draft.Name, "Draft")
	if len(draft.Then) == 0 {
		checked.Then = []triggers.Action{{Tag: &triggers.TagAction{Add: []string{"draft"}}}}
	}
	return draft, s.checkTrigger(&checked)
}

func (s *Service) newestTrigger(workspace, id string, expect int) (*triggers.Trigger, error) {
	trigger, err := s.TriggerIn(workspace, id)
	if err != nil {
		return nil, err
	}
	return trigger, expectVersion(id, trigger.Version, expect)
}

func (s *Service) nextTrigger(ctx context.Context, by Actor, before *triggers.Trigger, in *triggers.Trigger, action string) (*triggers.Trigger, error) {
	after := completed(in)
	if after.System != before.System {
		return nil, invalid.New("system", after.System, "cannot be changed from %s; make another trigger", before.System)
	}
	after.ID, after.Workspace, after.Version = before.ID, before.Workspace, before.Version+1
	after.Author, after.CreatedAt, after.UpdatedAt = by.Name, before.CreatedAt, s.now()
	if err := s.checkTrigger(after); err != nil {
		return nil, err
	}
	return after, s.storeTrigger(ctx, by, after, before, action)
}

func (s *Service) storeTrigger(ctx context.Context, by Actor, after, before *triggers.Trigger, action string) error {
	w := write{kind: kindTrigger, id: after.ID, version: after.Version, body: after, after: after, action: action}
	if before != nil {
		w.before = before
	}
	return s.put(ctx, by, w)
}

// completed returns a copy of a trigger with its defaults filled in.
func completed(in *triggers.Trigger) *triggers.Trigger {
	trigger := *in
	if trigger.On == nil {
		trigger.On = []string{}
	}
	if trigger.Then == nil {
		trigger.Then = []triggers.Action{}
	}
	if trigger.Fire == "" {
		trigger.Fire = triggers.FireEvery
	}
	return &trigger
}

// EngineAt compiles the triggers of a workspace as they were at a time.
func (s *Service) EngineAt(ctx context.Context, workspace string, at time.Time) (*triggers.Engine, error) {
	stored := map[string][]*executionlog.Document{}
	versions := sha256.New()
	fmt.Fprintln(versions, workspace)
	for _, kind := range []string{kindTrigger, kindEndpoint, kindCalendar} {
		documents, err := s.options.Ledger.VersionsAt(ctx, workspace, kind, at)
		if err != nil {
			return nil, fmt.Errorf("list %ss at %s: %w", kind, at.Format(time.RFC3339Nano), err)
		}
		for _, document := range documents {
			fmt.Fprintln(versions, kind, document.ID, document.Version)
		}
		stored[kind] = documents
	}
	past := &pastEngine{versions: string(versions.Sum(nil))}
	if known := s.past.Load(); known != nil && known.versions == past.versions {
		return known.engine, nil
	}
	then := &snapshot{endpoints: map[string]*triggers.Endpoint{}, triggers: map[string]*triggers.Trigger{}, calendars: map[string]*Calendar{}}
	if err := decodeAll(stored[kindTrigger], decodeTrigger, then.triggers); err != nil {
		return nil, err
	}
	if err := decodeAll(stored[kindEndpoint], s.decodeEndpoint, then.endpoints); err != nil {
		return nil, err
	}
	if err := decodeAll(stored[kindCalendar], decodeCalendar, then.calendars); err != nil {
		return nil, err
	}
	past.engine = s.compile(then, workspace)
	s.past.Store(past)
	return past.engine, nil
}

// pastEngine is the engine that was asked for last. Whoever explains a ticket
// asks for one change after the other, between which the configuration seldom
// changed; decoding some hundred triggers each time is most of the work.
type pastEngine struct {
	versions string // a hash of the versions that it is made of
	engine   *triggers.Engine
}

func decodeAll[T any](documents []*executionlog.Document, decode func(*executionlog.Document) (*T, error), into map[string]*T) error {
	for _, document := range documents {
		decoded, err := decode(document)
		if err != nil {
			return err
		}
		into[document.ID] = decoded
	}
	return nil
}
