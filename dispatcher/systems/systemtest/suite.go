package systemtest

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Suite is what is tested of one system.
type Suite struct {
	System systems.System
	// Golden is the folder of the golden files.
	Golden string
	// Settings of the endpoint that samples are rendered for.
	Settings map[string]string
	// Deliveries names the delivery of an event's sample, where the vendor's
	// example needs a certain one.
	Deliveries map[string]string
	// Undetected lists the events of the sheet that no change of a ticket
	// fires, such as those about webhooks themselves.
	Undetected []string
}

// Run runs the suite with its defaults over a system, with golden files in
// the folder golden.
func Run(t *testing.T, system systems.System, golden string) {
	t.Helper()
	Suite{System: system, Golden: golden}.Run(t)
}

// Run runs every test of the suite.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	t.Run("sheet", s.testSheet)
	t.Run("golden", s.testGolden)
	t.Run("vendor", s.testVendor)
	t.Run("samples", s.testSamples)
	t.Run("refusals", s.testRefusals)
	t.Run("secrets", s.testSecrets)
	t.Run("private", s.testPrivate)
	t.Run("states", s.testStates)
	t.Run("random", s.testRandom)
}

// occasion is the sample of an event in a revision.
func (s Suite) occasion(event systems.Event, revision string) systems.Occasion {
	delivery := "dlv_01c3vq0rk8g7a"
	if name, ok := s.Deliveries[event.Name]; ok {
		delivery = name
	}
	return systems.Occasion{
		Event:    event.Name,
		Revision: revision,
		Change:   event.Sample(),
		Endpoint: s.endpoint(),
		Delivery: delivery,
		Matched:  event.SampleMatched,
	}
}

func (s Suite) endpoint() systems.Endpoint {
	return systems.Endpoint{
		ID:       "ep_01c3vq0rk8g7b",
		Name:     "Receiver",
		URL:      "https://receiver.example.com/hook",
		Settings: s.Settings,
	}
}

// sampled calls check with each event that has a sample, in each revision.
func (s Suite) sampled(check func(event systems.Event, revision string)) {
	for _, event := range s.System.Sheet().Events {
		if event.Sample == nil {
			continue
		}
		for _, revision := range s.System.Sheet().Revisions {
			check(event, revision.Name)
		}
	}
}

func (s Suite) testSamples(t *testing.T) {
	for _, event := range s.System.Sheet().Events {
		if event.Sample == nil || slices.Contains(s.Undetected, event.Name) {
			continue
		}
		if names := s.System.Detect(event.Sample()); !slices.Contains(names, event.Name) {
			t.Errorf("the sample of %s is detected as %q", event.Name, names)
		}
	}
	s.sampled(func(event systems.Event, revision string) {
		for _, h := range append(render(t, s.System, s.occasion(event, revision)).Header, s.System.AttemptHeaders(1)...) {
			if !slices.Contains(s.System.Sheet().Writes, h.Name) {
				t.Errorf("%s writes the header %s, which the sheet does not reserve", event.Name, h.Name)
			}
		}
		first, second := s.occasion(event, revision), s.occasion(event, revision)
		a, b := render(t, s.System, first), render(t, s.System, second)
		if !bytes.Equal(a.Body, b.Body) || !slices.Equal(a.Header, b.Header) || a.EventID != b.EventID {
			t.Errorf("%s in %s is not the same twice:\n%s\n%s", event.Name, revision, a.Body, b.Body)
		}
		second.Delivery = "dlv_01c3vq0rk8g7z"
		if other := render(t, s.System, second); other.EventID != "" && other.EventID == a.EventID && s.Deliveries[event.Name] != second.Delivery {
			t.Errorf("%s in %s: two deliveries share the event id %s", event.Name, revision, a.EventID)
		}
		second.Revision = ""
		if revision == s.System.Sheet().DefaultRevision {
			second.Delivery = first.Delivery
			if plain := render(t, s.System, second); !bytes.Equal(plain.Body, a.Body) {
				t.Errorf("%s without a revision is not the default revision %s", event.Name, revision)
			}
		}
	})
}

func (s Suite) testRefusals(t *testing.T) {
	s.sampled(func(event systems.Event, revision string) {
		occasion := s.occasion(event, "no such revision")
		if _, err := s.System.Render(occasion); err == nil || !strings.Contains(err.Error(), "no such revision") {
			t.Errorf("%s in a revision that is none: error %v, want one that names it", event.Name, err)
		}
		occasion = s.occasion(event, revision)
		occasion.Event = "no such event"
		if _, err := s.System.Render(occasion); err == nil || !strings.Contains(err.Error(), "no such event") {
			t.Errorf("an event that is none: error %v, want one that names it", err)
		}
		occasion = s.occasion(event, revision)
		for _, change := range []*ticket.Change{nil, {Kind: ticket.TicketUpdated}} {
			occasion.Change = change
			if _, err := s.System.Render(occasion); err == nil {
				t.Errorf("%s in %s was rendered without a ticket", event.Name, revision)
			}
		}
	})
	for _, change := range []*ticket.Change{nil, {}, {Kind: ticket.TicketCreated}, {Kind: ticket.ReplyAdded}} {
		if names := s.System.Detect(change); len(names) > 0 {
			t.Errorf("a change without a ticket is detected as %q", names)
		}
	}
	if names := s.System.Detect(&ticket.Change{Kind: ticket.TicketUpdated, After: &ticket.Ticket{Number: "1"}, Before: &ticket.Ticket{Number: "1"}}); len(names) > 0 && len(s.System.Sheet().Events) > 1 {
		t.Errorf("a change of nothing is detected as %q", names)
	}
}

// testSecrets looks for the values of secret settings in what is sent.
func (s Suite) testSecrets(t *testing.T) {
	const canary = "canary-7f3a9"
	settings := map[string]string{}
	maps.Copy(settings, s.Settings)
	for _, setting := range s.System.Sheet().Settings {
		if setting.Secret {
			settings[setting.Name] = canary
		}
	}
	s.sampled(func(event systems.Event, revision string) {
		occasion := s.occasion(event, revision)
		occasion.Endpoint.Settings = settings
		if wire := wireBytes(s.System, render(t, s.System, occasion)); bytes.Contains(wire, []byte(canary)) {
			t.Errorf("%s in %s sends a secret setting:\n%s", event.Name, revision, wire)
		}
	})
}

// testPrivate looks for the bodies of private notes and internal replies in
// what an endpoint without the right to them is sent.
func (s Suite) testPrivate(t *testing.T) {
	const canary = "canary-private-9b2e"
	s.sampled(func(event systems.Event, revision string) {
		occasion := s.occasion(event, revision)
		change := *occasion.Change
		after := *change.After
		note := ticket.Note{ID: "n1", Body: canary, Private: true}
		reply := ticket.Reply{ID: "r1", Body: canary}
		after.Notes = append(slices.Clone(after.Notes), note)
		after.Replies = append(slices.Clone(after.Replies), reply)
		change.After = &after
		if change.Note != nil {
			change.Note = &note
		}
		occasion.Change = &change
		if wire := wireBytes(s.System, render(t, s.System, occasion)); bytes.Contains(wire, []byte(canary)) {
			t.Errorf("%s in %s sends what is private:\n%s", event.Name, revision, wire)
		}
	})
}

// render renders an occasion, ends the test where that fails, and checks that
// the body can be read and the change stayed as it was.
func render(t *testing.T, system systems.System, occasion systems.Occasion) *systems.Request {
	t.Helper()
	before := snapshot(t, occasion.Change)
	request := renderOnly(t, system, occasion)
	if after := snapshot(t, occasion.Change); before != after {
		t.Fatalf("rendering %s in %s modified the change:\n%s\n%s", occasion.Event, occasion.Revision, before, after)
	}
	return request
}

// renderOnly is render without a look at the change.
func renderOnly(t *testing.T, system systems.System, occasion systems.Occasion) *systems.Request {
	t.Helper()
	request, err := system.Render(occasion)
	if err != nil {
		t.Fatalf("render %s in %s: %v", occasion.Event, occasion.Revision, err)
	}
	checkBody(t, request)
	return request
}

func snapshot(t *testing.T, change *ticket.Change) string {
	t.Helper()
	text, err := json.Marshal(change)
	if err != nil {
		t.Fatalf("encode change: %v", err)
	}
	return string(text)
}

// checkBody reports a body that its content type does not describe, and
// headers that cannot go on the wire.
func checkBody(t *testing.T, request *systems.Request) {
	t.Helper()
	kind, _, _ := strings.Cut(request.ContentType, ";")
	switch kind {
	case "application/json":
		if !json.Valid(request.Body) {
			t.Fatalf("the body is no JSON:\n%s", request.Body)
		}
		if bytes.HasSuffix(request.Body, []byte("\n")) {
			t.Fatal("the body ends in a newline")
		}
	case "application/x-www-form-urlencoded":
		if _, err := url.ParseQuery(string(request.Body)); err != nil {
			t.Fatalf("the body is no form: %v", err)
		}
	default:
		t.Fatalf("content type %q is none of those that vendors send", request.ContentType)
	}
	if !utf8.Valid(request.Body) {
		t.Fatal("the body is not UTF-8")
	}
	for _, header := range request.Header {
		if header.Name == "" || strings.ContainsAny(header.Name+header.Value, "\r\n\x00") {
			t.Fatalf("header %q: %q cannot be sent", header.Name, header.Value)
		}
	}
}
