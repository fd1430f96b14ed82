package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Search is a saved search of the execution log.
type Search struct {
	ID        string    `json:"id"`
	Workspace string    `json:"-"`
	Name      string    `json:"name"`
	Query     string    `json:"query"` // as in the URL, such as outcome=failed&system=faveo
	Version   int       `json:"version"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
}

// SearchInput is a search to save.
type SearchInput struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// NameTakenError says that a saved search of the workspace has the name
// already: a list of searches is read by their names.
type NameTakenError struct {
	Name string
	ID   string // of the one that has it
}

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("there is a saved search %q already, %s: delete it first, or choose another name", e.Name, e.ID)
}

// Unwrap makes a NameTakenError an executionlog.ErrConflict.
func (e *NameTakenError) Unwrap() error { return executionlog.ErrConflict }

// CreateSearch saves a search; *NameTakenError where the workspace has one of
// the same name, whatever its case.
func (s *Service) CreateSearch(ctx context.Context, by Actor, in SearchInput) (*Search, error) {
	var list invalid.List
	checkName("name", in.Name, &list)
	if _, err := url.ParseQuery(in.Query); err != nil || len(in.Query) > maxSetting {
		list.Add("query", nil, "must be the query of an execution log address, at most %d bytes", maxSetting)
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	for _, other := range s.Searches(by.Workspace) {
		if strings.EqualFold(other.Name, in.Name) {
			return nil, &NameTakenError{Name: other.Name, ID: other.ID}
		}
	}
	saved := &Search{ID: s.ids.New(id.Search), Workspace: by.Workspace, Name: in.Name, Query: in.Query, Version: 1, Author: by.Name, CreatedAt: s.now()}
	return saved, s.put(ctx, by, write{kind: kindSearch, id: saved.ID, version: 1, body: saved, after: saved, action: "search.created"})
}

// DeleteSearch deletes a saved search.
func (s *Service) DeleteSearch(ctx context.Context, by Actor, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.SearchIn(by.Workspace, id)
	if err != nil {
		return err
	}
	return s.put(ctx, by, write{
		kind: kindSearch, id: id, version: before.Version + 1, deleted: true,
		body: struct{}{}, before: before, action: "search.deleted",
	})
}

// SearchIn returns a saved search of a workspace.
func (s *Service) SearchIn(workspace, id string) (*Search, error) {
	return in(s.current.Load().searches, workspace, id, func(o *Search) string { return o.Workspace })
}

// Searches lists the saved searches of a workspace, oldest first.
func (s *Service) Searches(workspace string) []*Search {
	return list(s.current.Load().searches, func(o *Search) bool { return o.Workspace == workspace })
}

func decodeSearch(document *executionlog.Document) (*Search, error) {
	search := &Search{}
	if err := json.Unmarshal(document.Body, search); err != nil {
		return nil, fmt.Errorf("decode search: %w", err)
	}
	search.ID, search.Workspace, search.Version = document.ID, document.Workspace, document.Version
	return search, nil
}

func ignoreNotFound(err error) error {
	if errors.Is(err, executionlog.ErrNotFound) {
		return nil
	}
	return err
}
