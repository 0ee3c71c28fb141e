package history_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/history"
)

func rights(d *db.DB) *history.Rights {
	return history.NewRights(d, history.RightsOptions{Now: func() time.Time { return monday }})
}

// right asks and gives the recipients who are right.
func right(t *testing.T, r *history.Rights, author string, recipients []string, codes ...string) []string {
	t.Helper()
	found, err := r.Right(t.Context(), author, recipients, codes)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

func remember(t *testing.T, r *history.Rights, author, recipient string, codes ...string) {
	t.Helper()
	if err := r.Remember(t.Context(), author, recipient, codes, author); err != nil {
		t.Fatal(err)
	}
}

func TestP10_WhatIsRightIsNotAskedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := rights(open())
		both := []string{"bob@client.test", "eve@client.test"}
		remember(t, r, "anna@corp.test", "Bob@CLIENT.test", "recipient.unlikely", "recipient.twin")
		for _, c := range []struct {
			why        string
			author     string
			recipients []string
			codes      []string
			want       []string
		}{
			{"one of the codes", "anna@corp.test", both, []string{"recipient.twin"}, []string{"bob@client.test"}},
			{"both", "anna@corp.test", both, []string{"recipient.twin", "recipient.unlikely"}, []string{"bob@client.test"}},
			{"one that was not said", "anna@corp.test", both, []string{"recipient.twin", "thread.outsider"}, nil},
			{"no code at all", "anna@corp.test", both, nil, nil},
			{"nobody", "anna@corp.test", nil, []string{"recipient.twin"}, nil},
			{"a sub-address of the author", "Anna+x@corp.test", both, []string{"recipient.twin"}, []string{"bob@client.test"}},
			{"however they are written", "anna@corp.test", []string{"BOB@client.test"}, []string{"recipient.twin"}, []string{"bob@client.test"}},
			{"a sub-address of the recipient is another address", "anna@corp.test", []string{"bob+x@client.test"}, []string{"recipient.twin"}, nil},
			{"another author", "piotr@corp.test", both, []string{"recipient.twin"}, nil},
		} {
			if got := right(t, r, c.author, c.recipients, c.codes...); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.why, got, c.want)
			}
		}
		again := rights(open())
		if got := right(t, again, "anna@corp.test", both, "recipient.twin"); !slices.Equal(got, []string{"bob@client.test"}) {
			t.Errorf("after a restart: %v", got)
		}
	})
}

func TestRights_ManyRecipientsAreLookedUpTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := rights(open())
		var all, want []string
		for i := range 40 {
			a := fmt.Sprintf("r%02d@client.test", i)
			all = append(all, a, a) // named twice
			if i%3 == 0 {
				want = append(want, a)
				remember(t, r, "anna@corp.test", a, "crowd.visible")
			}
		}
		if got := right(t, r, "anna@corp.test", all, "crowd.visible"); !slices.Equal(got, want) {
			t.Errorf("of all: %v, want %v", got, want)
		}
		if got := right(t, r, "anna@corp.test", all[:8], "crowd.visible"); !slices.Equal(got, want[:2]) {
			t.Errorf("of few: %v, want %v", got, want[:2])
		}
	})
}

func TestRights_CanBeSeenAndUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := rights(open())
		remember(t, r, "anna@corp.test", "bob@client.test", "recipient.twin", "rule:is that the right person?")
		remember(t, r, "anna@corp.test", "eve@client.test", "recipient.twin")
		remember(t, r, "piotr@corp.test", "bob@client.test", "recipient.twin")
		if err := r.Remember(t.Context(), "anna@corp.test", "bob@client.test", []string{"recipient.twin"}, "somebody later"); err != nil {
			t.Fatal(err)
		}
		first := history.Rightful{Author: "anna@corp.test", Recipient: "bob@client.test", Code: "recipient.twin", By: "anna@corp.test", Since: monday}
		var got []history.Rightful
		var after history.Rightful
		for {
			page, err := r.List(t.Context(), "anna@corp.test", after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			got, after = append(got, page...), page[len(page)-1]
		}
		if len(got) != 3 || got[0] != first || got[1].Code != "rule:is that the right person?" || got[2].Recipient != "eve@client.test" {
			t.Errorf("the list is %+v", got)
		}
		for _, c := range []struct {
			recipient, code string
			want            int
		}{{"Bob@client.test", "recipient.twin", 1}, {"bob@client.test", "recipient.twin", 0}, {"bob@client.test", "", 1}, {"", "", 1}} {
			if n, err := r.Forget(t.Context(), "anna@corp.test", c.recipient, c.code); n != c.want || err != nil {
				t.Errorf("forgot %d of %+v: %v", n, c, err)
			}
		}
		if got := right(t, r, "anna@corp.test", []string{"bob@client.test", "eve@client.test"}, "recipient.twin"); len(got) != 0 {
			t.Errorf("still right: %v", got)
		}
		if got := right(t, r, "piotr@corp.test", []string{"bob@client.test"}, "recipient.twin"); len(got) != 1 {
			t.Error("what another author said is gone too")
		}
	})
}

func TestRights_AnAuthorIsOnePersonUnderAllAddresses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := history.NewRights(open(), history.RightsOptions{Main: func(a string) string {
			return map[string]string{"a.nowak@corp.test": "anna@corp.test"}[a]
		}})
		remember(t, r, "a.nowak@corp.test", "bob@client.test", "recipient.twin")
		if got := right(t, r, "a.nowak@corp.test", []string{"bob@client.test"}, "recipient.twin"); len(got) != 1 {
			t.Error("it was not remembered")
		}
		list, err := r.List(t.Context(), "a.nowak@corp.test", history.Rightful{}, 10)
		if err != nil || len(list) != 1 || list[0].Author != "anna@corp.test" {
			t.Errorf("kept as %+v, %v", list, err)
		}
	})
}
