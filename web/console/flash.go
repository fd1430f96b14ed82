package console

import (
	"net/http"
	"time"
)

// flash is a message that the next page shows once.
type flash struct {
	Kind string `json:"k"` // good, bad or warn
	Text string `json:"t"`
	Link string `json:"l,omitempty"` // an address of the console
	Name string `json:"n,omitempty"` // the link's text
}

// done leaves a message of success for the next page.
func (r *request) done(text string) { r.leave(flash{Kind: "good", Text: text}) }

// doneLink leaves a message of success with a link.
func (r *request) doneLink(text, link, name string) {
	r.leave(flash{Kind: "good", Text: text, Link: link, Name: name})
}

// sorry leaves a message about what did not work.
func (r *request) sorry(text string) { r.leave(flash{Kind: "bad", Text: text}) }

func (r *request) leave(f flash) {
	const most = 1500 // a cookie must stay under 4 KB
	if len(f.Text) > most {
		f.Text = f.Text[:most] + "…"
	}
	http.SetCookie(r.w, cookie(r.Request, flashCookie, r.cookies.seal(flashCookie, f), time.Minute))
}

// takeFlash returns the message left by the page before, and removes it.
func (r *request) takeFlash() *flash {
	var found flash
	if !r.cookies.open(r.Request, flashCookie, &found) {
		return nil
	}
	http.SetCookie(r.w, cookie(r.Request, flashCookie, "", -time.Second))
	return &found
}
