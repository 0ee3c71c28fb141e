package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"belay/internal/eval"
	"belay/internal/guard/expect"
)

// corporate writes mail of three made-up people into a file.
func corporate(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	to := []string{"Bob Berg <bob.berg@falcon.test>", "Bea Holt <bea.holt@falcon.test>", "Bob Ruiz <bob.ruiz@heron.test>", "Eva Lind <eva.lind@heron.test>", "Kim Moss <kim.moss@kite.test>"}
	for i := range 240 {
		at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		from := []string{"anna@corp.test", "a.nowak@corp.test", "jan@corp.test", "ida@corp.test"}[i%4]
		fmt.Fprintf(&b, `{"id":"%d@corp.test","date":%q,"from":%q,"to":[%q],"subject":"about %s","body":"Hello,\n\nhere is number %d.\n"}`+"\n",
			i, at.Format(time.RFC3339), from, to[i*i%7%5], strings.Repeat("so ", i%20), i)
	}
	name := filepath.Join(t.TempDir(), "past.jsonl")
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func evaluated(t *testing.T, args ...string) (out, said string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"eval"}, args...), strings.NewReader(""), &o, &e)
	return o.String(), e.String(), code
}

func TestAMeasurementAsTableJSONAndPage(t *testing.T) {
	past, dir := corporate(t), t.TempDir()
	aliases, page, each := filepath.Join(dir, "aliases"), filepath.Join(dir, "page.html"), filepath.Join(dir, "each.jsonl")
	if err := os.WriteFile(aliases, []byte("# who is who\na.nowak@corp.test\tanna@corp.test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{past, "--warm-up", "20", "--at-least", "40", "--variants", "v6,V7", "--aliases", aliases}
	out, said, code := evaluated(t, append(flags, "--html", page)...)
	if code != 0 || said != "" || !strings.Contains(out, "3 authors tested") || !strings.Contains(out, "V6    typing error") || strings.Contains(out, "V5") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	html, err := os.ReadFile(page)
	if err != nil || !bytes.Contains(html, []byte("</html>")) || bytes.Contains(html, []byte("corp.test")) {
		t.Errorf("%v, %d octets", err, len(html))
	}
	out, said, code = evaluated(t, append(flags, "--json", "--judgements", each, "--people", "1", "--per-person", "10")...)
	var r eval.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.People != 1 || r.Clean != 10 || len(r.Points) != 7 {
		t.Errorf("exit %d, %v: %d people, %d clean\n%s", code, err, r.People, r.Clean, said)
	}
	told, err := os.ReadFile(each)
	if err != nil || bytes.Count(told, []byte("\n")) != r.Clean+r.Mistakes {
		t.Errorf("%v: %d judgements", err, bytes.Count(told, []byte("\n")))
	}
}

func TestWhatIsWrongWithAMeasurementIsSaid(t *testing.T) {
	past := corporate(t)
	bad := filepath.Join(t.TempDir(), "aliases")
	if err := os.WriteFile(bad, []byte("a@corp.test\tb@corp.test\nno tab\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{past, "--variants", "V9"}, 2, `there is no variant "V9"`},
		{[]string{past, "--people=-1"}, 2, "less than nothing"},
		{[]string{past, "--at-least", "1000"}, 1, "--at-least is 1000"},
		{[]string{past, "--aliases", bad}, 1, "line 2: it is not an address, a tab, and a main address"},
		{[]string{past, "--domain", "other.test"}, 1, "nobody wrote enough"},
		{[]string{past + ".none"}, 1, "look for mail"},
		{nil, 2, "<path>"},
	} {
		if _, said, code := evaluated(t, c.args...); code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%v: exit %d, %s", c.args, code, said)
		}
	}
}

func TestEveryoneIsJudgedByAModelThatNeverSawThem(t *testing.T) {
	past := corporate(t)
	out, said, code := evaluated(t, past, "--warm-up", "20", "--at-least", "40", "--cross-validate", "2", "--train-on", "20", "--per-person", "5", "--variants", "V6,V7")
	if code != 0 || said != "" || !strings.Contains(out, "4 authors tested") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	for _, flags := range [][]string{{"--cross-validate", "1"}, {"--ablate"}, {"--cross-validate", "-3"}} {
		if _, said, code := evaluated(t, append(flags, past)...); code != 2 || said == "" {
			t.Errorf("%v: exit %d, %s", flags, code, said)
		}
	}
	few := filepath.Join(t.TempDir(), "few.jsonl")
	if err := os.WriteFile(few, []byte(`{"id":"1","date":"2026-01-05T09:00:00Z","from":"anna@corp.test","to":["bob@falcon.test"],"subject":"s","body":"b"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, said, code := evaluated(t, few, "--cross-validate", "5"); code != 1 || !strings.Contains(said, "too little") {
		t.Errorf("of one mail: exit %d, %s", code, said)
	}
}

func TestEachGroupOfFeaturesIsLeftOutInTurn(t *testing.T) {
	out, said, code := evaluated(t, corporate(t), "--warm-up", "20", "--at-least", "40", "--cross-validate", "2", "--train-on", "10", "--per-person", "3", "--variants", "V6,V7", "--ablate", "--json")
	var r eval.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || len(r.Compared) != len(expect.Groups) {
		t.Fatalf("exit %d, %v: %d compared\n%s", code, err, len(r.Compared), said)
	}
	for i, c := range r.Compared {
		if c.Name != "without "+expect.Groups[i] || len(c.Ranking) == 0 || len(c.Proposed) == 0 {
			t.Errorf("%+v", c)
		}
	}
}
