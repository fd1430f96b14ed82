package config

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

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
	engines    map[string]*engine // by workspace
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
	next.engines, next.empty = map[string]*engine{}, triggers.Compile(nil, nil)
	for _, trigger := range next.triggers {
		if next.engines[trigger.Workspace] == nil {
			s.setEngine(next, trigger.Workspace)
		}
	}
	return next, nil
}

// with returns the snapshot with documents of this process written over it:
// the same as load would return, without reading everything again.
func (s *Service) with(now *snapshot, sequence int64, writes []executionlog.DocumentWrite) (*snapshot, error) {
	next := *now
	next.sequence = sequence
	next.engines = maps.Clone(now.engines)
	for i := range writes {
		document := &writes[i].Document
		var err error
		switch document.Kind {
		case kindEndpoint:
			next.endpoints, err = over(next.endpoints, document, s.decodeEndpoint)
		case kindTrigger:
			next.triggers, err = over(next.triggers, document, decodeTrigger)
		case kindCalendar:
			next.calendars, err = over(next.calendars, document, decodeCalendar)
		case kindWorkspace:
			next.workspaces, err = over(next.workspaces, document, decodeWorkspace)
		case kindSearch:
			next.searches, err = over(next.searches, document, decodeSearch)
		case kindToken:
			next.tokens, err = over(next.tokens, document, decodeToken)
		default:
			err = fmt.Errorf("unknown kind of document %q", document.Kind)
		}
		if err != nil {
			return nil, err
		}
	}
	next.byHash = make(map[string]*Token, len(next.tokens))
	for _, token := range next.tokens {
		next.byHash[token.hash] = token
	}
	s.addDefaultWorkspace(&next)
	for i := range writes {
		if kind := writes[i].Kind; kind == kindTrigger || kind == kindCalendar {
			s.setEngine(&next, writes[i].Workspace)
		}
	}
	return &next, nil
}

// over returns a copy of all with a document's newest version in it.
func over[T any](all map[string]*T, document *executionlog.Document, decode func(*executionlog.Document) (*T, error)) (map[string]*T, error) {
	next := maps.Clone(all)
	if document.Deleted {
		delete(next, document.ID)
		return next, nil
	}
	decoded, err := decode(document)
	if err != nil {
		return nil, err
	}
	next[document.ID] = decoded
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
