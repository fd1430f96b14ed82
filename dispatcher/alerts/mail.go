package alerts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers"
)

// How the connection to a mail server is encrypted.
const (
	StartTLS    = "starttls" // by the command STARTTLS, which the server must know
	ImplicitTLS = "implicit" // from the first byte, usually on port 465
	NoTLS       = "none"     // not at all; then there is no password either
)

// Mail sends alerts by SMTP.
type Mail struct {
	Addr     string // host:port of the mail server
	User     string // empty: without authentication
	Password string
	From     string
	TLS      string // StartTLS, ImplicitTLS or NoTLS
	To       []string
	// Console returns the address of an endpoint's page, for the text.
	Console func(endpoint string) string
	// Roots are the authorities that may vouch for the server; nil: the system's.
	Roots *x509.CertPool
}

// recipients are whom mail about an event goes to: the operator, and whom the
// endpoint's own settings name, who does not hear of its return.
func (s *Sender) recipients(endpoint *triggers.Endpoint, event string) []string {
	list := slices.Clone(s.options.Mail.To)
	if endpoint == nil || event != triggers.EventEndpointFailing && event != triggers.EventEndpointDisabled {
		return list
	}
	for _, to := range s.contacts(endpoint) {
		if !slices.ContainsFunc(list, func(other string) bool { return strings.EqualFold(to, other) }) {
			list = append(list, to)
		}
	}
	return list
}

// contacts are the addresses in an endpoint's settings.
func (s *Sender) contacts(endpoint *triggers.Endpoint) []string {
	system := s.options.Systems.Lookup(endpoint.System)
	if system == nil {
		return nil
	}
	var list []string
	for _, setting := range system.Sheet().Settings {
		if setting.Type != systems.TypeMail {
			continue
		}
		addresses, err := systems.Addresses(endpoint.Settings[setting.Name])
		if err != nil { // saved before it was checked
			s.options.Logger.Warn("an address for alerts cannot be used", "endpoint_id", endpoint.ID, "setting", setting.Name)
		}
		list = append(list, addresses...)
	}
	return list
}

func (m *Mail) send(ctx context.Context, a *alert) error {
	message, err := m.message(a)
	if err != nil {
		return final{err}
	}
	client, err := m.client()
	if err != nil {
		return final{fmt.Errorf("prepare mail: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err = client.DialAndSendWithContext(ctx, message)
	var refused *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.ErrorCode() >= 500 && !refused.IsTemp():
		return final{m.discreet(err)}
	}
	return m.discreet(err)
}

// discreet keeps a password out of an error that quotes the server.
func (m *Mail) discreet(err error) error {
	text := err.Error()
	if m.Password != "" {
		text = strings.ReplaceAll(text, m.Password, "xxxxx")
	}
	return errors.New("send mail: " + oneLine(text))
}

func (m *Mail) client() (*gomail.Client, error) {
	host, portText, err := net.SplitHostPort(m.Addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(timeout),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: m.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch m.TLS {
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	return gomail.NewClient(host, options...)
}
