package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/journal"
)

// Journal is what the API asks of the journal.
type Journal interface {
	Newest(ctx context.Context, before int64, limit int) ([]journal.Event, error)
	Verify(ctx context.Context) (journal.Report, error)
}

// Entries is a page of the journal, the newest entry first.
type Entries struct {
	Entries []Entry `json:"entries" nullable:"false"`
	Next    *string `json:"next" nullable:"true"`
}

// Entry is a line of the journal.
type Entry struct {
	Number   int64             `json:"number"`
	Time     time.Time         `json:"time"`
	Message  *string           `json:"message" nullable:"true" doc:"the message it is about; null where it is about none"`
	What     string            `json:"what"`
	Actor    string            `json:"actor"`
	Reason   string            `json:"reason"`
	Personal map[string]string `json:"personal,omitempty"`
	Facts    map[string]any    `json:"facts,omitempty"`
	Erased   []string          `json:"erased,omitempty" doc:"what was erased at somebody's wish"`
}

type journalInput struct {
	Cursor string `query:"cursor" doc:"the next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type journalOutput struct{ Body Entries }

type verifyOutput struct{ Body Verification }

// Verification is what a check of the whole journal found.
type Verification struct {
	OK bool `json:"ok"`
	journal.Report
}

func (s *server) journal() {
	huma.Register(s.huma, huma.Operation{OperationID: "list-journal", Method: http.MethodGet, Path: "/api/v1/journal",
		Summary: "Who did what, the newest first", Tags: []string{"journal"}, Metadata: does(access.SeeJournal)}, s.entries)
	huma.Register(s.huma, huma.Operation{OperationID: "verify-journal", Method: http.MethodGet, Path: "/api/v1/journal/verify",
		Summary: "Check that no entry was changed, taken out, moved or cut off", Tags: []string{"journal"}, Metadata: does(access.SeeJournal)},
		func(ctx context.Context, _ *struct{}) (*verifyOutput, error) {
			report, err := s.Journal.Verify(ctx)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			if report.Problems == nil {
				report.Problems = []journal.Problem{}
			}
			return &verifyOutput{Verification{report.OK(), report}}, nil
		})
}

func (s *server) entries(ctx context.Context, in *journalInput) (*journalOutput, error) {
	var before int64
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n < 1 {
			return nil, unprocessable("this cursor is not one that a page gave", "query.cursor")
		}
		before = n
	}
	events, err := s.Journal.Newest(ctx, before, in.Limit)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &journalOutput{Entries{Entries: make([]Entry, len(events))}}
	for i, e := range events {
		w := Entry{Number: e.Seq, Time: e.Time, What: e.What, Actor: e.Actor, Reason: e.Reason,
			Personal: e.Personal, Facts: e.Facts, Erased: e.Erased}
		if !e.Message.IsZero() {
			id := e.Message.String()
			w.Message = &id
		}
		out.Body.Entries[i] = w
	}
	if len(events) == in.Limit {
		next := strconv.FormatInt(events[len(events)-1].Seq, 10)
		out.Body.Next = &next
	}
	return out, nil
}
