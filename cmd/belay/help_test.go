package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestHelpIsACommandToo(t *testing.T) {
	for want, args := range map[string][]string{"Usage: belay <command>": {"help"}, "Usage: belay check <file>": {"help", "check"}} {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &errOut); code != 0 || !strings.Contains(out.String(), want) {
			t.Errorf("%q: exit %d, want %q\n%s%s", args, code, want, out.String(), errOut.String())
		}
	}
}
