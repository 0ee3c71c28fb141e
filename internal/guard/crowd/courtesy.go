package crowd

import (
	"strings"

	"belay/internal/reading"
)

// What people write in a short word for one person, in the six languages,
// folded. Those in phrases stand one after the other.
var (
	courtesyWords = words(`
		thanks thank thx ty tnx thanx congratulations congrats kudos bravo noted ok okay k cool awesome brilliant lovely wonderful
		fantastic yay agreed welcome unsubscribe sorry perfect great nice yes yep yup sure amazing hooray hurray happy
		dzieki dziekuje dziekujemy dziekuję dzienks dzk gratulacje gratuluje gratulujemy brawo super swietnie extra ekstra zgoda jasne
		przyjalem przyjelam potwierdzam spoko sto pieknie cudownie wspaniale obecny obecna bede przepraszam najlepszego
		gracias enhorabuena felicidades felicitaciones felicito vale genial estupendo perfecto recibido entendido anotado
		bienvenida bienvenido confirmado asistire fenomenal guay conforme
		grazie complimenti congratulazioni auguri ricevuto ottimo perfetto benissimo bravissimi bravissima bravissimo bravi brava
		confermo confermato presente daccordo evviva bellissimo benvenuta benvenuto splendido
		tesekkurler tesekkur tesekkurlerimle sagol sagolun saol eyvallah tebrikler tebrik kutlarim kutlu tamam tamamdir olur
		anlasildi harika supersin super mukemmel katiliyorum geliyorum elinize elinizesaglik hayirli
		takk tusen gratulerer gratulere gratulasjon notert mottatt greit supert flott bra kjempebra kult enig velkommen hurra
		condolences hug hugs xx xoxo kondolencje wspolczuje przytulam usciski buziaki condolencias abrazo abrazos besos pesame
		condoglianze abbraccio abbracci baci vicino vicina sariliyorum opuyorum opucukler kondolerer klem klemmer
		fint topp bekreftet perfekt lykke jippi kjempefint`)
	courtesyPhrases = phrases(`
		well done|good job|great job|great work|good work|nice work|nice one|me too|same here|count me in|i am in|im in|i m in|got it|will do|
		sounds good|works for me|fine with me|fine by me|see you|looking forward|i ll be there|i will be there|ill be there|i can t make it|
		cant make it|can t come|won t make it|not me|i agree|no problem|much appreciated|so proud|happy birthday|happy for you|well deserved|
		take me off|remove me|wrong person|why am i|not for me|not meant for me|meant for me|don t live|no longer work|thinking of you|sorry for your loss|good luck|get well|lol|haha|safe travels|all the best|hear hear|
		ja tez|nie do mnie|to nie ja|nie mieszkam|nie pracuje juz|prosze o wypisanie|pomylka|lacze sie w|jestem z toba|dobra robota|swietna robota|dobrze zrobione|wszystkiego najlepszego|do zobaczenia|nie dam rady|nie moge przyjsc|sto lat|
		zgadzam sie|pasuje mi|mi pasuje|jestem za|ja nie moge|powodzenia|trzymam kciuki|wielkie dzieki|proszę mnie wypisac|prosze mnie wypisac|
		no es para mi|no soy yo|se han equivocado|te has equivocado|ya no trabajo|ya no vivo|te acompano|lo siento mucho|dame de baja|denme de baja|buen trabajo|gran trabajo|yo tambien|de acuerdo|muchas gracias|mil gracias|me apunto|cuenta conmigo|alli estare|ahi estare|
		nos vemos|feliz cumpleanos|me parece bien|por mi bien|no puedo ir|no podre|que bien|que alegria|me alegro|buena suerte|
		non e per me|non sono io|non lavoro piu|non abito piu|avete sbagliato|hai sbagliato|mi dispiace|ti sono|cancellatemi|toglietemi|ben fatto|ottimo lavoro|anch io|anche io|d accordo|va bene|per me va|ci sono|ci saro|ci vediamo|buon compleanno|mille grazie|
		non posso|non riesco|a presto|che bello|buon lavoro|in bocca al lupo|tanti auguri|
		bana degil|benim icin degil|yanlis kisi|artik oturmuyorum|artik calismiyorum|basin sag|basiniz sag|gecmis olsun|beni listeden|ellerine saglik|elinize saglik|emeginize saglik|ben de|bende varim|ben varim|cok guzel|cok iyi|dogum gunun|iyi ki|bana uyar|
		gelemiyorum|gelemem|gorusuruz|kolay gelsin|aynen oyle|bol sans|yolun acik|basarilar dilerim|hayirli olsun|gozunuz aydin|
		ikke til meg|ikke ment for meg|feil person|bor ikke|jobber ikke lenger|kondolerer|tenker pa deg|ta meg av|stryk meg|tusen takk|bra jobba|godt jobba|godt jobbet|bra jobbet|godt arbeid|meg ogsa|jeg ogsa|helt enig|blir med|jeg kommer|kan ikke komme|
		gratulerer med|passer for meg|passer bra|ses der|vi ses|sees da|hurra for|lykke til|god bedring|sa bra|sa flott|det er i orden|i orden`)
	// signOffs begin what stands under a mail; a name follows.
	signOffs = words(`regards best kind kindest warm sincerely yours cheers br rgds pozdrawiam pozdrowienia pozdr serdecznie saludos saludo
		un abrazo atentamente cordialmente saluti cordiali distinti cordialmente selamlar saygilar saygilarimla saygilarimizla sevgiler
		iyi hilsen mvh vennlig vennligst vh klem`)
	// tasks ask or tell everybody something.
	tasks = words(`please deadline update attached attach agenda minutes kindly remember note prosze prosimy termin uwaga zalaczam zalaczeniu
		pamietajcie przypominam por favor plazo adjunto recuerden recordad per favore scadenza allego allegato ricordate lutfen
		ekte ekli unutmayin hatirlatma vennligst frist vedlagt husk paminnelse`)
)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[reading.Fold(w)] = true
	}
	return m
}

// phrases are lists of folded words by their first word.
func phrases(list string) map[string][][]string {
	m := map[string][][]string{}
	for p := range strings.SplitSeq(list, "|") {
		if w := strings.Fields(reading.Fold(p)); len(w) > 0 {
			m[w[0]] = append(m[w[0]], w)
		}
	}
	return m
}

// courtesies counts the words and phrases of courtesy.
func courtesies(list []reading.Word) (n int) {
	for i := range list {
		if courtesyWords[list[i].Folded] || beginsPhrase(list[i:]) {
			n++
		}
	}
	return n
}

func beginsPhrase(list []reading.Word) bool {
	for _, p := range courtesyPhrases[list[0].Folded] {
		if len(p) > len(list) {
			continue
		}
		same := true
		for j := range p {
			same = same && list[j].Folded == p[j]
		}
		if same {
			return true
		}
	}
	return false
}

// isTask tells whether a text asks something of those who get it.
func isTask(list []reading.Word) bool {
	for i := range list {
		if tasks[list[i].Folded] {
			return true
		}
	}
	return false
}

// withoutSignOff leaves out the greetings and the name below a text.
func withoutSignOff(list []reading.Word) []reading.Word {
	for i := range list {
		begins := i == 0 || list[i].Line != list[i-1].Line
		if begins && i > 0 && signOffs[list[i].Folded] && len(list)-i <= 8 {
			return list[:i]
		}
	}
	// A last line that is a name alone.
	if n := len(list); n > 2 && list[n-1].Capital {
		from := n - 1
		for from > 0 && list[from-1].Line == list[n-1].Line {
			from--
		}
		if from > 0 && n-from <= 2 && list[from].Capital && !courtesyWords[list[from].Folded] {
			return list[:from]
		}
	}
	return list
}
