package superoffice

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/systems"
)

// The checks of what the settings' type leaves open: a value that is stored
// but not used would be found out by whoever misses its effect.

func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return errors.New("must be a zone of the IANA time zone database, such as Europe/Oslo")
	}
	return nil
}

func checkProperties(text string) error {
	if _, ok := systems.Members(text); !ok {
		return errors.New(`must be a JSON object, such as {"tenant": "acme"}`)
	}
	return nil
}

func checkAssociates(list string) error {
	for pair := range strings.SplitSeq(list, ",") {
		name, number, ok := strings.Cut(pair, "=")
		if _, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64); !ok || err != nil || strings.TrimSpace(name) == "" {
			return errors.New("must be pairs of a name and a whole number, such as agent@example.com=19, 7=20")
		}
	}
	return nil
}

// checkVersion wants what a User-Agent may have behind the slash: visible
// ASCII that is no delimiter.
func checkVersion(version string) error {
	for _, c := range []byte(version) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return errors.New("must be a version such as 8.8.6684.1719: letters, digits, full stops and hyphens")
		}
	}
	return nil
}
