package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"belay/internal/db"
)

// What is learned, in SQL. The same text runs on both databases but where a
// function here says otherwise. Hashes are stored as signed numbers.
const (
	sqlAddWaiting  = `INSERT INTO learn_waiting (bucket, batch, deeds) VALUES ($1, $2, $3)`
	sqlWaiting     = `SELECT bucket, batch, deeds FROM learn_waiting WHERE bucket >= $1 AND bucket < $2 ORDER BY batch LIMIT $3`
	sqlDropWaiting = `DELETE FROM learn_waiting WHERE bucket = $1 AND batch = $2`
	sqlOldest      = `SELECT batch FROM learn_waiting ORDER BY batch LIMIT 1`

	sqlTake = `INSERT INTO learn_taken (bucket, batch, phase, kept) VALUES ($1, $2, $3, $4)
		ON CONFLICT (bucket, batch, phase) DO NOTHING`
	sqlKept     = `SELECT kept FROM learn_taken WHERE bucket = $1 AND batch = $2 AND phase = $3`
	sqlDropTook = `DELETE FROM learn_taken WHERE bucket = $1 AND batch < $2`

	sqlProfileNew  = `SELECT rev, CASE WHEN rev = $3 THEN NULL ELSE data END FROM learned_profile WHERE bucket = $1 AND author = $2`
	sqlDropProfile = `DELETE FROM learned_profile WHERE bucket = $1 AND author = $2`

	sqlKnown     = `SELECT data FROM learned_known WHERE bucket = $1 AND kind = $2 AND name = $3`
	sqlDropKnown = `DELETE FROM learned_known WHERE bucket = $1 AND kind = $2 AND name = $3`
	sqlOldKnown  = `SELECT bucket, kind, name FROM learned_known WHERE oldest < $1 ORDER BY oldest LIMIT $2`

	sqlDropNear = `DELETE FROM learned_near WHERE bucket = $1 AND hash = $2 AND item = $3`

	sqlPair      = `SELECT times, last FROM learned_pair WHERE bucket = $1 AND kind = $2 AND a = $3 AND b = $4`
	sqlNamedTo   = `SELECT b, times FROM learned_pair WHERE bucket = $1 AND kind = 'n' AND a = $2`
	sqlDropPairs = `DELETE FROM learned_pair WHERE bucket = $1 AND last < $2`

	mailColumns  = `mark, root, subject, at, data`
	sqlMail      = `SELECT ` + mailColumns + ` FROM learned_mail WHERE bucket = $1 AND mark = $2 AND writer = $3`
	sqlSaveMail  = `UPDATE learned_mail SET data = $1 WHERE bucket = $2 AND mark = $3 AND writer = $4`
	sqlByRoot    = `SELECT ` + mailColumns + ` FROM learned_mail WHERE root = $1 AND root <> mark AND at <= $2 ORDER BY at DESC, mark DESC LIMIT $3`
	sqlByMark    = `SELECT ` + mailColumns + ` FROM learned_mail WHERE mark = $1 AND root = mark AND at <= $2`
	sqlBySubject = `SELECT ` + mailColumns + ` FROM learned_mail WHERE subject = $1 AND subject <> 0 AND at <= $2 ORDER BY at DESC, mark DESC LIMIT $3`
	sqlDropMails = `DELETE FROM learned_mail WHERE bucket = $1 AND at < $2`

	sqlCountMails = `INSERT INTO learned_total (bucket, mails) VALUES ($1, $2)
		ON CONFLICT (bucket) DO UPDATE SET mails = learned_total.mails + excluded.mails`
	sqlTotal    = `SELECT coalesce(sum(mails), 0) FROM learned_total`
	sqlAnything = `SELECT EXISTS (SELECT 1 FROM learned_known) OR EXISTS (SELECT 1 FROM learned_profile) OR EXISTS (SELECT 1 FROM learned_mail)`
)

// conflict is the target of an upsert: PostgreSQL's keys lead with the bucket.
func conflict(d db.Dialect, key string) string {
	if d == db.Postgres {
		key = "bucket, " + key
	}
	return " ON CONFLICT (" + key + ") DO UPDATE SET "
}

// Kinds of learned_known.
const (
	kindAddress = 1
	kindDomain  = 2
)

// inSizes are the numbers of values for which an IN is kept prepared.
var inSizes = [...]int{1, 4, 10, 20, 40, 80}

// sqlIn gives a query with an IN of values, and its arguments: the last value
// repeated until they are one of inSizes. There are at most as many as the last.
func sqlIn(before string, values []uint64, after string) (string, []any) {
	size := inSizes[len(inSizes)-1]
	for _, s := range slices.Backward(inSizes[:]) {
		if s >= len(values) {
			size = s
		}
	}
	var b strings.Builder
	b.WriteString(before)
	args := make([]any, size)
	for i := range args {
		args[i] = int64(values[min(i, len(values)-1)])
		b.WriteString([]string{"", ", "}[min(i, 1)] + "$" + strconv.Itoa(i+1))
	}
	b.WriteString(after)
	return b.String(), args
}

// sqlProfilesOf reads of several people, the last one perhaps several times.
func sqlProfilesOf(d db.Dialect, columns string, keys []string) (string, []any) {
	size := inSize(len(keys))
	var b strings.Builder
	b.WriteString("SELECT author, " + columns + " FROM learned_profile WHERE ")
	var args []any
	if d == db.SQLite {
		b.WriteString("author IN (")
		params(&b, d, 0, size)
	} else {
		b.WriteString("(bucket, author) IN (")
	}
	for i := range size {
		key := keys[min(i, len(keys)-1)]
		if d == db.SQLite {
			args = append(args, key)
			continue
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		params(&b, d, 2*i, 2)
		b.WriteByte(')')
		args = append(args, home(key), key)
	}
	b.WriteByte(')')
	return b.String(), args
}

// knownAtOnce is how many addresses and domains one statement reads.
const knownAtOnce = 32

// sqlKnownOf reads several addresses and domains, the last one perhaps twice.
func sqlKnownOf(items []item) (string, []any) {
	size := 1
	for size < len(items) {
		size *= 2
	}
	var args []any
	for i := range size {
		x := items[min(i, len(items)-1)]
		args = append(args, home(x.name), x.kind, x.name)
	}
	return knownQueries[size], args
}

var knownQueries = func() map[int]string {
	texts := map[int]string{}
	for size := 1; size <= knownAtOnce; size *= 2 {
		var b strings.Builder
		for i := range size {
			if i > 0 {
				b.WriteString(" UNION ALL ")
			}
			fmt.Fprintf(&b, "SELECT kind, name, data FROM learned_known WHERE bucket = $%d AND kind = $%d AND name = $%d", 3*i+1, 3*i+2, 3*i+3)
		}
		texts[size] = b.String()
	}
	return texts
}()

// scanMails reads mails, given the answer of a query for mailColumns.
func scanMails(rows *sql.Rows, err error) ([]*letter, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*letter
	for rows.Next() {
		l, err := scanMail(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

func scanMail(row interface{ Scan(...any) error }) (*letter, error) {
	var mark, root, subject, at int64
	var data []byte
	if err := row.Scan(&mark, &root, &subject, &at, &data); err != nil {
		return nil, err
	}
	l := &letter{id: uint64(mark), root: uint64(root), subject: uint64(subject), at: at}
	return l, l.decode(data)
}

// readMail finds a mail among those of an author; nil where it is not there.
func readMail(ctx context.Context, tx db.Tx, author string, id uint64) (*letter, error) {
	l, err := scanMail(tx.QueryRow(ctx, sqlMail, home(author), int64(id), int64(writer(author))))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return l, err
}

// writer is how an author stands among the columns of a mail.
func writer(author string) uint64 { return hashOf("author", author) }

// readKnown reads what is known of an address or a domain; nil is nothing.
func readKnown(ctx context.Context, tx db.Tx, kind int, name string) (*known, error) {
	var data []byte
	err := tx.QueryRow(ctx, sqlKnown, home(name), kind, name).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeKnown(data)
}

// readPair reads how often two things stood together; nil is never.
func readPair(ctx context.Context, tx db.Tx, k pairKey) (*pair, error) {
	var p pair
	var last int64
	err := tx.QueryRow(ctx, sqlPair, home(k.a), string(k.kind), k.a, k.b).Scan(&p.times, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	p.last = unix(last)
	return &p, err
}

func notThere(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// names reads (bucket, kind, name).
func names(rows *sql.Rows, err error) (list []name, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n name
		if err := rows.Scan(&n.bucket, &n.kind, &n.name); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}
