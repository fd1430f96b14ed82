package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"sync"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/executionlog/internal/criteria"
)

// names is the table of names in memory: it only grows, and stays small.
type names struct {
	store   *Store
	mu      sync.RWMutex
	numbers map[string]int64
	texts   map[int64]string
}

func newNames(store *Store) *names {
	return &names{store: store, numbers: map[string]int64{}, texts: map[int64]string{}}
}

func (n *names) number(text string) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	number, ok := n.numbers[text]
	return number, ok
}

func (n *names) add(more map[string]int64) {
	if len(more) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for text, number := range more {
		n.numbers[text] = number
		n.texts[number] = text
	}
}

// find returns the number of a name that is asked for, criteria.None if no
// row has it.
func (n *names) find(ctx context.Context, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if number, ok := n.number(text); ok {
		return number, nil
	}
	if criteria.Clean(text) != text {
		return criteria.None, nil
	}
	var number int64
	err := n.store.one(ctx, `SELECT id FROM names WHERE name = $1`, []any{text}, &number)
	if errors.Is(err, executionlog.ErrNotFound) {
		return criteria.None, nil
	}
	if err != nil {
		return 0, err
	}
	n.add(map[string]int64{text: number})
	return number, nil
}

// text returns the name with a number; ready must have been called for it.
func (n *names) text(number int64) (string, bool) {
	if number == 0 {
		return "", true
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	text, ok := n.texts[number]
	return text, ok
}

// load reads all names: another process may have made some.
func (n *names) load(ctx context.Context) error {
	all := map[string]int64{}
	err := n.store.each(ctx, `SELECT id, name FROM names`, nil, func(rows *sql.Rows) (bool, error) {
		var number int64
		var text string
		err := rows.Scan(&number, &text)
		all[text] = number
		return true, err
	})
	if err == nil {
		n.add(all)
	}
	return err
}

// resolve sets each text to the name with its number.
func (n *names) resolve(ctx context.Context, pairs ...resolution) error {
	for again := range 2 {
		missing := false
		for _, pair := range pairs {
			text, ok := n.text(pair.number)
			if !ok {
				missing = true
				break
			}
			*pair.text = text
		}
		if !missing {
			return nil
		}
		if again == 0 {
			if err := n.load(ctx); err != nil {
				return err
			}
		}
	}
	return errors.New("row refers to a name that does not exist")
}

type resolution struct {
	number int64
	text   *string
}

// numbers remembers some of the ticket dictionary, whose rows never change.
type numbers struct {
	mu    sync.RWMutex
	known map[numberKey]int64
}

type numberKey struct {
	workspace int64
	number    string
}

// maxNumbers bounds the memory; a full one starts again, empty.
const maxNumbers = 100_000

func newNumbers() *numbers { return &numbers{known: map[numberKey]int64{}} }

func (n *numbers) get(key numberKey) (int64, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	number, ok := n.known[key]
	return number, ok
}

func (n *numbers) add(more map[numberKey]int64) {
	if len(more) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known)+len(more) > maxNumbers {
		clear(n.known)
	}
	maps.Copy(n.known, more)
}
