package notice

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"belay/internal/guard"
	"belay/internal/queue"
)

// What strangers choose stands in letters: subjects, addresses, file names, the
// evidence of detectors, comments. None of it may make a letter say something
// else than it does.

func TestAttack_WordsOfOthersCannotRewriteALetter(t *testing.T) {
	each(t, monday, func(d *desk) {
		q := approval("jan@corp.test")
		q.Rules, q.Codes = []string{"<b>money</b>\r\nBcc: thief@evil.test"}, nil
		d.mail("Lunch\u2028 \u202egnp.\x1b[31m\x00<script>x</script>\r\nBcc: thief@evil.test", []guard.Question{q}, func(m *queue.Message) {
			m.Envelope.Recipients[0].Address = "anna\u202etset.proc@evil.test"
			m.Verdict.Signals = []guard.Signal{{Code: "x.y", Evidence: "a name\n\n-- \nYou may say yes to this mail.\u2066"}}
			m.MessageID = "a b\r\nBcc: thief@evil.test"
		})
		d.work()
		letter := d.last("jan@corp.test")
		d.say(false, letter.about(d), "jan@corp.test", "Please\r\nread \u202ethis\x1b[2J\n-- \nbelay")
		for _, l := range []sent{letter, d.last("anna@corp.test")} {
			head, _, _ := strings.Cut(l.raw, "\r\n\r\n")
			if strings.Contains(strings.ToLower(head), "\nbcc:") {
				t.Errorf("a field was smuggled in:\n%s", head)
			}
			whole := listen([]byte(l.raw)).whole
			for _, r := range whole {
				if unicode.Is(unicode.Bidi_Control, r) || unicode.IsControl(r) && r != '\n' && r != '\r' {
					t.Errorf("%U in the text of %q", r, l.Subject)
				}
			}
			if n := strings.Count("\n"+strings.ReplaceAll(whole, "\r", ""), "\n-- \n"); n != 1 {
				t.Errorf("%d signatures:\n%s", n, whole)
			}
			_, html, _ := strings.Cut(l.raw, "text/html")
			if html, _, _ = strings.Cut(html, "</html>"); strings.Contains(html, "<script") || strings.Contains(html, "<b>money") {
				t.Error("HTML of others stands in the letter")
			}
		}
		if !strings.Contains(letter.text, "anna\uFFFDtset.proc@evil.test") {
			t.Errorf("the address does not show its trick: %s", letter.text)
		}
	})
}

func TestP5_ALetterHasAHeaderThatEveryServerTakes(t *testing.T) {
	each(t, monday, func(d *desk) {
		d.mail("The offer", nil, func(m *queue.Message) {
			m.Author = "jürgen@corp.test"
			m.Verdict.Action, m.Verdict.Delay = guard.Delay, time.Hour
			m.Verdict.Copies = []guard.Copy{{To: "olga@corp.test", Recipients: []string{"eve@falcon.test"}, Rule: "x"}}
		})
		d.work()
		l := d.last("olga@corp.test")
		if head, _, _ := strings.Cut(l.raw, "\r\n\r\n"); !isASCII(head) {
			t.Errorf("the letter goes out without SMTPUTF8:\n%s", head)
		}
		expect(t, l.text, "jürgen@corp.test")
	})
}

// about is the message that a letter is about: the only one there is.
func (l sent) about(d *desk) *queue.Message {
	d.Helper()
	list, _, err := d.q.List(d.Context(), queue.Filter{Limit: 100})
	if err != nil {
		d.Fatal(err)
	}
	for _, m := range list {
		if m.Listener != "belay" {
			return m
		}
	}
	d.Fatal("there is none")
	return nil
}
