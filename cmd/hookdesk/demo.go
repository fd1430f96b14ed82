package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/cmd/hookdesk/story"
)

// DemoCmd shows the whole way: a server on embedded defaults, five receivers,
// and the tickets of the vendors' own pages.
type DemoCmd struct {
	Addr        string        `env:"HOOKDESK_ADDR" default:"127.0.0.1:8080" help:"Address of the server; a free port is taken where this one is in use."`
	DataDir     string        `env:"HOOKDESK_DATA_DIR" type:"path" placeholder:"DIR" help:"Folder to keep everything in; empty: a temporary one, removed at the end."`
	DatabaseURL string        `env:"HOOKDESK_DATABASE_URL" placeholder:"URL" help:"sqlite:FILE or postgres://…; empty: a file in the data folder."`
	RedisURL    string        `env:"HOOKDESK_REDIS_URL" placeholder:"URL" help:"URL of a Redis; empty: embedded."`
	Exit        bool          `help:"End when the story is told: with status 0 if everything arrived, else 1."`
	Timeout     time.Duration `default:"60s" help:"How long to wait for what must arrive."`
	LogLevel    string        `env:"HOOKDESK_LOG_LEVEL" default:"error" help:"Level of the server's own log: debug, info, warn or error."`
}

// Run tells the story.
func (c *DemoCmd) Run(ctx context.Context, std Std) (err error) {
	printer := NewPrinter(std.Out)
	printer.Printf("%s  ticket changes in, signed webhooks out\n", printer.paint(bold, "hookdesk demo"))
	tale, err := story.Load()
	if err != nil {
		return err
	}
	config, cleanUp, err := c.configure()
	if err != nil {
		return err
	}
	defer cleanUp()
	app, err := NewApp(ctx, config, RoleAll, config.Logger(std.Err))
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- app.Run(running) }()
	defer func() {
		stop()
		err = errors.Join(err, <-done, app.Close())
	}()

	play := &play{
		story: tale, printer: printer, now: time.Now,
		api: &client.Client{Base: "http://" + app.Addr(), Token: app.Token()},
	}
	defer play.close()
	printer.Printf("server     %s (%s)\n", app.Base(), stores(config))
	complete, err := play.tell(ctx, c.Timeout)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if c.Exit {
		if !complete {
			return &quietError{}
		}
		return nil
	}
	printer.Heading("It stays up until Ctrl-C")
	printer.Printf("  console    %s\n  sign in    %s\n  docs       %s/docs\n", app.Base(), app.Token(), app.Base())
	printer.Printf("  log        HOOKDESK_TOKEN=%s hookdesk log --server %s --ticket HDSK-AAAA-0122\n", app.Token(), app.Base())
	select {
	case <-ctx.Done():
		return nil
	case err := <-done:
		done <- nil
		return err
	}
}

// stores says where the demonstration keeps what it knows.
func stores(c *Config) string {
	database, redis := "SQLite", "Redis in this process"
	if strings.HasPrefix(c.DatabaseURL, "postgres") {
		database = "PostgreSQL"
	}
	if c.RedisURL != "" {
		redis = "Redis at " + hostOf(c.RedisURL)
	}
	return database + " and " + redis + ", data in " + c.DataDir
}

// configure returns the demonstration's configuration, and what removes its
// temporary folder.
func (c *DemoCmd) configure() (*Config, func(), error) {
	config := &Config{
		Addr: c.Addr, DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, RedisURL: c.RedisURL, Dev: true,
		Workers: 50, DrainTimeout: 5 * time.Second, LogLevel: c.LogLevel, LogFormat: "text",
	}
	cleanUp := func() {}
	if c.DataDir == "" {
		folder, err := os.MkdirTemp("", "hookdesk-demo-")
		if err != nil {
			return nil, nil, fmt.Errorf("make data folder: %w", err)
		}
		config.DataDir = folder
		cleanUp = func() { _ = os.RemoveAll(folder) }
	}
	if !free(c.Addr) {
		if host, _, err := net.SplitHostPort(c.Addr); err == nil {
			config.Addr = net.JoinHostPort(host, "0")
		}
	}
	return config, cleanUp, nil
}

// free reports whether an address can be listened on.
func free(addr string) bool {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
