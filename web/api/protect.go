package api

import (
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gorilla/mux"
)

// methods are those that some path of the API knows.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// protect sets the security headers on every answer and turns panics into
// problems.
func (a *api) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		written := &watchedWriter{ResponseWriter: w}
		defer func() {
			recovered := recover()
			switch {
			case recovered == nil:
				return
			case recovered == http.ErrAbortHandler: //nolint:errorlint // net/http compares it this way, too
				panic(recovered)
			}
			a.log.ErrorContext(r.Context(), "a request panicked", "method", r.Method, "path", r.URL.Path, "panic", recovered, "stack", string(debug.Stack()))
			if written.begun {
				panic(http.ErrAbortHandler) // the client must see that the answer is not whole
			}
			writeProblem(w, problem(http.StatusInternalServerError, "something went wrong on the server; its log says what"))
		}()
		next.ServeHTTP(written, asGet(r))
	})
}

// asGet makes a HEAD a GET, whose body net/http leaves out by itself: checks of
// whether a server is there often ask that way. A stream has no end to wait
// for, and stays out of it.
func asGet(r *http.Request) *http.Request {
	if r.Method != http.MethodHead || !headIsGet(r.URL.Path) {
		return r
	}
	get := *r
	get.Method = http.MethodGet
	return &get
}

func headIsGet(path string) bool { return !strings.HasSuffix(path, "/stream") }

// watchedWriter remembers whether an answer has begun.
type watchedWriter struct {
	http.ResponseWriter
	begun bool
}

func (w *watchedWriter) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(data []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(data)
}

// Unwrap lets http.ResponseController reach the writer beneath.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (a *api) notFound(w http.ResponseWriter, r *http.Request) {
	if bare := strings.TrimRight(r.URL.Path, "/"); bare != r.URL.Path && bare != "" {
		writeProblem(w, problem(http.StatusNotFound, "there is nothing at this path; paths have no slash at the end"))
		return
	}
	writeProblem(w, problem(http.StatusNotFound, "there is nothing at this path; /openapi.json lists what there is"))
}

func (a *api) methodNotAllowed(router *mux.Router) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range methods {
			try := r.Clone(r.Context())
			try.Method = method
			var match mux.RouteMatch
			if router.Match(try, &match) && match.MatchErr == nil && match.Route != nil {
				allowed = append(allowed, method)
			}
		}
		if slices.Contains(allowed, http.MethodGet) && headIsGet(r.URL.Path) {
			allowed = append(allowed, http.MethodHead)
		}
		slices.Sort(allowed)
		list := strings.Join(allowed, ", ")
		writeProblem(w, problem(http.StatusMethodNotAllowed, "this path knows %s", list).with("Allow", list))
	}
}
