package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
)

// AttemptDifference is what is not the same in an attempt as in the one before it of
// the same delivery.
type AttemptDifference struct {
	Attempt int    `json:"attempt" doc:"The later attempt's number"`
	What    string `json:"what" doc:"Such as http_status, or request header and its name"`
	Before  string `json:"before" doc:"In the attempt before; empty where it had none"`
	After   string `json:"after" doc:"In this attempt; empty where it has none"`
}

// Verdict returns why a delivery's trigger fired, nil where it has none or
// retention has removed the change.
func (i *Inspector) Verdict(ctx context.Context, delivery *executionlog.Delivery) (*triggers.Verdict, error) {
	if delivery.Trigger == "" || delivery.Change == "" {
		return nil, nil //nolint:nilnil // a test has no verdict
	}
	verdicts, err := i.Desk.Verdicts(ctx, delivery.Workspace, delivery.Change)
	if errors.Is(err, executionlog.ErrNotFound) {
		return nil, nil //nolint:nilnil // what retention removed is no error
	}
	if err != nil {
		return nil, fmt.Errorf("load verdict: %w", err)
	}
	for _, verdict := range verdicts {
		if verdict.Trigger == delivery.Trigger {
			return &verdict, nil
		}
	}
	return nil, nil //nolint:nilnil // nor is a verdict that was not kept
}

// shownDifference is how much of a text a difference shows, in bytes.
const shownDifference = 300

// Differences compares each attempt of a delivery, oldest first, with the one
// before it. When they were made and how long they took always differs, and is
// left out, as is the receiver's own clock.
func Differences(attempts []*executionlog.Attempt) []AttemptDifference {
	found := []AttemptDifference{}
	for i := 1; i < len(attempts); i++ {
		before, after := attempts[i-1], attempts[i]
		add := func(what, was, is string) {
			if was != is {
				found = append(found, AttemptDifference{after.Number, what, shorten(was), shorten(is)})
			}
		}
		add("outcome", string(before.Outcome), string(after.Outcome))
		add("http_status", status(before), status(after))
		add("error_code", before.ErrorCode, after.ErrorCode)
		add("error", before.Error, after.Error)
		if before.Detail == nil || after.Detail == nil {
			continue // retention removed it: nothing is known
		}
		compareDetails(before.Detail, after.Detail, add)
	}
	return found
}

func compareDetails(before, after *executionlog.AttemptDetail, add func(what, was, is string)) {
	add("method", before.Method, after.Method)
	add("url", before.URL, after.URL)
	add("address", before.Address, after.Address)
	add("tls_version", before.TLSVersion, after.TLSVersion)
	add("cert_expiry", before.CertExpiry, after.CertExpiry)
	compareHeaders("request header ", before.RequestHeader, after.RequestHeader, add)
	compareHeaders("response header ", before.ResponseHeader, after.ResponseHeader, add)
	add("response body", strings.ToValidUTF8(string(before.ResponseBody), "\uFFFD"), strings.ToValidUTF8(string(after.ResponseBody), "\uFFFD"))
}

func compareHeaders(what string, before, after []executionlog.Header, add func(what, was, is string)) {
	was, is := byName(before), byName(after)
	names := map[string]bool{}
	for name := range was {
		names[name] = true
	}
	for name := range is {
		names[name] = true
	}
	sorted := make([]string, 0, len(names))
	for name := range names {
		if name != "date" {
			sorted = append(sorted, name)
		}
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		add(what+cmp.Or(is[name].Name, was[name].Name), was[name].Value, is[name].Value)
	}
}

// byName joins the lines of each header.
func byName(lines []executionlog.Header) map[string]executionlog.Header {
	joined := map[string]executionlog.Header{}
	for _, line := range lines {
		key := strings.ToLower(line.Name)
		if there, ok := joined[key]; ok {
			line.Value = there.Value + ", " + line.Value
		}
		joined[key] = line
	}
	return joined
}

func status(a *executionlog.Attempt) string {
	if a.HTTPStatus == 0 {
		return ""
	}
	return strconv.Itoa(a.HTTPStatus)
}

func shorten(text string) string {
	if len(text) <= shownDifference {
		return text
	}
	return strings.ToValidUTF8(text[:shownDifference], "") + "…"
}
