package directory

import (
	"fmt"
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/locale"
	"belay/internal/mail"
)

// sheet is people.yaml as it stands in the file.
type sheet struct {
	People        []sheetPerson       `yaml:"people"`
	Mailboxes     []sheetMailbox      `yaml:"mailboxes"`
	Organisations []sheetOrganisation `yaml:"organisations"`
	Roles         Roles               `yaml:"roles"`
}

type sheetPerson struct {
	Name          string   `yaml:"name"`
	Addresses     []string `yaml:"addresses"`
	Language      string   `yaml:"language"`
	Groups        []string `yaml:"groups"`
	Manager       string   `yaml:"manager"`
	Assistants    []string `yaml:"assistants"`
	AssistantsSee string   `yaml:"assistants_see"`
	Deputy        string   `yaml:"deputy"`
	Delegates     []string `yaml:"delegates"`
	Absent        string   `yaml:"absent"`
}

type sheetMailbox struct {
	Address string   `yaml:"address"`
	Aliases []string `yaml:"aliases"`
	Name    string   `yaml:"name"`
	Kind    string   `yaml:"kind"`
	Members []string `yaml:"members"`
}

type sheetOrganisation struct {
	Name     string   `yaml:"name"`
	Kind     string   `yaml:"kind"`
	Domains  []string `yaml:"domains"`
	Keywords []string `yaml:"keywords"`
}

// ParseYAML reads the text of a people.yaml that has, or would have, that name.
// The error is config.Errors: what is wrong, file, line, column and the line
// itself. alone says that there is no other source: then an address nobody has
// which looks like one that somebody has is taken for a slip, and refused. What
// may be right but looks odd is said in the warnings.
func ParseYAML(name string, text []byte, alone bool) (*Facts, []string, error) {
	var s sheet
	k := &sheetChecker{sheet: &s, file: name, at: map[string]string{}}
	k.read = config.ReadSheet(name, text, &s)
	if err := k.read.Err(); err != nil {
		return nil, nil, err
	}
	facts := k.facts()
	if alone {
		k.references()
	}
	if err := k.read.Err(); err != nil {
		return nil, nil, err
	}
	return facts, k.warnings, nil
}

// sheetChecker turns a sheet into facts and notes what is wrong with it.
type sheetChecker struct {
	sheet    *sheet
	file     string
	read     *config.Sheet
	at       map[string]string // address → where it stands
	warnings []string
}

func (k *sheetChecker) warn(path, format string, args ...any) {
	where := k.file
	if line := k.read.Line(path); line > 0 {
		where = fmt.Sprintf("%s:%d", k.file, line)
	}
	k.warnings = append(k.warnings, where+": "+fmt.Sprintf(format, args...))
}

func (k *sheetChecker) facts() *Facts {
	f := &Facts{Roles: k.sheet.Roles}
	for i := range k.sheet.People {
		f.People = append(f.People, k.person(&k.sheet.People[i], fmt.Sprintf("people[%d]", i)))
	}
	for i := range k.sheet.Mailboxes {
		f.Mailboxes = append(f.Mailboxes, k.mailbox(&k.sheet.Mailboxes[i], fmt.Sprintf("mailboxes[%d]", i)))
	}
	domains := map[string]string{}
	for i := range k.sheet.Organisations {
		f.Organisations = append(f.Organisations, k.organisation(&k.sheet.Organisations[i], fmt.Sprintf("organisations[%d]", i), domains))
	}
	for _, role := range RoleNames {
		k.addresses(*f.Roles.of(role), "roles."+role)
	}
	return f
}

func (k *sheetChecker) person(s *sheetPerson, path string) *Person {
	p := &Person{
		Name: strings.TrimSpace(s.Name), Addresses: s.Addresses, Language: s.Language, Groups: s.Groups,
		Manager: s.Manager, Assistants: s.Assistants, AssistantsSee: See(s.AssistantsSee), Deputy: s.Deputy, Delegates: s.Delegates,
	}
	if len(p.Addresses) == 0 {
		k.read.Fail(path, "%s has no addresses; write addresses: [name@corp.test]", orSomebody(p.Name))
	}
	if k.addresses(p.Addresses, path+".addresses") {
		k.unique(p.Addresses, path+".addresses")
	}
	k.oneOf(s.Language, locale.Codes, path+".language")
	k.oneOf(s.AssistantsSee, []string{string(SeeNotice), string(SeeMail)}, path+".assistants_see")
	k.address(s.Manager, path+".manager")
	k.address(s.Deputy, path+".deputy")
	k.addresses(s.Assistants, path+".assistants")
	k.addresses(s.Delegates, path+".delegates")
	if s.Absent != "" {
		var err error
		if p.Absent, err = ParseAbsent(s.Absent); err != nil {
			k.read.Fail(path+".absent", "%s", err)
		}
	}
	return p
}

func (k *sheetChecker) mailbox(s *sheetMailbox, path string) *Mailbox {
	m := &Mailbox{Address: s.Address, Aliases: s.Aliases, Name: strings.TrimSpace(s.Name), Kind: Kind(s.Kind), Members: s.Members}
	if s.Address == "" {
		k.read.Fail(path, "this mailbox has no address; write address: sales@corp.test")
	}
	if k.address(s.Address, path+".address") && s.Address != "" {
		k.unique([]string{s.Address}, path+".address")
	}
	if k.addresses(s.Aliases, path+".aliases") {
		k.unique(s.Aliases, path+".aliases")
	}
	switch {
	case s.Kind == "":
		k.read.Fail(path, "the mailbox %s has no kind; write kind: shared, list or program", s.Address)
	case Kind(s.Kind) == KindPerson:
		k.read.Fail(path+".kind", `%q does not stand here; write this address under "people"`, s.Kind)
	default:
		k.oneOf(s.Kind, []string{string(KindShared), string(KindList), string(KindProgram)}, path+".kind")
	}
	k.addresses(s.Members, path+".members")
	if len(s.Members) == 0 {
		k.warn(path, "nobody is a member of %s", s.Address)
	}
	return m
}

func (k *sheetChecker) organisation(s *sheetOrganisation, path string, domains map[string]string) *Organisation {
	if s.Name == "" {
		k.read.Fail(path, "this organisation has no name; write name: Falcon Energy")
	}
	for i, d := range s.Domains {
		at := fmt.Sprintf("%s.domains[%d]", path, i)
		if strings.Contains(d, "@") {
			k.read.Fail(at, "%q is an address; write the domain alone", d)
			continue
		}
		key := mail.DomainKey(d)
		if err := mail.CheckDomain(key); err != nil {
			k.read.Fail(at, "%q is no domain: %s", d, err)
			continue
		}
		if other, taken := domains[key]; taken {
			k.read.Fail(at, "the domain %s belongs to %s already", key, other)
			continue
		}
		domains[key] = orSomebody(s.Name)
	}
	return &Organisation{Name: s.Name, Kind: s.Kind, Domains: s.Domains, Keywords: s.Keywords}
}

// address checks the form of an address; "" is not set.
func (k *sheetChecker) address(a, path string) bool {
	if a == "" {
		return true
	}
	if strings.ContainsAny(a, "<>") {
		k.read.Fail(path, "%q has a name in it; write the address alone", a)
		return false
	}
	if err := mail.CheckAddress(a); err != nil {
		k.read.Fail(path, "%q is no address: %s", a, err)
		return false
	}
	return true
}

func (k *sheetChecker) addresses(list []string, path string) bool {
	good := true
	for i, a := range list {
		good = k.address(a, fmt.Sprintf("%s[%d]", path, i)) && good
	}
	return good
}

// unique notes where addresses stand and refuses those that stand twice.
func (k *sheetChecker) unique(list []string, path string) {
	for i, a := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		if strings.HasSuffix(path, ".address") {
			at = path
		}
		key := mail.Key(a)
		if other, taken := k.at[key]; taken {
			k.read.Fail(at, "%s stands here twice: line %d has it too; one address belongs to one person or mailbox", key, k.read.Line(other))
			continue
		}
		k.at[key] = at
	}
}

func (k *sheetChecker) oneOf(word string, words []string, path string) {
	if word == "" || slices.Contains(words, word) {
		return
	}
	if best := config.Nearest(word, words); best != "" {
		k.read.Fail(path, "%q is none of %s; did you mean %q?", word, strings.Join(words, ", "), best)
		return
	}
	k.read.Fail(path, "%q is none of %s", word, strings.Join(words, ", "))
}
