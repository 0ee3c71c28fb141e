package notice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"belay/internal/mail"
	"belay/internal/queue"
)

func testTokens(t testing.TB, key string) Tokens {
	t.Helper()
	tokens, err := NewTokens(func([]byte) ([]byte, error) { return []byte(key), nil })
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestTokens_AreForOneMessagePersonActAndTime(t *testing.T) {
	tokens := testTokens(t, "0123456789abcdef")
	id := mail.NewID(clockNow, 7)
	text := tokens.Make(ActStop, id, "Anna@Corp.Test", clockNow.Add(time.Hour))
	if n := len("undo+" + text); n > 64 {
		t.Errorf("with its address a token has %d octets", n)
	}
	token, err := tokens.Read(strings.ToUpper(text))
	if err != nil || token.Act != ActStop || token.ID != id || !token.Expires.Equal(clockNow.Add(time.Hour)) {
		t.Errorf("reads back as %+v, %v", token, err)
	}
	for _, test := range []struct {
		name   string
		tokens Tokens
		act    Act
		person string
		now    time.Time
		want   error
	}{
		{"as made", tokens, ActStop, "anna@corp.test", clockNow, nil},
		{"by a sub-address", tokens, ActStop, "anna+phone@corp.test", clockNow, nil},
		{"in the last second", tokens, ActStop, "anna@corp.test", clockNow.Add(time.Hour - 1), nil},
		{"too late", tokens, ActStop, "anna@corp.test", clockNow.Add(time.Hour), ErrTokenExpired},
		{"another person", tokens, ActStop, "jan@corp.test", clockNow, ErrTokenOther},
		{"another act", tokens, ActSend, "anna@corp.test", clockNow, ErrTokenOther},
		{"another installation", testTokens(t, "fedcba9876543210"), ActStop, "anna@corp.test", clockNow, ErrTokenOther},
	} {
		if err := test.tokens.Check(text, test.act, test.person, test.now); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestTokens_NoCharacterCanBeChanged(t *testing.T) {
	tokens := testTokens(t, "0123456789abcdef")
	text := tokens.Make(ActSend, mail.NewID(clockNow, 7), "anna@corp.test", clockNow.Add(time.Hour))
	for i := range text {
		for _, c := range "abcdefghijklmnopqrstuvwxyz234567" {
			changed := text[:i] + string(c) + text[i+1:]
			if changed != text && tokens.Check(changed, ActSend, "anna@corp.test", clockNow) == nil {
				t.Fatalf("%q at %d passes", c, i)
			}
		}
	}
}

func TestTokens_NeedAKey(t *testing.T) {
	if _, err := NewTokens(func([]byte) ([]byte, error) { return []byte("short"), nil }); err == nil {
		t.Error("a short key was taken")
	}
	if _, err := NewTokens(func([]byte) ([]byte, error) { return nil, errFull }); !errors.Is(err, errFull) {
		t.Errorf("err = %v", err)
	}
}

func FuzzToken(f *testing.F) {
	tokens := testTokens(f, "0123456789abcdef")
	other := testTokens(f, "another key, 16+")
	f.Add(other.Make(ActSend, mail.NewID(clockNow, 7), "anna@corp.test", clockNow.Add(time.Hour)))
	f.Add("")
	f.Add(strings.Repeat("a", 58))
	f.Fuzz(func(t *testing.T, text string) {
		token, err := tokens.Read(text)
		if err == nil && token.Act != ActSend && token.Act != ActStop {
			t.Errorf("%q has the act %d", text, token.Act)
		}
		if err := tokens.Check(text, ActSend, "anna@corp.test", clockNow); err == nil {
			t.Errorf("%q passes without having been made", text)
		}
	})
}

func FuzzServiceAddress(f *testing.F) {
	s := newService(f, newFakeStore())
	for _, seed := range []string{"undo@belay.corp.test", `"send+x"@belay.corp.test`, "undo+@BELAY.corp.test.", "@", "undo", "spam@[127.0.0.1]", "ünd@belay.corp.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		c, ok := s.parseCall(address)
		if !ok {
			if s.CheckRecipient(address) == nil {
				t.Errorf("%q is accepted and is none", address)
			}
			return
		}
		if !s.IsService(address) || c.wing == "" || strings.Contains(string(c.wing), "+") {
			t.Errorf("%q is %+v", address, c)
		}
		// What is one stays one in its comparing form.
		if again, ok := s.parseCall(mail.Key(address)); !ok || again != c {
			t.Errorf("%q is %+v, its key %+v", address, c, again)
		}
	})
}

// FuzzServiceMail: whatever a mail looks like, without proof it sends nothing
// and stops nothing of anybody else's.
func FuzzServiceMail(f *testing.F) {
	for _, seed := range []string{fromAnna + "In-Reply-To: <one@corp.test>\n\n", "", "\n", "From: a\n b\n\n> x\nOn 1.1. at 10:00 x wrote:\n",
		fromAnna + "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\nMessage-ID: <one@corp.test>\n\n--x--",
		"Authentication-Results: mx.corp.test; dmarc=pass header.from=corp.test\n" + fromAnna + "\n"} {
		f.Add(seed, "undo")
		f.Add(seed, "send")
	}
	f.Fuzz(func(t *testing.T, raw, local string) {
		store := newFakeStore()
		jan := store.addFrom("jan@elsewhere.test", "one@corp.test", "Offer", time.Minute, queue.Held, "bob@falcon.test")
		s := newService(t, store, func(o *Options) { o.AuthservIDs = nil })
		m := write(fromNetwork, local+"@belay.corp.test", "X: x\n")
		m.Raw = []byte(raw)
		if _, err := s.Handle(t.Context(), m); err != nil && len(m.Envelope.Recipients) == 1 {
			if _, known := s.parseCall(m.Envelope.Recipients[0].Address); known {
				t.Errorf("Handle: %v", err)
			}
		}
		if author := mail.Summarize(m.Raw).Author().Address; mail.Base(mail.Key(author)) != jan.Author && store.state(jan) != "held" {
			t.Errorf("a mail of %q made Jan's %s", author, store.state(jan))
		}
		if store.state(jan) == "ready" {
			t.Error("an unproved mail released one")
		}
	})
}
