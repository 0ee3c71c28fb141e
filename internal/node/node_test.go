package node_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"belay/internal/clock"
	"belay/internal/db/dbtest"
	"belay/internal/mail"
	"belay/internal/node"
)

func TestNode_OnSQLiteThereIsOne(t *testing.T) {
	ctx := context.Background()
	n, err := node.Join(ctx, dbtest.SQLite(t), clock.System(), node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !n.Alive() || n.Fence(n.ID()) != nil || !n.Deadline().IsZero() {
		t.Error("the only node may not act")
	}
	if err := n.Fence("the process before"); !errors.Is(err, node.ErrFenced) {
		t.Errorf("work of the process before: %v", err)
	}
	if n.Buckets() != (node.Range{From: 0, To: mail.Buckets}) {
		t.Errorf("it has the buckets %v", n.Buckets())
	}
	if gone, err := n.Gone(ctx, "the process before"); !gone || err != nil {
		t.Errorf("the process before is gone: %v, %v", gone, err)
	}
	if gone, _ := n.Gone(ctx, n.ID()); gone {
		t.Error("it takes itself for gone")
	}
	running, stop := context.WithTimeout(ctx, time.Millisecond)
	defer stop()
	n.Run(running)
}
