package greeting

import "strings"

// phrases are the ways to greet, folded, of all six languages at once: people
// mix them ("Hi Ahmet Bey"). The longest that fits counts.
var phrases = lines(`
hi
hello
hey
hiya
howdy
dear
my dear
dearest
greetings
good morning
good afternoon
good evening
good day
morning
afternoon
evening
gm
welcome
hi there
hello there
hey there
hi again
hello again
happy new year
happy friday
happy monday
yo
czesc
hej
hejka
hejo
hejka naklejka
siema
siemka
elo
czolem
ahoj
witaj
witam
witam serdecznie
witajcie
dzien dobry
dobry
dobry wieczor
szanowny
szanowna
szanowni
drogi
droga
drodzy
drogie
kochany
kochana
kochani
kochane
mily
mila
wielce szanowny
wielce szanowna
moj drogi
moja droga
serwus
hola
buenas
buenos dias
buenas tardes
buenas noches
buen dia
muy buenas
muy buenos dias
estimado
estimada
estimados
estimadas
estimad
querido
querida
queridos
queridas
apreciado
apreciada
apreciados
distinguido
distinguida
muy estimado
muy estimada
respetado
respetada
muy senor mio
saludos
bon dia
kaixo
ey
ciao
salve
buongiorno
buon giorno
buonasera
buona sera
buon pomeriggio
buondi
caro
cara
cari
care
carissimo
carissima
carissimi
gentile
gentili
gentilissimo
gentilissima
gentilissimi
gent mo
gent ma
gent mi
gent
gentmo
gentma
gmo
gma
egregio
egregia
egregi
egr
stimato
stimata
pregiatissimo
pregiatissima
pregiato
spett le
spettle
spettabile
ill mo
ill ma
illustrissimo
illustre
chiarissimo
chiarissima
chiar mo
chiar ma
alla cortese attenzione di
alla c a di
hei
heisann
heia
hallo
halla
hallais
heihei
hei hei
god dag
god morgen
god kveld
god formiddag
god ettermiddag
goddag
morn
morna
kjaere
kjare
kjaere alle
kjaereste
hyggelig
merhaba
merhabalar
mrb
mrh
slm
selam
selamlar
gunaydin
iyi gunler
iyi aksamlar
iyi calismalar
iyi sabahlar
tunaydin
sevgili
cok sevgili
degerli
cok degerli
sayin
sn
kiymetli
saygideger
selamun aleykum
hayirli gunler
hayirli sabahlar
esen
`)

// respects are words of greeting behind which a family name may stand alone:
// "Sayın Yılmaz", "Egregio Bianchi".
var respects = words(`sayin sn saygideger egregio egregia`)

// posts are greetings that may stand behind the name: "Ahmet Bey merhaba",
// "Bob hi", "Ania, cześć".
var posts = words(`hi hello hey czesc hej witaj hola ciao hei selam selamlar merhaba merhabalar gunaydin buongiorno buonasera morning`)

// titles stand before a name: with the answer whether a family name follows
// them more often than a given one.
var titles = makeTitles(`mr mrs ms miss mx messrs dr prof professor doctor captain capt judge madam rev sr sra srta senor senora senorita
lic licda ing arq sig signor signora signorina sigra sigri ra na dott dottssa dottor dottore dottoressa ssa avv avvocato rag geom arch ingegnere architetto
profssa profesor profesora dra doctora mec mecenas mgr inz hab redaktor doktor
herr fru froken frk advokat doc av dt uzm muh mlle mme frau`,
	`panie pani pan panu panno pana sir don dona d dna bay bayan maestro padre fray hermano tia tio tante onkel wujku ciociu uncle aunt auntie father sister brother zio zia`)

// makeTitles lays out the titles before family names and those before given
// names.
func makeTitles(family, given string) map[string]bool {
	m := map[string]bool{}
	for t := range words(family) {
		m[t] = true
	}
	for t := range words(given) {
		m[t] = false
	}
	return m
}

// posttitles stand behind a given name.
var posttitles = words(`bey hanim beyefendi hanimefendi hocam hoca abi abla agabey beycigim hanimcigim beyler hanimlar amca teyze kardesim usta bay efendi`)

// particles belong to the family name behind them.
var particles = words(`de del della dello di da dal van von der den la lo le los las el af av y ter ten bin`)

// joiners join names.
var joiners = words(`and y e ed i og ve oraz und und u & plus lub or o veya ile`)

// nobody are words that stand where a name does and name nobody: groups,
// offices, endearments, and what mails open with.
var nobody = words(`all everyone everybody team folks guys both colleagues colleague friends friend gang people there again sir sirs madam maam gentlemen ladies gents members member
customer customers client clients supplier suppliers partner partners applicant candidate candidates student students parent parents teacher teachers neighbour neighbours resident residents
committee board chair chairman chairwoman chairperson president director manager editor officer secretary treasurer minister mayor ambassador bishop governor senator councillor counsellor counsel
hiring support sales service services department dept office hr finance accounting accounts legal it group staff crew class council helpdesk desk whom concerned user users subscriber subscribers colleages
love darling honey sweetie sweetheart dear mate buddy pal boss chief mum mom dad mummy daddy mam ma pa grandma grandpa granny nan nana sis bro son santa diary lord god world lads lad girls boys dude man bestie hun babe y'all yall
you your we i the this that just thanks thank please sorry re fyi fwd here hope could can would will if when what how as in on at for from with it's its
panstwo panstwu panowie panstwem wszyscy wszystkim wszystkich zespol zespole ekipo ekipa druzyno kolego kolezanko koledzy kolezanki przyjaciele przyjacielu szefie szefowo prezesie dyrektorze dyrektor dyrektorko kierowniku kierowniczko mecenasie mecenas profesorze doktorze doktor redaktorze ksiegowa ksiegowosc burmistrzu prezydencie wojcie wojewodo starosto ministrze poslanko posle radny radna radni radco naczelniku komendancie rektorze dziekanie inspektorze sedzio prokuratorze notariuszu ordynatorze ksieze proboszczu siostro ojcze bracie nauczyciele rodzice rodzicu uczniowie studenci klienci kliencie klientko dostawco kontrahencie mieszkancy mieszkancu sasiedzi sasiedzie czytelnicy pacjencie pacjentko odbiorco uczestnicy
kochanie skarbie sloneczko slonce misiu misiaczku kotku zabko rybko mamo tato babciu dziadku synku corko corciu stary stara ludzie ludziska dziewczyny chlopaki chlopcy dziewczeta kierownictwo biuro ksiegowosci dziale dzial kadry sprzedaz obsluga
senores senoras senoras companeros companeras companero companera amigos amigas amigo amiga equipo todos todas clientes cliente proveedor proveedores director directora presidente presidenta alcalde alcaldesa doctor jefe jefa gerente departamento administracion secretaria secretario senoria decano rector rectora concejal concejala ministro ministra consejero consejera vecinos vecino vecina vecinas familias familia padres madres alumnos alumnas usuarios usuario lectores guapa guapo guapos guapas carino cielo corazon mama papa hijo hija mami papi gente chicos chicas chica chico muchachos buenas tardes dias quien corresponda colegas colega soporte compras ventas recursos
tutti tutte ragazzi ragazze ragazza colleghi colleghe collega amici amiche amico amica signori signore clienti cliente ditta societa presidente direttore direttrice sindaco sindaca onorevole assessore professore professoressa avvocato ingegnere dottore dottoressa architetto geometra ragioniere notaio rettore preside dirigente responsabile segreteria ufficio genitori studenti studente utente utenti fornitore fornitori condomini condomino famiglia tesoro amore gioia capo maestra maestro mamma papa nonna nonno gente mondo team gruppo staff redazione amministrazione ricambio
alle dere sammen folkens gjeng gjengen venner venn kollega kollegaer kolleger team teamet gruppe gruppa medlem medlemmer kunde kunder leverandor foreldre foresatte elever elev styret styre leder ledere sjef naboer nabo beboere beboer deltakere deltaker jenter gutter vennen skatt skatten elskling kjaere mamma pappa mor far bestemor bestefar redaksjon kundeservice avdeling mottaker ordforer rektor direktor begge hele noen frue herre
arkadaslar arkadasim arkadaslarim arkadas herkes herkese ekip ekibim takim beyler hanimlar bayanlar baylar beyefendi hanimefendi yetkili yetkililer ilgili ilgililer muduru mudurum mudur mudurumuz baskan baskanim baskanimiz hocam hocalarim hocalar doktor doktorum avukat ogretmen ogretmenim musterimiz musteri musteriler veli veliler velimiz uye uyeler uyemiz meslektasim meslektaslarim canim canlarim hayatim askim tatlim guzelim abi abla abicim ablacim anne annecigim baba babacigim kardesim kardes dostum dostlar komsular komsu ortagim bakanim vekilim genel kurul yonetim satin insan kaynaklari muhasebe destek sirket site sakinleri efendim usta ustam gencler cocuklar millet dostlarim
january february march july september october november december monday tuesday wednesday thursday friday saturday sunday
project invoice offer order report meeting subject note update reminder urgent important attached`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}

// lines are phrases, one a line.
func lines(list string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" {
			m[line] = true
		}
	}
	return m
}

// longest is how many words a phrase has at most.
const longest = 5
