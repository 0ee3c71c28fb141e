package directory

import "time"

// LDAPOptions say where the people are. The zero value of every field but URL
// and Base has a default that suits OpenLDAP and Active Directory.
type LDAPOptions struct {
	URL          string // ldap://host, ldaps://host:636; several with blanks between them: the first that answers
	StartTLS     bool   // on ldap://
	CA           string // PEM file; "" is the machine's
	BindDN       string // "" is anonymous
	PasswordFile string
	Base         string        // where the people are
	GroupBase    string        // where groups, lists and shared mailboxes are; "" is Base
	Every        time.Duration // 0 is an hour
	Timeout      time.Duration // of connecting and of each answer; 0 is 10 s
	PageSize     int           // 0 is 500
	Filters      LDAPFilters
	Attributes   LDAPAttributes
}

// LDAPFilters find the entries (RFC 4515).
type LDAPFilters struct {
	People string // default: who has an address
	Groups string // default: groups of every kind
	Lists  string // default: groups with an address
	Shared string // default: none
}

// LDAPAttributes are the names of attributes, best first.
type LDAPAttributes struct {
	Name, Addresses, Language, Manager, Assistants, Groups, GroupName, Members []string
}
