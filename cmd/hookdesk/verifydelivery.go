package main

import (
	"context"
	"encoding/base64"
	"errors"
	"io"

	"github.com/hookdesk/hookdesk/cmd/hookdesk/client"
	"github.com/hookdesk/hookdesk/signing"
)

// diagnoseDelivery has the server check how it signed a delivery, or explain
// what a receiver made of that. The server has the secret; whoever asks needs
// none.
func (c *VerifyCmd) diagnoseDelivery(ctx context.Context, stdin io.Reader) (signing.Diagnosis, error) {
	var none signing.Diagnosis
	switch {
	case c.Request != "" || len(c.Header) > 0:
		return none, usage("--delivery stands for a request; leave out --request and --header")
	case c.Scheme != "" || c.SignatureHeader != "" || c.At != "" || c.Tolerance != 0:
		return none, usage("--delivery is checked by its endpoint's scheme, as of when it was sent; leave out --scheme, --signature-header, --at and --tolerance")
	case len(c.Secret) > 1:
		return none, usage("--secret is given %d times; want at most one beside --delivery", len(c.Secret))
	}
	asked := client.DoctorRequest{Computed: c.Computed}
	if len(c.Secret) == 1 {
		asked.Secret = c.Secret[0]
	}
	if c.Body != "" {
		var read signing.Capture
		if err := c.readBody(stdin, &read); err != nil {
			return none, err
		}
		asked.Body, asked.Encoding = base64.StdEncoding.EncodeToString(read.Body), "base64"
	}
	api, err := c.Client()
	if err != nil {
		return none, err
	}
	view, err := api.DiagnoseSignature(ctx, c.Delivery, asked)
	if err != nil {
		return none, c.explain(err)
	}
	if view.Diagnosis == nil {
		return none, errors.New("delivery cannot be checked: " + view.Problem)
	}
	found := signing.Diagnosis{
		Verified: view.Diagnosis.Verified, Scheme: view.Diagnosis.Scheme, Cause: signing.Cause(view.Diagnosis.Cause),
		Explanation: view.Diagnosis.Explanation, Advice: view.Diagnosis.Advice,
	}
	for _, step := range view.Diagnosis.Steps {
		found.Steps = append(found.Steps, signing.Step{Title: step.Title, Detail: step.Detail, OK: step.Ok})
	}
	return found, nil
}
