package faults

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// long says whether the long form of the tests was asked for.
var long = os.Getenv("HOOKDESK_FAULTS") == "long"

// childVariable holds the childSpec of a process that is to be killed.
const childVariable = "HOOKDESK_FAULTS_CHILD"

func TestMain(m *testing.M) {
	if spec := os.Getenv(childVariable); spec != "" {
		if err := runChild(spec, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}
