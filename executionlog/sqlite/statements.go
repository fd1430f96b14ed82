package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/hookdesk/hookdesk/executionlog/internal/sqlstore"
)

// statements are the writer's prepared statements, run on the driver's own
// connection: what database/sql does around each of them (locks, a context's
// watcher, reflection on every argument) takes longer than some of them.
type statements struct {
	conn   any // the driver's connection that they were prepared on
	byText map[string]execer
}

// execer is what the driver's statements can do.
type execer interface {
	driver.Stmt
	driver.StmtExecContext
}

// run runs statements in order and returns how many rows each changed.
func (p *statements) run(ctx context.Context, conn *sql.Conn, list []sqlstore.Statement) ([]int64, error) {
	changed := make([]int64, len(list))
	err := conn.Raw(func(raw any) error {
		if p.conn != raw {
			p.forget()
			p.conn, p.byText = raw, map[string]execer{}
		}
		var named []driver.NamedValue
		for i, s := range list {
			statement, err := p.prepare(ctx, s.Text)
			if err != nil {
				return err
			}
			if named, err = arguments(named[:0], s.Args); err != nil {
				return err
			}
			result, err := statement.ExecContext(ctx, named)
			if err != nil {
				return err
			}
			if changed[i], err = result.RowsAffected(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func (p *statements) prepare(ctx context.Context, text string) (execer, error) {
	if statement, ok := p.byText[text]; ok {
		return statement, nil
	}
	conn, ok := p.conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, fmt.Errorf("prepare statement: the driver's connection is a %T", p.conn)
	}
	prepared, err := conn.PrepareContext(ctx, inOrder(text))
	if err != nil {
		return nil, fmt.Errorf("prepare statement: %w", err)
	}
	statement, ok := prepared.(execer)
	if !ok {
		return nil, errors.Join(fmt.Errorf("prepare statement: the driver's statement is a %T", prepared), prepared.Close())
	}
	p.byText[text] = statement
	return statement, nil
}

// forget closes all statements; a connection with an open one is never closed.
func (p *statements) forget() {
	for _, statement := range p.byText {
		_ = statement.Close() // of a connection that is given up
	}
	p.conn, p.byText = nil, nil
}

// arguments appends args as the driver takes them.
func arguments(named []driver.NamedValue, args []any) ([]driver.NamedValue, error) {
	for i, arg := range args {
		var value driver.Value
		switch v := arg.(type) {
		case int64, string, []byte:
			value = v
		case int:
			value = int64(v)
		default:
			var err error
			if value, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return nil, fmt.Errorf("convert argument %d: %w", i+1, err)
			}
		}
		named = append(named, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return named, nil
}

var placeholder = regexp.MustCompile(`\$[0-9]+`)

// inOrder writes $1, $2… as ? where they come in order and once each: the
// driver need not ask for the name of each of them then.
func inOrder(text string) string {
	n := 0
	for _, name := range placeholder.FindAllString(text, -1) {
		if n++; name != "$"+strconv.Itoa(n) {
			return text
		}
	}
	return placeholder.ReplaceAllLiteralString(text, "?")
}
