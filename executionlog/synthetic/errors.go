package synthetic

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hookdesk/hookdesk/executionlog"
)

// failure is how an attempt failed.
type failure struct {
	status int
	code   string
	text   string
	body   string
	took   time.Duration
}

// causes make the errors that are frequent in life, with the addresses, times
// and names that make each text another. The weights of those that come
// without an outage add up to 100.
var causes = []struct {
	weight int
	make   func(r *rand.Rand, host string, at time.Time) failure
}{
	{28, func(r *rand.Rand, _ string, _ time.Time) failure {
		status := 500 + r.IntN(5)
		request := fmt.Sprintf("%08x", r.Uint32())
		return failure{
			status, "http_5xx", fmt.Sprintf("the receiver answered %d: upstream request %s failed", status, request),
			fmt.Sprintf("{\"error\":{\"status\":%d,\"message\":\"upstream request %s failed\",\"retry\":true}}", status, request), 0,
		}
	}},
	{10, func(r *rand.Rand, host string, _ time.Time) failure {
		return failure{
			502, "http_5xx", "the receiver answered 502 Bad Gateway",
			"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", 0,
		}
	}},
	{20, func(r *rand.Rand, host string, _ time.Time) failure {
		within := time.Duration(5+r.IntN(25)) * time.Second
		return failure{0, "timeout_headers", fmt.Sprintf("timeout: no answer from %s within %s", host, within), "", within}
	}},
	{18, func(r *rand.Rand, host string, _ time.Time) failure {
		return failure{0, "connection_refused", fmt.Sprintf("dial tcp 192.0.2.%d:443: connect: connection refused by %s", r.IntN(256), host), "", 0}
	}},
	{14, func(r *rand.Rand, _ string, _ time.Time) failure {
		status, field := 400+r.IntN(30), fmt.Sprintf("cf_%d", r.IntN(500))
		return failure{
			status, "http_4xx", fmt.Sprintf("the receiver answered %d: field %q is not accepted", status, field),
			fmt.Sprintf("{\"errors\":[{\"field\":%q,\"message\":\"is not accepted\"}]}", field), 0,
		}
	}},
	{8, func(_ *rand.Rand, host string, _ time.Time) failure {
		return failure{0, "dns_not_found", "no such host: there is none named " + host, "", 0}
	}},
	{2, func(_ *rand.Rand, host string, at time.Time) failure {
		expired := at.Truncate(24 * time.Hour).Format(time.DateOnly)
		return failure{0, "tls_expired", fmt.Sprintf("certificate expired or not yet valid: that of %s was valid until %s", host, expired), "", 0}
	}},
}

// failure returns how an attempt fails, nil if it does not.
func (m *maker) failure(lane int, at time.Time) *failure {
	bad := outageAt(m.bad[lane], at)
	share := usual
	if bad != nil {
		share = duringOutage
	}
	if m.random.Float64() >= share {
		return nil
	}
	kind := 0
	if bad != nil && m.random.IntN(5) > 0 {
		kind = bad.kind
	} else {
		for left := m.random.IntN(100); left >= causes[kind].weight; kind++ {
			left -= causes[kind].weight
		}
	}
	f := causes[kind].make(m.random, m.options.Lanes[lane].Host, at)
	return &f
}

// answer returns what a receiver answers that takes a webhook: few say more
// than that they have.
func (m *maker) answer(lane int) string {
	switch lane % 4 {
	case 0:
		return "ok"
	case 1:
		return `{"received":true}`
	case 2:
		return fmt.Sprintf(`{"status":"accepted","id":"%08x"}`, m.random.Uint32())
	}
	return ""
}

func (m *maker) detail(a *executionlog.Attempt, lane *Lane, body string) *executionlog.AttemptDetail {
	r := m.random
	total := a.Duration.Microseconds()
	d := &executionlog.AttemptDetail{
		Method: "POST", URL: "https://" + lane.Host + "/hookdesk/" + lane.System,
		RequestHeader: []executionlog.Header{
			{Name: "Content-Type", Value: "application/json"},
			{Name: "User-Agent", Value: "hookdesk"},
			{Name: "Webhook-Id", Value: a.Delivery},
			{Name: "Webhook-Signature", Value: "v1,***"},
		},
		Timings: executionlog.Timings{DNS: int64(r.IntN(2000)), Total: total},
	}
	if a.ErrorCode == "dns_not_found" {
		return d
	}
	d.Address = fmt.Sprintf("192.0.2.%d:443", r.IntN(256))
	d.Timings.Connect = total / 10
	if a.HTTPStatus == 0 {
		return d
	}
	d.Timings.TLS, d.Timings.FirstByte, d.TLSVersion = total/5, total-100, "TLS 1.3"
	d.ResponseBody = []byte(body)
	d.ResponseHeader = []executionlog.Header{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Date", Value: a.At.Format(time.RFC1123)},
		{Name: "X-Request-Id", Value: fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())},
	}
	return d
}
