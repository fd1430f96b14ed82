package ticket

import (
	"encoding/json"
	"testing"
)

func TestNumericIDs(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "7": 7, "0042": 42, "4611686018427387903": 4611686018427387903} {
		if got := NumericID(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{"ABC-1", "-5", "99999999999999999999"} {
		n := NumericID(text)
		if n < 0 || n > 1<<31-1 || n != NumericID(text) {
			t.Errorf("%q: %d is no stable number of 31 bits", text, n)
		}
	}
	for want, ticket := range map[int64]*Ticket{
		5: {Number: "7", Extra: Extra{"id": json.Number("5")}}, 6: {Number: "7", Extra: Extra{"id": 6.0}}, 7: {Number: "7", Extra: Extra{"id": "x"}},
	} {
		if got := ticket.NumericID(); got != want {
			t.Errorf("%+v: %d", ticket, got)
		}
	}
	var nobody *Person
	if nobody.NumericID() != 0 || (&Person{ID: "9", Email: "a@example.com"}).NumericID() != 9 || (&Person{Email: "a@example.com"}).NumericID() <= 0 {
		t.Error("a person's number is not derived from the id, else the address")
	}
}

func TestNames(t *testing.T) {
	for _, test := range []struct {
		person            *Person
		full, first, last string
	}{
		{nil, "", "", ""},
		{&Person{Name: "Ana María Díaz"}, "Ana María Díaz", "Ana María", "Díaz"},
		{&Person{Name: "Ana"}, "Ana", "Ana", ""},
		{&Person{FirstName: "Ana", LastName: "Díaz"}, "Ana Díaz", "Ana", "Díaz"},
		{&Person{LastName: "Díaz", Name: "Dr. Díaz"}, "Dr. Díaz", "", "Díaz"},
		{&Person{UserName: "ana", Email: "ana@example.com"}, "ana", "", ""},
		{&Person{Email: "ana@example.com"}, "ana@example.com", "", ""},
	} {
		first, last := test.person.Names()
		if full := test.person.FullName(); full != test.full || first != test.first || last != test.last {
			t.Errorf("%+v: %q, %q, %q", test.person, full, first, last)
		}
	}
}

func TestStateOf(t *testing.T) {
	for name, want := range map[string]State{
		"Open": Open, "In Progress": Open, "on-hold": OnHold, " SOLVED ": Resolved, "Closed": Closed, "New": New, "Waiting": Pending, "Gefunden": Open, "": Open,
	} {
		if got := StateOf(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestExtra(t *testing.T) {
	e := Extra{"n": json.Number("5"), "f": 5.0, "half": 5.5, "i": 5, "l": int64(5), "yes": true, "no": false, "t": "x"}
	for name, want := range map[string]int64{"n": 5, "f": 5, "i": 5, "l": 5, "yes": 1, "no": 0} {
		if got, ok := e.Int(name); !ok || got != want {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"half", "t", "missing"} {
		if got, ok := e.Int(name); ok {
			t.Errorf("%s counts as %d", name, got)
		}
	}
	if e.Text("t") != "x" || e.Text("n") != "" {
		t.Error("Text returns something that is no text")
	}
}
