package consoletest

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog/sqlite"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// What Crowd makes.
const (
	CrowdTriggers  = 200
	CrowdEndpoints = 40
	CrowdTickets   = 60
)

// LongTicket is the number of a ticket with texts that are hard to lay out:
// long ones, ones without a space, and ones from right to left.
const LongTicket = "HDSK-AAAA-0001-which-somebody-else-numbers-in-a-very-long-way-0000000000000000001"

// Crowded starts a stage on a ledger in a folder, and fills it with a Crowd.
func Crowded(ctx context.Context, folder string, deliveries int, now time.Time) (*Stage, *Example, error) {
	ledger, err := sqlite.Open(ctx, filepath.Join(folder, "crowd.db"), sqlite.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("open ledger: %w", err)
	}
	s, err := NewOn(ledger, false)
	if err != nil {
		_ = ledger.Close()
		return nil, nil, err
	}
	example, err := s.Crowd(deliveries, now)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	return s, example, nil
}

// oddNames are names that are hard to lay out.
var oddNames = []string{
	"Warehouse of the northern region, building fourteen, second receiver for tickets that nobody has answered within the time that the contract promises",
	strings.Repeat("Unbreakable", 17),
	"مستقبل طلبات خدمة العملاء في المستودع الشمالي مع اسم طويل جدا",
	"倉庫の受信側・北部地域・第二係・返答期限を過ぎた問い合わせのための受け口",
	"short",
}

// Crowd fills a stage: CrowdTriggers triggers on CrowdEndpoints endpoints with
// odd names, CrowdTickets tickets, and n deliveries of the last month.
func (s *Stage) Crowd(n int, now time.Time) (*Example, error) {
	example := &Example{}
	for i := range CrowdEndpoints {
		system := s.Systems.All()[i%len(s.Systems.All())].Sheet().Name
		endpoint, err := s.Endpoint(oddName(i), system, fmt.Sprintf("/ok/%d/%s", i, strings.Repeat("very-long-path", 8)))
		if err != nil {
			return nil, err
		}
		example.Endpoints = append(example.Endpoints, endpoint)
	}
	for i := range CrowdTriggers {
		endpoint := example.Endpoints[i%len(example.Endpoints)]
		trigger, err := s.Trigger(fmt.Sprintf(`{"name": %s, "system": %q, "enabled": %t, "when": {"all": [
			{"field": "subject", "op": "contains", "value": %s},
			{"none": [{"field": "status", "op": "is_any_of", "value": ["Closed", %s]}, {"any": [{"field": "tags", "op": "contains_any", "value": [%s, "vip"]}]}]}]},
			"then": [{"webhook": {"endpoint": "%%s"}}]}`,
			quoted(oddName(i)), endpoint.System, i%9 != 0, quoted(oddName(i)), quoted(oddName(i+1)), quoted(oddName(i+2))), endpoint)
		if err != nil {
			return nil, err
		}
		example.Triggers = append(example.Triggers, trigger)
	}
	for i := range CrowdTickets {
		if err := s.oddTicket(i); err != nil {
			return nil, err
		}
	}
	return example, s.History(example, n, 30*24*time.Hour, now)
}

func oddName(i int) string {
	return fmt.Sprintf("%s %d", cut(190, oddNames[i%len(oddNames)]), i)
}

// cut returns at most the first n characters of a text.
func cut(n int, text string) string {
	runes := []rune(text)
	return string(runes[:min(n, len(runes))])
}

// oddTicket creates the i-th ticket, with a reply and a note.
func (s *Stage) oddTicket(i int) error {
	number := fmt.Sprintf("HDSK-AAAA-%04d", i)
	if i == 1 {
		number = LongTicket
	}
	text := quoted(oddName(i))
	for _, change := range []string{
		fmt.Sprintf(`{"ticket": {"number": %q, "subject": %s, "description": %s, "status": "In Progress", "urgency": "High", "tags": [%s, "vip"], "category": %s, "requester": {"name": %s, "email": "someone.with.a.long.address@%s.example"}}}`,
			number, text, quoted(strings.Repeat(oddName(i)+" ", 20)), quoted(cut(40, oddName(i+1))), text, text, strings.Repeat("department", 5)),
		fmt.Sprintf(`{"ticket": {"number": %q}, "reply": {"body": %s, "author": {"name": %s, "role": "agent"}}}`, number, quoted("<p>"+strings.Repeat(oddName(i)+" ", 8)+"</p>"), text),
		fmt.Sprintf(`{"ticket": {"number": %q, "status": "Closed"}, "note": {"body": %s, "private": true, "author": {"name": %s, "role": "agent"}}}`, number, text, text),
	} {
		input, err := ticket.DecodeInput([]byte(change))
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
