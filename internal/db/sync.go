package db

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
)

// syncer puts SQLite's write-ahead log on the disk and then answers the
// operations that were committed. It does so beside the writer, so that the
// disk and the processor work at the same time, and with fdatasync: SQLite's
// own sync (synchronous=FULL) is an fsync here, which also writes the file's
// times through the file system's journal and takes two to four times as long.
//
// The log is only ever appended to between two checkpoints, and a checkpoint
// syncs it before it moves anything; so what one fdatasync covers is on the
// disk in the order it was committed.
type syncer struct {
	path    string
	log     *os.File
	info    os.FileInfo
	logger  *slog.Logger
	batches chan []*operation // unbuffered: one batch syncs, one is committed meanwhile
	stopped chan struct{}
	failure atomic.Pointer[error]
}

func newSyncer(path string, logger *slog.Logger) *syncer {
	return &syncer{path: path, logger: logger, batches: make(chan []*operation), stopped: make(chan struct{})}
}

func (s *syncer) work() {
	defer close(s.stopped)
	for batch := range s.batches {
		s.finish(batch)
		for _, op := range batch {
			close(op.done)
		}
	}
}

// finish makes a batch durable. After a sync that failed nobody can say what
// of the log is on the disk, and asking again would only pretend: the kernel
// forgets what it could not write. So nothing is written any more until belay
// is restarted, which reads the log as it is.
func (s *syncer) finish(batch []*operation) {
	stored := false
	for _, op := range batch {
		stored = stored || op.err == nil && op.panicked == nil
	}
	if !stored {
		return
	}
	err := s.failed()
	if err == nil {
		if err = s.sync(); err == nil {
			return
		}
		err = fmt.Errorf("the disk did not take the database's log: %w: check the disk and restart belay", err)
		s.failure.Store(&err)
		s.logger.Error("nothing is accepted any more", "error", err)
	}
	for _, op := range batch {
		if op.err == nil {
			op.err = &unknownError{err}
		}
	}
}

// failed gives the failure after which nothing may be written.
func (s *syncer) failed() error {
	if err := s.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// sync waits until the log is on the disk.
func (s *syncer) sync() error {
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	if s.log == nil || !os.SameFile(info, s.info) {
		if s.log != nil {
			s.log.Close()
		}
		if s.log, err = os.OpenFile(s.path, os.O_RDWR, 0); err != nil {
			return err
		}
		if s.info, err = s.log.Stat(); err != nil {
			return err
		}
		// The log itself may be new in its directory.
		if err := syncDirectory(s.path); err != nil {
			return err
		}
	}
	return dataSync(s.log)
}

func (s *syncer) stop() {
	close(s.batches)
	<-s.stopped
	if s.log != nil {
		s.log.Close()
	}
}
