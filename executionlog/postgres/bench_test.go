package postgres_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
)

func BenchmarkLedger(b *testing.B) { logtest.Benchmark(b, open(b, pgtest.Database(b))) }
