package supportservice

import (
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// Number is one line of a numbering: the number that a field or an operator of
// a condition has in WebhookEvents, and how it is known.
type Number struct {
	Name       string
	Number     int
	Provenance systems.Provenance
}

// Other is the number of a field or an operator that the tables lack.
const Other = 99

// Criteria numbers the fields of conditions. A member of a field, such as
// requester.email, has the number of the field; custom stands for every custom
// field.
var Criteria = []Number{
	{"subject", 1, systems.Assumed},
	{"status", 2, systems.Observed},
	{"justification", 3, systems.Assumed},
	{"urgency", 4, systems.Assumed},
	{"priority", 5, systems.Assumed},
	{"type", 6, systems.Assumed},
	{"category", 7, systems.Assumed},
	{"department", 8, systems.Assumed},
	{"team", 9, systems.Assumed},
	{"help_topic", 10, systems.Assumed},
	{"sla", 11, systems.Assumed},
	{"source", 12, systems.Assumed},
	{"requester", 13, systems.Assumed},
	{"creator", 14, systems.Assumed},
	{"assignee", 15, systems.Assumed},
	{"tags", 16, systems.Assumed},
	{"custom", 17, systems.Assumed},
	{"due_at", 18, systems.Assumed},
	{"response_due_at", 19, systems.Assumed},
	{"resolution_due_at", 20, systems.Assumed},
	{"language", 21, systems.Assumed},
	{"community", 22, systems.Assumed},
	{"attachments", 23, systems.Assumed},
	{"replies", 24, systems.Assumed},
	{"notes", 25, systems.Assumed},
	{"description", 26, systems.Assumed},
	{"description_html", 27, systems.Assumed},
	{"created_at", 28, systems.Assumed},
	{"updated_at", 29, systems.Assumed},
	{"closed_at", 30, systems.Assumed},
	{"event", 31, systems.Assumed},
	{"actor", 32, systems.Assumed},
	{"via", 33, systems.Assumed},
	{"comment", 34, systems.Assumed},
	{"number", 35, systems.Assumed},
	{"extra", 36, systems.Assumed},
	{"age", 37, systems.Assumed},
}

// Operators numbers the operators of conditions.
var Operators = []Number{
	{"is", 1, systems.Assumed},
	{"is_not", 2, systems.Assumed},
	{"is_any_of", 3, systems.Assumed},
	{"is_none_of", 4, systems.Assumed},
	{"present", 5, systems.Assumed},
	{"not_present", 6, systems.Assumed},
	{"contains", 7, systems.Assumed},
	{"not_contains", 8, systems.Assumed},
	{"changed", 9, systems.Assumed},
	{"changed_to", 10, systems.Observed},
	{"changed_from", 11, systems.Assumed},
	{"changed_from_to", 12, systems.Assumed},
	{"not_changed", 13, systems.Assumed},
	{"not_changed_to", 14, systems.Assumed},
	{"not_changed_from", 15, systems.Assumed},
	{"was", 16, systems.Assumed},
	{"was_not", 17, systems.Assumed},
	{"increased", 18, systems.Assumed},
	{"decreased", 19, systems.Assumed},
	{"added", 20, systems.Assumed},
	{"removed", 21, systems.Assumed},
	{"touched", 22, systems.Assumed},
	{"less_than", 23, systems.Assumed},
	{"less_or_equal", 24, systems.Assumed},
	{"greater_than", 25, systems.Assumed},
	{"greater_or_equal", 26, systems.Assumed},
	{"between", 27, systems.Assumed},
	{"contains_any_word", 28, systems.Assumed},
	{"contains_no_word", 29, systems.Assumed},
	{"starts_with", 30, systems.Assumed},
	{"ends_with", 31, systems.Assumed},
	{"matches", 32, systems.Assumed},
	{"not_matches", 33, systems.Assumed},
	{"contains_all", 34, systems.Assumed},
	{"contains_any", 35, systems.Assumed},
	{"contains_none", 36, systems.Assumed},
	{"equals_set", 37, systems.Assumed},
	{"size_is", 38, systems.Assumed},
	{"size_less_than", 39, systems.Assumed},
	{"size_greater_than", 40, systems.Assumed},
	{"under", 41, systems.Assumed},
	{"before", 42, systems.Assumed},
	{"after", 43, systems.Assumed},
	{"on", 44, systems.Assumed},
	{"within_last", 45, systems.Assumed},
	{"within_next", 46, systems.Assumed},
	{"older_than", 47, systems.Assumed},
	{"in_business_hours", 48, systems.Assumed},
	{"not_in_business_hours", 49, systems.Assumed},
	{"business_hours_since", 50, systems.Assumed},
	{"size_less_or_equal", 51, systems.Assumed},
	{"size_greater_or_equal", 52, systems.Assumed},
	{"size_between", 53, systems.Assumed},
}

// CriteriaOf returns the number of a field of a condition, Other for one that
// Criteria lacks.
func CriteriaOf(field string) int {
	root, _, _ := strings.Cut(field, ".")
	return lookup(Criteria, root)
}

// OperatorOf returns the number of an operator, Other for one that Operators lacks.
func OperatorOf(op string) int { return lookup(Operators, op) }

func lookup(table []Number, name string) int {
	for _, line := range table {
		if line.Name == name {
			return line.Number
		}
	}
	return Other
}

// list writes a table as a sentence for the data sheet.
func list(table []Number) string {
	lines := make([]string, len(table))
	for i, line := range table {
		lines[i] = strconv.Itoa(line.Number) + " " + line.Name
		if line.Provenance == systems.Observed {
			lines[i] += " (observed)"
		}
	}
	return strings.Join(lines, ", ")
}
