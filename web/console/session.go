package console

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

const (
	sessionCookie = "hookdesk_session"
	flashCookie   = "hookdesk_flash"
	themeCookie   = "hookdesk_theme"

	// sessionLife is how long a session lasts after the sign-in.
	sessionLife = 12 * time.Hour
)

// session is who uses the console, and in which workspace.
type session struct {
	config.Principal
	Workspace string // chosen; an administrator's may differ from the token's
}

// sessionValue is what a session cookie holds. The token is checked again on
// every request, so that revoking it ends its sessions at once.
type sessionValue struct {
	Token     string    `json:"t"`
	Workspace string    `json:"w"`
	Expires   time.Time `json:"e"`
}

// cookies encrypts and authenticates what cookies hold: the server itself
// keeps no sessions.
type cookies struct {
	box cipher.AEAD
	now func() time.Time
}

// newCookies derives the key from the secret and the administrator's token, so
// that changing either ends all sessions.
func newCookies(secret []byte, adminToken string, now func() time.Time) *cookies {
	if len(secret) == 0 {
		secret = make([]byte, 32)
		_, _ = rand.Read(secret) // never fails: the runtime ends the process instead
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("console cookies\x00" + adminToken))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		panic(fmt.Sprintf("console: a SHA-256 sum is an AES key: %v", err))
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(fmt.Sprintf("console: AES has a GCM mode: %v", err))
	}
	return &cookies{box: box, now: now}
}

// startSession sets the cookie of a new session.
func (c *cookies) startSession(w http.ResponseWriter, r *http.Request, token, workspace string, expires time.Time) {
	value := c.seal(sessionCookie, sessionValue{Token: token, Workspace: workspace, Expires: expires})
	http.SetCookie(w, cookie(r, sessionCookie, value, expires.Sub(c.now())))
}

// session returns what a request's session cookie holds, if it is valid now.
func (c *cookies) session(r *http.Request) (sessionValue, bool) {
	var found sessionValue
	if !c.open(r, sessionCookie, &found) || !c.now().Before(found.Expires) {
		return sessionValue{}, false
	}
	return found, true
}

// seal encrypts a cookie's value, bound to the cookie's name.
func (c *cookies) seal(name string, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(c.box.Seal(nil, nil, text, []byte(name)))
}

// open decrypts a cookie's value into to; false where there is none of ours.
func (c *cookies) open(r *http.Request, name string, to any) bool {
	sent, err := r.Cookie(name)
	if err != nil {
		return false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(sent.Value)
	if err != nil {
		return false
	}
	text, err := c.box.Open(nil, nil, sealed, []byte(name))
	return err == nil && json.Unmarshal(text, to) == nil
}

// cookie returns a cookie for the whole site that scripts cannot read, and
// that only travels encrypted where the console was reached so.
func cookie(r *http.Request, name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(life.Round(time.Second) / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: overTLS(r),
	}
}

func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}
