package attachment

import (
	"fmt"
	"testing"

	"belay/internal/extract"
	"belay/internal/guard"
	"belay/internal/mail"
	"belay/internal/reading"
)

func look(m *reading.Mail) *guard.Look {
	return &guard.Look{Facts: &guard.Facts{Summary: &mail.Summary{}, Envelope: &mail.Envelope{}}, Mail: m, Own: func(string) bool { return false }}
}

func codes(t testing.TB, l *guard.Look) map[string]guard.Signal {
	t.Helper()
	signals, err := New().Detect(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]guard.Signal{}
	for _, s := range signals {
		if s.Score >= 0.5 {
			list[s.Code] = s
		}
	}
	return list
}

func TestAnAnnouncedFileIsMissed(t *testing.T) {
	for body, want := range map[string]bool{
		"Please find attached the offer.": true, "W załączniku przesyłam ofertę.": true, "Te adjunto el contrato.": true,
		"In allegato il preventivo.": true, "Teklifimiz ektedir.": true, "Vedlagt finner du tilbudet.": true,
		"I will attach it tomorrow.": false, "Thanks for the attached offer.": false, "Could you please attach the invoice?": false,
		"Załącznik prześlę jutro.": false, "Gracias por el adjunto.": false, "Nothing attached here.": false,
		"> please find attached the offer\n\nThanks, I will read it.": false,
		// whoever answers speaks of the other one's file
		"I'll review the attached file and get back to you tomorrow.": false, "Przejrzę załącznik wieczorem.": false,
		"Ekteki dosyayı inceleyip dönüş yapacağım, teşekkürler.": false, "Ekteki sözleşmeyi bu akşam okuyacağım.": false,
		"Ekteki dosyayı inceleyip onaylamanızı rica ederim.": true,
	} {
		l := look(reading.FromTexts("Offer", body, nil, true))
		if s, got := codes(t, l)[CodeMissing]; got != want {
			t.Errorf("%q: %+v, want %v", body, s, want)
		}
	}
}

func TestWhereNobodyKnowsTheFilesNoneIsMissed(t *testing.T) {
	if s := codes(t, look(reading.FromTexts("", "Please find attached the offer.", nil, false))); len(s) > 0 {
		t.Errorf("%+v", s)
	}
	files := []reading.NamedText{{Name: "offer.pdf", Text: "Offer"}}
	if s := codes(t, look(reading.FromTexts("", "Please find attached the offer.", files, true))); len(s) > 0 {
		t.Errorf("with the file there: %+v", s)
	}
	logo := []reading.NamedText{{Name: "image001.png"}}
	if s := codes(t, look(reading.FromTexts("", "Please find attached the offer.", logo, true))); len(s) != 1 {
		t.Errorf("a logo is no offer: %+v", s)
	}
}

func TestFilesThatCannotBeReadAreSaid(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("read a file: %w", err) }
	for _, c := range []struct {
		name string
		file reading.File
		say  string
		want bool
	}{
		{"encrypted by its bytes", reading.File{Attachment: mail.Attachment{Name: "a.zip", Encrypted: true}}, "encrypted", true},
		{"encrypted", reading.File{Attachment: mail.Attachment{Name: "a.pdf"}, Err: wrap(extract.ErrEncrypted)}, "encrypted", true},
		{"damaged", reading.File{Attachment: mail.Attachment{Name: "a.docx"}, Err: wrap(extract.ErrDamaged)}, "damaged", true},
		{"inside an archive", reading.File{Attachment: mail.Attachment{Name: "a.zip"},
			Doc: &extract.Document{Kind: extract.KindZip, Inside: []extract.Entry{{Name: "b.pdf", Err: wrap(extract.ErrEncrypted)}}}}, "encrypted", true},
		{"large", reading.File{Attachment: mail.Attachment{Name: "a.pdf"}, Err: wrap(extract.ErrTooLarge)}, "", false},
		{"a picture", reading.File{Attachment: mail.Attachment{Name: "a.jpg"}, Doc: &extract.Document{Kind: extract.KindPicture}, Err: wrap(extract.ErrUnknown)}, "", false},
		{"in the text", reading.File{Attachment: mail.Attachment{Name: "a.pdf"}, Inline: true, Err: wrap(extract.ErrDamaged)}, "", false},
	} {
		s, got := codes(t, look(&reading.Mail{Files: []reading.File{c.file}, Listed: true}))[CodeUnreadable]
		if got != c.want || got && s.Say != c.say {
			t.Errorf("%s: %+v, want %v %q", c.name, s, c.want, c.say)
		}
	}
}

func FuzzMissing(f *testing.F) {
	f.Add("Please find \"attached\", tomorrow (if) the offer")
	f.Fuzz(func(t *testing.T, text string) { codes(t, look(reading.FromTexts(text, text, nil, true))) })
}
