package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/dispatcher/config/ascode"
)

// configurationPath is the page that shows the configuration as a file.
const configurationPath = "/operations/configuration"

// maxConfigurationForm is room for the largest file in a posted form, in bytes.
const maxConfigurationForm = 4*ascode.MaxBytes + maxForm

func configurationRoutes(get, post registrar) {
	get(configurationPath, showConfiguration)
	get(configurationPath+"/export", exportConfiguration)
	post(configurationPath, carryConfiguration)
}

// configurationPage is the configuration as a file, and a file on its way to
// become the configuration.
type configurationPage struct {
	Export string
	Lines  int

	// What was posted. The values of variables are secrets, and never shown
	// again.
	Text          string
	Prune         bool
	SkipHandshake bool

	Fault    string // of the form, not of the file
	Problems []fileProblem
	Planned  bool
	Done     bool
	Seal     string // stands for the plan that is shown
	Changes  []configurationChange
	Kept     []string
}

// fileProblem is one thing wrong with a file, with the line it is about.
type fileProblem struct {
	ascode.Problem
	Source string
}

// configurationChange is one part of the configuration that differs.
type configurationChange struct {
	config.Difference
	Fields []diffLine
}

// Link returns where the part is shown; empty where it is nowhere yet, or no
// longer.
func (c configurationChange) Link() string {
	switch {
	case c.ID == "" || c.Action == config.ActionRemoved:
		return ""
	case c.Kind == config.KindEndpoint:
		return "/endpoints/" + c.ID
	case c.Kind == config.KindTrigger:
		return "/triggers/" + c.ID
	}
	return "/operations/calendars"
}

func showConfiguration(r *request) error {
	return r.configurationPage(http.StatusOK, &configurationPage{})
}

func (r *request) configurationPage(status int, page *configurationPage) error {
	text, err := ascode.Write(r.Config, r.session.Workspace)
	if err != nil {
		return fmt.Errorf("export configuration: %w", err)
	}
	page.Export, page.Lines = string(text), bytes.Count(text, []byte("\n"))
	return r.render(status, "configuration", frame{Title: "Configuration", Section: "operations", Page: page})
}

// exportConfiguration is the file as a download.
func exportConfiguration(r *request) error {
	text, err := ascode.Write(r.Config, r.session.Workspace)
	if err != nil {
		return fmt.Errorf("export configuration: %w", err)
	}
	header := r.w.Header()
	header.Set("Content-Type", "application/yaml; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Disposition", `attachment; filename="hookdesk.yaml"`)
	_, _ = r.w.Write(text) // a reader who went away is no error of the page
	return nil
}

// carryConfiguration plans what a file would change, and applies it once its
// plan was seen: where the configuration has changed since, the new plan is
// shown instead.
func carryConfiguration(r *request) error {
	page := &configurationPage{}
	order, fault, err := r.postedOrder()
	if err != nil {
		return err
	}
	page.Text, page.Prune, page.SkipHandshake = string(order.Text), order.Prune, order.SkipHandshake
	if fault != "" {
		page.Fault = fault
		return r.configurationPage(http.StatusUnprocessableEntity, page)
	}
	planned, err := order.Plan(r.Context(), r.Config, r.by())
	if err != nil {
		return r.refuseConfiguration(page, err)
	}
	page.show(planned)
	if r.PostFormValue("do") != "apply" {
		page.Planned = true
		return r.configurationPage(http.StatusOK, page)
	}
	if page.Seal != r.PostFormValue("seal") {
		page.Planned = true
		page.Fault = "This is not what the plan said: the file, its values or the configuration changed since. Nothing was applied. Read the new plan, then apply it."
		return r.configurationPage(http.StatusConflict, page)
	}
	done, err := order.Apply(r.Context(), r.Config, r.by())
	if err != nil {
		return r.refuseConfiguration(page, err)
	}
	for _, id := range done.Removed() {
		r.cancelDeliveriesOf(id)
	}
	page.show(done)
	page.Done = true
	return r.configurationPage(http.StatusOK, page)
}

// show puts the differences of a file on the page.
func (p *configurationPage) show(result *ascode.Result) {
	p.Kept, p.Changes = result.Kept, nil
	for _, difference := range result.Differences {
		p.Changes = append(p.Changes, configurationChange{difference, diffLines(difference.Fields)})
	}
	p.Seal = seal(result)
}

// seal stands for a plan: two that are alike have the same.
func seal(result *ascode.Result) string {
	text, err := json.Marshal(result)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// refuseConfiguration shows what is wrong with a file, with line and column. A
// request by htmx gets it as a success, which alone it shows.
func (r *request) refuseConfiguration(page *configurationPage, err error) error {
	var wrong *ascode.Error
	if !errors.As(err, &wrong) {
		return err
	}
	lines := strings.Split(page.Text, "\n")
	for _, problem := range wrong.Problems {
		source := ""
		if problem.Line > 0 && problem.Line <= len(lines) {
			source = strings.TrimRight(lines[problem.Line-1], "\r")
		}
		page.Problems = append(page.Problems, fileProblem{problem, source})
	}
	status := http.StatusUnprocessableEntity
	if r.Header.Get("HX-Request") != "" {
		status = http.StatusOK
	}
	page.Changes, page.Kept = nil, nil
	return r.configurationPage(status, page)
}

// postedOrder reads the posted form: an uploaded file, or else the text.
func (r *request) postedOrder() (order ascode.Order, fault string, err error) {
	if err := r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return order, "", fmt.Errorf("read configuration form: %w", err)
	}
	if r.MultipartForm != nil {
		defer r.MultipartForm.RemoveAll() //nolint:errcheck // the system cleans its temporary folder
	}
	order = ascode.Order{
		Text: []byte(strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n")), Values: map[string]string{},
		Prune: r.PostFormValue("prune") != "", SkipHandshake: r.PostFormValue("skip_handshake") != "",
	}
	if uploaded, _, err := r.FormFile("file"); err == nil {
		defer uploaded.Close()
		if order.Text, err = io.ReadAll(uploaded); err != nil {
			return order, "", fmt.Errorf("read uploaded configuration: %w", err)
		}
	}
	if !utf8.Valid(order.Text) {
		order.Text = nil
		return order, "The file is no text in UTF-8.", nil
	}
	if strings.TrimSpace(string(order.Text)) == "" {
		return order, "Choose a file, or paste its text.", nil
	}
	for line := range strings.Lines(r.PostFormValue("values")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return order, "Values of variables stand one to a line, as NAME=value.", nil
		}
		order.Values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return order, "", nil
}

// cancelDeliveriesOf ends what still waits for an endpoint that was removed.
// Where that fails, it ends when it is due.
func (r *request) cancelDeliveriesOf(endpoint string) {
	if _, err := r.Ledger.CancelEndpoint(r.Context(), r.session.Workspace, endpoint, r.Now()); err != nil {
		r.log.WarnContext(r.Context(), "cancelling the deliveries of a removed endpoint failed", "endpoint_id", endpoint, "error", err)
	}
}
