package config

import "sync"

// maxOpened bounds opened.
const maxOpened = 4096

// opened remembers what sealed secrets hold, so that they are not decrypted
// for every delivery. Whoever could read it in the process's memory would find
// the key that opens them there as well. A secret that is replaced is sealed
// anew, so nothing remembered becomes wrong; errors are not remembered.
type opened struct {
	mu   sync.RWMutex
	kept map[sealedSecret]string
}

type sealedSecret struct{ sealed, owner string }

// open returns what a sealed secret of an owner holds.
func (s *Service) open(sealed, owner string) (string, error) {
	secret := sealedSecret{sealed, owner}
	s.opened.mu.RLock()
	plain, ok := s.opened.kept[secret]
	s.opened.mu.RUnlock()
	if ok {
		return plain, nil
	}
	plain, err := s.options.Keys.Open(sealed, owner)
	if err != nil {
		return "", err
	}
	s.opened.mu.Lock()
	defer s.opened.mu.Unlock()
	if s.opened.kept == nil || len(s.opened.kept) >= maxOpened {
		s.opened.kept = map[sealedSecret]string{}
	}
	s.opened.kept[secret] = plain
	return plain, nil
}
