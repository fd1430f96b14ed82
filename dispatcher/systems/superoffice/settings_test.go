package superoffice

import "testing"

// A setting is accepted where it has an effect, and refused where rendering
// would pass over it without a word.
func TestSettingsAreChecked(t *testing.T) {
	for name, values := range map[string]struct{ good, bad []string }{
		settingZone:       {[]string{"", "UTC", "Europe/Oslo"}, []string{"Oslo", "Local", "../etc/passwd", "☃"}},
		settingProperties: {[]string{"{}", `{"a": {"b": [1]}}`}, []string{"a=b", "[]", "null", `{"a": 1} x`, `{"a"`}},
		settingAssociates: {[]string{"7=20", "agent@example.com = 19, client=-5"}, []string{"7", "=5", "7=x", "7=20,", "a=1;b=2"}},
		settingAgent:      {[]string{"8.8.6684.1719", "10.2.11-beta"}, []string{"1 2", "1;2", "ü", "a\r\nb", "(x)"}},
		settingContext:    {[]string{"Cust12345", "☃"}, []string{"a\nb"}},
	} {
		var found bool
		for _, setting := range settings() {
			if setting.Name != name {
				continue
			}
			found = true
			for _, value := range values.good {
				if err := setting.Accept(value); err != nil {
					t.Errorf("%s refuses %q: %v", name, value, err)
				}
			}
			for _, value := range values.bad {
				if setting.Accept(value) == nil {
					t.Errorf("%s accepts %q", name, value)
				}
			}
		}
		if !found {
			t.Errorf("there is no setting %s", name)
		}
	}
}
