package api

import (
	"context"

	"belay/internal/guard/explain"
	"belay/internal/locale"
	"belay/internal/queue"
)

// english are the words of sentences: programs log them, and people who look
// after programs read them.
func english() *locale.Locale {
	words, err := explain.Load()
	if err != nil {
		panic(err) // they are built in
	}
	return words.For("en")
}

// signals are what was noticed, as far as whoever asks may know it.
func (s *server) signals(ctx context.Context, m *queue.Message) []Signal {
	list := make([]Signal, len(m.Verdict.Signals))
	reads := s.Outbox.Reads(m, who(ctx))
	for i, signal := range m.Verdict.Signals {
		if list[i] = signal; !reads {
			list[i] = explain.Cover(s.english, signal)
		}
	}
	return list
}

// sentence says what a message waits for and why.
func (s *server) sentence(m *queue.Message) string {
	return explain.Sentence(s.english, m.Verdict, s.name, s.Outbox.Now())
}

// name is what people call whoever has an address.
func (s *server) name(address string) string {
	if s.People != nil {
		if name := s.People.Current().Name(address); name != "" {
			return name
		}
	}
	return address
}
