package api

import (
	"cmp"
	"slices"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/queue"
)

// Question is what somebody has to answer before a message may leave.
type Question struct {
	N          int        `json:"n"`
	Kind       string     `json:"kind" enum:"ask,approve" doc:"ask: its sender is asked; approve: somebody else has to agree"`
	Of         []string   `json:"of" nullable:"false" doc:"who may answer"`
	Need       int        `json:"need" doc:"how many different people must say yes"`
	Missing    int        `json:"missing" doc:"how many of them are missing; 0 where it is closed"`
	Recipients []string   `json:"recipients" nullable:"false" doc:"whom it is about"`
	Rules      []string   `json:"rules" nullable:"false" doc:"the rules behind it"`
	State      string     `json:"state" enum:"open,yes,no,silence,void" doc:"silence: nobody answered in time; void: stopped, or released over it"`
	Asked      *time.Time `json:"asked" nullable:"true" doc:"when the first notice was written"`
	Expires    time.Time  `json:"expires" doc:"when silence counts"`
	Silence    string     `json:"silence" enum:"return,release" doc:"what happens then: the sender gets it back, or it leaves"`
	Answers    []Answer   `json:"answers" nullable:"false"`
}

// Answer is one person's word.
type Answer struct {
	Person  string    `json:"person" doc:"the main address; of somebody who runs belay and answered for everybody, the name in the record"`
	Yes     bool      `json:"yes"`
	Comment string    `json:"comment"`
	Time    time.Time `json:"time"`
	// Recipients are those it was about, where that is not all of the question's.
	Recipients []string `json:"recipients,omitempty" doc:"about whom; absent: all of the question's"`
}

// Copied is an advance notice: somebody is told before the message arrives.
type Copied struct {
	Address    string     `json:"address"`
	Recipients []string   `json:"recipients" nullable:"false" doc:"whose mail it is"`
	Whole      bool       `json:"whole" doc:"the mail itself is attached"`
	Told       *time.Time `json:"told" nullable:"true" doc:"when the notice was written"`
	Withdrawn  *time.Time `json:"withdrawn" nullable:"true" doc:"when they were told that it does not come"`
}

// Told is an advance notice that had gone when a message was stopped.
type Told struct {
	Address    string    `json:"address"`
	Recipients []string  `json:"recipients" nullable:"false"`
	Time       time.Time `json:"time"`
}

func toQuestions(m *queue.Message) []Question {
	list := make([]Question, len(m.Questions))
	for i, q := range m.Questions {
		w := Question{N: q.N, Kind: string(q.Kind), Of: notNil(q.Of), Need: max(1, q.Need), Recipients: q.Recipients, Rules: notNil(q.Rules),
			State: string(q.State), Asked: moment(q.Asked), Expires: q.Expires, Silence: string(q.Silence), Answers: make([]Answer, len(q.Answers)), Missing: m.Missing(&q)}
		if len(w.Recipients) == 0 {
			w.Recipients = allRecipients(m)
		}
		for j, a := range q.Answers {
			w.Answers[j] = Answer{Person: cmp.Or(a.Person, a.By), Yes: a.Yes, Comment: a.Comment, Time: a.Time, Recipients: a.Recipients}
		}
		list[i] = w
	}
	return list
}

func allRecipients(m *queue.Message) []string {
	list := make([]string, len(m.Deliveries))
	for i, d := range m.Deliveries {
		list[i] = d.Recipient.Address
	}
	return list
}

func isAbout(q *queue.Question, d *queue.Delivery) bool {
	return len(q.Recipients) == 0 || slices.ContainsFunc(q.Recipients, func(a string) bool { return mail.Key(a) == mail.Key(d.Recipient.Address) })
}

// waitsFor says in a word what a delivery waits for besides its time.
func waitsFor(d *queue.Delivery) *string {
	words := map[guard.Action]string{guard.Ask: "answer", guard.Approve: "approval"}
	word, ok := words[d.Gate]
	if !ok || d.State != queue.Held {
		return nil
	}
	return &word
}

// latest is when a held delivery leaves by the clock: where it waits for an
// answer, when the first of its questions runs out, if that is later.
func latest(m *queue.Message, d *queue.Delivery) time.Time {
	until := d.Due
	if d.Gate == "" {
		return until
	}
	var first time.Time
	for i := range m.Questions {
		q := &m.Questions[i]
		if q.State == queue.QuestionOpen && isAbout(q, d) && (first.IsZero() || q.Expires.Before(first)) {
			first = q.Expires
		}
	}
	if first.After(until) {
		until = first
	}
	return until
}

func toCopies(copies []queue.Copied) []Copied {
	list := make([]Copied, len(copies))
	for i, c := range copies {
		list[i] = Copied{Address: c.To, Recipients: notNil(c.Recipients), Whole: c.Whole, Told: moment(c.Told), Withdrawn: moment(c.Withdrawn)}
	}
	return list
}

func toTold(copies []queue.Copied) []Told {
	var list []Told
	for _, c := range copies {
		list = append(list, Told{Address: c.To, Recipients: notNil(c.Recipients), Time: c.Told})
	}
	return list
}

func toOutcomes(outcomes []queue.RecipientOutcome) []Outcome {
	list := make([]Outcome, len(outcomes))
	for i, o := range outcomes {
		list[i] = Outcome{Address: o.Address, Outcome: string(o.Outcome), Visible: o.Visible, Missing: o.Missing}
	}
	return list
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
