package superoffice

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

func TestFieldsOfAnEmptyTicket(t *testing.T) {
	got := fieldValues(&ticket.Change{Kind: ticket.TicketCreated, After: &ticket.Ticket{}}, time.UTC)
	want := &ticketFields{
		ConnectID: -1, CustID: -1, OwnedBy: 1, Status: 1, TicketStatus: 1,
		CreatedAt: "0001-01-01T00:00:00", LastChanged: "0001-01-01T00:00:00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestFieldsFromExtra(t *testing.T) {
	after := sampleTicket("76")
	after.Extra = ticket.Extra{
		"category": 11, "connect_id": 12, "contact_id": 13, "cust_id": 14, "has_attachment": false, "owned_by": 15, "priority": 16,
		"project_id": 17, "sale_id": 18, "slevel": 2, "status": 5, "ticket_status": 19, "ticket_type": 20,
	}
	got := fieldValues(&ticket.Change{Kind: ticket.TicketUpdated, After: after}, time.UTC)
	want := &ticketFields{
		Category: 11, ConnectID: 12, ContactID: 13, CustID: 14, OwnedBy: 15, Priority: 16, ProjectID: 17, SaleID: 18, SLevel: 2,
		Status: 5, TicketStatus: 19, TicketType: 20, CreatedAt: "2025-05-16T14:25:37", LastChanged: "2025-05-19T10:51:32",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		name         string
		status       ticket.Status
		deleted      bool
		level, entry int64
	}{
		{"none", ticket.Status{}, false, 1, 1},
		{"new", ticket.Status{State: ticket.New}, false, 1, 1},
		{"open", ticket.Status{State: ticket.Open}, false, 1, 1},
		{"pending", ticket.Status{State: ticket.Pending}, false, 3, 3},
		{"on hold", ticket.Status{State: ticket.OnHold}, false, 3, 3},
		{"resolved", ticket.Status{State: ticket.Resolved}, false, 2, 2},
		{"closed", ticket.Status{State: ticket.Closed}, false, 2, 2},
		{"the customer's own", ticket.Status{ID: "41", Name: "Waiting for parts", State: ticket.Pending}, false, 3, 41},
		{"deleted", ticket.Status{ID: "41", State: ticket.Open}, true, 4, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kind := ticket.TicketUpdated
			if tt.deleted {
				kind = ticket.TicketDeleted
			}
			got := fieldValues(&ticket.Change{Kind: kind, After: &ticket.Ticket{Status: tt.status}}, time.UTC)
			if got.Status != tt.level || got.TicketStatus != tt.entry {
				t.Errorf("status %d, ticket_status %d, want %d and %d", got.Status, got.TicketStatus, tt.level, tt.entry)
			}
		})
	}
}

func TestPriority(t *testing.T) {
	tests := []struct {
		priority ticket.Ref
		want     int64
	}{
		{ticket.Ref{}, 0},
		{ticket.Ref{Name: "Low"}, 1},
		{ticket.Ref{Name: "medium"}, 2},
		{ticket.Ref{Name: "HIGH"}, 3},
		{ticket.Ref{ID: "12", Name: "High"}, 12},
		{ticket.Ref{Name: "Tomorrow"}, ticket.NumericID("Tomorrow")},
	}
	for _, tt := range tests {
		if got := priorityNumber(tt.priority); got != tt.want {
			t.Errorf("priority %+v is %d, want %d", tt.priority, got, tt.want)
		}
	}
}
