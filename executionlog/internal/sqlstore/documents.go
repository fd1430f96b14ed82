package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
	"github.com/hookdesk/hookdesk/triggers/id"
)

func sortBacklogs(backlogs []executionlog.Backlog) {
	slices.SortFunc(backlogs, func(a, b executionlog.Backlog) int { return strings.Compare(a.Endpoint, b.Endpoint) })
}

// Put writes documents and audit entries.
func (s *Store) Put(ctx context.Context, writes []executionlog.DocumentWrite, audit []executionlog.AuditEntry) error {
	if err := criteria.CheckAudit(audit); err != nil {
		return err
	}
	return s.write(ctx, func(b *batch) error {
		if _, err := b.exec("SAVEPOINT put"); err != nil {
			return err
		}
		err := b.put(writes, audit)
		if err == nil {
			_, err = b.exec("RELEASE SAVEPOINT put")
			return err
		}
		if !isLedgerError(err) {
			return err
		}
		if _, err := b.exec("ROLLBACK TO SAVEPOINT put"); err != nil {
			return err
		}
		if _, err := b.exec("RELEASE SAVEPOINT put"); err != nil {
			return err
		}
		return refuse(err)
	})
}

func (b *batch) put(writes []executionlog.DocumentWrite, audit []executionlog.AuditEntry) error {
	for i := range writes {
		if err := b.putDocument(&writes[i]); err != nil {
			return err
		}
	}
	for i := range audit {
		e := &audit[i]
		if err := b.insert(`INSERT INTO audit (id, workspace, at, actor, action, target, before, after)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			criteria.Number(id.Audit, e.ID), e.Workspace, criteria.Micros(e.At), criteria.Clean(e.Actor), criteria.Clean(e.Action), criteria.Clean(e.Target), e.Before, e.After); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(writes, func(w executionlog.DocumentWrite) bool { return !w.Quiet }) {
		return nil
	}
	_, err := b.exec(`UPDATE settings SET value = value + 1 WHERE name = 'sequence'`)
	return err
}

func (b *batch) putDocument(w *executionlog.DocumentWrite) error {
	var version, deleted int64
	if _, err := b.one(`SELECT version, deleted FROM documents WHERE workspace = $1 AND kind = $2 AND id = $3`,
		[]any{w.Workspace, w.Kind, w.ID}, &version, &deleted); err != nil {
		return err
	}
	again := deleted != 0 && w.Expect == 0
	if int64(w.Expect) != version && !again {
		return executionlog.ErrConflict
	}
	if w.Forget && w.Deleted {
		return b.forgetDocument(w, version)
	}
	key := sql.NullString{String: w.Key, Valid: w.Key != ""}
	if key.Valid && !w.Deleted {
		var taken int64
		found, err := b.one(`SELECT 1 FROM documents WHERE kind = $1 AND key = $2 AND deleted = 0 AND NOT (workspace = $3 AND id = $4)`,
			[]any{w.Kind, w.Key, w.Workspace, w.ID}, &taken)
		if err != nil {
			return err
		}
		if found {
			return executionlog.ErrConflict
		}
	}
	args := []any{w.Workspace, w.Kind, w.ID, key, version + 1, w.Body, criteria.Clean(w.Author), criteria.Micros(w.At), flag(w.Deleted)}
	if version == 0 {
		if err := b.insert(`INSERT INTO documents (workspace, kind, id, key, version, body, author, at, deleted)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	} else if err := b.insert(`UPDATE documents SET key = $4, version = $5, body = $6, author = $7, at = $8, deleted = $9
		WHERE workspace = $1 AND kind = $2 AND id = $3 AND version = $5 - 1`, args...); err != nil {
		return err
	}
	if w.Forget {
		if _, err := b.exec(`DELETE FROM document_versions WHERE workspace = $1 AND kind = $2 AND id = $3`, args[:3]...); err != nil {
			return err
		}
	}
	return b.insert(`INSERT INTO document_versions (workspace, kind, id, key, version, body, author, at, deleted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, args...)
}

// forgetDocument removes every version of a document.
func (b *batch) forgetDocument(w *executionlog.DocumentWrite, version int64) error {
	if version == 0 {
		return nil
	}
	args := []any{w.Workspace, w.Kind, w.ID}
	if _, err := b.exec(`DELETE FROM document_versions WHERE workspace = $1 AND kind = $2 AND id = $3`, args...); err != nil {
		return err
	}
	return b.insert(`DELETE FROM documents WHERE workspace = $1 AND kind = $2 AND id = $3 AND version = $4`, append(args, version)...)
}

const documentColumns = `SELECT d.workspace, d.kind, d.id, coalesce(d.key, ''), d.version, d.body, d.author, d.at, d.deleted FROM `

func (s *Store) documents(ctx context.Context, rest string, args ...any) ([]*executionlog.Document, error) {
	var out []*executionlog.Document
	err := s.each(ctx, documentColumns+rest, args, func(rows *sql.Rows) (bool, error) {
		d := &executionlog.Document{}
		var at, deleted int64
		err := rows.Scan(&d.Workspace, &d.Kind, &d.ID, &d.Key, &d.Version, &d.Body, &d.Author, &at, &deleted)
		if len(d.Body) == 0 {
			d.Body = nil
		}
		d.At, d.Deleted = criteria.FromMicros(at), deleted != 0
		out = append(out, d)
		return true, err
	})
	return out, s.classify("read documents", err)
}

// sortDocuments puts documents in an order that does not depend on a
// database's collation.
func sortDocuments(documents []*executionlog.Document) {
	slices.SortFunc(documents, func(a, b *executionlog.Document) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Workspace, b.Workspace))
	})
}

func first(documents []*executionlog.Document, err error) (*executionlog.Document, error) {
	if err != nil {
		return nil, err
	}
	if len(documents) == 0 {
		return nil, executionlog.ErrNotFound
	}
	return documents[0], nil
}

// Document returns the newest version of a document.
func (s *Store) Document(ctx context.Context, workspace, kind, docID string) (*executionlog.Document, error) {
	return first(s.documents(ctx, `documents d WHERE d.workspace = $1 AND d.kind = $2 AND d.id = $3 AND d.deleted = 0`, workspace, kind, docID))
}

// DocumentByKey returns the living document with a key.
func (s *Store) DocumentByKey(ctx context.Context, kind, key string) (*executionlog.Document, error) {
	return first(s.documents(ctx, `documents d WHERE d.kind = $1 AND d.key = $2 AND d.deleted = 0`, kind, key))
}

// ListDocuments lists living documents.
func (s *Store) ListDocuments(ctx context.Context, workspace, kind string) ([]*executionlog.Document, error) {
	var documents []*executionlog.Document
	var err error
	if workspace == "" {
		documents, err = s.documents(ctx, `documents d WHERE d.kind = $1 AND d.deleted = 0`, kind)
	} else {
		documents, err = s.documents(ctx, `documents d WHERE d.kind = $1 AND d.workspace = $2 AND d.deleted = 0`, kind, workspace)
	}
	sortDocuments(documents)
	return documents, err
}

// Versions lists all versions of a document.
func (s *Store) Versions(ctx context.Context, workspace, kind, docID string) ([]*executionlog.Document, error) {
	return s.documents(ctx, `document_versions d WHERE d.workspace = $1 AND d.kind = $2 AND d.id = $3 ORDER BY d.version DESC`, workspace, kind, docID)
}

// VersionsAt lists the documents that lived at a time.
func (s *Store) VersionsAt(ctx context.Context, workspace, kind string, at time.Time) ([]*executionlog.Document, error) {
	documents, err := s.documents(ctx, `document_versions d WHERE d.workspace = $1 AND d.kind = $2 AND d.deleted = 0
		AND d.version = (SELECT max(v.version) FROM document_versions v
			WHERE v.workspace = d.workspace AND v.kind = d.kind AND v.id = d.id AND v.at <= $3)`,
		workspace, kind, criteria.Micros(at))
	sortDocuments(documents)
	return documents, err
}

// Sequence counts the calls of Put that were not quiet.
func (s *Store) Sequence(ctx context.Context) (int64, error) {
	var sequence int64
	err := s.one(ctx, `SELECT value FROM settings WHERE name = 'sequence'`, nil, &sequence)
	return sequence, s.classify("read sequence", err)
}

// Audit lists audit entries, newest first.
func (s *Store) Audit(ctx context.Context, q executionlog.AuditQuery) (executionlog.Page[*executionlog.AuditEntry], error) {
	var page executionlog.Page[*executionlog.AuditEntry]
	query := criteria.AuditQuery(q)
	after, err := query.Place(q.Cursor)
	if err != nil {
		return page, err
	}
	var sel selection
	low, high := criteria.Span(q.From, q.To)
	sel.between("a.id", low, high, after, false)
	for _, column := range []struct{ name, value string }{{"a.workspace", q.Workspace}, {"a.target", q.Target}, {"a.action", q.Action}} {
		if column.value != "" {
			sel.where(column.name+" = %s", criteria.Clean(column.value))
		}
	}
	limit := criteria.Limit(q.Limit)
	text := `SELECT a.id, a.workspace, a.at, a.actor, a.action, a.target, a.before, a.after FROM audit a` +
		sel.conditions() + ` ORDER BY a.id DESC LIMIT ` + sel.arg(limit+1)
	var numbers []int64
	err = s.each(ctx, text, sel.args, func(rows *sql.Rows) (bool, error) {
		e := &executionlog.AuditEntry{}
		var number, at int64
		err := rows.Scan(&number, &e.Workspace, &at, &e.Actor, &e.Action, &e.Target, &e.Before, &e.After)
		e.ID, e.At = id.Format(id.Audit, number), criteria.FromMicros(at)
		page.Items, numbers = append(page.Items, e), append(numbers, number)
		return true, err
	})
	if len(page.Items) > limit {
		page.Items, page.Next = page.Items[:limit], query.Cursor(criteria.Place{Number: numbers[limit-1]})
	}
	return page, s.classify("list audit", err)
}
