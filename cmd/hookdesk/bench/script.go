package bench

import (
	"fmt"

	"github.com/hookdesk/hookdesk/executionlog/synthetic"
)

// What tickets are about, and who writes them.
var (
	subjects = []string{
		"Printer on the third floor does not print", "Invoice has the wrong VAT number", "Cannot sign in since the update",
		"Parcel has not arrived", "Please cancel my order", "Password reset mail does not come", "Return label is missing",
		"App crashes when a photo is added", "Question about the contract", "Order arrived damaged", "VPN drops every few minutes",
		"Wrong amount was charged", "Please change the delivery address", "How do I export my data?", "Phone line is dead",
		"Request for a quotation", "Warranty of a washing machine", "Newsletter cannot be cancelled", "Access to the shared folder",
		"Delivery note and invoice differ", "Screen stays black", "Refund takes too long", "Complaint about a technician", "Appointment has to be moved",
	}
	firstNames = []string{"Ann", "Bo", "Carla", "Deniz", "Emil", "Fatima", "Goran", "Hana", "Ivo", "Jana", "Kim", "Lena", "Milo", "Nora", "Oskar", "Petra"}
	lastNames  = []string{"Adler", "Berg", "Costa", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito", "Jensen", "Kowalski", "Lind", "Moreau", "Novak"}
	agents     = []string{"Sam Desk", "Alex Turner", "Mia Holm", "Tom Reed", "Eva Lorenz"}
	priorities = []string{"Low", "Normal", "Normal", "High"}
	states     = []string{"In Progress", "Pending", "Open", "Resolved", "Closed"}
	replies    = []string{
		"<p>Thank you for your message. We are looking into it.</p>", "<p>Could you send us a picture of it?</p>",
		"<p>It works again. Please try once more.</p>", "<p>We have passed this on to our colleagues.</p>",
	}
)

// script says, as the API would be told, what happens to a ticket at a step of
// its life. The same ticket is always about the same.
func script(h synthetic.Happening) []byte {
	n := h.Place
	client := fmt.Sprintf("%s %s", firstNames[n%len(firstNames)], lastNames[n/3%len(lastNames)])
	agent := agents[n%len(agents)]
	person := func(name, role string) string {
		return fmt.Sprintf(`{"name":%q,"email":"%d@%s.example","role":%q}`, name, n%5000, role, role)
	}
	if h.Step == 0 {
		return fmt.Appendf(nil, `{"actor":%s,"ticket":{"number":%q,"subject":%q,"description":"%s. It has been like this since this morning; please help.",`+
			`"status":"Open","priority":%q,"urgency":%q,"department":{"name":%q},"source":"Web","type":"Question","tags":["customer-%d"],"requester":%s}}`,
			person(client, "client"), h.Ticket, subjects[n%len(subjects)], subjects[n%len(subjects)],
			priorities[n%len(priorities)], priorities[n/7%len(priorities)], departments[n/2%len(departments)], n%40, person(client, "client"))
	}
	switch (n + h.Step) % 5 {
	case 0:
		return fmt.Appendf(nil, `{"actor":%[1]s,"ticket":{"number":%[2]q},"reply":{"body":%[3]q,"author":%[1]s}}`,
			person(agent, "agent"), h.Ticket, replies[(n+h.Step)%len(replies)])
	case 1:
		return fmt.Appendf(nil, `{"actor":%[1]s,"ticket":{"number":%[2]q,"assignee":%[1]s}}`,
			person(agents[(n+h.Step)%len(agents)], "agent"), h.Ticket)
	case 2:
		return fmt.Appendf(nil, `{"actor":%[1]s,"ticket":{"number":%[2]q},"reply":{"body":"<p>Any news?</p>","author":%[1]s}}`,
			person(client, "client"), h.Ticket)
	case 3:
		return fmt.Appendf(nil, `{"actor":%[1]s,"ticket":{"number":%[2]q},"note":{"body":"<p>Called the client.</p>","private":true,"author":%[1]s}}`,
			person(agent, "agent"), h.Ticket)
	}
	return fmt.Appendf(nil, `{"actor":%s,"ticket":{"number":%q,"status":%q}}`, person(agent, "agent"), h.Ticket, states[(n/5+h.Step)%len(states)])
}
