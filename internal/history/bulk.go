package history

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"belay/internal/db"
)

// What learning reads and writes of the database goes in statements for many
// records at once: a statement for each costs more than the record does, and on
// PostgreSQL a way to the server and back.

// bulkSizes are for how many records there are statements, so that few texts are
// kept prepared.
var bulkSizes = [...]int{64, 16, 4, 1}

// bulkSize is the greatest of them that does not exceed n, which is not 0.
func bulkSize(n int) int {
	for _, size := range bulkSizes {
		if size <= n {
			return size
		}
	}
	return 1
}

// inSize is the smallest of them that is not less than n, up to the greatest.
func inSize(n int) int {
	for _, size := range slices.Backward(bulkSizes[:]) {
		if size >= n {
			return size
		}
	}
	return bulkSizes[0]
}

// bulk writes rows of one table.
type bulk struct {
	g          *ledger
	head, tail string // of the statement, around the rows
	width      int    // columns
	args       []any
}

func (g *ledger) bulk(head string, width int, tail string) *bulk {
	return &bulk{g: g, head: head, tail: tail, width: width, args: make([]any, 0, width*bulkSizes[0])}
}

// add writes one row, perhaps later.
func (b *bulk) add(row ...any) error {
	b.args = append(b.args, row...)
	if len(b.args) == b.width*bulkSizes[0] {
		return b.flush()
	}
	return nil
}

// flush writes what is left.
func (b *bulk) flush() error {
	args := b.args
	for len(args) > 0 {
		n := bulkSize(len(args) / b.width)
		if err := b.g.exec(b.statement(n), args[:n*b.width]...); err != nil {
			return err
		}
		args = args[n*b.width:]
	}
	clear(b.args)
	b.args = b.args[:0]
	return nil
}

func (b *bulk) statement(rows int) string {
	var s strings.Builder
	s.WriteString(b.head)
	s.WriteString(" VALUES ")
	for r := range rows {
		if r > 0 {
			s.WriteString(", ")
		}
		s.WriteByte('(')
		params(&s, b.g.tx.Dialect(), r*b.width, b.width)
		s.WriteByte(')')
	}
	s.WriteString(b.tail)
	return s.String()
}

// params writes n parameters, from the one behind after. On SQLite they have no
// names: it would look through all names for each.
func params(s *strings.Builder, d db.Dialect, after, n int) {
	for i := range n {
		if i > 0 {
			s.WriteString(", ")
		}
		if d == db.SQLite {
			s.WriteByte('?')
			continue
		}
		s.WriteByte('$')
		s.WriteString(strconv.Itoa(after + i + 1))
	}
}

// each runs a query with an IN of these values, as often as it takes, and has
// every row read. before ends with "IN (".
func each[T any](g *ledger, before string, first []any, values []T, after string, read func(rows *sql.Rows) error) error {
	for len(values) > 0 {
		some := capped(values, bulkSizes[0])
		values = values[len(some):]
		size := inSize(len(some))
		var s strings.Builder
		s.WriteString(before)
		params(&s, g.tx.Dialect(), len(first), size)
		s.WriteString(after)
		args := slices.Clone(first)
		for i := range size {
			args = append(args, some[min(i, len(some)-1)]) // the last one again and again
		}
		if err := g.query(s.String(), args, read); err != nil {
			return err
		}
	}
	return nil
}

func (g *ledger) query(query string, args []any, read func(rows *sql.Rows) error) error {
	rows, err := g.tx.Query(g.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// eachNamed is each for records that are found by a name: on PostgreSQL their key
// leads with the bucket, so that those of one bucket are read together.
func eachNamed(g *ledger, from string, names []string, read func(rows *sql.Rows) error) error {
	if g.tx.Dialect() == db.SQLite {
		return each(g, from+" IN (", nil, names, ")", read)
	}
	byHome := map[int][]string{}
	for _, n := range names {
		byHome[home(n)] = append(byHome[home(n)], n)
	}
	for bucket, some := range byHome {
		if err := each(g, strings.Replace(from, " WHERE ", " WHERE bucket = $1 AND ", 1)+" IN (", []any{bucket}, some, ")", read); err != nil {
			return err
		}
	}
	return nil
}
