package docs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/web/console"
)

// conditionsReference is the fields and operators as conditions have them.
type conditionsReference struct {
	Fields    []condition.Field
	Operators []condition.Operator
}

func conditions() conditionsReference {
	return conditionsReference{condition.Fields(), condition.Operators()}
}

func signatures() []signing.Description {
	var list []signing.Description
	for _, scheme := range signing.All() {
		list = append(list, scheme.Describe())
	}
	return list
}

// errorCode is one code of the execution log.
type errorCode struct{ Code, Title, Advice string }

func errorCodes() []errorCode {
	var list []errorCode
	for _, code := range sender.Codes() {
		title, advice := sender.Describe(code)
		list = append(list, errorCode{string(code), title, advice})
	}
	return list
}

func (s *site) sheets() []*systems.Sheet {
	var list []*systems.Sheet
	for _, system := range s.Systems.All() {
		list = append(list, system.Sheet())
	}
	return list
}

// systemPage is a system's sheet with a sample of each event.
type systemPage struct {
	*systems.Sheet
	Samples []sample
}

// sample is the request of one event in the default revision.
type sample struct {
	Event systems.Event
	Type  string
	Body  string
}

func systemReference(system systems.System) systemPage {
	made := systemPage{Sheet: system.Sheet()}
	for _, event := range made.Events {
		one := sample{Event: event}
		if request, err := console.Sample(system, event, made.DefaultRevision); err == nil {
			one.Type, one.Body = request.ContentType, readable(request)
		}
		made.Samples = append(made.Samples, one)
	}
	return made
}

// readable writes a sample's body for reading.
func readable(request *systems.Request) string {
	if !strings.HasPrefix(request.ContentType, "application/x-www-form-urlencoded") {
		return indent(request.Body)
	}
	var lines strings.Builder
	for pair := range strings.SplitSeq(string(request.Body), "&") {
		if plain, err := url.QueryUnescape(pair); err == nil {
			pair = plain
		}
		lines.WriteString(strings.Replace(pair, "=", " = ", 1) + "\n")
	}
	return lines.String()
}

// indent writes JSON for reading; what is none stays as it is.
func indent(body []byte) string {
	var text bytes.Buffer
	if json.Indent(&text, body, "", "  ") != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return text.String()
}

func pathOf(name string) string { return url.PathEscape(name) }

func words(name any) string {
	text, _ := name.(string)
	return strings.ReplaceAll(text, "_", " ")
}

// anchor makes the name of a place on a page.
func anchor(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, text), "-")
}

// provenanceText says how a fact is known.
func provenanceText(p any) string {
	switch systems.Provenance(fmt.Sprint(p)) {
	case systems.Stated:
		return "on the vendor's page that the emulation starts from"
	case systems.Documented:
		return "in the vendor's public documentation"
	case systems.Observed:
		return "in captured payloads or public receiver code"
	case systems.Assumed:
		return "nothing public says; our assumption"
	}
	return ""
}
