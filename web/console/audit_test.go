package console_test

import (
	"strings"
	"testing"
)

// The audit log shows what a change wrote, not two whole documents alone.
func TestAuditShowsDifferences(t *testing.T) {
	s, own := onOwnStage(t)
	endpoint, err := own.Endpoint("Audited", "faveo", "/ok")
	if err != nil {
		t.Fatal(err)
	}
	s.post(t, "/endpoints/"+endpoint.ID+"/state", "state", "paused")
	body := s.get(t, "/operations/audit?target="+endpoint.ID).body
	for _, want := range []string{`<div class="strong">state</div>`, "- &#34;active&#34;", "+ &#34;paused&#34;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s:\n%s", want, section(body, "<tbody>"))
		}
	}
	if strings.Contains(body, `<div class="strong">version</div>`) {
		t.Error("the version, which differs anyway, is among the differences")
	}
}
