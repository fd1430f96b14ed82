package sender

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/idna"
)

const (
	maxURL         = 2 << 10
	maxHeaderValue = 4096
	maxHeaderName  = 128
)

// hostProfile maps as browsers do (wide digits become digits, capitals small)
// and permits underscores, which container names have.
var hostProfile = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// CheckURL returns a URL in the form in which it is stored and posted to: the
// host in small ASCII letters, everything behind it untouched, byte for byte.
// An error is a sentence that says what would be right, and repeats neither
// path nor query, which may hold a token.
func CheckURL(raw string, allowHTTP bool) (string, error) {
	parsed, err := parseURL(raw, allowHTTP)
	if err != nil {
		return "", err
	}
	host, err := asciiHost(parsed.Hostname())
	if err != nil {
		return "", err
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := parsed.Port(); port != "" {
		host += ":" + port
	}
	// Cutting the text, not printing the parsed URL, keeps every byte behind
	// the host as its owner wrote it.
	rest := raw[strings.Index(raw, "//")+2:]
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[end:]
	} else {
		rest = ""
	}
	normalized := parsed.Scheme + "://" + host + rest
	if len(normalized) > maxURL {
		return "", tooLong()
	}
	return normalized, nil
}

func tooLong() error { return fmt.Errorf("the URL must be at most %d bytes long", maxURL) }

// parseURL checks all but the host.
func parseURL(raw string, allowHTTP bool) (*url.URL, error) {
	switch {
	case raw == "":
		return nil, errors.New("a URL is needed, such as https://example.com/hook")
	case len(raw) > maxURL:
		return nil, tooLong()
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return nil, errors.New("the URL must not contain spaces or control characters; write a space as %20")
	case strings.Contains(raw, "#"):
		return nil, errors.New("the URL must not have a fragment (#…): it is never sent")
	}
	parsed, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the URL is not well-formed; expected something like https://example.com/hook")
	case parsed.Scheme == "http" && !allowHTTP:
		return nil, errors.New("the URL must begin with https://")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return nil, errors.New("the URL must begin with https:// or http://")
	case parsed.User != nil:
		return nil, errors.New("the URL must not hold a user name or password; use the endpoint's auth instead")
	case parsed.Opaque != "" || parsed.Host == "" || parsed.Hostname() == "":
		return nil, errors.New("the URL must name a host, such as https://example.com/hook")
	}
	if strings.HasSuffix(parsed.Host, ":") {
		return nil, errors.New("the URL's port is missing behind the colon")
	}
	if port := parsed.Port(); port != "" {
		if number, err := strconv.ParseUint(port, 10, 16); err != nil || number == 0 {
			return nil, errors.New("the URL's port must be a number from 1 to 65535")
		}
	}
	return parsed, nil
}

// exactPath percent-encodes the bytes of a path that none may have as they
// are. net/url would encode the whole path anew when it meets one: %2F would
// become a slash, and the path another one than its owner wrote.
func exactPath(path string) string {
	const allowed = "-._~!$&'()*+,;=:@[]/%"
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte(allowed, c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var errInvalidHost = errors.New("the URL's host is not a valid name")

// asciiHost returns a host name or address in its one written form.
func asciiHost(host string) (string, error) {
	if strings.Contains(host, ":") {
		address, err := netip.ParseAddr(host)
		if err != nil || address.Zone() != "" {
			return "", errors.New("the URL's host is not an IPv6 address")
		}
		return address.String(), nil
	}
	ascii, err := hostProfile.ToASCII(host)
	if err != nil || !utf8.ValidString(host) {
		return "", errInvalidHost
	}
	// A name that maps to one which is not accepted itself could be stored
	// but never saved again.
	if again, err := hostProfile.ToASCII(ascii); err != nil || again != ascii {
		return "", errInvalidHost
	}
	name := strings.TrimSuffix(ascii, ".")
	if name == "" || len(name) > 253 {
		return "", errors.New("the URL's host must be 1 to 253 characters long")
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errors.New("the URL's host may have letters, digits, hyphens and dots only, at most 63 between two dots")
		}
	}
	// A last label that is a number means an address to some resolvers, in
	// one of many notations (2130706433, 0x7f.1); only the plain one is left.
	if last := labels[len(labels)-1]; isNumber(last) {
		address, err := netip.ParseAddr(name)
		if err != nil {
			return "", errors.New("an IPv4 address in the URL must be written as four decimal numbers")
		}
		return address.String(), nil
	}
	return ascii, nil
}

func isNumber(label string) bool {
	if digits, ok := strings.CutPrefix(label, "0x"); ok {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return strings.Trim(label, "0123456789") == ""
}

// connectionHeaders belong to the connection or are made from the request.
var connectionHeaders = []string{
	"Host", "Content-Length", "Connection", "TE", "Transfer-Encoding",
	"Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Upgrade", "Trailer", "Expect",
}

// CheckHeader checks a header that a user adds to an endpoint. reserved are
// further names that may not be set, such as those of the signature. An error
// is a sentence; it does not repeat the value.
func CheckHeader(name, value string, reserved []string) error {
	isName := func(other string) bool { return strings.EqualFold(name, other) }
	switch {
	case name == "":
		return errors.New("a header needs a name")
	case len(name) > maxHeaderName:
		return fmt.Errorf("a header's name must be at most %d bytes long", maxHeaderName)
	case !httpguts.ValidHeaderFieldName(name):
		return errors.New("a header's name may have letters, digits and hyphens only")
	case slices.ContainsFunc(connectionHeaders, isName):
		return fmt.Errorf("the header %s belongs to the connection and cannot be set", name)
	case slices.ContainsFunc(reserved, isName):
		return fmt.Errorf("the header %s is written by hookdesk and cannot be set", name)
	case len(value) > maxHeaderValue:
		return fmt.Errorf("the value of the header %s must be at most %d bytes long", name, maxHeaderValue)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the value of the header %s must not contain line breaks or control characters", name)
	case value != strings.TrimSpace(value):
		return fmt.Errorf("the value of the header %s must not begin or end with a space", name)
	}
	return nil
}
