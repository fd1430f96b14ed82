package dispatcher

import (
	"context"
	"fmt"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
)

// Curl implements Desk. Credentials and signatures are left as placeholders:
// the signature belongs to its moment, and secrets are not shown.
func (d *Dispatcher) Curl(ctx context.Context, workspace, delivery string) (string, error) {
	row, err := d.options.Ledger.Delivery(ctx, workspace, delivery)
	if err != nil {
		return "", err
	}
	request, err := d.options.Ledger.Request(ctx, workspace, delivery)
	if err != nil {
		return "", err
	}
	endpoint := d.options.Config.Endpoint(row.Endpoint)
	if endpoint == nil {
		return "", fmt.Errorf("endpoint %s of the delivery does not exist any more: %w", row.Endpoint, executionlog.ErrState)
	}
	header := maskSecrets(d.headers(endpoint, &executionlog.Outgoing{Delivery: *row, Request: *request}))
	header = append(header, maskAll(authHeaders(endpoint.Auth, Credentials{}))...)
	return curlCommand(maskQuery(endpoint.URL), header, request.Body), nil
}

// curlCommand is the command, for bash, that makes a request as it was made
// here.
func curlCommand(address string, header []executionlog.Header, body []byte) string {
	var b strings.Builder
	b.WriteString("curl --request POST" + asWritten(address) + " " + quote(address))
	for _, h := range header {
		line := h.Name + ": " + h.Value
		if h.Value == "" {
			line = h.Name + ";" // curl takes a header without a value for one to leave out
		}
		b.WriteString(" \\\n  --header " + quote(line))
	}
	b.WriteString(" \\\n  --data-binary " + quoteBytes(body))
	return b.String() + "\n"
}

// asWritten returns the options that keep curl from changing a URL: it expands
// brackets and braces, and resolves dots in the path.
func asWritten(address string) string {
	options := ""
	if strings.ContainsAny(address, "[]{}") {
		options += " --globoff"
	}
	if strings.Contains(address, "/.") {
		options += " --path-as-is"
	}
	return options
}

// quote makes a shell word of a text without control characters.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// quoteBytes makes a shell word of any bytes but NUL, byte for byte.
func quoteBytes(body []byte) string {
	plain := true
	for _, c := range body {
		if c < 0x20 || c == 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return quote(string(body))
	}
	var b strings.Builder
	b.WriteString("$'")
	for _, c := range body {
		switch {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}
