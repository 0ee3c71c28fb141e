package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"belay/internal/access"
	"belay/internal/guard"
	"belay/internal/reading"
	"belay/internal/source"
)

// Judge gives the verdict on a mail that nobody sends, as it would be now. It
// keeps nothing.
type Judge func(ctx context.Context, f guard.Facts) guard.Verdict

// JudgedFor writes down that somebody had mails judged: whose, and how many. A
// verdict tells whom their author knows.
type JudgedFor func(ctx context.Context, by, author string, mails int) error

// bodyInput is a call whose body the handler reads itself, as a stream.
type bodyInput struct {
	body io.Reader
	kind string // media type, in small letters; "" where it says none
}

// Resolve implements huma.Resolver.
func (in *bodyInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	in.kind, _, _ = mime.ParseMediaType(ctx.Header("Content-Type"))
	return nil
}

type judgeInput struct {
	bodyInput
	From string   `query:"from" maxLength:"320" doc:"judge it as if this address had written it"`
	To   []string `query:"to,explode" doc:"judge it as if it went to these addresses, and nobody else"`
}

type judgeOutput struct{ Body *source.Judged }

func (s *server) judgement() {
	if s.Judge == nil {
		return
	}
	huma.Register(s.huma, huma.Operation{OperationID: "judge", Method: http.MethodPost, Path: "/api/v1/judge",
		Summary: "What would become of a mail",
		Description: "A message as it would be sent, or its parts as JSON (what belay judge reads). The verdict comes from the rules, signals " +
			"and history that are in force; nothing of the mail is kept and nobody is asked. The journal says who wanted it, and as whose mail.",
		Tags: []string{"judge"}, Metadata: does(access.Judge), DefaultStatus: http.StatusOK}, s.judge)
	s.takes("/api/v1/judge", map[string]*huma.MediaType{
		"message/rfc822":   {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "the message"}},
		"application/json": {Schema: lineSchema()},
	})
}

// takes describes the body of a call whose handler reads it as a stream: huma
// would read all of it before.
func (s *server) takes(path string, content map[string]*huma.MediaType) {
	s.huma.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: content}
}

// maxJSON is how long the JSON of a mail may be, in octets: more text than that
// nobody looks at.
const maxJSON = 16 << 20

func (s *server) judge(ctx context.Context, in *judgeInput) (*judgeOutput, error) {
	f, passed, release, err := s.mailOf(in)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := source.As(f, in.From, in.To); err != nil {
		return nil, unprocessable(err.Error(), "query")
	}
	switch {
	case f.Author == "":
		return nil, unprocessable("the mail does not say who wrote it; say so with ?from=", "query.from")
	case len(f.Envelope.Recipients) == 0 && len(passed) > 0:
		return nil, huma.Error400BadRequest("no recipient is left: "+noAddresses(passed),
			&huma.ErrorDetail{Message: "it is no mail address", Location: "body", Value: passed[0]})
	case len(f.Envelope.Recipients) == 0:
		return nil, unprocessable("the mail names no recipient; say to whom it goes with ?to=", "query.to")
	}
	v := s.Judge(ctx, *f)
	if ctx.Err() != nil {
		return nil, s.problem(ctx, ctx.Err())
	}
	if s.JudgedFor != nil { // one line for a request, before anything is handed out
		if err := s.JudgedFor(ctx, who(ctx).Name, f.Author, 1); err != nil {
			return nil, s.problem(ctx, err)
		}
	}
	return &judgeOutput{source.JudgedOf(f, &v)}, nil
}

// noAddresses says of some texts that they are no addresses.
func noAddresses(list []string) string {
	if len(list) == 1 {
		return strconv.Quote(list[0]) + " is no mail address"
	}
	text := fmt.Sprintf("%q, %q", list[0], list[1])
	if len(list) > 2 {
		text += fmt.Sprintf(" and %d more", len(list)-2)
	}
	return text + " are no mail addresses"
}

// mailOf reads the mail in either form. passed are recipients that are no
// addresses.
func (s *server) mailOf(in *judgeInput) (f *guard.Facts, passed []string, release func(), err error) {
	now := s.Outbox.Now()
	switch in.kind {
	case "message/rfc822", "message/global":
		limited := &limited{r: in.body, left: s.MessageSize}
		f, release, err = source.Read(limited, s.Reading, now)
		if limited.over {
			return nil, nil, nil, tooLarge(s.MessageSize)
		}
		if err != nil {
			return nil, nil, nil, unreadable(err)
		}
		return f, nil, release, nil
	case "application/json", "":
		f, passed, err = lineOf(in.body, now)
		return f, passed, func() {}, err
	}
	return nil, nil, nil, huma.Error415UnsupportedMediaType(fmt.Sprintf("%q is not read here; send message/rfc822 or application/json", in.kind))
}

func lineOf(body io.Reader, now time.Time) (f *guard.Facts, passed []string, err error) {
	limited := &limited{r: body, left: maxJSON}
	text, err := io.ReadAll(limited)
	if limited.over {
		return nil, nil, tooLarge(maxJSON)
	}
	if err != nil {
		return nil, nil, unreadable(err)
	}
	l, err := source.ParseLine(text)
	if err != nil {
		return nil, nil, unprocessable(err.Error(), "body")
	}
	f, err = l.Facts()
	if f == nil {
		return nil, nil, unprocessable(err.Error(), "body")
	}
	if f.Time.IsZero() {
		f.Time = now
	}
	return f, l.Passed(), nil
}

// limited reads no more than it may, and says that there was more.
type limited struct {
	r    io.Reader
	left int64
	over bool
}

var errTooLarge = errors.New("it is too large")

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		l.over = true
		return n - 1, errTooLarge
	}
	return n, err
}

func tooLarge(most int64) error {
	return huma.NewError(http.StatusRequestEntityTooLarge, fmt.Sprintf("the mail is larger than %d octets", most))
}

func unreadable(err error) error {
	if errors.Is(err, source.ErrEmpty) {
		return huma.Error422UnprocessableEntity(source.ErrEmpty.Error())
	}
	return huma.Error400BadRequest("the mail did not arrive whole: " + err.Error())
}

// defaultSize is how large a message may be where the options say nothing.
const defaultSize = 50 << 20

func (o *Options) judging() {
	if o.MessageSize <= 0 {
		o.MessageSize = defaultSize
	}
	if o.Reading.Pool == nil {
		o.Reading.Pool = reading.NewPool(0)
	}
}

// lineSchema describes the JSON of a mail.
func lineSchema() *huma.Schema {
	text := func(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }
	list := func(items *huma.Schema, doc string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeArray, Items: items, Nullable: true, Description: doc}
	}
	file := &huma.Schema{Type: huma.TypeObject, Required: []string{"name"}, Properties: map[string]*huma.Schema{
		"name": text(""), "text": text("what stands in it, where that is known")}}
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"from"}, Properties: map[string]*huma.Schema{
		"id": text("Message-ID without brackets"), "date": text("RFC 3339; left out: now"), "from": text("a@b, or Name <a@b>"),
		"to": list(text(""), ""), "cc": list(text(""), ""), "bcc": list(text(""), ""),
		"subject": text(""), "body": text("the text"), "in_reply_to": text("Message-ID"), "references": list(text(""), "Message-IDs"),
		"attachments": list(file, "left out: nobody knows, and none is missed"),
	}}
}
