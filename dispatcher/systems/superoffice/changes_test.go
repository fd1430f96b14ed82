package superoffice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// vendorColumns is the vendor's list of what Changes can hold, in its order.
const vendorColumns = `created_at title last_changed read_by_owner read_by_customer closed_at time_to_close real_time_to_close
time_to_reply real_time_to_reply author created_by alert_level alert_timeout connect_id filter_id read_status has_attachment
num_replies num_messages display_filter alert_stop replied_at slevel category priority cust_id status ticket_status deadline
first_read_by_user first_read_by_owner activate owned_by agent_id dbi_key dbi_last_syncronized extraField filter_address
time_spent_internally time_spent_externally time_spent_queue real_time_spent_internally real_time_spent_externally
real_time_spent_queue tags ticket_type`

func TestColumnsAreTheVendors(t *testing.T) {
	var names []string
	for _, column := range Columns {
		names = append(names, column.Name)
		if column.From == "" {
			t.Errorf("column %s does not say where it comes from", column.Name)
		}
	}
	if diff := cmp.Diff(strings.Fields(vendorColumns), names); diff != "" {
		t.Errorf("columns (-vendor +ours):\n%s", diff)
	}
}

// update is a change of the sample's ticket.
func update(kind ticket.Kind, edit func(before, after *ticket.Ticket, change *ticket.Change)) *ticket.Change {
	change := &ticket.Change{
		Kind: kind, Actor: ticket.Person{ID: "8", Role: ticket.RoleAgent},
		Before: sampleTicket("76"), After: sampleTicket("76"),
	}
	edit(change.Before, change.After, change)
	return change
}

func TestChanges(t *testing.T) {
	later := time.Date(2025, 5, 20, 9, 0, 0, 0, time.UTC)
	answer := ticket.Reply{ID: "1", Author: ticket.Person{ID: "8", Role: ticket.RoleAgent}, Public: true}
	tests := []struct {
		name string
		kind ticket.Kind
		edit func(before, after *ticket.Ticket, change *ticket.Change)
		want string
	}{
		{"nothing", ticket.TicketUpdated, func(_, _ *ticket.Ticket, _ *ticket.Change) {}, ""},
		{"language has no column", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Language = "nb" }, ""},
		{"subject", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Subject, a.UpdatedAt = "Other", later }, "title last_changed"},
		{"closing", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) {
			a.Status, a.ClosedAt = ticket.Status{ID: "2", Name: "Closed", State: ticket.Closed}, &later
		}, "closed_at time_to_close real_time_to_close status ticket_status"},
		{"another status of the same level", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) {
			a.Status = ticket.Status{ID: "7", Name: "Waiting for parts", State: ticket.Open}
		}, "ticket_status"},
		{"postponing", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) {
			a.Status = ticket.Status{ID: "3", State: ticket.Pending}
		}, "status ticket_status"},
		{"merging", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Extra["status"] = 5 }, "status"},
		{"deleting", ticket.TicketDeleted, func(_, _ *ticket.Ticket, _ *ticket.Change) {}, "status ticket_status"},
		{"assigning", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Assignee = nil }, "owned_by"},
		{"requester", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Requester = &ticket.Person{ID: "6"} }, "cust_id"},
		{"creator", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Creator = &ticket.Person{ID: "6"} }, "created_by"},
		{"lists", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) {
			a.Type, a.Priority, a.Category = ticket.Ref{ID: "9"}, ticket.Ref{ID: "3"}, ticket.Category{ID: "4"}
		}, "category priority ticket_type"},
		{"deadline", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.DueAt = &later }, "deadline"},
		{"tags", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.Tags = []string{"vip"} }, "tags"},
		{"custom field", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) { a.CustomFields = map[string]any{"x": 1} }, "extraField"},
		{"extra columns", ticket.TicketUpdated, func(_, a *ticket.Ticket, _ *ticket.Change) {
			a.Extra["time_spent_queue"], a.Extra["slevel"], a.Extra["agent_id"] = 5, 2, 3
		}, "slevel agent_id time_spent_queue"},
		{"attachments", ticket.TicketUpdated, func(b, _ *ticket.Ticket, _ *ticket.Change) { b.Attachments = nil }, "has_attachment"},
		{"an agent's first reply", ticket.ReplyAdded, func(_, a *ticket.Ticket, c *ticket.Change) {
			c.Reply, a.Replies, a.UpdatedAt = &answer, []ticket.Reply{answer}, later
		}, "last_changed time_to_reply real_time_to_reply num_replies num_messages replied_at"},
		{"an agent's second reply", ticket.ReplyAdded, func(b, a *ticket.Ticket, c *ticket.Change) {
			second := answer
			second.ID = "2"
			c.Reply, b.Replies, a.Replies = &second, []ticket.Reply{answer}, []ticket.Reply{answer, second}
		}, "num_replies num_messages"},
		{"the client's reply", ticket.ReplyAdded, func(_, a *ticket.Ticket, c *ticket.Change) {
			reply := ticket.Reply{ID: "1", Author: *a.Requester, Public: true}
			c.Reply, a.Replies = &reply, []ticket.Reply{reply}
		}, "num_messages"},
		{"an agent's reply after the client's", ticket.ReplyAdded, func(b, a *ticket.Ticket, c *ticket.Change) {
			asked := ticket.Reply{ID: "0", Author: *a.Requester, Public: true}
			c.Reply, b.Replies, a.Replies = &answer, []ticket.Reply{asked}, []ticket.Reply{asked, answer}
		}, "time_to_reply real_time_to_reply num_replies num_messages replied_at"},
		{"an internal reply", ticket.ReplyAdded, func(_, a *ticket.Ticket, c *ticket.Change) {
			reply := ticket.Reply{ID: "1", Author: answer.Author}
			c.Reply, a.Replies = &reply, []ticket.Reply{reply}
		}, "num_messages"},
		{"a note", ticket.NoteAdded, func(_, a *ticket.Ticket, c *ticket.Change) {
			note := ticket.Note{ID: "1", Private: true}
			c.Note, a.Notes = &note, []ticket.Note{note}
		}, "num_messages"},
		{"a deleted reply", ticket.ReplyDeleted, func(b, _ *ticket.Ticket, c *ticket.Change) {
			c.Reply, b.Replies = &answer, []ticket.Reply{answer}
		}, "num_replies num_messages"},
		{"a reply's attachment", ticket.ReplyAdded, func(b, a *ticket.Ticket, c *ticket.Change) {
			reply := ticket.Reply{ID: "1", Author: *a.Requester, Public: true, Attachments: []ticket.Attachment{{Name: "a"}}}
			b.Attachments, a.Attachments = nil, nil
			c.Reply, a.Replies = &reply, []ticket.Reply{reply}
		}, "has_attachment num_messages"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := update(tt.kind, tt.edit)
			if diff := cmp.Diff(strings.Fields(tt.want), append([]string{}, changedColumns(change)...)); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
			fired := slices.Contains(New().Detect(change), eventChanged)
			if fired != (tt.want != "") {
				t.Errorf("ticket.changed fired: %v", fired)
			}
		})
	}
}

// Each save moves last_changed. It alone fires where the rest of the change has
// no column, or where it was written, and not where there is no change.
func TestSavedAsItWas(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(after *ticket.Ticket, change *ticket.Change)
		want bool
	}{
		"nothing":         {func(*ticket.Ticket, *ticket.Change) {}, false},
		"the same status": {func(_ *ticket.Ticket, c *ticket.Change) { c.Touched = []string{"status"} }, false},
		"the same tags":   {func(a *ticket.Ticket, _ *ticket.Change) { a.Tags = slices.Clone(a.Tags) }, false},
		"a department":    {func(a *ticket.Ticket, _ *ticket.Change) { a.Department = ticket.Ref{Name: "Sales"} }, true},
		"the time alone":  {func(_ *ticket.Ticket, c *ticket.Change) { c.Touched = []string{"updated_at"} }, true},
		"the text of a reply": {func(_ *ticket.Ticket, c *ticket.Change) {
			c.Kind, c.Reply = ticket.ReplyUpdated, &ticket.Reply{ID: "1"}
		}, true},
		"a member of extra":  {func(a *ticket.Ticket, _ *ticket.Change) { a.Extra["contact_id"] = 99 }, true},
		"a column beside it": {func(a *ticket.Ticket, _ *ticket.Change) { a.Subject = "Other" }, true},
	} {
		change := update(ticket.TicketUpdated, func(_, after *ticket.Ticket, change *ticket.Change) {
			after.UpdatedAt = after.UpdatedAt.Add(time.Minute)
			c.edit(after, change)
		})
		if fired := slices.Contains(New().Detect(change), eventChanged); fired != c.want {
			t.Errorf("%s: ticket.changed fired: %t", name, fired)
		}
	}
}

func TestChangesOfAnUnknownTicket(t *testing.T) {
	change := &ticket.Change{
		Kind: ticket.TicketUpdated, Partial: true, Touched: []string{"status", "custom.12", "extra", "subject"},
		After: &ticket.Ticket{Number: "76", Status: ticket.Status{State: ticket.Closed}, Extra: ticket.Extra{"filter_id": 4}},
	}
	want := strings.Fields("title time_to_close real_time_to_close filter_id status ticket_status extraField")
	if diff := cmp.Diff(want, changedColumns(change)); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	change.Touched = nil
	if diff := cmp.Diff([]string{eventChanged}, New().Detect(change)); diff != "" {
		t.Errorf("events of a ticket that is not known (-want +got):\n%s", diff)
	}
}

func TestDetect(t *testing.T) {
	if diff := cmp.Diff([]string{eventCreated}, New().Detect(sampleCreated())); diff != "" {
		t.Error(diff)
	}
	for _, change := range []*ticket.Change{nil, {Kind: ticket.TicketUpdated}} {
		if events := New().Detect(change); events != nil {
			t.Errorf("Detect(%v) = %q", change, events)
		}
	}
}

func TestTheSheetSaysWhereColumnsComeFrom(t *testing.T) {
	const want = "title (subject), last_changed (updated_at), closed_at (closed_at)"
	if !slices.ContainsFunc(New().Sheet().Notes, func(f systems.Fact) bool { return strings.Contains(f.Text, want) }) {
		t.Errorf("no note says %q", want)
	}
}
