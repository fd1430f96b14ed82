package signing

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Names of schemes that callers treat differently.
const (
	None       = "none"         // does not sign
	Asymmetric = "standard-v1a" // its receivers verify with a public key, see PublicKey
)

// DefaultTolerance is how far a timestamp may lie from now where neither the
// caller nor the scheme's authors say otherwise.
const DefaultTolerance = 5 * time.Minute

// schemes lists every scheme in the order in which they are offered.
var schemes = []Scheme{
	none{},
	standard{},
	standardV1a{},
	superOffice{},
	agency{},
	github{},
	plainHex,
	plainBase64,
}

var byName = func() map[string]Scheme {
	all := make(map[string]Scheme, len(schemes))
	for _, scheme := range schemes {
		all[scheme.Describe().Name] = scheme
	}
	return all
}()

// alsoCalled are other names of schemes.
var alsoCalled = map[string]string{
	"standard-webhooks":     "standard",
	"standardwebhooks":      "standard",
	"standard-v1":           "standard",
	"v1":                    "standard",
	"standard-webhooks-v1a": Asymmetric,
	"v1a":                   Asymmetric,
	"tamio":                 "agency",
	"x-hub-signature-256":   "github",
	"hmac-sha256-hex":       "hmac-hex",
	"hmac-sha256-base64":    "hmac-base64",
}

// Lookup returns the scheme of a name, or of another name by which it is
// known; case and underscores for hyphens do not matter. The empty name is
// None.
func Lookup(name string) (Scheme, bool) {
	if scheme, ok := byName[name]; ok { // as it is stored
		return scheme, true
	}
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if other, ok := alsoCalled[name]; ok {
		name = other
	}
	if name == "" {
		name = None
	}
	scheme, ok := byName[name]
	return scheme, ok
}

// Names lists the names of the schemes.
func Names() []string {
	names := make([]string, len(schemes))
	for i, scheme := range schemes {
		names[i] = scheme.Describe().Name
	}
	return names
}

// All lists the schemes.
func All() []Scheme { return append([]Scheme(nil), schemes...) }

// HeadersOf lists the headers that a scheme writes with these options: names
// that a user may not set besides.
func HeadersOf(scheme Scheme, options Options) []string {
	sheet := scheme.Describe()
	if sheet.CustomHeader && options.Header != "" {
		return []string{options.Header}
	}
	return append([]string(nil), sheet.Headers...)
}

// headerValues returns the values of a header whatever its casing: captured
// requests may keep the casing of the wire.
func headerValues(header http.Header, name string) []string {
	if values := header.Values(name); len(values) > 0 {
		return values
	}
	for key, values := range header {
		if http.CanonicalHeaderKey(key) == http.CanonicalHeaderKey(name) && len(values) > 0 {
			return values
		}
	}
	return nil
}

// headerValue returns the one value of a header. Its error wraps ErrMissing or
// ErrMalformed.
func headerValue(header http.Header, name string) (string, error) {
	values := headerValues(header, name)
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", fmt.Errorf("%w: %s", ErrMissing, name)
	case len(values) > 1:
		return "", fmt.Errorf("%w: %s stands there %d times", ErrMalformed, name, len(values))
	}
	return values[0], nil
}

// checkTime returns an error that wraps ErrTimestamp when a signature's time
// is further from options.Now than allowed.
func checkTime(at time.Time, options VerifyOptions) error {
	if options.Now.IsZero() {
		return nil
	}
	tolerance := options.Tolerance
	if tolerance <= 0 {
		tolerance = DefaultTolerance
	}
	if age := options.Now.Sub(at); age > tolerance {
		return fmt.Errorf("%w: it is %s old, allowed are %s", ErrTimestamp, age.Round(time.Second), tolerance)
	} else if age < -tolerance {
		return fmt.Errorf("%w: it lies %s ahead, allowed are %s", ErrTimestamp, (-age).Round(time.Second), tolerance)
	}
	return nil
}
