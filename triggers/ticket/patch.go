package ticket

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
)

// member is one top-level member of a ticket: how it is read and how it is
// copied from a patch onto a ticket.
type member struct {
	name string
	read func(r *reader, name string, values *Ticket)
	// copy writes the member of from onto to. Plain says that a bare name or
	// number was given, which keeps what to already knows of the same thing.
	copy func(to, from *Ticket, plain bool)
}

// members lists the members in the order of the model. Custom fields, extra
// and number are treated on their own.
var members = []member{
	{"subject", func(r *reader, n string, t *Ticket) { t.Subject = r.text(n, MaxTextBytes) }, func(to, from *Ticket, _ bool) { to.Subject = from.Subject }},
	{"description", func(r *reader, n string, t *Ticket) { t.Description = r.text(n, MaxBodyBytes) }, func(to, from *Ticket, _ bool) { to.Description = from.Description }},
	{"description_html", func(r *reader, n string, t *Ticket) { t.DescriptionHTML = r.text(n, MaxBodyBytes) }, func(to, from *Ticket, _ bool) { to.DescriptionHTML = from.DescriptionHTML }},
	{"status", func(r *reader, n string, t *Ticket) { t.Status = r.status(n) }, func(to, from *Ticket, plain bool) { to.Status = keepStatus(to.Status, from.Status, plain) }},
	{"justification", func(r *reader, n string, t *Ticket) { t.Justification = r.text(n, MaxTextBytes) }, func(to, from *Ticket, _ bool) { to.Justification = from.Justification }},
	refMember("priority", func(t *Ticket) *Ref { return &t.Priority }),
	refMember("urgency", func(t *Ticket) *Ref { return &t.Urgency }),
	refMember("type", func(t *Ticket) *Ref { return &t.Type }),
	{"category", func(r *reader, n string, t *Ticket) { t.Category = r.category(n) }, func(to, from *Ticket, plain bool) { to.Category = keepCategory(to.Category, from.Category, plain) }},
	refMember("department", func(t *Ticket) *Ref { return &t.Department }),
	refMember("team", func(t *Ticket) *Ref { return &t.Team }),
	refMember("help_topic", func(t *Ticket) *Ref { return &t.HelpTopic }),
	refMember("sla", func(t *Ticket) *Ref { return &t.SLA }),
	refMember("source", func(t *Ticket) *Ref { return &t.Source }),
	personMember("requester", RoleClient, func(t *Ticket) **Person { return &t.Requester }),
	personMember("creator", "", func(t *Ticket) **Person { return &t.Creator }),
	personMember("assignee", RoleAgent, func(t *Ticket) **Person { return &t.Assignee }),
	{"tags", func(r *reader, n string, t *Ticket) { t.Tags = r.tags(n) }, func(to, from *Ticket, _ bool) { to.Tags = slices.Clone(from.Tags) }},
	timeMember("due_at", func(t *Ticket) **time.Time { return &t.DueAt }),
	timeMember("response_due_at", func(t *Ticket) **time.Time { return &t.ResponseDueAt }),
	timeMember("resolution_due_at", func(t *Ticket) **time.Time { return &t.ResolutionDueAt }),
	{"language", func(r *reader, n string, t *Ticket) { t.Language = r.text(n, MaxIDBytes) }, func(to, from *Ticket, _ bool) { to.Language = from.Language }},
	{"community", func(r *reader, n string, t *Ticket) { t.Community = r.text(n, MaxTextBytes) }, func(to, from *Ticket, _ bool) { to.Community = from.Community }},
	{"attachments", func(r *reader, n string, t *Ticket) { t.Attachments = r.attachments(n) }, func(to, from *Ticket, _ bool) { to.Attachments = cloneAttachments(from.Attachments) }},
	{"replies", func(r *reader, n string, t *Ticket) { t.Replies = r.replies(n) }, func(to, from *Ticket, _ bool) { to.Replies = cloneReplies(from.Replies) }},
	{"notes", func(r *reader, n string, t *Ticket) { t.Notes = r.notes(n) }, func(to, from *Ticket, _ bool) { to.Notes = cloneNotes(from.Notes) }},
	{"created_at", func(r *reader, n string, t *Ticket) { t.CreatedAt = value(r.time(n)) }, func(to, from *Ticket, _ bool) { to.CreatedAt = from.CreatedAt }},
	{"updated_at", func(r *reader, n string, t *Ticket) { t.UpdatedAt = value(r.time(n)) }, func(to, from *Ticket, _ bool) { to.UpdatedAt = from.UpdatedAt }},
	timeMember("closed_at", func(t *Ticket) **time.Time { return &t.ClosedAt }),
}

func refMember(name string, of func(*Ticket) *Ref) member {
	return member{
		name,
		func(r *reader, n string, t *Ticket) { *of(t) = r.ref(n) },
		func(to, from *Ticket, plain bool) { *of(to) = keepRef(*of(to), *of(from), plain) },
	}
}

func personMember(name string, role Role, of func(*Ticket) **Person) member {
	return member{
		name,
		func(r *reader, n string, t *Ticket) { *of(t) = r.person(n, role) },
		func(to, from *Ticket, plain bool) { *of(to) = keepPerson(*of(to), *of(from), plain) },
	}
}

func timeMember(name string, of func(*Ticket) **time.Time) member {
	return member{
		name,
		func(r *reader, n string, t *Ticket) { *of(t) = r.time(n) },
		func(to, from *Ticket, _ bool) { *of(to) = clonePointer(*of(from)) },
	}
}

// memberNames are the names of a ticket's members that may be written.
var memberNames = func() []string {
	all := []string{"number"}
	for _, m := range members {
		all = append(all, m.name)
	}
	return append(all, "custom_fields", "extra")
}()

// MemberNames returns the names of the ticket's members that an input may
// hold, in the order of the model.
func MemberNames() []string { return slices.Clone(memberNames) }

// patch reads the members of a ticket.
func (r *reader) patch(numbered bool) Patch {
	var p Patch
	p.Number = r.segment("number", MaxNumberBytes)
	switch {
	case p.Number == "" && numbered && r.members != nil:
		r.add("number", nil, "the ticket's number, as a text or a number")
	case strings.ContainsFunc(p.Number, unicode.IsControl):
		r.add("number", nil, "a text on one line, without control characters")
	}
	for _, m := range members {
		if !r.given(m.name) {
			continue
		}
		m.read(r, m.name, &p.Values)
		p.Touched = append(p.Touched, m.name)
		if _, object := r.members[m.name].(map[string]any); !object {
			p.plain = append(p.plain, m.name)
		}
	}
	custom := r.merged("custom_fields", "custom.", &p.Touched)
	p.Values.CustomFields = custom
	p.Values.Extra = r.merged("extra", "extra.", &p.Touched)
	r.refuseRest(memberNames...)
	return p
}

// merged reads custom_fields or extra, whose members are merged one by one.
func (r *reader) merged(name, prefix string, touched *[]string) map[string]any {
	if !r.has(name) {
		return nil
	}
	o := r.object(name)
	if len(o.members) > MaxCustomFields {
		r.add(name, len(o.members), fmt.Sprintf("at most %d members", MaxCustomFields))
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(o.members)) {
		if key == "" || len(key) > MaxIDBytes {
			o.add(key, nil, fmt.Sprintf("a name of 1 to %d bytes", MaxIDBytes))
		}
		o.free(key, o.members[key])
		*touched = append(*touched, prefix+key)
	}
	return o.members
}

// free checks a value of any type.
func (r *reader) free(name string, value any) {
	if depth(value, MaxCustomDepth) > MaxCustomDepth {
		r.add(name, nil, fmt.Sprintf("lists and objects at most %d deep", MaxCustomDepth))
	}
	size := 0
	r.measure(name, value, &size)
	if size > MaxCustomBytes {
		r.add(name, nil, fmt.Sprintf("at most %d bytes", MaxCustomBytes))
	}
}

func (r *reader) measure(name string, value any, size *int) {
	switch v := value.(type) {
	case string:
		*size += len(v)
	case json.Number:
		*size += len(v)
		if len(v) > maxNumberDigits {
			r.add(name, nil, fmt.Sprintf("a number of at most %d digits", maxNumberDigits))
		}
	case []any:
		for _, element := range v {
			*size++
			r.measure(name, element, size)
		}
	case map[string]any:
		for key, element := range v {
			*size += len(key)
			r.measure(name, element, size)
		}
	}
}

func (r *reader) tags(name string) []string {
	var tags []string
	r.each(name, MaxTags, func(name string, value any) {
		tag := strings.TrimSpace(r.textIn(name, value, MaxIDBytes))
		if tag == "" {
			r.add(name, describe(value), "a tag that is not empty")
		} else if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	})
	return tags
}

func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}
