package mistake

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/source"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// letterOf is a made-up mail: addresses as people write them, a "cc:" before
// those in Cc.
func letterOf(id string, day float64, subject, from string, to ...string) *source.Line {
	l := &source.Line{ID: id, From: from, Subject: subject, Body: "Hello,\nhere is the offer.\n"}
	l.Date.Time = monday.Add(time.Duration(day * 24 * float64(time.Hour)))
	for _, one := range to {
		if rest, ok := strings.CutPrefix(one, "cc:"); ok {
			l.Cc = append(l.Cc, rest)
			continue
		}
		l.To = append(l.To, one)
	}
	return l
}

func learned(t testing.TB, o Options, lines ...*source.Line) *Maker {
	t.Helper()
	m := New(o)
	for _, l := range lines {
		m.Learn(l)
	}
	return m
}

// pick are the mistakes of one variant and mode ("" is any).
func pick(list []Made, variant, mode string) (out []Made) {
	for _, one := range list {
		if one.Variant == variant && (mode == "" || one.Mode == mode) {
			out = append(out, one)
		}
	}
	return out
}

// the makes one mistake and expects that there is one.
func the(t *testing.T, m *Maker, l *source.Line, variant, mode string) Made {
	t.Helper()
	list := pick(m.Make(l), variant, mode)
	if len(list) != 1 {
		t.Fatalf("%d mistakes %s %s, want one", len(list), variant, mode)
	}
	return list[0]
}

func none(t *testing.T, m *Maker, l *source.Line, variant string) {
	t.Helper()
	for _, one := range pick(m.Make(l), variant, "") {
		t.Errorf("%s is made: %v in place of %v", variant, one.Leaks, one.Meant)
	}
}

func keys(l *source.Line) (list []string) {
	s := l.Summary()
	for _, b := range slices.Concat(s.To, s.Cc) {
		list = append(list, mail.Key(b.Address))
	}
	return list
}

const anna = "Anna Nowak <anna.nowak@corp.test>"

// times is the same mail on so many days.
func times(n int, subject, from string, to ...string) (list []*source.Line) {
	for i := range n {
		list = append(list, letterOf(fmt.Sprintf("%s-%s-%d@corp.test", subject, strings.Join(to, "+"), i), float64(i), fmt.Sprintf("%s %d", subject, i), from, to...))
	}
	return list
}

func TestV0_BeginsWithTheSameLetters(t *testing.T) {
	m := learned(t, Options{Seed: 1}, times(3, "x", anna, "marta@client.test", "marek@other.test", "mia@third.test", "zoe@fourth.test")...)
	one := the(t, m, letterOf("a", 60, "new", anna, "marta@client.test"), "V0", Add)
	if one.Leaks[0] != "marek@other.test" || one.Meant != nil {
		t.Errorf("%v: mar… was there", one.Leaks)
	}
	one = the(t, m, letterOf("b", 60, "new", anna, "marta@client.test", "marek@other.test"), "V0", Add)
	if one.Leaks[0] != "mia@third.test" {
		t.Errorf("%v: m… was there", one.Leaks)
	}
	one = the(t, m, letterOf("c", 60, "new", anna, "xaver@fifth.test", "marta@client.test", "marek@other.test", "mia@third.test"), "V0", Add)
	if one.Leaks[0] != "zoe@fourth.test" {
		t.Errorf("%v: only zoe was left", one.Leaks)
	}
	none(t, m, letterOf("d", 60, "new", anna, "zoe@fourth.test", "marta@client.test", "marek@other.test", "mia@third.test"), "V0")
}

func TestV0_WhoWasButOnTheSameMailIsInNoBook(t *testing.T) {
	m := learned(t, Options{Seed: 1}, times(3, "x", "marta@client.test", anna, "marek@other.test")...)
	none(t, m, letterOf("a", 60, "new", anna, "marta@client.test"), "V0")
	if one := the(t, m, letterOf("a", 60, "new", anna, "jan@corp.test"), "V0", Add); one.Leaks[0] != "marta@client.test" {
		t.Errorf("%v: who wrote to Anna is in her book", one.Leaks)
	}
}

func TestV0_HowOftenALeakIsAStranger(t *testing.T) {
	m := learned(t, Options{Seed: 1}, append(times(3, "x", anna, "marta@client.test", "marek@other.test"),
		letterOf("s", 1, "y", "Jan Berg <jan@corp.test>", "stranger@fifth.test"))...)
	strangers := map[string]int{}
	for i := range 1000 {
		for _, one := range m.Make(letterOf(fmt.Sprint(i), 60, "new", anna, "marta@client.test")) {
			switch one.Leaks[0] {
			case "stranger@fifth.test", "jan@corp.test":
				strangers[one.Variant]++
			}
		}
	}
	for variant, want := range map[string]int{"V0": 0, "V0a.1": 100, "V0a.2": 200, "V0x": 1000} {
		if got := strangers[variant]; got < want*8/10 || got > want*12/10 {
			t.Errorf("%s: %d of 1,000 leaks are strangers, want about %d", variant, got, want)
		}
	}
}

func TestV1_TheFirstSuggestionIsWrong(t *testing.T) {
	// Given somebody written to often, and a namesake in another firm written to now and then,
	past := append(times(9, "often", anna, "Eva Lind <eva.lind@client.test>"), times(2, "seldom", anna, "Eve Hall <eve.hall@other.test>")...)
	m := learned(t, Options{Seed: 1}, past...)
	// then whoever means the second gets the first,
	one := the(t, m, letterOf("a", 60, "new", anna, "Eve Hall <eve.hall@other.test>"), "V1", Replace)
	if one.Leaks[0] != "eva.lind@client.test" || one.Meant[0] != "eve.hall@other.test" {
		t.Errorf("%v in place of %v", one.Leaks, one.Meant)
	}
	if got := keys(one.Line); !slices.Equal(got, []string{"eva.lind@client.test"}) || one.Line.ToNames[0] != "Eva Lind" {
		t.Errorf("the mail goes to %v, called %v", got, one.Line.ToNames)
	}
	// and whoever means the first gets the right suggestion, but by her family name no better one exists.
	none(t, m, letterOf("b", 60, "new", anna, "Eva Lind <eva.lind@client.test>"), "V1")
}

func TestV1_WhatIsLongAgoComesSecond(t *testing.T) {
	past := append(times(9, "often", anna, "eva@client.test"), letterOf("late", 300, "late", anna, "eve@other.test"))
	m := learned(t, Options{Seed: 1}, past...)
	one := the(t, m, letterOf("a", 310, "new", anna, "eva@client.test"), "V1", Replace)
	if one.Leaks[0] != "eve@other.test" {
		t.Errorf("%v: ten months make nine mails less than one", one.Leaks)
	}
}

func TestV2_SameFirstNameElsewhere(t *testing.T) {
	past := []*source.Line{
		letterOf("1", 0, "x", anna, "Tom Reed <tom.reed@client.test>", "Tom Berg <tberg@client.test>"),
		letterOf("2", 1, "y", anna, "Tom Moss <t.moss@other.test>", "Eva Lind <eva@third.test>"),
		letterOf("3", 2, "z", "Jan Berg <jan@corp.test>", "Lind, Kim <kim@third.test>", "Eva Ruiz <e.ruiz@fourth.test>"),
	}
	m := learned(t, Options{Seed: 1}, past...)
	l := letterOf("a", 60, "new", anna, "Tom Reed <tom.reed@client.test>")
	one := the(t, m, l, "V2", Replace)
	if one.Leaks[0] != "t.moss@other.test" || !slices.Equal(keys(one.Line), []string{"t.moss@other.test"}) {
		t.Errorf("%v: the other Tom of another organisation", one.Leaks)
	}
	one = the(t, m, l, "V2", Add)
	if got := keys(one.Line); len(got) != 2 || !slices.Contains(got, "tom.reed@client.test") || !slices.Contains(got, "t.moss@other.test") {
		t.Errorf("added, it goes to %v", got)
	}
	if one = the(t, m, letterOf("b", 60, "new", anna, "Eva Lind <eva@third.test>"), "V2", Replace); one.Leaks[0] != "e.ruiz@fourth.test" {
		t.Errorf("%v: the other Eva stands in a colleague's book", one.Leaks)
	}
	none(t, m, letterOf("c", 60, "new", anna, "Kim Lind <kim@third.test>"), "V2")
}

func TestV3_IsReallySomebodyTakenOff(t *testing.T) {
	opening := letterOf("1", 0, "Plan", "Rex Holt <rex@client.test>", anna, "jan@corp.test")
	off := letterOf("2", 1, "Re: Plan", anna, "jan@corp.test")
	off.InReplyTo = "1"
	next := letterOf("3", 2, "Re: Plan", anna, "jan@corp.test")
	next.InReplyTo, next.References = "2", []string{"1", "2"}
	back := letterOf("2b", 1.5, "Re: Plan", "jan@corp.test", anna, "rex@client.test")
	back.InReplyTo = "2"

	m := learned(t, Options{Seed: 1}, opening, off)
	one := the(t, m, next, "V3", Add)
	if one.Leaks[0] != "rex@client.test" {
		t.Errorf("back comes %v", one.Leaks)
	}
	none(t, m, next, "V3n") // the mail before had no outsider
	// In the very mail in which he is taken off, nothing was taken off before.
	m = learned(t, Options{Seed: 1}, opening)
	none(t, m, off, "V3")
	if one := the(t, m, off, "V3n", Add); one.Leaks[0] != "rex@client.test" {
		t.Errorf("left on is %v", one.Leaks)
	}
	// Whoever was brought back since is no longer off.
	none(t, learned(t, Options{Seed: 1}, opening, off, back), next, "V3")
	// A colleague is no outsider.
	inner := letterOf("1", 0, "Plan", "rex@corp.test", anna, "jan@corp.test")
	none(t, learned(t, Options{Seed: 1}, inner, off), next, "V3")
	// Whom somebody else left out was not taken off by Anna.
	other := letterOf("2", 1, "Re: Plan", "jan@corp.test", anna)
	other.InReplyTo = "1"
	none(t, learned(t, Options{Seed: 1}, opening, other), next, "V3")
	// A mail to nobody else of the thread is another conversation.
	aside := letterOf("2", 1, "Fwd: Plan", anna, "kim@corp.test")
	aside.InReplyTo = "1"
	none(t, learned(t, Options{Seed: 1}, opening, aside), next, "V3")
}

func TestV4_IsOfAnOldPartOfTheThread(t *testing.T) {
	first := letterOf("1", 0, "Plan", anna, "jan@corp.test", "old@client.test")
	second := letterOf("2", 1, "Re: Plan", "jan@corp.test", anna, "kim@corp.test")
	third := letterOf("3", 2, "RE: plan", anna, "jan@corp.test", "kim@corp.test")
	now := letterOf("4", 3, "Re: Plan", anna, "jan@corp.test")
	none(t, learned(t, Options{Seed: 1}, first, second), now, "V4") // absent from one mail alone
	if one := the(t, learned(t, Options{Seed: 1}, first, second, third), now, "V4", Add); one.Leaks[0] != "old@client.test" {
		t.Errorf("back comes %v", one.Leaks)
	}
	now.Date.Time = monday.AddDate(0, 0, 40)
	if one := the(t, learned(t, Options{Seed: 1}, first), now, "V4", Add); one.Leaks[0] != "old@client.test" {
		t.Errorf("after a month comes %v", one.Leaks)
	}
	now.Date.Time = monday.AddDate(0, 0, 3)
	hers := letterOf("1", 0, "Plan", "jan@corp.test", "kim@corp.test", "old@client.test")
	none(t, learned(t, Options{Seed: 1}, hers, second, third), now, "V4") // Anna never had that mail
}

func TestV5_SwapsAllOfAClient(t *testing.T) {
	past := slices.Concat(times(6, "a", anna, "Al One <al@red.test>", "Ann Two <ann@red.test>"),
		times(6, "b", anna, "Bo Three <bo@blue.test>", "Bea Four <bea@blue.test>"),
		times(6, "c", anna, "cy@green.test"), times(1, "both", anna, "cy@green.test", "al@red.test"), times(4, "few", anna, "di@grey.test"),
		times(9, "free", anna, "somebody@gmail.com"))
	m := learned(t, Options{Seed: 1}, past...)
	one := the(t, m, letterOf("a", 60, "new", anna, "al@red.test", "jan@corp.test", "cc:Ann Two <ann@red.test>"), "V5", Replace)
	slices.Sort(one.Leaks)
	if !slices.Equal(one.Leaks, []string{"bea@blue.test", "bo@blue.test"}) || !slices.Equal(one.Meant, []string{"al@red.test", "ann@red.test"}) {
		t.Errorf("%v in place of %v: green stood beside red once, grey is hardly known, and gmail is nobody's", one.Leaks, one.Meant)
	}
	if got := keys(one.Line); len(got) != 3 || got[1] != "jan@corp.test" {
		t.Errorf("it goes to %v", got)
	}
	one = the(t, m, letterOf("b", 60, "new", anna, "al@red.test"), "V5", Replace)
	if len(one.Leaks) != 1 || mail.Domain(one.Leaks[0]) != "blue.test" {
		t.Errorf("one for one: %v", one.Leaks)
	}
	none(t, m, letterOf("c", 60, "new", anna, "di@grey.test", "jan@corp.test"), "V5")
}

func TestV6_SlipsAndPrivateTwins(t *testing.T) {
	past := append(times(3, "x", anna, "Tom Reed <tom.reed@client.test>"), letterOf("e", 1, "y", "jan@corp.test", "Ida Holm <ida.holm@yahoo.com>"))
	m := learned(t, Options{Seed: 1}, past...)
	slips, twins := 0, 0
	for i := range 200 {
		l := letterOf(fmt.Sprint(i), 60, "new", anna, "Tom Reed <tom.reed@client.test>")
		one := the(t, m, l, "V6", Replace)
		leak := one.Leaks[0]
		if m.known(leak) != nil && leak != "tom.reed@client.test" || !mail.ValidAddress(leak) {
			t.Errorf("%s is known, or no address", leak)
		}
		if name := one.Line.Summary().To[0].Name; name != "Tom Reed" {
			t.Errorf("it is called %q", name)
		}
		switch _, domain := mail.Split(leak); {
		case slices.Contains(freeMail, domain):
			twins++
		case distance(leak, "tom.reed@client.test") <= 4: // two swaps are four steps of this measure
			slips++
		default:
			t.Errorf("%s is no slip", leak)
		}
	}
	if slips < 70 || twins < 70 {
		t.Errorf("%d slips and %d twins of 200", slips, twins)
	}
	// A twin that is there is taken.
	seen := map[string]bool{}
	for i := range 50 {
		seen[the(t, m, letterOf(fmt.Sprint("h", i), 60, "new", anna, "Ida Holm <ida.holm@client.test>"), "V6", Replace).Leaks[0]] = true
	}
	if !seen["ida.holm@yahoo.com"] {
		t.Error("her private mailbox was known, and is never taken")
	}
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for k := range len(b) {
			cost := last
			if a[i] != b[k] {
				cost++
			}
			last = row[k+1]
			row[k+1] = min(cost, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}

func TestV7_IsWrittenToAsOften(t *testing.T) {
	m := learned(t, Options{Seed: 1}, slices.Concat(times(5, "a", anna, "five@client.test"), times(7, "b", anna, "seven@other.test"), times(8, "c", anna, "eight@third.test"),
		times(2, "d", anna, "two@fourth.test"))...)
	for _, mode := range []string{Add, Replace} {
		if one := the(t, m, letterOf("a", 60, "new", anna, "five@client.test"), "V7", mode); one.Leaks[0] != "seven@other.test" {
			t.Errorf("%s: %v; 4 to 7 mails are as many, 8 and 2 are not", mode, one.Leaks)
		}
	}
	none(t, m, letterOf("b", 60, "new", anna, "two@fourth.test"), "V7")
	none(t, m, letterOf("c", 60, "new", anna, "first@fifth.test"), "V7")
}

func TestALeakIsNobodyWhoGetsTheMailAnyway(t *testing.T) {
	main := map[string]string{"anna@old.test": "anna.nowak@corp.test", "t.reed@client.test": "tom.reed@client.test"}
	o := Options{Seed: 1, Main: func(a string) string {
		if m := main[a]; m != "" {
			return m
		}
		return a
	}}
	past := slices.Concat(times(3, "x", "Jan Berg <jan@corp.test>", anna, "anna@old.test", "tom.reed@client.test", "t.reed@client.test", "tom.reed+news@client.test"),
		times(3, "y", anna, "t.reed@client.test", "jan@corp.test"))
	m := learned(t, o, past...)
	for i := range 50 {
		for _, one := range m.Make(letterOf(fmt.Sprint(i), 60, "new", anna, "Tom Reed <tom.reed@client.test>", "jan@corp.test")) {
			if one.Variant != "V6" {
				t.Errorf("%s %s leaks to %v", one.Variant, one.Mode, one.Leaks)
			}
		}
	}
}

func TestWhoWasOnTheThreadThisWeekIsNoLeak(t *testing.T) {
	past := append(times(3, "x", anna, "marta@client.test", "marek@other.test"), letterOf("t", 50, "Plan", "marta@client.test", anna, "marek@other.test"))
	m := learned(t, Options{Seed: 1}, past...)
	for _, variant := range []string{"V0", "V7"} {
		none(t, m, letterOf("a", 56, "Re: Plan", anna, "marta@client.test"), variant)
		the(t, m, letterOf("a", 58, "Re: Plan", anna, "marta@client.test"), variant, Add)
		the(t, m, letterOf("b", 56, "Other", anna, "marta@client.test"), variant, Add)
	}
}

func TestNothingLooksAhead(t *testing.T) {
	all := story(300)
	for _, cut := range []int{100, 200} {
		short, long := learned(t, Options{Seed: 7}, all[:cut]...), New(Options{Seed: 7})
		var then []Made
		for i, l := range all {
			if i == cut {
				then = long.Make(l)
			}
			long.Learn(l)
		}
		if got := short.Make(all[cut]); len(got) < 5 || !reflect.DeepEqual(got, then) {
			t.Errorf("what comes after mail %d changed what is made of it", cut)
		}
	}
}

func TestTheSameSeedMakesTheSame(t *testing.T) {
	all := story(300)
	run := func(o Options, askTwice bool) []byte {
		m := New(o)
		var list []Made
		for i, l := range all {
			if askTwice {
				m.Make(all[(i*7)%len(all)])
				m.Make(l)
			}
			list = append(list, m.Make(l)...)
			m.Learn(l)
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	first := run(Options{Seed: 3}, false)
	if string(run(Options{Seed: 3}, false)) != string(first) {
		t.Error("two runs differ")
	}
	if string(run(Options{Seed: 3}, true)) != string(first) {
		t.Error("what else is asked changes what is made")
	}
	if string(run(Options{Seed: 4}, false)) == string(first) {
		t.Error("the seed does nothing")
	}
	// Variants that are not asked for change nothing in the others.
	var only []Made
	m := New(Options{Seed: 3, Variants: []string{"V7"}})
	for _, l := range all {
		only = append(only, m.Make(l)...)
		m.Learn(l)
	}
	var full []Made
	if err := json.Unmarshal(first, &full); err != nil {
		t.Fatal(err)
	}
	if full = pick(full, "V7", ""); len(full) == 0 || len(only) != len(full) {
		t.Errorf("%d of V7 alone, %d among all", len(only), len(full))
	}
}

// story is mail of a small made-up world, n mails, the same each time.
func story(n int) (list []*source.Line) {
	dice := &dice{5}
	names := []string{"Anna", "Tom", "Eva", "Rex", "Kim", "Ida", "Bo", "Marta", "Jan", "Zoe"}
	who := func() string {
		i, org := dice.n(len(names)), dice.n(6)
		return fmt.Sprintf("%s Holm%d <%s.holm%d@firm%d.test>", names[i], org, strings.ToLower(names[i]), org, org)
	}
	for i := range n {
		l := letterOf(fmt.Sprintf("%d@story.test", i), float64(i)/3, fmt.Sprintf("Re: matter %d", dice.n(20)), fmt.Sprintf("Anna Holm%d <anna.holm%d@firm%d.test>", i%2, i%2, i%2), who())
		for range dice.n(4) {
			l.Cc = append(l.Cc, who())
		}
		list = append(list, l)
	}
	return list
}

func TestNothingButRecipientsIsChanged(t *testing.T) {
	all := story(300)
	m := learned(t, Options{Seed: 3}, all[:200]...)
	for _, l := range all[200:] {
		before := fmt.Sprintf("%+v", *l)
		for _, one := range m.Make(l) {
			changed := *one.Line
			changed.To, changed.Cc, changed.ToNames, changed.CcNames = l.To, l.Cc, l.ToNames, l.CcNames
			if !reflect.DeepEqual(&changed, l) {
				t.Errorf("%s changes more than recipients", one.Variant)
			}
			now, was := keys(one.Line), keys(l)
			for _, leak := range one.Leaks {
				if !slices.Contains(now, leak) || slices.Contains(was, leak) {
					t.Errorf("%s %s: %s is no new recipient", one.Variant, one.Mode, leak)
				}
			}
			for _, meant := range one.Meant {
				if slices.Contains(now, meant) || !slices.Contains(was, meant) {
					t.Errorf("%s %s: %s was not replaced", one.Variant, one.Mode, meant)
				}
			}
		}
		if fmt.Sprintf("%+v", *l) != before {
			t.Fatal("the mail itself was changed")
		}
	}
}

func TestNamesAreShownWhereTheMailShowsAny(t *testing.T) {
	m := learned(t, Options{Seed: 1}, times(3, "x", anna, "Marta Lis <marta@client.test>", "Marek Lis <marek@other.test>")...)
	bare := the(t, m, letterOf("a", 60, "new", anna, "marta@client.test"), "V0", Add)
	if s := bare.Line.Summary(); s.To[0].Name+s.To[1].Name != "" {
		t.Errorf("a name tells who is new: %+v", s.To)
	}
	named := the(t, m, letterOf("a", 60, "new", anna, "Marta Lis <marta@client.test>"), "V0", Add)
	for _, b := range named.Line.Summary().To {
		if b.Name == "" {
			t.Errorf("%s has no name", b.Address)
		}
	}
}

func TestOddMailIsBorne(t *testing.T) {
	m := New(Options{})
	for _, l := range []*source.Line{
		{}, {From: "nobody"}, {From: "a@b.test"}, {From: "a@b.test", To: []string{"", "x", "@", "a@b.test", `"odd name"@x.test`}},
		{From: "a@b.test", To: []string{"A@B.test", "c@d.test", "C@d.test"}, InReplyTo: "self", ID: "self"}, {From: "é@b.test", To: []string{"żółć@d.test"}, Subject: "Re: Re: "},
	} {
		m.Make(l)
		m.Learn(l)
		m.Make(l)
	}
}

// BenchmarkMake makes all mistakes of a mail by somebody with 2,000 contacts.
func BenchmarkMake(b *testing.B) {
	m := New(Options{Seed: 1})
	for i := range 2000 {
		m.Learn(letterOf(fmt.Sprint(i), float64(i)/10, fmt.Sprint("s ", i), anna, fmt.Sprintf("First%d Last%d <first%d.last%d@firm%d.test>", i%100, i, i%100, i, i%200)))
	}
	l := letterOf("x", 300, "new", anna, "First1 Last1 <first1.last1@firm1.test>", "First7 Last7 <first7.last7@firm7.test>", "cc:new@new.test")
	for b.Loop() {
		m.Make(l)
	}
}
