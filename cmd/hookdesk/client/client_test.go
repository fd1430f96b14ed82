package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &Client{Base: server.URL + "/", Token: "secret-token", Workspace: "north"}
}

func TestDo(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Method + " " + r.URL.Path; got != "POST /api/v1/tickets" {
			t.Errorf("got %s", got)
		}
		for name, want := range map[string]string{
			"Authorization": "Bearer secret-token", "Hookdesk-Workspace": "north", "Content-Type": "application/json",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		fmt.Fprint(w, `{"id":"chg_1","unknown":true}`)
	})
	var out struct{ ID string }
	if err := c.Do(t.Context(), http.MethodPost, "/tickets", map[string]any{"number": "1"}, &out); err != nil || out.ID != "chg_1" {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestProblem(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{
		{
			422, `{"title":"Unprocessable","detail":"the trigger is wrong","errors":[{"path":"when.all.0.op","location":"body.when.all.0.op","message":"one of is, is_not"}]}`,
			"server answered 422: the trigger is wrong; when.all.0.op: one of is, is_not",
		},
		{400, `{"title":"Bad Request"}`, "server answered 400: Bad Request"},
		{502, "<html>gateway</html>", "server answered 502: <html>gateway</html>"},
		{503, "", "server answered 503: Service Unavailable"},
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		err := client.Do(t.Context(), http.MethodGet, "/x", nil, nil)
		var problem *Problem
		if !errors.As(err, &problem) || problem.Status != c.status || err.Error() != c.want {
			t.Errorf("%d %s: %v, want %s", c.status, c.body, err, c.want)
		}
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := &Client{Base: server.URL, Token: "secret-token"}
	err := c.Do(t.Context(), http.MethodGet, "/x", nil, nil)
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "secret-token") {
		t.Error("the error repeats the token")
	}
}

func TestExecutions(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.URL.RawQuery, "attempt=2&cursor=c1&error=a+b&error_code=timeout&limit=20&order=oldest&ticket=HDSK-%2A&words=c+d"; got != want {
			t.Errorf("query %s, want %s", got, want)
		}
		fmt.Fprint(w, `{"items":[{"id":"att_1","http_status":503}],"next_cursor":"c2"}`)
	})
	page, err := c.Executions(t.Context(), LogFilter{Ticket: "HDSK-*", Error: "a b", Words: "c d", ErrorCode: "timeout", Attempt: 2, Oldest: true}, 20, "c1")
	if err != nil || len(page.Items) != 1 || page.Items[0].HTTPStatus != 503 || page.NextCursor != "c2" {
		t.Errorf("got %+v, %v", page, err)
	}
}

// What a search finds, a replay of the same filter repeats.
func TestAReplayHasEveryMemberOfAFilter(t *testing.T) {
	filter := LogFilter{Attempt: 3}
	value := reflect.ValueOf(&filter).Elem()
	for i := range value.NumField() {
		if value.Field(i).Kind() == reflect.String {
			value.Field(i).SetString(value.Type().Field(i).Name)
		}
	}
	text, err := json.Marshal(filter.Replay())
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	pairs := filter.pairs()
	for i := 0; i < len(pairs); i += 2 {
		if got := fmt.Sprint(body[pairs[i]]); got != pairs[i+1] {
			t.Errorf("%s is %q in the replay and %q in the search", pairs[i], got, pairs[i+1])
		}
	}
	if len(body) != len(pairs)/2 {
		t.Errorf("a replay has %d members of %d", len(body), len(pairs)/2)
	}
}

func TestFollow(t *testing.T) {
	answers := []string{
		": hello\n\nid: 1\nevent: execution\ndata: {\"id\":\"att_1\"}\n\ndata: nonsense\n\nid: 2\ndata:{\"id\":\ndata:\"att_2\"}\n\nid: 3\ndata: {\"id\":\"att_3\"}",
		"event: skipped\ndata: {\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-01T00:01:00Z\"}\n\nid: 4\ndata: {\"id\":\"att_4\"}\n\n",
	}
	var places []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/event-stream" {
			t.Errorf("Accept is %q", r.Header.Get("Accept"))
		}
		places = append(places, r.Header.Get("Last-Event-ID"))
		fmt.Fprint(w, answers[len(places)-1])
	})
	var ids, told []string
	stop := errors.New("enough")
	err := c.Follow(t.Context(), LogFilter{}, func(why error) { told = append(told, why.Error()) }, func(row Execution) error {
		ids = append(ids, row.ID)
		if row.ID == "att_4" {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("yield's error became %v", err)
	}
	// What was not whole is not taken, and asked for again.
	if got := strings.Join(ids, " "); got != "att_1 att_2 att_4" {
		t.Errorf("got %s", got)
	}
	if got := strings.Join(places, ","); got != ",2" {
		t.Errorf("went on from %q", got)
	}
	if len(told) != 2 || !strings.Contains(told[0], "ended the stream") || !strings.Contains(told[1], "2026-01-01T00:01:00Z") {
		t.Errorf("told %q", told)
	}
}

func TestFollowIsRefused(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusServiceUnavailable} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		err := c.Follow(t.Context(), LogFilter{}, func(error) {}, func(Execution) error { return nil })
		var problem *Problem
		if !errors.As(err, &problem) || problem.Status != status {
			t.Errorf("%d became %v", status, err)
		}
	}
}

func TestFollowEnds(t *testing.T) {
	started := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		close(started)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	if err := c.Follow(ctx, LogFilter{}, func(error) {}, func(Execution) error { return nil }); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the context became %v", err)
	}
}

func TestQuery(t *testing.T) {
	if got := Query("a", "", "b", ""); got != "" {
		t.Errorf("got %q", got)
	}
	if got := Query("a", "1 &", "b", "", "c", "ü"); got != "?a=1+%26&c=%C3%BC" {
		t.Errorf("got %q", got)
	}
}
