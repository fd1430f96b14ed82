package config

import (
	"context"
	"fmt"

	"github.com/hookdesk/hookdesk/triggers"
)

// Reseal seals every secret of every workspace again under the keyring's
// current key, so that earlier keys are no longer needed afterwards. It
// returns how many endpoints it saved. Repeating it after an error is safe.
// Earlier versions of endpoints, which are kept for explanations only, keep
// the secrets of their time.
func (s *Service) Reseal(ctx context.Context, author string) (int, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	saved := 0
	for _, endpoint := range list(s.current.Load().endpoints, s.holdsSecrets) {
		by := Actor{Name: author, Workspace: endpoint.Workspace, Admin: true}
		after := s.successor(endpoint, by)
		if err := s.resealed(after); err != nil {
			return saved, err
		}
		if err := s.storeEndpoint(ctx, by, after, endpoint, "endpoint.resealed"); err != nil {
			return saved, err
		}
		saved++
	}
	return saved, nil
}

func (s *Service) holdsSecrets(endpoint *triggers.Endpoint) bool {
	sealed := endpoint.Sealed
	if len(sealed.Secrets) > 0 || sealed.Password+sealed.Token+sealed.Key+sealed.TLSKey != "" {
		return true
	}
	if holdsHidden(endpoint) {
		return true
	}
	for _, name := range s.secretSettings(endpoint.System) {
		if endpoint.Settings[name] != "" {
			return true
		}
	}
	return false
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
