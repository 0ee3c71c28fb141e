package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
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

func FuzzClues(f *testing.F) {
	f.Add([]byte("Subject: Odp: Re: Sv: x\r\nContent-Type: text/html\r\n\r\n<p>Dzień dobry<blockquote>On 1 May 10:00 Eve wrote:"))
	f.Add([]byte("Subject: =?utf-8?b?w7M=?=\n\n> quoted\n-- \nme\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		c := CluesOf(message)
		if !utf8.ValidString(c.Words) {
			t.Errorf("words that are no UTF-8: %q", c.Words)
		}
		if bare := BareSubject(c.Subject); BareSubject(bare) != bare {
			t.Errorf("%q is bare as %q, and that as %q", c.Subject, bare, BareSubject(bare))
		}
	})
}
