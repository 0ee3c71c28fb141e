//go:build peers

package directory

import (
	"os"
	"path/filepath"
	"testing"

	"belay/test/peers"
)

// slapd starts a server and gives the options to read it with.
func slapd(t *testing.T, o peers.SlapdOptions) (*peers.Slapd, *LDAPOptions) {
	t.Helper()
	s, err := peers.StartSlapd(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(peers.SlapdPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, &LDAPOptions{URL: s.URL(), BindDN: peers.SlapdReader, PasswordFile: password, Base: peers.SlapdSuffix}
}

// company is who works at Corp.
const company = `
dn: uid=jan,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: jan
cn: Jan Kowalski
sn: Kowalski
mail: jan.kowalski@corp.test
preferredLanguage: pl-PL, en;q=0.5

dn: uid=ewa,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: ewa
cn: Ewa Lis
sn: Lis
mail: ewa.lis@corp.test

dn: uid=anna,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: anna
cn: Nowak, Anna
displayName: Anna Nowak
sn: Nowak
mail: Anna.Nowak@corp.test
mail: a.nowak@corp.test
manager: uid=jan,ou=people,dc=corp,dc=test
secretary: UID=ewa, OU=people, DC=corp, DC=test
preferredLanguage: no

dn: uid=printer,ou=people,dc=corp,dc=test
objectClass: inetOrgPerson
uid: printer
cn: A printer without an address
sn: printer

dn: cn=Executives,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
cn: Executives
member: uid=anna,ou=people,dc=corp,dc=test
member: cn=Board,ou=groups,dc=corp,dc=test

dn: cn=Board,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
cn: Board
member: uid=jan,ou=people,dc=corp,dc=test
member: cn=Executives,ou=groups,dc=corp,dc=test

dn: cn=office,ou=groups,dc=corp,dc=test
objectClass: posixGroup
cn: office
gidNumber: 1000
memberUid: ewa
memberUid: nobody

dn: cn=friends,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: friends
mail: friends@corp.test
member: uid=ewa,ou=people,dc=corp,dc=test
member: cn=maria,ou=contacts,dc=corp,dc=test

dn: cn=all,ou=groups,dc=corp,dc=test
objectClass: groupOfNames
objectClass: extensibleObject
cn: all
mail: all@corp.test
member: cn=friends,ou=groups,dc=corp,dc=test
member: cn=Board,ou=groups,dc=corp,dc=test

dn: ou=contacts,dc=corp,dc=test
objectClass: organizationalUnit
ou: contacts

dn: cn=maria,ou=contacts,dc=corp,dc=test
objectClass: organizationalRole
objectClass: extensibleObject
cn: maria
mail: maria@falcon.test
`

func TestLDAP_PeopleGroupsListsAndWhoIsWhoseManager(t *testing.T) {
	s, o := slapd(t, peers.SlapdOptions{})
	if err := s.Add(company); err != nil {
		t.Fatal(err)
	}
	b, err := Open(t.Context(), Options{LDAP: o, Domains: []string{"corp.test"}})
	if err != nil {
		t.Fatal(err)
	}
	d := b.Current()
	for _, p := range d.People() {
		t.Logf("%+v", *p)
	}
	for _, p := range d.AllMailboxes() {
		t.Logf("%+v %v", *p, d.Members(p.Address))
	}
	t.Log(b.Status())
}
