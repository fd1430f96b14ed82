package config

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Plan returns how the configuration differs from the desired one, without
// effects. The error is an *invalid.Error with paths below those of the parts.
func (s *Service) Plan(_ context.Context, by Actor, want Desired) (*Outcome, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	a, err := s.assemble(by, want)
	if err != nil {
		return nil, err
	}
	for i := range a.differences {
		if a.differences[i].Action == ActionCreated {
			a.differences[i].ID = ""
		}
		a.differences[i].Secret = ""
	}
	return a.outcome(), nil
}

// CarryOut makes the configuration the desired one, in one transaction: after
// an error nothing has changed. It returns what it did. Endpoints that are new
// or have another URL are tried first where their system does so.
func (s *Service) CarryOut(ctx context.Context, by Actor, want Desired) (*Outcome, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	a, err := s.assemble(by, want)
	if err != nil {
		return nil, err
	}
	if len(a.writes) == 0 {
		return a.outcome(), nil
	}
	if err := s.handshakes(ctx, a.tried, EndpointOptions{SkipHandshake: want.SkipHandshake}); err != nil {
		return nil, err
	}
	if err := s.put(ctx, by, a.writes...); err != nil {
		return nil, err
	}
	for _, changed := range a.changed {
		s.tellState(by, changed.after, changed.before)
	}
	return a.outcome(), nil
}

// handshakesAtOnce bounds the endpoints that are tried side by side.
const handshakesAtOnce = 8

// tried is an endpoint to try before it is saved.
type tried struct {
	path     string
	endpoint *triggers.Endpoint
}

func (s *Service) handshakes(ctx context.Context, all []tried, options EndpointOptions) error {
	results := make([]error, len(all))
	places := make(chan struct{}, handshakesAtOnce)
	var waiting sync.WaitGroup
	for i, one := range all {
		places <- struct{}{}
		waiting.Go(func() {
			defer func() { <-places }()
			results[i] = s.handshake(ctx, one.endpoint, options)
		})
	}
	waiting.Wait()
	var list invalid.List
	for i, err := range results {
		var refused *invalid.Error
		if err != nil && !errors.As(err, &refused) {
			return err
		}
		list.Merge(all[i].path, err)
	}
	return list.Err()
}

// assembly is the configuration of a workspace on its way to the desired one.
type assembly struct {
	*Service
	by   Actor
	want Desired
	list invalid.List

	// What there will be, by id.
	endpoints map[string]*triggers.Endpoint
	calendars map[string]*Calendar
	triggers  map[string]*triggers.Trigger
	aliases   map[string]string // ids that the file uses for new parts

	// claimed says by id which part of the file is about it.
	claimed map[string]string

	differences []Difference
	left        []Part
	writes      []write
	tried       []tried
	changed     []struct{ before, after *triggers.Endpoint }
}

func (s *Service) assemble(by Actor, want Desired) (*assembly, error) {
	a := &assembly{
		Service: s, by: by, want: want, aliases: map[string]string{}, claimed: map[string]string{},
		endpoints: map[string]*triggers.Endpoint{}, calendars: map[string]*Calendar{}, triggers: map[string]*triggers.Trigger{},
	}
	for _, step := range []func() error{a.addCalendars, a.addEndpoints, a.list.Err, a.addTriggers} {
		if err := step(); err != nil {
			return nil, err // triggers are not held against endpoints that are wrong themselves
		}
	}
	a.checkCounts()
	a.checkUsers()
	if err := a.list.Err(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(a.differences, func(x, y Difference) int { return order(x) - order(y) })
	return a, nil
}

// order puts what others need first, and last where it is removed.
func order(d Difference) int {
	place := rank(d.Kind)
	if d.Action == ActionRemoved {
		place = 10 - place
	}
	return place
}

// rank is lower for what others need.
func rank(kind string) int {
	return slices.Index([]string{kindCalendar, kindEndpoint, kindTrigger}, kind)
}

func (a *assembly) outcome() *Outcome {
	slices.SortStableFunc(a.left, func(x, y Part) int { return rank(y.Kind) - rank(x.Kind) })
	return &Outcome{Differences: a.differences, Left: a.left}
}

// unnamed says whether a part that exists is to be removed because the file
// does not name it, and notes that it is, or that it is left.
func (a *assembly) unnamed(kind, id, name string) bool {
	prune, whole := a.want.Prune[kind]
	switch {
	case a.claimed[id] != "":
	case prune:
		a.differ(kind, ActionRemoved, id, name, nil)
		return true
	case whole:
		a.left = append(a.left, Part{Kind: kind, ID: id, Name: name})
	}
	return false
}

// known is a part that exists.
type known struct{ id, name string }

// match finds the part that exists and that a part of the file is about; "" if
// it is new. ok is false where there is no saying which.
func (a *assembly) match(kind, path, id, name string, existing []known, ids map[string]bool) (found string, ok bool) {
	for _, have := range existing {
		if id != "" && have.id == id {
			return a.claim(path, have.id)
		}
	}
	var same []string
	for _, have := range existing {
		if have.name == name && !ids[have.id] {
			same = append(same, have.id)
		}
	}
	switch len(same) {
	case 0:
		fresh := kind + " named " + name
		if id != "" {
			fresh = kind + " " + id // an id that does not exist tells parts of one name apart
		}
		_, ok := a.claim(path, fresh)
		return "", ok
	case 1:
		return a.claim(path, same[0])
	}
	a.list.Add(invalid.Join(path, "name"), name, "is the name of %d %ss; say which by id: %s", len(same), kind, strings.Join(same, " or "))
	return "", false
}

func (a *assembly) claim(path, what string) (string, bool) {
	if other := a.claimed[what]; other != "" {
		a.list.Add(invalid.Join(path, "name"), nil, "must differ from the name of %s, which is about the same", other)
		return "", false
	}
	a.claimed[what] = path
	return what, true
}

func (a *assembly) differ(kind, action, id, name string, fields []triggers.FieldDiff) {
	a.differences = append(a.differences, Difference{Kind: kind, Action: action, ID: id, Name: name, Fields: fields})
}

// checkCounts keeps to the limits of the workspace and the systems, where
// something is added.
func (a *assembly) checkCounts() {
	created := map[string]int{}
	bySystem := map[string]int{}
	for _, difference := range a.differences {
		if difference.Action == ActionCreated {
			created[difference.Kind]++
		}
	}
	for _, endpoint := range a.endpoints {
		bySystem[endpoint.System]++
	}
	if created[kindEndpoint] > 0 {
		for _, system := range a.options.Systems.All() {
			sheet := system.Sheet()
			if most := sheet.Policy.MaxEndpoints; most > 0 && bySystem[sheet.Name] > most {
				a.list.Add("endpoints", bySystem[sheet.Name], "must leave at most %d endpoints of %s", most, sheet.Name)
			}
		}
	}
	w := a.current.Load().workspaces[a.by.Workspace]
	if w == nil {
		return
	}
	if most := w.Limits.Endpoints; created[kindEndpoint] > 0 && most > 0 && len(a.endpoints) > most {
		a.list.Add("endpoints", len(a.endpoints), "must leave at most %d endpoints in the workspace", most)
	}
	if most := w.Limits.Triggers; created[kindTrigger] > 0 && most > 0 && len(a.triggers) > most {
		a.list.Add("triggers", len(a.triggers), "must leave at most %d triggers in the workspace", most)
	}
}

// checkUsers refuses to remove what triggers that the file leaves alone need.
func (a *assembly) checkUsers() {
	for _, trigger := range a.Triggers(a.by.Workspace) {
		if a.triggers[trigger.ID] != trigger {
			continue
		}
		for _, action := range trigger.Then {
			if action.Webhook == nil {
				continue
			}
			for _, target := range action.Webhook.Targets() {
				if gone, err := a.EndpointIn(a.by.Workspace, target); err == nil && a.endpoints[target] == nil {
					a.list.Add("endpoints", nil, "must name the endpoint %q, which the trigger %q sends to", gone.Name, trigger.Name)
				}
			}
		}
		for _, calendar := range a.CalendarList(a.by.Workspace) {
			if a.calendars[calendar.ID] == nil && usesCalendar(trigger.When, calendar.ID) {
				a.list.Add("calendars", nil, "must name the calendar %q, which the trigger %q uses", calendar.Name, trigger.Name)
			}
		}
	}
}

// removal is the write that removes a part; its versions stay readable.
func removal(kind, id string, version int, body, before any) write {
	return write{kind: kind, id: id, version: version + 1, deleted: true, body: body, before: before, action: kind + ".deleted"}
}
