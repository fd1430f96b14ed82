package logtest

import (
	"errors"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

var documentTests = []namedTest{
	{"versions follow one another", testVersions},
	{"a write is all or nothing", testPutWhole},
	{"a key is unique among the living", testDocumentKeys},
	{"documents of all workspaces are listed by id", testListDocuments},
	{"documents are found as they were at a time", testVersionsAt},
	{"forgetful documents keep the newest version", testForget},
	{"audit entries are paged and filtered", testAudit},
}

func (b *bench) write(docID string, expect int, body string) executionlog.DocumentWrite {
	return executionlog.DocumentWrite{Expect: expect, Document: executionlog.Document{
		Workspace: "default", Kind: "trigger", ID: docID, Body: []byte(body), Author: "ann", At: b.now,
	}}
}

func (b *bench) put(writes ...executionlog.DocumentWrite) error {
	return b.ledger.Put(b.ctx, writes, nil)
}

func testVersions(b *bench) {
	start := must[int64](b)(b.ledger.Sequence(b.ctx))
	b.ok(b.put(b.write("trg_1", 0, `{"v":1}`)))
	b.pass(time.Second)
	b.ok(b.put(b.write("trg_1", 1, `{"v":2}`)))
	for _, expect := range []int{0, 1, 3} {
		if err := b.put(b.write("trg_1", expect, `{}`)); !errors.Is(err, executionlog.ErrConflict) {
			b.Errorf("write over version %d: %v, want ErrConflict", expect, err)
		}
	}
	if err := b.put(b.write("trg_2", 1, `{}`)); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("write over a document that is not there: %v, want ErrConflict", err)
	}
	quiet := b.write("trg_1", 9, `{}`)
	quiet.Kind, quiet.ID, quiet.Expect, quiet.Quiet = "replay", "rpl_1", 0, true
	b.ok(b.put(quiet))
	b.equal("sequence", start+2, must[int64](b)(b.ledger.Sequence(b.ctx)))
	want := b.write("trg_1", 0, `{"v":2}`).Document
	want.Version = 2
	b.equal("newest", &want, must[*executionlog.Document](b)(b.ledger.Document(b.ctx, "default", "trigger", "trg_1")))

	gone := b.write("trg_1", 2, "")
	gone.Deleted = true
	b.ok(b.put(gone))
	if _, err := b.ledger.Document(b.ctx, "default", "trigger", "trg_1"); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("deleted document: %v, want ErrNotFound", err)
	}
	b.equal("living", 0, len(must[[]*executionlog.Document](b)(b.ledger.ListDocuments(b.ctx, "default", "trigger"))))
	versions := must[[]*executionlog.Document](b)(b.ledger.Versions(b.ctx, "default", "trigger", "trg_1"))
	b.equal("versions", 3, len(versions))
	b.equal("first version", `{"v":1}`, string(versions[2].Body))
	b.equal("last version", true, versions[0].Deleted)
	b.ok(b.put(b.write("trg_1", 0, `{"v":4}`))) // anew
	b.equal("anew", 4, must[*executionlog.Document](b)(b.ledger.Document(b.ctx, "default", "trigger", "trg_1")).Version)
}

func testPutWhole(b *bench) {
	b.ok(b.put(b.write("trg_1", 0, `{}`)))
	entry := executionlog.AuditEntry{ID: b.ids.New(id.Audit), Workspace: "default", At: b.now, Action: "trigger.created"}
	err := b.ledger.Put(b.ctx, []executionlog.DocumentWrite{b.write("trg_2", 0, `{}`), b.write("trg_1", 0, `{}`)}, []executionlog.AuditEntry{entry})
	if !errors.Is(err, executionlog.ErrConflict) {
		b.Fatalf("put: %v, want ErrConflict", err)
	}
	if _, err := b.ledger.Document(b.ctx, "default", "trigger", "trg_2"); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("first document of a refused write: %v", err)
	}
	page := must[executionlog.Page[*executionlog.AuditEntry]](b)(b.ledger.Audit(b.ctx, executionlog.AuditQuery{Workspace: "default"}))
	b.equal("audit of a refused write", 0, len(page.Items))
	entry.ID = "nonsense"
	var input *invalid.Error
	if err := b.ledger.Put(b.ctx, nil, []executionlog.AuditEntry{entry}); !errors.As(err, &input) {
		b.Errorf("audit entry without an id: %v, want an input error", err)
	}
}

func testDocumentKeys(b *bench) {
	token := func(docID, key string, expect int) executionlog.DocumentWrite {
		w := b.write(docID, expect, `{}`)
		w.Kind, w.Key = "token", key
		return w
	}
	b.ok(b.put(token("tok_1", "hash", 0)))
	b.equal("by key", "tok_1", must[*executionlog.Document](b)(b.ledger.DocumentByKey(b.ctx, "token", "hash")).ID)
	other := token("tok_2", "hash", 0)
	other.Workspace = "other"
	if err := b.put(other); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("key twice: %v, want ErrConflict", err)
	}
	b.ok(b.put(token("tok_1", "hash", 1))) // keeps its own
	gone := token("tok_1", "hash", 2)
	gone.Deleted = true
	b.ok(b.put(gone))
	if _, err := b.ledger.DocumentByKey(b.ctx, "token", "hash"); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("key of a deleted document: %v, want ErrNotFound", err)
	}
	b.ok(b.put(other)) // the key is free again
	b.ok(b.put(token("tok_3", "", 0), token("tok_4", "", 0)))
	for _, key := range []string{"", "none", "' OR 1=1"} {
		if _, err := b.ledger.DocumentByKey(b.ctx, "token", key); !errors.Is(err, executionlog.ErrNotFound) {
			b.Errorf("key %q: %v, want ErrNotFound", key, err)
		}
	}
}

func testListDocuments(b *bench) {
	for _, place := range []struct{ workspace, docID string }{{"b", "trg_2"}, {"a", "trg_3"}, {"a", "trg_1"}, {"b", "trg_1"}, {"a", "Trg_9"}} {
		w := b.write(place.docID, 0, `{}`)
		w.Workspace = place.workspace
		b.ok(b.put(w))
	}
	for workspace, want := range map[string][]string{
		"a": {"a/Trg_9", "a/trg_1", "a/trg_3"},
		"":  {"a/Trg_9", "a/trg_1", "b/trg_1", "b/trg_2", "a/trg_3"},
		"c": nil,
	} {
		var got []string
		for _, d := range must[[]*executionlog.Document](b)(b.ledger.ListDocuments(b.ctx, workspace, "trigger")) {
			got = append(got, d.Workspace+"/"+d.ID)
		}
		b.equal("documents of "+workspace, want, got)
	}
}

func testVersionsAt(b *bench) {
	b.ok(b.put(b.write("trg_1", 0, `1`), b.write("trg_2", 0, `2`)))
	first := b.now
	b.pass(time.Minute)
	gone := b.write("trg_2", 1, "")
	gone.Deleted = true
	b.ok(b.put(b.write("trg_1", 1, `1b`), gone, b.write("trg_3", 0, `3`)))
	for at, want := range map[time.Time][]string{
		first.Add(-time.Microsecond): nil,
		first:                        {"1", "2"},
		b.now.Add(-time.Microsecond): {"1", "2"},
		b.now:                        {"1b", "3"},
	} {
		var got []string
		for _, d := range must[[]*executionlog.Document](b)(b.ledger.VersionsAt(b.ctx, "default", "trigger", at)) {
			got = append(got, string(d.Body))
		}
		b.equal(fmt.Sprint("at ", at), want, got)
	}
}

func testForget(b *bench) {
	for i := range 4 {
		w := b.write("rpl_1", i, fmt.Sprint(i))
		w.Forget = true
		b.ok(b.put(w))
	}
	versions := must[[]*executionlog.Document](b)(b.ledger.Versions(b.ctx, "default", "trigger", "rpl_1"))
	b.equal("versions", 1, len(versions))
	b.equal("number", 4, versions[0].Version)

	moved, gone := b.write("rpl_1", 0, `{}`), b.write("rpl_1", 3, ``)
	moved.Kind, gone.Forget, gone.Deleted = "replay.ended", true, true
	if err := b.put(moved, gone); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("forget another version: %v, want ErrConflict", err)
	}
	gone.Expect = 4
	b.ok(b.put(moved, gone))
	b.equal("versions once forgotten", 0, len(must[[]*executionlog.Document](b)(b.ledger.Versions(b.ctx, "default", "trigger", "rpl_1"))))
	if _, err := b.ledger.Document(b.ctx, "default", "trigger", "rpl_1"); !errors.Is(err, executionlog.ErrNotFound) {
		b.Errorf("forgotten document: %v, want ErrNotFound", err)
	}
	if err := b.put(b.write("rpl_1", 4, `{}`)); !errors.Is(err, executionlog.ErrConflict) {
		b.Errorf("write over what is forgotten: %v, want ErrConflict", err)
	}
	b.ok(b.put(b.write("rpl_1", 0, `{}`)))
	b.equal("anew", 1, must[*executionlog.Document](b)(b.ledger.Document(b.ctx, "default", "trigger", "rpl_1")).Version)
}

func testAudit(b *bench) {
	var all []executionlog.AuditEntry
	for i := range 7 {
		b.pass(time.Minute)
		all = append(all, executionlog.AuditEntry{
			ID: b.ids.New(id.Audit), Workspace: []string{"default", "other"}[i/5], At: b.now, Actor: "ann",
			Action: []string{"endpoint.created", "endpoint.updated"}[i%2], Target: fmt.Sprintf("ep_%d", i%3),
			Before: []byte(`{"a":1}`), After: nil,
		})
	}
	b.ok(b.ledger.Put(b.ctx, nil, all))
	for name, test := range map[string]struct {
		query executionlog.AuditQuery
		want  []int
	}{
		"all":       {executionlog.AuditQuery{}, []int{6, 5, 4, 3, 2, 1, 0}},
		"workspace": {executionlog.AuditQuery{Workspace: "default"}, []int{4, 3, 2, 1, 0}},
		"target":    {executionlog.AuditQuery{Target: "ep_1"}, []int{4, 1}},
		"action":    {executionlog.AuditQuery{Workspace: "default", Action: "endpoint.updated"}, []int{3, 1}},
		"time":      {executionlog.AuditQuery{From: all[2].At, To: all[4].At}, []int{3, 2}},
	} {
		test.query.Limit = 2
		var want, got []*executionlog.AuditEntry
		for _, place := range test.want {
			want = append(want, &all[place])
		}
		for {
			page := must[executionlog.Page[*executionlog.AuditEntry]](b)(b.ledger.Audit(b.ctx, test.query))
			got = append(got, page.Items...)
			if test.query.Cursor = page.Next; page.Next == "" {
				break
			}
		}
		b.equal(name, want, got)
	}
}
