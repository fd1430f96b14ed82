package console

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/web/console/treeform"
)

// triggerForm is the editor of a trigger. Its tree and its list of actions are
// in the form itself, so that adding and removing works without a script.
type triggerForm struct {
	ID       string // empty for a new one
	Version  int
	Systems  []*systems.Sheet
	Sheet    *systems.Sheet // of the chosen system, nil before one is chosen
	Targets  []*triggers.Endpoint
	Faults   faults
	Warnings []string

	Name      string
	Enabled   bool
	On        []string
	Fire      triggers.Fire
	RuleToo   bool
	Tree      *treeform.Node
	Actions   []actionRow
	Calendars []choice

	Trial *trial
}

// actionRow is one action in the form.
type actionRow struct {
	Index        int
	Kind         string // webhook, note, tag or set
	Endpoints    []string
	Body         string
	Public       bool
	Add, Remove  string
	Field, Value string
}

// Path returns where faults of the row are reported.
func (a actionRow) Path() string { return "then." + strconv.Itoa(a.Index) }

// EndpointEvents are what a trigger of any system may listen to beside the
// system's own events.
func (*triggerForm) EndpointEvents() []triggers.EndpointEvent { return triggers.EndpointEvents() }

// AboutEndpoints says that some of them are chosen.
func (f *triggerForm) AboutEndpoints() bool {
	return slices.ContainsFunc(f.On, triggers.IsEndpointEvent)
}

// actionKinds are the kinds of action in the order in which they are offered.
var actionKinds = []string{"webhook", "note", "tag", "set"}

// readTriggerForm reads a posted editor.
func readTriggerForm(form url.Values) *triggerForm {
	f := &triggerForm{
		Faults: faults{}, Name: strings.TrimSpace(form.Get("name")), Enabled: form.Get("enabled") != "",
		On: form["on"], Fire: triggers.Fire(form.Get("fire")), RuleToo: form.Get("allow_rule_changes") != "",
		Tree: treeform.Read(form),
	}
	for i := range 50 {
		at := "then." + strconv.Itoa(i) + "."
		kind := form.Get(at + "kind")
		if !slices.Contains(actionKinds, kind) {
			continue
		}
		f.Actions = append(f.Actions, actionRow{
			Index: len(f.Actions), Kind: kind, Endpoints: form[at+"endpoints"], Body: form.Get(at + "body"),
			Public: form.Get(at+"public") != "", Add: form.Get(at + "add"), Remove: form.Get(at + "remove"),
			Field: form.Get(at + "field"), Value: form.Get(at + "value"),
		})
	}
	return f
}

// fill puts a trigger into the form.
func (f *triggerForm) fill(t *triggers.Trigger) {
	f.ID, f.Version, f.Name, f.Enabled, f.On = t.ID, t.Version, t.Name, t.Enabled, t.On
	f.Fire, f.RuleToo, f.Tree = t.Fire, t.AllowRuleChanges, treeform.From(t.When)
	f.Actions = nil
	for i, action := range t.Then {
		row := actionRow{Index: i}
		switch {
		case action.Webhook != nil:
			row.Kind, row.Endpoints = "webhook", action.Webhook.Targets()
		case action.Note != nil:
			row.Kind, row.Body = "note", action.Note.Body
			row.Public = action.Note.Private != nil && !*action.Note.Private
		case action.Tag != nil:
			row.Kind, row.Add, row.Remove = "tag", strings.Join(action.Tag.Add, ", "), strings.Join(action.Tag.Remove, ", ")
		case action.Set != nil:
			row.Kind, row.Field, row.Value = "set", action.Set.Field, setText(action.Set.Value)
		}
		f.Actions = append(f.Actions, row)
	}
}

// change carries out the buttons that add and remove parts of the form.
func (f *triggerForm) change(button string) {
	what, place, _ := strings.Cut(button, ":")
	switch what {
	case "add-action":
		if slices.Contains(actionKinds, place) {
			f.Actions = append(f.Actions, actionRow{Kind: place})
		}
	case "remove-action":
		f.Actions = slices.DeleteFunc(f.Actions, func(a actionRow) bool { return strconv.Itoa(a.Index) == place })
	default:
		f.Tree.Change(button)
	}
	for i := range f.Actions {
		f.Actions[i].Index = i
	}
}

// trigger returns the trigger that the form describes.
func (f *triggerForm) trigger() *triggers.Trigger {
	t := &triggers.Trigger{
		Name: f.Name, Enabled: f.Enabled, On: f.On, Fire: f.Fire, AllowRuleChanges: f.RuleToo, When: f.Tree.Group(),
	}
	if f.Sheet != nil {
		t.System = f.Sheet.Name
	}
	for _, row := range f.Actions {
		t.Then = append(t.Then, row.action())
	}
	return t
}

// unfilled returns what the form asks for and was left out; the API would take
// an empty text for one, and speaks of ids.
func (f *triggerForm) unfilled() faults {
	found := faults{}
	for _, path := range f.Tree.Blank() {
		found[path] = "A value is missing; for none, choose is not present."
	}
	for _, row := range f.Actions {
		if row.Kind == "webhook" && len(row.Endpoints) == 0 {
			found[row.Path()] = "Choose an endpoint to send to, or remove the action."
		}
	}
	return found
}

func (a actionRow) action() triggers.Action {
	switch a.Kind {
	case "note":
		private := !a.Public
		return triggers.Action{Note: &triggers.NoteAction{Body: a.Body, Private: &private}}
	case "tag":
		return triggers.Action{Tag: &triggers.TagAction{Add: splitList(a.Add), Remove: splitList(a.Remove)}}
	case "set":
		return triggers.Action{Set: &triggers.SetAction{Field: a.Field, Value: setValue(a.Field, a.Value)}}
	}
	if len(a.Endpoints) == 1 {
		return triggers.Action{Webhook: &triggers.WebhookAction{Endpoint: a.Endpoints[0]}}
	}
	return triggers.Action{Webhook: &triggers.WebhookAction{Endpoints: a.Endpoints}}
}

// setValue writes the text of a set action as the value of its field: JSON
// where it is more than a word or the field holds no text.
func setValue(field, text string) json.RawMessage {
	text = strings.TrimSpace(text)
	known, _ := condition.LookupField(field)
	plain := known.Type == condition.Number || known.Type == condition.Boolean || text == "null"
	if json.Valid([]byte(text)) && (plain || strings.ContainsRune(`[{"`, rune(text[0]))) {
		return json.RawMessage(text)
	}
	var value any = text
	if known.Type == condition.Set {
		value = splitList(text)
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil // a text or a list of texts always encodes
	}
	return encoded
}

// setText is the reverse of setValue.
func setText(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil && string(setValue("", text)) == string(value) {
		return text
	}
	return string(value)
}

// nodeView is a node of the tree as a template draws it.
type nodeView struct {
	*treeform.Node
	Form *triggerForm
}

// View returns the root of the tree for the template.
func (f *triggerForm) View() nodeView { return nodeView{f.Tree, f} }

// Parts returns the children for the template.
func (n nodeView) Parts() []nodeView {
	parts := make([]nodeView, len(n.Children))
	for i, child := range n.Children {
		parts[i] = nodeView{child, n.Form}
	}
	return parts
}

// IsRoot reports whether the node is the root, which cannot be removed.
func (n nodeView) IsRoot() bool { return n.Name == treeform.Root }

// Fields lists the fields that a leaf can look at; a custom or extra field of
// the leaf is among them.
func (n nodeView) Fields() []condition.Field {
	fields := condition.Fields()
	if chosen, ok := condition.LookupField(n.Field); ok && chosen.Type == condition.Custom {
		chosen.Name = n.Field
		fields = append(fields, chosen)
	}
	return fields
}

// Chosen returns the leaf's field.
func (n nodeView) Chosen() condition.Field {
	field, _ := condition.LookupField(n.Field)
	return field
}

// Operators lists the operators of the leaf's field.
func (n nodeView) Operators() []condition.Operator {
	var list []condition.Operator
	for _, name := range n.Chosen().Operators {
		if op, ok := condition.LookupOperator(name); ok {
			list = append(list, op)
		}
	}
	return list
}

// Operator returns the leaf's operator.
func (n nodeView) Operator() condition.Operator {
	op, _ := condition.LookupOperator(n.Op)
	return op
}

// Two reports whether the operator takes two values.
func (n nodeView) Two() bool { return treeform.TwoFields(n.Operator().Argument) }

// Bare reports whether the operator takes no value.
func (n nodeView) Bare() bool { return n.Operator().Argument == condition.ArgNone }

// Hint says how the operator's value is written.
func (n nodeView) Hint() string {
	switch n.Operator().Argument {
	case condition.ArgList, condition.ArgWords:
		return "several with commas between them"
	case condition.ArgOptional:
		return "several with commas; empty for any"
	case condition.ArgChange:
		return "several with commas; * for any, null for nothing"
	case condition.ArgFromTo:
		return "from, and to: * for any"
	case condition.ArgTime:
		return "such as 2026-01-31"
	case condition.ArgDuration:
		return "such as 30m, 8h or 3d"
	case condition.ArgTwo, condition.ArgNumbers:
		return "from the lower to the higher"
	}
	return ""
}

// HasOption reports whether the operator or the field understands an option.
func (n nodeView) HasOption(name string) bool {
	if name == "html" {
		return n.Chosen().Type == condition.HTML
	}
	if name == "order" {
		return n.Chosen().Type == condition.Ordinal
	}
	return slices.Contains(n.Operator().Options, name)
}

// Fault returns what is wrong with the node itself and with its parts that
// have no place of their own.
func (n nodeView) Fault() string {
	if n.IsGroup() {
		return strings.TrimSpace(n.Form.Faults.At(n.Path) + " " + n.Form.Faults.At(n.Path+"."+n.Join))
	}
	var texts []string
	for path, text := range n.Form.Faults {
		if path == n.Path || strings.HasPrefix(path, n.Path+".") {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// FaultUnder joins what is wrong at a path and below it.
func (f *triggerForm) FaultUnder(path string) string {
	var texts []string
	for at, text := range f.Faults {
		if at == path || strings.HasPrefix(at, path+".") {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// Beside counts the faults that stand beside a field.
func (f *triggerForm) Beside() int { return len(f.Faults) - len(f.Others()) }

// Others lists the faults that stand beside no field of the form.
func (f *triggerForm) Others() []string {
	return f.Faults.Rest(func(path string) bool {
		first, _, _ := strings.Cut(path, ".")
		switch first {
		case "name", "on", "fire", "when":
			return true
		case "then":
			return path != "then"
		}
		return false
	})
}
