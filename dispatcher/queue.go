package dispatcher

import "context"

// Task is a chunk of deliveries of one endpoint, on its way through the
// queue. It carries ids only, never a body.
type Task struct {
	Endpoint string   `json:"e"`
	Members  []Member `json:"m"`
}

// Member is one delivery of a Task.
type Member struct {
	Delivery string `json:"d"`
	Attempt  int    `json:"n"` // the number of the attempt to make, from 1
}

// Queue carries tasks from the feeder to workers. It only schedules: whatever
// it loses is found again in the ledger. Package redisqueue implements it.
type Queue interface {
	// Enqueue hands tasks to the workers. Either error means that some tasks
	// may not have arrived; the feeder offers them again.
	Enqueue(ctx context.Context, tasks []Task) error
	// Work calls handle for tasks, many at a time, until Drain.
	Work(handle func(ctx context.Context, task Task)) error
	// Drain stops taking tasks and waits for those under way, at most as long
	// as ctx allows.
	Drain(ctx context.Context)

	// Alone says that no other process feeds or works the queue, which it must
	// then never do.
	Alone() bool
	// Claim says which members this process may attempt: true at the place of
	// each one that no other process is attempting. Where processes share a
	// queue a claim ends by itself some time after the attempt's timeout.
	Claim(ctx context.Context, endpoint string, members []Member, seconds int) []bool
	// Release ends claims.
	Release(ctx context.Context, members []Member)

	// Lead reports whether this process is the one that feeds the queue, and
	// whether the queue has, or may have, lost tasks since the last call.
	Lead(ctx context.Context) (leads, lost bool, err error)
	// Publish sends a notice to the feeder of another process, as far as
	// anybody listens.
	Publish(ctx context.Context, notice []byte) error
	// Listen calls receive for notices until ctx ends; with nil where some may
	// have been missed.
	Listen(ctx context.Context, receive func(notice []byte))

	// Status describes the queue.
	Status(ctx context.Context) QueueStatus
	// Close frees what the queue holds.
	Close() error
}
