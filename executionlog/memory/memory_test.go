package memory_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/memory"
)

func TestLedger(t *testing.T) {
	logtest.Run(t, func(*testing.T) executionlog.Ledger { return memory.New() })
}
