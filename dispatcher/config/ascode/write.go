package ascode

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

const heading = `# Configuration of hookdesk. hookdesk plan shows how a server differs from this
# file, hookdesk apply changes the server. Secrets come from the environment.
`

// Write returns the endpoints, calendars and triggers of a workspace as YAML.
// What has its default is left out. Instead of secrets it has references to
// variables. Parts that share their name have their id beside it.
func Write(service *config.Service, workspace string) ([]byte, error) {
	e := &exporter{service: service, workspace: workspace, variables: map[string]bool{}, names: map[string]string{}}
	calendars, err := e.calendars()
	if err != nil {
		return nil, err
	}
	endpoints, err := e.endpoints()
	if err != nil {
		return nil, err
	}
	list, err := e.triggers()
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.WriteString(heading)
	for _, section := range []struct {
		name  string
		items []any
	}{{"endpoints", endpoints}, {"calendars", calendars}, {"triggers", list}} {
		w.WriteString("\n" + section.name + ":")
		if len(section.items) == 0 {
			w.WriteString(" []\n")
			continue
		}
		w.WriteString("\n")
		for _, item := range section.items {
			w.WriteString("  - ")
			if object, ok := item.(mapping); ok {
				w.block(object, 4, true)
			}
		}
	}
	return w.Bytes(), nil
}

// exporter is a workspace on its way into a file.
type exporter struct {
	service   *config.Service
	workspace string
	variables map[string]bool   // taken
	names     map[string]string // by id, of endpoints and calendars; ids where a name is not unique
}

// identify puts the id beside a name that several parts of a kind have, and
// notes how others may refer to the part.
func (e *exporter) identify(object *mapping, id, name string, count map[string]int) {
	e.names[id] = name
	if count[name] > 1 {
		e.names[id] = id
		*object = append(mapping{{"id", id}}, *object...)
	}
}

func (e *exporter) calendars() ([]any, error) {
	all := e.service.CalendarList(e.workspace)
	count := map[string]int{}
	for _, calendar := range all {
		count[calendar.Name]++
	}
	var list []any
	for _, calendar := range all {
		object, err := objectOf(calendar.Calendar)
		if err != nil {
			return nil, fmt.Errorf("write calendar %s: %w", calendar.ID, err)
		}
		object.remove("id")
		e.identify(&object, calendar.ID, calendar.Name, count)
		list = append(list, object)
	}
	return list, nil
}

func objectOf(value any) (mapping, error) {
	tree, err := ordered(value)
	if err != nil {
		return nil, err
	}
	object, ok := tree.(mapping)
	if !ok {
		return nil, fmt.Errorf("%T is no object", value)
	}
	return object, nil
}

func (e *exporter) endpoints() ([]any, error) {
	all := e.service.Endpoints(e.workspace)
	count := map[string]int{}
	for _, endpoint := range all {
		count[endpoint.Name]++
	}
	var list []any
	for _, endpoint := range all {
		object, err := e.endpoint(endpoint)
		if err != nil {
			return nil, fmt.Errorf("write endpoint %s: %w", endpoint.ID, err)
		}
		e.identify(&object, endpoint.ID, endpoint.Name, count)
		list = append(list, object)
	}
	return list, nil
}

func (e *exporter) endpoint(endpoint *triggers.Endpoint) (mapping, error) {
	public := e.service.Public(endpoint)
	given, err := objectOf(config.InputOf(public))
	if err != nil {
		return nil, err
	}
	defaults, err := objectOf(e.service.Defaults(endpoint))
	if err != nil {
		return nil, err
	}
	object := mapping{}
	for _, one := range given {
		i := defaults.index(one.name)
		needed := one.name == "name" || one.name == "system" || one.name == "url"
		if needed || i < 0 || !reflect.DeepEqual(defaults[i].value, one.value) {
			object = append(object, one)
		}
	}
	prefix := variable(endpoint.Name)
	if len(endpoint.Sealed.Secrets) > 0 {
		object.set("secret", e.reference(prefix+"_SECRET"))
	}
	for _, secret := range []struct{ group, name, sealed, suffix string }{
		{"auth", "password", endpoint.Sealed.Password, "_PASSWORD"},
		{"auth", "token", endpoint.Sealed.Token, "_TOKEN"},
		{"auth", "key", endpoint.Sealed.Key, "_KEY"},
		{"tls", "key", endpoint.Sealed.TLSKey, "_TLS_KEY"},
	} {
		if secret.sealed != "" {
			e.refer(&object, secret.group, secret.name, prefix+secret.suffix)
		}
	}
	for name, value := range public.Settings {
		if value == config.Masked {
			e.refer(&object, "settings", name, prefix+"_"+variable(name))
		}
	}
	for name := range public.Headers {
		if dispatcher.SecretHeader(name) {
			e.refer(&object, "headers", name, prefix+"_HEADER_"+variable(name))
		}
	}
	if public.URL != endpoint.URL {
		object.set("url", e.reference(prefix+"_URL"))
	}
	return object, nil
}

// refer puts a reference in the place of a member of a group.
func (e *exporter) refer(object *mapping, group, name, variable string) {
	i := object.index(group)
	if i < 0 {
		return
	}
	if members, ok := (*object)[i].value.(mapping); ok {
		members.set(name, e.reference(variable))
		(*object)[i].value = members
	}
}

// reference returns a reference to a variable that no other secret has.
func (e *exporter) reference(name string) reference {
	unique := name
	for n := 2; e.variables[unique]; n++ {
		unique = fmt.Sprintf("%s_%d", name, n)
	}
	e.variables[unique] = true
	return reference(unique)
}

// variable makes a name into one that a variable may have.
func variable(name string) string {
	const longest = 60
	var b strings.Builder
	for _, r := range strings.ToUpper(name) {
		switch {
		case b.Len() >= longest:
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	text := strings.Trim(b.String(), "_")
	if text == "" {
		return "ENDPOINT"
	}
	return text
}

func (e *exporter) triggers() ([]any, error) {
	all := e.service.Triggers(e.workspace)
	count := map[string]int{}
	for _, trigger := range all {
		count[trigger.Name]++
	}
	var list []any
	for _, trigger := range all {
		object, err := objectOf(e.named(trigger))
		if err != nil {
			return nil, fmt.Errorf("write trigger %s: %w", trigger.ID, err)
		}
		for _, name := range []string{"id", "version", "author", "created_at", "updated_at"} {
			object.remove(name)
		}
		if trigger.Enabled {
			object.remove("enabled")
		}
		if len(trigger.On) == 0 {
			object.remove("on")
		}
		if trigger.Fire == triggers.FireEvery {
			object.remove("fire")
		}
		if !trigger.AllowRuleChanges {
			object.remove("allow_rule_changes")
		}
		e.identify(&object, trigger.ID, trigger.Name, count)
		list = append(list, object)
	}
	return list, nil
}

// name returns how a file refers to an endpoint or a calendar.
func (e *exporter) name(id string) string {
	if name, ok := e.names[id]; ok {
		return name
	}
	return id
}

// named returns a copy of a trigger that refers by names.
func (e *exporter) named(in *triggers.Trigger) *triggers.Trigger {
	trigger := *in
	trigger.Then = append([]triggers.Action{}, in.Then...)
	for i, action := range trigger.Then {
		if action.Webhook == nil {
			continue
		}
		webhook := &triggers.WebhookAction{}
		if action.Webhook.Endpoint != "" {
			webhook.Endpoint = e.name(action.Webhook.Endpoint)
		}
		for _, id := range action.Webhook.Endpoints {
			webhook.Endpoints = append(webhook.Endpoints, e.name(id))
		}
		trigger.Then[i].Webhook = webhook
	}
	trigger.When = condition.MapCalendars(in.When, e.name)
	return &trigger
}
