package faveo

import (
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// status is a row of Faveo's list of statuses, in the order of the page.
type status struct {
	ID                  int64      `json:"id"`
	Name                string     `json:"name"`
	Message             string     `json:"message"` // a template, never rendered
	CreatedAt           *string    `json:"created_at"`
	UpdatedAt           *string    `json:"updated_at"`
	VisibilityForClient int64      `json:"visibility_for_client"`
	AllowClient         int64      `json:"allow_client"`
	VisibilityForAgent  int64      `json:"visibility_for_agent"`
	PurposeOfStatus     int64      `json:"purpose_of_status"` // the id of type
	SecondaryStatus     *int64     `json:"secondary_status"`
	SendEmail           sendEmail  `json:"send_email"`
	HaltSLA             int64      `json:"halt_sla"`
	Order               int64      `json:"order"`
	Icon                string     `json:"icon"`
	IconColor           string     `json:"icon_color"`
	Default             *int64     `json:"default"`
	SendSMS             int64      `json:"send_sms"`
	AutoClose           *int64     `json:"auto_close"`
	Comment             int64      `json:"comment"`
	UnderDeletion       int64      `json:"under_deletion"`
	RatingAutoRequest   int64      `json:"rating_auto_request"`
	Type                statusType `json:"type"`
}

// sendEmail says who gets mail about the status.
type sendEmail struct {
	Client            string `json:"client"`
	Admin             string `json:"admin"`
	AssignedAgentTeam string `json:"assigned_agent_team"`
}

type statusType struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	CreatedAt *string `json:"created_at"`
	UpdatedAt *string `json:"updated_at"`
}

// Purposes of a status, by their ids in Faveo.
const (
	purposeOpen   = 1
	purposeClosed = 2
)

// renderStatus puts the row together from the status and, where the caller
// gives them, the columns of extra.statuses.
func renderStatus(t *ticket.Ticket) *status {
	given := columns{t.Extra}.object("statuses")
	ref := statusRef(t)
	id := refID(ref, statusIDs)
	made := &status{
		ID:                  id,
		Name:                ref.Name,
		Message:             given.text("message", "Ticket has been "+messageVerb(ref.Name)+" by {!!$user!!}"),
		CreatedAt:           given.moment("created_at", nil),
		UpdatedAt:           given.moment("updated_at", nil),
		VisibilityForClient: given.number("visibility_for_client", 1),
		AllowClient:         given.number("allow_client", 1),
		VisibilityForAgent:  given.number("visibility_for_agent", 1),
		PurposeOfStatus:     purposeOpen,
		SecondaryStatus:     given.maybeNumber("secondary_status", nil),
		SendEmail:           sendEmail{Client: "1", Admin: "0", AssignedAgentTeam: "1"},
		Order:               given.number("order", id),
		Icon:                given.text("icon", "fas fa-clock"),
		IconColor:           given.text("icon_color", "#32c777"),
		Default:             given.maybeNumber("default", defaultOf(id)),
		SendSMS:             given.number("send_sms", 0),
		AutoClose:           given.maybeNumber("auto_close", nil),
		Comment:             given.number("comment", 0),
		UnderDeletion:       given.number("under_deletion", 0),
		RatingAutoRequest:   given.number("rating_auto_request", 0),
	}
	if systems.Over(t.Status.State) {
		made.PurposeOfStatus = purposeClosed
		made.HaltSLA = 1
		made.Icon = given.text("icon", overIcon(t.Status.State))
		made.IconColor = given.text("icon_color", "#5cb85c")
	}
	made.PurposeOfStatus = given.number("purpose_of_status", made.PurposeOfStatus)
	made.HaltSLA = given.number("halt_sla", made.HaltSLA)
	made.Type = statusType{ID: made.PurposeOfStatus, Name: purposeName(made.PurposeOfStatus)}
	return made
}

// messageVerb is the word of the template that a status fills in.
func messageVerb(name string) string {
	if strings.EqualFold(name, "open") {
		return "Reopened"
	}
	return name
}

func overIcon(state ticket.State) string {
	if state == ticket.Resolved {
		return "fas fa-check-circle"
	}
	return "fas fa-minus-circle"
}

// defaultOf is 1 for the statuses that stand for their purpose.
func defaultOf(id int64) *int64 {
	if id == statusIDs["open"] || id == statusIDs["closed"] {
		one := int64(1)
		return &one
	}
	return nil
}

func purposeName(id int64) string {
	names := []string{"open", "closed", "archieved", "deleted", "approval", "spam", "unapproved"}
	if id >= 1 && id <= int64(len(names)) {
		return names[id-1]
	}
	return ""
}

// dueTrack is one stay of a ticket in a department.
type dueTrack struct {
	ID           int64   `json:"id"`
	TicketID     int64   `json:"ticket_id"`
	DepartmentID int64   `json:"department_id"`
	StartedAt    *string `json:"started_at"`
	EndedAt      *string `json:"ended_at"`
	CreatedAt    *string `json:"created_at"`
	UpdatedAt    *string `json:"updated_at"`
}

// renderDueTrack lists extra.department_due_track, or one stay from the
// ticket's creation to its end.
func renderDueTrack(change *ticket.Change) []dueTrack {
	t := change.After
	id, department := t.NumericID(), refID(t.Department, departmentIDs)
	var tracks []dueTrack
	for _, given := range (columns{t.Extra}).objects("department_due_track") {
		started := given.date("started_at", nil)
		tracks = append(tracks, dueTrack{
			ID:           given.number("id", id),
			TicketID:     given.number("ticket_id", id),
			DepartmentID: given.number("department_id", department),
			StartedAt:    started,
			EndedAt:      given.date("ended_at", nil),
			CreatedAt:    given.moment("created_at", nil),
			UpdatedAt:    given.moment("updated_at", nil),
		})
	}
	if tracks != nil {
		return tracks
	}
	created := createdAt(change)
	updated := created
	var ended *time.Time
	if systems.Over(t.Status.State) {
		ended = closedAt(change)
		updated = *ended
	}
	none := columns{}
	return []dueTrack{{
		ID: id, TicketID: id, DepartmentID: department,
		StartedAt: none.date("", &created), EndedAt: none.date("", ended),
		CreatedAt: none.moment("", &created), UpdatedAt: none.moment("", &updated),
	}}
}
