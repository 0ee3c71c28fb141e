package access

import (
	"slices"
)

// Relation is what somebody is to a mail. One person can be several things to
// it: the author's manager may be a member of the shared mailbox too.
type Relation uint8

// The relations. The zero value is who has nothing to do with it.
const (
	Anybody   Relation = iota // nothing is known of them, or nothing that counts here
	Author                    // wrote it, under whichever of their addresses
	Member                    // a member of the shared mailbox that it was written as, or looks after that program
	Delegate                  // may write for the author
	Assistant                 // the author's assistant
	Owner                     // asked in the place of an author who cannot answer, such as a program that nobody looks after
	Approver                  // was asked for a yes or a no
	Admin                     // belay's own socket, a token of scope admin, the role admin
	Operator                  // sits at the machine itself and did not sign in
	Reader                    // a program with a token of scope read
	relations
)

var relationNames = [relations]string{"anybody", "author", "member", "delegate", "assistant", "owner", "approver", "admin", "operator", "reader"}

func (r Relation) String() string { return relationNames[r] }

// Deed is something that can be done to a mail, or to belay.
type Deed uint8

const (
	SeeFacts     Deed = iota // who, to whom, when, subject, verdict, record: no text
	SeeContent               // the mail itself
	SeeDraft                 // be given a stopped mail back, to change it
	Stop                     // also: give it back to its author as a draft
	Release                  // send it now, where nobody else has to agree
	Answer                   // say yes or no to what the sender is asked
	Approve                  // say yes or no to what an approver is asked
	Override                 // send it over an approval that is missing
	Postpone                 // move its time, either way
	Right                    // "it is right, do not ask again"; see and forget that
	SeeDirectory             // people, groups, who answers for whom
	Sync                     // read the directory again, accept what it removes
	Bypass                   // let everything pass for a while
	SeeJournal               // the record of everybody
	Judge                    // have a mail judged that nobody sends; the verdict tells whom its author knows
	Learn                    // have past mail learned
	Person                   // be given all that was learned of a person, or have it erased
	deeds
)

var deedNames = [deeds]string{"see facts", "see content", "see draft", "stop", "release", "answer", "approve",
	"override", "postpone", "right", "see directory", "sync", "bypass", "see journal", "judge", "learn", "person"}

func (d Deed) String() string { return deedNames[d] }

// Grant is whether somebody may.
type Grant uint8

const (
	No Grant = iota
	// Shown: only where a rule shows them the mail (show: true, or
	// assistants_see: mail).
	Shown
	// Noted: yes, and it stands in the mail's record, where the sender sees it.
	Noted
	Yes
)

func (g Grant) String() string { return [...]string{"no", "shown", "noted", "yes"}[g] }

// rights is the one table of who may do what. Nothing that it does not grant is
// allowed.
//
//   - Who may stop is wide: a wrong stop costs a minute, a wrong mail cannot be
//     taken back. So assistants and delegates stop too, and an approver's no is
//     a stop.
//   - Who may let a mail leave is narrow: only who wrote it, or may write as
//     that mailbox, knows that it is right. An assistant who could release would
//     take the author's answer from them.
//   - A program cannot be asked whether it meant it: who is asked in its place
//     answers as it would, without having a claim to read what it wrote.
//   - Nobody approves their own mail: approvers are others by the choice of the
//     rule, and being the author grants nothing there.
//   - Postpone can also make a mail leave earlier: it is held as narrow as a
//     release.
//   - The text belongs to its sender and to those whom a rule names (P8). An
//     admin may open it, and the record says so. A stopped mail goes back to
//     the sender alone.
//   - The directory says who works for whom: it is for the people who look
//     after belay. Each person's own lines are shown to them where they matter,
//     in notices and pages, not through this deed.
//   - The operator is whoever sits at the machine: they could read the database
//     file, so the pages do not pretend to keep more from them than from an admin.
//   - A program with a token of scope read sees what the lists show and changes
//     nothing. It does not see the directory, nor the journal.
var rights = [relations][deeds]Grant{
	Anybody:   {},
	Author:    {SeeFacts: Yes, SeeContent: Yes, SeeDraft: Yes, Stop: Yes, Release: Yes, Answer: Yes, Postpone: Yes, Right: Yes},
	Member:    {SeeFacts: Yes, SeeContent: Yes, SeeDraft: Yes, Stop: Yes, Release: Yes, Answer: Yes, Postpone: Yes, Right: Yes},
	Delegate:  {SeeFacts: Yes, Stop: Yes},
	Assistant: {SeeFacts: Yes, SeeContent: Shown, Stop: Yes},
	Owner:     {SeeFacts: Yes, SeeContent: Shown, Stop: Yes, Release: Yes, Answer: Yes, Postpone: Yes, Right: Yes},
	Approver:  {SeeFacts: Yes, SeeContent: Shown, Stop: Yes, Approve: Yes},
	Admin:     everything,
	Operator:  everything,
	Reader:    {SeeFacts: Yes},
}

// everything is what those who run belay may: all but be given others' mail
// back as a draft, and with a line in the record where they read one.
var everything = [deeds]Grant{SeeFacts: Yes, SeeContent: Noted, Stop: Yes, Release: Yes, Answer: Yes, Approve: Yes,
	Override: Yes, Postpone: Yes, Right: Yes, SeeDirectory: Yes, Sync: Yes, Bypass: Yes, SeeJournal: Yes, Judge: Yes, Learn: Yes, Person: Yes}

// May is what one relation grants.
func (r Relation) May(d Deed) Grant {
	if r >= relations || d >= deeds {
		return No
	}
	return rights[r][d]
}

// Relations are all that somebody is to a mail; none is Anybody.
type Relations []Relation

// May is the most that any of them grants.
func (rs Relations) May(d Deed) Grant {
	best := Anybody.May(d)
	for _, r := range rs {
		best = max(best, r.May(d))
	}
	return best
}

// People is what has to be known of people to say what they are to a mail; the
// directory knows it. Addresses go in as they come, and come back as mail.Key.
type People interface {
	Main(address string) string
	Members(mailbox string) []string
	Assistants(of string) (list []string, whole bool)
	MayStop(who, author string) bool
}

// RelationsOf tells what the person with these addresses is to a mail by author.
// toAnswer are those who are asked whether the author meant it, toApprove those
// whose approval it waits for (queue.Question.Of). Where people is nil, everybody
// is only themselves: addresses are compared as they are.
func RelationsOf(people People, addresses []string, author string, toAnswer, toApprove []string) Relations {
	main := func(address string) string { return address }
	if people != nil {
		main = people.Main
	}
	var found Relations
	add := func(r Relation) {
		if !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	for _, who := range addresses {
		if who == "" {
			continue
		}
		self := func(other string) bool { return other != "" && main(other) == main(who) }
		near := nearest(people, who, author, self)
		if near == Anybody && slices.ContainsFunc(toAnswer, self) {
			near = Owner
		}
		if near != Anybody {
			add(near)
		}
		if near != Author && slices.ContainsFunc(toApprove, self) {
			add(Approver)
		}
	}
	slices.Sort(found)
	return found
}

// nearest is what an address is to the author.
func nearest(people People, who, author string, self func(string) bool) Relation {
	if self(author) {
		return Author
	}
	if people == nil {
		return Anybody
	}
	if !people.MayStop(who, author) {
		return Anybody // also the members of a list: what goes out under its name is not theirs
	}
	assistants, _ := people.Assistants(author)
	switch {
	case slices.ContainsFunc(people.Members(author), self):
		return Member
	case slices.ContainsFunc(assistants, self):
		return Assistant
	}
	return Delegate
}
