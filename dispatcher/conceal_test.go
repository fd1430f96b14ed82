package dispatcher

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/hookdesk/hookdesk/dispatcher/sender"
	"github.com/hookdesk/hookdesk/executionlog"
)

func echoing(body string) *sender.Exchange {
	return &sender.Exchange{
		Status: 500, Code: sender.HTTP5xx, Error: "the receiver answered 500 Internal Server Error",
		ResponseBody: []byte(body), ResponseHeader: []executionlog.Header{{Name: "X-Echo", Value: body}},
	}
}

func TestSecretsAreTakenOutOfAnswers(t *testing.T) {
	const token = `s3cr"t/&<token>`
	post := &sender.Post{
		URL: "https://receiver.example/hook?verify_token=" + url.QueryEscape("pa ss+word") + "&community=yours",
		Header: []executionlog.Header{
			{Name: "Content-Type", Value: "application/json"}, {Name: "Authorization", Value: "Bearer " + token}, {Name: "X-Key", Value: "abc"},
		},
	}
	masked := []executionlog.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "Authorization", Value: mask}, {Name: "X-Key", Value: mask}}
	secrets := sentSecrets(post, masked)
	inJSON, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"the header":     "you sent Bearer " + token,
		"without scheme": "token=" + token + ";",
		"in JSON":        `{"token":` + string(inJSON) + `}`,
		"in HTML":        "<p>s3cr&#34;t/&amp;&lt;token&gt;</p>",
		"in a URL":       "/hook?t=" + url.QueryEscape(token),
		"a parameter":    "verify_token is pa ss+word",
		"as in the URL":  post.URL,
	} {
		exchange := echoing(body)
		conceal(exchange, secrets)
		for _, text := range []string{string(exchange.ResponseBody), exchange.ResponseHeader[0].Value, errorText(exchange)} {
			if strings.Contains(text, "s3cr") || strings.Contains(text, "pa ss") || strings.Contains(text, "pa+ss") {
				t.Errorf("%s: %q", name, text)
			}
		}
		if !strings.Contains(string(exchange.ResponseBody), mask) {
			t.Errorf("%s: nothing is concealed in %q", name, exchange.ResponseBody)
		}
	}
	exchange := echoing(`{"community":"yours","type":"application/json","key":"abc"}`)
	conceal(exchange, secrets)
	if got := string(exchange.ResponseBody); strings.Contains(got, mask) {
		t.Errorf("what is no secret is concealed: %s", got)
	}
}

func TestSecretThatTheEndOfABodyCuts(t *testing.T) {
	exchange := echoing("you sent verysecr")
	exchange.Truncated = true
	conceal(exchange, spellings([]string{"verysecret"}))
	if got := string(exchange.ResponseBody); got != "you sent "+mask {
		t.Errorf("%q", got)
	}
	whole := echoing("you sent verysecr")
	conceal(whole, spellings([]string{"verysecret"}))
	if got := string(whole.ResponseBody); got != "you sent verysecr" {
		t.Errorf("%q", got)
	}
}

func TestErrorQuotesWhatTheReceiverSaid(t *testing.T) {
	const answered = "the receiver answered 500 Internal Server Error"
	for body, want := range map[string]string{
		"":                                 answered,
		"the warehouse\n is\tclosed":       answered + ": the warehouse is closed",
		`{"error":"no such customer"}`:     answered + `: {"error":"no such customer"}`,
		"<html><h1>Oops</h1></html>":       answered,
		"Internal Server Error\n":          answered,
		"a\x00b":                           answered,
		"\xff\xfe\xfd\xfc binary":          answered,
		strings.Repeat("é", 161):           answered + ": " + strings.Repeat("é", 160) + "…",
		strings.Repeat("ab ", 1000):        answered + ": " + strings.Repeat("ab ", 53) + "a…",
		"x" + strings.Repeat("日本語", 10000): answered + ": x" + strings.Repeat("日本語", 53) + "…",
	} {
		if got := errorText(echoing(body)); got != want {
			t.Errorf("%.40q: %q, want %q", body, got, want)
		}
	}
	throttled := echoing("slow down")
	throttled.Code = sender.Throttled
	if got := errorText(throttled); got != answered {
		t.Errorf("throttled: %q", got)
	}
}
