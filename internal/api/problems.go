package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/db"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// problem turns an error of the rooms below into problem details. What went
// wrong inside is logged, not told.
func (s *server) problem(ctx context.Context, err error) error {
	var wrong *outbox.Problem
	switch {
	case errors.As(err, &wrong):
		return unprocessable(wrong.Text, "body."+wrong.Field)
	case errors.Is(err, queue.ErrNotFound):
		return huma.Error404NotFound("no such message; it may have been kept its time and cleared away")
	case errors.Is(err, queue.ErrNotAsked):
		return huma.Error403Forbidden("this is not for you to answer: none of its questions is put to you")
	case errors.Is(err, outbox.ErrNotAllowed):
		return huma.Error403Forbidden(outbox.ErrNotAllowed.Error())
	case errors.Is(err, queue.ErrCursor):
		return unprocessable("this cursor is not one that a page gave", "query.cursor")
	case errors.Is(err, queue.ErrUntil):
		return unprocessable("that time is over: give one that is to come, or release the message", "body.until")
	case db.IsUnknown(err):
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(
			"the connection to the database broke before it answered; ask again: nothing is done twice"), retrySoon)
	case db.IsUnavailable(err):
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(
			"belay cannot reach its storage just now; nothing is lost, try again in a moment"), retrySoon)
	case errors.Is(err, context.Canceled):
		return huma.Error503ServiceUnavailable("the request was given up")
	}
	s.Logger.ErrorContext(ctx, "answer the API", "error", err)
	return huma.Error500InternalServerError("that went wrong inside belay; its log says why")
}

var retrySoon = http.Header{"Retry-After": {"3"}}

func unprocessable(text, where string) error {
	return huma.Error422UnprocessableEntity(text, &huma.ErrorDetail{Message: text, Location: where})
}

// asModel is a problem as one of several in an answer.
func asModel(err error) *huma.ErrorModel {
	var m *huma.ErrorModel
	if !errors.As(err, &m) {
		m = &huma.ErrorModel{Status: http.StatusInternalServerError, Title: http.StatusText(http.StatusInternalServerError), Detail: err.Error()}
	}
	return m
}
