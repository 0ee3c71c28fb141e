package db

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
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
// disk in the order it was committed. Two syncs run at once: the disk takes
// them together, and half of the sessions need not wait for the other half's.
// Each has the log open for itself, because the kernel tells of a failed write
// once for every time a file was opened.
type syncer struct {
	path    string
	logger  *slog.Logger
	batches chan []*operation // unbuffered: one batch is committed while others sync
	workers sync.WaitGroup
	flush   func(*os.File) error // dataSync, but in tests
	failure atomic.Pointer[error]
}

// syncs is how many syncs run at once.
const syncs = 2

// logFile is the log as one of the workers has it open.
type logFile struct {
	path   string
	file   *os.File
	info   os.FileInfo
	listed bool // its directory is on the disk
}

func newSyncer(path string, logger *slog.Logger) *syncer {
	return &syncer{path: path, logger: logger, batches: make(chan []*operation), flush: dataSync}
}

// start starts the workers. The log is opened before anything is written to
// it: what fails before a file is opened, the kernel does not tell of again.
func (s *syncer) start() error {
	var logs [syncs]*logFile
	for i := range logs {
		log, err := openLog(s.path)
		if err != nil {
			for _, opened := range logs[:i] {
				opened.file.Close()
			}
			return err
		}
		logs[i] = log
	}
	for _, log := range logs {
		s.workers.Go(func() { s.work(log) })
	}
	return nil
}

func (s *syncer) work(log *logFile) {
	defer log.file.Close()
	for batch := range s.batches {
		s.finish(batch, log)
		for _, op := range batch {
			close(op.done)
		}
	}
}

// finish makes a batch durable. After a sync that failed nobody can say what
// of the log is on the disk, and asking again would only pretend: the kernel
// forgets what it could not write. So nothing is written any more until belay
// is restarted, which reads the log as it is.
func (s *syncer) finish(batch []*operation, log *logFile) {
	stored := false
	for _, op := range batch {
		stored = stored || op.err == nil && op.panicked == nil
	}
	if !stored {
		return
	}
	if err := log.sync(s.flush); err != nil {
		err = fmt.Errorf("the disk did not take the database's log: %w: check the disk and restart belay", err)
		if s.failure.CompareAndSwap(nil, &err) {
			s.logger.Error("nothing is accepted any more", "error", err)
		}
	}
	err := s.failed() // the other worker's failure is ours too
	if err == nil {
		return
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

func openLog(path string) (*logFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &logFile{path: path, file: file, info: info}, nil
}

// sync waits until the log is on the disk. SQLite keeps the log for as long as
// it is open somewhere, so another file under its name is none that the writer
// writes to: what it committed is in one that nobody finds again.
func (l *logFile) sync(flush func(*os.File) error) error {
	info, err := os.Stat(l.path)
	if err != nil {
		return err
	}
	if !os.SameFile(info, l.info) {
		return fmt.Errorf("%s was replaced by another file", l.path)
	}
	if !l.listed { // the log may be new in its directory
		if err := syncDirectory(l.path); err != nil {
			return err
		}
		l.listed = true
	}
	return flush(l.file)
}

func (s *syncer) stop() {
	close(s.batches)
	s.workers.Wait()
}
