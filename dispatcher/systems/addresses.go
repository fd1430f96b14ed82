package systems

import (
	"fmt"
	"net/mail"
	"strings"
)

// Addresses returns the mail addresses of a list that is joined with commas,
// each without its display name, or an error that says which one is none.
func Addresses(list string) ([]string, error) {
	var addresses []string
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		parsed, err := mail.ParseAddress(part)
		if err != nil || strings.ContainsAny(parsed.Address, "\r\n") {
			return nil, fmt.Errorf("%q is not a mail address", part)
		}
		addresses = append(addresses, parsed.Address)
	}
	return addresses, nil
}
