package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestCluesAreTheWritersOwn(t *testing.T) {
	message := "Subject: =?utf-8?q?Odp:_RE:_Ceny_d=C5=BAwigu?=\r\nDate: Mon, 9 Mar 2026 12:00:00 +0100\r\nAccept-Language: pl-PL, en\r\n" +
		"Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"Dzi=EAkuj=EA, pasuje.\r\n> We could come on Monday.\r\nWys=B3ano z iPhone'a\r\nOn 9 March 2026 11:00, Robert wrote:\r\nWe could come.\r\n"
	want := Clues{AcceptLanguage: "pl-PL, en", Date: "Mon, 9 Mar 2026 12:00:00 +0100", Subject: "Odp: RE: Ceny dźwigu",
		Words: "ceny dźwigu\nDziękuję, pasuje."}
	if got := CluesOf([]byte(message)); got != want {
		t.Errorf("clues %+v, want %+v", got, want)
	}
}

func TestCluesOfWhatCannotBeReadAreItsSubject(t *testing.T) {
	want := Clues{Subject: "Re: Offer", Words: "offer"}
	for name, r := range map[string]io.Reader{"broken": iotest.ErrReader(errors.New("gone")), "erased": strings.NewReader("")} {
		if got := ReadClues(r, "Re: Offer"); got != want {
			t.Errorf("%s: clues %+v, want %+v", name, got, want)
		}
	}
	long := "Subject: Offer\r\n\r\n" + strings.Repeat("Good morning. ", 1_000_000)
	if got := ReadClues(strings.NewReader(long), "?"); len(got.Words) > maxClues+100 || got.Subject != "Offer" {
		t.Errorf("of a long mail %d octets were looked at", len(got.Words))
	}
}
