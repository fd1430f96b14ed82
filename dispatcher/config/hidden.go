package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Some receivers want a token in a header of their own or in the URL. What
// the names of headers and query parameters give away as a secret is stored
// sealed and shown as Masked, like a secret setting.

// parameters calls change for each parameter of a URL's query that is a
// secret by its name, and returns the URL with the values that it returns.
func parameters(address string, change func(name, value string) string) string {
	before, rest, ok := strings.Cut(address, "?")
	if !ok {
		return address
	}
	query, fragment, hasFragment := strings.Cut(rest, "#")
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, ok := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		if ok && value != "" && dispatcher.SecretParameter(plain) {
			parts[i] = name + "=" + change(name, value)
		}
	}
	address = before + "?" + strings.Join(parts, "&")
	if hasFragment {
		address += "#" + fragment
	}
	return address
}

// maskedURL returns a URL as it may be shown.
func maskedURL(address string) string {
	return parameters(address, func(string, string) string { return Masked })
}

// unmaskedURL returns a URL with what stands in before in the place of masked
// values.
func unmaskedURL(address, before string) (string, error) {
	held := map[string][]string{}
	parameters(before, func(name, value string) string {
		held[name] = append(held[name], value)
		return value
	})
	var err error
	address = parameters(address, func(name, value string) string {
		plain, wrong := url.QueryUnescape(value)
		if wrong != nil || plain != Masked {
			return value
		}
		if len(held[name]) == 0 {
			err = invalid.New("", nil, "must have the value of the parameter %s; %s stands for a value that is kept", name, Masked)
			return value
		}
		value, held[name] = held[name][0], held[name][1:]
		return value
	})
	return address, err
}

// maskedHeaders returns headers as they may be shown.
func maskedHeaders(headers map[string]string) map[string]string {
	shown := maps.Clone(headers)
	for name, value := range shown {
		if value != "" && dispatcher.SecretHeader(name) {
			shown[name] = Masked
		}
	}
	return shown
}

// unmaskedHeaders returns headers with what stands in before in the place of
// masked values.
func unmaskedHeaders(headers, before map[string]string, list *invalid.List) map[string]string {
	whole := maps.Clone(headers)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if headers[name] != Masked || !dispatcher.SecretHeader(name) {
			continue
		}
		if before[name] == "" {
			list.Add(invalid.Join("headers", name), nil, "must have a value; %s stands for one that is kept", Masked)
			continue
		}
		whole[name] = before[name]
	}
	return whole
}

// sealHidden seals the headers and the URL of an endpoint on its way into the
// ledger.
func (s *Service) sealHidden(stored *storedEndpoint) error {
	shown := maskedHeaders(stored.Headers)
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		if shown[name] == stored.Headers[name] {
			continue
		}
		sealed, err := s.options.Keys.Seal(stored.Headers[name], stored.ID)
		if err != nil {
			return fmt.Errorf("seal header %s: %w", name, err)
		}
		if stored.SecretHeaders == nil {
			stored.SecretHeaders = map[string]string{}
		}
		stored.SecretHeaders[name] = sealed
	}
	stored.Headers = shown
	masked := maskedURL(stored.URL)
	if masked == stored.URL {
		return nil
	}
	sealed, err := s.options.Keys.Seal(stored.URL, stored.ID)
	if err != nil {
		return fmt.Errorf("seal URL: %w", err)
	}
	stored.URL, stored.SecretURL = masked, sealed
	return nil
}

// openHidden opens what sealHidden has sealed.
func (s *Service) openHidden(endpoint *triggers.Endpoint, stored *storedEndpoint) error {
	for name, sealed := range stored.SecretHeaders {
		plain, err := s.options.Keys.Open(sealed, endpoint.ID)
		if err != nil {
			return fmt.Errorf("open header %s: %w", name, err)
		}
		if endpoint.Headers == nil {
			endpoint.Headers = map[string]string{}
		}
		endpoint.Headers[name] = plain
	}
	if stored.SecretURL == "" {
		return nil
	}
	plain, err := s.options.Keys.Open(stored.SecretURL, endpoint.ID)
	if err != nil {
		return fmt.Errorf("open URL: %w", err)
	}
	endpoint.URL = plain
	return nil
}

// hiddenDiffs lists secret settings, headers and parameters that differ, which
// endpoints as they are shown do not tell.
func (s *Service) hiddenDiffs(before, after *triggers.Endpoint) []triggers.FieldDiff {
	var fields []triggers.FieldDiff
	add := func(path string) {
		fields = append(fields, triggers.FieldDiff{Path: path, From: changedSecret, To: changedSecret})
	}
	shown := s.Public(after)
	for _, name := range slices.Sorted(maps.Keys(after.Settings)) {
		if shown.Settings[name] == Masked && before.Settings[name] != after.Settings[name] {
			add("settings." + name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after.Headers)) {
		if old, had := before.Headers[name]; had && shown.Headers[name] == Masked && old != after.Headers[name] {
			add(invalid.Join("headers", name))
		}
	}
	if before.URL != after.URL && maskedURL(before.URL) == shown.URL {
		add("url")
	}
	return fields
}
