package console

import (
	"net/http"
	"slices"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
)

// signatureView explains how the newest attempt of a delivery was signed.
type signatureView struct {
	Title   string
	Text    string
	Source  string
	Headers []executionlog.Header // those that carry the signature
	Valid   bool
	Problem string // why it does not verify, or cannot be checked
	Docs    string
}

// explainSignature checks what was sent against the endpoint's secrets the way
// a receiver would; nil where the endpoint is gone or signs nothing.
func (r *request) explainSignature(delivery *executionlog.Delivery, sent *executionlog.Request, attempts []*executionlog.Attempt) *signatureView {
	endpoint := r.Config.Endpoint(delivery.Endpoint)
	if endpoint == nil || endpoint.Workspace != delivery.Workspace {
		return nil
	}
	scheme, ok := signing.Lookup(endpoint.Signing.Scheme)
	if !ok || scheme.Describe().Name == signing.None {
		return nil
	}
	sheet := scheme.Describe()
	view := &signatureView{Title: sheet.Title, Text: sheet.Text, Source: sheet.Source, Docs: "/docs/signing#" + sheet.Name}
	options := signing.Options{Header: endpoint.Signing.Header}
	names := signing.HeadersOf(scheme, options)
	header := http.Header{}
	if last := lastDetail(attempts); last != nil {
		for _, h := range last.RequestHeader {
			header.Add(h.Name, h.Value)
			if slices.ContainsFunc(names, func(name string) bool {
				return http.CanonicalHeaderKey(name) == http.CanonicalHeaderKey(h.Name)
			}) {
				view.Headers = append(view.Headers, h)
			}
		}
	}
	view.Valid, view.Problem = r.verify(scheme, endpoint.ID, header, sent.Body, options, len(view.Headers) > 0)
	return view
}

func (r *request) verify(scheme signing.Scheme, endpoint string, header http.Header, body []byte, options signing.Options, signed bool) (bool, string) {
	if !signed {
		return false, "No attempt has carried a signature yet."
	}
	keys, err := r.Config.SigningKeys(r.Config.Endpoint(endpoint), r.Now())
	if err != nil || len(keys) == 0 {
		return false, "The endpoint has no secret that could check it now."
	}
	if err := scheme.Verify(header, body, keys, signing.VerifyOptions{Options: options}); err != nil {
		return false, sentence(err.Error()) + " If the secret was changed since, that is why: the signature was made with an earlier one."
	}
	return true, ""
}

// lastDetail returns the detail of the newest attempt that has one.
func lastDetail(attempts []*executionlog.Attempt) *executionlog.AttemptDetail {
	for _, a := range slices.Backward(attempts) {
		if a.Detail != nil {
			return a.Detail
		}
	}
	return nil
}
