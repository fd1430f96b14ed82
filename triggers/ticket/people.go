package ticket

import "strings"

// people fills in who asked for and who made a new ticket.
func (m *merge) people() {
	c := m.change
	if !c.Created() || c.Actor.FullName() == "" && c.Actor.ID == "" {
		return
	}
	if c.After.Creator == nil {
		c.After.Creator = clonePointer(&c.Actor)
	}
	if c.After.Requester == nil && c.Actor.Role == RoleClient {
		c.After.Requester = clonePointer(&c.Actor)
	}
}

// complete returns somebody with the members that are left out, where the
// ticket knows them by their id or address: to a receiver, whoever asked and
// whoever replies is one person, and has one id.
func (m *merge) complete(p Person) Person {
	for _, t := range []*Ticket{&m.in.Ticket.Values, m.stored} {
		if t == nil {
			continue
		}
		for _, known := range []*Person{t.Requester, t.Assignee, t.Creator} {
			if known != nil && p.is(known) {
				return p.with(*known)
			}
		}
	}
	return p
}

// is reports whether two descriptions are of the same person: by the id where
// both have one, else by the address.
func (p Person) is(other *Person) bool {
	if p.ID != "" && other.ID != "" {
		return p.ID == other.ID
	}
	return p.Email != "" && strings.EqualFold(p.Email, other.Email)
}

// with returns p with what it leaves out taken from other. The parts of a name
// go together, and the role is p's own: it says in what capacity p acts here.
func (p Person) with(other Person) Person {
	if p.FirstName == "" && p.LastName == "" && p.Name == "" {
		p.FirstName, p.LastName, p.Name = other.FirstName, other.LastName, other.Name
	}
	for _, member := range []struct {
		own   *string
		other string
	}{
		{&p.ID, other.ID},
		{&p.Email, other.Email},
		{&p.UserName, other.UserName},
		{&p.Phone, other.Phone},
	} {
		if *member.own == "" {
			*member.own = member.other
		}
	}
	return p
}
