// Command history measures what the past of a mail costs where very many people
// are known: it fills a SQLite database in a directory of its own with the
// profiles of so many authors, and then asks for the past of mails.
//
//	go run ./bench/history -authors 1000000
//
// Two thousand authors learn their mail as belay does; the others are copies of
// them under names of their own. Addresses outside, threads and what is near them
// are copied too. A million takes some minutes and 18 GB.
//
// Of somebody else each time nothing is decoded, and what the machine does not keep
// of the file is read from the disk; the same people were asked about just before.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"belay/internal/db"
	"belay/internal/history"
	"belay/internal/mail"
)

const templates = 2000

func main() {
	authors := flag.Int("authors", 1_000_000, "authors")
	questions := flag.Int("questions", 4000, "mails whose past is asked for")
	profile := flag.String("profile", "", "file for a profile of the questions")
	dir := flag.String("dir", "", "directory for the database, which stays; without, one that is removed")
	flag.Parse()
	if err := run(context.Background(), *authors, *questions, *dir, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, authors, questions int, dir, profile string) error {
	if dir == "" {
		made, err := os.MkdirTemp("", "belay-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(dir, "belay.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer d.Close()
	w := &world{r: rand.New(rand.NewPCG(1, 2)), db: d, copies: max(1, authors/templates)}
	w.names = staff(w.copies * templates)
	have, err := history.SizeOf(ctx, d)
	if err != nil {
		return err
	}
	if have.People == 0 {
		begun := time.Now()
		if err := w.learn(ctx); err != nil {
			return err
		}
		fmt.Printf("%d mails of %d authors learned in %.0f s\n", w.mails, templates, time.Since(begun).Seconds())
		begun = time.Now()
		if err := w.multiply(ctx); err != nil {
			return err
		}
		fmt.Printf("copied in %.0f s\n", time.Since(begun).Seconds())
	}
	if have, err = history.SizeOf(ctx, d); err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(dir, "belay.db"))
	if err != nil {
		return err
	}
	fmt.Printf("%d profiles, %.1f GB\n\n| asked | p50 | p99 | at worst |\n|---|--:|--:|--:|\n", have.People, float64(info.Size())/1e9)
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	w.r = rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0)) // other people in each run
	if err := w.ask(ctx, "somebody else each time", questions, have.People); err != nil {
		return err
	}
	return w.ask(ctx, "the same 500 people", questions, 500)
}

// world is the organisation that is made up.
type world struct {
	r      *rand.Rand
	db     *db.DB
	copies int
	mails  int
	names  []string
}

func ours(domain string) bool { return domain == "corp.test" }

func (w *world) store() *history.Store {
	return history.NewStore(history.StoreOptions{DB: w.db, Own: ours, Alone: true, Logger: slog.New(slog.DiscardHandler)})
}

// name is an author: the copies of one stand together, in the order of the table.
func (w *world) name(n int) string { return w.names[n] }

// staff makes up so many names, as people have them: some first names and some
// last names are those of many.
func staff(n int) []string {
	r := rand.New(rand.NewPCG(3, 4))
	seen := make(map[string]bool, n)
	names := make([]string, 0, n)
	rank := func(most float64) int { return int(math.Pow(most, math.Pow(r.Float64(), 0.7))) }
	for len(names) < n {
		name := spell(rank(1500)*1299709) + "." + spell(rank(150_000)*15485863) + "@corp.test"
		if seen[name] {
			name = strings.Replace(name, "@", fmt.Sprint(r.IntN(n), "@"), 1)
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// outsider is somebody elsewhere, of whom each author knows some well.
func (w *world) outsider(author int) string {
	n := author*17 + int(w.r.ExpFloat64()*float64(10+author%60))
	return spell(n%90_000*7919) + "@" + spell(n/5%9000*104729) + ".test"
}

// spell makes a name of a number, no two much alike.
func spell(n int) (s string) {
	syllables := strings.Fields("ka lo mi ne ru sa ti vo ze bra klu dor fen gal hin jor pel")
	for n += 99991; n > 0; n /= len(syllables) {
		s += syllables[n%len(syllables)]
	}
	return s
}

var begin = time.Date(2025, 1, 6, 8, 0, 0, 0, time.UTC)

// event is a mail of an author, or one to them.
func (w *world) event(author int) history.Event {
	w.mails++
	e := history.Event{ID: fmt.Sprint(w.mails, "@x"), Time: begin.Add(time.Duration(w.mails) * time.Minute), Subject: fmt.Sprint("Matter ", w.r.IntN(5000)),
		Author: mail.Mailbox{Address: w.name(author * w.copies)}}
	for range 1 + w.r.IntN(3) {
		to := w.outsider(author)
		if w.r.IntN(2) == 0 {
			to = w.name((author + 1 + w.r.IntN(40)) % templates * w.copies)
		}
		e.To = append(e.To, history.Party{Mailbox: mail.Mailbox{Address: to, Name: "Some Body"}})
	}
	if w.r.IntN(3) == 0 {
		e.Author, e.To[0], e.Incoming = mail.Mailbox{Address: w.outsider(author), Name: "Some Body"}, history.Party{Mailbox: e.Author}, true
	}
	if w.mails > 100 && w.r.IntN(2) == 0 {
		e.InReplyTo = []string{fmt.Sprint(w.mails-w.r.IntN(100)-1, "@x")}
	}
	for range 40 {
		e.Terms = append(e.Terms, uint16(w.r.Uint32()))
	}
	return e
}

// learn lets the first authors learn: most wrote little, some very much.
func (w *world) learn(ctx context.Context) error {
	var order []int
	for a := range templates {
		for range min(1500, int(30*math.Exp(1.1*w.r.NormFloat64()))) {
			order = append(order, a)
		}
	}
	w.r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	s := w.store()
	for some := range slices.Chunk(order, 5000) {
		var events []history.Event
		for _, a := range some {
			events = append(events, w.event(a))
		}
		if err := s.Learn(ctx, events); err != nil {
			return err
		}
	}
	return nil
}

// ask measures how long the past of mails takes, of so many different authors.
func (w *world) ask(ctx context.Context, what string, questions, people int) error {
	s := w.store()
	picked := func() int { return w.r.IntN(people) * (w.copies * templates / people) }
	if people == 500 { // those who were asked about are known then
		for n := range people {
			if _, err := s.Past(ctx, w.question(n*w.copies*templates/people)); err != nil {
				return err
			}
		}
	}
	var took []time.Duration
	for range questions {
		q := w.question(picked())
		begun := time.Now()
		p, err := s.Past(ctx, q)
		if err != nil {
			return err
		}
		took = append(took, time.Since(begun))
		if p == nil || p.Self == nil {
			return fmt.Errorf("%s is not known", q.Author)
		}
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	fmt.Printf("| %s | %.2f ms | %.2f ms | %.2f ms |\n", what, at(0.5), at(0.99), at(1))
	return nil
}

// question is a mail to one to four people, half of them colleagues.
func (w *world) question(author int) history.Query {
	q := history.Query{ID: "new@x", Author: w.name(author), Time: begin.AddDate(5, 0, 0), Subject: "Re: Matter 77"}
	for range 1 + w.r.IntN(4) {
		if w.r.IntN(2) == 0 {
			q.Recipients = append(q.Recipients, w.name(w.r.IntN(w.copies*templates)))
		} else {
			q.Recipients = append(q.Recipients, w.outsider(author/w.copies))
		}
	}
	if w.r.IntN(2) == 0 {
		q.InReplyTo = []string{fmt.Sprint(1+w.r.IntN(50_000), "@x")}
	}
	return q
}
