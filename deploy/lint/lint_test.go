// Package lint reads the files of deploy with the libraries of the programs
// that will read them: BuildKit, Compose and Helm. It is a module of its own,
// since the program needs none of them.
package lint

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"helm.sh/helm/v3/pkg/chart"
	chartloader "helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

// TestDockerfile parses the Dockerfile as BuildKit does, with its checks.
func TestDockerfile(t *testing.T) {
	content, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range parsed.Warnings {
		t.Errorf("line %d: %s", warning.Location.Start.Line, warning.Short)
	}
	checks := linter.New(&linter.Config{Warn: func(rule, _, _, message string, at []parser.Range) {
		t.Errorf("%s: %s (%v)", rule, message, at)
	}})
	stages, _, err := instructions.Parse(parsed.AST, checks)
	if err != nil {
		t.Fatal(err)
	}
	last := stages[len(stages)-1]
	var user, entry string
	for _, command := range last.Commands {
		switch command := command.(type) {
		case *instructions.UserCommand:
			user = command.User
		case *instructions.EntrypointCommand:
			entry = strings.Join(command.CmdLine, " ")
		case *instructions.RunCommand:
			t.Error("the last stage runs something, and there is no shell in it")
		}
	}
	if user != "65532:65532" || entry != "/usr/local/bin/hookdesk" || !strings.Contains(last.BaseName, "static") {
		t.Errorf("the image runs %q as %q on %q", entry, user, last.BaseName)
	}
}

// TestCompose reads the compose file as docker compose does, which holds it
// against the schema of the Compose Specification.
func TestCompose(t *testing.T) {
	load := func(environment types.Mapping) (*types.Project, error) {
		return loader.LoadWithContext(context.Background(), types.ConfigDetails{
			WorkingDir: "..", ConfigFiles: []types.ConfigFile{{Filename: "../compose.yaml"}}, Environment: environment,
		})
	}
	project, err := load(types.Mapping{"HOOKDESK_ADMIN_TOKEN": "token", "HOOKDESK_SECRET_KEY": "key", "POSTGRES_PASSWORD": "password"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(project.ServiceNames(), " "); got != "api migrate postgres redis worker" {
		t.Errorf("the services are %s", got)
	}
	for _, name := range []string{"api", "worker", "migrate"} {
		service := project.Services[name]
		if !service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"}) || service.Environment["HOOKDESK_SECRET_KEY"] == nil {
			t.Errorf("%s runs with more than it needs, or without a key: %+v", name, service)
		}
	}
	if _, err := load(types.Mapping{"HOOKDESK_ADMIN_TOKEN": "token"}); err == nil {
		t.Error("the file is read without a secret key")
	}
}

// values are the settings that the chart is rendered with.
var values = map[string]map[string]any{
	"defaults": {},
	"everything": {
		"ingress":          map[string]any{"enabled": true, "className": "nginx", "tlsSecret": "tls", "annotations": map[string]any{"a": "b"}},
		"podMonitor":       map[string]any{"enabled": true},
		"env":              map[string]any{"HOOKDESK_PUBLIC_URL": "https://hooks.example.com"},
		"imagePullSecrets": []any{map[string]any{"name": "registry"}},
		"nodeSelector":     map[string]any{"kubernetes.io/os": "linux"},
		"tolerations":      []any{map[string]any{"key": "dedicated", "operator": "Exists"}},
		"affinity":         map[string]any{"nodeAffinity": map[string]any{}},
	},
}

// TestChart lints the chart and reads what it renders as Kubernetes would:
// each object as its type, without members that the type does not have.
func TestChart(t *testing.T) {
	const folder = "../helm/hookdesk"
	for name, given := range values {
		t.Run(name, func(t *testing.T) {
			for _, message := range lint.All(folder, given, "default", true).Messages {
				if message.Severity > support.InfoSev {
					t.Errorf("helm lint: %s", message)
				}
			}
			made, err := chartloader.Load(folder)
			if err != nil {
				t.Fatal(err)
			}
			kinds := map[string]int{}
			for _, object := range render(t, made, given) {
				kinds[check(t, object)]++
			}
			want := map[string]int{"Deployment": 2, "PodDisruptionBudget": 2, "Job": 1, "Service": 1}
			if name == "everything" {
				want["Ingress"], want["PodMonitor"] = 1, 1
			}
			if !maps.Equal(kinds, want) {
				t.Errorf("rendered %v, want %v", kinds, want)
			}
		})
	}
}

func render(t *testing.T, made *chart.Chart, given map[string]any) []string {
	t.Helper()
	whole, err := chartutil.ToRenderValues(made, given, chartutil.ReleaseOptions{Name: "desk", Namespace: "default", IsInstall: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(made, whole)
	if err != nil {
		t.Fatal(err)
	}
	var objects []string
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(file) != ".yaml" || strings.HasPrefix(filepath.Base(file), "_") {
			continue
		}
		for object := range strings.SplitSeq(files[file], "\n---") {
			if strings.TrimSpace(object) != "" {
				objects = append(objects, object)
			}
		}
	}
	return objects
}

// check reads an object strictly and returns its kind.
func check(t *testing.T, object string) string {
	t.Helper()
	var head struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal([]byte(object), &head); err != nil {
		t.Fatalf("%v in\n%s", err, object)
	}
	types := map[string]any{
		"Deployment": &apps.Deployment{}, "PodDisruptionBudget": &policy.PodDisruptionBudget{}, "Job": &batch.Job{},
		"Service": &core.Service{}, "Ingress": &networking.Ingress{}, "PodMonitor": &map[string]any{},
	}
	if err := yaml.UnmarshalStrict([]byte(object), types[head.Kind]); err != nil {
		t.Errorf("%s: %v in\n%s", head.Kind, err, object)
	}
	var pod *core.PodSpec
	switch made := types[head.Kind].(type) {
	case *apps.Deployment:
		pod = &made.Spec.Template.Spec
	case *batch.Job:
		pod = &made.Spec.Template.Spec
	default:
		return head.Kind
	}
	container := pod.Containers[0]
	if pod.SecurityContext == nil || pod.SecurityContext.RunAsNonRoot == nil || !*pod.SecurityContext.RunAsNonRoot ||
		container.SecurityContext == nil || container.SecurityContext.ReadOnlyRootFilesystem == nil || !*container.SecurityContext.ReadOnlyRootFilesystem ||
		len(container.EnvFrom) == 0 || container.Image == "" {
		t.Errorf("%s runs with more than it needs, or without its settings:\n%s", head.Kind, object)
	}
	return head.Kind
}
