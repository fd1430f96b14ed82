package sqlite

import (
	"context"
	"fmt"
	"strings"
)

// Sizes returns how many bytes each table takes up, with its indices. It
// reads the whole file.
func (s *Store) Sizes(ctx context.Context) (map[string]int64, error) {
	rows, err := s.Read.QueryContext(ctx, `SELECT coalesce(m.tbl_name, d.name), sum(d.pgsize) FROM dbstat d
		LEFT JOIN sqlite_schema m ON m.name = d.name WHERE d.aggregate = TRUE GROUP BY 1`)
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
		// A text index keeps its parts in tables of their own.
		for _, index := range []string{"attempt_errors", "number_grams"} {
			if strings.HasPrefix(table, index+"_") {
				table = index
			}
		}
		sizes[table] += bytes
	}
	return sizes, rows.Err()
}
