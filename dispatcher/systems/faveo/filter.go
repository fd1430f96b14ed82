package faveo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

const settingSources = "sources"

// sourceTitles are the sources that a webhook can listen to, by the name of
// the setting's choice, in the order of the vendor's page and then those that
// tickets can have besides.
var sourceTitles = []struct{ name, title string }{
	{"web", "Web"},
	{"agent_panel", "Agent Panel"},
	{"call", "Call"},
	{"chat", "Chat"},
	{"widget", "Widget"},
	{"line", "Line"},
	{"email", "Email"},
	{"facebook", "Facebook"},
	{"twitter", "Twitter"},
}

const defaultSources = "web,agent_panel"

// Accepts lets a change through when its ticket came from one of the sources
// that the endpoint lists. A ticket without a source passes for one from the
// web, Faveo's first source.
func (s *system) Accepts(change *ticket.Change, settings map[string]string) string {
	if change == nil || change.After == nil {
		return ""
	}
	source := change.After.Source
	listed := systems.Endpoint{Settings: settings}.Setting(s.sheet, settingSources)
	var titles []string
	for name := range strings.SplitSeq(listed, ",") {
		name = listKey(name)
		if name == "" {
			continue
		}
		if listens(name, source) {
			return ""
		}
		titles = append(titles, sourceTitle(name))
	}
	return fmt.Sprintf("The ticket came from %s; the endpoint listens to %s.", shown(source), strings.Join(titles, ", "))
}

func listens(name string, source ticket.Ref) bool {
	if source == (ticket.Ref{}) {
		return name == "web"
	}
	id, known := sourceIDs[name]
	return known && id == refID(source, sourceIDs) || name == listKey(source.Name)
}

func sourceTitle(name string) string {
	i := slices.IndexFunc(sourceTitles, func(s struct{ name, title string }) bool { return s.name == name })
	if i < 0 {
		return name
	}
	return sourceTitles[i].title
}

func shown(source ticket.Ref) string {
	switch {
	case source.Name != "":
		return source.Name
	case source.ID != "":
		return "source " + source.ID
	default:
		return "no source"
	}
}
