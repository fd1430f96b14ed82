package config

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookdesk/hookdesk/dispatcher/config/strictjson"
	"github.com/hookdesk/hookdesk/executionlog"
	"github.com/hookdesk/hookdesk/triggers/condition"
	"github.com/hookdesk/hookdesk/triggers/id"
)

// Calendar is the business hours that conditions about business time use.
type Calendar struct {
	condition.Calendar
	Workspace string    `json:"-"`
	Version   int       `json:"version"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

var readOnlyCalendar = []string{"id", "version", "author", "created_at", "updated_at"}

// CreateCalendar makes a calendar from its JSON.
func (s *Service) CreateCalendar(ctx context.Context, by Actor, data []byte) (*Calendar, error) {
	data, err := usualCalendar(data)
	if err != nil {
		return nil, err
	}
	made, err := decodeCalendarInput(data)
	if err != nil {
		return nil, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	now := s.now()
	calendar := &Calendar{Calendar: *made, Workspace: by.Workspace, Version: 1, Author: by.Name, CreatedAt: now, UpdatedAt: now}
	calendar.ID = s.ids.New(id.Calendar)
	return calendar, s.putCalendar(ctx, by, calendar, nil, "calendar.created")
}

// PatchCalendar applies a JSON merge patch to a calendar.
func (s *Service) PatchCalendar(ctx context.Context, by Actor, id string, patch []byte) (*Calendar, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.CalendarIn(by.Workspace, id)
	if err != nil {
		return nil, err
	}
	patch, err = usualCalendar(patch)
	if err != nil {
		return nil, err
	}
	text, err := strictjson.MergePatch(before, patch)
	if err != nil {
		return nil, err
	}
	next, err := decodeCalendarInput(text)
	if err != nil {
		return nil, err
	}
	after := *before
	after.Calendar = *next
	after.ID, after.Version, after.Author, after.UpdatedAt = id, before.Version+1, by.Name, s.now()
	return &after, s.putCalendar(ctx, by, &after, before, "calendar.updated")
}

// DeleteCalendar deletes a calendar that no trigger names; else it returns an
// *InUseError.
func (s *Service) DeleteCalendar(ctx context.Context, by Actor, id string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before, err := s.CalendarIn(by.Workspace, id)
	if err != nil {
		return err
	}
	var users []string
	for _, trigger := range s.Triggers(by.Workspace) {
		if usesCalendar(trigger.When, id) {
			users = append(users, trigger.ID)
		}
	}
	if len(users) > 0 {
		return &InUseError{ID: id, By: users}
	}
	return s.put(ctx, by, write{
		kind: kindCalendar, id: id, version: before.Version + 1, deleted: true,
		body: before, before: before, action: "calendar.deleted",
	})
}

func usesCalendar(group *condition.Group, id string) bool {
	if group == nil {
		return false
	}
	for _, nodes := range [][]condition.Node{group.All, group.Any, group.None} {
		for _, node := range nodes {
			if usesCalendar(node.Group, id) {
				return true
			}
			if node.Leaf != nil && node.Leaf.Options != nil && node.Leaf.Options.Calendar == id {
				return true
			}
		}
	}
	return false
}

// CalendarIn returns a calendar of a workspace.
func (s *Service) CalendarIn(workspace, id string) (*Calendar, error) {
	return in(s.current.Load().calendars, workspace, id, func(c *Calendar) string { return c.Workspace })
}

// Calendars returns the calendars of a workspace as conditions use them.
func (s *Service) Calendars(workspace string) condition.Calendars {
	return calendarsOf(s.current.Load(), workspace)
}

// CalendarList lists the calendars of a workspace, oldest first.
func (s *Service) CalendarList(workspace string) []*Calendar {
	return list(s.current.Load().calendars, func(c *Calendar) bool { return c.Workspace == workspace })
}

func (s *Service) putCalendar(ctx context.Context, by Actor, after, before *Calendar, action string) error {
	w := write{kind: kindCalendar, id: after.ID, version: after.Version, body: after, after: after, action: action}
	if before != nil {
		w.before = before
	}
	return s.put(ctx, by, w)
}

func decodeCalendarInput(data []byte) (*condition.Calendar, error) {
	text, err := strictjson.Without(data, readOnlyCalendar...)
	if err != nil {
		return nil, err
	}
	// Unlike the decoder, this names the member that is wrong.
	if err := strictjson.Unmarshal(text, &condition.Calendar{}); err != nil {
		return nil, err
	}
	return condition.DecodeCalendar(text)
}

func decodeCalendar(document *executionlog.Document) (*Calendar, error) {
	calendar := &Calendar{}
	if err := json.Unmarshal(document.Body, calendar); err != nil {
		return nil, fmt.Errorf("decode calendar: %w", err)
	}
	calendar.ID, calendar.Workspace, calendar.Version = document.ID, document.Workspace, document.Version
	return calendar, nil
}
