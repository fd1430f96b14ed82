package config

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// snapshot is the configuration at one moment. Nothing in it is modified.
type snapshot struct {
	sequence   int64
	endpoints  map[string]*triggers.Endpoint
	triggers   map[string]*triggers.Trigger
	calendars  map[string]*Calendar
	tokens     map[string]*Token
	byHash     map[string]*Token
	workspaces map[string]*Workspace
	searches   map[string]*Search
	engines    map[string]*triggers.Engine
	empty      *triggers.Engine
}

// load reads everything. The sequence is read first: a change that comes in
// while the rest is read leads to one more reload, never to a missed one.
func (s *Service) load(ctx context.Context) (*snapshot, error) {
	sequence, err := s.options.Ledger.Sequence(ctx)
	if err != nil {
		return nil, fmt.Errorf("read sequence: %w", err)
	}
	next := &snapshot{sequence: sequence, byHash: map[string]*Token{}}
	if next.endpoints, err = read(ctx, s, "", kindEndpoint, s.decodeEndpoint); err != nil {
		return nil, err
	}
	if next.triggers, err = read(ctx, s, "", kindTrigger, decodeTrigger); err != nil {
		return nil, err
	}
	if next.calendars, err = read(ctx, s, "", kindCalendar, decodeCalendar); err != nil {
		return nil, err
	}
	if next.tokens, err = read(ctx, s, "", kindToken, decodeToken); err != nil {
		return nil, err
	}
	if next.workspaces, err = read(ctx, s, "", kindWorkspace, decodeWorkspace); err != nil {
		return nil, err
	}
	if next.searches, err = read(ctx, s, "", kindSearch, decodeSearch); err != nil {
		return nil, err
	}
	for _, token := range next.tokens {
		next.byHash[token.hash] = token
	}
	s.addDefaultWorkspace(next)
	next.engines, next.empty = s.compileAll(next)
	return next, nil
}

// read lists the documents of a kind and decodes each. One that cannot be
// decoded is logged and left out, so that it does not stop the others.
func read[T any](ctx context.Context, s *Service, workspace, kind string, decode func(*executionlog.Document) (*T, error)) (map[string]*T, error) {
	documents, err := s.options.Ledger.ListDocuments(ctx, workspace, kind)
	if err != nil {
		return nil, fmt.Errorf("list %ss: %w", kind, err)
	}
	all := make(map[string]*T, len(documents))
	for _, document := range documents {
		decoded, err := decode(document)
		if err != nil {
			s.log.ErrorContext(ctx, "a configuration document cannot be read", "kind", kind, "id", document.ID, "error", err)
			continue
		}
		all[document.ID] = decoded
	}
	return all, nil
}

func decodeTrigger(document *executionlog.Document) (*triggers.Trigger, error) {
	trigger := &triggers.Trigger{}
	if err := json.Unmarshal(document.Body, trigger); err != nil {
		return nil, fmt.Errorf("decode trigger: %w", err)
	}
	trigger.ID, trigger.Workspace, trigger.Version = document.ID, document.Workspace, document.Version
	trigger.Author = document.Author
	return trigger, nil
}
