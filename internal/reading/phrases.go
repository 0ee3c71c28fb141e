package reading

// headField is a field in the head of a quoted mail.
type headField uint8

const (
	noField headField = iota
	fromField
	dateField
	toField
	ccField
	subjectField
	otherField
	fieldCount
)

// labels are the names of those fields, folded, as mail programs write them in
// the six languages and their neighbours'.
var labels = table(map[headField]string{
	fromField: "from|od|de|da|fra|kimden|gonderen|von|van|fran|nadawca|remitente|mittente|avsender|expediteur|od kogo|from address|" +
		"fra-adresse",
	dateField: "sent|date|sent at|date sent|wyslano|wyslane|wyslany|data|data wyslania|enviado|enviado el|enviada|enviada el|fecha|" +
		"fecha de envio|inviato|inviato il|inviata|data invio|sendt|sendt den|dato|gonderme tarihi|gonderim tarihi|gonderildi|" +
		"gonderilme tarihi|tarih|gesendet|datum|envoye|skickat|verzonden",
	toField:      "to|do|para|a|al|per|til|kime|alici|an|aan|till|destinatario|destinatari|adresat|odbiorca|do kogo|mottaker",
	ccField:      "cc|dw|kopi|kopi til|bilgi|copia|copia a|kopia|kopia do|do wiadomosci|udw|bcc|cco|ccn|gizli|blindkopi|ccc|kopie",
	subjectField: "subject|temat|asunto|oggetto|emne|konu|betreff|objet|onderwerp|amne|tytul",
	otherField: "sent by|please respond to|wyslane przez|inviato da|enviado por|sendt av|reply-to|reply to|importance|attachments|odpowiedz do|waznosc|zalaczniki|importancia|adjuntos|datos adjuntos|" +
		"responder a|rispondi a|priorita|allegati|priorytet|viktighet|vedlegg|svar til|onem|ekler|yanit adresi|message-id|organization|" +
		"prioridad|prioritet|priority|oncelik|sensitivity",
})

// separators are lines above a forwarded mail that end with a colon.
var separators = set("begin forwarded message|forwarded message|poczatek przekazywanej wiadomosci|poczatek przekazanej wiadomosci|" +
	"wiadomosc przekazana|przekazana wiadomosc|tresc przekazanej wiadomosci|inicio del mensaje reenviado|mensaje reenviado|" +
	"inicio de mensaje reenviado|inizio messaggio inoltrato|inizio del messaggio inoltrato|messaggio inoltrato|" +
	"start pa videresendt melding|begynnelse pa videresendt melding|begynnelse pa videresendt e-post|videresendt melding|iletilen ileti baslangici|" +
	"iletilmis ileti baslangici|iletilen ileti|yonlendirilmis ileti baslangici|yonlendirilen ileti|anfang der weitergeleiteten nachricht|" +
	"debut du message reexpedie|original message|oryginalna wiadomosc|wiadomosc oryginalna|mensaje original|messaggio originale|" +
	"opprinnelig melding|orijinal ileti|orijinal mesaj|ozgun ileti")

// ruledSeparators are what stands between the dashes above a quoted mail.
var ruledSeparators = list("original message|original appointment|forwarded message|forwarded by|original-nachricht|ursprungliche nachricht|" +
	"weitergeleitete nachricht|original email|original e-mail|" +
	"wiadomosc oryginalna|oryginalna wiadomosc|pierwotna wiadomosc|oryginalny termin|przekazana wiadomosc|wiadomosc przekazana|przekazanej wiadomosci|" +
	"wiadomosc przekazywana|poprzednia wiadomosc|mensaje original|cita original|mensaje reenviado|mensaje enviado|correo original|" +
	"messaggio originale|messaggio inoltrato|messaggio originario|appuntamento originale|messaggio d'origine|" +
	"opprinnelig melding|opprinnelig avtale|videresendt melding|videresendt e-post|original melding|oprindelig meddelelse|" +
	"orijinal ileti|orijinal mesaj|ozgun ileti|ozgun mesaj|iletilmis ileti|iletilen ileti|iletilen mesaj|yonlendirilmis ileti|yonlendirilen ileti|" +
	"yonlendirilmis mesaj|orijinal randevu|message transfere|message d'origine|message original|mensagem original|ursprungligt meddelande|oorspronkelijk bericht")

// wroteWords say in a line above a quoted mail that somebody wrote.
var wroteWords = set("wrote|writes|napisal|napisala|napisali|pisze|napisana|napisano|escribio|escribe|scritto|scrive|yazdi|yazmis|skrev|skriver|" +
	"schrieb|schreibt|ecrit|schreef|escreveu|napsal|napsala|kirjoitti|ekri")

// quotingWords stand there in place of them.
var quotingWords = set("quoting|cytowanie|cytuje|cytat|citando|cita|citazione|citat|citerer|sitat|siterer|zitat|alinti|quote|citant")

// startWords begin such a line, or its first half where it is broken.
var startWords = set("on|w|dnia|dn|wiadomosc|el|il|den|am|op|le|em|dne|kl|at|quoting|" +
	"mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|" +
	"pon|wt|sr|czw|pt|sob|niedz|nd|poniedzialek|wtorek|sroda|czwartek|piatek|sobota|niedziela|" +
	"lun|mar|mie|jue|vie|sab|dom|lunes|martes|miercoles|jueves|viernes|sabado|domingo|" +
	"mer|gio|ven|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|" +
	"man|tir|ons|tor|fre|lor|son|mandag|tirsdag|onsdag|torsdag|fredag|lordag|sondag|" +
	"pzt|sal|car|per|cum|cmt|paz|pazartesi|sali|carsamba|persembe|cuma|cumartesi|pazar")

// regards are the closings behind which a signature stands, folded. A line is
// one that is a closing and at most a name.
var regards = list("best regards|kind regards|kindest regards|warm regards|warmest regards|with regards|regards|best wishes|all the best|" +
	"many regards|best|sincerely|sincerely yours|yours sincerely|yours faithfully|yours truly|yours|respectfully|cordially|warmly|br|rgds|" +
	"kr|with best regards|with kind regards|with warm regards|cheers|take care|see you soon|talk soon|speak soon|love|hugs|" +
	"pozdrawiam|pozdrawiamy|pozdrowienia|z pozdrowieniami|serdecznie pozdrawiam|serdeczne pozdrowienia|pozdrawiam serdecznie|" +
	"z powazaniem|z wyrazami szacunku|z wyrazami powazania|z szacunkiem|z serdecznymi pozdrowieniami|lacze pozdrowienia|" +
	"lacze wyrazy szacunku|laczac pozdrowienia|pozdro|pzdr|pzdr.|pozdr|usciski|buziaki|milego dnia|zycze milego dnia|sciskam|calusy|" +
	"saludos|saludos cordiales|un saludo|un cordial saludo|cordiales saludos|cordialmente|atentamente|muy atentamente|atte|un abrazo|" +
	"abrazos|un fuerte abrazo|besos|reciba un cordial saludo|reciban un cordial saludo|quedo a su disposicion|le saluda atentamente|saluda atentamente|" +
	"sin otro particular|un beso|salu2|slds|" +
	"cordiali saluti|distinti saluti|cari saluti|un cordiale saluto|un caro saluto|saluti|saluti cordiali|tanti saluti|i migliori saluti|" +
	"un saluto|cordialita|con i migliori saluti|porgo cordiali saluti|porgo distinti saluti|con cordialita|in fede|un abbraccio|baci|" +
	"buona giornata|buon lavoro|buona serata|a presto|ciao|" +
	"saygilarimla|saygilarimizla|saygilar|iyi calismalar|iyi gunler|sevgiler|sevgilerimle|selamlar|hurmetlerimle|kolay gelsin|" +
	"iyi gunler dilerim|iyi calismalar dilerim|iyi calismalar dileriz|saygilarimi sunarim|saygi ve sevgilerimle|iyi aksamlar|esenlikler dilerim|optum|opuyorum|" +
	"en iyi dileklerimle|sevgi ve saygilarimla|selam ve saygilarimla|hosca kal|" +
	"med vennlig hilsen|med vennleg helsing|vennlig hilsen|vennleg helsing|mvh|hilsen|beste hilsen|med hilsen|med beste hilsen|" +
	"med venlig hilsen|beste helsing|helsing|varm hilsen|klem|ha en fin dag|ha en god dag|ha en fin helg|ha det bra|vh|dbh|god helg|" +
	"mit freundlichen grussen|freundliche grusse|viele grusse|mfg|cordialement|bien cordialement|met vriendelijke groet|med vanliga halsningar")

// thanks are closings too, but are words to somebody as well: they stay with
// the writer's own.
var thanks = list("thanks|thank you|thx|ty|many thanks|thanks a lot|thanks again|thank you very much|thanks in advance|thank you in advance|" +
	"thanks and regards|thanks and best regards|thanks & regards|thanks and kind regards|with thanks|thanks so much|thank you so much|" +
	"dziekuje|dzieki|dziekujemy|z gory dziekuje|dziekuje i pozdrawiam|dziekuje pozdrawiam|dziekuje bardzo|dzieki i pozdrawiam|" +
	"gracias|muchas gracias|mil gracias|gracias y un saludo|gracias un saludo|gracias de antemano|gracias y saludos|gracias saludos|" +
	"grazie|grazie mille|molte grazie|grazie in anticipo|ringraziando|la ringrazio|grazie e saluti|grazie e cordiali saluti|" +
	"tesekkurler|tesekkur ederim|tesekkur ederiz|cok tesekkurler|simdiden tesekkurler|sagol|sagolun|" +
	"takk|tusen takk|mange takk|takk for hjelpen|pa forhand takk|takk skal du ha|danke|vielen dank|merci")
