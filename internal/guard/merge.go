package guard

import (
	"slices"
	"strings"

	"belay/internal/guard/rules"
)

// set are recipients; nil is everybody.
type set map[string]bool

func setOf(recipients []string) set {
	if len(recipients) == 0 {
		return nil
	}
	s := make(set, len(recipients))
	for _, r := range recipients {
		s[r] = true
	}
	return s
}

func (s set) has(recipient string) bool { return s == nil || s[recipient] }

// posed is a question on its way to being put. Recipients are looked up, never
// searched for: a mail may have a thousand, and rules be many.
type posed struct {
	Question
	about set
	of    string // who may answer, comparable
}

func pose(q Question) *posed {
	of := slices.Sorted(slices.Values(q.Of))
	return &posed{Question: q, about: setOf(q.Recipients), of: strings.Join(of, "\n")}
}

// questions are those that are put: the same people are asked once about the
// same recipients, and whoever waits for an approval is not asked about as well.
func (j *judging) questions() []Question {
	approvals, asks := merge(j.approvals), merge(j.asks)
	for _, q := range asks {
		for _, a := range approvals {
			if a.overlaps(q) {
				a.absorb(&q.Question)
			}
		}
	}
	var list []Question
	for _, a := range approvals {
		list = append(list, a.Question)
	}
	for _, q := range asks {
		if len(approvals) == 0 || j.uncover(q, approvals) {
			list = append(list, q.Question)
		}
	}
	return list
}

// merge joins questions to the same people where one covers the other's
// recipients and wants no fewer of them to say yes.
func merge(questions []Question) []*posed {
	list := make([]*posed, len(questions))
	for i, q := range questions {
		list[i] = pose(q)
	}
	for i := 0; i < len(list); i++ {
		for k := 0; k < len(list); k++ {
			if i == k || !list[i].includes(list[k]) {
				continue
			}
			more := list[k].Need > list[i].Need
			list[i].absorb(&list[k].Question)
			list = slices.Delete(list, k, k+1)
			if k < i {
				i--
			}
			if k--; more {
				k = -1 // what wants more people may include more
			}
		}
	}
	return list
}

// includes tells whether whoever answers q has answered other as well.
func (q *posed) includes(other *posed) bool {
	if q.of != other.of || !q.covers(other) {
		return false
	}
	return q.Need >= other.Need || len(q.Recipients) == len(other.Recipients)
}

// covers tells whether q is about everybody that other is about.
func (q *posed) covers(other *posed) bool {
	if q.about == nil {
		return true
	}
	return len(other.Recipients) > 0 && len(other.about) <= len(q.about) && !slices.ContainsFunc(other.Recipients, func(r string) bool { return !q.about[r] })
}

// overlaps tells whether both are about somebody.
func (q *posed) overlaps(other *posed) bool {
	if q.about == nil || other.about == nil {
		return true
	}
	return slices.ContainsFunc(other.Recipients, q.about.has)
}

// absorb takes over the reasons of another question. When nobody answers, the
// mail goes back if either of the two wants that.
func (q *Question) absorb(other *Question) {
	if other.Kind == q.Kind {
		q.Need = max(q.Need, other.Need)
	}
	q.Show = q.Show || other.Show // it is one mail, and to be shown by one of its rules
	q.Rules, q.Codes = slices.Clone(q.Rules), slices.Clone(q.Codes)
	for _, r := range other.Rules {
		q.Rules = add(q.Rules, r)
	}
	for _, c := range other.Codes {
		q.Codes = add(q.Codes, c)
	}
	if other.Silence == SilenceReturn {
		q.Silence = SilenceReturn
	}
}

// uncover takes the recipients out of an ask for whom an approval is needed
// anyway, and tells whether somebody is left.
func (j *judging) uncover(q *posed, approvals []*posed) bool {
	var left []string
	covered := false
	for _, r := range j.f.Envelope.Recipients {
		switch {
		case !q.about.has(r.Address):
		case slices.ContainsFunc(approvals, func(a *posed) bool { return a.about.has(r.Address) }):
			covered = true
		default:
			left = append(left, r.Address)
		}
	}
	if covered {
		q.Recipients = left
	}
	return !covered || len(left) > 0
}

// copy says who is told beforehand. Nobody is told of mail that is marked as
// personal, private or confidential, or that is encrypted. Of a rule that could
// not be worked out nobody gets the mail itself: perhaps it is not for them.
func (j *judging) copy(m *rules.Match, hit *Hit) {
	c := m.Rule.Copy
	if c.IsZero() {
		return
	}
	if why := j.secret(); why != "" {
		if hit.Reason == "" {
			hit.Reason = m.Rule.Name + " (nobody is told beforehand: the mail is " + why + ")"
		}
		return
	}
	var concerned []int
	for i := range j.keys {
		if !m.Rule.PerRecipient || slices.Contains(m.Recipients, i) {
			concerned = append(concerned, i)
		}
	}
	tell := func(to string, i int, whole bool) {
		if to = j.people.main(to); to == "" || j.gets(to) || slices.Contains(j.people.own, to) {
			return
		}
		hit.Copy = add(hit.Copy, to)
		if !hit.Observed {
			j.copies = append(j.copies, Copy{To: to, Recipients: []string{j.f.Envelope.Recipients[i].Address}, Whole: whole, Rule: m.Rule.Name})
		}
	}
	for _, i := range concerned {
		if c.Assistants {
			assistants, whole := j.dir.Assistants(j.keys[i])
			for _, a := range assistants {
				tell(a, i, whole && m.Err == nil)
			}
		}
		for _, a := range c.Addresses {
			tell(a, i, false)
		}
	}
}

// gets tells whether somebody is a recipient anyway.
func (j *judging) gets(who string) bool {
	if j.readers == nil {
		j.readers = make(map[string]bool, len(j.keys))
		for _, key := range j.keys {
			j.readers[j.people.main(key)] = true
		}
	}
	return j.readers[who]
}

// secret says why nobody is told of the mail, "" where people may be.
func (j *judging) secret() string {
	if j.f.Summary.IsPrivate() {
		return "marked as " + j.f.Summary.Sensitivity
	}
	if j.protected.Encrypted != "" {
		return "encrypted"
	}
	return ""
}

// mergeCopies tells each person once, of all the recipients.
func mergeCopies(list []Copy) []Copy {
	var out []Copy
	for _, c := range list {
		i := slices.IndexFunc(out, func(o Copy) bool { return o.To == c.To })
		if i < 0 {
			out = append(out, c)
			continue
		}
		out[i].Whole = out[i].Whole || c.Whole
		for _, r := range c.Recipients {
			out[i].Recipients = add(out[i].Recipients, r)
		}
	}
	return out
}
