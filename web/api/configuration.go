package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/ascode"
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
	return a.carry(in.Payload, false, func(want config.Desired) ([]config.Difference, error) {
		return a.Config.Plan(ctx, who.actor(), want)
	})
}

func (a *api) applyConfiguration(ctx context.Context, who caller, in *applyRequest) (*out[configurationAnswer], error) {
	options, err := a.options(who, in.SaveQuery, config.AnyVersion)
	if err != nil {
		return nil, err
	}
	return a.carry(in.Payload, options.SkipHandshake, func(want config.Desired) ([]config.Difference, error) {
		done, err := a.Config.CarryOut(ctx, who.actor(), want)
		if err != nil {
			return nil, err
		}
		for _, difference := range done {
			if difference.Kind != config.KindEndpoint || difference.Action != config.ActionRemoved {
				continue
			}
			if _, err := a.Ledger.CancelEndpoint(ctx, who.workspace, difference.ID, a.now()); err != nil {
				// What was asked for is done; its deliveries end when they are due.
				a.log.WarnContext(ctx, "cancelling the deliveries of a removed endpoint failed", "endpoint_id", difference.ID, "error", err)
			}
		}
		return done, nil
	})
}

// carry reads the file of a request and does something with it.
func (a *api) carry(payload Payload, skipHandshake bool, do func(config.Desired) ([]config.Difference, error)) (*out[configurationAnswer], error) {
	var request configurationRequest
	if err := payload.decode(&request); err != nil {
		return nil, err
	}
	file, err := ascode.Read([]byte(request.File), func(name string) (string, bool) {
		value, ok := request.Values[name]
		return value, ok
	}, request.Prune)
	if err != nil {
		return nil, problemOfFile(err)
	}
	file.Desired.SkipHandshake = skipHandshake
	differences, err := do(file.Desired)
	if err != nil {
		return nil, problemOfFile(file.Explain(err))
	}
	result := configurationAnswer{Differences: differences, Kept: file.Kept}
	if result.Differences == nil {
		result.Differences = []config.Difference{}
	}
	if result.Kept == nil {
		result.Kept = []string{}
	}
	return answer(result), nil
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

func (a *api) importTriggers(ctx context.Context, who caller, in *onlyPayload) (*out[*ascode.Imported], error) {
	var request importRequest
	if err := in.Payload.decode(&request); err != nil {
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
