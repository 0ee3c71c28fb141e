package reading

import (
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"belay/internal/locale"
)

// How much of a text tells its language.
const (
	languageWords   = 250
	languageLetters = 1200 // for the guess by letters, in octets
)

// language tells the language of Own, or of all where that is too short.
func (t *Text) language() string {
	if l := languageOf(t.Words(), t.Own); l != "" {
		return l
	}
	if len(t.Own) < 200 && t.Quoted != "" {
		quoted := cutText(t.Quoted, languageLetters)
		return languageOf(WordsOf(quoted), quoted)
	}
	return ""
}

// LanguageOf tells which of the six languages a text is in, "" where that is
// not clear or it is another one.
func LanguageOf(text string) string {
	text = cutText(text, 8*languageLetters)
	return languageOf(WordsOf(text), text)
}

// languageOf goes by the small words of each language, and by letters that only
// it has; where those do not tell, by what three letters follow each other.
func languageOf(words []Word, text string) string {
	var score [languages]float64
	for i := range words[:min(len(words), languageWords)] {
		w := &words[i]
		if all := smallWords[w.Folded]; all != 0 {
			share := 1 / float64(bits.OnesCount8(all))
			for l := range score {
				if all&(1<<l) != 0 {
					score[l] += share
				}
			}
		}
		if !w.Capital && len(w.Text) != len(w.Folded) {
			addLetters(&score, w.Text)
		}
	}
	best, next := 0, 1
	if score[next] > score[best] {
		best, next = next, best
	}
	for l := 2; l < languages; l++ {
		switch {
		case score[l] > score[best]:
			best, next = l, best
		case score[l] > score[next]:
			next = l
		}
	}
	switch {
	case score[best] >= 1 && score[best] >= 1.5*score[next]+0.4:
		return languageCodes[best]
	case score[best] >= 1 && score[best] >= 2*score[next] && len(words) <= 12:
		return languageCodes[best]
	}
	if plainWords(words) < fewestPlain {
		return ""
	}
	guess := locale.Detect(cutText(text, languageLetters))
	if guess != "" && score[best] >= 1 && score[slices.Index(languageCodes[:], guess)] < score[best]/2 {
		return "" // its small words say otherwise
	}
	return guess
}

// fewestPlain is how many words that are no names the guess by letters needs.
const fewestPlain = 7

// plainWords counts the words of a text's beginning that are no names, numbers
// or short forms.
func plainWords(words []Word) (n int) {
	for i := range words[:min(len(words), languageWords)] {
		if w := &words[i]; !w.Capital && len(w.Folded) >= 3 && !isDigit(w.Folded[0]) && !isDigit(w.Folded[len(w.Folded)-1]) {
			n++
		}
	}
	return n
}

// addLetters counts letters that few languages have.
func addLetters(score *[languages]float64, word string) {
	for i := 0; i < len(word); {
		if word[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(word[i:])
		i += n
		for l, letters := range ownLetters {
			if strings.ContainsRune(letters, r) {
				score[l] += 0.7
			}
		}
	}
}

// The languages that are told apart: ours, and the neighbours that are not to
// be taken for one of them.
var languageCodes = [languages]string{"en", "pl", "es", "it", "tr", "nb", "", ""}

const languages = 8

var ownLetters = [languages]string{1: "ąęłśżźćń", 2: "ñ¿¡", 4: "ğşı", 5: "øå", 6: "ß", 7: "ãõê"}

// smallWords say of which languages a word is, a bit for each. Words that too
// many have in common are left out.
var smallWords = func() map[string]uint8 {
	m := map[string]uint8{}
	for l, s := range [languages]string{
		"the|and|of|to|in|is|that|you|for|it|with|this|have|be|are|we|will|not|your|can|from|if|at|was|but|our|has|they|would|there|what|all|been|which|any|please|" +
			"their|do|when|so|an|by|as|or|let|know|just|should|could|me|my|he|she|his|her|thanks|thank|hi|hello|dear|regards|about|i|on|no|yes|here|see|need|get|who|how|attached|these|us|then|did|its|attach|file|could|today|tomorrow|week|meeting",
		"i|w|z|na|do|sie|nie|to|jest|ze|o|za|od|po|czy|jak|tak|ale|co|dla|przez|przy|oraz|lub|prosze|bardzo|tym|tego|jego|jej|nasz|nas|mam|bedzie|moze|juz|tylko|zeby|aby|" +
			"ktory|ktora|ktore|pan|pani|panstwo|dzien|dobry|czesc|witam|dziekuje|pozdrawiam|prosba|wiec|jeszcze|mozna|moge|sa|byc|bylo|ten|ta|te|ja|my|mi|ci|go|je|ich|pod|nad|bez|we|ze|dzieki|szanowni|zalaczeniu|zalaczniku|przesylam|wiadomosc|jutro|dzis|dzisiaj|" +
			"poniewaz|gdy|kiedy|tu|tam|teraz|prosimy|panu|pana|panem|drodzy|hej|masz|jestem|bede|mamy|beda|wszystko|proszę|sprawie|temat|faktura|umowa",
		"el|la|los|las|de|que|y|en|un|una|es|por|con|para|del|se|no|lo|al|su|como|mas|pero|le|ya|o|este|esta|si|porque|muy|sin|sobre|tambien|me|hasta|hay|donde|quien|desde|todo|nos|" +
			"hola|gracias|saludos|buenos|buenas|dias|tardes|estimado|estimada|adjunto|usted|ustedes|cuando|ser|son|fue|ha|he|han|puede|puedes|favor|te|os|tu|mi|estamos|estoy|correo|mañana|manana|hoy|nuestro|nuestra|eso|esto|ese|esa|entre|solo|bien|hemos|tengo|tiene|querido|querida",
		"il|lo|la|i|gli|le|di|che|e|un|una|per|con|del|della|dei|delle|in|non|si|sono|da|al|alla|nel|nella|come|piu|ma|anche|se|ho|ha|mi|ti|ci|vi|questo|questa|quello|ciao|grazie|saluti|" +
			"buongiorno|buonasera|gentile|egregio|allegato|allegata|allego|perche|quando|cosa|essere|sia|dove|sul|sulla|dal|dalla|ai|agli|loro|suo|sua|mio|mia|nostro|tutto|tutti|cordiali|salve|cara|caro|domani|oggi|ancora|molto|bene|abbiamo|siamo|puoi|posso|vorrei|fare|stato|invio|prego|hai|io|sei|gia|cui|ed|degli|alle",
		"ve|bir|bu|ile|icin|da|de|ne|cok|daha|gibi|ama|en|olarak|olan|var|yok|mi|mu|ben|sen|biz|siz|o|ki|her|sonra|kadar|ya|veya|degil|merhaba|sayin|tesekkurler|tesekkur|ederim|iyi|gunler|" +
			"ekte|ekteki|lutfen|rica|selam|bey|hanim|size|sizin|bize|bizim|bana|benim|saygilarimla|olur|olmasi|oldugu|edilen|gore|ise|hem|diye|nasil|yarin|bugun|tamam|dosya|dosyayi|toplanti|calismalar|konu|musun|misiniz|ederiz|hakkinda|tarafindan|uzere|sevgili|degerli|arkadaslar|olacak|oldu|evet|hayir|simdi",
		"og|i|jeg|det|at|en|et|den|til|er|som|pa|de|med|han|av|ikke|der|sa|var|meg|seg|men|ett|har|om|vi|min|mitt|ha|hadde|hun|na|over|da|ved|fra|du|ut|sin|dem|oss|opp|man|kan|hans|hvor|eller|hva|" +
			"skal|selv|her|alle|vil|bli|ble|blitt|kunne|inn|nar|kom|noen|noe|dere|deg|hei|takk|hilsen|vennlig|mvh|vedlagt|vedlegg|ekte|kjaere|god|dag|morgen|ogsa|bare|for|etter|hos|mellom|uten|disse|dette|denne|skulle|ville|maa|ma|vaere|vart|vare|var|hvis|fordi|fint|bra|sender|legger",
		"der|die|das|und|ist|nicht|ich|sie|es|mit|fur|auf|ein|eine|zu|von|den|dem|wir|wird|auch|sind|haben|bitte|danke|hallo|grusse|sehr|geehrte|im|an|aus|bei|nach|uber|oder|aber|" +
			"het|een|niet|van|voor|zijn|aan|ook|maar|dat|ik|je|wij|heeft|naar|bij|deze|och|att|det|som|inte|jag|har|ar|vi|pa|av|mig|fran|kan|skulle",
		"les|des|et|est|une|dans|qui|pas|pour|sur|vous|nous|avec|ce|au|aux|sont|bonjour|merci|votre|notre|mais|ou|je|il|elle|cette|plus|du|cordialement|" +
			"nao|uma|voce|obrigado|com|em|os|das|dos|mais|foi|isso|muito|esta|aos|seu|sua|ola|por|ate|tambem|sobre",
	} {
		for w := range strings.SplitSeq(s, "|") {
			m[Fold(w)] |= 1 << l
		}
	}
	return m
}()

// IsSmallWord tells whether a folded word is one of those that hold sentences
// together ("and", "oraz", "ile"): it says nothing about a matter.
func IsSmallWord(folded string) bool { return smallWords[folded] != 0 }
