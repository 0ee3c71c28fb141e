package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
)

const (
	bob = "bob@there.test"
	eve = "eve@there.test"
	tom = "tom@there.test"
)

// school is a queue that notes lessons where a transaction that fails takes them
// back.
type school struct {
	*world
	q    *Queue
	fail error
	n    int
}

func newSchool(t *testing.T, d *db.DB) *school {
	s := &school{world: newWorld(t, d)}
	q, err := New(context.Background(), Options{DB: s.db, Bodies: s.bodies, Journal: s.journal,
		Clock: s.clock, Node: newFakeNode("one"), Logger: slog.New(slog.DiscardHandler), Taught: s.taught})
	if err != nil {
		t.Fatal(err)
	}
	s.q = q
	return s
}

func (s *school) taught(ctx context.Context, tx db.Tx, bucket int, l history.Lesson) error {
	if s.fail != nil {
		_, err := tx.Exec(ctx, `INSERT INTO no_such_table VALUES (1)`) // breaks a transaction on PostgreSQL
		return errors.Join(s.fail, err)
	}
	if bucket != mail.BucketOf(testAuthor) || l.Author != testAuthor || l.At.IsZero() {
		s.t.Errorf("bucket %d, lesson %+v", bucket, l)
	}
	s.n++
	_, err := tx.Exec(ctx, `INSERT INTO learn_waiting (bucket, batch, deeds) VALUES ($1, $2, $3)`, bucket,
		fmt.Appendf(nil, "%08d", s.n), fmt.Appendf(nil, "%s %s", l.Kind, l.Recipient))
	return err
}

// learned accepts a message of which something is learned.
func (s *school) learned(m *Message) *Message {
	m.Learn = []byte("deed")
	return s.accept(s.q, m)
}

// want wants these lessons, and forgets them.
func (s *school) want(name string, want ...string) {
	s.t.Helper()
	var got []string
	err := s.db.Write(context.Background(), mail.BucketOf(testAuthor), func(tx db.Tx) error {
		got = nil
		rows, err := tx.Query(context.Background(), `SELECT deeds FROM learn_waiting ORDER BY batch`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			got = append(got, string(b))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		_, err = tx.Exec(context.Background(), `DELETE FROM learn_waiting WHERE bucket = $1`, mail.BucketOf(testAuthor))
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: learned %q, want %q", name, got, want)
	}
}

func (s *school) stop(m *Message, recipients ...string) {
	s.t.Helper()
	if _, err := s.q.Stop(context.Background(), m.ID, Act{By: "anna", Recipients: recipients}); err != nil {
		s.t.Fatal(err)
	}
}

// doubtful adds a doubt about a recipient.
func doubtful(m *Message, recipient string) *Message {
	m.Verdict.Signals = append(m.Verdict.Signals, guard.Signal{Code: "recipient.twin", Recipient: recipient, Score: 0.7})
	return m
}

func TestAStopIsALessonAboutWhoWasStopped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newSchool(t, open())
		m := s.learned(s.message(time.Minute, bob))
		s.stop(m)
		s.want("the only recipient", "stopped "+bob)
		s.stop(m)
		s.want("once more")
		s.stop(s.learned(s.message(time.Minute, bob, eve, tom)), bob, eve)
		s.want("two of three", "stopped "+bob, "stopped "+eve)
		s.stop(s.learned(s.message(time.Minute, bob, eve, tom)))
		s.want("all of several: nobody knows whom it was about")
		s.stop(s.learned(doubtful(s.message(time.Minute, bob, eve, tom), eve)))
		s.want("all of several, one of them doubted", "stopped "+eve)
		rated := s.message(time.Minute, bob, eve)
		rated.Verdict.Ratings = []guard.Rating{{Recipient: bob, Strength: 0.1}, {Recipient: eve, Strength: 0.3}}
		s.stop(s.learned(rated))
		s.want("one of them rated as doubtful", "stopped "+eve)
		s.stop(s.accept(s.q, s.message(time.Minute, bob)))
		s.want("P11: mail of which nothing is learned")
		if _, err := s.q.Postpone(context.Background(), s.learned(s.message(time.Minute, bob)).ID, Act{By: "anna", Until: s.clock.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		s.want("a postponement")
	})
}

// Who wants to stop what is gone says that it was wrong; what bounced reached
// nobody.
func TestAStopThatComesTooLateIsALesson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newSchool(t, open())
		m := s.learned(s.message(0, bob))
		s.finish(s.q, s.claim(s.q, 1)[0], Sent, ok)
		s.want("what was sent")
		s.stop(m)
		s.want("too late", "oops "+bob)
		m = s.learned(s.message(0, bob))
		s.finish(s.q, s.claim(s.q, 1)[0], Failed, Reply{Code: 550, Enhanced: "5.7.1"})
		s.stop(m)
		s.want("it had failed")
	})
}

func TestWhatTheSenderAnswersIsALesson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newSchool(t, open())
		act := func(name string, do func(context.Context, ID, Answer) ([]RecipientOutcome, error), m *Message, a Answer) {
			t.Helper()
			if _, err := do(context.Background(), s.learned(m).ID, a); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		anna := as(testAuthor)
		act("yes", s.q.Approve, s.asking(0, []guard.Question{ask(bob)}, bob, eve), anna)
		s.want("yes", "right "+bob)
		act("no", s.q.Deny, s.asking(0, []guard.Question{ask(bob)}, bob, eve), anna)
		s.want("no", "stopped "+bob)
		act("yes for all", s.q.Approve, s.asking(0, []guard.Question{ask()}, bob, eve), anna)
		s.want("yes for all", "right "+bob, "right "+eve)
		act("yes, one is doubted", s.q.Approve, doubtful(s.asking(0, []guard.Question{ask()}, bob, eve), eve), anna)
		s.want("yes, one is doubted", "right "+eve)
		act("no, one is doubted", s.q.Deny, doubtful(s.asking(0, []guard.Question{ask()}, bob, eve), eve), anna)
		s.want("no, one is doubted", "stopped "+eve)
		file := ask(bob)
		file.Codes = []string{"attachment.missing"}
		act("a forgotten file", s.q.Deny, s.asking(0, []guard.Question{file}, bob), anna)
		s.want("a forgotten file")
		act("it is there", s.q.Approve, s.asking(0, []guard.Question{file}, bob), anna)
		s.want("it is there")
		act("an approval", s.q.Approve, s.asking(0, []guard.Question{approval(1, jan)}, bob), as(jan))
		s.want("an approval")
		act("a refusal", s.q.Deny, s.asking(0, []guard.Question{approval(1, jan)}, bob), as(jan))
		s.want("a refusal")
		who := approval(1, jan)
		who.Codes = []string{"recipient.lookalike"}
		act("a refusal because of who gets it", s.q.Deny, s.asking(0, []guard.Question{who}, bob), as(jan))
		s.want("a refusal because of who gets it", "stopped "+bob)
		act("an admin's word", s.q.Approve, s.asking(0, []guard.Question{ask()}, bob), Answer{By: "root", Override: true})
		s.want("an admin's word")
		heard := anna
		heard.Heard = true
		act("heard before", s.q.Approve, s.asking(0, []guard.Question{ask()}, bob), heard)
		s.want("heard before")

		m := s.learned(s.asking(0, []guard.Question{ask(bob)}, bob, eve))
		if _, err := s.q.Release(context.Background(), m.ID, Act{By: "anna", As: []string{testAuthor}}); err != nil {
			t.Fatal(err)
		}
		s.want("a release over the question", "right "+bob)
		m = s.learned(s.asking(0, []guard.Question{ask(bob)}, bob))
		if _, err := s.q.Release(context.Background(), m.ID, Act{By: "root", Override: true}); err != nil {
			t.Fatal(err)
		}
		s.want("an admin's release")
	})
}

func TestABounceIsALessonAboutTheAddress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newSchool(t, open())
		for _, c := range []struct {
			name    string
			reply   Reply
			refused bool
			want    []string
		}{
			{"no such user", Reply{Code: 550, Enhanced: "5.1.1"}, true, []string{"bounced " + bob}},
			{"an old server", Reply{Code: 550}, true, []string{"bounced " + bob}},
			{"no such domain", Reply{Code: 550, Enhanced: "5.1.2"}, true, []string{"bounced " + bob}},
			{"after the text", Reply{Code: 550, Enhanced: "5.1.1"}, false, nil},
			{"a full mailbox", Reply{Code: 552, Enhanced: "5.2.2"}, true, nil},
			{"a policy", Reply{Code: 550, Enhanced: "5.7.1"}, true, nil},
			{"the sender", Reply{Code: 550, Enhanced: "5.1.8"}, true, nil},
			{"no relaying", Reply{Code: 554}, true, nil},
		} {
			m := s.learned(s.message(0, bob, eve))
			job := s.claim(s.q, 1)[0]
			results := []Result{{N: 0, State: Failed, Reply: c.reply, Refused: c.refused}, {N: 1, State: Sent, Reply: ok}}
			if err := s.q.Finish(context.Background(), job, results); err != nil {
				t.Fatal(err)
			}
			s.wantStates(s.q, m.ID, "failed sent")
			s.want(c.name, c.want...)
		}
	})
}

// Most servers take mail and say later that there is nobody: in a report to the
// author, which the observe listener is shown.
func TestAReportOfFailedDeliveryIsALesson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s, ctx := newSchool(t, open()), context.Background()
		m := s.message(0, bob, eve, tom)
		s.learned(m)
		s.stop(m, tom)
		s.want("a stop", "stopped "+tom)
		s.finish(s.q, s.claim(s.q, 1)[0], Sent, ok)
		failure := func(address, status string) mail.Failure {
			return mail.Failure{Addresses: []string{"list@there.test", address}, Code: 550, Status: status}
		}
		for _, c := range []struct {
			name   string
			bounce mail.Bounce
			want   []string
		}{
			{"no such user", mail.Bounce{MessageID: "1@corp.test", To: []string{"postmaster@corp.test", testAuthor}, Failed: []mail.Failure{failure(bob, "5.1.1"), failure(eve, "5.2.2")}},
				[]string{"bounced " + bob}},
			{"somebody who never got it", mail.Bounce{MessageID: "1@corp.test", To: []string{testAuthor}, Failed: []mail.Failure{failure(tom, "5.1.1"), failure("x@y.test", "5.1.1")}}, nil},
			{"another mail", mail.Bounce{MessageID: "2@corp.test", To: []string{testAuthor}, Failed: []mail.Failure{failure(bob, "5.1.1")}}, nil},
			{"another author", mail.Bounce{MessageID: "1@corp.test", To: []string{"jan@corp.test"}, Failed: []mail.Failure{failure(bob, "5.1.1")}}, nil},
		} {
			s.q.Bounced(ctx, &c.bounce)
			s.want(c.name, c.want...)
		}
	})
}

// Whoever wants a right address to look wrong can forge a report. It is believed of
// what belay itself sent to that recipient, in the last days, and of nothing else.
func TestAForgedReportOfFailedDeliveryTeachesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s, ctx := newSchool(t, open()), context.Background()
		report := func(id string) *mail.Bounce {
			return &mail.Bounce{MessageID: id, To: []string{testAuthor}, Failed: []mail.Failure{{Addresses: []string{bob}, Code: 550, Status: "5.1.1"}}}
		}
		m := s.message(0, bob)
		s.learned(m)
		s.q.Bounced(ctx, report(m.MessageID))
		s.want("before it left")
		job := s.claim(s.q, 1)[0]
		s.q.Bounced(ctx, report(m.MessageID))
		s.want("while it is being sent")
		s.finish(s.q, job, Sent, ok)
		s.q.Bounced(ctx, report("made-up@corp.test"))
		s.want("a Message-ID that belay never saw")
		s.fake.Advance(believed - time.Hour)
		s.q.Bounced(ctx, report(m.MessageID))
		s.want("on the last day", "bounced "+bob)
		s.fake.Advance(2 * time.Hour)
		s.q.Bounced(ctx, report(m.MessageID))
		s.want("long after it had left")
	})
}

// What cannot be learned must not undo what was done.
func TestP2_AStopIsFinalThoughNothingCanBeLearned(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s := newSchool(t, open())
		s.fail = errors.New("no room for that")
		m := s.learned(s.message(time.Minute, bob))
		s.stop(m)
		s.wantStates(s.q, m.ID, "stopped")
		m = s.learned(s.asking(0, []guard.Question{ask()}, bob))
		s.approve(s.q, m.ID, as(testAuthor), "approved")
		job := s.claim(s.q, 1)[0]
		if err := s.q.Finish(context.Background(), job, []Result{{State: Failed, Reply: Reply{Code: 550}, Refused: true}}); err != nil {
			t.Fatal(err)
		}
		s.wantStates(s.q, m.ID, "failed")
		s.q.Teach(context.Background(), m.ID, history.LessonRight, []string{bob})
		s.fail = nil
		s.want("nothing")
	})
}

func TestWhatIsSaidOfAMailIsALesson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		s, ctx := newSchool(t, open()), context.Background()
		m := s.learned(doubtful(s.message(time.Minute, bob, eve, tom), eve))
		s.q.Teach(ctx, m.ID, history.LessonRight, []string{"EVE@there.test", "nobody@there.test"})
		s.want("right, before it leaves", "right "+eve)
		s.q.Teach(ctx, m.ID, history.LessonOops, nil)
		s.want("oops, before it leaves")
		s.stop(m, tom)
		s.want("a stop", "stopped "+tom)
		s.fake.Advance(time.Minute)
		s.finish(s.q, s.claim(s.q, 1)[0], Sent, ok)
		s.q.Teach(ctx, m.ID, history.LessonOops, nil)
		s.want("oops", "oops "+eve)
		s.q.Teach(ctx, m.ID, history.LessonNotForMe, []string{bob, tom})
		s.want("not for me", "not for me "+bob)
		s.q.Teach(ctx, s.accept(s.q, s.message(time.Minute, bob)).ID, history.LessonRight, []string{bob})
		s.want("P11: mail of which nothing is learned")
	})
}
