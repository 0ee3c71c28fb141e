package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"belay/internal/guard/rules"
	"belay/internal/mail"
)

// apply does what a rule that matched says.
func (j *judging) apply(ctx context.Context, m *rules.Match) {
	hit := Hit{Name: m.Rule.Name, Action: Pass, Observed: m.Rule.Observe}
	if m.Err != nil {
		j.g.log.WarnContext(ctx, "a rule failed; it counts as true", "rule", m.Rule.Name, "actor", j.f.Author, "error", m.Err)
		hit.Reason = shorten(fmt.Sprintf("%s (the rule could not be worked out, so it counts: %v)", m.Rule.Name, m.Err))
	}
	if m.Rule.PerRecipient {
		for _, n := range m.Recipients {
			hit.Recipients = append(hit.Recipients, j.f.Envelope.Recipients[n].Address)
		}
	}
	j.delay(m, &hit)
	j.copy(m, &hit)
	switch {
	case m.Rule.Reject != "":
		j.reject(m, &hit)
	case !m.Rule.Approve.IsZero():
		of, need := j.people.approvers(m.Rule.Approve, j.f)
		j.ask(m, &hit, Question{Kind: Approve, Of: of, Need: need, Codes: j.codes(m), Show: m.Rule.Show && m.Err == nil})
	case m.Rule.Ask:
		j.askSender(ctx, m, &hit)
	}
	if m.Rule.PerRecipient {
		j.perRecipient = j.perRecipient || !hit.Observed
	}
	j.hits = append(j.hits, hit)
}

// delay says for how long the rule holds, by the scores where it is a range.
// While something could not be looked for, nobody knows the scores.
func (j *judging) delay(m *rules.Match, hit *Hit) {
	of := func(i int) time.Duration {
		score := j.seen.Recipients[i].Score
		if m.Err != nil || len(j.failed) > 0 {
			score = 1
		}
		return j.g.cap(m.Rule.DelayFor(score))
	}
	switch ranged := m.Rule.MaxDelay > m.Rule.Delay; {
	case !ranged:
		hit.Delay = j.g.cap(m.Rule.Delay)
	case m.Rule.PerRecipient:
		for _, n := range m.Recipients {
			late := of(n)
			hit.Late = append(hit.Late, late)
			hit.Delay = max(hit.Delay, late)
		}
	default:
		for n := range j.keys {
			hit.Delay = max(hit.Delay, of(n))
		}
	}
	if m.Rule.MaxDelay > 0 || m.Rule.Delay > 0 {
		hit.Action = Delay
	}
}

// reject refuses the mail. A rule that could not be worked out refuses nothing:
// the mail waits until an admin has looked at it.
func (j *judging) reject(m *rules.Match, hit *Hit) {
	switch {
	case m.Err == nil:
		hit.Action, hit.Reason = Reject, m.Rule.Reject
		j.refused = j.refused || !hit.Observed
	default:
		of := slices.DeleteFunc(slices.Clone(j.people.admins), func(a string) bool { return slices.Contains(j.people.own, a) })
		if len(of) == 0 {
			of = j.people.admins
		}
		j.ask(m, hit, Question{Kind: Approve, Of: of, Need: 1, Codes: j.codes(m)})
	}
}

// askSender asks the sender, but for recipients that were said to be right.
func (j *judging) askSender(ctx context.Context, m *rules.Match, hit *Hit) {
	q := Question{Kind: Ask, Of: j.people.sender(), Need: 1, Codes: j.codes(m)}
	if m.Err == nil {
		left, all := j.notRight(ctx, m)
		switch {
		case len(left) == 0:
			hit.Reason = m.Rule.Name + " (you said that this is right)"
			return
		case !all && m.Rule.PerRecipient:
			q.Recipients = left
		}
		if why := j.quiet(m, hit, left); why != "" {
			j.onlyWatch(hit, why)
			return
		}
	}
	j.ask(m, hit, q)
}

// quiet keeps questions within the budget (P10): it says why the sender is not
// asked, "" where they are. A rule that does not rest on signals alone asks in
// any case; what could not be looked for is never kept quiet (P6).
func (j *judging) quiet(m *rules.Match, hit *Hit, about []string) string {
	behind := j.behind(m, about)
	if !behind.any || hit.Observed || m.Unprompted(j.seen) {
		return ""
	}
	j.strongest = max(j.strongest, behind.strength())
	threshold, observe := j.threshold()
	switch {
	case j.g.asking == nil && behind.own > 0: // it fired, and nobody keeps a budget
		return ""
	case observe:
		return m.Rule.Name + " (belay is still finding out how often it would ask, so it only watches)"
	case behind.strength() < threshold:
		return m.Rule.Name + " (too little speaks for it: belay asks about one mail in a hundred at most)"
	}
	return ""
}

// threshold is from which strength on somebody is asked.
func (j *judging) threshold() (strength float64, observe bool) {
	if j.g.asking == nil {
		return DefaultThreshold, false
	}
	return j.g.asking.Threshold(j.dir.Main(j.f.Author))
}

// behind is how strongly signals speak for a question.
type behind struct {
	any   bool
	rated float64 // by the ratings of recipients
	own   float64 // by the scores of signals that no rating has weighed
}

// strength is one number for both. Below the shipped threshold only ratings
// count: nothing else is calibrated.
func (b behind) strength() float64 {
	if b.own < DefaultThreshold {
		return b.rated
	}
	return max(b.rated, b.own)
}

// behind looks for what speaks for a question about these recipients.
func (j *judging) behind(m *rules.Match, about []string) (b behind) {
	for _, i := range m.Signals {
		s := &j.signals[i]
		if s.Code == CodeFailed {
			return behind{}
		}
		everybody := !slices.Contains(j.keys, s.Recipient) // the whole mail, or somebody who is missing
		for _, a := range about {
			key := mail.Key(a)
			if !everybody && key != s.Recipient {
				continue
			}
			b.any = true
			if r := j.weighed(s, key); r != nil {
				b.rated = max(b.rated, r.Strength)
			} else {
				b.own = max(b.own, s.Score)
			}
		}
	}
	return b
}

// onlyWatch lists a rule that would have asked. Its delay still counts.
func (j *judging) onlyWatch(hit *Hit, why string) {
	hit.Reason = shorten(why)
	if hit.Action == Pass && len(hit.Copy) == 0 {
		hit.Action, hit.Observed = Ask, true
	}
}

// ask adds a rule's question.
func (j *judging) ask(m *rules.Match, hit *Hit, q Question) {
	if len(q.Of) == 0 { // nobody is known at all: at least it waits
		hit.Action, hit.Delay = Delay, max(hit.Delay, j.g.cap(failedDelay))
		hit.Reason = shorten(m.Rule.Name + " (nobody is known who could be asked, so it only waits)")
		return
	}
	hit.Action, hit.Of = q.Kind, q.Of
	if q.Need > 1 {
		hit.Need = q.Need
	}
	if hit.Observed {
		return
	}
	if q.Recipients == nil {
		q.Recipients = hit.Recipients
	}
	q.Rules = []string{m.Rule.Name}
	if q.Silence = Silence(m.Rule.OnSilence); q.Silence == "" {
		q.Silence = j.g.question.Silence
	}
	q.Expires = j.expires()
	if q.Kind == Approve {
		j.approvals = append(j.approvals, q)
	} else {
		j.asks = append(j.asks, q)
	}
}

// expires is when nobody has answered.
func (j *judging) expires() time.Time {
	t := j.g.calendar.Add(j.f.Time, j.g.question.Expire)
	if latest := j.f.Time.Add(j.g.maxHold); j.g.maxHold > 0 && t.After(latest) {
		t = latest
	}
	return t.UTC()
}

// codes are what "it is right" has to be remembered about, for a rule not to
// ask again: the signals that it saw, or the rule itself where it saw none. Of
// a rule that failed nobody knows what it saw.
func (j *judging) codes(m *rules.Match) []string {
	if m.Err != nil {
		return []string{CodeFailed}
	}
	var codes []string
	for _, i := range m.Signals {
		if !m.Rule.PerRecipient || j.concerns(m, j.signals[i].Recipient) {
			codes = add(codes, j.signals[i].Code)
		}
	}
	if codes == nil {
		return []string{"rule:" + m.Rule.Name}
	}
	return codes
}

// concerns tells whether a signal is about somebody for whom the rule holds.
func (j *judging) concerns(m *rules.Match, recipient string) bool {
	return recipient == "" || slices.ContainsFunc(m.Recipients, func(n int) bool { return j.keys[n] == recipient })
}

// notRight are the recipients about whom the sender is still to be asked, and
// whether those are all for whom the rule holds.
func (j *judging) notRight(ctx context.Context, m *rules.Match) (left []string, all bool) {
	about := j.aboutWhom(m)
	right := j.right(ctx, about)
	all = true
	for i, r := range j.f.Envelope.Recipients {
		if m.Rule.PerRecipient && !slices.Contains(m.Recipients, i) {
			continue
		}
		if key := j.keys[i]; len(about[key]) == 0 || right[key] {
			all = false
			continue
		}
		left = append(left, r.Address)
	}
	return left, all
}

// aboutWhom are the codes that a rule saw about each recipient. What is about
// somebody who does not get the mail is about all who do.
func (j *judging) aboutWhom(m *rules.Match) map[string][]string {
	about := map[string][]string{}
	if codes := j.codes(m); codes[0] == "rule:"+m.Rule.Name {
		for _, key := range j.keys {
			about[key] = codes
		}
		return about
	}
	for _, i := range m.Signals {
		s := j.signals[i]
		everybody := s.Recipient == "" || !slices.Contains(j.keys, s.Recipient)
		for _, key := range j.keys {
			if everybody || s.Recipient == key {
				about[key] = add(about[key], s.Code)
			}
		}
	}
	return about
}

// right asks the store once for all recipients with the same codes. What cannot
// be looked up is asked about.
func (j *judging) right(ctx context.Context, about map[string][]string) map[string]bool {
	all := map[string]bool{}
	if j.g.right == nil || j.f.Author == "" {
		return all
	}
	groups := map[string][]string{}
	for key, codes := range about {
		groups[strings.Join(codes, " ")] = append(groups[strings.Join(codes, " ")], key)
	}
	for _, keys := range groups {
		said, err := j.g.right(ctx, j.f.Author, keys, about[keys[0]])
		if err != nil {
			j.g.log.WarnContext(ctx, "cannot look up what was said to be right; the sender is asked", "actor", j.f.Author, "error", err)
		}
		for _, key := range keys {
			all[key] = all[key] || said[key]
		}
	}
	return all
}
