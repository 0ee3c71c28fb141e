package rules

import (
	"fmt"
	"slices"

	"belay/internal/config"
	"belay/internal/directory"
)

// CheckPeople looks whether those whom the rules name are in the directory:
// mail must not wait for somebody who is not there. A stranger's address is good
// unless it looks like a slip of a known one: a directory need not be complete.
// An empty directory, which perhaps could not be read yet, is not held against
// the rules. The error points into the configuration's file: it is
// config.Errors.
func CheckPeople(c *config.Config, d *directory.Directory) error {
	if len(d.People()) == 0 {
		return nil
	}
	var errs config.Errors
	fail := func(path, format string, args ...any) {
		errs = append(errs, c.ErrorAt(path, "%s: %s", path, fmt.Sprintf(format, args...)))
	}
	for i, r := range c.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		for n, g := range r.Groups {
			if !d.HasGroup(g) {
				fail(fmt.Sprintf("%s.groups[%d]", path, n), "%s", noGroup(g, d.GroupNames()))
			}
		}
		group, need := r.Approve.Group, max(1, r.Approve.Need)
		switch members := len(d.Group(group)); {
		case group == "":
		case members == 0:
			fail(path+".approve", "%s", noGroup(group, append(d.GroupNames(), "manager")))
		case members < need:
			fail(path+".approve", "the group %q has %d member, and %d have to say yes; name more people in the directory", group, members, need)
		}
		for n, a := range r.Approve.Addresses {
			if best := d.Meant(a); best != "" {
				fail(fmt.Sprintf("%s.approve[%d]", path, n), "nobody has the address %s; did you mean %s? If not, write them into the directory", a, best)
			}
		}
		if r.AgreedBy != "" && !slices.Contains(d.Role("privacy"), d.Main(r.AgreedBy)) {
			fail(path+".agreed_by", "%s is no privacy officer; name one of roles.privacy in the directory", r.AgreedBy)
		}
	}
	return errs.Sorted()
}

// noGroup says that there is no such group, and which word was meant perhaps.
func noGroup(name string, words []string) string {
	if near := config.Nearest(name, words); near != "" {
		return fmt.Sprintf("the directory has no group %q; did you mean %q?", name, near)
	}
	return fmt.Sprintf("the directory has no group %q; add somebody to it there, or take it out", name)
}
