package config

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Actor is who changes the configuration, and where.
type Actor struct {
	Name      string // for the audit log, such as the token's name
	Workspace string
	Admin     bool // may relax the rules of a system
}

// InUseError says that something cannot be deleted because other things need
// it.
type InUseError struct {
	ID string
	By []string // ids of those that need it
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s is used by %s", e.ID, strings.Join(e.By, ", "))
}

// AnyVersion as the expected version means whichever is the newest.
const AnyVersion = 0

// VersionError says that a change expected another version than the newest.
type VersionError struct {
	ID             string
	Expected, Have int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s has version %d, not %d: read it again", e.ID, e.Have, e.Expected)
}

// Unwrap makes a VersionError an executionlog.ErrConflict.
func (e *VersionError) Unwrap() error { return executionlog.ErrConflict }

func expectVersion(id string, have, expected int) error {
	if expected != AnyVersion && expected != have {
		return &VersionError{ID: id, Expected: expected, Have: have}
	}
	return nil
}

// write is one change of one document with its audit entry.
type write struct {
	kind, id, key string
	version       int // the new one
	body          any // what is stored
	before, after any // for the audit log, without secrets; nil for none
	deleted       bool
	forget        bool
	quiet         bool   // other processes need not learn of it
	action        string // such as endpoint.updated; empty writes no audit entry
}

// put stores changes in one transaction, all or none, and makes them known in
// this process. The caller holds s.writing.
func (s *Service) put(ctx context.Context, by Actor, changes ...write) error {
	now := s.now()
	writes := make([]executionlog.DocumentWrite, 0, len(changes))
	var audit []executionlog.AuditEntry
	for _, w := range changes {
		body, err := json.Marshal(w.body)
		if err != nil {
			return fmt.Errorf("encode %s: %w", w.kind, err)
		}
		writes = append(writes, executionlog.DocumentWrite{
			Document: executionlog.Document{
				Workspace: by.Workspace, Kind: w.kind, ID: w.id, Key: w.key,
				Version: w.version, Body: body, Author: by.Name, At: now, Deleted: w.deleted,
			},
			Expect: w.version - 1, Forget: w.forget, Quiet: w.quiet,
		})
		if w.action == "" {
			continue
		}
		entry := executionlog.AuditEntry{
			ID: s.ids.New(id.Audit), Workspace: by.Workspace, At: now,
			Actor: by.Name, Action: w.action, Target: w.id,
		}
		if entry.Before, err = encodeAudit(w.before); err != nil {
			return err
		}
		if entry.After, err = encodeAudit(w.after); err != nil {
			return err
		}
		audit = append(audit, entry)
	}
	if err := s.options.Ledger.Put(ctx, writes, audit); err != nil {
		if len(changes) == 1 {
			return fmt.Errorf("store %s %s: %w", changes[0].kind, changes[0].id, err)
		}
		return fmt.Errorf("store %d documents: %w", len(changes), err)
	}
	return s.learn(ctx, writes)
}

func encodeAudit(value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode audit entry: %w", err)
	}
	return text, nil
}
