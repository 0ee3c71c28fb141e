package notice

import (
	"strings"
	"testing"
	"time"

	"belay/internal/guard"
	"belay/internal/queue"
)

// What people write, by language: first what is a yes, then what is a no, then
// what is neither, so that nothing may happen.
var answersPeopleWrite = map[string][3][]string{
	"en": {
		{"Yes", "yes.", "YES!!!", "yes please", "Yes, send it", "yes, please send it.", "Yep", "Yeah, go ahead", "ok", "OK!", "Okay, thanks", "Approved",
			"approved.", "I approve.", "Approved, thank you", "Go ahead", "Sure", "sure, no problem", "Yes, no objections.", "lgtm", "👍", "👍🏽", "✅", "+1",
			"Hi Anna,\n\nYes, that's fine.", "Please send it.", "that’s right", "Yes - approved", "*Yes*", "Yes\n\nI checked the price with Bob, it is right.",
			"Yes. The price is right.", "Hello\nyes", "y"},
		{"No", "no.", "NO!", "no thanks", "No, stop", "no, stop it", "Nope.", "Not approved", "Denied.", "I don't approve", "I don’t approve.", "Do not send it",
			"don't send", "dont send it", "Rejected", "Stop", "please stop it", "Cancel", "👎", "❌", "No, that is the wrong Bob", "No - the price is wrong",
			"Wrong person!", "Hi,\nno", "No, sorry", "No, but thank you", "-1", "Absolutely not.", "No\n\nPlease take the attachment off first."},
		{"", "?", "Yes?", "not yes", "not yet", "Yes, but not yet", "yes but take the attachment off first", "Yes, but only after legal has seen it", "yes/no", "yes or no?",
			"Yes, if Bob agrees", "Yes, when Bob has answered", "No problem", "No idea, ask Jan", "No worries", "Nobody told me", "I am out of the office until Monday",
			"No one is in the office", "Thanks", "Thank you!", "Why me?", "What is this?", "Please approve", "maybe", "Okay?", "ok wait", "Yes, wait", "Yesterday I sent it",
			"Notify me", "No, yes, send it", "Yes no", "Yes\n\nNo, wait!", "I will look at it later", "Yes, tomorrow", "Approved? I never saw it", "Yes we can talk", "👍👎",
			"> yes", "Noted", "Okay so who is Bob", "Hi Anna", "Not sure", "no yes", "Yes. Not yet.", "Yes, don't send it",
			"Approved with changes", "Approved, with the following changes", "Yes, please change the price", "Yes\n\nPlease remove page 3.", "No, that is fine",
			"Yes, I have talked about this with the people in accounting\nbut they have not answered"},
	},
	"pl": {
		{"Tak", "tak.", "TAK!", "tak, proszę", "Tak, wyślij", "Tak, proszę wysłać", "Zatwierdzam", "zatwierdzam.", "Zatwierdzone", "Zgoda", "zgoda, dzięki", "Zgadzam się",
			"zgadzam sie", "Wyrażam zgodę.", "Wyrazam zgode", "Akceptuję", "akceptuje", "ok", "Okej", "Można wysłać", "mozna wyslac", "Jak najbardziej", "Tak, nie mam uwag",
			"Tak, nie ma problemu", "Oczywiście", "Dzień dobry,\ntak, zatwierdzam.", "Cześć Aniu,\n\ntak", "Niech idzie", "Potwierdzam", "👍 tak", "Tak jest", "W porządku"},
		{"Nie", "nie.", "NIE!!!", "Nie, dziękuję", "Nie, zatrzymaj", "Odrzucam", "odrzucam.", "Odrzucono", "Nie zatwierdzam", "nie zatwierdzam!", "Nie zgadzam się",
			"nie zgadzam sie", "Nie wyrażam zgody", "Brak zgody", "Nie wysyłaj", "nie wysylaj", "Proszę nie wysyłać", "Zatrzymać", "Proszę zatrzymać.", "Stop", "Anuluj",
			"Nie, to nie ta osoba", "Nie, zły adres", "To pomyłka", "Dzień dobry,\nnie, w załączniku jest stara cena.", "Absolutnie nie", "W żadnym wypadku", "Nie akceptuję", "Nie - za drogo"},
		{"No", "no", "No tak", "no dobra", "Nie ma mnie w biurze", "Nie ma sprawy", "Nie ma problemu", "Nie wiem", "nie jestem pewien", "Jeszcze nie", "Tak, ale jeszcze nie",
			"Tak, ale najpierw usuń załącznik", "tak ale jutro", "Tak, jeśli Jan się zgodzi", "Tak?", "tak/nie", "Tak czy nie?", "Taką mam odpowiedź", "Jestem na urlopie do piątku",
			"Przebywam na urlopie", "Dziękuję", "Co to jest?", "Proszę o zatwierdzenie", "Nie rozumiem", "Zadzwoń do mnie", "Nie tak", "nie teraz", "Tak, poczekaj",
			"Niestety jestem poza biurem", "Tak sobie", "Nie, zgoda", "Ja nie wiem", "Tak.\nNie, poczekaj", "Może", "Nie zawsze", "Zatwierdzam z uwagami",
			"Tak, proszę zmienić cenę", "Tak.\n\nPopraw stronę 3.", "Nie, w porządku"},
	},
	"es": {
		{"Sí", "si", "SI", "sí.", "¡Sí!", "Sí, por favor", "Si, envíalo", "Sí, gracias", "Aprobado", "aprobado.", "Aprobada", "Lo apruebo", "De acuerdo", "de acuerdo, gracias",
			"Vale", "vale, adelante", "Adelante", "Autorizo", "Ok", "Confirmo", "Envíalo", "envialo por favor", "Por supuesto", "Sí, no hay problema", "Sí, se puede enviar",
			"Hola Ana,\nsí, adelante.", "Buenos días:\n\nSí", "Claro que sí", "Conforme", "Está bien", "👍"},
		{"No", "no.", "¡NO!", "No, gracias", "No, detenlo", "Rechazado", "rechazado.", "Lo rechazo", "Denegado", "No lo apruebo", "No apruebo", "No estoy de acuerdo",
			"No lo envíes", "no lo envies", "Detener", "Detenlo", "Cancelar", "Cancélalo", "Anular", "De ninguna manera", "Ni hablar", "No, es el Roberto equivocado",
			"No - precio antiguo", "Hola,\nno, falta el anexo.", "Persona equivocada", "No autorizado", "Stop", "Para nada", "No, por favor"},
		{"No estaré en la oficina", "No estare en la oficina hasta el lunes", "No estoy", "No sé", "No lo sé", "No hay problema", "No pasa nada", "Sí, pero todavía no", "Si, pero quita el anexo",
			"Todavía no", "Aún no", "¿Sí?", "Sí?", "sí o no", "sí/no", "Sí, si Juan está de acuerdo", "si quieres", "Si Juan dice que sí", "Sí, cuando conteste Juan", "Estoy de vacaciones",
			"Fuera de la oficina", "Gracias", "¿Qué es esto?", "No entiendo", "Sí, mañana", "Sí, espera", "No, sí, envíalo", "Siempre", "Nosotros", "Por favor, aprueba", "tal vez", "Sí y no", "No, aún no", "Sí que lo vi", "Aprobado con cambios",
			"Sí, cambia el precio", "No, está bien", "Sí.\nQuita la página 3"},
	},
	"it": {
		{"Sì", "si", "SI!", "sì.", "Sì, grazie", "Sì, per favore", "Si, invialo", "Approvo", "approvo.", "Approvato", "Va bene", "va bene, grazie", "D’accordo", "d'accordo",
			"Sono d'accordo", "Autorizzo", "Confermo", "Procedi", "Invia", "Ok", "Certo", "Può partire", "Puo partire", "Perfetto, grazie", "Nulla osta",
			"Ciao Anna,\nsì, va bene.", "Buongiorno,\n\napprovato", "Sì, nessun problema", "Sì, non c'è problema", "Per me va bene", "👍", "Esatto"},
		{"No", "no.", "NO", "No, grazie", "No, ferma", "Rifiuto", "rifiuto.", "Rifiutato", "Respinto", "Non approvo", "non approvato", "Non sono d'accordo", "Non inviare", "non inviarlo",
			"Ferma", "Fermalo", "Blocca", "Annulla", "Stop", "Assolutamente no", "Non va bene", "No, è il Roberto sbagliato", "No - prezzo vecchio", "Ciao,\nno, manca l'allegato.",
			"Non procedere", "Persona sbagliata", "Non confermo", "No, per favore", "Certo che no"},
		{"Non sono in ufficio", "No comment sul prezzo", "Non lo so", "non ancora", "Sì, ma non ancora", "Si, ma togli l'allegato", "Sì?", "sì/no", "sì o no?", "Sì, se Gianni è d'accordo",
			"Sì, quando risponde Gianni", "Sono in ferie", "Sono fuori ufficio", "Grazie", "Che cos'è?", "Non capisco", "Nessun problema", "Non c'è problema", "Sì, domani", "Sì, aspetta",
			"No, sì, invialo", "Siamo chiusi", "Nota bene", "Non so chi sia", "forse", "Si vedrà", "Sì e no", "No, non ancora", "Ma certo", "Per favore approva tu", "Approvato con modifiche", "Sì, togli la pagina 3", "No, va bene"},
	},
	"tr": {
		{"Evet", "evet.", "EVET!", "Evet, lütfen", "evet lutfen", "Evet, gönderin", "Evet, gönder", "Onaylıyorum", "onayliyorum", "ONAYLIYORUM", "Onaylandı", "onaylandi.", "Onay",
			"Tamam", "tamam, teşekkürler", "Tamamdır", "Olur", "Kabul", "Kabul ediyorum", "Uygundur", "Uygun", "Gönderebilirsiniz", "gonderebilirsin", "Gönderilsin", "Elbette", "Tabii ki",
			"Merhaba,\nevet, uygundur.", "İyi günler Ayşe Hanım,\n\nonaylıyorum.", "Evet, sorun yok", "ok", "👍", "Doğru"},
		{"Hayır", "hayir", "HAYIR!", "Hayır.", "Hayır, teşekkürler", "Hayır, durdurun", "Reddediyorum", "reddediyorum.", "Reddedildi", "Onaylamıyorum", "onaylamiyorum", "Onaylanmadı",
			"Kabul etmiyorum", "Gönderme", "gondermeyin", "Gönderilmesin", "Durdur", "Durdurun lütfen", "İptal", "iptal edin", "Uygun değil", "uygun degil", "Olmaz", "Asla", "Yanlış kişi",
			"Hayır, fiyat yanlış", "Merhaba,\nhayır, ek eksik.", "Kesinlikle hayır", "Red"},
		{"Ofiste değilim", "Şu anda ofis dışındayım", "Yıllık izindeyim", "Evet, ama henüz değil", "evet ama eki çıkarın", "Henüz değil", "henuz degil", "Evet?", "evet/hayır", "Evet mi hayır mı?",
			"Evet, Can da onaylarsa ama", "Evet, yarın", "Evet, bekleyin", "Teşekkürler", "Bu nedir?", "Anlamadım", "Sorun yok", "Sorun değil", "Bilmiyorum", "Hayır mı?", "Onaylarsanız sevinirim",
			"evet değil", "Hayırlı günler", "Hayırlı olsun", "Evet hayır", "Tamam değil", "Belki", "Lütfen onaylayın", "Hayır, evet, gönderin", "Beni arayın", "Evet.\nBekleyin", "Evet, fiyatı değiştirin", "Hayır, tamam"},
	},
	"nb": {
		{"Ja", "ja.", "JA!", "ja takk", "Ja, send den", "Ja, bare send den", "Godkjent", "godkjent.", "Godkjenner", "Jeg godkjenner", "Greit", "Det er greit", "Det er i orden", "i orden",
			"Ok", "okei, takk", "Enig", "Bekreftet", "Kan sendes", "Send den", "Kjør på", "kjor pa", "Selvfølgelig", "Klart det", "Stemmer", "Det stemmer", "Hei Anna,\nja, det er fint.",
			"God morgen,\n\ngodkjent", "Ja, ikke noe problem", "Jepp", "👍", "Helt riktig", "Ja\n\nMvh\nKari"},
		{"Nei", "nei.", "NEI!", "nei takk", "Nei, stopp", "Nei, stopp den", "Avslått", "avslatt", "avslaatt.", "Avvist", "Ikke godkjent", "ikke godkjent!", "Godkjennes ikke",
			"Jeg godkjenner ikke", "Ikke send", "ikke send den", "Stopp", "Stans den", "Avbryt", "Ikke ok", "Feil person", "Feil adresse!", "Nei, det er feil Robert", "Nei - gammel pris",
			"Hei,\nnei, vedlegget mangler.", "Absolutt ikke", "Aldri", "Nei, beklager", "Uenig"},
		{"Ja, men ikke enda", "Ja, men ikke ennå", "ja men ta bort vedlegget først", "Ikke enda", "ikke ennå", "Ja?", "ja/nei", "Ja eller nei?", "Ja, hvis Jan er enig", "Ja, når Jan har svart",
			"Jeg er ikke på kontoret", "Ute av kontoret til mandag", "På ferie", "Takk", "Hva er dette?", "Forstår ikke", "Ikke noe problem", "Ja, i morgen", "Ja, vent", "Nei, ja, send den",
			"Nei vel", "Ja vel ja", "Kanskje", "Vet ikke", "Ring meg", "Ja nei", "Ikke sikker", "Nei, ikke ennå", "Vennligst godkjenn", "Javel", "Ja.\nNei, vent", "Godkjent med endringer", "Ja, endre prisen", "Nei, det er greit"},
	},
}

func TestAnswers_AsPeopleWriteThem(t *testing.T) {
	for code, rows := range answersPeopleWrite {
		for want, texts := range rows {
			kind := []heard{heardYes, heardNo, heardUnclear}[want]
			if len(texts) < 25 {
				t.Errorf("%s: only %d rows that are %s", code, len(texts), kind)
			}
			for _, text := range texts {
				if got, comment := hear(text, code); got != kind {
					t.Errorf("%s: %q is heard as %s (comment %q), want %s", code, text, got, comment, kind)
				}
			}
		}
	}
}

func TestAnswers_AnyWritingOfTheSameWordIsTheSame(t *testing.T) {
	for code, rows := range answersPeopleWrite {
		for i, kind := range []heard{heardYes, heardNo, heardUnclear} {
			for _, text := range rows[i] {
				for name, variant := range map[string]string{
					"upper case":     strings.ToUpper(text),
					"lower case":     strings.ToLower(text),
					"no diacritics":  foldAll(text),
					"blanks":         "\n  \n " + strings.ReplaceAll(text, " ", "\u00a0 ") + " \n\n",
					"bold":           "*" + strings.ReplaceAll(text, "\n", "*\n") + "*",
					"a name below":   text + "\n\nAnna Nowak\n",
					"invisible":      "\ufeff" + strings.ReplaceAll(text, " ", " \u200b"),
					"carriage lines": strings.ReplaceAll(text, "\n", "\n\n"),
				} {
					if text == "" || text == "?" || strings.HasPrefix(text, ">") {
						continue
					}
					if got, _ := hear(variant, code); got != kind {
						t.Errorf("%s, %s: %q is heard as %s, want %s", code, name, variant, got, kind)
					}
				}
			}
		}
	}
}

// foldAll writes a text as with a keyboard that lacks the letters.
func foldAll(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.Split(line, " ")
		for j := range words {
			words[j] = plain(words[j])
		}
		lines[i] = strings.Join(words, " ")
	}
	return strings.Join(lines, "\n")
}

func TestAnswers_TheCommentTravelsWithoutTheAnswerAndTheEnding(t *testing.T) {
	for text, want := range map[string]string{
		"yes":                        "",
		"Yes, please send it.":       "",
		"Yes, send it. Good price!":  "Good price!",
		"No, the price is wrong":     "the price is wrong",
		"No.\n\nThe price is wrong.": "The price is wrong.",
		"Hi Anna,\n\nno - old price.\n\nBest regards\nJan Kowalski\nCorp": "old price.",
		"Nie, to stara cena.\n\nPozdrawiam,\nJan":                         "to stara cena.",
		"Ja\n\nMvh\nKari": "",
		"Sì, va bene. Bel lavoro.\n\nCordiali saluti\nGianni": "Bel lavoro.",
		"Hayır, fiyat eski.\nYenisi ekte.\n\nSaygılarımla,":   "fiyat eski.\nYenisi ekte.",
		"👎 wrong Bob": "wrong Bob",
		"👍":           "",
	} {
		if _, got := hear(text, "en"); got != want {
			t.Errorf("%q: the comment is %q, want %q", text, got, want)
		}
	}
	_, long := hear("no\n"+strings.Repeat("ż", 5000), "en")
	if n := len([]rune(long)); n != maxComment+1 {
		t.Errorf("a comment of %d characters", n)
	}
}

func FuzzAnswers(f *testing.F) {
	for _, rows := range answersPeopleWrite {
		for _, texts := range rows {
			for _, text := range texts {
				f.Add(text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		says, comment := hear(text, "en")
		if says == heardUnclear && comment != "" {
			t.Errorf("an unclear answer has the comment %q", comment)
		}
		if len([]rune(comment)) > maxComment+1 {
			t.Errorf("a comment of %d characters", len([]rune(comment)))
		}
		if polish, _ := hear(text, "pl"); polish != says && polish != heardUnclear {
			t.Errorf("in Polish it is %s, else %s", polish, says)
		}
		// Whoever puts a no or a "not yet" on the first line has not said yes.
		for _, before := range []string{"no ", "not ", "nie ", "ikke "} {
			if got, _ := hear(before+text, "en"); got == heardYes && !strings.ContainsAny(text, "\n.!,;:") {
				t.Errorf("%q is heard as a yes", before+text)
			}
		}
		if says == heardYes {
			if got, _ := hear("no, "+text, "en"); got == heardYes {
				t.Error("a no in front of a yes is heard as a yes")
			}
		}
	})
}

// FuzzReply hands any mail to the address of a question, in the name of who is
// asked: it may do no more than its own words say.
func FuzzReply(f *testing.F) {
	f.Add("text/plain", "yes\n\n> no\n", "Re: x")
	f.Add("text/html", "<div>Tak</div><blockquote>nie</blockquote>", "Odp: x")
	f.Add("multipart/alternative; boundary=b", "--b\r\n\r\nno\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>yes\r\n--b--", "")
	f.Add("text/plain; charset=iso-8859-9", "Hay\xfdr", "Otomatik yan\xfdt: x")
	f.Fuzz(func(t *testing.T, kind, body, subject string) {
		if strings.ContainsAny(kind+subject, "\r\n") {
			return
		}
		store := newFakeStore()
		s := newService(t, store)
		m := store.add("one@corp.test", "The contract", 0, queue.Held, "eve@falcon.test")
		m.Questions = []queue.Question{{Question: approval("jan@corp.test"), State: queue.QuestionOpen}}
		m.Deliveries[0].Gate = guard.Approve
		token := s.tokens.Make(ActAnswer, m.ID, "jan@corp.test", clockNow.Add(time.Hour))
		request := write(fromOutside, "re+"+token+"@belay.corp.test", "From: jan@corp.test\nSubject: "+subject+"\nContent-Type: "+kind+"\n\n"+body)
		if _, err := s.Handle(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		says, _ := hear(listen(request.Raw).text, "en")
		polish, _ := hear(listen(request.Raw).text, "pl")
		want := map[heard]string{heardYes: "approve", heardNo: "deny"}
		for _, act := range store.acts {
			if done, _, _ := strings.Cut(act, " "); done != want[says] && done != want[polish] {
				t.Errorf("%q did %q", listen(request.Raw).text, act)
			}
		}
		if len(store.posted) > 1 {
			t.Errorf("%d letters", len(store.posted))
		}
	})
}
