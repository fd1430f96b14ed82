package supportservice

import "github.com/hookdesk/hookdesk/dispatcher/systems"

func newSheet() *systems.Sheet {
	return &systems.Sheet{
		Name:     "supportservice",
		Title:    "Support Service",
		Vendor:   "Zenvia",
		Summary:  "Webhooks of Support Service in Zenvia Customer Cloud, formerly Movidesk: the action of a trigger of type Ticket, without an event name, with the conditions that held as numbers.",
		Homepage: "https://www.zenvia.com/",
		Source:   "https://atendimento.movidesk.com/kb/en/article/55928/webhook",
		Events: []systems.Event{{
			Name:  eventTicket,
			Title: "Trigger of type Ticket",
			Description: "Any change of a ticket; the conditions of the trigger decide. The name is ours and is not sent: " +
				"the vendor has no event names.",
			Provenance:    systems.Stated,
			Sample:        sample,
			SampleMatched: []systems.Matched{{Field: "status", Op: "changed_to"}},
		}},
		Revisions: []systems.Revision{
			{Name: revisionSeed, Description: "The members, casing and order of the vendor's page; what has no value is null.", Provenance: systems.Stated},
			{Name: revisionCaptured, Description: "As captured from two accounts: Operation instead of Operator in WebhookEvents; Type, Origin, IsDeleted, ActionCount and ResolvedInFirstCall after Status; Type, Origin, IsDeleted and CreatedBy in an action; what has no value is absent.", Provenance: systems.Observed},
		},
		DefaultRevision: revisionSeed,
		Settings:        []systems.Setting{},
		Extra: []systems.Extra{
			{Name: "id", Description: "Id of the ticket, where its number is not it."},
			{Name: "ServiceFirstLevel", Description: "The first level of the service catalogue. Unset: the help topic, else the first level of the category."},
			{Name: "SlaSolutionTime", Description: "The time allowed for a solution, in minutes. Unset: from creation to resolution_due_at."},
			{Name: "ResolvedInFirstCall", Description: "Whether the ticket was resolved in the first call; revision captured."},
		},
		Signing: "none",
		Headers: []systems.Fact{{Text: "Content-Type: application/json; charset=utf-8. The page says JSON and no more.", Provenance: systems.Assumed}},
		Policy: systems.Policy{
			Retry:      systems.DefaultRetry,
			Success:    "any 2xx",
			Provenance: systems.Assumed,
		},
		Notes: notes(),
	}
}

func notes() []systems.Fact {
	known := func(how systems.Provenance) func(string) systems.Fact {
		return func(text string) systems.Fact { return systems.Fact{Text: text, Provenance: how} }
	}
	stated, documented, observed, assumed := known(systems.Stated), known(systems.Documented), known(systems.Observed), known(systems.Assumed)
	return []systems.Fact{
		stated("A webhook is the action Trigger Webhook of a trigger of type Ticket. All other actions of the trigger run as well, such as a note that the ticket was sent on."),
		stated("The Webhook Execution Log lists every firing of a trigger with that action, and is searched by date, ticket number and error message."),
		documented("Conditions can be met by what somebody does or by time, such as the time within a status."),
		observed("Criteria 2 with Operation 10 came from the condition that the status changed to a value."),
		assumed("The vendor publishes no other number of WebhookEvents. The two tables below number the rest in the order of hookdesk's own fields and operators; what they lack is 99."),
		assumed("Criteria: " + list(Criteria) + "."),
		assumed("Operator: " + list(Operators) + "."),
		observed("Actions holds only the action that caused the change, in captured requests; the page does not say. Both revisions do so, and a change without a text has an empty list."),
		assumed("Ids of actions: the id of a reply or a note where it is a number, else its place among the ticket's texts, of which the first is 1."),
		observed("Dates have up to seven digits of fraction and no zone."),
		assumed("Those dates are in UTC."),
		documented("PersonType is 1 person, 2 company, 4 department; ProfileType 1 agent, 2 client, 3 both; a ticket's Type 1 internal, 2 public; Origin 1 web by the client, 2 web by an agent, 3 e-mail, 4 system trigger, 5 chat, 8 contact form, 9 web API, 13 received call."),
		assumed("Everybody is a person: a canonical ticket knows neither companies nor departments among its people."),
		documented("The base statuses are New, InAttendance, Stopped, Canceled, Resolved and Closed. Status is the name that the ticket's status has, and the base status's name where it has none."),
		assumed("ServiceFirstLevel is the help topic, and SlaSolutionTime whole minutes."),
		assumed("The order of Type, Origin, IsDeleted and CreatedBy within an action of the revision captured."),
		assumed("A private text is sent without its text and files unless the endpoint may see private notes."),
		observed("There is no signature. Receivers put a token into the URL, so its query string is sent as it was saved."),
		assumed("Retries are not public: the default policy applies."),
	}
}
