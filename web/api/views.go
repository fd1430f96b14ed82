package api

import (
	"encoding/base64"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers"
	"github.com/hookdesk/hookdesk/web/inspect"
)

// DeliveryView is a delivery as the API shows it.
type DeliveryView struct {
	ID             string               `json:"id"`
	Change         string               `json:"change"`
	Ticket         string               `json:"ticket"`
	System         string               `json:"system"`
	Event          string               `json:"event"`
	Revision       string               `json:"revision"`
	Endpoint       string               `json:"endpoint"`
	Trigger        string               `json:"trigger" doc:"Empty for a test"`
	TriggerVersion int                  `json:"trigger_version"`
	EventID        string               `json:"event_id" doc:"The same on every attempt and redelivery"`
	Chain          string               `json:"chain,omitempty"`
	Depth          int                  `json:"depth"`
	Outcome        executionlog.Outcome `json:"outcome" enum:"pending,succeeded,failed,cancelled"`
	AttemptCount   int                  `json:"attempt_count"`
	HTTPStatus     int                  `json:"http_status,omitempty" doc:"Of the last attempt"`
	ErrorCode      string               `json:"error_code,omitempty" doc:"Of the last attempt"`
	Error          string               `json:"error,omitempty" doc:"Of the last attempt, in words"`
	CreatedAt      time.Time            `json:"created_at"`
	DueAt          *time.Time           `json:"due_at,omitempty" doc:"When the next attempt is due"`
	FinishedAt     *time.Time           `json:"finished_at,omitempty"`
	RedeliveryOf   string               `json:"redelivery_of,omitempty"`
	Replay         string               `json:"replay,omitempty"`
	Recovered      bool                 `json:"recovered,omitempty"`
}

// deliveryDetail is one delivery with everything about it.
type deliveryDetail struct {
	DeliveryView
	Request     *payload                    `json:"request,omitempty" doc:"Left out once retention has removed it"`
	Held        string                      `json:"held,omitempty" doc:"What holds up a pending delivery, in a sentence; left out where nothing but its time does"`
	Attempts    []executionDetail           `json:"attempts" nullable:"false" doc:"Oldest first"`
	Verdict     *triggers.Verdict           `json:"verdict,omitempty" doc:"Why the trigger fired; left out for a test, and once retention has removed the change"`
	Differences []inspect.AttemptDifference `json:"differences" nullable:"false" doc:"What is not the same in an attempt as in the one before it"`
}

func viewDelivery(d *executionlog.Delivery) DeliveryView {
	view := DeliveryView{
		ID: d.ID, Change: d.Change, Ticket: d.Ticket, System: d.System, Event: d.Event, Revision: d.Revision,
		Endpoint: d.Endpoint, Trigger: d.Trigger, TriggerVersion: d.TriggerVersion, EventID: d.EventID,
		Chain: d.Chain, Depth: d.Depth, Outcome: d.Outcome, AttemptCount: d.Attempts, HTTPStatus: d.LastStatus,
		ErrorCode: d.LastErrorCode, Error: d.LastError, CreatedAt: d.CreatedAt.UTC(),
		FinishedAt: timeOrNil(d.FinishedAt), RedeliveryOf: d.RedeliveryOf, Replay: d.Replay, Recovered: d.Recovered,
	}
	if d.Outcome == executionlog.Pending {
		view.DueAt = timeOrNil(d.DueAt)
	}
	return view
}

// ExecutionView is a row of the execution log: one attempt.
type ExecutionView struct {
	ID         string               `json:"id"`
	Delivery   string               `json:"delivery"`
	Change     string               `json:"change"`
	Ticket     string               `json:"ticket"`
	System     string               `json:"system"`
	Event      string               `json:"event"`
	Trigger    string               `json:"trigger"`
	Endpoint   string               `json:"endpoint"`
	Number     int                  `json:"number" doc:"Which attempt of its delivery, from 1"`
	At         time.Time            `json:"at"`
	DurationMS float64              `json:"duration_ms"`
	Outcome    executionlog.Outcome `json:"outcome" enum:"succeeded,failed"`
	HTTPStatus int                  `json:"http_status,omitempty" doc:"Left out where nothing answered"`
	ErrorCode  string               `json:"error_code,omitempty"`
	Error      string               `json:"error,omitempty"`
}

// executionDetail is a row with what was sent and what came back.
type executionDetail struct {
	ExecutionView
	Meaning    string                `json:"meaning,omitempty" doc:"What the error code means, for people"`
	Advice     string                `json:"advice,omitempty" doc:"What usually mends an error of this code"`
	Request    *sentRequest          `json:"request,omitempty"`
	Response   *gotResponse          `json:"response,omitempty"`
	Address    string                `json:"address,omitempty" doc:"The resolved address, with port"`
	TLSVersion string                `json:"tls_version,omitempty"`
	CertExpiry string                `json:"cert_expiry,omitempty"`
	Timings    *executionlog.Timings `json:"timings,omitempty"`
	Node       int                   `json:"node"`
}

// sentRequest is a request as it was sent, secrets masked.
type sentRequest struct {
	Method  string                `json:"method"`
	URL     string                `json:"url"`
	Headers []executionlog.Header `json:"headers" nullable:"false"`
	Content
}

// gotResponse is what came back.
type gotResponse struct {
	Status    int                   `json:"status"`
	Headers   []executionlog.Header `json:"headers" nullable:"false"`
	Truncated bool                  `json:"truncated" doc:"The body was longer"`
	Content
}

// payload is a rendered request before signing.
type payload struct {
	ContentType string                `json:"content_type"`
	Headers     []executionlog.Header `json:"headers" nullable:"false"`
	Content
}

// Content is a body: text as it is, other bytes in base64.
type Content struct {
	Body     string `json:"body"`
	Encoding string `json:"encoding,omitempty" enum:"base64" doc:"Left out for text"`
}

func content(body []byte) Content {
	if utf8.Valid(body) {
		return Content{Body: string(body)}
	}
	return Content{Body: base64.StdEncoding.EncodeToString(body), Encoding: "base64"}
}

func viewPayload(request *executionlog.Request) *payload {
	if request == nil {
		return nil
	}
	return &payload{ContentType: request.ContentType, Headers: headersOf(request.Header), Content: content(request.Body)}
}

func viewExecution(a *executionlog.Attempt) ExecutionView {
	return ExecutionView{
		ID: a.ID, Delivery: a.Delivery, Change: a.Change, Ticket: a.Ticket, System: a.System, Event: a.Event,
		Trigger: a.Trigger, Endpoint: a.Endpoint, Number: a.Number, At: a.At.UTC(),
		DurationMS: float64(a.Duration.Microseconds()) / 1000, Outcome: a.Outcome, HTTPStatus: a.HTTPStatus,
		ErrorCode: a.ErrorCode, Error: a.Error,
	}
}

// viewExecutionDetail shows an attempt with its detail; request is its
// delivery's, nil where it is gone.
func viewExecutionDetail(a *executionlog.Attempt, request *executionlog.Request) executionDetail {
	view := executionDetail{ExecutionView: viewExecution(a)}
	view.Meaning, view.Advice = sender.Describe(sender.Code(a.ErrorCode))
	d := a.Detail
	if d == nil {
		return view
	}
	view.Address, view.TLSVersion, view.CertExpiry, view.Node = d.Address, d.TLSVersion, d.CertExpiry, d.Node
	timings := d.Timings
	view.Timings = &timings
	view.Request = &sentRequest{Method: d.Method, URL: d.URL, Headers: headersOf(d.RequestHeader)}
	if request != nil {
		view.Request.Content = content(request.Body)
	}
	if a.HTTPStatus > 0 {
		view.Response = &gotResponse{
			Status: a.HTTPStatus, Headers: headersOf(d.ResponseHeader), Truncated: d.Truncated, Content: content(d.ResponseBody),
		}
	}
	return view
}

func headersOf(headers []executionlog.Header) []executionlog.Header {
	if headers == nil {
		return []executionlog.Header{}
	}
	return headers
}

func timeOrNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

// jsonOrNil returns stored JSON for an answer, null where there is none.
func jsonOrNil(stored []byte) json.RawMessage {
	if len(stored) == 0 {
		return json.RawMessage("null")
	}
	return stored
}

func textsOf(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}
