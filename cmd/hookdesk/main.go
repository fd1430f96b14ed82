// Command hookdesk turns what happens to tickets into webhooks in the format
// of five ticketing systems: a server, a demonstration of it, and the tools
// that somebody who writes a receiver wants beside it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit statuses of the command.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and did not succeed
	exitUsage  = 2 // the command line or the configuration is wrong
)

// CLI is the command line.
type CLI struct {
	Demo      DemoCmd      `cmd:"" help:"Show the whole way: a server, five receivers, and the tickets of the vendors' pages."`
	Serve     ServeCmd     `cmd:"" help:"Run a server: the API, the console and the workers."`
	Migrate   MigrateCmd   `cmd:"" help:"Bring the database up to date and stop."`
	Listen    ListenCmd    `cmd:"" help:"Receive webhooks: print them, verify them, answer as told."`
	Send      SendCmd      `cmd:"" help:"Send a signed sample webhook, without a server."`
	Verify    VerifyCmd    `cmd:"" help:"Find out why a captured request does not verify."`
	Log       LogCmd       `cmd:"" help:"Search the execution log of a server, or follow it."`
	Replay    ReplayCmd    `cmd:"" help:"Deliver again what a filter of the log finds; watch, cancel and resume that."`
	Simulate  SimulateCmd  `cmd:"" help:"Try a trigger or a draft on the stored changes of a server, without effects."`
	Export    ExportCmd    `cmd:"" help:"Print the configuration of a server as YAML."`
	Plan      PlanCmd      `cmd:"" help:"Show what applying a file of configuration would change."`
	Apply     ApplyCmd     `cmd:"" help:"Make a server's configuration that of a file."`
	Token     TokenCmd     `cmd:"" help:"Make, list and revoke the API tokens of a server."`
	Backup    BackupCmd    `cmd:"" help:"Copy the SQLite ledger while a server uses it."`
	RotateKey RotateKeyCmd `cmd:"" name:"rotate-key" help:"Seal every stored secret under a new key."`
	Bench     BenchCmd     `cmd:"" help:"Measure on this machine: deliveries per second, latency, searches in a log of millions."`
	OpenAPI   OpenAPICmd   `cmd:"" name:"openapi" help:"Print the OpenAPI description of the REST API."`
	Version   VersionCmd   `cmd:"" help:"Print the version and how the binary was built."`
}

// Std is where a command reads and writes.
type Std struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], Std{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit status. Help ends the
// process, as kong does it.
func run(ctx context.Context, args []string, std Std) int {
	var cli CLI
	parser, err := kong.New(&cli,
		kong.Name("hookdesk"),
		kong.Description("Ticket changes in, signed webhooks out, in the format of five ticketing systems."),
		kong.Writers(std.Out, std.Err),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		defaults(),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		return report(std.Err, err)
	}
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case args[0] == "help": // as with git and go
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if err != nil {
		return report(std.Err, parseError(err))
	}
	return report(std.Err, command.Run())
}

// report prints an error in one error: line and perhaps a hint: line, and
// returns the exit status for it.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitOK
	}
	if _, ok := errors.AsType[*quietError](err); ok {
		return exitFailed
	}
	fmt.Fprintln(w, "error:", strings.ReplaceAll(err.Error(), "\n", " "))
	if hint, ok := errors.AsType[*hintError](err); ok {
		fmt.Fprintln(w, "hint:", hint.hint)
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// usageError is an error of the command line or the configuration.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// hintError says what to do about an error.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func withHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// quietError ends the command with status 1 where it has already said why.
type quietError struct{}

func (*quietError) Error() string { return "failed" }

func parseError(err error) error {
	usage := &usageError{err}
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return withHint(usage, "hookdesk %s --help lists what it takes", node.Path())
		}
	}
	return withHint(usage, "hookdesk --help lists the commands")
}
