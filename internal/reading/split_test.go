package reading

import (
	"strings"
	"testing"
)

// splitCase is a text, and what of it its writer wrote. Lines of own and
// signature are given joined by " / ", without empty lines.
type splitCase struct {
	name, text     string
	own, signature string
	quotes         string // a piece that must stand in Quoted, and nowhere else
	language       string
}

func checkSplit(t *testing.T, c splitCase, got Text) {
	t.Helper()
	if own := onOneLine(got.Own); own != c.own {
		t.Errorf("%s: own is\n  %q, want\n  %q", c.name, own, c.own)
	}
	if signature := onOneLine(got.Signature); signature != c.signature {
		t.Errorf("%s: the signature is\n  %q, want\n  %q", c.name, signature, c.signature)
	}
	if c.quotes != "" && !strings.Contains(got.Quoted, c.quotes) {
		t.Errorf("%s: %q is not quoted; that is\n  %q", c.name, c.quotes, got.Quoted)
	}
	if c.quotes == "" && got.Quoted != "" {
		t.Errorf("%s: quoted is %q", c.name, got.Quoted)
	}
	if c.language != "" && got.Language != c.language {
		t.Errorf("%s: the language is %q, want %q", c.name, got.Language, c.language)
	}
}

func onOneLine(s string) string {
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, " / ")
}

func TestSplit_AttributionsOfMailPrograms(t *testing.T) {
	// What stands above a quote, as programs in the six languages write it.
	for name, above := range map[string]string{
		"Gmail en":                "On Tue, Mar 10, 2026 at 9:12 AM Jan Lis <jan@falcon.test> wrote:",
		"Gmail en, broken":        "On Tue, Mar 10, 2026 at 9:12 AM Jan Lis at Falcon Energy <jan@falcon.test>\nwrote:",
		"Gmail en, broken before": "On Tue, Mar 10, 2026 at 9:12 AM Jan Maria Lis-Wiśniewski <\njan@falcon.test> wrote:",
		"Apple en":                "> On 10 Mar 2026, at 09:12, Jan Lis <jan@falcon.test> wrote:",
		"Apple en, new":           "On 10 Mar 2026, at 09:12, Jan Lis <jan@falcon.test> wrote:",
		"Thunderbird en":          "On 10/03/2026 09:12, Jan Lis wrote:",
		"mutt":                    "On Tue, Mar 10, 2026 at 09:12:00AM +0100, Jan Lis wrote:",
		"an old habit":            "Jan Lis writes:",
		"Horde":                   "Quoting Jan Lis <jan@falcon.test>:",
		"Gmail pl":                "wt., 10 mar 2026 o 09:12 Jan Lis <jan@falcon.test> napisał(a):",
		"Thunderbird pl":          "W dniu 10.03.2026 o 09:12, Jan Lis pisze:",
		"Roundcube pl":            "W dniu 2026-03-10 09:12, Jan Lis napisał(a):",
		"Apple pl":                "Wiadomość napisana przez Jan Lis <jan@falcon.test> w dniu 10.03.2026, o godz. 09:12:",
		"Onet":                    "Dnia 10 marca 2026 09:12 Jan Lis <jan@falcon.test> napisał(a):",
		"Horde pl":                "Cytowanie Jan Lis <jan@falcon.test>:",
		"Gmail es":                "El mar, 10 mar 2026 a las 9:12, Jan Lis (<jan@falcon.test>) escribió:",
		"Thunderbird es":          "El 10/3/26 a las 9:12, Jan Lis escribió:",
		"Apple es":                "El 10 mar 2026, a las 9:12, Jan Lis <jan@falcon.test> escribió:",
		"Gmail it":                "Il giorno mar 10 mar 2026 alle ore 09:12 Jan Lis <jan@falcon.test> ha scritto:",
		"Gmail it, broken":        "Il giorno mar 10 mar 2026 alle ore 09:12 Jan Lis <jan@falcon.test>\nha scritto:",
		"Thunderbird it":          "Il 10/03/2026 09:12, Jan Lis ha scritto:",
		"Apple it":                "Il giorno 10 mar 2026, alle ore 09:12, Jan Lis <jan@falcon.test> ha scritto:",
		"Gmail tr":                "Jan Lis <jan@falcon.test>, 10 Mar 2026 Sal, 09:12 tarihinde şunu yazdı:",
		"Gmail tr, broken":        "Jan Lis <jan@falcon.test>, 10 Mar 2026 Sal, 09:12 tarihinde\nşunu yazdı:",
		"Thunderbird tr":          "10.03.2026 09:12 tarihinde Jan Lis yazdı:",
		"Apple tr":                "Jan Lis <jan@falcon.test> şunları yazdı (10 Mar 2026 09:12):",
		"Gmail nb":                "tir. 10. mars 2026 kl. 09:12 skrev Jan Lis <jan@falcon.test>:",
		"Thunderbird nb":          "Den 10.03.2026 09:12, skrev Jan Lis:",
		"Apple nb":                "10. mars 2026 kl. 09:12 skrev Jan Lis <jan@falcon.test>:",
		"Yandex":                  "10.03.2026, 09:12, \"Jan Lis\" <jan@falcon.test>:",
		"Gmail, old":              "2026-03-10 9:12 GMT+01:00 Jan Lis <jan@falcon.test>:",
		"Thunderbird de":          "Am 10.03.26 um 09:12 schrieb Jan Lis:",
		"Proton": "Sent with [Proton Mail](https://proton.me/mail/home) secure email.\n\n------- Original Message -------\n" +
			"On Tuesday, March 10th, 2026 at 9:12 AM, Jan Lis <jan@falcon.test> wrote:\n",
	} {
		text := "Dear Jan,\n\nFriday suits me well.\n\n" + above + "\n\n> Which day suits you?\n> We could come on Friday.\n>\n> Jan\n"
		got := SplitText(text)
		c := splitCase{name: name, own: "Dear Jan, / Friday suits me well.", quotes: "We could come on Friday."}
		c.signature = onOneLine(got.Signature)
		checkSplit(t, c, got)
		if got.Signature != "" && name != "Proton" {
			t.Errorf("%s: the signature is %q", name, got.Signature)
		}
		if !strings.Contains(got.Quoted, "Jan Lis") && !strings.Contains(got.Quoted, "Jan Maria") {
			t.Errorf("%s: the line above is not quoted: %q", name, got.Quoted)
		}
	}
}

func TestSplit_HeadsAndRulesOfMailPrograms(t *testing.T) {
	for name, above := range map[string]string{
		"Outlook en":                 "From: Jan Lis <jan@falcon.test>\nSent: Tuesday, March 10, 2026 9:12 AM\nTo: Anna Nowak <anna@corp.test>\nSubject: Friday\n",
		"Outlook en, internal":       "From: Lis, Jan\nSent: Tuesday, March 10, 2026 9:12 AM\nTo: Nowak, Anna\nCc: Holm, Kari; Rossi, Luca;\nDemir, Ahmet\nSubject: Friday\n",
		"Outlook en, ruled":          "________________________________\nFrom: Jan Lis <jan@falcon.test>\nSent: Tuesday, March 10, 2026 9:12 AM\nTo: Anna Nowak <anna@corp.test>\nSubject: Friday\n",
		"Outlook en, old":            "-----Original Message-----\nFrom: Jan Lis [mailto:jan@falcon.test]\nSent: Tuesday, March 10, 2026 9:12 AM\nTo: Anna Nowak\nSubject: Friday\n",
		"Outlook, bold":              "*From:* Jan Lis <jan@falcon.test>\n*Sent:* Tuesday, March 10, 2026 9:12 AM\n*To:* Anna Nowak\n*Subject:* Friday\n",
		"Outlook, spread out":        "From: Jan Lis <jan@falcon.test>\n\nSent: Tuesday, March 10, 2026 9:12 AM\n\nTo: Anna Nowak\n\nSubject: Friday\n",
		"Outlook pl":                 "Od: Jan Lis <jan@falcon.test>\nWysłano: wtorek, 10 marca 2026 09:12\nDo: Anna Nowak <anna@corp.test>\nDW: Ewa Lis\nTemat: Piątek\n",
		"Outlook es":                 "De: Jan Lis <jan@falcon.test>\nEnviado el: martes, 10 de marzo de 2026 9:12\nPara: Anna Nowak <anna@corp.test>\nAsunto: El viernes\n",
		"Outlook it":                 "Da: Jan Lis <jan@falcon.test>\nInviato: martedì 10 marzo 2026 09:12\nA: Anna Nowak <anna@corp.test>\nOggetto: Venerdì\n",
		"Outlook tr":                 "Kimden: Jan Lis <jan@falcon.test>\nGönderme Tarihi: 10 Mart 2026 Salı 09:12\nKime: Anna Nowak <anna@corp.test>\nKonu: Cuma\n",
		"Outlook tr, old":            "Gönderen: Jan Lis\nGönderildi: 10 Mart 2026 Salı 09:12\nAlıcı: Anna Nowak\nBilgi: Ewa\nKonu: Cuma\n",
		"Outlook nb":                 "Fra: Jan Lis <jan@falcon.test>\nSendt: tirsdag 10. mars 2026 09:12\nTil: Anna Nowak <anna@corp.test>\nEmne: Fredag\n",
		"rule pl":                    "-----Wiadomość oryginalna-----\nOd: Jan Lis\nData: 10.03.2026\n",
		"rule es":                    "-----Mensaje original-----\nDe: Jan Lis\n",
		"rule it":                    "-----Messaggio originale-----\nDa: Jan Lis\n",
		"rule tr":                    "-----Özgün İleti-----\nKimden: Jan Lis\n",
		"rule nb":                    "-----Opprinnelig melding-----\nFra: Jan Lis\n",
		"Lotus":                      "-----Jan Lis <jan@falcon.test> wrote: -----\nTo: Anna Nowak\n",
		"Zoho":                       "---- On Tue, 10 Mar 2026 09:12:00 +0100 Jan Lis <jan@falcon.test> wrote ----\n",
		"Samsung":                    "-------- Original message --------\nFrom: Jan Lis <jan@falcon.test>\nDate: 10/03/2026 09:12 (GMT+01:00)\nTo: anna@corp.test\nSubject: Friday\n",
		"Outlook for telephones, nb": "Fra: Jan Lis <jan@falcon.test>\nDato: tirsdag 10. mars 2026 kl. 09:12\nTil: Anna Nowak\nEmne: Fredag\n",
		"Gmail, forwarded":           "---------- Forwarded message ---------\nFrom: Jan Lis <jan@falcon.test>\nDate: Tue, Mar 10, 2026 at 9:12 AM\nSubject: Friday\nTo: <anna@corp.test>\n",
		"Thunderbird, pl":            "-------- Treść przekazanej wiadomości --------\nTemat: Piątek\nData: Tue, 10 Mar 2026 09:12:00 +0100\nOd: Jan Lis\nAdresat: Anna\n",
		"Thunderbird, it":            "-------- Messaggio Inoltrato --------\nOggetto: Venerdì\nData: Tue, 10 Mar 2026\nMittente: Jan Lis\nA: Anna\n",
		"Apple, forwarded":           "Begin forwarded message:\n\nFrom: Jan Lis <jan@falcon.test>\nSubject: Friday\nDate: 10 March 2026 at 09:12:00 CET\nTo: Anna\n",
		"Apple, forwarded es":        "Inicio del mensaje reenviado:\n\nDe: Jan Lis <jan@falcon.test>\nAsunto: El viernes\nFecha: 10 de marzo de 2026, 9:12\nPara: Anna\n",
		"Notes":                      "Jan Lis\n03/10/2026 09:12 AM\nTo: Anna Nowak/WAW/CORP@CORP\ncc:\nSubject: Friday\n",
		"Notes, long list":           "Jan Lis@CORP on 10/03/2026 09:12:05\nTo: Anna Nowak/WAW/CORP@CORP, Ewa Lis/WAW/CORP@CORP, Kari\nHolm/OSL/CORP@CORP, Luca Rossi/MIL/CORP@CORP, Ahmet\nDemir/IST/CORP@CORP, Ana Ruiz/MAD/CORP@CORP\ncc: Tom Green/LON/CORP@CORP\n\nSubject: Friday\n",
		"Notes, spread out":          "\tFrom:  Jan Lis                           10/03/26 09:12 AM\n\t\n\n\t\n\n\nTo: Anna Nowak/WAW/CORP\ncc:\n\nSubject: Friday\n",
		"Notes, forwarded":           "---------------------- Forwarded by Anna Nowak/WAW/CORP on 03/10/2026\n10:22 AM ---------------------------\n\nJan Lis\n03/10/2026 09:12 AM\nTo: Anna Nowak/WAW/CORP@CORP\ncc:\nSubject: Friday\n",
		"WP":                         "Dnia 10 marca 2026 09:12 Jan Lis <jan@falcon.test> napisał(a):\n",
		"Yahoo, without signs":       "On Tuesday, March 10, 2026, 9:12 AM, Jan Lis <jan@falcon.test> wrote:\n",
	} {
		text := "Dear Jan,\n\nFriday suits me well.\n\n" + above + "\nWhich day suits you?\nWe could come on Friday.\n\nBest regards\nJan\n"
		got := SplitText(text)
		checkSplit(t, splitCase{name: name, own: "Dear Jan, / Friday suits me well.", quotes: "We could come on Friday."}, got)
		if !strings.Contains(got.Quoted, "Jan Lis") && !strings.Contains(got.Quoted, "Lis, Jan") {
			t.Errorf("%s: the head is not quoted: %q", name, got.Quoted)
		}
	}
}

func TestSplit_SignaturesInSixLanguages(t *testing.T) {
	for _, c := range []splitCase{
		{name: "en", language: "en", text: "Hello Jan,\n\nthe offer is attached. Please have a look at it before Friday.\n\nBest regards,\n\nAnna Nowak\nSales Manager | Corp Ltd\nT: +44 20 7946 0101\nwww.corp.test\n",
			own: "Hello Jan, / the offer is attached. Please have a look at it before Friday.", signature: "Best regards, / Anna Nowak / Sales Manager | Corp Ltd / T: +44 20 7946 0101 / www.corp.test"},
		{name: "pl", language: "pl", text: "Cześć Janie,\n\nw załączniku przesyłam umowę. Daj znać, czy wszystko się zgadza.\n\nPozdrawiam serdecznie\nAnna Nowak\n\nKierownik Działu Zakupów\ntel. 22 555 01 02\nNIP 111-111-11-11\n",
			own: "Cześć Janie, / w załączniku przesyłam umowę. Daj znać, czy wszystko się zgadza.", signature: "Pozdrawiam serdecznie / Anna Nowak / Kierownik Działu Zakupów / tel. 22 555 01 02 / NIP 111-111-11-11"},
		{name: "es", language: "es", text: "Buenos días, Jan:\n\nLe adjunto el contrato para que lo revise.\n\nUn saludo,\nAna Ruiz\nDpto. de Compras\nMóvil: 600 123 123\n",
			own: "Buenos días, Jan: / Le adjunto el contrato para que lo revise.", signature: "Un saludo, / Ana Ruiz / Dpto. de Compras / Móvil: 600 123 123"},
		{name: "it", language: "it", text: "Gentile dott. Rossi,\n\nin allegato trova il contratto.\n\nCordiali saluti,\ndott.ssa Anna Neri\nStudio Neri & Associati\nVia Roma 1, 20121 Milano\nP.IVA 01234567890\n",
			own: "Gentile dott. Rossi, / in allegato trova il contratto.", signature: "Cordiali saluti, / dott.ssa Anna Neri / Studio Neri & Associati / Via Roma 1, 20121 Milano / P.IVA 01234567890"},
		{name: "tr", language: "tr", text: "Ahmet Bey merhaba,\n\nSözleşmeyi ekte bulabilirsiniz.\n\nSaygılarımla,\nAyşe Yılmaz\nSatın Alma Müdürü\n0212 555 01 02\n",
			own: "Ahmet Bey merhaba, / Sözleşmeyi ekte bulabilirsiniz.", signature: "Saygılarımla, / Ayşe Yılmaz / Satın Alma Müdürü / 0212 555 01 02"},
		{name: "nb", language: "nb", text: "Kjære Kari,\n\nKontrakten er vedlagt. Gi beskjed om noe ikke stemmer.\n\nMed vennlig hilsen\nOla Nordmann\nInnkjøpssjef\nMob. 900 12 345\n",
			own: "Kjære Kari, / Kontrakten er vedlagt. Gi beskjed om noe ikke stemmer.", signature: "Med vennlig hilsen / Ola Nordmann / Innkjøpssjef / Mob. 900 12 345"},
		{name: "two dashes", text: "The plan is fine.\n\n-- \nAnna Nowak\nNever send to: plan@corp.test\n", own: "The plan is fine.", signature: "-- / Anna Nowak / Never send to: plan@corp.test"},
		{name: "a closing with the name on its line", text: "Przesyłam umowę.\n\nPozdrawiam, Ania\n", own: "Przesyłam umowę.", signature: "Pozdrawiam, Ania"},
		{name: "thanks stay", text: "Could you sign it today?\n\nThanks,\nAnna\n", own: "Could you sign it today? / Thanks,", signature: "Anna"},
		{name: "thanks alone are a text", text: "Thanks!\n\nAnna", own: "Thanks!", signature: "Anna"},
		{name: "thanks at the beginning", text: "Thanks,\n\nI have looked at the plan and it seems fine to me.\nWe can begin on Monday.\n", own: "Thanks, / I have looked at the plan and it seems fine to me. / We can begin on Monday."},
		{name: "a postscript", text: "The plan is fine.\n\nBest regards\nAnna\n\nPS. The figures are attached as well, please check them.\n", own: "The plan is fine. / PS. The figures are attached as well, please check them.", signature: "Best regards / Anna"},
		{name: "a card without a closing", text: "The plan is fine, we can begin on Monday.\n\nAnna Nowak\nHead of Purchasing\nCorp Ltd\n+48 22 555 01 02\nanna@corp.test\n",
			own: "The plan is fine, we can begin on Monday.", signature: "Anna Nowak / Head of Purchasing / Corp Ltd / +48 22 555 01 02 / anna@corp.test"},
		{name: "a card that is what the mail is about", text: "Hello Jan,\n\nhere is whom you asked for:\n\nTom Green\n+44 20 7946 0102\ntom@heron.test\n",
			own: "Hello Jan, / here is whom you asked for: / Tom Green / +44 20 7946 0102 / tom@heron.test"},
		{name: "a mail of nothing but a card", text: "Tom Green\n+44 20 7946 0102\ntom@heron.test\n", own: "Tom Green / +44 20 7946 0102 / tom@heron.test"},
		{name: "a card right below the last sentence", text: "The photographs are in the post.\nCraig Munro\n07700 900 655\n", own: "The photographs are in the post.", signature: "Craig Munro / 07700 900 655"},
		{name: "a card, and a short word of lawyers", text: "Spokojnie, zdążymy.\n\nBeata Lis\ntel. 22 000 44 18\nWiadomość może zawierać informacje poufne.\n",
			own: "Spokojnie, zdążymy.", signature: "Beata Lis / tel. 22 000 44 18 / Wiadomość może zawierać informacje poufne."},
		{name: "a firm with its number", text: "Prosimy o dopisanie pełnomocnika do umowy.\n\nCorp Polska sp. z o.o.\nNIP 111-111-11-11\n", own: "Prosimy o dopisanie pełnomocnika do umowy.", signature: "Corp Polska sp. z o.o. / NIP 111-111-11-11"},
		{name: "another firm's number", text: "Proszę wystawić fakturę na:\n\nStolarnia Dąb sp. z o.o.\nNIP 111-111-11-11\n", own: "Proszę wystawić fakturę na: / Stolarnia Dąb sp. z o.o. / NIP 111-111-11-11"},
		{name: "a greeting that closes as well", text: "Ciao, credenziali per il backup:\nutente = notte\nBucket corp\n", own: "Ciao, credenziali per il backup: / utente = notte / Bucket corp"},
		{name: "another such greeting", text: "İyi günler Ahmet Bey,\n\nDosya ekte.\n\nAyşe\n", own: "İyi günler Ahmet Bey, / Dosya ekte.", signature: "Ayşe"},
		{name: "nothing but a closing", text: "Pozdrawiam\nHalina Ptak\n", own: "", signature: "Pozdrawiam / Halina Ptak"},
		{name: "a name on the last line", text: "Klucze są w recepcji.\nNatalia", own: "Klucze są w recepcji.", signature: "Natalia"},
		{name: "a telephone en", text: "Yes, do that.\n\nSent from my iPhone\n", own: "Yes, do that.", signature: "Sent from my iPhone"},
		{name: "a telephone pl", text: "Tak, zrób to.\n\nWysłane z iPhone'a\n", own: "Tak, zrób to.", signature: "Wysłane z iPhone'a"},
		{name: "a telephone es", text: "Sí, adelante.\n\nEnviado desde mi Samsung\n", own: "Sí, adelante.", signature: "Enviado desde mi Samsung"},
		{name: "a telephone it", text: "Va bene.\n\nInviato da Outlook per iOS\n", own: "Va bene.", signature: "Inviato da Outlook per iOS"},
		{name: "a telephone tr", text: "Olur.\n\niPhone'umdan gönderildi\n", own: "Olur.", signature: "iPhone'umdan gönderildi"},
		{name: "a telephone nb", text: "Ja, gjør det.\n\nSendt fra min iPhone\n", own: "Ja, gjør det.", signature: "Sendt fra min iPhone"},
		{name: "Outlook for telephones", text: "Tak.\n\nPobierz aplikację Outlook dla systemu iOS<https://aka.ms/o0ukef>\n", own: "Tak.", signature: "Pobierz aplikację Outlook dla systemu iOS<https://aka.ms/o0ukef>"},
		{name: "something that was sent", text: "Sent from the warehouse this morning: three boxes.\n", own: "Sent from the warehouse this morning: three boxes."},
		{name: "a disclaimer en", text: "The plan is fine.\n\nAnna\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you have received this message in error, please notify the sender and delete it.\n",
			own: "The plan is fine.", signature: "Anna / This e-mail and any attachments are confidential and intended solely for the addressee. If you have received this message in error, please notify the sender and delete it."},
		{name: "a disclaimer pl", text: "Zgoda.\n\nNiniejsza wiadomość i załączniki są poufne i przeznaczone wyłącznie dla adresata. Jeśli otrzymali ją Państwo omyłkowo, prosimy o powiadomienie nadawcy i jej usunięcie.\n",
			own: "Zgoda.", signature: "Niniejsza wiadomość i załączniki są poufne i przeznaczone wyłącznie dla adresata. Jeśli otrzymali ją Państwo omyłkowo, prosimy o powiadomienie nadawcy i jej usunięcie."},
		{name: "a disclaimer es", text: "De acuerdo.\n\nEste mensaje y sus archivos adjuntos son confidenciales y van dirigidos exclusivamente a su destinatario. Si lo ha recibido por error, le rogamos lo comunique al remitente y lo elimine.\n",
			own: "De acuerdo.", signature: "Este mensaje y sus archivos adjuntos son confidenciales y van dirigidos exclusivamente a su destinatario. Si lo ha recibido por error, le rogamos lo comunique al remitente y lo elimine."},
		{name: "a disclaimer it", text: "Va bene.\n\nIl presente messaggio e gli allegati sono riservati e destinati esclusivamente al destinatario. Qualora lo abbiate ricevuto per errore, siete pregati di cancellarlo e di avvisare il mittente.\n",
			own: "Va bene.", signature: "Il presente messaggio e gli allegati sono riservati e destinati esclusivamente al destinatario. Qualora lo abbiate ricevuto per errore, siete pregati di cancellarlo e di avvisare il mittente."},
		{name: "a disclaimer tr", text: "Olur.\n\nBu e-posta ve ekleri gizli bilgiler içerebilir ve yalnızca alıcısına yöneliktir. Yanlışlıkla size ulaştıysa lütfen göndereni bilgilendiriniz ve mesajı siliniz; kopyalanması ve dağıtılması yasaktır.\n",
			own: "Olur.", signature: "Bu e-posta ve ekleri gizli bilgiler içerebilir ve yalnızca alıcısına yöneliktir. Yanlışlıkla size ulaştıysa lütfen göndereni bilgilendiriniz ve mesajı siliniz; kopyalanması ve dağıtılması yasaktır."},
		{name: "a disclaimer nb", text: "Greit.\n\nDenne e-posten og eventuelle vedlegg er konfidensielle og kun ment for adressaten. Har du mottatt den ved en feil, ber vi om at du varsler avsender og sletter meldingen.\n",
			own: "Greit.", signature: "Denne e-posten og eventuelle vedlegg er konfidensielle og kun ment for adressaten. Har du mottatt den ved en feil, ber vi om at du varsler avsender og sletter meldingen."},
		{name: "somebody whose mail went astray", text: "Dear Mr Lis,\n\nI sent you an e-mail by mistake that was intended for another recipient. It is confidential: please delete it, and do not copy or disclose it. Sorry.\n",
			own: "Dear Mr Lis, / I sent you an e-mail by mistake that was intended for another recipient. It is confidential: please delete it, and do not copy or disclose it. Sorry."},
		{name: "a mailing list", text: "The plan is fine.\n\n_______________________________________________\nplans mailing list\nplans@lists.test\nhttps://lists.test/plans\n",
			own: "The plan is fine.", signature: "_______________________________________________ / plans mailing list / plans@lists.test / https://lists.test/plans"},
		{name: "notes below the name", text: "See [1] for the plan, it is all there.\n\nRegards\nAnna\n\n[1] https://corp.test/plan\n", own: "See [1] for the plan, it is all there. / [1] https://corp.test/plan", signature: "Regards / Anna"},
	} {
		checkSplit(t, c, SplitText(c.text))
	}
}

func TestSplit_AnswersBetweenQuotes(t *testing.T) {
	for _, c := range []splitCase{
		{name: "inline", text: "Hello Jan,\n\nOn 10/03/2026 09:12, Jan Lis wrote:\n> Which day suits you?\nFriday.\n\n> And at what time?\n\nAt nine. The map is attached.\n\n> Jan\n\nBest regards\nAnna\n",
			own: "Hello Jan, / Friday. / At nine. The map is attached.", signature: "Best regards / Anna", quotes: "And at what time?"},
		{name: "below", text: "On 10/03/2026 09:12, Jan Lis wrote:\n> Which day suits you?\n\nFriday.\n", own: "Friday.", quotes: "Which day"},
		{name: "a quote that was broken once more", text: "Yes.\n\n> The transport costs are higher than last year, mainly because of the new\nwarehouse\n> in the north.\n",
			own: "Yes.", quotes: "warehouse"},
		{name: "two depths", text: "Yes.\n\n> Shall we?\n>> He says that we should.\n> > And she too.\n", own: "Yes.", quotes: "And she too."},
		{name: "a mailbox's escape", text: ">From Monday on we are in the new house.\nCome and see us.\n", own: "From Monday on we are in the new house. / Come and see us."},
		{name: "set in, answered at the margin", text: "On 4/30/26, 12:01 PM, \"Jan Lis\" <jan@falcon.test> wrote:\n\n    Where do we get the file from?\n    Is there an example?\n\nIt is attached.\n\n    We need it on Monday.\n    And the other one, too.\n    Jan\n",
			own: "It is attached.", quotes: "We need it on Monday."},
		{name: "a cut quote", text: "On 10/03/2026 09:12, Jan Lis wrote:\n[...]\n> Which day suits you?\n\nFriday.\n", own: "Friday.", quotes: "Which day"},
		{name: "a head, and quote signs below it", text: "From: jan@falcon.test\nDate: Tue, 10 Mar 2026 09:12:00 +0100\n\n> The plan is changed.\n\nApplied, thank you.\n", own: "Applied, thank you.", quotes: "The plan is changed."},
		{name: "a head of one line", text: "To trzeba poprawić.\n\nOd: Księgowa\n> Policzyli za dużo.\n", own: "To trzeba poprawić.", quotes: "Od: Księgowa"},
		{name: "a short head", text: "Guarda tu.\n\nDa: Sara\nOggetto: Parcelle\n\nMancano due.\n", own: "Guarda tu.", quotes: "Mancano due."},
		{name: "a journey is no head", text: "Your ticket:\n\nDate: 12 May\nFrom: Oslo\nTo: Bergen\n\nHave a good time there.\n", own: "Your ticket: / Date: 12 May / From: Oslo / To: Bergen / Have a good time there."},
		{name: "hours are no head", text: "Zmiana godzin:\nOd: 8:00\nDo: 16:00\nData: 12.05.2026\n", own: "Zmiana godzin: / Od: 8:00 / Do: 16:00 / Data: 12.05.2026"},
		{name: "telling what somebody wrote", text: "Marco ha scritto:\nil prezzo è troppo alto. Che facciamo?\n", own: "Marco ha scritto: / il prezzo è troppo alto. Che facciamo?"},
		{name: "nothing but a forwarded mail", text: "---------- Forwarded message ---------\nFrom: Jan Lis <jan@falcon.test>\nSubject: Plan\n\nSee the plan.\n", own: "", quotes: "See the plan."},
		{name: "nothing", text: "", own: ""},
		{name: "blanks", text: " \n\t\n\u00a0\n", own: ""},
	} {
		checkSplit(t, c, SplitText(c.text))
	}
}
