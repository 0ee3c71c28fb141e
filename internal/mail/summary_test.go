package mail_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"belay/internal/mail"
)

func TestParseAddressList_ReadsWhatPeopleAndProgramsWrite(t *testing.T) {
	type box = mail.Mailbox
	for _, c := range []struct {
		name, in string
		want     []box
	}{
		{"plain", "anna@corp.test", []box{{"", "anna@corp.test"}}},
		{"name", "Anna Nowak <anna@corp.test>", []box{{"Anna Nowak", "anna@corp.test"}}},
		{"quoted name with a comma", `"Nowak, Anna" <anna@corp.test>, jan@corp.test`, []box{{"Nowak, Anna", "anna@corp.test"}, {"", "jan@corp.test"}}},
		{"comment as name", "anna@corp.test (Anna Nowak)", []box{{"Anna Nowak", "anna@corp.test"}}},
		{"nested comment", `anna@corp.test (Anna (Sales\) Nowak))`, []box{{"Anna (Sales) Nowak)", "anna@corp.test"}}},
		{"group", "Sales: anna@corp.test, Jan <jan@corp.test>;, x@falcon.test", []box{{"", "anna@corp.test"}, {"Jan", "jan@corp.test"}, {"", "x@falcon.test"}}},
		{"empty group", "undisclosed-recipients:;", nil},
		{"semicolons of Outlook", "anna@corp.test; jan@corp.test;", []box{{"", "anna@corp.test"}, {"", "jan@corp.test"}}},
		{"route", "<@a.test,@b.test:anna@corp.test>", []box{{"", "anna@corp.test"}}},
		{"blanks around", "anna @ corp . test", []box{{"", "anna@corp.test"}}},
		{"name without brackets", "Anna Nowak anna@corp.test", []box{{"Anna Nowak", "anna@corp.test"}}},
		{"bracket without end", "Anna <anna@corp.test, Jan <jan@corp.test>", []box{{"Anna", "anna@corp.test"}, {"Jan", "jan@corp.test"}}},
		{"quote without end", `"Anna <anna@corp.test>, jan@corp.test`, []box{{"Anna", "anna@corp.test"}, {"", "jan@corp.test"}}},
		{"an address as the name", `"boss@corp.test" <evil@falcon.test>`, []box{{"boss@corp.test", "evil@falcon.test"}}},
		{"an address as the name, no quotes", `boss@corp.test <evil@falcon.test>`, []box{{"boss@corp.test", "evil@falcon.test"}}},
		{"quoted local part", `Anna <"a@evil.test"@corp.test>`, []box{{"Anna", `"a@evil.test"@corp.test`}}},
		{"a comma in an encoded word", "=?utf-8?Q?Nowak,_Anna?= <anna@corp.test>", []box{{"Nowak, Anna", "anna@corp.test"}}},
		{"an address in an encoded word", "=?utf-8?Q?a=40b.test=3E=2C?= <anna@corp.test>", []box{{"a@b.test>,", "anna@corp.test"}}},
		{"encoded word in quotes", `"=?iso-8859-2?Q?Ma=B3gorzata?=" <m@corp.test>`, []box{{"Małgorzata", "m@corp.test"}}},
		{"local user", "root", []box{{"", "root"}}},
		{"a name and no address", "Anna Nowak", nil},
		{"empty brackets", "Anna <>", nil},
		{"literal", "anna@[IPv6:2001:db8::1]", []box{{"", "anna@[IPv6:2001:db8::1]"}}},
		{"empty", "", nil},
		{"commas", ",,;,", nil},
		{"folded", "Anna\r\n <anna@corp.test>,\r\n\tjan@corp.test", []box{{"Anna", "anna@corp.test"}, {"", "jan@corp.test"}}},
		{"two in brackets", "<a@b.test> <c@d.test>", []box{{"", "a@b.test"}, {"", "c@d.test"}}},
		{"mailto", "<anna@corp.test>Anna", []box{{"", "anna@corp.test"}}},
	} {
		if got := mail.ParseAddressList(c.in, ""); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q\n got %q\nwant %q", c.name, c.in, got, c.want)
		}
	}
}

func TestDecodeWords_ShowsWhatPeopleWrote(t *testing.T) {
	for _, c := range []struct{ name, in, charset, want string }{
		{"plain", "Lunch?", "", "Lunch?"},
		{"Polish, iso-8859-2", "=?iso-8859-2?Q?Za=BF=F3=B3=E6_g=EA=B6l=B1_ja=BC=F1?=", "", "Zażółć gęślą jaźń"},
		{"Spanish, iso-8859-1", "=?ISO-8859-1?Q?=BFMa=F1ana=3F?=", "", "¿Mañana?"},
		{"Italian, utf-8", "=?UTF-8?B?UGVyY2jDqSBubz8=?=", "", "Perché no?"},
		{"Turkish, windows-1254", "=?windows-1254?Q?=DEi=FEli=27de_g=F6r=FC=FEme?=", "", "Şişli'de görüşme"},
		{"Turkish, iso-8859-9", "=?iso-8859-9?B?3k3dRQ==?=", "", "ŞMİE"},
		{"Norwegian, utf-8", "=?utf-8?q?M=C3=B8te_p=C3=A5_fredag?=", "", "Møte på fredag"},
		{"Japanese, iso-2022-jp", "=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "", "こんにちは"},
		{"Chinese, gb18030", "=?gb18030?B?xOO6ww==?=", "", "你好"},
		{"Chinese, gb2312", "=?GB2312?B?xOO6ww==?=", "", "你好"},
		{"Russian, koi8-r", "=?koi8-r?B?8NLJ18XU?=", "", "Привет"},
		{"language tag", "=?utf-8*pl?Q?=C4=85?=", "", "ą"},
		{"neighbours are joined", "=?utf-8?Q?a?= =?utf-8?Q?b?= c", "", "ab c"},
		{"folded neighbours", "=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "", "ab"},
		{"a letter cut in two", "=?utf-8?Q?=C5?= =?utf-8?Q?=82?=", "", "ł"},
		{"a letter cut in two, base64", "=?utf-8?B?xQ==?= =?utf-8?B?gg==?=", "", "ł"},
		{"two charsets", "=?iso-8859-2?Q?=B1?= =?utf-8?Q?=C5=82?=", "", "ął"},
		{"blanks inside", "=?utf-8?Q?good morning?=", "", "good morning"},
		{"no padding", "=?utf-8?B?UGVyY2jDqQ?=", "", "Perché"},
		{"inside a word", "(=?utf-8?Q?=C4=85?=)", "", "(ą)"},
		{"raw utf-8", "Zażółć", "", "Zażółć"},
		{"raw windows-1254 by the message's charset", "\xdei\xfeli", "windows-1254", "Şişli"},
		{"raw iso-2022-jp", "\x1b$B$3$s$K$A$O\x1b(B", "", "こんにちは"},
		{"raw octets of nobody knows what", "caf\xe9", "", "café"},
		{"unknown charset of ASCII", "=?x-unknown?Q?hello?=", "", "hello"},
		{"unknown charset", "=?x-unknown?Q?=B1?=", "", "=?x-unknown?Q?=B1?="},
		{"utf-8 that is none", "=?utf-8?Q?caf=E9?=", "", "café"},
		{"without end", "=?utf-8?Q?abc", "", "=?utf-8?Q?abc"},
		{"empty", "=?utf-8?Q??=", "", ""},
		{"broken escape", "=?utf-8?Q?50=ZZ?=", "", "50=ZZ"},
		{"line ends inside", "=?utf-8?Q?a=0D=0ABcc=3A_b?=", "", "a Bcc: b"},
		{"NUL", "a\x00b", "", "a b"},
		{"no encoded word", "a =? b ?= c", "", "a =? b ?= c"},
		{"unknown encoding", "=?utf-8?X?abc?=", "", "=?utf-8?X?abc?="},
	} {
		if got := mail.DecodeWords(c.in, c.charset); got != c.want {
			t.Errorf("%s: DecodeWords(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestSummary_OfAnOrdinaryMail(t *testing.T) {
	s := mail.Summarize([]byte(strings.ReplaceAll(`Received: from a by b; Mon, 1 Jan 2024 10:00:00 +0100
received: from c by a; Mon, 1 Jan 2024 09:59:59 +0100
From: =?utf-8?Q?Zo=C3=AB?= Nowak <Zoe@Corp.test>
To: Jan <jan@corp.test>,
 "Falcon, Fred" <fred@falcon.test>
CC: ewa@corp.test
Cc: piotr@corp.test
Subject: Re: =?iso-8859-2?Q?Um=F3wiony?=
 termin
Message-ID: <abc@corp.test>
In-Reply-To: <first@falcon.test>
References: <zero@falcon.test>
 <first@falcon.test>
Date: Mon, 1 Jan 2024 10:00:00 +0100 (CET)
Auto-Submitted: no
Sensitivity: Private
Content-Type: multipart/mixed; boundary="b"

From: not@the.header
`, "\n", "\r\n")))
	if s.Subject != "Re: Umówiony termin" || s.MessageID != "abc@corp.test" || s.Received != 2 {
		t.Errorf("subject %q, message id %q, received %d", s.Subject, s.MessageID, s.Received)
	}
	if got := s.Author(); got != (mail.Mailbox{Name: "Zoë Nowak", Address: "Zoe@Corp.test"}) {
		t.Errorf("author %v", got)
	}
	if len(s.To) != 2 || len(s.Cc) != 2 || !s.VisibleKeys()["fred@falcon.test"] || s.VisibleKeys()["zoe@corp.test"] {
		t.Errorf("to %v, cc %v", s.To, s.Cc)
	}
	if len(s.InReplyTo) != 1 || len(s.References) != 2 || s.References[1] != "first@falcon.test" {
		t.Errorf("in reply to %q, references %q", s.InReplyTo, s.References)
	}
	if got := s.Date.Format("2006-01-02 15:04:05 MST"); got != "2024-01-01 09:00:00 UTC" {
		t.Errorf("date %s", got)
	}
	if s.IsAutomatic() || s.Sensitivity != "private" || s.MediaType != "multipart/mixed" || s.MediaParams["boundary"] != "b" {
		t.Errorf("automatic %v, sensitivity %q, type %q %v", s.IsAutomatic(), s.Sensitivity, s.MediaType, s.MediaParams)
	}
}

func TestP8_WhatIsForItsRecipientsAlone(t *testing.T) {
	for mark, want := range map[string]bool{"": false, "Normal": false, "none": false, "Personal": true,
		"PRIVATE (really)": true, "company-confidential": true, "top-secret": true} {
		if s := mail.Summarize([]byte("Sensitivity: " + mark + "\r\n\r\n")); s.IsPrivate() != want {
			t.Errorf("%q is private: %v", mark, s.IsPrivate())
		}
	}
}

func TestSummary_AuthorIsTheSenderWhereFromHasSeveral(t *testing.T) {
	for _, c := range []struct{ head, want string }{
		{"From: a@corp.test, b@corp.test\nSender: b@corp.test\n\n", "b@corp.test"},
		{"From: a@corp.test\nSender: list@corp.test\n\n", "a@corp.test"},
		{"From: a@corp.test, b@corp.test\n\n", "a@corp.test"},
		{"Sender: b@corp.test\n\n", "b@corp.test"},
		{"Subject: nobody\n\n", ""},
		{"From: Anna Nowak\n\n", ""},
	} {
		if got := mail.Summarize([]byte(c.head)).Author().Address; got != c.want {
			t.Errorf("%q: author %q, want %q", c.head, got, c.want)
		}
	}
}

func TestSummary_KnowsAutomaticMail(t *testing.T) {
	for _, c := range []struct {
		head string
		want bool
	}{
		{"Auto-Submitted: auto-replied (vacation)\n\n", true},
		{"Auto-Submitted: auto-generated\n\n", true},
		{"Auto-Submitted: No\n\n", false},
		{"Precedence: bulk\n\n", true},
		{"List-ID: <dev.corp.test>\n\n", true},
		{"X-Autoreply: yes\n\n", true},
		{"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n", true},
		{"Precedence: first-class\nSubject: automatic\n\n", false},
	} {
		if got := mail.Summarize([]byte(c.head)).IsAutomatic(); got != c.want {
			t.Errorf("%q: automatic %v, want %v", c.head, got, c.want)
		}
	}
}

func TestSummary_IsShortAndPrintableWhateverCame(t *testing.T) {
	s := mail.Summarize([]byte("Subject: " + strings.Repeat("ł\x00", 5000) + "\nMessage-ID: <" + strings.Repeat("x", 2000) + "@y>\n\n"))
	if n := len([]rune(s.Subject)); n != 1000 {
		t.Errorf("the subject has %d characters, want 1,000", n)
	}
	if s.MessageID != "" {
		t.Errorf("kept a message id of %d octets", len(s.MessageID))
	}
}

// checkSummary holds for every message: text is valid, printable, on one line.
func checkSummary(t *testing.T, name string, s mail.Summary) {
	t.Helper()
	values := []string{s.Subject, s.MessageID, s.AutoSubmitted, s.Precedence, s.ListID, s.Sensitivity}
	values = append(append(values, s.InReplyTo...), s.References...)
	for _, list := range [][]mail.Mailbox{s.From, s.Sender, s.ReplyTo, s.To, s.Cc, s.Bcc} {
		for _, m := range list {
			if m.Address == "" {
				t.Errorf("%s: a mailbox without an address: %q", name, m.Name)
			}
			values = append(values, m.Name, m.Address, mail.Key(m.Address))
		}
	}
	for _, v := range values {
		if !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl) {
			t.Errorf("%s: %q is not printable", name, v)
		}
	}
}

func FuzzSummary(f *testing.F) {
	for _, s := range []string{
		"From: a (b\nTo: \"\\\nCc: x:;<\n\n", "Subject: =?a?b?=?=\nSubject: =?utf-8?B?=C?=\n",
		"Content-Type: a/b; x*0*=utf-8''%\n\n", "References: <<>>\nDate: x\n", "From: @,@:<@>\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		s := mail.Summarize(message)
		checkSummary(t, "fuzzed", s)
		if d, subject := mail.DateOf(message), mail.SubjectOf(message); !d.Equal(s.Date) || subject != s.Subject {
			t.Errorf("alone the date is %v and the subject %q, of %v and %q", d, subject, s.Date, s.Subject)
		}
	})
}
