package dispatcher

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/executionlog"
)

// curl gets the URL, the headers and the body as they were sent, whatever a
// shell would make of their characters, and is told to leave the URL alone.
func TestCurlGetsWhatWasSent(t *testing.T) {
	const quoted, control = `it's "$(id)" \`, "it's $(id) `id` \\ \"x\"\n\t\x01\x7fé"
	header := []executionlog.Header{{Name: "X-Empty"}, {Name: "X-Quoted", Value: quoted}}
	sent := []string{"--header", "X-Empty;", "--header", "X-Quoted: " + quoted, "--data-binary"}
	for _, test := range []struct {
		url, body string
		options   []string
	}{
		{"https://a.example/hook?x=1", `{"a":"b"}`, nil},
		{"https://a.example/it's/`id`", control, nil},
		{"https://a.example/a[1-3]/{b,c}", "a=1&b=%20", []string{"--globoff"}},
		{"https://a.example/a/../b?x[]=1", "a=@b", []string{"--globoff", "--path-as-is"}},
	} {
		command := curlCommand(test.url, header, []byte(test.body))
		out, err := exec.CommandContext(t.Context(), "bash", "-c", `curl() { printf '%s\0' "$@"; }; `+command).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		want := slices.Concat([]string{"--request", "POST"}, test.options, []string{test.url}, sent, []string{test.body})
		if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, want) {
			t.Errorf("%s\ngets %q\nwant %q", command, got, want)
		}
	}
}
