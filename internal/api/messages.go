package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/mail"
	"belay/internal/queue"
)

type listInput struct {
	State     string `query:"state" doc:"one of the states, or several with commas between them"`
	Sender    string `query:"sender" doc:"the address of the mailbox in From"`
	Q         string `query:"q" maxLength:"500" doc:"stands in the subject or an address"`
	MessageID string `query:"message_id" doc:"with or without brackets"`
	Asked     string `query:"asked" doc:"with an open question to whoever has this address; * is anybody"`
	Cursor    string `query:"cursor" doc:"the next of the page before"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"messages a page"`
}

type listOutput struct{ Body Messages }

type idInput struct {
	ID string `path:"id" doc:"the id of a message"`
}

type messageOutput struct{ Body Message }

func (s *server) messages() {
	huma.Register(s.huma, huma.Operation{OperationID: "list-messages", Method: http.MethodGet, Path: "/api/v1/messages",
		Summary: "The messages, the newest first", Tags: []string{"messages"}, Metadata: does(access.SeeFacts)}, s.list)
	huma.Register(s.huma, huma.Operation{OperationID: "get-message", Method: http.MethodGet, Path: "/api/v1/messages/{id}",
		Summary: "One message and its record", Tags: []string{"messages"}, Metadata: does(access.SeeFacts)}, s.get)
	huma.Register(s.huma, huma.Operation{OperationID: "get-message-source", Method: http.MethodGet, Path: "/api/v1/messages/{id}/source",
		Summary:     "The bytes of a message as they came in",
		Description: "That somebody read it stands in the message's record, where its sender can see it.",
		Tags:        []string{"messages"}, Metadata: does(access.SeeContent),
		Responses: map[string]*huma.Response{"200": {Description: "the message",
			Content: map[string]*huma.MediaType{"message/rfc822": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}}}, s.source)
}

func (s *server) list(ctx context.Context, in *listInput) (*listOutput, error) {
	filter := queue.Filter{Sender: in.Sender, Q: in.Q, MessageID: strings.Trim(in.MessageID, "<>"), Cursor: in.Cursor, Limit: in.Limit,
		Asked: s.asked(in.Asked)}
	for _, word := range strings.Split(in.State, ",") {
		if word == "" {
			continue
		}
		state, ok := queue.ParseState(word)
		if !ok {
			return nil, unprocessable(fmt.Sprintf("%q is no state; there are held, ready, deferred, sending, failed, returned, stopped, sent", word), "query.state")
		}
		filter.States = append(filter.States, state)
	}
	page, next, err := s.Outbox.Queue.List(ctx, filter)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &listOutput{Messages{Messages: make([]Message, len(page))}}
	for i, m := range page {
		out.Body.Messages[i] = s.toMessage(ctx, m)
	}
	if next != "" {
		out.Body.Next = &next
	}
	return out, nil
}

// asked is whom a list goes by: the main address of whoever has this one.
func (s *server) asked(address string) string {
	if address == "" || address == "*" {
		return address
	}
	return s.Outbox.Main(address)
}

func (s *server) get(ctx context.Context, in *idInput) (*messageOutput, error) {
	m, err := s.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	w := s.toMessage(ctx, m)
	w.Events, w.Copies = toEvents(m.Events), toCopies(m.Copies)
	return &messageOutput{w}, nil
}

func (s *server) find(ctx context.Context, text string) (*queue.Message, error) {
	id, err := mail.ParseID(text)
	if err != nil {
		return nil, notFound(err)
	}
	m, err := s.Outbox.Queue.Get(ctx, id)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return m, nil
}

func notFound(err error) error { return huma.Error404NotFound(err.Error()) }

func (s *server) source(ctx context.Context, in *idInput) (*huma.StreamResponse, error) {
	id, err := mail.ParseID(in.ID)
	if err != nil {
		return nil, notFound(err)
	}
	_, source, err := s.Outbox.Source(ctx, id, who(ctx))
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		defer source.Close()
		out.SetHeader("Content-Type", "message/rfc822")
		out.SetHeader("Content-Disposition", `attachment; filename="`+id.String()+`.eml"`)
		if _, err := io.Copy(out.BodyWriter(), source); err != nil {
			s.Logger.ErrorContext(ctx, "send the source of a message", "message", id, "error", err)
			panic(http.ErrAbortHandler) // the length is not known: only a broken connection tells the reader
		}
	}}, nil
}
