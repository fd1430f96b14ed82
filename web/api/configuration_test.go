package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

const fileOfConfiguration = `endpoints:
  - name: Warehouse
    system: supportservice
    url: https://warehouse.example.com/hook
    signing: {scheme: standard}
    secret: ${env:WAREHOUSE_SECRET}
triggers:
  - name: Everything
    system: supportservice
    then:
      - webhook: {endpoint: Warehouse}
`

const secretOfFile = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestConfigurationAsCode(t *testing.T) {
	s := newServer(t)
	request := object{"file": fileOfConfiguration, "values": object{"WAREHOUSE_SECRET": secretOfFile}}
	var planned, done configurationAnswer
	s.do(http.MethodPost, "/api/v1/configuration/plan", request).ok(http.StatusOK, &planned)
	if len(planned.Differences) != 2 || planned.Differences[0].ID != "" {
		t.Fatalf("plan %+v", planned)
	}
	if n := len(s.do(http.MethodGet, "/api/v1/endpoints", nil).items()); n != 0 {
		t.Fatalf("the plan made %d endpoints", n)
	}
	s.do(http.MethodPost, "/api/v1/configuration/apply", request).ok(http.StatusOK, &done)
	if len(done.Differences) != 2 || done.Differences[0].ID == "" || done.Differences[0].Action != config.ActionCreated {
		t.Fatalf("apply %+v", done)
	}
	again := s.do(http.MethodPost, "/api/v1/configuration/apply", request)
	again.ok(http.StatusOK, &done)
	if len(done.Differences) != 0 {
		t.Errorf("applied twice: %s", again.body)
	}
	exported := s.do(http.MethodGet, "/api/v1/configuration/export", nil)
	if exported.status != http.StatusOK || strings.Contains(string(exported.body), secretOfFile) || !strings.Contains(string(exported.body), "${env:WAREHOUSE_SECRET}") {
		t.Errorf("export %d: %s", exported.status, exported.body)
	}
	s.do(http.MethodPost, "/api/v1/configuration/plan", object{"file": string(exported.body), "prune": true}).ok(http.StatusOK, &planned)
	if len(planned.Differences) != 0 || len(planned.Kept) != 1 || planned.Kept[0] != "WAREHOUSE_SECRET" {
		t.Errorf("plan of the export: %+v", planned)
	}
	removed := object{"file": "endpoints: []\ntriggers: []\n", "prune": true}
	s.do(http.MethodPost, "/api/v1/configuration/apply", removed).ok(http.StatusOK, &done)
	if len(done.Differences) != 2 || done.Differences[0].Action != config.ActionRemoved {
		t.Errorf("prune: %+v", done)
	}
	audited := s.do(http.MethodGet, "/api/v1/audit", nil).items()
	if len(audited) != 4 {
		t.Errorf("%d entries in the audit log, want one for each document", len(audited))
	}
}

func TestConfigurationFaults(t *testing.T) {
	s := newServer(t)
	bad := strings.Replace(fileOfConfiguration, "endpoint: Warehouse", "endpoint: Wherehouse", 1)
	request := object{"file": bad, "values": object{"WAREHOUSE_SECRET": secretOfFile}}
	p := s.do(http.MethodPost, "/api/v1/configuration/apply", request).problem(http.StatusUnprocessableEntity, "body.file:11:19")
	if p.Errors[0].Path != "triggers.0.then.0.webhook.endpoint" || !strings.Contains(p.Detail, "did you mean Warehouse?") {
		t.Errorf("%+v", p)
	}
	if n := len(s.do(http.MethodGet, "/api/v1/endpoints", nil).items()); n != 0 {
		t.Errorf("a bad file made %d endpoints", n)
	}
	s.do(http.MethodPost, "/api/v1/configuration/apply", object{"file": "a: ["}).problem(http.StatusUnprocessableEntity, "")
	s.do(http.MethodPost, "/api/v1/configuration/plan", object{"fiel": "x"}).problem(http.StatusUnprocessableEntity, "body.fiel")
	s.do(http.MethodPost, "/api/v1/configuration/apply", `{"file`).problem(http.StatusBadRequest, "body")
	for _, path := range []string{"plan", "apply", "export"} {
		method := http.MethodPost
		if path == "export" {
			method = http.MethodGet
		}
		s.do(method, "/api/v1/configuration/"+path, nil, asToken("wrong")).problem(http.StatusUnauthorized, "")
	}
}

func TestImportTriggers(t *testing.T) {
	s := newServer(t)
	endpoint := s.endpoint("faveo", object{"name": "CRM"})
	row := object{
		"title": "Notify", "active": true,
		"conditions": object{"all": []object{{"field": "status", "operator": "value", "value": "solved"}}, "any": []object{}},
		"actions":    []object{{"field": "notification_webhook", "value": []string{"01ABC", "{}"}}, {"field": "notification_user", "value": []string{"1"}}},
	}
	request := object{"system": "faveo", "endpoints": object{"01ABC": "CRM"}, "document": object{"triggers": []object{row, row}}, "dry_run": true}
	var answered struct {
		Differences []config.Difference
		Dropped     []object
	}
	s.do(http.MethodPost, "/api/v1/triggers/import", request).ok(http.StatusOK, &answered)
	if len(answered.Differences) != 2 || len(s.config.Triggers("default")) != 0 {
		t.Fatalf("dry run: %+v", answered)
	}
	delete(request, "dry_run")
	s.do(http.MethodPost, "/api/v1/triggers/import", request).ok(http.StatusOK, &answered)
	made := s.config.Triggers("default")
	if len(made) != 2 || made[1].Name != "Notify (2)" || made[0].Then[0].Webhook.Endpoint != endpoint || len(answered.Dropped) == 0 {
		t.Fatalf("import: %+v", answered)
	}
	s.do(http.MethodPost, "/api/v1/triggers/import", request).ok(http.StatusOK, &answered)
	if len(answered.Differences) != 0 || len(s.config.Triggers("default")) != 2 {
		t.Errorf("a second import: %+v", answered)
	}
	request["endpoints"] = object{"01ABC": "CMR"}
	s.do(http.MethodPost, "/api/v1/triggers/import", request).problem(http.StatusUnprocessableEntity, "body.endpoints.01ABC")
	s.do(http.MethodPost, "/api/v1/triggers/import", object{"system": "faveo", "document": object{"x": 1}}).problem(http.StatusUnprocessableEntity, "body.document")
	s.do(http.MethodPost, "/api/v1/triggers/import", object{"format": "csv", "document": object{}}).problem(http.StatusUnprocessableEntity, "body.format")
}

// What Zendesk answers may be sent as it came, with the request's own members
// beside it.
func TestZendeskAsItComes(t *testing.T) {
	for given, want := range map[string]string{
		`{"trigger": {"title": "a"}, "system": "faveo", "dry_run": true}`: `{"document":{"trigger":{"title":"a"}},"dry_run":true,"system":"faveo"}`,
		`{"triggers": [], "count": 0, "endpoints": {"1": "ep"}}`:          `{"document":{"count":0,"triggers":[]},"endpoints":{"1":"ep"}}`,
		`{"title": "a", "conditions": {}, "actions": []}`:                 `{"document":{"actions":[],"conditions":{},"title":"a"}}`,
		`{"document": {"trigger": {}}, "trigger": {}}`:                    `{"document": {"trigger": {}}, "trigger": {}}`,
		`{"system": "faveo"}`: `{"system": "faveo"}`,
		`[1`:                  `[1`,
	} {
		if got := string(asDocument([]byte(given))); got != want {
			t.Errorf("%s is read as %s, want %s", given, got, want)
		}
	}
}
