package console

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// endpointPage is one endpoint: how it fares, and how it is set up.
type endpointPage struct {
	*triggers.Endpoint
	Sheet    *systems.Sheet
	Count    executionlog.EndpointCount
	Lane     *dispatcher.LaneStatus
	Breaker  string // inspect.BreakerClosed and its neighbours
	Recent   []deliveryRow
	Used     []*triggers.Trigger
	Events   []string
	Secrets  []triggers.SealedSecret
	Secret   string // shown once
	Public   string // what a receiver gets instead of an asymmetric Secret
	Settings []settingValue
	Rotation rotation
}

// rotation is the form that makes a new secret, as it was written.
type rotation struct {
	Hours, Own string
	Faults     faults
}

// Others lists what is wrong beside the fields of the form.
func (r rotation) Others() []string {
	return r.Faults.Rest(func(path string) bool { return path == "hours" || path == "secret" })
}

// settingValue is a setting of the endpoint as it stands.
type settingValue struct {
	systems.Setting
	Value string
}

func showEndpoint(r *request) error { return r.endpointPage(r.segment("id"), "") }

// endpointPage shows an endpoint, with a secret that was just made or none.
func (r *request) endpointPage(id, secret string) error {
	page, err := r.endpointPageOf(id, secret)
	if err != nil {
		return err
	}
	return r.show("endpoint", "endpoints", page.Name, page)
}

func (r *request) endpointPageOf(id, secret string) (*endpointPage, error) {
	endpoint, err := r.Config.EndpointIn(r.session.Workspace, id)
	if err != nil {
		return nil, err
	}
	counts, err := r.endpointCounts()
	if err != nil {
		return nil, err
	}
	page := &endpointPage{Endpoint: r.Config.Public(endpoint), Count: counts[id], Secret: secret, Secrets: endpoint.Sealed.Secrets}
	page.Rotation.Hours = strconv.FormatFloat(config.DefaultOverlap.Hours(), 'f', -1, 64)
	if secret != "" {
		page.Public = r.Config.PublicKey(endpoint)
	}
	if system := r.Systems.Lookup(endpoint.System); system != nil {
		page.Sheet = system.Sheet()
		page.Events = page.Sheet.EventNames()
		for _, setting := range page.Sheet.Settings {
			page.Settings = append(page.Settings, settingValue{setting, page.Endpoint.Settings[setting.Name]})
		}
	}
	page.Lane = r.inspect.Lane(r.session.Workspace, id)
	if page.Breaker, err = r.inspect.Breaker(r.Context(), endpoint); err != nil {
		return nil, err
	}
	const recent = 10
	found, err := r.Ledger.ListDeliveries(r.Context(), executionlog.DeliveryQuery{Workspace: r.session.Workspace, Endpoint: id, Limit: recent})
	if err != nil {
		return nil, err
	}
	page.Recent = r.deliveryRows(found.Items)
	for _, t := range r.Config.Triggers(r.session.Workspace) {
		for _, to := range r.targets(t) {
			if to.ID == id {
				page.Used = append(page.Used, t)
			}
		}
	}
	return page, nil
}

func newEndpoint(r *request) error {
	form := r.newEndpointForm(r.URL.Query().Get("system"))
	return r.show("endpointform", "endpoints", "New endpoint", form)
}

func createEndpoint(r *request) error {
	form, err := r.postedEndpoint()
	if err != nil {
		return err
	}
	in := form.input()
	if len(form.Faults) > 0 {
		return r.refuseEndpoint(form)
	}
	made, secret, err := r.Config.CreateEndpoint(r.Context(), r.by(), in, config.EndpointOptions{SkipHandshake: form.On("skip_handshake")})
	if err != nil {
		return r.endpointFault(form, err)
	}
	if secret != "" {
		return r.endpointPage(made.ID, secret)
	}
	r.done("Made the endpoint. Send it a test, or make a trigger for it.")
	return r.redirect("/endpoints/" + made.ID)
}

func editEndpoint(r *request) error {
	endpoint, err := r.Config.EndpointIn(r.session.Workspace, r.segment("id"))
	if err != nil {
		return err
	}
	form := r.newEndpointForm(endpoint.System)
	form.fill(r.Config.Public(endpoint))
	form.Stored = endpoint.Sealed
	return r.show("endpointform", "endpoints", "Edit "+endpoint.Name, form)
}

func updateEndpoint(r *request) error {
	id := r.segment("id")
	before, err := r.Config.EndpointIn(r.session.Workspace, id)
	if err != nil {
		return err
	}
	form, err := r.postedEndpoint()
	if err != nil {
		return err
	}
	form.ID, form.Stored = id, before.Sealed
	in := form.input()
	in.State = before.State
	if len(form.Faults) > 0 {
		return r.refuseEndpoint(form)
	}
	options := config.EndpointOptions{Expect: versionOf(r), SkipHandshake: form.On("skip_handshake")}
	_, secret, err := r.Config.UpdateEndpoint(r.Context(), r.by(), id, in, options)
	if err != nil {
		return r.endpointFault(form, err)
	}
	if secret != "" {
		return r.endpointPage(id, secret)
	}
	r.done("Saved the endpoint.")
	return r.redirect("/endpoints/" + id)
}

// postedEndpoint reads the posted form.
func (r *request) postedEndpoint() (*endpointForm, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	form := r.newEndpointForm(r.PostForm.Get("system"))
	form.Values = r.PostForm
	form.Version = versionOf(r)
	return form, nil
}

// endpointFault shows the form again with what is wrong beside its fields.
func (r *request) endpointFault(form *endpointForm, err error) error {
	if newest := r.savedMeanwhile(form.ID, err); newest != nil {
		form.Version, form.Faults[""] = newest.Version, savedByAnother(newest.Author)
		return r.showRefusedEndpoint(http.StatusConflict, form)
	}
	found, ok := faultsOf(err)
	if !ok {
		return err
	}
	for path, text := range found {
		if strings.HasPrefix(path, "headers.") {
			path = "headers"
		}
		form.Faults[path] = strings.TrimSpace(form.Faults[path] + " " + text)
	}
	return r.refuseEndpoint(form)
}

// savedMeanwhile returns the endpoint as somebody saved it while a form was
// filled in, nil where err says something else.
func (r *request) savedMeanwhile(id string, err error) *triggers.Endpoint {
	if id == "" || !errors.Is(err, executionlog.ErrConflict) {
		return nil
	}
	newest, err := r.Config.EndpointIn(r.session.Workspace, id)
	if err != nil {
		return nil
	}
	return newest
}

// savedByAnother tells whoever saves what another has changed meanwhile.
func savedByAnother(author string) string {
	return "Meanwhile " + author + " saved another version. What you see is yours: save it again to replace the other one, or open this page anew to see that first."
}

func (r *request) refuseEndpoint(form *endpointForm) error {
	return r.showRefusedEndpoint(http.StatusUnprocessableEntity, form)
}

func (r *request) showRefusedEndpoint(status int, form *endpointForm) error {
	return r.render(status, "endpointform", frame{Title: "Endpoint", Section: "endpoints", Page: form})
}

func testEndpoint(r *request) error {
	made, err := r.Desk.Test(r.Context(), r.session.Workspace, r.segment("id"), r.PostFormValue("event"))
	if err != nil {
		return err
	}
	r.doneLink("Sent a sample.", "/endpoints/"+r.segment("id"), "Back to the endpoint")
	return r.redirect("/deliveries/" + made.ID)
}

func closeBreaker(r *request) error {
	endpoint, err := r.Config.CloseBreaker(r.Context(), r.by(), r.segment("id"))
	if err != nil {
		return err
	}
	r.done("Closed the breaker. What waits is sent.")
	return r.redirect("/endpoints/" + endpoint.ID)
}

func rotateSecret(r *request) error {
	form := rotation{Hours: strings.TrimSpace(r.PostFormValue("hours")), Own: strings.TrimSpace(r.PostFormValue("secret")), Faults: faults{}}
	overlap := config.DefaultOverlap
	if form.Hours != "" {
		hours, err := strconv.ParseFloat(form.Hours, 64)
		if err != nil || hours < 0 || !(hours <= config.MaxOverlap.Hours()) {
			form.Faults["hours"] = "A number from 0 to " + strconv.Itoa(int(config.MaxOverlap.Hours())) + "."
			return r.refuseRotation(form)
		}
		overlap = time.Duration(hours * float64(time.Hour))
	}
	endpoint, secret, err := r.Config.RotateSecret(r.Context(), r.by(), r.segment("id"), form.Own, overlap)
	if found, ok := faultsOf(err); ok {
		for path, text := range found {
			if strings.HasSuffix(path, "secret") {
				path = "secret"
			}
			form.Faults[path] = text
		}
		return r.refuseRotation(form)
	}
	if err != nil {
		return err
	}
	return r.endpointPage(endpoint.ID, secret)
}

// refuseRotation shows the endpoint again with what is wrong with the form.
func (r *request) refuseRotation(form rotation) error {
	page, err := r.endpointPageOf(r.segment("id"), "")
	if err != nil {
		return err
	}
	page.Rotation = form
	return r.render(http.StatusUnprocessableEntity, "endpoint", frame{Title: page.Name, Section: "endpoints", Page: page})
}

func setEndpointState(r *request) error {
	state := triggers.EndpointState(r.PostFormValue("state"))
	reasons := map[triggers.EndpointState]string{
		triggers.EndpointActive: "", triggers.EndpointDisabled: "disabled by " + r.session.Name, triggers.EndpointPaused: "paused by " + r.session.Name,
	}
	reason, known := reasons[state]
	if !known {
		return r.fail(http.StatusUnprocessableEntity, "Unknown state", "An endpoint is active, paused or disabled.")
	}
	if _, err := r.Config.ChangeState(r.Context(), r.by(), r.segment("id"), state, reason); err != nil {
		return err
	}
	r.done("The endpoint is " + string(state) + " now.")
	return r.redirect("/endpoints/" + r.segment("id"))
}

func deleteEndpoint(r *request) error {
	id := r.segment("id")
	if err := r.Config.DeleteEndpoint(r.Context(), r.by(), id, config.AnyVersion); err != nil {
		return err
	}
	r.cancelDeliveriesOf(id)
	r.done("Deleted the endpoint. Its deliveries stay in the log; those that waited are cancelled.")
	return r.redirect("/endpoints")
}
