package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"belay/internal/db"
	"belay/internal/mail"
)

const (
	batchRows  = 256
	batchBytes = 1 << 20
	manyRows   = 32 // rows of one statement
)

// target is the table that rows go into.
type target struct {
	name    string
	skip    bool
	source  []string // the archive's columns
	columns []column // those to be filled
	from    []int    // where in a row of the archive; -1: the bucket of its message
	key     int      // where in a row its message's id stands; -1 nowhere
	rows    []row
	size    int
}

// row waits to be written.
type row struct {
	bucket int
	id     mail.ID
	note   bool // it is a message that comes back held
	values []any
}

// at is where a column stands in a row of the archive; -1 nowhere.
func (t *target) at(column string) int { return slices.Index(t.source, column) }

// keyColumn is where the id of a row's message stands.
func keyColumn(columns []string) int {
	if i := slices.Index(columns, "message"); i >= 0 {
		return i
	}
	return slices.Index(columns, "id")
}

// owns tells whether a table's rows are what others belong to.
func owns(t tableRecord) bool {
	return t.Name != "body" && !slices.Contains(t.Columns, "message") && slices.Contains(t.Columns, "id")
}

// byRow tables are merged row by row, although their rows belong to no message:
// what people said is right (history). What is there stays.
func byRow(table string) bool { return table == "rightful" }

// settled tables belong to a database as a whole: they are not merged.
func settled(table string) bool {
	return strings.HasPrefix(table, "journal") || table == "meta" || table == "queue_setting"
}

func idOf(v any) (mail.ID, bool) {
	b, ok := v.([]byte)
	if !ok || len(b) != len(mail.ID{}) {
		return mail.ID{}, false
	}
	return mail.ID(b), true
}

// begin turns to the next table.
func (r *restorer) begin(ctx context.Context, t tableRecord) error {
	if err := r.endTable(ctx); err != nil {
		return err
	}
	var columns []column
	err := r.db.Read(ctx, func(q db.Tx) (err error) {
		columns, err = columnsOf(ctx, q, t.Name)
		return err
	})
	if err != nil {
		return err
	}
	if len(columns) == 0 {
		return fmt.Errorf("the backup has a table %s, which this belay does not know", t.Name)
	}
	g := &target{name: t.Name, source: t.Columns, key: keyColumn(t.Columns)}
	g.skip = r.result.Merged && (settled(t.Name) || g.key < 0 && !byRow(t.Name))
	for _, c := range columns {
		i := slices.Index(t.Columns, c.name)
		if c.name == "row" || i < 0 && c.name != "bucket" {
			continue // SQLite counts rows itself; what the archive lacks has its default
		}
		g.columns, g.from = append(g.columns, c), append(g.from, i)
	}
	for _, name := range t.Columns {
		if name != "row" && name != "bucket" && !slices.ContainsFunc(columns, func(c column) bool { return c.name == name }) {
			return fmt.Errorf("the backup has a column %s.%s, which this belay does not know", t.Name, name)
		}
	}
	r.table = g
	return nil
}

// row takes a row of the archive.
func (r *restorer) row(ctx context.Context, values []any) error {
	t := r.table
	if t.skip {
		return nil
	}
	var new row
	if t.key >= 0 {
		new.id, _ = idOf(values[t.key])
		if r.result.Merged && !r.messages[new.id] {
			return nil
		}
		new.bucket = new.id.Bucket()
	} else if i := t.at("bucket"); i >= 0 { // an author's, not a message's
		if bucket, ok := values[i].(int64); ok {
			new.bucket = int(bucket)
		}
	}
	if !r.options.AsWas {
		switch t.name {
		case "errand":
			return nil // see hold.go
		case "delivery":
			t.holdDelivery(values, r.now.Add(restoredFor))
		case "message":
			var err error
			if new.note, err = t.holdMessage(values, r.reason()); err != nil {
				return err
			}
		}
	}
	new.values = make([]any, len(t.columns))
	for i, c := range t.columns {
		v := any(int64(new.bucket))
		if t.from[i] >= 0 {
			v = values[t.from[i]]
		}
		new.values[i] = fit(c, v)
		t.size += sizeOf(v)
	}
	t.rows = append(t.rows, new)
	if len(t.rows) >= batchRows || t.size >= batchBytes {
		return r.flush(ctx)
	}
	return nil
}

// fit makes a value one that its column takes: SQLite does not tell octets
// from text, PostgreSQL does.
func fit(c column, v any) any {
	switch v := v.(type) {
	case string:
		if c.bytes {
			return []byte(v)
		}
	case []byte:
		if c.text {
			return string(v)
		}
	}
	return v
}

func sizeOf(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []byte:
		return len(v)
	}
	return 8
}

// flush writes the rows that wait: on PostgreSQL each bucket's in a transaction
// of its own, several at a time.
func (r *restorer) flush(ctx context.Context) error {
	t := r.table
	parts := map[int][]row{}
	for _, w := range t.rows {
		bucket := 0
		if r.db.Dialect() == db.Postgres {
			bucket = w.bucket
		}
		parts[bucket] = append(parts[bucket], w)
	}
	t.rows, t.size = nil, 0
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		first error
	)
	slots := make(chan struct{}, 8)
	for bucket, rows := range parts {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			added, held, err := r.store(ctx, t, bucket, rows)
			mu.Lock()
			defer mu.Unlock()
			r.result.Rows[t.name] += added
			r.result.Held += held
			if err != nil && first == nil {
				first = fmt.Errorf("table %s: %w", t.name, err)
			}
		})
	}
	wait.Wait()
	if r.options.Progress != nil {
		r.options.Progress(t.name, r.result.Rows[t.name])
	}
	return first
}

// store writes rows of one bucket in one transaction.
func (r *restorer) store(ctx context.Context, t *target, bucket int, rows []row) (added, held int64, err error) {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	err = r.db.Write(ctx, bucket, func(tx db.Tx) error {
		added, held = 0, 0
		for rest := rows; len(rest) > 0; {
			n := 1
			if len(rest) >= manyRows {
				n = manyRows
			}
			var args []any
			for _, w := range rest[:n] {
				args = append(args, w.values...)
			}
			done, err := tx.Exec(ctx, insertSQL(t.name, names, n), args...)
			if err != nil {
				return err
			}
			added += done
			rest = rest[n:]
		}
		for _, w := range rows {
			if !w.note {
				continue
			}
			held++
			if err := r.note(ctx, tx, w.id); err != nil {
				return err
			}
		}
		return nil
	})
	return added, held, err
}

// endTable writes what is left of a table, and lets its numbers go on behind
// those that were brought back.
func (r *restorer) endTable(ctx context.Context) error {
	t := r.table
	if t == nil || t.skip {
		return nil
	}
	if len(t.rows) > 0 {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	for _, c := range t.columns {
		if !c.identity {
			continue
		}
		query := fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', '%s'), greatest(max(%s), 1), max(%s) IS NOT NULL) FROM %s`,
			t.name, c.name, quote(c.name), quote(c.name), quote(t.name))
		if err := r.mark(ctx, query); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}
