package api

import (
	"context"
	"net/http"

	"github.com/hookdesk/hookdesk/dispatcher/config"
	"github.com/hookdesk/hookdesk/triggers/condition"
)

// calendarBody is a calendar as people write it.
type calendarBody struct {
	Name     string               `json:"name"`
	Zone     string               `json:"zone" doc:"IANA, such as Europe/Berlin"`
	Hours    []condition.Interval `json:"hours"`
	Holidays []string             `json:"holidays,omitempty"`
}

type patchByID struct {
	IDPath
	Payload Payload
}

func (a *api) calendarRoutes() {
	const tag = "calendars"
	register(a, operation{
		method: http.MethodGet, path: "/calendars", id: "list-calendars", tag: tag, scope: config.ScopeRead, summary: "List calendars of business hours",
	}, a.listCalendars)
	register(a, operation{
		method: http.MethodPost, path: "/calendars", id: "create-calendar", tag: tag, scope: config.ScopeWrite, status: http.StatusCreated,
		summary: "Make a calendar", body: calendarBody{},
	}, a.createCalendar)
	register(a, operation{
		method: http.MethodGet, path: "/calendars/{id}", id: "get-calendar", tag: tag, scope: config.ScopeRead, summary: "Read a calendar",
	}, a.getCalendar)
	register(a, operation{
		method: http.MethodPatch, path: "/calendars/{id}", id: "patch-calendar", tag: tag, scope: config.ScopeWrite,
		summary: "Change a calendar by JSON merge patch", body: calendarPatch,
	}, a.patchCalendar)
	register(a, operation{
		method: http.MethodDelete, path: "/calendars/{id}", id: "delete-calendar", tag: tag, scope: config.ScopeWrite, status: http.StatusNoContent,
		summary: "Delete a calendar that no trigger uses",
	}, a.deleteCalendar)
}

func (a *api) listCalendars(_ context.Context, who caller, in *PageQuery) (*out[page[*config.Calendar]], error) {
	cut, err := slicePage(a.Config.CalendarList(who.workspace), func(c *config.Calendar) string { return c.ID }, *in)
	return answer(cut), err
}

func (a *api) createCalendar(ctx context.Context, who caller, in *onlyPayload) (*made[*config.Calendar], error) {
	calendar, err := a.Config.CreateCalendar(ctx, who.actor(), in.Payload.raw)
	if err != nil {
		return nil, err
	}
	return &made[*config.Calendar]{Location: Base + "/calendars/" + calendar.ID, Body: calendar}, nil
}

func (a *api) getCalendar(_ context.Context, who caller, in *IDPath) (*out[*config.Calendar], error) {
	calendar, err := a.Config.CalendarIn(who.workspace, in.ID)
	return answer(calendar), err
}

func (a *api) patchCalendar(ctx context.Context, who caller, in *patchByID) (*out[*config.Calendar], error) {
	calendar, err := a.Config.PatchCalendar(ctx, who.actor(), in.ID, in.Payload.raw)
	return answer(calendar), err
}

func (a *api) deleteCalendar(ctx context.Context, who caller, in *IDPath) (*none, error) {
	return nil, a.Config.DeleteCalendar(ctx, who.actor(), in.ID)
}
