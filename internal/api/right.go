package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/history"
)

// Rightfuls is a page of what an author has said to be right.
type Rightfuls struct {
	Right []Rightful `json:"right" nullable:"false"`
	Next  *string    `json:"next" nullable:"true"`
}

// Rightful is one thing that is not asked again.
type Rightful struct {
	Author    string    `json:"author" doc:"the main address"`
	Recipient string    `json:"recipient"`
	Code      string    `json:"code" doc:"of a signal, or rule: and the name of a rule"`
	By        string    `json:"by"`
	Since     time.Time `json:"since"`
}

// Forgotten says how much was taken back.
type Forgotten struct {
	Forgotten int `json:"forgotten"`
}

type rightInput struct {
	Author string `query:"author" required:"true" minLength:"1" maxLength:"320" doc:"an address of the author"`
	Cursor string `query:"cursor" doc:"the next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type forgetInput struct {
	Author    string `query:"author" required:"true" minLength:"1" maxLength:"320" doc:"an address of the author"`
	Recipient string `query:"recipient" doc:"only about this recipient"`
	Code      string `query:"code" doc:"only this"`
}

type rightOutput struct{ Body Rightfuls }

type forgetOutput struct{ Body Forgotten }

func (s *server) rights() {
	huma.Register(s.huma, huma.Operation{OperationID: "list-right", Method: http.MethodGet, Path: "/api/v1/right",
		Summary: "What an author has said to be right, so that it is not asked again", Tags: []string{"right"}, Metadata: does(access.Right)}, s.right)
	huma.Register(s.huma, huma.Operation{OperationID: "forget-right", Method: http.MethodDelete, Path: "/api/v1/right",
		Summary: "Take it back, so that it is asked again", Tags: []string{"right"}, Metadata: does(access.Right), DefaultStatus: http.StatusOK},
		func(ctx context.Context, in *forgetInput) (*forgetOutput, error) {
			n, err := s.Outbox.Forget(ctx, who(ctx), in.Author, in.Recipient, in.Code)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &forgetOutput{Forgotten{n}}, nil
		})
}

func (s *server) right(ctx context.Context, in *rightInput) (*rightOutput, error) {
	var after history.Rightful
	if in.Cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		recipient, code, ok := strings.Cut(string(text), "\n")
		if err != nil || !ok {
			return nil, unprocessable("this cursor is not one that a page gave", "query.cursor")
		}
		after.Recipient, after.Code = recipient, code
	}
	list, err := s.Outbox.Remembered(ctx, who(ctx), in.Author, after, in.Limit+1)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &rightOutput{Rightfuls{Right: []Rightful{}}}
	for i, r := range list {
		if i == in.Limit {
			last := list[i-1]
			next := base64.RawURLEncoding.EncodeToString([]byte(last.Recipient + "\n" + last.Code))
			out.Body.Next = &next
			break
		}
		out.Body.Right = append(out.Body.Right, Rightful(r))
	}
	return out, nil
}
