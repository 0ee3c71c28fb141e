package notice

import (
	"bytes"
	"flag"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"belay/internal/locale"
	"belay/internal/mail"
	"belay/internal/queue"
)

var update = flag.Bool("update", false, "write the golden files anew; read them before committing")

func TestWordsAreCompleteInSixLanguages(t *testing.T) {
	c, err := locale.Load(Words()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
}

// subjects are what the mails of the scenes are called.
var subjects = map[string][2]string{
	"en": {"Prices for the second crane", "Lunch on Thursday"},
	"pl": {"Ceny drugiego dźwigu", "Obiad w czwartek"},
	"es": {"Precios de la segunda grúa", "La comida del jueves"},
	"it": {"Prezzi della seconda gru", "Pranzo di giovedì"},
	"tr": {"İkinci vincin fiyatları", "Perşembe öğle yemeği"},
	"nb": {"Priser på kran nummer to", "Lunsj på torsdag"},
}

// scenes are the situations for which there is an answer. Each plays its own
// and leaves the answer as belay's newest mail.
var scenes = map[string]func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string){
	"undo-stopped": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"undo-network-guess-others": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("two@corp.test", subject[1], 5*time.Minute, queue.Held, "eve@falcon.test", "a@falcon.test", "b@falcon.test", "c@falcon.test", "d@falcon.test", "e@falcon.test")
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test")
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "olav.strand@fjordsild.test")
		handle(t, s, write(fromNetwork, "undo@belay.corp.test jan@corp.test eve@corp.test send@belay.corp.test", head+"Subject: ???\n\n!\n"))
	},
	"undo-partly": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test", "eve@falcon.test", "olav.strand@fjordsild.test")
		m.Deliveries[1].State, m.Deliveries[1].Due = queue.Sent, clockNow.Add(-time.Minute)
		m.Deliveries[2].State = queue.Sending
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"undo-late": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Sent, "robert.hale@falcon.test", "nobody@falcon.test")
		m.Deliveries[1].State = queue.Failed
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"undo-already": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Stopped, "robert.hale@falcon.test")
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"undo-nothing": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"\n"))
	},
	"undo-instead": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("two@corp.test", subject[1], 5*time.Minute, queue.Held, "eve@falcon.test")
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test")
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <gone@corp.test>\nSubject: Re: ???\n\n"))
	},
	"undo-missing": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 48*time.Hour, queue.Sent, "robert.hale@falcon.test")
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <gone@corp.test>\nSubject: Re: ???\n\n"))
	},
	"undo-large": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test").Size = 12_345_678
		handle(t, s, write(signedIn, "undo@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"draft": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Stopped, "robert.hale@falcon.test")
		f.bodies[m.ID] = append([]byte(strings.ReplaceAll(head[strings.Index(head, "Content-Language"):], "\n", "\r\n")), f.bodies[m.ID]...)
		if err := s.Draft(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
	},
	"send-released": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
		handle(t, s, write(signedIn, "send@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"send-left": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Sent, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
		m.Deliveries[1].State = queue.Sending
		handle(t, s, write(signedIn, "send@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"send-stopped": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Stopped, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
		m.Deliveries[1].State = queue.Returned
		handle(t, s, write(signedIn, "send@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"send-unclear": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test")
		m := f.add("two@corp.test", subject[1], time.Minute, queue.Held, "eve@falcon.test", "olav.strand@fjordsild.test")
		m.Deliveries[0].Due = clockNow.Add(16 * time.Hour)
		m.Deliveries[1].Due = clockNow.Add(16 * time.Hour)
		handle(t, s, write(signedIn, "send@belay.corp.test", head+"Subject: ???\n\n!\n"))
	},
	"send-ask": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test", "olav.strand@fjordsild.test")
		m.Deliveries[1].State = queue.Deferred
		handle(t, s, write(fromNetwork, "send@belay.corp.test", head+"In-Reply-To: <one@corp.test>\n\n"))
	},
	"token-bad": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		handle(t, s, write(signedIn, "send+abc@belay.corp.test", head+"\n"))
	},
	"token-expired": func(t *testing.T, f *fakeStore, s *Service, head string, subject [2]string) {
		m := f.add("one@corp.test", subject[0], 2*time.Minute, queue.Held, "robert.hale@falcon.test")
		handle(t, s, write(signedIn, "send+"+s.tokens.Make(ActSend, m.ID, m.Author, clockNow)+"@belay.corp.test", head+"\n"))
	},
	"unproved": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		handle(t, s, write(fromOutside, "undo@belay.corp.test", "Authentication-Results: mx.corp.test; dmarc=pass header.from=corp.test\n"+head+"\n"))
	},
	"not-here": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		handle(t, s, write(signedIn, "oops@belay.corp.test", head+"\n"))
	},
	"postmaster": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		handle(t, s, write(signedIn, "postmaster@belay.corp.test", head+"\n"))
	},
	"burst": func(t *testing.T, _ *fakeStore, s *Service, head string, _ [2]string) {
		s.options.Language = head[len(head)-3 : len(head)-1]
		err := s.Burst(t.Context(), Burst{Author: "anna@corp.test", Principal: "anna@corp.test", Client: netip.MustParseAddr("10.0.0.8"), Count: 1202, Limit: 500, Wait: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
	},
}

func TestP9_GoldenAnswersInSixLanguages(t *testing.T) {
	for _, code := range locale.Codes {
		for name, scene := range scenes {
			t.Run(code+"/"+name, func(t *testing.T) {
				f := newFakeStore()
				s := newService(t, f)
				scene(t, f, s, fromAnna+"Content-Language: "+code+"\n", subjects[code])
				m, raw := f.last(t)
				text, html := apart(t, raw)
				if !strings.Contains(html, `<html lang="`+code+`">`) {
					t.Errorf("the HTML is not marked as %s", code)
				}
				if strings.Contains(text+html, "notice.") || strings.Contains(text+html, "<no value>") {
					t.Errorf("a word is missing:\n%s", text)
				}
				compare(t, filepath.Join("testdata", code, name+".txt"), steady(headOf(m, raw)+text))
				compare(t, filepath.Join("testdata", code, name+".html"), steady(html))
			})
		}
	}
}

// headOf are the header fields that people see, and the attachment's name.
func headOf(m *queue.Message, raw string) string {
	sum := mail.Summarize([]byte(raw))
	head := "From: " + sum.From[0].String() + "\nTo: " + sum.To[0].String() + "\n"
	if len(sum.ReplyTo) > 0 {
		head += "Reply-To: " + sum.ReplyTo[0].String() + "\n"
	}
	head += "Subject: " + m.Subject + "\nAuto-Submitted: " + sum.AutoSubmitted + "\n"
	return head + "\n"
}

// apart takes a mail of ours to pieces as a mail program would.
func apart(t *testing.T, raw string) (text, html string) {
	t.Helper()
	entity, err := message.Read(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	err = entity.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		var b bytes.Buffer
		kind, _, _ := part.Header.ContentType()
		switch kind {
		case "text/plain", "text/html":
			if _, err := io.Copy(&b, part.Body); err != nil {
				return err
			}
			if kind == "text/html" {
				html = b.String()
			} else {
				text += b.String()
			}
		case "message/rfc822", "message/global":
			_, params, _ := part.Header.ContentDisposition()
			text += "\n[" + params["filename"] + "]\n"
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), strings.ReplaceAll(html, "\r\n", "\n")
}

var tokenPattern = regexp.MustCompile(`\b(undo|send|re)(\+|&#43;)[a-z2-7]{58}@`)

// steady puts TOKEN where each run has another one.
func steady(text string) string { return tokenPattern.ReplaceAllString(text, "$1+TOKEN@") }

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./internal/notice -update writes it anew); got:\n%s", path, got)
	}
}
