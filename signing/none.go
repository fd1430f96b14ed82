package signing

import "net/http"

// none does not sign.
type none struct{}

func (none) Describe() Description {
	return Description{
		Name:   None,
		Title:  "Not signed",
		Text:   "Requests carry no signature. A receiver cannot tell who sent them; a token in the URL or an Authorization header is the least.",
		Source: "Faveo Helpdesk, Support Service and Socialboards document no signature.",
	}
}

func (none) Sign(Message, []string, Options) ([]Header, error) { return nil, nil }

func (none) Verify(http.Header, []byte, []string, VerifyOptions) error { return nil }

func (none) CheckSecret(string) error { return nil }

func (none) NewSecret() string { return "" }
