package sqlstore

// LookUpLittle makes the store choose its ways to the attempts of many tickets
// as if few were many.
func (s *Store) LookUpLittle(simple, few, first, strollFrom int) {
	s.lookups = lookupSizes{
		simple: simple, few: few, first: first, growth: 2,
		stroll: strollSizes{tickets: strollFrom, perTicket: 2, first: 7, most: 60},
	}
}

// CountFew makes histograms compare few candidates of a text index.
func (s *Store) CountFew(candidates int) { s.counted = candidates }
