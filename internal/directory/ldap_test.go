package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// shelf is a server made of entries: it knows the default filters only.
type shelf struct {
	entries []*ldap.Entry
	fail    string // the DN that it cannot give
	asked   []string
}

func (s *shelf) search(_, filter string, _ []string) ([]*ldap.Entry, error) {
	has := func(e *ldap.Entry, attribute string, values ...string) bool {
		return slices.ContainsFunc(e.GetEqualFoldAttributeValues(attribute), func(v string) bool { return len(values) == 0 || slices.Contains(values, v) })
	}
	return slices.DeleteFunc(slices.Clone(s.entries), func(e *ldap.Entry) bool {
		mail := has(e, "mail") || has(e, "proxyAddresses")
		group := has(e, "objectClass", "group", "groupOfNames", "posixGroup")
		switch filter {
		case defaultPeople:
			return !mail || !has(e, "objectClass", "user", "inetOrgPerson")
		case defaultGroups:
			return !group
		case defaultLists:
			return !mail || !group
		case defaultShared:
			return !has(e, "msExchRecipientTypeDetails", "4")
		}
		return true
	}), nil
}

func (s *shelf) entry(dn string, attributes []string) (*ldap.Entry, error) {
	s.asked = append(s.asked, dn)
	if dn == s.fail {
		return nil, fmt.Errorf("read %s: connection closed", dn)
	}
	for _, e := range s.entries {
		if normalDN(e.DN) != normalDN(dn) {
			continue
		}
		if name, from, ok := strings.Cut(attributes[0], ";range="); ok { // as Active Directory does
			all := e.GetAttributeValues("all-" + name)
			first, _ := strconv.Atoi(strings.TrimSuffix(from, "-*"))
			first = min(max(0, first), len(all))
			last := min(first+3, len(all))
			option := fmt.Sprintf("%s;range=%d-%d", name, first, last-1)
			if last == len(all) {
				option = fmt.Sprintf("%s;range=%d-*", name, first)
			}
			return ldap.NewEntry(e.DN, map[string][]string{option: all[first:last]}), nil
		}
		return e, nil
	}
	return nil, nil
}

func readShelf(t *testing.T, o LDAPOptions, entries ...*ldap.Entry) (*Directory, []string) {
	t.Helper()
	facts, warnings, err := o.withDefaults().readFrom(&shelf{entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	d, more := New(facts, []string{"corp.test"}, nil)
	return d, append(warnings, more...)
}

type attributes = map[string][]string

func TestActiveDirectory(t *testing.T) {
	var many []string
	for i := range 8 {
		many = append(many, fmt.Sprintf("CN=Person %d,OU=Staff,DC=corp,DC=test", i))
	}
	entries := []*ldap.Entry{
		ldap.NewEntry("CN=Nowak\\, Anna,OU=Staff,DC=corp,DC=test", attributes{
			"objectClass": {"top", "person", "user"}, "displayName": {"Anna Nowak"}, "cn": {"Nowak, Anna"}, "mail": {"anna@corp.test"},
			"proxyAddresses": {"smtp:a.nowak@corp.test", "SMTP:Anna.Nowak@corp.test", "X500:/o=Corp/cn=anna", "sip:anna@corp.test"},
			"manager":        {"CN=Boss,OU=Staff,DC=corp,DC=test"}, "assistant": {"cn=person 1,ou=staff,dc=corp,dc=test"}, "publicDelegates": {"CN=Person 2,OU=Staff,DC=corp,DC=test"},
			"memberOf": {"CN=Team,OU=Groups,DC=corp,DC=test", "CN=Elsewhere\\, Inc,DC=other"}, "userAccountControl": {"512"},
		}),
		ldap.NewEntry("CN=Gone,OU=Staff,DC=corp,DC=test", attributes{"objectClass": {"user"}, "mail": {"gone@corp.test"}, "userAccountControl": {"514"}}),
		ldap.NewEntry("CN=Boss,OU=Contacts,DC=corp,DC=test", attributes{"objectClass": {"contact"}, "mail": {"boss@corp.test"}, "targetAddress": {"SMTP:boss@holding.test"}}),
		ldap.NewEntry("CN=Sales,OU=Shared,DC=corp,DC=test", attributes{
			"objectClass": {"user"}, "displayName": {"Sales"}, "mail": {"sales@corp.test"}, "msExchRecipientTypeDetails": {"4"}, "userAccountControl": {"514"},
			"msExchDelegateListLink": {"CN=Person 3,OU=Staff,DC=corp,DC=test"},
		}),
		ldap.NewEntry("CN=Team,OU=Groups,DC=corp,DC=test", attributes{"objectClass": {"group"}, "cn": {"Team"}}),
		ldap.NewEntry("CN=Division,OU=Groups,DC=corp,DC=test", attributes{"objectClass": {"group"}, "cn": {"Division"}, "member": {"CN=Team,OU=Groups,DC=corp,DC=test"}}),
		ldap.NewEntry("CN=Everybody,OU=Groups,DC=corp,DC=test", attributes{
			"objectClass": {"group"}, "cn": {"Everybody"}, "mail": {"all@corp.test"}, "member": {}, "member;range=0-2": many[:3], "all-member": append(many, "CN=Boss,OU=Contacts,DC=corp,DC=test"),
		}),
	}
	for i, dn := range many {
		entries = append(entries, ldap.NewEntry(dn, attributes{"objectClass": {"user"}, "cn": {fmt.Sprint("Person ", i)}, "mail": {fmt.Sprintf("p%d@corp.test", i)}}))
	}
	entries[0].Attributes = append(entries[0].Attributes, ldap.NewEntryAttribute("preferredLanguage", []string{"nn-NO"}))
	d, warnings := readShelf(t, LDAPOptions{}, entries...)
	anna := d.Person("a.nowak@corp.test")
	if anna == nil || anna.Main() != "anna.nowak@corp.test" || anna.Name != "Anna Nowak" || anna.Language != "nb" || len(anna.Addresses) != 3 {
		t.Fatalf("Anna is %+v", anna)
	}
	if !slices.Equal(anna.Assistants, []string{"p1@corp.test"}) || !slices.Equal(anna.Delegates, []string{"p2@corp.test"}) {
		t.Errorf("Anna's assistants are %v, delegates %v", anna.Assistants, anna.Delegates)
	}
	if !slices.Equal(anna.Groups, []string{"Division", "Elsewhere, Inc", "Team"}) {
		t.Errorf("Anna's groups are %v: through other groups too", anna.Groups)
	}
	if anna.Manager != "" || !strings.Contains(strings.Join(warnings, "\n"), "CN=Boss,OU=Staff,DC=corp,DC=test, who has no address or may not be seen") {
		t.Errorf("the manager is not there: %q, %v", anna.Manager, warnings)
	}
	if d.Person("gone@corp.test") != nil {
		t.Error("an account that is switched off is a person")
	}
	if d.Kind("sales@corp.test") != KindShared || !d.MayStop("p3@corp.test", "sales@corp.test") {
		t.Errorf("Sales is %+v", d.Mailbox("sales@corp.test"))
	}
	if got := d.Members("all@corp.test"); len(got) != 9 || got[7] != "p7@corp.test" || !d.External("all@corp.test") {
		t.Errorf("everybody is %v; the contact's mail leaves", got)
	}
	if !slices.Equal(d.Groups("p0@corp.test"), nil) && !slices.Equal(d.Groups("p0@corp.test"), []string{"Everybody"}) {
		t.Errorf("groups are %v", d.Groups("p0@corp.test"))
	}
}

// TestHalfADirectoryIsNone: who is missing because the server broke off would
// look as if they had left.
func TestHalfADirectoryIsNone(t *testing.T) {
	list := ldap.NewEntry("cn=l,dc=x", attributes{"objectClass": {"group"}, "mail": {"l@corp.test"}, "member;range=0-0": {"cn=a,dc=x"}, "all-member": {"cn=a,dc=x", "cn=b,dc=x"}})
	o := LDAPOptions{}.withDefaults()
	if _, _, err := o.readFrom(&shelf{entries: []*ldap.Entry{list}, fail: "cn=l,dc=x"}); err == nil {
		t.Error("the rest of the members could not be read, and was left out")
	}
	if _, _, err := o.readFrom(&shelf{entries: []*ldap.Entry{list}, fail: "cn=a,dc=x"}); err == nil {
		t.Error("a member could not be read, and was left out")
	}
	gone := ldap.NewEntry("cn=l,dc=x", attributes{"objectClass": {"group"}, "mail": {"l@corp.test"}, "member;range=0-0": {"cn=a,dc=x"}, "all-member": {}})
	if _, _, err := o.readFrom(&emptyRest{shelf{entries: []*ldap.Entry{gone}}}); err == nil || !strings.Contains(err.Error(), "not the rest") {
		t.Errorf("the server kept the rest to itself: %v", err)
	}
}

type emptyRest struct{ shelf }

func (*emptyRest) entry(dn string, _ []string) (*ldap.Entry, error) {
	return ldap.NewEntry(dn, nil), nil
}

func TestGroupsInEachOtherEnd(t *testing.T) {
	d, _ := readShelf(t, LDAPOptions{},
		ldap.NewEntry("uid=a,dc=x", attributes{"objectClass": {"inetOrgPerson"}, "mail": {"a@corp.test"}, "uid": {"a"}}),
		ldap.NewEntry("cn=one,dc=x", attributes{"objectClass": {"groupOfNames"}, "cn": {"one"}, "member": {"cn=two,dc=x", "UID=a, DC=x"}}),
		ldap.NewEntry("cn=two,dc=x", attributes{"objectClass": {"groupOfNames"}, "cn": {"two"}, "member": {"cn=one,dc=x", "cn=two,dc=x"}}),
		ldap.NewEntry("cn=list,dc=x", attributes{"objectClass": {"groupOfNames"}, "cn": {"list"}, "mail": {"list@corp.test"}, "member": {"cn=two,dc=x", "cn=list,dc=x"}}),
	)
	if got := d.Groups("a@corp.test"); !slices.Equal(got, []string{"list", "one", "two"}) {
		t.Errorf("groups are %v", got)
	}
	if got := d.Members("list@corp.test"); !slices.Equal(got, []string{"a@corp.test"}) {
		t.Errorf("the list reaches %v: a group without an address stands for its members", got)
	}
}

func TestAnAddressOfTwoStaysWithTheSame(t *testing.T) {
	a := ldap.NewEntry("uid=a,dc=x", attributes{"objectClass": {"user"}, "cn": {"A"}, "mail": {"desk@corp.test"}})
	b := ldap.NewEntry("uid=b,dc=x", attributes{"objectClass": {"user"}, "cn": {"B"}, "mail": {"b@corp.test"}, "proxyAddresses": {"smtp:desk@corp.test"}})
	for _, entries := range [][]*ldap.Entry{{a, b}, {b, a}} {
		d, warnings := readShelf(t, LDAPOptions{}, entries...)
		if d.Name("desk@corp.test") != "A" || len(warnings) != 1 || !strings.Contains(warnings[0], "desk@corp.test belongs to A; it is not taken for B too") {
			t.Errorf("desk@ is %s; %v", d.Name("desk@corp.test"), warnings)
		}
	}
}

func TestTheAttributesCanHaveOtherNames(t *testing.T) {
	d, _ := readShelf(t, LDAPOptions{Attributes: LDAPAttributes{Name: []string{"sn"}, Addresses: []string{"mail", "alias"}, Deputy: []string{"standIn"}, Members: []string{"reader"}}},
		ldap.NewEntry("uid=a,dc=x", attributes{"objectClass": {"inetOrgPerson"}, "sn": {" Nowak \n Anna "}, "mail": {"a@corp.test"}, "ALIAS": {"a2@corp.test", "no address"}, "standIn": {"b@corp.test"}}),
		ldap.NewEntry("uid=s,dc=x", attributes{"objectClass": {"inetOrgPerson"}, "mail": {"s@corp.test"}, "msExchRecipientTypeDetails": {"4"}, "reader": {"a2@corp.test"}}),
	)
	if p := d.Person("a2@corp.test"); p == nil || p.Name != "Nowak Anna" || p.Deputy != "b@corp.test" || !d.MayStop("a@corp.test", "s@corp.test") {
		t.Errorf("Anna is %+v", p)
	}
}

func TestWhereABindPasswordMayTravel(t *testing.T) {
	for host, inside := range map[string]bool{"127.0.0.1": true, "::1": true, "localhost": true, "ldap.corp.test": false, "10.0.0.1": false, "localhost.corp.test": false} {
		if isLoopback(host) != inside {
			t.Errorf("%s stays on this machine: want %v", host, inside)
		}
	}
}

func TestDNsAreComparedAsTheyMean(t *testing.T) {
	for _, pair := range [][2]string{{"CN=Nowak\\, Anna,DC=x", "cn=nowak\\2c anna, dc=X"}, {"uid=a,dc=x", "UID=A,DC=X"}} {
		if a, b := normalDN(pair[0]), normalDN(pair[1]); a == "" || a != b {
			t.Errorf("%s is %q, %s is %q", pair[0], a, pair[1], b)
		}
	}
	for _, none := range []string{"", "a@b.test", "jan", "=", ",,,", "cn=a\\"} {
		if got := normalDN(none); got != "" {
			t.Errorf("%q is the DN %q", none, got)
		}
	}
}
