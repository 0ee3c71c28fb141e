package reading

import (
	"strings"
	"testing"
)

// What a mail program shows is read, however its markup is written.
func TestSplit_MarkupThatHidesNothing(t *testing.T) {
	for _, c := range []struct{ name, markup, want string }{
		{"a head that never ends", `<html><head><meta charset=utf-8><title>t</title><body><p>PIN 4711`, "PIN 4711"},
		{"a head with a paragraph in it", `<head><style>p{}</style><p>PIN 4711</p></head>`, "PIN 4711"},
		{"display twice", `<p style="display:none;display:block">PIN 4711</p>`, "PIN 4711"},
		{"a property of another name", `<p style="x-display:none">PIN 4711</p>`, "PIN 4711"},
		{"hidden from Outlook alone", `<p style="mso-hide:all">PIN 4711</p>`, "PIN 4711"},
		{"a hidden paragraph without an end", `<p style="display:none">x<p>PIN 4711`, "PIN 4711"},
		{"a hidden cell without an end", `<table><tr><td style="display:none">x<td>PIN 4711</table>`, "PIN 4711"},
		{"a hidden span that ends with what is around it", `<div><span style="display:none">x</div>PIN 4711`, "PIN 4711"},
		{"shown to Outlook alone", `<p>Hi<!--[if mso]><p>PIN 4711</p><![endif]-->`, "Hi / / PIN 4711"},
		{"without scripts", `<noscript><p>PIN 4711</p></noscript>`, "PIN 4711"},
		{"in a field", `<textarea>PIN 4711</textarea>`, "PIN 4711"},
		{"instead of an object", `<object data=x><p>PIN 4711</p></object>`, "PIN 4711"},
		{"important", `<p style="display: none !important; display: block">x</p><p>Hi`, "Hi"},
		{"hidden, and more of the same in it", `<div style="display:none">x<div>y</div>z</div><p>Hi`, "Hi"},
		{"hidden, with a table in it", `<div style="display:none"><table><tr><td>x<td>y</table>z</div><p>Hi`, "Hi"},
		{"Office's settings", `<head><!--[if gte mso 9]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><![endif]--></head><p>Hi`, "Hi"},
		{"not for Outlook", `<!--[if !mso]><!--><p>Hi</p><!--<![endif]-->`, "Hi"},
	} {
		got := split(htmlLines(c.markup))
		if own := strings.Join(strings.Fields(strings.ReplaceAll(strings.TrimSpace(got.Own), "\n", " / ")), " "); own != c.want {
			t.Errorf("%s: %q, want %q", c.name, own, c.want)
		}
	}
}

// Most programs show the markup of two alternatives. What stands there alone is
// read too.
func TestCollector_AlternativesThatDiffer(t *testing.T) {
	plain := "Content-Type: text/plain\n\nSee you at lunch on Friday.\n"
	for _, c := range []struct{ name, message, texts string }{
		{"the markup says more", parts("alternative", plain, "Content-Type: text/html\n\n<p>See you at lunch on Friday.</p><p>PESEL 44051401359</p>"),
			"See you at lunch on Friday. + PESEL 44051401359"},
		{"it stands first", parts("alternative", "Content-Type: text/html\n\n<p>The key is hunter2.</p>", plain),
			"See you at lunch on Friday. + The key is hunter2."},
		{"with a picture", parts("alternative", plain, inside(parts("related", "Content-Type: text/html\n\n<p>The key is hunter2.</p>", picture))),
			"See you at lunch on Friday. + The key is hunter2."},
		{"what is quoted stays quoted", parts("alternative", plain, "Content-Type: text/html\n\n<p>See you</p><blockquote type=cite>Are you hungry?</blockquote>"),
			"See you at lunch on Friday. +  [Are you hungry?]"},
		{"for phones", parts("alternative", plain, "Content-Type: text/x-amp-html\n\n<p>The key is hunter2.</p>"),
			"See you at lunch on Friday. + The key is hunter2."},
		{"the same in other lines and other signs", parts("alternative", "Content-Type: text/plain; charset=utf-8\n\nSee <https://falcon.test/x> *you*\nat “lunch” on Friday.\n* naïve\n",
			"Content-Type: text/html; charset=utf-8\n\n<p>See <a href=x>you</a> at<br>&ldquo;lunch&rdquo;</p><p>on Friday.</p><ul><li>na&iuml;ve</ul>"),
			"See <https://falcon.test/x> *you* at “lunch” on Friday. * naïve"},
		{"a text of a kind that nobody knows", parts("mixed", plain, "Content-Type: text/x-note\n\nThe key is hunter2."),
			"See you at lunch on Friday. + The key is hunter2."},
	} {
		m := collected(t, c.message, 7, Options{})
		var texts []string
		for _, x := range m.Texts {
			s := strings.Join(strings.Fields(x.Own), " ")
			if x.Quoted != "" {
				s += " [" + strings.TrimSpace(x.Quoted) + "]"
			}
			texts = append(texts, s)
		}
		if got := strings.Join(texts, " + "); got != c.texts {
			t.Errorf("%s: %q, want %q", c.name, got, c.texts)
		}
	}
}

// Behind a million letters of nothing something may stand: then the mail says
// that it was not read whole, unless nobody sees what was cut.
func TestCollector_SaysWhatItCut(t *testing.T) {
	filler := strings.Repeat("All work and no play.\n", maxText/20)
	for _, c := range []struct {
		name, message string
		cut           bool
	}{
		{"a long text", "Content-Type: text/plain\n\n" + filler, true},
		{"a long text beside a short one", parts("mixed", plainHello, "Content-Type: text/plain\n\n"+filler), true},
		{"a third text for which there is no room", parts("mixed", "Content-Type: text/plain\n\n"+filler, "Content-Type: text/plain\n\n"+filler, plainHello), true},
		{"a picture inside the markup, and the same in plain", parts("alternative", plainHello, "Content-Type: text/html\n\n<p>Hello from the plain one.<img src=\"data:image/png;base64,"+strings.Repeat("iVBO", maxText/3)+"\">"), false},
		{"a short one", "Content-Type: text/plain\n\nHello.\n", false},
	} {
		if m := collected(t, c.message, 4096, Options{}); m.Cut != c.cut {
			t.Errorf("%s: cut is %v", c.name, m.Cut)
		}
	}
}

// The first octets of a file say whether it can be read, and not its name.
func TestCollector_FilesInDisguise(t *testing.T) {
	for _, c := range []struct{ header, data, want string }{
		{"image/png; name=pay.png", "PK\x03\x04 a workbook", "read"},
		{"image/png; name=pay.png", "%PDF-1.7", "read"},
		{"image/png; name=pay.png", "Jan;4711\nOla;4712\n", "read"},
		{"application/octet-stream; name=pay.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "read"},
		{"application/octet-stream; name=pay.iso", "{\\rtf1 pay}", "read"},
		{"application/gzip; name=pay.csv.gz", "\x1f\x8b\x08 packed", "read"},
		{"application/ms-tnef; name=winmail.dat", "\x78\x9f\x3e\x22", "read"},
		{"image/png; name=logo.png", "\x89PNG\r\n\x1a\n PK\x03\x04", "not read"},
		{"image/svg+xml; name=logo.svg", "<svg/>", "not read"},
		{"video/mp4; name=film.mp4", "\x00\x00\x00\x18ftypmp42", "not read"},
		{"application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----", ""},
		{"application/pgp-signature; name=pay.xlsx", "PK\x03\x04 a workbook", "read"},
		{"text/rfc822-headers; name=pay.csv", "Jan;4711", "read"},
	} {
		ex := &reads{}
		m := collected(t, parts("mixed", plainHello, "Content-Type: "+c.header+"\n\n"+c.data), 0, Options{Extractor: ex})
		got := filesInShort(m)
		if c.want == "" && got != "" || c.want != "" && !strings.HasSuffix(strings.TrimSuffix(got, " not read"), strings.TrimSuffix(c.want, "not read")) || (c.want == "not read") != strings.HasSuffix(got, " not read") {
			t.Errorf("%s: %q, want %q", c.header, got, c.want)
		}
	}
}

// Letters that nobody sees, and letters of another script that look like ours,
// make no other words.
func TestWords_InDisguise(t *testing.T) {
	for text, want := range map[string]string{
		"pass\u00adword":          "password",
		"4405\u200d1401\u2060359": "44051401359",
		"\u202epass\u202cword":    "password",
		"pаsswоrd":                "password", // Cyrillic а and о
		"Сonfidential":            "confidential",
		"ΡESEL":                   "pesel", // a Greek rho
		"ｐａｓｓｗｏｒｄ １２":             "password 12",
		"пароль":                  "пароль",
		"Москва":                  "москва",
		"łąka":                    "laka",
	} {
		var words []string
		for _, w := range wordsIn(text) {
			words = append(words, w.Folded)
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%+q: %q, want %q", text, got, want)
		}
	}
	if own := strings.TrimSpace(SplitText("PESEL ４４０５1401\u200b359").Own); own != "PESEL 44051401359" {
		t.Errorf("%q", own)
	}
}

func wordsIn(text string) []Word {
	t := SplitText(text)
	return t.Words()
}
