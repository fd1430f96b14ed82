package superoffice

import (
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

func notes() []systems.Fact {
	documented := func(text string) systems.Fact { return systems.Fact{Text: text, Provenance: systems.Documented} }
	assumed := func(text string) systems.Fact { return systems.Fact{Text: text, Provenance: systems.Assumed} }
	return []systems.Fact{
		documented("Changes holds names of database columns."),
		{Text: "ticket.created has an empty list in Changes, as in the vendor's example.", Provenance: systems.Stated},
		assumed("Changes of ticket.changed opens with id: in the vendor's examples of ticket.changed, contact.changed, person.created and relation.created the primary key stands first. The other names follow in the order of the list on an earlier version of the page, which has no id."),
		documented("The table of tickets: num_replies counts the messages to the customer and num_messages all; replied_at, time_to_reply and real_time_to_reply belong to the first message to the customer; author is the author of the first message, so that another requester changes cust_id alone."),
		assumed("What a change writes, by column: " + columnSources() + ". A member of extra that has a column's name is that column."),
		assumed("Closing a ticket also writes time_to_close and real_time_to_close."),
		documented("status is 0 unknown, 1 active, 2 closed, 3 postponed, 4 deleted or 5 merged; slevel 0 unknown, 1 internal or 2 external; owned_by 1 is unassigned; cust_id and connect_id -1 are none."),
		assumed("Entries of the customer's lists (category, priority, ticket_type) that are named without an id get a stable number made from the name; the priorities low, medium and high are 1, 2 and 3, and a status without an id has the number of its level."),
		assumed("A deleted ticket is sent as ticket.changed with status 4: there is no event ticket.deleted."),
		documented("A payload is tried three times with the same EventId, 1 s and then 4 s apart, and then dropped. The page also says that it goes to the back of the queue; here it is dropped."),
		documented("Any answer of 200 counts; every 2xx is taken as success here. After nine failures in a row the webhook's state is TooManyErrors (3), ErrorsEmail is told and webhook{id}.errors is raised; activating it again is up to its owner. An older page says seven."),
		documented("A target answers the test event with 200 over HTTPS with a valid certificate, or the webhook is not saved. The test event has no FieldValues."),
		documented("An event about a webhook's state has no Entity; PrimaryKey is the webhook's number. The page gives the states there as 0 to 2, and the rest of the documentation 1 active, 2 stopped, 3 too many errors, which is sent here."),
		assumed("In FieldValues of a state event, registered is unset, events is 1 and both associates are 0."),
		assumed("EventId is derived from the delivery: every attempt carries the same one, and a sample cannot carry the one in the vendor's example."),
	}
}

// columnSources lists the columns that follow a member of the ticket, and
// which.
func columnSources() string {
	var list []string
	for _, column := range Columns {
		if !strings.HasPrefix(column.From, "extra.") {
			list = append(list, column.Name+" ("+column.From+")")
		}
	}
	return strings.Join(list, ", ")
}
