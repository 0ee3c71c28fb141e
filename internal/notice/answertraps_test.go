package notice

import (
	"testing"

	"belay/internal/locale"
)

// Short answers as people type them on telephones: colloquial, without
// diacritics, drawn out.
func TestAnswers_AsPeopleTypeThemOnTelephones(t *testing.T) {
	for language, rows := range map[string]map[heard][]string{
		"en": {
			heardYes: {"k", "kk", "yesss", "okkk", "sure thing", "sounds good", "works for me", "perfect, thanks", "Yes, it may leave", "it may leave", "ok by me", "alright", "please proceed"},
			heardNo:  {"noooo", "no go", "It must not leave", "veto", "don't approve", "I don't think so", "No, it isn't", "it is not right", "not ok"},
		},
		"pl": {
			heardYes: {"taaak", "okok", "jasne", "spoko", "spoko, dzieki", "moze wyjsc", "Tak, może wyjść", "mozesz wyslac", "slij", "śmiało", "dla mnie ok", "Proszę o wysłanie", "dawaj, wysylaj", "pełna zgoda", "jestem za", "wszystko gra", "tak, bez uwag"},
			heardNo:  {"nieee", "nie ma mowy", "Nie, nie może wyjść", "nie może wyjść", "nie ten adres", "zły odbiorca", "niewłaściwa osoba", "pod żadnym pozorem", "nie ok", "wycofaj", "weto", "jestem przeciw"},
		},
		"es": {
			heardYes: {"siii", "vale", "vale, porfa", "sip", "okis", "por mí vale", "por mi parte ok", "me parece bien", "puedes mandarlo", "Sí, puede salir", "puede salir", "exacto", "así es", "Sí, sin problema", "Sí, ningún problema", "envíelo, por favor"},
			heardNo:  {"nooo", "nop", "para", "Para, por favor", "No, no debe salir", "no debe salir", "ni de broma", "que no", "no lo mandéis", "dirección equivocada", "no es así", "está mal"},
		},
		"it": {
			heardYes: {"siii", "vabene", "va bene", "d’accordo", "d'accordo", "d accordo", "manda pure", "vai", "procedi pure", "puoi mandarlo", "Sì, può partire", "può partire", "giusto", "Sì, come no", "Sì, niente in contrario", "va benissimo", "puoi inviarlo, grazie"},
			heardNo:  {"nooo", "No, non deve partire", "non deve partire", "non mandarla", "non se ne parla", "destinatario sbagliato", "è sbagliato", "stoppa", "bloccala", "non spedirlo"},
		},
		"tr": {
			heardYes: {"tmm", "tamam", "tamamdır", "olur", "tabiki", "evettt", "aynen", "Evet, çıkabilir", "çıkabilir", "uygundur, gönderilsin", "onaylıyoruz", "onay verilmiştir", "yolla", "Tamam, sorun yok", "olur, hiç sorun değil"},
			heardNo:  {"hayırrr", "Hayır, çıkmasın", "çıkmasın", "olmaz", "uygun görmüyorum", "gönderilmemeli", "onay verilmedi", "yollama", "yanlış alıcı", "olumsuz"},
		},
		"nb": {
			heardYes: {"jaaa", "den er grei", "grei", "Den er grei, takk", "greit", "kjør på", "bare kjør", "bare kjør på", "Ja, den kan gå", "det ser bra ut", "helt ok", "ok for meg", "fritt fram", "ja takk", "Ja, ingen innvendinger", "du kan sende den", "det er rett"},
			heardNo:  {"neiii", "nei takk", "nei da", "avslag", "Nei, den skal ikke gå", "den skal ikke gå", "ikke la den gå", "det går ikke", "den er feil", "feil mottaker", "det er ikke riktig"},
		},
	} {
		for kind, texts := range rows {
			for _, text := range texts {
				for _, variant := range []string{text, foldAll(text)} {
					if got, _ := hear(variant, language); got != kind {
						t.Errorf("%s: %q is heard as %s, want %s", language, variant, got, kind)
					}
				}
			}
		}
	}
}

// What sounds like an answer and decides nothing: polite words, hesitation,
// receipts, questions, words that mean something else next door.
func TestAnswers_WhatOnlySoundsLikeOneDecidesNothing(t *testing.T) {
	for language, texts := range map[string][]string{
		"en": {"No problem", "No worries", "no worries, go ahead", "Right now, I am out of the office", "Ok, who is Bob?", "Yes, why?", "OK, I'll check", "Ok, I will have a look", "OK, noted",
			"ok, got it", "Ok, stop the mail to Bob", "Ok\n\nStop the mail, please", "Yes.\nBut take the attachment off first", "Yes.\n\nIf Bob agrees.", "Yes. Good price.\nIf Bob agrees", "Yes, there is a mistake",
			"Don't stop it", "do not cancel", "not rejected", "Thanks\nSi", "Thanks, Si", "Thank you!\nY", "Okay, let me check", "yes\nI'll check it with Bob", "Never mind", "No rush", "as you like", "Received", "Sure?"},
		"pl": {"Nie ma problemu", "nie ma sprawy", "Nie no, spoko", "nie no, wysyłaj", "No", "no tak", "no jasne", "no nie", "Ja", "Ja też", "pewnie tak", "pewnie nie", "chyba tak", "raczej nie", "nie odrzucam",
			"nie zatrzymuj", "nie zatrzymać", "Tak, wstrzymaj się z tym", "Dobrze, zajmę się tym", "Ok, sprawdzę", "OK, przyjąłem", "ok, dam znać", "jak chcesz", "Potwierdzam odbiór", "Tak.\nAle najpierw popraw cenę", "Tak, jest błąd",
			"Nie mam nic przeciwko", "Dziękuję\nZgoda", "Przyjęłam", "dobra robota", "Jasne?"},
		"es": {"Ningún problema", "Sin problema", "No pasa nada", "sí, pero…", "Sí, pero", "si...pero", "No lo detengas", "no cancelar", "Y…", "Entendido", "Ok, recibido", "Vale, lo miro", "Vale, te digo", "como quieras", "Sí, está mal",
			"Vale. Pero quita el anexo", "Sí.\nPero antes corrige el precio", "Sí.\nSi Juan está de acuerdo", "Ok, detén el correo de Juan", "Gracias\nVale", "Creo que sí", "supongo", "¿Vale?", "Vale, ¿quién es?"},
		"it": {"Nessun problema", "Non c’è problema", "niente in contrario", "Ricevuto", "Ok, ricevuto", "Va bene, controllo", "Ok, ci guardo", "Ok, ti faccio sapere", "Non fermarlo", "come vuoi", "Va bene.\nMa togli l’allegato", "Sì\nse Gianni è d’accordo", "Sì, c’è un errore",
			"Grazie\nVale", "Grazie, Vale", "Ok, ferma il messaggio a Gianni", "vabbè", "Credo di sì", "penso di no", "Ma sì", "Va bene?", "Ok, chi è?"},
		"tr": {"Sorun yok", "Sorun değil", "yok", "Yok, sorun değil", "Tamam mı?", "olur mu", "Peki, neden bana soruluyor?", "Tamam, bakarım", "Tamam, inceleyeceğim", "Anladım", "tamam anlaşıldı", "Tamam, not aldım", "Tamam, durdurun onu",
			"Tak", "Teşekkürler\nOnay", "Teşekkürler, Uygun", "Evet.\nAma önce fiyatı düzeltin", "Evet, hata var", "durdurma", "nasıl isterseniz", "Galiba evet", "Onay bekliyorum", "Kolay gelsin", "iptal etmeyin"},
		"nb": {"Ikke noe problem", "Ingen problem", "det er ikke noe problem", "Tak", "Si fra", "Si", "Ok, jeg skal se på det", "Greit, jeg sjekker", "Ok, notert", "Mottatt", "Ja, jeg gir beskjed", "ikke stopp den", "som du vil", "Ja.\nMen ta ut vedlegget",
			"Ja, det er en feil i prisen", "Ok, stopp e-posten til Jan", "Jeg tror det", "tja", "Ja, hvem er Robert?", "Greit?", "jo", "Ja, hold den igjen"},
	} {
		for _, text := range texts {
			for _, variant := range []string{text, foldAll(text)} {
				if got, _ := hear(variant, language); got != heardUnclear {
					t.Errorf("%s: %q is heard as %s", language, variant, got)
				}
			}
		}
	}
}

// Absence messages of programs that forget to mark them, in belay's languages
// and in those next door.
func TestAnswers_AnAbsenceMessageIsNeverOne(t *testing.T) {
	bodies := []string{
		"Thank you for your e-mail. I am out of the office until Monday with no access to e-mail.", "I am on annual leave. For urgent matters call Bob.", "No longer with the company.",
		"Right now I am on holiday.",
		"Dzień dobry,\ndziękuję za wiadomość. Jestem na urlopie do 3 maja.", "Nie ma mnie w biurze. W pilnych sprawach proszę o kontakt z Janem.", "Przebywam na zwolnieniu lekarskim.",
		"Hola:\nno estoy en la oficina hasta el lunes. Saludos", "No estaré disponible del 1 al 5 de mayo.", "Estoy de vacaciones.", "Estoy de baja médica.",
		"Buongiorno,\nsono fuori ufficio fino al 3 maggio.", "Non sono in ufficio.", "Sono in ferie, rispondo al rientro.", "Sono assente per maternità.",
		"Merhaba,\n3 Mayıs’a kadar yıllık izindeyim.", "Ofis dışındayım, acil durumda Ayşe Hanım’a yazın.", "Şu anda ofiste değilim.",
		"Hei,\njeg er på ferie til mandag.", "Jeg er ikke på kontoret. Kontakt Kari.", "Jeg har permisjon fra 1. mai.",
		"Vielen Dank für Ihre Nachricht. Ich bin bis Montag nicht im Büro.", "Ich bin im Urlaub. Ihre E-Mail wird nicht weitergeleitet.",
		"Bonjour,\nje suis absent jusqu’au 3 mai. Non joignable.", "Je suis en congé.", "Merci de votre message. Je suis absente du bureau.",
		"Hej!\nJag är på semester till måndag.", "Jag är inte på kontoret.", "Tack för ditt mejl. Jag är ledig.",
		"Hej\nJeg er på ferie til mandag.", "Tak for din mail. Jeg er ikke på kontoret.", "Tak for din mail",
	}
	for _, body := range bodies {
		for _, language := range locale.Codes {
			if got, _ := hear(body, language); got != heardUnclear {
				t.Errorf("%s: %q is heard as %s", language, body, got)
			}
		}
	}
	for _, subject := range []string{
		"Automatic reply: Your approval, please: Prices", "Auto: Is this right?", "Out of office: Prices", "Out of Office Re: Prices", "Autoreply: x", "On vacation: x",
		"Odpowiedź automatyczna: Ceny", "Autoodpowiedź: Ceny", "Nieobecność w biurze", "Jestem na urlopie", "Poza biurem: Ceny", "Automatyczna odpowiedź: x", "Jestem poza biurem",
		"Respuesta automática: Precios", "Fuera de la oficina", "Fuera de oficina: Precios", "Ausente: x", "Ausencia: x", "Estoy de vacaciones", "De vacaciones",
		"Risposta automatica: Prezzi", "Fuori ufficio: Prezzi", "Fuori sede", "Assente", "Assenza dall’ufficio", "In ferie",
		"Otomatik yanıt: Fiyatlar", "Otomatik cevap", "OTOMATİK YANIT: x", "Ofis dışında", "Ofis dışındayım", "Yıllık izin", "İzindeyim", "Ofiste değilim",
		"Automatisk svar: Priser", "Autosvar: Priser", "Fraværsmelding", "Fravær: Priser", "Ikke på kontoret", "På ferie", "Ute av kontoret", "Ikke til stede: Priser",
		"Automatische Antwort: Preise", "Abwesenheitsnotiz", "Abwesend: Preise", "AW: Automatische Antwort: x", "Im Urlaub",
		"Réponse automatique : Prix", "Réponse automatique: Prix", "Absence du bureau", "Absent du bureau", "Message d’absence",
		"Automatiskt svar: Priser", "Frånvaro: Priser", "Frånvarande: Priser", "Ej på kontoret", "Semester",
		"Autosvar: Priser", "Fraværende: Priser", "Re: Automatic reply: x", "Odp: Odpowiedź automatyczna: x", "SV: Autosvar: x",
	} {
		if !looksAutomatic(subject) {
			t.Errorf("%q does not look automatic", subject)
		}
	}
	for _, subject := range []string{"Re: Your approval, please: Out of office rules", "Odp: Prośba o zgodę: Urlop", "RE: Falta tu aprobación: Vacaciones", "R: Serve la tua approvazione: Ferie", "YNT: Onayınız gerekiyor: İzin",
		"SV: Trenger din godkjenning: Ferie", "Re: Auto prices", "Ausschreibung", "Semesterplan 2026", "Re: Assentamento"} {
		if looksAutomatic(subject) {
			t.Errorf("%q looks automatic", subject)
		}
	}
}

func TestAnswers_TheWordsThatLettersOfferAreUnderstood(t *testing.T) {
	words, err := testCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range locale.Codes {
		say := words.For(code)
		for id, kind := range map[string]heard{
			"question.yes": heardYes, "question.choice.send": heardYes, "question.choice.approve": heardYes,
			"question.no": heardNo, "question.choice.stop": heardNo, "question.choice.deny": heardNo, "question.choice.halt": heardNo,
		} {
			if got, comment := hear(say.T(id), code); got != kind || comment != "" {
				t.Errorf("%s: %q is heard as %s (comment %q), want %s", code, say.T(id), got, comment, kind)
			}
		}
	}
}

func TestAnswers_WhatStandsBelowANameTakesNothingBack(t *testing.T) {
	for _, text := range []string{
		"Approved.\n\nJan Kowalski\nHead of Sales\nIf you need help, call 12 34", "Tak\n\nJan Kowalski\nJeśli coś pilnego, proszę dzwonić", "Sí\n\nAna\nSi necesitas algo, llama",
		"Yes\n\nNo virus found", "Yes, I checked it", "Yes\n\nHave a nice day!", "Evet\n\nİyi çalışmalar", "Sì, è la persona giusta", "Ja, det er riktig person",
	} {
		if got, _ := hear(text, "en"); got != heardYes {
			t.Errorf("%q is heard as %s", text, got)
		}
	}
}

// What firms put under every mail is neither a comment nor a wish.
func TestAnswers_SmallPrintChangesNothing(t *testing.T) {
	for _, print := range []string{
		"This e-mail is confidential and intended only for the addressee.\nIf you are not the intended recipient, please delete it.",
		"Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata.\nJeśli nie są Państwo jej adresatem, prosimy o jej usunięcie.",
		"Este mensaje es confidencial y se dirige solo a su destinatario.\nSi lo ha recibido por error, elimine el mensaje.",
		"Questo messaggio è riservato e destinato al solo destinatario.\nSe lo avete ricevuto per errore, non leggetelo e cancellatelo.",
		"Bu e-posta gizlidir ve yalnızca alıcısına yöneliktir.\nEğer size yanlışlıkla ulaştıysa lütfen silin.",
		"Denne e-posten er konfidensiell og bare ment for mottakeren.\nHvis du har fått den ved en feil, slett den.",
	} {
		for text, want := range map[string]heard{"Yes": heardYes, "Nie": heardNo} {
			got, comment := hear(text+"\n\n"+print, "en")
			if got != want || comment != "" {
				t.Errorf("%s above %q is heard as %s, comment %q", text, print, got, comment)
			}
		}
	}
}
