package postgres_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/executionlog/logtest"
	"github.com/hookdesk/hookdesk/executionlog/logtest/pgtest"
)

func BenchmarkLedger(b *testing.B) {
	store := open(b, pgtest.Database(b))
	logtest.Benchmark(b, store, func() error { return store.Settle(b.Context()) })
}
