package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// BypassRequest lets everything pass: for a time, or until one.
type BypassRequest struct {
	For   string     `json:"for,omitempty" example:"1h"`
	Until *time.Time `json:"until,omitempty"`
	Why   string     `json:"why" minLength:"1" maxLength:"1000" doc:"stands in the journal and on every page"`
}

type bypassInput struct{ Body BypassRequest }

type bypassOutput struct{ Body Bypass }

func (s *server) bypass() {
	op := func(id, method, summary string, d access.Deed) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1/bypass", Summary: summary,
			Tags: []string{"bypass"}, Metadata: does(d), DefaultStatus: http.StatusOK}
	}
	huma.Register(s.huma, op("get-bypass", http.MethodGet, "Does everything pass for the moment?", access.SeeFacts),
		func(ctx context.Context, _ *struct{}) (*bypassOutput, error) { return s.bypassNow(ctx) })
	huma.Register(s.huma, op("start-bypass", http.MethodPost, "Let everything pass for a while", access.Bypass), s.startBypass)
	huma.Register(s.huma, op("end-bypass", http.MethodDelete, "Let mail wait again", access.Bypass),
		func(ctx context.Context, _ *struct{}) (*bypassOutput, error) {
			if err := s.Outbox.EndPass(ctx, who(ctx)); err != nil {
				return nil, s.problem(ctx, err)
			}
			return s.bypassNow(ctx)
		})
}

func (s *server) bypassNow(ctx context.Context) (*bypassOutput, error) {
	b, err := s.Outbox.Queue.BypassState(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &bypassOutput{toBypass(b)}, nil
}

func (s *server) startBypass(ctx context.Context, in *bypassInput) (*bypassOutput, error) {
	var r outbox.Request
	when := PostponeRequest{For: in.Body.For, Until: in.Body.Until}
	if err := when.when(&r); err != nil {
		return nil, err
	}
	b, err := s.Outbox.LetPass(ctx, who(ctx), in.Body.Why, r)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &bypassOutput{toBypass(b)}, nil
}

func toBypass(b queue.BypassState) Bypass {
	if !b.Active {
		return Bypass{}
	}
	return Bypass{Active: true, Until: moment(b.Until), By: b.By, Why: b.Why}
}
