package notice

import (
	"slices"
	"strings"
	"testing"

	"belay/internal/config"
	"belay/internal/guard"
	"belay/internal/queue"
)

// TestP8_AnApproverReadsNoWordsOfAMailThatNobodyShowsThem: what was found is
// named by its kind and place alone; only a rule with the privacy officer's word
// (show: mail) shows more, and to whom the sender writes is the sender's alone
// (P11).
func TestP8_AnApproverReadsNoWordsOfAMailThatNobodyShowsThem(t *testing.T) {
	words := []string{"PL61", "44051", "Dismissals"}
	pairs := []string{"40 times", "robert.hale@fjordsild.test"}
	for name, c := range map[string]struct {
		show             bool
		say, never, kind []string
	}{
		"not shown": {false, nil, slices.Concat(words, pairs), []string{"3 numbers that identify", "“pay.xlsx”", "in the text", "Another person or another address"}},
		"shown":     {true, []string{"PL61"}, pairs, []string{"Another person or another address"}},
	} {
		s := newStage(t, "en", "Prices", nil)
		s.salaries(c.show)
		s.put(queue.ErrandAsk)
		letter := s.letterTo("jan@corp.test")
		for _, word := range append(c.say, c.kind...) {
			if !strings.Contains(letter, word) {
				t.Errorf("%s: it does not say %q:\n%s", name, word, letter)
			}
		}
		for _, word := range c.never {
			if strings.Contains(letter, word) {
				t.Errorf("%s: the approver reads %q:\n%s", name, word, letter)
			}
		}
	}
}

func TestP9_TheSenderReadsTheWordsAndWhoWasMeantPerhaps(t *testing.T) {
	s := newStage(t, "en", "Prices", nil)
	s.salaries(false)
	s.m.Questions = nil
	q := senders()
	q.Codes = []string{"content.identifier", "recipient.twin"}
	s.asks(q)
	s.put(queue.ErrandAsk)
	letter := s.letterTo("anna@corp.test")
	for _, want := range []string{"PL61 •••• 2874", "Perhaps meant: robert.hale@fjordsild.test"} {
		if !strings.Contains(letter, want) {
			t.Errorf("it does not say %q:\n%s", want, letter)
		}
	}
}

// TestALetterSaysOneDoubtOnce: two detectors that mean the same person make one
// line of the letter.
func TestALetterSaysOneDoubtOnce(t *testing.T) {
	s := newStage(t, "en", "Prices", nil)
	s.salaries(false)
	s.m.Questions = nil
	to := s.m.Deliveries[0].Recipient.Address
	s.m.Verdict.Signals = []guard.Signal{
		{Code: "recipient.lookalike", Recipient: to, Score: 0.85, Evidence: "It looks like another.", Instead: []string{"robert.hale@fjordsild.test"}},
		{Code: "recipient.unlikely", Recipient: to, Score: 0.98, Say: "slip", Instead: []string{"robert.hale@fjordsild.test"},
			Facts: map[string]string{"Recipient": to, "Usual": "robert.hale@fjordsild.test"}},
	}
	q := senders()
	q.Codes = []string{"recipient.lookalike", "recipient.unlikely"}
	s.asks(q)
	s.put(queue.ErrandAsk)
	letter := s.letterTo("anna@corp.test")
	if !strings.Contains(letter, "a letter or two away") || strings.Contains(letter, "It looks like another.") {
		t.Errorf("it should say the stronger one alone:\n%s", letter)
	}
}

// TestALetterNamesADefaultRuleInItsOwnLanguage: nobody in the house wrote it, and
// not in English.
func TestALetterNamesADefaultRuleInItsOwnLanguage(t *testing.T) {
	s := newStage(t, "es", "Precios", nil)
	s.salaries(false)
	s.m.Questions = nil
	q := senders()
	q.Rules = []string{config.Default().Rules[2].Name}
	s.asks(q)
	s.put(queue.ErrandAsk)
	if letter := s.letterTo("anna@corp.test"); !strings.Contains(letter, "¿es esa la persona correcta?") || strings.Contains(letter, q.Rules[0]) {
		t.Errorf("the rule's name is not said in Spanish:\n%s", letter)
	}
}

// letterTo is the text of the letter that somebody got, its lines joined.
func (s *stage) letterTo(who string) string {
	s.Helper()
	i := slices.IndexFunc(s.f.posted, func(m *queue.Message) bool { return m.Deliveries[0].Recipient.Address == who })
	if i < 0 {
		s.Fatalf("%s got no letter", who)
	}
	text, html := apart(s.T, string(s.f.bodies[s.f.posted[i].ID]))
	return strings.Join(strings.Fields(text), " ") + html
}
