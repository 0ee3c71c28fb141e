// Package directory knows the people: who they are under which addresses, who
// manages, assists and stands in for whom, the shared mailboxes and lists and
// who is in them, and the organisations outside. It reads them from people.yaml,
// CSV or LDAP, keeps the last good state, and answers from memory.
//
// A Directory never changes; a Book holds the one that stands and replaces it.
// What may be done with what it says is decided elsewhere (access, guard).
package directory
