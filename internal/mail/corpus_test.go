package mail_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"belay/internal/mail"
)

// corpus calls read with every message of the public test mail, as it is and
// with CRLF line ends. That mail stands beside the repository and not in it:
// a test that may not find it has its name in test/skips.txt.
func corpus(t *testing.T, read func(name string, message []byte)) {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("the test mail is not at %s beside the repository", filepath.Join("..", "shared", "data"))
	}
	n := 0
	for _, dir := range []string{"hostile", "ordinary"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "manifest.tsv" || d.Name() == "LICENSE" {
				return err
			}
			message, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			n++
			read(path, message)
			read(path+" (CRLF)", crlf(message))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 1000 {
		t.Fatalf("only %d messages there", n)
	}
}

// crlf gives every line the line end of SMTP.
func crlf(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

func TestP4_EveryMessageOfTheWorldPassesTheSplitterUnchanged(t *testing.T) {
	corpus(t, func(name string, message []byte) {
		s, out := split(t, message, true, randomPiece)
		if back := putBack(out, s.Taken()); !bytes.Equal(back, message) {
			t.Errorf("%s: changed", name)
		}
		if n := len(out) + len(s.Bcc()); n != len(message) || s.Size() != int64(len(out)) {
			t.Errorf("%s: %d octets of %d", name, n, len(message))
		}
		if _, out := split(t, message, false, randomPiece); !bytes.Equal(out, message) {
			t.Errorf("%s: changed on the way through the relay listener", name)
		}
	})
}

func TestSummary_ReadsEveryMessageOfTheWorld(t *testing.T) {
	authors, all := 0, 0
	corpus(t, func(name string, message []byte) {
		s := mail.Summarize(message)
		all++
		if s.Author().Address != "" {
			authors++
		}
		checkSummary(t, name, s)
	})
	// What is left are parts of messages, and texts that are no mail.
	if share := float64(authors) / float64(all); share < 0.90 {
		t.Errorf("found the author of %.3f of the messages", share)
	}
}
