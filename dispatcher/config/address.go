package config

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
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
// receiver must be able to trust them; own are further names.
func checkHeader(name, value string, own []string) error {
	for _, scheme := range signing.All() {
		own = append(own, scheme.Describe().Headers...)
	}
	return sender.CheckHeader(name, value, append(own, wellKnownHeaders...))
}

// checkHeaderName checks the name of a header whose value hookdesk writes.
func checkHeaderName(name string, own []string) error {
	return sender.CheckHeader(name, "", slices.Concat(own, wellKnownHeaders))
}

// wellKnownHeaders are written by hookdesk itself, beside the schemes' and the
// systems'.
var wellKnownHeaders = []string{"Webhook-Chain", "Traceparent", "Content-Type"}

// checkTwice refuses what would send a header twice: receivers join the two,
// or take either.
func checkTwice(endpoint *triggers.Endpoint, list *invalid.List) {
	taken := map[string]string{}
	take := func(path, name, by string) {
		name = http.CanonicalHeaderKey(name)
		if other, ok := taken[name]; ok {
			list.Add(path, nil, "the header %s is sent for %s already", name, other)
			return
		}
		taken[name] = by
	}
	if scheme := lookupScheme(endpoint.Signing.Scheme); scheme != nil {
		for _, name := range signing.HeadersOf(scheme, signing.Options{Header: endpoint.Signing.Header}) {
			take("signing.header", name, "the signature")
		}
	}
	switch endpoint.Auth.Type {
	case triggers.AuthBasic, triggers.AuthBearer:
		take("auth.type", "Authorization", "auth")
	case triggers.AuthAPIKey:
		take("auth.header", endpoint.Auth.Header, "auth")
	case triggers.AuthNone:
	}
	for _, name := range slices.Sorted(maps.Keys(endpoint.Headers)) {
		take(invalid.Join("headers", name), name, name)
	}
}

// lookupScheme returns a scheme that signs, nil for none and unknown names.
func lookupScheme(name string) signing.Scheme {
	if name == SchemeNone {
		return nil
	}
	scheme, _ := signing.Lookup(name)
	return scheme
}
