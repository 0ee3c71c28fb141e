package greeting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

func TestGreetingsAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Cześć Aniu,\n\nw załączniku", "aniu"},
		{"Dear Bob -\nsee below", "bob"},
		{"Bob,\n\nsee below", "bob"},
		{"Anna!\nsee below", "anna"},
		{"Merhaba Ahmet Bey,\nek", "ahmet+"},
		{"Ahmet Bey merhaba,\nek", "ahmet+"},
		{"Sayın Yılmaz,\nek", "yilmaz+"},
		{"Estimado Sr. García:\nadjunto", "garcia+"},
		{"Gent.ma dott.ssa Rossi,\nin allegato", "rossi+"},
		{"Hei Kari og Ola\nvedlagt", "kari, ola"},
		{"Hi Bob, could you look at this", "bob"},
		{"Hello, Bob.\nsee below", "bob"},
		{"Dzień dobry, Pani Anno,\nprzesyłam", "anno+"},
		{"Szanowny Panie Prezesie Andrzeju,\nprzesyłam", "andrzeju+"},
		{"Priya/Tom/Esther\n\ncrane on Saturday", "priya, tom, esther"},
		{"Hi Bob, hi Jim,\nsee below", "bob, jim"},
		{"Gracias, Santiago, así da gusto", "santiago"},
		{"Estimada D.ª Asunción:\nquedamos", "asuncion+"},
		{"hei torbjorn 12 paller", "torbjorn"},
		{"Dear Mr. and Mrs. Smith,\nsee below", "smith+"},
		{"Buongiorno Avv. Bianchi,\nin allegato", "bianchi+"},

		{"ramon las llaves están en el bar", "ramon"},
		{"serkan bey yarin 7de 12 palet", "serkan+"},
		{"Gülşah Hanım nasılsınız, sekiz kart hazır", "gulsah+"},

		{"ramon tiene las llaves", ""},
		{"Ahmet Bey dün aradı", ""},
		{"Hi all,\nsee below", "group"},
		{"Szanowni Państwo,\nprzesyłam", ""},
		{"Sevgili arkadaşlar,\nek", "group"},
		{"Hei alle!\nvedlagt", "group"},
		{"Dear Hiring Manager,\nsee below", "group"},
		{"Sayın Çatı Kaplama Ltd. Şti. ilgilileri,\nek", "group"},

		{"Hi, Bob called and wants it back", ""},
		{"Bob called and wants it back", ""},
		{"can you look at this", ""},
		{"hi can you look at this", ""},
		{"Florence, 3 May\n\nThe hotel", ""},
		{"Stephen Bennett, a meteorologist, starts today", ""},
		{"\"Dear John, the summer's gone\" is how it starts", ""},
		{"Deniz, güneş, kum - gösterinin adı", ""},
		{"Please print.\n\nThanks - Mo", ""},
		{"Nice, it works now", ""},
		{"> Dear Bob,\n> see below", ""},
		{"", ""},
	} {
		m := reading.FromTexts("", c.text, nil, true)
		got := ""
		if o, ok := openingOf(m.Texts[0].Own); ok {
			var all []string
			for _, g := range o.greeted {
				one := strings.Join(g.words, " ")
				if g.titled {
					one += "+"
				}
				all = append(all, one)
			}
			if got = strings.Join(all, ", "); got == "" && o.group {
				got = "group"
			}
		}
		if got != c.want {
			t.Errorf("%q greets %q, want %q", c.text, got, c.want)
		}
	}
}

// fires gives the score of the one signal, 0 where there is none.
func fires(t *testing.T, l *guard.Look) (guard.Signal, bool) {
	t.Helper()
	signals, err := New().Detect(t.Context(), l)
	if err != nil || len(signals) > 1 {
		t.Fatalf("%v %v", signals, err)
	}
	if len(signals) == 0 || signals[0].Score < guard.DefaultThreshold {
		return guard.Signal{}, false
	}
	return signals[0], true
}

func box(text string) mail.Mailbox {
	name, address, ok := strings.Cut(strings.TrimSuffix(text, ">"), " <")
	if !ok {
		return mail.Mailbox{Address: text}
	}
	return mail.Mailbox{Name: name, Address: address}
}

func TestAGreetingThatFitsNobodyIsNoticed(t *testing.T) {
	for _, c := range []struct {
		body string
		to   []string
		want string // Say, "plain", or "" for nothing
	}{
		{"Cześć Aniu,\nprzesyłam", []string{"Jan Zając <jan@x.test>"}, "plain"},
		{"Cześć Janku,\nprzesyłam", []string{"Jan Zając <jan@x.test>"}, ""},
		{"Dear Mr Smith,\nsee below", []string{"Anna Jones <a.jones@x.test>"}, "plain"},
		{"Dear Mr Smith,\nsee below", []string{"Bob <bob@x.test>"}, ""}, // his family name is not known
		{"Hei Kari og Ola,\nvedlagt", []string{"Kari Lie <kari@x.test>", "Per Moe <per@x.test>"}, "missing"},
		{"Hei Ola,\nvedlagt", []string{"Kari Lie <kari@x.test>", "Per Moe <per@x.test>"}, "many"},
		{"Hi Bob,\nsee below", []string{"Robert Jones <rjones@x.test>"}, ""},
		{"Hi Bill,\nsee below", []string{"W. Jones <wjones@x.test>"}, ""},
		{"Hi Bob,\nsee below", []string{"info@x.test"}, ""},
		{"Hi Bob,\nsee below", []string{"jk1983@x.test"}, ""},
		{"Hi Bob,\nsee below", []string{"Anna Jones <anna@x.test>", "jk1983@x.test"}, ""}, // Bob may be the second
		{"Hi Sweetpea,\nsee below", []string{"Anna Jones <anna@x.test>"}, ""},
		{"Cześć Zofio,\nprzesyłam", []string{"Nowak, Zofia <biuro@x.test>"}, ""},
		{"Hola Jon,\nadjunto", []string{"Juan Pérez <jperez@x.test>"}, ""}, // one name in two languages
		{"Hi Jonh,\nsee below", []string{"John Smith <john@x.test>"}, ""},
		{"Dear Marta,\nsee below", []string{"Maria Rossi <maria.rossi@x.test>"}, "plain"},
		{"Hei Per Arne,\nvedlagt", []string{"Per Erik Strand <per.erik@x.test>"}, "plain"},
	} {
		var to []mail.Mailbox
		for _, text := range c.to {
			to = append(to, box(text))
		}
		got := ""
		if s, ok := fires(t, lookAt("ewa@corp.test", c.body, to...)); ok {
			if got = s.Say; got == "" {
				got = "plain"
			}
		}
		if got != c.want {
			t.Errorf("%q to %v: %q, want %q", c.body, c.to, got, c.want)
		}
	}
}

func TestOneRecipientIsNamedAndSeveralAreTheWholeMail(t *testing.T) {
	jan, tom := box("Jan Zając <jan@x.test>"), box("Tom Berg <tom@x.test>")
	if s, ok := fires(t, lookAt("ewa@corp.test", "Cześć Aniu,\nprzesyłam", jan)); !ok || s.Recipient != "jan@x.test" || s.Facts["To"] != "Jan Zając" || s.Facts["Greeting"] != "Cześć Aniu" {
		t.Errorf("%v %+v", ok, s)
	}
	if s, ok := fires(t, lookAt("ewa@corp.test", "Cześć Aniu,\nprzesyłam", jan, tom)); !ok || s.Recipient != "" {
		t.Errorf("%v %+v", ok, s)
	}
}

func TestWhoIsMeantIsOffered(t *testing.T) {
	memory := history.NewMemory(history.MemoryOptions{Own: func(d string) bool { return d == "corp.test" }})
	anna := box("Anna Nowak <a.nowak@x.test>")
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for i := range 4 {
		e := history.Event{ID: fmt.Sprint(i), Time: at.Add(time.Duration(i) * time.Hour), Author: box("ewa@corp.test"), To: []history.Party{{Mailbox: anna}}}
		if err := memory.Learn(t.Context(), []history.Event{e}); err != nil {
			t.Fatal(err)
		}
	}
	l := lookAt("ewa@corp.test", "Cześć Aniu,\nprzesyłam", box("Jan Zając <jan@x.test>"))
	var err error
	if l.Past, err = memory.Past(t.Context(), history.Query{Author: l.Author, Recipients: l.Keys, Time: at.AddDate(0, 0, 7)}); err != nil {
		t.Fatal(err)
	}
	s, ok := fires(t, l)
	if !ok || fmt.Sprint(s.Instead) != "[a.nowak@x.test]" || s.Score < 0.8 {
		t.Errorf("%v %+v", ok, s)
	}
}

func TestTheDirectoryKnowsNamesAndAssistants(t *testing.T) {
	d, _ := directory.New(&directory.Facts{
		People: []*directory.Person{
			{Name: "Robert Lis", Addresses: []string{"rl@corp.test"}, Assistants: []string{"kasia@corp.test"}},
			{Name: "Katarzyna Wrona", Addresses: []string{"kasia@corp.test"}}},
		Mailboxes: []*directory.Mailbox{{Address: "sprzedaz@corp.test", Kind: directory.KindShared, Name: "Jan Sprzedaż"}},
	}, []string{"corp.test"}, time.UTC)
	for body, want := range map[string]bool{"Bob,\nsee below": false, "Pani Kasiu,\nproszę": false, "Pani Zofio,\nproszę": true} {
		l := lookAt("ewa@corp.test", body, box("rl@corp.test"))
		l.Directory = d
		if _, ok := fires(t, l); ok != want {
			t.Errorf("%q: %v, want %v", body, ok, want)
		}
	}
	l := lookAt("ewa@corp.test", "Zofio,\nproszę", box("sprzedaz@corp.test"))
	if l.Directory = d; l.Directory != nil {
		if _, ok := fires(t, l); ok {
			t.Error("anybody may read a shared mailbox")
		}
	}
}

func TestNobodyIsAskedWhereItSpeaksToNobodyThatCouldBeThere(t *testing.T) {
	body := "Tom,\n\nplease look at this before noon."
	l := lookAt("ewa@corp.test", body, box("Jan Zając <jan@x.test>"))
	if s, _ := New().Detect(t.Context(), l); len(s) != 1 {
		t.Errorf("a mail to Jan that greets Tom: %v", s)
	}
	l.Summary.Cc, l.Summary.To = l.Summary.To, nil
	if s, _ := New().Detect(t.Context(), l); len(s) != 0 {
		t.Errorf("nobody stands in To, Jan reads along: %v", s)
	}
	title := lookAt("ewa@corp.test", "Helena: the storm closes the bridge\n\nFrom our reporter.", box("Jan Zając <jan@x.test>"))
	title.Summary.Subject = "Storm Helena and the bridge"
	if s, _ := New().Detect(t.Context(), title); len(s) != 0 {
		t.Errorf("a title greets nobody: %v", s)
	}
	title.Summary.Subject = "The bridge"
	if s, _ := New().Detect(t.Context(), title); len(s) != 1 {
		t.Errorf("the same words without the subject's: %v", s)
	}
}

func FuzzOpening(f *testing.F) {
	for _, s := range []string{"Cześć Aniu,\nx", "Bob/Jim -", "Sayın Çatı Ltd. ilgilileri", "D.ª Asunción:", "Hi Bob, hi Jim, all", "Dear  Mr.\tX'Y-Z. \xff", "á́ Bey merhaba"} {
		f.Add(s, "Jan Zając", "jan.z@x.test")
	}
	f.Fuzz(func(t *testing.T, text, name, address string) {
		o, ok := openingOf(text)
		if ok && len(o.greeted) == 0 && !o.group {
			t.Errorf("%q greets nobody", text)
		}
		for _, g := range o.greeted {
			if len(g.words) == 0 || !strings.Contains(text, strings.TrimSpace(g.text)) && len(text) < maxLine {
				t.Errorf("%q: %+v", text, g)
			}
		}
		if _, err := New().Detect(t.Context(), lookAt("ewa@corp.test", text, mail.Mailbox{Name: name, Address: address})); err != nil {
			t.Error(err)
		}
	})
}
