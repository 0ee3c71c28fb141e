package directory

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"belay/internal/config"
)

func parseCSV(t *testing.T, people string, others ...string) (*Facts, string) {
	t.Helper()
	texts := map[string][]byte{"people.csv": []byte(people)}
	for i := 0; i < len(others); i += 2 {
		texts[others[i]] = []byte(others[i+1])
	}
	facts, warnings, err := ParseCSV("people.csv", texts)
	if err != nil {
		t.Fatal(err)
	}
	return facts, strings.Join(warnings, "\n")
}

// TestTheSamePeopleOutOfEverySpreadsheet: whoever exports, the people are the
// same.
func TestTheSamePeopleOutOfEverySpreadsheet(t *testing.T) {
	want := []*Person{
		{Name: "Anna Nowak", Addresses: []string{"anna@corp.test", "a.nowak@corp.test"}, Language: "pl", Groups: []string{"executives", "Board, EU"}, Manager: "jan@corp.test", Assistants: []string{"ewa@corp.test"}},
		{Name: "Jan", Addresses: []string{"jan@corp.test"}},
	}
	for name, text := range map[string]string{
		"as in people.yaml":   "name,addresses,language,groups,manager,assistants\nAnna Nowak,anna@corp.test; a.nowak@corp.test,pl,\"executives; Board, EU\",jan@corp.test,ewa@corp.test\nJan,jan@corp.test,,,,\n",
		"Excel, Poland":       "\xEF\xBB\xBFsep=;\r\nE-mail;Display Name;Manager;Groups;Secretary;Preferred Language;Aliases\r\nanna@corp.test;Anna Nowak;jan@corp.test;executives|Board, EU;ewa@corp.test;pl-PL;a.nowak@corp.test\r\njan@corp.test;Jan;;;;;\r\n;;;;;;\r\n",
		"tabs":                "MAIL\tAlias\tFirst Name\tLast Name\tlang\tgroup\treports to\tassistant\nanna@corp.test\ta.nowak@corp.test\tAnna\tNowak\tpl_PL.UTF-8\texecutives;Board, EU\tJan <jan@corp.test>\tEwa Lis <ewa@corp.test>\njan@corp.test\t\tJan\t\n",
		"several rows":        "name,email,group,manager,assistant,language\nAnna Nowak,anna@corp.test,executives,,,pl\nJan,jan@corp.test,,,,\n,anna@corp.test a.nowak@corp.test,\"Board, EU\",jan@corp.test,ewa@corp.test,\n",
		"lines in a cell":     "name,email,groups,manager,assistants,lang\nAnna Nowak,\"anna@corp.test\na.nowak@corp.test\",\"executives\nBoard, EU\",jan@corp.test,ewa@corp.test,pl\nJan,jan@corp.test\n",
		"Exchange":            "DisplayName,ProxyAddresses,PrimarySmtpAddress,Manager,Groups,Secretary,Language\nAnna Nowak,smtp:a.nowak@corp.test;SMTP:Anna@corp.test;X500:/o=Corp;sip:anna@corp.test,anna@corp.test,jan,executives;\"Board, EU\",ewa@corp.test,pl\n",
		"two address columns": "name,email,email,language,groups,manager,assistants\nAnna Nowak,anna@corp.test,a.nowak@corp.test,pl,\"executives;Board, EU\",jan@corp.test,ewa@corp.test\nJan,jan@corp.test\n",
	} {
		t.Run(name, func(t *testing.T) {
			if name == "Exchange" { // a manager by name; a quote in the middle of a cell
				text = strings.Replace(text, ";\"Board, EU\"", "", 1) + "Jan,,jan@corp.test,,,,\n"
			}
			facts, warnings := parseCSV(t, text)
			for i, p := range facts.People {
				w := *want[i]
				if name == "Exchange" && i == 0 {
					w.Groups = []string{"executives"}
				}
				if !reflect.DeepEqual(*p, w) {
					t.Errorf("person %d is\n%+v, want\n%+v", i, *p, w)
				}
			}
			if len(facts.People) != 2 || warnings != "" {
				t.Errorf("%d people; warnings %s", len(facts.People), warnings)
			}
		})
	}
}

func TestSpreadsheetsInUTF16(t *testing.T) {
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("name\temail\nŻółć\tz@corp.test\n")
	if err != nil {
		t.Fatal(err)
	}
	if facts, _ := parseCSV(t, text); facts.People[0].Name != "Żółć" {
		t.Errorf("the name is %q", facts.People[0].Name)
	}
}

func TestTheTablesBesideThePeople(t *testing.T) {
	facts, warnings := parseCSV(t, "name,email\nJan,jan@corp.test\nEwa,ewa@corp.test\n",
		"mailboxes.csv", "address,type,member,name\nsales@corp.test,SharedMailbox,jan@corp.test,Sales\nsales@corp.test,,Ewa,\nall@corp.test,list,jan@corp.test;x@falcon.test,\n",
		"organisations.csv", "company;type;domain;keywords\nFalcon Energy;client;https://www.Falcon.test/about;FE-1|FE-2\nFalcon Energy;;@falcon.example;\n",
		"roles.csv", "role,email\nadmin,jan@corp.test\nAdmin,Ewa\nprivacy,ewa@corp.test\n")
	if warnings != "" {
		t.Error(warnings)
	}
	sales := Mailbox{Address: "sales@corp.test", Kind: KindShared, Name: "Sales", Members: []string{"jan@corp.test", "ewa@corp.test"}}
	if len(facts.Mailboxes) != 2 || !reflect.DeepEqual(*facts.Mailboxes[0], sales) || facts.Mailboxes[1].Kind != KindList {
		t.Errorf("mailboxes are %+v", facts.Mailboxes)
	}
	falcon := Organisation{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test", "falcon.example"}, Keywords: []string{"FE-1", "FE-2"}}
	if len(facts.Organisations) != 1 || !reflect.DeepEqual(*facts.Organisations[0], falcon) {
		t.Errorf("organisations are %+v", facts.Organisations[0])
	}
	if !reflect.DeepEqual(facts.Roles, Roles{Admin: []string{"jan@corp.test", "ewa@corp.test"}, Privacy: []string{"ewa@corp.test"}}) {
		t.Errorf("roles are %+v", facts.Roles)
	}
}

func TestMistakesInATableArePointedAt(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"empty":               {"people.csv", "", "people.csv:1:1: the file is empty"},
		"no addresses":        {"people.csv", "name,telephone\nJan,1\n", `people.csv:1:1: no column holds the addresses; name one "email" in the first line`},
		"not UTF-8":           {"people.csv", "name,email\nJan,jan@corp.test\nZ\xF3\xB3\xE6,z@corp.test\n", `people.csv:3:1: a letter here is not UTF-8; save the file as "CSV UTF-8"`},
		"bad address":         {"people.csv", "name,email\nŻółw,jan\n", `people.csv:2:6: "jan" is no address`},
		"address of two":      {"people.csv", "name,email,aliases\nJan,jan@corp.test,j@corp.test\nJulia,julia@corp.test,j@corp.test\n", "people.csv:3:7: j@corp.test belongs to jan@corp.test already"},
		"two managers":        {"people.csv", "email,manager\njan@corp.test,a@corp.test;b@corp.test\n", "people.csv:2:15: \"a@corp.test;b@corp.test\" names 2 people"},
		"another manager":     {"people.csv", "email,manager\njan@corp.test,a@corp.test\njan@corp.test,b@corp.test\n", `people.csv:3:15: jan@corp.test has another manager in a line above: "a@corp.test"`},
		"too many cells":      {"people.csv", "name,email\nNowak, Anna,anna@corp.test\n", "people.csv:2:13: this line has more cells"},
		"columns twice":       {"people.csv", "name,email,display name\n", `people.csv:1:1: the columns "name" and "display name" hold the same; keep one`},
		"see":                 {"people.csv", "email,assistants see\njan@corp.test,all\n", "people.csv:2:15: \"all\" is neither mail nor notice"},
		"absent":              {"people.csv", "email,absent\njan@corp.test,soon\n", "people.csv:2:15: \"soon\" is no time of absence"},
		"unended quote":       {"people.csv", "name,email\n\"Jan,jan@corp.test\nEwa,ewa@corp.test\n", "people.csv:2:1: a quote that begins in this line does not end"},
		"quote in a cell":     {"people.csv", "name,email\nJan \"Boss\" K,jan@corp.test\n", `people.csv:2:5: a quote stands in the middle of a cell`},
		"no kind":             {"mailboxes.csv", "address,kind\na@corp.test,\n", "mailboxes.csv:2:1: a@corp.test has no kind"},
		"wrong kind":          {"mailboxes.csv", "address,kind\na@corp.test,box\n", `mailboxes.csv:2:13: "box" is none of shared, list, program`},
		"kind column":         {"mailboxes.csv", "address\na@corp.test\n", "no column holds the kind"},
		"a person's":          {"mailboxes.csv", "address,kind\np@corp.test,list\n", "mailboxes.csv:2:1: p@corp.test belongs to p@corp.test already"},
		"mailbox, no address": {"mailboxes.csv", "address,kind\n,list\n", "mailboxes.csv:2:1: this line has no address"},
		"organisation":        {"organisations.csv", "name,domain\n,x.test\n", "organisations.csv:2:1: this line names no organisation"},
		"domain":              {"organisations.csv", "name,domain\nX,x..test\n", `"x..test" is no domain`},
		"domain twice":        {"organisations.csv", "name,domain\nX,x.test\nY,x.test\n", "organisations.csv:3:3: the domain x.test belongs to X already"},
		"role":                {"roles.csv", "role,email\nadmins,p@corp.test\n", `roles.csv:2:1: "admins" is none of admin, ombudsman, privacy; did you mean admin?`},
	} {
		t.Run(name, func(t *testing.T) {
			texts := map[string][]byte{"people.csv": []byte("email\np@corp.test\n")}
			texts[c.file] = []byte(c.text)
			_, _, err := ParseCSV("people.csv", texts)
			var all config.Errors
			if !errors.As(err, &all) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
		})
	}
}

func TestOdditiesInATableAreSaid(t *testing.T) {
	facts, warnings := parseCSV(t, "name,email,phone,language,manager,assistant\nJan,jan@corp.test,1,de,Nobody,Ewa\nEwa,ewa@corp.test\nEwa,ewa2@corp.test\nA workman,,,,,\n")
	for _, want := range []string{
		`people.csv:1: these columns are not used: "phone"`, "people without an address that are left out: 1", `people.csv:2: belay does not write "de"`,
		`manager of jan@corp.test: 0 people have the name "Nobody"`, `assistants of jan@corp.test: 2 people have the name "Ewa"`,
	} {
		if !strings.Contains(warnings, want) {
			t.Errorf("does not say %q:\n%s", want, warnings)
		}
	}
	if p := facts.People[0]; p.Manager != "" || len(p.Assistants) > 0 || p.Language != "" || len(facts.People) != 3 {
		t.Errorf("Jan is %+v", p)
	}
}

func TestALanguageIsFoundHoweverItIsWritten(t *testing.T) {
	for wish, want := range map[string]string{
		"pl": "pl", "PL": "pl", "pl-PL": "pl", "nb_NO.UTF-8": "nb", "no": "nb", "nn-NO": "nb", "de, tr;q=0.8": "tr", "de": "", "": "", "Polish!": "", "en-GB": "en",
	} {
		if got := languageOf(wish); got != want {
			t.Errorf("%q is %q, want %q", wish, got, want)
		}
	}
}
