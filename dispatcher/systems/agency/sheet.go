package agency

import "github.com/hookdesk/hookdesk/dispatcher/systems"

const (
	userAgent         = "Tamio-Webhooks/2"
	settingEndpointID = "endpoint_id"
)

func sheet() *systems.Sheet {
	return &systems.Sheet{
		Name:            "agency",
		Title:           "Agency tickets",
		Vendor:          "Tamio",
		Summary:         "Whitelabel agency tickets: four events in a JSON envelope with UUIDs and Unix times, signed with a timestamp.",
		Source:          "Agency Ticket Events, the vendor's page of webhook events and payload examples",
		Events:          events(),
		DefaultRevision: revision,
		Revisions: []systems.Revision{{
			Name: revision, Provenance: systems.Stated,
			Description: "The envelope with api_version 2, as the vendor prints it.",
		}},
		Settings: []systems.Setting{{
			Name: settingEndpointID, Title: "Endpoint id", Type: "text", Provenance: systems.Stated,
			Description: "The UUID sent as endpoint_id. Empty: one derived from the endpoint's own id. Text that is no UUID is turned into one.",
		}},
		Extra: []systems.Extra{
			{Name: "id", Description: "The ticket's UUID. Without it the ticket's number is used, turned into a UUID where it is none."},
			{Name: "subcategory", Description: "The subcategory's name. Without it the deepest level of category.path."},
		},
		Writes:  []string{"User-Agent"},
		Signing: "agency",
		Headers: []systems.Fact{
			{Text: "Content-Type: application/json.", Provenance: systems.Documented},
			{Text: "Signature: t=<Unix seconds>,s=<lower-case hex>. That the value has these two parts is documented; the header's name is assumed.", Provenance: systems.Assumed},
			{Text: "User-Agent: " + userAgent + ".", Provenance: systems.Assumed},
		},
		Policy: systems.Policy{
			HTTPSOnly: true, MaxEndpoints: 100, Retry: systems.DefaultRetry,
			Success: "any 2xx answer", Provenance: systems.Assumed,
		},
		Notes: notes(),
	}
}

func events() []systems.Event {
	return []systems.Event{
		{
			Name: Created, Title: "Ticket created", Provenance: systems.Stated, Sample: sampleCreated,
			Description: "A ticket is created. updated_at equals created_at.",
		},
		{
			Name: Updated, Title: "Ticket updated", Provenance: systems.Stated, Sample: sampleUpdated,
			Description: "The client or an agent adds a public reply, and nothing else: other changes of a ticket do not fire it. data.reply repeats the last of the replies.",
		},
		{
			Name: Assigned, Title: "Ticket assigned", Provenance: systems.Stated, Sample: sampleAssigned,
			Description: "The ticket is given to another agent. Taking an agent away does not fire it.",
		},
		{
			Name: Resolved, Title: "Ticket resolved", Provenance: systems.Stated, Sample: sampleResolved,
			Description: "The client or an agent resolves or closes a ticket that was open.",
		},
	}
}

func notes() []systems.Fact {
	return []systems.Fact{
		{Text: "Targets must be HTTPS, and an account has at most 100 endpoints.", Provenance: systems.Documented},
		{Text: "The signature is an HMAC-SHA256 with the endpoint's secret; a receiver refuses a timestamp older than five minutes.", Provenance: systems.Documented},
		{Text: "What is signed is the timestamp, a full stop and the body; the result is written in lower-case hex.", Provenance: systems.Assumed},
		{Text: "How often and when a failed delivery is tried again is not public: hookdesk's own policy applies.", Provenance: systems.Assumed},
		{Text: "is_client_reply is true for replies of the client. The page's samples happen to show replies of the agency's side only.", Provenance: systems.Stated},
		{Text: "A ticket's description is sent as its first reply, unless the first reply repeats it.", Provenance: systems.Assumed},
		{Text: "The text of a reply is sent as plain text, as in the page's samples; markup is taken out.", Provenance: systems.Assumed},
		{Text: "Replies that only agents see, and notes, are never sent.", Provenance: systems.Assumed},
		{Text: "What a rule or the system itself does to a ticket fires neither the updated nor the resolved event, since the page names the client and the agent.", Provenance: systems.Assumed},
		{Text: "assets is null, or a list of id, object, filename, extension, filesize, type, version and status. The values of type (image, video, audio, file), version (1) and status (available) are assumed.", Provenance: systems.Assumed},
		{Text: "client, category, subcategory and language are null where the ticket has none; the page shows null for subcategory only.", Provenance: systems.Assumed},
		{Text: "Closed counts as resolved: is_open is false for both.", Provenance: systems.Assumed},
	}
}
