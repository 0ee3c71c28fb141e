package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/backup"
	"belay/internal/body"
	"belay/internal/clock"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/node"
	"belay/internal/queue"
	"belay/internal/seal"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

// house is a belay without its doors.
type house struct {
	t       *testing.T
	db      *db.DB
	keys    *seal.Keys
	journal *journal.Journal
	bodies  *body.Store
	queue   *queue.Queue
	clock   *clock.Fake
}

func newHouse(t *testing.T, options db.Options, keys *seal.Keys) *house {
	t.Helper()
	d := dbtest.Open(t, options)
	h := &house{t: t, db: d, keys: keys, clock: clock.NewFake(noon)}
	h.journal = journal.New(d, keys, journal.Options{Head: filepath.Join(t.TempDir(), "head"), Now: h.clock.Clock.Now})
	var err error
	if h.bodies, err = body.New(ctx, d, keys); err != nil {
		t.Fatal(err)
	}
	n, err := node.Join(ctx, d, clock.System(), node.Options{Lease: time.Hour}) // the mail's time is moved, the lease stays
	if err != nil {
		t.Fatal(err)
	}
	h.queue, err = queue.New(ctx, queue.Options{DB: d, Bodies: h.bodies, Journal: h.journal, Clock: h.clock.Clock, Node: n})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newKeys(t *testing.T) *seal.Keys {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// accept takes a message of an author that waits for five minutes.
func (h *house) accept(author, text string) mail.ID {
	h.t.Helper()
	now := h.clock.Clock.Now()
	m := &queue.Message{
		ID: mail.NewID(now, mail.BucketOf(author)), Received: now, Listener: "submission", Author: author,
		Subject: "Offer", MessageID: "1@corp.test", Envelope: mail.Envelope{
			ReversePath: author, Recipients: []mail.Recipient{{Address: "lena@falcon.test"}, {Address: "max@falcon.test"}},
		},
		Verdict: guard.Verdict{Action: guard.Delay, Delay: 5 * time.Minute, Scope: guard.ScopeMessage,
			Rules: []guard.Hit{{Name: "a pause", Action: guard.Delay, Delay: 5 * time.Minute}}},
	}
	queue.Plan(m)
	b := h.queue.NewBody(m.ID)
	if _, err := io.WriteString(b, text); err != nil {
		h.t.Fatal(err)
	}
	if err := h.queue.Accept(ctx, m, b); err != nil {
		h.t.Fatal(err)
	}
	return m.ID
}

func (h *house) get(id mail.ID) *queue.Message {
	h.t.Helper()
	m, err := h.queue.Get(ctx, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

func (h *house) text(id mail.ID) string {
	h.t.Helper()
	r, err := h.queue.OpenBody(ctx, id)
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *house) backup(keys *seal.Keys) []byte {
	h.t.Helper()
	var archive bytes.Buffer
	if _, err := backup.Write(ctx, h.db, &archive, backup.Options{WithKeys: keys, Now: h.clock.Clock.Now}); err != nil {
		h.t.Fatal(err)
	}
	return archive.Bytes()
}

func (h *house) restore(archive []byte, asWas bool) backup.Result {
	h.t.Helper()
	result, err := backup.Restore(ctx, h.db, bytes.NewReader(archive), h.options(asWas))
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

func (h *house) options(asWas bool) backup.RestoreOptions {
	return backup.RestoreOptions{Keys: h.keys, Journal: h.journal, AsWas: asWas, By: "root", Now: h.clock.Clock.Now}
}

// long is a body of several pieces.
var long = strings.Repeat("All's well that ends well.\r\n", 30000)

// full is a house with mail in every state that a test needs.
func full(t *testing.T, options db.Options) (h *house, waiting, stopped, sending mail.ID) {
	t.Helper()
	h = newHouse(t, options, newKeys(t))
	sending = h.accept("max@corp.test", "on its way")
	if _, err := h.queue.Release(ctx, sending, queue.Act{By: "max"}); err != nil {
		t.Fatal(err)
	}
	if jobs, err := h.queue.Claim(ctx, 10); err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %d, %v", len(jobs), err)
	}
	waiting = h.accept("anna@corp.test", long)
	stopped = h.accept("ewa@corp.test", "never mind")
	if _, err := h.queue.Stop(ctx, stopped, queue.Act{By: "ewa"}); err != nil {
		t.Fatal(err)
	}
	if err := h.journal.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	return h, waiting, stopped, sending
}

func TestRestore_IntoAnEmptyDatabaseOfEitherKind(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, from db.Options) {
		old, waiting, stopped, sending := full(t, from)
		archive := old.backup(nil)
		dbtest.EachOptions(t, func(t *testing.T, to db.Options) {
			h := newHouse(t, to, old.keys)
			result := h.restore(archive, false)
			if result.Merged || result.Held != 2 || result.Rows["message"] != 3 || result.Rows["delivery"] != 6 {
				t.Errorf("%+v", result)
			}
			if h.text(waiting) != long {
				t.Error("the text came back as another one")
			}
			for _, id := range []mail.ID{waiting, sending} {
				m := h.get(id)
				if m.State != queue.Held || m.HeldUntil.Before(noon.AddDate(90, 0, 0)) {
					t.Errorf("a mail that may have left since is %v until %v", m.State, m.HeldUntil)
				}
				if why := m.Verdict.Rules; len(why) == 0 || why[0].Name != guard.HitRestored || why[0].Reason != "restored from the backup of 2026-03-02T12:00:00Z; it may have left since" {
					t.Errorf("it waits because of %+v", why)
				}
				last := m.Events[len(m.Events)-1]
				if last.What != "restored" || last.Reason != "restored from the backup of 2026-03-02T12:00:00Z; it may have left since" {
					t.Errorf("its record ends with %+v", last)
				}
			}
			if m := h.get(stopped); m.State != queue.Stopped {
				t.Errorf("what was stopped came back %v", m.State)
			}
			h.clock.Advance(time.Hour)
			if jobs, err := h.queue.Claim(ctx, 10); err != nil || len(jobs) != 0 {
				t.Errorf("%d mails would be sent by themselves (%v)", len(jobs), err)
			}
			if report, err := h.journal.Verify(ctx); err != nil || !report.OK() || report.Blocks < 2 {
				t.Errorf("the journal: %+v, %v", report, err)
			}
			h.accept("anna@corp.test", "life goes on")
		})
	})
}

func TestRestore_AsItWasGoesOnByItself(t *testing.T) {
	old, waiting, _, _ := full(t, dbtest.SQLiteOptions(t))
	h := newHouse(t, dbtest.SQLiteOptions(t), old.keys)
	h.restore(old.backup(nil), true)
	if m := h.get(waiting); !m.HeldUntil.Equal(noon.Add(5 * time.Minute)) {
		t.Errorf("held until %v", m.HeldUntil)
	}
	h.clock.Advance(time.Hour)
	if jobs, err := h.queue.Claim(ctx, 10); err != nil || len(jobs) != 1 {
		t.Errorf("%d mails would be sent, %v; want the one that waited", len(jobs), err)
	}
}

func TestRestore_IntoARunningOneAddsWhatItDoesNotKnow(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		h, waiting, stopped, _ := full(t, options)
		archive := h.backup(nil)
		if _, err := h.queue.Stop(ctx, waiting, queue.Act{By: "anna"}); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"message WHERE id", "delivery WHERE message", "body WHERE id"} {
			err := h.db.Write(ctx, stopped.Bucket(), func(tx db.Tx) error {
				_, err := tx.Exec(ctx, "DELETE FROM "+table+" = $1", stopped[:])
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second time there is nothing to do
			result := h.restore(archive, false)
			if !result.Merged {
				t.Errorf("%+v", result)
			}
			if m := h.get(waiting); m.State != queue.Stopped {
				t.Errorf("a stop was undone by the restore: %v", m.State)
			}
			if m := h.get(stopped); m.State != queue.Stopped || h.text(stopped) != "never mind" {
				t.Errorf("what was missing came back as %v", m.State)
			}
		}
		if result := h.restore(archive, false); result.Known != 3 || result.Rows["message"] != 0 {
			t.Errorf("the third time: %+v", result)
		}
		if _, err := backup.Restore(ctx, h.db, bytes.NewReader(archive), h.options(true)); err == nil {
			t.Error("mail came back as it was, into a database that goes on")
		}
	})
}

func TestRestore_RefusesEveryArchiveThatWasCutOffOrChanged(t *testing.T) {
	old, _, _, _ := full(t, dbtest.SQLiteOptions(t))
	archive := old.backup(nil)
	h := newHouse(t, dbtest.SQLiteOptions(t), old.keys)
	check := func(what string, at int, archive []byte) {
		t.Helper()
		if _, err := backup.Restore(ctx, h.db, bytes.NewReader(archive), h.options(false)); err == nil {
			t.Fatalf("restored an archive %s at %d", what, at)
		}
	}
	for at := 0; at < len(archive); at += 1 + len(archive)/60 {
		check("cut off", at, archive[:at])
		changed := bytes.Clone(archive)
		changed[at] ^= 0x20
		if _, err := backup.Check(bytes.NewReader(changed)); err == nil && at > 9 { // gzip's head has unused bits
			t.Fatalf("an archive changed at %d is taken for whole", at)
		}
	}
	check("cut off", len(archive)-1, archive[:len(archive)-1])
	if _, err := backup.Restore(ctx, h.db, bytes.NewReader(archive[:len(archive)-9]), h.options(false)); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("a cut-off archive: %v", err)
	}
	// Nothing was written by any of them.
	if result := h.restore(archive, false); result.Merged {
		t.Error("a refused archive left something behind")
	}
}

func TestRestore_RefusesMailSealedWithOtherKeys(t *testing.T) {
	old, waiting, _, _ := full(t, dbtest.SQLiteOptions(t))
	archive := old.backup(old.keys)
	h := newHouse(t, dbtest.SQLiteOptions(t), newKeys(t))
	if _, err := backup.Restore(ctx, h.db, bytes.NewReader(archive), h.options(false)); err == nil {
		t.Fatal("restored mail that nobody can read")
	}
	header, keys, err := backup.Inspect(bytes.NewReader(archive))
	if err != nil || !header.Keys || keys == nil {
		t.Fatalf("%+v, %v", header, err)
	}
	h = newHouse(t, dbtest.SQLiteOptions(t), keys)
	h.restore(archive, false)
	if h.text(waiting) != long {
		t.Error("the text came back as another one")
	}
}

func TestWrite_KeysAreOnlyInItWhereAskedFor(t *testing.T) {
	h, _, _, _ := full(t, dbtest.SQLiteOptions(t))
	header, keys, err := backup.Inspect(bytes.NewReader(h.backup(nil)))
	if err != nil || header.Keys || keys != nil {
		t.Errorf("%+v, %v, %v", header, keys, err)
	}
}

func TestRestore_OneThatBrokeOffIsNotTakenForWhole(t *testing.T) {
	old, _, _, _ := full(t, dbtest.SQLiteOptions(t))
	archive := old.backup(nil)
	h := newHouse(t, dbtest.SQLiteOptions(t), old.keys)
	stopped, stop := context.WithCancel(ctx)
	options := h.options(false)
	options.Progress = func(table string, _ int64) {
		if table == "body" {
			stop()
		}
	}
	if _, err := backup.Restore(stopped, h.db, bytes.NewReader(archive), options); err == nil {
		t.Fatal("it did not break off")
	}
	if err := backup.Unfinished(ctx, h.db); !errors.Is(err, backup.ErrUnfinished) {
		t.Errorf("the half of it is taken for whole: %v", err)
	}
	if _, err := backup.Restore(ctx, h.db, bytes.NewReader(archive), h.options(false)); !errors.Is(err, backup.ErrUnfinished) {
		t.Errorf("a second restore on top of it: %v", err)
	}
}

func TestCheck_RefusesWhatIsNoBackup(t *testing.T) {
	for _, text := range []string{"", "From anna@corp.test", "\x1f\x8b\x08\x00"} {
		if _, err := backup.Check(strings.NewReader(text)); err == nil {
			t.Errorf("%q is taken for a backup", text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, archive []byte) { backup.Check(bytes.NewReader(archive)) })
}
