package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/history"
	"belay/internal/mail"
)

// Persons knows what was learned of people. It writes into the journal who asked.
type Persons interface {
	// Person gathers all that was learned of somebody, under any of their addresses.
	Person(ctx context.Context, by, address string) (*history.Dossier, error)
	// Erase forgets it; with journal, their name in the journal too.
	Erase(ctx context.Context, by, address string, journal bool) (Erased, error)
}

// Erased says how much was erased.
type Erased struct {
	Records  int `json:"records" doc:"of what was learned, that went or were changed"`
	Right    int `json:"right" doc:"of what was said to be right"`
	Observed int `json:"observed" doc:"mails of theirs that were observed"`
	Verdicts int `json:"verdicts" doc:"verdicts on mail of others, waiting or gone, that named them as perhaps meant; the mail itself is as it was"`
	Journal  int `json:"journal" doc:"entries of the journal that named them"`
	// Reference is all that the journal's line about it has in their place.
	Reference string `json:"reference" doc:"by which the journal knows this erasure; it does not say of whom"`
}

type personInput struct {
	Address string `query:"address" required:"true" minLength:"3" maxLength:"320" doc:"an address of theirs"`
}

type eraseInput struct {
	Address string `query:"address" required:"true" minLength:"3" maxLength:"320" doc:"an address of theirs"`
	Journal bool   `query:"journal" doc:"their addresses go from the journal as well; it can still be verified"`
}

type personOutput struct{ Body *history.Dossier }

type erasedOutput struct{ Body Erased }

func (s *server) persons() {
	if s.Persons == nil {
		return
	}
	huma.Register(s.huma, huma.Operation{OperationID: "export-person", Method: http.MethodGet, Path: "/api/v1/person",
		Summary: "All that was learned of a person; journaled", Tags: []string{"learning"}, Metadata: does(access.Person)},
		func(ctx context.Context, in *personInput) (*personOutput, error) {
			if !mail.ValidAddress(in.Address) {
				return nil, unprocessable("this is no mail address", "query.address")
			}
			p, err := s.Persons.Person(ctx, who(ctx).Name, in.Address)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &personOutput{p}, nil
		})
	huma.Register(s.huma, huma.Operation{OperationID: "erase-person", Method: http.MethodDelete, Path: "/api/v1/person",
		Summary: "Forget all that was learned of a person; journaled without their name", Tags: []string{"learning"},
		Metadata: does(access.Person), DefaultStatus: http.StatusOK},
		func(ctx context.Context, in *eraseInput) (*erasedOutput, error) {
			if !mail.ValidAddress(in.Address) {
				return nil, unprocessable("this is no mail address", "query.address")
			}
			done, err := s.Persons.Erase(ctx, who(ctx).Name, in.Address, in.Journal)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &erasedOutput{done}, nil
		})
}
