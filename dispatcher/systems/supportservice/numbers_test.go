package supportservice

import (
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func TestNumberings(t *testing.T) {
	for name, table := range map[string][]Number{"criteria": Criteria, "operators": Operators} {
		names, numbers, observed := map[string]bool{}, map[int]bool{}, 0
		for _, line := range table {
			if names[line.Name] || numbers[line.Number] || line.Number == Other || line.Number <= 0 {
				t.Errorf("%s: %+v stands twice or has a number that means something else", name, line)
			}
			names[line.Name], numbers[line.Number] = true, true
			if line.Provenance == systems.Observed {
				observed++
			} else if line.Provenance != systems.Assumed {
				t.Errorf("%s: %+v claims to be known", name, line)
			}
		}
		if observed != 1 {
			t.Errorf("%s: %d lines are observed, one is", name, observed)
		}
	}
}

func TestNumbersOf(t *testing.T) {
	tests := []struct {
		field, op          string
		criteria, operator int
	}{
		{"status", "changed_to", 2, 10},
		{"status.state", "is", 2, 1},
		{"custom.priority", "present", 17, 5},
		{"assignee.email", "not_changed", 15, 13},
		{"comment.is_public", "touched", 34, 22},
		{"", "", Other, Other},
		{"Status", "CHANGED_TO", Other, Other},
	}
	for _, tt := range tests {
		if c, o := CriteriaOf(tt.field), OperatorOf(tt.op); c != tt.criteria || o != tt.operator {
			t.Errorf("%s %s is %d, %d, want %d, %d", tt.field, tt.op, c, o, tt.criteria, tt.operator)
		}
	}
}

func TestTheSheetPublishesTheNumbers(t *testing.T) {
	var text strings.Builder
	for _, note := range New().Sheet().Notes {
		text.WriteString(note.Text + "\n")
	}
	for _, want := range []string{"Criteria: 1 subject, 2 status (observed), 3 justification,", "10 changed_to (observed), 11 changed_from,", "53 size_between."} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no note says %q", want)
		}
	}
}
