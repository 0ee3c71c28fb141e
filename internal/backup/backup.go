// Package backup writes everything that a database holds into one archive,
// while belay runs, and brings it back: into an empty database of either kind,
// or into a running one, which takes what it does not know.
//
// An archive is a gzip file of records (format.go): a header, perhaps the keys,
// files that stand beside the database (files.go), the rows of each table, and
// at the end their numbers and a checksum, so that
// an archive that was cut off or changed is refused before anything is written.
// The package knows columns, not what the rooms mean by them, but for what a
// restored delivery is (hold.go).
package backup

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"belay/internal/db"
	"belay/internal/seal"
)

// Header says what an archive is.
type Header struct {
	Taken   time.Time `json:"taken"`   // of the snapshot, UTC
	Dialect string    `json:"dialect"` // "sqlite" or "postgres"
	Version int64     `json:"version"` // of the tables
	// Keys tells that the installation's keys are in the archive, in the
	// clear: whoever has it can read every mail in it. Without them the mail
	// can only be read where the keys are.
	Keys bool `json:"keys"`
}

// Summary is what an archive holds.
type Summary struct {
	Header
	Files []File           `json:"files"` // without their text
	Rows  map[string]int64 `json:"rows"`  // by table
}

// Options of a backup.
type Options struct {
	// WithKeys puts these keys into the archive, in the clear. nil leaves them
	// out, which is right where the archive is kept less safe than the keys.
	WithKeys *seal.Keys
	// Files go into it too.
	Files []File
	// Now is when the backup is taken; nil is time.Now.
	Now func() time.Time
	// Progress is told, now and then, how many rows of a table are done.
	Progress func(table string, rows int64)
}

// Write writes an archive of d to w: one snapshot, streamed. Mail goes on
// meanwhile. SQLite's log grows for as long as it takes.
func Write(ctx context.Context, d *db.DB, w io.Writer, o Options) (Summary, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	buffered := bufio.NewWriterSize(w, 1<<16)
	// Most of it is sealed and cannot be made smaller: do not try hard.
	zip, err := gzip.NewWriterLevel(buffered, gzip.BestSpeed)
	if err != nil {
		return Summary{}, fmt.Errorf("back up: %w", err)
	}
	var summary Summary
	err = d.Read(ctx, func(q db.Tx) error {
		a := &archiver{q: q, enc: newEncoder(zip), options: o}
		a.summary = Summary{Rows: map[string]int64{}, Header: Header{
			Taken: o.Now().UTC().Truncate(time.Second), Dialect: d.Dialect().String(), Version: d.Version(), Keys: o.WithKeys != nil,
		}}
		summary, err = a.run(ctx)
		return err
	})
	if err == nil {
		err = errors.Join(zip.Close(), buffered.Flush())
	}
	if err != nil {
		return Summary{}, fmt.Errorf("back up: %w", err)
	}
	return summary, nil
}

// archiver writes one archive.
type archiver struct {
	q       db.Tx
	enc     *encoder
	options Options
	summary Summary
}

func (a *archiver) run(ctx context.Context) (Summary, error) {
	if err := a.enc.json(recordHeader, a.summary.Header); err != nil {
		return a.summary, err
	}
	if keys := a.options.WithKeys; keys != nil {
		text, err := keys.Export()
		if err != nil {
			return a.summary, err
		}
		if err := a.enc.json(recordKeys, json.RawMessage(text)); err != nil {
			return a.summary, err
		}
	}
	for _, f := range a.options.Files {
		if err := a.enc.json(recordFile, f); err != nil {
			return a.summary, err
		}
		f.Text = nil
		a.summary.Files = append(a.summary.Files, f)
	}
	tables, err := tablesOf(ctx, a.q)
	if err != nil {
		return a.summary, err
	}
	for _, table := range tables {
		if err := a.table(ctx, table); err != nil {
			return a.summary, fmt.Errorf("table %s: %w", table, err)
		}
	}
	return a.summary, a.enc.end(a.summary.Rows)
}

// table writes the rows of a table.
func (a *archiver) table(ctx context.Context, name string) error {
	rows, err := a.q.Query(ctx, "SELECT * FROM "+quote(name))
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	if err := a.enc.json(recordTable, tableRecord{name, columns}); err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	n := int64(0)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := a.enc.row(values); err != nil {
			return err
		}
		if n++; n%1000 == 0 && a.options.Progress != nil {
			a.options.Progress(name, n)
		}
	}
	a.summary.Rows[name] = n
	return rows.Err()
}

// Inspect reads the front of an archive: what it is, and the keys if it has
// them (else nil).
func Inspect(r io.Reader) (Header, *seal.Keys, error) {
	dec, err := newDecoder(r)
	if err != nil {
		return Header{}, nil, err
	}
	kind, payload, err := dec.next()
	if err != nil {
		return Header{}, nil, err
	}
	var h Header
	if kind != recordHeader || json.Unmarshal(payload, &h) != nil {
		return h, nil, fmt.Errorf("read the backup: it does not begin with a header: %w", ErrDamaged)
	}
	if !h.Keys {
		return h, nil, nil
	}
	kind, payload, err = dec.next()
	if err != nil {
		return h, nil, err
	}
	if kind != recordKeys {
		return h, nil, fmt.Errorf("read the backup: its keys are missing: %w", ErrDamaged)
	}
	keys, err := seal.Import(payload)
	if err != nil {
		return h, nil, fmt.Errorf("read the keys in the backup: %w", err)
	}
	return h, keys, nil
}

// Check reads a whole archive and gives what it holds. An archive that was cut
// off or changed is ErrDamaged.
func Check(r io.Reader) (Summary, error) {
	s := Summary{Files: []File{}}
	err := walk(r, visitor{
		header: func(h Header) error { s.Header = h; return nil },
		file: func(f File) error {
			f.Text = nil
			s.Files = append(s.Files, f)
			return nil
		},
		end: func(rows map[string]int64) { s.Rows = rows },
	})
	return s, err
}
