package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/ascode"
	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// maxConfigurationBody is room for the largest file as a JSON text.
const maxConfigurationBody = 2*ascode.MaxBytes + 1<<20

// configurationRequest is a file of configuration with what it refers to.
type configurationRequest struct {
	File   string            `json:"file" doc:"The YAML, as text"`
	Values map[string]string `json:"values,omitempty" doc:"The values of the variables that the file refers to as ${env:NAME}; of the server's own environment nothing is read"`
	Prune  bool              `json:"prune,omitempty" doc:"Remove what the sections of the file do not name; a section left out is left alone"`
}

// configurationAnswer is the difference between a file and the server.
type configurationAnswer struct {
	Differences []config.Difference `json:"differences"`
	Kept        []string            `json:"kept" doc:"Variables without a value: endpoints keep what they have in their places"`
	Left        []config.Part       `json:"left" doc:"What the sections of the file do not name and the server has: it stays, and prune removes it"`
}

// importRequest is triggers of another product.
type importRequest struct {
	Format    string            `json:"format,omitempty" enum:"zendesk" default:"zendesk"`
	Document  rawObject         `json:"document" doc:"What Zendesk's API answers to GET /api/v2/triggers: {triggers: […]}, {trigger: {…}} or one trigger"`
	System    string            `json:"system" doc:"Whose events the triggers shall send"`
	Endpoints map[string]string `json:"endpoints,omitempty" doc:"By the id of a Zendesk webhook the name or id of the endpoint that takes its place"`
	Replace   bool              `json:"replace,omitempty" doc:"Save new versions of triggers of the same names"`
	DryRun    bool              `json:"dry_run,omitempty" doc:"Say what would be done, and do nothing"`
}

type yamlAnswer struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

type applyRequest struct {
	SaveQuery
	Payload Payload
}

func (a *api) configurationRoutes() {
	const tag = "configuration"
	register(a, operation{
		method: http.MethodGet, path: "/configuration/export", id: "export-configuration", tag: tag, scope: config.ScopeRead,
		summary:     "Export endpoints, calendars and triggers as YAML",
		description: "Secrets are references to variables, such as ${env:WAREHOUSE_SECRET}. Applied to the same server, the file changes nothing.",
	}, a.exportConfiguration)
	a.documentStream("/configuration/export", "application/yaml")
	register(a, operation{
		method: http.MethodPost, path: "/configuration/plan", id: "plan-configuration", tag: tag, scope: config.ScopeWrite,
		summary: "Show what applying a file would change", body: configurationRequest{}, maxBody: maxConfigurationBody,
		description: "The location of an error ends with the line and the column, such as body.file:12:5.",
	}, a.planConfiguration)
	register(a, operation{
		method: http.MethodPost, path: "/configuration/apply", id: "apply-configuration", tag: tag, scope: config.ScopeWrite,
		summary: "Make the configuration that of a file", body: configurationRequest{}, maxBody: maxConfigurationBody,
		description: "In one transaction: where anything is wrong, nothing changes. Applied twice, it changes nothing the second time. New endpoints and new URLs are tried first where the system does so.",
	}, a.applyConfiguration)
	register(a, operation{
		method: http.MethodPost, path: "/triggers/import", id: "import-triggers", tag: "triggers", scope: config.ScopeWrite,
		summary: "Carry triggers over from Zendesk", body: importRequest{}, maxBody: maxConfigurationBody,
	}, a.importTriggers)
}

func (a *api) exportConfiguration(_ context.Context, who caller, _ *struct{}) (*yamlAnswer, error) {
	text, err := ascode.Write(a.Config, who.workspace)
	if err != nil {
		return nil, err
	}
	return &yamlAnswer{ContentType: "application/yaml", Body: text}, nil
}

func (a *api) planConfiguration(ctx context.Context, who caller, in *onlyPayload) (*out[configurationAnswer], error) {
	order, err := orderOf(in.Payload)
	if err != nil {
		return nil, err
	}
	result, err := order.Plan(ctx, a.Config, who.actor())
	return configurationResult(result, err)
}

func (a *api) applyConfiguration(ctx context.Context, who caller, in *applyRequest) (*out[configurationAnswer], error) {
	options, err := a.options(who, in.SaveQuery, config.AnyVersion)
	if err != nil {
		return nil, err
	}
	order, err := orderOf(in.Payload)
	if err != nil {
		return nil, err
	}
	order.SkipHandshake = options.SkipHandshake
	result, err := order.Apply(ctx, a.Config, who.actor())
	if err != nil {
		return configurationResult(nil, err)
	}
	for _, id := range result.Removed() {
		if _, err := a.Ledger.CancelEndpoint(ctx, who.workspace, id, a.now()); err != nil {
			// What was asked for is done; its deliveries end when they are due.
			a.log.WarnContext(ctx, "cancelling the deliveries of a removed endpoint failed", "endpoint_id", id, "error", err)
		}
	}
	return configurationResult(result, nil)
}

// orderOf reads the file of a request.
func orderOf(payload Payload) (ascode.Order, error) {
	var request configurationRequest
	if err := payload.decode(&request); err != nil {
		return ascode.Order{}, err
	}
	return ascode.Order{Text: []byte(request.File), Values: request.Values, Prune: request.Prune}, nil
}

func configurationResult(result *ascode.Result, err error) (*out[configurationAnswer], error) {
	if err != nil {
		return nil, problemOfFile(err)
	}
	shown := configurationAnswer{Differences: result.Differences, Kept: result.Kept, Left: result.Left}
	if shown.Differences == nil {
		shown.Differences = []config.Difference{}
	}
	if shown.Kept == nil {
		shown.Kept = []string{}
	}
	if shown.Left == nil {
		shown.Left = []config.Part{}
	}
	return answer(shown), nil
}

// problemOfFile makes a problem of what is wrong with a file; other errors
// stay as they are.
func problemOfFile(err error) error {
	var wrong *ascode.Error
	if !errors.As(err, &wrong) {
		return err
	}
	p := problem(http.StatusUnprocessableEntity, "%s", wrong.Error())
	for _, one := range wrong.Problems {
		location := "body.file"
		if one.Line > 0 {
			location = fmt.Sprintf("body.file:%d:%d", one.Line, one.Column)
		}
		p.Errors = append(p.Errors, ProblemField{Location: location, Path: one.Path, Message: one.Want, Value: one.Value})
	}
	return p
}

// asDocument puts what Zendesk's API answers into the member document, where it
// stands beside the request's own members.
func asDocument(raw []byte) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members["document"] != nil ||
		members["trigger"] == nil && members["triggers"] == nil && members["conditions"] == nil {
		return raw
	}
	request, document := map[string]any{}, map[string]json.RawMessage{}
	for name, value := range members {
		switch name {
		case "format", "system", "endpoints", "replace", "dry_run":
			request[name] = value
		default:
			document[name] = value
		}
	}
	request["document"] = document
	wrapped, err := json.Marshal(request)
	if err != nil {
		return raw
	}
	return wrapped
}

func (a *api) importTriggers(ctx context.Context, who caller, in *onlyPayload) (*out[*ascode.Imported], error) {
	var request importRequest
	if err := strictjson.Unmarshal(asDocument(in.Payload.raw), &request); err != nil {
		return nil, err
	}
	if request.Format != "" && request.Format != "zendesk" {
		return nil, invalid.New("format", request.Format, "must be zendesk")
	}
	imported, err := ascode.Zendesk{
		Document: request.Document, System: request.System, Endpoints: request.Endpoints,
		Replace: request.Replace, DryRun: request.DryRun,
	}.Import(ctx, a.Config, who.actor())
	if err != nil {
		return nil, err
	}
	return answer(imported), nil
}
