package secret

import (
	"strings"

	"belay/internal/reading"
)

// isPlaceholder tells what stands where a secret would: "<your password>",
// "xxxxx", "${PASSWORD}", "********", "changeme".
func isPlaceholder(s string) bool {
	if s == "" || strings.Contains(s, "${") || strings.Contains(s, "{{") || strings.Contains(s, "...") || strings.Contains(s, "…") || strings.Contains(s, "•") {
		return true
	}
	switch first, last := s[0], s[len(s)-1]; {
	case first == '<' || first == '[' && last == ']' || first == '{' && last == '}' || first == '%' && last == '%' || first == '$' && strings.ToUpper(s) == s && !hasDigit(s):
		return true
	}
	folded := reading.Fold(s)
	bare := strings.Trim(folded, "!?.,;:*#-_\"'()")
	if bare == "" || strings.Count(bare, bare[:1]) == len(bare) && len(bare) > 2 && (bare[0] < '0' || bare[0] > '9') {
		return true
	}
	if placeholders[bare] || strings.Contains(folded, "****") || strings.Contains(folded, "xxxx") {
		return true
	}
	for _, w := range [...]string{"your_", "your-", "yourpass", "my_pass", "insert", "placeholder", "example", "twoje_haslo", "tu_haslo", "tu_contrasena", "tua_password", "sifreniz", "ditt_passord"} {
		if strings.Contains(folded, w) {
			return true
		}
	}
	return false
}

// placeholders are words that stand for a password, or speak of one, and are none.
var placeholders = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`
		password passwort passwd pwd pass secret secrets token key apikey api_key changeme change_me none null nil true false tbd tba n/a na todo
		redacted removed hidden masked see below above attached here yes no same unchanged required needed missing wrong incorrect invalid
		expired forgotten lost reset sent separately protected optional empty blank default unknown confidential strong weak temporary valid
		haslo brak tajne ukryte ponizej wyzej osobno sms smsem wkrotce takie samo bez zmian wygaslo nieznane poufne takie jak
		contrasena clave ninguna ninguno oculta abajo arriba aparte caducada olvidada incorrecta requerida obligatoria secreta misma igual
		nessuna nessuno nascosta sotto sopra separatamente scaduta errata obbligatoria segreta stessa uguale
		sifre parola yok gizli asagida yukarida ayrica ayri suresi hatali zorunlu ayni unutuldu sms'le
		passord ingen skjult nedenfor ovenfor separat utlopt feil pakrevd hemmelig samme uendret glemt kommer folger
		hunter foo bar foobar dupa ditt mitt your my moje twoje tu tua su mio mia sizin benim`) {
		m[w] = true
	}
	return m
}()
