package directory

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"belay/internal/config"
	"belay/internal/locale"
	"belay/internal/mail"
)

// The other tables stand beside the people's, each where it is needed.
const (
	mailboxesFile     = "mailboxes.csv"
	organisationsFile = "organisations.csv"
	rolesFile         = "roles.csv"
)

// csvFiles are the tables that belong to a people.csv.
func csvFiles(file string) []string {
	dir := filepath.Dir(file)
	return []string{file, filepath.Join(dir, mailboxesFile), filepath.Join(dir, organisationsFile), filepath.Join(dir, rolesFile)}
}

// readCSV reads a people.csv and the tables beside it.
func readCSV(file string) (*Facts, []string, error) {
	texts := map[string][]byte{}
	for i, name := range csvFiles(file) {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && i > 0 {
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the people: %w", err)
		}
		texts[name] = text
	}
	return ParseCSV(file, texts)
}

// ParseCSV reads the tables that belong to a people.csv with that name; texts
// holds those there are, by name. The error is config.Errors, or of texts
// without the people. What is odd but no mistake is said in the warnings.
func ParseCSV(file string, texts map[string][]byte) (*Facts, []string, error) {
	names := csvFiles(file)
	people, ok := texts[names[0]]
	if !ok {
		return nil, nil, fmt.Errorf("read the people: there is no file %s", names[0])
	}
	c := &csvReader{facts: &Facts{}, at: map[string]string{}}
	c.table(names[0], people, peopleColumns, c.people)
	for i, part := range []struct {
		known map[string]string
		read  func(*table)
	}{{mailboxColumns, c.mailboxes}, {organisationColumns, c.organisations}, {roleColumns, c.roles}} {
		if text, ok := texts[names[i+1]]; ok {
			c.table(names[i+1], text, part.known, part.read)
		}
	}
	if len(c.errs) > 0 {
		return nil, nil, c.errs
	}
	c.names()
	return c.facts, c.warnings, nil
}

// Columns by the names that people and programs give them, bare (bareName).
var (
	peopleColumns = columns(map[string][]string{
		"name":           {"display name", "full name", "cn", "person", "employee", "employee name"},
		"first":          {"first name", "given name", "forename"},
		"last":           {"last name", "surname", "sn", "family name"},
		"addresses":      {"address", "email", "emails", "mail", "email address", "email addresses", "primary email", "primary smtp address", "work email", "smtp"},
		"aliases":        {"alias", "other addresses", "other emails", "email aliases", "secondary email", "proxy addresses", "mail alternate address"},
		"language":       {"preferred language", "lang", "locale"},
		"groups":         {"group", "member of", "teams", "team"},
		"manager":        {"manager email", "reports to", "supervisor", "line manager", "manager address"},
		"assistants":     {"assistant", "secretary", "assistant email"},
		"assistants_see": {"assistants see"},
		"deputy":         {"substitute", "stand-in", "stands in", "deputy email"},
		"delegates":      {"delegate"},
		"absent":         {"absence", "away", "out of office"},
	})
	mailboxColumns = columns(map[string][]string{
		"addresses": {"address", "email", "mail", "email address", "primary email", "primary smtp address", "mailbox", "list"},
		"aliases":   {"alias", "other addresses", "email aliases", "proxy addresses"},
		"name":      {"display name"},
		"kind":      {"type", "recipient type", "recipient type details"},
		"members":   {"member", "member email", "member address", "users", "user", "owners", "owner"},
	})
	organisationColumns = columns(map[string][]string{
		"name":     {"organisation", "organization", "company", "client", "account name"},
		"kind":     {"type"},
		"domains":  {"domain", "website", "email domain"},
		"keywords": {"keyword", "project", "projects"},
	})
	roleColumns = columns(map[string][]string{
		"role":      {"name"},
		"addresses": {"address", "email", "mail", "email address", "person", "people", "members", "member"},
	})
)

func columns(names map[string][]string) map[string]string {
	known := map[string]string{}
	for column, others := range names {
		known[bareName(column)] = column
		for _, o := range others {
			known[bareName(o)] = column
		}
	}
	return known
}

// csvReader turns tables into facts.
type csvReader struct {
	facts    *Facts
	at       map[string]string // address → where it stands
	errs     config.Errors
	warnings []string
}

func (c *csvReader) table(file string, text []byte, known map[string]string, read func(*table)) {
	t := readTable(file, text, known)
	if t.err() == nil {
		read(t)
	}
	c.warnings = append(c.warnings, t.warnings...)
	if t.err() != nil {
		c.errs = append(c.errs, t.errs...)
	}
}

// needs refuses a table without a column.
func (t *table) needs(column, like string) bool {
	if slices.Contains(t.columns, column) {
		return true
	}
	t.fail(1, 1, "no column holds the %s; name one %q in the first line", column, like)
	return false
}

func (c *csvReader) people(t *table) {
	if !t.needs("addresses", "email") {
		return
	}
	byMain := map[string]*Person{}
	without := 0
	for _, r := range t.rows {
		addresses := append(c.addresses(t, r, "addresses"), c.addresses(t, r, "aliases")...)
		if len(addresses) == 0 {
			without++
			continue
		}
		p := byMain[addresses[0]]
		if p == nil {
			p = &Person{Addresses: addresses[:1]}
			byMain[addresses[0]] = p
			c.facts.People = append(c.facts.People, p)
			c.claim(t, r, addresses[0], addresses[0])
		}
		for _, a := range addresses[1:] {
			if !slices.Contains(p.Addresses, a) && c.claim(t, r, a, p.Addresses[0]) {
				p.Addresses = append(p.Addresses, a)
			}
		}
		c.person(t, r, p)
	}
	if without > 0 {
		t.warn(1, "people without an address that are left out: %d", without)
	}
}

// claim notes whose an address is and refuses it to a second person.
func (c *csvReader) claim(t *table, r row, address, owner string) bool {
	if other, taken := c.at[address]; taken && other != owner {
		t.failAt(r, "addresses", "%s belongs to %s already; one address belongs to one person or mailbox", address, other)
		return false
	}
	c.at[address] = owner
	return true
}

// person adds what a row says to a person, who may have several.
func (c *csvReader) person(t *table, r row, p *Person) {
	name := r.cells["name"]
	if name == "" {
		name = strings.TrimSpace(r.cells["first"] + " " + r.cells["last"])
	}
	one := func(field *string, column, value string) {
		if value != "" && *field != "" && *field != value {
			t.failAt(r, column, "%s has another %s in a line above: %q", p.Main(), column, *field)
		}
		if value != "" {
			*field = value
		}
	}
	one(&p.Name, "name", strings.Join(strings.Fields(name), " "))
	one(&p.Language, "language", c.language(t, r))
	one(&p.Manager, "manager", c.reference(t, r, "manager"))
	one(&p.Deputy, "deputy", c.reference(t, r, "deputy"))
	see := strings.ToLower(r.cells["assistants_see"])
	if see != "" && see != string(SeeMail) && see != string(SeeNotice) {
		t.failAt(r, "assistants_see", "%q is neither mail nor notice", see)
	}
	one((*string)(&p.AssistantsSee), "assistants_see", see)
	p.Groups = append(p.Groups, list(r.cells["groups"])...)
	p.Assistants = append(p.Assistants, c.references(t, r, "assistants")...)
	p.Delegates = append(p.Delegates, c.references(t, r, "delegates")...)
	if text := r.cells["absent"]; text != "" {
		absent, err := ParseAbsent(strings.ReplaceAll(text, "\n", ","))
		if err != nil {
			t.failAt(r, "absent", "%s", err)
		}
		p.Absent = append(p.Absent, absent...)
	}
}

func (c *csvReader) language(t *table, r row) string {
	text := r.cells["language"]
	code := languageOf(text)
	if text != "" && code == "" {
		t.warn(r.line, "belay does not write %q; it has %s", text, strings.Join(locale.Codes, ", "))
	}
	return code
}

// addresses reads the addresses of a cell, however they are written: alone,
// with names, or as Exchange does (SMTP:main;smtp:other).
func (c *csvReader) addresses(t *table, r row, column string) []string {
	var all []string
	for _, text := range addressParts(r.cells[column]) {
		a, main, ok := proxyAddress(text)
		if !ok {
			continue
		}
		if err := mail.CheckAddress(a); err != nil {
			t.failAt(r, column, "%q is no address: %s", text, err)
			continue
		}
		if a = mail.Key(a); main {
			all = slices.Insert(all, 0, a)
		} else {
			all = append(all, a)
		}
	}
	return all
}

// addressParts parts a cell at commas, semicolons, bars and line ends; at
// blanks too, where no names stand between the addresses.
func addressParts(cell string) []string {
	var all []string
	for _, part := range parts(cell, ";,|\n\r") {
		words := strings.Fields(part)
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(w, "@") || strings.ContainsAny(w, `<"`) }) {
			words = []string{part}
		}
		all = append(all, words...)
	}
	return all
}

// proxyAddress reads one address. "SMTP:" marks the main one; what belongs to
// another kind of post (X500:, sip:) is none.
func proxyAddress(text string) (address string, main, ok bool) {
	if kind, rest, found := strings.Cut(text, ":"); found && !strings.Contains(kind, "@") {
		if !strings.EqualFold(kind, "smtp") && !strings.EqualFold(kind, "mailto") {
			return "", false, false
		}
		text, main = rest, kind == "SMTP"
	}
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		text = strings.TrimRight(text[i+1:], "> ")
	}
	return strings.TrimSpace(text), main, true
}

// reference is an address, or the name of somebody in the table (names
// resolves it).
func (c *csvReader) reference(t *table, r row, column string) string {
	all := c.references(t, r, column)
	if len(all) > 1 {
		t.failAt(r, column, "%q names %d people; there can be one %s", r.cells[column], len(all), column)
	}
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

func (c *csvReader) references(t *table, r row, column string) []string {
	if !strings.Contains(r.cells[column], "@") {
		return list(r.cells[column]) // names
	}
	return c.addresses(t, r, column)
}

// names turns names of managers, assistants and members into addresses: a name
// that one person has.
func (c *csvReader) names() {
	byName := map[string][]string{}
	for _, p := range c.facts.People {
		key := strings.ToLower(p.Name)
		byName[key] = append(byName[key], p.Main())
	}
	one := func(name *string, of, what string) bool {
		if *name == "" || strings.Contains(*name, "@") {
			return true
		}
		found := byName[strings.ToLower(strings.Join(strings.Fields(*name), " "))]
		if len(found) == 1 {
			*name = found[0]
			return true
		}
		if len(c.warnings) < 2*maxErrors {
			c.warnings = append(c.warnings, fmt.Sprintf("%s of %s: %d people have the name %q; write the address", what, of, len(found), *name))
		}
		*name = ""
		return false
	}
	many := func(all []string, of, what string) []string {
		var found []string
		for _, name := range all {
			if one(&name, of, what) {
				found = append(found, name)
			}
		}
		return found
	}
	for _, p := range c.facts.People {
		one(&p.Manager, p.Main(), "manager")
		one(&p.Deputy, p.Main(), "deputy")
		p.Assistants = many(p.Assistants, p.Main(), "assistants")
		p.Delegates = many(p.Delegates, p.Main(), "delegates")
	}
	for _, m := range c.facts.Mailboxes {
		m.Members = many(m.Members, m.Address, "members")
	}
	for _, role := range RoleNames {
		of := c.facts.Roles.of(role)
		*of = many(*of, "roles", role)
	}
}
