package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/redisqueue"
	"github.com/hookdesk/hookdesk/signing"
)

// Config is every setting of a server. Each has a flag, an environment
// variable and a default, which --help shows.
type Config struct {
	Addr        string `env:"HOOKDESK_ADDR" default:"127.0.0.1:8080" help:"Address to serve the API and the console on."`
	PublicURL   string `env:"HOOKDESK_PUBLIC_URL" placeholder:"URL" help:"Base URL under which people reach the server; empty: http:// and the address."`
	DataDir     string `env:"HOOKDESK_DATA_DIR" default:"hookdesk-data" type:"path" help:"Folder of the SQLite file and, in development, the generated keys."`
	DatabaseURL string `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE or postgres://…; empty: hookdesk.db in the data folder."`
	RedisURL    string `env:"HOOKDESK_REDIS_URL" placeholder:"URL" help:"redis://, rediss://, redis+sentinel:// or redis+cluster:// URL; empty: embedded, for one process."`
	AdminToken  string `env:"HOOKDESK_ADMIN_TOKEN" placeholder:"TOKEN" help:"Token of the administrator; in development one is generated when empty."`
	SecretKey   string `env:"HOOKDESK_SECRET_KEY" placeholder:"KEY" help:"Base64 of the 32 bytes that encrypt stored secrets; in development generated when empty. Older keys may follow, separated by commas."`
	Dev         bool   `env:"HOOKDESK_DEV" help:"Development mode: allow plain http and loopback targets, generate keys."`

	AllowedNetworks []string      `env:"HOOKDESK_ALLOWED_NETWORKS" placeholder:"CIDR" help:"Private networks that endpoints may target, such as 10.1.0.0/16."`
	Workers         int           `env:"HOOKDESK_WORKERS" default:"512" help:"Tasks, of up to 50 deliveries of one endpoint each, carried out at the same time; waiting for a slow receiver costs little."`
	DrainTimeout    time.Duration `env:"HOOKDESK_DRAIN_TIMEOUT" default:"25s" help:"How long work under way may take after SIGTERM."`

	AlertURL    string `env:"HOOKDESK_ALERT_URL" placeholder:"URL" help:"Where the operator is told of endpoints that fail, or are disabled, enabled, paused or resumed; empty: only the log says so."`
	AlertSecret string `env:"HOOKDESK_ALERT_SECRET" placeholder:"SECRET" help:"Signs these alerts (Standard Webhooks, whsec_…)."`
	AlertEmail  string `env:"HOOKDESK_ALERT_EMAIL" placeholder:"ADDRESSES" help:"Mail addresses, joined with commas, that get the same alerts; needs HOOKDESK_SMTP_ADDR."`

	SMTPAddr     string `name:"smtp-addr" env:"HOOKDESK_SMTP_ADDR" placeholder:"HOST:PORT" help:"Mail server for alerts, those that an endpoint's own settings ask for included; empty: no mail."`
	SMTPUser     string `name:"smtp-user" env:"HOOKDESK_SMTP_USER" placeholder:"NAME" help:"User name at the mail server; empty: without authentication."`
	SMTPPassword string `name:"smtp-password" env:"HOOKDESK_SMTP_PASSWORD" placeholder:"PASSWORD" help:"Password at the mail server."`
	SMTPFrom     string `name:"smtp-from" env:"HOOKDESK_SMTP_FROM" placeholder:"ADDRESS" help:"Sender of the mail, such as hookdesk@example.com."`
	SMTPTLS      string `name:"smtp-tls" env:"HOOKDESK_SMTP_TLS" default:"starttls" help:"starttls, implicit (usually port 465) or none."`

	KeepBodies    time.Duration `env:"HOOKDESK_KEEP_BODIES" default:"720h" help:"How long requests and responses are kept; 0 keeps them."`
	KeepSucceeded time.Duration `env:"HOOKDESK_KEEP_SUCCEEDED" default:"2160h" help:"How long what succeeded stays in the log; 0 keeps it."`
	KeepFailed    time.Duration `env:"HOOKDESK_KEEP_FAILED" default:"4320h" help:"How long what failed stays in the log; 0 keeps it."`
	KeepChanges   time.Duration `env:"HOOKDESK_KEEP_CHANGES" default:"4320h" help:"How long changes of tickets are kept; 0 keeps them."`

	OTLPURL      string  `name:"otlp-url" env:"HOOKDESK_OTLP_URL,OTEL_EXPORTER_OTLP_ENDPOINT" placeholder:"URL" help:"OpenTelemetry collector that gets traces by OTLP over HTTP, such as http://127.0.0.1:4318; empty: no traces."`
	OTLPProtocol string  `name:"otlp-protocol" env:"OTEL_EXPORTER_OTLP_PROTOCOL" default:"http/protobuf" hidden:""`
	TraceRatio   float64 `env:"HOOKDESK_TRACE_RATIO,OTEL_TRACES_SAMPLER_ARG" default:"1" help:"Part of the traces that is kept, from 0 to 1; callers that send traceparent decide for theirs."`

	LogLevel  string `env:"HOOKDESK_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat string `env:"HOOKDESK_LOG_FORMAT" default:"text" help:"text or json."`
}

// defaults are the variables of the help texts.
func defaults() kong.Vars { return kong.Vars{} }

// setting is the one line for a setting that is wrong.
func setting(name string, value any, want string, args ...any) error {
	return usage("HOOKDESK_%s is %q; want %s", name, fmt.Sprint(value), fmt.Sprintf(want, args...))
}

// Check returns an error that names the first setting that is wrong, its
// value and what would be right. Values of secrets are not repeated.
func (c *Config) Check() error {
	if host, port, err := net.SplitHostPort(c.Addr); err != nil || port == "" || strings.ContainsAny(host, "/ ") {
		return setting("ADDR", c.Addr, "host:port, such as 127.0.0.1:8080")
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return setting("PUBLIC_URL", c.PublicURL, "an http or https URL, such as https://hooks.example.com")
		}
	}
	if err := c.checkStores(); err != nil {
		return err
	}
	for _, n := range c.AllowedNetworks {
		if _, err := netip.ParsePrefix(n); err != nil {
			return setting("ALLOWED_NETWORKS", n, "networks such as 10.1.0.0/16, separated by commas")
		}
	}
	if c.Workers < 1 || c.Workers > 10000 {
		return setting("WORKERS", c.Workers, "a number from 1 to 10000")
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"DRAIN_TIMEOUT", c.DrainTimeout},
		{"KEEP_BODIES", c.KeepBodies},
		{"KEEP_SUCCEEDED", c.KeepSucceeded},
		{"KEEP_FAILED", c.KeepFailed},
		{"KEEP_CHANGES", c.KeepChanges},
	} {
		if d.value < 0 {
			return setting(d.name, d.value, "a duration that is not negative, such as 720h")
		}
	}
	if _, ok := logLevels[c.LogLevel]; !ok {
		return setting("LOG_LEVEL", c.LogLevel, "debug, info, warn or error")
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return setting("LOG_FORMAT", c.LogFormat, "text or json")
	}
	if c.AdminToken != "" && len(c.AdminToken) < 16 {
		return usage("HOOKDESK_ADMIN_TOKEN has %d characters; want at least 16 random ones", len(c.AdminToken))
	}
	if c.AdminToken == "" && !c.Dev {
		return withHint(usage("HOOKDESK_ADMIN_TOKEN is empty; want a token of at least 16 random characters"),
			"make one with: openssl rand -hex 24; or set HOOKDESK_DEV=1 to have one generated")
	}
	if err := c.checkAlerts(); err != nil {
		return err
	}
	if err := c.checkTraces(); err != nil {
		return err
	}
	return c.checkKeys()
}

func (c *Config) checkStores() error {
	database, _, _ := strings.Cut(c.Database(), ":")
	if !slices.Contains([]string{"sqlite", "postgres", "postgresql", "memory"}, database) {
		return setting("DATABASE_URL", redactURL(c.DatabaseURL), "sqlite:FILE or postgres://user@host/name")
	}
	if c.RedisURL == "" {
		return nil
	}
	if err := redisqueue.CheckURL(c.RedisURL); err != nil {
		return setting("REDIS_URL", redactURL(c.RedisURL), "a URL such as redis://127.0.0.1:6379/0, redis+sentinel://host:26379/name or redis+cluster://host:6379")
	}
	return nil
}

// redactURL returns a URL without its password, wherever that stands.
func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "(unreadable)"
	}
	query := u.Query()
	for name := range query {
		if dispatcher.SecretParameter(name) {
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}

// Database returns the URL of the database with its default filled in.
func (c *Config) Database() string {
	if c.DatabaseURL != "" {
		return c.DatabaseURL
	}
	return "sqlite:" + filepath.Join(c.DataDir, "hookdesk.db")
}

// Base returns the URL under which people reach a server that listens on addr.
func (c *Config) Base(addr string) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	return "http://" + addr
}

const keyBytes = 32

func (c *Config) checkKeys() error {
	if c.SecretKey == "" {
		if c.Dev {
			return nil
		}
		return withHint(usage("HOOKDESK_SECRET_KEY is empty; want base64 of 32 random bytes, which encrypt the stored secrets"),
			"make one with: openssl rand -base64 32; keep it: without it the stored secrets are lost")
	}
	_, err := parseKeys(c.SecretKey)
	return err
}

// parseKeys reads the keys of HOOKDESK_SECRET_KEY, the newest first. Its
// errors do not repeat the value.
func parseKeys(text string) ([]string, error) {
	var keys []string
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		key, err := base64.StdEncoding.DecodeString(part)
		switch {
		case err != nil:
			return nil, usage("HOOKDESK_SECRET_KEY is not base64; want base64 of %d random bytes", keyBytes)
		case len(key) != keyBytes:
			return nil, usage("HOOKDESK_SECRET_KEY holds %d bytes; want base64 of %d random bytes", len(key), keyBytes)
		case sameBytes(key):
			return nil, usage("HOOKDESK_SECRET_KEY repeats one byte; want base64 of %d random bytes", keyBytes)
		}
		keys = append(keys, part)
	}
	return keys, nil
}

func sameBytes(key []byte) bool {
	for _, b := range key {
		if b != key[0] {
			return false
		}
	}
	return true
}

// Keyring returns what encrypts stored secrets. In development a missing key
// is generated and kept in the data folder.
func (c *Config) Keyring() (*signing.Keyring, error) {
	text := c.SecretKey
	if text == "" {
		var err error
		if text, err = c.generated("secret.key", signing.GenerateKey); err != nil {
			return nil, err
		}
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, err
	}
	ring, err := signing.NewKeyring(keys[0], keys[1:]...)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	return ring, nil
}

// Token returns the administrator's token. In development a missing one is
// generated and kept in the data folder.
func (c *Config) Token() (string, error) {
	if c.AdminToken != "" {
		return c.AdminToken, nil
	}
	return c.generated("admin.token", func() string { return "hkd_" + strings.ToLower(rand.Text()) })
}

// generated reads a file of the data folder, and writes it first where there
// is none.
func (c *Config) generated(name string, generate func() string) (string, error) {
	if !c.Dev {
		return "", fmt.Errorf("generate %s: only in development mode", name)
	}
	file := filepath.Join(c.DataDir, name)
	content, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	text := generate()
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return text, nil
}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

// Logger returns the server's logger.
func (c *Config) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: logLevels[c.LogLevel]}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
