package mail

import (
	"strings"
	"testing"
)

// attributions are what programs put above the mail that is answered.
var attributions = map[string][]string{
	"Gmail": {
		"On Fri, Nov 14, 2025 at 1:00 PM belay <re@belay.corp.test> wrote:",
		"On Fri, Nov 14, 2025 at 1:00 PM belay <\nre+abcdefghijklmnopqrstuvwxyz@belay.corp.test> wrote:",
		"pt., 14 lis 2025 o 13:00 belay <re@belay.corp.test> napisał(a):",
		"pt., 14 lis 2025 o 13:00 belay <re+abcdefghijklmnopqrstuvwxyz@belay.corp.test>\nnapisał(a):",
		"El vie, 14 nov 2025 a las 13:00, belay (<re@belay.corp.test>) escribió:",
		"El vie, 14 nov 2025 a la(s) 1:00 p.m., belay (\nre@belay.corp.test) escribió:",
		"Il giorno ven 14 nov 2025 alle ore 13:00 belay <re@belay.corp.test> ha\nscritto:",
		"Il giorno ven 14 nov 2025 alle ore 13:00 belay <re@belay.corp.test> ha scritto:",
		"belay <re@belay.corp.test>, 14 Kas 2025 Cum, 13:00 tarihinde şunu yazdı:",
		"belay <re+abcdefghijklmnopqrstuvwxyz@belay.corp.test>, 14 Kas 2025 Cum,\n13:00 tarihinde şunu yazdı:",
		"fre. 14. nov. 2025 kl. 13:00 skrev belay <re@belay.corp.test>:",
	},
	"Apple Mail": {
		"On 14 Nov 2025, at 13:00, belay <re@belay.corp.test> wrote:",
		"> On 14 Nov 2025, at 13:00, belay <re@belay.corp.test> wrote:",
		"> Wiadomość napisana przez belay <re@belay.corp.test> w dniu 14 lis 2025, o godz. 13:00:",
		"Dnia 14 lis 2025 o godz. 13:00 belay <re@belay.corp.test> napisał(a):",
		"> El 14 nov 2025, a las 13:00, belay <re@belay.corp.test> escribió:",
		"> Il giorno 14 nov 2025, alle ore 13:00, belay <re@belay.corp.test> ha scritto:",
		"> belay <re@belay.corp.test> şunları yazdı (14 Kas 2025 13:00):",
		"14. nov. 2025 kl. 13:00 skrev belay <re@belay.corp.test>:",
	},
	"Thunderbird": {
		"On 14/11/2025 13:00, belay wrote:",
		"W dniu 14.11.2025 o 13:00, belay pisze:",
		"El 14/11/25 a las 13:00, belay escribió:",
		"Il 14/11/2025 13:00, belay ha scritto:",
		"14.11.2025 13:00 tarihinde belay yazdı:",
		"Den 14.11.2025 13:00, skrev belay:",
	},
	"Outlook": {
		"-----Original Message-----\nFrom: belay <re@belay.corp.test>",
		"________________________________\nFrom: belay <re@belay.corp.test>\nSent: Friday, 14 November 2025 13:00",
		"From: belay <re@belay.corp.test>\nSent: Friday, 14 November 2025 13:00",
		"Od: belay <re@belay.corp.test>\nWysłane: piątek, 14 listopada 2025 13:00",
		"-----Oryginalna wiadomość-----",
		"De: belay <re@belay.corp.test>\nEnviado el: viernes, 14 de noviembre de 2025 13:00",
		"Da: belay <re@belay.corp.test>\nInviato: venerdì 14 novembre 2025 13:00",
		"Kimden: belay <re@belay.corp.test>\nGönderildi: 14 Kasım 2025 Cuma 13:00",
		"Fra: belay <re@belay.corp.test>\nSendt: fredag 14. november 2025 13:00",
		"*From:* belay <re@belay.corp.test>",
		"**Od:** belay <re@belay.corp.test>",
	},
}

func TestOwnWords_EndAboveTheQuotesOfEveryProgram(t *testing.T) {
	for program, lines := range attributions {
		for _, line := range lines {
			for _, quote := range []string{"\n> Approve it?\n", "\nApprove it?\nno\n"} {
				text := "Tak, proszę wysłać.\n\n" + line + "\n" + quote
				if got := OwnWords(text); got != "Tak, proszę wysłać." {
					t.Errorf("%s: own words are %q", program, got)
				}
			}
		}
	}
}

func TestOwnWords_WithoutWhatTelephonesAdd(t *testing.T) {
	for _, line := range []string{"Sent from my iPhone", "Sent from Outlook for iOS", "Get Outlook for Android<https://aka.ms/AAb9ysg>", "Sent with Proton Mail",
		"Wysłane z iPhone'a", "Wysłano z mojego smartfona Galaxy", "Pobierz aplikację Outlook dla systemu iOS", "Enviado desde mi iPhone",
		"Obtener Outlook para Android", "Inviato da iPhone", "Inviato da Outlook per iOS", "Scarica Outlook per iOS", "iPhone’umdan gönderildi", "iPhone'umdan gönderildi",
		"iOS için Outlook’u edinin", "Sendt fra min iPhone", "Hent Outlook for iOS", "Skaff deg Outlook for iOS"} {
		if got := OwnWords("Ja\n\n" + line + "\n"); got != "Ja" {
			t.Errorf("own words are %q", got)
		}
	}
	for _, own := range []string{"Descarga el anexo y dime algo.", "Hent den i morgen.", "Sendt?", "On Monday I shall be there.", "a@corp.test\n\nwrote: nothing"} {
		if got := OwnWords(own); got != own {
			t.Errorf("of %q only %q is left", own, got)
		}
	}
}

func TestText_QuotesInHTMLAreMarked(t *testing.T) {
	message := "Content-Type: text/html\r\n\r\n<div dir=ltr>Yes, send it.</div><br><blockquote type=\"cite\"><div>Approve <b>it</b>?</div><div></div>" +
		"<blockquote><p>no</p></blockquote></blockquote><p>Anna</p>"
	if got := Text([]byte(message)); got != "Yes, send it.\n\n> Approve it?\n\n> no\n\nAnna\n" {
		t.Errorf("the text is %q", got)
	}
	if got := OwnWords(Text([]byte(message))); strings.Contains(got, "no") || !strings.HasPrefix(got, "Yes, send it.") {
		t.Errorf("own words are %q", got)
	}
}
