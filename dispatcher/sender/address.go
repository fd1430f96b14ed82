package sender

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// azureHost is where Azure's fabric answers, from inside any of its machines;
// no registry of special addresses lists it.
var azureHost = netip.MustParsePrefix("168.63.129.16/32")

var loopback = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("::1/128"),
}

// guard decides which addresses may be dialled.
type guard struct {
	*ssrf.Guardian
}

// newGuard allows public addresses, and the networks named besides. nil ports
// allow any port.
func newGuard(allowLoopback bool, networks []netip.Prefix, ports []uint16) guard {
	var v4, v6 []netip.Prefix
	if allowLoopback {
		networks = append(loopback, networks...)
	}
	for _, network := range networks {
		if network.Addr().Is4() {
			v4 = append(v4, network)
		} else {
			v6 = append(v6, network)
		}
	}
	return guard{ssrf.New(
		ssrf.WithAllowedV4Prefixes(v4...),
		ssrf.WithAllowedV6Prefixes(v6...),
		ssrf.WithDeniedV4Prefixes(azureHost),
		ssrf.WithPorts(ports...),
	)}
}

// addressError says that an address was refused. Its text is for the log.
type addressError struct {
	address string
	reason  string
}

func (e *addressError) Error() string { return fmt.Sprintf("%s is %s", e.address, e.reason) }

// control is called by net.Dialer with every address before it is dialled,
// after the name was resolved: a name that resolves to something else the
// second time is therefore checked as it is used.
func (g guard) control(network, address string, conn syscall.RawConn) error {
	if err := g.Safe(network, address, conn); err != nil {
		at, parseErr := netip.ParseAddrPort(address)
		if parseErr != nil {
			return &addressError{address: "the address", reason: "not understood"}
		}
		if g.SafeAddr(at.Addr()) == nil {
			return &addressError{address: address, reason: "on a port that is not allowed"}
		}
		return &addressError{address: at.Addr().String(), reason: kindOf(at.Addr())}
	}
	return nil
}

// refused returns an error when a literal address or a name that always means
// this machine would be refused at dialling.
func (g guard) refused(host string) error {
	name := strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		name = "127.0.0.1"
	}
	if name == "metadata.google.internal" {
		return &addressError{address: host, reason: kindOf(netip.MustParseAddr("169.254.169.254"))}
	}
	address, err := netip.ParseAddr(name)
	if err != nil {
		return nil //nolint:nilerr // a name: what it resolves to is checked at dialling
	}
	if g.SafeAddr(address) == nil {
		return nil
	}
	return &addressError{address: host, reason: kindOf(address)}
}

// RefusedHost returns an error, a sentence, when host is a literal address
// that is never posted to unless an administrator allows it. It is the early
// word when an endpoint is saved; what counts is the check at dialling.
func RefusedHost(host string) error {
	return newGuard(false, nil, nil).refused(host)
}

var kinds = []struct {
	prefix netip.Prefix
	kind   string
}{
	{netip.MustParsePrefix("169.254.169.254/32"), "the address of a cloud's metadata service"},
	{netip.MustParsePrefix("fd00:ec2::254/128"), "the address of a cloud's metadata service"},
	{netip.MustParsePrefix("100.100.100.200/32"), "the address of a cloud's metadata service"},
	{azureHost, "the address of a cloud's own services"},
	{netip.MustParsePrefix("100.64.0.0/10"), "in a carrier's shared network"},
	{netip.MustParsePrefix("0.0.0.0/8"), "an address of this machine"},
	{netip.MustParsePrefix("::/128"), "an address of this machine"},
}

// kindOf says in words what sort of address was refused.
func kindOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	for _, k := range kinds {
		if k.prefix.Contains(address) {
			return k.kind
		}
	}
	switch {
	case address.IsLoopback():
		return "a loopback address, which means this machine"
	case address.IsPrivate():
		return "in a private network"
	case address.IsLinkLocalUnicast():
		return "a link-local address"
	case address.IsMulticast():
		return "a multicast address"
	default:
		return "in a reserved range"
	}
}
