package mistake

import (
	"slices"

	"belay/internal/mail"
	"belay/internal/source"
)

// with is the mail with somebody more on it, at any place among the others.
func (e *letter) with(l leak, dice *dice) *source.Line {
	to, cc := slices.Clone(e.head.To), slices.Clone(e.head.Cc)
	list := &to
	if len(cc) > 0 && (len(to) == 0 || dice.n(len(to)+len(cc)) >= len(to)) {
		list = &cc
	}
	*list = slices.Insert(*list, dice.n(len(*list)+1), mail.Mailbox{Name: l.name, Address: l.address})
	return e.changed(to, cc)
}

// instead is the mail with others in the places of some. Who is there under two
// addresses is replaced under both.
func (e *letter) instead(by map[*person][]leak) *source.Line {
	done := map[*person]bool{}
	change := func(boxes []mail.Mailbox) (out []mail.Mailbox) {
		for _, b := range boxes {
			p := e.who(b.Address)
			leaks, gone := by[p]
			switch {
			case !gone:
				out = append(out, b)
			case !done[p]:
				done[p] = true
				for _, l := range leaks {
					out = append(out, mail.Mailbox{Name: l.name, Address: l.address})
				}
			}
		}
		return out
	}
	to := change(e.head.To)
	return e.changed(to, change(e.head.Cc))
}

// changed is the line with other recipients. Names are shown where the mail
// shows any: a name on one recipient alone would tell who is new.
func (e *letter) changed(to, cc []mail.Mailbox) *source.Line {
	l := *e.line
	shown := slices.ContainsFunc(slices.Concat(e.head.To, e.head.Cc), func(b mail.Mailbox) bool { return b.Name != "" })
	l.To, l.ToNames = written(to, shown)
	l.Cc, l.CcNames = written(cc, shown)
	return &l
}

func written(boxes []mail.Mailbox, shown bool) (addresses, names []string) {
	for _, b := range boxes {
		addresses = append(addresses, b.Address)
		if shown {
			names = append(names, b.Name)
		}
	}
	return addresses, names
}
