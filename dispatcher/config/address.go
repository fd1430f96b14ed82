package config

import (
	"net/url"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// SchemeNone as the signing scheme means that requests are not signed.
const SchemeNone = signing.None

// checkURL returns an endpoint's URL as it is stored. http is for systems
// that allow it, for development, and for endpoints that an administrator
// marked so.
func (s *Service) checkURL(in EndpointInput, sheet *systems.Sheet) (string, error) {
	if in.URL == "" {
		return "", invalid.New("", nil, "must be the address to post to, such as https://example.com/hook")
	}
	allowHTTP := !sheet.Policy.HTTPSOnly || s.options.Dev || in.AllowHTTP
	address, err := sender.CheckURL(in.URL, allowHTTP)
	if err != nil {
		return in.URL, invalid.New("", nil, "%s", err.Error())
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return in.URL, invalid.New("", nil, "must be an absolute http or https URL")
	}
	if s.options.Dev || s.options.AllowPrivate {
		return address, nil
	}
	if err := sender.RefusedHost(parsed.Hostname()); err != nil {
		return in.URL, invalid.New("", nil, "must be a public address: %s", err.Error())
	}
	return address, nil
}

// checkHeader checks a header that is added to every request. The signature
// headers of all schemes are reserved, whichever the endpoint uses, since a
// receiver must be able to trust them.
func checkHeader(name, value string, own string) error {
	return sender.CheckHeader(name, value, reservedHeaders(own))
}

// checkHeaderName checks the name of a header whose value hookdesk writes.
func checkHeaderName(name string) error {
	return sender.CheckHeader(name, "", wellKnownHeaders)
}

// wellKnownHeaders are written by hookdesk itself, beside the schemes'.
var wellKnownHeaders = []string{"Webhook-Chain", "Traceparent", "Content-Type"}

func reservedHeaders(own string) []string {
	reserved := append([]string{own}, wellKnownHeaders...)
	for _, scheme := range signing.All() {
		reserved = append(reserved, scheme.Describe().Headers...)
	}
	return reserved
}

// lookupScheme returns a scheme that signs, nil for none and unknown names.
func lookupScheme(name string) signing.Scheme {
	if name == SchemeNone {
		return nil
	}
	scheme, _ := signing.Lookup(name)
	return scheme
}
