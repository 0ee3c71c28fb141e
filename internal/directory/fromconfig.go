package directory

import (
	"path/filepath"

	"belay/internal/config"
)

// FromConfig gives the options that a configuration asks for. The cache is
// directory.json in the data directory.
func FromConfig(c *config.Config) Options {
	o := Options{File: string(c.Directory.File), Domains: c.Domains, Cache: filepath.Join(string(c.Data), "directory.json")}
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
