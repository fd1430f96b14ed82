package api

import (
	"context"
	"net/http"
	"time"
)

// checkLimit is how long one check of readiness may take.
const checkLimit = 3 * time.Second

// healthView says how the process fares.
type healthView struct {
	Status  string            `json:"status" enum:"ok,degraded,unavailable"`
	Version string            `json:"version,omitempty"`
	Checks  map[string]string `json:"checks,omitempty" doc:"Each part, ok or what is wrong"`
}

// healthAnswer is 200, or 503 where the process can do nothing for its callers.
type healthAnswer struct {
	Status int
	Body   healthView
}

func (a *api) healthRoutes() {
	register(a, operation{
		method: http.MethodGet, path: "/healthz", root: true, id: "get-health", tag: "operations", summary: "See whether the process lives",
	}, func(context.Context, caller, *none) (*out[healthView], error) {
		return answer(healthView{Status: "ok", Version: a.Version}), nil
	})
	register(a, operation{
		method: http.MethodGet, path: "/readyz", root: true, id: "get-readiness", tag: "operations",
		summary:     "See whether the process can accept changes",
		description: "503 while the database cannot be read and written. While only the queue is out of reach changes are accepted, and delivered later: 200 with the status degraded.",
		also:        map[int]string{http.StatusServiceUnavailable: "The database cannot be used"},
	}, a.readiness)
	a.described(http.MethodGet, "/readyz").Responses["503"].Content["application/json"].Example = healthView{
		Status: "unavailable", Version: "1.2.3", Checks: map[string]string{"database": unusable, "queue": "ok"},
	}
}

// unusable is what the check of a database says that is away.
const unusable = "cannot be read and written"

func (a *api) readiness(ctx context.Context, _ caller, _ *none) (*healthAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	ready := &healthAnswer{Status: http.StatusOK, Body: healthView{Status: "ok", Version: a.Version, Checks: map[string]string{"database": "ok", "queue": "ok"}}}
	if queue, err := a.Desk.Queue(ctx); err != nil || !queue.Connected {
		ready.Body.Status = "degraded"
		ready.Body.Checks["queue"] = "not connected; deliveries wait"
	}
	if err := a.Ledger.Check(ctx); err != nil {
		a.log.WarnContext(ctx, "the ledger is not ready", "error", err)
		ready.Status, ready.Body.Status = http.StatusServiceUnavailable, "unavailable"
		ready.Body.Checks["database"] = unusable
	}
	return ready, nil
}
