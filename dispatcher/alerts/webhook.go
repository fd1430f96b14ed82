package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher"
	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
)

// scheme signs the webhook.
const scheme = "standard"

// Webhook posts alerts to a URL of the operator's: a dispatcher.EndpointEvent
// as JSON.
type Webhook struct {
	URL string
	// Secret signs alerts as Standard Webhooks; empty: they are not signed.
	Secret string
	Sender dispatcher.Poster
	// AllowHTTP permits a URL without TLS: development mode.
	AllowHTTP bool
}

func (w *Webhook) send(ctx context.Context, a *alert) error {
	body, err := json.Marshal(a.event)
	if err != nil {
		return final{fmt.Errorf("encode alert: %w", err)}
	}
	header := []executionlog.Header{{Name: "Content-Type", Value: "application/json"}}
	if w.Secret != "" {
		standard, _ := signing.Lookup(scheme)
		lines, err := standard.Sign(signing.Message{ID: a.event.ID, Timestamp: time.Now(), Body: body}, []string{w.Secret}, signing.Options{})
		if err != nil {
			return final{fmt.Errorf("sign alert: %w", err)}
		}
		for _, line := range lines {
			header = append(header, executionlog.Header(line))
		}
	}
	exchange := w.Sender.Do(ctx, &sender.Post{URL: w.URL, Header: header, Body: body, Timeout: timeout, AllowHTTP: w.AllowHTTP})
	if exchange.Code != sender.OK {
		return errors.New(exchange.Error)
	}
	return nil
}

// CheckSecret returns an error that says what a secret for alerts looks like.
func CheckSecret(secret string) error {
	if secret == "" {
		return nil
	}
	standard, _ := signing.Lookup(scheme)
	return standard.CheckSecret(secret)
}
