package greeting

import (
	"testing"

	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

// lookAt is what the detector is shown of a mail to some mailboxes.
func lookAt(from, body string, to ...mail.Mailbox) *guard.Look {
	l := &guard.Look{Facts: &guard.Facts{Author: mail.Key(from), Envelope: &mail.Envelope{},
		Summary: &mail.Summary{From: []mail.Mailbox{{Address: from}}, To: to}},
		Mail: reading.FromTexts("Offer", body, nil, true), Own: func(d string) bool { return d == "corp.test" }}
	for _, m := range to {
		l.Keys = append(l.Keys, mail.Key(m.Address))
		l.Envelope.Recipients = append(l.Envelope.Recipients, mail.Recipient{Address: m.Address})
	}
	return l
}

func BenchmarkGreeting(b *testing.B) {
	jan := mail.Mailbox{Name: "Jan Zając", Address: "jan.zajac@x.test"}
	for name, body := range map[string]string{
		"fits": "Cześć Janku,\n\nprzesyłam ofertę.\n", "mismatch": "Cześć Aniu,\n\nprzesyłam ofertę.\n", "none": "przesyłam ofertę, proszę o odpowiedź do piątku\n",
	} {
		l, d := lookAt("ewa@corp.test", body, jan), New()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := d.Detect(b.Context(), l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
