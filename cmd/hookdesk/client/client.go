// Package client talks to a hookdesk server's REST API on behalf of the
// command line.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Client is a server and a token for it.
type Client struct {
	Base      string // such as http://127.0.0.1:8080, without the API's path
	Token     string
	Workspace string       // empty: the token's own
	HTTP      *http.Client // nil: http.DefaultClient
}

// maxAnswer is the largest answer that is read, in bytes.
const maxAnswer = 64 << 20

// Problem is an error that the server answered (RFC 9457).
type Problem struct {
	Status int            `json:"status"`
	Title  string         `json:"title"`
	Detail string         `json:"detail"`
	Errors []ProblemField `json:"errors"`
}

// ProblemField is one thing wrong with the request.
type ProblemField struct {
	Location string `json:"location"` // such as body.when.all.0.op
	Path     string `json:"path"`     // the member alone
	Message  string `json:"message"`
	Value    any    `json:"value"`
}

func (p *Problem) Error() string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	if text == "" {
		text = http.StatusText(p.Status)
	}
	for _, e := range p.Errors {
		where := e.Path
		if where == "" {
			where = e.Location
		}
		line := strings.TrimPrefix(where+": "+e.Message, ": ")
		if !strings.Contains(text, e.Message) {
			text += "; " + line
		}
	}
	return fmt.Sprintf("server answered %d: %s", p.Status, text)
}

// ErrUnreachable says that nothing answers at the server's address.
var ErrUnreachable = errors.New("server unreachable")

// Do sends in as JSON to a path below /api/v1 and decodes the answer into
// out, or copies it as it is where that is a *[]byte; either may be nil. An answer that is no 2xx is returned as a *Problem.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		body = bytes.NewReader(content)
	}
	response, err := c.send(ctx, method, path, body, "application/json")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
		return err
	}
	if text, ok := out.(*[]byte); ok {
		*text, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		return err
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(out); err != nil {
		return fmt.Errorf("decode answer of %s %s: %w", method, path, err)
	}
	return nil
}

// send makes a request; the caller closes the answer's body.
func (c *Client) send(ctx context.Context, method, path string, body io.Reader, accept string, headers ...string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Base, "/")+"/api/v1"+path, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	request.Header.Set("Accept", accept)
	if c.Token != "" {
		request.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Workspace != "" {
		request.Header.Set("Hookdesk-Workspace", c.Workspace)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] != "" {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		var network *net.OpError
		if errors.As(err, &network) && network.Op == "dial" {
			return nil, fmt.Errorf("%w: %w", ErrUnreachable, network)
		}
		return nil, err
	}
	if response.StatusCode/100 == 2 {
		return response, nil
	}
	defer response.Body.Close()
	return nil, problem(response)
}

func problem(response *http.Response) error {
	p := &Problem{}
	content, _ := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if json.Unmarshal(content, p) != nil {
		p = &Problem{Detail: strings.TrimSpace(string(content[:min(200, len(content))]))}
	}
	p.Status = response.StatusCode
	return p
}

// Query joins the parameters that are not empty, as ?a=b, or "".
func Query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// given returns an optional body, nil where there is none.
func given[T any](body *T) any {
	if body == nil {
		return nil
	}
	return body
}
