package expect_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/guard/expect"
	"belay/internal/guard/explain"
	"belay/internal/history"
	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/reading"
)

// text is what the mail of a matter says.
func text(matter int) string { return fmt.Sprintf(matters[matter].text, 9) }

// visit is a conversation from which Paula was left off after its first mail; it
// ends with a mail of Hugo's.
func (w *world) visit() *letter {
	a := w.learn(letter{from: anna, to: []string{greta, hugo, paula}, subject: "Joint visit", text: "Hi all,\n\nwe meet at the quay.\n\nAnna"})
	b := w.learn(letter{from: greta, to: []string{anna, hugo}, subject: "Re: Joint visit", answers: a, text: "Hi Anna,\n\nlet us leave Kestrel out of this.\n\nGreta" + quote(a)})
	c := w.learn(letter{from: anna, to: []string{greta, hugo}, subject: "Re: Joint visit", answers: b, text: "Hi Greta,\n\nfine.\n\nAnna" + quote(b)})
	return w.learn(letter{from: hugo, to: []string{greta, anna}, subject: "Re: Joint visit", answers: c, text: "Hi,\n\nthe price is too high.\n\nHugo" + quote(c)})
}

// TestEachMistakeIsDoubtedAndSaid makes mistakes whose reason is plain.
func TestEachMistakeIsDoubtedAndSaid(t *testing.T) {
	words, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := firm(t)
	asked := w.learn(letter{from: greta, to: []string{anna}, subject: "Bearings", text: "Hi Anna,\n\nwhere are the bearings for the crane?\n\nGreta"})
	for range 4 {
		w.learn(letter{from: robert, to: []string{"Nora Quist <nora.quist@corp.test>"}, subject: "Rota", text: "Hi Nora,\n\nthe rota hangs in the kitchen."})
		w.learn(letter{from: sofia, to: []string{"Nora Quist <nora.quist@corp.test>"}, subject: "Keys", text: "Hi Nora,\n\nthe keys are at the desk."})
	}
	visit := w.visit()
	for _, c := range []struct {
		name    string
		mail    letter
		wrong   string
		say     []string
		instead string
	}{
		{"a slip in the address", letter{to: []string{"Greta Lind <greta.lnid@heron.test>"}, subject: "Harbour crane 9", text: "Hi Greta,\n\n" + text(0)},
			"greta.lnid@heron.test", []string{"slip"}, greta},
		{"a slip in the address, without name and greeting", letter{to: []string{"greta.lnid@heron.test"}, subject: "Harbour crane 9", text: text(0)},
			"greta.lnid@heron.test", []string{"slip"}, greta},
		{"a slip in the domain", letter{to: []string{"greta.lind@heorn.test"}, subject: "Harbour crane 9", text: "Hi Greta,\n\n" + text(0)},
			"greta.lind@heorn.test", []string{"slip"}, greta},
		{"a slip beside the right address", letter{to: []string{greta, hugo, "Greta Lind <greta.lnid@heron.test>"}, subject: "Quay survey 9", text: greet([]string{greta, hugo}) + text(1)},
			"greta.lnid@heron.test", []string{"beside"}, ""},
		{"a slip in an address that the mail quotes", letter{to: []string{"Jane Doe <jane.deo@newco.test>"}, subject: "Re: Introduction",
			text: "Dear Jane,\n\nthank you.\n\nAnna\n\n-----Original Message-----\nFrom: Jane Doe [mailto:jane.doe@newco.test]\nTo: Anna Falk\nSubject: Introduction\n\nDear Anna, I am new here."},
			"jane.deo@newco.test", []string{"near"}, "Jane Doe <jane.doe@newco.test>"},
		{"a slip in a colleague's address whom others write to", letter{to: []string{"Nora Quist <nora.qiust@corp.test>"}, subject: "Parking", text: "Dear Nora,\n\nwhere may I park?"},
			"nora.qiust@corp.test", []string{"near"}, "Nora Quist <nora.quist@corp.test>"},
		{"a private mailbox", letter{to: []string{"Greta Lind <greta.lind@gmail.com>"}, subject: "Harbour crane 9", text: "Hi Greta,\n\n" + text(0)},
			"greta.lind@gmail.com", []string{"twin"}, greta},
		{"a private mailbox beside a colleague", letter{to: []string{"Greta Lind <greta.lind@gmail.com>", hugo}, subject: "Quay survey 9", text: "Hi Greta and Hugo,\n\n" + text(1)},
			"greta.lind@gmail.com", []string{"twin"}, greta},
		{"another client is greeted", letter{to: []string{paula}, subject: "Harbour crane 9", text: "Hi Greta,\n\n" + text(0)},
			paula, []string{"greeted"}, greta},
		{"another client's mail is answered", letter{to: []string{paula}, subject: "Re: Bearings", answers: asked, text: "Hi,\n\nthey come on Monday.\n\nAnna" + quote(asked)},
			paula, []string{"answers", "thread"}, greta},
		{"a client on mail for colleagues", letter{to: []string{robert, sofia, ines}, subject: "Budget round 9", text: greet([]string{robert, sofia}) + text(7)},
			ines, []string{"apart"}, ""},
		{"who was left off is back", letter{to: []string{greta, hugo, paula}, subject: "Re: Joint visit", answers: visit, text: "Hi Hugo,\n\nI agree.\n\nAnna" + quote(visit)},
			paula, []string{"returned"}, ""},
		{"somebody new to a conversation", letter{to: []string{greta, hugo, ines}, subject: "Re: Joint visit", answers: visit, text: "Hi Hugo,\n\nI agree.\n\nAnna" + quote(visit)},
			ines, []string{"thread", "apart"}, ""},
		{"a stranger's private mailbox among people who know each other", letter{to: []string{greta, hugo, "zed77@gmail.com"}, subject: "Quay survey 9", text: greet([]string{greta, hugo}) + text(1)},
			"zed77@gmail.com", []string{"stranger"}, ""},
	} {
		c.mail.from = anna
		v := w.judge(c.mail)
		r, s := ratingOf(t, &v, c.wrong), unlikely(&v, c.wrong)
		if r.Strength < 0.5 || s == nil {
			t.Errorf("%s: not doubted: %+v", c.name, r)
			continue
		}
		if !slices.Contains(c.say, s.Say) {
			t.Errorf("%s: it says %q", c.name, s.Say)
		}
		if who := mail.Key(boxes(c.instead)[0].Address); c.instead != "" && (r.Instead[0] != who || s.Instead[0] != who) {
			t.Errorf("%s: %v is offered instead, and %v with the signal", c.name, r.Instead, s.Instead)
		}
		for _, one := range v.Ratings {
			if one.Recipient != r.Recipient && one.Strength >= 0.5 {
				t.Errorf("%s: %s is doubted too: %+v", c.name, one.Recipient, one)
			}
		}
		for _, code := range locale.Codes {
			if err := explain.Check(words.For(code), *s); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCleanMailOfTheSamePeopleIsLeftAlone(t *testing.T) {
	w := firm(t)
	visit := w.visit()
	list := []letter{
		{to: []string{greta, hugo}, subject: "Re: Joint visit", answers: visit, text: "Hi Hugo,\n\nI agree.\n\nAnna" + quote(visit)},
		{to: []string{greta}, subject: "Lunch", text: "Hi Greta,\n\nshall we have lunch?"},
		{to: []string{robert}, subject: "Lunch", text: "shall we have lunch?"},
		{to: []string{victor}, subject: "Welcome", text: "Hi Victor,\n\nwelcome aboard. Your desk is by the window."},
		{to: []string{"Jane Doe <jane.doe@newco.test>"}, subject: "Nice to meet you", text: "Dear Jane,\n\nit was nice to meet you yesterday."},
		{to: []string{greta, "Olga Frisk <olga.frisk@heron.test>"}, subject: "Harbour crane 9", text: "Hi Greta and Olga,\n\n" + text(0)},
		{to: []string{sofia}, subject: "", text: ""},
	}
	for k := range matters {
		m := &matters[k]
		list = append(list, letter{to: m.who, subject: fmt.Sprintf(m.subject, 9), text: greet(m.who) + text(k)},
			letter{to: m.who, subject: fmt.Sprintf(m.subject, 9), text: text(k)})
	}
	for _, l := range list {
		l.from = anna
		v := w.judge(l)
		for _, r := range v.Ratings {
			if r.Strength >= 0.5 {
				t.Errorf("%q to %v: %+v", l.subject, l.to, r)
			}
		}
		if len(v.Ratings) != len(l.to) {
			t.Errorf("%q to %v: %d ratings", l.subject, l.to, len(v.Ratings))
		}
	}
}

// TestTheGreetingCountsInSixLanguages: a mail for Greta goes to Paula.
func TestTheGreetingCountsInSixLanguages(t *testing.T) {
	w := firm(t)
	for code, body := range map[string][2]string{
		"en": {"Dear Greta,", "the parts have come. Please call me."},
		"pl": {"Dzień dobry Greta,", "części już przyszły. Proszę o telefon."},
		"es": {"Hola Greta:", "ya han llegado las piezas. Llámame, por favor."},
		"it": {"Ciao Greta,", "i pezzi sono arrivati. Chiamami, per favore."},
		"tr": {"Merhaba Greta Hanım,", "parçalar geldi. Lütfen beni arayın."},
		"nb": {"Hei Greta,", "delene har kommet. Ring meg, er du snill."},
	} {
		v := w.judge(letter{from: anna, to: []string{paula}, subject: "", text: body[0] + "\n\n" + body[1]})
		r, s := ratingOf(t, &v, paula), unlikely(&v, paula)
		if r.Strength < 0.5 || s == nil || s.Say != "greeted" || r.Instead[0] != "greta.lind@heron.test" {
			t.Errorf("%s: %+v %+v", code, r, s)
		}
		v = w.judge(letter{from: anna, to: []string{greta}, subject: "", text: body[0] + "\n\n" + body[1]})
		if r := ratingOf(t, &v, greta); r.Strength >= 0.5 {
			t.Errorf("%s: the right one is doubted: %+v", code, r)
		}
	}
}

// Before 25 mails, and where the author knows fewer than four, there is nobody to
// compare with.
func TestNobodyIsRatedBeforeEnoughIsKnown(t *testing.T) {
	const slip = "greta.lnid@heron.test"
	all := []string{greta, hugo, paula, oscar, ines, tomas, robert}
	for people, never := range map[int]bool{7: false, 3: true} {
		w := empty(t)
		for n := range 30 {
			v := w.judge(letter{from: anna, to: []string{slip}, subject: "x", text: "Hi Greta"})
			if rated := v.RatingOf(slip) != nil; rated != (n >= 25 && !never) || !rated && unlikely(&v, slip) != nil {
				t.Errorf("after %d mails to %d people: %+v", n, people, v)
			}
			w.learn(letter{from: anna, to: []string{all[n%people]}, subject: "x", text: "Hi"})
		}
	}
}

func TestNothingKnownGivesNothing(t *testing.T) {
	d := expect.New(expect.Options{})
	f := empty(t).facts(&letter{from: anna, to: []string{greta}})
	texts := reading.FromTexts("", "", nil, false)
	for _, past := range []*history.Past{nil, {}, {Mails: 100}, {Mails: 100, Self: &history.Profile{}}} {
		l := &guard.Look{Facts: &f, Mail: texts, Past: past, Keys: []string{"greta.lind@heron.test"}, Own: isOurs}
		signals, ratings, err := d.Close(t.Context(), l, nil)
		if err != nil || len(signals) > 0 {
			t.Errorf("%+v: %v, %v, %v", past, signals, ratings, err)
		}
	}
	none := expect.New(expect.Options{Model: func(string) *expect.Model { return nil }})
	l := &guard.Look{Facts: &f, Mail: texts, Past: &history.Past{Mails: 100, Self: &history.Profile{}}, Own: isOurs}
	if signals, ratings, err := none.Close(t.Context(), l, nil); err != nil || signals != nil || ratings != nil {
		t.Errorf("without a model: %v, %v, %v", signals, ratings, err)
	}
}

// TestWhatCameToLightCounts: what past mail cannot show is learned from what
// people said about it.
func TestWhatCameToLightCounts(t *testing.T) {
	mails := map[string]letter{
		"odd":   {from: anna, to: []string{paula}, subject: "Harbour crane 9", text: "Hi,\n\n" + text(0)},
		"clean": {from: anna, to: []string{paula}, subject: "Payroll module 9", text: "Hi Paula,\n\n" + text(2)},
	}
	for name, l := range mails {
		before := map[history.LessonKind]float64{}
		for _, kind := range []history.LessonKind{history.LessonStopped, history.LessonOops, history.LessonNotForMe, history.LessonBounced, history.LessonRight} {
			w := firm(t)
			v := w.judge(l)
			before[kind] = ratingOf(t, &v, paula).Probability
			last := before[kind]
			for range 2 {
				if err := w.memory.Teach(t.Context(), history.Lesson{Kind: kind, Author: "anna.falk@corp.test", Recipient: "paula.stern@kestrel.test", At: w.now}); err != nil {
					t.Fatal(err)
				}
				v = w.judge(l)
				now := ratingOf(t, &v, paula).Probability
				if kind == history.LessonRight && now > last || kind != history.LessonRight && now < last {
					t.Errorf("%s, %s: from %v to %v", name, kind, last, now)
				}
				last = now
			}
			if right := kind == history.LessonRight; last == before[kind] || (last < before[kind]) != right {
				t.Errorf("%s, %s: from %v to %v", name, kind, before[kind], last)
			}
			if s := unlikely(&v, paula); kind != history.LessonRight && name == "odd" && (s == nil || s.Say != "doubted") {
				t.Errorf("%s, %s: it says %+v", name, kind, s)
			}
		}
	}
}

// TestTheSameMailIsRatedTheSame also when many are looked at at once.
func TestTheSameMailIsRatedTheSame(t *testing.T) {
	w := firm(t)
	facts := make([]guard.Facts, len(matters))
	want := make([]string, len(matters))
	for k := range matters {
		facts[k] = w.facts(&letter{from: anna, to: []string{paula, matters[k].who[0]}, subject: "Re: " + matters[k].subject, text: "Hi Greta,\n\n" + text(k)})
		want[k] = shown(w.guard.Judge(t.Context(), facts[k]))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for k := range facts {
				if got := shown(w.guard.Judge(t.Context(), facts[k])); got != want[k] {
					t.Errorf("mail %d:\n%s\n%s", k, got, want[k])
				}
			}
		})
	}
	all.Wait()
}

func shown(v guard.Verdict) string { return fmt.Sprintf("%+v %+v", v.Ratings, v.Signals) }

// TestHostileMailIsJudgedInTime: nothing in a mail makes it break down, or take
// long.
func TestHostileMailIsJudgedInTime(t *testing.T) {
	w := firm(t)
	crowd := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("Somebody %d <s%d@many%d.test>", i, i, i%50))
		}
		return list
	}
	for name, l := range map[string]letter{
		"500 recipients":     {to: crowd(500), subject: "x", text: "Hi all"},
		"60 recipients":      {to: crowd(60), subject: "x", text: "Hi all"},
		"nothing":            {to: []string{greta}},
		"nobody":             {},
		"twice the same":     {to: []string{greta, "Greta <GRETA.LIND@heron.test>", greta}, subject: "x", text: "Hi Greta"},
		"herself":            {to: []string{anna, greta}, subject: "x", text: "Hi Greta"},
		"a huge text":        {to: []string{greta, paula}, subject: strings.Repeat("Re: ", 10_000), text: strings.Repeat("Greta Lind <greta.lind@heron.test> wrote: ", 50_000)},
		"one word":           {to: []string{greta}, subject: "x", text: strings.Repeat("a", 2_000_000)},
		"quotes":             {to: []string{greta}, subject: "x", text: strings.Repeat("> ", 500_000) + "Greta"},
		"many lines":         {to: []string{greta}, subject: "x", text: strings.Repeat("\n> On Monday, Greta wrote:\n", 50_000)},
		"no address":         {to: []string{"Greta <@>", "x", "@@", "<>"}, subject: "x", text: "Hi"},
		"long address":       {to: []string{strings.Repeat("a", 5000) + "@" + strings.Repeat("b.", 2000) + "test"}, subject: "x", text: "Hi"},
		"no letters at all":  {to: []string{greta}, subject: "\x00\xff\xfe", text: "\xff\xfe\x00\u202e\u200b,,,,::::"},
		"its own references": {to: []string{greta}, subject: "x", text: "Hi", answers: &letter{id: "loop", refs: []string{"loop", "loop"}}, id: "loop"},
	} {
		l.from = anna
		start := time.Now()
		v := w.judge(l)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: it took %s", name, took)
		}
		seen := map[string]bool{}
		for _, r := range v.Ratings {
			if seen[r.Recipient] || !(r.Probability >= 0 && r.Probability <= 1 && r.Strength >= 0 && r.Strength <= 1) {
				t.Errorf("%s: %+v", name, r)
			}
			seen[r.Recipient] = true
		}
		for _, s := range v.Signals {
			if s.Code == guard.CodeFailed && s.Facts["Detector"] != "reading" {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}

func FuzzAnyTextIsRated(f *testing.F) {
	for k := range matters {
		f.Add(matters[k].subject, "Hi Greta,\n\n"+text(k)+"\n\nOn Monday, Greta Lind <greta.lind@heron.test> wrote:\n> to Paula\n", "Greta <greta.lnid@heron.test>")
	}
	f.Add("Fwd: \x00", "-----Original Message-----\nFrom: x\nTo: y\n", "@")
	f.Add("", "", "")
	w := firm(f)
	f.Fuzz(func(t *testing.T, subject, text, to string) {
		w := *w
		w.t = t
		v := w.judge(letter{from: anna, to: []string{to, greta}, subject: subject, text: text})
		for _, r := range v.Ratings {
			if !(r.Probability >= 0 && r.Probability <= 1 && r.Strength >= 0 && r.Strength <= 1) {
				t.Errorf("%+v", r)
			}
		}
		for _, s := range v.Signals {
			if s.Code == guard.CodeFailed && s.Facts["Detector"] != "reading" {
				t.Errorf("%+v", s)
			}
		}
	})
}

// P10: on a mail to very many somebody always looks odd; but an address that is a
// slip of another on it does so among any number.
func TestP10_OnAMailToACrowdOnlyWhatIsPlainIsAskedAbout(t *testing.T) {
	w := firm(t)
	l := letter{from: anna, subject: "Invitation", text: "Dear all,\n\nplease come to our summer party."}
	given := strings.Fields("Ada Bruno Clara Dario Edda Felix Gitte Henrik Irena Jonas")
	family := strings.Fields("Abbott Brandt Corsini Duran Eklund Fischer Grieg Hollis Iversen")
	for i := range 90 {
		g, f := given[i%10], family[i/10]
		l.to = append(l.to, fmt.Sprintf("%s %s <%s.%s@%s.test>", g, f, strings.ToLower(g), strings.ToLower(f), strings.ToLower(family[(i+i/10)%9])))
	}
	v := w.judge(l)
	if len(v.Ratings) != len(l.to) {
		t.Fatalf("%d ratings of %d recipients", len(v.Ratings), len(l.to))
	}
	for _, r := range v.Ratings {
		if r.Strength >= 0.5 {
			t.Errorf("%+v", r)
		}
	}
	l.to = append(l.to, greta, "Greta Lind <greta.lnid@heron.test>")
	v = w.judge(l)
	if r := ratingOf(t, &v, "greta.lnid@heron.test"); r.Strength < 0.5 {
		t.Errorf("a slip is not doubted: %+v", r)
	}
}
