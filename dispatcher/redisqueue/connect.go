package redisqueue

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
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
	// tuneFeeder fails fast: the feeder tries again by itself.
	tuneFeeder = tune{retries: 1, maxWait: 100 * time.Millisecond, poolSize: 16}
	// tuneServer leaves trying again to the type patience.
	tuneServer = tune{retries: -1, maxWait: 100 * time.Millisecond, poolSize: 32}
)

// dialTries is how often one try dials. Each command tries again by itself.
const dialTries = 1

const minWait = 50 * time.Millisecond

// CheckURL returns an error that says what a Redis URL should look like.
func CheckURL(text string) error {
	if text == "" {
		return nil
	}
	_, err := parseURL(text)
	return err
}

// Connect returns a client of the Redis at a URL as CheckURL wants it, a server,
// Sentinels or a cluster. Nothing is sent before the client is used.
func Connect(text string) (redis.UniversalClient, error) {
	dial, err := parseURL(text)
	if err != nil {
		return nil, err
	}
	return dial(tuneFeeder), nil
}

// parseURL reads the address of a Redis:
//
//	redis://[user:password@]host:port[/db]                one server (rediss: over TLS)
//	redis+sentinel://[:password@]host:port,host:port/name[/db]  a master watched by Sentinels
//	redis+cluster://[user:password@]host:port,host:port    a cluster
func parseURL(text string) (func(tune) redis.UniversalClient, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return nil, badURL("it has no scheme")
	}
	switch scheme {
	case "redis", "rediss", "unix":
		options, err := redis.ParseURL(text)
		if err != nil {
			return nil, badURL(inWords(err))
		}
		return func(t tune) redis.UniversalClient {
			o := *options
			o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff, o.PoolSize = t.retries, minWait, t.maxWait, t.poolSize
			o.DialerRetries = dialTries
			return redis.NewClient(&o)
		}, nil
	case "redis+sentinel":
		return parseSentinel(rest)
	case "redis+cluster", "rediss+cluster":
		secure := strings.HasPrefix(scheme, "rediss")
		return parseCluster(rest, secure)
	}
	return nil, badURL("its scheme is unknown")
}

func parseSentinel(rest string) (func(tune) redis.UniversalClient, error) {
	user, hosts, path, err := splitAuthority(rest)
	if err != nil {
		return nil, err
	}
	name, db, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if name == "" {
		return nil, badURL("the name of the Sentinels' master is missing")
	}
	number := 0
	if db != "" {
		if number, err = strconv.Atoi(db); err != nil || number < 0 {
			return nil, badURL("the database is not a number")
		}
	}
	password, _ := user.Password()
	return func(t tune) redis.UniversalClient {
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: name, SentinelAddrs: hosts, DB: number,
			Username: user.Username(), Password: password,
			MaxRetries: t.retries, MinRetryBackoff: minWait, MaxRetryBackoff: t.maxWait, PoolSize: t.poolSize,
			DialerRetries: dialTries,
		})
	}, nil
}

func parseCluster(rest string, secure bool) (func(tune) redis.UniversalClient, error) {
	user, hosts, path, err := splitAuthority(rest)
	if err != nil {
		return nil, err
	}
	if strings.Trim(path, "/") != "" {
		return nil, badURL("a cluster has no databases")
	}
	scheme := "redis"
	if secure {
		scheme = "rediss"
	}
	address := url.URL{Scheme: scheme, User: user, Host: hosts[0], RawQuery: url.Values{"addr": hosts[1:]}.Encode()}
	options, err := redis.ParseClusterURL(address.String())
	if err != nil {
		return nil, badURL(inWords(err))
	}
	return func(t tune) redis.UniversalClient {
		o := *options
		o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff, o.PoolSize = t.retries, minWait, t.maxWait, t.poolSize
		o.DialerRetries = dialTries
		return redis.NewClusterClient(&o)
	}, nil
}

// splitAuthority takes apart what stands behind the scheme. There is at least
// one host, each with a port.
func splitAuthority(rest string) (user *url.Userinfo, hosts []string, path string, err error) {
	authority, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		name, password, _ := strings.Cut(authority[:at], ":")
		name, err = url.PathUnescape(name)
		if err == nil {
			password, err = url.PathUnescape(password)
		}
		if err != nil {
			return nil, nil, "", badURL("its user or password is not percent-encoded")
		}
		user, authority = url.UserPassword(name, password), authority[at+1:]
	}
	for host := range strings.SplitSeq(authority, ",") {
		name, port, err := net.SplitHostPort(host)
		if err != nil || name == "" || port == "" {
			return nil, nil, "", badURL("each host needs a port")
		}
		hosts = append(hosts, host)
	}
	return user, hosts, path, nil
}

// badURL does not repeat the URL or any part of it: a password may be where
// nobody expects it.
func badURL(reason string) error {
	return invalid.New("HOOKDESK_REDIS_URL", nil,
		"must be redis://host:port/db, rediss://…, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port (%s)", reason)
}

// inWords says what is wrong with a URL without quoting it, as the errors of
// the URL's parsers do.
func inWords(err error) string {
	var unreadable *url.Error
	switch {
	case errors.As(err, &unreadable):
		return "it is not a URL; a password with special characters has to be percent-encoded"
	case strings.Contains(err.Error(), "database"), strings.Contains(err.Error(), "path"):
		return "the database is not a number"
	default:
		return "it has an option that is unknown or malformed"
	}
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
