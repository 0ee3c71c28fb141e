package mistake

import "math/bits"

// oldAddressBook makes V0: an address of the author's book that begins with the
// same three letters as a true recipient's (two, one, none, where there is no
// such), drawn evenly. α tells how often it comes from outside the book.
func (d *draw) oldAddressBook() {
	for _, v := range []struct {
		name  string
		alpha float64
	}{{"V0", 0}, {"V0a.1", .1}, {"V0a.2", .2}, {"V0x", 1}} {
		if !d.wants(v.name) {
			continue
		}
		dice := d.dice(v.name)
		l, ok := leak{}, false
		if dice.chance(v.alpha) {
			l, ok = d.stranger(dice)
		} else {
			l, ok = d.sameLetters(dice)
		}
		if ok {
			d.add(v.name, l, dice)
		}
	}
}

// sameLetters draws somebody of the book whose address begins as a true
// recipient's.
func (d *draw) sameLetters(dice *dice) (l leak, ok bool) {
	like := d.e.slots[dice.n(len(d.e.slots))].p
	var best [4]evenly[*contact]
	for n := range best {
		best[n].dice = dice
	}
	for _, c := range d.book.list {
		if !d.free(c.p) || c.sent+c.received == 0 {
			continue // who was but on the same mail is in no mail program's book
		}
		n := 0
		for n < 3 && like.typed[0][n] != 0 && c.p.typed[0][n] == like.typed[0][n] {
			n++
		}
		for ; n >= 0; n-- {
			best[n].show(c)
		}
	}
	for n := 3; n >= 0; n-- {
		if best[n].seen > 0 {
			return leakOf(best[n].one), true
		}
	}
	return l, false
}

// stranger draws somebody of the others' books whom the author's does not have.
func (d *draw) stranger(dice *dice) (l leak, ok bool) {
	if len(d.m.all) == 0 {
		return l, false
	}
	for range 50 {
		p := d.m.all[dice.n(len(d.m.all))]
		if d.free(p) && d.book.by[p] == nil {
			return leak{p, p.address, p.name}, true
		}
	}
	return l, false
}

// autoComplete makes V1: the author types one to three letters of the address or
// of a name, and takes the mail program's first suggestion.
func (d *draw) autoComplete() {
	if !d.wants("V1") {
		return
	}
	dice := d.dice("V1")
	type typing struct{ word, letters int }
	var ways []typing
	for word := range 3 {
		for letters := range 3 {
			ways = append(ways, typing{word, letters})
		}
	}
	for i := len(ways) - 1; i > 0; i-- {
		k := dice.n(i + 1)
		ways[i], ways[k] = ways[k], ways[i]
	}
	for _, meant := range d.targets(dice) {
		for _, w := range ways {
			typed := meant.p.typed[w.word][w.letters]
			if typed == 0 {
				continue
			}
			// Where the first suggestion is right, or gets the mail anyway, nobody
			// goes wrong that way.
			if c := d.suggestion(typed, w.letters); c != nil && c.p != meant.p && d.free(c.p) {
				d.replace("V1", meant, leakOf(c))
				return
			}
		}
	}
}

// suggestion is whom a mail program offers first: of those whom the author wrote
// to, and of whose address or name this is the beginning, the most often and
// most lately written to.
func (d *draw) suggestion(typed uint32, letters int) (best *contact) {
	for _, c := range d.book.sentTo {
		t := &c.p.typed
		if (t[0][letters] == typed || t[1][letters] == typed || t[2][letters] == typed) && (best == nil || c.weight > best.weight) {
			best = c
		}
	}
	return best
}

// sameFirstName makes V2: somebody with the first name of a true recipient, of
// another organisation, out of the author's book or else out of all others'.
func (d *draw) sameFirstName() {
	if !d.wants("V2") {
		return
	}
	dice := d.dice("V2")
	targets := d.targets(dice)
	for _, meant := range targets {
		if len(meant.p.first) < 3 {
			continue
		}
		one := evenly[*contact]{dice: dice}
		for _, c := range d.book.list {
			if c.p.first == meant.p.first && c.p.org != meant.p.org && d.free(c.p) {
				one.show(c)
			}
		}
		if one.seen > 0 {
			d.both("V2", meant, leakOf(one.one), dice)
			return
		}
	}
	for _, meant := range targets {
		if len(meant.p.first) < 3 {
			continue
		}
		one := evenly[*person]{dice: dice}
		for _, p := range d.m.first[meant.p.first] {
			if p.first == meant.p.first && p.org != meant.p.org && d.free(p) {
				one.show(p)
			}
		}
		if one.seen > 0 {
			d.both("V2", meant, leak{one.one, one.one.address, one.one.name}, dice)
			return
		}
	}
}

// both notes a mistake in both modes.
func (d *draw) both(variant string, meant slot, l leak, dice *dice) {
	d.replace(variant, meant, l)
	d.add(variant, l, dice)
}

// takenOff makes V3: an answer to all brings back an outsider whom the author
// had taken off the thread in an earlier mail. V3n is the same with somebody who
// is taken off in this very mail: nothing earlier tells.
func (d *draw) takenOff() {
	if d.thread == nil {
		return
	}
	if d.wants("V3") {
		d.addOne("V3", d.thread.takenOff(d.e.author))
	}
	if !d.wants("V3n") {
		return
	}
	for i := len(d.thread.posts) - 1; i >= 0; i-- {
		if had := &d.thread.posts[i]; had.has(d.e.author) {
			d.addOne("V3n", removed(d.e.author, had, func(p *person) bool { return p.on == d.m.turn }, nil))
			return
		}
	}
}

// oldPart makes V4: somebody from an old part of the thread.
func (d *draw) oldPart() {
	if d.thread != nil && d.wants("V4") {
		d.addOne("V4", d.thread.old(d.e.author, d.e.at))
	}
}

// addOne adds one of a list who does not get the mail anyway.
func (d *draw) addOne(variant string, list []*person) {
	dice := d.dice(variant)
	one := evenly[*person]{dice: dice}
	for _, p := range list {
		if p.on != d.m.turn {
			one.show(p)
		}
	}
	if one.seen > 0 {
		d.add(variant, leak{one.one, one.one.address, one.one.name}, dice)
	}
}

// wellKnown is how many mails to an organisation make it known well.
const wellKnown = 5

// wrongClient makes V5: all people of one organisation are replaced with people
// of another; the author knows both well, and never wrote to them together.
func (d *draw) wrongClient() {
	if !d.wants("V5") {
		return
	}
	dice := d.dice("V5")
	here := map[string][]slot{}
	var order []string
	for _, s := range d.e.slots {
		if s.p.free || s.p.org == d.e.author.org {
			continue
		}
		if here[s.p.org] == nil {
			order = append(order, s.p.org)
		}
		here[s.p.org] = append(here[s.p.org], s)
	}
	for len(order) > 0 {
		i := dice.n(len(order))
		org := order[i]
		order[i] = order[len(order)-1]
		order = order[:len(order)-1]
		if a := d.book.orgs[org]; a != nil && a.mails >= wellKnown && d.swapClient(here[org], org, here, dice) {
			return
		}
	}
}

// swapClient replaces the people of one organisation, if another fits.
func (d *draw) swapClient(meant []slot, org string, here map[string][]slot, dice *dice) bool {
	other := evenly[*client]{dice: dice}
	for _, b := range d.book.order {
		if b.mails < wellKnown || b.org == d.e.author.org || here[b.org] != nil || b.people[0].p.free || d.book.joint[pair(org, b.org)] {
			continue
		}
		other.show(b)
	}
	if other.seen == 0 {
		return false
	}
	var people []*contact
	for _, c := range other.one.people {
		if d.free(c.p) {
			people = append(people, c)
		}
	}
	if len(people) == 0 {
		return false
	}
	by := make(map[*person][]leak, len(meant))
	made := Made{Variant: "V5", Mode: Replace}
	for _, s := range meant {
		made.Meant = append(made.Meant, s.box.Address)
		by[s.p] = []leak{}
		if len(people) == 0 {
			continue
		}
		i := dice.n(len(people))
		l := leakOf(people[i])
		people[i] = people[len(people)-1]
		people = people[:len(people)-1]
		by[s.p] = []leak{l}
		made.Leaks = append(made.Leaks, l.address)
	}
	made.Line = d.e.instead(by)
	d.made = append(d.made, made)
	return true
}

// slip makes V6: in half of the mails a typing error in a true recipient's
// address, in the others their private mailbox.
func (d *draw) slip() {
	if !d.wants("V6") {
		return
	}
	dice := d.dice("V6")
	twin := dice.chance(.5)
	targets := d.targets(dice)
	if twin {
		for _, meant := range targets {
			if l, ok := d.privateTwin(meant.p, dice); ok {
				d.both("V6", meant, l, dice)
				return
			}
		}
	}
	for _, meant := range targets {
		if made := d.m.mistyped(meant.box.Address, dice); made != "" {
			d.both("V6", meant, leak{nil, made, meant.box.Name}, dice)
			return
		}
	}
}

// equallyFrequent makes V7: somebody whom the author writes to as often as to a
// true recipient.
func (d *draw) equallyFrequent() {
	if !d.wants("V7") {
		return
	}
	dice := d.dice("V7")
	for _, meant := range d.targets(dice) {
		known := d.book.by[meant.p]
		if known == nil || known.sent == 0 {
			continue
		}
		one := evenly[*contact]{dice: dice}
		for _, c := range d.book.sentTo {
			if bits.Len(uint(c.sent)) == bits.Len(uint(known.sent)) && d.free(c.p) {
				one.show(c)
			}
		}
		if one.seen > 0 {
			d.both("V7", meant, leakOf(one.one), dice)
			return
		}
	}
}
