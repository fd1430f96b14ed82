package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/invalid"
)

// explainError returns the status, the title and the text of the page for an
// error.
func explainError(err error) (status int, title, text string) {
	var input *invalid.Error
	var inUse *config.InUseError
	switch {
	case errors.As(err, &input):
		return http.StatusUnprocessableEntity, "That does not fit", sentence(input.Error())
	case errors.As(err, &inUse):
		return http.StatusConflict, "Still in use", sentence(inUse.Error()) + " Change those first."
	case errors.Is(err, executionlog.ErrNotFound):
		return http.StatusNotFound, "Not found", "There is nothing at this address. It may have been deleted, or belong to another workspace."
	case errors.Is(err, executionlog.ErrConflict):
		return http.StatusConflict, "Changed meanwhile", "Somebody else saved it first. Load it again and repeat your change."
	case errors.Is(err, executionlog.ErrState):
		return http.StatusConflict, "Not possible now", "Its state does not allow this any more; load the page again."
	case errors.Is(err, executionlog.ErrCursor):
		return http.StatusBadRequest, "This page of the list is gone", "The link belongs to another search. Start again at the first page."
	case errors.Is(err, executionlog.ErrUnavailable):
		return http.StatusServiceUnavailable, "The database cannot be reached", "Nothing was changed. Try again in a moment."
	}
	return http.StatusInternalServerError, "Something went wrong", "The server's log says what. Nothing that was accepted is lost."
}

// faults are what is wrong with a form, by the path of the field.
type faults map[string]string

// faultsOf splits an *invalid.Error by path; ok is false for other errors.
func faultsOf(err error) (found faults, ok bool) {
	var input *invalid.Error
	if !errors.As(err, &input) {
		return nil, false
	}
	found = faults{}
	for _, f := range input.Fields {
		text := sentence(f.Want)
		if earlier := found[f.Path]; earlier != "" {
			text = earlier + " " + text
		}
		found[f.Path] = text
	}
	return found, true
}

// At returns what is wrong at a path itself.
func (f faults) At(path string) string { return f[path] }

// Rest returns what is wrong at paths other than those a form shows beside
// its fields, each with its path.
func (f faults) Rest(shown func(path string) bool) []string {
	var rest []string
	for path, text := range f {
		switch {
		case shown(path):
		case path == "":
			rest = append(rest, text)
		default:
			rest = append(rest, path+": "+text)
		}
	}
	return rest
}

// sentence makes a text of an error end in a full stop and begin in upper
// case, unless it begins with a name.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	if first, _, _ := strings.Cut(text, " "); first != strings.ToLower(first) || strings.ContainsAny(first, "._:/") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
