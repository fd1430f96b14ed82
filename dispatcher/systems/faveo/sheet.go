package faveo

import "github.com/hookdesk/hookdesk/dispatcher/systems"

const userAgent = "GuzzleHttp/7"

func sheet() *systems.Sheet {
	return &systems.Sheet{
		Name:            "faveo",
		Title:           "Faveo Helpdesk",
		Vendor:          "Faveo",
		Summary:         "Eight ticket events as form values in PHP's bracket notation, or as JSON; unsigned, filtered by the source of the ticket.",
		Homepage:        "https://www.faveohelpdesk.com",
		Source:          "https://developers.faveohelpdesk.com/understanding-webhook-events-in-faveo",
		Events:          events(),
		DefaultRevision: Form,
		Revisions: []systems.Revision{
			{
				Name: Form, Provenance: systems.Stated,
				Description: "Form values: application/x-www-form-urlencoded with PHP's bracket nesting, indexes of lists explicit, booleans 1 and 0, nulls and empty lists left out.",
			},
			{Name: JSON, Provenance: systems.Assumed, Description: "The same tree as JSON, with nulls and empty lists."},
		},
		Settings: []systems.Setting{settingOfSources()},
		Extra:    extra(),
		Signing:  "none",
		Writes:   []string{"User-Agent"},
		Headers: []systems.Fact{
			{Text: "Content-Type: application/x-www-form-urlencoded, or application/json in the revision json.", Provenance: systems.Assumed},
			{Text: "User-Agent: " + userAgent + ", as Laravel's HTTP client sends it.", Provenance: systems.Assumed},
		},
		Policy: systems.Policy{
			Retry:      systems.DefaultRetry,
			Success:    "any 2xx answer; a redirect is a failure, and the answer's body is ignored",
			Provenance: systems.Documented,
		},
		Notes: notes(),
	}
}

func settingOfSources() systems.Setting {
	choices := make([]string, len(sourceTitles))
	for i, source := range sourceTitles {
		choices[i] = source.name
	}
	return systems.Setting{
		Name: settingSources, Title: "Webhook source", Type: "choices", Choices: choices, Default: defaultSources,
		Description: "The sources whose tickets are sent, separated by commas. Email, Facebook and Twitter are not on the vendor's page; tickets can come from them all the same.",
		Provenance:  systems.Documented,
	}
}

func events() []systems.Event {
	return []systems.Event{
		{
			Name: Created, Title: "Ticket created", Provenance: systems.Stated, Sample: sampleCreated,
			Description: "A ticket is created. The ticket has the columns that were set, beside its first thread entry, its custom fields and the requester.",
		},
		{
			Name: Commented, Title: "Ticket commented", Provenance: systems.Stated, Sample: sampleCommented,
			Description: "The client adds an entry to the ticket's thread.",
		},
		{
			Name: Reply, Title: "Ticket reply", Provenance: systems.Stated, Sample: sampleReply,
			Description: "An agent or admin replies in public. An internal note fires nothing, and neither does what Faveo writes into the thread by itself.",
		},
		{
			Name: StatusUpdated, Title: "Ticket status updated", Provenance: systems.Stated, Sample: sampleStatus,
			Description: "The status becomes another one. Setting the status that the ticket has already fires nothing.",
		},
		{
			Name: DueDateUpdated, Title: "Ticket due date updated", Provenance: systems.Stated, Sample: sampleDueDate,
			Description: "An admin or agent sets, moves or removes the due date. The body holds the ticket under the key thread.",
		},
		{
			Name: Assigned, Title: "Ticket assigned", Provenance: systems.Stated, Sample: sampleAssigned,
			Description: "An agent or a team gets the ticket. Taking it away from them fires nothing.",
		},
		{
			Name: OwnerUpdated, Title: "Ticket owner updated", Provenance: systems.Stated, Sample: sampleOwner,
			Description: "The owner, which is the requester (user_id), becomes another one.",
		},
		{
			Name: DepartmentUpdated, Title: "Ticket department updated", Provenance: systems.Documented, Sample: sampleDepartment,
			Description: "The ticket moves to another department. The page with the payloads leaves this event out; its body is assumed to be like that of the due date.",
		},
	}
}

func notes() []systems.Fact {
	return []systems.Fact{
		{Text: "No signature, secret or event header is named. A signing scheme of hookdesk's own can be switched on for an endpoint.", Provenance: systems.Stated},
		{Text: "Web and Agent Panel are switched on as sources by default; Call, Chat, Widget and Line can be.", Provenance: systems.Documented},
		{Text: "How often and when a failed delivery is tried again is not public: hookdesk's own policy applies.", Provenance: systems.Assumed},
		{Text: "The page shows readable labels. The names on the wire are the columns of the open-source edition: Rating Reply is ratingreply, Is Overdue is isoverdue, Lock By is lock_by.", Provenance: systems.Assumed},
		{Text: "Values of 0 mean unset. A time that is unset is null, except transferred_at, which is 0000-00-00 00:00:00.", Provenance: systems.Stated},
		{Text: "Statuses have the ids 1 Open, 2 Resolved, 3 Closed (3 is stated). A status, priority, source, department or help topic that comes without a number and is not on a fresh installation's list gets a stable number of its own.", Provenance: systems.Assumed},
		{Text: "Sources have the ids 1 Web, 2 Email, 3 Agent Panel, 4 Facebook, 5 Twitter, 6 Call, 7 Chat; 8 Widget and 9 Line are assumed.", Provenance: systems.Assumed},
		{Text: "The thread of a reply has the type first_reply when it is an agent's first one; other entries have none.", Provenance: systems.Assumed},
		{Text: "response_time, resolution_time and average_response_time are whole minutes, rounded.", Provenance: systems.Stated},
		{Text: "send_email is the rule of a fresh installation: client and assigned agent or team yes, admin no.", Provenance: systems.Assumed},
		{Text: "An item of custom_fields is {key, value}, in the order of the keys.", Provenance: systems.Assumed},
		{Text: "The relations of an assigned ticket are called assigned, creator, user, priority, department, sla_plan, sources, help_topic and statuses. sources has an s, since source is a column.", Provenance: systems.Assumed},
		{Text: "encrypted_id is opaque, shaped like Laravel's encrypted text, and the same for a ticket at all times.", Provenance: systems.Assumed},
		{Text: "Only a change by an agent or admin fires the due date event, as the page says; a due date that a rule or the client sets does not.", Provenance: systems.Stated},
		{Text: "Resolved and Closed both count as closed: closed is 1 and purpose_of_status is 2.", Provenance: systems.Assumed},
	}
}

func extra() []systems.Extra {
	return []systems.Extra{
		{Name: "id", Description: "The ticket's id. Without it the number, where it is one, else a stable number derived from it."},
		{Name: "thread_id", Description: "The id of the entry that opened the ticket."},
		{Name: "rating", Description: "The client's rating; 0 without it."},
		{Name: "ratingreply", Description: "The rating of the replies; 0 without it."},
		{Name: "flags", Description: "The flags column; 0 without it."},
		{Name: "ip_address", Description: "The client's address; 0 without it."},
		{Name: "lock_by", Description: "The id of the agent who locked the ticket; 0 without it."},
		{Name: "lock_at", Description: "When it was locked."},
		{Name: "isoverdue", Description: "1 when overdue. Without it, 1 for an open ticket past its due date."},
		{Name: "reopened", Description: "1 when reopened. Without it, 1 where reopened_at is given."},
		{Name: "reopened_at", Description: "When it was reopened."},
		{Name: "isanswered", Description: "1 when answered. Without it, 1 when the last public entry is an agent's."},
		{Name: "html", Description: "The html column; 0 without it."},
		{Name: "is_deleted", Description: "1 when deleted. Without it, 1 for a ticket that was just deleted."},
		{Name: "is_transferred", Description: "1 when moved to another department. Without it, 1 for the change that moves it."},
		{Name: "transferred_at", Description: "When it was moved."},
		{Name: "last_message_at", Description: "When the client last wrote; null without it."},
		{Name: "last_response_at", Description: "When an agent last wrote; null without it."},
		{Name: "first_response_time", Description: "When an agent first replied. Without it, from the replies."},
		{Name: "resolution_time", Description: "Minutes from creation to closing. Without it, from the times."},
		{Name: "is_response_sla", Description: "1 when the first reply was in time. Without it, from response_due_at."},
		{Name: "is_resolution_sla", Description: "1 when it was closed in time. Without it, from resolution_due_at."},
		{Name: "average_response_time", Description: "Mean minutes until a reply. Without it, from the replies."},
		{Name: "location_id", Description: "The location's id; 0 without it."},
		{Name: "is_manual_duedate", Description: "1 when the due date was set by hand. Without it, 1 where it is not the resolution's."},
		{Name: "thread_count", Description: "Number of entries. Without it, one and the public replies."},
		{Name: "strictly_thread_count", Description: "Number of entries, strictly; without it as thread_count."},
		{Name: "attachment_count", Description: "Number of files. Without it, those of the ticket and its replies."},
		{Name: "poster", Description: "client or support. Without it, who wrote last in public."},
		{Name: "encrypted_id", Description: "The encrypted id. Without it, one derived from the number."},
		{Name: "statuses", Description: "Columns of the status: message, created_at, updated_at, icon, icon_color, order, halt_sla, default, purpose_of_status, visibility_for_client and so on."},
		{Name: "department_due_track", Description: "A list of stays in departments: id, ticket_id, department_id, started_at, ended_at, created_at, updated_at. Without it, one stay from creation to closing."},
		{Name: "email_verified", Description: "1 when the requester's address is verified."},
		{Name: "mobile_verified", Description: "1 when the requester's number is verified."},
		{Name: "profile_pics", Description: "Links to profile pictures by the person's id."},
		{Name: "admins", Description: "A list of the ids of people who are admins."},
	}
}
