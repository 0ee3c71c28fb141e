// Package demo is the company that `belay serve --demo` shows: a dozen people
// with executives and assistants, three clients, and three dozen mails in six
// languages, each the beginning of a small story. All of it is invented, and
// every address is under .test, where no mail can go (RFC 2606 §2).
//
// It makes mails; putting them into a queue is the caller's.
package demo

// Domain is the company's own domain.
const Domain = "corp.test"

// Company is what the people of Domain work for.
const Company = "Halyard Engineering"

// Person is somebody of the company.
type Person struct {
	Name      string
	Addresses []string // the first is the main one
	Language  string   // as in package locale
	Title     string
	Groups    []string // "executives", …
	Manager   string   // a main address
	// Assistants are told first when somebody writes to an executive.
	Assistants []string
}

// Contact is somebody outside the company.
type Contact struct {
	Name, Address string
}

// Organisation is a client, with what its projects are called.
type Organisation struct {
	Name     string
	Kind     string
	Domains  []string
	Keywords []string
}

// People are the company, the managing director first.
func People() []Person {
	return []Person{
		{Name: "Anna Nowak", Addresses: []string{"anna.nowak@corp.test", "a.nowak@corp.test"}, Language: "pl",
			Title: "managing director", Groups: []string{"executives"}, Assistants: []string{"ewa.lis@corp.test"}},
		{Name: "Tom Whitaker", Addresses: []string{"tom.whitaker@corp.test"}, Language: "en",
			Title: "director of sales", Groups: []string{"executives"}, Manager: "anna.nowak@corp.test", Assistants: []string{"kari.moen@corp.test"}},
		{Name: "Ingrid Haugen", Addresses: []string{"ingrid.haugen@corp.test"}, Language: "nb",
			Title: "director of finance", Groups: []string{"executives"}, Manager: "anna.nowak@corp.test", Assistants: []string{"kari.moen@corp.test"}},
		{Name: "Ewa Lis", Addresses: []string{"ewa.lis@corp.test"}, Language: "pl",
			Title: "assistant", Groups: []string{"assistants"}, Manager: "anna.nowak@corp.test"},
		{Name: "Kari Moen", Addresses: []string{"kari.moen@corp.test"}, Language: "nb",
			Title: "assistant", Groups: []string{"assistants"}, Manager: "ingrid.haugen@corp.test"},
		{Name: "Jan Kowalski", Addresses: []string{"jan.kowalski@corp.test"}, Language: "pl",
			Title: "head of the Gdańsk branch", Groups: []string{"managers"}, Manager: "anna.nowak@corp.test"},
		{Name: "Marta Wójcik", Addresses: []string{"marta.wojcik@corp.test"}, Language: "pl",
			Title: "project manager", Groups: []string{"projects"}, Manager: "jan.kowalski@corp.test"},
		{Name: "Rachel Stone", Addresses: []string{"rachel.stone@corp.test"}, Language: "en",
			Title: "contracts", Groups: []string{"legal"}, Manager: "tom.whitaker@corp.test"},
		{Name: "Lucía Ortega", Addresses: []string{"lucia.ortega@corp.test"}, Language: "es",
			Title: "key accounts", Groups: []string{"sales"}, Manager: "tom.whitaker@corp.test"},
		{Name: "Giulia Ferri", Addresses: []string{"giulia.ferri@corp.test"}, Language: "it",
			Title: "accounts", Groups: []string{"finance"}, Manager: "ingrid.haugen@corp.test"},
		{Name: "Selin Aydın", Addresses: []string{"selin.aydin@corp.test"}, Language: "tr",
			Title: "human resources", Groups: []string{"hr"}, Manager: "anna.nowak@corp.test"},
		{Name: "Emre Yıldız", Addresses: []string{"emre.yildiz@corp.test"}, Language: "tr",
			Title: "IT support", Groups: []string{"it"}, Manager: "ingrid.haugen@corp.test"},
	}
}

// Clients are the three organisations the company works for.
func Clients() []Organisation {
	return []Organisation{
		{Name: "Falcon Energy", Kind: "client", Domains: []string{"falcon.test"}, Keywords: []string{"Project Falcon", "FE-2219"}},
		{Name: "Puerto Norte", Kind: "client", Domains: []string{"puertonorte.test"}, Keywords: []string{"PN-0412", "Muelle 7"}},
		{Name: "Fjordsild", Kind: "client", Domains: []string{"fjordsild.test"}, Keywords: []string{"FS-88", "Kaldvik"}},
	}
}

// Contacts are the people outside whom the mails go to.
func Contacts() []Contact {
	return []Contact{
		{"Anna Nowacka", "anna.nowacka@falcon.test"},
		{"Paweł Maj", "pawel.maj@falcon.test"},
		{"Robert Hale", "robert.hale@falcon.test"},
		{"Marco Rossi", "marco.rossi@falcon.test"},
		{"Marco Rossi", "marco.rossi@puertonorte.test"},
		{"Carmen Vidal", "carmen.vidal@puertonorte.test"},
		{"Javier Soto", "javier.soto@puertonorte.test"},
		{"Deniz Kaya", "deniz.kaya@puertonorte.test"},
		{"Ingrid Hauge", "ingrid.hauge@fjordsild.test"},
		{"Olav Strand", "olav.strand@fjordsild.test"},
		{"Studio Verdi", "paghe@studioverdi.test"},
		{"Harbour Kitchen", "bookings@harbourkitchen.test"},
		{"Kystbanken", "bedrift@kystbanken.test"},
		{"Defne Arslan", "defne.arslan@posta.test"},
		{"Officina Brandi", "info@officinabrandi.test"},
		{"Cavi del Tirreno", "ordini@caviditirreno.test"},
		{"Zincatura Lodi", "amministrazione@zincaturalodi.test"},
	}
}

// nameOf finds the display name of an address, "" for a stranger's (a mistyped
// address has none).
func nameOf(address string) string {
	for _, p := range People() {
		for _, own := range p.Addresses {
			if own == address {
				return p.Name
			}
		}
	}
	for _, c := range Contacts() {
		if c.Address == address {
			return c.Name
		}
	}
	return ""
}
