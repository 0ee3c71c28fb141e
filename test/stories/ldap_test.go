//go:build peers

package stories

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"belay/test/peers"
)

// People out of OpenLDAP.

// ldapStaff are ten people: Anna, whose manager is Jan, Maria, whom Ewa
// assists, and six more. The group executives has Maria in it.
func ldapStaff() string {
	var b strings.Builder
	person := func(uid, name, more string) {
		fmt.Fprintf(&b, "dn: uid=%s,ou=people,dc=corp,dc=test\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: %s\nmail: %s@corp.test\n%s\n",
			uid, uid, name, name, uid, more)
	}
	person("jan", "Jan Kowalski", "mail: j.kowalski@corp.test\n")
	person("anna", "Anna Nowak", "preferredLanguage: pl\nmanager: uid=jan,ou=people,dc=corp,dc=test\n")
	person("ewa", "Ewa Lis", "preferredLanguage: tr\n")
	person("maria", "Maria Ruiz", "secretary: uid=ewa,ou=people,dc=corp,dc=test\n")
	for n := range 6 {
		person(fmt.Sprintf("person%d", n), fmt.Sprintf("Person %d", n), "")
	}
	b.WriteString("dn: cn=executives,ou=groups,dc=corp,dc=test\nobjectClass: groupOfNames\ncn: executives\nmember: uid=maria,ou=people,dc=corp,dc=test\n")
	return b.String()
}

// fromLDAP points belay at a server.
func fromLDAP(t *testing.T, s *peers.Slapd) func(*peers.Config) {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte(peers.SlapdPassword+"\n"), 0o600))
	return func(c *peers.Config) {
		c.Directory = fmt.Sprintf("{ldap: {url: %q, bind_dn: %q, password_file: %s, base: %q}}", s.URL(), peers.SlapdReader, password, peers.SlapdSuffix)
		c.People = ""
	}
}

func slapd(t *testing.T) *peers.Slapd {
	t.Helper()
	s, err := peers.StartSlapd(peers.SlapdOptions{})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	must(t, s.Add(ldapStaff()))
	return s
}

func TestStory_PeopleGroupsManagersAndAssistantsOutOfOpenLDAP(t *testing.T) {
	s := slapd(t)
	o := company(t, approveRule+copyRule, fromLDAP(t, s))
	id := o.mail("anna@corp.test", "the contract", "c@outside.test")
	o.of(o.only(id), "jan@corp.test")
	o.reply(o.letter("jan@corp.test", 1), "j.kowalski@corp.test", "yes")
	state(t, o.Belay, id, "sent")
	if l := o.letter("anna@corp.test", 2); l.Language != "pl" || !strings.Contains(l.Text, "Jan Kowalski") {
		t.Errorf("Anna is told in %q:\n%s", l.Language, l.Text)
	}
	o.held(o.mail("anna@corp.test", "the minutes", "maria@corp.test")) // a rule about a group of LDAP's
	if l := o.letter("ewa@corp.test", 1); l.Language != "tr" {
		t.Errorf("Ewa is written to in %q", l.Language)
	}

	// What changed stands in the report, and counts from then on.
	must(t, s.Modify("dn: cn=executives,ou=groups,dc=corp,dc=test\nchangetype: modify\nadd: member\nmember: uid=person1,ou=people,dc=corp,dc=test\n"))
	must(t, s.Add("dn: uid=new,ou=people,dc=corp,dc=test\nobjectClass: inetOrgPerson\nuid: new\ncn: New One\nsn: One\nmail: new@corp.test\n"))
	says(t, "the report", cli(t, o.Belay, "directory", "sync"), "new@corp.test", "person1@corp.test", "executives")
	o.held(o.mail("anna@corp.test", "promoted", "person1@corp.test"))
	says(t, "belay directory show", cli(t, o.Belay, "directory", "show"), "Maria Ruiz", "New One")
}

func TestStory_ASyncThatLosesTooManyPeopleStopsAndAsks(t *testing.T) {
	s := slapd(t)
	o := company(t, copyRule, fromLDAP(t, s))
	// Two of ten may go; the third is too many.
	for _, uid := range []string{"maria", "person0", "person1"} {
		must(t, s.Modify(fmt.Sprintf("dn: uid=%s,ou=people,dc=corp,dc=test\nchangetype: delete\n", uid)))
	}
	out, errs, code, err := o.Run("directory", "sync")
	must(t, err)
	if code == 0 {
		t.Errorf("belay directory sync: exit code 0 though nothing was changed")
	}
	says(t, "the question", out+errs, "3 of 10 people", "--accept", "maria@corp.test")
	o.held(o.mail("anna@corp.test", "still there", "maria@corp.test"))
	var report struct {
		Applied bool             `json:"applied"`
		Refused string           `json:"refused"`
		Removed []map[string]any `json:"removed"`
	}
	must(t, o.Call("POST", "/api/v1/directory/sync", map[string]any{"accept": false}, &report))
	if report.Applied || report.Refused == "" || len(report.Removed) != 3 {
		t.Errorf("the report: %+v", report)
	}
	accepted := cli(t, o.Belay, "directory", "sync", "--accept", "--json")
	if err := json.Unmarshal([]byte(accepted), &report); err != nil || !report.Applied {
		t.Errorf("belay directory sync --accept: %v\n%s", err, accepted)
	}
	state(t, o.Belay, o.mail("anna@corp.test", "gone", "maria@corp.test"), "sent")
}

func TestStory_LDAPDownAtTheStartTheLastGoodPeopleStand(t *testing.T) {
	s := slapd(t)
	o := company(t, copyRule, fromLDAP(t, s))
	o.held(o.mail("anna@corp.test", "before", "maria@corp.test"))
	must(t, s.Halt())
	must(t, o.Belay.Stop())
	must(t, o.Start())
	o.held(o.mail("anna@corp.test", "meanwhile", "maria@corp.test"))
	o.letter("ewa@corp.test", 2)
	if !strings.Contains(o.Log(), s.URL()) {
		t.Error("the log does not say that the server is down")
	}
	_, errs, code, err := o.Run("directory", "sync")
	if err != nil || code != 1 || !strings.Contains(errs, s.URL()) {
		t.Errorf("belay directory sync: exit code %d (%v)\n%s", code, err, errs)
	}
	must(t, s.Start())
	cli(t, o.Belay, "directory", "sync")

	// Who starts for the first time has no people to go on with, and says so.
	must(t, s.Halt())
	fresh := companyAtRest(t, copyRule, fromLDAP(t, s))
	must(t, fresh.Launch())
	<-fresh.Ended()
	says(t, "what belay says", fresh.LogTail(600), s.URL())
	fresh.Kill()
}
