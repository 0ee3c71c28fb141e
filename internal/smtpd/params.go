package smtpd

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"belay/internal/mail"
)

// eachParam calls take with every esmtp-param of s (RFC 5321 §4.1.2): its
// keyword in upper case, its value, and whether there was an "=". A keyword may
// stand once only.
func eachParam(s string, take func(keyword, value string, given bool) *Reply) *Reply {
	var seen []string
	for param := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' }) {
		keyword, value, given := strings.Cut(param, "=")
		if !isKeyword(keyword) || given && (value == "" || strings.IndexByte(value, '=') >= 0) {
			return badParam("%q is no parameter", param)
		}
		keyword = strings.ToUpper(keyword)
		for _, before := range seen {
			if before == keyword {
				return badParam("%s is given twice", keyword)
			}
		}
		seen = append(seen, keyword)
		if r := take(keyword, value, given); r != nil {
			return r
		}
	}
	return nil
}

func isKeyword(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if !('a' <= c && c <= 'z' || '0' <= s[i] && s[i] <= '9' || s[i] == '-' && i > 0) {
			return false
		}
	}
	return s != ""
}

func badParam(format string, args ...any) *Reply {
	return &Reply{501, "5.5.4", fmt.Sprintf(format, args...)}
}

func unknownParam(keyword string) *Reply {
	return &Reply{555, "5.5.4", "parameter " + keyword + " is not known here"}
}

// mailParams reads the parameters of MAIL into env, and gives SIZE=, 0 where
// there is none.
func (x *session) mailParams(s string, env *mail.Envelope, now time.Time) (size int64, bad *Reply) {
	held := false
	bad = eachParam(s, func(keyword, value string, given bool) (r *Reply) {
		switch keyword {
		case "SIZE":
			size, r = x.sizeParam(value)
		case "BODY":
			r = x.bodyParam(value, env)
		case "SMTPUTF8":
			r = x.utf8Param(given, env)
		case "RET":
			env.Ret, r = retParam(value)
		case "ENVID":
			env.EnvID, r = envidParam(value)
		case "AUTH":
			r = authParam(value)
		case "HOLDFOR", "HOLDUNTIL":
			if held {
				return badParam("HOLDFOR and HOLDUNTIL exclude each other")
			}
			held = true
			r = x.holdParam(keyword, value, env, now)
		default:
			r = unknownParam(keyword)
		}
		return r
	})
	return size, bad
}

// utf8Param reads SMTPUTF8 (RFC 6531 §3.4).
func (x *session) utf8Param(given bool, env *mail.Envelope) *Reply {
	switch {
	case !x.offered.UTF8:
		return unknownParam("SMTPUTF8")
	case given:
		return badParam("SMTPUTF8 takes no value")
	}
	env.SMTPUTF8 = true
	return nil
}

// retParam and envidParam read RET= and ENVID= (RFC 3461 §4.3, 4.4).
func retParam(value string) (string, *Reply) {
	value = strings.ToUpper(value)
	if value != "FULL" && value != "HDRS" {
		return "", badParam("RET is FULL or HDRS")
	}
	return value, nil
}

func envidParam(value string) (string, *Reply) {
	if len(value) > 100 || !isXtext(value, false) {
		return "", badParam("ENVID is at most 100 characters of xtext")
	}
	return value, nil
}

// authParam reads AUTH= of MAIL: whose mail a trusted client says it is (RFC
// 4954 §5). The author is looked up in the header here, so it is only checked.
func authParam(value string) *Reply {
	if value != "<>" && !isXtext(value, false) {
		return badParam("AUTH is <> or xtext")
	}
	return nil
}

// sizeParam reads SIZE= (RFC 1870 §6.1).
func (x *session) sizeParam(value string) (int64, *Reply) {
	if value == "" || len(value) > 20 || !isDigits(value) {
		return 0, badParam("SIZE is a number of octets")
	}
	size, err := strconv.ParseInt(value, 10, 64)
	if limit := x.o.Limits.MessageSize; err != nil || limit > 0 && size > limit {
		return 0, x.tooBig()
	}
	return size, nil
}

// bodyParam reads BODY= (RFC 6152). BINARYMIME (RFC 3030) cannot go on
// unchanged and is not offered.
func (x *session) bodyParam(value string, env *mail.Envelope) *Reply {
	switch body := strings.ToUpper(value); {
	case body == "7BIT", body == "8BITMIME" && x.offered.EightBit:
		env.Body = body
		return nil
	case body == "8BITMIME", body == "BINARYMIME":
		return &Reply{555, "5.6.3", "BODY=" + body + " is not offered here"}
	}
	return badParam("BODY is 7BIT or 8BITMIME")
}

// holdParam reads HOLDFOR= and HOLDUNTIL= (RFC 4865 §4). A time that has passed
// asks for nothing.
func (x *session) holdParam(keyword, value string, env *mail.Envelope, now time.Time) *Reply {
	if x.o.FutureRelease <= 0 {
		return unknownParam(keyword)
	}
	if keyword == "HOLDFOR" {
		seconds, err := strconv.Atoi(value)
		if err != nil || len(value) > 9 || !isDigits(value) {
			return badParam("HOLDFOR is a number of seconds")
		}
		env.HoldUntil = now.Add(time.Duration(seconds) * time.Second)
	} else {
		until, err := time.Parse(time.RFC3339, strings.ToUpper(value))
		if err != nil {
			return badParam("HOLDUNTIL is a time such as 2006-01-02T15:04:05Z")
		}
		env.HoldUntil = until.UTC()
	}
	if env.HoldUntil.Sub(now) > x.o.FutureRelease {
		return badParam("%s may not ask for more than %d seconds", keyword, int64(x.o.FutureRelease/time.Second))
	}
	return nil
}

// rcptParams reads the parameters of RCPT (RFC 3461 §4.1, 4.2).
func rcptParams(s string, r *mail.Recipient, utf8OK bool) *Reply {
	return eachParam(s, func(keyword, value string, _ bool) *Reply {
		switch keyword {
		case "NOTIFY":
			r.Notify = strings.ToUpper(value)
			if !isNotify(r.Notify) {
				return badParam("NOTIFY is NEVER, or of SUCCESS, FAILURE and DELAY")
			}
			return nil
		case "ORCPT":
			kind, address, _ := strings.Cut(value, ";")
			// RFC 3461 §4.2; RFC 6533 §3 lets UTF-8 stand with utf-8;.
			if len(value) > 500 || !isKeyword(kind) || address == "" || !isXtext(address, utf8OK) {
				return badParam("ORCPT is a type, a semicolon and at most 500 characters of xtext")
			}
			r.ORcpt = value
			return nil
		}
		return unknownParam(keyword)
	})
}

func isNotify(s string) bool {
	if s == "NEVER" {
		return true
	}
	for word := range strings.SplitSeq(s, ",") {
		if word != "SUCCESS" && word != "FAILURE" && word != "DELAY" {
			return false
		}
	}
	return true
}

// isXtext checks RFC 3461 §4: printable ASCII, "+" only before two upper-case
// hexadecimal digits, no "=". With unicode, RFC 6533 §3 as well: UTF-8, and
// \x{…} as any printable.
func isXtext(s string, unicode bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			if i+2 >= len(s) || !isUpperHex(s[i+1]) || !isUpperHex(s[i+2]) {
				return false
			}
			i += 2
		case c >= 0x80:
			if !unicode {
				return false
			}
		case c <= ' ' || c == '=' || c == 0x7f:
			return false
		}
	}
	return s != ""
}

func isUpperHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
