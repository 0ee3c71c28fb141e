package extract

import (
	"fmt"
	"strings"
)

// readMsg reads a mail as Outlook keeps it ([MS-OXMSG]): the properties of a
// folder are streams, "__substg1.0_" with a tag and a type.
func (j *job) readMsg(into *paper, o *oleFile, folder int) error {
	into.doc.Kind = KindMsg
	subject := o.text(folder, "0037")
	into.doc.Title = cutRunes(oneLine(subject), 200)
	into.property("subject", subject)
	into.property("from", strings.TrimSpace(o.text(folder, "0C1A")+" <"+o.text(folder, "0C1F")+">"))
	into.property("to", o.text(folder, "0E04"))
	into.add(subject + "\n\n")
	body := o.text(folder, "1000")
	if html := o.stream(folder, "__substg1.0_10130102"); body == "" && html != nil {
		if err := j.readHTML(into, html); err != nil {
			return err
		}
		into.doc.Kind = KindMsg
	}
	into.add(strings.ReplaceAll(body, "\r\n", "\n"))
	n := 0
	for i, e := range o.entries {
		if e.parent != folder || !strings.HasPrefix(e.name, "__attach_version1.0_") {
			continue
		}
		if n++; n > j.limits.Entries {
			into.doc.Cut = true
			return nil
		}
		if err := j.msgFile(into, o, i); err != nil {
			return err
		}
	}
	return nil
}

// msgFile reads an attachment: a file, or a mail that is a folder again.
func (j *job) msgFile(p *paper, o *oleFile, folder int) error {
	name := o.text(folder, "3707")
	if name == "" {
		name = o.text(folder, "3704")
	}
	if data := o.stream(folder, "__substg1.0_37010102"); data != nil {
		p.inside(file{name: name, mediaType: o.text(folder, "370E"), data: data})
		return j.late()
	}
	inner := o.find(folder, "__substg1.0_3701000D")
	if inner < 0 {
		return nil
	}
	if p.depth >= j.limits.Depth {
		p.outside(name, fmt.Errorf("%w: mails inside mails, more than %d deep", ErrTooLarge, j.limits.Depth))
		p.doc.Cut = true
		return nil
	}
	one := j.paper(p.depth + 1)
	err := j.readMsg(one, o, inner)
	if name == "" {
		name = one.doc.Title
	}
	p.doc.Inside = append(p.doc.Inside, Entry{Name: cutRunes(name, 255), Doc: one.finish(), Err: err})
	if stopping(err) {
		return err
	}
	return j.late()
}

// text is a property that is a text, in UTF-16 or in some charset.
func (o *oleFile) text(folder int, tag string) string {
	if b := o.stream(folder, "__substg1.0_"+tag+"001F"); b != nil {
		return strings.TrimRight(utf16LE(b), "\x00")
	}
	if b := o.stream(folder, "__substg1.0_"+tag+"001E"); b != nil {
		return strings.TrimRight(decodeText(b, ""), "\x00")
	}
	return ""
}
