package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"belay/internal/api"
	"belay/internal/api/client"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"belay": main})
}

// TestScripts runs the stories in testdata/script: each a user at a shell.
// $PORT1 … $PORT3 are free ports; "expand FILE" puts them in; "ready DIR" waits
// until the belay on that data directory takes mail; "field NAME FILE VAR" takes
// a string out of JSON; "told ID" waits until somebody was told of a mail.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			ports, err := freePorts(3)
			for i, p := range ports {
				e.Setenv(fmt.Sprint("PORT", i+1), p)
			}
			e.Setenv("TZ", "UTC")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "field": field, "expand": expand, "reloaded": reloaded, "signal": sendSignal, "told": told},
	})
}

// freePorts gives ports of the loopback address that nobody uses now.
func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

// ready asks until belay answers that it takes mail.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready DIR")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn := client.Local(ts.MkAbs(args[0]))
	for {
		answer, err := conn.Stream(ctx, http.MethodGet, "/readyz", nil)
		if err == nil {
			answer.Close()
			return
		}
		select {
		case <-ctx.Done():
			ts.Fatalf("belay did not get ready: %v", err)
		case <-time.After(20 * time.Millisecond): // it is another process: there is nothing to wait on
		}
	}
}

// field sets a variable to the first value of a name in JSON.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field NAME FILE VAR")
	}
	_, rest, ok := strings.Cut(ts.ReadFile(args[1]), `"`+args[0]+`":"`)
	value, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		ts.Fatalf("there is no %s in %s", args[0], args[1])
	}
	ts.Setenv(args[2], value)
}

// told waits until the advance notices of a mail are written.
func told(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: told ID")
	}
	conn := client.Local(ts.MkAbs("data"))
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var m api.Message
		if _, err := conn.Into(context.Background(), http.MethodGet, "/api/v1/messages/"+args[0], nil, &m); err == nil && len(m.Copies) > 0 && m.Copies[0].Told != nil {
			return
		}
	}
	ts.Fatalf("nobody was told of %s", args[0])
}

// expand puts variables into a file.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// reloaded sends mail until it waits as long as the new configuration says.
func reloaded(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: reloaded DIR DELAY")
	}
	config := ts.MkAbs("belay.yaml")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var out, errOut bytes.Buffer
		run(context.Background(), []string{"send", "--config", config, "--from", "anna@corp.test", "--to", "bob@client.test", "--body", "x"},
			strings.NewReader(""), &out, &errOut)
		if strings.Contains(out.String(), "leaves in "+args[1]) || strings.Contains(out.String(), "leaves in 19m59s") {
			return
		}
	}
	ts.Fatalf("the new configuration does not count")
}

// sendSignal sends TERM or HUP to the newest belay in the background.
func sendSignal(ts *testscript.TestScript, neg bool, args []string) {
	running := ts.BackgroundCmds()
	if neg || len(args) != 1 || len(running) == 0 {
		ts.Fatalf("usage: signal TERM|HUP")
	}
	signal := map[string]os.Signal{"TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[args[0]]
	ts.Check(running[len(running)-1].Process.Signal(signal))
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "belay.yaml")
	if err := os.WriteFile(config, []byte("data: "+dir+"/data\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	id := "01a20203-5f9d-7916-aaf4-8b039af0e5e4"
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"version", 0, "belay "},
		{"version --json", 0, `"version":`},
		{"--help", 0, "Usage"},
		{"held --help", 0, "--sender"},
		{"", 2, "expected one of"},
		{"fly", 2, "unexpected argument fly"},
		{"held --colour", 2, "unknown flag --colour"},
		{"held --limit 0", 2, "between 1 and 500"},
		{"stop", 2, "<id>"},
		{"release", 2, "--all"},
		{"release --all " + id, 2, "not both"},
		{"release --all --recipient a@b.test", 2, "--recipient"},
		{"postpone " + id + " soon", 2, "neither a length of time"},
		{"bypass --for 1h", 2, "--why"},
		{"bypass --why x", 2, "--for"},
		{"bypass --for 1h --off --why x", 2, "can't be used together"},
		{"bypass --for 0s --why x", 2, "longer than nothing"},
		{"bypass --for soon --why x", 2, "--for"},
		{"stop 17", 2, "no message id"},
		{"show 01a20203-5f9d-7916-aaf4-8b039af0e5ex", 2, "no message id"},
		{"postpone 17 10m", 2, "no message id"},
		{"release 17", 2, "no message id"},
		{"approve", 2, "<id>"},
		{"approve 17", 2, "no message id"},
		{"approve " + id + " 17", 2, "no message id"},
		{"deny " + id + " " + id + " --recipient a@b.test", 2, "--recipient"},
		{"right", 2, "--of"},
		{"right 17", 2, "no message id"},
		{"right " + id + " --of a@b.test", 2, "not both"},
		{"right --forget", 2, "--of"},
		{"right --of a@b.test --recipient c@d.test", 2, "--forget"},
		{"directory", 2, "show"},
		{"held --asked --sender", 2, "sender"},
		{"token add x --expires never", 2, "90d"},
		{"completion tcsh", 2, "bash"},
		{"held --token-file x", 2, "--server"},
		{"held --server ftp://x", 2, "no address of a belay"},
		{"send --to a@b.test --server here", 2, "host:port"},
		{"held", 1, "belay is not running here"},
		{"show " + id, 1, "belay is not running here"},
		{"held --asked", 1, "belay is not running here"},
		{"held --asked jan@corp.test", 1, "belay is not running here"},
		{"approve " + id + " --reason fine", 1, "belay is not running here"},
		{"deny " + id + " " + id + " --comment no", 1, "belay is not running here"},
		{"right " + id, 1, "belay is not running here"},
		{"right --of a@b.test", 1, "belay is not running here"},
		{"directory sync", 1, "belay is not running here"},
		{"directory show", 0, "Nobody is known"},
		{"directory show a@b.test", 0, "Nobody is known under a@b.test"},
		{"directory check", 0, "names no directory"},
		{"held --server http://127.0.0.1:1", 1, "does not answer"},
		{"judge x", 2, "unexpected argument x"},
		{"judge --state " + config, 1, "not a directory"},
		{"learn", 2, "<path>"},
		{"learn " + dir + "/none", 1, "look for mail"},
		{"learn " + config, 1, "it is no mail"},
		{"look-back", 2, "<path>"},
		{"look-back " + dir + "/none", 1, "look for mail"},
		{"look-back --rules " + dir + "/none x", 1, "read the configuration"},
		{"config check", 0, "in order"},
		{"journal verify", 0, "The journal is whole"},
	} {
		args := append(strings.Fields(c.args), "--config", config)
		if c.args == "" {
			args = nil
		}
		var out, errOut bytes.Buffer
		got := run(t.Context(), args, strings.NewReader(""), &out, &errOut)
		if got != c.code || !strings.Contains(out.String()+errOut.String(), c.says) {
			t.Errorf("belay %s: exit %d, want %d with %q\n%s%s", c.args, got, c.code, c.says, &out, &errOut)
		}
		if got != 0 && strings.Count(errOut.String(), "\n") != 1 {
			t.Errorf("belay %s: its error is not one line:\n%s", c.args, &errOut)
		}
	}
}

func TestABusyPortLeavesNothingBehind(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, key := range []string{"relay", "web", "submission"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "belay.yaml")
		text := fmt.Sprintf("data: %s/data\nlisten:\n  %s:\n    address: %s\n", dir, key, busy.Addr())
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut bytes.Buffer
		code := run(t.Context(), []string{"serve", "--config", file}, strings.NewReader(""), &out, &errOut)
		if code != 1 || !strings.Contains(errOut.String(), "is busy") || !strings.Contains(errOut.String(), "listen."+key+".address") {
			t.Errorf("exit %d:\n%s", code, &errOut)
		}
		if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
			t.Errorf("%s: the data directory was made", key)
		}
	}
}

func TestRelativeTimes(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		252 * time.Second: "in 4m12s", 0: "now", time.Hour: "in 1h", -90 * time.Minute: "1h30m ago",
		-49 * time.Hour: "2d1h ago", 30 * time.Second: "in 30s", -400 * time.Millisecond: "now",
	} {
		if got := relative(now.Add(d), now); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestMailThatNoClockReleasesHasNoCountdown(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	m := &api.Message{State: "held"}
	if got := when(m, now); got != "when released" {
		t.Errorf("the list says it leaves %q", got)
	}
	if got := leaving(nil, now); got != "waits until somebody releases it" {
		t.Errorf("belay show says %q", got)
	}
	soon := now.Add(time.Minute)
	if got := leaving(&soon, now); !strings.HasPrefix(got, "leaves in 1m (") {
		t.Errorf("mail that the clock releases: %q", got)
	}
}

func TestTheRecordSaysForWhom(t *testing.T) {
	m := &api.Message{Recipients: []api.Recipient{{Address: "a@client.test"}, {Address: "b@client.test"}}}
	one := &api.Event{What: "stopped", Facts: map[string]any{"stopped": []any{1.0}}}
	if got := concerned(m, one); len(got) != 1 || got[0] != "b@client.test" {
		t.Errorf("a stop of the second recipient names %v", got)
	}
	for _, ev := range []*api.Event{{What: "accepted", Facts: map[string]any{"recipients": 2.0}},
		{What: "stopped", Facts: map[string]any{"stopped": []any{0.0, 1.0}}}, {What: "sent", Facts: map[string]any{"recipients": []any{7.0}}}} {
		if got := concerned(m, ev); len(got) != 0 {
			t.Errorf("%s of everybody, or of nobody known, names %v", ev.What, got)
		}
	}
}

func TestHintsNameTheCommandAsItWasCalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no belay there
	if got, want := commandLine("stop", "/etc/my belay.yaml"), shellWord(os.Args[0])+" stop --config '/etc/my belay.yaml'"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "belay")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	if got := commandLine("held", ""); got != "belay held" {
		t.Errorf("where PATH leads here: %s", got)
	}
}

func TestASubjectCannotSteerTheTerminal(t *testing.T) {
	var out bytes.Buffer
	table := &table{heads: []string{"SUBJECT"}}
	table.add("a\x1b[2Jb\r\nc\u202ed")
	table.print(&out)
	if got := out.String(); strings.ContainsAny(got, "\x1b\r\u202e") || strings.Count(got, "\n") != 2 {
		t.Errorf("%q", got)
	}
}
