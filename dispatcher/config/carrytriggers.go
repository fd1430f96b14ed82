package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/id"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

func (a *assembly) addTriggers() error {
	var existing []known
	ids := map[string]bool{}
	for _, trigger := range a.Triggers(a.by.Workspace) {
		existing = append(existing, known{trigger.ID, trigger.Name})
		a.triggers[trigger.ID] = trigger
	}
	for _, part := range a.want.Triggers {
		ids[part.ID] = true
	}
	env := a.triggerEnv()
	endpoints, calendars := a.endpointNames(), a.calendarNames()
	for _, part := range a.want.Triggers {
		found, ok := a.match(kindTrigger, part.Path, part.ID, part.Trigger.Name, existing, ids)
		if !ok {
			continue
		}
		var list invalid.List
		after := a.linked(part.Trigger, endpoints, calendars, &list)
		if before := a.triggers[found]; before != nil && before.System != after.System {
			list.Add("system", after.System, "cannot be changed from %s; make another trigger", before.System)
		}
		if list.Err() == nil {
			list.Merge("", triggers.Validate(after, env))
		}
		if err := list.Err(); err != nil {
			a.list.Merge(part.Path, err)
			continue
		}
		a.setTrigger(after, a.triggers[found])
	}
	for _, trigger := range a.Triggers(a.by.Workspace) {
		if a.unnamed(kindTrigger, trigger.ID, trigger.Name) {
			delete(a.triggers, trigger.ID)
			a.writes = append(a.writes, removal(kindTrigger, trigger.ID, trigger.Version, trigger, trigger))
		}
	}
	return nil
}

func (a *assembly) setTrigger(after, before *triggers.Trigger) {
	now := a.now()
	after.Workspace, after.Author, after.UpdatedAt = a.by.Workspace, a.by.Name, now
	w := write{kind: kindTrigger, body: after, after: after, action: "trigger.created"}
	action := ActionCreated
	var fields []triggers.FieldDiff
	if before == nil {
		after.ID, after.Version, after.CreatedAt = a.ids.New(id.Trigger), 1, now
	} else {
		after.ID, after.Version, after.CreatedAt = before.ID, before.Version+1, before.CreatedAt
		if fields = triggers.Diff(before, after); len(fields) == 0 {
			return
		}
		w.before, w.action, action = before, "trigger.updated", ActionChanged
	}
	w.id, w.version = after.ID, after.Version
	a.triggers[after.ID] = after
	a.differ(kindTrigger, action, after.ID, after.Name, a.named(fields))
	a.writes = append(a.writes, w)
}

// named puts names in the place of ids that people do not know by heart.
func (a *assembly) named(fields []triggers.FieldDiff) []triggers.FieldDiff {
	name := func(value any) any {
		text, ok := value.(string)
		if !ok {
			return value
		}
		for _, endpoints := range []map[string]*triggers.Endpoint{a.endpoints, a.current.Load().endpoints} {
			if endpoint := endpoints[text]; endpoint != nil && endpoint.Workspace == a.by.Workspace {
				return endpoint.Name
			}
		}
		return value
	}
	for i := range fields {
		fields[i].From, fields[i].To = name(fields[i].From), name(fields[i].To)
	}
	return fields
}

func (a *assembly) triggerEnv() triggers.Env {
	env := triggers.Env{
		Systems:   map[string][]string{},
		Endpoint:  func(id string) *triggers.Endpoint { return a.endpoints[id] },
		Calendars: condition.Calendars{},
	}
	for _, system := range a.options.Systems.All() {
		env.Systems[system.Sheet().Name] = system.Sheet().EventNames()
	}
	for id, calendar := range a.calendars {
		env.Calendars[id] = &calendar.Calendar
	}
	return env
}

// lookup finds parts by id, by the id that the file gave a new one, or by name.
type lookup struct {
	kind    string
	aliases map[string]string
	ids     map[string]bool
	names   map[string][]string
}

func (a *assembly) endpointNames() lookup {
	l := lookup{kindEndpoint, a.aliases, map[string]bool{}, map[string][]string{}}
	for _, id := range slices.Sorted(maps.Keys(a.endpoints)) {
		l.ids[id], l.names[a.endpoints[id].Name] = true, append(l.names[a.endpoints[id].Name], id)
	}
	return l
}

func (a *assembly) calendarNames() lookup {
	l := lookup{kindCalendar, a.aliases, map[string]bool{}, map[string][]string{}}
	for _, id := range slices.Sorted(maps.Keys(a.calendars)) {
		l.ids[id], l.names[a.calendars[id].Name] = true, append(l.names[a.calendars[id].Name], id)
	}
	return l
}

func (l lookup) find(path, text string, list *invalid.List) string {
	if l.ids[text] {
		return text
	}
	if id := l.aliases[text]; l.ids[id] {
		return id
	}
	switch found := l.names[text]; len(found) {
	case 0:
		list.Add(path, text, "must be the name or id of %s %s%s", article(l.kind), l.kind, strictjson.Suggestion(text, slices.Sorted(maps.Keys(l.names))))
	case 1:
		return found[0]
	default:
		list.Add(path, text, "is the name of %d %ss; give an id: %s", len(found), l.kind, strings.Join(found, " or "))
	}
	return text
}

func article(kind string) string {
	if kind == kindEndpoint {
		return "an"
	}
	return "a"
}

// linked returns a copy of a trigger that names endpoints and calendars by id.
func (a *assembly) linked(in *triggers.Trigger, endpoints, calendars lookup, list *invalid.List) *triggers.Trigger {
	trigger := completed(in)
	trigger.Then = slices.Clone(trigger.Then)
	for i, action := range trigger.Then {
		if action.Webhook == nil {
			continue
		}
		path := fmt.Sprintf("then.%d.webhook", i)
		webhook := &triggers.WebhookAction{Endpoints: slices.Clone(action.Webhook.Endpoints)}
		if target := action.Webhook.Endpoint; target != "" {
			webhook.Endpoint = endpoints.find(path+".endpoint", target, list)
		}
		for k, target := range webhook.Endpoints {
			webhook.Endpoints[k] = endpoints.find(fmt.Sprintf("%s.endpoints.%d", path, k), target, list)
		}
		trigger.Then[i].Webhook = webhook
	}
	trigger.When = linkedGroup(trigger.When, "when", func(path, text string) string { return calendars.find(path, text, list) })
	return trigger
}

func linkedGroup(group *condition.Group, path string, find func(path, text string) string) *condition.Group {
	if group == nil {
		return nil
	}
	copied := *group
	for _, part := range []struct {
		name  string
		nodes *[]condition.Node
	}{{"all", &copied.All}, {"any", &copied.Any}, {"none", &copied.None}} {
		*part.nodes = slices.Clone(*part.nodes)
		for i, node := range *part.nodes {
			at := fmt.Sprintf("%s.%s.%d", path, part.name, i)
			if node.Group != nil {
				(*part.nodes)[i].Group = linkedGroup(node.Group, at, find)
			}
			if node.Leaf == nil || node.Leaf.Options == nil || node.Leaf.Options.Calendar == "" {
				continue
			}
			leaf, options := *node.Leaf, *node.Leaf.Options
			options.Calendar = find(at+".options.calendar", options.Calendar)
			leaf.Options = &options
			(*part.nodes)[i].Leaf = &leaf
		}
	}
	return &copied
}
