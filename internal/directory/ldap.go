package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// LDAPOptions say where the people are. The zero value of every field but URL
// and Base has a default that suits OpenLDAP and Active Directory.
type LDAPOptions struct {
	// URL is ldaps://host, ldap://host (with STARTTLS; on loopback only where CA
	// is set) or ldapi:///path. Several stand with blanks between them: the
	// first that answers is asked.
	URL          string
	CA           string        // PEM file with the certificates to trust; "" is the machine's
	BindDN       string        // "" is anonymous
	PasswordFile string        // its first line
	Base         string        // where the people are
	GroupBase    string        // where groups, lists and shared mailboxes are; "" is Base
	Every        time.Duration // 0 is an hour
	Timeout      time.Duration // of connecting and of each answer; 0 is 10 s
	PageSize     int           // entries an answer (RFC 2696); 0 is 500
	Filters      LDAPFilters
	Attributes   LDAPAttributes
}

// LDAPFilters find the entries (RFC 4515); "" is the default.
type LDAPFilters struct {
	People string // who has an address
	Groups string // every kind of group
	Lists  string // groups with an address
	Shared string // shared mailboxes of Exchange
}

// LDAPAttributes are the names of attributes, best first; nil is the default.
type LDAPAttributes struct {
	Name       []string
	Addresses  []string
	Language   []string
	Manager    []string // DN or address
	Assistants []string // DNs or addresses
	Deputy     []string // DN or address; none by default
	Delegates  []string // DNs or addresses
	Groups     []string // of a person: DNs or names of groups
	Members    []string // of a group, list or shared mailbox: DNs, addresses or login names
	Login      []string // by which a posixGroup names its members
}

// Defaults. A server that does not know an attribute or a class finds nothing
// by it, so that one filter serves both kinds.
const (
	defaultPeople = "(&(|(objectClass=inetOrgPerson)(objectClass=user))(|(mail=*)(proxyAddresses=*)))"
	defaultGroups = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=group))"
	defaultLists  = "(&" + defaultGroups + "(|(mail=*)(proxyAddresses=*)))"
	// msExchRecipientTypeDetails: 4 is a shared mailbox, 2^35 one that moved to
	// the cloud.
	defaultShared = "(|(msExchRecipientTypeDetails=4)(msExchRecipientTypeDetails=34359738368))"
)

// withDefaults fills in what is not set.
func (l LDAPOptions) withDefaults() LDAPOptions {
	l.GroupBase = cmp.Or(l.GroupBase, l.Base)
	l.Every = cmp.Or(l.Every, syncEvery)
	l.Timeout = cmp.Or(l.Timeout, 10*time.Second)
	l.PageSize = cmp.Or(l.PageSize, 500)
	f := &l.Filters
	f.People, f.Groups = cmp.Or(f.People, defaultPeople), cmp.Or(f.Groups, defaultGroups)
	f.Lists, f.Shared = cmp.Or(f.Lists, defaultLists), cmp.Or(f.Shared, defaultShared)
	a := &l.Attributes
	for _, d := range []struct {
		field *[]string
		names []string
	}{
		{&a.Name, []string{"displayName", "cn"}},
		{&a.Addresses, []string{"mail", "mailAlternateAddress", "mailLocalAddress", "proxyAddresses"}},
		{&a.Language, []string{"preferredLanguage"}},
		{&a.Manager, []string{"manager"}},
		{&a.Assistants, []string{"secretary", "assistant"}},
		{&a.Delegates, []string{"publicDelegates"}},
		{&a.Groups, []string{"memberOf"}},
		{&a.Members, []string{"member", "uniqueMember", "memberUid", "msExchDelegateListLink"}},
		{&a.Login, []string{"uid", "sAMAccountName"}},
	} {
		if len(*d.field) == 0 {
			*d.field = d.names
		}
	}
	return l
}

// name says which directory it is, to people and to the cache.
func (l *LDAPOptions) name() string { return l.URL + " " + l.Base }

func (l *LDAPOptions) every() time.Duration { return cmp.Or(l.Every, syncEvery) }

// read asks the server for everybody. Either all of it is read, or it is an
// error: half a directory would look as if people had left.
func (l *LDAPOptions) read(ctx context.Context) (*Facts, []string, error) {
	o := l.withDefaults()
	s, err := o.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	return o.readFrom(s)
}

// answers are the entries of the four searches.
type answers struct {
	people, groups, lists, shared []*ldap.Entry
}

// searcher asks one server. A fuzzer and tests put another in its place.
type searcher interface {
	// search gives all entries under base that match, with these attributes.
	search(base, filter string, attributes []string) ([]*ldap.Entry, error)
	// entry gives one entry, nil where there is none.
	entry(dn string, attributes []string) (*ldap.Entry, error)
}

func (o LDAPOptions) readFrom(s searcher) (*Facts, []string, error) {
	a := o.Attributes
	account := []string{"userAccountControl"}
	person := slices.Concat(a.Name, a.Addresses, a.Language, a.Manager, a.Assistants, a.Deputy, a.Delegates, a.Groups, a.Login, account)
	mailbox := slices.Concat(a.Name, a.Addresses, a.Members)
	var got answers
	var err error
	for _, q := range []struct {
		into         *[]*ldap.Entry
		base, filter string
		attributes   []string
	}{
		{&got.people, o.Base, o.Filters.People, person},
		{&got.groups, o.GroupBase, o.Filters.Groups, mailbox},
		{&got.lists, o.GroupBase, o.Filters.Lists, mailbox},
		{&got.shared, o.GroupBase, o.Filters.Shared, mailbox},
	} {
		if *q.into, err = s.search(q.base, q.filter, q.attributes); err != nil {
			return nil, nil, err
		}
		// Servers promise no order. Where two have one address, the same one
		// keeps it in every sync.
		slices.SortStableFunc(*q.into, func(a, b *ldap.Entry) int { return strings.Compare(a.DN, b.DN) })
	}
	r := ldapReader{o: o, s: s, facts: &Facts{}}
	if err := r.read(&got); err != nil {
		return nil, nil, err
	}
	return r.facts, r.warnings, nil
}
