package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/signing"
)

func TestEndpointLife(t *testing.T) {
	s := newServer(t)
	made := s.do(http.MethodPost, "/api/v1/endpoints", `{"name":"Shop","url":"https://Example.com/hook?a=1","system":"superoffice"}`)
	e := made.object(http.StatusCreated)
	id := e["id"].(string)
	if !strings.HasPrefix(id, "ep_") || made.header.Get("Location") != "/api/v1/endpoints/"+id || made.header.Get("ETag") != `"1"` {
		t.Errorf("made %s with %v", made.body, made.header)
	}
	for member, want := range map[string]any{
		"url": "https://example.com/hook?a=1", "timeout_seconds": 15.0, "max_in_flight": 64.0, "ordered": "none",
		"on_failure": "block", "state": "active", "version": 1.0,
	} {
		if e[member] != want {
			t.Errorf("%s is %v, want %v", member, e[member], want)
		}
	}
	if e["secret"] == nil || e["secret"] == "" {
		t.Error("no secret on creation")
	}
	if strings.Contains(string(s.do(http.MethodGet, "/api/v1/endpoints/"+id, nil).ok(http.StatusOK, nil).body), "secret") {
		t.Error("the secret is shown twice")
	}
	patched := s.do(http.MethodPatch, "/api/v1/endpoints/"+id, `{"timeout_seconds": 5, "headers": {"X-Shop": "7"}}`, header("If-Match", `"1"`)).object(http.StatusOK)
	if patched["timeout_seconds"] != 5.0 || patched["version"] != 2.0 || patched["name"] != "Shop" {
		t.Errorf("patched: %v", patched)
	}
	s.do(http.MethodPatch, "/api/v1/endpoints/"+id, `{"name": "x"}`, header("If-Match", `"1"`)).problem(http.StatusPreconditionFailed, "")
	rotated := s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/rotate-secret", nil).object(http.StatusOK)
	if rotated["secret"] == e["secret"] || rotated["secret"] == nil {
		t.Errorf("rotated to %v", rotated["secret"])
	}
	keys, err := s.config.SigningKeys(s.config.Endpoint(id), s.now)
	if err != nil || len(keys) != 2 || keys[0] != rotated["secret"] || keys[1] != e["secret"] {
		t.Errorf("keys %v, %v", keys, err)
	}
	if off := s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/disable", `{"reason":"holiday"}`).object(http.StatusOK); off["state"] != "disabled" || off["state_reason"] != "holiday" {
		t.Errorf("disabled: %v", off)
	}
	s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/disable", `{"reason":"a\u0000b"}`).problem(http.StatusUnprocessableEntity, "body.reason")
	if on := s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/enable", nil).object(http.StatusOK); on["state"] != "active" {
		t.Errorf("enabled: %v", on)
	}
	if closed := s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/close-breaker", nil).object(http.StatusAccepted); closed["id"] != id {
		t.Errorf("closing the breaker: %v", closed)
	}
	s.do(http.MethodPost, "/api/v1/endpoints/ep_0000000000000/close-breaker", nil).problem(http.StatusNotFound, "")
	if test := s.do(http.MethodPost, "/api/v1/endpoints/"+id+"/test", `{"event":"ticket.changed"}`).object(http.StatusAccepted); test["event"] != "ticket.changed" || test["outcome"] != "pending" {
		t.Errorf("test delivery: %v", test)
	}
	trigger := s.trigger("superoffice", id, nil)
	s.do(http.MethodDelete, "/api/v1/endpoints/"+id, nil).problem(http.StatusConflict, "path.id")
	s.do(http.MethodDelete, "/api/v1/triggers/"+trigger, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodDelete, "/api/v1/endpoints/"+id, nil).ok(http.StatusNoContent, nil)
	s.do(http.MethodGet, "/api/v1/endpoints/"+id, nil).problem(http.StatusNotFound, "")
}

// A receiver of an asymmetric scheme needs the public key, which may be shown
// as often as somebody asks.
func TestPublicKey(t *testing.T) {
	s := newServer(t)
	e := s.do(http.MethodPost, "/api/v1/endpoints", `{"url":"https://example.com/hook","system":"faveo","signing":{"scheme":"standard-v1a"}}`).object(http.StatusCreated)
	path := "/api/v1/endpoints/" + e["id"].(string)
	shown := e
	for _, step := range []string{"made", "rotated"} {
		if step == "rotated" {
			shown = s.do(http.MethodPost, path+"/rotate-secret", nil).object(http.StatusOK)
		}
		want, err := signing.PublicKey(shown["secret"].(string))
		if err != nil || shown["public_key"] != want {
			t.Errorf("%s: public_key is %v, want %s (%v)", step, shown["public_key"], want, err)
		}
		read := s.do(http.MethodGet, path, nil).object(http.StatusOK)
		if read["public_key"] != want || read["secret"] != nil {
			t.Errorf("%s: read %v", step, read)
		}
		s.do(http.MethodPatch, path, read).object(http.StatusOK)
	}
	if e["public_key"] == shown["public_key"] {
		t.Error("a rotation left the public key as it was")
	}
	symmetric := s.do(http.MethodPost, "/api/v1/endpoints", `{"url":"https://example.com/hook","system":"faveo","signing":{"scheme":"standard"}}`).object(http.StatusCreated)
	if _, ok := symmetric["public_key"]; ok {
		t.Errorf("a symmetric scheme shows a public key: %v", symmetric)
	}
}

func TestBadEndpoints(t *testing.T) {
	s := newServer(t)
	const url = `"url":"https://example.com/hook"`
	for name, c := range map[string]struct {
		body   string
		status int
		at     string
	}{
		"no JSON":          {`{"name":`, 400, "body"},
		"trailing":         {`{} {}`, 400, "body"},
		"twice":            {`{"name":"a","name":"b"}`, 400, "body"},
		"empty":            {``, 400, "body"},
		"a list":           {`[]`, 422, "body"},
		"unknown member":   {`{"nmae":"x",` + url + `,"system":"faveo"}`, 422, "body.nmae"},
		"wrong type":       {`{"name":7,` + url + `,"system":"faveo"}`, 422, "body.name"},
		"no system":        {`{` + url + `}`, 422, "body.system"},
		"unknown system":   {`{` + url + `,"system":"favio"}`, 422, "body.system"},
		"no url":           {`{"system":"faveo"}`, 422, "body.url"},
		"ftp":              {`{"url":"ftp://example.com","system":"faveo"}`, 422, "body.url"},
		"http to agency":   {`{"url":"http://example.com/x","system":"agency"}`, 422, "body.url"},
		"loopback":         {`{"url":"https://127.0.0.1/x","system":"faveo"}`, 422, "body.url"},
		"metadata":         {`{"url":"https://169.254.169.254/x","system":"faveo"}`, 422, "body.url"},
		"localhost":        {`{"url":"https://localhost/x","system":"faveo"}`, 422, "body.url"},
		"wide digits":      {`{"url":"https://①②⑦.⓪.⓪.①/x","system":"faveo"}`, 422, "body.url"},
		"userinfo":         {`{"url":"https://u:p@example.com/x","system":"faveo"}`, 422, "body.url"},
		"revision":         {`{` + url + `,"system":"faveo","revision":"9"}`, 422, "body.revision"},
		"scheme":           {`{` + url + `,"system":"faveo","signing":{"scheme":"md5"}}`, 422, "body.signing.scheme"},
		"timeout":          {`{` + url + `,"system":"faveo","timeout_seconds":61}`, 422, "body.timeout_seconds"},
		"timeout 0":        {`{` + url + `,"system":"faveo","timeout_seconds":0}`, 422, "body.timeout_seconds"},
		"attempts":         {`{` + url + `,"system":"faveo","retry":{"max_attempts":101}}`, 422, "body.retry.max_attempts"},
		"negative delay":   {`{` + url + `,"system":"faveo","retry":{"max_attempts":3,"schedule_seconds":[1,-1]}}`, 422, "body.retry.schedule_seconds.1"},
		"rate":             {`{` + url + `,"system":"faveo","rate_per_second":-1}`, 422, "body.rate_per_second"},
		"in flight":        {`{` + url + `,"system":"faveo","max_in_flight":0}`, 422, "body.max_in_flight"},
		"ordered":          {`{` + url + `,"system":"faveo","ordered":"yes"}`, 422, "body.ordered"},
		"state":            {`{` + url + `,"system":"faveo","state":"asleep"}`, 422, "body.state"},
		"setting":          {`{` + url + `,"system":"superoffice","settings":{"colour":"red"}}`, 422, "body.settings.colour"},
		"setting's type":   {`{` + url + `,"system":"superoffice","settings":{"context_identifier":{}}}`, 422, "body.settings.context_identifier"},
		"header":           {`{` + url + `,"system":"faveo","headers":{"Host":"x"}}`, 422, "body.headers.Host"},
		"signature header": {`{` + url + `,"system":"faveo","headers":{"webhook-signature":"x"}}`, 422, "body.headers.webhook-signature"},
		"header lines":     {`{` + url + `,"system":"faveo","headers":{"X-A":"a\r\nb: c"}}`, 422, "body.headers.X-A"},
		"basic":            {`{` + url + `,"system":"faveo","auth":{"type":"basic","user":"u"}}`, 422, "body.auth.password"},
		"bearer":           {`{` + url + `,"system":"faveo","auth":{"type":"bearer"}}`, 422, "body.auth.token"},
		"api key":          {`{` + url + `,"system":"faveo","auth":{"type":"api_key","key":"k"}}`, 422, "body.auth.header"},
		"auth type":        {`{` + url + `,"system":"faveo","auth":{"type":"digest"}}`, 422, "body.auth.type"},
		"certificate":      {`{` + url + `,"system":"faveo","tls":{"ca":"x"}}`, 422, "body.tls"},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.do(http.MethodPost, "/api/v1/endpoints", c.body).problem(c.status, c.at)
		})
	}
	s.t = t
	if stored := s.do(http.MethodGet, "/api/v1/endpoints", nil).items(); len(stored) != 0 {
		t.Errorf("stored %v", stored)
	}
}

func TestEndpointsNeverShowSecrets(t *testing.T) {
	s := newServer(t)
	const canary = "canary-0123456789abcdef"
	made := s.do(http.MethodPost, "/api/v1/endpoints", object{
		"url": "https://example.com/x", "system": "socialboards", "headers": object{"X-A": "b"},
		"auth": object{"type": "basic", "user": "u", "password": canary}, "settings": object{"community_name": "c", "verify_token": canary},
	}).object(http.StatusCreated)
	path := "/api/v1/endpoints/" + made["id"].(string)
	s.do(http.MethodPatch, path, object{"name": "Renamed", "settings": object{"community_name": "d"}}).ok(http.StatusOK, nil)
	for _, read := range []string{path, "/api/v1/endpoints", "/api/v1/audit"} {
		if body := s.do(http.MethodGet, read, nil).ok(http.StatusOK, nil).body; strings.Contains(string(body), canary) {
			t.Errorf("%s shows the secret: %s", read, body)
		}
	}
	if strings.Contains(s.logs.String(), canary) {
		t.Error("the log shows the secret")
	}
	endpoint := s.config.Endpoint(made["id"].(string))
	if opened, err := s.config.Credentials(endpoint); err != nil || opened.Password != canary {
		t.Errorf("credentials %v, %v", opened, err)
	}
	if endpoint.Settings["verify_token"] != canary || endpoint.Settings["community_name"] != "d" {
		t.Errorf("settings after the patch: %v", endpoint.Settings)
	}
}

func TestEndpointPages(t *testing.T) {
	s := newServer(t)
	for range 5 {
		s.endpoint("faveo", nil)
	}
	var seen []string
	path := "/api/v1/endpoints?limit=2"
	for pages := 0; ; pages++ {
		answer := s.do(http.MethodGet, path, nil)
		seen = append(seen, answer.items().ids()...)
		next := answer.object(http.StatusOK)["next_cursor"].(string)
		if next == "" || pages > 5 {
			break
		}
		path = "/api/v1/endpoints?limit=2&cursor=" + next
	}
	if len(seen) != 5 || seen[0] >= seen[4] {
		t.Errorf("pages %v", seen)
	}
	s.do(http.MethodGet, "/api/v1/endpoints?cursor=zzz", nil).problem(http.StatusBadRequest, "query.cursor")
	if none := s.do(http.MethodGet, "/api/v1/endpoints?system=agency", nil).items(); len(none) != 0 {
		t.Errorf("found %v", none)
	}
}

// Clients read these members without asking first whether they are there.
func TestEndpointsShowEmptyMembers(t *testing.T) {
	s := newServer(t)
	shown := s.do(http.MethodPost, "/api/v1/endpoints", object{"name": "bare", "system": "faveo", "url": "https://example.com/hook"}).object(http.StatusCreated)
	for name, want := range map[string]any{"headers": object{}, "settings": object{}, "rate_per_second": 0.0, "state_reason": ""} {
		if diff := cmp.Diff(want, shown[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	s.do(http.MethodPatch, "/api/v1/endpoints/"+shown["id"].(string), shown).object(http.StatusOK)
}
