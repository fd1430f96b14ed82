package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// signInPage is the page on which people enter their token.
type signInPage struct {
	Next  string
	Fault string
}

func showSignIn(r *request) error {
	next := localPath(r.URL.Query().Get("next"))
	if r.session.Workspace != "" {
		return r.redirect(next)
	}
	return r.show("signin", "", "Sign in", signInPage{Next: next})
}

func signIn(r *request) error {
	next := localPath(r.PostFormValue("next"))
	if !r.signIns.Allow() {
		return r.render(http.StatusTooManyRequests, "signin", frame{
			Title: "Sign in",
			Page:  signInPage{Next: next, Fault: "Too many attempts. Wait a few seconds."},
		})
	}
	token := strings.TrimSpace(r.PostFormValue("token"))
	who, err := r.Config.Authenticate(token, r.AdminToken)
	if err == nil && who.Allows(config.ScopeRead) {
		r.cookies.startSession(r.w, r.Request, token, who.Workspace, r.Now().Add(sessionLife))
		return r.redirect(next)
	}
	r.session = session{}
	return r.render(http.StatusUnauthorized, "signin", frame{Title: "Sign in", Page: signInPage{Next: next, Fault: signInFault(token, err)}})
}

// signInFault says why a token does not sign in.
func signInFault(token string, err error) string {
	switch {
	case token == "":
		return "Enter a token."
	case errors.Is(err, config.ErrExpiredToken):
		return "This token has expired. Ask an administrator for another."
	case err != nil:
		return "This token is not known. Check that it was copied whole."
	}
	return "This token may not read; it was made for submitting changes only."
}

func signOut(r *request) error {
	http.SetCookie(r.w, cookie(r.Request, sessionCookie, "", -time.Second))
	return r.redirect("/signin")
}

// toSignIn leads to the sign-in, and back to this page afterwards. A request
// by htmx is told to load the whole page.
func (r *request) toSignIn() error {
	to := "/signin"
	if r.Method == http.MethodGet {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	if r.Header.Get("HX-Request") != "" {
		r.w.Header().Set("HX-Redirect", to)
		r.w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	if streams(r.Request) { // a page would only make it try again
		r.w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(r.w, signedOutEvent) // a reader who went away needs no answer
		return nil
	}
	return r.redirect(to)
}

// setTheme keeps the chosen look in a cookie for a year.
func setTheme(r *request) error {
	chosen := r.PostFormValue("theme")
	if chosen != "light" && chosen != "dark" {
		chosen = "auto"
	}
	http.SetCookie(r.w, cookie(r.Request, themeCookie, chosen, 365*24*time.Hour))
	return r.redirect(localPath(r.PostFormValue("next")))
}

// localPath returns an address of this site, the root for any other.
func localPath(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
