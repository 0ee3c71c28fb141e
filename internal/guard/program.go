package guard

import (
	"slices"
	"strings"

	"belay/internal/directory"
	"belay/internal/mail"
)

// Program is an author that is no person.
type Program struct {
	Hold  bool   // rules may hold its mail
	Owner string // who is asked in its place; "" is the admins
}

// Unlisted is what holds for programs that nobody listed.
type Unlisted struct {
	Recognise bool
	Program
}

// programOf tells whether the author is a program, and what holds for it.
// certain tells that it is one by its address: anybody can write a header.
func (g *Guard) programOf(f *Facts, d *directory.Directory) (p Program, program, certain bool) {
	if p, ok := g.programs[f.Author]; ok {
		return p, true, true
	}
	switch kind := d.Kind(f.Author); {
	case kind == directory.KindProgram:
		p = Program{Hold: true}
		if of := d.Members(f.Author); len(of) > 0 {
			p.Owner = of[0]
		}
		return p, true, true
	case kind != directory.KindUnknown || !g.unlisted.Recognise:
		return Program{}, false, false
	}
	if LooksLikeProgram(f.Author) {
		return g.unlisted.Program, true, true
	}
	if auto := f.Summary.AutoSubmitted; auto != "" && auto != "no" {
		return g.unlisted.Program, true, false
	}
	return Program{}, false, false
}

// noReply are the words by which programs ask for no answer, in the languages
// of belay and their spellings without accents.
var noReply = []string{
	"noreply", "donotreply", "dontreply", "notreply", "noanswer", // en
	"nieodpowiadaj", "nieodpowiadac", "bezodpowiedzi", "brakodpowiedzi", "nieodpisuj", "nieodpisywac", // pl
	"noresponder", "noresponda", "nocontestar", "nocontesteis", "sinrespuesta", // es
	"nonrispondere", "nonrisponda", "noninviare", "norisposta", "senzarisposta", // it
	"yanitlama", "yanitlamayin", "cevaplama", "cevaplamayin", "cevapvermeyin", "yanitvermeyin", // tr
	"ikkesvar", "svarikke", "ikkebesvar", "besvarikke", "ingensvar", // nb
}

// machines are names of mailboxes behind which programs write.
var machines = []string{
	"mailerdaemon", "bounce", "bounces", "notification", "notifications", "autoreply", "autoresponder", "robot",
	"powiadomienie", "powiadomienia", "automat", "notificacion", "notificaciones", "notifica", "notifiche",
	"bildirim", "bildirimler", "varsel", "varsling", "varslinger",
}

// LooksLikeProgram tells addresses such as no-reply@ and rechnung-noreply@.
func LooksLikeProgram(address string) bool {
	local, _ := mail.Split(mail.Base(address))
	local = plainLetters.Replace(strings.ToLower(local))
	return slices.Contains(machines, local) ||
		slices.ContainsFunc(noReply, func(word string) bool { return strings.Contains(local, word) })
}

// plainLetters takes off what these words are written with besides letters.
var plainLetters = strings.NewReplacer("-", "", "_", "", ".", "", `"`, "", " ", "", "ć", "c", "ó", "o", "ı", "i", "i̇", "i", "å", "a")
