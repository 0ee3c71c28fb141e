package notice

import "strings"

// What people write when they answer a question, in the six languages: without
// diacritics and apostrophes, in lower case (see fold), separated by commas.
// The words of all languages count at once: people answer a Polish notice with
// "ok" and an English one with "tak". Imperatives count ("send it", "stop"),
// as does what approvers stamp ("approved", "zatwierdzono").

var yesWords = phrases(
	// English
	`yes, yep, yeah, yup, yea, y, ok, okay, okey, oki, sure, approved, approve, i approve, approving, agreed, agree, i agree,
	 accepted, accept, i accept, confirmed, confirm, i confirm, go, go ahead, go for it, do it, please do, send, send it, send this,
	 send it now, send away, you can send it, you may send it, it can go, can go, release, release it, let it go, let it out, fine,
	 thats fine, that is fine, it is fine, its fine, fine with me, fine by me, good to go, looks good, looks good to me, lgtm, all good,
	 granted, allow, allowed, allow it, i allow it, of course, certainly, absolutely, definitely, correct, that is correct, thats correct,
	 its correct, it is correct, right, thats right, that is right, it is right, its right, +1, yes it is, yes yes, affirmative, k, kk, sure thing,
	 sounds good, works for me, ok to send, ok by me, ok with me, alright, all right, perfect, proceed, please proceed, you may proceed, approve it,
	 it may leave, may leave, it may go, may go, by all means, oki doki, okie dokie`,
	// Polish
	`tak, ok, okej, dobra, dobrze, zgoda, zgadzam sie, wyrazam zgode, jest zgoda, zatwierdzam, zatwierdzone, zatwierdzono, zatwierdzona,
	 zatwierdz, akceptuje, akceptacja, akcept, zaakceptowane, zaakceptowano, potwierdzam, potwierdzone, wyslij, wyslij to, wyslij ja,
	 wysylaj, wysylamy, wyslac, prosze wyslac, mozna wyslac, mozna wysylac, mozna, moze isc, niech idzie, niech leci, pusc, puszczaj,
	 puscic, pusc to, jak najbardziej, oczywiscie, pewnie, jasne, w porzadku, jest w porzadku, wszystko w porzadku, jest ok, wszystko ok,
	 zezwalam, pozwalam, moze byc, spoko, zgadza sie, wszystko sie zgadza, tak jest, tak tak, popieram, to wlasciwa osoba, wlasciwa osoba, moze wyjsc,
	 mozesz wyslac, mozesz wysylac, mozesz puscic, mozecie wyslac, prosze o wyslanie, prosze wysylac, slij, poslij, dawaj, smialo, zgoda na wyslanie,
	 zgoda na wysylke, u mnie ok, dla mnie ok, jak dla mnie ok, ode mnie ok, wszystko gra, zgadzamy sie, oki, okok, pelna zgoda, jestem za`,
	// Spanish
	`si, vale, de acuerdo, estoy de acuerdo, aprobado, aprobada, apruebo, lo apruebo, aprobar, aprobamos, autorizado, autorizada,
	 autorizo, lo autorizo, confirmado, confirmo, lo confirmo, adelante, envialo, enviala, envia, enviar, enviarlo, mandalo, mandala,
	 que salga, puede salir, puedes enviarlo, puede enviarlo, se puede enviar, conforme, correcto, es correcto, perfecto, por supuesto,
	 claro, claro que si, acepto, aceptado, dale, esta bien, todo bien, todo correcto, si si, visto bueno, doy mi visto bueno, sip, okis, okey makey, exacto,
	 cierto, asi es, por mi bien, por mi vale, por mi si, por mi ok, me parece bien, me parece perfecto, muy bien, puedes mandarlo, puede mandarlo,
	 mandarlo, envielo, enviela, mandelo, que se envie, tienes mi aprobacion, doy mi aprobacion, esta bien asi, va bien`,
	// Italian
	`va bene, daccordo, sono daccordo, approvato, approvata, approvo, lo approvo, approvare, autorizzo, autorizzato, lo autorizzo, confermo,
	 confermato, confermata, procedi, proceda, procedete, procedere, invia, inviare, invialo, inviala, mandalo, puoi inviare, puo partire,
	 puo andare, fallo partire, concordo, accetto, accettato, certo, certamente, perfetto, corretto, e corretto, esatto, assolutamente si,
	 certo che si, tutto ok, tutto bene, va benissimo, bene, per me va bene, ok per me, nulla osta, vabene, d accordo, va bene cosi, manda, manda pure, mandala,
	 invia pure, inviate, inviate pure, vai, vai pure, procedi pure, puoi mandare, puoi mandarlo, puoi inviarlo, puoi procedere, puo essere inviato,
	 lo puoi inviare, ok invia, giusto, e giusto, tutto giusto, tutto corretto, spedisci, spediscilo, fallo andare, ha la mia approvazione, benissimo`,
	// Turkish
	`evet, tamam, tamamdir, olur, onay, onayliyorum, onayladim, onaylandi, onaylanmistir, onaylarim, onaylidir, onay veriyorum, onay verdim,
	 kabul, kabul ediyorum, kabul ettim, kabul edildi, gonder, gonderin, gonderilsin, gonderebilirsiniz, gonderebilirsin, gonderilebilir,
	 gidebilir, gitsin, cikabilir, uygun, uygundur, peki, elbette, tabii, tabi, tabii ki, tabi ki, kesinlikle, dogru, dogrudur,
	 katiliyorum, izin veriyorum, bence uygun, benim icin uygun, tmm, tmmdir, tamamdir gonder, tabiki, tabiiki, elbet, evet evet, aynen, aynen oyle, onaylayabiliriz,
	 onaylidir, onayli, onaydir, onayliyoruz, onayladik, onay verildi, onay verilmistir, onayimdir, uygun gordum, uygun goruyorum, uygun gorulmustur,
	 mutabikim, olumlu, hay hay, yolla, yollayin, yollayabilirsin, yollayabilirsiniz, gonderelim, gonderiniz, gitmesinde sakinca yok, dogru kisi, oke, evt`,
	// Norwegian
	`ja, jepp, japp, jada, javisst, ja visst, okei, greit, det er greit, helt greit, fint, det er fint, i orden, det er i orden, alt i orden,
	 godkjent, godkjend, godkjenner, jeg godkjenner, godkjennes, godtatt, godtas, akseptert, aksepterer, jeg aksepterer, bekreftet,
	 bekrefter, jeg bekrefter, send den, send det, send i vei, bare send, bare send den, kan sendes, den kan sendes, den kan ga, la den ga,
	 kjor, kjor pa, selvfolgelig, selvsagt, klart, klart det, absolutt, gjerne, enig, helt enig, jeg er enig, stemmer, det stemmer, riktig,
	 det er riktig, helt riktig, tillatt, ja ja, den er grei, grei, den er fin, den er god, den er ok, det er ok, det er bra, ser bra ut, det ser bra ut, ser fint ut, det ser fint ut,
	 ser greit ut, alt ok, helt ok, ok for meg, greit for meg, fint for meg, bare kjor, bare kjor pa, kjor den, send ivei, ok fra meg, ja da, helt rett, det er rett,
	 det er greit for meg, det er fint for meg, fritt frem, fritt fram, den kan godt ga, du kan sende den, du kan sende, dere kan sende den, godkjent for sending,
	 den er riktig`,
	"👍, ✅, ✔, ☑, 🆗, 👌")

var noWords = phrases(
	// English
	`no, nope, nah, n, not approved, not ok, not okay, not allowed, not granted, denied, deny, i deny, declined, decline, i decline, rejected,
	 reject, i reject, refused, refuse, i refuse, disapproved, i disapprove, i do not approve, i dont approve, i cannot approve,
	 i cant approve, i do not agree, i dont agree, i disagree, disagree, do not send, dont send, do not send it, dont send it,
	 do not send this, dont send this, dont, do not, dont do it, do not do it, do not release, dont release, dont release it, stop, stop it,
	 stop this, stop that, stop it now, cancel, cancel it, cancel this, block, block it, never, no way, absolutely not, certainly not,
	 definitely not, wrong, wrong person, wrong address, thats wrong, it is wrong, its wrong, this is wrong, not correct, not right,
	 not this time, this must not go, must not go, -1, no no, negative, undo, undo it, no go, it must not leave, must not leave, it should not go, do not approve,
	 dont approve, i do not think so, i dont think so, veto, not good, it is not right, its not right, it is not, no it is not, no it isnt, no approval,
	 cannot go, it cannot go, do not let it go, dont let it go`,
	// Polish
	`nie, odrzucam, odrzucone, odrzucono, odrzucona, odrzuc, odmawiam, odmowa, nie zatwierdzam, nie zatwierdzone, nie zgadzam sie, nie zgadza sie,
	 nie wyrazam zgody, brak zgody, nie ma zgody, nie ma mojej zgody, nie akceptuje, nie potwierdzam, nie wysylaj, nie wysylac, nie wysylajcie,
	 nie wysylamy, prosze nie wysylac, nie wysylaj tego, nie puszczaj, nie puszczac, zatrzymaj, zatrzymac, prosze zatrzymac, zatrzymaj to,
	 zatrzymaj ja, wstrzymaj, wstrzymac, anuluj, anulowac, cofnij, absolutnie nie, zdecydowanie nie, w zadnym wypadku, nie ta osoba,
	 to nie ta osoba, zla osoba, zly adres, to pomylka, pomylka, nie zezwalam, nie pozwalam, nie tym razem, nie nie, sprzeciw, niezatwierdzone, nie ma mowy,
	 nie moze wyjsc, nie moze isc, nie powinno wyjsc, nie powinna wyjsc, niech nie wychodzi, niech nie idzie, nie ok, nie jest ok, nie ten adres, to nie ten adres,
	 nie do tej osoby, bledny adres, zly odbiorca, niewlasciwa osoba, niewlasciwy adres, w zadnym razie, pod zadnym pozorem, wycofaj, wycofac, zablokuj, blokuj,
	 jestem przeciw, nie slij, nie wyslij, weto`,
	// Spanish
	`rechazado, rechazada, rechazo, lo rechazo, rechazar, denegado, denegada, deniego, lo deniego, no lo apruebo, no apruebo, no aprobado,
	 no aprobada, no autorizado, no autorizada, no autorizo, no lo autorizo, no estoy de acuerdo, no conforme, no lo envies, no la envies,
	 no enviar, no envies, no lo mandes, que no salga, detener, detenerlo, detenerla, detenlo, detenla, deten, cancelar, cancela, cancelalo, anular, anula,
	 anulalo, paralo, parar, bloquear, bloquealo, de ninguna manera, de ningun modo, para nada, en absoluto, ni hablar, negativo,
	 no no, no es correcto, incorrecto, persona equivocada, no esta bien, para, no debe salir, no puede salir, no lo mandeis, no lo envieis, no lo envie, no la envie,
	 no lo mande, no mandar, no mandes, no enviarlo, no proceder, no procede, de eso nada, ni de broma, que no, nop, no es asi, direccion equivocada,
	 destinatario equivocado, detengalo, paren, cancelad, esta mal, no doy mi aprobacion, no tiene mi aprobacion`,
	// Italian
	`rifiuto, rifiutato, rifiutata, lo rifiuto, rifiutare, respinto, respinta, respingo, lo respingo, negato, negata, nego, non approvo,
	 non approvato, non approvata, non lo approvo, non autorizzo, non autorizzato, non sono daccordo, non inviare, non inviarlo, non inviarla,
	 non mandare, non mandarlo, ferma, fermalo, fermala, fermare, fermate, blocca, bloccalo, bloccare, annulla, annullalo, annullare,
	 assolutamente no, certo che no, non va bene, non confermo, non procedere, disapprovo, sbagliato, persona sbagliata, non e corretto, non e giusto, e sbagliato,
	 indirizzo sbagliato, destinatario sbagliato, persona errata, non deve partire, non puo partire, non farlo partire, non mandarla, non mandate, non inviate,
	 non inviatelo, non spedire, non spedirlo, non se ne parla, neanche per sogno, negativo, stoppa, stoppalo, bloccala, annullala, non procedete,
	 non procediamo`,
	// Turkish
	`hayir, olmaz, red, ret, reddediyorum, reddettim, reddedildi, reddedilmistir, onaylamiyorum, onaylamadim, onaylanmadi, onay yok,
	 onay vermiyorum, kabul etmiyorum, kabul edilmedi, gonderme, gondermeyin, gonderilmesin, gitmesin, cikmasin, durdur, durdurun, durdurulsun,
	 dur, iptal, iptal et, iptal edin, iptal edilsin, uygun degil, uygun degildir, dogru degil, dogru degildir, kesinlikle olmaz,
	 kesinlikle hayir, asla, yanlis, yanlis kisi, yanlis adres, katilmiyorum, izin vermiyorum, hayir hayir, gonderilmemeli, gonderilemez, gidemez, cikamaz, cikmamali,
	 gitmemeli, yollama, yollamayin, olumsuz, onay verilmedi, onay verilmemistir, uygun gormuyorum, uygun gorulmemistir, uygun bulmuyorum, istemiyorum, yanlis alici,
	 onaylamiyoruz, iptal ediyorum, engelle, gondermeyiniz`,
	// Norwegian
	`nei, neida, avslatt, avslaatt, avslas, avslar, jeg avslar, avvist, avviser, jeg avviser, avvises, nektet, nekter, ikke godkjent,
	 ikkje godkjend, godkjennes ikke, godkjenner ikke, jeg godkjenner ikke, ikke send, ikke send den, ikke sende, ikkje send, skal ikke sendes,
	 kan ikke sendes, ma ikke sendes, stopp, stopp den, stopp det, stans, stans den, avbryt, ikke ok, ikke greit, ikke i orden, aldri,
	 absolutt ikke, feil, feil person, feil adresse, det er feil, jeg er uenig, uenig, stemmer ikke, det stemmer ikke, ikke riktig, nei nei, nei da, avslag, skal ikke ga,
	 den skal ikke ga, kan ikke ga, den kan ikke ga, ma ikke ga, ikke la den ga, det gar ikke, den er feil, det er ikke riktig, den er ikke riktig, det er ikke greit,
	 det er ikke ok, feil mottaker, ikke godta, ikke godkjenn, skal ikke ut, niks, ikke under noen omstendighet, den ma ikke sendes, den skal ikke sendes`,
	"👎, ❌, ✖, ⛔, 🛑, 🚫")

// politeness may stand beside an answer and says nothing by itself.
var politeness = phrases(
	`please, pls, plz, thanks, thank you, thank you very much, many thanks, thx, ty, cheers, sorry, from me, from my side, by me, now`,
	`prosze, dziekuje, dziekujemy, dzieki wielkie, dzieki bardzo, dziex, pzdr, dziekuje bardzo, dzieki, wielkie dzieki, z mojej strony, bardzo prosze, przepraszam`,
	`por favor, porfa, porfi, xfa, te lo agradezco, gracias, muchas gracias, mil gracias, por mi parte, lo siento`,
	`per favore, perfavore, grazie, grazie mille, molte grazie, prego, da parte mia, per me, per cortesia`,
	`lutfen, tesekkurler, tsk, tskler, eyw, eyvallah, rica ederim, sagolun, tesekkur ederim, tesekkur ederiz, cok tesekkurler, sagol, sagolun, sag ol, benim icin, bence`,
	`takk, takker, tusen takk, mange takk, vennligst, er du snill, vaer sa snill, for min del, fra meg, fra min side, beklager`,
	"🙏, 🙂, 😊, 😀, 😉, 😃, 😄, 😅")

// requests ask somebody else for the answer.
var requests = phrases(`please approve, please agree, please confirm, please accept, pls approve`)

// greetings may stand before an answer, with a name.
var greetings = phrases(
	`hi, hello, hey, dear, good morning, good afternoon, good evening, good day`,
	`czesc, dzien dobry, dobry wieczor, witam, witaj, hej, szanowny panie, szanowna pani, szanowni panstwo, drogi, droga`,
	`hola, buenos dias, buenas tardes, buenas noches, buenas, estimado, estimada, estimados, querido, querida`,
	`ciao, buongiorno, buonasera, salve, gentile, egregio, caro, cara`,
	`merhaba, merhabalar, selam, selamlar, iyi gunler, gunaydin, iyi aksamlar, sayin, sevgili`,
	`hei, heisann, god morgen, god dag, god kveld, god ettermiddag, kjaere, hallo, morn`)

// harmless phrases sound like a contradiction and are none: "yes, no problem".
var harmless = phrases(
	`no problem, no problem at all, no problems, not a problem, no worries, no objection, no objections, no need, no doubt, no issue, no issues,
	 no change, no changes, no comment, no comments, no concerns, no questions, why not, not at all, not bad`,
	`nie ma problemu, nie ma sprawy, nie mam uwag, nie mam zastrzezen, nie widze przeszkod, nie widze problemu, nie widze przeciwwskazan,
	 nie mam nic przeciwko, nie mam pytan, nie ma przeszkod, nie ma uwag, ma pan, ma pani, czemu nie, dlaczego nie, jak nie`,
	`no hay problema, ningun problema, sin problema, sin problemas, sin objeciones, no hay ningun problema, no pasa nada, no veo problema, no veo ningun problema, no tengo objeciones,
	 no tengo inconveniente, no hay inconveniente, se puede, por que no, como no`,
	`non ce problema, non c e problema, nessun problema, come no, niente in contrario, nulla in contrario, nulla da obiettare, non ho nulla da obiettare, non ho osservazioni, nessuna obiezione, non ho obiezioni, non vedo problemi, non ci sono problemi, perche no`,
	`sorun yok, sorun degil, hic sorun degil, hicbir sorun yok, bir sorun yok, bir sakincasi yok, problem yok, problem degil, sakincasi yok, sakinca yok, itirazim yok, mahsuru yok, neden olmasin`,
	`ikke noe problem, ingen problem, det er ikke noe problem, ingen innvendinger, ingen kommentarer, ikke noe a innvende, ikke noen innvendinger, ikke noe i veien, hvorfor ikke, ikke sant`)

// negations on the line of a yes make it unclear.
var negations = phrases(`no, not, dont, doesnt, isnt, cannot, cant, wont, never, nie, non, hayir, degil, yok, ikke, ikkje, nei`)

// doubts on the line of a yes make it unclear: it is a yes to something else.
var doubts = phrases(
	`but, however, except, unless, if, only, until, wait, hold on, hold, although, though, provided, maybe, perhaps, later, tomorrow, after, before, once, when, as long as, next week, monday`,
	`ale, jednak, lecz, jesli, jezeli, gdy, kiedy, o ile, pod warunkiem, chyba, dopiero, poczekaj, poczekajcie, czekaj, prosze poczekac, jutro, pozniej, najpierw, zanim, moze`,
	`pero, aunque, salvo, excepto, cuando, despues, espera, espere, esperad, manana, siempre que, siempre y cuando, quizas, quiza, tal vez, sin embargo, primero, antes`,
	`pero, tuttavia, quando, dopo, aspetta, aspetti, aspettate, domani, tranne, eccetto, purche, forse, prima, a patto, a condizione`,
	`ama, fakat, ancak, lakin, eger, once, sonra, bekle, bekleyin, bekletin, yarin, henuz, belki, sadece, yalniz, yalnizca`,
	`men, dersom, hvis, nar, etter, vent, senere, i morgen, forst, kanskje, med mindre, sa lenge, unntatt, bortsett`)

// changes ask for another mail than the one that waits: a yes to that is none to
// this one.
var changes = phrases(
	`with changes, with the following, with corrections, pending, subject to, assuming, first, change, please change, correct the, fix, remove,
	 take out, take off, take the, add, replace, delete, edit, update, rewrite`,
	`z uwagami, z poprawkami, po poprawkach, po zmianie, zmien, zmiencie, popraw, poprawcie, usun, usuncie, dodaj, dopisz, zamien, skresl, prosze zmienic, prosze poprawic, prosze usunac, prosze dodac`,
	`con cambios, con correcciones, cambia, cambie, corrige, corrija, quita, quite, elimina, elimine, borra, anade, agrega, sustituye`,
	`con modifiche, con correzioni, cambia, cambi, correggi, corregga, togli, tolga, elimina, rimuovi, aggiungi, sostituisci, modifica`,
	`degisikliklerle, duzeltmelerle, degistir, degistirin, duzelt, duzeltin, cikar, cikarin, sil, silin, ekle, ekleyin`,
	`med endringer, med rettelser, endre, rett, rett opp, fjern, ta bort, ta ut, legg til, slett, bytt`)

// doubtsInFront count only where they begin a clause: elsewhere they are
// ordinary words, or words of a neighbour's language.
var doubtsInFront = phrases(`ma, se, solo, tylko, bare, po, and, oraz, ve, og, so`)

// notYet is neither a yes nor a no.
var notYet = phrases(
	`not yet, not now, wait, hold on, jeszcze nie, nie teraz, poczekaj, poczekajcie, czekaj, todavia no, aun no, ahora no, espera, espere,
	 non ancora, ancora no, non adesso, non ora, aspetta, aspetti, henuz degil, daha degil, simdi degil, bekle, bekleyin,
	 ikke enda, ikke enna, ikke na, vent`)

// firmYes, after a no, make it unclear.
var firmYes = phrases(`yes, yep, yeah, ok, okay, approved, i approve, agreed, tak, zgoda, zgadzam sie, zatwierdzam, zatwierdzone, akceptuje, okej,
	si, aprobado, apruebo, lo apruebo, de acuerdo, vale, va bene, approvato, approvo, lo approvo, daccordo, evet, tamam, onayliyorum, onaylandi,
	ja, godkjent, godkjenner, jeg godkjenner, greit, send it, wyslij, envialo, invialo, gonder, gonderin, send den, 👍, ✅`)

// closings begin the end of a mail: what follows is a name.
var closings = phrases(
	`best, best regards, kind regards, regards, warm regards, many thanks, sincerely, cheers, br, yours, all the best`,
	`pozdrawiam, pozdrawiam serdecznie, z powazaniem, pozdrowienia, serdecznie pozdrawiam, z wyrazami szacunku, pozdr`,
	`saludos, un saludo, saludos cordiales, atentamente, cordialmente, un abrazo`,
	`cordiali saluti, saluti, distinti saluti, un saluto, un cordiale saluto`,
	`saygilarimla, saygilar, iyi calismalar, selamlar, sevgiler, iyi gunler dilerim`,
	`hilsen, med vennlig hilsen, vennlig hilsen, mvh, vh, beste hilsen, med hilsen`)

// longestPhrase is how many words a phrase of the tables has at most.
const longestPhrase = 5

// phrases makes a set of the phrases in some lists.
func phrases(lists ...string) map[string]bool {
	set := map[string]bool{}
	for _, list := range lists {
		for phrase := range strings.SplitSeq(list, ",") {
			set[strings.Join(strings.Fields(phrase), " ")] = true
		}
	}
	return set
}
