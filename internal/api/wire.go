package api

import (
	"context"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
)

// The JSON that programs see. Field names are a contract: they are added to,
// never renamed. Times are RFC 3339 in UTC; null where there is none. Lists
// are never null.

// Messages is a page of messages.
type Messages struct {
	Messages []Message `json:"messages" nullable:"false"`
	Next     *string   `json:"next" nullable:"true" doc:"the cursor of the next page; null at the end"`
}

// Message is a message with its deliveries. Events are only there where one
// message is asked for.
type Message struct {
	ID         string      `json:"id"`
	MessageID  string      `json:"message_id" doc:"Message-ID without brackets; empty where it has none"`
	Sender     string      `json:"sender" doc:"the mailbox in From (Sender where several)"`
	Subject    string      `json:"subject"`
	Size       int64       `json:"size" doc:"octets"`
	Received   time.Time   `json:"received"`
	State      string      `json:"state" enum:"held,ready,deferred,sending,failed,returned,stopped,sent" doc:"that of its least finished delivery"`
	HeldUntil  *time.Time  `json:"held_until" nullable:"true" doc:"the earliest of its recipients'; null where it is not held, and where no clock ends that: mail restored from a backup is held until somebody releases it"`
	Recipients []Recipient `json:"recipients" nullable:"false"`
	Signals    []Signal    `json:"signals" nullable:"false"`
	Verdict    Verdict     `json:"verdict"`
	Questions  []Question  `json:"questions" nullable:"false" doc:"who is asked, and what they said"`
	Copies     []Copied    `json:"copies,omitzero" required:"false" nullable:"false" doc:"the advance notices; not in lists"`
	Events     []Event     `json:"events,omitzero" required:"false" nullable:"false"`
}

// Recipient is one delivery.
type Recipient struct {
	Address   string     `json:"address"`
	State     string     `json:"state" enum:"held,ready,deferred,sending,failed,returned,stopped,sent"`
	HeldUntil *time.Time `json:"held_until" nullable:"true" doc:"null where it is not held, and where it is held until somebody releases it; where it waits for an answer, until then at the latest"`
	WaitsFor  *string    `json:"waits_for" nullable:"true" enum:"answer,approval" doc:"what it waits for besides its time: its sender's answer, somebody's approval; null: nothing"`
	Attempts  []Attempt  `json:"attempts" nullable:"false"`
	// Score and Instead are for those who may read the mail: they tell whom its
	// sender writes to.
	Score   *float64 `json:"score,omitempty" required:"false" doc:"the probability that the mail was not meant for this recipient; absent where nobody could tell, and for those who may not read the mail"`
	Instead []string `json:"instead,omitempty" required:"false" doc:"who may have been meant, best first"`
}

// Attempt is one try to hand a delivery to an upstream.
type Attempt struct {
	Started  time.Time  `json:"started"`
	Ended    *time.Time `json:"ended" nullable:"true"`
	Upstream string     `json:"upstream" doc:"host:port; empty where none was reached"`
	Node     string     `json:"node"`
	Code     int        `json:"code" doc:"SMTP reply code; 0 where the outcome is not known"`
	Enhanced string     `json:"enhanced"`
	Text     string     `json:"text"`
}

// Signal is one thing that a detector noticed. Evidence and advice are English.
// Who may not read the mail gets its kind and place, without words of it.
type Signal = guard.Signal

// Verdict is what the rules decided.
type Verdict struct {
	Action   string `json:"action" enum:"pass,delay,ask,approve,reject" doc:"the strictest of its rules"`
	Sentence string `json:"sentence" doc:"why it waits, in a sentence, in English"`
	Rules    []Rule `json:"rules" nullable:"false"`
}

// Rule is a rule that matched.
type Rule struct {
	Name       string   `json:"name"`
	Action     string   `json:"action" enum:"pass,delay,ask,approve,reject"`
	Delay      string   `json:"delay,omitempty" doc:"as 5m0s"`
	Recipients []string `json:"recipients,omitempty" doc:"for whom it matched; absent: the whole message"`
	Reason     string   `json:"reason,omitempty"`
	Of         []string `json:"of,omitempty" doc:"who may answer"`
	Need       int      `json:"need,omitempty" doc:"how many of them must say yes"`
	Copy       []string `json:"copy,omitempty" doc:"who is told beforehand"`
	Observed   bool     `json:"observed,omitempty" doc:"it only watches, and did nothing"`
}

// Event is a line of a message's record.
type Event struct {
	Time   time.Time      `json:"time"`
	Actor  string         `json:"actor"`
	What   string         `json:"what"`
	Reason string         `json:"reason"`
	Facts  map[string]any `json:"facts,omitempty"`
}

// Outcomes is the answer to something that was asked for.
type Outcomes struct {
	ID         string    `json:"id"`
	Recipients []Outcome `json:"recipients" nullable:"false"`
	Told       []Told    `json:"told,omitempty" doc:"stop and deny: the advance notices about these recipients that had gone; they are withdrawn"`
	Draft      string    `json:"draft,omitempty" doc:"where a draft was asked for: sent, or why it could not be"`
}

// Outcome is the answer for one recipient.
type Outcome struct {
	Address string `json:"address"`
	Outcome string `json:"outcome" enum:"stopped,released,postponed,approved,denied,remembered,needs-approval,too-late,already-stopped,not-held"`
	Visible bool   `json:"visible,omitempty" doc:"the others can still read this address in To or Cc"`
	Missing int    `json:"missing,omitempty" doc:"of an approval: how many more people must say yes"`
}

// Mass is the answer to a release of everything that waits.
type Mass struct {
	Released int `json:"released" doc:"mails that leave now, for at least one recipient"`
	Kept     int `json:"kept" doc:"mails of which nothing leaves yet: somebody has to answer first"`
	Failed   int `json:"failed" doc:"mails that could not be released; the log says why"`
}

// Bypass says whether everything passes for the moment.
type Bypass struct {
	Active bool       `json:"active"`
	Until  *time.Time `json:"until" nullable:"true"`
	By     string     `json:"by"`
	Why    string     `json:"why"`
}

// Version says which belay this is.
type Version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Database string `json:"database,omitempty"`
}

func (s *server) toMessage(ctx context.Context, m *queue.Message) Message {
	w := Message{ID: m.ID.String(), MessageID: m.MessageID, Sender: m.Author, Subject: m.Subject, Size: m.Size,
		Received: m.Received, State: m.State.String(), Recipients: make([]Recipient, len(m.Deliveries)),
		Signals: s.signals(ctx, m), Verdict: toVerdict(m.Verdict), Questions: toQuestions(m)}
	w.Verdict.Sentence = s.sentence(m)
	reads := len(m.Verdict.Ratings) > 0 && s.Outbox.Reads(m, who(ctx))
	for i := range m.Deliveries {
		w.Recipients[i] = toRecipient(m, &m.Deliveries[i])
		if rating := m.Verdict.RatingOf(m.Deliveries[i].Recipient.Address); reads && rating != nil {
			score := guard.Told(rating.Probability) // an older belay stored more digits
			w.Recipients[i].Score, w.Recipients[i].Instead = &score, rating.Instead
		}
		if t := w.Recipients[i].HeldUntil; t != nil && (w.HeldUntil == nil || t.Before(*w.HeldUntil)) {
			w.HeldUntil = t
		}
	}
	return w
}

func toRecipient(m *queue.Message, d *queue.Delivery) Recipient {
	r := Recipient{Address: d.Recipient.Address, State: d.State.String(), WaitsFor: waitsFor(d), Attempts: make([]Attempt, len(d.Attempts))}
	if d.State == queue.Held {
		r.HeldUntil = heldUntil(latest(m, d), m.Received)
	}
	for i, a := range d.Attempts {
		r.Attempts[i] = Attempt{Started: a.Started, Ended: moment(a.Ended), Upstream: a.Upstream, Node: a.Node,
			Code: a.Reply.Code, Enhanced: a.Reply.Enhanced, Text: a.Reply.Text}
	}
	return r
}

func toVerdict(v guard.Verdict) Verdict {
	w := Verdict{Action: string(v.Action), Rules: make([]Rule, len(v.Rules))}
	for i, hit := range v.Rules {
		w.Rules[i] = Rule{Name: hit.Name, Action: string(hit.Action), Recipients: hit.Recipients, Reason: hit.Reason,
			Of: hit.Of, Need: hit.Need, Copy: hit.Copy, Observed: hit.Observed}
		if hit.Delay > 0 {
			w.Rules[i].Delay = hit.Delay.String()
		}
	}
	return w
}

func toEvents(events []queue.Event) []Event {
	w := make([]Event, len(events))
	for i, e := range events {
		w[i] = Event(e)
	}
	return w
}

// heldUntil is when the clock lets held mail go, nil where no clock does.
func heldUntil(due, received time.Time) *time.Time {
	if due.Sub(received) > queue.Indefinite {
		return nil
	}
	return moment(due)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
