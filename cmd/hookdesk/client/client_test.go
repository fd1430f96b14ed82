package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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

func TestFollow(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "text/event-stream" {
			t.Errorf("Accept is %q", r.Header.Get("Accept"))
		}
		fmt.Fprint(w, ": hello\n\nevent: execution\ndata: {\"id\":\"att_1\"}\n\ndata: nonsense\n\ndata:{\"id\":\ndata:\"att_2\"}\n\ndata: {\"id\":\"att_3\"}")
	})
	var ids []string
	err := c.Follow(t.Context(), LogFilter{}, func(row Execution) error {
		ids = append(ids, row.ID)
		return nil
	})
	if err != nil || strings.Join(ids, " ") != "att_1 att_2" {
		t.Errorf("got %v, %v; want the two whole messages", ids, err)
	}
	stop := errors.New("enough")
	if err := c.Follow(t.Context(), LogFilter{}, func(Execution) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("yield's error became %v", err)
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
	if err := c.Follow(ctx, LogFilter{}, func(Execution) error { return nil }); err != nil && !errors.Is(err, context.Canceled) {
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
