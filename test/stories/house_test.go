//go:build peers

package stories

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// The house as a whole: its start, its configuration, its copies, its limits.

func TestStory_P1_ABackupUnderLoadHasEverythingThatWasAcknowledgedBefore(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	var ids []string
	for n := range 30 {
		ids = append(ids, send(t, b, letter("anna@corp.test", "c@outside.test", fmt.Sprintf("before %d", n)), "anna@corp.test", "c@outside.test"))
	}
	act(t, b, ids[0], "stop", nil, "stopped")
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				peers.Send(b.RelayAddr(), letter("jan@corp.test", "d@outside.test", fmt.Sprintf("meanwhile %d", n)), "jan@corp.test", "d@outside.test")
			}
		}
	})
	file := filepath.Join(t.TempDir(), "copy.belay")
	cli(t, b, "backup", file, "--with-keys")
	close(stop)
	load.Wait()
	b.Kill()

	again := prepare(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	cli(t, again, "restore", file)
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	act(t, again, ids[0], "release", nil, "already-stopped")
	cli(t, again, "release", "--all")
	for _, id := range ids[1:] {
		state(t, again, id, "sent")
	}
	cli(t, again, "journal", "verify")
	subjects := map[string]int{}
	for _, m := range s.Messages() {
		for line := range strings.Lines(string(m.Data)) {
			if subject, ok := strings.CutPrefix(line, "Subject: before "); ok {
				subjects[strings.TrimSpace(subject)]++
			}
		}
	}
	if len(subjects) != 29 || subjects["0"] != 0 {
		t.Errorf("of 29 messages and a stopped one these left: %v", subjects)
	}
}

func TestStory_SIGHUPReloadsAndABadFileIsRefused(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	good := b.Config
	b.Config.More = "nonsense: true\n"
	must(t, b.WriteConfig())
	b.Signal(sighup)
	if !peers.Until(patience, func() bool { return strings.Contains(b.Log(), "nonsense") }) {
		t.Error("the log does not say what is wrong with the file")
	}
	held := send(t, b, letter("anna@corp.test", "c@outside.test", "old rules"), "anna@corp.test", "c@outside.test")
	state(t, b, held, "held")
	b.Config = good
	b.Config.Delay = ""
	must(t, b.WriteConfig())
	b.Signal(sighup)
	if !peers.Until(patience, func() bool {
		id := send(t, b, letter("anna@corp.test", "c@outside.test", "new rules"), "anna@corp.test", "c@outside.test")
		m, err := b.Message(id)
		return err == nil && m.State != "held"
	}) {
		t.Error("the new rules (none) are not in force")
	}
	state(t, b, held, "held") // what waits goes on waiting
}

func TestStory_ABusyPortIsNamedWithItsKey(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer busy.Close()
	port := busy.Addr().(*net.TCPAddr).Port
	for key, c := range map[string]peers.Config{"listen.relay.address": {Relay: port}, "listen.web.address": {Web: port}} {
		b := prepare(t, c)
		must(t, b.Launch())
		<-b.Ended()
		log := strings.TrimSpace(b.Log())
		last := log[strings.LastIndexByte(log, '\n')+1:]
		if !strings.Contains(last, strconv.Itoa(port)) || !strings.Contains(last, key) {
			t.Errorf("port %d of %s is busy, and belay says:\n%s", port, key, log)
		}
		b.Kill()
	}
}

func TestStory_TwoBelaysDoNotShareADirectory(t *testing.T) {
	first := start(t, peers.Config{})
	second := prepare(t, peers.Config{Data: first.Config.Data})
	must(t, second.Launch())
	<-second.Ended()
	if log := second.Log(); !strings.Contains(log, first.Config.Data) {
		t.Errorf("the second says:\n%s", log)
	}
	second.Kill()
	send(t, first, letter("anna@corp.test", "jan@corp.test", "still here"), "anna@corp.test", "jan@corp.test")
}

func TestStory_P5_MailThatGoesRoundInCirclesEnds(t *testing.T) {
	ports := [2]int{}
	for i := range ports {
		var err error
		ports[i], err = peers.FreePort()
		must(t, err)
	}
	// Each is the other's upstream. (A belay that is its own is refused at start.)
	var ring [2]*peers.Belay
	for i := range ring {
		ring[i] = start(t, peers.Config{Relay: ports[i], Upstreams: []string{at(ports[1-i], "tls: off")}, More: fast + fmt.Sprintf("hostname: belay%d.test\n", i)})
	}
	send(t, ring[0], letter("anna@corp.test", "c@outside.test", "round and round"), "anna@corp.test", "c@outside.test")
	states := map[string]int{}
	if !peers.Until(3*patience, func() bool {
		clear(states)
		for _, b := range ring {
			all, err := b.Messages(nil)
			if err != nil {
				return false
			}
			for _, m := range all {
				states[m.State]++
			}
		}
		return states["failed"] > 0 && states["sent"]+states["failed"] == states["sent"]+states["failed"]+states["ready"]+states["sending"]+states["deferred"]
	}) {
		t.Errorf("it does not end: %v", states)
	}
	// Once round for the mail, once for its DSN, once for the postmaster.
	if total := states["sent"] + states["failed"]; total > 3*110 {
		t.Errorf("one mail became %d", total)
	}
}

func TestStory_P4_ALargeMailIsNeverInMemoryWhole(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s), More: "limits: {message: 60MB}\n"})
	// The database's cache fills first, as in any belay that has run for a while.
	warm := append(letter("anna@corp.test", "c@outside.test", "warm"), bytes.Repeat([]byte("warm and small\r\n"), 2000)...)
	var clients sync.WaitGroup
	for range 10 {
		clients.Go(func() {
			for range 120 {
				if _, err := peers.Send(b.RelayAddr(), warm, "anna@corp.test", "c@outside.test"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	clients.Wait()
	s.WaitFor(t, "the small ones", func() bool { return s.Accepted() >= 1200 })
	before := resident(t, b)
	line := []byte(strings.Repeat("0123456789", 7) + "\r\n")
	large := append(letter("anna@corp.test", "c@outside.test", "large"), bytes.Repeat(line, (50<<20)/len(line))...)
	id := send(t, b, large, "anna@corp.test", "c@outside.test")
	state(t, b, id, "sent")
	for _, m := range s.Wait(t, 1201) {
		if len(m.Data) > 1<<20 && !bytes.HasSuffix(m.Data, large) {
			t.Errorf("50 MB came out changed")
		}
	}
	// What is in use, a few pieces of it, counts three times (gcPercent); the
	// rest is what a collector that gets no processor leaves behind.
	if grown := resident(t, b) - before; grown > 32<<20 {
		t.Errorf("a mail of 50 MB made the process %d MB larger", grown>>20)
	} else {
		t.Logf("a mail of 50 MB: %d MB more than before (%d MB)", grown>>20, before>>20)
	}
}

// resident is the most memory that belay had so far, in octets.
func resident(t *testing.T, b *peers.Belay) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/" + pid(b) + "/status")
	must(t, err)
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			must(t, err)
			return kb << 10
		}
	}
	t.Fatal("no VmHWM")
	return 0
}
