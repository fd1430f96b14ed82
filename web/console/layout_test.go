package console_test

import (
	"os"
	"testing"
	"time"

	"github.com/hookdesk/hookdesk/web/console/consoletest"
)

// examine finds serious faults of accessibility in the page that is open.
func (b *browser) examine(t *testing.T, where string) {
	t.Helper()
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	type fault struct {
		ID, Impact, Help, Where string
	}
	eval[bool](t, b, string(axe)+"; true")
	for _, f := range eval[[]fault](t, b, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations
		.filter(v => v.impact === "serious" || v.impact === "critical")
		.flatMap(v => v.nodes.slice(0, 2).map(n => ({ID: v.id, Impact: v.impact, Help: v.help, Where: n.html.slice(0, 160)}))))`) {
		t.Errorf("%s: %s (%s): %s", where, f.ID, f.Help, f.Where)
	}
}

// fits finds what does not fit the screen: the page itself, or a list of which
// one would have to scroll sideways to read it.
func (b *browser) fits(t *testing.T, where string, width int64) {
	t.Helper()
	if wide := eval[int64](t, b, "document.scrollingElement.scrollWidth"); wide > width {
		t.Errorf("%s is %d px wide on a screen of %d", where, wide, width)
	}
	for _, list := range eval[[]string](t, b, `[...document.querySelectorAll(".card.flush")]
		.filter(card => card.scrollWidth > card.clientWidth + 1)
		.map(card => card.innerText.slice(0, 60) + " … is " + card.scrollWidth + " px wide in " + card.clientWidth)`) {
		t.Errorf("%s at %d px: %s", where, width, list)
	}
}

// No page has a serious fault of accessibility, wide or narrow, light or dark.
func TestBrowserAccessibility(t *testing.T) {
	s := enter(t)
	b := browse(t, s.URL)
	b.signIn(t)
	for i, path := range everyPage(t, s) {
		width, scheme := int64(1280), "light"
		if i%2 == 1 {
			width, scheme = 390, "dark"
		}
		b.screen(t, width, scheme)
		b.open(t, path)
		b.examine(t, path+" "+scheme)
		b.fits(t, path, width)
	}
	b.check(t, "looking at every page")
}

// Pages hold what a large installation has: 200 triggers, many deliveries,
// long names, names without a space, and text from right to left.
func TestBrowserCrowd(t *testing.T) {
	crowded, crowd, err := consoletest.Crowded(t.Context(), t.TempDir(), crowdDeliveries, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(crowded.Close)
	s := openStage(t, crowded)
	s.signIn(t)
	b := browse(t, s.URL)
	b.signIn(t)
	trigger, endpoint := "/triggers/"+crowd.Triggers[1].ID, "/endpoints/"+crowd.Endpoints[1].ID
	pages := []string{
		"/", "/log", "/log?last=30d&response=x", "/deliveries", s.first(t, "/log?outcome=failed", `/deliveries/dlv_[0-9a-z]+`),
		"/triggers", trigger, trigger + "/edit", trigger + "/versions", "/endpoints", endpoint, endpoint + "/edit",
		"/tickets", "/tickets/" + consoletest.LongTicket, "/tickets/HDSK-AAAA-0002", "/tickets/" + consoletest.LongTicket + "/explain",
		"/operations", "/operations/dead", "/operations/audit", "/operations/configuration", "/replays/new?ticket=" + consoletest.LongTicket,
	}
	for i, path := range pages {
		for j, screen := range []struct {
			width  int64
			scheme string
		}{{1280, "light"}, {390, "dark"}} {
			b.screen(t, screen.width, screen.scheme)
			b.open(t, path)
			b.fits(t, path, screen.width)
			if (i+j)%2 == 0 {
				b.examine(t, path+" "+screen.scheme)
			}
		}
	}
	b.check(t, "looking at a large installation")
}

// No page is wider than the screen, wide or narrow, light or dark, full or
// empty.
func TestBrowserFits(t *testing.T) {
	s := enter(t)
	empty, err := consoletest.New(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(empty.Close)
	bare := openStage(t, empty)
	for name, c := range map[string]struct {
		base  string
		pages []string
	}{"full": {s.URL, everyPage(t, s)}, "empty": {bare.URL, pagesWithout}} {
		t.Run(name, func(t *testing.T) {
			b := browse(t, c.base)
			b.signIn(t)
			for _, path := range c.pages {
				b.open(t, path)
				for _, width := range []int64{1280, 390} {
					for _, scheme := range []string{"light", "dark"} {
						b.screen(t, width, scheme)
						b.fits(t, path+" "+scheme, width)
					}
				}
			}
			b.check(t, "measuring every page")
		})
	}
}

// pagesWithout are the pages that there are before anything was made.
var pagesWithout = []string{
	"/", "/?span=24h", "/log", "/log?last=1h&error=x", "/deliveries", "/triggers", "/triggers/new", "/endpoints", "/endpoints/new", "/tickets", "/tickets/new",
	"/systems", "/operations", "/operations/dead", "/operations/tokens", "/operations/audit", "/operations/calendars", "/operations/configuration",
	"/operations/workspaces", "/replays", "/replays/new?outcome=failed", "/simulations",
}
