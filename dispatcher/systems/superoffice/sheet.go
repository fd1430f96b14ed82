package superoffice

import "github.com/hookdesk/hookdesk/dispatcher/systems"

// Names of the settings.
const (
	settingContext    = "context_identifier"
	settingName       = "webhook_name"
	settingAssociates = "associate_ids"
	settingProperties = "properties"
	settingAgent      = "user_agent_version"
	settingZone       = "time_zone"
	settingMail       = "errors_email"
)

func newSheet() *systems.Sheet {
	return &systems.Sheet{
		Name:            "superoffice",
		Title:           "SuperOffice CRM",
		Vendor:          "SuperOffice",
		Summary:         "Ticket webhooks of SuperOffice CRM: a small envelope with the names of the changed database columns and fifteen field values, signed with HMAC-SHA256.",
		Homepage:        "https://docs.superoffice.com/en/automation/webhook/index.html",
		Source:          "https://docs.superoffice.com/en/automation/webhook/reference/ticket-events.html",
		Events:          events(),
		Revisions:       revisions(),
		DefaultRevision: revisionFields,
		Settings:        settings(),
		Extra:           extraMembers(),
		Signing:         "superoffice",
		Writes:          []string{"User-Agent", headerEvent, headerEventID, headerTest, headerRetry},
		Headers:         headerFacts(),
		Policy: systems.Policy{
			HTTPSOnly:    true,
			Retry:        systems.Retry{MaxAttempts: 3, ScheduleSeconds: []float64{1, 4}},
			Success:      "any 2xx; 410 disables the webhook at once",
			DisableAfter: 9,
			Provenance:   systems.Documented,
		},
		Notes: notes(),
	}
}

func events() []systems.Event {
	return []systems.Event{
		{Name: eventCreated, Title: "Ticket created", Description: "A ticket was created.", Provenance: systems.Stated, Sample: sampleCreated},
		{Name: eventChanged, Title: "Ticket changed", Description: "A column of an existing ticket was written; Changes names the columns. Replies and notes change num_replies and num_messages; deleting a ticket gives it the status deleted.", Provenance: systems.Stated, Sample: sampleChanged},
		{Name: eventTest, Title: "Test", Description: "Sent before a webhook is saved, and on demand. The receiver ignores it and answers 200. No change of a ticket fires it.", Provenance: systems.Documented, Sample: sampleTest},
		{Name: eventStarted, Title: "Webhook started", Description: "A webhook became active. The header X-SuperOffice-Event says webhook{id}.started with the webhook's number, the body webhook.started.", Provenance: systems.Documented, Sample: sampleState},
		{Name: eventStopped, Title: "Webhook stopped", Description: "A webhook was stopped by hand. The header says webhook{id}.stopped, the body webhook.stopped.", Provenance: systems.Documented, Sample: sampleState},
		{Name: eventErrors, Title: "Webhook disabled by errors", Description: "A webhook was disabled after too many errors or a 410. The header says webhook{id}.errors, the body webhook.errors.", Provenance: systems.Documented, Sample: sampleState},
	}
}

func revisions() []systems.Revision {
	return []systems.Revision{
		{Name: revisionFields, Description: "Ticket events list the changed columns in Changes and carry FieldValues.", Provenance: systems.Stated},
		{Name: revisionPlain, Description: "Before 10.2.11: Changes of a ticket event is empty and FieldValues is absent.", Provenance: systems.Documented},
	}
}

func settings() []systems.Setting {
	return []systems.Setting{
		{Name: settingContext, Title: "Context identifier", Description: "ContextIdentifier of the body: the customer's id online, such as Cust12345, and Default on site.", Type: "text", Default: "Default", Provenance: systems.Stated},
		{Name: settingName, Title: "Webhook name", Description: "WebhookName of the body. Empty: the endpoint's name.", Type: "text", Provenance: systems.Stated},
		{Name: settingAssociates, Title: "Associate ids", Description: "ChangedByAssociateId for those who change tickets: pairs such as agent@example.com=19, 7=20, client=5. A key is an id, a user name, an address or a role. An agent who is not listed has the number of their id, anybody else 0.", Type: "text", Check: checkAssociates, Provenance: systems.Assumed},
		{Name: settingProperties, Title: "Properties", Description: "A JSON object whose members are added to the end of the body, as a webhook's Properties are. A member that the body has already is left alone.", Type: "text", Check: checkProperties, Provenance: systems.Documented},
		{Name: settingMail, Title: "Errors e-mail", Description: "ErrorsEmail of a webhook: whom the vendor tells of errors, several joined with commas. They get mail when the webhook fails or is disabled, where the operator has set a mail server.", Type: systems.TypeMail, Provenance: systems.Documented},
		{Name: settingAgent, Title: "NetServer version", Description: "The version in User-Agent: NetServer-Webhook/<version>.", Type: "text", Default: "8.8.6684.1719", Check: checkVersion, Provenance: systems.Stated},
		{Name: settingZone, Title: "Time zone", Description: "The IANA zone of created_at and last_changed in FieldValues, which carry none. The vendor's example is ahead of its own Timestamp, so it is local time.", Type: "text", Default: "UTC", Check: checkZone, Provenance: systems.Assumed},
	}
}

func extraMembers() []systems.Extra {
	list := []systems.Extra{
		{Name: "id", Description: "PrimaryKey, where the ticket's number is not it."},
		{Name: "contact_id", Description: "FieldValues.contact_id, the company; 0 for none."},
		{Name: "connect_id", Description: "FieldValues.connect_id, the parent ticket; -1 for none."},
		{Name: "project_id", Description: "FieldValues.project_id; 0 for none."},
		{Name: "sale_id", Description: "FieldValues.sale_id; 0 for none."},
		{Name: "slevel", Description: "FieldValues.slevel: 0 unknown, 1 internal, 2 external."},
		{Name: "cust_id", Description: "FieldValues.cust_id, where the requester's id is not it."},
		{Name: "owned_by", Description: "FieldValues.owned_by, where the assignee's id is not it."},
		{Name: "category", Description: "FieldValues.category, where the category's id is not it."},
		{Name: "priority", Description: "FieldValues.priority, where the priority's id is not it."},
		{Name: "status", Description: "FieldValues.status: 0 unknown, 1 active, 2 closed, 3 postponed, 4 deleted, 5 merged. Unset: from the state."},
		{Name: "ticket_status", Description: "FieldValues.ticket_status, where the status's id is not it."},
		{Name: "ticket_type", Description: "FieldValues.ticket_type, where the type's id is not it."},
		{Name: "has_attachment", Description: "FieldValues.has_attachment, 0 or 1. Unset: from the attachments."},
	}
	for _, column := range Columns {
		if column.From == "extra."+column.Name && column.Name != "connect_id" && column.Name != "slevel" {
			list = append(list, systems.Extra{Name: column.Name, Description: "A column of the vendor's table; a change of it is named in Changes."})
		}
	}
	return list
}

func headerFacts() []systems.Fact {
	return []systems.Fact{
		{Text: "Content-Type: application/json; charset=utf-8", Provenance: systems.Stated},
		{Text: "User-Agent: NetServer-Webhook/<version>", Provenance: systems.Stated},
		{Text: "X-SuperOffice-Event: the event. The example requests spell the names X-Superoffice-Event and X-Superoffice-Eventid, the tables X-SuperOffice-Event and X-SuperOffice-EventId; names of headers know no case, and the tables' spelling is sent.", Provenance: systems.Documented},
		{Text: "X-SuperOffice-EventId: EventId of the body, the same for every attempt.", Provenance: systems.Stated},
		{Text: "X-SuperOffice-Retry: how many tries there were before this one. It is 0 on the first, where the example requests, older than the header, show none.", Provenance: systems.Documented},
		{Text: "X-SuperOffice-Signature: base64 of HMAC-SHA256 over the exact body, with the secret's UTF-8 bytes as the key; only where a secret is set.", Provenance: systems.Documented},
		{Text: "X-Hook-Test: true, on the test event alone.", Provenance: systems.Documented},
	}
}
