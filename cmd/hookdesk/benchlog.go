package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/bench"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/postgres"
	"github.com/hookdesk/hookdesk/executionlog/synthetic"
)

// BenchLogCmd fills an execution log and measures it.
type BenchLogCmd struct {
	Attempts int           `default:"1000000" help:"How many attempts the log has, over the last 30 days."`
	History  int           `default:"100000" help:"How many of the newest come with their tickets, changes and deliveries."`
	DataDir  string        `type:"path" placeholder:"DIR" help:"Where the log is made, and kept: what is there already is measured again. Empty: a temporary folder."`
	Database string        `name:"database-url" placeholder:"URL" help:"A PostgreSQL database for the log, empty at first, instead of a file in the folder."`
	Runs     int           `default:"100" help:"How often each question is asked."`
	AtMost   time.Duration `default:"5s" help:"How long each kind of question is asked at most."`
	Only     string        `placeholder:"TEXT" help:"Ask only what has this in its name, and do not measure writes."`
	FillOnly bool          `help:"Measure nothing: only make the log, to look at with serve."`
}

// benchMaxAttempts is a log of some 80 GB.
const benchMaxAttempts = 100_000_000

func (c *BenchLogCmd) check() error {
	switch {
	case c.Attempts < 1000 || c.Attempts > benchMaxAttempts:
		return usage("--attempts is %d; want 1000 to %d", c.Attempts, benchMaxAttempts)
	case c.History < 0:
		return usage("--history is %d; want 0 or more", c.History)
	case c.Runs < 1 || c.Runs > 100_000:
		return usage("--runs is %d; want 1 to 100000", c.Runs)
	case c.AtMost < 0 || c.AtMost > benchMaxSteady:
		return usage("--at-most is %s; want at most %s", c.AtMost, benchMaxSteady)
	case c.Database != "" && !strings.HasPrefix(c.Database, "postgres"):
		return usage("--database-url is %s; want postgres://user@host/name", redactURL(c.Database))
	case c.FillOnly && c.DataDir == "":
		return usage("--fill-only needs --data-dir; a temporary folder would be gone at once")
	}
	return nil
}

// Run fills, measures and prints.
func (c *BenchLogCmd) Run(ctx context.Context, std Std) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	p := NewPrinter(std.Out)
	if c.DataDir == "" {
		if c.DataDir, err = os.MkdirTemp("", "hookdesk-bench-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		defer os.RemoveAll(c.DataDir)
	}
	store, shape, err := c.open(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if c.FillOnly {
		where := "--data-dir " + c.DataDir
		if c.Database != "" {
			where += " --database-url " + redactURL(c.Database)
		}
		p.Printf("look at it: hookdesk serve --dev %s\n", where)
		return nil
	}
	return c.measure(ctx, p, store, shape)
}

// shapeFile says what a folder's log was filled with.
const shapeFile = "bench-log.json"

// open opens the log in the folder, and makes it where there is none.
func (c *BenchLogCmd) open(ctx context.Context, p *Printer) (executionlog.Ledger, bench.LogShape, error) {
	var shape bench.LogShape
	target := &Config{DataDir: c.DataDir, DatabaseURL: c.Database, LogLevel: "warn", LogFormat: "text"}
	marker, err := os.ReadFile(filepath.Join(c.DataDir, shapeFile))
	filled := err == nil
	if filled {
		err = json.Unmarshal(marker, &shape)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, shape, fmt.Errorf("read %s: %w", shapeFile, err)
	}
	if filled && shape.Attempts != c.Attempts {
		return nil, shape, withHint(fmt.Errorf("the log in %s has %d attempts", c.DataDir, shape.Attempts), "ask for as many, or name another folder with --data-dir")
	}
	store, err := openLedger(ctx, target, target.Logger(io.Discard))
	if err != nil {
		return nil, shape, err
	}
	if !filled {
		if store.Newest() != 0 {
			err := withHint(fmt.Errorf("%s was not made by this command, or not to its end", redactURL(target.Database())),
				"name another folder with --data-dir, or another database")
			return nil, shape, errors.Join(err, store.Close())
		}
		if shape, err = c.fill(ctx, p, store); err != nil {
			return nil, shape, errors.Join(err, store.Close())
		}
	}
	return store, shape, nil
}

// fill makes the log.
func (c *BenchLogCmd) fill(ctx context.Context, p *Printer, store executionlog.Ledger) (bench.LogShape, error) {
	shape := bench.LogShape{Workspace: config.DefaultWorkspace, Attempts: c.Attempts, Tickets: max(1, c.Attempts/10)}
	shape.To = time.Now().UTC().Truncate(time.Second)
	shape.From = shape.To.Add(-30 * 24 * time.Hour)
	// The keys are those that serve --dev finds in the folder.
	keys, err := (&Config{Dev: true, DataDir: c.DataDir}).Keyring()
	if err != nil {
		return shape, err
	}
	desk, err := bench.NewHelpDesk(ctx, bench.HelpDeskOptions{Ledger: store, Systems: all.Registry(), Keys: keys, Since: shape.From})
	if err != nil {
		return shape, err
	}
	shape.Lanes = desk.Lanes
	begun := time.Now()
	err = synthetic.Fill(ctx, store, synthetic.Options{
		Workspace: shape.Workspace, Attempts: shape.Attempts, Tickets: shape.Tickets, Lanes: desk.Lanes, From: shape.From, To: shape.To,
		Details: true, Batch: 2000, Tell: desk.Tell, Told: min(c.History, c.Attempts),
		Progress: func(done, total int) { p.Progress("  %s", fillProgress(time.Since(begun), done, total)) },
	})
	p.Progress("")
	if err != nil {
		return shape, err
	}
	p.Printf("filled with %d attempts in %s, %.0f a second\n", c.Attempts, time.Since(begun).Round(time.Second/10), float64(c.Attempts)/time.Since(begun).Seconds())
	if settling, ok := store.(*postgres.Store); ok {
		if err := settling.Settle(ctx); err != nil {
			return shape, err
		}
	}
	text, err := json.Marshal(shape)
	if err != nil {
		return shape, fmt.Errorf("write %s: %w", shapeFile, err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir, shapeFile), text, 0o600); err != nil {
		return shape, fmt.Errorf("write %s: %w", shapeFile, err)
	}
	return shape, nil
}

// fillProgress says how far filling is, how fast, and how long it will take.
func fillProgress(passed time.Duration, done, total int) string {
	rate := float64(done) / passed.Seconds()
	left := time.Duration(float64(total-done) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%d of %d attempts, %.0f a second, %s left", done, total, rate, left)
}

func (c *BenchLogCmd) measure(ctx context.Context, p *Printer, store executionlog.Ledger, shape bench.LogShape) error {
	p.Printf("%s, %d processors, %s/%s, %s\n", build().Version, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	engine := "SQLite"
	if c.Database != "" {
		engine = "PostgreSQL"
	}
	p.Printf("%s, %d attempts of 30 days, %d tickets, %d endpoints\n", engine, shape.Attempts, shape.Tickets, len(shape.Lanes))
	if c.Only == "" {
		if err := printSizes(ctx, p, store, shape.Attempts); err != nil {
			return err
		}
	}
	list, err := bench.LogSearches(ctx, store, shape)
	if err != nil {
		return err
	}
	group := ""
	for _, search := range list {
		if !strings.Contains(search.Group+": "+search.Name, c.Only) {
			continue
		}
		if search.Group != group {
			group = search.Group
			p.Printf("\n%-38s %10s %10s %10s %10s %6s\n", group, "p50", "p95", "p99", "CPU", "runs")
		}
		l, err := bench.Measure(ctx, search, c.Runs, c.AtMost)
		if err != nil {
			return err
		}
		p.Printf("  %-36s %10s %10s %10s %10s %6d\n", search.Name, tenths(l.P50), tenths(l.P95), tenths(l.P99), tenths(l.CPU/time.Duration(l.Count)), l.Count)
	}
	if c.Only != "" {
		return nil
	}
	return c.measureWrites(ctx, p, store, list)
}

// The writes that are measured.
const (
	singleCommits = 2000
	batchWrites   = 50_000
)

func (c *BenchLogCmd) measureWrites(ctx context.Context, p *Printer, store executionlog.Ledger, list []bench.LogSearch) error {
	p.Printf("\n%-38s %10s %10s %10s %6s\n", "writing while two readers search", "p50", "p95", "p99", "runs")
	l, err := bench.SingleCommits(ctx, store, list, singleCommits)
	if err != nil {
		return err
	}
	p.Printf("  %-36s %10s %10s %10s %6d\n", "one attempt, durable", tenths(l.P50), tenths(l.P95), tenths(l.P99), l.Count)
	rate, err := bench.BatchWrites(ctx, store, list, batchWrites)
	if err != nil {
		return err
	}
	p.Printf("  %-36s %8.0f/s\n", "attempts in batches of 1000", rate)
	return nil
}

// printSizes prints what an attempt takes up. What else a log holds, such as
// tickets and deliveries, is not of attempts.
func printSizes(ctx context.Context, p *Printer, store executionlog.Ledger, attempts int) error {
	measured, ok := store.(interface {
		Sizes(ctx context.Context) (map[string]int64, error)
	})
	if !ok {
		return nil
	}
	sizes, err := measured.Sizes(ctx)
	if err != nil {
		return err
	}
	per := func(tables ...string) (sum int64) {
		for _, table := range tables {
			sum += sizes[table]
		}
		return sum / int64(attempts)
	}
	plain := per("attempts", "attempt_errors", "numbers", "number_grams", "ticket_spans", "names", "attempt_counts", "facet_counts", "failure_counts")
	p.Printf("bytes an attempt: %d without bodies (rows and indices %d, texts %d, ticket numbers %d, counts %d), %d with\n",
		plain, per("attempts"), per("attempt_errors"), per("numbers", "number_grams", "ticket_spans"),
		per("attempt_counts", "facet_counts", "failure_counts"), plain+per("details"))
	return nil
}
