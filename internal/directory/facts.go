package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Facts are what a source says. Addresses are as mail.Key where New made them
// so; readers may leave them as they came.
type Facts struct {
	People        []*Person       `json:"people"`
	Mailboxes     []*Mailbox      `json:"mailboxes"`
	Organisations []*Organisation `json:"organisations,omitempty"`
	Roles         Roles           `json:"roles,omitzero"`
}

// Person is somebody of ours. Whoever gets one from a Directory must not change
// it.
type Person struct {
	Name          string   `json:"name"`
	Addresses     []string `json:"addresses"`          // the first is the main one
	Language      string   `json:"language,omitempty"` // one of locale.Codes, "" where it is not known
	Groups        []string `json:"groups,omitempty"`
	Manager       string   `json:"manager,omitempty"`
	Assistants    []string `json:"assistants,omitempty"`
	AssistantsSee See      `json:"assistants_see,omitempty"`
	Deputy        string   `json:"deputy,omitempty"`
	Delegates     []string `json:"delegates,omitempty"` // may stop this person's mail
	Absent        []Period `json:"absent,omitempty"`

	synced bool // from LDAP or CSV, where a sync may lose many at once
}

// Main is the main address.
func (p *Person) Main() string {
	if p == nil || len(p.Addresses) == 0 {
		return ""
	}
	return p.Addresses[0]
}

// See is what assistants get before a mail arrives.
type See string

const (
	SeeNotice See = "notice" // from whom and when it will arrive; also where nothing is set
	SeeMail   See = "mail"   // the whole mail, attached to the notice
)

// Kind is what an address stands for.
type Kind string

const (
	KindUnknown Kind = ""
	KindPerson  Kind = "person"
	KindShared  Kind = "shared"
	KindList    Kind = "list"
	KindProgram Kind = "program"
)

// Mailbox is an address that is no person. Whoever gets one from a Directory
// must not change it.
type Mailbox struct {
	Address string   `json:"address"`
	Aliases []string `json:"aliases,omitempty"`
	Name    string   `json:"name,omitempty"`
	Kind    Kind     `json:"kind"`
	// Members are who reads a shared mailbox, whom a list reaches, who looks
	// after a program; people, other mailboxes, and outsiders. As written: see
	// Directory.Members for the people behind nested lists.
	Members []string `json:"members,omitempty"`
	// Outside is true where a list reaches somebody outside, also through other
	// lists. New sets it.
	Outside bool `json:"external,omitempty"`

	synced bool // as of a Person
}

// addresses are all the mailbox has, the main one first.
func (m *Mailbox) addresses() []string {
	return append([]string{m.Address}, m.Aliases...)
}

// Organisation is a client, a supplier, an authority.
type Organisation struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind,omitempty"` // in the admin's own words: client, supplier, authority
	Domains  []string `json:"domains,omitempty"`
	Keywords []string `json:"keywords,omitempty"`
}

// Roles are the people with an office.
type Roles struct {
	Admin     []string `json:"admin,omitempty" yaml:"admin"`
	Ombudsman []string `json:"ombudsman,omitempty" yaml:"ombudsman"`
	Privacy   []string `json:"privacy,omitempty" yaml:"privacy"`
}

// RoleNames are the roles there are.
var RoleNames = []string{"admin", "ombudsman", "privacy"}

// of gives the people of a role, nil where there is no such role.
func (r *Roles) of(name string) *[]string {
	switch name {
	case "admin":
		return &r.Admin
	case "ombudsman":
		return &r.Ombudsman
	case "privacy":
		return &r.Privacy
	}
	return nil
}

// Period is a first and a last day, as "2026-12-01"; both belong to it. Without
// a last day it has no end yet.
type Period struct {
	From string `json:"from"`
	To   string `json:"to,omitempty"`
}

func (p Period) String() string {
	if p.From == p.To {
		return p.From
	}
	return p.From + ".." + p.To
}

// has tells whether a day lies in the period.
func (p Period) has(day string) bool {
	return p.From <= day && (p.To == "" || day <= p.To)
}

// ParseAbsent reads "2026-12-01..2026-12-14", a single day, a period that has
// no end yet ("2026-12-01.."), or several with commas between them.
func ParseAbsent(text string) ([]Period, error) {
	var all []Period
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' }) {
		part = strings.TrimSpace(part)
		from, to, isRange := strings.Cut(part, "..")
		p := Period{strings.TrimSpace(from), strings.TrimSpace(to)}
		if !isRange {
			p.To = p.From
		}
		if !isDay(p.From) || p.To != "" && !isDay(p.To) {
			return nil, fmt.Errorf(`%q is no time of absence; write it as 2026-12-01..2026-12-14`, part)
		}
		if p.To != "" && p.To < p.From {
			return nil, fmt.Errorf(`%q ends before it begins`, part)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf(`%q is no time of absence; write it as 2026-12-01..2026-12-14`, text)
	}
	return all, nil
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// clone copies facts deeply enough that New may change them.
func (f *Facts) clone() *Facts {
	c := &Facts{
		People:        make([]*Person, len(f.People)),
		Mailboxes:     make([]*Mailbox, len(f.Mailboxes)),
		Organisations: make([]*Organisation, len(f.Organisations)),
	}
	for i, p := range f.People {
		q := *p
		q.Addresses, q.Groups = slices.Clone(p.Addresses), slices.Clone(p.Groups)
		q.Assistants, q.Delegates = slices.Clone(p.Assistants), slices.Clone(p.Delegates)
		c.People[i] = &q
	}
	for i, m := range f.Mailboxes {
		n := *m
		n.Aliases, n.Members = slices.Clone(m.Aliases), slices.Clone(m.Members)
		c.Mailboxes[i] = &n
	}
	for i, o := range f.Organisations {
		n := *o
		n.Domains = slices.Clone(o.Domains)
		c.Organisations[i] = &n
	}
	for _, role := range RoleNames {
		*c.Roles.of(role) = slices.Clone(*f.Roles.of(role))
	}
	return c
}

// maxName is how many characters of a name are kept.
const maxName = 200

// oneLine is a name as it may stand in a letter or on a page: one line of
// valid UTF-8, without control characters, and not endless.
func oneLine(s string) string {
	if len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return strings.TrimSpace(s)
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxName {
		s = string(r[:maxName])
	}
	return s
}
