package systemtest

import (
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	const got = `{"a":1,"b":{"c":"x","d":null},"e":[1,{"f":true}],"g":"","h":1.0}`
	tests := []struct {
		name, want string
		exact      bool
		found      string // "" for none
	}{
		{"the same", got, true, ""},
		{"some of it", `{"b":{"d":null},"h":1.0}`, false, ""},
		{"some of it is not all", `{"a":1}`, true, "b more than the vendor"},
		{"inner part is not all", `{"a":1,"b":{"c":"x"},"e":[1,{"f":true}],"g":"","h":1.0}`, true, ".b has d more"},
		{"another order", `{"b":{},"a":1}`, false, ".a is missing or stands in another place"},
		{"missing", `{"z":1}`, false, ".z is missing"},
		{"another value", `{"a":2}`, false, ".a is value 1, want value 2"},
		{"another type", `{"a":"1"}`, false, `.a is value 1, want value "1"`},
		{"another notation", `{"h":1}`, false, ".h is value 1.0, want value 1"},
		{"any value", `{"a":"*","b":{"c":"*"}}`, false, ""},
		{"any value but nothing", `{"g":"*"}`, false, ".g is value"},
		{"any value but null", `{"b":{"d":"*"}}`, false, ".b.d is value null"},
		{"any value, an object too", `{"b":"*"}`, false, ""},
		{"shorter list", `{"e":[1]}`, false, ".e has 2 items, want 1"},
		{"inside a list", `{"e":[1,{"f":false}]}`, false, ".e[1].f is value true"},
		{"list for an object", `{"b":[]}`, false, ".b is object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wanted, err := parseNode([]byte(test.want))
			if err != nil {
				t.Fatal(err)
			}
			have, err := parseNode([]byte(got))
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(wanted.differences(have, "", test.exact), "\n")
			if test.found == "" && found != "" || !strings.Contains(found, test.found) {
				t.Errorf("found %q, want %q", found, test.found)
			}
		})
	}
	for _, broken := range []string{``, `{`, `{"a":1} x`, `{"a" 1}`, `[1,]`} {
		if _, err := parseNode([]byte(broken)); err == nil {
			t.Errorf("parseNode(%q) found nothing wrong", broken)
		}
	}
}
