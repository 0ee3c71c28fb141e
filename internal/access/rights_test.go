package access_test

import (
	"slices"
	"strings"
	"testing"

	"belay/internal/access"
)

// TestRights spells the table out: who reads it in a review sees every change.
func TestRights(t *testing.T) {
	const table = `
		              anybody   author    member    delegate  assistant owner     approver  admin     operator  reader
		see_facts     no        yes       yes       yes       yes       yes       yes       yes       yes       yes
		see_content   no        yes       yes       no        shown     shown     shown     noted     noted     no
		see_draft     no        yes       yes       no        no        no        no        no        no        no
		stop          no        yes       yes       yes       yes       yes       yes       yes       yes       no
		release       no        yes       yes       no        no        yes       no        yes       yes       no
		answer        no        yes       yes       no        no        yes       no        yes       yes       no
		approve       no        no        no        no        no        no        yes       yes       yes       no
		override      no        no        no        no        no        no        no        yes       yes       no
		postpone      no        yes       yes       no        no        yes       no        yes       yes       no
		right         no        yes       yes       no        no        yes       no        yes       yes       no
		see_directory no        no        no        no        no        no        no        yes       yes       no
		sync          no        no        no        no        no        no        no        yes       yes       no
		bypass        no        no        no        no        no        no        no        yes       yes       no
		see_journal   no        no        no        no        no        no        no        yes       yes       no
		judge         no        no        no        no        no        no        no        yes       yes       no
		learn         no        no        no        no        no        no        no        yes       yes       no
		person        no        no        no        no        no        no        no        yes       yes       no`
	lines := strings.Split(strings.TrimSpace(table), "\n")
	heads := strings.Fields(lines[0])
	if len(heads) != int(access.Reader)+1 || len(lines)-1 != int(access.Person)+1 {
		t.Fatalf("the table here has %d relations and %d deeds", len(heads), len(lines)-1)
	}
	for i, line := range lines[1:] {
		cells, deed := strings.Fields(line), access.Deed(i)
		if name := strings.ReplaceAll(deed.String(), " ", "_"); cells[0] != name {
			t.Fatalf("line %d is about %s, not %s", i+1, cells[0], name)
		}
		for j, want := range cells[1:] {
			r := access.Relation(j)
			if got := r.May(deed).String(); r.String() != heads[j] || got != want {
				t.Errorf("%s, %s: %s, want %s", r, deed, got, want)
			}
		}
	}
}

func TestWhatNobodyNamedIsNotAllowed(t *testing.T) {
	if g := access.Relation(200).May(access.SeeFacts); g != access.No {
		t.Errorf("an unknown relation may: %s", g)
	}
	if g := access.Admin.May(access.Deed(200)); g != access.No {
		t.Errorf("an unknown deed is allowed: %s", g)
	}
	if g := (access.Relations)(nil).May(access.Stop); g != access.No {
		t.Errorf("somebody who is nothing may stop: %s", g)
	}
}

// company is a small directory: Anna has two addresses, Ewa assists her, Piotr
// may write for her, sales@ belongs to Jan.
type company struct{}

func (company) Main(a string) string {
	if a == "a.nowak@corp.test" {
		return "anna@corp.test"
	}
	return a
}

func (company) Members(a string) []string {
	if a == "sales@corp.test" || a == "news@corp.test" { // news@ is a list
		return []string{"jan@corp.test"}
	}
	return nil
}

func (c company) Assistants(a string) ([]string, bool) {
	if c.Main(a) == "anna@corp.test" {
		return []string{"ewa@corp.test"}, false
	}
	return nil, false
}

func (c company) MayStop(who, author string) bool {
	return c.Main(author) == "anna@corp.test" && (who == "ewa@corp.test" || who == "piotr@corp.test") ||
		author == "sales@corp.test" && who == "jan@corp.test"
}

func TestWhatPeopleAreToAMail(t *testing.T) {
	for _, c := range []struct {
		who, author string
		toAnswer    []string
		toApprove   []string
		want        access.Relations
	}{
		{"anna@corp.test", "anna@corp.test", nil, nil, access.Relations{access.Author}},
		{"a.nowak@corp.test", "anna@corp.test", nil, nil, access.Relations{access.Author}},
		{"anna@corp.test", "a.nowak@corp.test", nil, nil, access.Relations{access.Author}},
		{"jan@corp.test", "sales@corp.test", nil, nil, access.Relations{access.Member}},
		{"jan@corp.test", "sales@corp.test", nil, []string{"jan@corp.test"}, access.Relations{access.Member, access.Approver}},
		{"ewa@corp.test", "a.nowak@corp.test", nil, nil, access.Relations{access.Assistant}},
		{"piotr@corp.test", "anna@corp.test", nil, nil, access.Relations{access.Delegate}},
		{"jan@corp.test", "anna@corp.test", nil, []string{"ola@corp.test", "jan@corp.test"}, access.Relations{access.Approver}},
		{"jan@corp.test", "anna@corp.test", nil, nil, nil},
		{"anna@corp.test", "anna@corp.test", []string{"anna@corp.test"}, []string{"anna@corp.test"}, access.Relations{access.Author}},
		{"ola@corp.test", "robot@corp.test", []string{"ola@corp.test"}, nil, access.Relations{access.Owner}},
		{"ewa@corp.test", "robot@corp.test", []string{"ola@corp.test"}, nil, nil},
		{"jan@corp.test", "news@corp.test", nil, nil, nil},
		{"", "", nil, nil, nil},
	} {
		if got := access.RelationsOf(company{}, []string{c.who}, c.author, c.toAnswer, c.toApprove); !slices.Equal(got, c.want) {
			t.Errorf("%s to a mail by %s: %v, want %v", c.who, c.author, got, c.want)
		}
	}
	if got := access.RelationsOf(nil, []string{"anna@corp.test"}, "anna@corp.test", nil, nil); !slices.Equal(got, access.Relations{access.Author}) {
		t.Errorf("without a directory: %v", got)
	}
}
