package thread

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/names"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// circle is the most people of a thread in which somebody can be taken off: in a
// larger one some drop out and come back with every answer.
const circle = 8

// How sure it is that somebody would want to know of who is back.
const (
	backOutsider = 0.8
	backOurs     = 0.6
	longOff      = 0.1 // more where several mails went without them
	spokenOf     = 0.2 // less where the text speaks of them
)

// returned notices those who were taken off the thread and are back.
func (k *looking) returned() {
	if k.Past == nil || k.Past.Thread == nil || len(k.Past.Thread.Mails) < 2 {
		return
	}
	mails := k.Past.Thread.Mails
	last := people(&mails[len(mails)-1])
	if len(last) > circle || len(k.list.Recipients) > circle {
		return
	}
	if !slices.ContainsFunc(k.list.Recipients, func(p parties.Party) bool { return slices.Contains(last, p.Main) }) {
		return // nobody of those who went on without them is on this mail: it is another talk
	}
	for i := range k.list.Recipients {
		p := &k.list.Recipients[i]
		if p.Domain == "" {
			continue
		}
		without := k.takenOff(p, mails)
		if without == 0 || k.answers(p) || k.readsList(p, &mails[len(mails)-1]) {
			continue
		}
		score, say := backOurs, ""
		if !p.Ours {
			score, say = backOutsider, "outsider"
		}
		if without > 1 {
			score += longOff
		}
		switch k.mention(p) {
		case expected:
			continue
		case spoken:
			score -= spokenOf
		}
		k.signals = append(k.signals, guard.Signal{Code: CodeReturned, Recipient: p.Key, Score: score, Say: say, Count: without,
			Facts: map[string]string{"Recipient": p.Shown()}})
	}
}

// readsList tells whether the thread went on over a list that somebody may read:
// who is left out there is not taken off. Outsiders are not on our own lists.
func (k *looking) readsList(p *parties.Party, last *history.ThreadMail) bool {
	return slices.ContainsFunc(last.To, func(a string) bool {
		return (p.Ours || !parties.IsOurs(k.Look, a)) && (parties.IsList(a) || k.Directory.Kind(a) == directory.KindList)
	})
}

// people are the author of a mail and those it went to.
func people(m *history.ThreadMail) []string { return append([]string{m.Author}, m.To...) }

// takenOff tells how many mails of the thread went on without somebody, 0 where
// they were not taken off: the last mail went to most of those with whom they had
// been on it. That others were left out too tells of a word aside, unless they
// are all outsiders and only we went on.
func (k *looking) takenOff(p *parties.Party, mails []history.ThreadMail) (without int) {
	on := len(mails) - 1
	for on >= 0 && !slices.Contains(people(&mails[on]), p.Main) {
		on--
	}
	if on < 0 || on == len(mails)-1 {
		return 0
	}
	with := people(&mails[on])
	for i := on; i > 0 && len(with) < 3; { // a word with them alone: with whom had they been on it?
		i--
		if before := people(&mails[i]); slices.Contains(before, p.Main) {
			with = before
		}
	}
	if p.Ours && !slices.ContainsFunc(mails[on+1:], func(m history.ThreadMail) bool { return parties.IsOurs(k.Look, m.Author) }) {
		return 0 // outsiders who answered one of us took nobody of ours off
	}
	last := people(&mails[len(mails)-1])
	kept, left, outside := 0, 0, true
	for _, a := range with {
		switch {
		case slices.Contains(last, a):
			kept++
			outside = outside && parties.IsOurs(k.Look, a)
		default:
			left++
			outside = outside && !parties.IsOurs(k.Look, a)
		}
	}
	if kept < 2 || kept <= left && !outside {
		return 0
	}
	return len(mails) - 1 - on
}

// answers tells whether what is quoted on top is a mail of somebody's own: they
// are back because they wrote.
func (k *looking) answers(p *parties.Party) bool {
	for _, t := range k.quoted() {
		for line := range strings.Lines(t.Quoted) {
			if line = strings.TrimSpace(line); !isHeadLine(line) {
				continue
			}
			if found := parties.AddressesIn(line); len(found) > 0 {
				return parties.MainOf(k.Look, found[0]) == p.Main
			}
			if n := names.Parse(p.Name, p.Key); hasFullName(reading.WordsOf(line), n) {
				return true
			}
		}
	}
	return false
}

// What the new text says about somebody.
const (
	nothing  = iota
	spoken   // it names them
	expected // it speaks to them, or says that they are (back) on the mail
)

// mention tells what the new text says about somebody.
func (k *looking) mention(p *parties.Party) int {
	said := k.text()
	if slices.Contains(said.OwnAddresses, p.Key) {
		return expected
	}
	n := names.Parse(p.Name, p.Key)
	places := append(mentions(said.Own, &n), byAddress(said.Own, p)...)
	for _, i := range places {
		if i < said.Greeting || k.spokenTo(said.Own, i) || nearAdding(said.Own, i) {
			return expected
		}
	}
	for i := range said.Own {
		if copies[said.Own[i].Folded] && nearAdding(said.Own, i) {
			return expected // "I put them back on copy"
		}
	}
	if len(places) == 0 {
		return nothing
	}
	return spoken
}

// copies are words for the copy of a mail, folded.
var copies = map[string]bool{"cc": true, "copy": true, "copied": true, "kopia": true, "kopii": true, "kopie": true, "dw": true, "copia": true,
	"conoscenza": true, "kopya": true, "kopyaya": true, "bilgiye": true, "kopi": true, "loop": true, "thread": true, "watku": true, "hilo": true,
	"trad": true, "traden": true}

// byAddress are the places at which words name somebody by their address: what
// stands before the @ ("la redacción"), or the firm.
func byAddress(words []reading.Word, p *parties.Party) (places []int) {
	const least = 4
	local, domain := mail.Split(p.Key)
	label, _ := parties.Label(domain)
	pieces := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	if !parties.IsFreeMail(domain) && !p.Ours {
		pieces = append(pieces, label)
	}
	for i := range words {
		if len(words[i].Folded) >= least && slices.ContainsFunc(pieces, func(s string) bool { return len(s) >= least && strings.HasPrefix(words[i].Folded, s) }) {
			places = append(places, i)
		}
	}
	return places
}

// mentions are the places at which words name somebody.
func mentions(words []reading.Word, n *names.Name) (places []int) {
	for i := range words {
		w := &words[i]
		if !w.Capital && w.Line != 0 || len(w.Folded) < 2 {
			continue
		}
		if slices.ContainsFunc(n.Family, func(f string) bool { return len(f) > 2 && parties.Calls(w.Folded, f) }) ||
			slices.ContainsFunc(n.Given, func(g string) bool { return parties.Calls(w.Folded, g) }) {
			places = append(places, i)
		}
	}
	return places
}

// spokenTo tells whether the name at a place is called: "Tom, can you …", "…,
// Tom?", "@Tom", "+Tom".
func (k *looking) spokenTo(words []reading.Word, i int) bool {
	if len(k.Mail.Texts) == 0 {
		return false
	}
	text := k.Mail.Texts[0].Own
	w := &words[i]
	if w.End > len(text) || text[w.Start:w.End] != w.Text {
		return false // it stands in another text
	}
	before := strings.TrimRight(text[:w.Start], " ")
	after := strings.TrimLeft(text[w.End:], " ")
	if before != "" && strings.IndexByte("+@", before[len(before)-1]) >= 0 {
		return true
	}
	begins := before == "" || strings.IndexByte("\n.!?", before[len(before)-1]) >= 0
	return begins && after != "" && strings.IndexByte(",:–-", after[0]) >= 0
}

// nearAdding tells whether words around a name say that somebody is put on the
// mail: "adding Tom back", "dodaję Tomka", "vuelvo a poner a Tom en copia".
func nearAdding(words []reading.Word, i int) bool {
	const around = 6
	for j := max(0, i-around); j < min(len(words), i+around+1); j++ {
		if j != i && addingWord(words[j].Folded) {
			return true
		}
	}
	return false
}

func addingWord(w string) bool {
	if addings[w] {
		return true
	}
	return len(w) > 4 && slices.ContainsFunc(addingStems, func(s string) bool { return strings.HasPrefix(w, s) })
}

// addings are words of putting somebody on a mail, in the six languages, folded;
// addingStems are how such words begin.
var (
	addings = func() map[string]bool {
		m := map[string]bool{}
		for w := range strings.FieldsSeq(`add adding added copy copying copied cc ccing cced cc'ing loop looping looped back again rejoin include including
			plus bringing bring welcome
			dw kopii wiadomosci wraca znowu ponownie powrotem
			copia nuevo vuelvo vuelve cco
			conoscenza nuovo rimetto
			tekrar yeniden bilgi bilgisine kopyaya kopya cc'ye
			kopi igjen tilbake innlemmer med inn`) {
			m[w] = true
		}
		return m
	}()
	addingStems = []string{"doda", "dolacz", "przywrac", "wlacz", "anad", "agreg", "inclu", "incorpor", "reincorpor", "copio", "aggiung", "reinser", "riaggiung", "rimett",
		"inserisc", "ekliyor", "ekled", "dahil", "legger", "inklud", "kopier"}
)
