package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/web/api"
)

// OpenAPICmd prints the description of the REST API that a server serves at
// /openapi.json.
type OpenAPICmd struct{}

// Run prints the document, indented.
func (*OpenAPICmd) Run(std Std) error {
	document := api.OpenAPI(api.Options{Systems: all.Registry(), Version: build().Version, Metrics: http.NotFoundHandler()})
	var text bytes.Buffer
	if err := json.Indent(&text, document, "", "  "); err != nil {
		return fmt.Errorf("indent the API's description: %w", err)
	}
	text.WriteByte('\n')
	_, err := text.WriteTo(std.Out)
	return err
}
