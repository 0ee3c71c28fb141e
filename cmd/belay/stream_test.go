package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"belay/internal/source"
)

// mailLine is a line of JSON: what anna@corp.test wrote to somebody on a day.
func mailLine(day int, to, more string) string {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	return fmt.Sprintf(`{"id":"%d.%s","date":%q,"from":"Anna Nowak <anna@corp.test>","to":[%q],"subject":"The offer","body":"Hello,\n\nhere is what we spoke of.\n"%s}`+"\n",
		day, to, at.Format(time.RFC3339), to, more)
}

// acquainted is how Anna wrote to Bob twenty times, and at last to an address
// with a slip in it.
func acquainted() string {
	var b strings.Builder
	for day := range 20 {
		b.WriteString(mailLine(day, "Bob Berg <bob@falconenergy.test>", `,"judge":true,"learn":true`))
	}
	b.WriteString(mailLine(21, "bob@falconenrgy.test", `,"judge":true,"learn":true`))
	return b.String()
}

func judged(t *testing.T, in string, args ...string) (list []source.Judged, said string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(t.Context(), append([]string{"judge"}, args...), strings.NewReader(in), &out, &errOut)
	for line := range strings.Lines(out.String()) {
		var j source.Judged
		if err := json.Unmarshal([]byte(line), &j); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		list = append(list, j)
	}
	return list, errOut.String(), code
}

func TestAStreamIsJudgedWithWhatCameBefore(t *testing.T) {
	list, said, code := judged(t, acquainted())
	if code != 0 || len(list) != 21 || said != "" {
		t.Fatalf("exit %d, %d lines, %s", code, len(list), said)
	}
	for i, j := range list[:20] {
		if j.ID != fmt.Sprintf("%d.Bob Berg <bob@falconenergy.test", i) || j.Verdict.Action != "delay" || j.Score > 0.01 || len(j.Recipients) != 1 {
			t.Errorf("mail %d: %+v", i, j)
		}
	}
	last := list[20]
	at := slices.IndexFunc(last.Signals, func(s source.JudgedSignal) bool { return s.Code == "recipient.lookalike" })
	if at < 0 || last.Signals[at].Recipient != "bob@falconenrgy.test" || last.Signals[at].Evidence == "" {
		t.Fatalf("the slip is not noticed: %+v", last)
	}
	if last.Score < 0.1 || last.Score != last.Recipients[0].Score || !slices.Contains(last.Recipients[0].Instead, "bob@falconenergy.test") {
		t.Errorf("%+v", last)
	}
	if last.Verdict.Action != "ask" || !slices.Contains(last.Verdict.Rules, "is that the right person?") {
		t.Errorf("the verdict is %+v", last.Verdict)
	}
}

// Whatever follows, the first verdicts stay as they are.
func TestAStreamNeverLooksAhead(t *testing.T) {
	whole, _, _ := judged(t, acquainted())
	lines := slices.Collect(strings.Lines(acquainted()))
	for _, n := range []int{1, 7, 20} {
		some, _, _ := judged(t, strings.Join(lines[:n], ""))
		a, _ := json.Marshal(some)
		b, _ := json.Marshal(whole[:n])
		if !bytes.Equal(a, b) {
			t.Errorf("the first %d verdicts depend on what follows:\n%s\n%s", n, a, b)
		}
	}
}

func TestOnlyWhatIsToBeLearnedIsLearned(t *testing.T) {
	list, _, _ := judged(t, strings.ReplaceAll(acquainted(), `,"learn":true`, ""))
	if s := list[20].Signals; slices.ContainsFunc(s, func(s source.JudgedSignal) bool { return s.Code == "recipient.lookalike" }) {
		t.Errorf("something was learned: %+v", s)
	}
	list, _, _ = judged(t, strings.Replace(acquainted(), `"judge":true`, `"judge":false`, 20))
	if len(list) != 1 || list[0].Verdict.Action != "ask" {
		t.Errorf("what is not judged is not learned: %+v", list)
	}
}

func TestWhatIsLearnedIsKeptWhereItIsWanted(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	lines := slices.Collect(strings.Lines(acquainted()))
	if _, said, code := judged(t, strings.Join(lines[:20], ""), "--state", state); code != 0 {
		t.Fatal(said)
	}
	again, _, _ := judged(t, lines[20], "--state", state)
	if again[0].Verdict.Action != "ask" {
		t.Errorf("with the state: %+v", again[0])
	}
	fresh, _, _ := judged(t, lines[20])
	if fresh[0].Verdict.Action == "ask" {
		t.Errorf("without it, something is known all the same: %+v", fresh[0])
	}
}

func TestBadLinesAreSaidAndPassedOver(t *testing.T) {
	in := "{\n" + mailLine(1, "bob@client.test", `,"judge":true`) + "\n" + `{"from":"a@b.test","to":"x"}` + "\n" + mailLine(2, "eve@client.test", `,"judge":true`) +
		`{"id":"nobody","from":"a@corp.test","judge":true}`
	list, said, code := judged(t, in)
	if code != 1 || len(list) != 3 || list[1].ID != "2.eve@client.test" || list[2].ID != "nobody" || len(list[2].Recipients) != 0 {
		t.Errorf("exit %d, %+v", code, list)
	}
	for _, want := range []string{"belay: line 1: it is no JSON object", "belay: line 4: \"to\" is a string", "belay: 2 of 6 lines could not be read; the others were judged"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

func TestARecipientThatIsNoAddressIsSaid(t *testing.T) {
	in := mailLine(1, "bob@client.test", `,"judge":true`) + `{"from":"anna@corp.test","to":["bob@client.test","Eve"],"bcc":["@x"],"judge":true}`
	list, said, code := judged(t, in)
	if code != 0 || len(list) != 2 || len(list[1].Recipients) != 1 {
		t.Errorf("exit %d, %+v", code, list)
	}
	if want := "belay: line 2: the recipient \"Eve\" is no mail address and was passed over\nbelay: line 2: the recipient \"@x\" is no mail address and was passed over\n"; said != want {
		t.Errorf("it says\n%swant\n%s", said, want)
	}
}

func TestWhatCouldNotBeReadIsCounted(t *testing.T) {
	good := mailLine(1, "bob@client.test", "")
	for in, want := range map[string]string{"{\n": "belay: the only line could not be read\n", "{\n{\n": "belay: none of 2 lines could be read\n",
		"{\n" + good: "belay: 1 of 2 lines could not be read; the others were judged\n"} {
		if _, said, code := judged(t, in); code != 1 || !strings.HasSuffix(said, want) {
			t.Errorf("%q: exit %d, %s", in, code, said)
		}
	}
}

func TestALineMayBeOfAnyLength(t *testing.T) {
	long := strings.Replace(mailLine(1, "bob@client.test", `,"judge":true`), "spoke of", "spoke of "+strings.Repeat("at length ", 500_000), 1)
	list, said, code := judged(t, long+mailLine(2, "bob@client.test", `,"judge":true`))
	if code != 0 || len(list) != 2 || said != "" {
		t.Errorf("exit %d, %d lines, %.200s", code, len(list), said)
	}
}

// A program that waits for each verdict before it writes the next line gets it.
func TestAVerdictDoesNotWaitForTheNextLine(t *testing.T) {
	in, send := io.Pipe()
	receive, out := io.Pipe()
	ended := make(chan int)
	go func() {
		var errOut bytes.Buffer
		code := run(t.Context(), []string{"judge"}, in, out, &errOut)
		out.Close()
		ended <- code
	}()
	verdicts := bufio.NewScanner(receive)
	for day := range 3 {
		if _, err := io.WriteString(send, mailLine(day, "bob@client.test", `,"judge":true,"learn":true`)); err != nil {
			t.Fatal(err)
		}
		if !verdicts.Scan() || !strings.Contains(verdicts.Text(), fmt.Sprintf(`"id":"%d.bob@client.test"`, day)) {
			t.Fatalf("for the mail of day %d came %q", day, verdicts.Text())
		}
	}
	send.Close()
	if verdicts.Scan() {
		t.Errorf("one more: %s", verdicts.Text())
	}
	if code := <-ended; code != 0 {
		t.Errorf("exit %d", code)
	}
}

func TestWhoIsOursComesFromTheCommandLine(t *testing.T) {
	inside := strings.ReplaceAll(mailLine(1, "bob@sister.test", `,"judge":true`), "\n", "") + "\n"
	list, _, _ := judged(t, inside, "--domain", "corp.test", "--domain", "sister.test")
	if list[0].Verdict.Action != "pass" {
		t.Errorf("a sister's domain is outside: %+v", list[0])
	}
	list, _, _ = judged(t, inside)
	if list[0].Verdict.Action != "delay" {
		t.Errorf("without any domain named, the author's alone is ours: %+v", list[0])
	}
}
