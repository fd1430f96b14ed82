package faveo_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/faveo"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// rendered is the body of an event as JSON, read back.
func rendered(t *testing.T, event string, change *ticket.Change) map[string]any {
	t.Helper()
	request, err := faveo.New().Render(systems.Occasion{Event: event, Revision: faveo.JSON, Change: change, Delivery: "dlv_1"})
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(request.Body))
	decoder.UseNumber()
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// at follows a path such as thread.ticket.id; null and what is not there are
// both "null".
func at(tree map[string]any, path string) string {
	var value any = tree
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			var index int
			if _, err := fmt.Sscan(name, &index); err != nil || index >= len(v) {
				return "null"
			}
			value = v[index]
		default:
			return "null"
		}
	}
	if value == nil {
		return "null"
	}
	return fmt.Sprint(value)
}

var start = time.Date(2024, 5, 7, 11, 0, 0, 0, time.UTC)

func after(minutes float64) time.Time {
	return start.Add(time.Duration(minutes * float64(time.Minute)))
}

// talked is an agent's reply on a ticket that has had some talk already.
func talked(reply ticket.Reply, earlier ...ticket.Reply) *ticket.Change {
	change := answered(reply, nothing)
	change.At = reply.CreatedAt
	change.After.CreatedAt = start
	change.After.Replies = append(earlier, reply)
	return change
}

func says(author ticket.Person, minutes float64) ticket.Reply {
	return ticket.Reply{ID: fmt.Sprint(author.ID, minutes), Author: author, Public: true, Body: "x", CreatedAt: after(minutes)}
}

func TestThreadOfTheConversation(t *testing.T) {
	secret := says(agent, 3)
	secret.Public = false
	other := ticket.Person{ID: "2"} // no role, not the requester: of the agents
	tests := []struct {
		name   string
		change *ticket.Change
		want   map[string]string
	}{
		{"first reply", talked(says(agent, 1.2)), map[string]string{
			"thread.thread_type": "first_reply", "thread.response_time": "1", "thread.poster": "support",
			"thread.ticket.thread_count": "2", "thread.ticket.isanswered": "1", "thread.ticket.average_response_time": "1",
			"thread.ticket.first_response_time": "2024-05-07T11:01:12.000000Z",
		}},
		{"an internal reply before it does not count", talked(says(agent, 10), secret), map[string]string{
			"thread.thread_type": "first_reply", "thread.response_time": "10", "thread.ticket.thread_count": "2",
		}},
		{"second reply, after the client asked again", talked(says(other, 50), says(agent, 4), says(client, 30)), map[string]string{
			"thread.thread_type": "null", "thread.response_time": "20", "thread.poster": "support",
			"thread.ticket.thread_count": "4", "thread.ticket.average_response_time": "12",
			"thread.ticket.first_response_time": "2024-05-07T11:04:00.000000Z",
		}},
		{"client", talked(says(client, 9), says(agent, 4)), map[string]string{
			"thread.thread_type": "null", "thread.response_time": "null", "thread.poster": "client",
			"thread.ticket.poster": "client", "thread.ticket.isanswered": "0", "thread.user.role": "user",
			"thread.ticket.average_response_time": "4", "replied_by.id": "21",
		}},
		{"the reply is not on the ticket yet", func() *ticket.Change {
			change := talked(says(agent, 2))
			change.After.Replies = nil
			return change
		}(), map[string]string{"thread.ticket.thread_count": "2", "thread.ticket.poster": "support", "thread.thread_type": "first_reply"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := rendered(t, faveo.Reply, test.change)
			for path, want := range test.want {
				if got := at(tree, path); got != want {
					t.Errorf("%s is %s, want %s", path, got, want)
				}
			}
		})
	}
}

func TestColumnsOfTheTicket(t *testing.T) {
	early, late := after(5), after(500)
	ended := after(8.6)
	tests := []struct {
		name string
		edit func(t *ticket.Ticket)
		want map[string]string
	}{
		{"nothing set", func(t *ticket.Ticket) { t.Department, t.Requester = ticket.Ref{}, nil }, map[string]string{
			"user_id": "0", "dept_id": "0", "team_id": "null", "priority_id": "0", "assigned_to": "null", "source": "0",
			"duedate": "null", "isoverdue": "0", "closed": "0", "closed_at": "null", "resolution_time": "null", "ip_address": "0",
		}},
		{"names of a fresh installation", func(t *ticket.Ticket) {
			t.Priority, t.Source = ticket.Ref{Name: "Emergency"}, ticket.Ref{Name: "agent panel"}
			t.SLA, t.HelpTopic = ticket.Ref{Name: "default"}, ticket.Ref{Name: "Sales Query"}
		}, map[string]string{"priority_id": "4", "source": "3", "sla": "1", "help_topic_id": "2", "dept_id": "1"}},
		{"numbers win over names", func(t *ticket.Ticket) { t.Priority = ticket.Ref{ID: "17", Name: "Low"} }, map[string]string{"priority_id": "17"}},
		{"a list entry of the desk's own", func(t *ticket.Ticket) { t.Priority = ticket.Ref{Name: "Tomorrow"} }, map[string]string{
			"priority_id": fmt.Sprint(ticket.NumericID("Tomorrow")),
		}},
		{"status by state alone", func(t *ticket.Ticket) { t.Status = ticket.Status{State: ticket.Resolved} }, map[string]string{
			"status": "2", "closed": "1", "statuses.name": "Resolved", "statuses.purpose_of_status": "2", "statuses.default": "null",
			"statuses.type.name": "closed", "statuses.message": "Ticket has been Resolved by {!!$user!!}",
		}},
		{"overdue", func(t *ticket.Ticket) { t.DueAt = &early }, map[string]string{
			"isoverdue": "1", "is_manual_duedate": "1", "duedate": "2024-05-07T11:05:00.000000Z",
		}},
		{"due date of the service level", func(t *ticket.Ticket) { t.DueAt, t.ResolutionDueAt = &late, &late }, map[string]string{
			"isoverdue": "0", "is_manual_duedate": "0", "resolution_due_by": "2024-05-07T19:20:00.000000Z",
		}},
		{"closed in time", func(t *ticket.Ticket) { closeIt(t); t.ClosedAt, t.ResolutionDueAt = &ended, &late }, map[string]string{
			"resolution_time": "9", "is_resolution_sla": "1", "closed_at": "2024-05-07T11:08:36.000000Z", "isoverdue": "0",
			"department_due_track.0.ended_at": "2024-05-07 11:08:36",
		}},
		{"closed too late", func(t *ticket.Ticket) { closeIt(t); t.ClosedAt, t.ResolutionDueAt = &ended, &early }, map[string]string{
			"is_resolution_sla": "0",
		}},
		{"moved", func(t *ticket.Ticket) { t.Department = ticket.Ref{Name: "Sales"} }, map[string]string{
			"dept_id": "2", "is_transferred": "1", "transferred_at": "2024-05-07 12:40:00",
		}},
		{"columns given", func(t *ticket.Ticket) {
			t.Extra = ticket.Extra{
				"id": 306.0, "rating": json.Number("4"), "ip_address": "192.0.2.1", "reopened_at": "2024-05-07T13:00:00+02:00",
				"lock_at": "yesterday", "thread_count": 7.0, "poster": "support", "encrypted_id": "sealed", "resolution_time": 3,
				"statuses":             map[string]any{"icon": "fas fa-bell", "order": 9.0, "halt_sla": true, "purpose_of_status": 6.0},
				"department_due_track": []any{"no row", map[string]any{"id": 5.0, "started_at": "2024-05-07T11:00:00Z"}},
			}
		}, map[string]string{
			"id": "306", "rating": "4", "ip_address": "192.0.2.1", "reopened_at": "2024-05-07T11:00:00.000000Z", "reopened": "1",
			"lock_at": "yesterday", "thread_count": "7", "strictly_thread_count": "1", "poster": "support", "encrypted_id": "sealed",
			"resolution_time": "3", "statuses.icon": "fas fa-bell", "statuses.order": "9", "statuses.halt_sla": "1",
			"statuses.type.name": "spam", "department_due_track.0.id": "5", "department_due_track.1": "null",
			"department_due_track.0.started_at": "2024-05-07 11:00:00", "department_due_track.0.ticket_id": "306",
		}},
		{"columns given as something else", func(t *ticket.Ticket) {
			t.Extra = ticket.Extra{"rating": "many", "statuses": 5.0, "department_due_track": "x", "flags": []any{}, "poster": 3.0}
		}, map[string]string{"rating": "0", "flags": "0", "poster": "client", "statuses.name": "Open", "department_due_track.1": "null"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			change := updated(agent, test.edit)
			change.At = after(100)
			change.After.CreatedAt = start
			tree := rendered(t, faveo.StatusUpdated, change)
			for path, want := range test.want {
				if got := at(tree, "ticket."+path); got != want {
					t.Errorf("%s is %s, want %s", path, got, want)
				}
			}
		})
	}
}

func TestCustomFieldsOfACreatedTicket(t *testing.T) {
	tree := rendered(t, faveo.Created, &ticket.Change{Kind: ticket.TicketCreated, At: start, After: &ticket.Ticket{
		Number: "1", Subject: "s", Description: "plain", Requester: &client,
		CustomFields: map[string]any{"b": []any{"x", "y"}, "a": 1.5, "c": nil},
	}})
	for path, want := range map[string]string{
		"custom_fields.0.key": "a", "custom_fields.0.value": "1.5", "custom_fields.1.value": "[x y]",
		"custom_fields.2.key": "c", "custom_fields.2.value": "null",
		"thread.0.body": "plain", "thread.0.title": "s", "thread.0.poster": "client",
		"ticket.created_at": "2024-05-07T11:00:00.000000Z", "ticket.creator_id": "21", "requester.id": "21",
	} {
		if got := at(tree, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestEncryptedIDHasLaravelsShape(t *testing.T) {
	id := func(number string, minutes float64) string {
		change := updated(agent, func(t *ticket.Ticket) { t.Number = number; t.UpdatedAt = after(minutes) })
		return at(rendered(t, faveo.StatusUpdated, change), "ticket.encrypted_id")
	}
	text, err := base64.StdEncoding.DecodeString(id("HDSK-1", 1))
	if err != nil {
		t.Fatal(err)
	}
	var sealed struct{ IV, Value, MAC string }
	if err := json.Unmarshal(text, &sealed); err != nil || len(sealed.MAC) != 64 {
		t.Errorf("%s: %v", text, err)
	}
	if iv, err := base64.StdEncoding.DecodeString(sealed.IV); err != nil || len(iv) != 16 {
		t.Errorf("iv %q: %v", sealed.IV, err)
	}
	if id("HDSK-1", 1) != id("HDSK-1", 2) || id("HDSK-1", 1) == id("HDSK-2", 1) {
		t.Error("the encrypted id does not belong to the ticket alone")
	}
}

func TestPeople(t *testing.T) {
	change := updated(agent, func(t *ticket.Ticket) {
		t.Requester = &ticket.Person{ID: "16", Name: "Ada King Lovelace", Email: "ada@example.com"}
		t.Assignee = &ticket.Person{ID: "6", UserName: "agent1"}
		t.Creator = &ticket.Person{ID: "1", Name: "Root", Role: ticket.RoleAgent}
		t.Extra = ticket.Extra{"email_verified": 1.0, "mobile_verified": true, "admins": []any{1.0}, "profile_pics": map[string]any{"6": "https://example.com/6.png"}}
	})
	owner, assigned := rendered(t, faveo.OwnerUpdated, change), rendered(t, faveo.Assigned, change)
	for path, want := range map[string]string{
		"requester.first_name": "Ada King", "requester.last_name": "Lovelace", "requester.full_name": "Ada King Lovelace",
		"requester.user_name": "ada@example.com", "requester.meta_name": "Ada King Lovelace <ada@example.com>",
		"requester.email_verified": "1", "requester.mobile_verified": "1", "thread.user_id": "16",
	} {
		if got := at(owner, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]string{
		"ticket.assigned.role": "agent", "ticket.creator.role": "admin", "ticket.user.role": "user",
		"ticket.assigned.full_name": "agent1", "ticket.assigned.profile_pic": "https://example.com/6.png",
		"ticket.creator.profile_pic": "null", "ticket.department.name": "Support", "ticket.priority": "null",
	} {
		if got := at(assigned, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
