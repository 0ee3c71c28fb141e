package locale

import (
	"testing"
	"testing/fstest"
	"time"
)

func load(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOwnWordsAreCompleteInSixLanguages(t *testing.T) {
	if err := load(t).Complete(); err != nil {
		t.Fatal(err)
	}
}

func TestTheReadersLanguageIsFound(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		wishes []string
		want   string
	}{
		{nil, "en"},
		{[]string{""}, "en"},
		{[]string{"pl"}, "pl"},
		{[]string{"pl-PL,pl;q=0.9,en;q=0.8"}, "pl"},
		{[]string{"de-DE,de;q=0.9,it;q=0.4"}, "it"},
		{[]string{"es-MX"}, "es"},
		{[]string{"no"}, "nb"},
		{[]string{"nn-NO, en;q=0.2"}, "nb"},
		{[]string{"tr_TR"}, "tr"},
		{[]string{"zh", "tr"}, "tr"},
		{[]string{"*"}, "en"},
		{[]string{"%%%; q=x", "nb"}, "nb"},
	} {
		if got := c.For(test.wishes...).Code(); got != test.want {
			t.Errorf("For(%q) = %s, want %s", test.wishes, got, test.want)
		}
	}
	if l := c.Find("zh-CN"); l != nil {
		t.Errorf("Find of Chinese gave %s, want none", l.Code())
	}
}

func TestDurationsHavePluralForms(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		code             string
		d                time.Duration
		plain, until, ag string
	}{
		{"en", time.Minute, "1 minute", "in 1 minute", "1 minute ago"},
		{"en", 4*time.Minute + 40*time.Second, "5 minutes", "in 5 minutes", "5 minutes ago"},
		{"en", 80 * time.Minute, "1 hour 20 minutes", "in 1 hour 20 minutes", "1 hour 20 minutes ago"},
		{"en", 23*time.Hour + 59*time.Minute + 45*time.Second, "1 day", "in 1 day", "1 day ago"},
		{"en", 59600 * time.Millisecond, "1 minute", "in 1 minute", "1 minute ago"},
		{"pl", time.Minute, "1 minuta", "za 1 minutę", "1 minutę temu"},
		{"pl", 2 * time.Minute, "2 minuty", "za 2 minuty", "2 minuty temu"},
		{"pl", 5 * time.Minute, "5 minut", "za 5 minut", "5 minut temu"},
		{"pl", 22 * time.Second, "22 sekundy", "za 22 sekundy", "22 sekundy temu"},
		{"pl", 12 * time.Second, "12 sekund", "za 12 sekund", "12 sekund temu"},
		{"pl", 49 * time.Hour, "2 dni 1 godzina", "za 2 dni 1 godzinę", "2 dni 1 godzinę temu"},
		{"es", 61 * time.Minute, "1 hora y 1 minuto", "dentro de 1 hora y 1 minuto", "hace 1 hora y 1 minuto"},
		{"it", 3 * time.Hour, "3 ore", "tra 3 ore", "3 ore fa"},
		{"tr", 5 * time.Minute, "5 dakika", "5 dakika sonra", "5 dakika önce"},
		{"nb", 2 * time.Minute, "2 minutter", "om 2 minutter", "for 2 minutter siden"},
	} {
		l := c.For(test.code)
		if got := l.Duration(test.d); got != test.plain {
			t.Errorf("%s: Duration(%v) = %q, want %q", test.code, test.d, got, test.plain)
		}
		if got := l.Until(test.d); got != test.until {
			t.Errorf("%s: Until(%v) = %q, want %q", test.code, test.d, got, test.until)
		}
		if got := l.Ago(test.d); got != test.ag {
			t.Errorf("%s: Ago(%v) = %q, want %q", test.code, test.d, got, test.ag)
		}
	}
	if got := c.For("it").Until(-time.Minute); got != "adesso" {
		t.Errorf("what is over is %q, want adesso", got)
	}
}

func TestDatesReadNaturally(t *testing.T) {
	c := load(t)
	at := time.Date(2025, 3, 14, 13, 5, 0, 0, time.UTC)
	zone := time.FixedZone("", 3600)
	for code, want := range map[string]string{
		"en": "Friday, 14 March 2025 at 14:05",
		"pl": "piątek, 14 marca 2025, godz. 14:05",
		"es": "viernes, 14 de marzo de 2025, a las 14:05",
		"it": "venerdì 14 marzo 2025, ore 14:05",
		"tr": "14 Mart 2025 Cuma, saat 14:05",
		"nb": "fredag 14. mars 2025 kl. 14:05",
	} {
		if got := c.For(code).In(zone).DateTime(at); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	late := time.Date(2025, 3, 14, 23, 30, 0, 0, time.UTC)
	if got := c.For("en").When(late.Add(time.Hour), late); got != "tomorrow at 00:30" {
		t.Errorf("an hour after half past eleven is %q, want tomorrow", got)
	}
	if got := c.For("en").In(zone).When(late.Add(time.Hour), late); got != "01:30" {
		t.Errorf("one zone further east both are on one day, got %q", got)
	}
	if got := c.For("en").In(time.FixedZone("", 5*3600+1800)).Zone(at); got != "UTC+5:30" {
		t.Errorf("zone is %q", got)
	}
}

func TestListsNumbersSizes(t *testing.T) {
	c := load(t)
	if got := c.For("es").List([]string{"Ana", "Luis", "Irene"}); got != "Ana, Luis e Irene" {
		t.Errorf("Spanish list: %q", got)
	}
	if got := c.For("it").List([]string{"Anna", "Emre"}); got != "Anna ed Emre" {
		t.Errorf("Italian list: %q", got)
	}
	if got := c.For("pl").List([]string{"Anna", "Jan"}); got != "Anna i Jan" {
		t.Errorf("Polish list: %q", got)
	}
	if got := c.For("en").Number(1234567); got != "1,234,567" {
		t.Errorf("number: %q", got)
	}
	if got := c.For("pl").Number(1234); got != "1234" {
		t.Errorf("Polish number: %q", got)
	}
	if got := c.For("nb").Size(2_549_000); got != "2,5\u00a0MB" {
		t.Errorf("size: %q", got)
	}
	if got := c.For("en").Size(999_700); got != "1\u00a0MB" {
		t.Errorf("size: %q", got)
	}
}

func TestARoomBringsItsWords(t *testing.T) {
	room := fstest.MapFS{}
	for _, code := range Codes {
		room[code+".yaml"] = &fstest.MapFile{Data: []byte("held:\n  count:\n    one: \"{{.N}} mail of {{.Who}}\"\n    few: f\n    many: m\n    other: \"{{.N}} mails of {{.Who}}\"\n")}
	}
	c, err := Load(room)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	if got := c.For("en").N("held.count", 2, "Who", "Ewa"); got != "2 mails of Ewa" {
		t.Errorf("got %q", got)
	}
	if got := c.For("en").T("no.such.id"); got != "no.such.id" {
		t.Errorf("an unknown id gives %q, want itself", got)
	}
	room["it.yaml"] = &fstest.MapFile{Data: []byte("held:\n  count:\n    other: \"{{.N}} di {{.Chi}}\"\n")}
	if c, err = Load(room); err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(); err == nil {
		t.Error("a lacking form and a strange placeholder were not noticed")
	}
	if _, err := Load(room, room); err == nil {
		t.Error("one id in two catalogues was not noticed")
	}
}

func TestLanguageOfAText(t *testing.T) {
	for want, text := range map[string]string{
		"en": "Please stop this one, I have just sent it to the wrong person by mistake.",
		"pl": "Proszę zatrzymać tę wiadomość, wysłałem ją przez pomyłkę do niewłaściwej osoby.",
		"es": "Por favor, detén este correo, lo he enviado por error a la persona equivocada.",
		"it": "Per favore ferma questo messaggio, l'ho mandato per sbaglio alla persona sbagliata.",
		"tr": "Lütfen bu iletiyi durdurun, yanlışlıkla yanlış kişiye gönderdim, kusura bakmayın.",
		"nb": "Vær så snill å stoppe denne e-posten, jeg sendte den til feil person ved et uhell.",
		"":   "ok",
	} {
		if got := Detect(text); got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
}
