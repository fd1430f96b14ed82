package config

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// What is sent to one host is not sent to another that somebody enters later:
// it has to be given again, or taken out.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	const old = "https://hooks.example.com/a?token=s3cret-parameter"
	in := func() EndpointInput {
		return EndpointInput{
			System: "socialboards", URL: old, Headers: map[string]string{"X-Api-Token": "s3cret-header", "X-Team": "ours"},
			Auth:     &triggers.Auth{Type: triggers.AuthBearer, Token: "s3cret-token"},
			Settings: map[string]Scalar{"verify_token": "s3cret-setting", "community_name": "c"},
		}
	}
	all := []string{"auth.token", "headers.X-Api-Token", "settings.verify_token", "url"}
	for name, c := range map[string]struct {
		patch string
		want  []string // what has to be given again
	}{
		"another path":             {`{"url": "https://hooks.example.com/b?token=********"}`, nil},
		"the same in other words":  {`{"url": "https://HOOKS.example.com:443/a?token=********"}`, nil},
		"another name":             {`{"name": "x"}`, nil},
		"another host":             {`{"url": "https://evil.example.com/a?token=********"}`, all},
		"a host below":             {`{"url": "https://hooks.example.com.evil.test/a?token=********"}`, all},
		"another port":             {`{"url": "https://hooks.example.com:8443/a?token=********"}`, all},
		"no longer encrypted":      {`{"url": "http://hooks.example.com/a?token=********", "allow_http": true}`, all},
		"without the parameter":    {`{"url": "https://evil.example.com/a"}`, all[:3]},
		"with a parameter":         {`{"url": "https://evil.example.com/a?token=new"}`, all[:3]},
		"some given again":         {`{"url": "https://evil.example.com/a", "headers": {"X-Api-Token": "new"}, "auth": {"token": "new"}}`, all[2:3]},
		"some taken out":           {`{"url": "https://evil.example.com/a", "headers": {"X-Api-Token": null}, "auth": null}`, all[2:3]},
		"all given again or taken": {`{"url": "https://new.example.com/a", "headers": null, "auth": null, "settings": {"verify_token": "new"}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			made := f.endpoint(in())
			after, _, err := f.PatchEndpoint(t.Context(), admin, made.ID, []byte(c.patch), EndpointOptions{})
			var got []string
			if problems, ok := errors.AsType[*invalid.Error](err); ok {
				for _, field := range problems.Fields {
					got = append(got, field.Path)
					if !strings.Contains(field.Want, "https://hooks.example.com") {
						t.Errorf("%s: %s", field.Path, field.Want)
					}
				}
				if strings.Contains(err.Error(), "s3cret") {
					t.Error(err)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("asked for %v, want %v", got, c.want)
			}
			if err == nil && len(made.Sealed.Secrets) != len(after.Sealed.Secrets) {
				t.Error("the signing secret, which nobody is sent, is gone")
			}
		})
	}
}
