package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// The stored numbers of a question's states; 1 is in an index.
var questionStates = []QuestionState{1: QuestionOpen, 2: QuestionYes, 3: QuestionNo, 4: QuestionSilent, 5: QuestionVoid}

// answerLine is an Answered as it is stored: one JSON object a line.
type answerLine struct {
	Person   string `json:"person"`
	By       string `json:"by,omitempty"`
	Yes      bool   `json:"yes"`
	Comment  string `json:"comment,omitempty"`
	Time     int64  `json:"time"` // microseconds, wall clock
	Override bool   `json:"override,omitempty"`
	N        []int  `json:"n,omitempty"` // positions of the recipients, none where it is all of them
}

// maxComment bounds what is kept of a comment, in octets.
const maxComment = 16000

func encodeAnswers(answers []Answered) string {
	var b strings.Builder
	for _, a := range answers {
		line, err := json.Marshal(answerLine{Person: a.Person, By: a.By, Yes: a.Yes, Comment: storable(a.Comment),
			Time: a.Time.UnixMicro(), Override: a.Override, N: a.positions})
		if err != nil {
			panic(err) // strings and numbers always encode
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// decodeAnswers reads answers; address gives a recipient's by its position.
func decodeAnswers(lines string, address func(n int) string) ([]Answered, error) {
	var answers []Answered
	for line := range strings.Lines(lines) {
		var l answerLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			return nil, fmt.Errorf("decode an answer: %w", err)
		}
		a := Answered{Person: l.Person, By: l.By, Yes: l.Yes, Comment: l.Comment,
			Time: time.UnixMicro(l.Time).UTC(), Override: l.Override, positions: l.N}
		for _, n := range l.N {
			a.Recipients = append(a.Recipients, address(n))
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// framePeople puts a line feed before and after each address, so that one can
// be looked for whole.
func framePeople(people []string) string { return "\n" + strings.Join(people, "\n") + "\n" }

// insertQuestions are the statements that store a new message's questions.
func (s *insert) insertQuestions() {
	for i := range s.m.Questions {
		k := &s.m.Questions[i]
		s.asking = append(s.asking, statement{sqlInsertQuestion, []any{s.m.ID.Bucket(), s.m.ID[:], k.N,
			int(gateOf(k.Kind)), slices.Index(questionStates, k.State), framePeople(k.Of), s.q.time.toQueueAs(k.Expires, s.m.Received)}})
	}
}

// loadQuestions reads what became of the questions of a message's verdict.
func (q *Queue) loadQuestions(ctx context.Context, tx db.Tx, m *Message) ([]Question, error) {
	rows, err := tx.Query(ctx, sqlQuestions, m.ID.Bucket(), m.ID[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var questions []Question
	for rows.Next() {
		var k Question
		var people, answers string
		var state int
		var expires, asked, closed int64
		if err := rows.Scan(&k.N, &state, &people, &expires, &asked, &k.Reminded, &closed, &answers); err != nil {
			return nil, err
		}
		if k.N >= len(m.Verdict.Questions) || state <= 0 || state >= len(questionStates) {
			return nil, fmt.Errorf("question %d of message %s, in state %d, is none of its verdict", k.N, m.ID, state)
		}
		k.Question, k.State = m.Verdict.Questions[k.N], questionStates[state]
		k.Of = strings.FieldsFunc(people, func(r rune) bool { return r == '\n' })
		k.Expires = q.time.toWall(expires)
		k.Asked, k.Closed = timeOrZero(asked), timeOrZero(closed)
		k.Answers, err = decodeAnswers(answers, func(n int) string { return m.Envelope.Recipients[n].Address })
		if err != nil {
			return nil, err
		}
		questions = append(questions, k)
	}
	return questions, rows.Err()
}

// timeOrZero is the wall clock of stored microseconds, the zero time for 0.
func timeOrZero(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return db.Time(micros)
}

func microsOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// loadCopies reads what became of the advance notices of a message's verdict.
func loadCopies(ctx context.Context, tx db.Tx, m *Message) error {
	m.Copies = nil
	for _, c := range m.Verdict.Copies {
		m.Copies = append(m.Copies, Copied{Copy: c})
	}
	if len(m.Copies) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, sqlAdvance, m.ID.Bucket(), m.ID[:])
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var told, arrives, withdrawn int64
		if err := rows.Scan(&n, &told, &arrives, &withdrawn); err != nil {
			return err
		}
		if n < len(m.Copies) {
			c := &m.Copies[n]
			c.Told, c.Arrives, c.Withdrawn = timeOrZero(told), timeOrZero(arrives), timeOrZero(withdrawn)
		}
	}
	return rows.Err()
}

// standing is a question as it stands within a transaction.
type standing struct {
	Question
	covered []bool // by position: whether it is about this recipient
	closes  QuestionState
	dirty   bool // to be written
	closed  bool // it was closed just now
}

// newStanding finds out whom a question is about.
func newStanding(k Question, targets []target) *standing {
	s := &standing{Question: k, covered: make([]bool, len(targets)), closes: QuestionVoid}
	about := addresseesOf(k.Recipients)
	for i := range targets {
		s.covered[i] = about.has(mail.Key(targets[i].address))
	}
	return s
}

func (s *standing) open() bool { return s.State == QuestionOpen }

// about tells whether an answer is about the recipient at a position.
func (a *Answered) about(n int) bool {
	return len(a.positions) == 0 || slices.Contains(a.positions, n)
}

// missing is how many more people must say yes before the recipient at a
// position may get the mail, as far as this question goes.
func (s *standing) missing(n int) int {
	var people []string
	for i := range s.Answers {
		a := &s.Answers[i]
		if !a.Yes || !a.about(n) {
			continue
		}
		if a.Override {
			return 0
		}
		if !slices.Contains(people, a.Person) {
			people = append(people, a.Person)
		}
	}
	return max(0, max(1, s.Need)-len(people))
}

// said tells whether a person has said yes for the recipient at a position.
func (s *standing) said(person string, n int) bool {
	return slices.ContainsFunc(s.Answers, func(a Answered) bool { return a.Yes && a.Person == person && a.about(n) })
}

// mayAnswer tells whether one of these addresses (mail.Key) is asked.
func (s *standing) mayAnswer(as []string) bool {
	return slices.ContainsFunc(as, func(a string) bool { return a != "" && slices.Contains(s.Of, a) })
}

// waits tells whether a delivery still waits for this question.
func (s *standing) waits(t *target) bool {
	return s.open() && s.covered[t.n] && t.behind() && s.missing(t.n) > 0
}

// among are those of the positions that an open question is about.
func (s *standing) among(positions []int) (about []int) {
	for _, n := range positions {
		if s.open() && s.covered[n] {
			about = append(about, n)
		}
	}
	return about
}

// answer records a word about those at positions.
func (s *standing) answer(a Answered, positions []int) {
	covered := 0
	for _, c := range s.covered {
		if c {
			covered++
		}
	}
	if a.positions = positions; len(positions) == covered {
		a.positions = nil
	}
	s.Answers = append(s.Answers, a)
	s.dirty = true
}

// keys are addresses as mail.Key.
func keys(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		if k := mail.Key(a); k != "" {
			out = append(out, k)
		}
	}
	return out
}

// trim keeps what is stored of a comment.
func trim(comment string) string {
	comment = storable(comment)
	if len(comment) > maxComment {
		comment = storable(comment[:maxComment])
	}
	return comment
}
