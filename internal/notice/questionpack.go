package notice

import "context"

// pack ends the letter and makes a mail of it. The first one to a reader is
// what later ones stand below in their mail program.
func (v *voice) pack(ctx context.Context, first bool) Letter {
	say := v.locale()
	v.add(fine, say.T("notice.times", "Zone", say.Zone(v.now)))
	if v.s.domain != "" {
		v.add(fine, v.t("about", "Admin", v.keepers()))
	}
	p := parcel{from: v.s.desk(), to: v.reader, say: say, letter: v.letter, automatic: "auto-generated", about: v.m.ID, now: v.now}
	if v.m.MessageID != "" {
		p.thread = []string{v.m.MessageID}
	}
	if anchor := v.anchor(); first {
		p.messageID = anchor
	} else {
		p.answers = anchor
	}
	return v.s.pack(ctx, p)
}

// keepers are the people who run this, for whoever has never heard of it.
func (v *voice) keepers() string {
	if list := v.mains(v.s.admins()); len(list) > 0 {
		return v.full(list[0])
	}
	return v.locale().T("notice.admin")
}

// anchor is the Message-ID of the first letter about a message to a reader.
func (v *voice) anchor() string { return v.s.anchorOf("thread", v.m.ID, v.reader) }
