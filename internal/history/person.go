package history

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"belay/internal/db"
	"belay/internal/mail"
)

// Dossier is all that was learned of somebody, for them to read.
type Dossier struct {
	Address    string          `json:"address" doc:"under which they are known"`
	Name       string          `json:"name,omitempty"`
	Written    int             `json:"written" doc:"mails of theirs that were learned"`
	Broadcasts int             `json:"broadcasts" doc:"of those, to fifty colleagues or more"`
	Known      *PersonKnown    `json:"known,omitempty" doc:"what the organisation as a whole knows of the address"`
	Contacts   []PersonContact `json:"contacts" nullable:"false" doc:"whom they wrote to and heard from"`
	Mails      []PersonMail    `json:"mails" nullable:"false" doc:"their last mails, one by one, without text"`
	KnownBy    []PersonContact `json:"known_by" nullable:"false" doc:"whose contact they are: who wrote to them or heard from them"`
	Threads    []PersonThread  `json:"threads" nullable:"false" doc:"mails of threads in which they stand"`
	Right      []PersonRight   `json:"right" nullable:"false" doc:"what they said to be right, and what others said of them"`
}

// PersonKnown counts what all of ours together had to do with an address.
type PersonKnown struct {
	Sent       int       `json:"sent"`
	Received   int       `json:"received"`
	Colleagues int       `json:"colleagues" doc:"different people of ours who wrote there"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
}

// PersonContact is one pair of people. With KnownBy, Address is the other's and the
// counts are as they see it.
type PersonContact struct {
	Address      string     `json:"address"`
	Name         string     `json:"name,omitempty"`
	Sent         int        `json:"sent"`
	Received     int        `json:"received"`
	First        time.Time  `json:"first"`
	LastSent     *time.Time `json:"last_sent,omitempty"`
	LastReceived *time.Time `json:"last_received,omitempty"`
	Doubted      int        `json:"doubted,omitempty" doc:"how often a mail to them was stopped or was wrong"`
	Vouched      int        `json:"vouched,omitempty" doc:"how often somebody said that they are right"`
	Bounced      bool       `json:"bounced,omitempty"`
	Mails        int        `json:"mails,omitempty" doc:"single mails that are remembered of the two"`
}

// PersonMail is one mail that is remembered.
type PersonMail struct {
	Time    time.Time `json:"time"`
	Sent    bool      `json:"sent" doc:"they wrote it; else they got it"`
	Answer  bool      `json:"answer"`
	People  []string  `json:"people" nullable:"false"`
	Subject string    `json:"subject_hash,omitempty" doc:"32 bits of a hash"`
	Words   []uint16  `json:"word_hashes" nullable:"false" doc:"16 bits each; many words share one"`
}

// PersonThread is a mail as its thread remembers it.
type PersonThread struct {
	Time   time.Time `json:"time"`
	Author string    `json:"author"`
	To     []string  `json:"to" nullable:"false"`
	Hidden bool      `json:"hidden,omitempty" doc:"they stand in no list that can be read: in its text, or had a hidden copy"`
}

// PersonRight is what somebody said to be right.
type PersonRight struct {
	Author    string    `json:"author"`
	Recipient string    `json:"recipient"`
	Code      string    `json:"code"`
	By        string    `json:"by"`
	Since     time.Time `json:"since"`
}

// Person gathers all that was learned of somebody. It looks through everything, so
// it may take minutes. What waits to be learned is learned first.
func (s *Store) Person(ctx context.Context, address string) (*Dossier, error) {
	if err := s.foldAll(ctx); err != nil {
		return nil, err
	}
	key := s.key(address)
	p := &Dossier{Address: key, Contacts: []PersonContact{}, Mails: []PersonMail{}, KnownBy: []PersonContact{}, Threads: []PersonThread{}, Right: []PersonRight{}}
	err := s.db.Read(ctx, func(tx db.Tx) error {
		g := newLedger(ctx, tx)
		own := g.profile(key)
		p.Written, p.Broadcasts = own.mails, own.broadcasts
		p.Contacts = contactsOf(own)
		p.Mails = mailsOf(&own.trail)
		k, err := readKnown(ctx, tx, kindAddress, key)
		if k != nil {
			p.Name, p.Known = k.name, &PersonKnown{k.sent, k.received, len(k.colleagues), k.first, k.last}
		}
		if err != nil {
			return err
		}
		return g.err
	})
	if err == nil {
		err = s.eachKnowing(ctx, key, func(n name, of *profile) error {
			if c := of.person(key); c != nil {
				c.Address = n.name
				p.KnownBy = append(p.KnownBy, *c)
			}
			return nil
		})
	}
	if err == nil {
		err = s.eachLetter(ctx, key, func(l *letter) error {
			p.Threads = append(p.Threads, PersonThread{Time: time.UnixMicro(l.at).UTC(), Author: l.author, To: append([]string{}, l.to...),
				Hidden: l.author != key && !slices.Contains(l.to, key)})
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("gather what was learned of a person: %w", err)
	}
	return p, nil
}

func contactsOf(p *profile) []PersonContact {
	list := []PersonContact{}
	for _, key := range append(sortedKeys(p.contacts), sortedKeys(p.strangers)...) {
		list = append(list, *p.person(key))
	}
	return list
}

// person is what a profile knows of somebody; nil is nothing.
func (p *profile) person(key string) *PersonContact {
	c := p.contacts[key]
	if c == nil {
		c = p.strangers[key]
	}
	mails := p.trail.with(key)
	if c == nil {
		if mails == 0 {
			return nil
		}
		return &PersonContact{Address: key, Mails: mails}
	}
	return &PersonContact{Address: key, Name: c.Name, Sent: c.Sent, Received: c.Received, First: c.First, LastSent: orNil(c.LastSent),
		LastReceived: orNil(c.LastReceived), Doubted: c.Doubted, Vouched: c.Vouched, Bounced: c.Bounced, Mails: mails}
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// with counts the mails that somebody is on.
func (t *trail) with(key string) (n int) {
	who := slices.Index(t.people, key)
	for i := range t.mails {
		if who >= 0 && slices.Contains(t.mails[i].Who, uint16(who)) {
			n++
		}
	}
	return n
}

func mailsOf(t *trail) []PersonMail {
	list := []PersonMail{}
	for _, m := range t.mails {
		one := PersonMail{Time: unix(m.At), Sent: m.Sent, Answer: m.Answer, People: []string{}, Words: append([]uint16{}, m.Terms...)}
		for _, w := range m.Who {
			one.People = append(one.People, t.people[w])
		}
		if m.Subject != 0 {
			one.Subject = fmt.Sprintf("%08x", m.Subject)
		}
		list = append(list, one)
	}
	return list
}

// eachKnowing gives the profiles of others in which somebody stands, or a name that
// looks like theirs.
func (s *Store) eachKnowing(ctx context.Context, key string, do func(n name, p *profile) error) error {
	query := `SELECT bucket, author, data FROM learned_profile WHERE author > $1 AND ` + contains(s.db.Dialect(), "data", "$2") + ` ORDER BY author LIMIT $3`
	for after := ""; ; {
		n := 0
		err := s.db.Read(ctx, func(tx db.Tx) error {
			n = 0
			rows, err := tx.Query(ctx, query, after, []byte(key), forgetAtOnce)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var of name
				var data []byte
				if err := rows.Scan(&of.bucket, &of.name, &data); err != nil {
					return err
				}
				p, err := decodeProfile(data)
				if err != nil {
					return err
				}
				if err := do(of, p); err != nil {
					return err
				}
				n, after = n+1, of.name
			}
			return rows.Err()
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// eachLetter gives the mails of threads in which somebody stands.
func (s *Store) eachLetter(ctx context.Context, key string, do func(l *letter) error) error {
	query := `SELECT ` + mailColumns + ` FROM learned_mail WHERE ` + contains(s.db.Dialect(), "data", "$1") + ` ORDER BY at`
	return s.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, query, []byte(key))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l, err := scanMail(rows)
			if err != nil {
				return err
			}
			if l.author == key || slices.Contains(l.to, key) || slices.Contains(l.introduced, key) || slices.Contains(l.got, mark(key)) {
				if err := do(l); err != nil {
					return err
				}
			}
		}
		return rows.Err()
	})
}

const (
	sqlRightsWith = `SELECT author, recipient, code, actor, since FROM rightful WHERE author = $1 OR recipient = $2 ORDER BY author, recipient, code`
	sqlRightHomes = `SELECT DISTINCT bucket FROM rightful WHERE author = $1 OR recipient = $2`
	sqlDropRights = `DELETE FROM rightful WHERE bucket = $1 AND (author = $2 OR recipient = $3)`
)

// Person gives what somebody said to be right, and what others said of them.
func (r *Rights) Person(ctx context.Context, address string) (list []PersonRight, err error) {
	err = r.db.Read(ctx, func(tx db.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, sqlRightsWith, r.o.Main(address), mail.Key(address))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one PersonRight
			var since int64
			if err := rows.Scan(&one.Author, &one.Recipient, &one.Code, &one.By, &since); err != nil {
				return err
			}
			one.Since = db.Time(since)
			list = append(list, one)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list what is right of a person: %w", err)
	}
	return list, nil
}

// ForgetPerson forgets what somebody said to be right, and what others said of
// them, and says how many it were.
func (r *Rights) ForgetPerson(ctx context.Context, address string) (forgotten int, err error) {
	author, recipient := r.o.Main(address), mail.Key(address)
	var buckets []int
	err = r.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(ctx, sqlRightHomes, author, recipient)
		if err == nil {
			buckets, err = numbers(rows)
		}
		return err
	})
	for _, b := range buckets {
		if err != nil {
			break
		}
		var n int64
		err = r.db.Write(ctx, b, func(tx db.Tx) (err error) {
			n, err = tx.Exec(ctx, sqlDropRights, b, author, recipient)
			return err
		})
		forgotten += int(n)
	}
	if err != nil {
		return forgotten, fmt.Errorf("forget what is right of a person: %w", err)
	}
	return forgotten, nil
}

// numbers reads a column of numbers.
func numbers(rows *sql.Rows) (list []int, err error) {
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// ForgetAuthor forgets the mails of an author that were observed, with their bytes,
// and says how many it were.
func (o *Observed) ForgetAuthor(ctx context.Context, address string) (forgotten int, err error) {
	for {
		byBucket := map[int][]mail.ID{}
		n := 0
		err := o.db.Read(ctx, func(tx db.Tx) error {
			clear(byBucket)
			ids, err := idsOf(tx.Query(ctx, `SELECT id FROM observed WHERE author = $1 ORDER BY id LIMIT $2`, mail.Key(address), forgetAtOnce))
			n = len(ids)
			for _, id := range ids {
				byBucket[id.Bucket()] = append(byBucket[id.Bucket()], id)
			}
			return err
		})
		if err != nil || n == 0 {
			return forgotten, err
		}
		for bucket, ids := range byBucket {
			if err := o.db.Write(ctx, bucket, func(tx db.Tx) error { return o.forget(ctx, tx, ids) }); err != nil {
				return forgotten, fmt.Errorf("forget observed mail: %w", err)
			}
			forgotten += len(ids)
		}
	}
}

func idsOf(rows *sql.Rows, err error) (ids []mail.ID, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		var id mail.ID
		copy(id[:], b)
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
