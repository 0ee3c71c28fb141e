package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/mail"
	"belay/internal/outbox"
)

// AnswerRequest is the body of an answer. All of it may be left out.
type AnswerRequest struct {
	ReleaseRequest
	Comment string `json:"comment,omitempty" maxLength:"2000" doc:"in your own words, for its sender to read; left out, the reason is"`
}

type answerInput struct {
	ID   string `path:"id" doc:"the id of a message"`
	Body *AnswerRequest
}

// answers are the calls that say yes or no to what a message asks.
func (s *server) answers() {
	for _, a := range []struct {
		verb, summary, description string
		deed                       access.Deed
		do                         verb
	}{
		{"approve", "Say yes to what it asks", "It leaves when nobody's yes is missing any more and its time has come. " +
			"A token of scope admin answers in the place of everybody who was asked, and the record says so.", access.Approve, s.Outbox.Approve},
		{"deny", "Say no to what it asks", "One no is enough: it is stopped, and its sender reads the comment.", access.Approve, s.Outbox.Deny},
		{"right", "It is right, do not ask again", "What was noticed about these recipients is remembered for its author. " +
			"Where the sender was asked, this is a yes; mail that waits for somebody's approval goes on waiting.", access.Right, s.Outbox.Right},
	} {
		huma.Register(s.huma, huma.Operation{OperationID: a.verb + "-message", Method: http.MethodPost, Path: "/api/v1/messages/{id}/" + a.verb,
			Summary: a.summary, Description: a.description, Tags: []string{"messages"}, Metadata: does(a.deed)},
			func(ctx context.Context, in *answerInput) (*outcomesOutput, error) {
				body := value(in.Body)
				r := body.request()
				r.Comment = body.Comment
				return s.act(ctx, in.ID, &body.ReleaseRequest, r, a.do)
			})
	}
}

// DecideRequest is the body of a decision about several messages.
type DecideRequest struct {
	IDs      []string `json:"ids" minItems:"1" maxItems:"1000" nullable:"false" doc:"the ids of messages"`
	Decision string   `json:"decision" enum:"approve,deny,stop,release"`
	Reason   string   `json:"reason,omitempty" maxLength:"1000" doc:"why, for the journal"`
	Comment  string   `json:"comment,omitempty" maxLength:"2000" doc:"in your own words, for their senders to read; left out, the reason is"`
}

// Decisions is the answer to it, in the order of the ids, each id once.
type Decisions struct {
	Results []Decision `json:"results" nullable:"false"`
}

// Decision is what became of it for one message: recipients, or the problem.
type Decision struct {
	ID         string           `json:"id"`
	Recipients []Outcome        `json:"recipients,omitempty"`
	Told       []Told           `json:"told,omitempty" doc:"the advance notices about these recipients that had gone"`
	Problem    *huma.ErrorModel `json:"problem,omitempty" doc:"why it did not work (RFC 9457)"`
}

type decideInput struct{ Body DecideRequest }

type decideOutput struct{ Body Decisions }

func (s *server) decisions() {
	huma.Register(s.huma, huma.Operation{OperationID: "decide-messages", Method: http.MethodPost, Path: "/api/v1/messages/decide",
		Summary:     "Approve, deny, stop or release several",
		Description: "Each stands for itself: what does not work for one is in its result as a problem, and stops none of the others.",
		Tags:        []string{"messages"}, Metadata: does(access.Approve), DefaultStatus: http.StatusOK}, s.decide)
}

func (s *server) decide(ctx context.Context, in *decideInput) (*decideOutput, error) {
	out := &decideOutput{Decisions{Results: make([]Decision, 0, len(in.Body.IDs))}}
	place := map[mail.ID]int{}
	var ids []mail.ID
	for _, text := range in.Body.IDs {
		id, err := mail.ParseID(text)
		if err != nil {
			out.Body.Results = append(out.Body.Results, Decision{ID: text, Problem: asModel(notFound(err))})
			continue
		}
		if _, again := place[id]; !again {
			place[id] = len(out.Body.Results)
			ids = append(ids, id)
			out.Body.Results = append(out.Body.Results, Decision{ID: id.String()})
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	results, err := s.Outbox.Decide(ctx, ids, who(ctx), in.Body.Decision, outbox.Request{Reason: in.Body.Reason, Comment: in.Body.Comment})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	for _, r := range results {
		d := &out.Body.Results[place[r.ID]]
		if r.Err != nil {
			d.Problem = asModel(s.problem(ctx, r.Err))
			continue
		}
		d.Recipients, d.Told = toOutcomes(r.Answer.Recipients), toTold(r.Answer.Told)
	}
	return out, nil
}
