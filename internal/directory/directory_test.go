package directory

import (
	"testing"
)

func TestTheExampleCanBeRead(t *testing.T) {
	b, err := Open(t.Context(), Options{File: "../../etc/people.yaml", Domains: []string{"corp.test"}})
	if err != nil {
		t.Fatal(err)
	}
	d := b.Current()
	if got := d.Main("A.Nowak+shop@CORP.test"); got != "anna.nowak@corp.test" {
		t.Errorf("an alias with a detail belongs to %s", got)
	}
	if !d.External("falcon-project@corp.test") || d.External("sales@corp.test") {
		t.Error("a list is external when, and only when, a member is outside")
	}
	for _, w := range b.Status().Warnings {
		t.Log(w)
	}
}
