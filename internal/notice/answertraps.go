package notice

import (
	"regexp"
	"strings"
)

// Words that look like an answer and are none, or take one back. Like the
// vocabulary itself they are folded, and those of all languages count at once.

// falseFriends are words of one language that mean yes or no in another: alone
// they are unclear where the reader's own language has them. In Polish a mere
// "no" is a casual yes and "ja" is "I", in Norwegian "tak" is a Danish or
// mistyped thank-you, in Turkish it is "attach", in Spanish "y" is "and".
var falseFriends = map[string]map[string]bool{
	"pl": phrases("no, ja"),
	"nb": phrases("tak, si"),
	"tr": phrases("tak"),
	"es": phrases("y"),
}

// nameLike are answers that are names too: behind a thank-you they are a
// signature ("Thanks, Si", "Grazie, Vale", "Teşekkürler, Onay").
var nameLike = phrases("si, vale, onay, uygun, dogru, zgoda, y, n, k, dale")

// wavering is neither a yes nor a no where a clause begins with it.
var wavering = phrases(
	`right now, just now, no go ahead`,
	`pewnie tak, pewnie nie, no tak, no nie, nie no, tak nie`,
	`jo ja, tja, tabii tabii, peki peki`)

// undoing are verbs that stop or refuse. Behind a yes they make it unclear
// whatever follows ("ok, stop the mail to Bob"), and behind a "don't" they say
// the opposite of themselves ("don't stop it").
var undoing = phrases(
	`stop, stopping, cancel, cancelling, block, reject, rejected, deny, denied, decline, refuse, hold back, hold off, hold it, take back, take it back, undo, kill it`,
	`zatrzymaj, zatrzymajcie, zatrzymac, zatrzymuj, wstrzymaj, wstrzymajcie, wstrzymac, wstrzymuj, anuluj, anulujcie, anulowac, cofnij, cofnac,
	 odrzuc, odrzucic, odrzucam, odrzucaj, odmawiam, zablokuj, blokuj, wycofaj, wycofac`,
	`deten, detener, detenerlo, detenerla, detenga, detengan, detenlo, detenla, detengalo, detengas, parar, paralo, parala, parenlo, paren, cancelar, cancela, cancele, cancelalo,
	 canceles, anular, anula, anule, anulalo, bloquear, bloquea, bloquealo, rechazar, rechazo, rechaza, retener, retenlo`,
	`ferma, fermi, fermare, fermalo, fermala, fermarlo, fermarla, fermate, blocca, bloccare, bloccalo, bloccala, bloccarlo, annulla, annullare,
	 annullalo, annullarlo, rifiuto, rifiutare, trattieni, trattienilo, trattenere, sospendi, stoppa, stoppalo, ritira, ritiralo`,
	`durdur, durdurun, durduralim, durdurulsun, durdurma, durdurmayin, iptal, bekletin, beklet, bekletelim, engelle, engelleyin, reddet, reddedin, geri cek, geri cekin`,
	`stopp, stoppe, stans, stanse, avbryt, avbryte, avsla, avvis, avvise, hold igjen, hold den igjen, hold tilbake, hold den tilbake, holde igjen, trekk tilbake, trekk den tilbake`)

// receipts and promises behind an "ok" say that the question was seen, not what
// the answer is.
var receipts = phrases(
	`noted, received, understood, got it, seen, will do, ill check, i will check, ill have a look, i will have a look, ill take a look, i will take a look,
	 ill look, i will look, ill see, i will see, let me check, let me see, let me look, checking, looking into it, ill get back, i will get back, will get back,
	 ill let you know, i will let you know, i am looking, im looking, im checking, i am checking`,
	`przyjalem, przyjelam, odebralem, odebralam, rozumiem, zrozumialem, zrozumialam, sprawdze, sprawdzam, zobacze, przejrze, przeczytam, zajme sie, rzuce okiem,
	 popatrze, spojrze, odezwe sie, dam znac, wroce do tego, zaraz sprawdze`,
	`entendido, recibido, enterado, enterada, anotado, tomo nota, lo miro, lo mirare, lo reviso, lo revisare, lo veo, lo vere, lo compruebo, lo comprobare, lo consulto,
	 echo un vistazo, echare un vistazo, te digo, te aviso, te cuento, os digo, os aviso, ya te digo`,
	`ricevuto, capito, ho capito, annotato, controllo, controllero, lo controllo, verifico, verifichero, lo verifico, guardo, ci guardo, lo guardo, ci penso, do un occhiata,
	 do unocchiata, ti faccio sapere, vi faccio sapere, le faccio sapere, ti dico`,
	`anladim, anlasildi, aldim, not ettim, not aldim, bakarim, bakacagim, bakiyorum, bakalim, inceleyecegim, inceliyorum, incelerim, kontrol edecegim, kontrol ediyorum,
	 kontrol ederim, haber veririm, haber verecegim, donecegim, donerim`,
	`mottatt, notert, forstatt, skjonner, sett, jeg ser pa, skal se pa, jeg skal se, jeg sjekker, sjekker, skal sjekke, jeg skal sjekke, ser pa det, ser pa den, tar en titt, gir beskjed,
	 jeg gir beskjed, kommer tilbake, jeg kommer tilbake`)

// mistakes behind a yes: "yes, there is a mistake".
var mistakes = phrases(
	`mistake, mistakes, error, errors, wrong, typo, problem with`,
	`blad, bledy, bledny, bledna, bledne, pomylka, pomylke, zly, zla, zle, nieprawidlowy, nieprawidlowa`,
	`errores, fallo, equivocado, equivocada, esta mal, falta el, falta la, faltan`,
	`errore, errori, sbagliato, sbagliata, sbagliati, manca, mancano`,
	`yanlis, hata, hatali, eksik`,
	`feil, mangler`)

// buts begin a sentence that takes a yes back, on a later line too.
var buts = phrases(
	`but, however, except, unless, only if, provided`,
	`ale, jednak, lecz, o ile, pod warunkiem, tylko jesli`,
	`pero, sin embargo, salvo, excepto, siempre que, solo si`,
	`pero, tuttavia, purche, solo se, a patto, a condizione, ma`,
	`ama, fakat, ancak, lakin`,
	`men, unntatt, bare hvis`)

// ifs do so on the next line; further down they are help that firms offer below
// a name ("If you need us, call …").
var ifs = phrases(`if, jesli, jezeli, se, eger, dersom, hvis`)

// doubtful tells whether some words begin with something that makes a yes unclear.
func doubtful(words []string) bool {
	for _, table := range []map[string]bool{negations, doubts, notYet, changes, undoing, receipts, mistakes} {
		if match(words, table) > 0 {
			return true
		}
	}
	return false
}

var (
	smallPrint = regexp.MustCompile(`intended (only |solely )?(for|recipient)|confidential|received this|disclaimer|poufn|adresat|omylkow|confidencial|destinatari|riservat|` +
		`por error|per errore|gizli|yanlislikla|konfidensiel|taushet|fortrolig|vertraulich`)
	aboutItself = regexp.MustCompile(`\b(this|ta|te|tej|ten|niniejsz\w*|este|esta|questo|questa|presente|bu|denne|dette|diese) ?(e ?mail|mail|message|communication|wiadomosc\w*|e ?mailu|` +
		`korespondencj\w*|mensaje|correo|messaggio|comunicazione|ileti|e ?posta|mesaj|e ?post\w*|melding\w*|nachricht)|\bpresente (messaggio|mensaje|correo)`)
)

// ownPart leaves out what programs and firms put under people's words: from a
// closing, or from the small print about confidentiality, on.
func ownPart(lines []string) []string {
	const long = 40 // characters: small print has long lines
	for i, line := range lines {
		clauses := clausesOf(line)
		if len(clauses) > 0 && len(clauses) <= 2 && clauses[0].covered(closings) {
			return lines[:i]
		}
		if len([]rune(line)) < long {
			continue
		}
		var words []string
		for _, c := range clauses {
			words = append(words, c.words...)
		}
		if text := strings.Join(words, " "); smallPrint.MatchString(text) && aboutItself.MatchString(text) {
			return lines[:i]
		}
	}
	return lines
}
