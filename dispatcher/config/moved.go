package config

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// again is what is asked of a credential that would go to strangers.
const again = "must be given again, since the URL leads elsewhere: the one that is kept was meant for %s"

// checkMoved refuses to send what was meant for one host to another: where the
// URL of an endpoint leads to another host, another port or is no longer
// encrypted, the credentials that are sent have to be given again, or taken
// out. The signing secret stays, since no receiver ever gets it.
func checkMoved(in EndpointInput, before *triggers.Endpoint, sheet *systems.Sheet, list *invalid.List) {
	if before == nil || origin(in.URL) == origin(before.URL) {
		return
	}
	from := origin(before.URL)
	if in.Auth != nil && in.Auth.Type == before.Auth.Type {
		for _, secret := range []struct{ path, given, kept string }{
			{"auth.password", in.Auth.Password, before.Sealed.Password},
			{"auth.token", in.Auth.Token, before.Sealed.Token},
			{"auth.key", in.Auth.Key, before.Sealed.Key},
		} {
			if secret.given == "" && secret.kept != "" {
				list.Add(secret.path, nil, again, from)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Headers)) {
		if in.Headers[name] == Masked && dispatcher.SecretHeader(name) {
			list.Add(invalid.Join("headers", name), nil, again, from)
		}
	}
	masked := false
	parameters(in.URL, func(_, value string) string {
		plain, err := url.QueryUnescape(value)
		masked = masked || err == nil && plain == Masked
		return value
	})
	if masked {
		list.Add("url", nil, "must have its secret parameters whole, since it leads elsewhere: those that are kept were meant for %s", from)
	}
	for _, setting := range sheet.Settings {
		if setting.Secret && string(in.Settings[setting.Name]) == Masked && before.Settings[setting.Name] != "" {
			list.Add("settings."+setting.Name, nil, again, from)
		}
	}
}

// origin is whom a URL leads to: scheme, host and port.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	scheme := strings.ToLower(u.Scheme)
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[scheme])
	if (scheme == "https" && port == "443") || (scheme == "http" && port == "80") {
		return scheme + "://" + strings.ToLower(u.Hostname())
	}
	return scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}
