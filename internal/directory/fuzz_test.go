package directory

import (
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"belay/internal/mail"
)

// sound looks at what every directory must keep, whatever it was made of.
func sound(t *testing.T, facts *Facts) {
	t.Helper()
	d, _ := New(facts, []string{"corp.test"}, time.UTC)
	for _, p := range d.People() {
		if len(p.Addresses) == 0 {
			t.Fatalf("%+v has no address", p)
		}
		for _, a := range p.Addresses {
			if d.Main(a) != p.Addresses[0] || mail.Key(a) != a {
				t.Fatalf("%q belongs to %q, not to %+v", a, d.Main(a), p)
			}
		}
		for _, a := range append([]string{p.Manager, p.Deputy}, p.Assistants...) {
			if a == p.Addresses[0] || d.Main(a) != a && d.Kind(a) != KindUnknown {
				t.Fatalf("%q is no main address, or their own: %+v", a, p)
			}
		}
		for _, g := range p.Groups {
			if !d.HasGroup(g) || !d.InGroup(p.Addresses[0], strings.ToUpper(g)) && strings.ToLower(strings.ToUpper(g)) == strings.ToLower(g) {
				t.Fatalf("the group %q has not %s", g, p.Addresses[0])
			}
		}
		if !d.MayStop(p.Addresses[0], p.Addresses[len(p.Addresses)-1]) {
			t.Fatalf("%s may not stop their own mail", p.Addresses[0])
		}
		d.Absent(p.Addresses[0], time.Now())
		d.Mailboxes(p.Addresses[0])
	}
	for _, m := range d.AllMailboxes() {
		d.Members(m.Address)
		for _, who := range m.Members {
			if m.Kind == KindShared && !d.MayStop(who, m.Address) {
				t.Fatalf("%q is a member of %q and may not stop its mail", who, m.Address)
			}
		}
	}
	r := &Report{}
	r.compare(nil, d)
	if len(r.Added) != len(d.People())+len(d.AllMailboxes()) {
		t.Fatalf("%d are new of %d", len(r.Added), len(d.People())+len(d.AllMailboxes()))
	}
	again, _ := New(facts, []string{"corp.test"}, time.UTC)
	if r.compare(d, again); len(r.Added)+len(r.Removed)+len(r.Changed) > 0 {
		t.Fatalf("nothing changed, and the report is %+v", r)
	}
}

func FuzzPeopleYAML(f *testing.F) {
	f.Add("people:\n- {name: A, addresses: [a@corp.test, b@corp.test], manager: c@corp.test, groups: [x], absent: 2026-12-01..}\n")
	f.Add("mailboxes:\n- {address: a@corp.test, kind: list, members: [a@corp.test, b@corp.test]}\n- {address: b@corp.test, kind: shared, members: [a@corp.test]}\n")
	f.Add("organisations:\n- {name: X, domains: [x.test]}\nroles: {admin: [a@b.test]}\n")
	f.Add("people: &a\n- {addresses: *a}\n")
	f.Fuzz(func(t *testing.T, text string) {
		facts, _, err := ParseYAML("people.yaml", []byte(text), len(text)%2 == 0)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "people.yaml:") {
				t.Fatalf("the error names no file and line: %v", err)
			}
			return
		}
		sound(t, facts)
	})
}

func FuzzPeopleCSV(f *testing.F) {
	f.Add("name,email,groups\nA,a@corp.test;b@corp.test,x|y\n", "address,kind,members\ns@corp.test,shared,A\n")
	f.Add("sep=;\nemail;manager;assistants;absent\na@corp.test;B;c@corp.test,d@corp.test;2026-12-01..\n", "")
	f.Add("\xEF\xBB\xBFmail\tfirst name\tlast name\n\"SMTP:a@corp.test\nsmtp:b@corp.test\"\tA\tB\n", "address,kind\na@corp.test,list\n")
	f.Add("\xFF\xFEe\x00", "")
	f.Fuzz(func(t *testing.T, people, mailboxes string) {
		facts, _, err := ParseCSV("people.csv", map[string][]byte{"people.csv": []byte(people), "mailboxes.csv": []byte(mailboxes), "roles.csv": []byte("role,email\nadmin,a@corp.test\n")})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "people.csv:") && !strings.HasPrefix(err.Error(), "mailboxes.csv:") {
				t.Fatalf("the error names no file and line: %v", err)
			}
			return
		}
		sound(t, facts)
	})
}

// FuzzLDAP reads entries that are written as lines "attribute: value" after a
// line with the DN, empty lines between them.
func FuzzLDAP(f *testing.F) {
	f.Add("uid=a,dc=x\nobjectClass: inetOrgPerson\nmail: a@corp.test\nmanager: uid=b,dc=x\nmemberOf: cn=g,dc=x\n\nuid=b,dc=x\nobjectClass: user\nmail: b@corp.test\nproxyAddresses: SMTP:B2@corp.test\nuid: b")
	f.Add("cn=g,dc=x\nobjectClass: group\ncn: g\nmail: g@corp.test\nmember: cn=g,dc=x\nmember: cn=h,dc=x\n\ncn=h,dc=x\nobjectClass: group\nmember: cn=g,dc=x\nmemberUid: b\nmember;range=0-1: uid=b,dc=x\nall-member: uid=b,dc=x\nall-member: uid=a,dc=x\nall-member: uid=c,dc=x")
	f.Add("uid=s,dc=x\nobjectClass: user\nmail: s@corp.test\nmsExchRecipientTypeDetails: 4\nmsExchDelegateListLink: a@corp.test\nuserAccountControl: 514")
	f.Fuzz(func(t *testing.T, text string) {
		s := &shelf{}
		for _, block := range strings.Split(text, "\n\n") {
			lines := strings.Split(block, "\n")
			values := map[string][]string{}
			for _, line := range lines[1:] {
				name, value, _ := strings.Cut(line, ": ")
				values[name] = append(values[name], value)
			}
			s.entries = append(s.entries, ldap.NewEntry(lines[0], values))
		}
		facts, _, err := LDAPOptions{}.withDefaults().readFrom(s)
		if err == nil {
			facts.tidy()
			sound(t, facts)
		}
	})
}
