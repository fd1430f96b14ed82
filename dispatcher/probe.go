package dispatcher

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// Probe implements Desk. The error is an *invalid.Error about the URL that
// says what the receiver answered and should have answered.
func (d *Dispatcher) Probe(ctx context.Context, endpoint *triggers.Endpoint, keys []string) error {
	handshaker, ok := d.options.Systems.Lookup(endpoint.System).(systems.Handshaker)
	if !ok {
		return nil
	}
	random, err := rand.Int(rand.Reader, big.NewInt(1_000_000_000))
	if err != nil {
		return fmt.Errorf("make a challenge: %w", err)
	}
	handshake := handshaker.Handshake(endpointOf(endpoint), random.Int64())
	if handshake == nil {
		return nil
	}
	header, err := probeHeaders(handshake, endpoint, keys, d.now())
	if err != nil {
		return err
	}
	post := &sender.Post{
		Method: handshake.Method, URL: handshake.URL, Header: header, Body: handshake.Body,
		Timeout:   time.Duration(endpoint.TimeoutSeconds) * time.Second,
		AllowHTTP: d.allowsHTTP(endpoint), InsecureTLS: endpoint.InsecureTLS,
	}
	if endpoint.TLS != nil {
		post.CA, post.Cert, post.Key = endpoint.TLS.CA, endpoint.TLS.Cert, endpoint.TLS.Key
	}
	exchange := d.options.Sender.Do(ctx, post)
	if exchange.Status == 0 {
		return HandshakeFailed(endpoint.System, exchange.Error)
	}
	if err := handshake.Check(exchange.Status, exchange.ResponseBody); err != nil {
		return HandshakeFailed(endpoint.System, err.Error()+answered(exchange, post))
	}
	return nil
}

// answered says what a receiver's answer to a handshake was, in its own words
// where it has some: it may well say what it misses. What was secret in the
// request is taken out, since some answer with what they were asked.
func answered(exchange *sender.Exchange, post *sender.Post) string {
	conceal(exchange, sentSecrets(post, maskSecrets(post.Header)))
	if len(exchange.ResponseBody) == 0 {
		return ", with an empty body"
	}
	if said := quoted(exchange); said != "" {
		return ", and said " + strconv.Quote(said)
	}
	return ""
}

// HandshakeFailed is the error for an endpoint whose receiver did not answer as
// its system wants it to.
func HandshakeFailed(system, reason string) error {
	return invalid.New("url", nil,
		"must answer the handshake of %s before it is saved: %s; administrators, and everybody in development mode, may save it without: by skip_handshake=true in the query, apply --skip-handshake, or the box in the console", system, reason)
}

func probeHeaders(handshake *systems.Handshake, endpoint *triggers.Endpoint, keys []string, at time.Time) ([]executionlog.Header, error) {
	var header []executionlog.Header
	for _, h := range handshake.Header {
		header = append(header, executionlog.Header(h))
	}
	scheme, ok := signing.Lookup(endpoint.Signing.Scheme)
	if !handshake.Signed || !ok || len(keys) == 0 {
		return header, nil
	}
	lines, err := scheme.Sign(signing.Message{ID: handshake.EventID, Timestamp: at, Body: handshake.Body}, keys,
		signing.Options{Header: endpoint.Signing.Header})
	if err != nil {
		return nil, fmt.Errorf("sign the handshake: %w", err)
	}
	for _, line := range lines {
		header = append(header, executionlog.Header(line))
	}
	return header, nil
}
