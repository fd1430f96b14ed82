package logtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/id"
)

var hostileTests = []namedTest{
	{"hostile texts are plain text", testHostile},
	{"texts that no database keeps are kept as near as can be", testUncleanText},
}

// HostileTexts are texts that would be syntax if a search did not treat them
// as plain text.
var HostileTexts = []string{
	`'`, `"`, `'; DROP TABLE attempts; --`, `" OR "1"="1`, `""`, `\`, `\\`, `%`, `_`, `%%%`, `___`, `a%b`, `a_b_c`,
	`*`, `**`, `***`, `NEAR(a b)`, `a AND b`, `a NOT b`, `col:abc`, `^abc`, `{a b}:c`, `abc*`, `+abc -def`, `(((`, `)))`,
	`"unbalanced`, "\x00", "a\x00b\x00c", "\xff\xfe\xfd", "tab\tnew\nline\r", "\u202etxt", "🙂🙃🙂", "e\u0301e\u0301e\u0301", "ǅ ſ K İ",
	`$1 $2`, `?1`, `:name`, `@x`, `[a-z]`, `E'\n'`, `{"json": [1,2]}`, `<script>`, strings.Repeat("long ", 2000),
}

func testHostile(b *bench) {
	var results []*executionlog.Result
	for _, text := range HostileTexts {
		d := b.delivery("ep_1", text)
		r := b.attempt(&d.Delivery, 1, executionlog.Failed)
		r.Attempt.Error = "before " + text + " behind"
		r.Attempt.Detail.ResponseBody = []byte(text)
		results = append(results, r)
	}
	b.record(results...)
	for i, text := range HostileTexts {
		own := results[i].Attempt.ID
		for name, f := range map[string]executionlog.Filter{
			"error":    {Error: text},
			"words":    {Words: text},
			"q":        {Q: text},
			"response": {Response: text},
			"ticket":   {Ticket: text},
			"part":     {Ticket: "*" + text + "*"},
			"event":    {Event: text},
			"code":     {ErrorCode: text},
			"endpoint": {Endpoint: text},
			"delivery": {Delivery: text},
			"trigger":  {Trigger: text},
			"system":   {System: text},
		} {
			f.Workspace = "default"
			found := b.search(f)
			switch name {
			case "error", "words", "q", "response", "ticket", "part":
				if !contains(found, own) {
					b.Errorf("%s %.40q does not find its own row", name, text)
				}
			default:
				if len(found) > 0 {
					b.Errorf("%s %.40q finds %d rows", name, text, len(found))
				}
			}
		}
	}
}

func contains(ids []string, want string) bool {
	return slices.Contains(ids, want)
}

func testUncleanText(b *bench) {
	unclean, clean := "n\x00l \xff end", "n\uFFFDl \uFFFD end"
	d := b.delivery("ep_1", unclean)
	d.EventID, d.Chain, d.Replay = unclean, unclean, unclean
	b.add(d)
	got := b.read(d.ID)
	b.equal("delivery", [4]string{clean, clean, clean, clean}, [4]string{got.Ticket, got.EventID, got.Chain, got.Replay})
	change := b.change(unclean)
	change.Chain = unclean
	b.ok(b.accept(&executionlog.Acceptance{Key: unclean, Ticket: b.ticket(unclean, 1), Changes: []*executionlog.Change{change}}))
	stored := must[*executionlog.Change](b)(b.ledger.Change(b.ctx, "default", change.ID))
	b.equal("change", [3]string{clean, clean, clean}, [3]string{stored.Ticket, stored.Chain, stored.Key})
	b.equal("by key", change.ID, must[string](b)(b.ledger.ChangeByKey(b.ctx, "default", unclean)))
	b.equal("ticket", clean, must[*executionlog.Ticket](b)(b.ledger.Ticket(b.ctx, "default", unclean)).Number)
	r := b.attempt(&d.Delivery, 1, executionlog.Failed)
	r.Attempt.Error = unclean
	b.record(r)
	b.equal("error", clean, must[*executionlog.Attempt](b)(b.ledger.Execution(b.ctx, "default", r.Attempt.ID)).Error)
	b.equal("last error", clean, b.read(d.ID).LastError)
	b.ok(b.ledger.Put(b.ctx, []executionlog.DocumentWrite{{Document: executionlog.Document{
		Workspace: "default", Kind: "note", ID: "n", Key: "k", Body: []byte(unclean), Author: unclean, At: b.now,
	}}}, []executionlog.AuditEntry{{ID: b.ids.New(id.Audit), Workspace: "default", At: b.now, Actor: unclean, Action: "a", Target: fmt.Sprint(unclean)}}))
	document := must[*executionlog.Document](b)(b.ledger.Document(b.ctx, "default", "note", "n"))
	b.equal("document", [2]string{unclean, clean}, [2]string{string(document.Body), document.Author})
	entries := must[executionlog.Page[*executionlog.AuditEntry]](b)(b.ledger.Audit(b.ctx, executionlog.AuditQuery{Target: unclean}))
	b.equal("audit", clean, entries.Items[0].Actor)
}
