package body_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"belay/internal/body"
	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/seal"
)

var ctx = context.Background()

func newStore(t testing.TB, d *db.DB) *body.Store {
	t.Helper()
	keys, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := body.New(ctx, d, keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func store(t testing.TB, d *db.DB, s *body.Store, id mail.ID, text []byte) {
	t.Helper()
	w := s.NewWriter(id)
	if _, err := io.Copy(struct{ io.Writer }{w}, bytes.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if w.Size() != int64(len(text)) {
		t.Errorf("size %d, want %d", w.Size(), len(text))
	}
	if err := d.Write(ctx, id.Bucket(), func(tx db.Tx) error { return w.Finish(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

// text is n octets that do not repeat within a piece.
func text(n int) []byte {
	b := make([]byte, 0, n+32)
	sum := sha256.Sum256(nil)
	for len(b) < n {
		sum = sha256.Sum256(sum[:])
		b = append(b, sum[:]...)
	}
	return b[:n]
}

func TestP4_ABodyComesBackByteForByte(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(t, d)
		for _, size := range []int{0, 1, 10240, body.PieceSize - 1, body.PieceSize, body.PieceSize + 1, 3*body.PieceSize + 5} {
			id := mail.NewID(time.Now(), 700)
			want := text(size)
			store(t, d, s, id, want)
			r, err := s.Open(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			head := make([]byte, min(7, size))
			if _, err := io.ReadFull(r, head); err != nil {
				t.Fatal(err)
			}
			var rest bytes.Buffer
			if _, err := io.Copy(&rest, r); err != nil {
				t.Fatal(err)
			}
			if got := append(head, rest.Bytes()...); !bytes.Equal(got, want) {
				t.Errorf("%d octets came back as %d other ones", size, len(got))
			}
			r.Close()
		}
	})
}

func TestP8_TheTextIsNotReadableInTheDatabase(t *testing.T) {
	d := dbtest.SQLite(t)
	id := mail.NewID(time.Now(), 1)
	store(t, d, newStore(t, d), id, []byte("Dear Marta, the salaries are attached."))
	var stored []byte
	if err := d.Read(ctx, func(q db.Tx) error { return q.QueryRow(ctx, "SELECT data FROM body").Scan(&stored) }); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(stored, []byte("salaries")) {
		t.Error("the text stands in the database in the clear")
	}
}

func TestOpen_FindsWhatWasDoneToThePieces(t *testing.T) {
	for name, tamper := range map[string]string{
		"a changed byte":        "UPDATE body SET data = data || x'00' WHERE n = 1",
		"two pieces exchanged":  "UPDATE body SET data = (SELECT data FROM body o WHERE o.n = 1 - body.n) WHERE n < 2",
		"a missing piece":       "DELETE FROM body WHERE n = 1",
		"the end cut off":       "DELETE FROM body WHERE n = 2",
		"an earlier end":        "UPDATE body SET last = 1 WHERE n = 1",
		"another message's":     "UPDATE body SET id = zeroblob(16)",
		"the last named middle": "UPDATE body SET last = 0 WHERE n = 2",
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.SQLite(t)
			s := newStore(t, d)
			id := mail.NewID(time.Now(), 1)
			store(t, d, s, id, text(2*body.PieceSize+10))
			if err := d.Write(ctx, 1, func(tx db.Tx) error { _, err := tx.Exec(ctx, tamper); return err }); err != nil {
				t.Fatal(err)
			}
			if name == "another message's" {
				id = mail.ID{}
			}
			r, err := s.Open(ctx, id)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if !errors.Is(err, seal.ErrOpen) && !errors.Is(err, body.ErrNotFound) {
				t.Errorf("read to the end with %s: %v", name, err)
			}
		})
	}
}

func TestNew_RefusesAnotherKey(t *testing.T) {
	d := dbtest.SQLite(t)
	newStore(t, d)
	other, err := seal.New()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := body.New(ctx, d, other); err == nil {
		t.Error("a store with another key was opened: its bodies could not be read")
	}
}

func TestSweep_RemovesOnlyWhatWasNeverFinished(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(t, d)
		yesterday := time.Now().Add(-25 * time.Hour)
		kept := mail.NewID(yesterday, 3)
		store(t, d, s, kept, text(2*body.PieceSize))
		orphan, fresh := mail.NewID(yesterday, 3), mail.NewID(time.Now(), 3)
		for _, id := range []mail.ID{orphan, fresh} {
			if _, err := s.NewWriter(id).Write(text(body.PieceSize + 1)); err != nil { // and then the program is killed
				t.Fatal(err)
			}
		}
		if n, err := s.Sweep(ctx, time.Now().Add(-24*time.Hour)); n != 1 || err != nil {
			t.Fatalf("swept %d bodies, %v; want 1", n, err)
		}
		if _, err := s.Open(ctx, orphan); !errors.Is(err, body.ErrNotFound) {
			t.Errorf("the orphan is still there: %v", err)
		}
		for _, id := range []mail.ID{kept, fresh} {
			if _, err := s.Open(ctx, id); err != nil {
				t.Errorf("swept too much: %v", err)
			}
		}
	})
}

// A machine that slept for days, or a clock that was set, makes a body look
// abandoned that is still coming in.
func TestP1_ABodyThatWasSweptOnItsWayInIsNotOwned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := newStore(t, d)
		slow, quick := mail.NewID(time.Now(), 3), mail.NewID(time.Now(), 3)
		w := s.NewWriter(slow)
		if _, err := w.Write(text(2*body.PieceSize + 1)); err != nil {
			t.Fatal(err)
		}
		store(t, d, s, quick, text(2*body.PieceSize+1))
		if n, err := s.Sweep(ctx, time.Now().Add(time.Hour)); n != 1 || err != nil {
			t.Fatalf("swept %d bodies, %v; want 1", n, err)
		}
		err := d.Write(ctx, slow.Bucket(), func(tx db.Tx) error { return w.Finish(ctx, tx) })
		if !errors.Is(err, body.ErrSwept) {
			t.Errorf("a body without its beginning was stored: %v", err)
		}
		if _, err := s.Open(ctx, slow); !errors.Is(err, body.ErrNotFound) {
			t.Errorf("something of it is left: %v", err)
		}
	})
}

func TestAbort_LeavesNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	s := newStore(t, d)
	id := mail.NewID(time.Now(), 3)
	w := s.NewWriter(id)
	if _, err := w.Write(text(3 * body.PieceSize)); err != nil {
		t.Fatal(err)
	}
	w.Abort(ctx)
	if _, err := s.Open(ctx, id); !errors.Is(err, body.ErrNotFound) {
		t.Errorf("opened what was aborted: %v", err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("wrote on after Abort")
	}
}

func TestStore_AFiftyMegabyteMailTakesLittleMemory(t *testing.T) {
	d := dbtest.SQLite(t)
	s := newStore(t, d)
	id := mail.NewID(time.Now(), 3)
	piece := text(64 << 10)
	most := uint64(0)
	base := heap()
	w := s.NewWriter(id)
	for i := range 800 {
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			most = max(most, heap())
		}
	}
	if err := d.Write(ctx, 3, func(tx db.Tx) error { return w.Finish(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 64<<10)
	for i := range 800 {
		if _, err := io.ReadFull(r, buffer); err != nil || !bytes.Equal(buffer, piece) {
			t.Fatalf("piece %d differs (%v)", i, err)
		}
		if i%100 == 99 {
			most = max(most, heap())
		}
	}
	if most > base+4<<20 {
		t.Errorf("50 MB took %d KB of heap; want at most 4096", (most-base)>>10)
	}
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
