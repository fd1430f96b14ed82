// Package ascode reads and writes configuration as YAML: endpoints, calendars
// and triggers, which refer to each other by name, with secrets by reference
// to variables of the environment.
//
//	endpoints:
//	  - name: Warehouse
//	    system: supportservice
//	    url: https://warehouse.example.com/hook
//	    secret: ${env:WAREHOUSE_SECRET}
//	triggers:
//	  - name: Urgent tickets
//	    system: supportservice
//	    then:
//	      - webhook: {endpoint: Warehouse}
//
// ${env:NAME} may stand in any text; $${env:NAME} is that text itself.
package ascode

import (
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Limits of a file.
const (
	MaxBytes = 8 << 20
	maxDepth = 64
	maxNodes = 500_000 // with aliases written out
)

// Problem is one thing wrong with a file, and where.
type Problem struct {
	Line, Column int // from 1; 0 where the file as a whole is meant
	invalid.Field
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Field.String()
	}
	return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Field)
}

// Error says what is wrong with a file.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "; ")
}
