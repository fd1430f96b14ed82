package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

// Masked stands for a secret setting where an endpoint is shown. Given as
// input, it leaves the setting as it is.
const Masked = "********"

// storedEndpoint is an endpoint as the ledger keeps it. Settings that are
// secret stand in SecretSettings, sealed, and not among Settings; so do
// headers and the URL, which are masked in their own places.
type storedEndpoint struct {
	triggers.Endpoint
	Secrets        triggers.Sealed   `json:"sealed"`
	SecretSettings map[string]string `json:"sealed_settings,omitempty"`
	SecretHeaders  map[string]string `json:"sealed_headers,omitempty"`
	SecretURL      string            `json:"sealed_url,omitempty"`
}

func (s *Service) encodeEndpoint(endpoint *triggers.Endpoint) (*storedEndpoint, error) {
	stored := &storedEndpoint{Endpoint: *endpoint, Secrets: endpoint.Sealed}
	stored.Settings = maps.Clone(endpoint.Settings)
	for _, name := range s.secretSettings(endpoint.System) {
		value, ok := stored.Settings[name]
		if !ok {
			continue
		}
		sealed, err := s.options.Keys.Seal(value, endpoint.ID)
		if err != nil {
			return nil, fmt.Errorf("seal setting %s: %w", name, err)
		}
		delete(stored.Settings, name)
		if stored.SecretSettings == nil {
			stored.SecretSettings = map[string]string{}
		}
		stored.SecretSettings[name] = sealed
	}
	return stored, s.sealHidden(stored)
}

func (s *Service) decodeEndpoint(document *executionlog.Document) (*triggers.Endpoint, error) {
	stored := storedEndpoint{}
	if err := json.Unmarshal(document.Body, &stored); err != nil {
		return nil, fmt.Errorf("decode endpoint: %w", err)
	}
	endpoint := stored.Endpoint
	endpoint.ID, endpoint.Workspace, endpoint.Version = document.ID, document.Workspace, document.Version
	endpoint.Author = document.Author
	endpoint.Sealed = stored.Secrets
	for name, sealed := range stored.SecretSettings {
		plain, err := s.options.Keys.Open(sealed, endpoint.ID)
		if err != nil {
			return nil, fmt.Errorf("open setting %s: %w", name, err)
		}
		if endpoint.Settings == nil {
			endpoint.Settings = map[string]string{}
		}
		endpoint.Settings[name] = plain
	}
	if err := s.openHidden(&endpoint, &stored); err != nil {
		return nil, err
	}
	return &endpoint, nil
}

// secretSettings returns the names of a system's settings that are secret.
func (s *Service) secretSettings(system string) []string {
	found := s.options.Systems.Lookup(system)
	if found == nil {
		return nil
	}
	var names []string
	for _, setting := range found.Sheet().Settings {
		if setting.Secret {
			names = append(names, setting.Name)
		}
	}
	return names
}

// Public returns an endpoint as it may be shown: its secrets left out, its
// secret settings, headers and parameters of the URL masked.
func (s *Service) Public(endpoint *triggers.Endpoint) *triggers.Endpoint {
	if endpoint == nil {
		return nil
	}
	public := *endpoint
	public.Sealed = triggers.Sealed{}
	public.Auth.Password, public.Auth.Token, public.Auth.Key = "", "", ""
	if endpoint.TLS != nil {
		tls := *endpoint.TLS
		tls.Key = ""
		public.TLS = &tls
	}
	public.URL, public.Headers = maskedURL(endpoint.URL), maskedHeaders(endpoint.Headers)
	public.Settings = maps.Clone(endpoint.Settings)
	for _, name := range s.secretSettings(endpoint.System) {
		if _, ok := public.Settings[name]; ok {
			public.Settings[name] = Masked
		}
	}
	return &public
}

// SigningKeys returns the endpoint's secrets that sign at a time, newest first.
func (s *Service) SigningKeys(endpoint *triggers.Endpoint, at time.Time) ([]string, error) {
	var keys []string
	for _, secret := range endpoint.Sealed.Secrets {
		if !secret.ExpiresAt.IsZero() && !at.Before(secret.ExpiresAt) {
			continue
		}
		key, err := s.open(secret.Sealed, endpoint.ID)
		if err != nil {
			return nil, fmt.Errorf("open secret %s of %s: %w", secret.ID, endpoint.ID, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// PublicKey returns what receivers verify the endpoint's newest signatures
// with, "" where its scheme is not asymmetric or its secret cannot be opened.
func (s *Service) PublicKey(endpoint *triggers.Endpoint) string {
	if endpoint.Signing.Scheme != signing.Asymmetric {
		return ""
	}
	keys, err := s.SigningKeys(endpoint, s.now())
	if err != nil || len(keys) == 0 {
		return ""
	}
	public, err := signing.PublicKey(keys[0])
	if err != nil {
		return ""
	}
	return public
}

// Credentials returns the opened secrets of the endpoint's Auth and TLS.
func (s *Service) Credentials(endpoint *triggers.Endpoint) (dispatcher.Credentials, error) {
	var opened dispatcher.Credentials
	for _, secret := range []struct {
		name, sealed string
		to           *string
	}{
		{"password", endpoint.Sealed.Password, &opened.Password},
		{"token", endpoint.Sealed.Token, &opened.Token},
		{"key", endpoint.Sealed.Key, &opened.Key},
		{"tls key", endpoint.Sealed.TLSKey, &opened.TLSKey},
	} {
		if secret.sealed == "" {
			continue
		}
		plain, err := s.open(secret.sealed, endpoint.ID)
		if err != nil {
			return dispatcher.Credentials{}, fmt.Errorf("open %s of %s: %w", secret.name, endpoint.ID, err)
		}
		*secret.to = plain
	}
	return opened, nil
}
