package missing

import "strings"

// phrase is a way to say that somebody is on the mail: folded words before and
// behind their name.
type phrase struct {
	before, after []string
	// weak ones may say something else too: they count only of people whom the
	// author knows.
	weak  bool
	first bool // it begins a sentence, or stands behind "I am", "just"
	sign  bool // a colon or a bracket parts it from the name
}

// phrases are all, by the word beside the name: the last one before it, or the
// first one behind it where none is before it.
var phrases = func() map[string][]phrase {
	all := map[string][]phrase{}
	for n, list := range []string{sure, unsure} {
		for line := range strings.Lines(list) {
			if line = strings.TrimSpace(line); line != "" {
				key, p := phraseOf(line)
				p.weak = n > 0
				all[key] = append(all[key], p)
			}
		}
	}
	return all
}()

// phraseOf reads a line of the lists below.
func phraseOf(line string) (key string, p phrase) {
	line, p.first = strings.CutPrefix(line, "^ ")
	line, p.sign = strings.CutPrefix(line, "! ")
	before, after, _ := strings.Cut(line, "_")
	p.before, p.after = strings.Fields(before), strings.Fields(after)
	if n := len(p.before); n > 0 {
		return p.before[n-1], p
	}
	return "_ " + p.after[0], p
}

// sure are phrases that say nothing else, in the six languages, folded; "_" is
// the name, "^" marks those that begin a sentence, "!" those that a colon or a
// bracket parts from the name.
const sure = `
cc ing _
ccing _
cc d _
ccd _
cced _
cc ed _
copying _
copying in _
copied in _
have copied _
ve copied _
i copied _
also copied _
copy to _ as well
_ in copy
_ on copy
_ in cc
_ on cc
_ is copied
_ are copied
_ copied in
_ copied on
_ cc d
_ ccd
_ cced
_ is cc
! cc _
! copy _
! copied _
! copies _
! in copy _
! in cc _
! on copy _
looping in _
looping _ in
looped in _
looped _ in
let me loop in _
let me add _ here
ll loop in _
^ adding _ to
^ adding _ here
^ adding _ in
^ adding _ on
^ adding _ for
^ adding _ who
^ adding _ as
added _ to this thread
added _ to the thread
added _ to this mail
added _ to this email
added _ to this e
added _ to this conversation
added _ to cc
added _ to copy
added _ in cc
added _ in copy
added _ on copy
added _ on cc
have added _ here
ve added _ here
putting _ in copy
putting _ on copy
putting _ in cc
_ w kopii
_ w cc
_ w dw
_ w udw
w kopii _
w cc _
w dw _
! dw _
! kopia _
! do wiadomosci _
kopia do _
kopie do _
kopia dla _
kopie wysylam _
kopie wysylam do _
_ do kopii
_ w kopie
_ do cc
_ do dw
dodaje do kopii _
dolaczam do kopii _
dolaczam do korespondencji _
dolaczam do rozmowy _
dolaczam do watku _
dodaje do korespondencji _
dodaje do rozmowy _
dodaje do watku _
dodaje do wiadomosci _
^ dolaczam _ do korespondencji
^ dolaczam _ do rozmowy
^ dolaczam _ do watku
dolaczam _ do tej
dodaje _ do tej
dodaje _ do tego
_ do korespondencji
dopisuje _
dodalam _ do
dodalem _ do
dopisalam _
dopisalem _
pongo a _ en copia
copio a _
copio tambien a _
copiando a _
copie a _
en copia a _
en copia _
en cc _
en cc a _
en cco a _
con copia a _
con copia para _
_ en copia
_ en cc
! copia _
incluyo a _ en
incluyo en este correo a _
incluyo en el hilo a _
anado a _ al hilo
anado a _ a la
anado a _ en
anado al hilo a _
agrego a _ al
agrego a _ a
agrego a _ en
sumo a _ al
sumo a _ a
he incluido a _ en
he anadido a _ al
he anadido a _ a
he anadido a _ en
metto _ in copia
messo _ in copia
in copia _
in copia a _
in copia anche _
in copia c e _
in cc _
_ in copia
_ in cc
_ in conoscenza
_ per conoscenza
per conoscenza _
per conoscenza a _
in conoscenza _
! p c _
! pc _
! e p c _
copia a _
con copia a _
aggiungo _ alla
aggiungo _ in
aggiungo _ a questa
aggiungo alla conversazione _
aggiungo alla discussione _
ho aggiunto _ alla
ho aggiunto _ in
inserisco _ in
coinvolgo _ nella
_ nella conversazione
_ cc de
_ cc da
_ cc ye
_ ccye
_ ccde
_ bilgide
_ bilgi de
_ bilgiye
_ bilgisine
_ kopyada
_ kopyaya
_ bilgi kisminda
_ bilgi kismina
_ dagitima
_ yazismaya
_ iletiye ekl
_ maile ekl
_ konuya dahil
_ donguye
bilgiye _
bilgide _
bilgi icin _
bilgisi icin _
kopyada _
cc de _
cc ye _
! bilgi _
! kopya _
_ pa kopi
setter _ pa kopi
satt _ pa kopi
sette _ pa kopi
_ i kopi
_ pa cc
_ i cc
_ som kopi
_ i traden
_ pa traden
_ inn pa kopi
pa kopi _
kopi til _
med kopi til _
kopi gar til _
cc til _
! kopi _
kopierer inn _
kopierte inn _
har kopiert inn _
legger til _ her
legger til _ i
legger til _ pa
legger _ til i
har lagt til _ i
har lagt til _ pa
inkluderer _ i
inkluderer _ pa
inkluderer _ her
kobler pa _
har koblet pa _
`

// unsure are phrases that are said of other things too: a minute, a line of a
// table. They count of people whom the author knows.
const unsure = `
^ bringing in _
^ looping _
^ adding _
^ added _
^ copied _
have added _
ve added _
^ dodaje _
^ dolaczam _
^ dolaczylam _
^ dolaczylem _
^ wlaczam _
^ dorzucam _
^ incluyo a _
^ anado a _
^ agrego a _
^ sumo a _
^ meto a _
^ incluyo tambien a _
^ anado tambien a _
^ aggiungo _
^ aggiungo anche _
^ includo _
^ inserisco _
^ coinvolgo _
ho incluso _
ho coinvolto _
_ ekledim
_ ekliyorum
_ dahil ettim
_ dahil ediyorum
^ legger til _
jeg legger til _
har lagt til _
^ inkluderer _
^ kopierer _
`

// besideName are words that may stand before a name without telling anything else: titles, articles, what
// somebody is to the writer.
var besideName = set(`mr mrs ms miss dr prof my our the colleague colleagues also too and both here
pani pana pan panu panem pania panie panstwa moja moj mojego moja nasza naszego nasz kolege kolezanke kolega kolezanka tez takze rowniez jeszcze z i
sr sra srta don dona el la los las mi nuestra nuestro companera companero compa tambien y
il lo l la i gli le un il mio la mia nostra nostro collega colleghi anche dott dottssa ssa dottor dottoressa avv ing arch geom rag sig sigra signora signor prof e
sayin sn ve de da ayrica
fru herr min var kollega kollegaen kollegaer ogsa og`)

// afterName are titles and endings behind a name.
var afterName = set(`hanim hanimi hanima bey beyi beye hoca hocayi hocam hocami efendi abi abla de da ile yi yu i u a e ya ye nin in un too also tambien anche tez takze rowniez ogsa as well is are here from s
esta estan va van jest sa bedzie sta stanno er star vil`)

// joiners stand between two names.
var joiners = set(`and i y e ed og ve oraz und`)

// asks are words that make of a phrase a request, a question, or something that
// was forgotten: nobody says there that somebody is on this mail.
var asks = set(`please pls kindly could can would should will must may forgot forget don didn not never wasn weren why who if when remember next always ask asked without missing
prosze prosz mozesz moze mozecie czy zapomnialem zapomnialam zapomnialas zapomniales nie trzeba nalezy daj dodaj dopisz wyslij kiedy dlaczego bez
favor puedes puede podrias podria olvide olvidaste no debes hay recuerda siempre cuando sin pon poned incluye
puoi puo potresti potrebbe dimenticato dimenticata non devi bisogna ricorda ricordati sempre quando senza metti mettere metta
lutfen unuttum unuttunuz unutmusum olmadan neden ekler ekleyin ekle misin misiniz musun degil
vennligst kan kunne glemte husk ikke aldri alltid nar hvorfor bor skal ma uten sett`)

func set(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// asksBehind are such words behind the name.
var asksBehind = set(`please pls eklemeyi koymayi almayi unuttum unutmusum unutmusuz ekler ekleyin ekle eklesene misin misiniz musun degil ekleyebilir eklenmeli ekleyelim koyun koy`)

// beginners are words behind which a sentence goes on with what somebody does.
var beginners = set(`m am we re just also now and so then jeszcze tez takze teraz i tambien ahora y anche ora e ayrica jeg na og ogsa`)

// heads are the fields of a mail's or memo's head, folded.
var heads = set(`from sent subject date od data temat de asunto fecha enviado da oggetto inviato kimden konu tarih fra emne dato`)

// notNames are words that stand where a name does and are none.
var notNames = set(`monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
team all everyone everybody group legal hr it finance accounting accounts support sales office admin staff board management list below above attached
dept department everyone you him her them us me both folks people others`)
