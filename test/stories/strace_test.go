//go:build peers

package stories

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// traced is what the trace of system calls says about one answer: how many
// octets went into the database's files since the data began, and were they on
// stable storage when the answer was written.
type traced struct {
	begun, answered   bool
	written, unsynced int
}

var (
	writeCall  = regexp.MustCompile(`p?write(?:64)?\(\d+<[^>]*belay\.db[^>]*>, .*\) += (\d+)`)
	writeBegun = regexp.MustCompile(`^(\d+) .*p?write(?:64)?\(\d+<[^>]*belay\.db[^>]*>.*<unfinished`)
	syncBegun  = regexp.MustCompile(`^(\d+) .*f(?:data)?sync\(\d+<[^>]*belay\.db[^>]*> *<unfinished`)
	syncCall   = regexp.MustCompile(`f(?:data)?sync\(\d+<[^>]*belay\.db[^>]*>\) += 0`)
	resumed    = regexp.MustCompile(`^(\d+) .*<\.\.\. (\w+) resumed>.* = (\d+)`)
)

// trace reads strace's output and looks at what happened between the system
// call that contains from and the first one behind it that contains to. A
// write counts as synced only by an fsync that began after it.
func trace(lines []string, from, to string) (r traced) {
	syncing, writing := map[string]int{}, map[string]bool{}
	for _, line := range lines {
		pid, _, _ := strings.Cut(line, " ")
		switch {
		case !r.begun:
			r.begun = strings.Contains(line, from)
		case strings.Contains(line, to):
			r.answered = true
			return r
		case writeBegun.MatchString(line):
			writing[pid] = true
		case writeCall.MatchString(line):
			n, _ := strconv.Atoi(writeCall.FindStringSubmatch(line)[1])
			r.written, r.unsynced = r.written+n, r.unsynced+n
		case syncBegun.MatchString(line):
			syncing[pid] = r.unsynced
		case syncCall.MatchString(line):
			r.unsynced = 0
		case resumed.MatchString(line):
			f := resumed.FindStringSubmatch(line)
			n, _ := strconv.Atoi(f[3])
			if covered, ok := syncing[pid]; ok && strings.Contains(f[2], "sync") {
				r.unsynced = max(0, r.unsynced-covered)
				delete(syncing, pid)
			} else if writing[pid] && strings.Contains(f[2], "write") {
				r.written, r.unsynced = r.written+n, r.unsynced+n
				delete(writing, pid)
			}
		}
	}
	return r
}

func TestP1_TheFsyncComesBeforeThe250(t *testing.T) {
	s := sink(t, smtptest.Config{})
	file := filepath.Join(t.TempDir(), "trace")
	b := prepare(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	b.Wrap = []string{"strace", "-D", "-f", "-y", "-s", "1000", "-e", "trace=write,pwrite64,sendto,fsync,fdatasync", "-o", file}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	// What cannot be compressed away: the database must write at least as much.
	noise := make([]byte, 75_000)
	rand.Read(noise)
	text := regexp.MustCompile(`.{76}`).ReplaceAllString(base64.StdEncoding.EncodeToString(noise), "$0\r\n")
	message := append(letter("anna@corp.test", "c@outside.test", "durable"), text...)
	id := send(t, b, message, "anna@corp.test", "c@outside.test")
	act(t, b, id, "stop", map[string]any{"reason": "a stop is as durable"}, "stopped")
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	if !peers.Until(patience, func() bool {
		data, err := os.ReadFile(file)
		lines = strings.Split(string(data), "\n")
		return err == nil && strings.Contains(string(data), "exited with 0")
	}) {
		t.Fatalf("strace wrote no end into %s", file)
	}
	for _, c := range []struct {
		what, from, to string
		least          int
	}{
		{"the 250", `"354 `, `"250 2.0.0 belay `, len(message)},
		{"the answer to the stop", `"250 2.0.0 belay `, `\"outcome\":\"stopped\"`, 100},
	} {
		r := trace(lines, c.from, c.to)
		t.Logf("%s: %+v", c.what, r)
		switch {
		case !r.begun || !r.answered:
			t.Errorf("%s is not in the trace: %+v", c.what, r)
		case r.written < c.least:
			t.Errorf("before %s only %d octets were written, want at least %d", c.what, r.written, c.least)
		case r.unsynced > 0:
			t.Errorf("P1 is broken: %s was written while %d octets of the database were not on stable storage", c.what, r.unsynced)
		}
	}
}

// TestTheTraceReaderNotices makes sure that the test above can fail.
func TestTheTraceReaderNotices(t *testing.T) {
	const (
		go354 = `7 write(9<socket:[1]>, "354 go on\r\n", 11) = 11`
		wal   = `8 pwrite64(5</d/belay.db-wal>, "..."..., 4096, 0) = 4096`
		sync  = `8 fdatasync(5</d/belay.db-wal>) = 0`
		ok250 = `7 write(9<socket:[1]>, "250 2.0.0 belay x queued\r\n", 26) = 26`
		begun = `8 fdatasync(5</d/belay.db-wal> <unfinished ...>`
		done  = `8 <... fdatasync resumed>) = 0`
	)
	for _, c := range []struct {
		lines    []string
		unsynced int
	}{
		{[]string{go354, wal, sync, ok250}, 0},
		{[]string{go354, wal, ok250, sync}, 4096},
		{[]string{go354, wal, sync, wal, ok250}, 4096},
		{[]string{go354, wal, begun, done, ok250}, 0},
		{[]string{go354, wal, begun, ok250, done}, 4096},
		{[]string{go354, begun, wal, done, ok250}, 4096},
		{[]string{go354, ok250}, 0},
	} {
		if r := trace(c.lines, `"354 `, `"250 2.0.0 belay `); r.unsynced != c.unsynced || !r.answered {
			t.Errorf("%s\n reads %+v, want %d unsynced", strings.Join(c.lines, "\n"), r, c.unsynced)
		}
	}
}
