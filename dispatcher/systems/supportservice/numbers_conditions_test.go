package supportservice_test

import (
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/supportservice"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Every condition that a trigger can have has numbers of its own.
func TestEveryConditionIsNumbered(t *testing.T) {
	for _, field := range condition.Fields() {
		if supportservice.CriteriaOf(field.Name) == supportservice.Other {
			t.Errorf("the field %s has no number", field.Name)
		}
	}
	for _, operator := range condition.Operators() {
		if supportservice.OperatorOf(operator.Name) == supportservice.Other {
			t.Errorf("the operator %s has no number", operator.Name)
		}
	}
}
