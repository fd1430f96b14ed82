package sender

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/http/httpproxy"
)

// refusedAddresses are addresses that nobody may make the server post to.
var refusedAddresses = []string{
	"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254",
	"0.0.0.0", "0.1.2.3",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
	"100.64.0.1", "100.127.255.255", "100.100.100.200",
	"169.254.169.254", "169.254.0.1", "169.254.170.2", "168.63.129.16",
	"192.0.0.1", "192.0.0.192", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1",
	"198.18.0.1", "198.19.255.255", "192.31.196.1", "192.52.193.1", "192.175.48.1",
	"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
	"fe80::1", "febf::1", "fec0::1", "fc00::1", "fd00::1", "fd00:ec2::254",
	"ff02::1", "ff0e::1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "5f00::1",
	"2001::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "2620:4f:8000::1",
}

// refusedHosts are ways to write such addresses as names. The name server of
// the test answers each with a loopback address, as some resolvers would.
var refusedHosts = []string{
	"localhost", "LOCALHOST", "a.localhost", "metadata.google.internal", "internal.example.com",
	"①②⑦.⓪.⓪.①", "0x7f000001", "0x7f.1",
}

// refusedNumbers are read as addresses by some resolvers; Go's takes them for
// names that cannot exist.
var refusedNumbers = []string{"127.1", "2130706433", "017700000001", "0177.0.0.1", "127.0.0.1."}

func TestAddressesAreRefusedAtDialling(t *testing.T) {
	if n := len(refusedAddresses) + len(refusedHosts); n < 60 {
		t.Fatalf("only %d addresses and hosts", n)
	}
	c := New(Options{Resolver: resolveTo(t, "127.0.0.1")})
	defer c.Close()
	for _, address := range refusedAddresses {
		host := address
		if strings.Contains(address, ":") {
			host = "[" + address + "]"
		}
		for _, scheme := range []string{"http", "https"} {
			exchange := c.Do(t.Context(), &Post{URL: scheme + "://" + host + "/hook", AllowHTTP: true, Timeout: 5 * time.Second})
			wantCode(t, exchange, AddressRefused)
			if !strings.HasPrefix(exchange.Error, "address refused: ") {
				t.Errorf("the error is %q", exchange.Error)
			}
		}
		if RefusedHost(address) == nil {
			t.Errorf("RefusedHost lets %s pass", address)
		}
	}
	for _, host := range refusedHosts {
		exchange := c.Do(t.Context(), &Post{URL: "http://" + host + ":8080/hook", AllowHTTP: true, Timeout: 5 * time.Second})
		wantCode(t, exchange, AddressRefused)
	}
	for _, host := range refusedNumbers {
		exchange := do(t, c, "http://"+host+"/hook")
		if exchange.Code != AddressRefused && exchange.Code != DNSNotFound {
			t.Errorf("%s: %s (%s)", host, exchange.Code, exchange.Error)
		}
	}
}

// A name that an attacker's server resolves to a refused address is refused,
// whichever it is.
func TestNamesOfRefusedAddresses(t *testing.T) {
	for _, address := range []string{"10.1.2.3", "169.254.169.254", "168.63.129.16", "fd00:ec2::254", "64:ff9b::7f00:1", "::1"} {
		c := New(Options{Resolver: resolveTo(t, address)})
		exchange := c.Do(t.Context(), &Post{URL: "https://evil.example/", Timeout: 5 * time.Second})
		wantCode(t, exchange, AddressRefused)
		if want := "address refused: evil.example leads to " + address + ", which is "; !strings.HasPrefix(exchange.Error, want) {
			t.Errorf("the error is %q, want %q…", exchange.Error, want)
		}
		c.Close()
	}
}

// The name is harmless when it is checked and means this machine when it is
// dialled.
func TestRebindingIsRefused(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer server.Close()
	target, _ := url.Parse(server.URL)
	resolver := startDNS(t, func(n int64, _ string) (netip.Addr, int) {
		if n == 0 {
			return netip.MustParseAddr("93.184.215.14"), int(dnsmessage.RCodeSuccess)
		}
		return netip.MustParseAddr("127.0.0.1"), int(dnsmessage.RCodeSuccess)
	})
	checked, err := resolver.LookupHost(t.Context(), "rebind.example")
	if err != nil || len(checked) != 1 || RefusedHost(checked[0]) != nil {
		t.Fatalf("the first answer is not harmless: %v, %v", checked, err)
	}
	c := New(Options{Resolver: resolver})
	defer c.Close()
	wantCode(t, do(t, c, "http://rebind.example:"+target.Port()+"/"), AddressRefused)
	if hits.Load() != 0 {
		t.Error("the request arrived")
	}

	// The same with loopback allowed arrives: the test's server is reachable.
	c = newClient(t, Options{Resolver: resolver})
	wantCode(t, do(t, c, "http://rebind.example:"+target.Port()+"/"), OK)
}

func TestProxyVariablesAreIgnored(t *testing.T) {
	var proxied atomic.Int64
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { proxied.Add(1) }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	t.Setenv("no_proxy", "")
	var direct atomic.Int64
	receiver := serve(t, func(http.ResponseWriter, *http.Request) { direct.Add(1) })
	target, _ := url.Parse(receiver)
	hook := "http://receiver.example:" + target.Port() + "/"

	c := newClient(t, Options{Resolver: resolveTo(t, "127.0.0.1")})
	wantCode(t, do(t, c, hook), OK)
	if proxied.Load() != 0 || direct.Load() != 1 {
		t.Errorf("%d requests through the proxy, %d direct", proxied.Load(), direct.Load())
	}

	// A client that heeds them does use the proxy, so the variables are in
	// force. (http.ProxyFromEnvironment reads them once per process only.)
	fromEnvironment := httpproxy.FromEnvironment().ProxyFunc()
	transport := &http.Transport{Proxy: func(r *http.Request) (*url.URL, error) { return fromEnvironment(r.URL) }}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Post(hook, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if proxied.Load() != 1 {
		t.Error("the variables are not in force")
	}
}

func TestAllowed(t *testing.T) {
	network := netip.MustParsePrefix("10.20.0.0/16")
	tests := []struct {
		guard   guard
		address string
		ok      bool
	}{
		{newGuard(false, nil, nil), "93.184.215.14:80", true},
		{newGuard(false, nil, nil), "93.184.215.14:8443", true},
		{newGuard(false, nil, nil), "[2606:4700::1111]:443", true},
		{newGuard(false, nil, []uint16{443}), "93.184.215.14:443", true},
		{newGuard(false, nil, []uint16{443}), "93.184.215.14:8443", false},
		{newGuard(true, nil, nil), "127.0.0.1:80", true},
		{newGuard(true, nil, nil), "[::1]:80", true},
		{newGuard(true, nil, nil), "10.20.0.1:80", false},
		{newGuard(true, nil, nil), "169.254.169.254:80", false},
		{newGuard(false, []netip.Prefix{network}, nil), "10.20.0.1:80", true},
		{newGuard(false, []netip.Prefix{network}, nil), "10.21.0.1:80", false},
		{newGuard(false, []netip.Prefix{netip.MustParsePrefix("fd12::/16")}, nil), "[fd12::5]:80", true},
		{newGuard(false, nil, nil), "nonsense", false},
	}
	for _, test := range tests {
		kind := "tcp4"
		if strings.HasPrefix(test.address, "[") {
			kind = "tcp6"
		}
		if err := test.guard.control(kind, test.address, nil); (err == nil) != test.ok {
			t.Errorf("%s: %v, want ok=%v", test.address, err, test.ok)
		}
	}
	if err := newGuard(false, nil, nil).control("udp4", "93.184.215.14:80", nil); err == nil {
		t.Error("UDP is allowed")
	}
	for _, host := range []string{"example.com", "93.184.215.14", "2606:4700::1111", "[2606:4700::1111]"} {
		if err := RefusedHost(host); err != nil {
			t.Errorf("RefusedHost(%s): %v", host, err)
		}
	}
	if err := New(Options{AllowLoopback: true}).RefusedHost("localhost"); err != nil {
		t.Errorf("development mode: %v", err)
	}
}
