package inspect

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
)

// Signature is how the newest attempt of a delivery was signed, and what the
// signature doctor finds when it checks that as a receiver would.
type Signature struct {
	Scheme  signing.Description
	Attempt string                // the attempt that is looked at; empty where there is none
	Headers []executionlog.Header // those of the attempt that carry the signature
	Problem string                // why it cannot be checked, in a sentence; empty if it can
	// Found is what the doctor says; nil beside a Problem.
	Found *signing.Diagnosis
}

// Receiver is what a receiver made of a delivery. Members that are empty are as
// they were sent.
type Receiver struct {
	Computed string // the signature that its code works out
	Body     []byte // the body that it checked
	Secret   string
}

// Signature checks what was sent the way a receiver would. receiver is what a
// receiver made of it, or nil; nothing of it is kept. sent is nil once
// retention has removed it.
func (i *Inspector) Signature(delivery *executionlog.Delivery, sent *executionlog.Request, attempts []*executionlog.Attempt, receiver *Receiver) *Signature {
	view := &Signature{}
	endpoint := i.endpoint(delivery.Workspace, delivery.Endpoint)
	if endpoint == nil {
		view.Problem = "Its endpoint does not exist any more, nor does the secret."
		return view
	}
	scheme, ok := signing.Lookup(endpoint.Signing.Scheme)
	if !ok || scheme.Describe().Name == signing.None {
		view.Scheme.Name = signing.None
		view.Problem = "Its endpoint signs nothing."
		return view
	}
	view.Scheme = scheme.Describe()
	if sent == nil {
		view.Problem = "The body has been removed, as the retention settings ask."
		return view
	}
	capture := signing.Capture{Scheme: view.Scheme.Name, Options: signing.Options{Header: endpoint.Signing.Header}, Header: http.Header{}, Body: sent.Body, Sent: sent.Body}
	if last := lastDetailed(attempts); last != nil {
		capture.Now, view.Attempt = last.At, last.ID
		view.Headers = signatureHeaders(last.Detail.RequestHeader, signing.HeadersOf(scheme, capture.Options), capture.Header)
	}
	keys, err := i.Config.SigningKeys(endpoint, i.Now())
	switch {
	case len(view.Headers) == 0:
		view.Problem = "No attempt has carried a signature yet."
		return view
	case err != nil || len(keys) == 0:
		view.Problem = "The endpoint has no secret that could check it now."
		return view
	}
	capture.Secrets = keys
	if receiver != nil {
		capture.Computed = receiver.Computed
		if len(receiver.Body) > 0 {
			capture.Body = receiver.Body
		}
		if receiver.Secret != "" {
			capture.Secrets = []string{receiver.Secret}
		}
	}
	found := signing.Diagnose(capture)
	view.Found = &found
	return view
}

// signatureHeaders copies the headers of a request, and returns those among
// them that carry its signature.
func signatureHeaders(sent []executionlog.Header, names []string, to http.Header) []executionlog.Header {
	var carrying []executionlog.Header
	for _, h := range sent {
		to.Add(h.Name, h.Value)
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, h.Name) }) {
			carrying = append(carrying, h)
		}
	}
	return carrying
}

// lastDetailed returns the newest attempt that has a detail.
func lastDetailed(attempts []*executionlog.Attempt) *executionlog.Attempt {
	for _, a := range slices.Backward(attempts) {
		if a.Detail != nil {
			return a
		}
	}
	return nil
}
