package faveo

import (
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// The lists that a fresh installation of Faveo has. A reference that comes
// with a number keeps it; a name that is in none of them gets a stable number
// of its own.
var (
	statusIDs = map[string]int64{
		"open": 1, "opened": 1, "new": 1, "reopened": 1, "resolved": 2, "closed": 3,
	}
	priorityIDs = map[string]int64{"low": 1, "normal": 2, "high": 3, "emergency": 4}
	sourceIDs   = map[string]int64{
		"web": 1, "email": 2, "agent": 3, "agent_panel": 3, "facebook": 4, "twitter": 5,
		"call": 6, "phone": 6, "chat": 7, "widget": 8, "line": 9,
	}
	departmentIDs = map[string]int64{"support": 1, "sales": 2, "operation": 3}
	helpTopicIDs  = map[string]int64{"support_query": 1, "sales_query": 2, "operational_query": 3}
	planIDs       = map[string]int64{"default": 1}
)

// listKey is a name as the lists spell it.
func listKey(name string) string {
	return underscored.Replace(strings.ToLower(strings.TrimSpace(name)))
}

var underscored = strings.NewReplacer(" ", "_", "-", "_")

// refID is the number of a reference, 0 where it is unset.
func refID(ref ticket.Ref, list map[string]int64) int64 {
	if n, err := strconv.ParseInt(ref.ID, 10, 64); err == nil {
		return n
	}
	if n, ok := list[listKey(ref.Name)]; ok {
		return n
	}
	if ref.Name != "" {
		return ticket.NumericID(ref.Name)
	}
	return ticket.NumericID(ref.ID)
}

func statusRef(t *ticket.Ticket) ticket.Ref {
	ref := ticket.Ref{ID: t.Status.ID, Name: t.Status.Name}
	if ref.Name == "" {
		ref.Name = stateName(t.Status.State)
	}
	return ref
}

// stateName is the status of a fresh installation that stands for a state.
func stateName(state ticket.State) string {
	switch state {
	case ticket.Resolved:
		return "Resolved"
	case ticket.Closed:
		return "Closed"
	default:
		return "Open"
	}
}

// named is a row of one of the lists, as far as it is sent.
type named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// row is the row that a reference names, nil where it names none.
func row(ref ticket.Ref, list map[string]int64) *named {
	if ref == (ticket.Ref{}) {
		return nil
	}
	return &named{ID: refID(ref, list), Name: ref.Name}
}
