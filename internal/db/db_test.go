package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

var ctx = context.Background()

func put(tx db.Tx, name, value string) error {
	_, err := tx.Exec(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)", name, []byte(value))
	return err
}

func get(t *testing.T, d *db.DB, name string) string {
	t.Helper()
	var value []byte
	err := d.Read(ctx, func(q db.Tx) error {
		err := q.QueryRow(ctx, "SELECT value FROM meta WHERE name = $1", name).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}

func TestP1_WhatWasWrittenIsThereAfterARestart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		if err := d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, "a", "1") }); err != nil {
			t.Fatal(err)
		}
		if got := get(t, open(), "a"); got != "1" {
			t.Errorf("after the restart a = %q, want 1", got)
		}
	})
}

func TestWrite_AnErrorTakesBackOnlyItsOwnOperation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		refused := errors.New("refused")
		var wait sync.WaitGroup
		failures := make([]error, 200)
		for i := range failures {
			wait.Go(func() {
				failures[i] = d.Write(ctx, 7, func(tx db.Tx) error {
					if err := put(tx, fmt.Sprint("n", i), "x"); err != nil {
						return err
					}
					if i%10 == 3 {
						return refused
					}
					return nil
				})
			})
		}
		wait.Wait()
		for i, err := range failures {
			want, value := error(nil), "x"
			if i%10 == 3 {
				want, value = refused, ""
			}
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("operation %d: %v, want %v", i, err, want)
			}
			if got := get(t, d, fmt.Sprint("n", i)); got != value {
				t.Errorf("operation %d left %q, want %q", i, got, value)
			}
		}
		if s := d.Stats(); s.Commits >= s.Operations {
			t.Errorf("%d commits for %d operations: they were not grouped", s.Commits, s.Operations)
		}
	})
}

func TestWrite_OneThatIsCancelledWhileQueuedDoesNotRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		entered, leave := make(chan struct{}), make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() {
			d.Write(ctx, 7, func(db.Tx) error {
				select {
				case <-entered:
				default:
					close(entered)
				}
				<-leave
				return nil
			})
		})
		<-entered
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		ran := false
		var err error
		wait.Go(func() { err = d.Write(cancelled, 7, func(db.Tx) error { ran = true; return nil }) })
		close(leave)
		wait.Wait()
		if ran || !errors.Is(err, context.Canceled) {
			t.Errorf("ran: %v, error: %v", ran, err)
		}
	})
}

func TestWrite_APanicGoesToWhoAskedAndLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		func() {
			defer func() {
				if p := recover(); p != "oops" {
					t.Errorf("recovered %v, want oops", p)
				}
			}()
			d.Write(ctx, 7, func(tx db.Tx) error {
				if err := put(tx, "a", "1"); err != nil {
					return err
				}
				panic("oops")
			})
		}()
		if got := get(t, d, "a"); got != "" {
			t.Errorf("it left %q", got)
		}
		if err := d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, "b", "1") }); err != nil {
			t.Errorf("the next one: %v", err)
		}
	})
}

func TestWrite_AStatementThatFailedCannotBeHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		if err := d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, "a", "1") }); err != nil {
			t.Fatal(err)
		}
		err := d.Write(ctx, 7, func(tx db.Tx) error {
			put(tx, "a", "2") // it is there already
			return put(tx, "b", "2")
		})
		// SQLite can go on after it, PostgreSQL cannot; neither stores a half.
		if stored := get(t, d, "b") == "2"; stored != (err == nil) {
			t.Errorf("error %v, but stored: %v", err, stored)
		}
	})
}

func TestRead_IsASnapshotThatCannotBeWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		count := func(q db.Tx) (n int) {
			if err := q.QueryRow(ctx, "SELECT count(*) FROM meta").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		err := d.Read(ctx, func(q db.Tx) error {
			before := count(q)
			if err := d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, "a", "1") }); err != nil {
				return err
			}
			if after := count(q); after != before {
				t.Errorf("the snapshot changed from %d to %d rows", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(ctx, func(q db.Tx) error { return put(q, "b", "1") }); err == nil {
			t.Error("a snapshot was written")
		}
		var rows *sql.Rows
		d.Read(ctx, func(q db.Tx) error {
			rows, err = q.Query(ctx, "DELETE FROM meta RETURNING name")
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
			}
			return err
		})
		if err == nil || get(t, d, "a") != "1" {
			t.Errorf("a snapshot was written by a query (%v)", err)
		}
	})
}

func TestClose_RefusesWhatComesAfter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *db.DB) {
		d := open()
		if err := errors.Join(d.Close(), d.Close()); err != nil {
			t.Fatal(err)
		}
		nothing := func(db.Tx) error { return nil }
		if err := d.Write(ctx, 7, nothing); !errors.Is(err, db.ErrClosed) || !db.IsUnavailable(err) {
			t.Errorf("write: %v", err)
		}
		if err := d.Read(ctx, nothing); !errors.Is(err, db.ErrClosed) {
			t.Errorf("read: %v", err)
		}
	})
}

func TestOpen_RefusesTablesOfANewerBelay(t *testing.T) {
	dbtest.EachOptions(t, func(t *testing.T, options db.Options) {
		d := dbtest.Open(t, options)
		err := d.Write(ctx, 0, func(tx db.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d.Close()
		if again, err := db.Open(ctx, options); err == nil {
			again.Close()
			t.Error("opened tables that it does not know")
		}
	})
}

func TestOpen_TwoProcessesCannotShareADirectory(t *testing.T) {
	options := dbtest.SQLiteOptions(t)
	d := dbtest.Open(t, options)
	if second, err := db.Open(ctx, options); !errors.Is(err, db.ErrLocked) {
		second.Close()
		t.Errorf("the second one: %v", err)
	}
	d.Close()
	dbtest.Open(t, options)
}
