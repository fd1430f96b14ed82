package main

import (
	"net"
	"slices"
	"strconv"

	"github.com/hookdesk/hookdesk/dispatcher/alerts"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func (c *Config) checkAlerts() error {
	if c.AlertURL != "" {
		if _, err := sender.CheckURL(c.AlertURL, c.Dev); err != nil {
			return usage("HOOKDESK_ALERT_URL: %w", err)
		}
	}
	if err := alerts.CheckSecret(c.AlertSecret); err != nil {
		return usage("HOOKDESK_ALERT_SECRET: %w; want whsec_ and base64 of 24 to 64 bytes", err)
	}
	if _, err := systems.Addresses(c.AlertEmail); err != nil {
		return setting("ALERT_EMAIL", c.AlertEmail, "mail addresses, joined with commas")
	}
	return c.checkMail()
}

// checkMail checks the mail server's settings.
func (c *Config) checkMail() error {
	if c.SMTPAddr == "" {
		if c.AlertEmail != "" {
			return usage("HOOKDESK_ALERT_EMAIL is set and HOOKDESK_SMTP_ADDR is empty; want host:port of a mail server")
		}
		return nil
	}
	host, port, err := net.SplitHostPort(c.SMTPAddr)
	if number, bad := strconv.Atoi(port); err != nil || host == "" || bad != nil || number < 1 || number > 65535 {
		return setting("SMTP_ADDR", c.SMTPAddr, "host:port, such as mail.example.com:587")
	}
	if from, err := systems.Addresses(c.SMTPFrom); err != nil || len(from) != 1 {
		return setting("SMTP_FROM", c.SMTPFrom, "a mail address, such as hookdesk@example.com")
	}
	if !slices.Contains([]string{alerts.StartTLS, alerts.ImplicitTLS, alerts.NoTLS}, c.SMTPTLS) {
		return setting("SMTP_TLS", c.SMTPTLS, "starttls, implicit or none")
	}
	switch {
	case (c.SMTPUser == "") != (c.SMTPPassword == ""):
		return usage("HOOKDESK_SMTP_USER and HOOKDESK_SMTP_PASSWORD go together; want both, or neither")
	case c.SMTPPassword != "" && c.SMTPTLS == alerts.NoTLS:
		return usage("HOOKDESK_SMTP_TLS is none, which would show HOOKDESK_SMTP_PASSWORD to the network; want starttls or implicit")
	}
	return nil
}

// alerts says how a server tells its operator of endpoints; Check has seen
// that the settings are right.
func (c *Config) alerts(a *App, registry *systems.Registry) alerts.Options {
	ways := alerts.Options{Endpoint: a.settings.Endpoint, Systems: registry, Logger: a.log}
	if c.AlertURL != "" {
		ways.Webhook = &alerts.Webhook{URL: c.AlertURL, Secret: c.AlertSecret, Sender: a.sender, AllowHTTP: c.Dev}
	}
	if c.SMTPAddr != "" {
		to, _ := systems.Addresses(c.AlertEmail)
		ways.Mail = &alerts.Mail{
			Addr: c.SMTPAddr, User: c.SMTPUser, Password: c.SMTPPassword, From: c.SMTPFrom, TLS: c.SMTPTLS, To: to,
		}
		if c.PublicURL != "" { // else nobody knows where people reach the server
			ways.Mail.Console = func(endpoint string) string { return c.Base("") + "/endpoints/" + endpoint }
		}
	}
	return ways
}
