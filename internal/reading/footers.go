package reading

import (
	"math/bits"
	"strings"
)

// maxMobile is how long the line is that a telephone or a program puts below a
// mail, in octets.
const maxMobile = 140

// maxMobileWord is how long its first and last words are, in octets, whatever
// marks their letters have.
const maxMobileWord = 32

// isMobile tells such a line: "Sent from my iPhone", "Pobierz Outlook dla iOS".
func isMobile(t string) bool {
	begin, end := 0, len(t)
	for begin < end && octetKinds[t[begin]] == between {
		begin++
	}
	for begin < end && octetKinds[t[end-1]] == between {
		end--
	}
	if t = t[begin:end]; len(t) < 8 {
		return false
	}
	var buffer [2*maxMobile + 8]byte
	first, _, _ := strings.Cut(t, " ")
	last := t[strings.LastIndexByte(t, ' ')+1:]
	if (len(first) > maxMobileWord || !mobileFirst[string(appendFolded(buffer[:0], first))]) &&
		(len(last) > maxMobileWord || !mobileLast[string(appendFolded(buffer[:0], last))]) {
		return false
	}
	folded := string(appendFolded(buffer[:0], t))
	if !mobileLast[string(appendFolded(nil, last))] && !hasPrefix(folded, mobileBegins) {
		return false
	}
	for i := 0; i < len(folded); {
		if !isLetterOctet(folded[i]) {
			i++
			continue
		}
		end := i
		for end < len(folded) && isLetterOctet(folded[end]) {
			end++
		}
		if mobileThings[folded[i:end]] {
			return true
		}
		i = end
	}
	return false
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func isLetterOctet(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80 }

var mobileBegins = list("sent from|sent with|sent via|sent by|sent using|sendt fra|sendt med|sendt via|get outlook|get bluemail|get the outlook|" +
	"wyslane z|wyslano z|wyslane przez|wyslano przez|wyslane za|wiadomosc wyslana|pobierz|wyslana z|" +
	"enviado desde|enviado con|enviado a traves|enviada desde|obtener|obten|descarga|descargar|" +
	"inviato da|inviato con|inviata da|inviato dal|ottieni|scarica|" +
	"hent outlook|skaff|last ned|fa outlook|envoye de|gesendet von|von meinem|skickat fran|sent on the go")

var mobileLast = set("gonderildi|edinin|gonderilmistir|indirin|yukleyin")

// mobileFirst are the first words of mobileBegins.
var mobileFirst = func() map[string]bool {
	m := map[string]bool{}
	for _, p := range mobileBegins {
		first, _, _ := strings.Cut(p, " ")
		m[first] = true
	}
	return m
}()

var mobileThings = set("iphone|ipad|ipod|ios|android|samsung|galaxy|huawei|xiaomi|redmi|nokia|sony|xperia|motorola|pixel|oneplus|honor|" +
	"outlook|mail|mailspring|thunderbird|poczta|poczty|correo|posta|postayla|blackberry|windows|yahoo|proton|protonmail|phone|mobile|telefon|telefonu|telefonumdan|movil|" +
	"smartphone|smartfona|tablet|tableta|gmx|aol|bluemail|spark|onet|interia|wp|gmail|mobil|mobilen|telefonen|mojego|cellulare|telefonino|" +
	"komorki|airmail|superhuman|canary|fastmail|tutanota|tuta|zoho|hey|nine|aquamail|k9|iphonumdan|iphone'umdan|cihazimdan|cebimden|libero|virgilio|tiscali|app")

// A disclaimer says several of these things at once. Each list is one of them,
// by the first letters of its words, folded: at most six, or all of a shorter one.
// The last list is what those say who ask not to print.
var disclaimerStems = func() map[string]uint16 {
	m := map[string]uint16{}
	for i, stems := range []string{
		"intend|addres|recipi|adresa|odbior|przezn|destin|dirigi|indiri|alici|alicis|alicin|aliciy|alicil|muhata|adresl|mottak|adress|tilten|vedkom",
		"confid|privil|propri|poufne|poufny|poufna|poufni|zastrz|tajemn|reserv|riserv|gizli|gizlil|gizlid|konfid|fortro|taushe",
		"error|errone|mistak|omylko|pomylk|bledni|equivo|errore|yanlis|hata|hatay|feil|feilak|feilse|degils|qualor",
		"delete|destro|usunac|usunie|usun|skasow|zniszc|elimin|borre|borrar|borrad|destru|cancel|distru|siline|silini|silme|silmen|imha|slett|slette|makule",
		"disclo|copyin|copied|dissem|distri|unauth|reprod|prohib|forbid|strict|ujawni|kopiow|rozpow|powiel|zabron|divulg|difund|difusi|diffon|diffus|vietat|ifsa|cogalt|" +
			"dagiti|kopyal|yasak|yasakt|kopier|videre|forbud|spredn|distri",
		"notify|notifi|inform|advise|contac|powiad|poinfo|zawiad|comuni|avisar|avise|bildir|haber|varsle|underr|beskje|immedi|niezwl|hemen|derhal|inmedi|immedi|umidde",
		"liabil|liable|respon|odpowi|soruml|ansvar|virus|viruse|wirus|wiruso|gdpr|rodo|rgpd|kvkk|privac|person",
		"messag|transm|commun|email|mail|niniej|wiadom|mensaj|correo|eposta|posta|mesaj|mesaji|ileti|iletin|epost|posten|meldin",
		"print|printi|enviro|drukow|wydruk|srodow|imprim|ambien|stampa|stampar|yazdir|cikti|skriv|skrive|miljo|miljoe|scanne|virus|viruse|wirus|wiruso",
	} {
		for _, stem := range list(stems) {
			m[stem] |= 1 << i
		}
	}
	return m
}()

// What some bits of disclaimerStems mean.
const (
	saysRecipient = 1 << 0
	saysError     = 1 << 2
	saysGreen     = 1 << 8
)

// maxDisclaimer is how long a disclaimer may be, in octets.
const maxDisclaimer = 8000

// isDisclaimer tells a paragraph that a lawyer wrote. What people write about a
// mail that went astray says much the same, but says who did it.
func (s *signing) isDisclaimer(p para) bool {
	signs, words, ok := s.disclaimerSigns(p)
	if !ok {
		return false
	}
	if signs&saysGreen != 0 && words < 60 && s.isGreen(p) {
		return true
	}
	signs &^= saysGreen
	most := 5
	if signs&saysRecipient != 0 {
		most = 4
	}
	return words >= 12 && signs&(saysRecipient|saysError) != 0 && bits.OnesCount16(signs) >= most
}

// lateDisclaimers takes out what stands below a signature and says in fewer
// words what disclaimers say.
func (s *signing) lateDisclaimers() {
	below := false
	for _, p := range s.paras {
		below = below || p.from > 0 && s.lines[p.from-1].kind == isSignature || p.from > 1 && s.lines[p.from-2].kind == isSignature
		if below && s.lines[p.from].kind == isOwn && s.saysLittle(p) {
			s.mark(p.from, p.to)
		}
	}
}

// saysLittle tells lines that say some of what disclaimers say: enough where
// they stand in a signature or below one.
func (s *signing) saysLittle(p para) bool {
	signs, words, ok := s.disclaimerSigns(p)
	return ok && words >= 4 && bits.OnesCount16(signs&^saysGreen) >= 2
}

// disclaimerSigns tells what of a disclaimer a paragraph says; not ok is none,
// whatever it says.
func (s *signing) disclaimerSigns(p para) (signs uint16, words int, ok bool) {
	size := 0
	for i := p.from; i < p.to; i++ {
		size += len(s.lines[i].text) + 1
	}
	if size < 20 || size > maxDisclaimer {
		return 0, 0, false
	}
	before := ""
	for i := p.from; i < p.to; i++ {
		for _, w := range s.wordsOf(i) {
			words++
			f := w.Folded
			signs |= disclaimerStems[f[:min(len(f), 6)]]
			if personal[f] || personalBefore[before] && personalBehind[f] {
				return 0, 0, false
			}
			before = w.Text
		}
	}
	return signs, words, true
}

// personal are words of people and not of lawyers; personalBefore and
// personalBehind are where they stand together.
var (
	personal = set("my|me|sorry|myself|wyslalem|wyslalam|przeslalem|przeslalam|przepraszam|mojej|mojego|mojemu|mnie|perdona|perdon|disculpa|disculpe|" +
		"scusa|scusate|scusi|gonderdim|attim|yolladim|kusura|pardon|jeg|meg|beklager|unnskyld")
	personalBefore = set("I|i|he|He|ho|Ho")
	personalBehind = set("am|have|was|will|had|just|sent|think|m|ve|ll|would|did|need|accidentally|mistakenly|wrote|" +
		"enviado|mandado|puesto|recibido|equivocado|inviato|mandato|spedito|messo|ricevuto|sbagliato")
)

// isGreen tells a short line that asks to save paper, or praises a virus scanner.
func (s *signing) isGreen(p para) bool {
	var b []byte
	for i := p.from; i < p.to; i++ {
		b = append(appendFolded(b, s.lines[i].text), ' ')
	}
	return hasAny(string(b), greens)
}

var greens = list("before printing|before you print|consider the environment|drukowac te|wydrukiem tej|wydrukowaniem|pomysl o srodowisku|" +
	"antes de imprimir|medio ambiente|prima di stampare|yazdirmadan once|cikti almadan|for du skriver ut|tenk pa miljoet|has been scanned|" +
	"virus-free|nie zawiera wirusow|libre de virus|privo di virus|virus icermiyor")

// wordsOf parts a line into words that hold until the next call.
func (s *signing) wordsOf(i int) []Word {
	s.parting.text, s.parting.words = s.lines[i].text, s.parting.words[:0]
	s.parting.all()
	return s.parting.words
}
