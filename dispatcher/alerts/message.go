package alerts

import (
	"crypto/sha256"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/triggers"
)

// maxLine is how many characters of what others wrote one line of a mail has.
const maxLine = 300

// message writes the mail for one recipient. Names and reasons are written by
// strangers: they are kept to one line, and encoded where they are in a header.
func (m *Mail) message(a *alert) (*gomail.Msg, error) {
	message := gomail.NewMsg()
	if err := message.From(m.From); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	if err := message.To(a.to); err != nil {
		return nil, fmt.Errorf("write mail: %w", err)
	}
	message.Subject("[hookdesk] " + subject(&a.event))
	message.SetDateWithValue(a.event.At)
	message.SetMessageIDWithValue(m.messageID(a))
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.text(&a.event))
	return message, nil
}

// messageID is the same on every try, so that a mail that arrives twice is
// shown once.
func (m *Mail) messageID(a *alert) string {
	domain := "hookdesk"
	if from, err := mail.ParseAddress(m.From); err == nil {
		domain = from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	}
	sum := sha256.Sum256([]byte(a.to))
	return fmt.Sprintf("%s.%x@%s", a.event.ID, sum[:4], domain)
}

func subject(event *dispatcher.EndpointEvent) string {
	name := oneLine(event.Name)
	if name == "" {
		name = event.Endpoint
	}
	switch event.Type {
	case triggers.EventEndpointDisabled:
		return name + " is disabled"
	case triggers.EventEndpointEnabled:
		return name + " is enabled again"
	case triggers.EventEndpointPaused:
		return name + " is paused"
	case triggers.EventEndpointResumed:
		return name + " is resumed"
	default:
		return fmt.Sprintf("%s is failing (%d of %d)", name, event.Failures, event.DisabledAt)
	}
}

func (m *Mail) text(event *dispatcher.EndpointEvent) string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name+":", oneLine(value))
		}
	}
	b.WriteString(explanation(event) + "\n\n")
	line("Endpoint", event.Name)
	line("Id", event.Endpoint)
	line("System", event.System)
	line("Workspace", event.Workspace)
	line("Reason", event.Reason)
	line("At", event.At.Format(time.RFC3339))
	if m.Console != nil {
		line("Console", m.Console(event.Endpoint))
	}
	return b.String()
}

func explanation(event *dispatcher.EndpointEvent) string {
	switch event.Type {
	case triggers.EventEndpointDisabled:
		return "The endpoint gets nothing until somebody enables it again. Changes are recorded meanwhile;\nwhat it missed can be replayed from the log."
	case triggers.EventEndpointEnabled:
		return "The endpoint gets webhooks again."
	case triggers.EventEndpointPaused:
		return "Deliveries to the endpoint wait until somebody resumes it; none is lost."
	case triggers.EventEndpointResumed:
		return "What waited while the endpoint was paused is sent now."
	default:
		return fmt.Sprintf("%d attempts in a row failed; after %d the endpoint is disabled.", event.Failures, event.DisabledAt)
	}
}

// oneLine makes a text of strangers one line without control characters.
func oneLine(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
	if runes := []rune(text); len(runes) > maxLine {
		text = string(runes[:maxLine]) + "…"
	}
	return text
}
