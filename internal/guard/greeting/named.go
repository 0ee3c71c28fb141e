package greeting

import "belay/internal/guard"

// Greeted is somebody whom a mail greets by name.
type Greeted struct {
	Text  string   // as it stands: "Aniu", "Sayın Yılmaz"
	Words []string // of it those that tell who it is, folded
}

// Named are those whom a mail greets by name, for detectors that ask for more
// than whether the first of them is there.
func Named(l *guard.Look) (list []Greeted) {
	o, ok := openingIn(l)
	if !ok {
		return nil
	}
	for i := range o.greeted {
		g := &o.greeted[i]
		list = append(list, Greeted{g.text, g.main()})
	}
	return list
}
