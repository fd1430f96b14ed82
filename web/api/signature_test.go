package api

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/signing"
)

// TestSignatureOfADelivery checks a delivery's signature as the console's page
// does, and has what a receiver made of it explained.
func TestSignatureOfADelivery(t *testing.T) {
	s := newServer(t)
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	endpoint := s.do(http.MethodPost, "/api/v1/endpoints", object{
		"name": "Shop", "url": "https://shop.example.com/hook", "system": "superoffice",
		"signing": object{"scheme": "standard"}, "secret": secret,
	}).object(http.StatusCreated)["id"].(string)
	delivery := s.do(http.MethodPost, "/api/v1/endpoints/"+endpoint+"/test", nil).object(http.StatusAccepted)["id"].(string)
	path := "/api/v1/deliveries/" + delivery + "/signature"

	early := s.do(http.MethodGet, path, nil).object(http.StatusOK)
	if early["problem"] != "No attempt has carried a signature yet." || early["diagnosis"] != nil || early["scheme"] != "standard" {
		t.Errorf("before an attempt: %v", early)
	}
	attempt := s.attempt(delivery, 401, "the receiver answered 401")
	found := s.do(http.MethodGet, path, nil)
	view := found.object(http.StatusOK)
	diagnosis, _ := view["diagnosis"].(object)
	if diagnosis["verified"] != true || view["execution"] != attempt || len(view["headers"].([]any)) == 0 || len(diagnosis["steps"].([]any)) == 0 {
		t.Errorf("after an attempt: %s", found.body)
	}
	body := s.do(http.MethodGet, "/api/v1/deliveries/"+delivery, nil).object(http.StatusOK)["request"].(object)["body"].(string)

	for name, c := range map[string]struct {
		asked object
		cause signing.Cause
	}{
		"as sent":           {object{}, signing.CauseNone},
		"with a newline":    {object{"body": body + "\n"}, signing.CauseTrailingNewline},
		"in base64":         {object{"body": base64.StdEncoding.EncodeToString([]byte(body + "\n")), "encoding": "base64"}, signing.CauseTrailingNewline},
		"another secret":    {object{"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"}, signing.CauseWrongSecret},
		"a wrong result":    {object{"computed": "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, signing.CauseWrongSecret},
		"the secret spaced": {object{"secret": " " + secret}, signing.CauseSecretSpace},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			answer := s.do(http.MethodPost, path, c.asked)
			got, _ := answer.object(http.StatusOK)["diagnosis"].(object)
			if cause, _ := got["cause"].(string); cause != string(c.cause) || got["verified"] != (c.cause == signing.CauseNone) {
				t.Errorf("%s, want %q", answer.body, c.cause)
			}
			if strings.Contains(string(answer.body), strings.TrimPrefix(secret, "whsec_")) {
				t.Error("the answer shows the secret")
			}
		})
	}
	s.t = t
	s.do(http.MethodPost, path, object{"body": "%", "encoding": "base64"}).problem(http.StatusUnprocessableEntity, "body.body")
	s.do(http.MethodPost, path, object{"encoding": "hex"}).problem(http.StatusUnprocessableEntity, "body.encoding")
	s.do(http.MethodGet, "/api/v1/deliveries/dlv_0000000000000/signature", nil).problem(http.StatusNotFound, "")
	s.do(http.MethodGet, path, nil, asToken(s.token(object{"scopes": []string{"ingest"}}))).problem(http.StatusForbidden, "")

	s.do(http.MethodPatch, "/api/v1/endpoints/"+endpoint, object{"signing": object{"scheme": "none"}}).ok(http.StatusOK, nil)
	if off := s.do(http.MethodGet, path, nil).object(http.StatusOK); off["scheme"] != "none" || off["problem"] != "Its endpoint signs nothing." {
		t.Errorf("without a scheme: %v", off)
	}
}
