package sqlstore

import (
	"context"
	"database/sql"
	"sync"
)

// shares remembers which workspaces have so large a share of all attempts
// that going through all of them is faster than through the workspace's
// index, which leads to each row by itself.
type shares struct {
	mu    sync.Mutex
	uses  int
	large map[int64]bool
}

const (
	// sharesFor is how many searches go by what was counted once.
	sharesFor = 500
	// largeShare is the share from which on the index is not worth it.
	largeShare = 0.2
)

// isLarge says whether a workspace's share is large.
func (s *Store) isLarge(ctx context.Context, workspace int64) (bool, error) {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	if s.shares.large == nil || s.shares.uses >= sharesFor {
		if err := s.countShares(ctx); err != nil {
			return false, err
		}
		s.shares.uses = 0
	}
	s.shares.uses++
	return s.shares.large[workspace], nil
}

func (s *Store) countShares(ctx context.Context) error {
	counts, total := map[int64]int64{}, int64(0)
	err := s.each(ctx, `SELECT workspace, CAST(sum(n) AS BIGINT) FROM attempt_counts WHERE step = 3600 GROUP BY 1`, nil, func(rows *sql.Rows) (bool, error) {
		var workspace, n int64
		err := rows.Scan(&workspace, &n)
		counts[workspace] = n
		total += n
		return true, err
	})
	if err != nil {
		return err
	}
	s.shares.large = map[int64]bool{}
	for workspace, n := range counts {
		s.shares.large[workspace] = float64(n) > largeShare*float64(total)
	}
	return nil
}
