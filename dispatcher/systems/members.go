package systems

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Member is one member of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage // compact
}

// Members returns the members of a JSON object in their order, false where
// the text is not one JSON object.
func Members(text string) ([]Member, bool) {
	if !json.Valid([]byte(text)) {
		return nil, false
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	var list []Member
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, false
		}
		name, ok := token.(string)
		if !ok {
			return nil, false
		}
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			return nil, false
		}
		var value bytes.Buffer
		if err := json.Compact(&value, raw); err != nil {
			return nil, false
		}
		list = append(list, Member{name, value.Bytes()})
	}
	return list, true
}

// Object writes members as a JSON object, in their order.
func Object(list []Member) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range list {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := JSON(m.Name)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(m.Value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
