package systems

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// JSON encodes v as the vendors do: compact, members in the order of the
// struct, HTML left alone and no newline at the end.
func JSON(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// UnknownEvent is the error of Render for an event that the sheet lacks.
func UnknownEvent(sheet *Sheet, event string) error {
	return fmt.Errorf("%s has no event %q", sheet.Name, event)
}

// Begin checks an occasion against the sheet. It returns the name of the
// revision to render, or the error that Render is to return.
func Begin(sheet *Sheet, occasion Occasion) (string, error) {
	if _, ok := sheet.Event(occasion.Event); !ok {
		return "", UnknownEvent(sheet, occasion.Event)
	}
	revision, err := sheet.Revision(occasion.Revision)
	if err != nil {
		return "", err
	}
	if occasion.Change == nil || occasion.Change.After == nil {
		return "", fmt.Errorf("%s event %q needs a change with a ticket", sheet.Name, occasion.Event)
	}
	return revision.Name, nil
}
