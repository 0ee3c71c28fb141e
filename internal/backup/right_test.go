package backup_test

import (
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/history"
)

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
