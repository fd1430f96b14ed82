package config

import (
	"errors"
	"testing"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// A header that would be sent twice, or beside the one that the system
// writes, is refused when the endpoint is saved: a receiver joins the two or
// takes either.
func TestHeadersAreSentOnce(t *testing.T) {
	bearer := &triggers.Auth{Type: triggers.AuthBearer, Token: "t"}
	key := func(header string) *triggers.Auth {
		return &triggers.Auth{Type: triggers.AuthAPIKey, Header: header, Key: "k"}
	}
	plain := func(header string) *triggers.Signing { return &triggers.Signing{Scheme: "hmac-hex", Header: header} }
	tests := []struct {
		name string
		in   EndpointInput
		path string // of the error; empty: saved
	}{
		{"plain", EndpointInput{System: "faveo", Headers: map[string]string{"X-A": "1", "X-B": "2"}, Auth: bearer, Signing: plain("")}, ""},
		{"two casings", EndpointInput{System: "faveo", Headers: map[string]string{"X-A": "1", "x-a": "2"}}, "headers.x-a"},
		{"beside auth", EndpointInput{System: "faveo", Headers: map[string]string{"authorization": "x"}, Auth: bearer}, "headers.authorization"},
		{"beside an API key", EndpointInput{System: "faveo", Headers: map[string]string{"X-Key": "x"}, Auth: key("x-key")}, "headers.X-Key"},
		{"API key and signature", EndpointInput{System: "faveo", Auth: key("x-sign"), Signing: plain("X-Sign")}, "auth.header"},
		{"bearer and signature", EndpointInput{System: "faveo", Auth: bearer, Signing: plain("Authorization")}, "auth.type"},
		{"the system's", EndpointInput{System: "superoffice", Headers: map[string]string{"x-superoffice-event": "mine"}}, "headers.x-superoffice-event"},
		{"the system's agent", EndpointInput{System: "faveo", Headers: map[string]string{"User-Agent": "mine"}}, "headers.User-Agent"},
		{"an agent where the system has none", EndpointInput{System: "supportservice", Headers: map[string]string{"User-Agent": "mine"}}, ""},
		{"API key in the system's", EndpointInput{System: "superoffice", Auth: key("X-SuperOffice-Retry")}, "auth.header"},
		{"signature in the system's", EndpointInput{System: "agency", Signing: plain("User-Agent")}, "signing.header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.in.URL = "https://example.com/hook"
			_, _, err := newFixture(t).CreateEndpoint(t.Context(), admin, test.in, EndpointOptions{SkipHandshake: true})
			var refused *invalid.Error
			switch {
			case test.path == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.path != "" && (!errors.As(err, &refused) || refused.Fields[0].Path != test.path):
				t.Errorf("answered %v, want an error about %s", err, test.path)
			}
		})
	}
}
