package superoffice

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// payload is the body of every event, in the vendor's order. Entity is left
// out of the events about a webhook's state, FieldValues where there are none.
type payload struct {
	EventID              string   `json:"EventId"`
	Timestamp            string   `json:"Timestamp"`
	Changes              []string `json:"Changes"`
	Event                string   `json:"Event"`
	PrimaryKey           int64    `json:"PrimaryKey"`
	Entity               string   `json:"Entity,omitempty"`
	ContextIdentifier    string   `json:"ContextIdentifier"`
	ChangedByAssociateID int64    `json:"ChangedByAssociateId"`
	WebhookName          string   `json:"WebhookName"`
	FieldValues          any      `json:"FieldValues,omitempty"`
}

// envelope fills what every event has.
func (s *system) envelope(event string, to systems.Endpoint, eventID string, at time.Time) *payload {
	name := to.Setting(s.sheet, settingName)
	if name == "" {
		name = to.Name
	}
	return &payload{
		EventID:           eventID,
		Timestamp:         systems.DotNetTime(at.UTC(), true),
		Changes:           []string{},
		Event:             event,
		ContextIdentifier: to.Setting(s.sheet, settingContext),
		WebhookName:       name,
	}
}

// request encodes the body, adds the endpoint's properties and puts the
// headers beside it. Wire is the name of the event in the header, which for
// the state of a webhook carries the webhook's number.
func (s *system) request(wire string, to systems.Endpoint, body *payload) (*systems.Request, error) {
	text, err := systems.JSON(body)
	if err != nil {
		return nil, err
	}
	text, err = withProperties(text, to.Setting(s.sheet, settingProperties))
	if err != nil {
		return nil, err
	}
	return &systems.Request{
		EventID:     body.EventID,
		ContentType: contentType,
		Header:      s.headers(wire, to, body.EventID),
		Body:        text,
	}, nil
}

func (s *system) headers(wire string, to systems.Endpoint, eventID string) []systems.Header {
	return []systems.Header{
		{Name: "User-Agent", Value: "NetServer-Webhook/" + to.Setting(s.sheet, settingAgent)},
		{Name: headerEvent, Value: wire},
		{Name: headerEventID, Value: eventID},
	}
}

// withProperties adds the members of the object in properties to the end of
// body, in their order. A member that body has already keeps its value, so
// that no key stands twice; text that is no JSON object adds nothing.
func withProperties(body []byte, properties string) ([]byte, error) {
	added, _ := systems.Members(properties)
	if len(added) == 0 {
		return body, nil
	}
	list, _ := systems.Members(string(body))
	for _, m := range added {
		if !slices.ContainsFunc(list, func(have systems.Member) bool { return have.Name == m.Name }) {
			list = append(list, m)
		}
	}
	return systems.Object(list)
}

// associate is the number of the associate who made the change. The setting
// maps ids, user names, addresses and roles to numbers; an agent it does not
// name has the number of their id, and whoever is no agent has 0.
func (s *system) associate(to systems.Endpoint, actor ticket.Person) int64 {
	numbers := map[string]int64{}
	for pair := range strings.SplitSeq(to.Setting(s.sheet, settingAssociates), ",") {
		name, text, ok := strings.Cut(pair, "=")
		number, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if ok && err == nil {
			numbers[strings.ToLower(strings.TrimSpace(name))] = number
		}
	}
	for _, key := range []string{actor.ID, actor.UserName, actor.Email, string(actor.Role)} {
		if number, ok := numbers[strings.ToLower(key)]; ok && key != "" {
			return number
		}
	}
	if actor.Role == ticket.RoleAgent || actor.Role == "" {
		return actor.NumericID()
	}
	return 0
}

// zone is the zone of the times in FieldValues, UTC where the setting names none.
func (s *system) zone(to systems.Endpoint) *time.Location {
	name := to.Setting(s.sheet, settingZone)
	if zone, ok := s.zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	s.zones.Store(name, zone)
	return zone
}
