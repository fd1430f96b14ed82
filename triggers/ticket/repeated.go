package ticket

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// repeated returns the path of a member that stands twice in its object, ""
// where none does. Data is the valid JSON that tree was decoded from, which
// keeps the last of two. Counting is all that usual input costs: each member
// has one colon outside of texts.
func repeated(data []byte, tree any) string {
	if colons(data) == countMembers(tree) {
		return ""
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	path, _ := firstRepeated(decoder, "")
	return path
}

func colons(data []byte) int {
	count, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case !quoted && c == ':':
			count++
		}
	}
	return count
}

func countMembers(tree any) int {
	count := 0
	switch v := tree.(type) {
	case map[string]any:
		count = len(v)
		for _, child := range v {
			count += countMembers(child)
		}
	case []any:
		for _, child := range v {
			count += countMembers(child)
		}
	}
	return count
}

// firstRepeated reads one value and returns the path of the first member that
// stands there twice.
func firstRepeated(decoder *json.Decoder, path string) (string, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	seen := map[string]bool{}
	switch token {
	case json.Delim('{'), json.Delim('['):
		for i := 0; decoder.More(); i++ {
			name := strconv.Itoa(i)
			if token == json.Delim('{') {
				member, err := decoder.Token()
				if err != nil {
					return "", err
				}
				name, _ = member.(string)
			}
			below := invalid.Join(path, name)
			if seen[name] {
				return below, nil
			}
			seen[name] = true
			if found, err := firstRepeated(decoder, below); found != "" || err != nil {
				return found, err
			}
		}
		_, err = decoder.Token()
	}
	return "", err
}
