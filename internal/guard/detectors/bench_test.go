package detectors_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/directory"
	"belay/internal/extract"
	"belay/internal/extract/extracttest"
	"belay/internal/guard"
	"belay/internal/guard/detectors"
	"belay/internal/history"
	"belay/internal/mail"
	"belay/internal/reading"
)

// paragraphs are what the mails of the benchmarks are made of.
var paragraphs = []string{
	"thank you for the call yesterday. I have put the changes into the plan: the second delivery moves to week 14, the crane is booked, and Ruth will be on site from Tuesday on. Please have a look at the figures for the foundations, they are 3 % above what we agreed in January.",
	"w nawiązaniu do naszej rozmowy przesyłam poprawiony harmonogram. Druga dostawa przechodzi na tydzień 14, dźwig jest zamówiony, a pani Katarzyna będzie na budowie od wtorku. Proszę o sprawdzenie kosztów fundamentów.",
	"te mando el presupuesto corregido como quedamos. La segunda entrega pasa a la semana 14 y la grúa ya está reservada. ¿Puedes revisar las cifras de la cimentación antes del jueves?",
	"come d'accordo le invio il programma aggiornato. La seconda consegna slitta alla settimana 14, la gru è prenotata e l'ingegnere sarà in cantiere da martedì.",
	"görüştüğümüz gibi güncel planı gönderiyorum. İkinci teslimat 14. haftaya kaydı, vinç ayarlandı, Ayşe Hanım salıdan itibaren şantiyede olacak.",
	"som avtalt sender jeg den oppdaterte planen. Den andre leveransen flyttes til uke 14, kranen er bestilt, og Ingrid er på plassen fra tirsdag av.",
}

// mailOf writes a mail of about some octets: a greeting, own words, and quoted
// ones below.
func mailOf(size int, files string) []byte {
	var b strings.Builder
	b.WriteString("From: Anna Nowak <anna.nowak@corp.test>\r\nTo: Jan Reed <jan.reed@client7.test>, Ruth Cole <ruth.cole@client7.test>\r\n" +
		"Cc: ewa.lis@corp.test\r\nSubject: Re: Programme for the second hall\r\nMessage-ID: <bench@corp.test>\r\n" +
		"In-Reply-To: <m7@client7.test>\r\nReferences: <m5@client7.test> <m7@client7.test>\r\nMIME-Version: 1.0\r\n")
	if files != "" {
		b.WriteString("Content-Type: multipart/mixed; boundary=files\r\n\r\n--files\r\n")
	}
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nDear Jan,\r\n\r\n")
	text := func(mark string, size int) {
		for n, end := 0, b.Len()+size; b.Len() < end; n++ {
			for words := strings.Fields(paragraphs[n%len(paragraphs)]); len(words) > 0; {
				some := min(len(words), 12)
				b.WriteString(mark + strings.Join(words[:some], " ") + "\r\n")
				words = words[some:]
			}
			b.WriteString(mark + "\r\n")
		}
	}
	text("", size/2)
	b.WriteString("Best regards,\r\nAnna Nowak\r\n\r\nOn Mon, 9 Mar 2026 at 16:02, Jan Reed <jan.reed@client7.test> wrote:\r\n")
	text("> ", size/2)
	b.WriteString(files)
	return []byte(b.String())
}

// officeFiles are some 700 KB of Word and Excel files, packed to what that is.
func officeFiles() string {
	var rows [][]any
	for n := range 6000 {
		rows = append(rows, []any{fmt.Sprintf("Item %d", n), n * 37 % 1009, "Steel, galvanised", fmt.Sprintf("%d.%02d", n*13%977, n%100)})
	}
	var text []string
	for n := range 1500 {
		text = append(text, fmt.Sprintf("%d. %s", n, paragraphs[n%len(paragraphs)]))
	}
	var b strings.Builder
	for name, d := range map[string]extracttest.Descriptor{
		"list.xlsx": {Kind: "xlsx", Sheets: []extracttest.Sheet{{Name: "List", Rows: rows}}},
		"plan.docx": {Kind: "docx", Paragraphs: text},
	} {
		b.WriteString("--files\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + name +
			"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		encoded := base64.StdEncoding.EncodeToString(extracttest.Build(d))
		for chunk := range slices.Chunk([]byte(encoded), 76) {
			b.Write(chunk)
			b.WriteString("\r\n")
		}
	}
	return b.String() + "--files--\r\n"
}

// benchPast is the history of an author with five hundred contacts in an
// organisation of fifty.
func benchPast(b *testing.B) *history.Memory {
	memory := history.NewMemory(history.MemoryOptions{Own: func(domain string) bool { return domain == "corp.test" }})
	var events []history.Event
	for n := range 20_000 {
		author := "anna.nowak@corp.test"
		if n%4 != 0 {
			author = fmt.Sprintf("person%d@corp.test", n%50)
		}
		events = append(events, history.Event{ID: fmt.Sprintf("m%d@corp.test", n), Time: caseTime.Add(-time.Duration(20_000-n) * time.Hour / 4),
			Author: mail.Mailbox{Address: author}, To: []history.Party{
				{Mailbox: mail.Mailbox{Name: "Some Body", Address: fmt.Sprintf("contact%d@client%d.test", n%500, n%90)}},
				{Mailbox: mail.Mailbox{Name: "Jan Reed", Address: fmt.Sprintf("jan.reed@client%d.test", n%20)}}}})
	}
	if err := memory.Learn(b.Context(), events); err != nil {
		b.Fatal(err)
	}
	return memory
}

// benchOffice is a directory with a hundred client organisations.
func benchOffice(b *testing.B) *directory.Directory {
	facts := &directory.Facts{People: []*directory.Person{{Name: "Anna Nowak", Addresses: []string{"anna.nowak@corp.test"}}}}
	for n := range 100 {
		facts.Organisations = append(facts.Organisations, &directory.Organisation{Name: fmt.Sprintf("Client Number %d", n), Kind: "client",
			Domains: []string{fmt.Sprintf("client%d.test", n)}, Keywords: []string{fmt.Sprintf("CN-%d", 1000+n)}})
	}
	d, problems := directory.New(facts, []string{"corp.test"}, time.UTC)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return d
}

func benchJudge(b *testing.B, message []byte) {
	office := benchOffice(b)
	g := guard.New(guard.Options{Rules: defaultSet(b), Domains: []string{"corp.test"}, Detectors: detectors.All(detectors.Options{}),
		History: benchPast(b), Directory: func() *directory.Directory { return office }, Logger: slog.New(slog.DiscardHandler)})
	ex := extract.New(extract.Limits{})
	s := mail.Summarize(message)
	f := factsOf(message, ex)
	f.Time, f.Summary = caseTime, &s
	var took []time.Duration
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		begin := time.Now()
		f.Read = func(ctx context.Context) (*reading.Mail, error) { return reading.Parse(ctx, message, true, ex) }
		if v := g.Judge(b.Context(), f); slices.ContainsFunc(v.Signals, func(s guard.Signal) bool { return s.Code == guard.CodeFailed }) {
			b.Fatalf("judging failed: %+v", v.Signals)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkJudge reads a mail and judges it with all detectors and the default
// rules, one after the other on one core (-cpu 1).
func BenchmarkJudge(b *testing.B) {
	b.Run("10KB", func(b *testing.B) { benchJudge(b, mailOf(10<<10, "")) })
	b.Run("20KB", func(b *testing.B) { benchJudge(b, mailOf(20<<10, "")) })
	b.Run("files", func(b *testing.B) { benchJudge(b, mailOf(10<<10, officeFiles())) })
}

// BenchmarkDetectors asks each detector alone about a mail of 20 KB that was
// read before.
func BenchmarkDetectors(b *testing.B) {
	message := mailOf(20<<10, "")
	office, past := benchOffice(b), benchPast(b)
	f := factsOf(message, nil)
	f.Time = caseTime
	said, err := reading.Parse(b.Context(), message, true, nil)
	if err != nil {
		b.Fatal(err)
	}
	l := &guard.Look{Facts: &f, Directory: office, Mail: said, Own: func(domain string) bool { return domain == "corp.test" }}
	for _, r := range f.Envelope.Recipients {
		l.Keys = append(l.Keys, mail.Key(r.Address))
	}
	if l.Past, err = past.Past(b.Context(), history.Query{Author: f.Author, Recipients: l.Keys, Time: caseTime}); err != nil {
		b.Fatal(err)
	}
	said.Words()
	for _, d := range detectors.All(detectors.Options{}) {
		b.Run(d.Name(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Detect(b.Context(), l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
