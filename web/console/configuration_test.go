package console_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

var sealField = regexp.MustCompile(`name="seal" value="([^"]+)"`)

// onOwnStage starts a console on a stage of its own, for tests that change
// what others look at.
func onOwnStage(t testing.TB) (*site, *consoletest.Stage) {
	t.Helper()
	own, err := consoletest.New(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Close)
	s := openStage(t, own)
	s.signIn(t)
	return s, own
}

const stockFile = `endpoints:
  - name: Stock
    system: superoffice
    url: https://stock.example.com/hook
    settings: {context_identifier: Cust1}
    secret: ${env:STOCK_SECRET}
triggers:
  - name: Stock changes
    system: superoffice
    then:
      - webhook: {endpoint: Stock}
`

// A file is planned, applied as planned, and is the export from then on.
func TestConfigurationIsPlannedAndApplied(t *testing.T) {
	s, own := onOwnStage(t)
	const path = "/operations/configuration"
	const secret = "a-value-that-nobody-else-sees"
	form := []string{"text", stockFile, "values", "STOCK_SECRET=" + secret + "\n", "skip_handshake", "on"}

	planned := s.post(t, path, append(form, "do", "plan")...)
	if planned.status != http.StatusOK || !strings.Contains(planned.body, "2 parts differ") || !strings.Contains(planned.body, "is-created") {
		t.Fatalf("the plan: status %d\n%s", planned.status, section(planned.body, `id="plan"`))
	}
	if strings.Contains(planned.body, secret) {
		t.Error("the plan shows the value of a variable")
	}
	if n := len(own.Config.Endpoints(config.DefaultWorkspace)); n != 0 {
		t.Fatalf("planning made %d endpoints", n)
	}
	found := sealField.FindStringSubmatch(planned.body)
	if found == nil {
		t.Fatal("the plan cannot be applied")
	}

	if got := s.post(t, path, "text", strings.Replace(stockFile, "Stock changes", "Other", 1), "skip_handshake", "on",
		"values", "STOCK_SECRET="+secret, "do", "apply", "seal", found[1]); got.status != http.StatusConflict || !strings.Contains(got.body, "not what the plan said") {
		t.Errorf("applying another file than the planned one: status %d", got.status)
	}
	if n := len(own.Config.Endpoints(config.DefaultWorkspace)); n != 0 {
		t.Fatalf("applying what was not planned made %d endpoints", n)
	}

	done := s.post(t, path, append(form, "do", "apply", "seal", found[1])...)
	if done.status != http.StatusOK || !strings.Contains(done.body, "<h2>Applied</h2>") || strings.Contains(done.body, secret) {
		t.Fatalf("applying: status %d\n%s", done.status, section(done.body, `id="carried"`))
	}
	made := own.Config.Endpoints(config.DefaultWorkspace)
	if len(made) != 1 || !strings.Contains(done.body, `href="/endpoints/`+made[0].ID) {
		t.Errorf("made %v, or the page does not lead there", made)
	}

	file := s.get(t, path+"/export")
	if !strings.Contains(file.header.Get("Content-Disposition"), "hookdesk.yaml") || !strings.Contains(file.body, `secret: "${env:STOCK_SECRET}"`) || strings.Contains(file.body, secret) {
		t.Errorf("the export is not the file without its secret:\n%s", file.body)
	}
	again := s.post(t, path, "text", file.body, "do", "plan")
	if !strings.Contains(again.body, "Nothing differs") {
		t.Errorf("the export differs from the server:\n%s", section(again.body, `id="plan"`))
	}

	pruned := s.post(t, path, "text", "endpoints: []\ntriggers: []\n", "prune", "on", "do", "plan")
	if strings.Count(pruned.body, "is-removed") != 2 {
		t.Errorf("the plan does not remove:\n%s", section(pruned.body, `id="plan"`))
	}
	s.post(t, path, "text", "endpoints: []\ntriggers: []\n", "prune", "on", "do", "apply", "seal", sealField.FindStringSubmatch(pruned.body)[1])
	if n := len(own.Config.Endpoints(config.DefaultWorkspace)); n != 0 {
		t.Errorf("%d endpoints are left", n)
	}
}

// A secret that hookdesk makes for a new endpoint is shown once.
func TestConfigurationShowsMadeSecretsOnce(t *testing.T) {
	s, _ := onOwnStage(t)
	const path = "/operations/configuration"
	file := strings.Replace(stockFile, "    secret: ${env:STOCK_SECRET}\n", "", 1)
	planned := s.post(t, path, "text", file, "skip_handshake", "on", "do", "plan")
	done := s.post(t, path, "text", file, "skip_handshake", "on", "do", "apply", "seal", sealField.FindStringSubmatch(planned.body)[1])
	if !strings.Contains(done.body, "shown only this once") || strings.Contains(planned.body, "shown only this once") {
		t.Errorf("the secret is not shown when it is made:\n%s", section(done.body, `id="carried"`))
	}
	if strings.Contains(s.get(t, path).body, "shown only this once") {
		t.Error("the secret is shown again")
	}
}

// What is wrong with a file stands there with its line, its column and what
// would be right.
func TestConfigurationFaults(t *testing.T) {
	s, own := onOwnStage(t)
	tests := []struct {
		name   string
		form   []string
		status int
		want   []string
	}{
		{"address", []string{"text", strings.Replace(stockFile, "https://stock.example.com/hook", "ftp://stock", 1), "values", "STOCK_SECRET=x-x-x-x-x-x"}, 422, []string{"Line 4, column", "<code>endpoints.0.url</code>", "ftp://stock"}},
		{"unknown section", []string{"text", "trigers: []\n"}, 422, []string{"Line 1, column 1", "did you mean triggers?"}},
		{"no YAML", []string{"text", "endpoints:\n  - name: [\n"}, 422, []string{"Line 2", "valid YAML"}},
		{"no value", []string{"text", stockFile}, 422, []string{"STOCK_SECRET"}},
		{"no text", []string{"text", " "}, 422, []string{"Choose a file"}},
		{"values", []string{"text", stockFile, "values", "just a secret"}, 422, []string{"NAME=value"}},
		{"script", []string{"text", "<script>alert(1)</script>: []"}, 422, []string{"&lt;script&gt;"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, do := range []string{"plan", "apply"} {
				got := s.post(t, "/operations/configuration", append(tt.form, "do", do)...)
				if got.status != tt.status {
					t.Errorf("%s: status %d", do, got.status)
				}
				for _, want := range tt.want {
					if !strings.Contains(got.body, want) {
						t.Errorf("%s: the page lacks %q:\n%s", do, want, section(got.body, `id="plan"`))
					}
				}
			}
		})
	}
	if n := len(own.Config.Endpoints(config.DefaultWorkspace)); n != 0 {
		t.Errorf("bad files made %d endpoints", n)
	}
}

// A file may be uploaded, as a browser without scripts does.
func TestConfigurationUpload(t *testing.T) {
	s, _ := onOwnStage(t)
	upload := func(content []byte) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("do", "plan")
		_ = form.WriteField("text", "")
		_ = form.WriteField("values", "STOCK_SECRET=x-x-x-x-x-x-x-x-x-x-x")
		_ = form.WriteField("skip_handshake", "on")
		file, err := form.CreateFormFile("file", "hookdesk.yaml")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = file.Write(content)
		_ = form.Close()
		r, err := http.NewRequest(http.MethodPost, s.URL+"/operations/configuration", &body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", form.FormDataContentType())
		return s.do(t, r)
	}
	if got := upload([]byte(stockFile)); got.status != http.StatusOK || !strings.Contains(got.body, "2 parts differ") || !strings.Contains(got.body, "name: Stock changes") {
		t.Errorf("status %d:\n%s", got.status, section(got.body, `id="carry"`))
	}
	if got := upload([]byte{0xff, 0xfe, 'x'}); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "no text in UTF-8") {
		t.Errorf("a file that is no text: status %d", got.status)
	}
	large := append([]byte(stockFile), bytes.Repeat([]byte("# a comment\n"), 200_000)...) // over the limit of other forms
	if got := upload(large); got.status != http.StatusOK {
		t.Errorf("a large file: status %d", got.status)
	}
}
