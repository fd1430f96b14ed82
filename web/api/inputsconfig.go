package api

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// Schemas of what people configure.
const (
	conditionGroup component = "ConditionGroup"
	conditionNode  component = "ConditionNode"
	conditionLeaf  component = "ConditionLeaf"
	systemName     component = "SystemName"
	triggerInput   component = "TriggerInput"
	triggerPatch   component = "TriggerPatch"
	triggerDraft   component = "TriggerDraft"
	endpointInput  component = "EndpointInput"
	endpointPatch  component = "EndpointPatch"
	calendarPatch  component = "CalendarPatch"
	workspacePatch component = "WorkspacePatch"
)

// groupSchema stands for condition.Group, whose Go type does not say that a
// node is a group or a leaf.
type groupSchema struct{}

// Schema implements huma.SchemaProvider.
func (groupSchema) Schema(huma.Registry) *huma.Schema { return conditionGroup.schema() }

// familyName is the pattern of the names of fields behind a prefix, such as
// those of custom fields.
const familyName = `^%s.{1,256}$`

// conditionSchemas describes the tree of conditions by the tables of fields and
// operators.
func conditionSchemas(registry huma.Registry) {
	schemas := registry.Map()
	schemas[string(conditionNode)] = &huma.Schema{
		Description: "A condition, or a group of them.",
		OneOf:       []*huma.Schema{conditionGroup.schema(), conditionLeaf.schema()},
	}
	group := &huma.Schema{
		Type: "object", AdditionalProperties: false, Properties: map[string]*huma.Schema{},
		Description: "Joins conditions and groups: all must hold, any of them, or none. Groups may be five deep, with a hundred conditions in all.",
		Examples: []any{map[string]any{"all": []any{
			map[string]any{"field": "status", "op": "changed_to", "value": "Closed"},
			map[string]any{"none": []any{map[string]any{"field": "tags", "op": "contains_any", "value": []string{"spam"}}}},
		}}},
	}
	for _, name := range []string{"all", "any", "none"} {
		group.Properties[name] = &huma.Schema{Type: "array", Items: conditionNode.schema(), MaxItems: new(condition.MaxLeaves)}
	}
	schemas[string(conditionGroup)] = group

	schemas[string(conditionLeaf)] = &huma.Schema{
		Type: "object", AdditionalProperties: false, Required: []string{"field", "op"},
		Description: "Compares one field of a change. GET /api/v1/fields says which operators a field has, and what value an operator takes.",
		Properties: map[string]*huma.Schema{
			"field":   fieldName(func(condition.Field) bool { return true }),
			"op":      {Type: "string", Enum: anyOf(each(condition.Operators(), func(o condition.Operator) string { return o.Name })...)},
			"value":   {},
			"options": registry.Schema(reflect.TypeFor[condition.Options](), true, ""),
		},
	}
	options := schemas["ConditionOptions"]
	options.Properties["case"].Enum = []any{"sensitive"}
	options.Properties["html"].Enum = []any{"strip"}
}

// fieldName describes the name of a field that is one of the table's, a custom
// field or a member of extra.
func fieldName(fits func(condition.Field) bool) *huma.Schema {
	listed := &huma.Schema{Type: "string"}
	either := []*huma.Schema{listed}
	for _, field := range condition.Fields() {
		switch {
		case !fits(field):
		case field.Type == condition.Custom:
			prefix, _, _ := strings.Cut(field.Name, "<")
			either = append(either, &huma.Schema{Type: "string", Pattern: fmt.Sprintf(familyName, regexp.QuoteMeta(prefix))})
		default:
			listed.Enum = append(listed.Enum, field.Name)
		}
	}
	return &huma.Schema{AnyOf: either}
}

// configurationInputs describes what people configure, beyond what the Go types
// say: limits, and the names of the registry.
func configurationInputs(registry huma.Registry, all *systems.Registry) {
	schemas := registry.Map()
	schemas[string(systemName)] = &huma.Schema{
		Type: "string", Enum: anyOf(all.Names()...), Description: "One of the emulated systems; GET /api/v1/systems describes them.",
	}
	of := func(value any) *huma.Schema { return registry.Schema(reflect.TypeOf(value), false, "") }

	action := of(triggers.Action{})
	action.MinProperties, action.MaxProperties = new(1), new(1)
	of(triggers.SetAction{}).Properties["field"] = fieldName(func(f condition.Field) bool { return f.Writable })
	of(triggers.WebhookAction{}).Properties["endpoints"].MaxItems = new(triggers.MaxTargets)
	of(triggers.NoteAction{}).Properties["body"].MaxLength = new(triggers.MaxNoteBytes)

	trigger := copied(of(triggerBody{}))
	trigger.Properties["system"] = systemName.schema()
	trigger.Properties["name"] = &huma.Schema{Type: "string", MinLength: new(1), MaxLength: new(triggers.MaxNameBytes)}
	trigger.Properties["then"].MinItems, trigger.Properties["then"].MaxItems = new(1), new(triggers.MaxActions)
	addReadOnly(trigger, of(triggerView{}))
	trigger.Description = "A trigger as people write it. Members that only reading shows may be sent back, and are ignored."
	schemas[string(triggerInput)] = trigger
	schemas[string(triggerPatch)] = patchOf(trigger, "a trigger; when, on and then are replaced as wholes")
	draft := copied(trigger)
	draft.Required, draft.Description = nil, "A trigger to try, which need not do anything yet."
	schemas[string(triggerDraft)] = draft
	for _, trial := range []*huma.Schema{of(SimulateRequest{}), of(simulationBody{})} {
		trial.Properties["draft"], trial.Properties["system"] = triggerDraft.schema(), systemName.schema()
	}
	of(tryBody{}).Properties["draft"] = triggerDraft.schema()

	retry := of(triggers.Retry{})
	bound(retry.Properties["max_attempts"], 1, config.MaxAttempts)
	bound(retry.Properties["initial_seconds"], 0, config.MaxRetrySeconds)
	bound(retry.Properties["max_seconds"], 0, config.MaxRetrySeconds)
	retry.Properties["schedule_seconds"].MaxItems = new(config.MaxSchedule)
	bound(retry.Properties["schedule_seconds"].Items, 0, config.MaxRetrySeconds)
	of(triggers.Signing{}).Properties["scheme"].Enum = anyOf(signing.Names()...)
	auth := of(triggers.Auth{})
	for _, secret := range []string{"password", "token", "key"} {
		auth.Properties[secret].WriteOnly, auth.Properties[secret].MaxLength = true, new(config.MaxCredential)
	}
	of(triggers.ClientTLS{}).Properties["key"].WriteOnly = true

	endpoint := of(config.EndpointInput{})
	endpoint.Description = "An endpoint as people write it. Members left out get the defaults of the system's data sheet."
	endpoint.Properties["system"] = systemName.schema()
	endpoint.Properties["name"].MinLength, endpoint.Properties["name"].MaxLength = new(1), new(config.MaxNameLength)
	endpoint.Properties["url"].Format, endpoint.Properties["url"].MaxLength = "uri", new(config.MaxSettingBytes)
	endpoint.Properties["secret"].WriteOnly = true
	endpoint.Properties["headers"].MaxProperties = new(config.MaxHeaders)
	bound(endpoint.Properties["timeout_seconds"], config.MinTimeoutSeconds, config.MaxTimeoutSeconds)
	bound(endpoint.Properties["max_in_flight"], 1, config.MaxInFlight)
	bound(endpoint.Properties["rate_per_second"], 0, config.MaxRatePerSecond)
	withReadOnly := copied(endpoint)
	addReadOnly(withReadOnly, of(endpointView{}))
	schemas[string(endpointPatch)] = patchOf(withReadOnly, "an endpoint; secrets left out stay as they are")
	endpoint.Required = []string{"url", "system"}

	calendar := copied(of(calendarBody{}))
	calendar.Properties["holidays"].Items.Format = "date"
	addReadOnly(calendar, of(config.Calendar{}))
	schemas[string(calendarPatch)] = patchOf(calendar, "a calendar; hours and holidays are replaced as wholes")
	of(config.SearchInput{}).Properties["query"].MaxLength = new(config.MaxSettingBytes)

	// In JSON a status may be a number.
	for _, filter := range []*huma.Schema{of(replayBody{}), of(FilterQuery{})} {
		text := *filter.Properties["http_status"]
		filter.Properties["http_status"] = &huma.Schema{
			Description: text.Description, AnyOf: []*huma.Schema{{Type: "string"}, {Type: "integer", Minimum: new(float64(100)), Maximum: new(float64(999))}},
		}
	}
	of(importRequest{}).Properties["document"] = zendeskDocument()
	of(configurationRequest{}).Required = nil // no file is an empty one

	workspace := copied(of(workspaceBody{}))
	addReadOnly(workspace, of(config.Workspace{}))
	schemas[string(workspacePatch)] = patchOf(workspace, "a workspace")
}

// zendeskDocument describes the triggers of Zendesk as far as they are looked
// at; whatever else its API answers may be there, too.
func zendeskDocument() *huma.Schema {
	rows := func(what, name string) *huma.Schema {
		return &huma.Schema{Type: "array", Description: what, Items: &huma.Schema{
			Type: "object", AdditionalProperties: true, Properties: map[string]*huma.Schema{
				"field": {Type: "string", Description: name}, "operator": {Type: "string", Description: "Zendesk's operator, of a condition"},
				"value": {Description: "The value, in the form that the field has there"},
			},
		}}
	}
	conditions := &huma.Schema{Type: "object", AdditionalProperties: true, Description: "Rows that must all hold, and rows of which one must", Properties: map[string]*huma.Schema{
		"all": rows("Each must hold", "Such as status or current_tags"), "any": rows("One must hold, if there are any", "Such as status or current_tags"),
	}}
	trigger := map[string]*huma.Schema{
		"title": {Type: "string", Description: "What people call it"}, "active": {Type: "boolean", Description: "Whether it fires at all"},
		"conditions": conditions, "actions": rows("What it does; notification_webhook is carried over", "Such as notification_webhook or current_tags"),
	}
	one := &huma.Schema{Type: "object", AdditionalProperties: true, Description: "One trigger", Properties: trigger}
	document := anyObject("What Zendesk's API answers to GET /api/v2/triggers: {triggers: […]}, {trigger: {…}} or one trigger")
	document.Properties = map[string]*huma.Schema{
		"triggers": {Type: "array", Items: one, Description: "Several triggers"}, "trigger": one,
	}
	maps.Copy(document.Properties, trigger)
	return document
}

func bound(number *huma.Schema, low, high float64) { number.Minimum, number.Maximum = &low, &high }

// copied returns a schema whose members can be changed without changing those
// of the first.
func copied(schema *huma.Schema) *huma.Schema {
	other := *schema
	other.Properties = map[string]*huma.Schema{}
	for name, member := range schema.Properties {
		own := *member
		other.Properties[name] = &own
	}
	other.Required = slices.Clone(schema.Required)
	return &other
}

// addReadOnly adds the members that only reading shows, which a request may
// hold.
func addReadOnly(input, view *huma.Schema) {
	for name := range view.Properties {
		if input.Properties[name] == nil {
			input.Properties[name] = &huma.Schema{ReadOnly: true, Description: "Ignored."}
		}
	}
}

// patchOf describes a JSON merge patch of what an input describes.
func patchOf(input *huma.Schema, of string) *huma.Schema {
	patch := &huma.Schema{
		Type: "object", AdditionalProperties: input.AdditionalProperties, Properties: map[string]*huma.Schema{},
		Description: "Members of " + of + ". null gives a member its default.",
	}
	for name, member := range maps.All(input.Properties) {
		own := *member
		own.Default = nil
		switch {
		case own.ReadOnly:
		case own.Type != "":
			own.Nullable = true
			if own.Enum != nil {
				own.Enum = append(slices.Clone(own.Enum), nil)
			}
		default:
			own = huma.Schema{OneOf: []*huma.Schema{member, {Type: "null"}}}
		}
		patch.Properties[name] = &own
	}
	return patch
}
