package locale

import (
	"testing"
	"time"
)

func TestAWriterIsWrittenToInTheirLanguage(t *testing.T) {
	const polish = "oferta\nProszę przesłać nową ofertę do piątku, najlepiej z cenami za sztukę."
	c := load(t)
	for name, test := range map[string]struct {
		clues     Clues
		otherwise string
		want      string
	}{
		"the header says it":           {Clues{ContentLanguage: "it", AcceptLanguage: "es", Words: polish}, "nb", "it"},
		"a language that nobody has":   {Clues{ContentLanguage: "de", Words: polish}, "nb", "pl"},
		"what the reader accepts":      {Clues{AcceptLanguage: "es-MX, en;q=0.5", Words: polish}, "nb", "es"},
		"the words":                    {Clues{Words: polish, Subject: "Sv: Oferta"}, "nb", "pl"},
		"the program":                  {Clues{Words: "ok", Subject: "Ynt: ok"}, "nb", "tr"},
		"a prefix that many use":       {Clues{Words: "ok", Subject: "Re: ok"}, "nb", "nb"},
		"nothing, and nothing was set": {Clues{}, "", "en"},
	} {
		if got := c.OfWriter(test.clues, test.otherwise).Code(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAWriterReadsTheirOwnClock(t *testing.T) {
	noon := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	c := load(t)
	for field, want := range map[string]string{
		"Mon, 9 Mar 2026 12:00:00 +0530": "17:30", "Mon, 9 Mar 2026 12:00:00 +9900": "12:00", "yesterday": "12:00", "": "12:00",
	} {
		if got := c.OfWriter(Clues{Date: field}, "").Time(noon); got != want {
			t.Errorf("with Date: %q noon is %s, want %s", field, got, want)
		}
	}
}
