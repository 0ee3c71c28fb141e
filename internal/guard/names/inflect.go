package names

import "strings"

// declinePolish gives forms of a Polish name in the cases that stand in letters,
// the vocative first. It gives too many rather than too few: forms that nobody
// uses do no harm.
func declinePolish(name string) []string {
	stem, ok := strings.CutSuffix(name, "a")
	if ok && len(stem) > 1 {
		forms := []string{stem + "o", stem + "u", stem + "y", stem + "i", stem + "e", stem + "ie", stem + "ę", stem + "ą"}
		for _, s := range [][2]string{{"k", "ce"}, {"g", "dze"}, {"r", "rze"}, {"t", "cie"}, {"d", "dzie"}, {"ł", "le"}} {
			if before, ok := strings.CutSuffix(stem, s[0]); ok {
				forms = append(forms, before+s[1])
			}
		}
		if before, ok := strings.CutSuffix(stem, "i"); ok { // Maria, Marii; Kasia, Kasi
			forms = append(forms, before+"ii")
		}
		return forms
	}
	for _, s := range [][2]string{{"iek", "k"}, {"ek", "k"}, {"ieł", "ł"}, {"eł", "ł"}, {"ieł", "l"}, {"eł", "l"}, {"ier", "r"}, {"ień", "ni"}} {
		if before, ok := strings.CutSuffix(name, s[0]); ok && len(before) > 1 {
			return hard(before + s[1])
		}
	}
	return hard(name)
}

// hardEndings are what the vocative makes of the end of a man's name.
var hardEndings = [][2]string{
	{"ch", "chu"}, {"sz", "szu"}, {"rz", "rzu"}, {"cz", "czu"}, {"dź", "dziu"}, {"ś", "siu"}, {"ć", "ciu"}, {"ń", "niu"}, {"ź", "ziu"},
	{"k", "ku"}, {"g", "gu"}, {"h", "hu"}, {"j", "ju"}, {"l", "lu"}, {"c", "cu"}, {"ż", "żu"}, {"r", "rze"}, {"t", "cie"}, {"d", "dzie"}, {"ł", "le"},
	{"n", "nie"}, {"m", "mie"}, {"b", "bie"}, {"p", "pie"}, {"w", "wie"}, {"f", "fie"}, {"s", "sie"}, {"z", "zie"}, {"o", "u"},
}

// hard gives the cases of a man's name.
func hard(name string) []string {
	var forms []string
	for _, e := range hardEndings {
		if before, ok := strings.CutSuffix(name, e[0]); ok {
			forms = append(forms, before+e[1])
			soft := before + e[1]
			if strings.HasSuffix(soft, "iu") { // Staś: Stasia, Stasiowi, Stasiem
				soft = strings.TrimSuffix(soft, "u")
				return append(forms, soft+"a", soft+"owi", soft+"em")
			}
			break
		}
	}
	if strings.HasSuffix(name, "i") || strings.HasSuffix(name, "y") { // Antoni, Jerzy
		return append(forms, name+"ego", name+"emu", name+"m", strings.TrimSuffix(name, "y")+"ego", strings.TrimSuffix(name, "y")+"emu")
	}
	return append(forms, name+"a", name+"owi", name+"em", name+"iem")
}

// endings take a declined or diminutive form back to what may stand on a list,
// all folded: Polish cases, Turkish and Spanish endearments, Italian and
// Norwegian ones. Those that are longer come first.
var endings = []struct{ end, plain string }{
	// tr: Ayşeciğim, Ahmetçim, Ayşegülcüğüm, Elifçiğim
	{"cigime", ""}, {"cigim", ""}, {"cugum", ""}, {"cigum", ""}, {"cim", ""}, {"cum", ""}, {"cigimiz", ""}, {"m", ""}, {"im", ""}, {"um", ""},
	// pl
	{"rze", "r"}, {"cie", "t"}, {"dzie", "d"}, {"le", "l"}, {"le", "el"}, {"ku", "ek"}, {"ku", "iek"}, {"ku", "k"}, {"siu", "s"}, {"siu", "sia"}, {"ciu", "c"},
	{"niu", "n"}, {"niu", "nia"}, {"ie", ""}, {"ie", "a"}, {"u", ""}, {"u", "a"}, {"u", "o"}, {"o", "a"}, {"y", "a"}, {"i", "a"}, {"ii", "ia"}, {"a", ""}, {"owi", ""}, {"em", ""},
	{"iego", "i"}, {"iemu", "i"}, {"ego", ""}, {"emu", ""}, {"ce", "ka"}, {"ska", "ski"}, {"cka", "cki"}, {"dzka", "dzki"}, {"skiej", "ski"}, {"ckiej", "cki"}, {"owa", ""}, {"owna", ""},
	// es, it
	{"cito", ""}, {"cita", ""}, {"ito", "o"}, {"ita", "a"}, {"ito", ""}, {"illo", "o"}, {"illa", "a"}, {"ino", "o"}, {"ina", "a"}, {"uccio", "o"}, {"uccia", "a"}, {"etto", "o"}, {"etta", "a"},
	// nb, en: the genitive
	{"s", ""},
}

// plainForms are what a folded word may be a form of, without the word itself.
func plainForms(word string) []string {
	var all []string
	for _, e := range endings {
		if before, ok := strings.CutSuffix(word, e.end); ok && len(before) >= 2 && len(before)+len(e.plain) >= 3 {
			all = append(all, before+e.plain)
		}
	}
	return all
}
