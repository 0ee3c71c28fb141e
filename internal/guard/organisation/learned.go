package organisation

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/guard"
	"belay/internal/guard/lexicon"
	"belay/internal/guard/parties"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// A house is who a domain outside belongs to, whether it stands in the directory
// or not. Trails tell which words went with the mail of each.

const (
	marked    = 2   // in how many mails of a house a word has to stand that marks it
	maxTerms  = 40  // words of a mail that are compared: as many as a trail has
	maxShown  = 3   // words that are shown
	smoothing = 0.3 // of a word that no mail has
	plain     = 1   // how much more often it may stand in mail among ourselves
	known     = 3   // mails to a house whose name is looked for
)

// house is a domain outside, with what its mails were about.
type house struct {
	name  string // the domain, the first one of an organisation
	mails int
	terms map[uint16]int // of the mail that is judged: in how many mails of the house each stands
}

// hearsay is what each house heard of.
type hearsay struct {
	l       *guard.Look
	to      string   // the one house that the mail goes to
	keys    []string // the recipients there
	words   map[uint16]guard.Found
	ours    [1 << 10]uint64 // the same as bits
	order   []uint16        // the words' terms, as they come
	houses  map[string]*house
	domains map[string]string // the house of each domain, as far as it was asked for
	mixed   map[uint16]int    // in how many mails to several houses each stands
	inside  map[uint16]int    // and in how many among ourselves
}

// learnedWrong finds recipients of whom the past tells that the mail is about
// another house than theirs.
func learnedWrong(l *guard.Look) []guard.Signal {
	if l.Past == nil || l.Past.Self == nil || l.Own == nil || len(l.Past.Self.Trail.Mails) == 0 {
		return nil
	}
	s := &hearsay{l: l, houses: map[string]*house{}, domains: map[string]string{}}
	if !s.goesToOne() || s.belongs() {
		return nil
	}
	s.read()
	labels := s.labels()
	for _, n := range labels {
		s.words[n.term] = n.found // wherever in the mail it stands
	}
	for t := range s.words {
		s.ours[t>>6] |= 1 << (t & 63)
	}
	s.walk(l.Past.Self, true)
	for _, key := range l.Keys {
		if p := l.Past.Profile(key); p != nil && l.Own(mail.Domain(key)) {
			s.walk(p, false)
		}
	}
	v := s.best()
	if n := s.namedHouse(labels); n != nil {
		v = n.with(v, s.houseAt(s.to).mails)
	}
	v = s.wentOn(v)
	if v == nil || v.score < 0.2 {
		return nil
	}
	if lexicon.IsForward(l) {
		v.score = min(v.score, forwarded) // what is passed on is about somebody else as often as not
	}
	return s.signals(v)
}

// goesToOne tells whether the mail goes to one house outside, and to which.
func (s *hearsay) goesToOne() bool {
	for _, key := range s.l.Keys {
		h := s.houseOf(key)
		switch {
		case parties.IsList(key) || s.l.Directory.Kind(key) == directory.KindList:
			return false // anybody may read it
		case h == "":
			continue
		case s.to != "" && h != s.to:
			return false
		}
		s.to = h
		s.keys = append(s.keys, key)
	}
	return s.to != ""
}

// wentOn looks at the conversation that a mail goes on with: all of it was with
// another house, of which nobody gets this one.
func (s *hearsay) wentOn(v *verdict) *verdict {
	t := s.l.Past.Thread
	if t == nil {
		return v
	}
	one := ""
	for i := range t.Mails {
		for _, a := range append([]string{t.Mails[i].Author}, t.Mails[i].To...) {
			h := s.houseOf(a)
			if h != "" && one != "" && h != one {
				return v
			}
			one = cmp.Or(h, one)
		}
	}
	switch {
	case one == "" || !s.isClientAt(one):
		return v
	case v != nil && v.of == one:
		v.score = min(max(v.score, ofThread)+0.1, 0.9)
		return v
	case v != nil && v.score >= ofThread:
		return v
	}
	return &verdict{of: one, score: ofThread, say: "thread"}
}

// houseOf is the house outside that an address belongs to; "" for our own, for
// lists, and for private mailboxes.
func (s *hearsay) houseOf(key string) string {
	domain := key[strings.LastIndexByte(key, '@')+1:] // all come as mail.Key
	house, seen := s.domains[domain]
	if !seen {
		house = s.houseAtDomain(key, domain)
		s.domains[domain] = house
	}
	return house
}

func (s *hearsay) houseAtDomain(key, domain string) string {
	if domain == "" || s.l.Own(domain) {
		return ""
	}
	if o := s.l.Directory.Organisation(key); o != nil && len(o.Domains) > 0 {
		return o.Domains[0]
	}
	if parties.IsFreeMail(domain) || parties.IsList(key) {
		return ""
	}
	return parties.Registrable(domain)
}

// belongs tells whether the mail goes on with a talk in which the house takes
// part: its people are on the thread, or stand in what is quoted.
func (s *hearsay) belongs() bool {
	if t := s.l.Past.Thread; t != nil {
		for i := range t.Mails {
			if m := &t.Mails[i]; s.houseOf(m.Author) == s.to || slices.ContainsFunc(m.To, func(a string) bool { return s.houseOf(a) == s.to }) {
				return true
			}
		}
	}
	for i := range s.l.Mail.Texts {
		if slices.ContainsFunc(parties.AddressesIn(s.l.Mail.Texts[i].Quoted), func(a string) bool { return s.houseOf(a) == s.to }) {
			return true
		}
	}
	return false
}

// read takes the words that are compared out of the mail.
func (s *hearsay) read() {
	s.words = make(map[uint16]guard.Found, maxTerms)
	add := func(words []reading.Word, place guard.PlaceKind) {
		for i := range words {
			if len(s.order) == maxTerms {
				return
			}
			t, ok := history.TermOf(words[i].Folded)
			if _, seen := s.words[t]; !ok || seen || everyday[words[i].Folded] {
				continue
			}
			s.words[t] = guard.Found{Text: lexicon.Shorten(words[i].Text), Place: place}
			s.order = append(s.order, t)
		}
	}
	add(s.l.Mail.SubjectWords(), guard.InSubject)
	add(s.l.Mail.Words(), guard.InText)
}

// walk counts in which mails of somebody of ours the words stand. What others than
// the author write to other houses than the one that the mail goes to is not for
// the author to know: it would be told by what is noticed (P11).
func (s *hearsay) walk(of *history.Profile, own bool) {
	t := &of.Trail
	houses := make([]string, len(t.People))
	for i, p := range t.People {
		houses[i] = s.houseOf(p)
	}
	var there []string
	for i := range t.Mails {
		m := &t.Mails[i]
		there = there[:0]
		for _, w := range m.Who {
			if h := houses[w]; h != "" && !slices.Contains(there, h) {
				there = append(there, h)
			}
		}
		for _, name := range there {
			if !own && name != s.to {
				continue
			}
			h := s.houseAt(name)
			h.mails++
			h.terms = s.count(m, h.terms)
		}
		switch len(there) {
		case 0:
			s.inside = s.count(m, s.inside)
		case 1:
		default:
			s.mixed = s.count(m, s.mixed)
		}
	}
}

// houseAt is a house by its name.
func (s *hearsay) houseAt(name string) *house {
	h := s.houses[name]
	if h == nil {
		h = &house{name: name}
		s.houses[name] = h
	}
	return h
}

// count counts the words of a mail of the past.
func (s *hearsay) count(m *history.Trace, into map[uint16]int) map[uint16]int {
	for _, t := range m.Terms {
		if s.ours[t>>6]&(1<<(t&63)) != 0 {
			if into == nil {
				into = map[uint16]int{}
			}
			into[t]++
		}
	}
	return into
}

// verdict is how much better a mail fits another house.
type verdict struct {
	of    string
	score float64
	marks int     // words that only that house hears
	odds  float64 // of all words, as a logarithm
	found []guard.Found
	say   string // the sentence, where it is not that of the words
}

// How sure it is. A house that nothing was written to yet says less.
const (
	oneMark   = 0.5
	twoMarks  = 0.6
	moreMarks = 0.05
	noMark    = 0.5
	doubtful  = 0.35
	forwarded = 0.4
	ofThread  = 0.6
)

// best finds the house that the mail fits best instead; nil where it fits the one
// that it goes to.
func (s *hearsay) best() (best *verdict) {
	to := s.houseAt(s.to)
	for _, h := range s.houses {
		if h == to || len(h.terms) == 0 || !s.isClientAt(h.name) {
			continue
		}
		v := s.compare(h, to)
		if v.score = v.sure(h.mails, to.mails); v.score > 0 && len(v.found) > 0 && (best == nil || cmp.Or(cmp.Compare(v.odds, best.odds), cmp.Compare(best.of, v.of)) > 0) {
			best = v
		}
	}
	return best
}

// sure is the score for what speaks for a house with some mails against one with
// others.
func (v *verdict) sure(of, to int) float64 {
	switch {
	case v.odds < 1:
		return 0
	case to == 0 && v.marks > 1 && v.odds >= 2 && of > 1:
		return oneMark
	case to == 0 && v.marks > 0:
		return doubtful
	case to == 0:
		return 0
	case v.marks > 1 && v.odds >= 2:
		return min(twoMarks+moreMarks*float64(v.marks-2), 0.85)
	case v.marks > 0 && v.odds >= 2:
		return oneMark
	case v.marks > 0:
		return doubtful
	case v.odds >= 4 && of > 1 && to > 1:
		return noMark
	case v.odds >= 3 && of > 1 && to > 1:
		return doubtful
	}
	return 0
}

// compare weighs the words of the mail for one house against another.
func (s *hearsay) compare(h, to *house) *verdict {
	v := &verdict{of: h.name}
	type word struct {
		term   uint16
		weight float64
	}
	var speak []word
	for _, t := range s.order {
		of, there := h.terms[t], to.terms[t]
		if of+there == 0 {
			continue
		}
		w := math.Log(share(of, h.mails)) - math.Log(share(there, to.mails))
		v.odds += w
		if there > 0 || w <= 0 {
			continue
		}
		if of >= marked && s.mixed[t] == 0 && s.inside[t] <= of*plain && !s.elsewhere(t, h) {
			v.marks++
			w += 10 // they are shown first
		}
		w -= math.Log(1 + float64(s.inside[t]))
		speak = append(speak, word{t, w})
	}
	slices.SortStableFunc(speak, func(a, b word) int { return cmp.Compare(b.weight, a.weight) })
	for _, w := range speak[:min(maxShown, len(speak))] {
		v.found = append(v.found, s.words[w.term])
	}
	return v
}

func share(n, mails int) float64 { return (float64(n) + smoothing) / (float64(mails) + 2*smoothing) }

// elsewhere tells whether a word stands in mail to other houses too.
func (s *hearsay) elsewhere(t uint16, not *house) bool {
	for _, h := range s.houses {
		if h != not && h.terms[t] > 0 {
			return true
		}
	}
	return false
}

// isClientAt tells whether a house may be a client: the directory does not say
// otherwise.
func (s *hearsay) isClientAt(name string) bool {
	o := s.l.Directory.Organisation("x@" + name)
	return o == nil || isClient(o)
}

// signals says it of each recipient of the house.
func (s *hearsay) signals(v *verdict) (signals []guard.Signal) {
	instead := s.instead(v.of)
	if len(instead) == 0 {
		return nil
	}
	for _, key := range s.keys {
		g := guard.Signal{Code: Wrong, Recipient: key, Say: cmp.Or(v.say, "learned"), Score: v.score, Found: v.found, Instead: instead,
			Facts: map[string]string{"Named": s.called(v.of), "Other": s.called(s.to)}}
		signals = append(signals, g)
	}
	return signals
}

// called is what people call a house.
func (s *hearsay) called(name string) string {
	if o := s.l.Directory.Organisation("x@" + name); o != nil {
		return o.Name
	}
	return parties.Readable(name)
}

// instead are the author's contacts at a house, those first to whom most goes.
func (s *hearsay) instead(name string) (addresses []string) {
	var found []*history.Contact
	for _, c := range s.l.Past.Contacts {
		if c.Sent+c.Received > 0 && s.houseOf(c.Address) == name {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b *history.Contact) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(a.Address, b.Address))
	})
	for _, c := range found[:min(3, len(found))] {
		addresses = append(addresses, c.Address)
	}
	return addresses
}

// everyday are words of greeting, thanks and appointments, folded: whoever hears
// them, they are about nothing.
var everyday = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`hello dear best regards kind kindly thank thanks cheers please sincerely sorry call called mail email message letter note see look looks
		good great fine very well new still again soon today tomorrow yesterday morning afternoon evening night week weekend month year time day days
		monday tuesday wednesday thursday friday saturday sunday know think want need let make get got give take come send sent let know attached find below
		czesc dzien dobry witam pozdrawiam pozdrowienia serdecznie dziekuje dzieki prosze przepraszam dzwonie telefon wiadomosc mail dzis jutro wczoraj rano wieczorem tydzien
		poniedzialek wtorek sroda czwartek piatek sobota niedziela powazaniem wyrazami szacunku zalaczeniu przesylam
		hola buenos dias buenas tardes noches saludos saludo gracias cordial atentamente favor llamada correo mensaje hoy manana ayer semana lunes martes miercoles jueves viernes sabado domingo
		ciao buongiorno buonasera salve saluti cordiali distinti grazie prego telefonata messaggio oggi domani ieri settimana lunedi martedi mercoledi giovedi venerdi sabato domenica
		merhaba selam gunaydin iyi gunler calismalar saygilar saygilarimla selamlar tesekkur tesekkurler ederim lutfen telefon mesaj bugun yarin dun hafta pazartesi sali carsamba persembe cuma cumartesi pazar
		hei hilsen vennlig mvh takk beklager telefon melding epost idag imorgen kveld uke mandag tirsdag onsdag torsdag fredag lordag sondag`) {
		m[w] = true
	}
	return m
}()
