package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"golang.org/x/time/rate"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// bearer names the security scheme in the OpenAPI document.
const bearer = "bearer"

// workspaceHeader lets an administrator's token name a workspace.
const workspaceHeader = "Hookdesk-Workspace"

// scopeKey is where an operation's metadata holds the scope it needs.
const scopeKey = "scope"

// caller is who makes a request, and where.
type caller struct {
	config.Principal
	workspace string
}

// actor returns the caller as one who changes the configuration.
func (c caller) actor() config.Actor { return c.Actor(c.workspace) }

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	who, _ := ctx.Value(callerKey{}).(caller)
	return who
}

// admit lets a request through to its operation when its token allows that.
func (a *api) admit(ctx huma.Context, next func(huma.Context)) {
	if p := checkQuery(ctx.URL().RawQuery); p != nil {
		a.refuse(ctx, p)
		return
	}
	scope, needed := ctx.Operation().Metadata[scopeKey].(config.Scope)
	if !needed {
		next(ctx)
		return
	}
	who, p := a.identify(ctx.Header("Authorization"), ctx.Header(workspaceHeader))
	if p == nil && !who.Allows(scope) {
		p = problem(http.StatusForbidden, "the token lacks the scope %s", scope)
	}
	if p != nil {
		a.refuse(ctx, p)
		return
	}
	next(huma.WithValue(ctx, callerKey{}, who))
}

func (a *api) refuse(ctx huma.Context, p *Problem) {
	_, w := humamux.Unwrap(ctx)
	writeProblem(w, p)
}

// identify returns who a token belongs to, and the workspace the request is
// about. The answer to a bad token does not say what is wrong with it.
func (a *api) identify(authorization, workspace string) (caller, *Problem) {
	unauthorized := func(detail string) *Problem {
		return problem(http.StatusUnauthorized, "%s", detail).with("WWW-Authenticate", `Bearer realm="hookdesk"`)
	}
	kind, token, _ := strings.Cut(authorization, " ")
	token = strings.TrimSpace(token)
	if authorization == "" || !strings.EqualFold(kind, "bearer") || token == "" {
		return caller{}, unauthorized("a token is needed: Authorization: Bearer hd_…")
	}
	principal, err := a.Config.Authenticate(token, a.AdminToken)
	if err != nil {
		return caller{}, unauthorized("the token is not valid")
	}
	who := caller{Principal: principal, workspace: principal.Workspace}
	switch {
	case workspace == "" || workspace == who.workspace:
	case !principal.Admin:
		return caller{}, problem(http.StatusForbidden, "only an administrator's token may name another workspace")
	case !a.Config.HasWorkspace(workspace):
		p := problem(http.StatusNotFound, "there is no workspace of this name")
		p.Errors = []ProblemField{{Location: "header." + workspaceHeader, Path: workspaceHeader, Message: "must name a workspace"}}
		return caller{}, p
	default:
		who.workspace = workspace
	}
	return who, nil
}

// checkQuery refuses a query that cannot be read or names a parameter twice.
func checkQuery(raw string) *Problem {
	const longest = 8 << 10
	if len(raw) > longest {
		return problem(http.StatusRequestURITooLong, "the query must be at most %d bytes", longest)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return problem(http.StatusBadRequest, "the query cannot be read: a % must be followed by two hexadecimal digits, and ; is not a separator")
	}
	for name, given := range values {
		if len(given) > 1 {
			return badQuery(name, nil, "must be given once")
		}
	}
	return nil
}

// limits keep each workspace to the rate of changes it may submit.
type limits struct {
	now  func() time.Time
	mu   sync.Mutex
	each map[string]*rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, each: map[string]*rate.Limiter{}}
}

// allow reports whether a workspace may submit n changes now; perSecond is
// its limit, 0 for none.
func (l *limits) allow(workspace string, perSecond float64, n int) bool {
	if perSecond <= 0 {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.each[workspace]
	burst := max(1, int(perSecond))
	if limiter == nil || limiter.Limit() != rate.Limit(perSecond) {
		limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		l.each[workspace] = limiter
	}
	return limiter.AllowN(l.now(), min(n, burst))
}
