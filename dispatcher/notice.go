package dispatcher

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Notice tells the feeder what happened: in the same process by a call, from
// another one through the queue. Notices may get lost; then the feeder finds
// out by looking into the ledger.
type Notice struct {
	Arrived []Arrival `json:"arrived,omitempty"`
	Reports []Report  `json:"reports,omitempty"`
	// Look lists endpoints whose deliveries the feeder should read anew.
	Look []string `json:"look,omitempty"`
	// Restart says that reports may have got lost: the feeder finds out anew
	// what is in flight.
	Restart bool `json:"restart,omitempty"`
}

// Arrival is a pending delivery that was just committed.
type Arrival struct {
	Workspace string    `json:"w"`
	Endpoint  string    `json:"e"`
	Delivery  string    `json:"d"`
	Ticket    string    `json:"t"`
	DueAt     time.Time `json:"a"`
	Forced    bool      `json:"f,omitempty"`
}

// Report is how one attempt ended.
type Report struct {
	Workspace string               `json:"w"`
	Endpoint  string               `json:"e"`
	Delivery  string               `json:"d"`
	Ticket    string               `json:"t"`
	System    string               `json:"s"`
	Attempt   int                  `json:"n"`
	Outcome   executionlog.Outcome `json:"o"`
	DueAt     time.Time            `json:"a,omitzero"`
	Effect    Effect               `json:"x"`
	Hold      time.Duration        `json:"h,omitempty"` // send nothing to the endpoint meanwhile
	Gone      bool                 `json:"g,omitempty"` // the receiver wants no more
	// Stale: the delivery was not in the state that the task expected, and
	// nothing was sent.
	Stale bool `json:"z,omitempty"`
	// Held: another process has claimed the attempt, and nothing was sent.
	Held bool `json:"k,omitempty"`
	// Full: as many of the endpoint's attempts are under way in the process as
	// may be, and nothing was sent.
	Full  bool   `json:"u,omitempty"`
	Error string `json:"m,omitempty"`
	// Announcement: the delivery was an event about an endpoint.
	Announcement bool `json:"b,omitempty"`
}

// Effect is what an attempt's end says about the endpoint's health.
type Effect string

// The effects.
const (
	EffectSuccess   Effect = "success"
	EffectFailure   Effect = "failure"   // an answer that is no success
	EffectSlow      Effect = "slow"      // no answer, or one that says overloaded
	EffectThrottled Effect = "throttled" // 429: healthy, but wants less
)

// notify passes a notice on to whichever process feeds.
func (d *Dispatcher) notify(n *Notice) {
	if d.options.Feed && d.feeder.leading() {
		d.feeder.apply(n)
		return
	}
	d.toOthers(n)
}

func (d *Dispatcher) toOthers(n *Notice) {
	select {
	case d.outbox <- n:
	default: // the feeder's reconciling finds it
	}
}

// publish sends the notices of this process to the feeder of another. Of
// those that cannot be sent that one is told, as soon as it can be.
func (d *Dispatcher) publish(ctx context.Context) {
	var owed <-chan time.Time
	send := func(n *Notice) {
		if d.options.Feed && d.feeder.leading() {
			d.feeder.apply(n)
			return
		}
		encoded, err := json.Marshal(n)
		if err == nil {
			err = d.options.Queue.Publish(ctx, encoded)
		}
		if err != nil && ctx.Err() == nil {
			d.options.Logger.Debug("a notice was lost", "error", err)
			owed = time.After(enqueueRetry)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-d.outbox:
			send(n)
		case <-owed:
			owed = nil
			send(&Notice{Restart: true})
		}
	}
}

// listen takes in the notices of other processes while this one feeds.
func (d *Dispatcher) listen(ctx context.Context) {
	d.options.Queue.Listen(ctx, func(encoded []byte) {
		if !d.feeder.leading() {
			return
		}
		if encoded == nil {
			d.feeder.apply(&Notice{Restart: true})
			return
		}
		var n Notice
		if err := json.Unmarshal(encoded, &n); err != nil {
			d.options.Logger.Warn("a notice cannot be read", "error", err)
			return
		}
		d.feeder.apply(&n)
	})
}
