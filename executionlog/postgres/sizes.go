package postgres

import (
	"context"
	"fmt"
)

// Sizes returns how many bytes each table takes up, with its indices and its
// partitions.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	rows, err := s.Read.QueryContext(ctx, `SELECT coalesce(p.relname, c.relname), sum(pg_total_relation_size(c.oid)) FROM pg_class c
		LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
		WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND c.relnamespace = current_schema()::regnamespace GROUP BY 1`)
	if err != nil {
		return nil, fmt.Errorf("measure tables: %w", classify(err))
	}
	defer rows.Close()
	sizes := map[string]int64{}
	for rows.Next() {
		var table string
		var bytes int64
		if err := rows.Scan(&table, &bytes); err != nil {
			return nil, fmt.Errorf("measure tables: %w", classify(err))
		}
		sizes[table] = bytes
	}
	return sizes, rows.Err()
}

// Settle does what the server does by itself some time after many rows have
// come: without it searches go by what was known before.
func (s *Store) Settle(ctx context.Context) error {
	if _, err := s.Write.ExecContext(ctx, `VACUUM ANALYZE`); err != nil {
		return fmt.Errorf("settle tables: %w", classify(err))
	}
	return nil
}
