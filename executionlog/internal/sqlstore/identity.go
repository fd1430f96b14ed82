package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/id"
)

// Identity is what a ledger is found to be when it is opened.
type Identity struct {
	Instance string // its name
	Newest   int64  // the highest number of an id in it
}

// ReadIdentity reads a migrated database's identity, and gives it a name where
// it has none. Processes that do so at once agree.
func ReadIdentity(ctx context.Context, db *sql.DB) (Identity, error) {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	name := int64(binary.BigEndian.Uint64(random[:]) >> 1)
	text := fmt.Sprintf(`INSERT INTO settings (name, value) VALUES ('instance', %d) ON CONFLICT (name) DO NOTHING`, name)
	if _, err := db.ExecContext(ctx, text); err != nil {
		return Identity{}, fmt.Errorf("name ledger: %w", err)
	}
	if err := db.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = 'instance'`).Scan(&name); err != nil {
		return Identity{}, fmt.Errorf("read ledger's name: %w", err)
	}
	newest, err := newest(ctx, db)
	if err != nil {
		return Identity{}, fmt.Errorf("read newest id: %w", err)
	}
	_, digits, _ := strings.Cut(id.Format("", name), "_")
	return Identity{Instance: digits, Newest: newest}, nil
}

// newest looks at the end of every table whose rows have ids of their own: of
// each the end of an index.
func newest(ctx context.Context, db *sql.DB) (int64, error) {
	var highest int64
	for _, table := range []string{"changes", "deliveries", "attempts", "audit"} {
		var last sql.NullInt64
		if err := db.QueryRowContext(ctx, `SELECT max(id) FROM `+table).Scan(&last); err != nil {
			return 0, err
		}
		highest = max(highest, last.Int64)
	}
	rows, err := db.QueryContext(ctx, `SELECT max(id) FROM documents GROUP BY kind`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return 0, err
		}
		// Some documents have names instead.
		prefix, _, _ := strings.Cut(name, "_")
		if number, err := id.Parse(prefix, name); err == nil {
			highest = max(highest, number)
		}
	}
	return highest, rows.Err()
}
