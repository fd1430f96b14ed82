package console

import (
	"bytes"
	"regexp"
)

// postForm is the beginning of a form that changes something. Those of the
// frame, which change nothing but the session, are marked.
var postForm = regexp.MustCompile(`<form [^>]*method="post"[^>]*>`)

// locked returns a page whose forms cannot be sent, for somebody who may only
// read: what they hold can be seen, and nobody fills in what is refused.
func locked(page []byte) []byte {
	var out bytes.Buffer
	for {
		at := postForm.FindIndex(page)
		if at == nil {
			break
		}
		end := bytes.Index(page[at[1]:], []byte("</form>"))
		if end < 0 {
			break
		}
		end += at[1]
		if bytes.Contains(page[at[0]:at[1]], []byte("data-own")) {
			out.Write(page[:end])
		} else {
			out.Write(page[:at[1]])
			out.WriteString(`<fieldset class="locked" disabled>`)
			out.Write(page[at[1]:end])
			out.WriteString("</fieldset>")
		}
		page = page[end:]
	}
	out.Write(page)
	return out.Bytes()
}
