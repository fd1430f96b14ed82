package ascode

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
)

// awkward are texts that YAML reads as something else when they are written
// carelessly.
var awkward = []string{
	"plain", "two words", "true", "null", "~", "on", "No", "1", "1.0", "1e3", "0x10", "0o7", "2026-01-31", "12:30:45", "-", "- a", "a: b", "a:",
	"#x", "a #b", "'q'", `"q"`, `back\slash`, "a,b", "[x]", "{x}", "*x", "&x", "!x", "%x", "@x", "`x`", "|", ">", "? a", "= ", "<<", "${env:X}", "$${env:X}",
	" leading", "trailing ", "tab\there", "line\nbreak", "one\ntwo\n", "\n", "one\n\ntwo", "a\n  b", "ünïcödé", "日本語", "😀", "\u00a0", "\u2028", "\u0085", "\ufeff", "é\u0301", "\u007f", "\x01",
	".", "..", "...", "---", "a--- b", ".inf", ".nan", "0", "-0", "+1", "1_000", "", "http://x.example.com/?a=b#c", strings.Repeat("long ", 60),
}

func word(r *rand.Rand) string {
	text := awkward[r.IntN(len(awkward))]
	if r.IntN(3) == 0 {
		text += awkward[r.IntN(len(awkward))]
	}
	return text
}

// name returns a text that a part may be named, and no other part is.
func name(r *rand.Rand, n int) string {
	text := strings.Map(func(c rune) rune {
		if c < ' ' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, word(r))
	runes := []rune(text)
	return string(runes[:min(len(runes), 50)]) + fmt.Sprintf(" %d", n)
}

// randomServer makes endpoints, calendars and triggers at random.
func randomServer(t testing.TB, r *rand.Rand) server {
	t.Helper()
	s := newServer(t)
	var endpoints []*triggers.Endpoint
	for i := range 1 + r.IntN(4) {
		in := config.EndpointInput{
			Name: name(r, i), System: []string{"faveo", "agency", "superoffice", "supportservice", "socialboards"}[r.IntN(5)],
			URL: "https://r.example.com/" + []string{"", "?t=a%20b", "a-b_c~d/e", "x,y;z"}[r.IntN(4)],
		}
		if r.IntN(2) == 0 {
			in.Headers = map[string]string{"X-Note": "x" + strings.Map(ascii, word(r)) + "x", "X-Token": "secret-value"}
		}
		if r.IntN(2) == 0 {
			n := 1 + r.IntN(60)
			in.TimeoutSeconds, in.RatePerSecond, in.Ordered = &n, float64(r.IntN(1000))/8, triggers.OrderedTicket
			in.Retry = &triggers.Retry{ScheduleSeconds: []float64{0.25, float64(r.IntN(100)), 3e3}}
		}
		if r.IntN(3) == 0 {
			in.Auth = &triggers.Auth{Type: triggers.AuthBearer, Token: "bearer-value"}
		}
		if r.IntN(3) == 0 {
			in.Signing = &triggers.Signing{Scheme: "standard"}
		}
		if r.IntN(4) == 0 {
			in.State = triggers.EndpointPaused
		}
		made, _, err := s.CreateEndpoint(t.Context(), admin, in, config.EndpointOptions{})
		if err != nil {
			t.Fatalf("%+v: %v", in, err)
		}
		endpoints = append(endpoints, made)
	}
	calendar, err := s.CreateCalendar(t.Context(), admin, encode(t, map[string]any{
		"name": name(r, 0), "zone": "Europe/Berlin", "hours": []any{map[string]any{"day": "monday", "from": "09:00", "to": "24:00"}}, "holidays": []string{"2026-12-25"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.IntN(5) {
		endpoint := endpoints[r.IntN(len(endpoints))]
		trigger, err := triggers.DecodeTrigger(encode(t, map[string]any{
			"name": name(r, i), "system": endpoint.System, "enabled": r.IntN(2) == 0, "fire": []string{"every", "edge"}[r.IntN(2)],
			"when": randomGroup(r, calendar.ID, 0),
			"then": []any{
				map[string]any{"webhook": map[string]any{"endpoint": endpoint.ID}},
				map[string]any{"note": map[string]any{"body": strings.ReplaceAll(word(r), "{{", "") + "!", "private": r.IntN(2) == 0}},
				map[string]any{"set": map[string]any{"field": "subject", "value": word(r) + "."}},
			},
		}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateTrigger(t.Context(), admin, trigger); err != nil {
			t.Fatalf("%s: %v", encode(t, trigger), err)
		}
	}
	return s
}

func ascii(c rune) rune {
	if c < ' ' || c > '~' {
		return -1
	}
	return c
}

func encode(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func randomGroup(r *rand.Rand, calendar string, depth int) map[string]any {
	nodes := []any{}
	for range 1 + r.IntN(3) {
		switch n := r.IntN(5); {
		case n == 0 && depth < 3:
			nodes = append(nodes, randomGroup(r, calendar, depth+1))
		case n == 1:
			nodes = append(nodes, map[string]any{"field": "created_at", "op": "in_business_hours", "options": map[string]any{"calendar": calendar}})
		case n == 2:
			nodes = append(nodes, map[string]any{"field": "tags", "op": "contains_any", "value": []string{word(r) + "a", "b"}})
		case n == 3:
			nodes = append(nodes, map[string]any{"field": "custom.points", "op": "greater_than", "value": json.Number(fmt.Sprintf("%d.%02d0", r.IntN(1000), r.IntN(100)))})
		default:
			nodes = append(nodes, map[string]any{"field": "subject", "op": "contains", "value": word(r) + "x", "options": map[string]any{"case": "sensitive"}})
		}
	}
	return map[string]any{[]string{"all", "any", "none"}[r.IntN(3)]: nodes}
}

// TestRoundTrip: whatever the configuration, its export differs from it in
// nothing, carries no secret, and makes the same elsewhere.
func TestRoundTrip(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 50
	}
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 7))
		s := randomServer(t, r)
		text, err := Write(s.Service, "default")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if strings.Contains(string(text), "secret-value") || strings.Contains(string(text), "bearer-value") {
			t.Fatalf("seed %d: a secret in\n%s", seed, text)
		}
		if planned := s.plan(t, string(text), nil, true); len(planned) != 0 {
			t.Fatalf("seed %d: %v\n%s", seed, planned, text)
		}
		names, err := Variables(text)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		env := environment{}
		for _, name := range names {
			env[name] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		}
		other := newServer(t)
		other.apply(t, string(text), env, false)
		if again := other.apply(t, string(text), env, true); len(again.Differences) != 0 {
			t.Fatalf("seed %d: applied twice: %v\n%s", seed, lines(again), text)
		}
		copied, err := Write(other.Service, "default")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(copied)); diff != "" {
			t.Fatalf("seed %d: the copy differs\n%s", seed, diff)
		}
	}
}

// TestTextsReadBack: every text comes back from the YAML that it is written as.
func TestTextsReadBack(t *testing.T) {
	for _, a := range awkward {
		for _, b := range awkward {
			checkTexts(t, a+b)
		}
	}
}

func checkTexts(t *testing.T, text string) {
	t.Helper()
	w := &writer{}
	w.block(mapping{
		{"block", text}, {"list", []any{text, []any{text}}}, {"flow", mapping{{"in", text}}}, {"deep", []any{mapping{{"a", mapping{{"b", text}}}, {"c", text}}}},
	}, 0, true)
	doc, err := parse(w.Bytes(), environment{}.lookup)
	if err != nil {
		t.Fatalf("%q: %v\n%s", text, err, w)
	}
	want := map[string]any{
		"block": text, "list": []any{text, []any{text}}, "flow": map[string]any{"in": text},
		"deep": []any{map[string]any{"a": map[string]any{"b": text}, "c": text}},
	}
	if diff := cmp.Diff(want, doc.root); diff != "" {
		t.Fatalf("%q reads back differently:\n%s\n%s", text, diff, w)
	}
}

func FuzzTexts(f *testing.F) {
	for _, text := range awkward {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 4096 {
			checkTexts(t, strings.ToValidUTF8(text, "?"))
		}
	})
}

// FuzzRead: no file, however broken, makes the reader panic or hang, and every
// error says where.
func FuzzRead(f *testing.F) {
	f.Add([]byte(warehouse))
	f.Add([]byte("endpoints:\n  - &a {name: A}\n  - *a\n"))
	f.Add([]byte("a: |\n  x\n---\n!!binary b"))
	f.Add([]byte("triggers: [{name: T, system: faveo, when: {all: [{field: x}]}, then: [{}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		file, err := Read(text, secrets.lookup, true)
		if err == nil {
			if _, err = fuzzed(t).Plan(t.Context(), admin, file.Desired); err != nil {
				err = file.Explain(err)
			}
		}
		if err == nil {
			return
		}
		wrong, ok := err.(*Error) //nolint:errorlint // never wrapped
		if !ok || len(wrong.Problems) == 0 {
			t.Fatalf("%T: %v", err, err)
		}
		lines := 1 + strings.Count(string(text), "\n") + strings.Count(string(text), "\r") // either ends a line in YAML
		for _, problem := range wrong.Problems {
			if problem.Want == "" || problem.Line < 0 || problem.Line > lines+1 {
				t.Errorf("%+v in %d lines", problem, lines)
			}
		}
	})
}

var shared server

// fuzzed returns a server that all runs share, since Plan has no effects.
func fuzzed(t *testing.T) server {
	t.Helper()
	if shared.Service == nil {
		shared = newServer(t)
	}
	return shared
}
