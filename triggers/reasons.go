package triggers

import (
	"fmt"
	"strings"
)

// Code is the reason of a verdict, as a word of a fixed list.
type Code = string

// The codes of Verdict.Code. The engine gives those up to created_after; the
// others are for what happens around it.
const (
	CodeFired          Code = "fired"
	CodeDisabled       Code = "disabled"
	CodeNotSubscribed  Code = "not_subscribed"
	CodeLeafFalse      Code = "leaf_false"
	CodeLeafError      Code = "leaf_error"
	CodeInvalidTrigger Code = "invalid_trigger"
	CodeEdgeNotCrossed Code = "edge_not_crossed"
	CodeOnceAlready    Code = "once_already"
	CodeLoopDepth      Code = "loop_depth"
	CodeLoopRepeat     Code = "loop_repeat"
	CodeRuleChange     Code = "rule_change"
	CodeCreatedAfter   Code = "created_after"

	CodeEndpointMissing  Code = "endpoint_missing"
	CodeEndpointDisabled Code = "endpoint_disabled"
	CodeEndpointPaused   Code = "endpoint_paused"
	CodeSourceFiltered   Code = "source_filtered"
	CodeActionFailed     Code = "action_failed"
)

// Codes lists every code.
var Codes = []Code{
	CodeFired, CodeDisabled, CodeNotSubscribed, CodeLeafFalse, CodeLeafError, CodeInvalidTrigger, CodeEdgeNotCrossed,
	CodeOnceAlready, CodeLoopDepth, CodeLoopRepeat, CodeRuleChange, CodeCreatedAfter, CodeEndpointMissing,
	CodeEndpointDisabled, CodeEndpointPaused, CodeSourceFiltered, CodeActionFailed,
}

// MaxDepth is how deep a causal chain may get before it is cut.
const MaxDepth = 10

// Sentence explains a code to a support agent. Detail is the particular of
// the case, such as an endpoint's name, and may be empty.
func Sentence(code Code, detail string) string {
	switch code {
	case CodeFired:
		return "It fired: everything it asks for held."
	case CodeDisabled:
		return "It is switched off."
	case CodeNotSubscribed:
		return "It does not listen to what happened" + colon(detail) + "."
	case CodeLeafFalse:
		return "A condition did not hold" + colon(detail) + "."
	case CodeLeafError:
		return "A condition could not be decided, so it did not fire" + colon(detail) + "."
	case CodeInvalidTrigger:
		return "It cannot be used as it was saved" + colon(detail) + "."
	case CodeEdgeNotCrossed:
		return "Its conditions held already before this change, and it fires only when they begin to hold."
	case CodeOnceAlready:
		return "It fires once for each ticket, and it has fired for this one" + colon(detail) + "."
	case CodeLoopDepth:
		return fmt.Sprintf("Stopped to prevent an endless loop: %d webhooks and changes have already followed from one another.", MaxDepth)
	case CodeLoopRepeat:
		return "Stopped to prevent an endless loop: it has fired before in the chain of changes that led to this one."
	case CodeRuleChange:
		return "The change was made by a trigger's action, and this trigger does not react to such changes."
	case CodeCreatedAfter:
		return "It did not exist yet when the change happened" + colon(detail) + "."
	case CodeEndpointMissing:
		return "Nothing was sent, because the endpoint no longer exists" + colon(detail) + "."
	case CodeEndpointDisabled:
		return "Nothing was sent, because the endpoint is switched off" + colon(detail) + "."
	case CodeEndpointPaused:
		return "It fired; the delivery waits, because the endpoint is paused" + colon(detail) + "."
	case CodeSourceFiltered:
		return "Nothing was sent, because the endpoint's settings leave out such changes" + colon(detail) + "."
	case CodeActionFailed:
		return "It fired, and one of its actions failed" + colon(detail) + "."
	}
	return strings.ReplaceAll(code, "_", " ") + colon(detail) + "."
}

// LeftOut says why one of several endpoints of a trigger that fired got nothing.
func LeftOut(code Code, detail string) string {
	switch code {
	case CodeEndpointMissing:
		return "An endpoint was left out, because it no longer exists" + colon(detail) + "."
	case CodeEndpointDisabled:
		return "An endpoint was left out, because it is switched off" + colon(detail) + "."
	case CodeSourceFiltered:
		return "An endpoint was left out, because its settings leave out such changes" + colon(detail) + "."
	}
	return "A delivery could not be made" + colon(detail) + "."
}

func colon(detail string) string {
	if detail == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(detail, ".")
}
