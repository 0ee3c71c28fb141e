package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"belay/internal/mail"
	"belay/internal/worktime"
)

// maxRefusal is how long the text of a refusal may be, in characters: it has
// to fit a reply of SMTP.
const maxRefusal = 300

// rule checks a rule but for its condition and for the people it names, which
// rooms above know.
func (k *checker) rule(r Rule, path string) {
	if r.When == "" {
		k.fail(path, `%s has no condition; add one, such as "when: recipients.exists(r, r.external)"`, ruleName(r, path))
	}
	k.ruleDelay(r, path)
	k.ruleActions(r, path)
	k.rulePeople(r, path)
	k.ruleTimes(r, path)
}

// given tells whether the file has a key.
func (k *checker) given(path string) bool {
	_, ok := k.c.places[path]
	return ok
}

func (k *checker) ruleDelay(r Rule, path string) {
	most := k.c.Limits.Hold
	switch {
	case r.Delay.Max <= most:
	case !k.given("rules"):
		if at := k.c.places["limits.hold"]; !slices.ContainsFunc(k.errs, func(e *Error) bool { return e.Line == at.line && e.Column == at.column }) {
			k.fail("limits.hold", "limits.hold: %s is shorter than the default rule's delay, %s; set rules", FormatDuration(most), FormatDuration(r.Delay.Max))
		}
	default:
		k.fail(path+".delay", "%s.delay: %s is longer than limits.hold, which is %s", path, FormatDuration(r.Delay.Max), FormatDuration(most))
	}
}

// ruleActions finds rules that do nothing, and those that want two things at
// once which exclude each other.
func (k *checker) ruleActions(r Rule, path string) {
	var words []string // those of which a rule has one at most
	for _, w := range []struct {
		key string
		set bool
	}{{"ask", r.Ask != ""}, {"approve", !r.Approve.IsZero()}, {"reject", r.Reject != ""}} {
		if w.set {
			words = append(words, w.key)
		}
	}
	delays := r.Delay.Max > 0
	switch {
	case len(words) > 1:
		k.fail(path+"."+words[len(words)-1], "%s: %s cannot stand in one rule; keep one of them, or make two rules", path, strings.Join(words, " and "))
	case len(words) == 0 && !delays && r.Copy.IsZero():
		k.fail(path, `%s does nothing; say what it does, as "delay: 5m", "ask: sender", "approve: manager", "copy: assistants" or "reject: …"`, ruleName(r, path))
	case r.Reject != "" && delays:
		k.fail(path+".delay", "%s.delay: mail that is refused does not wait; take delay or reject out", path)
	case r.Reject != "" && !r.Copy.IsZero():
		k.fail(path+".copy", "%s.copy: of mail that is refused nobody is told beforehand; take copy or reject out", path)
	}
	k.ruleReject(r, path)
	if r.OnSilence != "" && r.Ask == "" && r.Approve.IsZero() {
		k.fail(path+".on_silence", "%s.on_silence: this rule asks nobody; take it out, or add ask or approve", path)
	}
}

func (k *checker) ruleReject(r Rule, path string) {
	switch path += ".reject"; {
	case slices.Contains([]string{"false", "no", "off"}, strings.ToLower(r.Reject)):
		k.fail(path, "%s: leave the key out, or write the text that the sender is told", path)
	case utf8.RuneCountInString(r.Reject) > maxRefusal:
		k.fail(path, "%s: the text is longer than %d characters, which no reply of SMTP can hold; shorten it", path, maxRefusal)
	case strings.ContainsFunc(r.Reject, unicode.IsControl):
		k.fail(path, "%s: the text must stand on one line", path)
	}
}

// rulePeople checks what can be told about the people of a rule without
// knowing who is who.
func (k *checker) rulePeople(r Rule, path string) {
	list := func(key string, addresses []string, empty string) {
		if addresses != nil && len(addresses) == 0 {
			k.fail(path+"."+key, "%s.%s: the list is empty; %s", path, key, empty)
		}
		for i, a := range addresses {
			at := fmt.Sprintf("%s.%s[%d]", path, key, i)
			if !k.given(at) {
				at = path + "." + key
			}
			k.address(a, at)
		}
	}
	list("approve", r.Approve.Addresses, "name who may approve, or write manager")
	list("copy", r.Copy.Addresses, "name who is told, or write assistants")
	if r.Groups != nil && len(r.Groups) == 0 {
		k.fail(path+".groups", "%s.groups: the list is empty, so the rule would count for nobody; name a group, or leave the key out for everybody", path)
	}
	if r.Approve.Manager && !k.hasDirectory() {
		k.fail(path+".approve", "%s.approve: nobody's manager is known; set directory", path)
	}
	if group := r.Approve.Group; group != "" && !k.hasDirectory() {
		if Nearest(group, []string{"manager"}) != "" {
			k.fail(path+".approve", "%s.approve: the group %q is known nowhere; did you mean \"manager\"?", path, group)
		} else {
			k.fail(path+".approve", "%s.approve: the group %q is known nowhere; set directory, or write an address", path, group)
		}
	}
	if len(r.Groups) > 0 && !k.hasDirectory() {
		k.fail(path+".groups", "%s.groups: no groups are known; set directory", path)
	}
	k.ruleShow(r, path)
}

func (k *checker) hasDirectory() bool { return k.c.Directory.File != "" || k.c.Directory.LDAP != nil }

// ruleShow keeps mail from being read without a word of the privacy officer
// (P8).
func (k *checker) ruleShow(r Rule, path string) {
	switch {
	case r.Show == "" && r.AgreedBy != "":
		k.fail(path+".agreed_by", `%s.agreed_by: nothing is shown by this rule; add "show: mail", or take agreed_by out`, path)
	case r.Show == "":
	case r.Approve.IsZero():
		k.fail(path+".show", "%s.show: nobody is asked to approve, so there is nobody to show the mail to; take it out", path)
	case r.AgreedBy == "":
		k.fail(path+".show", `%s.show: approvers would read other people's mail; write who agreed to that, as "agreed_by: ADDRESS" of a privacy officer (roles.privacy in the directory)`, path)
	case !k.hasDirectory():
		k.fail(path+".agreed_by", "%s.agreed_by: no privacy officer is known (roles.privacy); set directory", path)
	default:
		k.address(r.AgreedBy, path+".agreed_by")
	}
}

func (k *checker) ruleTimes(r Rule, path string) {
	zone := k.c.Calendar.Zone()
	start, end := r.Start.Begins(zone), r.End.Ends(zone)
	if !start.IsZero() && !end.IsZero() && !start.Before(end) {
		k.fail(path+".end", "%s.end: the rule would end (%s) before it begins (%s)", path, r.End, r.Start)
	}
}

func ruleName(r Rule, path string) string {
	if r.Name == "" {
		return path
	}
	return `the rule "` + short(r.Name) + `"`
}

// programs checks those that are listed.
func (k *checker) programs() {
	seen := map[string]bool{}
	for i, p := range k.c.Programs {
		path := "programs[" + strconv.Itoa(i) + "]"
		k.address(p.Address, path+".address")
		if key := mail.Key(p.Address); p.Address != "" && seen[key] {
			k.fail(path+".address", "%s.address: %s stands here twice", path, p.Address)
		} else {
			seen[key] = true
		}
		k.owner(p.Owner, path+".owner", p.Address)
	}
	k.owner(k.c.UnlistedPrograms.Owner, "unlisted_programs.owner", "")
}

func (k *checker) owner(owner, path, program string) {
	if owner == "" {
		return
	}
	k.address(owner, path)
	isProgram := slices.ContainsFunc(k.c.Programs, func(p Program) bool { return mail.Key(p.Address) == mail.Key(owner) })
	if isProgram || mail.Key(owner) == mail.Key(program) {
		k.fail(path, "%s: %s is a program; name the person who answers for it", path, owner)
	}
}

func (k *checker) directory() {
	l := k.c.Directory.LDAP
	if k.given("directory") && !k.hasDirectory() {
		k.fail("directory", `directory names nothing; write a file's name, or ldap: {url: …}`)
	}
	if l == nil {
		return
	}
	const path = "directory.ldap"
	switch scheme, host, _ := strings.Cut(l.URL, "://"); {
	case l.URL == "":
		k.fail(path, `%s names no server; write url: ldaps://ldap.corp.test`, path)
	case scheme != "ldap" && scheme != "ldaps" && scheme != "ldapi" || host == "":
		k.fail(path+".url", `%s.url: %q is no directory server; write it as ldaps://ldap.corp.test`, path, l.URL)
	}
	if l.Base == "" {
		k.fail(path, "%s says not where to look; write base: ou=people,dc=corp,dc=test", path)
	}
	if (l.BindDN == "") != (l.PasswordFile == "") {
		k.fail(path+".bind_dn", "%s: bind_dn and password_file go together", path)
	}
	for key, filter := range map[string]string{"filter": l.Filter, "groups": l.Groups, "lists": l.Lists, "shared": l.Shared} {
		if filter != "" && (strings.Count(filter, "(") != strings.Count(filter, ")") || !strings.HasPrefix(filter, "(")) {
			k.fail(path+"."+key, `%s.%s: %q is no filter; write it as (objectClass=inetOrgPerson)`, path, key, filter)
		}
	}
	k.span(path+".every", l.Every, time.Minute, 30*day)
}

func (k *checker) question() {
	q := k.c.Question
	if q.Share < 0 || q.Share > 1 {
		k.fail("question.share", "question.share: want a number from 0 to 1; 0.01 is one mail in a hundred")
	}
	k.span("question.observe", q.Observe, 0, 366*day)
	if q.Expire.IsZero() {
		k.fail("question.expire", "question.expire: nobody could answer in no time; write it as 2d")
	}
	if q.Remind.IsZero() {
		k.fail("question.remind", "question.remind: a reminder in no time is no reminder; write it as 4h")
	}
}

// calendar checks the calendar, which says itself which of its settings is
// wrong.
func (k *checker) calendar() {
	c := k.c.Calendar
	_, err := worktime.New(c.Timezone, c.Hours, c.Holidays, c.Quiet)
	if err == nil {
		return
	}
	setting, rest, _ := strings.Cut(err.Error(), ": ")
	k.fail("calendar."+setting, "calendar.%s: %s", setting, rest)
}
