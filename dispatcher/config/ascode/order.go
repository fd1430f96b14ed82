package ascode

import (
	"context"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// Order is a file with what it refers to, and what to do about the rest.
type Order struct {
	Text   []byte
	Values map[string]string // of the variables that the file refers to
	Prune  bool              // remove what the file's sections do not name
	// SkipHandshake saves endpoints without trying them.
	SkipHandshake bool
}

// Result is the difference between a file and the configuration.
type Result struct {
	Differences []config.Difference
	// Kept lists the variables without a value in whose place an endpoint
	// keeps what it has.
	Kept []string
	// Left is what the sections of the file do not name and the workspace has:
	// what Prune would remove. It is no difference, and no part of a plan.
	Left []config.Part `json:"-"`
}

// Removed lists the ids of the endpoints that an applied order removed.
func (r *Result) Removed() []string {
	var ids []string
	for _, d := range r.Differences {
		if d.Kind == config.KindEndpoint && d.Action == config.ActionRemoved {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// Plan says what Apply would do. What is wrong with the file is an *Error.
func (o Order) Plan(ctx context.Context, service *config.Service, by config.Actor) (*Result, error) {
	return o.carry(func(want config.Desired) (*config.Outcome, error) { return service.Plan(ctx, by, want) })
}

// Apply makes the configuration that of the file, wholly or not at all. What
// is wrong with the file is an *Error.
func (o Order) Apply(ctx context.Context, service *config.Service, by config.Actor) (*Result, error) {
	return o.carry(func(want config.Desired) (*config.Outcome, error) { return service.CarryOut(ctx, by, want) })
}

func (o Order) carry(do func(config.Desired) (*config.Outcome, error)) (*Result, error) {
	file, err := Read(o.Text, func(name string) (string, bool) {
		value, ok := o.Values[name]
		return value, ok
	}, o.Prune)
	if err != nil {
		return nil, err
	}
	file.Desired.SkipHandshake = o.SkipHandshake
	outcome, err := do(file.Desired)
	if err != nil {
		return nil, file.Explain(err)
	}
	return &Result{Differences: outcome.Differences, Kept: file.Kept, Left: outcome.Left}, nil
}
