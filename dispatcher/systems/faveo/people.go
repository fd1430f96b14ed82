package faveo

import (
	"fmt"

	"github.com/hookdesk/hookdesk/triggers/ticket"
)

// person is a user as requester and as replied_by.
type person struct {
	ID             int64  `json:"id"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Email          string `json:"email"`
	UserName       string `json:"user_name"`
	FullName       string `json:"full_name"`
	MetaName       string `json:"meta_name"` // First Last <address>
	EmailVerified  int64  `json:"email_verified"`
	MobileVerified int64  `json:"mobile_verified"`
}

// author is a user as the user of a thread entry.
type author struct {
	ID             int64  `json:"id"`
	UserName       string `json:"user_name"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Email          string `json:"email"`
	Role           string `json:"role"`
	FullName       string `json:"full_name"`
	MetaName       string `json:"meta_name"`
	EmailVerified  int64  `json:"email_verified"`
	MobileVerified int64  `json:"mobile_verified"`
}

// account is a user as assigned, creator and user of an assigned ticket.
type account struct {
	ID         int64   `json:"id"`
	UserName   string  `json:"user_name"`
	FullName   string  `json:"full_name"`
	Email      string  `json:"email"`
	Role       string  `json:"role"`
	ProfilePic *string `json:"profile_pic"`
}

// renderPerson returns nil for nobody.
func renderPerson(t *ticket.Ticket, p *ticket.Person) *person {
	if p == nil {
		return nil
	}
	first, last := p.Names()
	full := p.FullName()
	given := columns{t.Extra}
	verified := columns{}
	if t.Requester != nil && p.NumericID() == t.Requester.NumericID() {
		verified = given
	}
	return &person{
		ID: p.NumericID(), FirstName: first, LastName: last, Email: p.Email,
		UserName: userName(p), FullName: full, MetaName: metaName(full, p.Email),
		EmailVerified:  verified.number("email_verified", 0),
		MobileVerified: verified.number("mobile_verified", 0),
	}
}

func renderAuthor(t *ticket.Ticket, p *ticket.Person) *author {
	same := renderPerson(t, p)
	if same == nil {
		return nil
	}
	return &author{
		ID: same.ID, UserName: same.UserName, FirstName: same.FirstName, LastName: same.LastName,
		Email: same.Email, Role: roleName(t, p), FullName: same.FullName, MetaName: same.MetaName,
		EmailVerified: same.EmailVerified, MobileVerified: same.MobileVerified,
	}
}

func renderAccount(t *ticket.Ticket, p *ticket.Person) *account {
	if p == nil {
		return nil
	}
	made := &account{
		ID: p.NumericID(), UserName: userName(p), FullName: p.FullName(), Email: p.Email, Role: roleName(t, p),
	}
	if link := (columns{t.Extra}).object("profile_pics").given.Text(fmt.Sprint(made.ID)); link != "" {
		made.ProfilePic = &link
	}
	return made
}

func userName(p *ticket.Person) string {
	if p.UserName != "" {
		return p.UserName
	}
	return p.Email
}

func metaName(full, email string) string {
	if email == "" {
		return full
	}
	return full + " <" + email + ">"
}

// roleName is user, agent or admin; extra.admins lists the ids of admins.
func roleName(t *ticket.Ticket, p *ticket.Person) string {
	if (columns{t.Extra}).lists("admins", fmt.Sprint(p.NumericID())) {
		return "admin"
	}
	if p.Role == ticket.RoleClient || p.Role == "" && t.Requester != nil && t.Requester.NumericID() == p.NumericID() {
		return "user"
	}
	return "agent"
}
