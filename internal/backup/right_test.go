package backup_test

import (
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/history"
)

// A merge adds what people said before, and leaves alone what they said since.
func TestRestore_IntoARunningOneAddsWhatPeopleSaidIsRight(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		old, _, _, _ := full(t, dbtest.SQLiteOptions(t))
		said := history.NewRights(old.db, history.RightsOptions{})
		if err := said.Remember(ctx, "anna@corp.test", "bob@client.test", []string{"recipient.twin"}, "anna@corp.test"); err != nil {
			t.Fatal(err)
		}
		archive := old.backup(nil)
		h := newHouse(t, options, old.keys)
		h.accept("lena@corp.test", "here already")
		since := history.NewRights(h.db, history.RightsOptions{})
		if err := since.Remember(ctx, "anna@corp.test", "max@client.test", []string{"recipient.twin"}, "anna@corp.test"); err != nil {
			t.Fatal(err)
		}
		if result := h.restore(archive, false); !result.Merged || result.Rows["rightful"] != 1 {
			t.Errorf("%+v", result)
		}
		right, err := since.Right(ctx, "anna@corp.test", []string{"bob@client.test", "max@client.test"}, []string{"recipient.twin"})
		if err != nil || !right["bob@client.test"] || !right["max@client.test"] {
			t.Errorf("she would be asked again: %v, %v", right, err)
		}
		if result := h.restore(archive, false); result.Rows["rightful"] != 0 {
			t.Errorf("the second time it added %d", result.Rows["rightful"])
		}
	})
}

func TestRestore_BringsBackWhatPeopleSaidIsRight(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, from db.Options) {
		old := newHouse(t, from, newKeys(t))
		said := history.NewRights(old.db, history.RightsOptions{})
		for _, author := range []string{"anna@corp.test", "piotr@corp.test"} {
			if err := said.Remember(ctx, author, "bob@client.test", []string{"recipient.twin"}, author); err != nil {
				t.Fatal(err)
			}
		}
		archive := old.backup(nil)
		dbtest.EachOptions(t, func(t *testing.T, to db.Options) {
			h := newHouse(t, to, old.keys)
			h.restore(archive, false)
			again := history.NewRights(h.db, history.RightsOptions{})
			for _, author := range []string{"anna@corp.test", "piotr@corp.test"} {
				right, err := again.Right(ctx, author, []string{"bob@client.test"}, []string{"recipient.twin"})
				if err != nil || !right["bob@client.test"] {
					t.Errorf("%s would be asked again: %v, %v", author, right, err)
				}
			}
		})
	})
}
