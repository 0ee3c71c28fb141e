package notice

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"belay/internal/mail"
)

// Burst is what the administrators are told of an author over the limit.
type Burst struct {
	Author    string
	Principal string // "" without a sign-in
	Client    netip.Addr
	Count     int           // mails within the last hour
	Limit     int           // mails an hour
	Wait      time.Duration // how long each further one waits
}

// Burst tells the administrators that an author hands in more mail than the
// limit allows: a stolen account, perhaps. Whoever calls takes care not to
// call for every mail.
func (s *Service) Burst(ctx context.Context, b Burst) error {
	say := s.words.For(s.options.Language)
	l := &letter{subject: say.T("notice.subject.burst", "Author", b.Author)}
	l.add(lead, say.N("notice.lead.burst", b.Count, "Author", b.Author, "Limit", say.Number(b.Limit)))
	from := "?"
	if b.Client.IsValid() {
		from = b.Client.Unmap().WithZone("").String()
	}
	if b.Principal != "" {
		l.add(para, say.T("notice.burstwho", "Client", from, "Principal", b.Principal))
	} else {
		l.add(para, say.T("notice.burstnet", "Client", from))
	}
	l.add(para, say.T("notice.burstwait", "Duration", say.Duration(b.Wait)))
	l.add(para, say.T("notice.bursthelp"))
	var errs []error
	for _, admin := range s.admins() {
		if !mail.ValidAddress(admin) {
			continue
		}
		err := s.post(ctx, parcel{from: s.sender(), to: admin, say: say, letter: l, automatic: "auto-generated", now: s.options.Now()})
		if err != nil {
			errs = append(errs, fmt.Errorf("tell %s that %s is over the limit: %w", admin, b.Author, err))
		}
	}
	return errors.Join(errs...)
}
