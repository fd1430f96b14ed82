package inspect

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/executionlog"
)

func TestDifferences(t *testing.T) {
	header := func(pairs ...string) (lines []executionlog.Header) {
		for i := 0; i < len(pairs); i += 2 {
			lines = append(lines, executionlog.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		return lines
	}
	first := &executionlog.Attempt{Number: 1, Outcome: executionlog.Failed, ErrorCode: "connection_refused", Error: "connection refused", Detail: &executionlog.AttemptDetail{
		Method: "POST", URL: "https://example.com/old", Address: "192.0.2.1:443", RequestHeader: header("X-Retry", "0", "Accept", "a", "Accept", "b"),
	}}
	second := &executionlog.Attempt{Number: 2, Outcome: executionlog.Failed, ErrorCode: "http_5xx", Error: "answered 503", HTTPStatus: 503, Detail: &executionlog.AttemptDetail{
		Method: "POST", URL: "https://example.com/new", Address: "192.0.2.1:443", TLSVersion: "1.3", RequestHeader: header("x-retry", "1", "Accept", "a", "accept", "b"),
		ResponseHeader: header("Date", "Monday", "Retry-After", "5"), ResponseBody: []byte("busy \xff"),
	}}
	third := &executionlog.Attempt{Number: 3, Outcome: executionlog.Succeeded, HTTPStatus: 200, Detail: &executionlog.AttemptDetail{
		Method: "POST", URL: "https://example.com/new", Address: "192.0.2.1:443", TLSVersion: "1.3", RequestHeader: header("X-Retry", "1", "Accept", "a", "Accept", "b"),
		ResponseHeader: header("Date", "Tuesday"), ResponseBody: []byte(strings.Repeat("ä", 200)),
	}}
	bare := &executionlog.Attempt{Number: 4, Outcome: executionlog.Succeeded, HTTPStatus: 204}
	want := []AttemptDifference{
		{2, "http_status", "", "503"},
		{2, "error_code", "connection_refused", "http_5xx"},
		{2, "error", "connection refused", "answered 503"},
		{2, "url", "https://example.com/old", "https://example.com/new"},
		{2, "tls_version", "", "1.3"},
		{2, "request header x-retry", "0", "1"},
		{2, "response header Retry-After", "", "5"},
		{2, "response body", "", "busy \uFFFD"},
		{3, "outcome", "failed", "succeeded"},
		{3, "http_status", "503", "200"},
		{3, "error_code", "http_5xx", ""},
		{3, "error", "answered 503", ""},
		{3, "response header Retry-After", "5", ""},
		{3, "response body", "busy \uFFFD", strings.Repeat("ä", 150) + "…"},
		{4, "http_status", "200", "204"},
	}
	if diff := cmp.Diff(want, Differences([]*executionlog.Attempt{first, second, third, bare})); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	for _, attempts := range [][]*executionlog.Attempt{nil, {first}, {second, second}} {
		if found := Differences(attempts); len(found) > 0 || found == nil {
			t.Errorf("of %d attempts alike: %v", len(attempts), found)
		}
	}
}
