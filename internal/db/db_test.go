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
