//go:build peers

package db_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"belay/internal/db"
	"belay/internal/db/dbtest"
)

// smallDisk mounts a file system of 4 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatalf("mount a small tmpfs (this test needs root): %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestP1_AFullDiskIsToldAndLosesNothing(t *testing.T) {
	dir := smallDisk(t)
	d := dbtest.Open(t, db.Options{Path: filepath.Join(dir, "belay.db")})
	stored := []string{}
	var err error
	for i := 0; err == nil && i < 100; i++ {
		name := string(rune('A' + i))
		if err = fill(d, name, 100<<10); err == nil {
			stored = append(stored, name)
		}
	}
	if !db.IsUnavailable(err) {
		t.Fatalf("a full disk says %v", err)
	}
	for _, name := range stored {
		if len(get(t, d, name)) != 100<<10 {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	if err := fill(d, "after", 100<<10); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

func TestP1_AReadOnlyDiskIsToldAndComesBack(t *testing.T) {
	dir := smallDisk(t)
	d := dbtest.Open(t, db.Options{Path: filepath.Join(dir, "belay.db")})
	if err := fill(d, "before", 100); err != nil {
		t.Fatal(err)
	}
	d.Close() // a file system with open files does not become read-only
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if again, err := db.Open(ctx, db.Options{Path: filepath.Join(dir, "belay.db")}); err == nil {
		again.Close()
		t.Error("opened on a read-only disk")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=4m"); err != nil {
		t.Fatal(err)
	}
	d = dbtest.Open(t, db.Options{Path: filepath.Join(dir, "belay.db")})
	if get(t, d, "before") == "" {
		t.Error("it is lost")
	}
}

func TestPostgres_GoneAndBack(t *testing.T) {
	for _, mode := range []string{"fast", "immediate"} {
		t.Run(mode, func(t *testing.T) {
			c := dbtest.NewCluster(t)
			d := dbtest.Open(t, db.Options{URL: c.NewDatabase(t)})
			if err := fill(d, "before", 100); err != nil {
				t.Fatal(err)
			}
			c.Stop(t, mode)
			if err := fill(d, "meanwhile", 100); !db.IsUnavailable(err) || db.IsUnknown(err) {
				t.Errorf("write without a server: %v", err)
			}
			if err := d.Read(ctx, func(q db.Tx) error { return q.QueryRow(ctx, "SELECT 1").Scan(new(int)) }); !db.IsUnavailable(err) {
				t.Errorf("read without a server: %v", err)
			}
			c.Start(t)
			if err := fill(d, "after", 100); err != nil {
				t.Errorf("with the server back: %v", err)
			}
			if get(t, d, "before") == "" || get(t, d, "meanwhile") != "" || get(t, d, "after") == "" {
				t.Error("what is stored is not what was said")
			}
		})
	}
}

func TestPostgres_ASessionThatEndsMidwayIsRunAgain(t *testing.T) {
	d := dbtest.Open(t, db.Options{URL: dbtest.StartPostgres(t)})
	runs := 0
	err := d.Write(ctx, 7, func(tx db.Tx) error {
		runs++
		if err := put(tx, "a", "1"); err != nil {
			return err
		}
		if runs == 1 {
			_, err := tx.Exec(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
			return err
		}
		return nil
	})
	if err != nil || runs != 2 || get(t, d, "a") != "1" {
		t.Errorf("%d runs, %v", runs, err)
	}
}

func TestPostgres_SerializationFailuresAreRunAgain(t *testing.T) {
	for _, code := range []string{"40001", "40P01"} {
		d := dbtest.Open(t, db.Options{URL: dbtest.StartPostgres(t)})
		runs := 0
		err := d.Write(ctx, 7, func(tx db.Tx) error {
			if runs++; runs == 1 {
				_, err := tx.Exec(ctx, "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '"+code+"'; END $$")
				return err
			}
			return put(tx, "a", "1")
		})
		if err != nil || runs != 2 {
			t.Errorf("%s: %d runs, %v", code, runs, err)
		}
	}
}

func TestPostgres_ACommitWhoseAnswerIsLostIsUnknown(t *testing.T) {
	direct := dbtest.StartPostgres(t)
	p := startProxy(t, direct)
	d := dbtest.Open(t, db.Options{URL: p.url})
	p.cut.Store(true)
	runs := 0
	err := d.Write(ctx, 7, func(tx db.Tx) error { runs++; return put(tx, "a", "1") })
	if !db.IsUnknown(err) || !db.IsUnavailable(err) || runs != 1 {
		t.Errorf("after %d runs: %v; want one run with an unknown outcome", runs, err)
	}
	p.cut.Store(false)
	if err := d.Write(ctx, 7, func(tx db.Tx) error { return put(tx, "b", "1") }); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// proxy stands between us and a server and can swallow the answer to a commit.
type proxy struct {
	url string
	cut atomic.Bool
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	p := &proxy{}
	server := u.Host
	u.Host = listener.Addr().String()
	p.url = u.String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client, server)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn, server string) {
	defer client.Close()
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer upstream.Close()
	go func() { io.Copy(client, upstream); client.Close() }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		commit := bytes.Contains(buffer[:n], []byte("commit\x00"))
		if commit && p.cut.Load() {
			client.Close() // nobody hears the answer …
		}
		upstream.Write(buffer[:n]) // … to what the server does
		if commit && p.cut.Load() {
			io.Copy(io.Discard, io.LimitReader(upstream, 1))
			return
		}
	}
}

func TestPostgres_RefusesToBeToldCommittedTooEarly(t *testing.T) {
	d := dbtest.Open(t, db.Options{URL: dbtest.StartPostgres(t) + "&synchronous_commit=off"})
	var setting string
	err := d.Write(ctx, 7, func(tx db.Tx) error {
		return tx.QueryRow(ctx, "SELECT current_setting('synchronous_commit')").Scan(&setting)
	})
	if err != nil || setting != "on" {
		t.Errorf("synchronous_commit is %q, %v", setting, err)
	}
}

func TestPostgres_ADeadHostInTheListIsPassedOver(t *testing.T) {
	live, err := url.Parse(dbtest.StartPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	live.Host = "127.0.0.1:1," + live.Host
	d := dbtest.Open(t, db.Options{URL: live.String()})
	if err := fill(d, "a", 1); err != nil {
		t.Error(err)
	}
}

func TestDBTest_TheServerEndsWithItsTest(t *testing.T) {
	var dir string
	t.Run("a test", func(t *testing.T) {
		c := dbtest.NewCluster(t)
		dir = c.Dir()
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the server's files are still there after 20 s")
		}
	}
}
