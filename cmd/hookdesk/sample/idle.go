package sample

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/signing"
)

// Idle returns the paths of the assignments without which the request would be
// the same: the system does not send that member with this event, or the
// sample has that value already. The error names a member of a reply or a note
// where the event is about none, since nothing could come of it.
func Idle(spec Spec) ([]string, error) {
	if len(spec.Set) == 0 {
		return nil, nil
	}
	spec.Scheme = nil
	if spec.Delivery == "" {
		spec.Delivery = "any" // the same for all that are compared
	}
	whole, _, err := Make(spec)
	if err != nil {
		return nil, err
	}
	var idle []string
	for i, assignment := range spec.Set {
		rest := spec
		rest.Set = slices.Delete(slices.Clone(spec.Set), i, i+1)
		without, _, err := Make(rest)
		if err != nil || !bytes.Equal(whole, without) {
			continue
		}
		path, _, _ := strings.Cut(assignment, "=")
		if err := about(spec, path); err != nil {
			return nil, err
		}
		idle = append(idle, path)
	}
	return idle, nil
}

// OneSignature reports whether only the first of the keys signs.
func OneSignature(spec Spec) (bool, error) {
	if spec.Scheme == nil || len(spec.Keys) == 0 {
		return false, nil
	}
	message, options := signing.Message{ID: "any", Timestamp: spec.Now}, signing.Options{Header: spec.Header}
	all, err := spec.Scheme.Sign(message, spec.Keys, options)
	if err != nil {
		return false, err
	}
	first, err := spec.Scheme.Sign(message, spec.Keys[:1], options)
	return slices.Equal(all, first), err
}

// about returns an error where a path is of a reply or a note that the event's
// sample has not.
func about(spec Spec, path string) error {
	event, ok := spec.System.Sheet().Event(spec.Event)
	if !ok || event.Sample == nil {
		return nil
	}
	change := event.Sample()
	first, rest, _ := strings.Cut(path, ".")
	if first == "reply" && change.Reply == nil || first == "note" && change.Note == nil {
		hint := "a member of the ticket, such as subject=Hello"
		switch {
		case change.Note != nil:
			hint = "note." + rest
		case change.Reply != nil:
			hint = "reply." + rest
		}
		return fmt.Errorf("--set %s; %s %s is about no %s; want %s", path, spec.System.Sheet().Name, spec.Event, first, hint)
	}
	return nil
}
