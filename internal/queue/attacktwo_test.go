package queue

import (
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
)

// The directory is read again between two answers, and gives jan another main
// address. That does not make two of him.
func TestApproval_OnePersonUnderTwoMainAddressesIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		const other = "j.kowalski@corp.test"
		w := newWorld(t, open())
		q := w.queue(newFakeNode("one"))
		m := w.accept(q, w.asking(0, []guard.Question{approval(2, jan, ewa)}, "bob@there.test"))
		w.approve(q, m.ID, Answer{By: jan, Person: jan, As: []string{jan, other}}, "approved")
		if out := w.approve(q, m.ID, Answer{By: other, Person: other, As: []string{other, jan}}, "approved"); out[0].Missing != 1 {
			t.Errorf("%d more are needed, want 1", out[0].Missing)
		}
		if got := w.get(q, m.ID); got.Questions[0].State != QuestionOpen || len(got.Questions[0].Answers) != 1 {
			t.Errorf("the question is %+v", got.Questions[0])
		}
		w.claim(q, 0)
	})
}
