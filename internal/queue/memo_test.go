package queue

import (
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

func TestMemosOutliveARestart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		ctx := t.Context()
		var got struct{ N int }
		if found, err := q.Recall(ctx, "bypass", &got); found || err != nil {
			t.Fatalf("what nobody remembered was found: %t, %v", found, err)
		}
		for n := range 2 {
			if err := q.Remember(ctx, "bypass", struct{ N int }{n + 1}); err != nil {
				t.Fatal(err)
			}
		}
		// The queue's own value of that name is another one.
		if err := q.Bypass(ctx, w.clock.Now().Add(time.Hour), "eve", "a test"); err != nil {
			t.Fatal(err)
		}
		q = worldOn(w, open()).queue(newFakeNode("two"))
		if found, err := q.Recall(ctx, "bypass", &got); !found || err != nil || got.N != 2 {
			t.Errorf("recalled %+v, %t, %v", got, found, err)
		}
	})
}
