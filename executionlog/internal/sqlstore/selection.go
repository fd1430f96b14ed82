package sqlstore

import (
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// selection gathers the conditions of a query and their arguments.
type selection struct {
	terms []string
	args  []any
}

// arg adds an argument and returns its placeholder.
func (s *selection) arg(value any) string {
	s.args = append(s.args, value)
	return fmt.Sprintf("$%d", len(s.args))
}

// where adds a condition in which %s stands for the argument.
func (s *selection) where(condition string, value any) {
	s.terms = append(s.terms, fmt.Sprintf(condition, s.arg(value)))
}

// between bounds the column of the order, and continues behind a place.
func (s *selection) between(column string, low, high int64, after criteria.Place, oldest bool) {
	low, high = within(low, high, after, oldest)
	s.where(column+" >= %s", low)
	s.where(column+" < %s", high)
}

// within narrows bounds to what is behind a place.
func within(low, high int64, after criteria.Place, oldest bool) (int64, int64) {
	switch {
	case !after.Set:
		return low, high
	case oldest:
		return max(low, after.Number+1), high
	}
	return low, min(high, after.Number)
}

func (s *selection) conditions() string {
	if len(s.terms) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(s.terms, " AND ")
}
