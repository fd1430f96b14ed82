package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/triggers/invalid"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// signatureView is how a delivery was signed, and what the doctor finds.
type signatureView struct {
	Delivery  string                `json:"delivery"`
	Scheme    string                `json:"scheme" doc:"The endpoint's signing scheme; none where it signs nothing, empty where the endpoint is gone"`
	Title     string                `json:"title,omitempty" doc:"The scheme's name, for people"`
	Text      string                `json:"text,omitempty" doc:"How the scheme signs, in words"`
	Execution string                `json:"execution,omitempty" doc:"The newest attempt, which is the one that is looked at"`
	Headers   []executionlog.Header `json:"headers" nullable:"false" doc:"Those of the attempt that carry the signature"`
	Problem   string                `json:"problem,omitempty" doc:"Why it cannot be checked, in a sentence; left out if it can"`
	Diagnosis *signing.Diagnosis    `json:"diagnosis,omitempty" doc:"The check step by step, as a receiver makes it, and what is wrong; left out beside a problem"`
}

// doctorRequest is what a receiver made of a delivery.
type doctorRequest struct {
	Computed string `json:"computed,omitempty" doc:"The signature that the receiver's code works out, to have that explained"`
	Body     string `json:"body,omitempty" doc:"The body that the receiver checks, if not the raw bytes; as it was sent if left out"`
	Encoding string `json:"encoding,omitempty" enum:"base64" doc:"Of body; left out for text"`
	Secret   string `json:"secret,omitempty" doc:"The secret that the receiver uses; the endpoint's if left out. It is kept nowhere"`
}

func (a *api) signatureRoutes() {
	const tag = "deliveries"
	register(a, operation{
		method: http.MethodGet, path: "/deliveries/{id}/signature", id: "get-signature", tag: tag, scope: config.ScopeRead,
		summary:     "See how a delivery was signed, checked step by step",
		description: "The newest attempt is checked as a receiver checks it, with the secrets that sign now. No step shows a secret.",
	}, a.getSignature)
	register(a, operation{
		method: http.MethodPost, path: "/deliveries/{id}/signature", id: "diagnose-signature", tag: tag, scope: config.ScopeRead,
		maxBody: 2 * maxChangeBody, // a body in base64, at most
		summary: "Find out why a receiver refuses a delivery's signature", body: doctorRequest{},
		description: "For a receiver that works out another signature: say what it makes of the delivery, and the doctor tries the usual mistakes until one gives the same result. Nothing of it is kept.",
	}, a.diagnoseSignature)
}

func (a *api) getSignature(ctx context.Context, who caller, in *IDPath) (*out[signatureView], error) {
	return a.signature(ctx, who, in.ID, nil)
}

func (a *api) diagnoseSignature(ctx context.Context, who caller, in *postByID) (*out[signatureView], error) {
	var request doctorRequest
	if err := in.Payload.decode(&request); err != nil {
		return nil, err
	}
	receiver := &inspect.Receiver{Computed: strings.TrimSpace(request.Computed), Body: []byte(request.Body), Secret: request.Secret}
	switch request.Encoding {
	case "":
	case "base64":
		body, err := base64.StdEncoding.DecodeString(request.Body)
		if err != nil {
			return nil, invalid.New("body", nil, "must be base64, as encoding says")
		}
		receiver.Body = body
	default:
		return nil, invalid.New("encoding", request.Encoding, "must be base64, or be left out for text")
	}
	return a.signature(ctx, who, in.ID, receiver)
}

func (a *api) signature(ctx context.Context, who caller, id string, receiver *inspect.Receiver) (*out[signatureView], error) {
	delivery, err := a.Ledger.Delivery(ctx, who.workspace, id)
	if err != nil {
		return nil, err
	}
	sent, err := a.requestOf(ctx, who.workspace, id)
	if err != nil {
		return nil, err
	}
	attempts, err := a.Ledger.Attempts(ctx, who.workspace, id)
	if err != nil {
		return nil, err
	}
	found := a.inspect.Signature(delivery, sent, attempts, receiver)
	return answer(signatureView{
		Delivery: id, Scheme: found.Scheme.Name, Title: found.Scheme.Title, Text: found.Scheme.Text, Execution: found.Attempt,
		Headers: headersOf(found.Headers), Problem: found.Problem, Diagnosis: found.Found,
	}), nil
}
