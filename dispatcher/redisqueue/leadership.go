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

const (
	leadKey = "hookdesk:feeder"
	leadTTL = 5 * time.Second
)

// leadership is the lock that makes one process the feeder. Its key doubles
// as a mark: gone before its time, it tells that Redis has lost its memory.
type leadership struct {
	redis  redis.UniversalClient
	alone  bool
	holder string

	mu      sync.Mutex
	leads   bool
	renewed time.Time
}

func newLeadership(client redis.UniversalClient, alone bool) *leadership {
	return &leadership{redis: client, alone: alone, holder: rand.Text()}
}

// renewScript takes or keeps the lock. It returns 2 when the lock was kept, 1
// when it was taken, 0 when another process has it.
var renewScript = redis.NewScript(`
local holder = redis.call("GET", KEYS[1])
if holder == ARGV[1] then
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  return 2
end
if holder then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1
`)

var releaseScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0
`)

func (l *leadership) renew(ctx context.Context) (leads, lost bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alone {
		first := !l.leads
		l.leads = true
		return true, first, nil
	}
	answer, err := renewScript.Run(ctx, l.redis, []string{leadKey}, l.holder, leadTTL.Milliseconds()).Int()
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
	// Taken anew, by whomever: what was in flight before may be gone.
	return l.leads, answer == 1, nil
}

func (l *leadership) giveUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.alone || !l.leads {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := releaseScript.Run(ctx, l.redis, []string{leadKey}, l.holder).Err(); err == nil || errors.Is(err, redis.Nil) {
		l.leads = false
	}
}
