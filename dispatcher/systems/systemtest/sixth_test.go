package systemtest_test

import (
	"slices"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
	"github.com/hookdesk/hookdesk/dispatcher/systems/all"
	"github.com/hookdesk/hookdesk/dispatcher/systems/systemtest"
	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// paper is a sixth system, whole: a desk that sends a slip of paper for each
// ticket it gets. It is what the folder of a new system holds.
type paper struct{ sheet *systems.Sheet }

func newPaper() systems.System {
	return &paper{&systems.Sheet{
		Name: "paper", Title: "Paper slips", Vendor: "Nobody", Source: "this test",
		Summary: "A slip for each new ticket.",
		Events: []systems.Event{{
			Name: "slip", Title: "Slip", Description: "A ticket is created.", Provenance: systems.Assumed,
			Sample: func() *ticket.Change {
				return &ticket.Change{Kind: ticket.TicketCreated, After: &ticket.Ticket{Number: "6", Subject: "<b>Sixth</b>"}}
			},
		}},
		DefaultRevision: "first",
		Revisions:       []systems.Revision{{Name: "first", Description: "The only one.", Provenance: systems.Assumed}},
		Settings: []systems.Setting{{
			Name: "drawer", Title: "Drawer", Description: "Where slips go.", Type: "choice",
			Choices: []string{"top", "bottom"}, Default: "top", Provenance: systems.Assumed,
		}, {
			Name: "pin", Title: "PIN", Description: "Opens the drawer.", Type: "text", Secret: true, Provenance: systems.Assumed,
		}},
		Signing: "none",
		Headers: []systems.Fact{{Text: "X-Drawer: the drawer.", Provenance: systems.Assumed}},
		Writes:  []string{"X-Drawer"},
		Policy:  systems.Policy{Retry: systems.DefaultRetry, Success: "any 2xx answer", Provenance: systems.Assumed},
		Notes:   []systems.Fact{{Text: "Made up for a test.", Provenance: systems.Assumed}},
	}}
}

func (p *paper) Sheet() *systems.Sheet { return p.sheet }

func (p *paper) AttemptHeaders(int) []systems.Header { return nil }

func (p *paper) Detect(change *ticket.Change) []string {
	if change == nil || change.After == nil || !change.Created() {
		return nil
	}
	return []string{"slip"}
}

func (p *paper) Render(occasion systems.Occasion) (*systems.Request, error) {
	if _, err := systems.Begin(p.sheet, occasion); err != nil {
		return nil, err
	}
	body, err := systems.JSON(struct {
		Slip  string `json:"slip"`
		Title string `json:"title"`
	}{systems.UUID(occasion.Delivery), occasion.Change.After.Subject})
	if err != nil {
		return nil, err
	}
	return &systems.Request{
		EventID: systems.UUID(occasion.Delivery), ContentType: "application/json", Body: body,
		Header: []systems.Header{{Name: "X-Drawer", Value: occasion.Endpoint.Setting(p.sheet, "drawer")}},
	}, nil
}

// A new system is its folder and one line of the registry: the suite and the
// registry know it without a change anywhere else.
func TestSixthSystemIsAFolderAndALine(t *testing.T) {
	registry := systems.NewRegistry(append(all.Registry().All(), newPaper())...)
	if names := registry.Names(); len(names) != 6 || names[5] != "paper" {
		t.Fatalf("the registry has %q", names)
	}
	system := registry.Lookup("paper")
	if system == nil {
		t.Fatal("the registry does not find the sixth system")
	}
	systemtest.Run(t, system, "testdata")

	created := &ticket.Change{Kind: ticket.TicketCreated, After: &ticket.Ticket{Number: "7"}}
	var fired []string
	for _, system := range registry.All() {
		for _, event := range system.Detect(created) {
			fired = append(fired, system.Sheet().Name+"."+event)
		}
	}
	if !slices.Contains(fired, "paper.slip") {
		t.Errorf("a new ticket fires %q", fired)
	}
}
