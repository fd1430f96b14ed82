package console

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

// endpointForm is the page that makes or changes an endpoint. Its fields are
// named by the paths under which faults are reported.
type endpointForm struct {
	ID      string // empty for a new one
	Version int
	Sheet   *systems.Sheet // of the chosen system, nil before one is chosen
	Systems []*systems.Sheet
	Schemes []signing.Description
	Values  url.Values
	Faults  faults
	Stored  triggers.Sealed // which secrets are set already
	HasTLS  bool
}

// Value returns a field as it is shown.
func (f *endpointForm) Value(name string) string { return f.Values.Get(name) }

// On reports whether a check box is ticked.
func (f *endpointForm) On(name string) bool {
	return f.Values.Get(name) == "true" || f.Values.Get(name) == "on"
}

// Chosen reports whether a value of a setting with several is chosen.
func (f *endpointForm) Chosen(name, value string) bool {
	return slices.Contains(splitList(strings.Join(f.Values[name], ",")), value)
}

// Fault returns what is wrong with a field.
func (f *endpointForm) Fault(name string) string { return f.Faults.At(name) }

// Others lists what is wrong with fields that the form does not have.
func (f *endpointForm) Others() []string {
	return f.Faults.Rest(func(path string) bool {
		_, known := endpointFields[path]
		return known || strings.HasPrefix(path, "settings.") && f.hasSetting(strings.TrimPrefix(path, "settings."))
	})
}

// Beside counts the faults that stand beside a field.
func (f *endpointForm) Beside() int { return len(f.Faults) - len(f.Others()) }

func (f *endpointForm) hasSetting(name string) bool {
	return f.Sheet != nil && slices.ContainsFunc(f.Sheet.Settings, func(s systems.Setting) bool { return s.Name == name })
}

// endpointFields are the fields beside which the form shows faults.
var endpointFields = map[string]bool{
	"name": true, "url": true, "system": true, "revision": true, "signing.scheme": true, "signing.header": true, "secret": true,
	"headers": true, "auth.type": true, "auth.user": true, "auth.password": true, "auth.token": true, "auth.header": true, "auth.key": true,
	"timeout_seconds": true, "retry.max_attempts": true, "retry.initial_seconds": true, "retry.max_seconds": true,
	"retry.schedule_seconds": true, "rate_per_second": true, "max_in_flight": true, "ordered": true, "on_failure": true,
	"tls.ca": true, "tls.cert": true, "tls.key": true,
}

// newEndpointForm returns the form for a system, with its defaults.
func (r *request) newEndpointForm(system string) *endpointForm {
	f := &endpointForm{Values: url.Values{}, Faults: faults{}}
	for _, s := range r.Systems.All() {
		f.Systems = append(f.Systems, s.Sheet())
		if s.Sheet().Name == system {
			f.Sheet = s.Sheet()
		}
	}
	for _, scheme := range signing.All() {
		f.Schemes = append(f.Schemes, scheme.Describe())
	}
	if f.Sheet == nil {
		return f
	}
	f.Values.Set("system", system)
	f.Values.Set("revision", f.Sheet.DefaultRevision)
	f.Values.Set("signing.scheme", f.Sheet.Signing)
	f.Values.Set("auth.type", string(triggers.AuthNone))
	f.Values.Set("ordered", string(triggers.Unordered))
	f.Values.Set("on_failure", string(triggers.OnFailureSkip))
	retry := f.Sheet.Policy.Retry
	setNumber(f.Values, "retry.max_attempts", float64(retry.MaxAttempts))
	setNumber(f.Values, "retry.initial_seconds", retry.InitialSeconds)
	setNumber(f.Values, "retry.max_seconds", retry.MaxSeconds)
	f.Values.Set("retry.schedule_seconds", joinNumbers(retry.ScheduleSeconds))
	for _, setting := range f.Sheet.Settings {
		f.Values.Set("settings."+setting.Name, setting.Default)
	}
	return f
}

// fill puts an endpoint into the form.
func (f *endpointForm) fill(e *triggers.Endpoint) {
	f.ID, f.Version, f.Stored, f.HasTLS = e.ID, e.Version, e.Sealed, e.TLS != nil
	for name, value := range map[string]string{
		"name": e.Name, "url": e.URL, "revision": e.Revision, "signing.scheme": e.Signing.Scheme, "signing.header": e.Signing.Header,
		"headers": joinHeaders(e.Headers), "auth.type": string(e.Auth.Type), "auth.user": e.Auth.User, "auth.header": e.Auth.Header,
		"timeout_seconds": strconv.Itoa(e.TimeoutSeconds), "max_in_flight": strconv.Itoa(e.MaxInFlight),
		"ordered": string(e.Ordered), "on_failure": string(e.OnFailure), "retry.schedule_seconds": joinNumbers(e.Retry.ScheduleSeconds),
		"private_notes": strconv.FormatBool(e.PrivateNotes), "allow_http": strconv.FormatBool(e.AllowHTTP), "insecure_tls": strconv.FormatBool(e.InsecureTLS),
	} {
		f.Values.Set(name, value)
	}
	setNumber(f.Values, "retry.max_attempts", float64(e.Retry.MaxAttempts))
	setNumber(f.Values, "retry.initial_seconds", e.Retry.InitialSeconds)
	setNumber(f.Values, "retry.max_seconds", e.Retry.MaxSeconds)
	setNumber(f.Values, "rate_per_second", e.RatePerSecond)
	if e.TLS != nil {
		f.Values.Set("tls.ca", e.TLS.CA)
		f.Values.Set("tls.cert", e.TLS.Cert)
	}
	for name, value := range e.Settings {
		f.Values.Set("settings."+name, value)
	}
}

// input reads the posted form. What is no number is a fault of the form.
func (f *endpointForm) input() config.EndpointInput {
	in := config.EndpointInput{
		Name: f.text("name"), URL: f.text("url"), System: f.text("system"), Revision: f.text("revision"),
		Signing: &triggers.Signing{Scheme: f.text("signing.scheme"), Header: f.text("signing.header")},
		Secret:  f.text("secret"), Headers: f.headers(),
		Auth: &triggers.Auth{
			Type: triggers.AuthType(f.text("auth.type")), User: f.text("auth.user"), Password: f.Value("auth.password"),
			Token: f.text("auth.token"), Header: f.text("auth.header"), Key: f.text("auth.key"),
		},
		TimeoutSeconds: f.whole("timeout_seconds"), MaxInFlight: f.whole("max_in_flight"),
		RatePerSecond: f.number("rate_per_second"), Retry: f.retry(),
		Ordered: triggers.Ordered(f.text("ordered")), OnFailure: triggers.OnFailure(f.text("on_failure")),
		AllowHTTP: f.On("allow_http"), InsecureTLS: f.On("insecure_tls"), PrivateNotes: f.On("private_notes"),
		Settings: f.settings(),
	}
	onlyFor(in.Auth)
	if ca, cert, key := f.text("tls.ca"), f.text("tls.cert"), f.text("tls.key"); ca+cert+key != "" {
		in.TLS = &triggers.ClientTLS{CA: ca, Cert: cert, Key: key}
	}
	return in
}

// onlyFor drops credentials that do not belong to the chosen type.
func onlyFor(auth *triggers.Auth) {
	kept := triggers.Auth{Type: auth.Type}
	switch auth.Type {
	case triggers.AuthBasic:
		kept.User, kept.Password = auth.User, auth.Password
	case triggers.AuthBearer:
		kept.Token = auth.Token
	case triggers.AuthAPIKey:
		kept.Header, kept.Key = auth.Header, auth.Key
	case triggers.AuthNone:
	}
	*auth = kept
}

func (f *endpointForm) text(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

func (f *endpointForm) number(name string) float64 {
	text := f.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		f.Faults[name] = "A number."
	}
	return n
}

func (f *endpointForm) whole(name string) *int {
	text := f.text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f.Faults[name] = "A whole number."
	}
	return &n
}

func (f *endpointForm) retry() *triggers.Retry {
	retry := &triggers.Retry{InitialSeconds: f.number("retry.initial_seconds"), MaxSeconds: f.number("retry.max_seconds")}
	if n := f.whole("retry.max_attempts"); n != nil {
		retry.MaxAttempts = *n
	}
	for _, text := range splitList(f.text("retry.schedule_seconds")) {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			f.Faults["retry.schedule_seconds"] = "Numbers with commas between them."
			break
		}
		retry.ScheduleSeconds = append(retry.ScheduleSeconds, n)
	}
	if len(retry.ScheduleSeconds) > 0 {
		retry.MaxAttempts, retry.InitialSeconds, retry.MaxSeconds = 0, 0, 0
	}
	return retry
}

func (f *endpointForm) headers() map[string]string {
	headers := map[string]string{}
	for line := range strings.Lines(f.Value("headers")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			f.Faults["headers"] = fmt.Sprintf("One header to a line, as Name: value; this is none: %s", short(60, line))
			continue
		}
		headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return headers
}

func (f *endpointForm) settings() map[string]config.Scalar {
	settings := map[string]config.Scalar{}
	if f.Sheet == nil {
		return settings
	}
	for _, setting := range f.Sheet.Settings {
		value := strings.TrimSpace(strings.Join(f.Values["settings."+setting.Name], ","))
		if setting.Type == "boolean" {
			value = strconv.FormatBool(f.On("settings." + setting.Name))
		}
		if value != "" {
			settings[setting.Name] = config.Scalar(value)
		}
	}
	return settings
}

func splitList(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func setNumber(values url.Values, name string, n float64) {
	if n != 0 {
		values.Set(name, strconv.FormatFloat(n, 'f', -1, 64))
	} else {
		values.Del(name)
	}
}

func joinNumbers(numbers []float64) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return strings.Join(texts, ", ")
}

func joinHeaders(headers map[string]string) string {
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		lines.WriteString(name + ": " + headers[name] + "\n")
	}
	return lines.String()
}
