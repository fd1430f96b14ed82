package receiver

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// Guide recognises whose webhook a request is. It learns from the data
// sheets: the names of the events, and the members of rendered samples.
type Guide struct {
	sheets []*systems.Sheet
	shapes []shape
}

// shape is the top-level members of one sample.
type shape struct {
	system, event, signing string
	members                map[string]bool
}

// Guess is what a request seems to be. Unknown members are empty.
type Guess struct {
	System  string
	Event   string
	Ticket  string
	Signing string // the system's usual scheme
}

// NewGuide renders a sample of every event and revision of every system.
func NewGuide(registry *systems.Registry) *Guide {
	guide := &Guide{}
	for _, system := range registry.All() {
		sheet := system.Sheet()
		guide.sheets = append(guide.sheets, sheet)
		for _, event := range sheet.Events {
			if event.Sample == nil {
				continue
			}
			for _, revision := range sheet.Revisions {
				request, err := system.Render(systems.Occasion{
					Event: event.Name, Revision: revision.Name, Change: event.Sample(),
					Endpoint: systems.Endpoint{ID: "ep_sample", Name: "sample", URL: "https://example.com/hook"},
					Delivery: "dlv_sample", Matched: event.SampleMatched,
				})
				if err != nil {
					continue
				}
				tree := parse(request.ContentType, request.Body)
				members := map[string]bool{}
				for name := range tree {
					members[name] = true
				}
				guide.shapes = append(guide.shapes, shape{sheet.Name, event.Name, sheet.Signing, members})
			}
		}
	}
	return guide
}

// Guess says what a request is. A system named by the caller is believed.
func (g *Guide) Guess(header http.Header, body []byte, system string) Guess {
	tree := parse(header.Get("Content-Type"), body)
	guess := g.byName(header, tree, system)
	if guess.System == "" {
		guess = g.byShape(tree, system)
	}
	if guess.System == "" {
		guess.System = system
	}
	guess.Ticket = ticketOf(tree)
	return guess
}

// byName looks for the name of an event in the headers and members.
func (g *Guide) byName(header http.Header, tree map[string]any, system string) Guess {
	words := map[string]bool{}
	for _, values := range header {
		for _, v := range values {
			words[v] = true
		}
	}
	for _, value := range tree {
		if text, ok := value.(string); ok {
			words[text] = true
		}
	}
	for _, sheet := range g.sheets {
		if system != "" && sheet.Name != system {
			continue
		}
		for _, event := range sheet.Events {
			if words[event.Name] {
				return Guess{System: sheet.Name, Event: event.Name, Signing: sheet.Signing}
			}
		}
	}
	return Guess{}
}

// byShape finds the sample whose members are most like those of tree: at
// least half of all members must be in both.
func (g *Guide) byShape(tree map[string]any, system string) Guess {
	var best Guess
	most := 0.5
	for _, s := range g.shapes {
		if system != "" && s.system != system {
			continue
		}
		shared := 0
		for name := range tree {
			if s.members[name] {
				shared++
			}
		}
		all := len(tree) + len(s.members) - shared
		if all == 0 {
			continue
		}
		if likeness := float64(shared) / float64(all); likeness > most {
			most = likeness
			best = Guess{System: s.system, Event: s.event, Signing: s.signing}
		}
	}
	return best
}

// parse returns the top-level members of a JSON or form body.
func parse(contentType string, body []byte) map[string]any {
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "application/x-www-form-urlencoded" {
		return parseForm(body)
	}
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&tree) != nil {
		return nil
	}
	return tree
}

// parseForm reads PHP's bracket form as deep as names go.
func parseForm(body []byte) map[string]any {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	tree := map[string]any{}
	for name, given := range values {
		steps := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
		at := tree
		for _, step := range steps[:len(steps)-1] {
			next, ok := at[step].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[step] = next
			}
			at = next
		}
		at[steps[len(steps)-1]] = given[0]
	}
	return tree
}

// ticketPlaces is where the systems keep a ticket's number, the surest first.
var ticketPlaces = []string{
	"ticket.ticket_number", "thread.ticket.ticket_number", "thread.ticket_number",
	"data.ticket.id", "PrimaryKey", "TicketId", "Id",
}

func ticketOf(tree map[string]any) string {
	for _, place := range ticketPlaces {
		var at any = tree
		for step := range strings.SplitSeq(place, ".") {
			members, ok := at.(map[string]any)
			if !ok {
				at = nil
				break
			}
			at = members[step]
		}
		switch v := at.(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return ""
}
