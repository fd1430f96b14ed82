package faveo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
)

func TestEncodeForm(t *testing.T) {
	tests := []struct{ name, document, want string }{
		{"brackets", `{"ticket":{"id":30,"requester":{"email":"a@example.com"}}}`, "ticket%5Bid%5D=30&ticket%5Brequester%5D%5Bemail%5D=a%40example.com"},
		{"list indexes are explicit", `{"thread":[{"title":"a b"},{"title":"c"}]}`, "thread%5B0%5D%5Btitle%5D=a+b&thread%5B1%5D%5Btitle%5D=c"},
		{"order of the document", `{"z":1,"a":2,"m":3}`, "z=1&a=2&m=3"},
		{"booleans", `{"on":true,"off":false}`, "on=1&off=0"},
		{"nulls and empty lists are dropped", `{"a":null,"b":[],"c":{},"d":[[]],"e":1}`, "e=1"},
		{"a null keeps the place of its neighbours", `{"a":[null,"x"]}`, "a%5B1%5D=x"},
		{"empty text stays", `{"a":""}`, "a="},
		{"nothing", `{}`, ""},
		{"white space of the document", "{ \"a\" : [ 1 ,\n 2 ] , \"b\" : \"x y\" }", "a%5B0%5D=1&a%5B1%5D=2&b=x+y"},
		{"escapes of the document", `{"a\"":"\\\"\u00e9\ud83d\ude00\/"}`, "a%22=%5C%22%C3%A9%F0%9F%98%80%2F"},
		{"numbers as written", `{"a":12345678901234567890,"b":-0.5}`, "a=12345678901234567890&b=-0.5"},
		{"PHP escapes the tilde", `{"a":"~-_."}`, "a=%7E-_."},
		{"markup and the rest", `{"a":"<p>&=+%\n\u0000é</p>"}`, "a=%3Cp%3E%26%3D%2B%25%0A%00%C3%A9%3C%2Fp%3E"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := encodeForm([]byte(test.document))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	for _, broken := range []string{``, `{"a":`, `[1,`, `{"a" 1}`} {
		if _, err := encodeForm([]byte(broken)); err == nil {
			t.Errorf("encodeForm(%q) found nothing wrong", broken)
		}
	}
}

// Whatever a ticket says, its form decodes to the tree that its JSON has, but
// for what PHP's notation cannot carry: types, nulls and what is empty.
func TestFormDecodesBackToTheSameTree(t *testing.T) {
	faveo := New()
	for seed := range uint64(100) {
		change := systemtest.RandomChange(rand.New(rand.NewPCG(seed, 3)))
		change.After.CustomFields = plainKeys(change.After.CustomFields)
		for _, event := range faveo.Sheet().Events {
			occasion := systems.Occasion{Event: event.Name, Change: change, Revision: JSON}
			asJSON, err := faveo.Render(occasion)
			if err != nil {
				t.Fatal(err)
			}
			occasion.Revision = Form
			asForm, err := faveo.Render(occasion)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeForm(asForm.Body)
			if err != nil {
				t.Fatalf("seed %d: decode %s: %v", seed, event.Name, err)
			}
			if want := flatten(t, asJSON.Body); !maps.Equal(want, got) {
				t.Fatalf("seed %d: %s (-json +form):\n%s", seed, event.Name, cmp.Diff(want, got))
			}
		}
	}
}

func FuzzFormDecodesBack(f *testing.F) {
	f.Add(`{"a":{"b":[1,true,null,"<p>"]}}`)
	f.Add(`{"a":[[["x"]],{"c":" "}]}`)
	f.Add(`{"ticket":{"id":306,"duedate":null},"thread":[]}`)
	f.Fuzz(func(t *testing.T, document string) {
		var object map[string]any
		if json.Unmarshal([]byte(document), &object) != nil {
			return
		}
		text, err := json.Marshal(plainKeys(object))
		if err != nil {
			t.Fatal(err)
		}
		form, err := encodeForm(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeForm(form)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flatten(t, text), got); diff != "" {
			t.Fatalf("%s as %s (-json +form):\n%s", text, form, diff)
		}
	})
}

// plainKeys renames the keys that PHP's notation itself cannot carry: those
// with brackets, and the empty one.
func plainKeys(object map[string]any) map[string]any {
	made := map[string]any{}
	for key, value := range object {
		if key == "" || strings.ContainsAny(key, "[]") {
			key = "key " + strconv.Quote(strings.NewReplacer("[", "(", "]", ")").Replace(key))
		}
		made[key] = plainValue(value)
	}
	return made
}

func plainValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return plainKeys(v)
	case []any:
		made := make([]any, len(v))
		for i, item := range v {
			made[i] = plainValue(item)
		}
		return made
	}
	return value
}

// decodeForm reads PHP's notation as PHP does: every bracket opens an array.
// The result maps the path of each value to the value.
func decodeForm(body []byte) (map[string]string, error) {
	values := map[string]string{}
	for pair := range strings.SplitSeq(string(body), "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no pair", pair)
		}
		key, err := url.QueryUnescape(rawKey)
		if err != nil {
			return nil, err
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, err
		}
		name, rest, _ := strings.Cut(key, "[")
		path := []string{name}
		if rest != "" {
			path = append(path, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
		}
		at := fmt.Sprintf("%q", path)
		if _, twice := values[at]; twice {
			return nil, fmt.Errorf("%s stands twice", at)
		}
		values[at] = value
	}
	return values, nil
}

// flatten maps the path of each value of a JSON document to the value as a
// form carries it.
func flatten(t *testing.T, document []byte) map[string]string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	var walk func(path []string, value any)
	walk = func(path []string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, member := range v {
				walk(append(slices.Clip(path), key), member)
			}
		case []any:
			for i, item := range v {
				walk(append(slices.Clip(path), strconv.Itoa(i)), item)
			}
		case nil:
		case bool:
			values[fmt.Sprintf("%q", path)] = map[bool]string{true: "1", false: "0"}[v]
		default:
			values[fmt.Sprintf("%q", path)] = fmt.Sprint(v)
		}
	}
	walk(nil, tree)
	return values
}
