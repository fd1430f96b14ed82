package console

import (
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/signing"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// signatureView explains how the newest attempt of a delivery was signed.
type signatureView struct {
	*inspect.Signature
	Docs     string
	Asked    bool   // what Found says is about what a receiver made of it
	Computed string // as asked
	Body     string // as asked
}

// explainSignature checks what was sent the way a receiver would; nil where
// the endpoint is gone or signs nothing.
func (r *request) explainSignature(delivery *executionlog.Delivery, sent *executionlog.Request, attempts []*executionlog.Attempt, asked *inspect.Receiver) *signatureView {
	found := r.inspect.Signature(delivery, sent, attempts, asked)
	if found.Scheme.Name == "" || found.Scheme.Name == signing.None {
		return nil
	}
	view := &signatureView{Signature: found, Docs: "/docs/signing#" + found.Scheme.Name}
	if asked != nil {
		view.Asked, view.Computed, view.Body = true, asked.Computed, string(asked.Body)
	}
	return view
}

// askDoctor says what is wrong with a signature as a receiver checked it.
// What was asked is kept nowhere.
func askDoctor(r *request) error {
	return r.deliveryPage(r.segment("id"), &inspect.Receiver{
		Computed: strings.TrimSpace(r.PostFormValue("computed")),
		Body:     []byte(r.PostFormValue("body")),
		Secret:   r.PostFormValue("secret"),
	})
}
