package sqlstore

import "database/sql"

// LookUpLittle makes the store choose its ways to the attempts of many tickets
// as if few were many.
func (s *Store) LookUpLittle(simple, few, first, strollFrom int) {
	s.lookups = lookupSizes{
		simple: simple, few: few, first: first, growth: 2,
		stroll:     strollSizes{tickets: strollFrom, perTicket: 2, first: 7, most: 60},
		tailBlocks: 10, tailTickets: 300,
	}
}

// CountFew makes histograms compare few candidates of a text index.
func (s *Store) CountFew(candidates int64) { s.counted = candidates }

// Asked returns the texts of the queries since it was called last.
func (s *Store) Asked() (texts []string) {
	s.statements.Range(func(text, statement any) bool {
		texts = append(texts, text.(string))
		s.statements.Delete(text)
		_ = statement.(*sql.Stmt).Close() // the next query prepares it again
		s.prepared.Add(-1)
		return true
	})
	return texts
}
