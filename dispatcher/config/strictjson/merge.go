package strictjson

import (
	"encoding/json"
	"fmt"

	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// MergePatch applies an RFC 7386 merge patch, which must be an object, to the
// JSON of current and returns the result as JSON.
func MergePatch(current any, patch []byte) ([]byte, error) {
	changes, err := Parse(patch)
	if err != nil {
		return nil, err
	}
	members, ok := changes.(map[string]any)
	if !ok {
		return nil, invalid.New("", nil, "must be an object with the members to change")
	}
	text, err := json.Marshal(current)
	if err != nil {
		return nil, fmt.Errorf("encode current value: %w", err)
	}
	before, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("decode current value: %w", err)
	}
	return json.Marshal(merge(before, members))
}

func merge(target any, patch map[string]any) any {
	object, ok := target.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(object, name)
		case map[string]any:
			object[name] = merge(object[name], value)
		default:
			object[name] = value
		}
	}
	return object
}

// IsNull reports whether a member of an object is given as null.
func IsNull(object []byte, member string) (bool, error) {
	value, err := Parse(object)
	if err != nil {
		return false, err
	}
	members, _ := value.(map[string]any)
	given, ok := members[member]
	return ok && given == nil, nil
}

// Has reports whether an object has a member, null or not.
func Has(object []byte, member string) (bool, error) {
	value, err := Parse(object)
	if err != nil {
		return false, err
	}
	members, _ := value.(map[string]any)
	_, ok := members[member]
	return ok, nil
}

// Without returns an object without some of its members.
func Without(object []byte, names ...string) ([]byte, error) {
	value, err := Parse(object)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return object, nil
	}
	for _, name := range names {
		delete(members, name)
	}
	return json.Marshal(members)
}

// Only returns an object with nothing but some of its members.
func Only(object []byte, names ...string) ([]byte, error) {
	value, err := Parse(object)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return object, nil
	}
	kept := map[string]any{}
	for _, name := range names {
		if member, ok := members[name]; ok {
			kept[name] = member
		}
	}
	return json.Marshal(kept)
}
