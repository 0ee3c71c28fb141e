package mail

import (
	"bytes"
	"strings"
)

// IsReport tells whether a message is a well-formed delivery report or read
// receipt: it comes with the null reverse-path, it is a multipart/report (RFC
// 6522) about a delivery (RFC 3464) or a disposition (RFC 8098), and its second
// part is that report, with nothing beside it but words before and the mail it
// is about behind: what carries files calls itself a report in vain. message
// need only be the beginning, far enough to hold the second part; what lies
// beyond is not looked at.
func IsReport(reversePath string, message []byte) bool {
	if reversePath != "" {
		return false
	}
	report, second, siblings, clean := "", "", 0, true
	walkParts(message, false, func(p *part) bool {
		switch {
		case p.depth == 0:
			if p.mediaType != "multipart/report" {
				return false
			}
			report = strings.ToLower(p.params["report-type"])
		case p.depth == 1:
			if siblings++; siblings == 2 {
				second = p.mediaType
			} else {
				clean = clean && reportMayHold(siblings, p)
			}
		default:
			clean = clean && (siblings != 1 || !p.attachment())
		}
		return clean
	})
	if !clean {
		return false
	}
	switch second {
	case "message/delivery-status", "message/global-delivery-status":
		return report == "delivery-status"
	case "message/disposition-notification", "message/global-disposition-notification":
		return report == "disposition-notification"
	}
	return false
}

// reportMayHold tells whether a report may have such a first or third part;
// it has no fourth (RFC 6522 §3).
func reportMayHold(n int, p *part) bool {
	switch n {
	case 1:
		return (strings.HasPrefix(p.mediaType, "text/") || strings.HasPrefix(p.mediaType, "multipart/")) && !p.attachment()
	case 3:
		switch p.mediaType {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
			return true
		}
	}
	return false
}

// IsCalendarReply tells whether a message does nothing but answer or call off
// an invitation (iMIP, RFC 6047): a text/calendar part whose METHOD is REPLY
// or CANCEL, with texts beside it and no other attachment. whole tells whether
// message is complete: of a part of one it cannot be known.
func IsCalendarReply(message []byte, whole bool) bool {
	if !whole {
		return false
	}
	calendars, clean := 0, true
	all := walkParts(message, whole, func(p *part) bool {
		switch p.mediaType {
		case "multipart/mixed", "multipart/alternative", "multipart/related", "multipart/signed":
		case "text/plain", "text/html":
			clean = !p.attachment()
		case "text/calendar", "application/ics":
			method := calendarMethod(p)
			clean = method == "REPLY" || method == "CANCEL"
			calendars++
		default:
			clean = false
		}
		return clean
	})
	return all && clean && calendars > 0
}

// calendarMethod is the METHOD inside an iCalendar object, "" where there is
// none, or where there are several, or the Content-Type names another (RFC 6047
// §2.4 wants them the same), or where a file is attached inside.
func calendarMethod(p *part) string {
	method := ""
	for line := range bytes.Lines(p.decoded()) {
		name, value, ok := strings.Cut(strings.TrimSpace(string(line)), ":")
		name, _, _ = strings.Cut(name, ";")
		if strings.EqualFold(name, "ATTACH") {
			return ""
		}
		if !ok || !strings.EqualFold(name, "METHOD") {
			continue
		}
		value = strings.ToUpper(strings.TrimSpace(value))
		if method != "" && method != value {
			return ""
		}
		method = value
	}
	if named := strings.ToUpper(p.params["method"]); named != "" && named != method {
		return ""
	}
	return method
}
