// Code generated from the OpenAPI document by make generate; DO NOT EDIT.

package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Action: One thing that a trigger does; exactly one member is given.
type Action struct {
	Note    *NoteAction    `json:"note,omitzero"`    // Writes a note on the ticket
	Set     *SetAction     `json:"set,omitzero"`     // Writes a field of the ticket
	Tag     *TagAction     `json:"tag,omitzero"`     // Adds and removes tags
	Webhook *WebhookAction `json:"webhook,omitzero"` // Sends the event to endpoints
}

// Attachment: A file of a ticket, a reply or a note.
type Attachment struct {
	ContentType string    `json:"content_type,omitzero"` // The media type
	CreatedAt   time.Time `json:"created_at,omitzero"`   // When it was made
	CreatedBy   *Person   `json:"created_by,omitzero"`   // Who attached it
	ID          string    `json:"id,omitzero"`           // The file's id in the ticketing system
	Name        string    `json:"name"`                  // The file's name
	Size        int       `json:"size,omitzero"`         // In bytes
	URL         string    `json:"url,omitzero"`          // Where the file can be read
}

// AttachmentInput: A file; hookdesk keeps where it is, not its content.
type AttachmentInput struct {
	ContentType string      `json:"content_type,omitzero"` // The media type
	CreatedAt   TimeInput   `json:"created_at,omitzero"`   // When it was made
	CreatedBy   PersonInput `json:"created_by,omitzero"`   // Who attached it
	ID          any         `json:"id,omitzero"`           // The file's id in the ticketing system
	Name        string      `json:"name"`                  // The file's name
	Size        int         `json:"size,omitzero"`         // In bytes
	URL         string      `json:"url,omitzero"`          // Where the file can be read
}

// AttemptDifference: what the server calls AttemptDifference.
type AttemptDifference struct {
	After   string `json:"after"`   // In this attempt; empty where it has none
	Attempt int    `json:"attempt"` // The later attempt's number
	Before  string `json:"before"`  // In the attempt before; empty where it had none
	What    string `json:"what"`    // Such as http_status, or request header and its name
}

// AuditView: One change of the configuration.
type AuditView struct {
	Action    string    `json:"action"`    // What was done, such as endpoint.updated
	Actor     string    `json:"actor"`     // Who did it
	After     any       `json:"after"`     // Without secrets; null for something deleted
	At        time.Time `json:"at"`        // When it happened
	Before    any       `json:"before"`    // Without secrets; null for something made
	ID        string    `json:"id"`        // Identifies it
	Target    string    `json:"target"`    // The id of what was changed
	Workspace string    `json:"workspace"` // The workspace that it belongs to
}

// Auth: The receiver's credentials; the secret ones are never shown.
type Auth struct {
	Header   string `json:"header,omitzero"`   // For api_key: the name of the header
	Key      string `json:"key,omitzero"`      // For api_key; never shown
	Password string `json:"password,omitzero"` // For basic; never shown
	Token    string `json:"token,omitzero"`    // For bearer; never shown
	Type     string `json:"type"`              // How requests authenticate themselves to the receiver
	User     string `json:"user,omitzero"`     // For basic
}

// BatchItem: What became of one of many changes: a receipt, or an error.
type BatchItem struct {
	Deliveries []string `json:"deliveries,omitzero"` // Ids of the deliveries that follow
	Duplicate  bool     `json:"duplicate,omitzero"`  // The id was accepted before; this is the receipt of then
	Error      *Problem `json:"error,omitzero"`      // Why the change was not accepted
	Fired      []string `json:"fired,omitzero"`      // Ids of the triggers that fired
	ID         string   `json:"id,omitzero"`         // The id of the change
	Index      int      `json:"index"`               // Its place in the request, from 0
	Status     int      `json:"status"`              // 202, or the status that the change would have had alone
	Ticket     string   `json:"ticket,omitzero"`     // The ticket's number
}

// Calendar: Business hours and holidays.
type Calendar struct {
	Author    string              `json:"author"`            // Who saved this version
	CreatedAt time.Time           `json:"created_at"`        // When it was made
	Holidays  []string            `json:"holidays,omitzero"` // Dates without business hours
	Hours     []ConditionInterval `json:"hours"`             // The business hours of each week
	ID        string              `json:"id"`                // Identifies it
	Name      string              `json:"name"`              // What people call it
	UpdatedAt time.Time           `json:"updated_at"`        // When it was last changed
	Version   int                 `json:"version"`           // Counts its changes, from 1
	Zone      string              `json:"zone"`              // The time zone by its IANA name, such as Europe/Berlin
}

// CalendarBody: what the server calls CalendarBody.
type CalendarBody struct {
	Holidays []string            `json:"holidays,omitzero"` // Dates without business hours
	Hours    []ConditionInterval `json:"hours"`             // The business hours of each week
	Name     string              `json:"name"`              // What people call it
	Zone     string              `json:"zone"`              // IANA, such as Europe/Berlin
}

// CalendarPatch: Members of a calendar; hours and holidays are replaced as wholes. null gives a member its default.
type CalendarPatch = map[string]any

// CallerView: Who a request comes from.
type CallerView struct {
	Admin       bool     `json:"admin"`            // Whether the caller administers every workspace
	Development bool     `json:"development"`      // Whether plain http and private addresses are allowed as targets
	Name        string   `json:"name"`             // Whom the audit log and the token's list call the caller
	Scopes      []string `json:"scopes"`           // What the token may do
	Version     string   `json:"version,omitzero"` // The server's
	Workspace   string   `json:"workspace"`        // Whose things the request is about
}

// Category: A category and its place in the tree.
type Category struct {
	ID   string `json:"id,omitzero"`   // The id in the ticketing system
	Name string `json:"name,omitzero"` // What people call it
	Path string `json:"path,omitzero"` // The place in the tree, such as Hardware/Printers
}

// CategoryInput: A category: its path, its id as a number, or an object.
type CategoryInput = any

// Chain: The causal chain that a change belongs to.
type Chain struct {
	Depth int      `json:"depth"`          // How deep in its causal chain it is; 0 comes from outside
	Fired []string `json:"fired,omitzero"` // Triggers that fired earlier in the chain for this ticket
	ID    string   `json:"id"`             // Identifies it
	Rule  string   `json:"rule,omitzero"`  // The trigger whose action made the change
}

// Change: One change of one ticket, complete: what the ticket was, what it is, and what was written.
type Change struct {
	Actor     Person    `json:"actor"`            // Who did it
	After     Ticket    `json:"after"`            // The ticket after; as it was last, where the change deleted it
	At        time.Time `json:"at"`               // When it happened
	Before    *Ticket   `json:"before,omitzero"`  // The ticket before; left out where the change created it
	Chain     *Chain    `json:"chain,omitzero"`   // The causal chain that the change belongs to
	ID        string    `json:"id"`               // Identifies it
	Kind      string    `json:"kind"`             // What the change did; by its content if left out
	Note      *Note     `json:"note,omitzero"`    // The note that was added, changed or deleted
	Partial   bool      `json:"partial,omitzero"` // hookdesk did not know the ticket: members that are not in touched are unknown, not empty
	Reply     *Reply    `json:"reply,omitzero"`   // The reply that was added, changed or deleted
	Touched   []string  `json:"touched,omitzero"` // Members that the caller wrote, even where the value stayed the same
	Via       string    `json:"via,omitzero"`     // Through what it came: web, email, api, rule or another word
	Workspace string    `json:"workspace"`        // The workspace that it belongs to
}

// ChangeInput: One change of one ticket: what it is now, and the reply or the note that was written.
type ChangeInput struct {
	Actor  PersonInput       `json:"actor,omitzero"` // Who did it; by the content if left out
	At     TimeInput         `json:"at,omitzero"`    // When it happened; now if left out
	ID     any               `json:"id,omitzero"`    // The caller's own id of the change; the same id is accepted once
	Kind   string            `json:"kind,omitzero"`  // What the change did; by its content if left out
	Note   NoteInput         `json:"note,omitzero"`  // The note that was written; not beside a reply
	Reply  ReplyInput        `json:"reply,omitzero"` // The reply that was written; not beside a note
	Ticket ChangeInputTicket `json:"ticket"`         // The ticket as it is now
	Via    string            `json:"via,omitzero"`   // Through what it came: web, email, api, rule or another word
}

// ChangeInputTicket: The ticket's number and the members that it has now; those left out stay as they are, null empties one.
type ChangeInputTicket struct {
	Assignee        PersonInput       `json:"assignee,omitzero"`          // Who works on it
	Attachments     []AttachmentInput `json:"attachments,omitzero"`       // Files
	Category        CategoryInput     `json:"category,omitzero"`          // The category
	ClosedAt        TimeInput         `json:"closed_at,omitzero"`         // When it was closed
	Community       string            `json:"community,omitzero"`         // The community's name, of Socialboards
	CreatedAt       TimeInput         `json:"created_at,omitzero"`        // When it was opened
	Creator         PersonInput       `json:"creator,omitzero"`           // Who opened it
	CustomFields    map[string]any    `json:"custom_fields,omitzero"`     // Custom fields by id; null removes one
	Department      ReferenceInput    `json:"department,omitzero"`        // The department
	Description     string            `json:"description,omitzero"`       // The description as plain text
	DescriptionHTML string            `json:"description_html,omitzero"`  // The description as HTML
	DueAt           TimeInput         `json:"due_at,omitzero"`            // When it is due
	Extra           map[string]any    `json:"extra,omitzero"`             // What only one system has, by its own name; its data sheet lists what it reads
	HelpTopic       ReferenceInput    `json:"help_topic,omitzero"`        // The help topic
	Justification   string            `json:"justification,omitzero"`     // Why it has its status
	Language        string            `json:"language,omitzero"`          // The language as in BCP 47, such as nb
	Notes           []NoteInput       `json:"notes,omitzero"`             // All notes, oldest first, in place of those stored; events about a note come of the change's note alone
	Number          any               `json:"number"`                     // The ticket's number, as a text or a number
	Priority        ReferenceInput    `json:"priority,omitzero"`          // The priority
	Replies         []ReplyInput      `json:"replies,omitzero"`           // All replies, oldest first, in place of those stored; events about a reply come of the change's reply alone
	Requester       PersonInput       `json:"requester,omitzero"`         // Who asks
	ResolutionDueAt TimeInput         `json:"resolution_due_at,omitzero"` // When the solution is due
	ResponseDueAt   TimeInput         `json:"response_due_at,omitzero"`   // When the first answer is due
	SLA             ReferenceInput    `json:"sla,omitzero"`               // The service level agreement
	Source          ReferenceInput    `json:"source,omitzero"`            // Where it came from, such as web, email or call
	Status          StatusInput       `json:"status,omitzero"`            // The status
	Subject         string            `json:"subject,omitzero"`           // The subject
	Tags            []string          `json:"tags,omitzero"`              // Tags
	Team            ReferenceInput    `json:"team,omitzero"`              // The team
	Type            ReferenceInput    `json:"type,omitzero"`              // The type
	UpdatedAt       TimeInput         `json:"updated_at,omitzero"`        // When it was last changed
	Urgency         ReferenceInput    `json:"urgency,omitzero"`           // The urgency
}

// ChangeView: A change as it was accepted, with what followed.
type ChangeView struct {
	AcceptedAt time.Time `json:"accepted_at"`     // When hookdesk accepted it
	At         time.Time `json:"at"`              // When it happened
	Chain      string    `json:"chain,omitzero"`  // The causal chain that the change belongs to
	Change     *Change   `json:"change,omitzero"` // The change's id
	Deliveries []string  `json:"deliveries"`      // Ids of the deliveries that follow
	Depth      int       `json:"depth"`           // How deep in its causal chain it is; 0 comes from outside
	Fired      []string  `json:"fired"`           // Ids of the triggers that fired
	ID         string    `json:"id"`              // Identifies it
	Key        string    `json:"key,omitzero"`    // The caller's own id of it
	Kind       string    `json:"kind"`            // What the change did; by its content if left out
	Ticket     string    `json:"ticket"`          // The ticket's number
}

// ClientTLS: A client certificate, and authorities that are trusted besides.
type ClientTLS struct {
	CA   string `json:"ca,omitzero"`   // Certificates of authorities that are trusted besides, in PEM
	Cert string `json:"cert,omitzero"` // The client's certificate, in PEM
	Key  string `json:"key,omitzero"`  // The key of the client's certificate, in PEM; never shown
}

// ConditionField: A field that conditions can look at.
type ConditionField struct {
	Closed      bool     `json:"closed,omitzero"` // There are no values but these
	Description string   `json:"description"`     // What it is
	Name        string   `json:"name"`            // How conditions name the field
	Operators   []string `json:"operators"`       // Operators that the field has
	Title       string   `json:"title"`           // How people call the field
	Type        string   `json:"type"`            // The type, which decides the operators
	Values      []string `json:"values,omitzero"` // Values that it can have, or the usual ones in their order
	Writable    bool     `json:"writable"`        // An action can set the field
}

// ConditionGroup: Joins conditions and groups: all must hold, any of them, or none. Groups may be five deep, with a hundred conditions in all.
type ConditionGroup struct {
	All  []ConditionNode `json:"all,omitzero"`  // All of these must hold
	Any  []ConditionNode `json:"any,omitzero"`  // At least one of these must hold
	None []ConditionNode `json:"none,omitzero"` // None of these may hold
}

// ConditionInterval: One stretch of business hours on a weekday.
type ConditionInterval struct {
	Day  string `json:"day"`  // A weekday, such as monday
	From string `json:"from"` // The beginning, such as 09:00
	To   string `json:"to"`   // The end, such as 17:30; 24:00 is the end of the day
}

// ConditionLeaf: Compares one field of a change. GET /api/v1/fields says which operators a field has, and what value an operator takes.
type ConditionLeaf struct {
	Field   any               `json:"field"`            // A field of the table of fields, or custom. and the id of a custom field
	Op      string            `json:"op"`               // An operator of the table of operators
	Options *ConditionOptions `json:"options,omitzero"` // Refines the operator
	Value   any               `json:"value,omitzero"`   // What to compare with, as the operator's argument says
}

// ConditionNode: A condition, or a group of them.
type ConditionNode = any

// ConditionOperator: A way to compare a field.
type ConditionOperator struct {
	Argument string   `json:"argument"`         // What value it takes
	Name     string   `json:"name"`             // How conditions name the operator
	Options  []string `json:"options,omitzero"` // Options that it understands
	Title    string   `json:"title"`            // For people
}

// ConditionOptions: Refines an operator.
type ConditionOptions struct {
	Calendar string   `json:"calendar,omitzero"` // The id of a calendar of business hours
	Case     string   `json:"case,omitzero"`     // sensitive tells upper from lower case
	HTML     string   `json:"html,omitzero"`     // strip compares the text without its HTML
	Order    []string `json:"order,omitzero"`    // The names of an ordinal field from lowest to highest
}

// ConditionResult: One condition that decided a verdict.
type ConditionResult struct {
	Actual   any    `json:"actual"`         // What the field held
	Error    string `json:"error,omitzero"` // Why it could not be decided
	Expected any    `json:"expected"`       // What the condition wanted
	Field    string `json:"field"`          // A field of the table of fields, or custom. and the id of a custom field
	Matched  bool   `json:"matched"`        // Whether it held
	Op       string `json:"op"`             // An operator of the table of operators
	Path     string `json:"path"`           // Its place in the trigger, such as when.all.0
}

// ConfigurationAnswer: what the server calls ConfigurationAnswer.
type ConfigurationAnswer struct {
	Differences []Difference `json:"differences"` // What is created, changed and removed
	Kept        []string     `json:"kept"`        // Variables without a value: endpoints keep what they have in their places
	Left        []Part       `json:"left"`        // What the sections of the file do not name and the server has: it stays, and prune removes it
}

// ConfigurationRequest: what the server calls ConfigurationRequest.
type ConfigurationRequest struct {
	File   string            `json:"file,omitzero"`   // The YAML, as text
	Prune  bool              `json:"prune,omitzero"`  // Remove what the sections of the file do not name; a section left out is left alone
	Values map[string]string `json:"values,omitzero"` // The values of the variables that the file refers to as ${env:NAME}; of the server's own environment nothing is read
}

// CurlView: what the server calls CurlView.
type CurlView struct {
	Command string `json:"command"` // Sends the delivery's bytes again; secrets stand as placeholders
}

// DeliveryDetail: A delivery with its request and its attempts.
type DeliveryDetail struct {
	AttemptCount   int                 `json:"attempt_count"`          // How many attempts there were
	Attempts       []ExecutionDetail   `json:"attempts"`               // Oldest first
	Chain          string              `json:"chain,omitzero"`         // The id of the causal chain
	Change         string              `json:"change"`                 // The change that led to it
	CreatedAt      time.Time           `json:"created_at"`             // When it was made
	Depth          int                 `json:"depth"`                  // How deep in its causal chain it is; 0 comes from outside
	Differences    []AttemptDifference `json:"differences"`            // What is not the same in an attempt as in the one before it
	DueAt          time.Time           `json:"due_at,omitzero"`        // When the next attempt is due
	Endpoint       string              `json:"endpoint"`               // The endpoint's id
	Error          string              `json:"error,omitzero"`         // Of the last attempt, in words
	ErrorCode      string              `json:"error_code,omitzero"`    // Of the last attempt
	Event          string              `json:"event"`                  // The system's event
	EventID        string              `json:"event_id"`               // The same on every attempt and redelivery
	FinishedAt     time.Time           `json:"finished_at,omitzero"`   // When it came to its end
	Held           string              `json:"held,omitzero"`          // What holds up a pending delivery, in a sentence; left out where nothing but its time does
	HTTPStatus     int                 `json:"http_status,omitzero"`   // Of the last attempt
	ID             string              `json:"id"`                     // Identifies it
	Outcome        string              `json:"outcome"`                // What became of it
	Recovered      bool                `json:"recovered,omitzero"`     // It failed, and a redelivery of it has succeeded since
	RedeliveryOf   string              `json:"redelivery_of,omitzero"` // The delivery that this one repeats
	Replay         string              `json:"replay,omitzero"`        // The replay that made it
	Request        *Payload            `json:"request,omitzero"`       // Left out once retention has removed it
	Revision       string              `json:"revision"`               // The revision of the system's format
	System         string              `json:"system"`                 // The emulated system
	Ticket         string              `json:"ticket"`                 // The ticket's number
	Trigger        string              `json:"trigger"`                // Empty for a test
	TriggerVersion int                 `json:"trigger_version"`        // The version of the trigger that fired
	Verdict        *Verdict            `json:"verdict,omitzero"`       // Why the trigger fired; left out for a test, and once retention has removed the change
}

// DeliveryView: One event for one endpoint.
type DeliveryView struct {
	AttemptCount   int       `json:"attempt_count"`          // How many attempts there were
	Chain          string    `json:"chain,omitzero"`         // The id of the causal chain
	Change         string    `json:"change"`                 // The change that led to it
	CreatedAt      time.Time `json:"created_at"`             // When it was made
	Depth          int       `json:"depth"`                  // How deep in its causal chain it is; 0 comes from outside
	DueAt          time.Time `json:"due_at,omitzero"`        // When the next attempt is due
	Endpoint       string    `json:"endpoint"`               // The endpoint's id
	Error          string    `json:"error,omitzero"`         // Of the last attempt, in words
	ErrorCode      string    `json:"error_code,omitzero"`    // Of the last attempt
	Event          string    `json:"event"`                  // The system's event
	EventID        string    `json:"event_id"`               // The same on every attempt and redelivery
	FinishedAt     time.Time `json:"finished_at,omitzero"`   // When it came to its end
	HTTPStatus     int       `json:"http_status,omitzero"`   // Of the last attempt
	ID             string    `json:"id"`                     // Identifies it
	Outcome        string    `json:"outcome"`                // What became of it
	Recovered      bool      `json:"recovered,omitzero"`     // It failed, and a redelivery of it has succeeded since
	RedeliveryOf   string    `json:"redelivery_of,omitzero"` // The delivery that this one repeats
	Replay         string    `json:"replay,omitzero"`        // The replay that made it
	Revision       string    `json:"revision"`               // The revision of the system's format
	System         string    `json:"system"`                 // The emulated system
	Ticket         string    `json:"ticket"`                 // The ticket's number
	Trigger        string    `json:"trigger"`                // Empty for a test
	TriggerVersion int       `json:"trigger_version"`        // The version of the trigger that fired
}

// Description: what the server calls Description.
type Description struct {
	CustomHeader bool     `json:"custom_header"` // The endpoint chooses the header
	Headers      []string `json:"headers"`       // Headers that it writes
	Name         string   `json:"name"`          // How endpoints name the scheme
	Secret       string   `json:"secret"`        // What the secret must look like
	Source       string   `json:"source"`        // The page that specifies it
	Text         string   `json:"text"`          // How it signs
	Title        string   `json:"title"`         // For people
}

// DeskExplainedChange: One change of the ticket with the verdicts of its triggers.
type DeskExplainedChange struct {
	At       time.Time `json:"at"`       // When it happened
	Change   string    `json:"change"`   // The change's id
	Kind     string    `json:"kind"`     // What the change did
	Verdicts []Verdict `json:"verdicts"` // What became of each trigger
}

// DeskExplanation: Why each change of a ticket fired each trigger, or did not.
type DeskExplanation struct {
	Changes []DeskExplainedChange `json:"changes"` // The ticket's changes, newest first
	Ticket  string                `json:"ticket"`  // The ticket's number
}

// DeskLaneStatus: what the server calls DeskLaneStatus.
type DeskLaneStatus struct {
	Breaker  string    `json:"breaker"`           // The state of the circuit breaker
	Endpoint string    `json:"endpoint"`          // The endpoint's id
	Failures int       `json:"failures"`          // Attempts that failed one after another
	InFlight int       `json:"in_flight"`         // Attempts that are running
	NextDue  time.Time `json:"next_due,omitzero"` // When the next delivery is due
	Until    time.Time `json:"until,omitzero"`    // When the breaker tries again
	Waiting  int       `json:"waiting"`           // Deliveries that wait in the lane
	Window   int       `json:"window"`            // How many attempts may run now
}

// DeskQueueStatus: what the server calls DeskQueueStatus.
type DeskQueueStatus struct {
	Active    int    `json:"active"`         // Tasks that workers hold
	Backend   string `json:"backend"`        // What the queue is: embedded or redis
	Connected bool   `json:"connected"`      // Whether the queue answers
	Error     string `json:"error,omitzero"` // What went wrong, in words
	Pending   int    `json:"pending"`        // Tasks that wait for a worker
	Scheduled int    `json:"scheduled"`      // Tasks that are due later
}

// DeskSimulatedVerdict: what the server calls DeskSimulatedVerdict.
type DeskSimulatedVerdict struct {
	At      time.Time `json:"at"`      // When it happened
	Change  string    `json:"change"`  // The change's id
	Ticket  string    `json:"ticket"`  // The ticket's number
	Verdict Verdict   `json:"verdict"` // What would have become of the trigger
}

// DeskSimulationResult: what the server calls DeskSimulationResult.
type DeskSimulationResult struct {
	Changes     int                    `json:"changes"`      // How many changes were tried
	Examples    []DeskSimulatedVerdict `json:"examples"`     // Some of the changes, with their verdicts
	Fired       int                    `json:"fired"`        // How many would have fired the trigger
	Gained      []DeskSimulatedVerdict `json:"gained"`       // Changes that would fire it now and did not
	GainedCount int                    `json:"gained_count"` // How many were gained
	Live        int                    `json:"live"`         // How many fired it when they came in
	Lost        []DeskSimulatedVerdict `json:"lost"`         // Changes that fired it and would not now
	LostCount   int                    `json:"lost_count"`   // How many were lost
}

// Diagnosis: What the signature doctor finds.
type Diagnosis struct {
	Advice      string `json:"advice,omitzero"` // What to do about it
	Cause       string `json:"cause,omitzero"`  // Why it does not verify, in one word; left out where it does
	Explanation string `json:"explanation"`     // Why, in a sentence
	Scheme      string `json:"scheme,omitzero"` // The scheme that it was checked by
	Steps       []Step `json:"steps"`           // The check step by step
	Verified    bool   `json:"verified"`        // Whether the signature is right
}

// Difference: One thing that applying a file creates, changes or removes.
type Difference struct {
	Action string      `json:"action"`          // What happens to it
	Fields []FieldDiff `json:"fields,omitzero"` // What differs; of secrets only that they do
	ID     string      `json:"id,omitzero"`     // Missing while it is only planned
	Kind   string      `json:"kind"`            // What it is
	Name   string      `json:"name"`            // What people call it
	Secret string      `json:"secret,omitzero"` // The signing secret that was made; shown once
}

// DoctorRequest: What a receiver made of a delivery.
type DoctorRequest struct {
	Body     string `json:"body,omitzero"`     // The body that the receiver checks, if not the raw bytes; as it was sent if left out
	Computed string `json:"computed,omitzero"` // The signature that the receiver's code works out, to have that explained
	Encoding string `json:"encoding,omitzero"` // Of body; left out for text
	Secret   string `json:"secret,omitzero"`   // The secret that the receiver uses; the endpoint's if left out. It is kept nowhere
}

// Dropped: what the server calls Dropped.
type Dropped struct {
	Path    string `json:"path"`         // Where it stood
	Reason  string `json:"reason"`       // Why, in words
	Row     any    `json:"row,omitzero"` // What was left out
	Trigger string `json:"trigger"`      // The name of the trigger
}

// EndpointFigures: An endpoint's deliveries by outcome.
type EndpointFigures struct {
	Cancelled   int       `json:"cancelled"`             // Deliveries that somebody cancelled
	Endpoint    string    `json:"endpoint"`              // The endpoint's id
	Failed      int       `json:"failed"`                // Deliveries that used up their attempts: dead letters
	LastAttempt time.Time `json:"last_attempt,omitzero"` // When the newest attempt was
	LastError   string    `json:"last_error,omitzero"`   // Why it failed; left out where it did not
	LastStatus  int       `json:"last_status,omitzero"`  // What it was answered; left out where nothing answered
	Pending     int       `json:"pending"`               // Deliveries that wait or are tried again
	Succeeded   int       `json:"succeeded"`             // Deliveries that arrived
}

// EndpointInput: An endpoint as people write it. Members left out get the defaults of the system's data sheet.
type EndpointInput struct {
	AllowHTTP      bool              `json:"allow_http,omitzero"`      // Allows http in the URL; for administrators
	Auth           *Auth             `json:"auth,omitzero"`            // How requests authenticate themselves to the receiver
	Headers        map[string]string `json:"headers,omitzero"`         // Headers that requests carry besides
	InsecureTLS    bool              `json:"insecure_tls,omitzero"`    // Does not check the receiver's certificate; for administrators
	MaxInFlight    int               `json:"max_in_flight,omitzero"`   // How many attempts may run at the same time
	Name           string            `json:"name,omitzero"`            // What people call it
	OnFailure      string            `json:"on_failure,omitzero"`      // What an ordered endpoint does behind an exhausted delivery: block until somebody decides, or skip it
	Ordered        string            `json:"ordered,omitzero"`         // ticket sends the deliveries of one ticket one after another
	PrivateNotes   bool              `json:"private_notes,omitzero"`   // Lets the texts of private notes out
	RatePerSecond  float64           `json:"rate_per_second,omitzero"` // Attempts per second; 0 is no limit
	Retry          *Retry            `json:"retry,omitzero"`           // When a failed delivery is tried again
	Revision       string            `json:"revision,omitzero"`        // The revision of the system's format
	Secret         string            `json:"secret,omitzero"`          // The signing secret; one is made if left out. Never shown again
	Settings       map[string]any    `json:"settings,omitzero"`        // What only the system knows, by the names of its data sheet
	Signing        *Signing          `json:"signing,omitzero"`         // How requests are signed
	State          string            `json:"state,omitzero"`           // The state
	System         SystemName        `json:"system"`                   // The emulated system
	TimeoutSeconds int               `json:"timeout_seconds,omitzero"` // How long one attempt may take
	TLS            *ClientTLS        `json:"tls,omitzero"`             // A client certificate and further authorities
	URL            string            `json:"url"`                      // Where webhooks go
}

// EndpointPatch: Members of an endpoint; secrets left out stay as they are. null gives a member its default.
type EndpointPatch = map[string]any

// EndpointView: A URL that gets webhooks in the format of one system.
type EndpointView struct {
	AllowHTTP       bool              `json:"allow_http,omitzero"`        // Allows http in the URL; for administrators
	Auth            Auth              `json:"auth"`                       // How requests authenticate themselves to the receiver
	Author          string            `json:"author"`                     // Who saved this version
	BreakerClosedAt time.Time         `json:"breaker_closed_at,omitzero"` // When somebody closed its circuit breaker by hand last
	CreatedAt       time.Time         `json:"created_at"`                 // When it was made
	Headers         map[string]string `json:"headers"`                    // Headers that requests carry besides
	ID              string            `json:"id"`                         // Identifies it
	InsecureTLS     bool              `json:"insecure_tls,omitzero"`      // Does not check the receiver's certificate; for administrators
	MaxInFlight     int               `json:"max_in_flight"`              // How many attempts may run at the same time
	Name            string            `json:"name"`                       // What people call it
	OnFailure       string            `json:"on_failure"`                 // What an ordered endpoint does behind an exhausted delivery: block until somebody decides, or skip it
	Ordered         string            `json:"ordered"`                    // ticket sends the deliveries of one ticket one after another
	PrivateNotes    bool              `json:"private_notes,omitzero"`     // Lets the texts of private notes out
	PublicKey       string            `json:"public_key,omitzero"`        // What receivers verify with, where the scheme is asymmetric (whpk_…)
	RatePerSecond   float64           `json:"rate_per_second"`            // Attempts per second; 0 is no limit
	Retry           Retry             `json:"retry"`                      // When a failed delivery is tried again
	Revision        string            `json:"revision"`                   // The revision of the system's format
	Secret          string            `json:"secret,omitzero"`            // The signing secret; shown once, when it was made
	Settings        map[string]string `json:"settings"`                   // What only the system knows, by the names of its data sheet
	Signing         Signing           `json:"signing"`                    // How requests are signed
	SigningKeys     []KeyView         `json:"signing_keys"`               // Which signing secrets are in force, the newest first, without themselves
	State           string            `json:"state"`                      // The state
	StateReason     string            `json:"state_reason"`               // Why it has its state
	StateSince      time.Time         `json:"state_since,omitzero"`       // Since when it has its state
	System          string            `json:"system"`                     // The emulated system
	TimeoutSeconds  int               `json:"timeout_seconds"`            // How long one attempt may take
	TLS             *ClientTLS        `json:"tls,omitzero"`               // A client certificate and further authorities
	UpdatedAt       time.Time         `json:"updated_at"`                 // When it was last changed
	URL             string            `json:"url"`                        // Where webhooks go
	Version         int               `json:"version"`                    // Counts its changes, from 1
}

// ErrorCodeView: An error code of the execution log.
type ErrorCodeView struct {
	Advice string `json:"advice"` // What usually mends it
	Code   string `json:"code"`   // As error_code has it
	Title  string `json:"title"`  // What it means, for people
}

// ExecutionCount: How many attempts a filter finds.
type ExecutionCount struct {
	Count int  `json:"count"` // How many attempts there are
	Exact bool `json:"exact"` // False where it is an estimate, of a search that finds many and that no count of the ledger answers
}

// ExecutionDetail: An attempt with what was sent and what came back.
type ExecutionDetail struct {
	Address    string       `json:"address,omitzero"`     // The resolved address, with port
	Advice     string       `json:"advice,omitzero"`      // What usually mends an error of this code
	At         time.Time    `json:"at"`                   // When the attempt began
	CertExpiry string       `json:"cert_expiry,omitzero"` // When the receiver's certificate ends
	Change     string       `json:"change"`               // The change's id
	Delivery   string       `json:"delivery"`             // The delivery's id
	DurationMS float64      `json:"duration_ms"`          // How long it took, in milliseconds
	Endpoint   string       `json:"endpoint"`             // The endpoint's id
	Error      string       `json:"error,omitzero"`       // What went wrong, in words
	ErrorCode  string       `json:"error_code,omitzero"`  // What went wrong, as one of the codes on the page of error codes
	Event      string       `json:"event"`                // The system's event
	HTTPStatus int          `json:"http_status,omitzero"` // Left out where nothing answered
	ID         string       `json:"id"`                   // Identifies it
	Meaning    string       `json:"meaning,omitzero"`     // What the error code means, for people
	Node       int          `json:"node"`                 // Which process made the attempt
	Number     int          `json:"number"`               // Which attempt of its delivery, from 1
	Outcome    string       `json:"outcome"`              // What became of it
	Request    *SentRequest `json:"request,omitzero"`     // What was sent, secrets masked
	Response   *GotResponse `json:"response,omitzero"`    // What came back
	System     string       `json:"system"`               // The emulated system
	Ticket     string       `json:"ticket"`               // The ticket's number
	Timings    *LogTimings  `json:"timings,omitzero"`     // How long each part took
	TLSVersion string       `json:"tls_version,omitzero"` // The version of TLS
	Trigger    string       `json:"trigger"`              // The trigger's id
}

// ExecutionPage: what the server calls ExecutionPage.
type ExecutionPage struct {
	Items            []ExecutionView `json:"items"`                      // The entries, in the order of the list
	NextCursor       string          `json:"next_cursor"`                // For the next page; empty at the end
	SearchIncomplete bool            `json:"search_incomplete,omitzero"` // No index answers this search, and it stopped before the page was full, which may be empty: next_cursor goes on. A time, a ticket, an endpoint or, for response, outcome=failed makes it faster
}

// ExecutionView: A row of the execution log: one attempt.
type ExecutionView struct {
	At         time.Time `json:"at"`                   // When the attempt began
	Change     string    `json:"change"`               // The change's id
	Delivery   string    `json:"delivery"`             // The delivery's id
	DurationMS float64   `json:"duration_ms"`          // How long it took, in milliseconds
	Endpoint   string    `json:"endpoint"`             // The endpoint's id
	Error      string    `json:"error,omitzero"`       // What went wrong, in words
	ErrorCode  string    `json:"error_code,omitzero"`  // What went wrong, as one of the codes on the page of error codes
	Event      string    `json:"event"`                // The system's event
	HTTPStatus int       `json:"http_status,omitzero"` // Left out where nothing answered
	ID         string    `json:"id"`                   // Identifies it
	Number     int       `json:"number"`               // Which attempt of its delivery, from 1
	Outcome    string    `json:"outcome"`              // What became of it
	System     string    `json:"system"`               // The emulated system
	Ticket     string    `json:"ticket"`               // The ticket's number
	Trigger    string    `json:"trigger"`              // The trigger's id
}

// FailureView: A group of like failures, with what usually mends them.
type FailureView struct {
	Advice        string    `json:"advice"`                // What usually mends it
	Count         int       `json:"count"`                 // How many attempts failed like this
	Endpoint      string    `json:"endpoint"`              // The endpoint's id
	ErrorCode     string    `json:"error_code"`            // What went wrong, as one of the codes on the page of error codes
	LastAt        time.Time `json:"last_at"`               // When the newest of them was
	LastError     string    `json:"last_error"`            // Its error, in words
	LastExecution string    `json:"last_execution"`        // Its id in the execution log
	Meaning       string    `json:"meaning"`               // What the code means, for people
	RecoveredAt   time.Time `json:"recovered_at,omitzero"` // When the endpoint's newest attempt was, where that succeeded since
}

// FieldDiff: what the server calls FieldDiff.
type FieldDiff struct {
	From any    `json:"from,omitzero"` // What it was
	Path string `json:"path"`          // The member that differs
	To   any    `json:"to,omitzero"`   // What it is
}

// FieldList: what the server calls FieldList.
type FieldList struct {
	Items      []ConditionField    `json:"items"`       // The fields
	NextCursor string              `json:"next_cursor"` // Always empty
	Operators  []ConditionOperator `json:"operators"`   // The operators
}

// FilterQuery: A filter of the execution log; all that is given must hold.
type FilterQuery struct {
	Attempt    int    `json:"attempt,omitzero"`     // The attempt's number
	Change     string `json:"change,omitzero"`      // The change's id
	Delivery   string `json:"delivery,omitzero"`    // The delivery's id
	Endpoint   string `json:"endpoint,omitzero"`    // The endpoint's id
	Error      string `json:"error,omitzero"`       // The error contains this
	ErrorCode  string `json:"error_code,omitzero"`  // One of the error codes
	Event      string `json:"event,omitzero"`       // The system's event
	From       string `json:"from,omitzero"`        // Inclusive: a time, a date, or a duration before now such as -24h
	HTTPStatus any    `json:"http_status,omitzero"` // Such as 503, 5xx or 500-599
	Outcome    string `json:"outcome,omitzero"`     // What became of the attempt
	Q          string `json:"q,omitzero"`           // Ticket, error, error code or event contains this: what a row of the log shows. An answer is looked through as far as the error quotes it; response looks through all of it
	Response   string `json:"response,omitzero"`    // The response body contains this
	System     string `json:"system,omitzero"`      // The emulated system
	Ticket     string `json:"ticket,omitzero"`      // The ticket's number, exactly or with * anywhere
	To         string `json:"to,omitzero"`          // Exclusive
	Trigger    string `json:"trigger,omitzero"`     // The trigger's id
	Words      string `json:"words,omitzero"`       // The error contains each of these words, in any order
}

// FilterView: A filter of the execution log.
type FilterView struct {
	Attempt    int       `json:"attempt,omitzero"`     // The attempt's number
	Change     string    `json:"change,omitzero"`      // The change's id
	Delivery   string    `json:"delivery,omitzero"`    // The delivery's id
	Endpoint   string    `json:"endpoint,omitzero"`    // The endpoint's id
	Error      string    `json:"error,omitzero"`       // The error contains this
	ErrorCode  string    `json:"error_code,omitzero"`  // What went wrong, as one of the codes on the page of error codes
	Event      string    `json:"event,omitzero"`       // The system's event
	From       time.Time `json:"from,omitzero"`        // Inclusive
	HTTPStatus string    `json:"http_status,omitzero"` // A status or a range
	Outcome    string    `json:"outcome,omitzero"`     // What became of it
	Q          string    `json:"q,omitzero"`           // Ticket, error, error code or event contains this
	Response   string    `json:"response,omitzero"`    // The response body contains this
	System     string    `json:"system,omitzero"`      // The emulated system
	Ticket     string    `json:"ticket,omitzero"`      // The ticket's number
	To         time.Time `json:"to,omitzero"`          // Exclusive
	Trigger    string    `json:"trigger,omitzero"`     // The trigger's id
	Words      string    `json:"words,omitzero"`       // The error contains each of these words, in any order
}

// GotResponse: what the server calls GotResponse.
type GotResponse struct {
	Body      string      `json:"body"`              // The body
	Encoding  string      `json:"encoding,omitzero"` // Left out for text
	Headers   []LogHeader `json:"headers"`           // Header lines, in order
	Status    int         `json:"status"`            // The HTTP status
	Truncated bool        `json:"truncated"`         // The body was longer
}

// HealthView: How the process fares.
type HealthView struct {
	Checks  map[string]string `json:"checks,omitzero"`  // Each part, ok or what is wrong
	Status  string            `json:"status"`           // How the process fares
	Version string            `json:"version,omitzero"` // The program's version
}

// Histogram: what the server calls Histogram.
type Histogram struct {
	Estimated bool           `json:"estimated,omitzero"` // Very many attempts may contain the text of an error that was asked for: a sample of them was compared, all of which do, and all were counted
	From      time.Time      `json:"from"`               // Where it begins
	Items     []HistogramBar `json:"items"`              // The entries, in the order of the list
	Step      string         `json:"step"`               // How long one bar is
	To        time.Time      `json:"to"`                 // Where it ends
}

// HistogramBar: what the server calls HistogramBar.
type HistogramBar struct {
	At        time.Time `json:"at"`        // When the step begins, in UTC
	Failed    int       `json:"failed"`    // Attempts that failed
	Succeeded int       `json:"succeeded"` // Attempts that succeeded
}

// ImportRequest: what the server calls ImportRequest.
type ImportRequest struct {
	Document  map[string]any    `json:"document"`           // What Zendesk's API answers to GET /api/v2/triggers: {triggers: […]}, {trigger: {…}} or one trigger
	DryRun    bool              `json:"dry_run,omitzero"`   // Say what would be done, and do nothing
	Endpoints map[string]string `json:"endpoints,omitzero"` // By the id of a Zendesk webhook the name or id of the endpoint that takes its place
	Format    string            `json:"format,omitzero"`    // Whose triggers they are
	Replace   bool              `json:"replace,omitzero"`   // Save new versions of triggers of the same names
	System    string            `json:"system"`             // Whose events the triggers shall send
}

// Imported: what the server calls Imported.
type Imported struct {
	Differences []Difference `json:"differences"` // The triggers that were made or changed; those that lost a condition are switched off
	Dropped     []Dropped    `json:"dropped"`     // What could not be carried over, row by row
}

// KeepsView: what the server calls KeepsView.
type KeepsView struct {
	BodiesDays    float64 `json:"bodies_days"`    // Requests and answers; 0 is for ever
	ChangesDays   float64 `json:"changes_days"`   // Changes of tickets; 0 is for ever
	FailedDays    float64 `json:"failed_days"`    // Those that failed or were cancelled; 0 is for ever
	SucceededDays float64 `json:"succeeded_days"` // Attempts and deliveries that succeeded; 0 is for ever
}

// KeyView: A signing secret without itself.
type KeyView struct {
	CreatedAt time.Time `json:"created_at"`          // When it was made
	ExpiresAt time.Time `json:"expires_at,omitzero"` // Until when it signs beside a newer one; left out of the newest
	ID        string    `json:"id"`                  // Identifies it
}

// LatencyView: How long attempts took, in milliseconds; zeros without any.
type LatencyView struct {
	P50 float64 `json:"p50"` // Half of them took no longer
	P95 float64 `json:"p95"` // Of a hundred, 95 took no longer
	P99 float64 `json:"p99"` // Of a hundred, 99 took no longer
}

// LogHeader: what the server calls LogHeader.
type LogHeader struct {
	Name  string `json:"name"`  // The header's name
	Value string `json:"value"` // The header's value
}

// LogTimings: what the server calls LogTimings.
type LogTimings struct {
	ConnectUS   int `json:"connect_us"`    // Connecting, in microseconds
	DNSUS       int `json:"dns_us"`        // Looking up the name, in microseconds
	FirstByteUS int `json:"first_byte_us"` // Until the first byte of the answer, in microseconds
	TLSUS       int `json:"tls_us"`        // The TLS handshake, in microseconds
	TotalUS     int `json:"total_us"`      // The whole attempt, in microseconds
}

// Note: A remark beside the conversation.
type Note struct {
	Attachments []Attachment `json:"attachments,omitzero"` // Files
	Author      Person       `json:"author"`               // Who wrote it; the actor of the change if left out
	Body        string       `json:"body"`                 // The text, as HTML
	CreatedAt   time.Time    `json:"created_at,omitzero"`  // When it was made
	ID          string       `json:"id,omitzero"`          // The note's id
	Private     bool         `json:"private"`              // Only agents see it
	UpdatedAt   time.Time    `json:"updated_at,omitzero"`  // When it was last changed
}

// NoteAction: Writes a note on the ticket.
type NoteAction struct {
	Body    string `json:"body"`             // The note as a template, such as Sent: {{delivery.id}}
	Private bool   `json:"private,omitzero"` // Only agents see it; true if left out
}

// NoteBody: A note. A new one needs a body or an attachment.
type NoteBody struct {
	Attachments []AttachmentInput `json:"attachments,omitzero"` // Files
	Author      PersonInput       `json:"author,omitzero"`      // Who wrote it; the actor of the change if left out
	Body        string            `json:"body,omitzero"`        // The text, as HTML
	CreatedAt   TimeInput         `json:"created_at,omitzero"`  // When it was made
	ID          any               `json:"id,omitzero"`          // The note's id
	Private     bool              `json:"private,omitzero"`     // Only agents see it
	UpdatedAt   TimeInput         `json:"updated_at,omitzero"`  // When it was last changed
	Via         string            `json:"via,omitzero"`         // Through what it came: web, email, api, rule or another word
}

// NoteInput: A note. A new one needs a body or an attachment.
type NoteInput struct {
	Attachments []AttachmentInput `json:"attachments,omitzero"` // Files
	Author      PersonInput       `json:"author,omitzero"`      // Who wrote it; the actor of the change if left out
	Body        string            `json:"body,omitzero"`        // The text, as HTML
	CreatedAt   TimeInput         `json:"created_at,omitzero"`  // When it was made
	ID          any               `json:"id,omitzero"`          // The note's id
	Private     *bool             `json:"private,omitzero"`     // Only agents see it
	UpdatedAt   TimeInput         `json:"updated_at,omitzero"`  // When it was last changed
}

// PageAuditView: what the server calls PageAuditView.
type PageAuditView struct {
	Items      []AuditView `json:"items"`       // The entries, in the order of the list
	NextCursor string      `json:"next_cursor"` // For the next page; empty at the end
}

// PageCalendar: what the server calls PageCalendar.
type PageCalendar struct {
	Items      []Calendar `json:"items"`       // The entries, in the order of the list
	NextCursor string     `json:"next_cursor"` // For the next page; empty at the end
}

// PageChangeView: what the server calls PageChangeView.
type PageChangeView struct {
	Items      []ChangeView `json:"items"`       // The entries, in the order of the list
	NextCursor string       `json:"next_cursor"` // For the next page; empty at the end
}

// PageDeliveryView: what the server calls PageDeliveryView.
type PageDeliveryView struct {
	Items      []DeliveryView `json:"items"`       // The entries, in the order of the list
	NextCursor string         `json:"next_cursor"` // For the next page; empty at the end
}

// PageDescription: what the server calls PageDescription.
type PageDescription struct {
	Items      []Description `json:"items"`       // The entries, in the order of the list
	NextCursor string        `json:"next_cursor"` // For the next page; empty at the end
}

// PageEndpointFigures: what the server calls PageEndpointFigures.
type PageEndpointFigures struct {
	Items      []EndpointFigures `json:"items"`       // The entries, in the order of the list
	NextCursor string            `json:"next_cursor"` // For the next page; empty at the end
}

// PageEndpointView: what the server calls PageEndpointView.
type PageEndpointView struct {
	Items      []EndpointView `json:"items"`       // The entries, in the order of the list
	NextCursor string         `json:"next_cursor"` // For the next page; empty at the end
}

// PageErrorCodeView: what the server calls PageErrorCodeView.
type PageErrorCodeView struct {
	Items      []ErrorCodeView `json:"items"`       // The entries, in the order of the list
	NextCursor string          `json:"next_cursor"` // For the next page; empty at the end
}

// PageFailureView: what the server calls PageFailureView.
type PageFailureView struct {
	Items      []FailureView `json:"items"`       // The entries, in the order of the list
	NextCursor string        `json:"next_cursor"` // For the next page; empty at the end
}

// PageFieldDiff: what the server calls PageFieldDiff.
type PageFieldDiff struct {
	Items      []FieldDiff `json:"items"`       // The entries, in the order of the list
	NextCursor string      `json:"next_cursor"` // For the next page; empty at the end
}

// PageReplayView: what the server calls PageReplayView.
type PageReplayView struct {
	Items      []ReplayView `json:"items"`       // The entries, in the order of the list
	NextCursor string       `json:"next_cursor"` // For the next page; empty at the end
}

// PageSearch: what the server calls PageSearch.
type PageSearch struct {
	Items      []Search `json:"items"`       // The entries, in the order of the list
	NextCursor string   `json:"next_cursor"` // For the next page; empty at the end
}

// PageSheet: what the server calls PageSheet.
type PageSheet struct {
	Items      []SystemSheet `json:"items"`       // The entries, in the order of the list
	NextCursor string        `json:"next_cursor"` // For the next page; empty at the end
}

// PageSimulationView: what the server calls PageSimulationView.
type PageSimulationView struct {
	Items      []SimulationView `json:"items"`       // The entries, in the order of the list
	NextCursor string           `json:"next_cursor"` // For the next page; empty at the end
}

// PageTicketView: what the server calls PageTicketView.
type PageTicketView struct {
	Items      []TicketView `json:"items"`       // The entries, in the order of the list
	NextCursor string       `json:"next_cursor"` // For the next page; empty at the end
}

// PageTokenView: what the server calls PageTokenView.
type PageTokenView struct {
	Items      []TokenView `json:"items"`       // The entries, in the order of the list
	NextCursor string      `json:"next_cursor"` // For the next page; empty at the end
}

// PageTried: what the server calls PageTried.
type PageTried struct {
	Items      []Tried `json:"items"`       // The entries, in the order of the list
	NextCursor string  `json:"next_cursor"` // For the next page; empty at the end
}

// PageTrigger: what the server calls PageTrigger.
type PageTrigger struct {
	Items      []Trigger `json:"items"`       // The entries, in the order of the list
	NextCursor string    `json:"next_cursor"` // For the next page; empty at the end
}

// PageTriggerFigures: what the server calls PageTriggerFigures.
type PageTriggerFigures struct {
	Items      []TriggerFigures `json:"items"`       // The entries, in the order of the list
	NextCursor string           `json:"next_cursor"` // For the next page; empty at the end
}

// PageTriggerView: what the server calls PageTriggerView.
type PageTriggerView struct {
	Items      []TriggerView `json:"items"`       // The entries, in the order of the list
	NextCursor string        `json:"next_cursor"` // For the next page; empty at the end
}

// PageVerdict: what the server calls PageVerdict.
type PageVerdict struct {
	Items      []Verdict `json:"items"`       // The entries, in the order of the list
	NextCursor string    `json:"next_cursor"` // For the next page; empty at the end
}

// PageWorkspace: what the server calls PageWorkspace.
type PageWorkspace struct {
	Items      []Workspace `json:"items"`       // The entries, in the order of the list
	NextCursor string      `json:"next_cursor"` // For the next page; empty at the end
}

// Part: An endpoint, a calendar or a trigger.
type Part struct {
	ID   string `json:"id"`   // Identifies it
	Kind string `json:"kind"` // What it is
	Name string `json:"name"` // What people call it
}

// Payload: what the server calls Payload.
type Payload struct {
	Body        string      `json:"body"`              // The body
	ContentType string      `json:"content_type"`      // The media type
	Encoding    string      `json:"encoding,omitzero"` // Left out for text
	Headers     []LogHeader `json:"headers"`           // Header lines, in order
}

// Person: A requester, an agent or an author.
type Person struct {
	Email     string `json:"email,omitzero"`      // The address
	FirstName string `json:"first_name,omitzero"` // The first name
	ID        string `json:"id,omitzero"`         // The id in the ticketing system
	LastName  string `json:"last_name,omitzero"`  // The last name
	Name      string `json:"name,omitzero"`       // The full name
	Phone     string `json:"phone,omitzero"`      // The phone number
	Role      string `json:"role,omitzero"`       // In what capacity somebody acts
	UserName  string `json:"user_name,omitzero"`  // The user name
}

// PersonInput: Somebody: an address, a name, an id as a number, or an object.
type PersonInput = any

// QueuesView: what the server calls QueuesView.
type QueuesView struct {
	Lanes []DeskLaneStatus `json:"lanes"` // Of this process
	Queue DeskQueueStatus  `json:"queue"` // The queue
}

// ReasonRequest: what the server calls ReasonRequest.
type ReasonRequest struct {
	Reason string `json:"reason,omitzero"` // Shown as state_reason
}

// Receipt: The answer to an accepted change.
type Receipt struct {
	Deliveries []string `json:"deliveries"`         // Ids of the deliveries that follow
	Duplicate  bool     `json:"duplicate,omitzero"` // The id was accepted before; this is the receipt of then
	Fired      []string `json:"fired"`              // Ids of the triggers that fired
	ID         string   `json:"id"`                 // Of the change
	Note       string   `json:"note,omitzero"`      // Id of the note, where the operation is about one
	Reply      string   `json:"reply,omitzero"`     // Id of the reply, where the operation is about one
	Ticket     string   `json:"ticket"`             // Its number
}

// Receipts: The answer to many changes.
type Receipts struct {
	Items []BatchItem `json:"items"` // The entries, in the order of the list
}

// Ref: An entry of a list that the ticketing system keeps.
type Ref struct {
	ID   string `json:"id,omitzero"`   // The id in the ticketing system
	Name string `json:"name,omitzero"` // What people call it
}

// ReferenceInput: An entry of a list that the ticketing system keeps: its name, its id as a number, or both in an object.
type ReferenceInput = any

// RemovalView: what the server calls RemovalView.
type RemovalView struct {
	Attempts   int    `json:"attempts"`   // Rows of the log
	Bodies     int    `json:"bodies"`     // Requests and answers
	Changes    int    `json:"changes"`    // Changes of tickets
	Day        string `json:"day"`        // In UTC
	Deliveries int    `json:"deliveries"` // Deliveries
}

// ReplayBody: What to deliver again: a filter of the log, as the member filter or as its members beside the others.
type ReplayBody struct {
	All           bool         `json:"all,omitzero"`             // Needed instead of a filter to replay everything in the log
	Attempt       int          `json:"attempt,omitzero"`         // The attempt's number
	Change        string       `json:"change,omitzero"`          // The change's id
	Delivery      string       `json:"delivery,omitzero"`        // The delivery's id
	DryRun        bool         `json:"dry_run,omitzero"`         // Only count
	Endpoint      string       `json:"endpoint,omitzero"`        // The endpoint's id
	Error         string       `json:"error,omitzero"`           // The error contains this
	ErrorCode     string       `json:"error_code,omitzero"`      // What went wrong, as one of the codes on the page of error codes
	Event         string       `json:"event,omitzero"`           // The system's event
	Filter        *FilterQuery `json:"filter,omitzero"`          // The filter; its members may stand beside dry_run, too
	From          string       `json:"from,omitzero"`            // Inclusive: a time, a date, or a duration before now such as -24h
	HTTPStatus    any          `json:"http_status,omitzero"`     // Such as 503, 5xx or 500-599
	Outcome       string       `json:"outcome,omitzero"`         // What became of it
	Q             string       `json:"q,omitzero"`               // Ticket, error, error code or event contains this: what a row of the log shows. An answer is looked through as far as the error quotes it; response looks through all of it
	RatePerSecond float64      `json:"rate_per_second,omitzero"` // Deliveries per second at most; 0, or left out, is 100
	Response      string       `json:"response,omitzero"`        // The response body contains this
	System        string       `json:"system,omitzero"`          // The emulated system
	Ticket        string       `json:"ticket,omitzero"`          // The ticket's number, exactly or with * anywhere
	To            string       `json:"to,omitzero"`              // Exclusive
	Trigger       string       `json:"trigger,omitzero"`         // The trigger's id
	Words         string       `json:"words,omitzero"`           // The error contains each of these words, in any order
}

// ReplayView: A replay with its progress, or the count of a dry run.
type ReplayView struct {
	Actor         string     `json:"actor,omitzero"`       // Who started it
	AtLeast       bool       `json:"at_least,omitzero"`    // There may be more than count: a dry run stopped counting there, a replay in state counting goes on
	Count         int        `json:"count"`                // How many deliveries there are to send again
	CreatedAt     time.Time  `json:"created_at,omitzero"`  // When it was made
	Done          int        `json:"done"`                 // How many deliveries it has made
	DryRun        bool       `json:"dry_run"`              // It was only counted
	Error         string     `json:"error,omitzero"`       // What went wrong, in words
	Filter        FilterView `json:"filter"`               // What it delivers again
	FinishedAt    time.Time  `json:"finished_at,omitzero"` // When it ended; left out while it runs
	ID            string     `json:"id,omitzero"`          // Identifies it
	RatePerSecond float64    `json:"rate_per_second"`      // Deliveries per second at most; 0 in a dry run that named none
	State         string     `json:"state,omitzero"`       // How far it is
	Total         int        `json:"total"`                // How many deliveries it makes
	UpdatedAt     time.Time  `json:"updated_at,omitzero"`  // When it was last changed
}

// Reply: An answer on a ticket, by the client or an agent.
type Reply struct {
	Attachments []Attachment `json:"attachments,omitzero"` // Files
	Author      Person       `json:"author"`               // Who wrote it; the actor of the change if left out
	Body        string       `json:"body"`                 // The text, as HTML
	CreatedAt   time.Time    `json:"created_at,omitzero"`  // When it was made
	ID          string       `json:"id,omitzero"`          // The reply's id
	Public      bool         `json:"public"`               // The client sees it; false is an internal reply
	UpdatedAt   time.Time    `json:"updated_at,omitzero"`  // When it was last changed
}

// ReplyBody: A reply. A new one needs a body or an attachment.
type ReplyBody struct {
	Attachments []AttachmentInput `json:"attachments,omitzero"` // Files
	Author      PersonInput       `json:"author,omitzero"`      // Who wrote it; the actor of the change if left out
	Body        string            `json:"body,omitzero"`        // The text, as HTML
	CreatedAt   TimeInput         `json:"created_at,omitzero"`  // When it was made
	ID          any               `json:"id,omitzero"`          // The reply's id
	Public      bool              `json:"public,omitzero"`      // The client sees it; false is an internal reply
	UpdatedAt   TimeInput         `json:"updated_at,omitzero"`  // When it was last changed
	Via         string            `json:"via,omitzero"`         // Through what it came: web, email, api, rule or another word
}

// ReplyInput: A reply. A new one needs a body or an attachment.
type ReplyInput struct {
	Attachments []AttachmentInput `json:"attachments,omitzero"` // Files
	Author      PersonInput       `json:"author,omitzero"`      // Who wrote it; the actor of the change if left out
	Body        string            `json:"body,omitzero"`        // The text, as HTML
	CreatedAt   TimeInput         `json:"created_at,omitzero"`  // When it was made
	ID          any               `json:"id,omitzero"`          // The reply's id
	Public      *bool             `json:"public,omitzero"`      // The client sees it; false is an internal reply
	UpdatedAt   TimeInput         `json:"updated_at,omitzero"`  // When it was last changed
}

// Retention: what the server calls Retention.
type Retention struct {
	BodiesDays    int `json:"bodies_days"`    // Days that bodies of requests and answers are kept; 0 is the server's setting
	ChangesDays   int `json:"changes_days"`   // Days that changes are kept; 0 is the server's setting
	FailedDays    int `json:"failed_days"`    // Days that those that failed are kept; 0 is the server's setting
	SucceededDays int `json:"succeeded_days"` // Days that attempts and deliveries that succeeded are kept; 0 is the server's setting
}

// RetentionClockView: what the server calls RetentionClockView.
type RetentionClockView struct {
	BehindSeconds float64   `json:"behind_seconds"`          // By how much it goes by an earlier time, 0 while the clock is trusted
	LeaptAt       time.Time `json:"leapt_at,omitzero"`       // When the clock was first seen to have leapt, by the same clock
	RetentionTime time.Time `json:"retention_time,omitzero"` // The time that the last round went by
	Trusted       bool      `json:"trusted"`                 // Whether retention goes by the clock of the server
	TrustedAt     time.Time `json:"trusted_at,omitzero"`     // When the clock will be trusted, if it does not leap again
}

// RetentionView: what the server calls RetentionView.
type RetentionView struct {
	Keeps   KeepsView     `json:"keeps"`   // The workspace's own settings over the server's
	Removed []RemovalView `json:"removed"` // What was removed, the newest day first; days without are left out
}

// Retry: When a failed delivery is tried again: after doubling pauses, or by a schedule.
type Retry struct {
	InitialSeconds  float64   `json:"initial_seconds,omitzero"`  // The pause behind the first attempt; each further one is twice as long
	MaxAttempts     int       `json:"max_attempts,omitzero"`     // How many attempts there are at most
	MaxSeconds      float64   `json:"max_seconds,omitzero"`      // The longest pause
	ScheduleSeconds []float64 `json:"schedule_seconds,omitzero"` // The pauses, one after another, in place of doubling ones
}

// RollbackRequest: what the server calls RollbackRequest.
type RollbackRequest struct {
	Version int `json:"version"` // The version to save again
}

// Rotation: what the server calls Rotation.
type Rotation struct {
	OverlapSeconds float64 `json:"overlap_seconds,omitzero"` // How long the old secret signs beside the new one, where the scheme lists several signatures; 86400 if left out, at most 30 days
	Secret         string  `json:"secret,omitzero"`          // The new secret; a random one if left out
}

// Sample: what the server calls Sample.
type Sample struct {
	Body        string      `json:"body"`              // The body
	Change      Change      `json:"change"`            // The change that the sample is made of
	ContentType string      `json:"content_type"`      // The media type
	Encoding    string      `json:"encoding,omitzero"` // Left out for text
	Event       string      `json:"event"`             // The system's event
	EventID     string      `json:"event_id"`          // The id of the event
	Headers     []LogHeader `json:"headers"`           // Without those of the signature and of the attempt
	Method      string      `json:"method"`            // The HTTP method
	Revision    string      `json:"revision"`          // The revision of the system's format
	System      string      `json:"system"`            // The emulated system
}

// Search: A saved search of the execution log.
type Search struct {
	Author    string    `json:"author"`     // Who saved this version
	CreatedAt time.Time `json:"created_at"` // When it was made
	ID        string    `json:"id"`         // Identifies it
	Name      string    `json:"name"`       // What people call it
	Query     string    `json:"query"`      // The filter as in an address, such as outcome=failed&system=faveo
	Version   int       `json:"version"`    // Counts its changes, from 1
}

// SearchInput: what the server calls SearchInput.
type SearchInput struct {
	Name  string `json:"name"`  // What people call it
	Query string `json:"query"` // The filter as in an address, such as outcome=failed&system=faveo
}

// SentRequest: what the server calls SentRequest.
type SentRequest struct {
	Body     string      `json:"body"`              // The body
	Encoding string      `json:"encoding,omitzero"` // Left out for text
	Headers  []LogHeader `json:"headers"`           // Header lines, in order
	Method   string      `json:"method"`            // The HTTP method
	URL      string      `json:"url"`               // The URL
}

// SetAction: Writes one field of the ticket.
type SetAction struct {
	Field any `json:"field"` // A field that actions can set, or custom. and the id of a custom field
	Value any `json:"value"` // What the field becomes
}

// SignatureView: How a delivery was signed, and what the signature doctor finds.
type SignatureView struct {
	Delivery  string      `json:"delivery"`           // The delivery's id
	Diagnosis *Diagnosis  `json:"diagnosis,omitzero"` // The check step by step, as a receiver makes it, and what is wrong; left out beside a problem
	Execution string      `json:"execution,omitzero"` // The newest attempt, which is the one that is looked at
	Headers   []LogHeader `json:"headers"`            // Those of the attempt that carry the signature
	Problem   string      `json:"problem,omitzero"`   // Why it cannot be checked, in a sentence; left out if it can
	Scheme    string      `json:"scheme"`             // The endpoint's signing scheme; none where it signs nothing, empty where the endpoint is gone
	Text      string      `json:"text,omitzero"`      // How the scheme signs, in words
	Title     string      `json:"title,omitzero"`     // The scheme's name, for people
}

// Signing: How requests are signed.
type Signing struct {
	Header string `json:"header,omitzero"` // The name of the header, for schemes that let the endpoint choose
	Scheme string `json:"scheme"`          // One of GET /api/v1/schemes
}

// SimulateRequest: what the server calls SimulateRequest.
type SimulateRequest struct {
	Draft  *TriggerDraft `json:"draft,omitzero"`  // What to try; the trigger as it is if left out
	From   string        `json:"from,omitzero"`   // Of the changes' acceptance
	System SystemName    `json:"system,omitzero"` // The emulated system
	Ticket string        `json:"ticket,omitzero"` // Only changes of this ticket
	To     string        `json:"to,omitzero"`     // Exclusive
}

// SimulationBody: What to try on which of the stored changes.
type SimulationBody struct {
	Draft   *TriggerDraft `json:"draft,omitzero"`   // What is tried; the trigger as it is if there is none
	From    string        `json:"from,omitzero"`    // Of the changes' acceptance
	System  SystemName    `json:"system,omitzero"`  // The emulated system
	Ticket  string        `json:"ticket,omitzero"`  // Only changes of this ticket
	To      string        `json:"to,omitzero"`      // Exclusive
	Trigger string        `json:"trigger,omitzero"` // The trigger to try, or to compare the draft with; may be left out beside a draft
}

// SimulationView: A simulation with its progress.
type SimulationView struct {
	Actor      string                `json:"actor"`                // Who started it
	Considered int                   `json:"considered"`           // How many of the stored changes it has looked at
	CreatedAt  time.Time             `json:"created_at"`           // When it was made
	Draft      *Trigger              `json:"draft,omitzero"`       // What is tried; the trigger as it is if there is none
	Ends       time.Time             `json:"ends,omitzero"`        // When it will be through, as far as can be said
	Error      string                `json:"error,omitzero"`       // What went wrong, in words
	FinishedAt time.Time             `json:"finished_at,omitzero"` // When it was over
	From       time.Time             `json:"from,omitzero"`        // Of the changes' acceptance
	ID         string                `json:"id"`                   // Identifies it
	Result     *DeskSimulationResult `json:"result,omitzero"`      // What came of it; of a cancelled one, over what was considered
	State      string                `json:"state"`                // How far it is
	System     string                `json:"system,omitzero"`      // The emulated system
	Ticket     string                `json:"ticket,omitzero"`      // The ticket's number
	To         time.Time             `json:"to,omitzero"`          // Exclusive
	Total      int                   `json:"total"`                // How many stored changes there are to look at
	Trigger    string                `json:"trigger,omitzero"`     // The trigger's id
	UpdatedAt  time.Time             `json:"updated_at"`           // When it was last changed
}

// StatisticsView: How deliveries went since a time.
type StatisticsView struct {
	Attempts    int         `json:"attempts"`     // How many attempts there were
	Failed      int         `json:"failed"`       // How many of them failed
	From        time.Time   `json:"from"`         // Since when
	LatencyMS   LatencyView `json:"latency_ms"`   // How long attempts took, over the newest 10,000 at most
	Succeeded   int         `json:"succeeded"`    // How many of them succeeded
	SuccessRate float64     `json:"success_rate"` // From 0 to 1; null without attempts
	To          time.Time   `json:"to"`           // Until when
}

// Status: A status by the name that its system gives it, and what it means in every system.
type Status struct {
	ID    string `json:"id,omitzero"`    // The id in the ticketing system
	Name  string `json:"name,omitzero"`  // What people call it
	State string `json:"state,omitzero"` // What the status means in every system
}

// StatusInput: A status: its name, its id as a number, or an object. Where the state is left out, the name implies it.
type StatusInput = any

// Step: One step of a check.
type Step struct {
	Detail string `json:"detail"` // What was found; never a secret
	Ok     bool   `json:"ok"`     // Whether that is right
	Title  string `json:"title"`  // What is looked at
}

// SystemEvent: what the server calls SystemEvent.
type SystemEvent struct {
	Description string `json:"description"` // When it is sent
	Name        string `json:"name"`        // The name in on of triggers
	Provenance  string `json:"provenance"`  // How it is known: stated, documented, observed or assumed
	Title       string `json:"title"`       // For people
}

// SystemExtra: what the server calls SystemExtra.
type SystemExtra struct {
	Description string `json:"description"` // What it is
	Name        string `json:"name"`        // The member of ticket.extra
}

// SystemFact: what the server calls SystemFact.
type SystemFact struct {
	Provenance string `json:"provenance"` // How it is known: stated, documented, observed or assumed
	Text       string `json:"text"`       // The fact
}

// SystemName: One of the emulated systems; GET /api/v1/systems describes them.
type SystemName = string

// SystemPolicy: what the server calls SystemPolicy.
type SystemPolicy struct {
	ClientErrorsFinal bool        `json:"client_errors_final"`    // A 4xx answer is not tried again
	DisableAfter      int         `json:"disable_after,omitzero"` // Failed attempts in a row behind which an endpoint is disabled; left out for never
	HTTPSOnly         bool        `json:"https_only"`             // Endpoints must have https
	MaxEndpoints      int         `json:"max_endpoints,omitzero"` // How many endpoints a workspace may have; left out for no limit
	Provenance        string      `json:"provenance"`             // How it is known: stated, documented, observed or assumed
	Retry             SystemRetry `json:"retry"`                  // When a failed delivery is tried again
	Success           string      `json:"success"`                // Which answers count as success
}

// SystemRetry: what the server calls SystemRetry.
type SystemRetry struct {
	InitialSeconds  float64   `json:"initial_seconds,omitzero"`  // The pause behind the first attempt; each further one is twice as long
	MaxAttempts     int       `json:"max_attempts"`              // How many attempts there are at most
	MaxSeconds      float64   `json:"max_seconds,omitzero"`      // The longest pause
	ScheduleSeconds []float64 `json:"schedule_seconds,omitzero"` // The pauses, one after another, in place of doubling ones
}

// SystemRevision: what the server calls SystemRevision.
type SystemRevision struct {
	Description string `json:"description"` // What it is
	Name        string `json:"name"`        // What people call it
	Provenance  string `json:"provenance"`  // How it is known: stated, documented, observed or assumed
}

// SystemSetting: what the server calls SystemSetting.
type SystemSetting struct {
	Choices     []string `json:"choices,omitzero"`  // Values that it may have
	Default     string   `json:"default,omitzero"`  // Its value if left out
	Description string   `json:"description"`       // What it is
	Name        string   `json:"name"`              // What people call it
	Provenance  string   `json:"provenance"`        // How it is known: stated, documented, observed or assumed
	Required    bool     `json:"required,omitzero"` // It must be given
	Secret      bool     `json:"secret,omitzero"`   // It is never shown
	Title       string   `json:"title"`             // For people
	Type        string   `json:"type"`              // text, integer, boolean, choice, choices (several, joined with commas) or mail (addresses, joined with commas, that get mail when the endpoint fails)
}

// SystemSheet: The data sheet of an emulated system.
type SystemSheet struct {
	DefaultRevision string           `json:"default_revision"`  // The revision of endpoints that name none
	Events          []SystemEvent    `json:"events"`            // What it sends; triggers may listen to endpoint.failing, endpoint.disabled, endpoint.enabled, endpoint.paused and endpoint.resumed beside them
	Extra           []SystemExtra    `json:"extra"`             // Members of ticket.extra that it reads
	Headers         []SystemFact     `json:"headers"`           // Headers that it sends
	Homepage        string           `json:"homepage,omitzero"` // The vendor's site
	Name            string           `json:"name"`              // How the API names it
	Notes           []SystemFact     `json:"notes"`             // What else is known or assumed
	Policy          SystemPolicy     `json:"policy"`            // How it sends
	Revisions       []SystemRevision `json:"revisions"`         // Profiles of its format
	Settings        []SystemSetting  `json:"settings"`          // Settings of its endpoints
	Signing         string           `json:"signing"`           // The signing scheme of its endpoints
	Source          string           `json:"source"`            // The page that the emulation starts from
	Summary         string           `json:"summary"`           // In one sentence
	Title           string           `json:"title"`             // For people
	Vendor          string           `json:"vendor"`            // Who makes it
}

// TagAction: Adds and removes tags.
type TagAction struct {
	Add    []string `json:"add,omitzero"`    // Tags to add
	Remove []string `json:"remove,omitzero"` // Tags to remove
}

// TestRequest: what the server calls TestRequest.
type TestRequest struct {
	Event string `json:"event,omitzero"` // One of the system's events; the first if left out
}

// Ticket: A ticket.
type Ticket struct {
	Assignee        *Person        `json:"assignee,omitzero"`          // Who works on it
	Attachments     []Attachment   `json:"attachments,omitzero"`       // Files
	Category        *Category      `json:"category,omitzero"`          // The category
	ClosedAt        time.Time      `json:"closed_at,omitzero"`         // When it was closed
	Community       string         `json:"community,omitzero"`         // The community's name, of Socialboards
	CreatedAt       time.Time      `json:"created_at,omitzero"`        // When it was opened
	Creator         *Person        `json:"creator,omitzero"`           // Who opened it
	CustomFields    map[string]any `json:"custom_fields,omitzero"`     // Custom fields by id; null removes one
	Department      *Ref           `json:"department,omitzero"`        // The department
	Description     string         `json:"description,omitzero"`       // The description as plain text
	DescriptionHTML string         `json:"description_html,omitzero"`  // The description as HTML
	DueAt           time.Time      `json:"due_at,omitzero"`            // When it is due
	Extra           map[string]any `json:"extra,omitzero"`             // What only one system has, by its own name; its data sheet lists what it reads
	HelpTopic       *Ref           `json:"help_topic,omitzero"`        // The help topic
	Justification   string         `json:"justification,omitzero"`     // Why it has its status
	Known           []string       `json:"known,omitzero"`             // Members that were ever written, where hookdesk first heard of the ticket by a partial update
	Language        string         `json:"language,omitzero"`          // The language as in BCP 47, such as nb
	Notes           []Note         `json:"notes,omitzero"`             // Notes, oldest first
	Number          string         `json:"number"`                     // The ticket's number, as a text or a number
	Priority        *Ref           `json:"priority,omitzero"`          // The priority
	Replies         []Reply        `json:"replies,omitzero"`           // Replies, oldest first
	Requester       *Person        `json:"requester,omitzero"`         // Who asks
	ResolutionDueAt time.Time      `json:"resolution_due_at,omitzero"` // When the solution is due
	ResponseDueAt   time.Time      `json:"response_due_at,omitzero"`   // When the first answer is due
	SLA             *Ref           `json:"sla,omitzero"`               // The service level agreement
	Source          *Ref           `json:"source,omitzero"`            // Where it came from, such as web, email or call
	Status          *Status        `json:"status,omitzero"`            // The status
	Subject         string         `json:"subject,omitzero"`           // The subject
	Tags            []string       `json:"tags,omitzero"`              // Tags
	Team            *Ref           `json:"team,omitzero"`              // The team
	Type            *Ref           `json:"type,omitzero"`              // The type
	UpdatedAt       time.Time      `json:"updated_at,omitzero"`        // When it was last changed
	Urgency         *Ref           `json:"urgency,omitzero"`           // The urgency
}

// TicketInput: Members of a ticket; those left out stay as they are, null empties one. Beside them stand when, by whom and through what it changed.
type TicketInput struct {
	Actor           PersonInput       `json:"actor,omitzero"`             // Who did it
	Assignee        PersonInput       `json:"assignee,omitzero"`          // Who works on it
	At              TimeInput         `json:"at,omitzero"`                // When it happened; now if left out
	Attachments     []AttachmentInput `json:"attachments,omitzero"`       // Files
	Category        CategoryInput     `json:"category,omitzero"`          // The category
	ClosedAt        TimeInput         `json:"closed_at,omitzero"`         // When it was closed
	Community       string            `json:"community,omitzero"`         // The community's name, of Socialboards
	CreatedAt       TimeInput         `json:"created_at,omitzero"`        // When it was opened
	Creator         PersonInput       `json:"creator,omitzero"`           // Who opened it
	CustomFields    map[string]any    `json:"custom_fields,omitzero"`     // Custom fields by id; null removes one
	Department      ReferenceInput    `json:"department,omitzero"`        // The department
	Description     string            `json:"description,omitzero"`       // The description as plain text
	DescriptionHTML string            `json:"description_html,omitzero"`  // The description as HTML
	DueAt           TimeInput         `json:"due_at,omitzero"`            // When it is due
	Extra           map[string]any    `json:"extra,omitzero"`             // What only one system has, by its own name; its data sheet lists what it reads
	HelpTopic       ReferenceInput    `json:"help_topic,omitzero"`        // The help topic
	Justification   string            `json:"justification,omitzero"`     // Why it has its status
	Language        string            `json:"language,omitzero"`          // The language as in BCP 47, such as nb
	Notes           []NoteInput       `json:"notes,omitzero"`             // Notes, oldest first
	Number          any               `json:"number,omitzero"`            // The ticket's number, as a text or a number
	Priority        ReferenceInput    `json:"priority,omitzero"`          // The priority
	Replies         []ReplyInput      `json:"replies,omitzero"`           // Replies, oldest first
	Requester       PersonInput       `json:"requester,omitzero"`         // Who asks
	ResolutionDueAt TimeInput         `json:"resolution_due_at,omitzero"` // When the solution is due
	ResponseDueAt   TimeInput         `json:"response_due_at,omitzero"`   // When the first answer is due
	SLA             ReferenceInput    `json:"sla,omitzero"`               // The service level agreement
	Source          ReferenceInput    `json:"source,omitzero"`            // Where it came from, such as web, email or call
	Status          StatusInput       `json:"status,omitzero"`            // The status
	Subject         string            `json:"subject,omitzero"`           // The subject
	Tags            []string          `json:"tags,omitzero"`              // Tags
	Team            ReferenceInput    `json:"team,omitzero"`              // The team
	Type            ReferenceInput    `json:"type,omitzero"`              // The type
	UpdatedAt       TimeInput         `json:"updated_at,omitzero"`        // When it was last changed
	Urgency         ReferenceInput    `json:"urgency,omitzero"`           // The urgency
	Via             string            `json:"via,omitzero"`               // Through what it came: web, email, api, rule or another word
}

// TicketView: A ticket as hookdesk knows it.
type TicketView struct {
	Assignee        *Person        `json:"assignee,omitzero"`          // Who works on it
	Attachments     []Attachment   `json:"attachments,omitzero"`       // Files
	Category        *Category      `json:"category,omitzero"`          // The category
	ClosedAt        time.Time      `json:"closed_at,omitzero"`         // When it was closed
	Community       string         `json:"community,omitzero"`         // The community's name, of Socialboards
	CreatedAt       time.Time      `json:"created_at,omitzero"`        // When it was opened
	Creator         *Person        `json:"creator,omitzero"`           // Who opened it
	CustomFields    map[string]any `json:"custom_fields,omitzero"`     // Custom fields by id; null removes one
	Department      *Ref           `json:"department,omitzero"`        // The department
	Description     string         `json:"description,omitzero"`       // The description as plain text
	DescriptionHTML string         `json:"description_html,omitzero"`  // The description as HTML
	DueAt           time.Time      `json:"due_at,omitzero"`            // When it is due
	Extra           map[string]any `json:"extra,omitzero"`             // What only one system has, by its own name; its data sheet lists what it reads
	HelpTopic       *Ref           `json:"help_topic,omitzero"`        // The help topic
	Justification   string         `json:"justification,omitzero"`     // Why it has its status
	Known           []string       `json:"known,omitzero"`             // Members that were ever written, where hookdesk first heard of the ticket by a partial update
	Language        string         `json:"language,omitzero"`          // The language as in BCP 47, such as nb
	Notes           []Note         `json:"notes,omitzero"`             // Notes, oldest first
	Number          string         `json:"number"`                     // The ticket's number, as a text or a number
	Priority        *Ref           `json:"priority,omitzero"`          // The priority
	Replies         []Reply        `json:"replies,omitzero"`           // Replies, oldest first
	Requester       *Person        `json:"requester,omitzero"`         // Who asks
	ResolutionDueAt time.Time      `json:"resolution_due_at,omitzero"` // When the solution is due
	ResponseDueAt   time.Time      `json:"response_due_at,omitzero"`   // When the first answer is due
	SLA             *Ref           `json:"sla,omitzero"`               // The service level agreement
	Source          *Ref           `json:"source,omitzero"`            // Where it came from, such as web, email or call
	Status          *Status        `json:"status,omitzero"`            // The status
	Subject         string         `json:"subject,omitzero"`           // The subject
	Tags            []string       `json:"tags,omitzero"`              // Tags
	Team            *Ref           `json:"team,omitzero"`              // The team
	Type            *Ref           `json:"type,omitzero"`              // The type
	UpdatedAt       time.Time      `json:"updated_at,omitzero"`        // When it was last changed
	Urgency         *Ref           `json:"urgency,omitzero"`           // The urgency
	Version         int            `json:"version"`                    // Counts the changes
}

// TimeInput: A time as in RFC 3339; without a zone it is UTC, without a time midnight. Empty is the same as null.
type TimeInput = any

// TokenInput: what the server calls TokenInput.
type TokenInput struct {
	ExpiresAt time.Time `json:"expires_at,omitzero"` // When it ends; never if left out
	Name      string    `json:"name"`                // What people call it
	Scopes    []string  `json:"scopes"`              // What it allows
}

// TokenView: An API token, without the token itself once it was made.
type TokenView struct {
	Author     string    `json:"author"`                // Who saved this version
	CreatedAt  time.Time `json:"created_at"`            // When it was made
	ExpiresAt  time.Time `json:"expires_at,omitzero"`   // When it ends; never if left out
	Hint       string    `json:"hint"`                  // Its first characters
	ID         string    `json:"id"`                    // Identifies it
	LastUsedAt time.Time `json:"last_used_at,omitzero"` // When it was last used, to the minute
	Name       string    `json:"name"`                  // What people call it
	Scopes     []string  `json:"scopes"`                // What it allows
	Token      string    `json:"token,omitzero"`        // The token itself; shown once, when it was made
	Version    int       `json:"version"`               // Counts its changes, from 1
	Workspace  string    `json:"workspace"`             // The workspace that it belongs to
}

// Tried: One change of a ticket with the verdict of the trigger that is tried.
type Tried struct {
	At      time.Time `json:"at"`      // When it happened
	Change  string    `json:"change"`  // The change's id
	Kind    string    `json:"kind"`    // What it did
	Verdict Verdict   `json:"verdict"` // What the trigger makes of it, and why
}

// Trigger: One version of a trigger.
type Trigger struct {
	AllowRuleChanges bool            `json:"allow_rule_changes"` // Changes that actions of triggers made fire it, too
	Author           string          `json:"author"`             // Who saved this version
	CreatedAt        time.Time       `json:"created_at"`         // When it was made
	Enabled          bool            `json:"enabled"`            // Whether it fires at all
	Fire             string          `json:"fire"`               // How often it fires: on every matching change, when the condition turns true, or once per ticket
	ID               string          `json:"id"`                 // Identifies it
	Name             string          `json:"name"`               // What people call it
	On               []string        `json:"on"`                 // Events of the system, every one of them if empty; and endpoint.failing, endpoint.disabled, endpoint.enabled, endpoint.paused or endpoint.resumed, which are about the workspace's endpoints
	System           string          `json:"system"`             // The emulated system
	Then             []Action        `json:"then"`               // What it does
	UpdatedAt        time.Time       `json:"updated_at"`         // When it was last changed
	Version          int             `json:"version"`            // Counts its changes, from 1
	When             *ConditionGroup `json:"when,omitzero"`      // The condition; always if left out
}

// TriggerDraft: A trigger to try, which need not do anything yet.
type TriggerDraft struct {
	AllowRuleChanges bool            `json:"allow_rule_changes,omitzero"` // Changes that actions of triggers made fire it, too
	Enabled          *bool           `json:"enabled,omitzero"`            // Whether it fires at all
	Fire             string          `json:"fire,omitzero"`               // How often it fires: on every matching change, when the condition turns true, or once per ticket
	Name             string          `json:"name,omitzero"`               // What people call it
	On               []string        `json:"on,omitzero"`                 // Events of the system; every event if empty
	System           SystemName      `json:"system,omitzero"`             // The emulated system
	Then             []Action        `json:"then,omitzero"`               // What it does
	When             *ConditionGroup `json:"when,omitzero"`               // The condition; always if left out
}

// TriggerFigures: The attempts that a trigger led to.
type TriggerFigures struct {
	Failed    int       `json:"failed"`    // Attempts that failed
	LastHour  time.Time `json:"last_hour"` // The beginning of the hour of the newest
	Succeeded int       `json:"succeeded"` // Attempts that succeeded
	Trigger   string    `json:"trigger"`   // The trigger's id
}

// TriggerInput: A trigger as people write it. Members that only reading shows may be sent back, and are ignored.
type TriggerInput struct {
	AllowRuleChanges bool            `json:"allow_rule_changes,omitzero"` // Changes that actions of triggers made fire it, too
	Enabled          *bool           `json:"enabled,omitzero"`            // Whether it fires at all
	Fire             string          `json:"fire,omitzero"`               // How often it fires: on every matching change, when the condition turns true, or once per ticket
	Name             string          `json:"name"`                        // What people call it
	On               []string        `json:"on,omitzero"`                 // Events of the system; every event if empty
	System           SystemName      `json:"system"`                      // The emulated system
	Then             []Action        `json:"then"`                        // What it does
	When             *ConditionGroup `json:"when,omitzero"`               // The condition; always if left out
}

// TriggerPatch: Members of a trigger; when, on and then are replaced as wholes. null gives a member its default.
type TriggerPatch = map[string]any

// TriggerView: A trigger as it was saved.
type TriggerView struct {
	AllowRuleChanges bool            `json:"allow_rule_changes"` // Changes that actions of triggers made fire it, too
	Author           string          `json:"author"`             // Who saved this version
	CreatedAt        time.Time       `json:"created_at"`         // When it was made
	Enabled          bool            `json:"enabled"`            // Whether it fires at all
	Fire             string          `json:"fire"`               // How often it fires: on every matching change, when the condition turns true, or once per ticket
	ID               string          `json:"id"`                 // Identifies it
	Name             string          `json:"name"`               // What people call it
	On               []string        `json:"on"`                 // Events of the system, every one of them if empty; and endpoint.failing, endpoint.disabled, endpoint.enabled, endpoint.paused or endpoint.resumed, which are about the workspace's endpoints
	System           string          `json:"system"`             // The emulated system
	Then             []Action        `json:"then"`               // What it does
	UpdatedAt        time.Time       `json:"updated_at"`         // When it was last changed
	Version          int             `json:"version"`            // Counts its changes, from 1
	Warnings         []string        `json:"warnings,omitzero"`  // What is allowed and yet looks like a mistake
	When             *ConditionGroup `json:"when,omitzero"`      // The condition; always if left out
}

// TryBody: What to try on which ticket.
type TryBody struct {
	Draft   *TriggerDraft `json:"draft,omitzero"`   // What to try; the trigger as it is if left out
	Ticket  string        `json:"ticket"`           // The ticket's number
	Trigger string        `json:"trigger,omitzero"` // The trigger to try; may be left out beside a draft
}

// Verdict: What became of one trigger for one change, and why.
type Verdict struct {
	Code       string            `json:"code"`                // The reason as a word of a fixed list
	Deliveries []string          `json:"deliveries,omitzero"` // What the firing led to
	Events     []string          `json:"events,omitzero"`     // Events that it listens to and that happened
	Leaves     []ConditionResult `json:"leaves,omitzero"`     // The conditions that decided
	Name       string            `json:"name,omitzero"`       // The trigger's name at the time
	Reason     string            `json:"reason"`              // Why, in words
	System     string            `json:"system,omitzero"`     // The emulated system
	Trigger    string            `json:"trigger"`             // The trigger's id
	Verdict    string            `json:"verdict"`             // What became of the trigger
	Version    int               `json:"version"`             // The trigger's version
}

// WebhookAction: Sends the event to an endpoint, or to several.
type WebhookAction struct {
	Endpoint  string   `json:"endpoint,omitzero"`  // The endpoint's id
	Endpoints []string `json:"endpoints,omitzero"` // Ids of several endpoints
}

// Workspace: A tenant with its limits.
type Workspace struct {
	CreatedAt time.Time       `json:"created_at,omitzero"` // When it was made
	Limits    WorkspaceLimits `json:"limits"`              // What the workspace may use
	Name      string          `json:"name"`                // Its name in tokens and headers
	Retention Retention       `json:"retention"`           // How long things are kept
	Title     string          `json:"title,omitzero"`      // What people call it
	UpdatedAt time.Time       `json:"updated_at,omitzero"` // When it was last changed
	Version   int             `json:"version"`             // Counts its changes, from 1
}

// WorkspaceBody: what the server calls WorkspaceBody.
type WorkspaceBody struct {
	Limits    *WorkspaceBodyLimitsStruct    `json:"limits,omitzero"`    // What the workspace may use
	Name      string                        `json:"name"`               // Its name in tokens and headers
	Retention *WorkspaceBodyRetentionStruct `json:"retention,omitzero"` // How long things are kept
	Title     string                        `json:"title,omitzero"`     // What people call it
}

// WorkspaceBodyLimitsStruct: what the server calls WorkspaceBodyLimitsStruct.
type WorkspaceBodyLimitsStruct struct {
	ChangesPerSecond float64 `json:"changes_per_second,omitzero"` // Changes per second; 0 is no limit
	Endpoints        int     `json:"endpoints,omitzero"`          // How many endpoints; 0 is no limit
	Triggers         int     `json:"triggers,omitzero"`           // How many triggers; 0 is no limit
}

// WorkspaceBodyRetentionStruct: what the server calls WorkspaceBodyRetentionStruct.
type WorkspaceBodyRetentionStruct struct {
	BodiesDays    int `json:"bodies_days,omitzero"`    // Days that bodies of requests and answers are kept; 0 is the server's setting
	ChangesDays   int `json:"changes_days,omitzero"`   // Days that changes are kept; 0 is the server's setting
	FailedDays    int `json:"failed_days,omitzero"`    // Days that those that failed are kept; 0 is the server's setting
	SucceededDays int `json:"succeeded_days,omitzero"` // Days that attempts and deliveries that succeeded are kept; 0 is the server's setting
}

// WorkspaceLimits: what the server calls WorkspaceLimits.
type WorkspaceLimits struct {
	ChangesPerSecond float64 `json:"changes_per_second"` // Changes per second; 0 is no limit
	Endpoints        int     `json:"endpoints"`          // How many endpoints; 0 is no limit
	Triggers         int     `json:"triggers"`           // How many triggers; 0 is no limit
}

// WorkspacePatch: Members of a workspace. null gives a member its default.
type WorkspacePatch = map[string]any

// ListAudit: List configuration changes, newest first. Query holds pairs of a parameter and its value.
func (c *Client) ListAudit(ctx context.Context, query ...string) (PageAuditView, error) {
	var out PageAuditView
	err := c.Do(ctx, http.MethodGet, "/audit"+Query(query...), nil, &out)
	return out, err
}

// ListCalendars: List calendars of business hours. Query holds pairs of a parameter and its value.
func (c *Client) ListCalendars(ctx context.Context, query ...string) (PageCalendar, error) {
	var out PageCalendar
	err := c.Do(ctx, http.MethodGet, "/calendars"+Query(query...), nil, &out)
	return out, err
}

// CreateCalendar: Make a calendar.
func (c *Client) CreateCalendar(ctx context.Context, body CalendarBody) (Calendar, error) {
	var out Calendar
	err := c.Do(ctx, http.MethodPost, "/calendars", body, &out)
	return out, err
}

// GetCalendar: Read a calendar.
func (c *Client) GetCalendar(ctx context.Context, id string) (Calendar, error) {
	var out Calendar
	err := c.Do(ctx, http.MethodGet, "/calendars/"+url.PathEscape(id), nil, &out)
	return out, err
}

// PatchCalendar: Change a calendar by JSON merge patch.
func (c *Client) PatchCalendar(ctx context.Context, id string, body CalendarPatch) (Calendar, error) {
	var out Calendar
	err := c.Do(ctx, http.MethodPatch, "/calendars/"+url.PathEscape(id), body, &out)
	return out, err
}

// DeleteCalendar: Delete a calendar that no trigger uses.
func (c *Client) DeleteCalendar(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/calendars/"+url.PathEscape(id), nil, nil)
}

// ListChanges: List changes. Query holds pairs of a parameter and its value.
func (c *Client) ListChanges(ctx context.Context, query ...string) (PageChangeView, error) {
	var out PageChangeView
	err := c.Do(ctx, http.MethodGet, "/changes"+Query(query...), nil, &out)
	return out, err
}

// SubmitChanges: Submit a change, or many.
func (c *Client) SubmitChanges(ctx context.Context, body any) (json.RawMessage, error) {
	var out json.RawMessage
	err := c.Do(ctx, http.MethodPost, "/changes", body, &out)
	return out, err
}

// GetChange: Read a change.
func (c *Client) GetChange(ctx context.Context, id string) (ChangeView, error) {
	var out ChangeView
	err := c.Do(ctx, http.MethodGet, "/changes/"+url.PathEscape(id), nil, &out)
	return out, err
}

// ListVerdicts: See, for every trigger, whether a change fired it and why.
func (c *Client) ListVerdicts(ctx context.Context, id string) (PageVerdict, error) {
	var out PageVerdict
	err := c.Do(ctx, http.MethodGet, "/changes/"+url.PathEscape(id)+"/verdicts", nil, &out)
	return out, err
}

// ApplyConfiguration: Make the configuration that of a file. Query holds pairs of a parameter and its value.
func (c *Client) ApplyConfiguration(ctx context.Context, body ConfigurationRequest, query ...string) (ConfigurationAnswer, error) {
	var out ConfigurationAnswer
	err := c.Do(ctx, http.MethodPost, "/configuration/apply"+Query(query...), body, &out)
	return out, err
}

// ExportConfiguration: Export endpoints, calendars and triggers as YAML.
func (c *Client) ExportConfiguration(ctx context.Context) ([]byte, error) {
	var out []byte
	err := c.Do(ctx, http.MethodGet, "/configuration/export", nil, &out)
	return out, err
}

// PlanConfiguration: Show what applying a file would change.
func (c *Client) PlanConfiguration(ctx context.Context, body ConfigurationRequest) (ConfigurationAnswer, error) {
	var out ConfigurationAnswer
	err := c.Do(ctx, http.MethodPost, "/configuration/plan", body, &out)
	return out, err
}

// ListDeliveries: List deliveries, newest first. Query holds pairs of a parameter and its value.
func (c *Client) ListDeliveries(ctx context.Context, query ...string) (PageDeliveryView, error) {
	var out PageDeliveryView
	err := c.Do(ctx, http.MethodGet, "/deliveries"+Query(query...), nil, &out)
	return out, err
}

// GetDelivery: Read a delivery with its attempts.
func (c *Client) GetDelivery(ctx context.Context, id string) (DeliveryDetail, error) {
	var out DeliveryDetail
	err := c.Do(ctx, http.MethodGet, "/deliveries/"+url.PathEscape(id), nil, &out)
	return out, err
}

// CancelDelivery: Cancel a pending delivery.
func (c *Client) CancelDelivery(ctx context.Context, id string) (DeliveryView, error) {
	var out DeliveryView
	err := c.Do(ctx, http.MethodPost, "/deliveries/"+url.PathEscape(id)+"/cancel", nil, &out)
	return out, err
}

// GetCurl: Get a command that sends the delivery by hand.
func (c *Client) GetCurl(ctx context.Context, id string) (CurlView, error) {
	var out CurlView
	err := c.Do(ctx, http.MethodGet, "/deliveries/"+url.PathEscape(id)+"/curl", nil, &out)
	return out, err
}

// Redeliver: Send the same request again, as a new delivery.
func (c *Client) Redeliver(ctx context.Context, id string) (DeliveryView, error) {
	var out DeliveryView
	err := c.Do(ctx, http.MethodPost, "/deliveries/"+url.PathEscape(id)+"/redeliver", nil, &out)
	return out, err
}

// GetSignature: See how a delivery was signed, checked step by step.
func (c *Client) GetSignature(ctx context.Context, id string) (SignatureView, error) {
	var out SignatureView
	err := c.Do(ctx, http.MethodGet, "/deliveries/"+url.PathEscape(id)+"/signature", nil, &out)
	return out, err
}

// DiagnoseSignature: Find out why a receiver refuses a delivery's signature.
func (c *Client) DiagnoseSignature(ctx context.Context, id string, body DoctorRequest) (SignatureView, error) {
	var out SignatureView
	err := c.Do(ctx, http.MethodPost, "/deliveries/"+url.PathEscape(id)+"/signature", body, &out)
	return out, err
}

// ListEndpoints: List endpoints, oldest first. Query holds pairs of a parameter and its value.
func (c *Client) ListEndpoints(ctx context.Context, query ...string) (PageEndpointView, error) {
	var out PageEndpointView
	err := c.Do(ctx, http.MethodGet, "/endpoints"+Query(query...), nil, &out)
	return out, err
}

// CreateEndpoint: Make an endpoint. Query holds pairs of a parameter and its value.
func (c *Client) CreateEndpoint(ctx context.Context, body EndpointInput, query ...string) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints"+Query(query...), body, &out)
	return out, err
}

// GetEndpoint: Read an endpoint.
func (c *Client) GetEndpoint(ctx context.Context, id string) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodGet, "/endpoints/"+url.PathEscape(id), nil, &out)
	return out, err
}

// PatchEndpoint: Change an endpoint by JSON merge patch. Query holds pairs of a parameter and its value.
func (c *Client) PatchEndpoint(ctx context.Context, id string, body EndpointPatch, query ...string) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPatch, "/endpoints/"+url.PathEscape(id)+Query(query...), body, &out)
	return out, err
}

// DeleteEndpoint: Delete an endpoint that no trigger uses.
func (c *Client) DeleteEndpoint(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/endpoints/"+url.PathEscape(id), nil, nil)
}

// CloseBreaker: Close an endpoint's circuit breaker by hand.
func (c *Client) CloseBreaker(ctx context.Context, id string) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/close-breaker", nil, &out)
	return out, err
}

// DisableEndpoint: Disable an endpoint.
func (c *Client) DisableEndpoint(ctx context.Context, id string, body *ReasonRequest) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/disable", given(body), &out)
	return out, err
}

// EnableEndpoint: Make an endpoint active.
func (c *Client) EnableEndpoint(ctx context.Context, id string, body *ReasonRequest) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/enable", given(body), &out)
	return out, err
}

// PauseEndpoint: Let an endpoint's deliveries wait.
func (c *Client) PauseEndpoint(ctx context.Context, id string, body *ReasonRequest) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/pause", given(body), &out)
	return out, err
}

// RotateSecret: Replace the signing secret.
func (c *Client) RotateSecret(ctx context.Context, id string, body *Rotation) (EndpointView, error) {
	var out EndpointView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/rotate-secret", given(body), &out)
	return out, err
}

// TestEndpoint: Send a sample to an endpoint.
func (c *Client) TestEndpoint(ctx context.Context, id string, body *TestRequest) (DeliveryView, error) {
	var out DeliveryView
	err := c.Do(ctx, http.MethodPost, "/endpoints/"+url.PathEscape(id)+"/test", given(body), &out)
	return out, err
}

// ListErrorCodes: List the error codes of attempts, with what they mean and what usually mends them.
func (c *Client) ListErrorCodes(ctx context.Context) (PageErrorCodeView, error) {
	var out PageErrorCodeView
	err := c.Do(ctx, http.MethodGet, "/error-codes", nil, &out)
	return out, err
}

// ListExecutions: Search the execution log, one row per attempt, newest first. Query holds pairs of a parameter and its value.
func (c *Client) ListExecutions(ctx context.Context, query ...string) (ExecutionPage, error) {
	var out ExecutionPage
	err := c.Do(ctx, http.MethodGet, "/executions"+Query(query...), nil, &out)
	return out, err
}

// CountExecutions: Count the attempts that a filter finds, or estimate how many they are. Query holds pairs of a parameter and its value.
func (c *Client) CountExecutions(ctx context.Context, query ...string) (ExecutionCount, error) {
	var out ExecutionCount
	err := c.Do(ctx, http.MethodGet, "/executions/count"+Query(query...), nil, &out)
	return out, err
}

// ExportExecutions: Export the execution log as CSV or as one JSON row per line. Query holds pairs of a parameter and its value.
func (c *Client) ExportExecutions(ctx context.Context, query ...string) ([]byte, error) {
	var out []byte
	err := c.Do(ctx, http.MethodGet, "/executions/export"+Query(query...), nil, &out)
	return out, err
}

// GetHistogram: Count attempts per minute, hour or day; over the last day if no range is given. Query holds pairs of a parameter and its value.
func (c *Client) GetHistogram(ctx context.Context, query ...string) (Histogram, error) {
	var out Histogram
	err := c.Do(ctx, http.MethodGet, "/executions/histogram"+Query(query...), nil, &out)
	return out, err
}

// GetExecution: Read an attempt: the request as sent, the response, the timings.
func (c *Client) GetExecution(ctx context.Context, id string) (ExecutionDetail, error) {
	var out ExecutionDetail
	err := c.Do(ctx, http.MethodGet, "/executions/"+url.PathEscape(id), nil, &out)
	return out, err
}

// ListFields: List the fields and operators of conditions.
func (c *Client) ListFields(ctx context.Context) (FieldList, error) {
	var out FieldList
	err := c.Do(ctx, http.MethodGet, "/fields", nil, &out)
	return out, err
}

// GetMe: See who a token belongs to and what it may do.
func (c *Client) GetMe(ctx context.Context) (CallerView, error) {
	var out CallerView
	err := c.Do(ctx, http.MethodGet, "/me", nil, &out)
	return out, err
}

// GetQueues: Read the state of the queue and of each endpoint's lane.
func (c *Client) GetQueues(ctx context.Context) (QueuesView, error) {
	var out QueuesView
	err := c.Do(ctx, http.MethodGet, "/queues", nil, &out)
	return out, err
}

// ListReplays: List replays, newest first. Query holds pairs of a parameter and its value.
func (c *Client) ListReplays(ctx context.Context, query ...string) (PageReplayView, error) {
	var out PageReplayView
	err := c.Do(ctx, http.MethodGet, "/replays"+Query(query...), nil, &out)
	return out, err
}

// StartReplay: Deliver again what a log filter finds.
func (c *Client) StartReplay(ctx context.Context, body ReplayBody) (ReplayView, error) {
	var out ReplayView
	err := c.Do(ctx, http.MethodPost, "/replays", body, &out)
	return out, err
}

// GetReplay: Read a replay's progress.
func (c *Client) GetReplay(ctx context.Context, id string) (ReplayView, error) {
	var out ReplayView
	err := c.Do(ctx, http.MethodGet, "/replays/"+url.PathEscape(id), nil, &out)
	return out, err
}

// CancelReplay: Stop a replay; what it has made stays.
func (c *Client) CancelReplay(ctx context.Context, id string) (ReplayView, error) {
	var out ReplayView
	err := c.Do(ctx, http.MethodPost, "/replays/"+url.PathEscape(id)+"/cancel", nil, &out)
	return out, err
}

// ResumeReplay: Go on with a replay that was cancelled or failed.
func (c *Client) ResumeReplay(ctx context.Context, id string) (ReplayView, error) {
	var out ReplayView
	err := c.Do(ctx, http.MethodPost, "/replays/"+url.PathEscape(id)+"/resume", nil, &out)
	return out, err
}

// GetRetentionClock: Read the time that retention goes by.
func (c *Client) GetRetentionClock(ctx context.Context) (RetentionClockView, error) {
	var out RetentionClockView
	err := c.Do(ctx, http.MethodGet, "/retention/clock", nil, &out)
	return out, err
}

// TrustRetentionClock: Say that the clock of the server is right.
func (c *Client) TrustRetentionClock(ctx context.Context) (RetentionClockView, error) {
	var out RetentionClockView
	err := c.Do(ctx, http.MethodPost, "/retention/clock/trust", nil, &out)
	return out, err
}

// ListSchemes: List the signing schemes.
func (c *Client) ListSchemes(ctx context.Context) (PageDescription, error) {
	var out PageDescription
	err := c.Do(ctx, http.MethodGet, "/schemes", nil, &out)
	return out, err
}

// ListSearches: List saved searches of the log. Query holds pairs of a parameter and its value.
func (c *Client) ListSearches(ctx context.Context, query ...string) (PageSearch, error) {
	var out PageSearch
	err := c.Do(ctx, http.MethodGet, "/searches"+Query(query...), nil, &out)
	return out, err
}

// CreateSearch: Save a search of the log.
func (c *Client) CreateSearch(ctx context.Context, body SearchInput) (Search, error) {
	var out Search
	err := c.Do(ctx, http.MethodPost, "/searches", body, &out)
	return out, err
}

// GetSearch: Read a saved search.
func (c *Client) GetSearch(ctx context.Context, id string) (Search, error) {
	var out Search
	err := c.Do(ctx, http.MethodGet, "/searches/"+url.PathEscape(id), nil, &out)
	return out, err
}

// DeleteSearch: Delete a saved search.
func (c *Client) DeleteSearch(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/searches/"+url.PathEscape(id), nil, nil)
}

// ListSimulations: List simulations without their results, newest first. Query holds pairs of a parameter and its value.
func (c *Client) ListSimulations(ctx context.Context, query ...string) (PageSimulationView, error) {
	var out PageSimulationView
	err := c.Do(ctx, http.MethodGet, "/simulations"+Query(query...), nil, &out)
	return out, err
}

// StartSimulation: Start to try a trigger on stored changes, without effects.
func (c *Client) StartSimulation(ctx context.Context, body SimulationBody) (SimulationView, error) {
	var out SimulationView
	err := c.Do(ctx, http.MethodPost, "/simulations", body, &out)
	return out, err
}

// GetSimulation: Read a simulation's progress, and its result once it is over.
func (c *Client) GetSimulation(ctx context.Context, id string) (SimulationView, error) {
	var out SimulationView
	err := c.Do(ctx, http.MethodGet, "/simulations/"+url.PathEscape(id), nil, &out)
	return out, err
}

// CancelSimulation: Stop a simulation.
func (c *Client) CancelSimulation(ctx context.Context, id string) (SimulationView, error) {
	var out SimulationView
	err := c.Do(ctx, http.MethodPost, "/simulations/"+url.PathEscape(id)+"/cancel", nil, &out)
	return out, err
}

// GetStatistics: See how many attempts succeeded and how long they took; over the last hour if no time is given. Query holds pairs of a parameter and its value.
func (c *Client) GetStatistics(ctx context.Context, query ...string) (StatisticsView, error) {
	var out StatisticsView
	err := c.Do(ctx, http.MethodGet, "/statistics"+Query(query...), nil, &out)
	return out, err
}

// ListEndpointStatistics: Count the deliveries of each endpoint that has any, by outcome; over the last seven days if no time is given. Query holds pairs of a parameter and its value.
func (c *Client) ListEndpointStatistics(ctx context.Context, query ...string) (PageEndpointFigures, error) {
	var out PageEndpointFigures
	err := c.Do(ctx, http.MethodGet, "/statistics/endpoints"+Query(query...), nil, &out)
	return out, err
}

// ListFailures: See what is failing and why, grouped by endpoint and error code; over the last hour if no time is given. Query holds pairs of a parameter and its value.
func (c *Client) ListFailures(ctx context.Context, query ...string) (PageFailureView, error) {
	var out PageFailureView
	err := c.Do(ctx, http.MethodGet, "/statistics/failures"+Query(query...), nil, &out)
	return out, err
}

// ListTriggerStatistics: Count the attempts that each trigger led to; over the last seven days if no time is given. Query holds pairs of a parameter and its value.
func (c *Client) ListTriggerStatistics(ctx context.Context, query ...string) (PageTriggerFigures, error) {
	var out PageTriggerFigures
	err := c.Do(ctx, http.MethodGet, "/statistics/triggers"+Query(query...), nil, &out)
	return out, err
}

// ListSystems: List the emulated systems. Query holds pairs of a parameter and its value.
func (c *Client) ListSystems(ctx context.Context, query ...string) (PageSheet, error) {
	var out PageSheet
	err := c.Do(ctx, http.MethodGet, "/systems"+Query(query...), nil, &out)
	return out, err
}

// GetSystem: Read a system's data sheet.
func (c *Client) GetSystem(ctx context.Context, name string) (SystemSheet, error) {
	var out SystemSheet
	err := c.Do(ctx, http.MethodGet, "/systems/"+url.PathEscape(name), nil, &out)
	return out, err
}

// GetSample: See what a system sends for an event. Query holds pairs of a parameter and its value.
func (c *Client) GetSample(ctx context.Context, name string, event string, query ...string) (Sample, error) {
	var out Sample
	err := c.Do(ctx, http.MethodGet, "/systems/"+url.PathEscape(name)+"/events/"+url.PathEscape(event)+"/sample"+Query(query...), nil, &out)
	return out, err
}

// ListTickets: List tickets, last updated first. Query holds pairs of a parameter and its value.
func (c *Client) ListTickets(ctx context.Context, query ...string) (PageTicketView, error) {
	var out PageTicketView
	err := c.Do(ctx, http.MethodGet, "/tickets"+Query(query...), nil, &out)
	return out, err
}

// CreateTicket: Create a ticket.
func (c *Client) CreateTicket(ctx context.Context, body TicketInput) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPost, "/tickets", body, &out)
	return out, err
}

// GetTicket: Read a ticket.
func (c *Client) GetTicket(ctx context.Context, number string) (TicketView, error) {
	var out TicketView
	err := c.Do(ctx, http.MethodGet, "/tickets/"+url.PathEscape(number), nil, &out)
	return out, err
}

// PatchTicket: Change members of a ticket.
func (c *Client) PatchTicket(ctx context.Context, number string, body TicketInput) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPatch, "/tickets/"+url.PathEscape(number), body, &out)
	return out, err
}

// DeleteTicket: Delete a ticket.
func (c *Client) DeleteTicket(ctx context.Context, number string) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodDelete, "/tickets/"+url.PathEscape(number), nil, &out)
	return out, err
}

// ExplainTicket: See why each change of a ticket fired each trigger, or did not. Query holds pairs of a parameter and its value.
func (c *Client) ExplainTicket(ctx context.Context, number string, query ...string) (DeskExplanation, error) {
	var out DeskExplanation
	err := c.Do(ctx, http.MethodGet, "/tickets/"+url.PathEscape(number)+"/explain"+Query(query...), nil, &out)
	return out, err
}

// AddNote: Add a note.
func (c *Client) AddNote(ctx context.Context, number string, body NoteBody) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPost, "/tickets/"+url.PathEscape(number)+"/notes", body, &out)
	return out, err
}

// PatchNote: Change a note.
func (c *Client) PatchNote(ctx context.Context, number string, id string, body NoteBody) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPatch, "/tickets/"+url.PathEscape(number)+"/notes/"+url.PathEscape(id), body, &out)
	return out, err
}

// DeleteNote: Delete a note.
func (c *Client) DeleteNote(ctx context.Context, number string, id string) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodDelete, "/tickets/"+url.PathEscape(number)+"/notes/"+url.PathEscape(id), nil, &out)
	return out, err
}

// AddReply: Add a reply.
func (c *Client) AddReply(ctx context.Context, number string, body ReplyBody) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPost, "/tickets/"+url.PathEscape(number)+"/replies", body, &out)
	return out, err
}

// PatchReply: Change a reply.
func (c *Client) PatchReply(ctx context.Context, number string, id string, body ReplyBody) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodPatch, "/tickets/"+url.PathEscape(number)+"/replies/"+url.PathEscape(id), body, &out)
	return out, err
}

// DeleteReply: Delete a reply.
func (c *Client) DeleteReply(ctx context.Context, number string, id string) (Receipt, error) {
	var out Receipt
	err := c.Do(ctx, http.MethodDelete, "/tickets/"+url.PathEscape(number)+"/replies/"+url.PathEscape(id), nil, &out)
	return out, err
}

// ListTokens: List tokens, oldest first. Query holds pairs of a parameter and its value.
func (c *Client) ListTokens(ctx context.Context, query ...string) (PageTokenView, error) {
	var out PageTokenView
	err := c.Do(ctx, http.MethodGet, "/tokens"+Query(query...), nil, &out)
	return out, err
}

// CreateToken: Make a token.
func (c *Client) CreateToken(ctx context.Context, body TokenInput) (TokenView, error) {
	var out TokenView
	err := c.Do(ctx, http.MethodPost, "/tokens", body, &out)
	return out, err
}

// GetToken: Read a token's properties.
func (c *Client) GetToken(ctx context.Context, id string) (TokenView, error) {
	var out TokenView
	err := c.Do(ctx, http.MethodGet, "/tokens/"+url.PathEscape(id), nil, &out)
	return out, err
}

// DeleteToken: End a token at once.
func (c *Client) DeleteToken(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/tokens/"+url.PathEscape(id), nil, nil)
}

// ListTriggers: List triggers, oldest first. Query holds pairs of a parameter and its value.
func (c *Client) ListTriggers(ctx context.Context, query ...string) (PageTriggerView, error) {
	var out PageTriggerView
	err := c.Do(ctx, http.MethodGet, "/triggers"+Query(query...), nil, &out)
	return out, err
}

// CreateTrigger: Make a trigger.
func (c *Client) CreateTrigger(ctx context.Context, body TriggerInput) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodPost, "/triggers", body, &out)
	return out, err
}

// ImportTriggers: Carry triggers over from Zendesk.
func (c *Client) ImportTriggers(ctx context.Context, body ImportRequest) (Imported, error) {
	var out Imported
	err := c.Do(ctx, http.MethodPost, "/triggers/import", body, &out)
	return out, err
}

// TryTrigger: See what a trigger makes of a ticket's newest changes, and why.
func (c *Client) TryTrigger(ctx context.Context, body TryBody) (PageTried, error) {
	var out PageTried
	err := c.Do(ctx, http.MethodPost, "/triggers/try", body, &out)
	return out, err
}

// GetTrigger: Read a trigger.
func (c *Client) GetTrigger(ctx context.Context, id string) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodGet, "/triggers/"+url.PathEscape(id), nil, &out)
	return out, err
}

// ReplaceTrigger: Save a new version of a trigger.
func (c *Client) ReplaceTrigger(ctx context.Context, id string, body TriggerInput) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodPut, "/triggers/"+url.PathEscape(id), body, &out)
	return out, err
}

// PatchTrigger: Change a trigger by JSON merge patch.
func (c *Client) PatchTrigger(ctx context.Context, id string, body TriggerPatch) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodPatch, "/triggers/"+url.PathEscape(id), body, &out)
	return out, err
}

// DeleteTrigger: Delete a trigger; its versions stay.
func (c *Client) DeleteTrigger(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/triggers/"+url.PathEscape(id), nil, nil)
}

// DiffTrigger: Compare two versions of a trigger. Query holds pairs of a parameter and its value.
func (c *Client) DiffTrigger(ctx context.Context, id string, query ...string) (PageFieldDiff, error) {
	var out PageFieldDiff
	err := c.Do(ctx, http.MethodGet, "/triggers/"+url.PathEscape(id)+"/diff"+Query(query...), nil, &out)
	return out, err
}

// RollbackTrigger: Save an earlier version as the newest.
func (c *Client) RollbackTrigger(ctx context.Context, id string, body RollbackRequest) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodPost, "/triggers/"+url.PathEscape(id)+"/rollback", body, &out)
	return out, err
}

// SimulateTrigger: Try a trigger on stored changes, without effects.
func (c *Client) SimulateTrigger(ctx context.Context, id string, body *SimulateRequest) (DeskSimulationResult, error) {
	var out DeskSimulationResult
	err := c.Do(ctx, http.MethodPost, "/triggers/"+url.PathEscape(id)+"/simulate", given(body), &out)
	return out, err
}

// ListTriggerVersions: List the versions of a trigger, newest first; of a deleted one, too.
func (c *Client) ListTriggerVersions(ctx context.Context, id string) (PageTrigger, error) {
	var out PageTrigger
	err := c.Do(ctx, http.MethodGet, "/triggers/"+url.PathEscape(id)+"/versions", nil, &out)
	return out, err
}

// GetTriggerVersion: Read one version of a trigger.
func (c *Client) GetTriggerVersion(ctx context.Context, id string, version string) (TriggerView, error) {
	var out TriggerView
	err := c.Do(ctx, http.MethodGet, "/triggers/"+url.PathEscape(id)+"/versions/"+url.PathEscape(version), nil, &out)
	return out, err
}

// ListWorkspaces: List workspaces. Query holds pairs of a parameter and its value.
func (c *Client) ListWorkspaces(ctx context.Context, query ...string) (PageWorkspace, error) {
	var out PageWorkspace
	err := c.Do(ctx, http.MethodGet, "/workspaces"+Query(query...), nil, &out)
	return out, err
}

// CreateWorkspace: Make a workspace.
func (c *Client) CreateWorkspace(ctx context.Context, body WorkspaceBody) (Workspace, error) {
	var out Workspace
	err := c.Do(ctx, http.MethodPost, "/workspaces", body, &out)
	return out, err
}

// GetWorkspace: Read a workspace.
func (c *Client) GetWorkspace(ctx context.Context, name string) (Workspace, error) {
	var out Workspace
	err := c.Do(ctx, http.MethodGet, "/workspaces/"+url.PathEscape(name), nil, &out)
	return out, err
}

// PatchWorkspace: Change a workspace by JSON merge patch.
func (c *Client) PatchWorkspace(ctx context.Context, name string, body WorkspacePatch) (Workspace, error) {
	var out Workspace
	err := c.Do(ctx, http.MethodPatch, "/workspaces/"+url.PathEscape(name), body, &out)
	return out, err
}

// DeleteWorkspace: Delete a workspace without endpoints, triggers and tokens.
func (c *Client) DeleteWorkspace(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodDelete, "/workspaces/"+url.PathEscape(name), nil, nil)
}

// GetRetention: Read how long a workspace keeps things, and what was removed in the last 30 days.
func (c *Client) GetRetention(ctx context.Context, name string) (RetentionView, error) {
	var out RetentionView
	err := c.Do(ctx, http.MethodGet, "/workspaces/"+url.PathEscape(name)+"/retention", nil, &out)
	return out, err
}
