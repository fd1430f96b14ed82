package condition

import "slices"

// Argument says what value an operator takes.
type Argument string

// The arguments of operators.
const (
	ArgNone     Argument = "none"
	ArgOne      Argument = "one"      // a value of the field's type
	ArgList     Argument = "list"     // a list of them
	ArgTwo      Argument = "two"      // two of them: [low, high]
	ArgFromTo   Argument = "from_to"  // {"from": …, "to": …}, each a value, a list or *
	ArgText     Argument = "text"     // a text, whatever the field's type
	ArgWords    Argument = "words"    // a list of words, or a text of them
	ArgTime     Argument = "time"     // a date or a time
	ArgDuration Argument = "duration" // such as 8h, 3d or PT8H
	ArgNumber   Argument = "number"
	ArgNumbers  Argument = "numbers"  // two of them: [low, high]
	ArgOptional Argument = "optional" // a list, or nothing for any
	ArgChange   Argument = "change"   // a value of the field's type, a list of alternatives, null for nothing, or *
)

// Operator describes one operator.
type Operator struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Argument Argument `json:"argument"`
	// Options lists the options that the operator understands, beside those
	// of the field's type.
	Options []string `json:"options,omitempty"`

	types  []Type // nil is all
	change bool   // compares before with after, so the change's own fields lack it
	test   test
}

// test decides a leaf whose values were read.
type test func(l *leaf, v *view) (bool, error)

var (
	scalars   = []Type{Text, HTML, Number, Boolean, Datetime, Duration, Choice, Ordinal, Person, Tree, Custom}
	ordered   = []Type{Number, Datetime, Duration, Ordinal, Custom}
	textual   = []Type{Text, HTML, Custom}
	sets      = []Type{Set, Custom}
	trees     = []Type{Tree, Custom}
	datetimes = []Type{Datetime, Custom}

	caseOption     = []string{"case"}
	calendarOption = []string{"calendar"}
)

var operatorTable = buildOperators()

func buildOperators() []Operator {
	return []Operator{
		{Name: "present", Title: "is present", Argument: ArgNone, test: testPresent},
		{Name: "not_present", Title: "is not present", Argument: ArgNone, test: not(testPresent)},

		{Name: "is", Title: "is", Argument: ArgOne, types: scalars, Options: caseOption, test: testEqual},
		{Name: "is_not", Title: "is not", Argument: ArgOne, types: scalars, Options: caseOption, test: not(testEqual)},
		{Name: "is_any_of", Title: "is any of", Argument: ArgList, types: scalars, Options: caseOption, test: testEqual},
		{Name: "is_none_of", Title: "is none of", Argument: ArgList, types: scalars, Options: caseOption, test: not(testEqual)},

		{Name: "less_than", Title: "is less than", Argument: ArgOne, types: ordered, test: testOrder(func(c int) bool { return c < 0 })},
		{Name: "less_or_equal", Title: "is at most", Argument: ArgOne, types: ordered, test: testOrder(func(c int) bool { return c <= 0 })},
		{Name: "greater_than", Title: "is greater than", Argument: ArgOne, types: ordered, test: testOrder(func(c int) bool { return c > 0 })},
		{Name: "greater_or_equal", Title: "is at least", Argument: ArgOne, types: ordered, test: testOrder(func(c int) bool { return c >= 0 })},
		{Name: "between", Title: "is between", Argument: ArgTwo, types: ordered, test: testBetween},

		{Name: "contains", Title: "contains", Argument: ArgText, types: textual, Options: caseOption, test: testContains},
		{Name: "not_contains", Title: "does not contain", Argument: ArgText, types: textual, Options: caseOption, test: not(testContains)},
		{Name: "contains_any_word", Title: "contains any of the words", Argument: ArgWords, types: textual, Options: caseOption, test: testWords},
		{Name: "contains_no_word", Title: "contains none of the words", Argument: ArgWords, types: textual, Options: caseOption, test: not(testWords)},
		{Name: "starts_with", Title: "starts with", Argument: ArgText, types: textual, Options: caseOption, test: testPrefix},
		{Name: "ends_with", Title: "ends with", Argument: ArgText, types: textual, Options: caseOption, test: testSuffix},
		{Name: "matches", Title: "matches the expression", Argument: ArgText, types: textual, Options: caseOption, test: testPattern(true)},
		{Name: "not_matches", Title: "does not match the expression", Argument: ArgText, types: textual, Options: caseOption, test: testPattern(false)},

		{Name: "contains_all", Title: "contains all of", Argument: ArgList, types: sets, Options: caseOption, test: testContainsAll},
		{Name: "contains_any", Title: "contains any of", Argument: ArgList, types: sets, Options: caseOption, test: testContainsAny},
		{Name: "contains_none", Title: "contains none of", Argument: ArgList, types: sets, Options: caseOption, test: not(testContainsAny)},
		{Name: "equals_set", Title: "is exactly", Argument: ArgList, types: sets, Options: caseOption, test: testEqualsSet},
		{Name: "size_is", Title: "number of entries is", Argument: ArgNumber, types: sets, test: testSize(func(c int) bool { return c == 0 })},
		{Name: "size_less_than", Title: "number of entries is less than", Argument: ArgNumber, types: sets, test: testSize(func(c int) bool { return c < 0 })},
		{Name: "size_less_or_equal", Title: "number of entries is at most", Argument: ArgNumber, types: sets, test: testSize(func(c int) bool { return c <= 0 })},
		{Name: "size_greater_than", Title: "number of entries is greater than", Argument: ArgNumber, types: sets, test: testSize(func(c int) bool { return c > 0 })},
		{Name: "size_greater_or_equal", Title: "number of entries is at least", Argument: ArgNumber, types: sets, test: testSize(func(c int) bool { return c >= 0 })},
		{Name: "size_between", Title: "number of entries is between", Argument: ArgNumbers, types: sets, test: testSizeBetween},

		{Name: "under", Title: "is at or below", Argument: ArgList, types: trees, test: testUnder},

		{Name: "before", Title: "is before", Argument: ArgTime, types: datetimes, Options: calendarOption, test: testBefore},
		{Name: "after", Title: "is after", Argument: ArgTime, types: datetimes, Options: calendarOption, test: testAfter},
		{Name: "on", Title: "is on", Argument: ArgTime, types: datetimes, Options: calendarOption, test: testOn},
		{Name: "within_last", Title: "is within the last", Argument: ArgDuration, types: datetimes, test: testWithinLast},
		{Name: "within_next", Title: "is within the next", Argument: ArgDuration, types: datetimes, test: testWithinNext},
		{Name: "older_than", Title: "is longer ago than", Argument: ArgDuration, types: datetimes, test: testOlderThan},

		{Name: "in_business_hours", Title: "is in business hours", Argument: ArgNone, types: datetimes, Options: calendarOption, test: testBusinessHours},
		{Name: "not_in_business_hours", Title: "is outside business hours", Argument: ArgNone, types: datetimes, Options: calendarOption, test: not(testBusinessHours)},
		{Name: "business_hours_since", Title: "business time since is at least", Argument: ArgDuration, types: datetimes, Options: calendarOption, test: testBusinessSince},

		{Name: "changed", Title: "changed", Argument: ArgNone, change: true, Options: caseOption, test: testChanged},
		{Name: "not_changed", Title: "did not change", Argument: ArgNone, change: true, Options: caseOption, test: not(testChanged)},
		{Name: "changed_to", Title: "changed to", Argument: ArgChange, change: true, Options: caseOption, test: testChangedTo},
		{Name: "not_changed_to", Title: "did not change to", Argument: ArgChange, change: true, Options: caseOption, test: not(testChangedTo)},
		{Name: "changed_from", Title: "changed from", Argument: ArgChange, change: true, Options: caseOption, test: testChangedFrom},
		{Name: "not_changed_from", Title: "did not change from", Argument: ArgChange, change: true, Options: caseOption, test: not(testChangedFrom)},
		{Name: "changed_from_to", Title: "changed from … to", Argument: ArgFromTo, change: true, Options: caseOption, test: testChangedFromTo},
		{Name: "was", Title: "was", Argument: ArgChange, change: true, Options: caseOption, test: testWas},
		{Name: "was_not", Title: "was not", Argument: ArgChange, change: true, Options: caseOption, test: not(testWas)},
		{Name: "increased", Title: "increased", Argument: ArgNone, change: true, types: ordered, test: testMoved(1)},
		{Name: "decreased", Title: "decreased", Argument: ArgNone, change: true, types: ordered, test: testMoved(-1)},
		{Name: "added", Title: "was added", Argument: ArgOptional, change: true, Options: caseOption, test: testAdded},
		{Name: "removed", Title: "was removed", Argument: ArgOptional, change: true, Options: caseOption, test: testRemoved},
		{Name: "touched", Title: "was written", Argument: ArgNone, change: true, test: testTouched},
	}
}

// Operators lists every operator.
func Operators() []Operator { return slices.Clone(operatorTable) }

// LookupOperator returns an operator by name.
func LookupOperator(name string) (Operator, bool) {
	i := slices.IndexFunc(operatorTable, func(o Operator) bool { return o.Name == name })
	if i < 0 {
		return Operator{}, false
	}
	return operatorTable[i], true
}

// operatorsOf lists the operators of a type.
func operatorsOf(t Type, context bool) []string {
	var names []string
	for _, o := range operatorTable {
		if o.fits(t, context) {
			names = append(names, o.Name)
		}
	}
	return names
}

func (o *Operator) fits(t Type, context bool) bool {
	return (o.types == nil || slices.Contains(o.types, t)) && !(o.change && context)
}

// not is the plain negation of a test; what is an error stays one.
func not(positive test) test {
	return func(l *leaf, v *view) (bool, error) {
		matched, err := positive(l, v)
		return !matched && err == nil, err
	}
}
