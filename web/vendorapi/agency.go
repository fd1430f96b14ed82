package vendorapi

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/signing"
)

const (
	agencySystem = "agency"
	// signatureHeader is where a delivery carries its signature, and where a
	// request to verify one carries it.
	signatureHeader = "Signature"
)

// verification is the answer about a signature, in the vendor's form.
type verification struct {
	Status int      `json:"status"`
	Valid  bool     `json:"valid"`
	Errors []string `json:"errors,omitempty"`
}

func (v *vendors) agencyRoutes(router *mux.Router, base string) {
	router.HandleFunc(base+"/webhook-endpoints/verify-signature", v.verifySignature).Methods(http.MethodPost)
}

// verifySignature says whether a delivery, sent here with its raw body and its
// Signature header as it came, was signed by one of the workspace's agency
// endpoints. A signature may be five minutes old.
func (v *vendors) verifySignature(w http.ResponseWriter, r *http.Request) {
	by, status := v.identify(r, config.ScopeRead)
	if status != http.StatusOK {
		writeJSON(w, status, verification{Status: status, Errors: []string{http.StatusText(status)}})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		writeJSON(w, http.StatusRequestEntityTooLarge, verification{Status: http.StatusRequestEntityTooLarge, Errors: []string{"Payload too large"}})
		return
	}
	header, body := enclosed(r.Header, body)
	if v.verified(by.Workspace, header, body) {
		writeJSON(w, http.StatusOK, verification{Status: http.StatusOK, Valid: true})
		return
	}
	writeJSON(w, http.StatusBadRequest, verification{Status: http.StatusBadRequest, Errors: []string{"Invalid payload"}})
}

// enclosed takes a delivery out of {payload, signature}, which is how clients
// send both in one JSON body. The vendor's page leaves open which it is.
func enclosed(header http.Header, body []byte) (http.Header, []byte) {
	var sent struct {
		Payload   json.RawMessage `json:"payload"`
		Body      json.RawMessage `json:"body"`
		Signature string          `json:"signature"`
	}
	if header.Get(signatureHeader) != "" || json.Unmarshal(body, &sent) != nil || sent.Signature == "" {
		return header, body
	}
	payload := sent.Payload
	if payload == nil {
		payload = sent.Body
	}
	header = http.Header{signatureHeader: {sent.Signature}}
	var text string
	if json.Unmarshal(payload, &text) == nil {
		return header, []byte(text)
	}
	return header, payload
}

func (v *vendors) verified(workspace string, header http.Header, body []byte) bool {
	scheme, ok := signing.Lookup(agencySystem)
	if !ok || header.Get(signatureHeader) == "" {
		return false
	}
	now := v.now()
	for _, endpoint := range v.Config.Endpoints(workspace) {
		if endpoint.System != agencySystem || endpoint.Signing.Scheme != agencySystem {
			continue
		}
		keys, err := v.Config.SigningKeys(endpoint, now)
		if err != nil {
			v.log.Warn("a signing secret cannot be opened", "endpoint_id", endpoint.ID, "error", err)
			continue
		}
		if len(keys) > 0 && scheme.Verify(header, body, keys, signing.VerifyOptions{Now: now}) == nil {
			return true
		}
	}
	return false
}
