package smtptest_test

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"belay/internal/relay/smtptest"
)

// talk sends all lines and gives the first word of every reply line.
func talk(t *testing.T, s *smtptest.Server, octets string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte(octets)); err != nil {
		t.Fatal(err)
	}
	var codes []string
	for in := bufio.NewScanner(c); in.Scan(); {
		codes = append(codes, strings.Fields(in.Text())[0])
	}
	return strings.Join(codes, " ")
}

func TestTheSinkKeepsEveryOctetAndFollowsItsScript(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Extensions: []string{"PIPELINING"},
		Script: smtptest.Refuse(map[string]string{"no@there.test": "550 5.1.1 first\n550 5.1.1 second"})})
	codes := talk(t, s, "EHLO me.test\r\nMAIL FROM:<\"a>b\"@here.test> RET=HDRS\r\nRCPT TO:<no@there.test>\r\n"+
		"RCPT TO:<yes@there.test> NOTIFY=NEVER\r\nDATA\r\n..dot\r\nbare\n.\nend\r\n.\r\nQUIT\r\n")
	if want := "220 250-sink.test 250 250 550-5.1.1 550 250 354 250 221"; codes != want {
		t.Errorf("replies %q, want %q", codes, want)
	}
	got := s.Wait(t, 1)[0]
	if got.From != `"a>b"@here.test` || strings.Join(got.Params, " ") != "RET=HDRS" {
		t.Errorf("MAIL read as %q %q", got.From, got.Params)
	}
	if to := got.To(); len(to) != 1 || to[0] != "yes@there.test" || got.Recipients[1].Params[0] != "NOTIFY=NEVER" {
		t.Errorf("recipients %+v", got.Recipients)
	}
	if want := ".dot\r\nbare\n.\nend\r\n"; string(got.Data) != want {
		t.Errorf("data %q, want %q", got.Data, want)
	}
}

func TestTheSinkHangsUpInTheMiddleOfData(t *testing.T) {
	s := smtptest.Start(t, smtptest.Config{Script: smtptest.At(smtptest.Data, smtptest.Action{DropAt: 4})})
	codes := talk(t, s, "EHLO me.test\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nDATA\r\n12\r\n34\r\n.\r\n")
	if !strings.HasSuffix(codes, "354") {
		t.Errorf("replies %q, want 354 as the last", codes)
	}
	s.WaitFor(t, "the broken transaction", func() bool { tr := s.Transactions(); return len(tr) == 1 && tr[0].Size > 0 })
	if tr := s.Transactions()[0]; tr.Complete || tr.Accepted || string(tr.Data) != "12\r\n" {
		t.Errorf("kept %+v", tr)
	}
}
