package queue

import (
	"fmt"
	"time"

	"belay/internal/guard"
	"belay/internal/mail"
)

// State is where a delivery stands. The numbers are stored, and ordered so
// that the smallest of a message's deliveries is the state of the message.
type State int

const (
	Held     State = 1 // waiting for its time or for somebody
	Ready    State = 2 // to be sent now
	Deferred State = 3 // an attempt failed for the moment; to be tried again
	Sending  State = 4 // committed before RCPT; only the outcome of the attempt ends it
	Failed   State = 5
	Returned State = 6 // given back to the sender because nobody answered
	Stopped  State = 7
	Sent     State = 8
)

// Message is a message as the queue knows it, without its bytes.
type Message struct {
	ID        mail.ID
	Received  time.Time
	Listener  string // "submission", "relay", "observe" or "belay" (written by belay itself)
	Principal string // the account that signed in, "" where a trusted network vouched
	Client    string // IP address of the client
	Author    string // mail.Key of the mailbox in From (Sender where several)
	MessageID string // Message-ID without brackets, "" where there is none
	Subject   string // decoded, one line
	Size      int64  // octets of the stored body
	EightBit  bool   // the bytes hold octets over 127
	UTF8Head  bool   // the header holds octets over 127 (needs SMTPUTF8 onwards)
	Trace     string // the Received line that goes on top, with its CRLF
	Bcc       string // the Bcc fields that submission took out, raw; for a draft
	Envelope  mail.Envelope
	Verdict   guard.Verdict
	// Learn is what is learned of it once it was sent (Options.Sent): opaque
	// here, nil where nothing is.
	Learn []byte
	State State
	// HeldUntil is when the first part leaves by itself; zero where none is held.
	// Where all that is held waits for an answer as well, it is the end of the
	// first delay, perhaps long over: the Questions tell how long it waits.
	HeldUntil  time.Time
	Deliveries []Delivery
	Questions  []Question // those of the verdict, as they stand; from Get, and from List where one is open
	Copies     []Copied   // the advance notices; only from Get
	Events     []Event    // only from Get, oldest first
}

// Delivery is one recipient's part of a message: the row of truth.
type Delivery struct {
	N         int // 0-based position in the envelope
	Recipient mail.Recipient
	Visible   bool // named in To or Cc, so that the others can read it
	State     State
	Due       time.Time // held: until when; ready, deferred: next attempt; otherwise when it ended
	// Gate is what it waits for besides the time: "" nothing, guard.Ask or
	// guard.Approve an answer. A delivery with a gate never leaves by the clock;
	// once the gate is open it leaves when Due has come.
	Gate     guard.Action
	Tries    int       // attempts begun
	Attempts []Attempt // only from Get, oldest first
	Last     Reply     // of the last attempt
}

// Attempt is one try to hand a delivery to an upstream.
type Attempt struct {
	Started, Ended time.Time
	Node           string
	Upstream       string // host:port, "" where none was reached
	Reply          Reply

	queue int64 // Started in queue time, 0 where that is not known
}

// Reply is an SMTP reply, or one that belay puts in its place.
type Reply struct {
	Code     int    // 250; 0 where no outcome is known
	Enhanced string // "2.0.0"
	Text     string // one line
}

// Event is one line of a message's record, as people may read it.
type Event struct {
	Time   time.Time
	Actor  string
	What   string // "accepted", "held", "stopped", "sent", …
	Reason string
	Facts  map[string]any
}

// Outcome is the answer for one recipient to something a person did.
type Outcome string

const (
	OutStopped        Outcome = "stopped"
	OutReleased       Outcome = "released"
	OutPostponed      Outcome = "postponed"
	OutApproved       Outcome = "approved"
	OutDenied         Outcome = "denied"
	OutRemembered     Outcome = "remembered"
	OutNeedsApproval  Outcome = "needs-approval"  // release of what somebody else has to approve, or to answer for
	OutTooLate        Outcome = "too-late"        // it is being sent, or was
	OutAlreadyStopped Outcome = "already-stopped" // stopped or returned before
	OutNotHeld        Outcome = "not-held"        // release or postpone of what does not wait, approval of what asks nobody
	OutReturned       Outcome = "returned"        // nobody answered in time; only from Expire
)

// RecipientOutcome is the answer for one recipient.
type RecipientOutcome struct {
	Address string
	Outcome Outcome
	// Visible warns, on a stop of some of the recipients, that the others can
	// still read this name in the header.
	Visible bool
	// Missing is, on an approval, how many more people must say yes.
	Missing int
}

// Question is a question of the verdict and what became of it.
type Question struct {
	guard.Question // Of grows when deputies are asked
	N              int
	State          QuestionState
	Asked          time.Time // when the first notice was written; zero while it was not
	Reminded       int       // how many reminders were written
	Answers        []Answered
	Closed         time.Time // zero while it is open
}

// QuestionState is where a question stands.
type QuestionState string

const (
	QuestionOpen   QuestionState = "open"
	QuestionYes    QuestionState = "yes"
	QuestionNo     QuestionState = "no"
	QuestionSilent QuestionState = "silence" // nobody answered in time
	QuestionVoid   QuestionState = "void"    // the mail was stopped, or released over it
)

// Answered is one person's word.
type Answered struct {
	Person  string // main address, mail.Key
	By      string // the actor, as in the journal
	Yes     bool
	Comment string // in their own words; travels to the sender
	Time    time.Time
	// Recipients are those that it was about, as in the envelope; empty is all
	// of the question's.
	Recipients []string
	// Override marks the word of an admin that stands for everybody's.
	Override bool

	positions []int // of Recipients; nil is all
}

// Copied is an advance notice and what became of it.
type Copied struct {
	guard.Copy
	Told      time.Time // when the notice was written; zero while it was not
	Arrives   time.Time // when the mail arrives, as the reader was last told; zero where no time was named
	Withdrawn time.Time // when they were told that the mail does not come; or, if Told is zero, when the notice was dropped
}

// Errand is something that the queue owes people: a notice to be written, or a
// time that runs out. It is stored in the transaction that caused it, and ends
// in the transaction that stores the notice, so that each is written once
// whatever crashes.
type Errand struct {
	Message  mail.ID
	N        int // within the message
	Kind     ErrandKind
	Question int // Question.N, -1 where it is about none
	Copy     int // index into Verdict.Copies, -1 where it is about none
	Due      time.Time
	// Facts are what the notice has to say beyond what the message tells.
	//
	//	what       result: approved, counted (more people must say yes), denied, released, stopped
	//	by         who did it, as in the journal
	//	person     their main address
	//	comment    in their own words
	//	questions  the questions it was about or that it closed, "0 2"
	//	recipients the positions of the recipients it was about, "0 1"
	//	missing    how many more people must say yes, "1"
	//	to         ask: only these of those who may answer are to be asked, "a@corp.test b@corp.test"
	//
	// Those that do not apply are missing. Whoever makes an errand may add others.
	Facts map[string]string
	// Seen is the message as the notices tell of it; it is not stored. Where it
	// is set and people have done something to the message since, Discharge and
	// Expire store nothing and answer ErrErrandStale.
	Seen *Message
}

// ErrandKind is what an errand is for.
type ErrandKind string

const (
	ErrandAsk      ErrandKind = "ask"      // ask those who may answer a question (facts: to, where it is not all of them)
	ErrandRemind   ErrandKind = "remind"   // remind them, then their deputies
	ErrandExpire   ErrandKind = "expire"   // nobody answered: Silence happens
	ErrandResult   ErrandKind = "result"   // tell the sender, and whoever else was asked, what was decided; not the one who did
	ErrandCopy     ErrandKind = "copy"     // write an advance notice
	ErrandWithdraw ErrandKind = "withdraw" // tell those with an advance notice that the mail does not come, where it does not
	ErrandRetime   ErrandKind = "retime"   // tell them that it comes at another time, where it does
)

// String is the reply on one line.
func (r Reply) String() string {
	if r.Code == 0 {
		return r.Text
	}
	if r.Enhanced == "" {
		return fmt.Sprintf("%d %s", r.Code, r.Text)
	}
	return fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text)
}

// Indefinite is the wait that no clock ends in practice: mail that waits longer
// than this waits for somebody to release it, as what a restore brought back
// does, and is shown so instead of with a countdown.
const Indefinite = 10 * 365 * 24 * time.Hour
