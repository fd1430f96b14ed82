package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func operationRoutes(get, post registrar) {
	get("/operations", showQueues)
	post("/operations/trust-clock", trustClock)
	get("/operations/dead", listDead)
	get("/operations/tokens", listTokens)
	post("/operations/tokens", createToken)
	post("/operations/tokens/delete", deleteToken)
	get("/operations/audit", showAudit)
}

// queuesPage is the task queue and every lane.
type queuesPage struct {
	Queue dispatcher.QueueStatus
	Fault string
	Lanes []lane
	Feeds bool // else another process has the lanes
	// Clock is the time that retention goes by, which is behind where the
	// server's leapt ahead; it will be trusted at Settles.
	Clock   executionlog.RetentionClock
	Settles time.Time
}

func showQueues(r *request) error {
	page := &queuesPage{Feeds: r.Desk.Feeds()}
	var err error
	if page.Queue, err = r.Desk.Queue(r.Context()); err != nil {
		page.Fault = "The task queue does not answer. Changes are accepted and wait in the ledger until it does."
	}
	for _, status := range r.Desk.Lanes(r.session.Workspace) {
		page.Lanes = append(page.Lanes, r.laneOf(status))
	}
	slices.SortStableFunc(page.Lanes, func(a, b lane) int { return b.Waiting - a.Waiting })
	if page.Clock, err = r.Ledger.RetentionClock(r.Context()); err != nil {
		return err
	}
	page.Settles = page.Clock.Settles(r.Config.Retention())
	return r.show("operations", "operations", "Operations", page)
}

// trustClock is for whoever knows that the clock, which leapt, is right.
func trustClock(r *request) error {
	if !r.session.Admin {
		return r.fail(http.StatusForbidden, "Not allowed", "Only administrators say that the clock is right.")
	}
	if err := r.Ledger.TrustClock(r.Context(), r.Now()); err != nil {
		return err
	}
	r.done("Retention goes by the server's clock again, from its next round on.")
	return r.redirect("/operations")
}

// deadPage lists the dead letters: deliveries that used up their attempts.
type deadPage struct {
	Rows      []deliveryRow
	Next      string
	Recovered bool // those whose redelivery has succeeded, not those that are open
}

func listDead(r *request) error {
	recovered := r.URL.Query().Get("recovered") == "true"
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{
		Workspace: r.session.Workspace, Outcome: executionlog.Failed, Recovered: &recovered, Limit: logPageSize, Cursor: r.URL.Query().Get("cursor"),
	})
	if err != nil {
		return err
	}
	return r.show("dead", "operations", "Dead letters", &deadPage{Rows: r.deliveryRows(found.Items), Next: found.Next, Recovered: recovered})
}

// tokensPage lists the API tokens.
type tokensPage struct {
	Tokens []*config.Token
	Scopes []config.Scope
	Secret string // shown once
	Faults faults
	// What was typed, where it was refused.
	Name, Expires string
	Chosen        []config.Scope
}

// Picked reports whether a scope was chosen.
func (p *tokensPage) Picked(scope config.Scope) bool { return slices.Contains(p.Chosen, scope) }

func (r *request) tokensPage() *tokensPage {
	return &tokensPage{Tokens: r.Config.Tokens(r.session.Workspace), Scopes: config.Scopes, Faults: faults{}}
}

func (r *request) needAdmin() error {
	return r.fail(http.StatusForbidden, "Not allowed", "Only administrators see and make tokens.")
}

func listTokens(r *request) error {
	if !r.session.Admin {
		return r.needAdmin()
	}
	return r.show("tokens", "operations", "Tokens", r.tokensPage())
}

func createToken(r *request) error {
	if !r.session.Admin {
		return r.needAdmin()
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	in := config.TokenInput{Name: strings.TrimSpace(r.PostForm.Get("name"))}
	for _, scope := range r.PostForm["scopes"] {
		in.Scopes = append(in.Scopes, config.Scope(scope))
	}
	page := r.tokensPage()
	page.Name, page.Expires, page.Chosen = in.Name, strings.TrimSpace(r.PostForm.Get("expires_at")), in.Scopes
	if page.Expires != "" {
		at, ok := ticket.ParseTime(page.Expires)
		if !ok {
			return r.refuseToken(page, faults{"expires_at": "A time such as 2026-05-07 11:17."})
		}
		in.ExpiresAt = at
	}
	_, secret, err := r.Config.CreateToken(r.Context(), r.by(), in)
	if found, ok := faultsOf(err); ok {
		return r.refuseToken(page, found)
	}
	if err != nil {
		return err
	}
	page = r.tokensPage()
	page.Secret = secret
	return r.show("tokens", "operations", "Tokens", page)
}

func (r *request) refuseToken(page *tokensPage, found faults) error {
	page.Faults = found
	return r.render(http.StatusUnprocessableEntity, "tokens", frame{Title: "Tokens", Section: "operations", Page: page})
}

func deleteToken(r *request) error {
	if !r.session.Admin {
		return r.needAdmin()
	}
	if err := r.Config.DeleteToken(r.Context(), r.by(), r.PostFormValue("id")); err != nil {
		return err
	}
	r.done("Deleted the token. It stopped working at once.")
	return r.redirect("/operations/tokens")
}

// auditPage lists changes of the configuration.
type auditPage struct {
	Target, Action string
	Rows           []auditRow
	Next           string
}

// auditRow is one change of the configuration with what differs after it;
// nothing where something was made or removed.
type auditRow struct {
	*executionlog.AuditEntry
	Diff []diffLine
}

// auditDiff lists the members that a change wrote.
func auditDiff(entry *executionlog.AuditEntry) []diffLine {
	var before, after map[string]any
	if json.Unmarshal(entry.Before, &before) != nil || json.Unmarshal(entry.After, &after) != nil {
		return nil
	}
	for _, name := range []string{"version", "author", "updated_at"} {
		delete(before, name)
		delete(after, name)
	}
	return diffLines(triggers.DiffValues(before, after))
}

func showAudit(r *request) error {
	if !r.session.Admin {
		return r.fail(http.StatusForbidden, "Not allowed", "Only administrators see the audit log.")
	}
	values := r.URL.Query()
	page := &auditPage{Target: strings.TrimSpace(values.Get("target")), Action: strings.TrimSpace(values.Get("action"))}
	found, err := r.Ledger.Audit(r.Context(), executionlog.AuditQuery{
		Workspace: r.session.Workspace, Target: page.Target, Action: page.Action, Limit: logPageSize, Cursor: values.Get("cursor"),
	})
	if err != nil {
		return err
	}
	for _, entry := range found.Items {
		page.Rows = append(page.Rows, auditRow{entry, auditDiff(entry)})
	}
	if found.Next != "" {
		values.Set("cursor", found.Next)
		page.Next = values.Encode()
	}
	return r.show("audit", "operations", "Audit log", page)
}
