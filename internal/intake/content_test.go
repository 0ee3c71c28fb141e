package intake

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/guard/rules"
	"belay/internal/reading"
)

// reader is a guard that reads the mail.
type reader struct {
	content bool
	read    *reading.Mail
	err     error
	asked   bool // whether there was something to read with
}

func (r *reader) Needs() rules.Needs { return rules.Needs{Content: r.content} }

func (r *reader) Judge(ctx context.Context, f guard.Facts) guard.Verdict {
	if r.asked = f.Read != nil; r.asked {
		r.read, r.err = f.Read(ctx)
	}
	return guard.Verdict{Action: guard.Pass, Rules: []guard.Hit{}}
}

// sayer is an extractor that gives a file's octets as its text.
type sayer struct{}

func (sayer) Extract(_ context.Context, _, _ string, data []byte) (*extract.Document, error) {
	return &extract.Document{Kind: "text", Text: string(data)}, nil
}

const withFile = "From: Anna <anna@corp.test>\r\nTo: bob@client.test\r\nSubject: Plan\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello Bob,\r\n\r\nthe plan is attached.\r\n\r\n" +
	"--b\r\nContent-Type: text/csv; name=plan.csv\r\nContent-Disposition: attachment; filename=plan.csv\r\n\r\nMonday;begin\r\n--b--\r\n"

func TestMessage_TheGuardReadsWhatItSays(t *testing.T) {
	w := newWorld(t)
	r := &reader{content: true}
	w.handler.Guard = r
	w.handler.Reading = reading.Options{Extractor: sayer{}, Pool: reading.NewPool(0)}
	if _, err := w.send(server, envelope("anna@corp.test", "bob@client.test"), withFile); err != nil {
		t.Fatal(err)
	}
	if r.err != nil || r.read == nil || r.read.Subject != "Plan" || !r.read.Listed {
		t.Fatalf("%v: %+v", r.err, r.read)
	}
	if own := r.read.Texts[0].Own; !strings.Contains(own, "the plan is attached.") {
		t.Errorf("the text is %q", own)
	}
	if f := r.read.Files[0]; f.Name != "plan.csv" || f.Doc == nil || f.Doc.Text != "Monday;begin" {
		t.Errorf("the file is %+v", f)
	}
	if n := w.handler.Reading.Pool.Used(); n != 0 {
		t.Errorf("%d octets of the file are still kept", n)
	}
}

func TestMessage_NothingIsReadWhereNobodyLooks(t *testing.T) {
	w := newWorld(t)
	r := &reader{}
	w.handler.Guard = r
	if _, err := w.send(server, envelope("anna@corp.test", "bob@client.test"), withFile); err != nil {
		t.Fatal(err)
	}
	if r.asked {
		t.Error("it was read all the same")
	}
}

func TestMessage_WhatIsAbortedGivesItsRoomBack(t *testing.T) {
	w := newWorld(t)
	w.handler.Guard = &reader{content: true}
	w.handler.Reading = reading.Options{Extractor: sayer{}, Pool: reading.NewPool(0)}
	in, err := w.handler.Message(t.Context(), server, envelope("anna@corp.test", "bob@client.test"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, strings.TrimSuffix(withFile, "--b--\r\n")+strings.Repeat("Tuesday;go on\r\n", 10_000)); err != nil {
		t.Fatal(err)
	}
	if w.handler.Reading.Pool.Used() == 0 {
		t.Error("nothing of the file is kept")
	}
	in.Abort()
	if n := w.handler.Reading.Pool.Used(); n != 0 {
		t.Errorf("%d octets of the file are still kept", n)
	}
}

func TestP4_AHugeFileIsNotKeptToBeRead(t *testing.T) {
	// Given a guard that reads, when a file of 50 MB of no kind comes in
	w := newWorld(t)
	r := &reader{content: true}
	w.handler.Guard = r
	w.handler.Reading = reading.Options{Extractor: sayer{}, Pool: reading.NewPool(0)}
	in, err := w.handler.Message(t.Context(), server, envelope("anna@corp.test", "bob@client.test"), 0)
	if err != nil {
		t.Fatal(err)
	}
	head, tail, _ := strings.Cut(strings.ReplaceAll(withFile, "text/csv; name=plan.csv", "application/octet-stream"), "Monday;begin")
	head = strings.ReplaceAll(strings.ReplaceAll(head, "plan.csv", "plan"), "filename=plan\r\n", "filename=plan\r\nContent-Transfer-Encoding: base64\r\n")
	noise := []byte(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00\x01\xfe", 19))) + "\r\n")
	if _, err := io.WriteString(in, head); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 50<<20; n += len(noise) {
		if _, err := in.Write(noise); err != nil {
			t.Fatal(err)
		}
	}
	// then nothing of it is kept in memory, and the text is read.
	if n := w.handler.Reading.Pool.Used(); n > 64<<10 {
		t.Errorf("%d octets of it are kept", n)
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 48<<20 {
		t.Errorf("%d MB are in use", m.HeapAlloc>>20)
	}
	if _, err := io.WriteString(in, tail); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := r.read.Files[0]; !errors.Is(f.Err, extract.ErrUnknown) || f.Size < 30<<20 || len(r.read.Texts) != 1 {
		t.Errorf("%v, %d octets, %d texts", f.Err, f.Size, len(r.read.Texts))
	}
}
