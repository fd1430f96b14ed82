package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func newest(versions []*executionlog.Document) *executionlog.Document {
	if len(versions) == 0 {
		return nil
	}
	return versions[len(versions)-1]
}

func copyDocument(d *executionlog.Document) *executionlog.Document {
	out := *d
	out.Body = bytesOf(d.Body)
	return &out
}

// Put writes documents and audit entries.
func (s *Store) Put(_ context.Context, writes []executionlog.DocumentWrite, audit []executionlog.AuditEntry) error {
	if err := criteria.CheckAudit(audit); err != nil {
		return err
	}
	return s.lock(func() error {
		// Work on a copy, so that a conflict in the middle leaves nothing.
		documents := make(map[documentKey][]*executionlog.Document, len(s.documents))
		for key, versions := range s.documents {
			documents[key] = slices.Clone(versions)
		}
		for i := range writes {
			if err := put(documents, &writes[i]); err != nil {
				return err
			}
		}
		for _, entry := range audit {
			if s.audit[criteria.Number(id.Audit, entry.ID)] != nil {
				return executionlog.ErrConflict
			}
		}
		for _, entry := range audit {
			entry.At = criteria.Time(entry.At)
			entry.Actor, entry.Action, entry.Target = criteria.Clean(entry.Actor), criteria.Clean(entry.Action), criteria.Clean(entry.Target)
			entry.Before, entry.After = bytesOf(entry.Before), bytesOf(entry.After)
			s.audit[criteria.Number(id.Audit, entry.ID)] = &entry
		}
		s.documents = documents
		if slices.ContainsFunc(writes, func(w executionlog.DocumentWrite) bool { return !w.Quiet }) {
			s.sequence++
		}
		return nil
	})
}

func put(documents map[documentKey][]*executionlog.Document, w *executionlog.DocumentWrite) error {
	key := documentKey{w.Workspace, w.Kind, w.ID}
	current, version := newest(documents[key]), 0
	if current != nil {
		version = current.Version
	}
	again := current != nil && current.Deleted && w.Expect == 0
	if w.Expect != version && !again {
		return executionlog.ErrConflict
	}
	if w.Key != "" && !w.Deleted {
		for other, versions := range documents {
			d := newest(versions)
			if other != key && other.kind == w.Kind && d.Key == w.Key && !d.Deleted {
				return executionlog.ErrConflict
			}
		}
	}
	if w.Forget && w.Deleted {
		delete(documents, key)
		return nil
	}
	d := copyDocument(&w.Document)
	d.Version, d.At, d.Author = version+1, criteria.Time(w.At), criteria.Clean(w.Author)
	if w.Forget {
		documents[key] = nil
	}
	documents[key] = append(documents[key], d)
	return nil
}

// Document returns the newest version of a document.
func (s *Store) Document(_ context.Context, workspace, kind, docID string) (*executionlog.Document, error) {
	return s.one(func(key documentKey, _ *executionlog.Document) bool {
		return key == documentKey{workspace, kind, docID}
	})
}

// DocumentByKey returns the document with a key.
func (s *Store) DocumentByKey(_ context.Context, kind, docKey string) (*executionlog.Document, error) {
	return s.one(func(key documentKey, d *executionlog.Document) bool {
		return key.kind == kind && d.Key == docKey && docKey != ""
	})
}

func (s *Store) one(match func(documentKey, *executionlog.Document) bool) (*executionlog.Document, error) {
	found, err := s.living(match)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, executionlog.ErrNotFound
	}
	return found[0], nil
}

func (s *Store) living(match func(documentKey, *executionlog.Document) bool) ([]*executionlog.Document, error) {
	var found []*executionlog.Document
	err := s.lock(func() error {
		for key, versions := range s.documents {
			if d := newest(versions); !d.Deleted && match(key, d) {
				found = append(found, copyDocument(d))
			}
		}
		return nil
	})
	slices.SortFunc(found, compareDocuments)
	return found, err
}

func compareDocuments(a, b *executionlog.Document) int {
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	return strings.Compare(a.Workspace, b.Workspace)
}

// ListDocuments lists living documents.
func (s *Store) ListDocuments(_ context.Context, workspace, kind string) ([]*executionlog.Document, error) {
	return s.living(func(key documentKey, _ *executionlog.Document) bool {
		return key.kind == kind && (workspace == "" || key.workspace == workspace)
	})
}

// Versions lists all versions of a document.
func (s *Store) Versions(_ context.Context, workspace, kind, docID string) ([]*executionlog.Document, error) {
	var out []*executionlog.Document
	err := s.lock(func() error {
		for _, d := range s.documents[documentKey{workspace, kind, docID}] {
			out = append(out, copyDocument(d))
		}
		slices.Reverse(out)
		return nil
	})
	return out, err
}

// VersionsAt lists the documents that lived at a time.
func (s *Store) VersionsAt(_ context.Context, workspace, kind string, at time.Time) ([]*executionlog.Document, error) {
	var out []*executionlog.Document
	err := s.lock(func() error {
		for key, versions := range s.documents {
			if key.workspace != workspace || key.kind != kind {
				continue
			}
			for _, d := range slices.Backward(versions) {
				if !d.At.After(at) {
					if !d.Deleted {
						out = append(out, copyDocument(d))
					}
					break
				}
			}
		}
		return nil
	})
	slices.SortFunc(out, compareDocuments)
	return out, err
}

// Sequence counts the calls of Put that were not quiet.
func (s *Store) Sequence(context.Context) (int64, error) {
	var sequence int64
	err := s.lock(func() error {
		sequence = s.sequence
		return nil
	})
	return sequence, err
}

// Audit lists audit entries, newest first.
func (s *Store) Audit(_ context.Context, q executionlog.AuditQuery) (executionlog.Page[*executionlog.AuditEntry], error) {
	low, high := criteria.Span(q.From, q.To)
	q.Target, q.Action = criteria.Clean(q.Target), criteria.Clean(q.Action)
	return list(s, s.audit, criteria.AuditQuery(q), q.Cursor, q.Limit, false, func(number int64, e *executionlog.AuditEntry) *executionlog.AuditEntry {
		if number < low || number >= high || (q.Workspace != "" && e.Workspace != q.Workspace) ||
			(q.Target != "" && e.Target != q.Target) || (q.Action != "" && e.Action != q.Action) {
			return nil
		}
		out := *e
		out.Before, out.After = bytesOf(e.Before), bytesOf(e.After)
		return &out
	})
}
