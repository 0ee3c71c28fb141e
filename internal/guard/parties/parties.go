// Package parties tells detectors who is on a mail: each recipient once, under
// which name, ours or not, seen by the others or not; and where the mail's text
// speaks of them. It judges nothing.
package parties

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/mail"
)

// Party is somebody on a mail.
type Party struct {
	Key     string // mail.Key of the address
	Main    string // main address of whoever has it (history.Past.Main and the directory)
	Domain  string // of Key
	Name    string // as the mail shows it, else as the directory has it; "" where neither does
	Ours    bool   // the address is one of ours
	Kind    directory.Kind
	Visible bool // in To or Cc
}

// Shown is the party as a person reads it: the address, with its name where it
// has one; a domain in other letters is shown in them.
func (p *Party) Shown() string {
	return mail.Mailbox{Name: p.Name, Address: Readable(p.Key)}.String()
}

// Called is the name, or the address where there is none.
func (p *Party) Called() string {
	if p.Name != "" {
		return p.Name
	}
	return Readable(p.Key)
}

// Readable is an address, or a domain alone, in the letters that people see.
func Readable(address string) string {
	if !strings.Contains(address, "xn--") {
		return address
	}
	local, domain := mail.Split(address)
	if domain == "" {
		local, domain = "", address
	}
	shown, err := idna.ToUnicode(domain)
	switch {
	case err != nil:
		return address
	case local == "":
		return shown
	}
	return local + "@" + shown
}

// List are the people on a mail.
type List struct {
	Author     Party
	Recipients []Party // each once, in the order of the envelope, never the author
}

// Of lists who is on a mail. Those in To and Cc whom this envelope does not
// reach are not among them: see Visible.
func Of(l *guard.Look) *List {
	names := make(map[string]string, len(l.Summary.To)+len(l.Summary.Cc))
	visible := make(map[string]bool, len(l.Summary.To)+len(l.Summary.Cc))
	for i, boxes := range [][]mail.Mailbox{l.Summary.To, l.Summary.Cc, l.Summary.Bcc} {
		for _, b := range boxes {
			key := mail.Key(b.Address)
			if names[key] == "" {
				names[key] = b.Name
			}
			visible[key] = visible[key] || i < 2
		}
	}
	list := &List{Author: party(l, l.Author, l.Summary.Author().Name), Recipients: make([]Party, 0, len(l.Keys))}
	seen := make(map[string]bool, len(l.Keys)+1)
	seen[list.Author.Main] = true
	for _, key := range l.Keys {
		p := party(l, key, names[key])
		if key == "" || seen[p.Main] {
			continue
		}
		seen[p.Main] = true
		p.Visible = visible[key]
		list.Recipients = append(list.Recipients, p)
	}
	return list
}

// Visible are those whom the header names in To and Cc, each once, never the
// author: those who see each other, wherever this envelope goes.
func Visible(l *guard.Look) []Party {
	seen := map[string]bool{party(l, l.Author, "").Main: true}
	var list []Party
	for _, boxes := range [][]mail.Mailbox{l.Summary.To, l.Summary.Cc} {
		for _, b := range boxes {
			p := party(l, mail.Key(b.Address), b.Name)
			if p.Key == "" || seen[p.Main] {
				continue
			}
			seen[p.Main], p.Visible = true, true
			list = append(list, p)
		}
	}
	return list
}

func party(l *guard.Look, key, name string) Party {
	p := Party{Key: key, Main: MainOf(l, key), Domain: mail.Domain(key), Name: CleanName(name, key), Kind: l.Directory.Kind(key)}
	if p.Name == "" {
		p.Name = l.Directory.Name(key)
	}
	p.Ours = IsOurs(l, key)
	return p
}

// MainOf is the main address of whoever has an address, as history and the
// directory know it.
func MainOf(l *guard.Look, address string) string {
	if l.Past != nil {
		return l.Past.Main(address)
	}
	return l.Directory.Main(address)
}

// IsOurs tells whether an address is one of ours: by its domain, or because
// the person behind it is.
func IsOurs(l *guard.Look, key string) bool {
	domain := mail.Domain(key)
	if l.Own(domain) {
		return true
	}
	person := l.Directory.Person(key)
	return person != nil && l.Own(mail.Domain(person.Main()))
}

// IsList tells an address of a mailing list: of a domain that has nothing else.
func IsList(key string) bool {
	domain := mail.Domain(key)
	return strings.HasPrefix(domain, "lists.") || strings.HasPrefix(domain, "list.") || strings.HasPrefix(domain, "groups.") || strings.HasSuffix(domain, "googlegroups.com")
}

// CleanName is a display name without what programs add to it: quotes, the
// address itself.
func CleanName(name, key string) string {
	name = strings.Trim(strings.TrimSpace(name), `'"`)
	if strings.EqualFold(name, key) || strings.Contains(name, "@") && !strings.Contains(name, " ") {
		return ""
	}
	return name
}

// Registrable is the domain that somebody registered: "corp.co.uk" of
// "mail.corp.co.uk". What has none is given back as it is.
func Registrable(domain string) string {
	if r, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return r
	}
	return domain
}

// Label is the part of a domain that its owner chose, and Suffix what stands
// behind it: "corp" and "co.uk".
func Label(domain string) (label, suffix string) {
	label, suffix, _ = strings.Cut(Registrable(domain), ".")
	return label, suffix
}

// Organisation names the organisation behind an address: the directory's name
// for it, else the registrable domain; of a private mailbox the address itself.
func Organisation(d *directory.Directory, key string) string {
	if o := d.Organisation(key); o != nil {
		return o.Name
	}
	domain := mail.Domain(key)
	if IsFreeMail(domain) {
		return key
	}
	return Registrable(domain)
}
