package history

import (
	"context"
	"fmt"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// pupil is who learns.
type pupil interface {
	Source
	Learner
	teach(t *testing.T, kind LessonKind, minute int)
}

type memoryPupil struct{ *Memory }

func (m memoryPupil) teach(t *testing.T, kind LessonKind, minute int) {
	check(t, m.Teach(context.Background(), aboutTom(kind, minute)))
}

type storePupil struct{ *Store }

func (s storePupil) teach(t *testing.T, kind LessonKind, minute int) {
	check(t, teach(s.Store, aboutTom(kind, minute)))
	fold(t, s.Store, 1)
}

func aboutTom(kind LessonKind, minute int) Lesson {
	return Lesson{Kind: kind, Author: "a.nowak@corp.test", Recipient: "Tom@there.test", At: noon.Add(time.Duration(minute) * time.Minute)}
}

func eachPupil(t *testing.T, test func(t *testing.T, p pupil)) {
	t.Run("memory", func(t *testing.T) { test(t, memoryPupil{NewMemory(memoryOptions())}) })
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) { test(t, storePupil{newStore(open())}) })
}

func taught(t *testing.T, p pupil) *Contact {
	t.Helper()
	return past(t, p, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}}).Taught("tom@there.test")
}

func TestLesson_OfAStrangerMakesNoContact(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		p.teach(t, LessonStopped, 1)
		the := past(t, p, Query{Author: "anna@corp.test", Recipients: []string{"tom@there.test"}})
		if the == nil || len(the.Contacts) != 0 || the.Contact("tom@there.test") != nil || the.Mails != 0 {
			t.Fatalf("a mail that was stopped made him a contact: %s", write(the, Query{}))
		}
		if c := taught(t, p); c == nil || c.Doubted != 1 || !c.LastDoubt.Equal(noon.Add(time.Minute)) {
			t.Fatalf("he is %+v", c)
		}
		check(t, p.Learn(context.Background(), []Event{wrote(5, "5", "anna@corp.test", "tom@there.test")}))
		the = past(t, p, Query{Author: "anna@corp.test"})
		if c := the.Contact("tom@there.test"); c == nil || c.Sent != 1 || c.Doubted != 1 || len(the.strangers) != 0 {
			t.Errorf("once he got a mail he is %+v", c)
		}
	})
}

func TestLesson_FrequencyIsNoTrust(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		p.teach(t, LessonNotForMe, 1)
		for i := range 50 {
			check(t, p.Learn(context.Background(), []Event{wrote(10+i, fmt.Sprint(i), "anna@corp.test", "tom@there.test")}))
		}
		if c := taught(t, p); c.Doubted != 1 || c.Sent != 50 {
			t.Errorf("after fifty mails that nobody answered he is %+v", c)
		}
	})
}

func TestLesson_ThreeMailsThatWereAnsweredTakeADoubtAway(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		p.teach(t, LessonOops, 1)
		p.teach(t, LessonStopped, 2)
		minute := 10
		exchange := func() {
			check(t, p.Learn(context.Background(), []Event{wrote(minute, fmt.Sprint("to", minute), "anna@corp.test", "tom@there.test"),
				wrote(minute+1, fmt.Sprint("fro", minute), "tom@there.test", "anna@corp.test"),
				wrote(minute+2, fmt.Sprint("more", minute), "tom@there.test", "anna@corp.test")})) // a second answer counts nothing
			minute += 10
		}
		var doubted []int
		for range 7 {
			exchange()
			doubted = append(doubted, taught(t, p).Doubted)
		}
		if got := fmt.Sprint(doubted); got != "[2 2 1 1 1 0 0]" {
			t.Errorf("the doubts were %s", got)
		}
	})
}

func TestLesson_AWordForThemTakesAllDoubtsAway(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		p.teach(t, LessonStopped, 1)
		p.teach(t, LessonOops, 2)
		p.teach(t, LessonBounced, 3)
		if c := taught(t, p); c.Doubted != 2 || !c.Bounced {
			t.Errorf("he is %+v", c)
		}
		p.teach(t, LessonRight, 4)
		if c := taught(t, p); c.Doubted != 0 || !c.LastDoubt.IsZero() || c.Bounced || c.Vouched != 1 || !c.LastVouched.Equal(noon.Add(4*time.Minute)) {
			t.Errorf("then he is %+v", c)
		}
		p.teach(t, LessonStopped, 5)
		if c := taught(t, p); c.Doubted != 1 || c.Vouched != 1 {
			t.Errorf("and then %+v", c)
		}
	})
}

func TestLesson_WhoAnswersIsThere(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		p.teach(t, LessonBounced, 5)
		check(t, p.Learn(context.Background(), []Event{wrote(1, "1", "tom@there.test", "anna@corp.test")})) // from before
		if c := taught(t, p); !c.Bounced {
			t.Errorf("he is %+v", c)
		}
		check(t, p.Learn(context.Background(), []Event{wrote(9, "2", "tom@there.test", "anna@corp.test")}))
		if c := taught(t, p); c.Bounced {
			t.Errorf("then he is %+v", c)
		}
	})
}

func TestP11_OfTheExcludedNoLessonIsLearned(t *testing.T) {
	eachPupil(t, func(t *testing.T, p pupil) {
		for _, l := range []Lesson{{LessonStopped, "works@corp.test", "tom@there.test", noon}, {LessonStopped, "anna@corp.test", "works@corp.test", noon},
			{LessonStopped, "tom@there.test", "anna@corp.test", noon}} {
			if s, ok := p.(storePupil); ok {
				check(t, teach(s.Store, l))
				fold(t, s.Store, 0)
			} else {
				check(t, p.(memoryPupil).Teach(context.Background(), l))
			}
		}
		if p := past(t, p, Query{Author: "anna@corp.test"}); p != nil {
			t.Errorf("something was learned: %s", write(p, Query{}))
		}
	})
}

func TestP11_LessonsAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		s := storePupil{newStore(d)}
		s.teach(t, LessonStopped, 1)
		if _, err := s.Forget(context.Background(), "tom@there.test"); err != nil {
			t.Fatal(err)
		}
		wantNowhere(t, d, []byte("tom@there.test"))
		s.teach(t, LessonStopped, 1)
		s.teach(t, LessonRight, 20*24*60)
		s.Keep(s.o.Now().Sub(noon) - 10*24*time.Hour)
		if _, err := s.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if c := taught(t, s); c == nil || c.Vouched != 1 {
			t.Errorf("he is %+v", c)
		}
		s.Keep(s.o.Now().Sub(noon) - 25*24*time.Hour)
		if _, err := s.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, "learned_profile"); n != 0 {
			t.Errorf("%d profiles are left", n)
		}
	})
}
