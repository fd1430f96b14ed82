package config

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// Reseal seals every secret of every workspace again that is not sealed under
// the keyring's current key, or not at all, so that earlier keys are no longer
// needed afterwards. It calls progress, which may be nil, after each endpoint,
// and returns how many it saved. Other processes may change the configuration
// meanwhile, and repeating it after an error is safe. Earlier versions of
// endpoints, which are kept for explanations only, keep the secrets of their
// time.
func (s *Service) Reseal(ctx context.Context, author string, progress func(done, total int)) (int, error) {
	saved, err := s.sealAgain(ctx, author, progress, s.stale)
	if err != nil {
		return saved, err
	}
	left, err := s.endpointsWith(ctx, s.stale)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("seal %s: another process has sealed it with an earlier key meanwhile", left[0])
	}
	return saved, err
}

// SealPlain seals what an earlier version has stored in the clear: headers,
// parameters of URLs and settings that are known to be secret since. It is for
// the start of a process, finds nothing the second time, and several processes
// may do it at once. Progress and result are those of Reseal.
func (s *Service) SealPlain(ctx context.Context, author string, progress func(done, total int)) (int, error) {
	return s.sealAgain(ctx, author, progress, s.plain)
}

// sealAgain saves the endpoints that chosen says true of.
func (s *Service) sealAgain(ctx context.Context, author string, progress func(done, total int), chosen func(*storedEndpoint) bool) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	stale, err := s.endpointsWith(ctx, chosen)
	if err != nil {
		return 0, err
	}
	for done, id := range stale {
		if err := s.resealEndpoint(ctx, author, id); err != nil {
			return done, err
		}
		if progress != nil {
			progress(done+1, len(stale))
		}
	}
	return len(stale), nil
}

// stale says whether an endpoint holds secrets under an earlier key, or in
// the clear.
func (s *Service) stale(stored *storedEndpoint) bool {
	return s.plain(stored) || slices.ContainsFunc(stored.sealed(), s.options.Keys.NeedsReseal)
}

// plain says whether an endpoint holds secrets in the clear.
func (s *Service) plain(stored *storedEndpoint) bool {
	return maskedURL(stored.URL) != stored.URL || !maps.Equal(maskedHeaders(stored.Headers), stored.Headers) ||
		slices.ContainsFunc(s.secretSettings(stored.System), func(name string) bool { _, ok := stored.Settings[name]; return ok })
}

// endpointsWith returns the ids of endpoints that chosen says true of, as the
// ledger has them.
func (s *Service) endpointsWith(ctx context.Context, chosen func(*storedEndpoint) bool) ([]string, error) {
	documents, err := s.options.Ledger.ListDocuments(ctx, "", kindEndpoint)
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	var ids []string
	for _, document := range documents {
		stored := storedEndpoint{}
		if err := json.Unmarshal(document.Body, &stored); err != nil {
			return nil, fmt.Errorf("decode endpoint %s: %w", document.ID, err)
		}
		if chosen(&stored) {
			ids = append(ids, document.ID)
		}
	}
	return ids, nil
}

// sealed lists everything that is sealed.
func (e *storedEndpoint) sealed() []string {
	list := []string{e.Secrets.Password, e.Secrets.Token, e.Secrets.Key, e.Secrets.TLSKey, e.SecretURL}
	for _, secret := range e.Secrets.Secrets {
		list = append(list, secret.Sealed)
	}
	return slices.Concat(list, slices.Collect(maps.Values(e.SecretSettings)), slices.Collect(maps.Values(e.SecretHeaders)))
}

// resealEndpoint reads an endpoint again where another process changes it at
// the same time.
func (s *Service) resealEndpoint(ctx context.Context, author, id string) error {
	const tries = 5
	var err error
	for range tries {
		endpoint := s.Endpoint(id)
		if endpoint == nil {
			return fmt.Errorf("open the secrets of %s: they are sealed with a key that is not among those given", id)
		}
		by := Actor{Name: author, Workspace: endpoint.Workspace, Admin: true}
		after := s.successor(endpoint, by)
		if err := s.resealed(after); err != nil {
			return err
		}
		if err = s.storeEndpoint(ctx, by, after, endpoint, "endpoint.resealed"); !errors.Is(err, executionlog.ErrConflict) {
			return err
		}
		if err := s.Reload(ctx); err != nil {
			return err
		}
	}
	return err
}

// resealed opens and seals what an endpoint holds; its secret settings,
// headers and URL are sealed whenever it is stored.
func (s *Service) resealed(endpoint *triggers.Endpoint) error {
	values := []*string{&endpoint.Sealed.Password, &endpoint.Sealed.Token, &endpoint.Sealed.Key, &endpoint.Sealed.TLSKey}
	for i := range endpoint.Sealed.Secrets {
		values = append(values, &endpoint.Sealed.Secrets[i].Sealed)
	}
	for _, value := range values {
		if *value == "" {
			continue
		}
		plain, err := s.options.Keys.Open(*value, endpoint.ID)
		if err != nil {
			return fmt.Errorf("open a secret of %s: %w", endpoint.ID, err)
		}
		if *value, err = s.options.Keys.Seal(plain, endpoint.ID); err != nil {
			return fmt.Errorf("seal a secret of %s: %w", endpoint.ID, err)
		}
	}
	return nil
}
