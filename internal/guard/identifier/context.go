package identifier

import (
	"strings"

	"belay/internal/reading"
)

// kind is a kind of number.
type kind int

const (
	kindIBAN kind = iota
	kindCard
	kindPESEL
	kindNIP
	kindDNI
	kindNIE
	kindCIF
	kindCodiceFiscale
	kindPartitaIVA
	kindKimlikNo
	kindFodselsnummer
	kindOrgnr
	kindSSN
	kinds
)

// about is what is known of a kind.
type about struct {
	name     string // what people call it, in every language
	labels   string // what stands before it, folded; a "|" parts them
	language string // where it is at home: there it may stand without a label
	firm     bool   // a firm's, which is public
}

var abouts = [kinds]about{
	kindIBAN: {name: "IBAN", labels: "iban|account|konto|rachun|cuenta|conto|hesap|bank"},
	kindCard: {name: "", labels: "card|visa|mastercard|master card|amex|american express|karta|karte|karty|kart |karti|kartim|kartin|tarjeta|carta|kort|" +
		"kredittkort|bankkort|cvv|cvc|cc number|cc no|maestro|diners|credit|debit"},
	kindPESEL: {name: "PESEL", labels: "pesel", language: "pl"},
	kindNIP: {name: "NIP", language: "pl", firm: true,
		labels: "nip|n.i.p|identyfikacji podatkowej|tax id|tax no|vat|tin|numer podatkowy"},
	kindDNI: {name: "DNI", labels: "dni|d.n.i|nif|n.i.f|documento nacional|identidad|documento", language: "es"},
	kindNIE: {name: "NIE", labels: "nie|n.i.e|nif|extranjero|foreigner|identidad|documento", language: "es"},
	kindCIF: {name: "CIF", labels: "cif|c.i.f|nif|n.i.f|vat|tax id|identificacion fiscal", language: "es", firm: true},
	kindCodiceFiscale: {name: "codice fiscale", language: "it",
		labels: "codice fiscale|cod. fisc|cod fisc|c.f|cf|fiscale"},
	kindPartitaIVA: {name: "partita IVA", language: "it", firm: true,
		labels: "partita iva|p.iva|p. iva|p iva|piva|part. iva|p.i|vat|codice fiscale|c.f|cf|tax id"},
	kindKimlikNo: {name: "T.C. kimlik no", language: "tr",
		labels: "kimlik|tckn|tc|t.c. no|tc no|t.c.|tcno|tc:|tc :|tc kimlik|national id|vatandaslik"},
	kindFodselsnummer: {name: "fødselsnummer", language: "nb",
		labels: "fodselsnummer|fodselsnr|fodselsn|fnr|f.nr|personnummer|personnr|pnr|d-nummer|d-nr|d nummer|h-nummer|national id|fodsels|p.nr|11 siffer"},
	kindOrgnr: {name: "organisasjonsnummer", language: "nb", firm: true,
		labels: "org.nr|org. nr|orgnr|org nr|org.nummer|orgnummer|organisasjonsnummer|organisasjonsnr|foretaksnummer|foretaksnr|mva|vat|org no|org. no|organisation number|organization number|org number|no "},
	kindSSN: {name: "SSN", labels: "ssn|ssns|ss#|ss #|ss no|soc sec|soc. sec|social security|social sec|socials|social:|social is|social number", language: "en"},
}

// others are labels of numbers that are nobody's: orders, parcels, telephones,
// invoices, cases.
var others = strings.Split("order|orders|ordre|ordren|ordrenr|ordrenummer|bestilling|zamowien|pedido|ordine|siparis|tracking|track|parcel|shipment|przesylk|paczk|"+
	"list przewozowy|listu przewozowego|seguimiento|envio|paquete|spedizion|pacco|collo|tracciamento|kargo|takip|gonderi|sporing|pakke|sending|forsendelse|waybill|awb|consignment|"+
	"tel|tlf|telefon|phone|mobile|mob|mobil|cell|fax|faks|komork|movil|cellulare|gsm|cep|whatsapp|dzwon|ring|call|"+
	"invoice|faktur|factura|fattura|fatura|bilag|ref|referans|referanse|referencia|riferimento|rif|ticket|case|zgloszeni|sprawa|sprawy|saksnr|sak|saksnummer|"+
	"serial|seri no|seryjn|serienummer|serienr|s/n|sn|serie|matricola|seriale|imei|ean|gtin|isbn|issn|barcode|barkod|kod kreskowy|codigo de barras|codice a barre|strekkode|"+
	"sku|article|artikkel|artykul|articulo|articolo|indeks|batch|lot|parti|partia|lote|lotto|kid|kid-nummer|transaction|transakc|transaccion|transazione|islem|transaksjon|"+
	"krs|regon|bdo|customer number|customer no|client no|klient nr|nr klienta|numer klienta|kundenummer|kundenr|musteri no|musteri numarasi|cliente|numero cliente|abonent|"+
	"policy no|polisa|polisy|poliza|polizza|police no|polise|meter|licznik|contador|contatore|sayac|maler|malernummer|meter no|ppe|cups|pod|mpan|reservation|booking|rezerwac|reserva|prenotazione|rezervasyon|"+
	"kenteken|rejestracyjn|vin|vat rate|timestamp|version|wersja|commit|build|port|id:|part no|part number|item no|model|protokol|basvuru|dosya|evrak|dossier|expediente|pratica|protocollo|"+
	"localizador|guia|albaran|bolla|ddt|fis|makbuz|irsaliye|kvittering|receipt|paragon|recibo|ricevuta|scontrino|kvitteringsnr|lokalnr|gate|iccid|sim|mac|hash|sygnatur|prosjekt|project no|projekt nr|"+
	"kontrakt nr|contract no|umowa nr|umowy nr|contrato n|contratto n|sozlesme no|document no|dokument nr|numer dokumentu", "|")

// madeUp says that a number is an example, or one for tests.
var madeUp = []string{"test card", "test kort", "testkort", "test kart", "testow", "tarjeta de prueba", "de prueba", "carta di prova", "di prova", "di test",
	"dummy", "fictional", "fictitious", "made up", "made-up", "invented", "sample number", "example", "for example", "przyklad", "zmyslon", "fikcyj", "ejemplo", "ficticio", "inventad", "esempio", "fittizi", "inventat",
	"ornek", "hayali", "uydurma", "deneme", "eksempel", "oppdiktet", "fiktiv", "sandbox", "placeholder", "specimen", "testing", "test data", "test number", "datos de prueba", "dati di prova", "test verisi", "testdata", "testnummer", "test purposes",
	"syntetisk", "not a real", "not real", "fake", "prova:", "test:"}

// around is what stands around a number.
type around struct {
	before, after string // folded: of its line before and behind
	above         string // the line above, folded
	plus          bool   // a plus sign stands before it: a telephone number
	inAddress     bool   // it is part of a link
}

// How far is looked, in octets.
const (
	farBefore = 90
	farAfter  = 40
	farAbove  = 160
)

func (s *scan) around(h *hit) around {
	line := strings.LastIndexByte(s.text[:h.from], '\n') + 1
	from := max(line, h.from-farBefore)
	end := strings.IndexByte(s.text[h.to:], '\n')
	if end < 0 {
		end = len(s.text) - h.to
	}
	a := around{before: reading.Fold(s.text[from:h.from]), after: reading.Fold(s.text[h.to : h.to+min(end, farAfter)])}
	a.plus = strings.HasSuffix(a.before, "+") || strings.HasSuffix(a.before, "(+")
	if i := strings.LastIndexAny(a.before, " \t"); strings.Contains(a.before[i+1:], "://") || strings.Contains(a.before[i+1:], "www.") || strings.ContainsAny(a.before[i+1:], "=&?") {
		a.inAddress = true
	}
	if line > 0 && from == line {
		up := strings.LastIndexByte(s.text[:line-1], '\n') + 1
		a.above = reading.Fold(s.text[max(up, line-1-farAbove) : line-1])
	}
	return a
}

// lastLabel is where the last of some labels ends in a text, as a word of its
// own at its beginning; -1 where none stands there.
func lastLabel(text string, labels []string) int {
	last := -1
	for _, l := range labels {
		for rest, at := text, len(text); ; {
			i := strings.LastIndex(rest, l)
			if i < 0 || i+len(l) <= last {
				break
			}
			if i == 0 || !isWordByte(rest[i-1]) && rest[i-1] < 0x80 {
				if len(l) > 3 || i+len(l) >= at || !isLetter(text[i+len(l)]) || strings.HasSuffix(l, " ") {
					last = i + len(l)
					break
				}
			}
			rest = rest[:i]
		}
	}
	return last
}

func isLetter(c byte) bool { return isWordByte(c) && !isDigit(c) }

var labelLists = func() (lists [kinds][]string) {
	for k := range lists {
		lists[k] = strings.Split(abouts[k].labels, "|")
	}
	return lists
}()

// judge says how sure it is that a number is what it looks like.
func (s *scan) judge(h *hit, language string) float64 {
	a := s.around(h)
	k := &abouts[h.kind]
	score := h.base
	strong := score >= 0.85 // an IBAN, a codice fiscale: nothing else looks like one
	own, other := lastLabel(a.before, labelLists[h.kind]), lastLabel(a.before, others)
	if own < 0 && lastLabel(firstPart(a.after), labelLists[h.kind]) >= 0 {
		own = 0
	}
	labelled := own >= 0 && own >= other
	if own < 0 && other < 0 && !strong {
		if up, wrong := lastLabel(a.above, labelLists[h.kind]), lastLabel(a.above, others); up >= 0 && up >= wrong {
			labelled = true
		} else if wrong >= 0 && len(a.above) < 60 {
			other = 0
		}
	}
	switch {
	case hasAny(a.before, madeUp) || hasAny(a.after, madeUp):
		return 0.1
	case strong:
		return score
	case labelled, h.headed:
		return max(score, 0.9)
	case a.plus || a.inAddress || other >= 0:
		return 0.1
	case h.scattered && s.speaksOf(h.kind):
		return 0.7 // in a table, below its header
	case h.scattered:
		return 0.1
	case score >= 0.3 && s.speaksOf(h.kind):
		score += 0.2
	}
	switch {
	case language == k.language && language != "":
		score += 0.2
	case k.language != "" && language != "" && h.kind != kindFodselsnummer && h.kind != kindNIE:
		score -= 0.1
	}
	return score
}

// speaksOf tells whether the mail speaks of such numbers anywhere.
func (s *scan) speaksOf(k kind) bool {
	if s.folded == "" {
		s.folded = reading.Fold(s.subject + "\n" + s.text[:min(len(s.text), 4096)])
	}
	return lastLabel(s.folded, labelLists[k]) >= 0
}

// firstPart is what stands behind a number as far as it may be about it:
// "(PESEL)", "- PESEL".
func firstPart(after string) string {
	if i := strings.IndexAny(after, ".;\n,"); i >= 0 {
		after = after[:i]
	}
	if len(after) > 18 {
		after = after[:18]
	}
	return after
}

func hasAny(text string, list []string) bool {
	for _, s := range list {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}
