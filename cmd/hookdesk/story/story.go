// Package story holds the demonstration as data: the receivers, their
// triggers, and what happens to the tickets that the five vendors show on
// their own pages.
package story

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed story.yaml
var source []byte

// Story is the whole demonstration.
type Story struct {
	Receivers []Receiver `json:"receivers"`
	Steps     []Step     `json:"steps"`
	Searches  []Search   `json:"searches"`
}

// Receiver is one receiver, the endpoint that posts to it and its trigger.
type Receiver struct {
	System   string            `json:"system"`
	Signing  *Signing          `json:"signing"`    // nil: the system's own
	Query    string            `json:"query"`      // of the endpoint's URL
	Ordered  string            `json:"ordered"`    // as in an endpoint
	Retry    map[string]any    `json:"retry"`      // as in an endpoint
	Settings map[string]string `json:"settings"`   // as in an endpoint
	Trigger  map[string]any    `json:"trigger"`    // without system and webhook
	Fail     int               `json:"fail_first"` // how many requests it refuses at first
}

// Signing is how an endpoint signs.
type Signing struct {
	Scheme string `json:"scheme"`
	Header string `json:"header,omitempty"`
}

// Step is one thing that happens to a ticket.
type Step struct {
	Title string          `json:"title"`
	Post  string          `json:"post"`  // path below /api/v1, or empty
	Patch string          `json:"patch"` // the same
	Body  json.RawMessage `json:"body"`
	// Expect lists the webhooks that must arrive, each "system event ticket".
	Expect []Expectation `json:"expect"`
	// Note is a note that the ticket must have afterwards, nil for none.
	Note *Note `json:"note"`
}

// Note is a note that a trigger's action writes.
type Note struct {
	Ticket     string `json:"ticket"`
	StartsWith string `json:"starts_with"`
}

// Request returns the method and the path of a step.
func (s *Step) Request() (method, path string) {
	if s.Patch != "" {
		return http.MethodPatch, s.Patch
	}
	return http.MethodPost, s.Post
}

// Expectation is a webhook that must arrive.
type Expectation struct {
	System string
	Event  string // * for any
	Ticket string
}

// UnmarshalJSON reads "system event ticket".
func (e *Expectation) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("read expectation: %w", err)
	}
	words := strings.Fields(text)
	if len(words) != 3 {
		return fmt.Errorf("read expectation %q: want system, event and ticket", text)
	}
	*e = Expectation{System: words[0], Event: strings.Trim(words[1], `"`), Ticket: words[2]}
	return nil
}

// Search is a look into the execution log.
type Search struct {
	Title  string `json:"title"`
	Ticket string `json:"ticket"`
	Error  string `json:"error"`
}

// Load returns the story.
func Load() (*Story, error) {
	var tree any
	if err := yaml.Unmarshal(source, &tree); err != nil {
		return nil, fmt.Errorf("read story: %w", err)
	}
	content, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("convert story: %w", err)
	}
	story := &Story{}
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(story); err != nil {
		return nil, fmt.Errorf("decode story: %w", err)
	}
	return story, nil
}

// Expected returns every webhook that must arrive, in the story's order.
func (s *Story) Expected() []Expectation {
	var all []Expectation
	for _, step := range s.Steps {
		all = append(all, step.Expect...)
	}
	return all
}
