package superoffice

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// WebhookID is the number that SuperOffice would know an endpoint by: the
// WebhookId of its configuration API and the number in webhook{id}.errors.
func WebhookID(endpointID string) int64 { return ticket.NumericID(endpointID) }

// StateEventName is the name by which a client of the vendor's API subscribes
// to an event about one webhook, such as webhook123.errors.
func StateEventName(event, endpointID string) string {
	return "webhook" + strconv.FormatInt(WebhookID(endpointID), 10) + strings.TrimPrefix(event, "webhook")
}

// webhookFields is FieldValues of an event about a webhook's state.
type webhookFields struct {
	Events                int64  `json:"events"`
	Registered            string `json:"registered"`
	RegisteredAssociateID int64  `json:"registered_associate_id"`
	State                 int64  `json:"state"`
	Updated               string `json:"updated"`
	UpdatedAssociateID    int64  `json:"updated_associate_id"`
}

// webhookStates are the values of a webhook's state after each event.
var webhookStates = map[string]int64{eventStarted: 1, eventStopped: 2, eventErrors: 3}

// StateEvent implements systems.StateEvents.
func (s *system) StateEvent(state string) string {
	switch state {
	case "active":
		return eventStarted
	case "disabled":
		return eventStopped
	case "failing":
		return eventErrors
	}
	return ""
}

// RenderState implements systems.StateEvents. The header names the webhook by
// its number, webhook123.errors; the body says webhook.errors and carries the
// number as its PrimaryKey, and has no Entity.
func (s *system) RenderState(event string, about, to systems.Endpoint, eventID string, at time.Time) (*systems.Request, error) {
	if _, ok := webhookStates[event]; !ok {
		return nil, systems.UnknownEvent(s.sheet, event)
	}
	return s.state(event, revisionFields, about, to, systems.UUIDOf("superoffice event", eventID), at)
}

func (s *system) state(event, revision string, about, to systems.Endpoint, eventID string, at time.Time) (*systems.Request, error) {
	body := s.envelope(event, to, eventID, at)
	body.PrimaryKey = WebhookID(about.ID)
	if revision == revisionFields {
		body.FieldValues = &webhookFields{
			Events:     1,
			Registered: unsetTime,
			State:      webhookStates[event],
			Updated:    systems.DotNetTime(at.UTC(), true),
		}
	}
	return s.request(StateEventName(event, about.ID), to, body)
}

// Handshake implements systems.Handshaker: before a webhook is saved its
// target must answer a test event with 200.
func (s *system) Handshake(endpoint systems.Endpoint, random int64) *systems.Handshake {
	eventID := systems.UUID("superoffice test", endpoint.ID, endpoint.URL, strconv.FormatInt(random, 10))
	request, err := s.test(endpoint, eventID, s.now(), 0)
	if err != nil {
		return nil
	}
	return &systems.Handshake{
		Method:  http.MethodPost,
		URL:     endpoint.URL,
		Header:  append([]systems.Header{{Name: "Content-Type", Value: request.ContentType}}, request.Header...),
		Body:    request.Body,
		Signed:  true,
		EventID: eventID,
		Check: func(status int, _ []byte) error {
			if status != http.StatusOK {
				return fmt.Errorf("the receiver must answer the test event with 200, it answered %d", status)
			}
			return nil
		},
	}
}

// test makes the request of the test event, which is about nothing.
func (s *system) test(to systems.Endpoint, eventID string, at time.Time, associate int64) (*systems.Request, error) {
	body := s.envelope(eventTest, to, eventID, at)
	body.Entity = "test"
	body.ChangedByAssociateID = associate
	request, err := s.request(eventTest, to, body)
	if err != nil {
		return nil, err
	}
	request.Header = append(request.Header, systems.Header{Name: headerTest, Value: "true"})
	return request, nil
}
