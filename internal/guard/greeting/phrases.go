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
thanks
thank you
many thanks
thanks so much
thanks very much
thanks a lot
thank you very much
thank you so much
cheers
dziekuje
dziekuje bardzo
bardzo dziekuje
dziekuje serdecznie
dzieki
wielkie dzieki
gracias
muchas gracias
mil gracias
muchisimas gracias
grazie
grazie mille
mille grazie
grazie tante
molte grazie
takk
tusen takk
mange takk
takk skal du ha
tesekkurler
cok tesekkurler
tesekkur ederim
cok tesekkur ederim
sagol
sag ol
eyvallah
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
szanowne
szanowne panie
szanowni panowie
szanowni panstwo
drogie panie
czcigodny
czcigodna
przewielebny
wielebny
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
muy sr mio
muy sra mia
muy senora mia
excmo
excma
excmo sr
excma sra
ilmo
ilma
ilmo sr
ilma sra
ilustre sr
ilustre sra
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
hei igjen
hei pa deg
hei der
hei du
hola de nuevo
ciao di nuovo
witam ponownie
tekrar merhaba
tekrar selam
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
canim
benim canim
esen
`)

// thanks are the words of greeting that thank: a name behind them stands between
// commas, or in a line of its own.
var thanks = words(`thanks you much lot cheers dziekuje bardzo serdecznie dzieki gracias grazie mille tante takk ha tesekkurler ederim sagol ol eyvallah`)

// respects are words of greeting behind which a family name may stand alone:
// "Sayın Yılmaz", "Egregio Bianchi".
var respects = words(`sayin sn saygideger egregio egregia`)

// posts are greetings that may stand behind the name: "Ahmet Bey merhaba",
// "Bob hi", "Ania, cześć".
var posts = words(`nasilsiniz nasilsin hi hello hey czesc hej witaj hola ciao hei selam selamlar merhaba merhabalar gunaydin buongiorno buonasera morning`)

// titles stand before a name: with the answer whether a family name follows
// them more often than a given one.
var titles = makeTitles(`mr mrs ms miss mx messrs dr prof professor doctor captain capt judge madam rev reverend pastor sergeant lieutenant inspector sr sra srta senor senora senorita
lic licda ing arq sig signor signora signorina sigra sigri ra na dott dottssa dottor dottore dottoressa ssa avv avvocato rag geom arch ingegnere architetto
profssa profesor profesora dra doctora mec mecenas mgr inz hab redaktor doktor
herr hr fru froken frk advokat doc av dt uzm muh mlle mme frau`,
	`panie pani pania panem p pan panu panno pana sir don dona d dna bay bayan ª º maestro padre fray hermano tia tio tante onkel wujku ciociu uncle aunt auntie father sister brother zio zia`)

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
var posttitles = words(`mudurum baskanim ogretmenim ustam komutanim doktorum abicim ablacim bey hanim beyefendi hanimefendi hocam hoca abi abla agabey beycigim hanimcigim beyler hanimlar amca teyze kardesim usta bay efendi`)

// particles belong to the family name behind them.
var particles = words(`de del della dello di da dal van von der den la lo le los las el af av y ter ten bin`)

// joiners join names.
var joiners = words(`and y e ed i og ve oraz und und u & plus lub or o veya ile`)

// groups are words that stand where a name does and mean several people, a firm,
// or somebody dear.
var groups = words(`all everyone everybody team folks guys both colleagues colleague friends friend gang people gentlemen ladies gents members member
customers clients suppliers partners applicants applicant candidate candidates students parents teachers neighbours residents
committee board hiring support sales service services department dept office hr finance accounting accounts legal it group staff crew class council helpdesk desk users user subscriber subscribers
sirs whom concerned love darling honey sweetie sweetheart mate buddy pal chief mum mom dad mummy daddy mam ma pa grandma grandpa granny nan sis bro son santa diary lads lad girls boys dude bestie hun babe guy man dudes
customer client supplier partner student parent neighbour resident sir madam maam god world there again family project order invoice report subject reminder
panstwo panstwu panowie panstwem wszyscy wszystkim wszystkich zespol zespole ekipo ekipa druzyno kolego kolezanko koledzy kolezanki przyjaciele przyjacielu nauczyciele rodzice rodzicu uczniowie studenci klienci kliencie klientko dostawco kontrahencie mieszkancy mieszkancu sasiedzi sasiedzie czytelnicy pacjencie pacjentko odbiorco uczestnicy
kochanie skarbie sloneczko slonce misiu misiaczku kotku zabko rybko mamo tato synku corko corciu stary stara ludzie ludziska dziewczyny chlopaki chlopcy dziewczeta kierownictwo biuro ksiegowosci dziale dzial kadry sprzedaz obsluga rodzino
senores senoras companeros companeras companero companera amigos amigas amigo amiga equipo todos todas clientes cliente proveedor proveedores vecinos vecino vecina vecinas familias familia padres madres alumnos alumnas usuarios usuario lectores guapa guapo guapos guapas carino cielo corazon mama papa hijo hija mami papi gente chicos chicas chica chico muchachos quien corresponda colegas colega soporte compras ventas departamento administracion
tutti tutte ragazzi ragazze ragazza colleghi colleghe collega amici amiche amico amica signori signore clienti ditta societa genitori studenti studente utente utenti fornitore fornitori condomini condomino famiglia tesoro amore mamma gente mondo gruppo redazione amministrazione ufficio segreteria
alle dere sammen folkens gjeng gjengen venner venn kollega kollegaer kolleger teamet gruppe gruppa medlem medlemmer kunde kunder leverandor foreldre foresatte elever elev styret naboer nabo beboere beboer deltakere deltaker jenter gutter vennen skatt skatten elskling pappa redaksjon kundeservice avdeling mottaker begge hele noen frue herre familien
arkadaslar arkadasim arkadaslarim arkadas herkes herkese ekip ekibim takim beyler hanimlar bayanlar baylar yetkili yetkililer ilgili ilgililer hocam hocalarim hocalar musterimiz musteri musteriler veli veliler velimiz uye uyeler uyemiz meslektasim meslektaslarim canlarim hayatim askim tatlim guzelim abicim annecigim baba babacigim kardesim kardes dostum dostlar komsular komsu vekilim genel kurul yonetim satin muhasebe destek sirket site sakinleri efendim gencler cocuklar millet dostlarim
ltd gmbh inc llc plc spa srl sti zoo`)

// firms are words behind a name that make it a firm's, a family's or a team's.
var firms = words(`ltd gmbh inc llc plc spa srl sti sp as asa sa co corp ilgilileri yetkilileri ekibi ailesi calisanlari yonetimi mudurlugu team family families familien staff group department dept office committee company company's`)

// offices may stand before a name as titles do, or alone.
var offices = words(`president director manager editor officer secretary treasurer minister mayor ambassador bishop governor senator councillor counsellor chair chairman chairwoman chairperson headmaster headteacher nurse
boss coach
prezesie dyrektorze dyrektor dyrektorko kierowniku kierowniczko mecenasie mecenas profesorze doktorze redaktorze ksiegowa burmistrzu prezydencie wojcie wojewodo starosto ministrze poslanko posle radny radna radni radco naczelniku komendancie rektorze dziekanie inspektorze sedzio prokuratorze notariuszu ordynatorze ksieze ksiedzu proboszczu siostro ojcze bracie szefie szefowo prezes kierownik babciu dziadku poruczniku kapitanie majorze pulkowniku generale aspirancie inzynierze magistrze
directora presidente presidenta alcalde alcaldesa jefe jefa gerente secretaria secretario decano rector rectora concejal concejala ministro ministra consejero consejera licenciado licenciada ingeniero ingeniera arquitecto arquitecta abogado abogada comandante teniente sor reverenda reverendo madre abuela abuelo excelentisimo excelentisima ilustrisimo
direttore direttrice sindaco sindaca onorevole assessore professore professoressa avvocato ingegnere architetto geometra ragioniere notaio rettore preside dirigente responsabile maestra maestro nonna nonno capo suor maresciallo capitano monsignore
ordforer rektor direktor leder styreleder sjef farmor farfar mormor morfar bestemor bestefar prest professor radmann redaktor lensmann
baskan baskanim baskanimiz mudur mudurum muduru mudurumuz doktor doktorum avukat ogretmen ogretmenim bakanim beyefendi hanimefendi usta ustam hoca komutanim valim kaymakamim vekil`)

// filler are words with which mails go on: none is a name there.
var filler = words(`you your we i the this that just thanks thank please sorry re fyi fwd here hope could can would will if when what how as in on at for from with it it's its note update urgent important attached lord
tardes dias buenas january february march september october november december monday tuesday wednesday thursday friday saturday sunday`)

// goesOn are words with which people who write in small letters and without a
// comma go on behind a name, when they speak to somebody: "ramon las llaves …",
// "serkan bey yarin 7de". What may follow when they speak about somebody is not
// among them.
var goesOn = words(`tomorrow today tonight you your please pls can could what when where how
jutro dzis dzisiaj wieczorem pojutrze masz mozesz prosze kiedy gdzie czy jak
manana hoy esta este los las el la puedes podrias tienes cuando donde
domani oggi stasera dopodomani puoi potresti hai quando dove il lo gli
yarin bugun aksam sabah haftaya lutfen nasilsin nasilsiniz ne nerede
idag imorgen kan du har nar hvor`)

// notAlone are names that are other words where they begin a line without a
// greeting before them: "Nice, works now", "Vale, perfecto", "Per Lavo, he …".
var notAlone = words(`nice great imo even per will may art mar sol vale mira grande allora certo ecco bene bella bravo brava pace luce ada su can kaya demir tak dobra super ok are liv bo ole an don do hal lo odd al gay joy hope sunny rich wow
dale dare stark major prima prime sole tanto vera caro cara chiara perfetto massimo ole`)

// nobody tells whether a word names nobody.
func nobody(folded string) bool { return groups[folded] || offices[folded] || filler[folded] }

// ordinary are words that are on the lists of names and that people write in small
// letters for what they mean.
var ordinary = words(`grant frank chase miles grace faith pearl amber crystal heath victor violet daisy poppy olive ginger basil reed stone robin martin major prince hunter taylor cooper mason carter parker sandy penny scott
dolores pilar justo santos rosario salvador domingo blanca candela esperanza consuelo remedios soledad mercedes socorro milagros angel angeles luces
gioia franco felice donato bianca chiara serena viola perla gemma grazia celeste stella massimo primo aurora letizia vittoria costanza fortunato santo natale pasquale leone fiore alba vita libera
deniz gunes umut baris sevgi yagmur bahar demir ekin savas cagri sevinc ozgur toprak destan yaprak dilek cicek yildiz gamze damla irmak inanc onder yaman yigit zafer doruk derin derya evrim devrim eylem eylul nisan ceylan aslan sahin dogan yilmaz kaya
stein storm bjorn solveig nadzieja roza pola polka kalina`)

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
