package directory

import (
	"path/filepath"

	"belay/internal/config"
)

// CacheFile is the name, in the data directory, of the file that keeps who was
// who when LDAP or a CSV file could last be read.
const CacheFile = "people.json"

// FromConfig gives the options that a configuration asks for.
func FromConfig(c *config.Config) Options {
	o := Options{
		File: string(c.Directory.File), Domains: c.Domains, Zone: c.Calendar.Zone(),
		Cache: filepath.Join(string(c.Data), CacheFile),
	}
	for _, own := range c.Organisations {
		o.Organisations = append(o.Organisations, &Organisation{Name: own.Name, Kind: own.Kind, Domains: own.Domains, Keywords: own.Keywords})
	}
	l := c.Directory.LDAP
	if l == nil {
		return o
	}
	o.LDAP = &LDAPOptions{
		URL: l.URL, CA: string(l.CA), BindDN: l.BindDN, PasswordFile: string(l.PasswordFile),
		Base: l.Base, GroupBase: l.GroupBase, Every: l.Every,
		Filters:    LDAPFilters{People: l.Filter, Groups: l.Groups, Lists: l.Lists, Shared: l.Shared},
		Attributes: LDAPAttributes(l.Attributes),
	}
	return o
}
