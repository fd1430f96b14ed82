package postgres

import (
	"context"
	"database/sql"
	"fmt"
)

// PostgreSQL analyzes each partition by itself, but never the table that they
// are partitions of, by whose statistics it plans a search over several
// months: without them it takes what people search for to be common.

const (
	// analyzeGrowth and analyzeRows are how many more rows a table must have
	// for being analyzed again: a part of those that it had, and some.
	analyzeGrowth = 0.2
	analyzeRows   = 10_000
	// analyzeAfter is how old its statistics become in any case.
	analyzeAfter = "1 day"
)

// analyzeTables analyzes the partitioned tables whose statistics are missing
// or old. What there is to know of that is in the database, so that any
// process does so for all. Nobody who reads or writes waits meanwhile.
func analyzeTables(ctx context.Context, db *sql.DB) error {
	names := make([]string, len(partitioned))
	for i, c := range partitioned {
		names[i] = c.table
	}
	rows, err := db.QueryContext(ctx, `SELECT p.relname FROM pg_class p JOIN pg_namespace o ON o.oid = p.relnamespace LEFT JOIN pg_stat_all_tables s ON s.relid = p.oid, LATERAL (
			SELECT coalesce(sum(greatest(c.reltuples, t.n_live_tup, 0)), 0) AS n
			FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid LEFT JOIN pg_stat_all_tables t ON t.relid = c.oid WHERE i.inhparent = p.oid) held
		WHERE p.relkind = 'p' AND pg_table_is_visible(p.oid) AND p.relname = ANY($1) AND held.n > 0 AND (
			NOT EXISTS (SELECT FROM pg_stats k WHERE k.schemaname = o.nspname AND k.tablename = p.relname AND k.inherited)
			OR s.last_analyze < now() - $2::interval
			OR held.n > (1 + $3::float8) * greatest(p.reltuples, 0) + $4::float8)
		ORDER BY 1`, names, analyzeAfter, analyzeGrowth, analyzeRows)
	if err != nil {
		return fmt.Errorf("look for old statistics: %w", err)
	}
	var old []string
	for rows.Next() {
		var name string
		if err = rows.Scan(&name); err != nil {
			break
		}
		old = append(old, name)
	}
	if closeErr := rows.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return fmt.Errorf("look for old statistics: %w", err)
	}
	for _, table := range old {
		if _, err := db.ExecContext(ctx, `ANALYZE `+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
	}
	return nil
}
