package redisqueue

import (
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func TestURLsAreRead(t *testing.T) {
	for _, c := range []struct {
		url      string
		addr     string
		user     string
		password string
		db       int
		secure   bool
	}{
		{url: "redis://localhost:6379", addr: "localhost:6379"},
		{url: "redis://localhost:6379/3", addr: "localhost:6379", db: 3},
		{url: "redis://ann:p%40ss@redis.example:7000/1", addr: "redis.example:7000", user: "ann", password: "p@ss", db: 1},
		{url: "rediss://:secret@redis.example:6380", addr: "redis.example:6380", password: "secret", secure: true},
		{url: "unix:///run/redis.sock?db=2", addr: "/run/redis.sock", db: 2},
		{url: "redis://[::1]:6379/0", addr: "[::1]:6379"},
	} {
		dial, err := parseURL(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		client := dial(tuneFeeder)
		o := client.(*redis.Client).Options()
		if o.Addr != c.addr || o.Username != c.user || o.Password != c.password || o.DB != c.db || (o.TLSConfig != nil) != c.secure {
			t.Errorf("%s: addr %s, user %q, password %q, db %d, tls %t", c.url, o.Addr, o.Username, o.Password, o.DB, o.TLSConfig != nil)
		}
		if o.MaxRetries != tuneFeeder.retries || o.MaxRetryBackoff != tuneFeeder.maxWait || o.PoolSize != tuneFeeder.poolSize {
			t.Errorf("%s: not tuned: %+v", c.url, o)
		}
		_ = client.Close()
	}
}

func TestClusterURLsAreRead(t *testing.T) {
	dial, err := parseURL("rediss+cluster://ann:p%40ss@a:7000,b:7001,c:7002")
	if err != nil {
		t.Fatal(err)
	}
	client := dial(tuneFeeder)
	defer func() { _ = client.Close() }()
	o := client.(*redis.ClusterClient).Options()
	if strings.Join(o.Addrs, " ") != "a:7000 b:7001 c:7002" || o.Username != "ann" || o.Password != "p@ss" || o.TLSConfig == nil {
		t.Errorf("addrs %v, user %q, password %q", o.Addrs, o.Username, o.Password)
	}
	if o.MaxRetries != tuneFeeder.retries {
		t.Errorf("not tuned: %d retries", o.MaxRetries)
	}
}

// badURLs each hold the same password, most of them where it does not belong.
var badURLs = []string{
	"http://:hunter2@localhost:6379",
	"hunter2",
	"ann:hunter2@localhost:6379",
	"hunter2://localhost:6379",
	"redis://ann:hunter2",
	"redis://:hunter2#tail@localhost:6379",
	"redis://ann/hunter2@localhost:6379",
	"redis://:hunter2@localhost:port",
	"redis://:hunter2@localhost:6379/first",
	"redis://:hunter2@localhost:6379?hunter2=1",
	"redis://:hunter2@localhost:6379?dial_timeout=hunter2",
	"redis://:hunter2%zz@localhost:6379",
	"redis+sentinel://:hunter2@localhost:26379",
	"redis+sentinel://:hunter2@localhost/mymaster",
	"redis+sentinel://:hunter2@/mymaster",
	"redis+sentinel://:hunter2@a:1,/mymaster",
	"redis+sentinel://:hunter2@a:1/mymaster/first",
	"redis+sentinel://:hunter2@a:1/mymaster/-1",
	"redis+sentinel://:hunter2%zz@a:1/mymaster",
	"redis+cluster://",
	"redis+cluster://:hunter2@",
	"redis+cluster://:hunter2@a",
	"redis+cluster://:hunter2@a:1/3",
	"redis+cluster://:hunter2@a:1,b",
}

func TestBadURLsAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, text := range badURLs {
		err := CheckURL(text)
		var bad *invalid.Error
		switch {
		case !errors.As(err, &bad):
			t.Errorf("%s: %v, want an *invalid.Error", text, err)
		case strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error quotes the password: %v", text, err)
		case bad.Fields[0].Path != "HOOKDESK_REDIS_URL":
			t.Errorf("%s: the error is about %q", text, bad.Fields[0].Path)
		}
		if queue, err := Open(Options{URL: text}); err == nil {
			t.Errorf("%s: Open took it", text)
			_ = queue.Close()
		}
	}
	if err := CheckURL(""); err != nil {
		t.Errorf("no URL means the embedded Redis, but: %v", err)
	}
}

func FuzzParseURL(f *testing.F) {
	for _, text := range badURLs {
		f.Add(text)
	}
	f.Add("redis+sentinel://:p@a:1,b:2/name/3")
	f.Fuzz(func(t *testing.T, text string) {
		dial, err := parseURL(text)
		if (dial == nil) == (err == nil) {
			t.Errorf("%q: neither a client nor an error", text)
		}
	})
}
