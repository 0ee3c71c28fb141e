package notice

import (
	"slices"
	"testing"
	"time"

	"belay/internal/directory"
)

// Who runs this is asked when it matters: the directory may have changed since
// the start.
func TestTheAdministratorsAreThoseOfNow(t *testing.T) {
	var now *directory.Directory
	s := newService(t, newFakeStore(), func(o *Options) {
		o.Admins = []string{"postmaster@corp.test"}
		o.Directory = func() *directory.Directory { return now }
	})
	if got := s.admins(); !slices.Equal(got, []string{"postmaster@corp.test"}) {
		t.Errorf("without a directory: %v", got)
	}
	for _, admin := range []string{"ewa@corp.test", "jan@corp.test"} {
		now, _ = directory.New(&directory.Facts{
			People: []*directory.Person{{Name: "X", Addresses: []string{admin}}},
			Roles:  directory.Roles{Admin: []string{admin}},
		}, []string{"corp.test"}, time.UTC)
		if got := s.admins(); !slices.Equal(got, []string{admin}) {
			t.Errorf("with %s in the directory: %v", admin, got)
		}
	}
}
