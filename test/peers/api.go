package peers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"
)

// Message is a message as the API gives it.
type Message struct {
	ID         string    `json:"id"`
	MessageID  string    `json:"message_id"`
	Sender     string    `json:"sender"`
	Subject    string    `json:"subject"`
	Size       int64     `json:"size"`
	Received   time.Time `json:"received"`
	State      string    `json:"state"`
	HeldUntil  string    `json:"held_until"`
	Recipients []struct {
		Address   string `json:"address"`
		State     string `json:"state"`
		HeldUntil string `json:"held_until"`
		WaitsFor  string `json:"waits_for"` // "answer", "approval" or "" (null)
		Attempts  []struct {
			Started  string `json:"started"`
			Ended    string `json:"ended"`
			Upstream string `json:"upstream"`
			Code     int    `json:"code"`
			Enhanced string `json:"enhanced"`
			Text     string `json:"text"`
		} `json:"attempts"`
	} `json:"recipients"`
	Signals []Signal `json:"signals"`
	Verdict struct {
		Action   string `json:"action"`
		Sentence string `json:"sentence"`
		Rules    []Rule `json:"rules"`
	} `json:"verdict"`
	Questions []Question `json:"questions"`
	Copies    []struct {
		Address    string     `json:"address"`
		Recipients []string   `json:"recipients"`
		Whole      bool       `json:"whole"`
		Told       *time.Time `json:"told"`
		Withdrawn  *time.Time `json:"withdrawn"`
	} `json:"copies"`
	Events []struct {
		Time   string `json:"time"`
		Actor  string `json:"actor"`
		What   string `json:"what"`
		Reason string `json:"reason"`
	} `json:"events"`
}

// Signal is one thing that a detector noticed.
type Signal struct {
	Code      string   `json:"code"`
	Recipient string   `json:"recipient"`
	Score     float64  `json:"score"`
	Evidence  string   `json:"evidence"`
	Advice    string   `json:"advice"`
	Instead   []string `json:"instead"`
}

// Rule is a rule that matched.
type Rule struct {
	Name       string   `json:"name"`
	Action     string   `json:"action"`
	Delay      string   `json:"delay"`
	Recipients []string `json:"recipients"`
	Reason     string   `json:"reason"`
	Of         []string `json:"of"`
	Need       int      `json:"need"`
	Copy       []string `json:"copy"`
	Observed   bool     `json:"observed"`
}

// Question is what somebody has to answer before a mail may leave.
type Question struct {
	N          int        `json:"n"`
	Kind       string     `json:"kind"`
	Of         []string   `json:"of"`
	Need       int        `json:"need"`
	Missing    int        `json:"missing"`
	Recipients []string   `json:"recipients"`
	Rules      []string   `json:"rules"`
	State      string     `json:"state"`
	Asked      *time.Time `json:"asked"`
	Expires    time.Time  `json:"expires"`
	Silence    string     `json:"silence"`
	Answers    []struct {
		Person  string `json:"person"`
		Yes     bool   `json:"yes"`
		Comment string `json:"comment"`
	} `json:"answers"`
}

// Rule gives the rule of a name, nil where it did not match.
func (m *Message) Rule(name string) *Rule {
	for i := range m.Verdict.Rules {
		if m.Verdict.Rules[i].Name == name {
			return &m.Verdict.Rules[i]
		}
	}
	return nil
}

// Unknown counts the attempts for a recipient whose outcome nobody knows.
func (m *Message) Unknown(address string) int {
	n := 0
	for _, r := range m.Recipients {
		for _, a := range r.Attempts {
			if r.Address == address && a.Code == 0 {
				n++
			}
		}
	}
	return n
}

// Of gives the state of one recipient, "" where the message has none of that
// name.
func (m *Message) Of(address string) string {
	for _, r := range m.Recipients {
		if r.Address == address {
			return r.State
		}
	}
	return ""
}

// Outcome is the answer for one recipient to an action.
type Outcome struct {
	Address string `json:"address"`
	Outcome string `json:"outcome"`
	Visible bool   `json:"visible"`
	Missing int    `json:"missing"`
}

// Problem is an answer other than 200.
type Problem struct {
	Status int
	Body   string
}

func (p *Problem) Error() string { return fmt.Sprintf("HTTP %d: %s", p.Status, p.Body) }

// Call sends a request to the admin socket and reads the JSON it answers with
// into answer (nil: not wanted).
func (b *Belay) Call(method, path string, body, answer any) error {
	var r io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r = bytes.NewReader(data)
	}
	resp, err := b.HTTP(method, path, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return &Problem{resp.StatusCode, string(data)}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("%s %s answered what is no JSON of its kind: %w: %s", method, path, err, data)
	}
	return nil
}

// Message gives one message.
func (b *Belay) Message(id string) (*Message, error) {
	m := &Message{}
	return m, b.Call("GET", "/api/v1/messages/"+id, nil, m)
}

// Messages gives all messages that the query (state, sender, q) finds, over
// all pages.
func (b *Belay) Messages(query url.Values) ([]*Message, error) {
	if query == nil {
		query = url.Values{}
	}
	var all []*Message
	for {
		var page struct {
			Messages []*Message `json:"messages"`
			Next     string     `json:"next"`
		}
		if err := b.Call("GET", "/api/v1/messages?"+query.Encode(), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Messages...)
		if page.Next == "" {
			return all, nil
		}
		query.Set("cursor", page.Next)
	}
}

// Act does stop, release or postpone; body holds recipients, reason, draft,
// for, until.
func (b *Belay) Act(id, what string, body map[string]any) ([]Outcome, error) {
	if body == nil {
		body = map[string]any{}
	}
	var answer struct {
		ID         string    `json:"id"`
		Recipients []Outcome `json:"recipients"`
	}
	err := b.Call("POST", "/api/v1/messages/"+id+"/"+what, body, &answer)
	return answer.Recipients, err
}

// WaitState waits until the message is in a state and gives it.
func (b *Belay) WaitState(id, state string, limit time.Duration) (*Message, error) {
	var m *Message
	var err error
	if Until(limit, func() bool {
		m, err = b.Message(id)
		return err == nil && m.State == state
	}) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("message %s: %w", id, err)
	}
	return m, fmt.Errorf("message %s is %s, not %s, after %s: %+v", id, m.State, state, limit, m.Recipients)
}
