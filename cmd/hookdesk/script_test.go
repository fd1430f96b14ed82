package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
)

// commandVariable makes the test binary the command itself, for tests that
// need a process of their own.
const commandVariable = "HOOKDESK_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" {
		main()
		return
	}
	testscript.Main(withPostgres{m}, map[string]func(){"hookdesk": main})
}

// withPostgres stops the PostgreSQL of the tests when they are over.
type withPostgres struct{ m *testing.M }

func (w withPostgres) Run() int { return pgtest.Main(w.m) }

// TestScripts runs the binary as people do; see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"ADDR", "OTHER"} {
				addr, err := freeAddr()
				if err != nil {
					return err
				}
				env.Setenv(name, addr)
			}
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor":  waitFor,
			"waithttp": waitHTTP,
			"submit":   submitFile,
			"setid":    setID,
		},
	})
}

// freeAddr returns an address of this machine that nobody listens on.
func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

const scriptPatience = 20 * time.Second

// waitFor waits until something listens at an address: waitfor ADDR.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor addr")
	}
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", args[0], time.Second)
		if err == nil {
			_ = conn.Close()
			return
		}
	}
	ts.Fatalf("nothing listens at %s", args[0])
}

// waitHTTP waits until a GET answers 200 and its body contains a text:
// waithttp URL TEXT. The token is that of the variable HOOKDESK_TOKEN.
func waitHTTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waithttp url text")
	}
	last := ""
	for deadline := time.Now().Add(scriptPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		status, body, err := get(args[0], ts.Getenv("HOOKDESK_TOKEN"))
		if err == nil && status == http.StatusOK && strings.Contains(body, args[1]) {
			return
		}
		last = fmt.Sprint(status, " ", body, " ", err)
	}
	ts.Fatalf("%s never showed %q; at last: %s", args[0], args[1], last)
}

// submitFile posts a file of JSON as the administrator: submit URL FILE.
func submitFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: submit url file")
	}
	request, err := http.NewRequest(http.MethodPost, args[0], strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+ts.Getenv("HOOKDESK_ADMIN_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode/100 != 2 {
		ts.Fatalf("%s answered %d: %s", args[0], response.StatusCode, body)
	}
}

// setID sets a variable to the first id with a prefix in what was printed last:
// setid VARIABLE PREFIX.
func setID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setid variable prefix")
	}
	found := regexp.MustCompile(`\b` + args[1] + `_[0-9a-z]{13}\b`).FindString(ts.ReadFile("stdout"))
	if found == "" {
		ts.Fatalf("no id of %s was printed", args[1])
	}
	ts.Setenv(args[0], found)
}

// requires returns a program's path; without it the test is skipped, except
// in CI, where everything must be there.
func requires(t *testing.T, path string, err error) string {
	t.Helper()
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%v; CI must have it", err)
	}
	t.Skip(err)
	return ""
}
