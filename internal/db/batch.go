package db

import (
	"context"
	"errors"
)

// errAgain says that one operation of a batch failed after it had written, so
// that the batch must be run anew with each operation in a savepoint of its own.
var errAgain = errors.New("run the batch again")

// runAll runs the operations of a batch inside the session's transaction and
// leaves each one's error with it. It returns errAgain (see there), or the
// fault that ended the transaction for all.
//
// Savepoints cost two statements an operation, so the first try does without:
// operations rarely fail.
func (s *session) runAll(batch []*operation, savepoints bool) error {
	for _, op := range batch {
		if savepoints {
			if err := s.command("SAVEPOINT operation"); err != nil {
				return err
			}
		}
		op.panicked = nil
		op.err = s.call(op)
		switch {
		case s.broken != nil:
			return s.broken
		case isFault(op.err):
			return op.err
		case op.err != nil && !savepoints && s.wrote:
			return errAgain
		}
		if savepoints {
			if err := s.endSavepoint(op); err != nil {
				return err
			}
		}
	}
	return nil
}

// endSavepoint keeps what an operation did, or takes it back if it failed.
func (s *session) endSavepoint(op *operation) error {
	if op.err == nil {
		op.err = s.command("RELEASE SAVEPOINT operation")
		if op.err == nil || s.broken != nil {
			return s.broken
		}
	}
	if err := s.command("ROLLBACK TO SAVEPOINT operation"); err != nil {
		return err
	}
	return s.command("RELEASE SAVEPOINT operation")
}

// command runs a statement of ours on the session's connection.
func (s *session) command(query string) error {
	_, err := s.exec(s.context(context.Background()), query, nil)
	return s.note(err)
}

// living drops the operations that nobody waits for any more, and answers them.
func living(batch []*operation) []*operation {
	kept := batch[:0:0]
	for _, op := range batch {
		if !op.cancelled() {
			kept = append(kept, op)
		}
	}
	return kept
}
