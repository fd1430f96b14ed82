// Package systems says what an emulated ticketing system is. A system
// describes itself: the API, the console, the command line and the docs read
// its Sheet, and adding one is a folder and a line in systems/all.
package systems

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// System is one emulated ticketing system. Its methods are pure and safe for
// concurrent use; rendering the same Occasion twice gives the same bytes.
type System interface {
	// Sheet returns the data sheet. Callers do not modify it.
	Sheet() *Sheet
	// Detect returns the names of the events that a change is, in the
	// system's fixed order; none is empty.
	Detect(change *ticket.Change) []string
	// Render makes the request of one event. It fails only for an event or
	// revision that the Sheet does not list.
	Render(occasion Occasion) (*Request, error)
	// AttemptHeaders returns the headers that differ between attempts.
	// Tries counts the attempts made before this one.
	AttemptHeaders(tries int) []Header
}

// Filter is a System whose endpoints choose among changes beyond their events.
type Filter interface {
	// Accepts returns "" when an endpoint with these settings wants the
	// change, else the reason why not, as a sentence.
	Accepts(change *ticket.Change, settings map[string]string) string
}

// Handshaker is a System that tries an endpoint before it is saved.
type Handshaker interface {
	// Handshake returns the request to send, nil where none is needed.
	// Random is a fresh number for a challenge.
	Handshake(endpoint Endpoint, random int64) *Handshake
}

// Handshake is the request a vendor makes before it saves an endpoint.
type Handshake struct {
	Method string
	URL    string
	Header []Header
	Body   []byte
	// Signed says that the request is signed like a delivery.
	Signed bool
	// EventID is the message id for the signature.
	EventID string
	// Check returns nil when the answer lets the endpoint be saved, else an
	// error that says what the receiver should have answered.
	Check func(status int, body []byte) error
}

// StateEvents is a System with events about its webhooks themselves.
type StateEvents interface {
	// StateEvent returns the event for an endpoint that turned to state
	// (active, disabled or failing), "" where there is none.
	StateEvent(state string) string
	// RenderState makes the request for such an event.
	RenderState(event string, about, to Endpoint, eventID string, at time.Time) (*Request, error)
}

// Occasion is one event of one change, for one endpoint.
type Occasion struct {
	Event    string
	Revision string // empty: the system's default
	Change   *ticket.Change
	Endpoint Endpoint
	// Delivery identifies the delivery; whatever must look random on the
	// wire, such as an event id, is derived from it.
	Delivery string
	// Matched lists the conditions that fired the trigger.
	Matched []Matched
}

// Endpoint is what a system may know of the endpoint.
type Endpoint struct {
	ID       string
	Name     string
	URL      string
	Settings map[string]string
	// PrivateNotes says that bodies of private notes may be sent.
	PrivateNotes bool
}

// Setting returns a setting, or the Sheet's default for it.
func (e Endpoint) Setting(sheet *Sheet, name string) string {
	if value, ok := e.Settings[name]; ok && value != "" {
		return value
	}
	for _, s := range sheet.Settings {
		if s.Name == name {
			return s.Default
		}
	}
	return ""
}

// Matched is a condition that held when a trigger fired.
type Matched struct {
	Field string
	Op    string
}

// Request is what goes on the wire, the same for every attempt; what differs
// between attempts (AttemptHeaders, signatures) is added when it is sent.
type Request struct {
	EventID     string // in the vendor's form; constant over attempts
	ContentType string
	Header      []Header // in the order and casing of the vendor, without Content-Type
	Body        []byte
}

// Header is one header line, in the casing that goes on the wire.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Provenance says how we know a fact about a vendor.
type Provenance string

// How facts are known.
const (
	Stated     Provenance = "stated"     // on the vendor's page that the emulation starts from
	Documented Provenance = "documented" // in the vendor's public documentation
	Observed   Provenance = "observed"   // in captured payloads or public receiver code
	Assumed    Provenance = "assumed"    // nothing public says; our assumption
)

// Sheet is a system's data sheet.
type Sheet struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Vendor   string `json:"vendor"`
	Summary  string `json:"summary"`
	Homepage string `json:"homepage,omitempty"`
	Source   string `json:"source"` // the page the emulation starts from

	Events          []Event    `json:"events"`
	Revisions       []Revision `json:"revisions"`
	DefaultRevision string     `json:"default_revision"`
	Settings        []Setting  `json:"settings"`
	Extra           []Extra    `json:"extra"` // members of ticket.extra that the system reads
	Signing         string     `json:"signing"`
	Headers         []Fact     `json:"headers"`
	// Writes are the names of the headers that Render and AttemptHeaders
	// write: an endpoint cannot set them besides.
	Writes []string `json:"-"`
	Policy Policy   `json:"policy"`
	Notes  []Fact   `json:"notes"` // everything else worth knowing, assumptions above all
}

// Event is one kind of webhook.
type Event struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"` // when it fires
	Provenance  Provenance `json:"provenance"`
	// Sample returns the change of a sample, mostly the ticket of the vendor's own example.
	Sample func() *ticket.Change `json:"-"`
	// SampleMatched are the conditions of the sample, for systems that send them.
	SampleMatched []Matched `json:"-"`
}

// Revision is one complete profile of a system's format.
type Revision struct {
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Provenance  Provenance `json:"provenance"`
}

// Setting is one member of an endpoint's settings.
type Setting struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Type        string     `json:"type"` // text, integer, boolean, choice, choices: several, joined with commas, or mail: TypeMail
	Choices     []string   `json:"choices,omitempty"`
	Default     string     `json:"default,omitempty"`
	Required    bool       `json:"required,omitempty"`
	Secret      bool       `json:"secret,omitempty"`
	Provenance  Provenance `json:"provenance"`
	// Check returns a sentence that says what would be right where the type
	// leaves open what the system can use; nil accepts whatever is of the type.
	Check func(value string) error `json:"-"`
}

// TypeMail is the type of a setting that names mail addresses, joined with
// commas: they get mail when the endpoint fails or is disabled.
const TypeMail = "mail"

// Extra is one member of ticket.extra that a system reads.
type Extra struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Fact is one sentence about a system and how it is known.
type Fact struct {
	Text       string     `json:"text"`
	Provenance Provenance `json:"provenance"`
}

// Policy is how a vendor sends.
type Policy struct {
	HTTPSOnly    bool   `json:"https_only"`
	MaxEndpoints int    `json:"max_endpoints,omitempty"` // in one workspace; 0 is no limit
	Retry        Retry  `json:"retry"`
	Success      string `json:"success"` // which answers count, in words
	// DisableAfter is the number of consecutive failed attempts after which
	// the endpoint is disabled; 0 is never.
	DisableAfter int `json:"disable_after,omitempty"`
	// ClientErrorsFinal says that a 4xx answer is not tried again.
	ClientErrorsFinal bool       `json:"client_errors_final"`
	Provenance        Provenance `json:"provenance"`
}

// Retry is a system's default retry policy.
type Retry struct {
	MaxAttempts     int       `json:"max_attempts"`
	InitialSeconds  float64   `json:"initial_seconds,omitempty"`
	MaxSeconds      float64   `json:"max_seconds,omitempty"`
	ScheduleSeconds []float64 `json:"schedule_seconds,omitempty"`
}

// DefaultRetry is the policy of systems whose vendor says nothing about
// retries: eight attempts over about a day.
var DefaultRetry = Retry{MaxAttempts: 8, InitialSeconds: 10, MaxSeconds: 6 * 3600}

// Event returns an event of the sheet by name.
func (s *Sheet) Event(name string) (Event, bool) {
	i := slices.IndexFunc(s.Events, func(e Event) bool { return e.Name == name })
	if i < 0 {
		return Event{}, false
	}
	return s.Events[i], true
}

// EventNames returns the names of the events, in order.
func (s *Sheet) EventNames() []string {
	names := make([]string, len(s.Events))
	for i, e := range s.Events {
		names[i] = e.Name
	}
	return names
}

// Revision returns the named revision, the default one for the empty name.
func (s *Sheet) Revision(name string) (Revision, error) {
	if name == "" {
		name = s.DefaultRevision
	}
	names := make([]string, len(s.Revisions))
	for i, r := range s.Revisions {
		if r.Name == name {
			return r, nil
		}
		names[i] = r.Name
	}
	return Revision{}, fmt.Errorf("%s has no revision %q; it has %s", s.Name, name, strings.Join(names, ", "))
}

// Registry is the systems by name, in a fixed order.
type Registry struct {
	list []System
}

// NewRegistry returns a Registry of the given systems.
func NewRegistry(list ...System) *Registry { return &Registry{list: list} }

// All returns the systems in their order.
func (r *Registry) All() []System { return r.list }

// Names returns the names of the systems in their order.
func (r *Registry) Names() []string {
	names := make([]string, len(r.list))
	for i, s := range r.list {
		names[i] = s.Sheet().Name
	}
	return names
}

// Lookup returns a system by name, nil where there is none.
func (r *Registry) Lookup(name string) System {
	for _, s := range r.list {
		if s.Sheet().Name == name {
			return s
		}
	}
	return nil
}
