//go:build peers

package stories

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// tmpfs mounts a small disk until the test ends.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=700"); err != nil {
		t.Fatalf("mount a tmpfs (this needs root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestP1_AFullDiskLosesNothing(t *testing.T) {
	s := sink(t, smtptest.Config{})
	disk := tmpfs(t, "40m")
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, bytes.Repeat([]byte("x"), 24<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	b := start(t, peers.Config{Data: filepath.Join(disk, "data"), Delay: "1h", Upstreams: upstream(s)})
	message := append(letter("anna@corp.test", "c@outside.test", "big"), bytes.Repeat([]byte("All work and no play makes a long letter.\r\n"), 6000)...)
	var ids []string
	var refused *peers.Refused
	for range 400 {
		id, err := peers.Send(b.RelayAddr(), message, "anna@corp.test", "c@outside.test")
		if errors.As(err, &refused) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if refused == nil {
		t.Fatalf("%d messages of 250 KB went into 16 MB", len(ids))
	}
	if !strings.HasPrefix(refused.Reply, "4") {
		t.Errorf("a full disk is answered with %q", refused.Reply)
	}
	if len(ids) == 0 {
		t.Fatal("the disk was full from the start: nothing was tried")
	}
	// A stop may find no room either. Then it says so, and is asked for again.
	if outcomes, err := b.Act(ids[1], "stop", nil); err == nil && outcomes[0].Outcome != "stopped" {
		t.Errorf("a stop on a full disk was answered %+v", outcomes)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if _, err := peers.Send(b.RelayAddr(), message, "anna@corp.test", "c@outside.test"); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if _, err := b.Act(ids[1], "stop", nil); err != nil {
		t.Errorf("with room again a stop is answered: %v", err)
	}
	cli(t, b, "release", "--all")
	for i, id := range ids {
		want := "sent"
		if i == 1 {
			want = "stopped"
		}
		state(t, b, id, want)
	}
	t.Logf("%d messages were acknowledged before the disk was full: all left once there was room", len(ids))
}

func TestP1_ADiskThatTurnsReadOnlyIsAnsweredWith4xx(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Delay: "1h", Upstreams: upstream(s)})
	id := send(t, b, letter("anna@corp.test", "c@outside.test", "before"), "anna@corp.test", "c@outside.test")
	// strace plays the disk: every write to a file fails as on a read-only one.
	faults := exec.Command("strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EROFS", "-p", pid(b))
	if err := faults.Start(); err != nil {
		t.Fatal(err)
	}
	var refused *peers.Refused
	if !peers.Until(patience, func() bool {
		_, err := peers.Send(b.RelayAddr(), letter("anna@corp.test", "c@outside.test", "during"), "anna@corp.test", "c@outside.test")
		return errors.As(err, &refused)
	}) {
		t.Error("mail was taken while nothing could be written")
	} else if !strings.HasPrefix(refused.Reply, "4") {
		t.Errorf("a read-only disk is answered with %q", refused.Reply)
	}
	faults.Process.Signal(syscall.SIGTERM)
	faults.Wait()
	if !peers.Until(patience, func() bool {
		_, err := peers.Send(b.RelayAddr(), letter("anna@corp.test", "c@outside.test", "after"), "anna@corp.test", "c@outside.test")
		return err == nil
	}) {
		t.Error("no mail is taken although the disk is well again")
	}
	act(t, b, id, "release", nil, "released")
	state(t, b, id, "sent")
}

func TestBelayDoesNotStartOnAReadOnlyDisk(t *testing.T) {
	disk := tmpfs(t, "8m")
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	b := prepare(t, peers.Config{Data: filepath.Join(disk, "data")})
	if err := b.Launch(); err != nil {
		t.Fatal(err)
	}
	<-b.Ended()
	if log := strings.TrimSpace(b.Log()); !strings.Contains(log, filepath.Join(disk, "data")) || !strings.Contains(log, "read-only") {
		t.Errorf("the error does not say what is wrong where:\n%s", log)
	}
	b.Kill()
}
