package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
)

// signatureView explains how the newest attempt of a delivery was signed.
type signatureView struct {
	Title   string
	Text    string
	Docs    string
	Headers []executionlog.Header // those that carry the signature
	Problem string                // why it cannot be checked, empty if it can

	// Found is what the signature doctor says of what was sent, or, once
	// somebody asked, of what a receiver made of it.
	Found    signing.Diagnosis
	Asked    bool
	Computed string // as asked
	Body     string // as asked
}

// doctorCase is what a receiver made of a delivery. Members that are empty are
// as they were sent.
type doctorCase struct {
	Computed string // the signature that its code works out
	Body     string // the body it checked
	Secret   string
}

// explainSignature checks what was sent the way a receiver would; nil where
// the endpoint is gone or signs nothing.
func (r *request) explainSignature(delivery *executionlog.Delivery, sent *executionlog.Request, attempts []*executionlog.Attempt, asked *doctorCase) *signatureView {
	endpoint := r.Config.Endpoint(delivery.Endpoint)
	if endpoint == nil || endpoint.Workspace != delivery.Workspace {
		return nil
	}
	scheme, ok := signing.Lookup(endpoint.Signing.Scheme)
	if !ok || scheme.Describe().Name == signing.None {
		return nil
	}
	sheet := scheme.Describe()
	view := &signatureView{Title: sheet.Title, Text: sheet.Text, Docs: "/docs/signing#" + sheet.Name}
	capture := signing.Capture{Scheme: sheet.Name, Options: signing.Options{Header: endpoint.Signing.Header}, Header: http.Header{}, Body: sent.Body}
	if last := lastDetailed(attempts); last != nil {
		capture.Now = last.At
		view.Headers = signatureHeaders(last.Detail.RequestHeader, signing.HeadersOf(scheme, capture.Options), capture.Header)
	}
	keys, err := r.Config.SigningKeys(endpoint, r.Now())
	switch {
	case len(view.Headers) == 0:
		view.Problem = "No attempt has carried a signature yet."
		return view
	case err != nil || len(keys) == 0:
		view.Problem = "The endpoint has no secret that could check it now."
		return view
	}
	capture.Secrets = keys
	if asked != nil {
		view.Asked, view.Computed, view.Body = true, asked.Computed, asked.Body
		capture.Computed = asked.Computed
		if asked.Body != "" {
			capture.Body = []byte(asked.Body)
		}
		if asked.Secret != "" {
			capture.Secrets = []string{asked.Secret}
		}
	}
	view.Found = signing.Diagnose(capture)
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

// askDoctor says what is wrong with a signature as a receiver checked it.
// What was asked is kept nowhere.
func askDoctor(r *request) error {
	return r.deliveryPage(r.segment("id"), &doctorCase{
		Computed: strings.TrimSpace(r.PostFormValue("computed")),
		Body:     r.PostFormValue("body"),
		Secret:   r.PostFormValue("secret"),
	})
}
