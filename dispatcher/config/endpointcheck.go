package config

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Limits of what an endpoint may hold.
const (
	maxName         = 200 // characters
	maxHeaders      = 50
	maxSetting      = systems.MaxSetting
	minTimeout      = 1
	maxTimeout      = 60
	defaultTimeout  = 15
	defaultInFlight = 64
	maxInFlight     = 10_000
	maxRate         = 100_000
	maxAttempts     = 100
	maxSchedule     = 100
	maxRetrySeconds = 7 * 24 * 3600
)

// apply checks in and writes it into endpoint, whose secrets stay where in
// leaves them out. before is nil for a new endpoint.
func (s *Service) apply(endpoint *triggers.Endpoint, in EndpointInput, before *triggers.Endpoint, by Actor) error {
	var list invalid.List
	system := s.checkSystem(in, before, &list)
	if system == nil {
		return list.Err()
	}
	sheet := system.Sheet()
	endpoint.System = sheet.Name
	endpoint.AllowHTTP, endpoint.InsecureTLS = in.AllowHTTP, in.InsecureTLS
	relaxed := before != nil && (before.AllowHTTP || !in.AllowHTTP) && (before.InsecureTLS || !in.InsecureTLS)
	if (in.AllowHTTP || in.InsecureTLS) && !by.Admin && !s.options.Dev && !relaxed {
		list.Add("allow_http", nil, "allow_http and insecure_tls need an admin token")
	}
	checkMoved(in, before, sheet, &list)
	s.applyAddress(endpoint, in, before, sheet, &list)
	s.applySigning(endpoint, in, sheet, &list)
	s.applyLimits(endpoint, in, sheet, &list)
	s.applySettings(endpoint, in, sheet, &list)
	s.applyAuth(endpoint, in, sheet, &list)
	checkTwice(endpoint, &list)
	s.applyTLS(endpoint, in, &list)
	endpoint.PrivateNotes = in.PrivateNotes
	if err := list.Err(); err != nil {
		return err
	}
	return s.sealCredentials(endpoint, in)
}

func (s *Service) checkSystem(in EndpointInput, before *triggers.Endpoint, list *invalid.List) systems.System {
	names := s.options.Systems.Names()
	if in.System == "" {
		list.Add("system", nil, "must name the system to emulate: %s", strings.Join(names, ", "))
		return nil
	}
	if before != nil && before.System != in.System {
		list.Add("system", in.System, "cannot be changed, since triggers and deliveries depend on it; make another endpoint")
		return nil
	}
	system := s.options.Systems.Lookup(in.System)
	if system == nil {
		list.Add("system", in.System, "is not known%s", strictjson.Suggestion(in.System, names))
	}
	return system
}

func (s *Service) applyAddress(endpoint *triggers.Endpoint, in EndpointInput, before *triggers.Endpoint, sheet *systems.Sheet, list *invalid.List) {
	if before != nil {
		var err error
		in.URL, err = unmaskedURL(in.URL, before.URL)
		list.Merge("url", err)
		in.Headers = unmaskedHeaders(in.Headers, before.Headers, list)
	}
	address, err := s.checkURL(in, sheet)
	list.Merge("url", err)
	endpoint.URL = address
	endpoint.Name = in.Name
	if endpoint.Name == "" {
		if u, err := url.Parse(address); err == nil {
			endpoint.Name = u.Host
		}
	}
	checkName("name", endpoint.Name, list)
	endpoint.Headers = maps.Clone(in.Headers)
	if len(in.Headers) > maxHeaders {
		list.Add("headers", len(in.Headers), "must be at most %d", maxHeaders)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Headers)) {
		list.Merge(invalid.Join("headers", name), checkHeader(name, in.Headers[name], slices.Concat(sheet.Writes, []string{ownHeader(in)})))
	}
}

// ownHeader returns the signature header that the user chose, or "".
func ownHeader(in EndpointInput) string {
	if in.Signing == nil {
		return ""
	}
	return in.Signing.Header
}

func checkName(path, name string, list *invalid.List) {
	switch {
	case strings.TrimSpace(name) == "":
		list.Add(path, nil, "must not be empty")
	case utf8.RuneCountInString(name) > maxName:
		list.Add(path, nil, "must be at most %d characters", maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		list.Add(path, nil, "must be text without control characters")
	}
}

func (s *Service) applySigning(endpoint *triggers.Endpoint, in EndpointInput, sheet *systems.Sheet, list *invalid.List) {
	endpoint.Signing = triggers.Signing{Scheme: sheet.Signing}
	if in.Signing != nil {
		endpoint.Signing = *in.Signing
		if endpoint.Signing.Scheme == "" {
			endpoint.Signing.Scheme = sheet.Signing
		}
	}
	if known, ok := signing.Lookup(endpoint.Signing.Scheme); ok {
		endpoint.Signing.Scheme = known.Describe().Name
	}
	scheme := lookupScheme(endpoint.Signing.Scheme)
	switch {
	case endpoint.Signing.Scheme == SchemeNone:
		if in.Secret != "" {
			list.Add("secret", nil, "must be left out, since the endpoint does not sign; choose a signing.scheme")
		}
	case scheme == nil:
		list.Add("signing.scheme", endpoint.Signing.Scheme, "is not known%s", strictjson.Suggestion(endpoint.Signing.Scheme, signing.Names()))
	default:
		if header := endpoint.Signing.Header; header != "" {
			if !scheme.Describe().CustomHeader {
				list.Add("signing.header", header, "must be left out, since the scheme %s has its own header", endpoint.Signing.Scheme)
			} else {
				list.Merge("signing.header", checkHeaderName(header, sheet.Writes))
			}
		}
		if in.Secret != "" {
			list.Merge("secret", scheme.CheckSecret(in.Secret))
		}
	}
	revision, err := sheet.Revision(in.Revision)
	if err != nil {
		names := make([]string, len(sheet.Revisions))
		for i, r := range sheet.Revisions {
			names[i] = r.Name
		}
		list.Add("revision", in.Revision, "is not a revision of %s%s", sheet.Name, strictjson.Suggestion(in.Revision, names))
	}
	endpoint.Revision = revision.Name
}

func (s *Service) applyLimits(endpoint *triggers.Endpoint, in EndpointInput, sheet *systems.Sheet, list *invalid.List) {
	endpoint.TimeoutSeconds, endpoint.MaxInFlight = defaultTimeout, defaultInFlight
	if in.TimeoutSeconds != nil {
		endpoint.TimeoutSeconds = *in.TimeoutSeconds
	}
	if t := endpoint.TimeoutSeconds; t < minTimeout || t > maxTimeout {
		list.Add("timeout_seconds", t, "must be from %d to %d", minTimeout, maxTimeout)
	}
	if in.MaxInFlight != nil {
		endpoint.MaxInFlight = *in.MaxInFlight
	}
	if n := endpoint.MaxInFlight; n < 1 || n > maxInFlight {
		list.Add("max_in_flight", n, "must be from 1 to %d", maxInFlight)
	}
	endpoint.RatePerSecond = in.RatePerSecond
	if r := in.RatePerSecond; r < 0 || r > maxRate {
		list.Add("rate_per_second", r, "must be from 0 (no limit) to %d", maxRate)
	}
	endpoint.Ordered = choose(in.Ordered, triggers.Unordered, "ordered", list, triggers.Unordered, triggers.OrderedTicket)
	endpoint.OnFailure = choose(in.OnFailure, triggers.OnFailureBlock, "on_failure", list, triggers.OnFailureBlock, triggers.OnFailureSkip)
	state := choose(in.State, endpoint.State, "state", list, triggers.EndpointActive, triggers.EndpointDisabled, triggers.EndpointPaused)
	if state != endpoint.State {
		endpoint.State, endpoint.StateReason, endpoint.StateSince = state, "", endpoint.UpdatedAt
		if state != triggers.EndpointActive {
			endpoint.StateReason = "set by " + endpoint.Author
		}
	}
	endpoint.Retry = triggers.Retry(sheet.Policy.Retry)
	if in.Retry != nil {
		endpoint.Retry = *in.Retry
	}
	checkRetry(&endpoint.Retry, triggers.Retry(sheet.Policy.Retry), list)
}

func choose[T ~string](given, fallback T, path string, list *invalid.List, allowed ...T) T {
	if given == "" {
		return fallback
	}
	if !slices.Contains(allowed, given) {
		names := make([]string, len(allowed))
		for i, name := range allowed {
			names[i] = string(name)
		}
		list.Add(path, string(given), "must be one of %s", strings.Join(names, ", "))
	}
	return given
}

// checkRetry completes a retry policy from its fallback and checks it.
func checkRetry(retry *triggers.Retry, fallback triggers.Retry, list *invalid.List) {
	scheduled := len(retry.ScheduleSeconds) > 0
	if scheduled {
		if retry.InitialSeconds != 0 || retry.MaxSeconds != 0 {
			list.Add("retry", nil, "must have either schedule_seconds, or initial_seconds and max_seconds")
		}
		if len(retry.ScheduleSeconds) > maxSchedule {
			list.Add("retry.schedule_seconds", len(retry.ScheduleSeconds), "must have at most %d entries", maxSchedule)
		}
		if retry.MaxAttempts == 0 {
			retry.MaxAttempts = len(retry.ScheduleSeconds) + 1
		}
	} else {
		if retry.InitialSeconds == 0 {
			retry.InitialSeconds = fallbackSeconds(fallback.InitialSeconds, systems.DefaultRetry.InitialSeconds)
		}
		if retry.MaxSeconds == 0 {
			retry.MaxSeconds = math.Max(fallbackSeconds(fallback.MaxSeconds, systems.DefaultRetry.MaxSeconds), retry.InitialSeconds)
		}
		if retry.MaxAttempts == 0 {
			retry.MaxAttempts = fallback.MaxAttempts
		}
		if retry.MaxSeconds < retry.InitialSeconds {
			list.Add("retry.max_seconds", retry.MaxSeconds, "must not be less than initial_seconds")
		}
	}
	if n := retry.MaxAttempts; n < 1 || n > maxAttempts {
		list.Add("retry.max_attempts", n, "must be from 1 to %d", maxAttempts)
	}
	checkSeconds("retry.initial_seconds", retry.InitialSeconds, list)
	checkSeconds("retry.max_seconds", retry.MaxSeconds, list)
	for i, seconds := range retry.ScheduleSeconds {
		checkSeconds(fmt.Sprintf("retry.schedule_seconds.%d", i), seconds, list)
	}
}

func fallbackSeconds(of, otherwise float64) float64 {
	if of > 0 {
		return of
	}
	return otherwise
}

func checkSeconds(path string, seconds float64, list *invalid.List) {
	if math.IsNaN(seconds) || seconds < 0 || seconds > maxRetrySeconds {
		list.Add(path, seconds, "must be from 0 to %d (seven days)", maxRetrySeconds)
	}
}

func (s *Service) applySettings(endpoint *triggers.Endpoint, in EndpointInput, sheet *systems.Sheet, list *invalid.List) {
	before := endpoint.Settings
	endpoint.Settings = nil
	known := map[string]systems.Setting{}
	for _, setting := range sheet.Settings {
		known[setting.Name] = setting
		if setting.Required && setting.Default == "" && in.Settings[setting.Name] == "" {
			list.Add("settings."+setting.Name, nil, "is needed: %s", setting.Description)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Settings)) {
		value, path := string(in.Settings[name]), "settings."+name
		setting, ok := known[name]
		if !ok {
			list.Add(path, nil, "is not a setting of %s%s", sheet.Name, strictjson.Suggestion(name, slices.Sorted(maps.Keys(known))))
			continue
		}
		if setting.Secret && value == Masked {
			value = before[name]
		}
		checkSetting(path, value, setting, list)
		if endpoint.Settings == nil {
			endpoint.Settings = map[string]string{}
		}
		endpoint.Settings[name] = value
	}
}

func checkSetting(path, value string, setting systems.Setting, list *invalid.List) {
	if err := setting.Accept(value); err != nil {
		shown := any(value)
		if setting.Secret || strings.ContainsFunc(value, unicode.IsControl) {
			shown = nil
		}
		list.Add(path, shown, "%s", err.Error())
	}
}

func (s *Service) applyTLS(endpoint *triggers.Endpoint, in EndpointInput, list *invalid.List) {
	if in.TLS == nil {
		endpoint.TLS, endpoint.Sealed.TLSKey = nil, ""
		return
	}
	switch {
	case in.TLS.Key != "" || in.TLS.Cert == "":
		if err := sender.CheckTLS(in.TLS.CA, in.TLS.Cert, in.TLS.Key); err != nil {
			list.Add("tls", nil, "%s", err.Error())
		}
		if in.TLS.Cert == "" {
			endpoint.Sealed.TLSKey = ""
		}
	case endpoint.TLS == nil || endpoint.TLS.Cert != in.TLS.Cert || endpoint.Sealed.TLSKey == "":
		list.Add("tls.key", nil, "is needed with tls.cert")
	default:
		if err := sender.CheckTLS(in.TLS.CA, "", ""); err != nil {
			list.Add("tls.ca", nil, "%s", err.Error())
		}
	}
	endpoint.TLS = &triggers.ClientTLS{CA: in.TLS.CA, Cert: in.TLS.Cert}
}
