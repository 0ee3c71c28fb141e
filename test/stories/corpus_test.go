//go:build peers

package stories

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"belay/internal/mail"
	"belay/internal/relay/smtptest"
	"belay/test/peers"
)

// sample is a message of the public test mail, with CRLF line ends.
type sample struct {
	name string
	data []byte
}

// corpus reads the public test mail that is kept beside the repository.
func corpus(t *testing.T) []sample {
	t.Helper()
	root, err := peers.Root()
	if err != nil {
		t.Fatal(err)
	}
	root = filepath.Join(root, "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the public test mail is not at ../shared/data beside the repository")
	}
	var all []sample
	for _, dir := range []string{"hostile", "ordinary"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "manifest.tsv" || strings.Contains(d.Name(), "LICENSE") {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(root, path)
			data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
			all = append(all, sample{name, bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 1000 {
		t.Fatalf("only %d messages at %s", len(all), root)
	}
	return all
}

// refusal says why a message must be refused at the door, "" where it must
// pass. These are all the reasons there are.
func refusal(s sample, submission bool) string {
	if bytes.Contains(bytes.ReplaceAll(s.data, []byte("\r\n"), nil), []byte("\r")) {
		return "a bare CR"
	}
	header, _, _ := bytes.Cut(s.data, []byte("\r\n\r\n"))
	if n := len(regexp.MustCompile(`(?mi)^Received\s*:`).FindAll(header, -1)); n > 100 {
		return "over 100 Received fields"
	}
	if submission {
		for _, m := range authors(s) {
			if mail.CheckAddress(m) != nil {
				return "From or Sender names what is no address"
			}
		}
	}
	return ""
}

func authors(s sample) []string { return mail.ParseHeader(s.data).Writers() }

// expected is what must come out: what went in, a final CRLF where it lacked
// one (DATA cannot carry a message without), and on submission no Bcc.
func expected(s sample, submission bool) []byte {
	data := s.data
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\r\n")) {
		data = append(slices.Clone(data), "\r\n"...)
	}
	if !submission {
		return data
	}
	var out []byte
	skipping, inHeader := false, true
	for line := range bytes.SplitAfterSeq(data, []byte("\r\n")) {
		if inHeader {
			folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
			skipping = folded && skipping || !folded && regexp.MustCompile(`(?i)^bcc[ \t]*:`).Match(line)
			if skipping {
				continue
			}
			inHeader = len(bytes.TrimRight(line, "\r\n")) > 0
		}
		out = append(out, line...)
	}
	return out
}

func TestStory_P4_TheWorldsMailPassesTheRelayListenerUnchanged(t *testing.T) {
	s := sink(t, smtptest.Config{})
	b := start(t, peers.Config{Upstreams: upstream(s), More: "limits: {message: 200MB, author_hour: {relay: 0, submission: 0}, errors: 100000}\n"})
	all := corpus(t)
	passThrough(t, b, s, all, false, dial(t, b.RelayAddr(), nil))
}

func TestStory_P4_TheWorldsMailPassesTheSubmissionListenerUnchanged(t *testing.T) {
	all := corpus(t)
	s := sink(t, smtptest.Config{})
	cert, key, client := certificate(t)
	b := prepare(t, peers.Config{Upstreams: upstream(s), Submit: true, Cert: cert, Key: key,
		More: "limits: {message: 200MB, author_hour: {relay: 0, submission: 0}, errors: 100000}\n"})
	addUser(t, b, "anna@corp.test", "rope")
	grants := map[string]bool{}
	for _, m := range all {
		for _, a := range authors(m) {
			if mail.CheckAddress(a) == nil {
				grants["@"+mail.Domain(a)] = true
			}
		}
	}
	line := []string{"user", "grant", "anna@corp.test"}
	for g := range grants {
		line = append(line, g)
	}
	cli(t, b, line...)
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, b.SubmissionsAddr(), client)
	if err := c.Plain("anna@corp.test", "rope"); err != nil {
		t.Fatal(err)
	}
	passThrough(t, b, s, all, true, c)
}

// passThrough sends every message, each to a recipient of its own, and compares
// what comes out.
func passThrough(t *testing.T, b *peers.Belay, s *smtptest.Server, all []sample, submission bool, c *peers.Client) {
	t.Helper()
	want := map[string]int{} // recipient → index
	refused := map[string]int{}
	for i, m := range all {
		to := fmt.Sprintf("n%d@outside.test", i)
		reply, err := c.Send(m.data, "anna@corp.test BODY=8BITMIME", to)
		why := refusal(m, submission)
		var no *peers.Refused
		switch {
		case err == nil && why == "":
			want[to] = i
		case err == nil:
			t.Errorf("%s was taken (%s), in spite of %s", m.name, reply, why)
		case !errors.As(err, &no):
			t.Fatalf("%s: %v", m.name, err)
		case why == "" || !strings.HasPrefix(no.Reply, "5"):
			t.Errorf("%s was refused: %v", m.name, err)
		default:
			refused[why]++
		}
		if err != nil {
			c.Cmd("250", "RSET")
		}
	}
	s.WaitFor(t, "the mail to come out", func() bool { return s.Accepted() >= len(want) })
	came := 0
	for _, got := range s.Messages() {
		i, ok := want[strings.Join(got.To(), " ")]
		if !ok {
			t.Errorf("what nobody sent came out, to %v", got.To())
			continue
		}
		came++
		message := expected(all[i], submission)
		trace, same := bytes.CutSuffix(got.Data, message)
		if !same {
			t.Errorf("%s came out changed: %s", all[i].name, difference(withoutTrace(t, got.Data), message))
		} else if !oneReceived.Match(trace) {
			t.Errorf("%s came out with %q on top, want one Received line", all[i].name, trace)
		}
	}
	t.Logf("%d messages: %d came out as they went in, refused as they must be: %v", len(all), came, refused)
	if came != len(want) {
		t.Errorf("%d of %d came out", came, len(want))
	}
}

// oneReceived is a single, perhaps folded, Received field.
var oneReceived = regexp.MustCompile(`^Received: [^\r\n]+\r\n(?:[ \t][^\r\n]+\r\n)*$`)

// difference shows where two messages part.
func difference(got, want []byte) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	end := func(b []byte) []byte { return b[max(0, min(i-20, len(b))):min(len(b), i+60)] }
	return fmt.Sprintf("at octet %d of %d (%d came out): %q, want %q", i, len(want), len(got), end(got), end(want))
}
