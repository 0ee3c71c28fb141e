package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"belay/internal/db"
	"belay/internal/journal"
	"belay/internal/mail"
	"belay/internal/seal"
)

// RestoreOptions say how an archive is brought back.
type RestoreOptions struct {
	// Keys are those of the belay that is restored into: the archive's mail
	// must have been sealed with them.
	Keys *seal.Keys
	// Journal gets an entry for every message that comes back held.
	Journal *journal.Journal
	// AsWas brings unfinished deliveries back as they were, so that they are
	// sent. Only right where nothing can have left since the backup; only
	// possible into an empty database.
	AsWas bool
	// Files say where the archive's files go.
	Files FileOptions
	// By is who restores, for the journal.
	By string
	// Now is nil for time.Now.
	Now      func() time.Time
	Progress func(table string, rows int64)
}

// Result is what a restore did.
type Result struct {
	Header
	// Merged tells that the database was not empty: only what it did not know
	// was added, messages and what people said is right; the archive's journal
	// was left out.
	Merged bool             `json:"merged"`
	Known  int64            `json:"known"` // messages that were there already
	Held   int64            `json:"held"`  // messages that came back held
	Rows   map[string]int64 `json:"rows"`  // added, by table
	Files  []Placed         `json:"files"`
}

// ErrUnfinished means that a restore into this database broke off.
var ErrUnfinished = errors.New("an earlier restore into this database did not end: begin again with an empty one")

const unfinishedName = "restore.unfinished"

// Unfinished is ErrUnfinished where a restore broke off half way. Ask before a
// database is used.
func Unfinished(ctx context.Context, d *db.DB) error {
	var n int
	err := d.Read(ctx, func(q db.Tx) error {
		return q.QueryRow(ctx, "SELECT count(*) FROM meta WHERE name = $1", unfinishedName).Scan(&n)
	})
	if err == nil && n > 0 {
		err = ErrUnfinished
	}
	return err
}

// Restore brings an archive back into d. It reads the archive twice: the first
// time nothing is written, so that a damaged one is refused (ErrDamaged).
//
// Into an empty database everything comes back, the journal too. Into any other
// one, which may be running, only messages that it does not know, and what
// people said is right. What had not ended comes back held, see AsWas.
func Restore(ctx context.Context, d *db.DB, archive io.ReadSeeker, o RestoreOptions) (Result, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &restorer{db: d, options: o, now: o.Now(), messages: map[mail.ID]bool{}}
	r.result.Rows, r.result.Files = map[string]int64{}, []Placed{}
	if err := r.run(ctx, archive); err != nil {
		return r.result, fmt.Errorf("restore: %w", err)
	}
	return r.result, nil
}

// restorer is one restore.
type restorer struct {
	db       *db.DB
	options  RestoreOptions
	now      time.Time
	header   Header
	messages map[mail.ID]bool // what the archive has; true: to be added
	opened   bool             // the archive's key was seen to be ours
	files    []File
	result   Result
	table    *target
}

func (r *restorer) run(ctx context.Context, archive io.ReadSeeker) error {
	if err := r.look(archive); err != nil {
		return err
	}
	if err := Unfinished(ctx, r.db); err != nil {
		return err
	}
	empty, err := r.empty(ctx)
	if err != nil {
		return err
	}
	r.result.Merged = !empty
	if empty {
		err = r.mark(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)", unfinishedName, []byte{1})
	} else if r.options.AsWas {
		return errors.New("bringing mail back as it was is only possible into an empty database")
	} else {
		err = r.findKnown(ctx)
	}
	if err != nil {
		return err
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	err = walk(archive, visitor{
		table: func(t tableRecord) error { return r.begin(ctx, t) },
		row:   func(values []any) error { return r.row(ctx, values) },
	})
	if err == nil {
		err = r.endTable(ctx)
	}
	if err == nil {
		err = r.place()
	}
	if err != nil {
		return err
	}
	return r.finish(ctx)
}

// look reads the archive without writing anything: whether it is whole, whether
// this belay understands it and can open its mail, and what is in it.
func (r *restorer) look(archive io.ReadSeeker) error {
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var table tableRecord
	key := -1
	err := walk(archive, visitor{
		header: func(h Header) error {
			r.header, r.result.Header = h, h
			return r.checkVersion()
		},
		file: func(f File) error {
			r.files = append(r.files, f)
			return nil
		},
		table: func(t tableRecord) error {
			table, key = t, keyColumn(t.Columns)
			return nil
		},
		row: func(values []any) error {
			if table.Name == "meta" {
				r.checkKey(table.Columns, values)
			}
			if key >= 0 && owns(table) {
				if id, ok := idOf(values[key]); ok {
					r.messages[id] = true
				}
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	if !r.opened && len(r.messages) > 0 {
		return errors.New("the mail in the backup was sealed with other keys: restore with those (keys/ of the belay that made it, its BELAY_KEY, or a backup with keys)")
	}
	return nil
}

func (r *restorer) checkVersion() error {
	switch have := r.db.Version(); {
	case r.header.Version > have:
		return fmt.Errorf("the backup has tables of version %d, this belay knows %d: use the belay that made it, or a newer one", r.header.Version, have)
	case r.header.Version < have:
		return fmt.Errorf("the backup has tables of version %d, the database %d: restore it into an empty database, which is then brought forward", r.header.Version, have)
	}
	return nil
}

// checkKey looks at the row of meta that tells which key sealed the bodies.
func (r *restorer) checkKey(columns []string, values []any) {
	row := map[string]any{}
	for i, c := range columns {
		row[c] = values[i]
	}
	sealed, _ := row["value"].([]byte)
	if row["name"] == "body.keycheck" && r.options.Keys != nil {
		_, err := r.options.Keys.Open(sealed, []byte("body.keycheck"))
		r.opened = err == nil
	}
}

// mark writes to meta.
func (r *restorer) mark(ctx context.Context, query string, args ...any) error {
	return r.db.Write(ctx, 0, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// empty tells whether the database holds nothing yet but its settings.
func (r *restorer) empty(ctx context.Context) (bool, error) {
	empty := true
	err := r.db.Read(ctx, func(q db.Tx) error {
		tables, err := tablesOf(ctx, q)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if table == "meta" || table == "queue_setting" {
				continue
			}
			var some int
			query := "SELECT count(*) FROM (SELECT 1 FROM " + quote(table) + " LIMIT 1) AS found"
			if err := q.QueryRow(ctx, query).Scan(&some); err != nil {
				return err
			}
			empty = empty && some == 0
		}
		return nil
	})
	return empty, err
}

// finish writes what was done into the journal.
func (r *restorer) finish(ctx context.Context) error {
	j := r.options.Journal
	facts := map[string]any{
		"backup": r.header.Taken, "merged": r.result.Merged, "messages": r.result.Rows["message"],
		"held": r.result.Held, "as_was": r.options.AsWas,
	}
	for _, f := range r.result.Files { // who may sign in may have changed by it
		if f.Outcome == FileRestored || f.Outcome == FileReplaced {
			facts[f.Name] = f.Outcome
		}
	}
	err := r.db.Write(ctx, 0, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM meta WHERE name = $1", unfinishedName); err != nil {
			return err
		}
		return j.Write(ctx, tx, mail.ID{}, r.now, journal.Entry{What: "backup restored", Actor: r.options.By, Facts: facts})
	})
	if err != nil || r.result.Merged {
		return err
	}
	// The journal is the backup's now: what was sealed after it is not missed.
	if err := j.AcceptHead(ctx); err != nil {
		return err
	}
	return j.Seal(ctx)
}
