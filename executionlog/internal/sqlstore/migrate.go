package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
)

// tellEvery is how often a migration that takes long says that it goes on.
const tellEvery = 5 * time.Second

// Migrate brings a database to the newest schema, one version after the
// other, and says which one it is at. The caller sees to it that no other
// process does the same.
func Migrate(ctx context.Context, provider *goose.Provider, logger *slog.Logger) error {
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > newest {
		return fmt.Errorf("the ledger has schema %d and this program knows %d: a newer program has migrated it, start that one", version, newest)
	}
	for _, source := range sources {
		if source.Version <= version {
			continue
		}
		log := logger.With("version", source.Version, "newest", newest)
		log.Info("migrating ledger")
		begun := time.Now()
		told := tell(log, begun)
		_, err := provider.UpByOne(ctx)
		told()
		if err != nil && !errors.Is(err, goose.ErrNoNextVersion) {
			return fmt.Errorf("migrate to version %d: %w", source.Version, err)
		}
		log.Info("ledger migrated", "duration", time.Since(begun))
	}
	return nil
}

// tell says every now and then that a migration goes on, until its result is
// called.
func tell(log *slog.Logger, begun time.Time) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(tellEvery)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				log.Info("migrating ledger, still at it", "duration", time.Since(begun).Round(time.Second))
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
