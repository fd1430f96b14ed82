package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/bench"
)

// BenchCmd measures this program on this machine.
type BenchCmd struct {
	Deliver BenchDeliverCmd `cmd:"" default:"withargs" help:"Measure the dispatcher: deliveries per second, latency, processor time. The default."`
	Log     BenchLogCmd     `cmd:"" help:"Fill an execution log with a million attempts and measure searching and writing."`
}

// BenchDeliverCmd measures the dispatcher.
type BenchDeliverCmd struct {
	Deliveries  int           `default:"20000" help:"Deliveries of each measurement under full load."`
	Connections int           `default:"32" help:"Keep-alive connections that post changes."`
	Batches     []int         `default:"1,100" help:"Changes in one request, one measurement each."`
	Rates       []int         `default:"50,300" help:"Steady rates per second at which latency is measured."`
	Steady      time.Duration `default:"10s" help:"How long each steady rate lasts."`
	Queued      int           `default:"10000" help:"Deliveries that wait for an endpoint that hangs, while fifty others are measured beside it; 0 leaves that out."`
	RedisURL    string        `placeholder:"URL" help:"A Redis to use; empty: a redis-server of its own, or the embedded one where there is none."`
	DataDir     string        `type:"path" placeholder:"DIR" help:"Where the measured server keeps its files; empty: a temporary folder."`
}

// The most that a bench does, so that no slip of a key loads a machine for hours.
const (
	benchMaxDeliveries = 2_000_000
	benchMaxSteady     = 10 * time.Minute
	benchMaxQueued     = 100_000
	// longRun is how many deliveries it takes for memory that grows with them
	// to show.
	longRun = 100_000
)

// Run measures and prints.
func (c *BenchDeliverCmd) Run(ctx context.Context, std Std) error {
	if err := c.check(); err != nil {
		return err
	}
	p := NewPrinter(std.Out)
	folder, err := os.MkdirTemp("", "hookdesk-bench-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(folder)
	if c.DataDir == "" {
		c.DataDir = filepath.Join(folder, "data")
	}
	redisURL, backend, stop, err := c.redis(ctx, folder)
	if err != nil {
		return err
	}
	defer stop()
	server, err := startMeasured(ctx, c.DataDir, redisURL)
	if err != nil {
		return err
	}
	defer server.stop()
	p.Printf("%s, %d processors, %s/%s, %s\n", build().Version, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	p.Printf("one trigger, one endpoint, signed (Standard Webhooks), every attempt logged in SQLite, %s\n\n", backend)
	if err := c.measure(ctx, p, server, redisURL); err != nil {
		return err
	}
	server.stop()
	return c.isolate(ctx, p, redisURL)
}

// isolate measures on a server of its own what an endpoint that hangs costs
// the others.
func (c *BenchDeliverCmd) isolate(ctx context.Context, p *Printer, redisURL string) error {
	if c.Queued == 0 || c.Steady == 0 {
		return nil
	}
	server, err := startMeasured(ctx, filepath.Join(c.DataDir, "isolation"), redisURL)
	if err != nil {
		return err
	}
	defer server.stop()
	b, err := bench.New(server.target(), c.Connections)
	if err != nil {
		return err
	}
	defer b.Close()
	i := bench.Isolation{Healthy: 50, Queued: c.Queued, PerSecond: 200, Lasts: c.Steady}
	alone, beside, err := b.Isolate(ctx, i)
	if err != nil {
		return err
	}
	p.Printf("\n%-34s %9s %9s %9s %9s %14s\n", fmt.Sprintf("%d endpoints, %d per second for %s", i.Healthy, i.PerSecond, i.Lasts), "p50", "p95", "p99", "max", "p99, times")
	for _, line := range []struct {
		name string
		l    bench.Latencies
	}{{"alone", alone}, {fmt.Sprintf("beside one hanging, %d queued", c.Queued), beside}} {
		p.Printf("%-34s %9s %9s %9s %9s %14.1f\n", line.name, tenths(line.l.P50), tenths(line.l.P95), tenths(line.l.P99), tenths(line.l.Max),
			float64(line.l.P99)/float64(alone.P99))
	}
	return nil
}

func (c *BenchDeliverCmd) check() error {
	if c.Deliveries < 1 || c.Deliveries > benchMaxDeliveries {
		return usage("--deliveries is %d; want 1 to %d", c.Deliveries, benchMaxDeliveries)
	}
	if c.Connections < 1 || c.Connections > 1000 {
		return usage("--connections is %d; want 1 to 1000", c.Connections)
	}
	for _, batch := range c.Batches {
		if batch < 1 || batch > 1000 {
			return usage("--batches has %d; want 1 to 1000", batch)
		}
	}
	for _, rate := range c.Rates {
		if rate < 1 || rate > 5000 {
			return usage("--rates has %d; want 1 to 5000 per second", rate)
		}
	}
	if c.Queued < 0 || c.Queued > benchMaxQueued {
		return usage("--queued is %d; want 0 to %d", c.Queued, benchMaxQueued)
	}
	if c.Steady < 0 || c.Steady > benchMaxSteady {
		return usage("--steady is %s; want at most %s", c.Steady, benchMaxSteady)
	}
	return nil
}

func (c *BenchDeliverCmd) measure(ctx context.Context, p *Printer, server *measured, redisURL string) error {
	b, err := bench.New(server.target(), c.Connections)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Configure(ctx); err != nil {
		return err
	}
	p.Printf("%-34s %12s %12s %14s %10s\n", "full load", "deliveries/s", "accepted/s", "CPU/delivery", "memory")
	best := 0.0
	for _, batch := range c.Batches {
		load := bench.Load{Deliveries: c.Deliveries, Batch: batch, Connections: c.Connections}
		result, err := b.Run(ctx, load, func(arrived int) { p.Progress("  %d of %d arrived", arrived, c.Deliveries) })
		p.Progress("")
		if err != nil {
			return err
		}
		best = max(best, result.PerSecond())
		p.Printf("%-34s %12.0f %12.0f %14s %10s\n", fmt.Sprintf("%d in a request, %d connections", batch, c.Connections),
			result.PerSecond(), float64(c.Deliveries)/result.Accepting.Seconds(),
			perDelivery(result.CPU, result.Arrived), mebibytes(result.Memory))
		if c.Deliveries >= longRun {
			p.Printf("%34s %s\n", "memory at each fifth", growth(result.Growth))
		}
	}
	p.Printf("\n%-34s %9s %9s %9s %9s %14s\n", "steady, POST to arrival", "p50", "p95", "p99", "max", "CPU/delivery")
	for _, rate := range c.Rates {
		l, err := b.Steady(ctx, rate, c.Steady)
		if err != nil {
			return err
		}
		p.Printf("%-34s %9s %9s %9s %9s %14s\n", fmt.Sprintf("%d per second for %s", rate, c.Steady),
			tenths(l.P50), tenths(l.P95), tenths(l.P99), tenths(l.Max), perDelivery(l.CPU, l.Count))
	}
	if len(c.Rates) > 0 && c.Steady > 0 {
		rate := slices.Max(c.Rates)
		l, err := bench.Flushes(ctx, c.DataDir, rate, min(c.Steady, 5*time.Second))
		if err != nil {
			return err
		}
		p.Printf("%-34s %9s %9s %9s %9s %14s\n", fmt.Sprintf("the disk alone, %d flushes/s", rate), tenths(l.P50), tenths(l.P95), tenths(l.P99), tenths(l.Max), "")
	}
	return c.ceilings(ctx, p, b, redisURL, best)
}

func (c *BenchDeliverCmd) ceilings(ctx context.Context, p *Printer, b *bench.Bench, redisURL string, best float64) error {
	p.Printf("\n%-34s %12s %22s\n", "ceilings of this machine, same run", "per second", "hookdesk's share")
	bare, err := b.Bare(ctx, c.Deliveries, c.Connections)
	if err != nil {
		return err
	}
	p.Printf("%-34s %12.0f %21.0f%%\n", "a bare HTTP client, nothing else", bare, 100*best/bare)
	if redisURL == "" {
		return nil
	}
	alone, err := bench.Asynq(ctx, redisURL, c.Deliveries)
	if err != nil {
		return err
	}
	p.Printf("%-34s %12.0f %21.0f%%\n", "asynq with an empty handler", alone, 100*best/alone)
	return nil
}

func perDelivery(cpu time.Duration, count int) string {
	if cpu == 0 || count == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d µs", (cpu / time.Duration(count)).Microseconds())
}

// tenths writes a time in milliseconds with one decimal.
func tenths(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func mebibytes(n int64) string {
	if n == 0 {
		return "unknown"
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

func growth(samples []int64) string {
	texts := make([]string, len(samples))
	for i, sample := range samples {
		texts[i] = mebibytes(sample)
	}
	return strings.Join(texts, ", ")
}

// redis returns the Redis to measure with: the one given, one of its own, or
// none, which means the embedded one.
func (c *BenchDeliverCmd) redis(ctx context.Context, folder string) (url, backend string, stop func(), err error) {
	if c.RedisURL != "" {
		return c.RedisURL, "the Redis given", func() {}, nil
	}
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		return "", "embedded Redis", func() {}, nil //nolint:nilerr // then there is none, and the bench says so
	}
	address, err := freeAddress()
	if err != nil {
		return "", "", nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.CommandContext(ctx, binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder)
	if err := cmd.Start(); err != nil {
		return "", "", nil, fmt.Errorf("start redis-server: %w", err)
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
			return "redis://" + address, "redis-server without persistence", stop, nil
		}
		if time.Now().After(deadline) {
			stop()
			return "", "", nil, fmt.Errorf("start redis-server: it does not listen on %s", address)
		}
	}
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// measured is a server in a process of its own, so that its processor time
// and memory can be told from the bench's.
type measured struct {
	cmd   *exec.Cmd
	base  string
	token string
}

func startMeasured(ctx context.Context, dataDir, redisURL string) (*measured, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	var key [32]byte
	_, _ = rand.Read(key[:])
	m := &measured{token: rand.Text()}
	m.cmd = exec.CommandContext(ctx, self, "serve")
	m.cmd.Env = append(os.Environ(),
		"HOOKDESK_ADDR=127.0.0.1:0", "HOOKDESK_DEV=1", "HOOKDESK_LOG_LEVEL=error", "HOOKDESK_ROLE=all", "HOOKDESK_DATABASE_URL=",
		"HOOKDESK_DATA_DIR="+dataDir, "HOOKDESK_REDIS_URL="+redisURL,
		"HOOKDESK_ADMIN_TOKEN="+m.token, "HOOKDESK_SECRET_KEY="+base64.StdEncoding.EncodeToString(key[:]))
	m.cmd.Cancel = func() error { return m.cmd.Process.Signal(os.Interrupt) }
	m.cmd.WaitDelay = 10 * time.Second
	m.cmd.Stderr = os.Stderr
	output, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := m.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	lines := bufio.NewReader(output)
	line, err := lines.ReadString('\n')
	_, base, ok := strings.Cut(strings.TrimSpace(line), "serves ")
	if err != nil || !ok {
		m.stop()
		return nil, errors.New("start the server: it ended before it served")
	}
	m.base = base
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return m, nil
}

func (m *measured) target() bench.Target {
	return bench.Target{Base: m.base, Token: m.token, PID: m.cmd.Process.Pid}
}

// stop ends the server; it may be called again.
func (m *measured) stop() {
	_ = m.cmd.Process.Signal(os.Interrupt)
	_ = m.cmd.Wait()
}
