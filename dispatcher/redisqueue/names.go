package redisqueue

import (
	"strconv"

	"github.com/hookdesk/hookdesk/dispatcher"
)

// names are all keys and channels that a queue uses in Redis. Each holds the
// instance, so that several ledgers can share a Redis.
type names struct {
	queue   string // asynq's name of it
	pending string // the list that asynq's dequeue script takes tasks from; no other script of a server has it first
	// lead has the hash tag of the queue's own keys: in a cluster it is on the
	// server that holds the queue, and gone when that one forgot.
	lead    string
	notices string // the channel of notices
	work    string // the channel that tells the workers of other processes that there is work
	claims  string // what the keys of claims begin with
}

func namesOf(instance string) names {
	queue, own := "deliveries", "hookdesk:"
	if instance != "" {
		queue, own = queue+"-"+instance, own+instance+":"
	}
	return names{
		queue: queue, pending: "asynq:{" + queue + "}:pending", lead: "hookdesk:{" + queue + "}:feeder",
		notices: own + "notices", work: own + "work", claims: own + "claim:",
	}
}

// claim is the key of a claim. Claims have no hash tag: a cluster spreads them.
func (n names) claim(member dispatcher.Member) string {
	return n.claims + member.Delivery + ":" + strconv.Itoa(member.Attempt)
}
