package sqlite_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog/logtest"
)

func BenchmarkLedger(b *testing.B) { logtest.Benchmark(b, open(b), nil) }
