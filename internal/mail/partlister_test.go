package mail

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand"
	"reflect"
	"strings"
	"testing"
)

// listed lists the attachments of a message written in pieces of n octets; 0 is
// at once.
func listed(t testing.TB, message string, n int) ([]Attachment, bool) {
	t.Helper()
	l := NewPartLister()
	if n == 0 {
		n = max(1, len(message))
	}
	for rest := []byte(message); len(rest) > 0; {
		k := min(n, len(rest))
		if wrote, err := l.Write(rest[:k]); wrote != k || err != nil {
			t.Fatalf("wrote %d of %d: %v", wrote, k, err)
		}
		rest = rest[k:]
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Attachments(), l.Truncated()
}

// short writes attachments on one line: "a.pdf application/pdf 12".
func inShort(files []Attachment) string {
	var all []string
	for _, f := range files {
		text := fmt.Sprintf("%s %s %d", f.Name, f.Type, f.Size)
		if f.Encrypted {
			text += " encrypted"
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

// mixed is a message with these parts.
func mixed(parts ...string) string {
	return "Subject: x\nContent-Type: multipart/mixed; boundary=\"b b\"\n\npreamble\n--b b\n" + strings.Join(parts, "\n--b b\n") + "\n--b b--\nepilogue\n"
}

const noText = "Content-Type: text/plain\n\nhello"

// encryptedZip begins a zip archive whose first file wants a password.
var encryptedZip = base64.StdEncoding.EncodeToString([]byte("PK\x03\x04\x14\x00\x01\x00\x08\x00and so on"))

func TestPartLister_ListsFilesAsPeopleSeeThem(t *testing.T) {
	pdf := "Content-Type: application/pdf; name=old.pdf\nContent-Disposition: attachment; filename=plan.pdf\n\n12345"
	for _, c := range []struct{ name, message, want string }{
		{"a text alone", "Subject: x\n\nhello\n", ""},
		{"nothing", "", ""},
		{"no header at all", "hello\nworld\n", ""},
		{"a file beside a text", mixed(noText, pdf), "plan.pdf application/pdf 5"},
		{"lines with CRLF", strings.ReplaceAll(mixed(noText, pdf), "\n", "\r\n"), "plan.pdf application/pdf 5"},
		{"a message that is a file", "Content-Type: application/pdf; name=a.pdf\n\n1234\n", "a.pdf application/pdf 4"},
		{"no final boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Disposition: attachment; filename=a\n\n1234", "a text/plain 4"},
		{"base64", mixed("Content-Disposition: attachment; filename=a.bin\nContent-Transfer-Encoding: base64\n\nAAAA\nAAAA\nAA==\n"), "a.bin text/plain 7"},
		{"quoted-printable", mixed("Content-Disposition: attachment; filename=a.txt\nContent-Transfer-Encoding: Quoted-Printable\n\na=C5=BC=\nb"), "a.txt text/plain 4"},
		{"a name in pieces (RFC 2231)", mixed("Content-Disposition: attachment;\n filename*0*=iso-8859-2''Za%BF%F3;\n filename*1*=%B3%E6;\n filename*2=\" x.PDF\"\n\n1"), "Zażółć x.PDF text/plain 1"},
		{"a name with a charset", mixed("Content-Disposition: attachment; filename*=UTF-8'pl'%C5%BC.pdf; filename=z.pdf\n\n1"), "ż.pdf text/plain 1"},
		{"an encoded word in quotes", mixed("Content-Disposition: attachment; filename=\"=?utf-8?B?xbwucGRm?=\"\n\n1"), "ż.pdf text/plain 1"},
		{"a name of octets", mixed("Content-Disposition: attachment; filename=\"ż.pdf\"\n\n1"), "ż.pdf text/plain 1"},
		{"quotes and semicolons", mixed(`Content-Disposition: attachment; filename="a;\"b\".pdf"` + "\n\n1"), `a;"b".pdf text/plain 1`},
		{"a path of Windows", mixed(`Content-Disposition: attachment; filename="C:\temp\new.pdf"` + "\n\n1"), "new.pdf text/plain 1"},
		{"a path of Unix", mixed("Content-Disposition: attachment; filename=../../etc/passwd\n\n1"), "passwd text/plain 1"},
		{"a name in Content-Type alone", mixed("Content-Type: text/csv; name=a.csv\n\n1"), "a.csv text/csv 1"},
		{"no name and no text", mixed("Content-Type: image/png\nContent-Disposition: inline\n\n1"), " image/png 1"},
		{"a text shown inline", mixed("Content-Type: text/html\nContent-Disposition: inline\n\n1"), ""},
		{"a picture in the text", "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\nx\n--b\nContent-Type: image/png; name=logo.png\nContent-ID: <1>\n\n1\n--b--\n", ""},
		{"a picture beside the text", mixed("Content-Type: image/png; name=logo.png\nContent-ID: <1>\n\n1"), "logo.png image/png 1"},
		{"parts inside parts", mixed("Content-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\nContent-Type: text/calendar; name=i.ics\n\n12\n--c--", pdf),
			"i.ics text/calendar 2; plan.pdf application/pdf 5"},
		{"an outer boundary ends the inner parts", mixed("Content-Type: multipart/alternative; boundary=c\n\n--c\nContent-Disposition: attachment; filename=a\n\nx", pdf),
			"a text/plain 1; plan.pdf application/pdf 5"},
		{"a message inside, with a file", mixed("Content-Type: message/rfc822\n\n" + mixed(noText, pdf)[0:0] +
			"Subject: y\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c\nContent-Disposition: attachment; filename=in.pdf\n\n12\n--c--"),
			" message/rfc822 0; in.pdf text/plain 2"},
		{"a digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n", " message/rfc822 0"},
		{"a header that a boundary cuts off", mixed("Content-Disposition: attachment; filename=a"), "a text/plain 0"},
		{"a multipart without a boundary", "Content-Type: multipart/mixed\n\n--b\nContent-Disposition: attachment; filename=a\n\nx\n", ""},
		{"signatures", mixed("Content-Type: application/pgp-signature; name=signature.asc\n\nx", "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx"), ""},

		{"an S/MIME mail", "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nxxxx\n", ""},
		{"a PGP/MIME mail", "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=encrypted.asc\n\nx\n--b--\n", ""},
		{"an S/MIME file", mixed("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=a.p7m\n\nx"), "a.p7m application/pkcs7-mime 1 encrypted"},
		{"a file that is only signed", mixed("Content-Type: application/pkcs7-mime; smime-type=signed-data; name=a.pdf.p7m\n\nx"), "a.pdf.p7m application/pkcs7-mime 1"},
		{"a PGP file by its name", mixed("Content-Disposition: attachment; filename=a.docx.GPG\n\nx"), "a.docx.GPG text/plain 1 encrypted"},
		{"a PGP file by its beginning", mixed("Content-Disposition: attachment; filename=a.asc\n\n-----BEGIN PGP MESSAGE-----"), "a.asc text/plain 27 encrypted"},
		{"an archive with a password", mixed("Content-Disposition: attachment; filename=a.zip\nContent-Transfer-Encoding: base64\n\n" + encryptedZip), "a.zip text/plain 19 encrypted"},
		{"an archive without", mixed("Content-Disposition: attachment; filename=a.zip\n\nPK\x03\x04\x14\x00\x00\x00\x08"), "a.zip text/plain 9"},
		{"an Office file with a password", mixed("Content-Disposition: attachment; filename=a.xlsx\n\n\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a.xlsx text/plain 8 encrypted"},
		{"an old Office file", mixed("Content-Disposition: attachment; filename=a.xls\n\n\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "a.xls text/plain 8"},
	} {
		for _, n := range []int{0, 1, 7} {
			got, cut := listed(t, c.message, n)
			if inShort(got) != c.want || cut {
				t.Errorf("%s, in pieces of %d: %q, cut %v; want %q", c.name, n, inShort(got), cut, c.want)
			}
		}
	}
}

func TestPartLister_SaysWhereItStoppedLooking(t *testing.T) {
	file := "Content-Disposition: attachment; filename=a\n\nx"
	nest := func(depth int) string {
		var b strings.Builder
		for i := range depth {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + file + "\n"
	}
	many := make([]string, 1200)
	for i := range many {
		many[i] = file
	}
	for _, c := range []struct {
		name, message string
		files         int
		cut           bool
	}{
		{"1,200 files", mixed(many...), 999, true},
		{"900 files", mixed(many[:900]...), 900, false},
		{"20 levels", nest(20), 1, false},
		{"25 levels", nest(25), 0, true},
		{"messages in messages", strings.Repeat("Content-Type: message/rfc822\n\n", 30) + file, 21, true},
		{"a header of 80 KB", mixed("X: "+strings.Repeat("y", 80<<10)+"\n"+file, file), 2, true},
		{"a boundary of 2 KB", "Content-Type: multipart/mixed; boundary=" + strings.Repeat("b", 2000) + "\n\n--" + strings.Repeat("b", 2000) + "\n" + file, 0, true},
		{"a header that never ends", "Content-Type: multipart/mixed; boundary=b\n" + strings.Repeat("X: y\n", 50_000), 0, true},
		{"a line that never ends", "Subject: x\n\n" + strings.Repeat("x", 1<<20), 0, false},
	} {
		for _, n := range []int{0, 1000} {
			if got, cut := listed(t, c.message, n); len(got) != c.files || cut != c.cut {
				t.Errorf("%s, in pieces of %d: %d files, cut %v; want %d, %v", c.name, n, len(got), cut, c.files, c.cut)
			}
		}
	}
}

func TestPartLister_SizesAreNearlyRight(t *testing.T) {
	content := make([]byte, 100_000)
	rand.New(rand.NewSource(1)).Read(content)
	text := base64.StdEncoding.EncodeToString(content)
	var lines strings.Builder
	for len(text) > 76 {
		lines.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	files, _ := listed(t, mixed("Content-Disposition: attachment; filename=a\nContent-Transfer-Encoding: base64\n\n"+lines.String()+text), 0)
	if len(files) != 1 || files[0].Size != 100_000 {
		t.Errorf("%+v", files)
	}
}

func TestPartLister_KeepsLittle(t *testing.T) {
	allocated := testing.AllocsPerRun(1, func() {
		l := NewPartLister()
		_, _ = l.Write([]byte("Content-Type: application/pdf; name=a\n\n"))
		line := []byte(strings.Repeat("x", 70_000) + "\n")
		for range 1000 {
			_, _ = l.Write(line)
		}
		_ = l.Close()
	})
	if allocated > 200 {
		t.Errorf("70 MB took %.0f allocations", allocated)
	}
}

func TestProtectionOf_TellsEncryptedAndSignedMail(t *testing.T) {
	for _, c := range []struct {
		name, message string
		want          Protection
	}{
		{"plain", "Subject: x\n\nhello\n", Protection{}},
		{"S/MIME, encrypted", "Content-Type: application/pkcs7-mime; smime-type=Enveloped-Data\n\nx", Protection{Encrypted: "S/MIME"}},
		{"S/MIME, authenticated", "Content-Type: application/x-pkcs7-mime; smime-type=authEnveloped-data\n\nx", Protection{Encrypted: "S/MIME"}},
		{"S/MIME that says nothing", "Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx", Protection{Encrypted: "S/MIME"}},
		{"S/MIME of old programs", "Content-Type: application/octet-stream; name=smime.p7m\n\nx", Protection{Encrypted: "S/MIME"}},
		{"S/MIME, signed", "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx", Protection{Signed: "S/MIME"}},
		{"S/MIME, compressed", "Content-Type: application/pkcs7-mime; smime-type=compressed-data\n\nx", Protection{}},
		{"S/MIME, signed beside", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b\n\n--b\n\nx\n--b--\n", Protection{Signed: "S/MIME"}},
		{"PGP/MIME", "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\n\nx\n--b--\n", Protection{Encrypted: "PGP"}},
		{"PGP/MIME behind a list's footer", mixed("Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=c\n\n--c\n\nx\n--c--", noText), Protection{Encrypted: "PGP"}},
		{"PGP/MIME, signed", "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b\n\n--b\n\nx\n--b--\n", Protection{Signed: "PGP"}},
		{"PGP inline", "Subject: x\n\n\n-----BEGIN PGP MESSAGE-----\nx\n", Protection{Encrypted: "PGP"}},
		{"PGP inline in a part", mixed("Content-Type: text/plain\n\n-----BEGIN PGP MESSAGE-----\nx"), Protection{Encrypted: "PGP"}},
		{"PGP inline, signed", "Subject: x\n\n-----BEGIN PGP SIGNED MESSAGE-----\nx\n", Protection{Signed: "PGP"}},
		{"PGP that somebody quotes", "Subject: x\n\nYou wrote:\n> -----BEGIN PGP MESSAGE-----\n", Protection{}},
		{"a PGP file", mixed(noText, "Content-Disposition: attachment; filename=a.asc\n\n-----BEGIN PGP MESSAGE-----"), Protection{}},
		{"a signed file", mixed(noText, "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=a.p7m\n\nx"), Protection{}},
		{"a word about it", "Subject: multipart/encrypted\n\nhello\n", Protection{}},
	} {
		if got := ProtectionOf([]byte(c.message)); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func FuzzPartLister(f *testing.F) {
	f.Add(mixed(noText, "Content-Disposition: attachment; filename*0*=utf-8''%C5; filename*1=x\n\n1"), 3)
	f.Add("Content-Type: message/rfc822\n\nContent-Type: multipart/digest; boundary=b\n--b\n\n--b--", 1)
	f.Add("Content-Type: application/x; name=\"=?x?q?\"\nContent-Transfer-Encoding: base64\n\n====\n", 2)
	f.Fuzz(func(t *testing.T, message string, n int) {
		whole, cut := listed(t, message, 0)
		if n < 0 || n > 1<<20 {
			n = 5
		}
		pieces, cutToo := listed(t, message, n)
		if !reflect.DeepEqual(whole, pieces) || cut != cutToo {
			t.Fatalf("at once %+v, in pieces of %d %+v", whole, n, pieces)
		}
		for _, a := range whole {
			if a.Size < 0 || a.Size > int64(len(message)) || len([]rune(a.Name)) > maxFileName || strings.ContainsAny(a.Name, "/\\\n\r\x00") {
				t.Fatalf("%+v of %q", a, message)
			}
		}
		ProtectionOf([]byte(message))
	})
}

func BenchmarkPartLister(b *testing.B) {
	line := strings.Repeat("x", 76) + "\r\n"
	message := []byte(strings.ReplaceAll(mixed(noText, "Content-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\n"+strings.Repeat(line, 13_000)), "\n", "\r\n"))
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		l := NewPartLister()
		for rest := message; len(rest) > 0; {
			n, _ := l.Write(rest[:min(len(rest), 32<<10)])
			rest = rest[n:]
		}
		_ = l.Close()
	}
}

var _ io.WriteCloser = (*PartLister)(nil)
