package dispatcher_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/executionlog/memory"
	"github.com/hookdesk/hookdesk/triggers"
)

// A receiver that answers with what it got does not put it into the log.
func TestEchoedSecretsStayOutOfTheLog(t *testing.T) {
	const secret = "canary-7f3a91"
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("no use of " + r.Header.Get("X-Api-Key") + " here"))
	}))
	defer echo.Close()
	ledger, ids := memory.New(), newIDs()
	e := newReceiver(t, nil).endpoint("a", func(e *triggers.Endpoint) {
		e.URL, e.Headers = echo.URL, map[string]string{"X-Api-Key": secret}
		e.Retry = triggers.Retry{ScheduleSeconds: []float64{}, MaxAttempts: 1}
	})
	names := add(t, ledger, ids, e, 1, 1)
	run(t, ledger, newConfiguration(e), "")
	settled(t, ledger, names, 30*time.Second)
	log, err := ledger.Attempts(t.Context(), workspace, names[0])
	if err != nil || len(log) == 0 {
		t.Fatalf("%d attempts, %v", len(log), err)
	}
	attempt := log[0]
	texts := []string{attempt.Error, string(attempt.Detail.ResponseBody)}
	for _, h := range attempt.Detail.ResponseHeader {
		texts = append(texts, h.Value)
	}
	for _, text := range texts {
		if strings.Contains(text, secret) {
			t.Errorf("the log has the secret: %q", text)
		}
	}
	if !strings.HasPrefix(attempt.Error, "the receiver answered 502 Bad Gateway: no use of ") {
		t.Errorf("error %q", attempt.Error)
	}
}
