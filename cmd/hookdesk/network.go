package main

import "net/netip"

// everywhere is every network: whoever sends from the command line may reach
// what the machine can reach.
func everywhere() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
}
