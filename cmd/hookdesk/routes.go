package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/hookdesk/hookdesk/web/vendorapi"
)

// route divides the paths among the parts of the web. The mux would send
// clients whose path has a // or .. elsewhere, with a page for browsers;
// programs get the problem document of their API instead.
func route(role Role, restAPI, emulated, manual, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		mux.Handle(path, restAPI)
	}
	if role == RoleWorker {
		return mux
	}
	mux.Handle("/openapi.json", restAPI)
	mux.Handle("/docs", manual)
	mux.Handle("/docs/", manual)
	mux.Handle("/", pages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			restAPI.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, vendorapi.Base+"/"):
			emulated.ServeHTTP(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// describe asks the API for its own description.
func describe(restAPI http.Handler) ([]byte, error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/openapi.json", http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	answer := &answer{header: http.Header{}, status: http.StatusOK}
	restAPI.ServeHTTP(answer, request)
	if answer.status != http.StatusOK {
		return nil, fmt.Errorf("read the API's description: status %d", answer.status)
	}
	return answer.body.Bytes(), nil
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header            { return a.header }
func (a *answer) WriteHeader(status int)         { a.status = status }
func (a *answer) Write(part []byte) (int, error) { return a.body.Write(part) }
