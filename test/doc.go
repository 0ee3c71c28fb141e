// Package test holds what looks at belay as a whole: the floors of the house,
// the pinned modules, and (in peers) the stories against real servers.
package test
