package source

import (
	"slices"

	"belay/internal/guard"
)

// Judged is the verdict on a mail as one line of JSON: what belay judge writes
// for a Line.
type Judged struct {
	ID string `json:"id" doc:"the Message-ID without brackets; empty where it has none"`
	// Score is that of the worst recipient; 0 where there is none.
	Score      float64           `json:"score" doc:"the probability that the mail goes to somebody wrong, to three digits: that of its worst recipient"`
	Recipients []JudgedRecipient `json:"recipients" nullable:"false"`
	Signals    []JudgedSignal    `json:"signals" nullable:"false" doc:"what was noticed; those that are only watched are not in it"`
	Verdict    JudgedVerdict     `json:"verdict"`
}

// JudgedRecipient is one recipient of a mail that was judged.
type JudgedRecipient struct {
	Address string   `json:"address"`
	Score   float64  `json:"score" doc:"the probability that the mail was not meant for this recipient, to three digits"`
	Instead []string `json:"instead" nullable:"false" doc:"who may have been meant, best first"`
}

// JudgedSignal is one thing that was noticed.
type JudgedSignal struct {
	Code      string  `json:"code"`
	Recipient string  `json:"recipient,omitempty" doc:"whom it is about; absent: the whole mail"`
	Score     float64 `json:"score"`
	Evidence  string  `json:"evidence" doc:"in English; identifiers and secrets are masked"`
}

// JudgedVerdict is what would be done.
type JudgedVerdict struct {
	Action string   `json:"action" enum:"pass,delay,ask,approve,reject"`
	Rules  []string `json:"rules" nullable:"false" doc:"the names of the rules that matched, without those that only watch"`
}

// JudgedOf brings a verdict into that form.
func JudgedOf(f *guard.Facts, v *guard.Verdict) *Judged {
	j := &Judged{ID: f.Summary.MessageID, Recipients: []JudgedRecipient{}, Signals: []JudgedSignal{},
		Verdict: JudgedVerdict{Action: string(v.Action), Rules: []string{}}}
	for _, s := range v.Signals {
		if !s.Observed {
			j.Signals = append(j.Signals, JudgedSignal{Code: s.Code, Recipient: s.Recipient, Score: guard.Told(s.Score), Evidence: s.Evidence})
		}
	}
	to := make([]string, len(f.Envelope.Recipients))
	for i, r := range f.Envelope.Recipients {
		to[i] = r.Address
	}
	for _, d := range v.Doubts(to) {
		one := JudgedRecipient{Address: d.Address, Score: d.Probability, Instead: d.Instead}
		if one.Instead == nil {
			one.Instead = []string{}
		}
		j.Score = max(j.Score, one.Score)
		j.Recipients = append(j.Recipients, one)
	}
	for _, h := range v.Rules {
		if !h.Observed && !slices.Contains(j.Verdict.Rules, h.Name) {
			j.Verdict.Rules = append(j.Verdict.Rules, h.Name)
		}
	}
	return j
}
