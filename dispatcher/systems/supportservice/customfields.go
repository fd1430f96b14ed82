package supportservice

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

type customFieldValue struct {
	CustomFieldID     int64             `json:"CustomFieldId"`
	CustomFieldRuleID int64             `json:"CustomFieldRuleId"`
	Line              int64             `json:"Line"`
	Value             *string           `json:"Value"`
	Items             []customFieldItem `json:"Items"`
}

type customFieldItem struct {
	PersonID        *string `json:"PersonId"`
	ClientID        *string `json:"ClientId"`
	Team            *string `json:"Team"`
	CustomFieldItem *string `json:"CustomFieldItem"`
	StorageFileGUID *string `json:"StorageFileGuid"`
	FileName        *string `json:"FileName"`
}

// customFields are the ticket's custom fields by their number. A text, number
// or boolean is a Value; a list is Items, each a choice or an object with the
// vendor's names; an object with the vendor's names stands for the whole entry.
func customFields(fields map[string]any) []customFieldValue {
	list := []customFieldValue{}
	// Names that are no numbers may share one, so the names decide as well.
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		value := fields[id]
		entry := customFieldValue{CustomFieldID: ticket.NumericID(id), Line: 1, Items: []customFieldItem{}}
		switch v := value.(type) {
		case nil:
		case map[string]any:
			readObject(v, &entry)
		case []any:
			entry.Items = items(v)
		default:
			entry.Value = scalar(v)
		}
		list = append(list, entry)
	}
	slices.SortStableFunc(list, func(a, b customFieldValue) int { return cmp.Compare(a.CustomFieldID, b.CustomFieldID) })
	return list
}

// readObject reads an entry written in the vendor's own form. An object that
// is not one is kept as its JSON in Value.
func readObject(object map[string]any, entry *customFieldValue) {
	read := false
	for name, value := range object {
		switch name {
		case "CustomFieldRuleId":
			entry.CustomFieldRuleID, read = whole(value), true
		case "Line":
			entry.Line, read = whole(value), true
		case "Value":
			entry.Value, read = scalar(value), true
		case "Items":
			if list, ok := value.([]any); ok {
				entry.Items, read = items(list), true
			}
		}
	}
	if !read {
		entry.Value = scalar(object)
	}
}

func items(values []any) []customFieldItem {
	list := make([]customFieldItem, 0, len(values))
	for _, value := range values {
		object, ok := value.(map[string]any)
		if !ok {
			list = append(list, customFieldItem{CustomFieldItem: scalar(value)})
			continue
		}
		list = append(list, customFieldItem{
			PersonID: scalar(object["PersonId"]), ClientID: scalar(object["ClientId"]), Team: scalar(object["Team"]),
			CustomFieldItem: scalar(object["CustomFieldItem"]),
			StorageFileGUID: scalar(object["StorageFileGuid"]), FileName: scalar(object["FileName"]),
		})
	}
	return list
}

// scalar is any value as text, null for none.
func scalar(value any) *string {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return &v
	case float64:
		number := strconv.FormatFloat(v, 'f', -1, 64)
		return &number
	case map[string]any, []any:
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		object := string(encoded)
		return &object
	default:
		other := fmt.Sprint(v)
		return &other
	}
}

func whole(value any) int64 {
	number, _ := ticket.Extra{"n": value}.Int("n")
	return number
}
