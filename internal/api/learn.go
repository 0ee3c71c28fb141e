package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/source"
)

// Learner takes past mail in. It writes into the journal who wanted it, and how
// much it was.
type Learner interface {
	Learn(ctx context.Context, by string, mails *source.Set) (Learned, error)
	// Fit takes over what past mail showed. A model that is none gives ErrModel.
	Fit(ctx context.Context, by string, f Fit) error
	// Model is the one that was fitted to past mail; nil where the shipped one counts.
	Model(ctx context.Context) ([]byte, error)
	// State says whether learning is on, and how much is known.
	State(ctx context.Context) (Learning, error)
}

// Fit is what past mail showed: how strongly it would have been questioned, and
// what tells wrong recipients there.
type Fit struct {
	Strengths []float64 `json:"strengths" minItems:"1" maxItems:"10000" doc:"of the past mails, the oldest first: the score of the strongest signal that somebody would have been asked about, 0 where nobody would"`
	Authors   []int     `json:"authors,omitempty" maxItems:"10000" doc:"of each of these, in which of 1,024 groups its author is counted, so that no author takes the questions of all others; absent: nobody knows"`
	Model     []byte    `json:"model,omitempty" maxLength:"8388608" doc:"as belay learn makes it (base64); absent: the one that counts goes on"`
}

// ErrModel is wrapped where the bytes of a model are none.
var ErrModel = errors.New("this is no model that this version of belay knows")

// Learning says whether belay learns from the mail that passes, and what it knows.
type Learning struct {
	On        bool   `json:"on" doc:"the configuration has the section learning"`
	DecidedBy string `json:"decided_by,omitempty"`
	Why       string `json:"why,omitempty"`
	Retention string `json:"retention,omitempty" doc:"as 2y"`
	Mails     int    `json:"mails" doc:"of ours that were learned, also those forgotten since"`
	People    int    `json:"people" doc:"of ours whose correspondence is known"`
	Watching  bool   `json:"watching" doc:"questions that rest on signals only watch, until it is known how often they would be asked"`
	// Until and Missing say when that ends; nothing where it does not watch.
	Until     *time.Time `json:"watching_until,omitempty" doc:"when it ends at the earliest"`
	Missing   int        `json:"watching_mails,omitempty" doc:"how many more mails must be judged until it ends"`
	Fitted    *time.Time `json:"fitted,omitempty" doc:"when the judging of wrong recipients was fitted to past mail; absent: it is as shipped"`
	Stale     bool       `json:"stale,omitempty" doc:"what was fitted does not count: another version of belay made it"`
	Threshold float64    `json:"threshold" doc:"the score that the strongest signal behind a question must have"`
}

// Learned says what came of learning.
type Learned struct {
	Mails      int `json:"mails" doc:"that were read"`
	Learned    int `json:"learned" doc:"that are known now; some may have been before"`
	Ours       int `json:"ours" doc:"of those that are known now: by people of ours"`
	Automatic  int `json:"automatic" doc:"that a program wrote: they say nothing about people"`
	Excluded   int `json:"excluded" doc:"that nothing is learned of: their author or all their recipients are left out (learning.exclude)"`
	Nobody     int `json:"nobody" doc:"that name no author or no recipient"`
	Unreadable int `json:"unreadable"`
}

// Add counts more.
func (l *Learned) Add(more Learned) {
	l.Mails += more.Mails
	l.Learned += more.Learned
	l.Ours += more.Ours
	l.Automatic += more.Automatic
	l.Excluded += more.Excluded
	l.Nobody += more.Nobody
	l.Unreadable += more.Unreadable
}

// MaxChunk is how much past mail one call may bring, in octets.
const MaxChunk = 64 << 20

type learnInput struct{ bodyInput }

type learnOutput struct{ Body Learned }

type learningOutput struct{ Body Learning }

type fitInput struct{ Body Fit }

// Model is the one that was fitted to past mail.
type Model struct {
	Model []byte `json:"model,omitempty" doc:"as belay learn made it (base64); absent: the shipped one counts"`
}

type modelOutput struct{ Body Model }

func (s *server) learning() {
	if s.Learner == nil {
		return
	}
	huma.Register(s.huma, huma.Operation{OperationID: "learning", Method: http.MethodGet, Path: "/api/v1/learn",
		Summary: "Whether belay learns from the mail that passes, and how much it knows", Tags: []string{"learning"}, Metadata: does(access.Learn)},
		func(ctx context.Context, _ *struct{}) (*learningOutput, error) {
			state, err := s.Learner.State(ctx)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &learningOutput{state}, nil
		})
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	huma.Register(s.huma, huma.Operation{OperationID: "learn", Method: http.MethodPost, Path: "/api/v1/learn",
		Summary: "Learn from past mail: who wrote to whom, and when",
		Description: fmt.Sprintf("An mbox, one message, or JSON lines (what belay judge reads); at most %d octets a call, so bring much mail in pieces, the oldest first. "+
			"No text is kept. The journal says who wanted it.", MaxChunk),
		Tags: []string{"learning"}, Metadata: does(access.Learn), DefaultStatus: http.StatusOK}, s.learn)
	s.takes("/api/v1/learn", map[string]*huma.MediaType{"application/mbox": binary, "message/rfc822": binary, "application/jsonl": binary})
	huma.Register(s.huma, huma.Operation{OperationID: "fit", Method: http.MethodPost, Path: "/api/v1/learn/fit",
		Summary: "Set the threshold of questions by how past mail would have been questioned, and the model of wrong recipients", Tags: []string{"learning"},
		Metadata: does(access.Learn), DefaultStatus: http.StatusNoContent, MaxBodyBytes: 16 << 20}, s.fit)
	huma.Register(s.huma, huma.Operation{OperationID: "model", Method: http.MethodGet, Path: "/api/v1/learn/model",
		Summary: "The model of wrong recipients that was fitted to past mail", Tags: []string{"learning"},
		Metadata: does(access.Learn)},
		func(ctx context.Context, _ *struct{}) (*modelOutput, error) {
			model, err := s.Learner.Model(ctx)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &modelOutput{Model{model}}, nil
		})
}

func (s *server) fit(ctx context.Context, in *fitInput) (*struct{}, error) {
	err := s.Learner.Fit(ctx, who(ctx).Name, in.Body)
	if errors.Is(err, ErrModel) {
		return nil, unprocessable(ErrModel.Error(), "body.model")
	}
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return nil, nil
}

// learn reads past mail into memory: it is nothing to lay on a disk in the clear.
// One call at a time does.
func (s *server) learn(ctx context.Context, in *learnInput) (*learnOutput, error) {
	select {
	case s.chunk <- struct{}{}:
		defer func() { <-s.chunk }()
	case <-ctx.Done():
		return nil, s.problem(ctx, ctx.Err())
	}
	limited := &limited{r: in.body, left: MaxChunk}
	data, err := io.ReadAll(limited)
	switch {
	case limited.over:
		return nil, tooLarge(MaxChunk)
	case err != nil:
		return nil, unreadable(err)
	case len(data) == 0:
		return nil, unreadable(source.ErrEmpty)
	}
	set, err := source.FromBytes(ctx, "the body", data)
	if err != nil {
		return nil, unprocessable(err.Error(), "body")
	}
	done, err := s.Learner.Learn(ctx, who(ctx).Name, set)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &learnOutput{done}, nil
}
