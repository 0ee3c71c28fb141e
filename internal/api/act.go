package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/config"
	"belay/internal/mail"
	"belay/internal/outbox"
)

// ReleaseRequest is the body of a release; StopRequest and PostponeRequest add
// to it. All of it may be left out.
type ReleaseRequest struct {
	Recipients []string `json:"recipients,omitempty" doc:"for whom; left out or null: for all; an empty list is refused"`
	Reason     string   `json:"reason,omitempty" maxLength:"1000" doc:"why, for the journal"`
}

// StopRequest is the body of a stop.
type StopRequest struct {
	ReleaseRequest
	Draft bool `json:"draft,omitempty" doc:"give it back to its sender as a draft"`
}

// PostponeRequest is the body of a postpone: either For or Until.
type PostponeRequest struct {
	ReleaseRequest
	For   string     `json:"for,omitempty" example:"10m" doc:"how long from now: 90s, 10m, 1h30m, 2d"`
	Until *time.Time `json:"until,omitempty" doc:"until when"`
}

type stopInput struct {
	ID   string `path:"id" doc:"the id of a message"`
	Body *StopRequest
}

type releaseInput struct {
	ID   string `path:"id" doc:"the id of a message"`
	Body *ReleaseRequest
}

type postponeInput struct {
	ID   string `path:"id" doc:"the id of a message"`
	Body *PostponeRequest
}

type outcomesOutput struct{ Body Outcomes }

func (s *server) acts() {
	register := func(verb, summary string, d access.Deed) huma.Operation {
		return huma.Operation{OperationID: verb + "-message", Method: http.MethodPost, Path: "/api/v1/messages/{id}/" + verb,
			Summary: summary, Tags: []string{"messages"}, Metadata: does(d)}
	}
	huma.Register(s.huma, register("stop", "Stop it: what was not being sent yet never leaves", access.Stop),
		func(ctx context.Context, in *stopInput) (*outcomesOutput, error) {
			body := value(in.Body)
			r := body.request()
			r.Draft = body.Draft
			return s.act(ctx, in.ID, &body.ReleaseRequest, r, s.Outbox.Stop)
		})
	huma.Register(s.huma, register("release", "Send it now", access.Release),
		func(ctx context.Context, in *releaseInput) (*outcomesOutput, error) {
			body := value(in.Body)
			return s.act(ctx, in.ID, &body, body.request(), s.Outbox.Release)
		})
	all := register("release", "Send everything now that waits for its time", access.Release)
	all.OperationID, all.Path = "release-all-messages", "/api/v1/messages/release"
	huma.Register(s.huma, all, s.releaseAll)
	huma.Register(s.huma, register("postpone", "Let it wait until another time", access.Postpone),
		func(ctx context.Context, in *postponeInput) (*outcomesOutput, error) {
			body := value(in.Body)
			r := body.request()
			if err := body.when(&r); err != nil {
				return nil, err
			}
			return s.act(ctx, in.ID, &body.ReleaseRequest, r, s.Outbox.Postpone)
		})
}

// AllRequest is the body of a release of everything.
type AllRequest struct {
	Reason string `json:"reason,omitempty" maxLength:"1000" doc:"why, for the journal"`
}

type allInput struct{ Body *AllRequest }

type massOutput struct{ Body Mass }

func (s *server) releaseAll(ctx context.Context, in *allInput) (*massOutput, error) {
	mass, err := s.Outbox.ReleaseAll(ctx, who(ctx), value(in.Body).Reason)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	if mass.Err != nil {
		s.Logger.ErrorContext(ctx, "release everything", "failed", mass.Failed, "error", mass.Err)
	}
	return &massOutput{Mass{Released: mass.Done, Kept: mass.Kept, Failed: mass.Failed}}, nil
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (b *ReleaseRequest) request() outbox.Request {
	return outbox.Request{Recipients: b.Recipients, Reason: b.Reason}
}

func (b *PostponeRequest) when(r *outbox.Request) error {
	if b.Until != nil {
		r.Until = *b.Until
	}
	if b.For == "" {
		return nil
	}
	d, err := config.ParseDuration(b.For)
	if err != nil || d == 0 {
		return unprocessable("for must be a length of time such as 90s, 10m, 1h30m or 2d", "body.for")
	}
	r.For = d
	return nil
}

type verb func(ctx context.Context, id mail.ID, by outbox.Person, r outbox.Request) (*outbox.Answer, error)

func (s *server) act(ctx context.Context, text string, b *ReleaseRequest, r outbox.Request, do verb) (*outcomesOutput, error) {
	id, err := mail.ParseID(text)
	if err != nil {
		return nil, notFound(err)
	}
	if b.Recipients != nil && len(b.Recipients) == 0 {
		// A program whose list came out empty must not act on everybody.
		return nil, unprocessable("recipients is empty: leave it out to mean all of them", "body.recipients")
	}
	answer, err := do(ctx, id, who(ctx), r)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &outcomesOutput{Outcomes{ID: id.String(), Recipients: toOutcomes(answer.Recipients), Told: toTold(answer.Told)}}
	if answer.Drafted {
		out.Body.Draft = "sent"
	}
	if answer.DraftError != nil {
		s.Logger.ErrorContext(ctx, "give a stopped mail back as a draft", "message", id, "error", answer.DraftError)
		out.Body.Draft = "failed: " + answer.DraftError.Error()
	}
	return out, nil
}
