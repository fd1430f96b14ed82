package dispatcher

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers"
)

// The headers that hookdesk adds to every delivery, whatever the system, so
// that what a receiver does because of it continues the causal chain.
const (
	ChainHeader = "Webhook-Chain"
	TraceHeader = "traceparent"
)

const mask = "••••••"

// prepare makes the request of one attempt: the stored request, what differs
// between attempts, the user's headers and credentials, and the signature.
// Masked are the headers as the log may show them.
func (d *Dispatcher) prepare(endpoint *triggers.Endpoint, delivery *executionlog.Outgoing, at time.Time) (post *sender.Post, masked []executionlog.Header, err error) {
	credentials, err := d.options.Config.Credentials(endpoint)
	if err != nil {
		return nil, nil, fmt.Errorf("open the endpoint's credentials: %w", err)
	}
	signatures, err := d.sign(endpoint, delivery, at)
	if err != nil {
		return nil, nil, err
	}
	header := d.headers(endpoint, delivery)
	post = &sender.Post{
		URL: endpoint.URL, Body: delivery.Request.Body, Timeout: time.Duration(endpoint.TimeoutSeconds) * time.Second,
		AllowHTTP: d.allowsHTTP(endpoint), InsecureTLS: endpoint.InsecureTLS, Endpoint: endpoint.ID,
		Header: slices.Concat(header, authHeaders(endpoint.Auth, credentials), signatures),
	}
	if endpoint.TLS != nil {
		post.CA, post.Cert, post.Key = endpoint.TLS.CA, endpoint.TLS.Cert, credentials.TLSKey
	}
	masked = slices.Concat(maskSecrets(header), maskAll(authHeaders(endpoint.Auth, credentials)), signatures)
	return post, masked, nil
}

// allowsHTTP says whether an endpoint may have a URL without TLS, as it was
// checked when the endpoint was saved.
func (d *Dispatcher) allowsHTTP(endpoint *triggers.Endpoint) bool {
	if endpoint.AllowHTTP || d.options.AllowHTTP {
		return true
	}
	system := d.options.Systems.Lookup(endpoint.System)
	return system != nil && !system.Sheet().Policy.HTTPSOnly
}

// headers returns all but credentials and signatures.
func (d *Dispatcher) headers(endpoint *triggers.Endpoint, delivery *executionlog.Outgoing) []executionlog.Header {
	list := []executionlog.Header{{Name: "Content-Type", Value: delivery.Request.ContentType}}
	list = append(list, delivery.Request.Header...)
	if system := d.options.Systems.Lookup(delivery.System); system != nil {
		for _, h := range system.AttemptHeaders(delivery.Attempts) {
			list = append(list, executionlog.Header(h))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(endpoint.Headers)) {
		list = append(list, executionlog.Header{Name: name, Value: endpoint.Headers[name]})
	}
	if d.options.UserAgent != "" && !namesAgent(endpoint, list) {
		list = append(list, executionlog.Header{Name: "User-Agent", Value: d.options.UserAgent})
	}
	if delivery.Chain != "" {
		list = append(list,
			executionlog.Header{Name: ChainHeader, Value: chainValue(delivery.Chain, delivery.Depth)},
			executionlog.Header{Name: TraceHeader, Value: d.attemptTrace(&delivery.Delivery, delivery.Attempts+1).Parent()})
	}
	return list
}

// namesAgent says whether a request has a User-Agent without hookdesk's own:
// among its headers, or, odd as it is, as the place of a key or a signature.
func namesAgent(endpoint *triggers.Endpoint, list []executionlog.Header) bool {
	isAgent := func(name string) bool { return strings.EqualFold(name, "User-Agent") }
	return isAgent(endpoint.Auth.Header) || isAgent(endpoint.Signing.Header) ||
		slices.ContainsFunc(list, func(h executionlog.Header) bool { return isAgent(h.Name) })
}

func (d *Dispatcher) sign(endpoint *triggers.Endpoint, delivery *executionlog.Outgoing, at time.Time) ([]executionlog.Header, error) {
	scheme, ok := signing.Lookup(endpoint.Signing.Scheme)
	if !ok {
		return nil, fmt.Errorf("sign the request: there is no scheme %q", endpoint.Signing.Scheme)
	}
	keys, err := d.options.Config.SigningKeys(endpoint, at)
	if err != nil {
		return nil, fmt.Errorf("open the endpoint's secret: %w", err)
	}
	if len(keys) == 0 {
		return nil, nil // no secret is set: the vendor then sends no signature
	}
	message := signing.Message{ID: delivery.EventID, Timestamp: at, Body: delivery.Request.Body}
	lines, err := scheme.Sign(message, keys, signing.Options{Header: endpoint.Signing.Header})
	if err != nil {
		return nil, fmt.Errorf("sign the request: %w", err)
	}
	list := make([]executionlog.Header, len(lines))
	for i, line := range lines {
		list[i] = executionlog.Header(line)
	}
	return list, nil
}

func authHeaders(auth triggers.Auth, credentials Credentials) []executionlog.Header {
	switch auth.Type {
	case triggers.AuthBasic:
		pair := base64.StdEncoding.EncodeToString([]byte(auth.User + ":" + credentials.Password))
		return []executionlog.Header{{Name: "Authorization", Value: "Basic " + pair}}
	case triggers.AuthBearer:
		return []executionlog.Header{{Name: "Authorization", Value: "Bearer " + credentials.Token}}
	case triggers.AuthAPIKey:
		return []executionlog.Header{{Name: auth.Header, Value: credentials.Key}}
	case triggers.AuthNone:
	}
	return nil
}

// secretWords make a header's value a secret, parameterWords a parameter's.
var (
	secretWords    = []string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "credential"}
	parameterWords = append([]string{"key", "auth", "sig", "pass", "pwd"}, secretWords...)
)

// SecretHeader says whether the value of a header of this name is a secret.
func SecretHeader(name string) bool { return hasWord(name, secretWords) }

// SecretParameter says whether the value of a parameter of this name in a
// URL's query is a secret.
func SecretParameter(name string) bool { return hasWord(name, parameterWords) }

func hasWord(name string, words []string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
}

func maskSecrets(headers []executionlog.Header) []executionlog.Header {
	list := slices.Clone(headers)
	for i, h := range list {
		switch {
		case SecretHeader(h.Name):
			list[i].Value = mask
		case strings.EqualFold(h.Name, "Location"): // a redirect may carry a token on
			list[i].Value = maskQuery(h.Value)
		}
	}
	return list
}

func maskAll(headers []executionlog.Header) []executionlog.Header {
	for i := range headers {
		headers[i].Value = mask
	}
	return headers
}

// maskQuery hides the values of a URL's query: receivers put tokens there.
func maskQuery(raw string) string {
	address, query, ok := strings.Cut(raw, "?")
	if !ok {
		return raw
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if name, _, ok := strings.Cut(part, "="); ok {
			parts[i] = name + "=" + url.QueryEscape(mask)
		}
	}
	return address + "?" + strings.Join(parts, "&")
}

// detail is what the log keeps of an attempt beside its row.
func detail(post *sender.Post, masked []executionlog.Header, exchange *sender.Exchange, node int) *executionlog.AttemptDetail {
	kept := &executionlog.AttemptDetail{
		Method: "POST", RequestHeader: masked,
		ResponseHeader: exchange.ResponseHeader, ResponseBody: exchange.ResponseBody, Truncated: exchange.Truncated,
		Address: exchange.Address, TLSVersion: exchange.TLSVersion, CertExpiry: exchange.CertExpiry,
		Timings: exchange.Timings, Node: node,
	}
	kept.ResponseHeader = maskSecrets(kept.ResponseHeader)
	if post != nil {
		kept.URL = maskQuery(post.URL)
	}
	return kept
}

func chainValue(chain string, depth int) string { return chain + ";depth=" + strconv.Itoa(depth) }
