package consoletest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Hostile is a text that would run as a script if a page did not escape it.
const Hostile = `<script>alert("ticket")</script><img src=x onerror=alert(2)>"'&`

// Example is what Fill makes.
type Example struct {
	Endpoints []*triggers.Endpoint
	Triggers  []*triggers.Trigger
}

// Fill makes endpoints and triggers for several systems, and plays changes of
// tickets against them. Some of the texts are Hostile.
func (s *Stage) Fill() (*Example, error) {
	example, err := s.example(" " + Hostile)
	if err != nil {
		return nil, err
	}
	if err := s.play(playedChanges); err != nil {
		return nil, err
	}
	return example, s.play([]string{hostileChange})
}

// Showcase is Fill for pictures: without hostile texts, after a day with n
// deliveries.
func (s *Stage) Showcase(n int, now time.Time) (*Example, error) {
	example, err := s.example("")
	if err != nil {
		return nil, err
	}
	if err := s.History(example, n, 24*time.Hour, now); err != nil {
		return nil, err
	}
	return example, s.play(playedChanges)
}

// example makes endpoints and triggers. The last endpoint's name ends in a
// text.
func (s *Stage) example(last string) (*Example, error) {
	example := &Example{}
	for _, e := range []struct{ name, system, path string }{
		{"Warehouse", "supportservice", "/fail/warehouse"},
		{"Data lake", "faveo", "/ok/lake"},
		{"CRM of the northern region with a name that is rather long", "superoffice", "/ok/crm"},
		{"Chat room", "socialboards", "/ok/chat"},
		{"Old portal" + last, "agency", "/xss/portal"},
	} {
		endpoint, err := s.Endpoint(e.name, e.system, e.path)
		if err != nil {
			return nil, err
		}
		example.Endpoints = append(example.Endpoints, endpoint)
	}
	for i, text := range []string{
		`{"name": "Urgent tickets to the warehouse", "system": "supportservice", "enabled": true, "when": {"all": [
			{"field": "status", "op": "changed"},
			{"any": [{"field": "urgency", "op": "is_any_of", "value": ["High", "Critical"]},
			         {"field": "tags", "op": "contains_any", "value": ["vip"]}]}]},
			"then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "Everything to the data lake", "system": "faveo", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "New tickets to the CRM", "system": "superoffice", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "شكاوى العملاء إلى غرفة الدردشة", "system": "socialboards", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
		`{"name": "To the old portal", "system": "agency", "enabled": true, "then": [{"webhook": {"endpoint": "%s"}}]}`,
	} {
		trigger, err := s.Trigger(text, example.Endpoints[i])
		if err != nil {
			return nil, err
		}
		example.Triggers = append(example.Triggers, trigger)
	}
	return example, nil
}

// playedChanges are the changes of a few tickets.
var playedChanges = []string{
	`{"ticket": {"number": "HDSK-AAAA-0122", "subject": "Printer on the second floor", "description": "It prints half pages.", "status": "Open", "urgency": "High", "priority": "High", "requester": {"name": "Ada Quill", "email": "ada@example.com"}}}`,
	`{"ticket": {"number": "HDSK-AAAA-0122"}, "reply": {"body": "<p>Which printer is it?</p>", "author": {"name": "Sam Desk", "email": "sam@example.com", "role": "agent"}}}`,
	`{"ticket": {"number": "HDSK-AAAA-0122", "status": "In Progress", "assignee": {"name": "Sam Desk", "email": "sam@example.com"}}}`,
	`{"ticket": {"number": "527331", "subject": "Invoice 2024-118 is wrong", "status": "Open", "requester": {"name": "Bo Berg", "email": "bo@example.com"}}}`,
	`{"ticket": {"number": "4478963", "subject": "Cat is ill", "status": "Open", "community": "Pets", "tags": ["vip"], "requester": {"name": "Kim", "email": "kim@example.com"}}}`,
	`{"ticket": {"number": "4478963", "status": "Pending"}, "note": {"body": "Called the vet.", "private": true, "author": {"name": "Sam Desk", "role": "agent"}}}`,
	`{"ticket": {"number": "RTL-1", "subject": "الطابعة في الطابق الثاني لا تعمل", "status": "New", "requester": {"name": "ليلى", "email": "layla@example.com"}}}`,
}

// hostileChange creates a ticket whose texts are Hostile.
var hostileChange = `{"ticket": {"number": "XSS-1", "subject": ` + quoted(Hostile) + `, "description": ` + quoted(Hostile) + `, "status": "Open", "requester": {"name": ` + quoted(Hostile) + `}}}`

// play submits changes.
func (s *Stage) play(changes []string) error {
	for _, text := range changes {
		input, err := ticket.DecodeInput([]byte(text))
		if err != nil {
			return fmt.Errorf("decode change: %w", err)
		}
		for _, result := range s.Desk.Submit(context.Background(), config.DefaultWorkspace, []*ticket.Input{input}) {
			if result.Err != nil {
				return fmt.Errorf("submit change: %w", result.Err)
			}
		}
	}
	return nil
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
