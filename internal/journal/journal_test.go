package journal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/seal"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// record is a journal with some entries, sealed in two blocks.
type record struct {
	*journal.Journal
	t   *testing.T
	db  *db.DB
	ids []mail.ID
}

func newRecord(t *testing.T, d *db.DB) *record {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	r := &record{t: t, db: d, Journal: journal.New(d, keys, journal.Options{Head: filepath.Join(t.TempDir(), "journal.head")})}
	for i := range 20 {
		id := mail.NewID(noon.Add(time.Duration(i)*time.Second), i*50)
		r.ids = append(r.ids, id)
		r.write(id, journal.Entry{
			What: "accepted", Actor: fmt.Sprintf("anna%d@corp.test", i), Reason: "a pause for the outside world",
			Personal: map[string]string{"recipient": "lena@falcon.test"},
			Facts:    map[string]any{"size": 1000 + i},
		})
		if i == 9 {
			r.seal()
		}
	}
	r.seal()
	return r
}

func (r *record) write(id mail.ID, e journal.Entry) {
	r.t.Helper()
	err := r.db.Write(ctx, id.Bucket(), func(tx db.Tx) error { return r.Write(ctx, tx, id, noon, e) })
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *record) seal() {
	r.t.Helper()
	if err := r.Seal(ctx); err != nil {
		r.t.Fatal(err)
	}
}

func (r *record) exec(statement string) {
	r.t.Helper()
	err := r.db.Write(ctx, 0, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, statement)
		if err == nil && n == 0 {
			return fmt.Errorf("%q changed nothing", statement)
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *record) verify() journal.Report {
	r.t.Helper()
	report, err := r.Verify(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

func TestJournal_AnUntouchedOneVerifies(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := newRecord(t, open())
		r.write(mail.ID{}, journal.Entry{What: "started", Actor: "belay"})
		report := r.verify()
		if !report.OK() || report.Blocks != 2 || report.Entries != 20 || report.Unsealed != 1 {
			t.Errorf("%+v", report)
		}
	})
}

func TestJournal_TamperingIsFoundAndSaysWhere(t *testing.T) {
	swap := func(a, b int) []string {
		return []string{
			fmt.Sprintf("UPDATE journal SET seq = -1 WHERE seq = %d", a),
			fmt.Sprintf("UPDATE journal SET seq = %d WHERE seq = %d", a, b),
			fmt.Sprintf("UPDATE journal SET seq = %d WHERE seq = -1", b),
		}
	}
	for name, c := range map[string]struct {
		kind    journal.Kind
		entry   int64
		block   int64
		tamper  []string
		reports int
	}{
		"what was done is changed":   {journal.Changed, 5, 1, []string{"UPDATE journal SET what = 'released' WHERE seq = 5"}, 1},
		"the time is changed":        {journal.Changed, 15, 2, []string{"UPDATE journal SET at = at + 1 WHERE seq = 15"}, 1},
		"the message is changed":     {journal.Changed, 5, 1, []string{"UPDATE journal SET message = (SELECT message FROM journal o WHERE o.seq = 6) WHERE seq = 5"}, 1},
		"the facts are changed":      {journal.Changed, 5, 1, []string{"UPDATE journal SET content = (SELECT content FROM journal o WHERE o.seq = 6) WHERE seq = 5"}, 1},
		"who did it is changed":      {journal.Changed, 5, 1, []string{"UPDATE journal SET personal = (SELECT personal FROM journal o WHERE o.seq = 6) WHERE seq = 5"}, 1},
		"an entry is missing":        {journal.Missing, 5, 1, []string{"DELETE FROM journal WHERE seq = 5"}, 1},
		"the first is missing":       {journal.Missing, 1, 1, []string{"DELETE FROM journal WHERE seq = 1"}, 1},
		"the end is cut off":         {journal.Missing, 20, 2, []string{"DELETE FROM journal WHERE seq = 20"}, 1},
		"two are reordered":          {journal.Moved, 5, 1, swap(5, 7), 2},
		"two blocks' are reordered":  {journal.Changed, 5, 1, swap(5, 17), 2},
		"one is added":               {journal.Added, 0, 0, []string{"INSERT INTO journal (seq, bucket, at, what, content) VALUES (0, 0, 1, 'stopped', '{}')"}, 1},
		"the chain's end is cut off": {journal.CutOff, 0, 2, []string{"DELETE FROM journal WHERE seq > 10", "DELETE FROM journal_block WHERE number = 2"}, 1},
		"the chain is gone":          {journal.CutOff, 0, 1, []string{"DELETE FROM journal", "DELETE FROM journal_block"}, 1},
		"a block is changed":         {journal.Broken, 0, 1, []string{"UPDATE journal_block SET at = at + 1 WHERE number = 1"}, 1},
		"a block is missing":         {journal.Broken, 0, 2, []string{"DELETE FROM journal_block WHERE number = 1", "DELETE FROM journal WHERE seq <= 10"}, 1},
		"a signature is another's":   {journal.Broken, 0, 1, []string{"UPDATE journal_block SET signature = (SELECT signature FROM journal_block o WHERE o.number = 2) WHERE number = 1"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
				r := newRecord(t, open())
				for _, statement := range c.tamper {
					r.exec(statement)
				}
				report := r.verify()
				if len(report.Problems) != c.reports {
					t.Fatalf("want %d problems, got %+v", c.reports, report.Problems)
				}
				p := report.Problems[0]
				if p.Kind != c.kind || p.Entry != c.entry || p.Block != c.block {
					t.Errorf("want %s, entry %d, block %d; got %+v", c.kind, c.entry, c.block, p)
				}
			})
		})
	}
}

func TestJournal_AChainMadeAnewWithAnotherKeyIsFound(t *testing.T) {
	r := newRecord(t, dbtest.SQLite(t))
	r.exec("UPDATE journal SET what = 'released' WHERE seq = 5")
	r.exec("DELETE FROM journal_block")
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.New(r.db, keys, journal.Options{}).Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if report := r.verify(); report.OK() || report.Problems[0].Kind != journal.Broken {
		t.Errorf("a forged chain: %+v", report)
	}
}

func TestP8_ErasingAPersonKeepsTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := newRecord(t, open())
		if n, err := r.Erase(ctx, "Anna5@corp.test"); n != 1 || err != nil {
			t.Fatalf("erased from %d entries, %v; want 1", n, err)
		}
		if n, err := r.Erase(ctx, "lena@falcon.test"); n != 20 || err != nil {
			t.Fatalf("erased from %d entries, %v; want 20", n, err)
		}
		if report := r.verify(); !report.OK() {
			t.Errorf("after erasing: %+v", report.Problems)
		}
		events, err := r.List(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		e := events[5]
		if e.Actor != "" || strings.Join(e.Erased, " ") != "actor recipient" || e.Reason == "" {
			t.Errorf("the erased entry shows %+v", e)
		}
		if events[6].Actor != "anna6@corp.test" {
			t.Errorf("somebody else was erased too: %+v", events[6])
		}
	})
}

func TestJournal_CanBeReadByMessageAndInPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := newRecord(t, open())
		id := r.ids[3]
		r.write(id, journal.Entry{What: "stopped", Actor: "ewa@corp.test"})
		var events []journal.Event
		err := r.db.Read(ctx, func(q db.Tx) (err error) {
			events, err = r.OfMessage(ctx, q, id)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 2 || events[0].What != "accepted" || events[1].What != "stopped" || events[1].Actor != "ewa@corp.test" {
			t.Errorf("of the message: %+v", events)
		}
		if e := events[0]; e.Message != id || !e.Time.Equal(noon) || e.Personal["recipient"] != "lena@falcon.test" || e.Facts["size"] != 1003.0 {
			t.Errorf("the entry came back as %+v", e)
		}
		page, err := r.List(ctx, 0, 15)
		if err != nil || len(page) != 15 {
			t.Fatalf("%d entries, %v", len(page), err)
		}
		if rest, _ := r.List(ctx, page[14].Seq, 15); len(rest) != 6 || rest[5].What != "stopped" {
			t.Errorf("the second page: %+v", rest)
		}
		if newest, _ := r.Newest(ctx, 0, 2); len(newest) != 2 || newest[0].What != "stopped" || newest[1].Seq != newest[0].Seq-1 {
			t.Errorf("the newest: %+v", newest)
		}
	})
}

func TestSealer_BindsWhatBecameVisibleLate(t *testing.T) {
	r := newRecord(t, dbtest.SQLite(t))
	r.exec("INSERT INTO journal (seq, bucket, at, what, content) VALUES (25, 0, 1, 'late order', '{}')")
	r.seal()
	r.exec("INSERT INTO journal (seq, bucket, at, what, content) VALUES (23, 0, 1, 'its transaction took longer', '{}')")
	r.seal()
	if report := r.verify(); !report.OK() || report.Entries != 22 || report.Blocks != 4 {
		t.Errorf("%+v", report)
	}
	// After a restart the open gaps are known again.
	again := *r
	again.Journal = reopen(t, r)
	r.exec("INSERT INTO journal (seq, bucket, at, what, content) VALUES (22, 0, 1, 'later still', '{}')")
	if err := again.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if report := r.verify(); !report.OK() || report.Entries != 23 {
		t.Errorf("%+v", report)
	}
}

// reopen gives a second journal on the same database with the same keys.
func reopen(t *testing.T, r *record) *journal.Journal {
	t.Helper()
	return journal.New(r.db, r.Keys(), journal.Options{})
}

func TestSealer_TwoNodesDoNotBreakTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		r := newRecord(t, open())
		other := reopen(t, r)
		for i := range 10 {
			r.write(mail.ID{}, journal.Entry{What: "started"})
			sealer := r.Journal
			if i%2 == 1 {
				sealer = other
			}
			if err := sealer.Seal(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if report := r.verify(); !report.OK() || report.Entries != 30 {
			t.Errorf("%+v", report)
		}
	})
}

func TestAcceptHead_AfterARestoreTheOldEndIsNotMissed(t *testing.T) {
	r := newRecord(t, dbtest.SQLite(t))
	r.exec("DELETE FROM journal WHERE seq > 10")
	r.exec("DELETE FROM journal_block WHERE number = 2")
	if err := r.AcceptHead(ctx); err != nil {
		t.Fatal(err)
	}
	if report := r.verify(); !report.OK() {
		t.Errorf("%+v", report)
	}
}
