package ticket

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ref reads a reference: an object {id, name}, a name, or a number, which is
// its id.
func (r *reader) ref(name string) Ref {
	switch v := r.members[name].(type) {
	case nil:
		return Ref{}
	case string:
		return Ref{Name: r.textIn(name, v, MaxTextBytes)}
	case json.Number:
		return Ref{ID: r.idIn(name, v, MaxIDBytes)}
	case map[string]any:
		o := r.objectIn(name, v)
		o.refuseRest("id", "name")
		return Ref{ID: o.id("id", MaxIDBytes), Name: o.text("name", MaxTextBytes)}
	default:
		r.add(name, describe(v), "a name, a number or an object {id, name}")
		return Ref{}
	}
}

// status reads a reference with a state, which the name implies where it is
// not given.
func (r *reader) status(name string) Status {
	switch v := r.members[name].(type) {
	case nil:
		return Status{}
	case string:
		text := r.textIn(name, v, MaxTextBytes)
		if text == "" {
			return Status{}
		}
		return Status{Name: text, State: StateOf(text)}
	case json.Number:
		return Status{ID: r.idIn(name, v, MaxIDBytes)}
	case map[string]any:
		o := r.objectIn(name, v)
		o.refuseRest("id", "name", "state")
		status := Status{ID: o.id("id", MaxIDBytes), Name: o.text("name", MaxTextBytes), State: State(o.text("state", MaxTextBytes))}
		if status.State != "" && !known(States, status.State) {
			o.add("state", string(status.State), "one of "+list(States)+suggest(string(status.State), names(States)))
		}
		if status.State == "" && status.Name != "" {
			status.State = StateOf(status.Name)
		}
		return status
	default:
		r.add(name, describe(v), "a name, a number or an object {id, name, state}")
		return Status{}
	}
}

// category reads a reference with a path; a plain text with slashes is a path.
func (r *reader) category(name string) Category {
	switch v := r.members[name].(type) {
	case nil:
		return Category{}
	case string:
		return categoryAt(r.textIn(name, v, MaxTextBytes))
	case json.Number:
		return Category{ID: r.idIn(name, v, MaxIDBytes)}
	case map[string]any:
		o := r.objectIn(name, v)
		o.refuseRest("id", "name", "path")
		category := categoryAt(o.text("path", MaxTextBytes))
		category.ID = o.id("id", MaxIDBytes)
		if given := o.text("name", MaxTextBytes); given != "" {
			category.Name = given
		}
		if category.Path == "" {
			category.Path = category.Name
		}
		return category
	default:
		r.add(name, describe(v), "a name, a path, a number or an object {id, name, path}")
		return Category{}
	}
}

func categoryAt(path string) Category {
	path = strings.Trim(strings.TrimSpace(path), "/")
	return Category{Name: strings.TrimSpace(path[strings.LastIndexByte(path, '/')+1:]), Path: path}
}

// person reads a person: an object, an address, a name, or a number, which is
// the id. Role is what the person is unless the object says so.
func (r *reader) person(name string, role Role) *Person {
	switch v := r.members[name].(type) {
	case nil:
		return nil
	case string:
		text := strings.TrimSpace(r.textIn(name, v, MaxTextBytes))
		if text == "" {
			return nil
		}
		if strings.Contains(text, "@") && !strings.ContainsAny(text, " <>") {
			return &Person{Email: text, Role: role}
		}
		return &Person{Name: text, Role: role}
	case json.Number:
		return &Person{ID: r.idIn(name, v, MaxIDBytes), Role: role}
	case map[string]any:
		return r.objectIn(name, v).personObject(role)
	default:
		r.add(name, describe(v), "an object, or a name, an address or an id")
		return nil
	}
}

var personNames = []string{"id", "first_name", "last_name", "name", "email", "user_name", "phone", "role"}

func (r *reader) personObject(role Role) *Person {
	r.refuseRest(personNames...)
	p := &Person{
		ID:        r.id("id", MaxIDBytes),
		FirstName: r.text("first_name", MaxTextBytes),
		LastName:  r.text("last_name", MaxTextBytes),
		Name:      r.text("name", MaxTextBytes),
		Email:     r.text("email", MaxTextBytes),
		UserName:  r.text("user_name", MaxTextBytes),
		Phone:     r.text("phone", MaxTextBytes),
		Role:      Role(r.text("role", MaxTextBytes)),
	}
	if p.Role == "" {
		p.Role = role
	} else if !known(Roles, p.Role) {
		r.add("role", string(p.Role), "one of "+list(Roles)+suggest(string(p.Role), names(Roles)))
	}
	return p
}

var replyNames = []string{"id", "author", "body", "public", "attachments", "created_at", "updated_at"}

// reply reads a reply, public unless it says otherwise.
func (r *reader) reply() *ReplyInput {
	r.refuseRest(replyNames...)
	return &ReplyInput{
		Values: Reply{
			ID:          r.segment("id", MaxIDBytes),
			Author:      value(r.person("author", "")),
			Body:        r.text("body", MaxBodyBytes),
			Public:      r.flag("public", true),
			Attachments: r.attachments("attachments"),
			CreatedAt:   value(r.time("created_at")),
			UpdatedAt:   value(r.time("updated_at")),
		},
		Touched: r.touched(replyNames),
	}
}

var noteNames = []string{"id", "author", "body", "private", "attachments", "created_at", "updated_at"}

// note reads a note, private unless it says otherwise.
func (r *reader) note() *NoteInput {
	r.refuseRest(noteNames...)
	return &NoteInput{
		Values: Note{
			ID:          r.segment("id", MaxIDBytes),
			Author:      value(r.person("author", "")),
			Body:        r.text("body", MaxBodyBytes),
			Private:     r.flag("private", true),
			Attachments: r.attachments("attachments"),
			CreatedAt:   value(r.time("created_at")),
			UpdatedAt:   value(r.time("updated_at")),
		},
		Touched: r.touched(noteNames),
	}
}

func (r *reader) touched(allowed []string) []string {
	var touched []string
	for _, name := range allowed {
		if r.given(name) {
			touched = append(touched, name)
		}
	}
	return touched
}

func (r *reader) replies(name string) []Reply {
	var replies []Reply
	r.each(name, MaxConversation, func(name string, value any) {
		replies = append(replies, r.objectIn(name, value).reply().Values)
	})
	return replies
}

func (r *reader) notes(name string) []Note {
	var notes []Note
	r.each(name, MaxConversation, func(name string, value any) {
		notes = append(notes, r.objectIn(name, value).note().Values)
	})
	return notes
}

func (r *reader) attachments(name string) []Attachment {
	var attachments []Attachment
	r.each(name, MaxAttachments, func(name string, value any) {
		o := r.objectIn(name, value)
		o.refuseRest("id", "name", "url", "content_type", "size", "created_by", "created_at")
		a := Attachment{
			ID: o.id("id", MaxIDBytes), Name: o.text("name", MaxTextBytes), URL: o.text("url", MaxTextBytes),
			ContentType: o.text("content_type", MaxTextBytes), Size: o.size("size"), CreatedBy: o.person("created_by", ""),
		}
		if at := o.time("created_at"); at != nil {
			a.CreatedAt = *at
		}
		if a.Name == "" && o.members != nil {
			o.add("name", nil, fmt.Sprintf("the file's name, 1 to %d bytes", MaxTextBytes))
		}
		attachments = append(attachments, a)
	})
	return attachments
}
