package redisqueue

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// tune says how patiently a client treats a Redis that does not answer.
type tune struct {
	retries  int
	maxWait  time.Duration
	poolSize int
}

var (
	// tuneQuick fails fast: the feeder tries again by itself.
	tuneQuick = tune{retries: 1, maxWait: 100 * time.Millisecond, poolSize: 16}
	// tuneLasting outlives a failover, so that a finished task is marked done
	// instead of being handed out again.
	tuneLasting = tune{retries: 60, maxWait: time.Second, poolSize: 32}
)

const minWait = 50 * time.Millisecond

// CheckURL returns an error that says what a Redis URL should look like.
func CheckURL(text string) error {
	if text == "" {
		return nil
	}
	_, err := parseURL(text)
	return err
}

// parseURL reads the address of a Redis:
//
//	redis://[user:password@]host:port[/db]                one server (rediss: over TLS)
//	redis+sentinel://[:password@]host:port,host:port/name[/db]  a master watched by Sentinels
//	redis+cluster://[user:password@]host:port,host:port    a cluster
func parseURL(text string) (func(tune) redis.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	switch scheme {
	case "redis", "rediss", "unix":
		options, err := redis.ParseURL(text)
		if err != nil {
			return nil, badURL(text, err)
		}
		return func(t tune) redis.UniversalClient {
			o := *options
			o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff, o.PoolSize = t.retries, minWait, t.maxWait, t.poolSize
			return redis.NewClient(&o)
		}, nil
	case "redis+sentinel":
		return parseSentinel(text, rest)
	case "redis+cluster", "rediss+cluster":
		secure := strings.HasPrefix(scheme, "rediss")
		return parseCluster(text, rest, secure)
	}
	return nil, badURL(text, fmt.Errorf("unknown scheme %q", scheme))
}

func parseSentinel(text, rest string) (func(tune) redis.UniversalClient, error) {
	user, hosts, path := splitAuthority(rest)
	name, db, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if name == "" || hosts == "" {
		return nil, badURL(text, fmt.Errorf("sentinel needs hosts and the master's name"))
	}
	number := 0
	if db != "" {
		var err error
		if number, err = strconv.Atoi(db); err != nil {
			return nil, badURL(text, fmt.Errorf("database %q is not a number", db))
		}
	}
	password, _ := user.Password()
	return func(t tune) redis.UniversalClient {
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: name, SentinelAddrs: strings.Split(hosts, ","), DB: number,
			Username: user.Username(), Password: password,
			MaxRetries: t.retries, MinRetryBackoff: minWait, MaxRetryBackoff: t.maxWait, PoolSize: t.poolSize,
		})
	}, nil
}

func parseCluster(text, rest string, secure bool) (func(tune) redis.UniversalClient, error) {
	user, hosts, _ := splitAuthority(rest)
	first, others, _ := strings.Cut(hosts, ",")
	scheme := "redis"
	if secure {
		scheme = "rediss"
	}
	address := url.URL{Scheme: scheme, User: user, Host: first}
	query := url.Values{}
	for host := range strings.SplitSeq(others, ",") {
		if host != "" {
			query.Add("addr", host)
		}
	}
	address.RawQuery = query.Encode()
	options, err := redis.ParseClusterURL(address.String())
	if err != nil {
		return nil, badURL(text, err)
	}
	return func(t tune) redis.UniversalClient {
		o := *options
		o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff, o.PoolSize = t.retries, minWait, t.maxWait, t.poolSize
		return redis.NewClusterClient(&o)
	}, nil
}

func splitAuthority(rest string) (user *url.Userinfo, hosts, path string) {
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		name, password, _ := strings.Cut(authority[:at], ":")
		user, authority = url.UserPassword(name, password), authority[at+1:]
	}
	return user, authority, path
}

// badURL does not repeat the URL, which may hold a password.
func badURL(_ string, err error) error {
	reason := err.Error()
	if parse, ok := err.(*url.Error); ok { //nolint:errorlint // only the outermost one quotes the URL
		reason = parse.Err.Error()
	}
	return invalid.New("HOOKDESK_REDIS_URL", nil,
		"must be redis://host:port/db, rediss://…, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port (%s)", reason)
}

// embedded is a Redis inside the process.
type embedded struct {
	server *miniredis.Miniredis
	secret string // it listens on loopback, where other users may knock
	stop   chan struct{}
	done   chan struct{}
}

func startEmbedded() (*embedded, error) {
	server := miniredis.NewMiniRedis()
	secret := rand.Text()
	server.RequireAuth(secret)
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start embedded redis: %w", err)
	}
	e := &embedded{server: server, secret: secret, stop: make(chan struct{}), done: make(chan struct{})}
	go e.tick()
	return e, nil
}

// tick moves the embedded server's clock: it does not expire keys by itself.
func (e *embedded) tick() {
	defer close(e.done)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-e.stop:
			return
		case now := <-ticker.C:
			e.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

func (e *embedded) dial(t tune) redis.UniversalClient {
	return redis.NewClient(&redis.Options{
		Addr: e.server.Addr(), Password: e.secret, MaxRetries: t.retries, MinRetryBackoff: minWait, MaxRetryBackoff: t.maxWait, PoolSize: t.poolSize,
	})
}

func (e *embedded) close() {
	close(e.stop)
	<-e.done
	e.server.Close()
}
