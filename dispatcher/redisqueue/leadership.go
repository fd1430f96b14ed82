package redisqueue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const leadTTL = 5 * time.Second

// leadership is the lock that makes one process the feeder. Its key doubles
// as a mark: gone before its time, it tells that Redis has lost its memory. So
// does, within limits, another server behind the address: one that was
// restarted remembers tasks, but answers that were on their way are lost with
// the tasks that they carried.
type leadership struct {
	redis     redis.UniversalClient
	key       string
	embedded  bool
	exclusive bool
	holder    string

	mu      sync.Mutex
	leads   bool
	renewed time.Time
	server  string // the run id of the Redis that answered last
}

func newLeadership(client redis.UniversalClient, key string, embedded, exclusive bool) *leadership {
	return &leadership{redis: client, key: key, embedded: embedded, exclusive: exclusive, holder: rand.Text()}
}

// renewScript takes or keeps the lock, from another holder only if the third
// argument says so. It returns 2 when the lock was kept, 1 when it was taken, 0
// when another process has it; and the server's run id, where it has one.
var renewScript = redis.NewScript(`
local info = redis.pcall("INFO", "server")
local server = ""
if type(info) == "string" then server = string.match(info, "run_id:(%w+)") or "" end
local holder = redis.call("GET", KEYS[1])
if holder == ARGV[1] then
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  return {2, server}
end
if holder and ARGV[3] ~= "1" then return {0, server} end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return {1, server}
`)

// releaseScript deletes a key that still is its holder's.
var releaseScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0
`)

func (l *leadership) renew(ctx context.Context) (leads, lost bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.embedded {
		first := !l.leads
		l.leads = true
		return true, first, nil
	}
	force := "0"
	if l.exclusive {
		force = "1"
	}
	answer, server, err := parseRenewal(renewScript.Run(ctx, l.redis, []string{l.key}, l.holder, leadTTL.Milliseconds(), force).Slice())
	if err != nil {
		// Out of reach: whoever led goes on leading for as long as its lock
		// can last; it cannot enqueue meanwhile anyway.
		if time.Since(l.renewed) > leadTTL {
			l.leads = false
		}
		return l.leads, false, fmt.Errorf("renew the feeder's lock: %w", err)
	}
	l.leads = answer > 0
	if l.leads {
		l.renewed = time.Now()
	}
	another := l.server != "" && server != l.server
	l.server = server
	// Taken anew, by whomever: what was in flight before may be gone.
	return l.leads, answer == 1 || another, nil
}

// parseRenewal reads what renewScript returned.
func parseRenewal(reply []any, err error) (answer int64, server string, _ error) {
	if err != nil {
		return 0, "", err
	}
	if len(reply) == 2 {
		number, ok := reply[0].(int64)
		text, is := reply[1].(string)
		if ok && is {
			return number, text, nil
		}
	}
	return 0, "", fmt.Errorf("unexpected reply %v", reply)
}

func (l *leadership) giveUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.embedded || !l.leads {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := releaseScript.Run(ctx, l.redis, []string{l.key}, l.holder).Err(); err == nil || errors.Is(err, redis.Nil) {
		l.leads = false
	}
}
