package systems

import "testing"

func TestMembersKeepTheirOrder(t *testing.T) {
	list, ok := Members(` {"b": 1, "a": {"z": [1, 2]}, "<c>": "<p>"} `)
	if !ok || len(list) != 3 {
		t.Fatalf("Members = %v, %v", list, ok)
	}
	text, err := Object(list)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"b":1,"a":{"z":[1,2]},"<c>":"<p>"}`; string(text) != want {
		t.Errorf("Object = %s, want %s", text, want)
	}
}

func TestMembersOfWhatIsNoObject(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `"a"`, "{", `{"a":}`, `{"a":1} {"b":2}`, "12"} {
		if list, ok := Members(text); ok {
			t.Errorf("Members(%q) = %v, want none", text, list)
		}
	}
	if list, ok := Members("{}"); !ok || len(list) != 0 {
		t.Errorf("Members({}) = %v, %v, want an empty object", list, ok)
	}
}

func FuzzMembers(f *testing.F) {
	f.Add(`{"a":1,"b":[{"c":null}]}`)
	f.Add(`{"a":1,"a":2}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, text string) {
		list, ok := Members(text)
		if !ok {
			return
		}
		written, err := Object(list)
		if err != nil {
			t.Fatal(err)
		}
		again, ok := Members(string(written))
		if !ok || len(again) != len(list) {
			t.Errorf("%q became %q", text, written)
		}
	})
}
