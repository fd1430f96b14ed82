package executionlog

import (
	"context"
	"time"
)

// Document is one version of a piece of configuration: an endpoint, a
// trigger, a token, a calendar, a workspace, a saved search, a replay.
type Document struct {
	Workspace string
	Kind      string
	ID        string
	Key       string // unique among the living documents of a kind in all workspaces, or empty
	Version   int    // from 1
	Body      []byte // JSON
	Author    string
	At        time.Time
	Deleted   bool
}

// DocumentWrite stores a new version of a document.
type DocumentWrite struct {
	Document
	// Expect is the version being replaced, 0 for a new document or one that
	// was deleted; Version becomes the one after it. Another one in the store,
	// or a Key that another document has: ErrConflict, and nothing is written.
	Expect int
	// Forget keeps only the newest version: for documents that change often.
	// With Deleted it keeps none, as if the document had never been.
	Forget bool
	// Quiet leaves Sequence as it is: for progress that nobody's copy of the
	// configuration depends on.
	Quiet bool
}

// AuditEntry is one configuration change.
type AuditEntry struct {
	ID        string    `json:"id"`
	Workspace string    `json:"workspace"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor"`
	Action    string    `json:"action"` // such as endpoint.updated
	Target    string    `json:"target"` // the id
	Before    []byte    `json:"-"`      // JSON without secrets, nil when created
	After     []byte    `json:"-"`      // JSON without secrets, nil when deleted
}

// Documents keeps configuration, with every version.
type Documents interface {
	// Put writes documents and audit entries in one transaction, wholly or
	// not at all.
	Put(ctx context.Context, writes []DocumentWrite, audit []AuditEntry) error
	// Document returns the newest version; ErrNotFound if there is none or it
	// is deleted.
	Document(ctx context.Context, workspace, kind, id string) (*Document, error)
	// DocumentByKey returns the living document with a key.
	DocumentByKey(ctx context.Context, kind, key string) (*Document, error)
	// ListDocuments lists the newest versions of the living documents of a
	// kind, by id; of all workspaces when workspace is empty.
	ListDocuments(ctx context.Context, workspace, kind string) ([]*Document, error)
	// Versions lists all versions of a document, newest first, deleted too.
	Versions(ctx context.Context, workspace, kind, id string) ([]*Document, error)
	// VersionsAt lists the newest version at a time of every document of a
	// kind that lived then.
	VersionsAt(ctx context.Context, workspace, kind string, at time.Time) ([]*Document, error)
	// Sequence returns a number that grows by one with every Put of a document
	// that is not Quiet.
	Sequence(ctx context.Context) (int64, error)
	// Audit lists audit entries, newest first.
	Audit(ctx context.Context, query AuditQuery) (Page[*AuditEntry], error)
}

// AuditQuery asks for audit entries.
type AuditQuery struct {
	Workspace string
	Target    string
	Action    string
	From, To  time.Time
	Limit     int
	Cursor    string
}
