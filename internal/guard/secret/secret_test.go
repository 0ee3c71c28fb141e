package secret

import (
	"regexp"
	"strings"
	"testing"

	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/mail"
	"belay/internal/reading"
)

func detect(t testing.TB, d *Detector, subject, body string) *guard.Signal {
	t.Helper()
	l := &guard.Look{Facts: &guard.Facts{Summary: &mail.Summary{}}, Mail: reading.FromTexts(subject, body, nil, true)}
	signals, err := d.Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if len(signals) == 0 || signals[0].Score < 0.5 {
		return nil
	}
	return &signals[0]
}

func TestWhatOpensSomethingIsFound(t *testing.T) {
	d := New(Options{})
	for body, say := range map[string]string{
		"Hasło do vpn to Wiosna77x, login bez zmian.":          "password",
		"La contraseña es Melocoton#44.":                       "password",
		"şifre: Kiraz2025x":                                    "password",
		"Passordet er Blaabaer_9 og ikke noe annet.":           "password",
		"The code for the back door is 4711#.":                 "code",
		"db: postgres://app:Qu4rtz-hill@db.corp.test:5432/app": "login",
		"Server=db;Database=x;User Id=sa;Password=Kestrel77x;": "login",
		"token: ghp_" + "Zz19invented0Qq83invented7Kk55inv2Xw": "",
		"-----BEGIN RSA PRIVATE KEY-----\n" + strings.Repeat("MIIEpAIBAAKCAQEA7inventedinvented\n", 4) + "-----END RSA PRIVATE KEY-----": "private",
	} {
		if s := detect(t, d, "", body); s == nil || s.Say != say {
			t.Errorf("%q: %+v, want %q", body, s, say)
		} else if strings.Contains(s.Facts["Secret"], "iosna") || len(s.Facts["Secret"]) > 40 {
			t.Errorf("%q is shown as %q", body, s.Facts["Secret"])
		}
	}
}

func TestWhatOnlySpeaksOfOneIsLeftAlone(t *testing.T) {
	d := New(Options{})
	for _, body := range []string{
		"I forgot my password, can you help?", "Password: <your password>", "password: ********", "PASSWORD=${DB_PASSWORD}",
		"The password will be sent by SMS.", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "The postal code is 35000.",
		"Fixed in commit 9fceb02d0ae598e95dc970b74767f19372d61af8, key: rebuild.", "Hasło: ochrona środowiska",
		"The password policy requires 12 characters.", "Kod pocztowy: 00-950, kod klienta 220984.",
	} {
		if s := detect(t, d, "", body); s != nil {
			t.Errorf("%q: %+v", body, s)
		}
	}
}

func TestTheRulesOfGitleaksAreRead(t *testing.T) {
	r, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.list) < 150 {
		t.Errorf("only %d rules", len(r.list))
	}
	for _, one := range r.list {
		if one.regexp() == nil {
			t.Errorf("the rule %s does not compile", one.ID)
		}
	}
	if _, err := readRules("[[rules]"); err == nil {
		t.Error("a broken file of rules is read")
	}
}

func TestTheAutomatonFindsAllWords(t *testing.T) {
	a := newAutomaton([]string{"he", "she", "his", "hers"})
	var found []string
	a.each("USHERS", func(word, end int) bool {
		found = append(found, a.word(word))
		return true
	})
	if got := strings.Join(found, " "); got != "she he hers" {
		t.Errorf("found %q", got)
	}
}

func TestAnAdminsPatternCounts(t *testing.T) {
	d := New(Options{Patterns: []lexicon.Pattern{{Name: "the safe", Code: Code, Re: regexp.MustCompile(`SAFE-\d+`)}}})
	if s := detect(t, d, "", "It is SAFE-9921."); s == nil || s.Say != "own" || s.Facts["Name"] != "the safe" {
		t.Errorf("%+v", s)
	}
}

func FuzzDetect(f *testing.F) {
	f.Add("password: x\n\nhasło to\nA1b2C3")
	f.Add("kod do drzwi: 27 w prawo, 3 w lewo ://a:b@c Password=;")
	d := New(Options{})
	f.Fuzz(func(t *testing.T, text string) { detect(t, d, text, text) })
}
