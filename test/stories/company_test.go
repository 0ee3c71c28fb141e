//go:build peers

package stories

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// A company with people, rules and a phone in every pocket: what the stories
// about questions, approvals and advance notices stand on.

// staff is the company's people.yaml. Anna's manager is Jan, whose deputy is
// Piotr; six people speak six languages.
const staff = `people:
  - {name: Anna Nowak, addresses: [anna@corp.test, a.nowak@corp.test], language: en, manager: jan@corp.test, delegates: [olga@corp.test]}
  - {name: Jan Kowalski, addresses: [jan@corp.test, j.kowalski@corp.test], language: en, groups: [finance], manager: maria@corp.test, deputy: piotr@corp.test}
  - {name: Piotr Zieliński, addresses: [piotr@corp.test, p.zielinski@corp.test], language: en, groups: [finance]}
  - {name: Olga Wrona, addresses: [olga@corp.test], language: en, groups: [finance], manager: maria@corp.test}
  - {name: Maria Ruiz, addresses: [maria@corp.test], language: en, groups: [executives], assistants: [ewa@corp.test]}
  - {name: Carlos Vega, addresses: [carlos@corp.test], language: en, groups: [executives], assistants: [ewa@corp.test], assistants_see: mail}
  - {name: Ewa Lis, addresses: [ewa@corp.test], language: en}
  - {name: Zofia Mazur, addresses: [zofia@corp.test], language: pl, manager: maria@corp.test}
  - {name: Lucía Gil, addresses: [lucia@corp.test], language: es, manager: maria@corp.test}
  - {name: Marco Riva, addresses: [marco@corp.test], language: it, manager: maria@corp.test}
  - {name: Ayşe Demir, addresses: [ayse@corp.test], language: tr, manager: maria@corp.test}
  - {name: Kari Berg, addresses: [kari@corp.test], language: nb, manager: maria@corp.test}
mailboxes:
  - {address: sales@corp.test, kind: shared, members: [anna@corp.test, olga@corp.test]}
  - {address: everybody@corp.test, kind: list, members: [anna@corp.test, jan@corp.test]}
  - {address: partners@corp.test, kind: list, members: [anna@corp.test, paul@partner.test]}
organisations:
  - {name: Falcon Energy, kind: client, domains: [falcon.test], keywords: [Project Falcon]}
roles: {admin: [boss@corp.test], privacy: [privacy@corp.test]}
`

// Rules that many stories share.
const (
	askRule     = "- {name: is that the right person, when: 'message.subject.contains(\"offer\")', ask: sender}\n"
	approveRule = "- {name: contracts leave with a second pair of eyes, when: 'message.subject.contains(\"contract\")', approve: manager}\n"
	copyRule    = "- {name: the assistants know first, when: 'recipients.exists(r, \"executives\" in r.groups)', copy: assistants, delay: 1h}\n"
	// fenceRule asks somebody of whom no story tells: see office.fence.
	fenceRule = "- {name: the fence, when: 'author.address == \"fence@corp.test\"', ask: sender}\n"
)

// office is a running belay of the company, and where its mail arrives.
type office struct {
	*peers.Belay
	t      *testing.T
	sink   *smtptest.Server
	fences int
}

// company starts belay with the company's people and some rules.
func company(t *testing.T, rules string, change ...func(*peers.Config)) *office {
	t.Helper()
	o := companyAtRest(t, rules, change...)
	must(t, o.Start())
	return o
}

// companyAtRest is company without starting.
func companyAtRest(t *testing.T, rules string, change ...func(*peers.Config)) *office {
	t.Helper()
	s := sink(t, smtptest.Config{})
	c := peers.Config{Upstreams: upstream(s), People: staff, Rules: rules + fenceRule}
	for _, f := range change {
		f(&c)
	}
	return &office{Belay: prepare(t, c), t: t, sink: s}
}

// question sets what happens when nobody answers.
func question(yaml string) func(*peers.Config) {
	return func(c *peers.Config) { c.More += "question: {" + yaml + "}\n" }
}

// people puts other people in the staff's place.
func people(yaml string) func(*peers.Config) {
	return func(c *peers.Config) { c.People = yaml }
}

// signIn opens submission and gives everybody named an account with the
// password rope. It is for companyAtRest.
func (o *office) signIn(everybody ...string) {
	o.t.Helper()
	for _, p := range everybody {
		addUser(o.t, o.Belay, p, "rope")
	}
}

func withSubmission(t *testing.T) func(*peers.Config) {
	return func(c *peers.Config) {
		cert, key, _ := certificate(t)
		c.Submit, c.Cert, c.Key = true, cert, key
	}
}

// mail hands a letter in through the trusted network and gives its id.
func (o *office) mail(from, subject string, to ...string) string {
	o.t.Helper()
	return send(o.t, o.Belay, letter(from, strings.Join(to, ", "), subject), from, to...)
}

// message gives a message as the API shows it.
func (o *office) message(id string) *peers.Message {
	o.t.Helper()
	m, err := o.Message(id)
	must(o.t, err)
	return m
}

// letters are what belay wrote to a person so far, each once: one that was
// sent again after a crash counts once.
func (o *office) letters(to string) []*peers.Letter {
	o.t.Helper()
	var all []*peers.Letter
	seen := map[string]bool{}
	for _, m := range o.sink.Messages() {
		if m.From != "" || strings.Join(m.To(), " ") != to {
			continue
		}
		l, err := peers.ReadLetter(m.Data)
		if err != nil {
			o.t.Fatalf("a letter to %s cannot be read: %v\n%s", to, err, m.Data)
		}
		if !seen[l.MessageID] {
			seen[l.MessageID] = true
			all = append(all, l)
		}
	}
	return all
}

// letter waits for the n-th letter to a person, the first being 1.
func (o *office) letter(to string, n int) *peers.Letter {
	o.t.Helper()
	var all []*peers.Letter
	if !peers.Until(patience, func() bool {
		all = o.letters(to)
		return len(all) >= n
	}) {
		o.t.Fatalf("%s got %d letters of belay, not %d:%s", to, len(all), n, subjects(all))
	}
	l := all[n-1]
	if l.Automatic == "" || l.Text == "" || l.HTML == "" {
		o.t.Errorf("%q is not marked automatic, or lacks its text or HTML:\n%s", l.Subject, l.Data)
	}
	if bare := wordless.FindString(l.Subject + "\n" + l.Text); bare != "" {
		o.t.Errorf("words are missing in %q: %q\n%s", l.Subject, bare, l.Text)
	}
	return l
}

// wordless is the name of a text that no catalogue has.
var wordless = regexp.MustCompile(`(?m)(?:^|: )(?:notice|question|answer|copy|explain)\.[a-z.]+$`)

// told waits for a letter to a person that says all words given, in its
// subject or its text.
func (o *office) told(to string, words ...string) *peers.Letter {
	o.t.Helper()
	var found *peers.Letter
	if !peers.Until(patience, func() bool {
		for _, l := range o.letters(to) {
			if saysAll(l, words...) {
				found = l
			}
		}
		return found != nil
	}) {
		o.t.Fatalf("no letter to %s says %q:%s", to, words, subjects(o.letters(to)))
	}
	return found
}

// about counts the letters to a person that say a word.
func (o *office) about(to, word string) (n int) {
	o.t.Helper()
	for _, l := range o.letters(to) {
		if saysAll(l, word) {
			n++
		}
	}
	return n
}

// saysAll tells whether a letter holds all words given, however its lines are
// broken.
func saysAll(l *peers.Letter, words ...string) bool {
	flat := strings.Join(strings.Fields(l.Subject+" "+l.Text), " ")
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(flat, w) })
}

// count wants exactly n letters to a person, once all that was due is written.
func (o *office) count(to string, n int) {
	o.t.Helper()
	o.fence()
	if all := o.letters(to); len(all) != n {
		o.t.Errorf("%s got %d letters of belay, want %d:%s", to, len(all), n, subjects(all))
	}
}

func subjects(all []*peers.Letter) string {
	var b strings.Builder
	for _, l := range all {
		fmt.Fprintf(&b, "\n  %s (%s)", l.Subject, strings.Join(strings.Fields(l.Text), " "))
	}
	return b.String()
}

// fence puts a question of its own behind whatever is due now and waits until
// it was asked: what was due before has been written then, or never will be.
func (o *office) fence() {
	o.t.Helper()
	o.fences++
	name := fmt.Sprintf("fence %03d", o.fences)
	o.mail("fence@corp.test", name, "c@outside.test")
	o.until("the fence is asked about", func() bool {
		return slices.ContainsFunc(o.letters("fence@corp.test"), func(l *peers.Letter) bool { return strings.Contains(l.Text, name) })
	})
}

// says wants a text to hold all words given, however its lines are broken.
func says(t *testing.T, what, text string, words ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(text), " ")
	for _, w := range words {
		if !strings.Contains(flat, w) {
			t.Errorf("%s does not say %q:\n%s", what, w, text)
		}
	}
}

// reply answers a letter as a phone does, with swaks through the trusted
// network, from the address alone.
func (o *office) reply(l *peers.Letter, from, text string) {
	o.t.Helper()
	o.post(o.RelayAddr(), l.Answer(peers.Reply{From: from, Text: text}), from, l.ReplyTo)
}

// post hands a mail in with swaks and wants it to be taken.
func (o *office) post(addr string, message []byte, from, to string, more ...string) string {
	o.t.Helper()
	out, code, err := peers.SwaksMessage(addr, message, from, to, more...)
	if err != nil || code != 0 {
		o.t.Fatalf("swaks: %v, exit code %d\n%s", err, code, out)
	}
	return out
}

// submit hands a mail in with a sign-in (see signIn).
func (o *office) submit(message []byte, from, to string) {
	o.t.Helper()
	o.post(o.SubmissionsAddr(), message, from, to, "--tls-on-connect", "--auth", "PLAIN", "--auth-user", from, "--auth-password", "rope")
}

// arrived are the recipients whom a mail of that subject has reached, sorted.
func (o *office) arrived(subject string) []string {
	var to []string
	for _, m := range o.sink.Messages() {
		if m.From != "" && strings.Contains(string(m.Data), "\r\nSubject: "+subject+"\r\n") {
			to = append(to, m.To()...)
		}
	}
	slices.Sort(to)
	return to
}

// held wants a message to be held, and none of it to have left.
func (o *office) held(id string) *peers.Message {
	o.t.Helper()
	m := o.message(id)
	if got := o.arrived(m.Subject); m.State != "held" || len(got) > 0 {
		o.t.Errorf("%q is %s and has reached %v, want it held", m.Subject, m.State, got)
	}
	return m
}

// only gives the one question of a message.
func (o *office) only(id string) peers.Question {
	o.t.Helper()
	m := o.message(id)
	if len(m.Questions) != 1 {
		o.t.Fatalf("%q has the questions %+v, want one", m.Subject, m.Questions)
	}
	return m.Questions[0]
}

// of wants a question to be put to these people, in any order.
func (o *office) of(q peers.Question, want ...string) {
	o.t.Helper()
	got := slices.Sorted(slices.Values(q.Of))
	if slices.Sort(want); !slices.Equal(got, want) {
		o.t.Errorf("the question (%s) is for %v, want %v", strings.Join(q.Rules, ", "), got, want)
	}
}

// journal is the text of the journal's newest entries, once it holds a word.
func (o *office) journal(word string) string {
	o.t.Helper()
	var text string
	if !peers.Until(patience, func() bool {
		resp, err := o.HTTP("GET", "/api/v1/journal?"+url.Values{"limit": {"100"}}.Encode(), nil)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text = read(o.t, resp.Body)
		return strings.Contains(text, word)
	}) {
		o.t.Errorf("the journal does not say %q:\n%s", word, text)
	}
	return text
}

// until waits for something that gives no sign of itself.
func (o *office) until(what string, done func() bool) {
	o.t.Helper()
	if !peers.Until(patience, done) {
		o.t.Fatalf("still not: %s", what)
	}
}

// later tells whether a time comes at least so long after now.
func later(at time.Time, by time.Duration) bool { return cmp.Compare(time.Until(at), by) >= 0 }
