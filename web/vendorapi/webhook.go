package vendorapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/dispatcher/systems/superoffice"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

const (
	// typeWebhook is the only type of webhook that is emulated; scripts inside
	// the CRM are not.
	typeWebhook = "webhook"
	// unsetTime is a time that is not set, as .NET writes it.
	unsetTime = "0001-01-01T00:00:00"
	// settingMail and settingProperties are settings of the emulated system.
	settingMail       = "errors_email"
	settingProperties = "properties"
	// systemAuthor is who changes an endpoint's state by itself.
	systemAuthor = "system"
)

// webhook is SuperOffice's object, in the vendor's order. Its Secret is shown
// where the request brought it, never again.
type webhook struct {
	WebhookId           int64
	Name                string
	Events              []string
	ErrorsEmail         string
	TargetUrl           string
	Secret              string
	State               string
	Type                string
	Headers             map[string]string
	Properties          json.RawMessage
	Registered          string
	RegisteredAssociate *associate
	Updated             string
	UpdatedAssociate    *associate
}

// associate is a user of the CRM, of whom only the name is known here.
type associate struct {
	AssociateId int64
	Name        string
	PersonId    int64
	Rank        int64
	Tooltip     string
	Type        string
	FullName    string
}

// webhookInput is a webhook as a client sends it. Members that only the
// server writes may stand in it.
type webhookInput struct {
	WebhookId           any
	Name                string
	Events              []string
	ErrorsEmail         *string
	TargetUrl           string
	Secret              string
	State               any // a name or a number
	Type                string
	Headers             map[string]config.Scalar
	Properties          map[string]any
	Registered          any
	RegisteredAssociate any
	Updated             any
	UpdatedAssociate    any
	TableRight          any
	FieldProperties     any
}

// stateNames are the vendor's states by their number.
var stateNames = []string{"Unknown", "Active", "Stopped", "TooManyErrors"}

func decodeWebhook(data []byte, needsEvents bool) (*webhookInput, error) {
	text, err := withoutNulls(data)
	if err != nil {
		return nil, err
	}
	in := &webhookInput{}
	if err := strictjson.Unmarshal(text, in); err != nil {
		return nil, err
	}
	var list invalid.List
	if in.Type != "" && !strings.EqualFold(in.Type, typeWebhook) {
		list.Add("Type", in.Type, "must be webhook")
	}
	if needsEvents && len(in.Events) == 0 {
		list.Add("Events", nil, "must name at least one event, such as ticket.created")
	}
	return in, list.Err()
}

// withoutNulls removes members that are null, which the vendor's serialiser
// writes for everything unset.
func withoutNulls(data []byte) ([]byte, error) {
	value, err := strictjson.Parse(data)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, invalid.New("", nil, "must be a webhook")
	}
	maps.DeleteFunc(members, func(_ string, value any) bool { return value == nil })
	return json.Marshal(members)
}

// endpoint turns the webhook into an endpoint's input; what it cannot say
// stays as it was before.
func (in *webhookInput) endpoint(before *triggers.Endpoint) (config.EndpointInput, error) {
	out := config.EndpointInput{}
	if before != nil {
		out = config.InputOf(before)
	}
	out.Name, out.URL, out.System, out.Secret = in.Name, in.TargetUrl, superOfficeSystem, in.Secret
	out.Headers = map[string]string{}
	for name, value := range in.Headers {
		out.Headers[name] = string(value)
	}
	if out.Settings == nil {
		out.Settings = map[string]config.Scalar{}
	}
	if in.ErrorsEmail != nil {
		out.Settings[settingMail] = config.Scalar(*in.ErrorsEmail)
	}
	delete(out.Settings, settingProperties)
	if len(in.Properties) > 0 {
		text, err := json.Marshal(in.Properties)
		if err != nil {
			return out, fmt.Errorf("encode properties: %w", err)
		}
		out.Settings[settingProperties] = config.Scalar(text)
	}
	state, err := stateOf(in.State)
	if err != nil {
		return out, err
	}
	// Too many errors is for the server to say; a client that sends it back
	// leaves the state as it is.
	if state != "" {
		out.State = state
	}
	return out, nil
}

func stateOf(given any) (triggers.EndpointState, error) {
	name := fmt.Sprint(given)
	if number, err := strconv.Atoi(name); err == nil && number >= 0 && number < len(stateNames) {
		name = stateNames[number]
	}
	switch name {
	case "<nil>", "Unknown", "TooManyErrors":
		return "", nil
	case "Active":
		return triggers.EndpointActive, nil
	case "Stopped":
		return triggers.EndpointDisabled, nil
	}
	return "", invalid.New("State", given, "must be Active or Stopped")
}

// show returns an endpoint as a webhook.
func (c *call) show(endpoint *triggers.Endpoint, secret string) webhook {
	public := c.Config.Public(endpoint)
	shown := webhook{
		WebhookId: superoffice.WebhookID(endpoint.ID), Name: endpoint.Name, Events: c.eventsOf(endpoint.ID),
		ErrorsEmail: public.Settings[settingMail], TargetUrl: public.URL, Secret: secret, State: "Active", Type: typeWebhook,
		Headers: public.Headers, Properties: json.RawMessage("{}"),
		Registered: vendorTime(endpoint.CreatedAt), Updated: vendorTime(endpoint.UpdatedAt),
		RegisteredAssociate: &associate{Type: "Unknown"},
		UpdatedAssociate:    &associate{Name: endpoint.Author, FullName: endpoint.Author, Type: "Unknown"},
	}
	if shown.Headers == nil {
		shown.Headers = map[string]string{}
	}
	if properties := public.Settings[settingProperties]; json.Valid([]byte(properties)) {
		shown.Properties = json.RawMessage(properties)
	}
	if endpoint.State != triggers.EndpointActive {
		shown.State = "Stopped"
		if endpoint.State == triggers.EndpointDisabled && endpoint.Author == systemAuthor {
			shown.State = "TooManyErrors"
		}
	}
	return shown
}

// vendorTime writes a time as .NET does, without trailing zeros.
func vendorTime(at time.Time) string {
	if at.IsZero() {
		return unsetTime
	}
	return at.UTC().Format("2006-01-02T15:04:05.9999999Z")
}

// inVendorsWords renames the members of an endpoint in an error to the
// webhook's.
func inVendorsWords(err error) error {
	var input *invalid.Error
	if !errors.As(err, &input) {
		return err
	}
	words := map[string]string{"url": "TargetUrl", "name": "Name", "secret": "Secret", "state": "State", "on": "Events"}
	renamed := &invalid.Error{Fields: slices.Clone(input.Fields)}
	for i, field := range renamed.Fields {
		first, rest, _ := strings.Cut(field.Path, ".")
		if word, ok := words[first]; ok {
			renamed.Fields[i].Path = invalid.Join(word, rest)
		}
	}
	return renamed
}

// patchWebhook applies a JSON merge patch, or a JSON Patch whose operations
// are about whole members, which is what clients of the vendor send.
func patchWebhook(current webhook, patch []byte) ([]byte, error) {
	if trimmed := bytes.TrimSpace(patch); len(trimmed) == 0 || trimmed[0] != '[' {
		return strictjson.MergePatch(current, patch)
	}
	var operations []struct {
		Op    string          `json:"op"`
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if err := strictjson.Unmarshal(patch, &operations); err != nil {
		return nil, err
	}
	members := map[string]json.RawMessage{}
	var list invalid.List
	for i, operation := range operations {
		name := strings.TrimPrefix(operation.Path, "/")
		switch {
		case name == "" || strings.Contains(name, "/"):
			list.Add(fmt.Sprintf("%d.path", i), operation.Path, "must name a member of the webhook, such as /Name")
		case operation.Op == "add" || operation.Op == "replace":
			members[name] = operation.Value
		case operation.Op == "remove":
			members[name] = json.RawMessage("null")
		default:
			list.Add(fmt.Sprintf("%d.op", i), operation.Op, "must be add, replace or remove")
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("encode patch: %w", err)
	}
	return strictjson.MergePatch(current, text)
}
