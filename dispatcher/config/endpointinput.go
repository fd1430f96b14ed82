package config

import (
	"encoding/json"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// EndpointInput is an endpoint as people write it. Members left out get the
// defaults of the system's data sheet.
type EndpointInput struct {
	Name           string                 `json:"name,omitempty"`
	URL            string                 `json:"url,omitempty"`
	System         string                 `json:"system,omitempty"`
	Revision       string                 `json:"revision,omitempty"`
	Signing        *triggers.Signing      `json:"signing,omitempty"`
	Secret         string                 `json:"secret,omitempty"` // write only
	Headers        map[string]string      `json:"headers,omitempty"`
	Auth           *triggers.Auth         `json:"auth,omitempty"`
	TimeoutSeconds *int                   `json:"timeout_seconds,omitempty"`
	Retry          *triggers.Retry        `json:"retry,omitempty"`
	RatePerSecond  float64                `json:"rate_per_second,omitempty"`
	MaxInFlight    *int                   `json:"max_in_flight,omitempty"`
	Ordered        triggers.Ordered       `json:"ordered,omitempty"`
	OnFailure      triggers.OnFailure     `json:"on_failure,omitempty"`
	State          triggers.EndpointState `json:"state,omitempty"`
	Settings       map[string]Scalar      `json:"settings,omitempty"`
	AllowHTTP      bool                   `json:"allow_http,omitempty"`
	InsecureTLS    bool                   `json:"insecure_tls,omitempty"`
	TLS            *triggers.ClientTLS    `json:"tls,omitempty"`
	PrivateNotes   bool                   `json:"private_notes,omitempty"`
}

// Scalar is a text, a number or a boolean, kept as text.
type Scalar string

// UnmarshalJSON reads any scalar.
func (s *Scalar) UnmarshalJSON(data []byte) error {
	value, err := strictjson.Parse(data)
	if err != nil {
		return err
	}
	switch value := value.(type) {
	case string:
		*s = Scalar(value)
	case json.Number:
		*s = Scalar(value.String())
	case bool:
		*s = "false"
		if value {
			*s = "true"
		}
	default:
		return invalid.New("", value, "must be a text, a number, true or false")
	}
	return nil
}

// ReadOnlyEndpoint are members that an endpoint is shown with and nobody
// writes; an update may send them back, and they are ignored there.
type ReadOnlyEndpoint struct {
	ID              any `json:"id,omitempty"`
	StateReason     any `json:"state_reason,omitempty"`
	StateSince      any `json:"state_since,omitempty"`
	BreakerClosedAt any `json:"breaker_closed_at,omitempty"`
	PublicKey       any `json:"public_key,omitempty"`
	SigningKeys     any `json:"signing_keys,omitempty"`
	Version         any `json:"version,omitempty"`
	Author          any `json:"author,omitempty"`
	CreatedAt       any `json:"created_at,omitempty"`
	UpdatedAt       any `json:"updated_at,omitempty"`
}

// endpointUpdate is what an update may hold.
type endpointUpdate struct {
	EndpointInput
	ReadOnlyEndpoint
}

// DecodeEndpoint reads an endpoint to create. It returns a
// *strictjson.SyntaxError or an *invalid.Error.
func DecodeEndpoint(data []byte) (EndpointInput, error) {
	var in EndpointInput
	data, err := usualForm(data)
	if err == nil {
		err = strictjson.Unmarshal(data, &in)
	}
	return in, err
}

// InputOf returns an endpoint as input, without its secrets, to change and
// save again.
func InputOf(endpoint *triggers.Endpoint) EndpointInput {
	in := EndpointInput{
		Name: endpoint.Name, URL: endpoint.URL, System: endpoint.System, Revision: endpoint.Revision,
		Signing: &endpoint.Signing, Headers: endpoint.Headers, Auth: &endpoint.Auth,
		TimeoutSeconds: &endpoint.TimeoutSeconds, Retry: &endpoint.Retry,
		RatePerSecond: endpoint.RatePerSecond, MaxInFlight: &endpoint.MaxInFlight,
		Ordered: endpoint.Ordered, OnFailure: endpoint.OnFailure, State: endpoint.State,
		AllowHTTP: endpoint.AllowHTTP, InsecureTLS: endpoint.InsecureTLS,
		TLS: endpoint.TLS, PrivateNotes: endpoint.PrivateNotes,
	}
	if len(endpoint.Settings) > 0 {
		in.Settings = map[string]Scalar{}
		for name, value := range endpoint.Settings {
			in.Settings[name] = Scalar(value)
		}
	}
	return in
}
