package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// maxCredential is the longest password, token or key, in bytes.
const maxCredential = 4096

// applyAuth checks the credentials and writes what of them is no secret.
// A secret that in leaves out stays, as long as the type does.
func (s *Service) applyAuth(endpoint *triggers.Endpoint, in EndpointInput, sheet *systems.Sheet, list *invalid.List) {
	auth := triggers.Auth{Type: triggers.AuthNone}
	if in.Auth != nil {
		auth = *in.Auth
	}
	auth.Type = choose(auth.Type, triggers.AuthNone, "auth.type", list,
		triggers.AuthNone, triggers.AuthBasic, triggers.AuthBearer, triggers.AuthAPIKey)
	if endpoint.Auth.Type != auth.Type {
		endpoint.Sealed.Password, endpoint.Sealed.Token, endpoint.Sealed.Key = "", "", ""
	}
	switch auth.Type {
	case triggers.AuthBasic:
		if auth.User == "" || strings.ContainsAny(auth.User, ":\r\n") {
			list.Add("auth.user", nil, "must be a user name without a colon")
		}
		needSecret("auth.password", auth.Password, endpoint.Sealed.Password, list)
	case triggers.AuthBearer:
		needSecret("auth.token", auth.Token, endpoint.Sealed.Token, list)
	case triggers.AuthAPIKey:
		if err := checkHeaderName(auth.Header, sheet.Writes); err != nil {
			list.Merge("auth.header", err)
		}
		needSecret("auth.key", auth.Key, endpoint.Sealed.Key, list)
	case triggers.AuthNone:
	}
	for _, extra := range []struct {
		path, value string
		of          triggers.AuthType
	}{
		{"auth.user", auth.User, triggers.AuthBasic},
		{"auth.password", auth.Password, triggers.AuthBasic},
		{"auth.token", auth.Token, triggers.AuthBearer},
		{"auth.header", auth.Header, triggers.AuthAPIKey},
		{"auth.key", auth.Key, triggers.AuthAPIKey},
	} {
		if extra.value != "" && auth.Type != extra.of {
			list.Add(extra.path, nil, "belongs to auth.type %s", extra.of)
		}
	}
	endpoint.Auth = triggers.Auth{Type: auth.Type, User: auth.User, Header: auth.Header}
}

func needSecret(path, given, sealed string, list *invalid.List) {
	switch {
	case given == "" && sealed == "":
		list.Add(path, nil, "is needed")
	case len(given) > maxCredential || strings.ContainsAny(given, "\r\n\x00"):
		list.Add(path, nil, "must be at most %d bytes without line ends", maxCredential)
	}
}

// sealCredentials seals the secrets that in brings.
func (s *Service) sealCredentials(endpoint *triggers.Endpoint, in EndpointInput) error {
	var auth triggers.Auth
	if in.Auth != nil {
		auth = *in.Auth
	}
	var tlsKey string
	if in.TLS != nil {
		tlsKey = in.TLS.Key
	}
	for _, secret := range []struct {
		plain  string
		sealed *string
	}{
		{auth.Password, &endpoint.Sealed.Password},
		{auth.Token, &endpoint.Sealed.Token},
		{auth.Key, &endpoint.Sealed.Key},
		{tlsKey, &endpoint.Sealed.TLSKey},
	} {
		if secret.plain == "" {
			continue
		}
		sealed, err := s.options.Keys.Seal(secret.plain, endpoint.ID)
		if err != nil {
			return fmt.Errorf("seal credentials of %s: %w", endpoint.ID, err)
		}
		*secret.sealed = sealed
	}
	return nil
}

// firstSecret gives a new endpoint the secret that its user chose, or a random
// one, and returns it.
func (s *Service) firstSecret(endpoint *triggers.Endpoint, chosen string) (string, error) {
	scheme := lookupScheme(endpoint.Signing.Scheme)
	if scheme == nil || scheme.Describe().Secret == "" {
		return "", nil
	}
	if chosen == "" {
		chosen = scheme.NewSecret()
	}
	return chosen, s.addSecret(endpoint, chosen, 0)
}

// addSecret puts a new signing secret first. The others sign for overlap more,
// and are removed when they have expired.
func (s *Service) addSecret(endpoint *triggers.Endpoint, secret string, overlap time.Duration) error {
	scheme := lookupScheme(endpoint.Signing.Scheme)
	if scheme == nil {
		return invalid.New("secret", nil, "must be left out, since the endpoint does not sign")
	}
	if err := scheme.CheckSecret(secret); err != nil {
		return invalid.New("secret", nil, "%s", err.Error())
	}
	sealed, err := s.options.Keys.Seal(secret, endpoint.ID)
	if err != nil {
		return fmt.Errorf("seal secret of %s: %w", endpoint.ID, err)
	}
	now := s.now()
	kept := []triggers.SealedSecret{{ID: s.ids.New(id.Signature), Sealed: sealed, CreatedAt: now}}
	for _, old := range endpoint.Sealed.Secrets {
		if end := now.Add(overlap); old.ExpiresAt.IsZero() || old.ExpiresAt.After(end) {
			old.ExpiresAt = end
		}
		if old.ExpiresAt.After(now) {
			kept = append(kept, old)
		}
	}
	endpoint.Sealed.Secrets = kept
	return nil
}

// replaceSecret brings an endpoint's secrets in line with an update: the given
// one is put before the others, or they are removed; where the scheme changed
// and the old secrets do not fit, a random one is made and returned.
func (s *Service) replaceSecret(after, before *triggers.Endpoint, given string, remove bool) (made string, err error) {
	scheme := lookupScheme(after.Signing.Scheme)
	if remove || scheme == nil || scheme.Describe().Secret == "" {
		after.Sealed.Secrets = nil
	}
	if scheme == nil || scheme.Describe().Secret == "" || (remove && given == "") {
		return "", nil
	}
	changed := after.Signing.Scheme != before.Signing.Scheme
	if changed {
		keys, err := s.SigningKeys(after, s.now())
		if err != nil {
			return "", err
		}
		for _, key := range keys {
			if scheme.CheckSecret(key) != nil {
				after.Sealed.Secrets = nil
				break
			}
		}
	}
	switch {
	case given != "":
		return "", s.addSecret(after, given, DefaultOverlap)
	case changed && len(after.Sealed.Secrets) == 0:
		made = scheme.NewSecret()
		return made, s.addSecret(after, made, 0)
	}
	return "", nil
}
