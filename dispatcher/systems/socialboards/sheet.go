package socialboards

import (
	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// Names of the settings.
const (
	settingCommunity = "community_name"
	settingToken     = "verify_token"
)

func newSheet() *systems.Sheet {
	return &systems.Sheet{
		Name:            "socialboards",
		Title:           "Socialboards",
		Vendor:          "Socialboards",
		Summary:         "Webhooks of Socialboards' Ticket API: events of tickets, replies and notes, each with the whole object and what it was before. An endpoint answers a challenge before it is saved.",
		Homepage:        "https://developers.socialboards.com/docs/apis/tickets",
		Source:          "https://developers.socialboards.com/docs/apis/tickets/webhooks",
		Events:          events(),
		Revisions:       revisions(),
		DefaultRevision: revisionSeed,
		Settings: []systems.Setting{
			{Name: settingCommunity, Title: "Community name", Description: "CommunityName of the body and the community in InboxLink. Empty: the ticket's community, and yourCompany where it has none.", Type: "text", Provenance: systems.Documented},
			{Name: settingToken, Title: "Verify token", Description: "The text that the receiver expects as verifyToken when the endpoint is saved.", Type: "text", Secret: true, Provenance: systems.Documented},
		},
		Extra:   extraMembers(),
		Signing: "none",
		Headers: []systems.Fact{
			{Text: "Content-Type: application/json; charset=utf-8. The page says a JSON payload and no more.", Provenance: systems.Assumed},
			{Text: "No header names the event or signs the request: the pages name none.", Provenance: systems.Documented},
		},
		Policy: systems.Policy{
			HTTPSOnly:  true,
			Retry:      systems.DefaultRetry,
			Success:    "any 2xx",
			Provenance: systems.Assumed,
		},
		Notes: notes(),
	}
}

func events() []systems.Event {
	const pattern = " The name follows the title of its page."
	event := func(name, title, text string, sample func() *ticket.Change) systems.Event {
		return systems.Event{Name: name, Title: title, Description: text + pattern, Provenance: systems.Assumed, Sample: sample}
	}
	return []systems.Event{
		event(ticketCreation, "Ticket: creation", "Object type Ticket: a ticket was created.", sampleCreation),
		{Name: ticketStatusChange, Title: "Ticket: status change", Description: "Object type Ticket: its status became another of open, pending and completed.", Provenance: systems.Stated, Sample: sampleStatus},
		event(ticketTagsChange, "Ticket: tags change", "Object type Ticket: a tag was added or removed.", sampleTags),
		{Name: ticketCategoryChange, Title: "Ticket: category change", Description: "Object type Ticket: its category was added, removed or changed to another one.", Provenance: systems.Documented, Sample: sampleCategory},
		event(replyCreation, "Reply: creation", "Object type Reply: the client or the team wrote a reply.", sampleOfReply(ticket.ReplyAdded)),
		event(replyUpdate, "Reply: update", "Object type Reply: a reply was changed.", sampleOfReply(ticket.ReplyUpdated)),
		event(replyDeletion, "Reply: deletion", "Object type Reply: a reply was deleted.", sampleOfReply(ticket.ReplyDeleted)),
		event(noteCreation, "Note: creation", "Object type Note: somebody of the team wrote a note, or an internal reply.", sampleOfNote(ticket.NoteAdded)),
		event(noteUpdate, "Note: update", "Object type Note: a note was changed.", sampleOfNote(ticket.NoteUpdated)),
		event(noteDeletion, "Note: deletion", "Object type Note: a note was deleted.", sampleOfNote(ticket.NoteDeleted)),
	}
}

func revisions() []systems.Revision {
	return []systems.Revision{
		{Name: revisionSeed, Description: "The body as the page about webhooks prints it, with the comma that is missing there.", Provenance: systems.Stated},
		{Name: revision2022, Description: "The body as the page about ticket_category_change prints it: TicketId last in the envelope, the ticket's Id and Title first, CustomIdentifier in a user, no Parents in a category, IsMuted beside Properties.", Provenance: systems.Documented},
	}
}

func extraMembers() []systems.Extra {
	list := []systems.Extra{
		{Name: "id", Description: "Id of the ticket, where its number is not it."},
		{Name: "Sentiment", Description: "Sentiment of the ticket; question where unset."},
		{Name: "DetailedSource", Description: "DetailedSource of the ticket; web_website where the source is web, else the source."},
		{Name: "SourceName", Description: "SourceName of the ticket; null where unset."},
		{Name: "OriginalLink", Description: "OriginalLink of the ticket; null where unset."},
		{Name: "ReplyCount", Description: "ReplyCount of the ticket. Unset: its public replies."},
		{Name: "HasAttachments", Description: "A flag of Properties. Unset: whether the ticket has attachments."},
		{Name: "IsLocked", Description: "A flag of Properties. Unset: whether somebody is assigned."},
		{Name: "IsDeleted", Description: "A flag of Properties. Unset: whether the change deleted the ticket."},
	}
	for _, flag := range []string{"IsAnonymized", "IsMuted", "HasDraft", "IsAssignedToBot", "IsExpired", "IsHidden", "IsSpam", "IsSensitive"} {
		list = append(list, systems.Extra{Name: flag, Description: "A flag of Properties; false where unset."})
	}
	return list
}

func notes() []systems.Fact {
	known := func(how systems.Provenance) func(string) systems.Fact {
		return func(text string) systems.Fact { return systems.Fact{Text: text, Provenance: how} }
	}
	stated, documented, assumed := known(systems.Stated), known(systems.Documented), known(systems.Assumed)
	return []systems.Fact{
		stated("Requests go over HTTPS only, to a server with a valid certificate; self-signed ones are refused."),
		documented("Saving an endpoint asks it first: GET <endpoint>?challenge=<number>&verifyToken=<token>. The receiver compares the token, and its answer must contain the challenge."),
		assumed("That answer must also be 2xx."),
		stated("PreviousTicketStatus is the old status and Ticket.Status the new one. The page's text says pending to open and its example open to pending; the example is followed. The page about endpoints tells it as the example does."),
		stated("The page's example lacks a comma after TicketId; the body sent is valid JSON."),
		documented("TicketId of the envelope, of the item and Id of the ticket are the same. In the example of ticket_category_change they differ, which is a slip of that page."),
		documented("Status is open, pending or completed."),
		assumed("The states new and open are open, pending and on_hold are pending, resolved and closed are completed; a change between two states of one status is no event."),
		assumed("An item of a reply or a note event has InboxLink, the Reply or Note, the Ticket and TicketId. The objects are the documented ones of the REST API with their names in PascalCase."),
		assumed("An item of ticket_tags_change has PreviousTicketTags and Tags, lists of {Id, Name}, before the Ticket: the Ticket of the older revision has no tags."),
		assumed("In the revision 2022 the members after Sentiment, and Tags and Attachments at the end, follow the documented Ticket object."),
		assumed("What was before is null where hookdesk does not know the ticket before the change."),
		assumed("LockedBy is the assignee. A person's Id is their id where it is a UUID, else a UUID made from it or from the address. Image is null."),
		assumed("Source is the ticket's source in lower case, web where it has none; DetailedSource is web_website for web."),
		assumed("An internal reply is sent as a note. A private note is sent without its text and files unless the endpoint may see private notes."),
		assumed("Deleting a ticket is no event: the vendor lists none."),
		documented("Times carry an offset, +00:00 for UTC, and up to seven digits of fraction."),
		assumed("No signature and no retries are documented: requests are not signed, and the default policy applies."),
	}
}
