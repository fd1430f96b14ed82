package docs

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/web/api"
)

// TestDescriptionOfTheServer renders the API's own description as it is served.
func TestDescriptionOfTheServer(t *testing.T) {
	handler, err := Handler(Options{Systems: all.Registry(), OpenAPI: func() ([]byte, error) {
		return api.OpenAPI(api.Options{Systems: all.Registry()}), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/docs/api", http.NoBody))
	page := recorder.Body.String()
	if recorder.Code != http.StatusOK {
		t.Fatalf("status %d: %.300s", recorder.Code, page)
	}
	for _, want := range []string{
		`<a href="#schema-changeinput">ChangeInput</a> or <a href="#schema-changeinput">list of ChangeInput</a>`, // alternatives
		`<a href="#schema-conditiongroup">ConditionGroup</a> or <a href="#schema-conditionleaf">ConditionLeaf</a>`,
		`at most 4096 characters`,                         // limits
		`Ticket changes come in here`,                     // the text of a tag
		`&#34;subject&#34;: &#34;Printer is on fire&#34;`, // an example, indented
		`&#34;id&#34;:&#34;helpdesk-4712&#34;`,            // one of lines
		`<code>author</code> *`,                           // what must be there
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if changes, operations := strings.Index(page, `<h2 id="changes">`), strings.Index(page, `<h2 id="operations">`); changes < 0 || operations < changes {
		t.Error("the groups are not in the order of the description")
	}
	for _, bad := range []string{"&lt;nil&gt;", "ZgotmplZ", "<td></td><td></td>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}
