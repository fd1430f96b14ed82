package console_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/web/console"
	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

var (
	stage   *consoletest.Stage
	example *consoletest.Example
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run sets up one stage for all tests of the package.
func run(m *testing.M) int {
	var err error
	if stage, err = consoletest.New(true); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stage.Close()
	if example, err = stage.Fill(); err == nil {
		err = stage.Settled("*", "", 10*time.Second)
	}
	if err == nil {
		err = stage.History(example, 700, 24*time.Hour, time.Now())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// site is the console behind a server, with a browser's cookies.
type site struct {
	*httptest.Server
	client *http.Client
	later  *atomic.Int64 // nanoseconds by which the console's clock is ahead
}

// open starts the console; nobody is signed in yet.
func open(t testing.TB) *site {
	t.Helper()
	return openOn(t, stage.Ledger, time.Minute)
}

// openOn starts the console on a ledger, with a patience for its figures.
func openOn(t testing.TB, ledger executionlog.Ledger, patience time.Duration) *site {
	t.Helper()
	return openWith(t, stage, ledger, patience)
}

// openStage starts the console on a stage.
func openStage(t testing.TB, on *consoletest.Stage) *site {
	t.Helper()
	return openWith(t, on, on.Ledger, time.Minute)
}

func openWith(t testing.TB, on *consoletest.Stage, ledger executionlog.Ledger, patience time.Duration) *site {
	t.Helper()
	return openDesk(t, on, on.Desk, ledger, patience)
}

// openDesk is openWith with another desk than the stage's.
func openDesk(t testing.TB, on *consoletest.Stage, desk dispatcher.Desk, ledger executionlog.Ledger, patience time.Duration) *site {
	t.Helper()
	later := &atomic.Int64{}
	handler := console.New(console.Options{
		Desk: desk, Config: on.Config, Ledger: ledger, Systems: on.Systems, Patience: patience,
		AdminToken: consoletest.AdminToken, SecretKey: []byte("a key of the test"), Dev: true, Version: "1.2.3",
		Now: func() time.Time { return time.Now().Add(time.Duration(later.Load())) },
	})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &site{server, client, later}
}

// enter starts the console and signs in as administrator.
func enter(t testing.TB) *site {
	t.Helper()
	s := open(t)
	s.signIn(t)
	return s
}

func (s *site) signIn(t testing.TB) {
	t.Helper()
	if got := s.post(t, "/signin", "token", consoletest.AdminToken); got.status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d", got.status)
	}
}

type answer struct {
	status int
	body   string
	header http.Header
}

func (s *site) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(body), response.Header}
}

func (s *site) get(t testing.TB, path string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.do(t, r)
}

func (s *site) post(t testing.TB, path string, pairs ...string) answer {
	t.Helper()
	return s.postWith(t, path, nil, pairs...)
}

func (s *site) postWith(t testing.TB, path string, header http.Header, pairs ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	maps.Copy(r.Header, header)
	return s.do(t, r)
}

// first returns the first match of a pattern on a page.
func (s *site) first(t testing.TB, path, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindString(s.get(t, path).body)
	if found == "" {
		t.Fatalf("%s has nothing like %s", path, pattern)
	}
	return found
}

// everyPage lists an address of each page.
func everyPage(t testing.TB, s *site) []string {
	t.Helper()
	endpoint, trigger := "/endpoints/"+example.Endpoints[4].ID, "/triggers/"+example.Triggers[0].ID
	return []string{
		"/", "/?span=24h", "/log", "/log?ticket=HDSK*&error=503&last=24h", "/log?outcome=failed&status=5xx&q=x&order=oldest", "/deliveries?ticket=XSS-1",
		s.first(t, "/log?ticket=XSS-1&outcome=failed", `/deliveries/dlv_[0-9a-z]+`),
		s.first(t, "/log?ticket=527331&system=superoffice", `/deliveries/dlv_[0-9a-z]+`),
		"/triggers", "/triggers/new", "/triggers/new?system=superoffice", "/triggers/new?clone=" + example.Triggers[0].ID,
		trigger, trigger + "/edit", trigger + "/versions",
		"/endpoints", "/endpoints/new", "/endpoints/new?system=faveo", "/endpoints/new?system=socialboards", endpoint, endpoint + "/edit",
		"/tickets", "/tickets/new", "/tickets/XSS-1", "/tickets/RTL-1", "/tickets/XSS-1/explain",
		"/systems", "/systems/superoffice", "/systems/faveo", "/systems/agency", "/systems/supportservice", "/systems/socialboards",
		"/operations", "/operations/dead", "/operations/dead?recovered=true", "/operations/tokens", "/operations/audit", "/operations/calendars", "/operations/configuration", "/operations/workspaces", "/operations/workspaces/new", "/operations/workspaces/default",
		"/replays", "/replays/new?outcome=failed", "/simulations",
	}
}

// Every page answers, says that it is in development mode, protects itself,
// and shows what strangers wrote as text.
func TestEveryPage(t *testing.T) {
	s := enter(t)
	for _, path := range everyPage(t, s) {
		t.Run(path, func(t *testing.T) {
			got := s.get(t, path)
			if got.status != http.StatusOK {
				t.Fatalf("status %d", got.status)
			}
			for _, raw := range []string{"<script>alert", "<img src=x", "ZgotmplZ", "<no value>", "%!"} {
				if strings.Contains(got.body, raw) {
					t.Errorf("contains %q", raw)
				}
			}
			checkMarkup(t, got.body)
			if !strings.Contains(got.body, "Development mode") {
				t.Error("does not say that it is in development mode")
			}
			if got.header.Get("Content-Security-Policy") != console.Policy || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", got.header)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control %q", got.header.Get("Cache-Control"))
			}
		})
	}
}

// checkMarkup finds what the content security policy would refuse, and files
// of other origins.
func checkMarkup(t *testing.T, body string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(body))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Key] = a.Val
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") && a.Key != "on" {
					t.Errorf("<%s> has an inline %s", token.Data, a.Key)
				}
			}
			switch token.Data {
			case "script":
				if !strings.HasPrefix(attributes["src"], "/assets/") {
					t.Errorf("a script from %q", attributes["src"])
				}
			case "link":
				if !strings.HasPrefix(attributes["href"], "/assets/") {
					t.Errorf("a file from %q", attributes["href"])
				}
			case "style", "iframe", "object", "embed", "base", "img":
				t.Errorf("has a <%s>", token.Data)
			case "form":
				if to := attributes["action"]; to != "" && !strings.HasPrefix(to, "/") {
					t.Errorf("a form to %q", to)
				}
			}
		}
	}
}

// What strangers wrote is there, as text.
func TestHostileTextIsShown(t *testing.T) {
	s := enter(t)
	const escaped = "&lt;script&gt;alert(&#34;ticket&#34;)&lt;/script&gt;"
	for _, path := range []string{"/tickets/XSS-1", "/endpoints", "/tickets"} {
		if body := s.get(t, path).body; !strings.Contains(body, escaped) {
			t.Errorf("%s does not show the text", path)
		}
	}
	delivery := s.first(t, "/log?ticket=XSS-1&system=agency", `/deliveries/dlv_[0-9a-z]+`)
	body := s.get(t, delivery).body
	for _, want := range []string{"&lt;script&gt;alert(&#34;body&#34;)", "&lt;script&gt;alert(&#34;header&#34;)"} {
		if !strings.Contains(body, want) {
			t.Errorf("the delivery does not show %s", want)
		}
	}
}

func TestWithoutSession(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/", "/log?ticket=A%26b", "/endpoints/new", "/no-such-page", "/log/stream", "/log/export?format=csv"} {
		got := s.get(t, path)
		want := "/signin?next=" + url.QueryEscape(path)
		if got.status != http.StatusSeeOther || got.header.Get("Location") != want {
			t.Errorf("%s: status %d to %q, want %q", path, got.status, got.header.Get("Location"), want)
		}
	}
	for _, path := range []string{"/tickets", "/endpoints", "/triggers/form", "/operations/tokens"} {
		if got := s.post(t, path, "name", "x"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/signin" {
			t.Errorf("POST %s: status %d", path, got.status)
		}
	}
}

func TestSignIn(t *testing.T) {
	tests := []struct {
		name, token, next string
		status            int
		location          string
	}{
		{"right", consoletest.AdminToken, "/log?ticket=1", 303, "/log?ticket=1"},
		{"with spaces around", "  " + consoletest.AdminToken + "\n", "", 303, "/"},
		{"wrong", "other", "/log", 401, ""},
		{"empty", "", "/log", 401, ""},
		{"back to another site", consoletest.AdminToken, "//evil.example", 303, "/"},
		{"back to another scheme", consoletest.AdminToken, "javascript:alert(1)", 303, "/"},
		{"back over a backslash", consoletest.AdminToken, `/\evil.example`, 303, "/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			got := s.post(t, "/signin", "token", tt.token, "next", tt.next)
			if got.status != tt.status || got.header.Get("Location") != tt.location {
				t.Fatalf("status %d to %q", got.status, got.header.Get("Location"))
			}
			cookie := got.header.Get("Set-Cookie")
			if signedIn := strings.Contains(cookie, "hookdesk_session="); signedIn != (tt.status == 303) {
				t.Errorf("cookie %q", cookie)
			}
			if strings.Contains(cookie, consoletest.AdminToken) {
				t.Error("the cookie holds the token readably")
			}
			if tt.status == 303 {
				for _, attribute := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} {
					if !strings.Contains(cookie, attribute) {
						t.Errorf("cookie lacks %s: %s", attribute, cookie)
					}
				}
			}
		})
	}
}

func TestSecureCookieOverTLS(t *testing.T) {
	s := open(t)
	got := s.postWith(t, "/signin", http.Header{"X-Forwarded-Proto": {"https"}}, "token", consoletest.AdminToken)
	if !strings.Contains(got.header.Get("Set-Cookie"), "Secure") {
		t.Errorf("cookie %q", got.header.Get("Set-Cookie"))
	}
}

func TestManyAttemptsAreSlowedDown(t *testing.T) {
	s := open(t)
	for range 40 {
		if s.post(t, "/signin", "token", "guess").status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("forty guesses in a row were all answered")
}

func TestSessionEnds(t *testing.T) {
	t.Run("after twelve hours", func(t *testing.T) {
		s := enter(t)
		s.later.Store(int64(12*time.Hour - time.Minute))
		if got := s.get(t, "/log"); got.status != http.StatusOK {
			t.Fatalf("shortly before: status %d", got.status)
		}
		s.later.Store(int64(12 * time.Hour))
		if got := s.get(t, "/log"); got.status != http.StatusSeeOther {
			t.Errorf("afterwards: status %d", got.status)
		}
	})
	t.Run("by signing out", func(t *testing.T) {
		s := enter(t)
		s.post(t, "/signout")
		if got := s.get(t, "/log"); got.status != http.StatusSeeOther {
			t.Errorf("status %d", got.status)
		}
	})
	t.Run("with its token", func(t *testing.T) {
		admin := enter(t)
		page := admin.post(t, "/operations/tokens", "name", "short-lived", "scopes", "read")
		token := regexp.MustCompile(`hd_[A-Za-z0-9_-]{20,}`).FindString(page.body)
		s := open(t)
		if got := s.post(t, "/signin", "token", token); got.status != http.StatusSeeOther {
			t.Fatalf("signing in: status %d", got.status)
		}
		if got := s.get(t, "/log"); got.status != http.StatusOK {
			t.Fatalf("reading: status %d", got.status)
		}
		if got := s.post(t, "/tickets", "subject", "x"); got.status != http.StatusForbidden {
			t.Errorf("a token for reading wrote: status %d", got.status)
		}
		if got := s.get(t, "/operations/tokens"); got.status != http.StatusForbidden {
			t.Errorf("a token for reading saw tokens: status %d", got.status)
		}
		id := regexp.MustCompile(`name="id" value="(tok_[0-9a-z]+)"`).FindStringSubmatch(page.body)
		admin.post(t, "/operations/tokens/delete", "id", id[1])
		if got := s.get(t, "/log"); got.status != http.StatusSeeOther {
			t.Errorf("after deleting the token: status %d", got.status)
		}
	})
	t.Run("when forged", func(t *testing.T) {
		s := enter(t)
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/log", nil)
		r.AddCookie(&http.Cookie{Name: "hookdesk_session", Value: "eyJ0IjoieCJ9"})
		s.client.Jar = nil
		if got := s.do(t, r); got.status != http.StatusSeeOther {
			t.Errorf("status %d", got.status)
		}
	})
}

// A form that another site's page sends is refused, whatever its cookies.
func TestCrossSiteFormIsRefused(t *testing.T) {
	s := enter(t)
	for name, header := range map[string]http.Header{
		"fetch metadata": {"Sec-Fetch-Site": {"cross-site"}},
		"same site only": {"Sec-Fetch-Site": {"same-site"}},
		"origin":         {"Origin": {"https://evil.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := s.postWith(t, "/tickets", header, "subject", "x"); got.status != http.StatusForbidden {
				t.Errorf("status %d", got.status)
			}
		})
	}
	if got := s.get(t, "/tickets/new"); got.status != http.StatusOK {
		t.Errorf("reading: status %d", got.status)
	}
}

func TestGettingChangesNothing(t *testing.T) {
	s := enter(t)
	for _, path := range []string{"/signout", "/theme", "/triggers/form", "/endpoints/" + example.Endpoints[0].ID + "/test", "/operations/tokens/delete"} {
		if got := s.get(t, path); got.status != http.StatusMethodNotAllowed && got.status != http.StatusNotFound {
			t.Errorf("GET %s: status %d", path, got.status)
		}
	}
}

func TestTheme(t *testing.T) {
	s := enter(t)
	s.post(t, "/theme", "theme", "dark", "next", "/log")
	if body := s.get(t, "/log").body; !strings.Contains(body, `data-theme="dark"`) {
		t.Error("the page is not dark")
	}
	s.post(t, "/theme", "theme", `"><script>`, "next", "/log")
	if body := s.get(t, "/log").body; strings.Contains(body, "data-theme") {
		t.Error("an unknown theme was kept")
	}
}

func TestNotFound(t *testing.T) {
	s := enter(t)
	for _, path := range []string{
		"/nowhere", "/deliveries/dlv_0000000000000", "/endpoints/ep_0000000000000", "/triggers/trg_0000000000000/edit",
		"/tickets/NONE", "/tickets/NONE/explain", "/systems/none", "/systems/faveo?event=none", "/systems/faveo?revision=none", "/log/att_0000000000000", "/replays/rpl_0000000000000",
	} {
		if got := s.get(t, path); got.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}
