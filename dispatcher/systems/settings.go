package systems

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// MaxSetting is how long a setting's value may be, in bytes.
const MaxSetting = 2048

// Accept returns nil where value is one for the setting, else a sentence that
// says what would be right and does not repeat the value, which may be a
// secret. The empty value stands for the default.
func (s Setting) Accept(value string) error {
	if len(value) > MaxSetting || strings.ContainsFunc(value, unicode.IsControl) {
		return fmt.Errorf("must be at most %d bytes without control characters", MaxSetting)
	}
	if value == "" {
		return nil
	}
	switch s.Type {
	case "integer":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return errors.New("must be a whole number")
		}
	case "boolean":
		if value != "true" && value != "false" {
			return errors.New("must be true or false")
		}
	case "choice":
		if !slices.Contains(s.Choices, value) {
			return fmt.Errorf("must be one of %s", strings.Join(s.Choices, ", "))
		}
	case TypeMail:
		if _, err := Addresses(value); err != nil {
			return errors.New("must be mail addresses, joined with commas")
		}
	case "choices":
		for part := range strings.SplitSeq(value, ",") {
			if !slices.Contains(s.Choices, strings.TrimSpace(part)) {
				return fmt.Errorf("must be some of %s, joined with commas", strings.Join(s.Choices, ", "))
			}
		}
	}
	if s.Check != nil {
		return s.Check(value)
	}
	return nil
}
