package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"syscall"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// childSpec is what a process that is to be killed runs.
type childSpec struct {
	Database  string
	Redis     string
	Endpoints []*triggers.Endpoint
}

// order is a line to the child, answered with one line.
type order struct {
	Submit []int `json:"submit,omitempty"` // numbers of changes to accept
	Stop   bool  `json:"stop,omitempty"`   // drain and end
	// Room lets files grow to so many bytes only, as on a disk that is full;
	// negative: without end.
	Room int64 `json:"room,omitempty"`
}

// answer is a line from the child. It is written when the changes are
// accepted, and not before.
type answer struct {
	Deliveries map[int][]string `json:"deliveries,omitempty"` // by change, of the accepted ones
	Errors     map[int]string   `json:"errors,omitempty"`     // by change, of the others
	// Unavailable counts the Errors that say that the ledger cannot write.
	Unavailable int `json:"unavailable,omitempty"`
	Pending     int `json:"pending"`
}

// runChild is a process that accepts changes by its standard input and
// delivers them, until its input ends or it is killed.
func runChild(spec string, in io.Reader, out io.Writer) error {
	var s childSpec
	if err := json.Unmarshal([]byte(spec), &s); err != nil {
		return fmt.Errorf("read the specification: %w", err)
	}
	ctx := context.Background()
	ledger, err := sqlite.Open(ctx, s.Database, sqlite.Options{})
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	defer func() { _ = ledger.Close() }()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	n, err := startNode(ledger, newConfiguration(s.Endpoints...), nodeOptions{redis: s.Redis, exclusive: true, log: log})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	defer func() { _ = n.stop() }()
	lines, answers := bufio.NewScanner(in), json.NewEncoder(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
		reply := answer{}
		if o.Room != 0 {
			if err := limitFiles(o.Room); err != nil {
				return err
			}
		}
		if len(o.Submit) > 0 {
			if reply, err = n.accept(ctx, o.Submit); err != nil {
				return err
			}
		}
		if o.Stop {
			if err := n.stop(); err != nil {
				return fmt.Errorf("stop: %w", err)
			}
		}
		if reply.Pending, err = pendingOf(ctx, ledger); err != nil {
			return fmt.Errorf("count what is pending: %w", err)
		}
		if err := answers.Encode(reply); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		if o.Stop {
			return nil
		}
	}
	return lines.Err()
}

// limitFiles lets the files of this process grow to a size only.
func limitFiles(room int64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return fmt.Errorf("read the limit of files: %w", err)
	}
	limit.Cur = limit.Max
	if room > 0 {
		limit.Cur = uint64(room)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return fmt.Errorf("limit files: %w", err)
	}
	return nil
}

// accept submits changes.
func (n *node) accept(ctx context.Context, numbers []int) (answer, error) {
	inputs := make([]*ticket.Input, len(numbers))
	for i, number := range numbers {
		var err error
		if inputs[i], err = change(number); err != nil {
			return answer{}, fmt.Errorf("make a change: %w", err)
		}
	}
	reply := answer{Deliveries: map[int][]string{}, Errors: map[int]string{}}
	for i, result := range n.Submit(ctx, workspace, inputs) {
		if result.Err != nil {
			reply.Errors[numbers[i]] = result.Err.Error()
			if errors.Is(result.Err, executionlog.ErrUnavailable) {
				reply.Unavailable++
			}
		} else {
			reply.Deliveries[numbers[i]] = result.Receipt.Deliveries
		}
	}
	return reply, nil
}
