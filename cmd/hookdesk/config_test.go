package main

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

func goodConfig(t *testing.T) *Config {
	t.Helper()
	c := &Config{}
	parser, err := kong.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(nil); err != nil {
		t.Fatal(err)
	}
	c.AdminToken = "a-token-of-some-length"
	c.SecretKey = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	c.DataDir = t.TempDir()
	return c
}

// mailed gives a configuration a mail server.
func mailed(c *Config) {
	c.AlertEmail, c.SMTPAddr, c.SMTPFrom = "ops@example.com, oncall@example.com", "mail.example.com:587", "Desk <hookdesk@example.com>"
	c.SMTPUser, c.SMTPPassword = "desk", "geheim"
}

func TestDefaultsAreGood(t *testing.T) {
	if err := goodConfig(t).Check(); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Config)
		want string // the beginning; empty: good
	}{
		{"address", func(c *Config) { c.Addr = "8080" }, `HOOKDESK_ADDR is "8080"; want host:port`},
		{"all addresses", func(c *Config) { c.Addr = ":8080" }, ""},
		{"IPv6", func(c *Config) { c.Addr = "[::1]:8080" }, ""},
		{"public URL", func(c *Config) { c.PublicURL = "hooks.example.com" }, `HOOKDESK_PUBLIC_URL is "hooks.example.com"; want an http`},
		{"database", func(c *Config) { c.DatabaseURL = "oracle:x" }, `HOOKDESK_DATABASE_URL is "oracle:x"; want sqlite:`},
		{"postgres", func(c *Config) { c.DatabaseURL = "postgres://u:p@h/d" }, ""},
		{"redis", func(c *Config) { c.RedisURL = "localhost:6379" }, `HOOKDESK_REDIS_URL is `},
		{"sentinel", func(c *Config) { c.RedisURL = "redis+sentinel://a:26379,b:26379/main" }, ""},
		{"network", func(c *Config) { c.AllowedNetworks = []string{"10.0.0.1"} }, `HOOKDESK_ALLOWED_NETWORKS is "10.0.0.1"; want networks`},
		{"workers", func(c *Config) { c.Workers = 0 }, `HOOKDESK_WORKERS is "0"; want a number`},
		{"drain", func(c *Config) { c.DrainTimeout = -time.Second }, `HOOKDESK_DRAIN_TIMEOUT is "-1s"; want a duration`},
		{"retention", func(c *Config) { c.KeepFailed = -1 }, `HOOKDESK_KEEP_FAILED is "-1ns"; want a duration`},
		{"level", func(c *Config) { c.LogLevel = "loud" }, `HOOKDESK_LOG_LEVEL is "loud"; want debug`},
		{"format", func(c *Config) { c.LogFormat = "xml" }, `HOOKDESK_LOG_FORMAT is "xml"; want text or json`},
		{"no token", func(c *Config) { c.AdminToken = "" }, `HOOKDESK_ADMIN_TOKEN is empty`},
		{"short token", func(c *Config) { c.AdminToken = "geheim" }, `HOOKDESK_ADMIN_TOKEN has 6 characters`},
		{"no key", func(c *Config) { c.SecretKey = "" }, `HOOKDESK_SECRET_KEY is empty`},
		{"no key in development", func(c *Config) { c.SecretKey, c.AdminToken, c.Dev = "", "", true }, ""},
		{"key that is no base64", func(c *Config) { c.SecretKey = "geheim!" }, `HOOKDESK_SECRET_KEY is not base64`},
		{"short key", func(c *Config) { c.SecretKey = "Z2VoZWlt" }, `HOOKDESK_SECRET_KEY holds 6 bytes`},
		{"key of one byte", func(c *Config) { c.SecretKey = base64.StdEncoding.EncodeToString(make([]byte, 32)) }, `HOOKDESK_SECRET_KEY repeats`},
		{"older key is wrong", func(c *Config) { c.SecretKey += ",Z2VoZWlt" }, `HOOKDESK_SECRET_KEY holds 6 bytes`},
		{"mail", func(c *Config) { mailed(c) }, ""},
		{"mail on the endpoints' behalf only", func(c *Config) { mailed(c); c.AlertEmail = "" }, ""},
		{"mail without authentication", func(c *Config) { mailed(c); c.SMTPUser, c.SMTPPassword, c.SMTPTLS = "", "", "none" }, ""},
		{"mail to nobody", func(c *Config) { mailed(c); c.AlertEmail = "a@example.com, nobody" }, `HOOKDESK_ALERT_EMAIL is "a@example.com, nobody"; want mail addresses`},
		{"mail without a server", func(c *Config) { mailed(c); c.SMTPAddr = "" }, `HOOKDESK_ALERT_EMAIL is set and HOOKDESK_SMTP_ADDR is empty`},
		{"mail server without a port", func(c *Config) { mailed(c); c.SMTPAddr = "mail.example.com" }, `HOOKDESK_SMTP_ADDR is "mail.example.com"; want host:port`},
		{"mail server with a wrong port", func(c *Config) { mailed(c); c.SMTPAddr = "mail.example.com:smtp" }, `HOOKDESK_SMTP_ADDR is "mail.example.com:smtp"; want host:port`},
		{"mail from nobody", func(c *Config) { mailed(c); c.SMTPFrom = "" }, `HOOKDESK_SMTP_FROM is ""; want a mail address`},
		{"mail from two", func(c *Config) { mailed(c); c.SMTPFrom = "a@example.com,b@example.com" }, `HOOKDESK_SMTP_FROM is "a@example.com,b@example.com"; want a mail address`},
		{"mail encrypted somehow", func(c *Config) { mailed(c); c.SMTPTLS = "ssl" }, `HOOKDESK_SMTP_TLS is "ssl"; want starttls, implicit or none`},
		{"half a sign-in", func(c *Config) { mailed(c); c.SMTPUser = "" }, `HOOKDESK_SMTP_USER and HOOKDESK_SMTP_PASSWORD go together`},
		{"password in clear", func(c *Config) { mailed(c); c.SMTPTLS = "none" }, `HOOKDESK_SMTP_TLS is none, which would show`},
		{"traces", func(c *Config) { c.OTLPURL, c.TraceRatio = "http://127.0.0.1:4318", 0.25 }, ""},
		{"traces to no URL", func(c *Config) { c.OTLPURL = "collector" }, `HOOKDESK_OTLP_URL (or OTEL_EXPORTER_OTLP_ENDPOINT) is "collector"; want an http or https URL`},
		{"traces with a password", func(c *Config) { c.OTLPURL = "https://key:geheim@collector/?key=geheim" }, `HOOKDESK_OTLP_URL (or OTEL_EXPORTER_OTLP_ENDPOINT) is "https://key:xxxxx@collector/"; want a URL without user`},
		{"traces by gRPC", func(c *Config) { c.OTLPURL, c.OTLPProtocol = "http://127.0.0.1:4317", "grpc" }, `OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; want http/protobuf`},
		{"too many traces", func(c *Config) { c.OTLPURL, c.TraceRatio = "http://127.0.0.1:4318", 2 }, `HOOKDESK_TRACE_RATIO is "2"; want a number from 0 to 1`},
		{"two keys", func(c *Config) { c.SecretKey += ", " + c.SecretKey }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := goodConfig(t)
			c.edit(config)
			err := config.Check()
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Fatalf("got %v, want %s…", err, c.want)
			}
			if _, ok := errors.AsType[*usageError](err); !ok {
				t.Error("it does not end with status 2")
			}
			if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
				t.Errorf("it repeats a secret or takes more than a line: %v", err)
			}
		})
	}
}

// TestGenerated makes key and token in development, keeps them, and lets
// nobody else read them.
func TestGenerated(t *testing.T) {
	c := &Config{DataDir: filepath.Join(t.TempDir(), "new"), Dev: true}
	first, err := c.Token()
	if err != nil || len(first) < 20 {
		t.Fatalf("got %q, %v", first, err)
	}
	ring, err := c.Keyring()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ring.Seal("secret", "ep_1")
	if err != nil {
		t.Fatal(err)
	}
	again := &Config{DataDir: c.DataDir, Dev: true}
	if second, err := again.Token(); err != nil || second != first {
		t.Errorf("the token became %q, %v", second, err)
	}
	if ring, err = again.Keyring(); err != nil {
		t.Fatal(err)
	}
	if plain, err := ring.Open(sealed, "ep_1"); err != nil || plain != "secret" {
		t.Errorf("what was sealed before opens as %q, %v", plain, err)
	}
	for _, name := range []string{"admin.token", "secret.key"} {
		info, err := os.Stat(filepath.Join(c.DataDir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	c.Dev = false
	if _, err := c.Keyring(); err == nil {
		t.Error("a key was generated outside of development")
	}
}

func TestBase(t *testing.T) {
	if got := (&Config{}).Base("127.0.0.1:80"); got != "http://127.0.0.1:80" {
		t.Errorf("got %s", got)
	}
	if got := (&Config{PublicURL: "https://h.example.com/"}).Base("x"); got != "https://h.example.com" {
		t.Errorf("got %s", got)
	}
}

func TestParseRole(t *testing.T) {
	for text, want := range map[string]Role{
		"all": RoleAll, "api": RoleAPI, "worker": RoleWorker, "api,worker": RoleAll, "worker, api": RoleAll, "": RoleAll, "boss": "", ",": "",
	} {
		if got, err := parseRole(text); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestMoment(t *testing.T) {
	now := time.Date(2024, 5, 7, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"":                          "",
		"2h":                        "2024-05-07T10:00:00Z",
		"3d":                        "2024-05-04T12:00:00Z",
		"1d12h":                     "2024-05-06T00:00:00Z",
		"2024-05-01T00:00:00+02:00": "2024-04-30T22:00:00Z",
		"yesterday":                 "error",
		"-2h":                       "error",
	} {
		got, err := moment(now, text)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestColumn(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"ab", "ab    "},
		{"abcdef", "abcdef"},
		{"abcdefgh", "ab…fgh"},
		{"äöü", "äöü   "},
	} {
		if got := column(c.text, 6); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
}

func TestParseRequest(t *testing.T) {
	for _, c := range []struct{ name, raw, header, body string }{
		{"lf", "POST / HTTP/1.1\nX-A: 1\n\nbody\n", "1", "body\n"},
		{"crlf", "POST / HTTP/1.1\r\nX-A: 1\r\n\r\nbo\r\ndy", "1", "bo\r\ndy"},
		{"no request line", "x-a: 1\n\n\nb", "1", "\nb"},
		{"cut to its length", "X-A: 1\nContent-Length: 3\n\nbody", "1", "bod"},
		{"no body", "X-A: 1\n", "1", ""},
	} {
		header, body, err := parseRequest([]byte(c.raw))
		if err != nil || header.Get("X-A") != c.header || string(body) != c.body {
			t.Errorf("%s: %v %q %v", c.name, header, body, err)
		}
	}
	for _, raw := range []string{"", "POST / HTTP/1.1\n\nbody", "X-A: 1\nnonsense\n\n"} {
		if header, _, err := parseRequest([]byte(raw)); err == nil {
			t.Errorf("%q was read as %v", raw, header)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\nX-A: 1\nContent-Length: 9\n\nbody"))
	f.Add([]byte("\r\n\r\n:"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		header, body, err := parseRequest(raw)
		if err == nil && (len(header) == 0 || len(body) > len(raw)) {
			t.Errorf("%q was read as %v %q", raw, header, body)
		}
	})
}
