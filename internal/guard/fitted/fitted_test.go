package fitted

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard/expect"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// another is a model that is not the shipped one.
func another(threshold float64) *expect.Model {
	m := *expect.Shipped()
	m.Threshold = threshold
	return &m
}

func TestTheModelThatWasPutLastCountsOnAllNodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		k, err := Open(t.Context(), d, nil)
		must(t, err)
		if at, stale := k.Made(); !at.IsZero() || stale || k.Own() != nil || k.Model("") != expect.Shipped() {
			t.Error("before any was fitted, another one than the shipped one counts")
		}
		for i, threshold := range []float64{0.25, 0.125} {
			must(t, Put(t.Context(), d, monday.Add(time.Duration(i)*time.Second), another(threshold)))
			must(t, k.Refresh(t.Context()))
			if got := k.Model("anna@corp.test").Threshold; got != threshold {
				t.Errorf("the threshold is %v, want %v", got, threshold)
			}
			before := k.Own()
			must(t, k.Refresh(t.Context()))
			if k.Own() != before {
				t.Error("it is read again though it is the same")
			}
		}
		other, err := Open(t.Context(), d, nil) // as after a restart
		must(t, err)
		if other.Model("").Threshold != 0.125 {
			t.Errorf("another node has the threshold %v", other.Model("").Threshold)
		}
	})
}

func TestAModelOfAnotherVersionDoesNotCount(t *testing.T) {
	d := dbtest.SQLite(t)
	must(t, d.Write(t.Context(), bucket, func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), sqlPut, bucket, monday.UnixMicro(), []byte("belay model of long ago, or to come"))
		return err
	}))
	var said bytes.Buffer
	k, err := Open(t.Context(), d, slog.New(slog.NewTextHandler(&said, nil)))
	must(t, err)
	if k.Model("") != expect.Shipped() || !strings.Contains(said.String(), "run belay learn again") {
		t.Errorf("it counts, or nobody is told: %s", said.String())
	}
	if at, stale := k.Made(); !at.Equal(monday) || !stale {
		t.Errorf("it was made %v; that it does not count is %v", at, stale)
	}
	said.Reset()
	must(t, k.Refresh(t.Context()))
	if said.Len() > 0 {
		t.Errorf("it is said every minute: %s", said.String())
	}
	must(t, Put(t.Context(), d, monday.Add(time.Hour), another(0.5)))
	must(t, k.Refresh(t.Context()))
	if at, stale := k.Made(); k.Model("").Threshold != 0.5 || stale || !at.Equal(monday.Add(time.Hour)) {
		t.Errorf("a new one, made %v, does not count", at)
	}
}
