package notice

import (
	"net/url"
	"strings"
)

// choices say how to answer: by buttons, and by answering the letter.
func (v *voice) choices(approve bool) {
	v.replyTo = v.s.tokenAddress(wingAnswer, v.token(ActAnswer))
	yes, no := "send", "stop"
	if approve {
		yes, no = "approve", "deny"
	}
	rows := []line{v.byMail(v.t("choice."+yes), v.t("yes")), v.byMail(v.t("choice."+no), v.t("no"))}
	if v.keeper && !approve {
		send := v.s.tokenAddress(wingSend, v.token(ActSend))
		rows[0] = line{Left: rows[0].Left, Address: send, Link: "mailto:" + send}
		rows[1] = v.stopLine(rows[1].Left)
	} else if page := v.page(); page != "" {
		rows[1] = line{Left: rows[1].Left, Address: page, Link: page}
	}
	v.addRows(choice, "", rows)
	v.add(para, v.t("how"))
	if told := v.senders(); approve && !v.keeper && len(told) > 0 {
		v.add(para, v.t("remark", "Name", v.name(told[0])))
	}
}

// stopChoice is the button that stops the mail.
func (v *voice) stopChoice() { v.addRows(choice, "", []line{v.stopLine(v.t("choice.halt"))}) }

// stopLine stops on a page, or by mail where there is none.
func (v *voice) stopLine(label string) line {
	if page := v.page(); page != "" {
		return line{Left: label, Address: page, Link: page}
	}
	undo := v.s.tokenAddress(wingUndo, v.token(ActStop))
	return line{Left: label, Address: undo, Link: "mailto:" + undo}
}

// page is where the mail can be stopped without a sign-in, "" where there are no
// pages. No link does anything else (P7).
func (v *voice) page() string {
	base := strings.TrimRight(v.s.options.WebURL, "/")
	if base == "" {
		return ""
	}
	return base + "/stop/" + v.token(ActStop)
}

// byMail is a button that begins an answer with a word.
func (v *voice) byMail(label, word string) line {
	return line{Left: label, Right: v.t("with", "Word", word), Link: "mailto:" + v.replyTo + "?subject=" + mailtoEscape("Re: "+v.subject) + "&body=" + mailtoEscape(word)}
}

// mailtoEscape writes a text for the query of a mailto: link (RFC 6068 §5),
// where a plus is a plus.
func mailtoEscape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func (v *voice) token(act Act) string { return v.s.tokens.Make(act, v.m.ID, v.reader, v.expires) }
