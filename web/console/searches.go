package console

import (
	"errors"
	"net/url"

	"github.com/hookdesk/hookdesk/dispatcher/config"
)

// saveSearch gives the filter of the log a name.
func saveSearch(r *request) error {
	values, err := url.ParseQuery(r.PostFormValue("query"))
	if err != nil {
		values = url.Values{}
	}
	form := readLogFilter(values, r.session.Workspace, r.Now())
	saved, err := r.Config.CreateSearch(r.Context(), r.by(), config.SearchInput{Name: r.PostFormValue("name"), Query: form.apiQuery()})
	if found, ok := faultsOf(err); ok {
		r.sorry("The search was not saved. " + found.At("name") + found.At("query"))
		return r.redirect("/log?" + form.Query())
	}
	var taken *config.NameTakenError
	if errors.As(err, &taken) {
		r.sorry("The search was not saved: there is one named “" + taken.Name + "” already. Delete that first, or choose another name.")
		return r.redirect("/log?" + form.Query())
	}
	if err != nil {
		return err
	}
	r.done("Saved the search “" + saved.Name + "”.")
	return r.redirect("/log?" + form.Query())
}

func deleteSearch(r *request) error {
	if err := r.Config.DeleteSearch(r.Context(), r.by(), r.PostFormValue("id")); err != nil {
		return err
	}
	r.done("Deleted the search.")
	return r.redirect("/log?" + r.PostFormValue("query"))
}
