package demo

import (
	"slices"
	"time"

	"belay/internal/history"
	"belay/internal/mail"
)

// habit is whom somebody of the company writes to, and how often in the last
// half year; answers is how often mail came back.
type habit struct {
	from, to       string
	times, answers int
}

// habits are the company's correspondence before the demo begins, as far as
// belay has to know it to notice what is odd about the mail that waits.
var habits = []habit{
	{"tom.whitaker@corp.test", "robert.hale@falcon.test", 24, 20},
	{"tom.whitaker@corp.test", "rachel.stone@corp.test", 18, 15},
	{"tom.whitaker@corp.test", "olav.strand@fjordsild.test", 7, 6},
	{"tom.whitaker@corp.test", "kari.moen@corp.test", 14, 9},
	{"marta.wojcik@corp.test", "anna.nowak@corp.test", 22, 19},
	{"marta.wojcik@corp.test", "jan.kowalski@corp.test", 30, 28},
	{"marta.wojcik@corp.test", "robert.hale@falcon.test", 12, 11},
	{"marta.wojcik@corp.test", "pawel.maj@falcon.test", 8, 6},
	{"jan.kowalski@corp.test", "anna.nowak@corp.test", 16, 12},
	{"jan.kowalski@corp.test", "pawel.maj@falcon.test", 10, 9},
	{"anna.nowak@corp.test", "ewa.lis@corp.test", 26, 24},
	{"anna.nowak@corp.test", "robert.hale@falcon.test", 6, 6},
	{"anna.nowak@corp.test", "carmen.vidal@puertonorte.test", 4, 3},
	{"lucia.ortega@corp.test", "javier.soto@puertonorte.test", 21, 18},
	{"lucia.ortega@corp.test", "carmen.vidal@puertonorte.test", 19, 17},
	{"lucia.ortega@corp.test", "tom.whitaker@corp.test", 12, 10},
	{"giulia.ferri@corp.test", "marco.rossi@falcon.test", 18, 12},
	{"giulia.ferri@corp.test", "paghe@studioverdi.test", 12, 10},
	{"giulia.ferri@corp.test", "info@officinabrandi.test", 6, 6},
	{"giulia.ferri@corp.test", "ordini@caviditirreno.test", 6, 5},
	{"giulia.ferri@corp.test", "ingrid.haugen@corp.test", 20, 18},
	{"selin.aydin@corp.test", "ingrid.haugen@corp.test", 22, 16},
	{"selin.aydin@corp.test", "deniz.kaya@puertonorte.test", 8, 7},
	{"selin.aydin@corp.test", "anna.nowak@corp.test", 12, 10},
	{"ingrid.haugen@corp.test", "tom.whitaker@corp.test", 25, 21},
	{"ingrid.haugen@corp.test", "olav.strand@fjordsild.test", 9, 9},
	{"ingrid.haugen@corp.test", "bedrift@kystbanken.test", 6, 6},
	{"kari.moen@corp.test", "ingrid.haugen@corp.test", 30, 22},
	{"kari.moen@corp.test", "ingrid.hauge@fjordsild.test", 5, 5},
	{"rachel.stone@corp.test", "tom.whitaker@corp.test", 15, 18},
	{"rachel.stone@corp.test", "robert.hale@falcon.test", 9, 8},
	{"emre.yildiz@corp.test", "ingrid.haugen@corp.test", 10, 8},
}

// Past is what belay has learned before the demo begins, oldest first: who wrote
// to whom, a mail every few days until a week ago.
func Past(now time.Time) []history.Event {
	var events []history.Event
	for i, h := range habits {
		days := 180 / max(h.times, h.answers)
		for n := range h.times {
			events = append(events, between(h.from, h.to, now, 7+n*days, i, false))
		}
		for n := range h.answers {
			events = append(events, between(h.to, h.from, now, 6+n*days, i, true))
		}
	}
	slices.SortStableFunc(events, func(a, b history.Event) int { return a.Time.Compare(b.Time) })
	return events
}

// between is one mail of a habit, some days ago.
func between(from, to string, now time.Time, days, minutes int, incoming bool) history.Event {
	return history.Event{Time: now.Add(-time.Duration(days)*24*time.Hour - time.Duration(minutes)*time.Minute),
		Author:   mail.Mailbox{Name: nameOf(from), Address: from},
		To:       []history.Party{{Mailbox: mail.Mailbox{Name: nameOf(to), Address: to}}},
		Incoming: incoming && !inside(from)}
}

func inside(address string) bool { return mail.Domain(mail.Key(address)) == Domain }
