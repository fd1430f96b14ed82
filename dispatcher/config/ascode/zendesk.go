package ascode

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Zendesk is triggers of Zendesk to carry over.
type Zendesk struct {
	Document []byte // the JSON that Zendesk's API answers, or one trigger of it
	System   string // whose events they shall send
	// Endpoints tells by the id of a Zendesk webhook which endpoint, by name or
	// id, takes its place.
	Endpoints map[string]string
	// Replace saves new versions of triggers that have the same names; else
	// those stay as they are, and the import leaves them out.
	Replace bool
	// DryRun only says what would be done.
	DryRun bool
}

// Imported is what became of an import.
type Imported struct {
	Differences []config.Difference `json:"differences" doc:"The triggers that were made or changed; those that lost a condition are switched off"`
	Dropped     []triggers.Dropped  `json:"dropped" doc:"What could not be carried over, row by row"`
}

// Import carries triggers over, all in one transaction. The error is an
// *invalid.Error or one of the store.
func (z Zendesk) Import(ctx context.Context, service *config.Service, by config.Actor) (*Imported, error) {
	endpoints := map[string]string{}
	var list invalid.List
	for _, webhook := range slices.Sorted(maps.Keys(z.Endpoints)) {
		endpoint, err := find(service, by.Workspace, z.Endpoints[webhook])
		list.Merge("endpoints."+webhook, err)
		endpoints[webhook] = endpoint
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	found, dropped, err := triggers.ImportZendesk(z.Document, z.System, endpoints)
	if err != nil {
		list.Merge("document", err)
		return nil, list.Err()
	}
	imported := &Imported{Differences: []config.Difference{}, Dropped: append([]triggers.Dropped{}, dropped...)}
	existing := map[string]bool{}
	for _, trigger := range service.Triggers(by.Workspace) {
		existing[trigger.Name] = true
	}
	want := config.Desired{}
	taken := map[string]bool{}
	for _, trigger := range found {
		if existing[trigger.Name] && !z.Replace {
			imported.Dropped = append(imported.Dropped, triggers.Dropped{
				Trigger: trigger.Name, Reason: "There is a trigger of this name already; replace saves a new version of it.",
			})
			continue
		}
		title := trigger.Name
		for n := 2; taken[trigger.Name]; n++ {
			trigger.Name = numbered(title, n)
		}
		taken[trigger.Name] = true
		path := fmt.Sprintf("triggers.%d", len(want.Triggers))
		want.Triggers = append(want.Triggers, config.DesiredTrigger{Path: path, Trigger: trigger})
	}
	carry := service.CarryOut
	if z.DryRun {
		carry = service.Plan
	}
	outcome, err := carry(ctx, by, want)
	if err != nil {
		return nil, err
	}
	imported.Differences = append(imported.Differences, outcome.Differences...)
	return imported, nil
}

// numbered tells triggers of one title apart.
func numbered(title string, n int) string {
	suffix := fmt.Sprintf(" (%d)", n)
	if most := triggers.MaxNameBytes - len(suffix); len(title) > most {
		title = strings.ToValidUTF8(title[:most], "")
	}
	return title + suffix
}

// find returns the id of an endpoint by id or name.
func find(service *config.Service, workspace, text string) (string, error) {
	var same, names []string
	for _, endpoint := range service.Endpoints(workspace) {
		if endpoint.ID == text {
			return text, nil
		}
		if endpoint.Name == text {
			same = append(same, endpoint.ID)
		}
		names = append(names, endpoint.Name)
	}
	switch len(same) {
	case 0:
		return "", invalid.New("", text, "must be the name or id of an endpoint%s", invalid.Suggest(text, names))
	case 1:
		return same[0], nil
	}
	return "", invalid.New("", text, "is the name of %d endpoints; give an id: %s", len(same), strings.Join(same, " or "))
}
