package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// enums are the values of the types that are one of a list.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[ticket.Kind]():    anyOf(ticket.Kinds...),
	reflect.TypeFor[ticket.State]():   anyOf(ticket.States...),
	reflect.TypeFor[ticket.Role]():    anyOf(ticket.Roles...),
	reflect.TypeFor[config.Scope]():   anyOf(config.Scopes...),
	reflect.TypeFor[triggers.Fire]():  anyOf(triggers.FireEvery, triggers.FireEdge, triggers.FireOncePerTicket),
	reflect.TypeFor[condition.Type](): anyOf(typesOfFields()...),

	reflect.TypeFor[triggers.EndpointState](): anyOf(triggers.EndpointActive, triggers.EndpointDisabled, triggers.EndpointPaused),
	reflect.TypeFor[triggers.Ordered]():       anyOf(triggers.Unordered, triggers.OrderedTicket),
	reflect.TypeFor[triggers.OnFailure]():     anyOf(triggers.OnFailureBlock, triggers.OnFailureSkip),
	reflect.TypeFor[triggers.AuthType]():      anyOf(triggers.AuthNone, triggers.AuthBasic, triggers.AuthBearer, triggers.AuthAPIKey),
	reflect.TypeFor[triggers.VerdictKind](): anyOf(triggers.Fired, triggers.NotMatched, triggers.NotSubscribed, triggers.Disabled,
		triggers.Suppressed, triggers.Errored),
	reflect.TypeFor[condition.Argument](): anyOf(argumentsOfOperators()...),
	reflect.TypeFor[systems.Provenance](): anyOf(systems.Stated, systems.Documented, systems.Observed, systems.Assumed),
	reflect.TypeFor[executionlog.Outcome](): anyOf(executionlog.Pending, executionlog.Succeeded, executionlog.Failed,
		executionlog.Cancelled),
}

// enumSchema describes T by the values in enums.
type enumSchema[T ~string] struct{}

// Schema implements huma.SchemaProvider.
func (enumSchema[T]) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: enums[reflect.TypeFor[T]()]}
}

func describeEnum[T ~string](registry huma.Registry) {
	registry.RegisterTypeAlias(reflect.TypeFor[T](), reflect.TypeFor[enumSchema[T]]())
}

func describeEnums(registry huma.Registry) {
	for _, describe := range []func(huma.Registry){
		describeEnum[ticket.Kind], describeEnum[ticket.State], describeEnum[ticket.Role], describeEnum[config.Scope],
		describeEnum[triggers.Fire], describeEnum[triggers.EndpointState], describeEnum[triggers.Ordered],
		describeEnum[triggers.OnFailure], describeEnum[triggers.AuthType], describeEnum[triggers.VerdictKind],
		describeEnum[condition.Type], describeEnum[condition.Argument], describeEnum[systems.Provenance], describeEnum[executionlog.Outcome],
	} {
		describe(registry)
	}
}

func anyOf[T ~string](values ...T) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = string(value)
	}
	return list
}

func typesOfFields() []condition.Type {
	return each(condition.Fields(), func(f condition.Field) condition.Type { return f.Type })
}

func argumentsOfOperators() []condition.Argument {
	return each(condition.Operators(), func(o condition.Operator) condition.Argument { return o.Argument })
}

// each returns what of says about the entries of a list, each value once.
func each[E any, T comparable](list []E, of func(E) T) []T {
	var values []T
	seen := map[T]bool{}
	for _, entry := range list {
		if value := of(entry); !seen[value] {
			seen[value] = true
			values = append(values, value)
		}
	}
	return values
}
