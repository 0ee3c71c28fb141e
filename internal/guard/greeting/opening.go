package greeting

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"belay/internal/guard/names"
	"belay/internal/reading"
)

// opening is how a mail begins: whom it greets.
type opening struct {
	text     string    // "Cześć Aniu", as it stands
	greeted  []greeted // empty: nobody by name
	group    bool      // others too: "Bob and team", "Hi all"
	saluted  bool      // a word of greeting stands before or behind: "Hi", "merhaba"
	ended    bool      // a comma, colon, dash or exclamation mark stands behind
	alone    bool      // nothing else stands in its line
	followed bool      // there is text after it
}

// greeted is somebody who is greeted.
type greeted struct {
	text   string   // "Aniu", "Sayın Yılmaz"
	words  []string // folded
	titled bool     // Mr, Pani, Bey
	family bool     // the title stands before family names: Mr, Sr., dott.
}

// How much is looked at: the first lines, and so much of each.
const (
	maxLines = 3
	maxLine  = 160
	maxNames = 8
)

// openingOf finds the greeting at the top of a text.
func openingOf(text string) (o opening, ok bool) {
	seen := 0
	for text != "" && seen < maxLines {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if !strings.ContainsFunc(trimmed, unicode.IsLetter) {
			continue // a rule, a smiley
		}
		seen++
		r := reader{line: cutLine(trimmed), words: reading.WordsOf(cutLine(trimmed))}
		if o, ok = r.read(); ok && (seen == 1 || o.saluted && !r.thanks) {
			o.followed = strings.ContainsFunc(r.line[r.end:], unicode.IsLetter) || strings.ContainsFunc(rest, unicode.IsLetter)
			return o, true
		}
		if len(trimmed) > 60 {
			return opening{}, false // the mail has begun
		}
	}
	return opening{}, false
}

// isTitle tells whether a line that seems to greet is the title of what follows:
// words behind the colon in its line, and the same name first in the subject
// ("Helena: storm closes the bridge").
func (o *opening) isTitle(subject string) bool {
	if o.saluted || o.alone || len(o.greeted) != 1 {
		return false
	}
	words := reading.WordsOf(subject)
	last := o.greeted[0].words[len(o.greeted[0].words)-1]
	for i := range min(len(words), 3) {
		if words[i].Folded == last {
			return true
		}
	}
	return false
}

func cutLine(s string) string {
	if len(s) <= maxLine {
		return s
	}
	return strings.ToValidUTF8(s[:maxLine], "")
}

// reader reads a line.
type reader struct {
	line  string
	words []reading.Word
	at    int // the next word
	end   int // where what was read ends, in octets
	o     opening

	respect bool   // a word of respect stood before
	between string // what stands between the word of greeting and the name
	parted  bool   // a comma stands between the word of greeting and the name
	small   bool   // the first name has no capital letter
	thanks  bool   // the words of greeting thank
}

func (r *reader) read() (opening, bool) {
	if len(r.words) == 0 || strings.ContainsAny(r.line[:r.words[0].Start], "\"“„«”‚‘'|") {
		return r.o, false // nothing, or a quotation, a table
	}
	start := r.words[0].Start
	r.o.saluted = r.phrases()
	if r.atTurn(':') && r.o.saluted { // "To: Bob"
		return r.o, false
	}
	if r.at < len(r.words) {
		r.between = r.gap()
		r.parted = r.o.saluted && strings.ContainsAny(r.gap(), ",.!:;-–—")
		r.small = !r.words[r.at].Capital
	}
	r.names()
	if len(r.o.greeted) > 0 && !r.o.saluted {
		r.o.saluted = r.post()
	}
	if len(r.o.greeted) == 0 && !r.o.group {
		return r.o, false
	}
	r.o.text = strings.TrimSpace(r.line[start:r.end])
	r.ending()
	if r.thanks && strings.ContainsAny(r.between, "-–—.") {
		return r.o, false // "Thanks - MO"
	}
	if !r.o.ended && !r.o.alone && (r.parted || r.thanks || r.o.saluted && r.small && !r.plainSmall()) {
		return r.o, false // "Hi, Bob called", "Thanks Bob for", "hi can you"
	}
	return r.o, r.o.saluted || r.bare()
}

// plainSmall tells whether the one name, in small letters and without a comma
// behind it, is one without doubt: "hei torbjorn 12 paller".
func (r *reader) plainSmall() bool {
	if !r.o.saluted || len(r.o.greeted) != 1 {
		return false
	}
	w := r.o.greeted[0].words[0]
	return len(w) >= 5 && names.IsUsual(w) && !ordinary[w]
}

// phrases passes over the words of greeting.
func (r *reader) phrases() (any bool) {
	for {
		n := r.phrase()
		if n == 0 {
			return any
		}
		if any && r.at < len(r.words) && names.Listed(r.words[r.at].Folded) && n == 1 && r.words[r.at].Capital && !greetingOnly[r.words[r.at].Folded] {
			return any // "Hi Dear", but "Ciao Cara" is a name
		}
		any = true
		r.at += n
		r.end = r.words[r.at-1].End
		r.respect = r.respect || respects[r.words[r.at-1].Folded]
		r.thanks = thanks[r.words[r.at-1].Folded]
	}
}

// greetingOnly are words of greeting that are on the lists of names and yet are
// hardly one behind another greeting.
var greetingOnly = words(`dear hi hello caro cara gentile hei mila mily`)

// phrase tells how many words of greeting stand here.
func (r *reader) phrase() int {
	var b [80]byte
	best, key := 0, b[:0]
	for n := 1; n <= longest && r.at+n <= len(r.words); n++ {
		w := &r.words[r.at+n-1]
		if n > 1 {
			if strings.ContainsAny(r.line[r.words[r.at+n-2].End:w.Start], ",!:;()\"") {
				break
			}
			key = append(key, ' ')
		}
		if len(w.Folded) > 16 {
			break
		}
		key = append(key, w.Folded...)
		if phrases[string(key)] {
			best = n
		}
	}
	return best
}

// names reads who is greeted.
func (r *reader) names() {
	for len(r.o.greeted) < maxNames {
		mark := *r
		listed := len(r.o.greeted) > 0 && !r.joined() // after a comma
		if listed {
			r.phrases() // "Hi Bob, hi Jim"
		}
		if listed && !r.small && r.at < len(r.words) && !r.words[r.at].Capital && !groups[r.words[r.at].Folded] {
			*r = mark
			return
		}
		g, group, ok := r.name()
		if !ok || listed && !r.endsHere() || listed && group && !groups[r.words[r.at-1].Folded] {
			*r = mark
			return
		}
		if group {
			r.o.group = true
			if len(g.words) == 0 && len(r.o.greeted) == 0 && !r.joinerAhead() {
				return
			}
		}
		if len(g.words) > 0 {
			r.o.greeted = append(r.o.greeted, g)
		}
		if !r.more() {
			return
		}
	}
}

// joined passes over "and", "og", "i", "&", "/", "+" and tells whether one was
// there.
func (r *reader) joined() bool {
	if r.at >= len(r.words) {
		return false
	}
	gap := strings.TrimSpace(r.line[r.end:r.words[r.at].Start])
	if gap == "&" || gap == "/" || gap == "+" {
		return true
	}
	if strings.Trim(gap, ", ") == "" && joiners[r.words[r.at].Folded] && !r.words[r.at].Capital {
		r.at++
		return true
	}
	return false
}

func (r *reader) joinerAhead() bool {
	ahead := *r
	return ahead.joined()
}

// more tells whether another name may follow: a joiner, or a comma.
func (r *reader) more() bool {
	if r.at >= len(r.words) {
		return false
	}
	gap := strings.TrimSpace(r.line[r.end:r.words[r.at].Start])
	return gap == "," || gap == "&" || gap == "/" || gap == "+" || gap == "!" || gap == "" && joiners[r.words[r.at].Folded] ||
		gap == "," && joiners[r.words[r.at].Folded]
}

// endsHere tells whether something that ends a greeting, or another name, is
// behind what was read.
func (r *reader) endsHere() bool {
	gap := r.gap()
	if r.at >= len(r.words) {
		return true
	}
	return strings.ContainsAny(gap, ",:;!&/–—") || strings.Contains(gap, " -") || joiners[r.words[r.at].Folded] && r.listAhead()
}

// listAhead tells whether a name and an end follow a joiner.
func (r *reader) listAhead() bool {
	ahead := *r
	if !ahead.joined() {
		return false
	}
	_, group, ok := ahead.name()
	return ok && (group || ahead.endsHere())
}

// gap is what stands between what was read and the next word.
func (r *reader) gap() string {
	if r.at >= len(r.words) {
		return r.line[r.end:]
	}
	return r.line[r.end:r.words[r.at].Start]
}

// name reads titles and the name of one person, or a word for a group.
func (r *reader) name() (g greeted, group, ok bool) {
	start := r.at
	g.titled, g.family = r.respect, r.respect
	for r.at < len(r.words) && r.isTitle() {
		g.titled = true
		g.family = titles[r.words[r.at].Folded] || offices[r.words[r.at].Folded]
		r.take()
		if ahead := *r; ahead.joined() && ahead.at < len(ahead.words) && ahead.isTitle() { // "Mr. and Mrs. Smith"
			r.joined()
		}
	}
	for r.at < len(r.words) && len(g.words) < 5 {
		w := &r.words[r.at]
		if len(g.words) > 0 && !r.closeBy() {
			break
		}
		if posttitles[w.Folded] && len(g.words) > 0 {
			g.titled, g.family = true, false
			r.take()
			break
		}
		if nobody(w.Folded) || len(g.words) > 0 && firms[w.Folded] {
			if len(g.words) == 0 || firms[w.Folded] {
				group, g.words = true, nil
				r.take()
			}
			break
		}
		if !r.isName(len(g.words) > 0) {
			break
		}
		if len(w.Folded) > 1 && !particles[w.Folded] {
			g.words = append(g.words, w.Folded)
		}
		r.take()
	}
	if r.at > start {
		g.text = r.line[r.words[start].Start:r.end]
	}
	return g, group, len(g.words) > 0 || group
}

func (r *reader) take() {
	r.end = r.words[r.at].End
	r.at++
	w := &r.words[r.at-1]
	_, title := titles[w.Folded]
	if r.end < len(r.line) && r.line[r.end] == '.' && (title || len(w.Folded) == 1) && r.at < len(r.words) {
		r.end++ // "Sr.", "dott.", "J."
	}
}

// closeBy tells whether the next word belongs to the one before: nothing but a
// blank, a hyphen or an apostrophe lies between.
func (r *reader) closeBy() bool {
	gap := r.line[r.end:r.words[r.at].Start]
	switch gap {
	case " ", "-", "'", "’", "  ":
		return true
	}
	return strings.TrimSpace(gap) == "" && len(gap) <= 3
}

// isTitle tells whether a title stands here and somebody behind it.
func (r *reader) isTitle() bool {
	w := &r.words[r.at]
	_, there := titles[w.Folded]
	if !there && offices[w.Folded] {
		return r.officeAhead()
	}
	if !there {
		return false
	}
	if r.at+1 >= len(r.words) {
		return len(w.Folded) > 2 && !names.Listed(w.Folded)
	}
	gap := r.line[w.End:r.words[r.at+1].Start]
	if ahead := *r; gap != "" && joiners[r.words[r.at+1].Folded] {
		ahead.take()
		return ahead.joined() && ahead.at < len(ahead.words) && ahead.isTitle()
	}
	return strings.Trim(gap, " .'’/") == "" && gap != "" || gap == "."
}

// officeAhead tells whether an office stands here as a title: a name, or one more
// title, is behind it.
func (r *reader) officeAhead() bool {
	if r.at+1 >= len(r.words) {
		return false
	}
	w, next := &r.words[r.at], &r.words[r.at+1]
	if gap := r.line[w.End:next.Start]; strings.TrimSpace(gap) != "" || gap == "" {
		return false
	}
	_, title := titles[next.Folded]
	return title || offices[next.Folded] || next.Capital && !groups[next.Folded] && !filler[next.Folded]
}

// isName tells whether a word may be a name: it has a capital letter, or it is
// on the lists, and no more than one such is in small letters.
func (r *reader) isName(inside bool) bool {
	w := &r.words[r.at]
	if first, _ := utf8.DecodeRuneInString(w.Text); !unicode.IsLetter(first) {
		return false
	}
	if w.Capital {
		return true
	}
	if inside {
		return particles[w.Folded] && !joiners[w.Folded] && r.at+1 < len(r.words) && r.words[r.at+1].Capital
	}
	return len(w.Folded) >= 3 && names.Listed(w.Folded)
}
