// Package demo is the company that `belay serve --demo` shows: a dozen people
// with executives and assistants, three clients, the rules they agreed on, and
// some forty mails in six languages, each the beginning of a small story. All
// of it is invented, and every address is under .test, where no mail can go
// (RFC 2606 §2).
//
// It makes mails; putting them into a queue is the caller's.
package demo

import (
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"belay/internal/directory"
)

// Domain is the company's own domain.
const Domain = "corp.test"

// Company is what the people of Domain work for.
const Company = "Halyard Engineering"

//go:embed people.yaml
var peopleFile []byte

// PeopleFile is the company's people.yaml: people, groups, managers,
// assistants, deputies, a shared mailbox, a list with an outsider on it, a
// program, and three clients.
func PeopleFile() []byte { return slices.Clone(peopleFile) }

// Directory is what stands in PeopleFile.
func Directory() *directory.Directory {
	facts, _, err := directory.ParseYAML("people.yaml", peopleFile, true)
	if err != nil {
		panic(fmt.Sprintf("read the demo's people: %v", err)) // it is compiled in, and a test reads it
	}
	d, _ := directory.New(facts, []string{Domain}, nil)
	return d
}

// company is read once: every mail asks it for names.
var company = sync.OnceValue(Directory)

// Contact is somebody outside the company.
type Contact struct {
	Name, Address string
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
	if name := company().Name(address); name != "" {
		return name
	}
	for _, c := range Contacts() {
		if c.Address == address {
			return c.Name
		}
	}
	return ""
}
