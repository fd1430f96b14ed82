package console_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Whoever uses the keyboard stays where they are when a part of the page loads
// itself again, and when the editor of a trigger is rebuilt.
func TestBrowserKeepsTheFocus(t *testing.T) {
	s := enter(t)
	b := browse(t, s.URL)
	b.signIn(t)
	b.open(t, "/tickets/RTL-1")
	eval[bool](t, b, `(document.addEventListener("htmx:afterSettle", () => { window.settled = true }), document.querySelector("#caused a").focus(), window.where = document.activeElement.href, true)`)
	b.waitCalm(t, `window.settled`)
	if !eval[bool](t, b, `document.activeElement.href === window.where`) {
		t.Errorf("the focus is on %s", eval[string](t, b, `document.activeElement.outerHTML.slice(0, 80)`))
	}
	b.open(t, "/triggers/new?system=faveo")
	press := func(selector, then string) {
		t.Helper()
		eval[bool](t, b, `(document.querySelector('`+selector+`').focus(), true)`)
		b.run(t, chromedp.KeyEvent(kb.Enter))
		b.waitCalm(t, then)
	}
	press(`button[value="add-leaf:n"]`, `document.querySelector('[name="n.0.field"]')`)
	if at := eval[string](t, b, `document.activeElement.value`); at != "add-leaf:n" {
		t.Errorf("after a condition was added the focus is on %q", at)
	}
	press(`button[value="remove:n.0"]`, `!document.querySelector('[name="n.0.field"]')`)
	if eval[bool](t, b, `document.activeElement === document.body`) {
		t.Error("after a condition was removed nothing has the focus")
	}
	b.check(t, "keeping the focus")
}
