package history

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/node"
)

func TestP11_APersonReadsAllThatWasLearnedOfThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		ctx, s, r := context.Background(), newStore(d), NewRights(d, RightsOptions{Main: mainAddress})
		with := func(e Event, terms ...uint16) Event {
			e.Terms, e.Subject = terms, "the offer"
			return e
		}
		check(t, s.Learn(ctx, []Event{with(wrote(1, "1", "a.nowak@corp.test", "tom@there.test,jan@corp.test"), 7, 9),
			wrote(2, "2", "tom@there.test", "anna@corp.test"), wrote(3, "3", "jan@corp.test", "tom@there.test")}))
		check(t, teach(s, Lesson{Kind: LessonStopped, Author: "anna@corp.test", Recipient: "eve@there.test", At: noon})) // it waits
		check(t, r.Remember(ctx, "anna@corp.test", "tom@there.test", []string{"recipient.twin"}, "anna"))

		anna, err := s.Person(ctx, "a.nowak@corp.test")
		check(t, err)
		if anna.Address != "anna@corp.test" || anna.Written != 1 || len(anna.Contacts) != 3 || anna.Contacts[2].Doubted != 1 ||
			len(anna.Mails) != 2 || len(anna.Mails[0].Words) != 2 || len(anna.KnownBy) != 1 || anna.KnownBy[0].Address != "jan@corp.test" || len(anna.Threads) != 2 {
			t.Errorf("of anna is known %+v", anna)
		}
		tom, err := s.Person(ctx, "tom@there.test")
		check(t, err)
		if tom.Written != 0 || len(tom.Contacts) != 0 || len(tom.KnownBy) != 2 || tom.Known.Sent != 2 || tom.Known.Colleagues != 2 || len(tom.Threads) != 3 {
			t.Errorf("of tom is known %+v", tom)
		}
		if right, err := r.Person(ctx, "tom@there.test"); err != nil || len(right) != 1 {
			t.Errorf("what is right of him is %v, %v", right, err)
		}

		for _, who := range []string{"tom@there.test", "anna@corp.test"} {
			if _, err := s.Forget(ctx, who); err != nil {
				t.Fatal(err)
			}
			if _, err := r.ForgetPerson(ctx, who); err != nil {
				t.Fatal(err)
			}
			left, err := s.Person(ctx, who)
			check(t, err)
			right, err := r.Person(ctx, who)
			check(t, err)
			text, err := json.Marshal(left)
			check(t, err)
			if want := fmt.Sprintf(`{"address":%q,"written":0,"broadcasts":0,"contacts":[],"mails":[],"known_by":[],"threads":[],"right":[]}`, who); string(text) != want || len(right) != 0 {
				t.Errorf("of %s is left %s, %v", who, text, right)
			}
		}
	})
}

// P11: what waits in the buckets of another node brings nobody back either.
func TestP11_WhoWasForgottenDoesNotComeBackFromAnotherNode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		ctx, one, two := context.Background(), newStore(d), newStore(d)
		const half = mail.Buckets / 2
		one.o.Buckets = func() node.Range { return node.Range{From: 0, To: half} }
		two.o.Buckets = func() node.Range { return node.Range{From: half, To: mail.Buckets} }
		e := wrote(1, "1", "anna@corp.test", "tom@there.test")
		check(t, d.Write(ctx, half, func(tx db.Tx) error { return two.note(ctx, tx, half, two.Encode(&e)) }))
		if _, err := one.Forget(ctx, "tom@there.test"); err != nil {
			t.Fatal(err)
		}
		if _, err := two.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		if left, err := one.Person(ctx, "tom@there.test"); err != nil || left.Known != nil || len(left.KnownBy)+len(left.Threads) > 0 {
			t.Errorf("of tom is left %+v, %v", left, err)
		}
	})
}
