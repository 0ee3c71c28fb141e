package guard_test

import (
	"testing"

	"belay/internal/guard"
)

const (
	pause  = `name: a pause, when: "recipients.exists(r, r.external)", delay: 5m`
	sure   = `name: sure, when: 'signals.exists(s, s.code in ["recipient.unlikely", "recipient.twin"])', ask: sender, scope: recipient`
	sureAt = `name: sure, when: 'signals.exists(s, s.code == "recipient.unlikely")', ask: sender`
)

// TestVerdicts is the table of rules and mails: what becomes of which.
func TestVerdicts(t *testing.T) {
	d := company(t)
	for _, c := range []struct{ rules, mail, want string }{
		// Delays.
		{pause, "anna > jan", "pass"},
		{pause, "anna > jan, fred@falcon.test", "delay 5m"},
		{pause, "anna > all", "delay 5m"}, // somebody outside is on the list
		{pause, "anna > sales", "pass"},
		{pause + "\n" + `when: "message.subject == 'x'", delay: 1h`, "anna > fred@falcon.test | Subject: x", "delay 1h"},
		{pause + "\n" + `when: "true", delay: 1m`, "anna > fred@falcon.test", "delay 5m"},
		{`when: "recipient.external", delay: 5m, scope: recipient`, "anna > jan, fred@falcon.test", "delay 5m about fred@falcon.test"},
		{`when: "recipient.external", delay: 5m, scope: recipient`, "anna > jan", "pass"},
		{`when: "recipient.external", delay: 5m, scope: recipient` + "\n" + `when: "true", delay: 1m`, "anna > jan, fred@falcon.test",
			"delay 5m about fred@falcon.test; delay 1m"},

		// Ranges go by the score.
		{`when: "true", delay: 0s..10m`, "anna > jan", "pass"},
		{`when: "true", delay: 0s..10m`, "anna > jan | signal recipient.unlikely 0.5 jan", "delay 5m"},
		{`when: "true", delay: 2m..10m`, "anna > jan, ewa | signal recipient.unlikely 0.5 jan | signal recipient.twin 1 ewa", "delay 10m"},
		{`when: "true", delay: 2m..10m, scope: recipient`, "anna > jan, ewa | signal recipient.unlikely 0.5 jan", "delay 6m about jan; delay 2m about ewa"},
		{`when: "true", delay: 0s..10m`, "anna > jan | signal crowd.broadcast 1", "pass"}, // it is about nobody
		{`when: "true", delay: 0s..10m`, "anna > jan | failed recipient.unlikely", "delay 10m"},

		// The sender is asked: under the main address, and never a robot.
		{sure, "anna > jan", "pass"},
		{sure, "anna > jan, ewa | signal recipient.unlikely 0.9 ewa", "ask anna about ewa"},
		{sure, "a.nowak > jan, ewa | signal recipient.unlikely 0.9 ewa | signal recipient.twin 0.9 jan", "ask anna about jan ewa"},
		{sure, "anna > jan | signal greeting.mismatch 0.9 jan", "pass"},
		{sureAt, "anna > jan, ewa | signal recipient.unlikely 0.9 ewa", "ask anna"},
		{sureAt, "sales > x@x.test | signal recipient.unlikely 0.9 x@x.test | principal jan", "ask jan"},
		{sureAt, "sales > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask jan ewa"},
		{sureAt, "sales > x@x.test | signal recipient.unlikely 0.9 x@x.test | principal kasia", "ask jan ewa"},
		{sureAt, "billing > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask kasia"},
		{sureAt, "robot > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask ewa"},
		{sureAt, "no-reply > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask tomek"},
		{sureAt, "nobody > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask nobody"},
		{sureAt, "nobody > x@x.test | signal recipient.unlikely 0.9 x@x.test | Auto-Submitted: auto-generated", "ask tomek"},
		{sureAt, "nobody > x@x.test | signal recipient.unlikely 0.9 x@x.test | Auto-Submitted: no", "ask nobody"},
		{sureAt, "anna > x@x.test | signal recipient.unlikely 0.9 x@x.test | Auto-Submitted: auto-replied", "ask anna"},
		{sureAt, "stranger@y.test > jan | signal recipient.unlikely 0.9 jan", "ask tomek"},
		{sureAt, "stranger@y.test > jan | signal recipient.unlikely 0.9 jan | principal anna", "ask anna"},
		{sureAt + ", on_silence: release", "anna > ewa | signal recipient.unlikely 0.9 ewa", "ask anna or it leaves"},
		{sureAt + ", delay: 5m", "anna > ewa | signal recipient.unlikely 0.9 ewa", "ask anna; delay 5m"},
		{sureAt + "\n" + pause, "anna > x@x.test | signal recipient.unlikely 0.9 x@x.test", "ask anna; delay 5m"},

		// "It is right" is not asked again.
		{sure, "anna > ewa | signal recipient.unlikely 0.9 ewa | right ewa recipient.unlikely", "pass"},
		{sure, "anna > ewa | signal recipient.unlikely 0.9 ewa | right ewa recipient.twin", "ask anna about ewa"},
		{sure, "anna > ewa | signal recipient.unlikely 0.9 ewa | signal recipient.twin 0.9 ewa | right ewa recipient.twin", "ask anna about ewa"},
		{sure, "anna > ewa, jan | signal recipient.unlikely 0.9 ewa | signal recipient.twin 0.9 jan | right ewa recipient.unlikely", "ask anna about jan"},
		{sureAt, "anna > ewa, jan | signal recipient.unlikely 0.9 ewa | right ewa recipient.unlikely", "pass"},
		{sureAt, "anna > jan | signal recipient.unlikely 0.9 ewa", "ask anna"}, // about somebody who is missing
		{sureAt, "anna > jan | signal recipient.unlikely 0.9 ewa | right jan recipient.unlikely", "pass"},
		{sureAt + ", delay: 5m", "anna > ewa | signal recipient.unlikely 0.9 ewa | right ewa recipient.unlikely", "delay 5m"},
		{`name: odd, when: "recipient.external", ask: sender, scope: recipient`, "anna > x@x.test, y@x.test | right x@x.test rule:odd", "ask anna about y@x.test"},
		{`when: "recipient.external && !recipient.known", ask: sender, scope: recipient`, "anna > x@x.test, y@x.test, fred@falcon.test | right x@x.test recipient.twin", "ask anna about x@x.test y@x.test"},
		{`name: n, when: "recipients.exists(r, !r.known)", approve: manager`, "anna > x@x.test | right x@x.test rule:n | right x@x.test recipient.twin", "approve jan"}, // nobody makes a recipient known by their own word
		{`name: n, when: "true", approve: manager`, "anna > ewa | right ewa rule:n", "approve jan"},                                                                     // approvals are always asked for

		// Approvals.
		{`when: "true", approve: manager`, "anna > ewa", "approve jan"},
		{`when: "true", approve: manager`, "olga > ewa", "approve tomek"},
		{`when: "true", approve: manager`, "otto > ewa", "approve tomek"},
		{`when: "true", approve: manager`, "kasia > ewa", "approve piotr"},
		{`when: "true", approve: manager`, "kasia > ewa | at 2026-06-10 12:00", "approve piotr ewa"},
		{`when: "true", approve: manager`, "anna > ewa | principal jan", "approve olga"}, // jan wrote it in her name
		{`when: "true", approve: manager`, "sales > ewa | principal ewa", "approve jan"},
		{`when: "true", approve: manager`, "sales > ewa", "approve olga"}, // jan is a member: perhaps he wrote it
		{`when: "true", approve: [jan@corp.test, ewa@corp.test]`, "sales > x@x.test", "approve olga"},
		{`when: "true", approve: manager`, "lena > x@x.test", "approve desk"},
		{`when: "true", approve: manager`, "nina > x@x.test", "approve jan"},         // she reads what comes to desk@
		{`when: "true", approve: all@corp.test`, "jan > x@x.test", "approve anna"},   // a list: those of us who are on it
		{`when: "true", approve: all@corp.test`, "anna > x@x.test", "approve tomek"}, // her own mail would come to her by the list
		{`when: "true", approve: manager`, "billing > ewa", "approve kasia"},
		{`when: "true", approve: manager`, "tomek > ewa", "approve olga"},
		{`when: "true", approve: olga@corp.test`, "anna > ewa", "approve olga"},
		{`when: "true", approve: A.Nowak@corp.test`, "jan > ewa", "approve anna"},
		{`when: "true", approve: anna@corp.test`, "a.nowak > ewa", "approve jan"},
		{`when: "true", approve: [anna@corp.test, olga@corp.test]`, "anna > ewa", "approve olga"},
		{`when: "true", approve: sales@corp.test`, "jan > ewa", "approve ewa"},
		{`when: "true", approve: finance`, "anna > kasia", "approve ewa jan"},
		{`when: "true", approve: finance`, "jan > kasia", "approve ewa"},
		{`when: "true", approve: 2 of finance`, "anna > kasia", "approve 2 of ewa jan"},
		{`when: "true", approve: 2 of finance`, "jan > kasia", "approve 2 of ewa olga"},
		{`when: "true", approve: 2 of board`, "anna > ewa", "approve 2 of olga tomek"}, // she is alone there, and nobody is above her
		{`when: "true", approve: manager, on_silence: release`, "anna > ewa", "approve jan or it leaves"},
		{`when: "true", approve: manager, delay: 10m`, "anna > ewa", "approve jan; delay 10m"},
		{`when: "recipient.external", approve: manager, scope: recipient`, "anna > ewa, fred@falcon.test", "approve jan about fred@falcon.test"},

		// The strictest wins; different people are different questions.
		{`name: a, when: "true", approve: manager` + "\n" + `name: b, when: "true", approve: manager`, "anna > ewa", "approve jan"},
		{`when: "true", approve: manager` + "\n" + `when: "true", approve: olga@corp.test`, "anna > ewa", "approve jan; approve olga"},
		{`when: "true", approve: finance` + "\n" + `when: "true", approve: 2 of finance`, "anna > kasia", "approve 2 of ewa jan"},
		{`when: "true", approve: manager` + "\n" + sure, "anna > ewa | signal recipient.unlikely 0.9 ewa", "approve jan"},
		{`when: "recipient.external", approve: manager, scope: recipient` + "\n" + sure,
			"anna > ewa, fred@falcon.test | signal recipient.unlikely 0.9 ewa | signal recipient.twin 0.9 fred@falcon.test",
			"approve jan about fred@falcon.test; ask anna about ewa"},
		{`when: "true", approve: manager, on_silence: release` + "\n" + sureAt, "anna > ewa | signal recipient.unlikely 0.9 ewa", "approve jan"}, // the ask would return it
		{`when: "true", reject: "No."` + "\n" + `when: "true", approve: manager` + "\n" + pause, "anna > fred@falcon.test", "reject: No."},
		{`name: never, when: "recipient.external", reject: true, scope: recipient`, "anna > ewa, fred@falcon.test", "reject about fred@falcon.test: never"},
		{`name: never, when: "recipient.external", reject: true, scope: recipient`, "anna > ewa", "pass"},

		// Assistants.
		{`when: 'recipients.exists(r, "executives" in r.groups)', copy: assistants, delay: 10m`, "olga > anna", "delay 10m; tell ewa about anna with the mail"},
		{`when: 'recipients.exists(r, "executives" in r.groups)', copy: assistants, delay: 10m`, "olga > jan", "pass"},
		{`when: "true", copy: assistants`, "olga > anna, jan", "tell ewa about anna with the mail; tell kasia about jan"},
		{`when: '"finance" in recipient.groups', copy: assistants, scope: recipient`, "olga > anna, jan", "tell kasia about jan"},
		{`when: "true", copy: assistants`, "ewa > anna", "pass"},       // she wrote it
		{`when: "true", copy: assistants`, "olga > anna, ewa", "pass"}, // she gets it anyway
		{`when: "true", copy: assistants`, "olga > anna | Sensitivity: Private", "pass"},
		{`when: "true", copy: assistants`, "olga > anna | Sensitivity: Company-Confidential", "pass"},
		{`when: "true", copy: assistants`, "olga > anna | Sensitivity: personal", "pass"},
		{`when: "true", copy: assistants`, "olga > anna | Sensitivity: Top-Secret", "pass"}, // whatever that is
		{`when: "true", copy: assistants`, "olga > anna | body -----BEGIN PGP MESSAGE-----", "pass"},
		{`when: "true", copy: assistants`, "olga > anna | Content-Type: application/pkcs7-mime; smime-type=enveloped-data", "pass"},
		{`when: "true", copy: [kasia@corp.test, tomek@corp.test]`, "olga > anna", "tell kasia about anna; tell tomek about anna"},
		{`when: "true", copy: assistants` + "\n" + `when: "true", copy: [ewa@corp.test]`, "olga > anna, jan", "tell ewa about anna jan with the mail; tell kasia about jan"},

		// For whom and when a rule counts.
		{`when: "true", delay: 5m, groups: [newcomers]`, "piotr > jan", "delay 5m"},
		{`when: "true", delay: 5m, groups: [Newcomers, finance]`, "ewa > jan", "delay 5m"},
		{`when: "true", delay: 5m, groups: [newcomers]`, "anna > jan", "pass"},
		{`when: "true", delay: 5m, start: 2026-12-01, end: 2026-12-24`, "anna > jan | at 2026-11-30 23:59", "pass"},
		{`when: "true", delay: 5m, start: 2026-12-01, end: 2026-12-24`, "anna > jan | at 2026-12-01 00:00", "delay 5m"},
		{`when: "true", delay: 5m, start: 2026-12-01, end: 2026-12-24`, "anna > jan | at 2026-12-24 23:59", "delay 5m"},
		{`when: "true", delay: 5m, start: 2026-12-01, end: 2026-12-24`, "anna > jan | at 2026-12-25 00:00", "pass"},
		{`when: "true", reject: true, observe: true` + "\n" + pause, "anna > x@x.test", "delay 5m; watch reject"},
		{`when: "true", approve: manager, observe: true`, "anna > x@x.test", "watch approve"},
		{`when: "recipient.external", ask: sender, scope: recipient, observe: true` + "\n" + pause, "anna > x@x.test, jan", "delay 5m; watch ask"},
		{`when: "true", copy: assistants, observe: true`, "olga > anna", "watch pass"},

		// What conditions see.
		{`when: 'attachments.exists(a, a.extension == "xlsx")', delay: 5m`, "anna > jan | file Prices.XLSX", "delay 5m"},
		{`when: 'attachments.exists(a, a.extension == "xlsx")', delay: 5m`, "anna > jan | file prices.pdf", "pass"},
		{`when: "message.attachments_size > 10", delay: 5m`, "anna > jan | file a.txt", "delay 5m"},
		{`when: "message.encrypted", delay: 5m`, "anna > jan | Content-Type: multipart/encrypted; protocol=application/pgp-encrypted", "delay 5m"},
		{`when: 'signals.exists(s, s.code == "content.opaque")', delay: 5m`, "anna > jan | body -----BEGIN PGP MESSAGE-----", "delay 5m"},
		{`when: 'author.kind == "program"', delay: 5m`, "invoice-noreply > jan", "delay 5m"},
		{`when: 'recipients.exists(r, r.organisation == "Falcon Energy")', delay: 5m`, "anna > x@mail.falcon.test", "delay 5m"},
		{`when: 'recipients.exists(r, r.members >= 2)', delay: 5m`, "anna > sales", "delay 5m"},
		{`when: 'principal == "jan@corp.test"', delay: 5m`, "anna > ewa | principal jan", "delay 5m"},

		// What rules do not hold (P5).
		{pause, "alarm > fred@falcon.test", "pass"},
		{pause, "billing > fred@falcon.test", "delay 5m"},
		{pause, "anna > fred@falcon.test | Auto-Submitted: auto-generated", "delay 5m"},
		{`when: "true", reject: true`, "anna > fred@falcon.test | Content-Type: text/calendar; method=REPLY | body METHOD:REPLY", "pass"},
	} {
		if got := inShort(parseScene(t, c.mail).judge(t, ruleSet(t, c.rules), d, nil)); got != c.want {
			t.Errorf("%s\n of %s\n got %s\nwant %s", c.mail, c.rules, got, c.want)
		}
	}
}

func TestVerdicts_AreRightAboutTheirAction(t *testing.T) {
	d := company(t)
	for text, want := range map[string]guard.Action{
		`when: "true", copy: assistants`:                guard.Pass,
		`when: "true", copy: assistants, delay: 1m`:     guard.Delay,
		`when: "true", ask: sender, delay: 1m`:          guard.Ask,
		`when: "true", approve: manager, delay: 1m`:     guard.Approve,
		`when: "true", reject: true`:                    guard.Reject,
		`when: "true", approve: manager, observe: true`: guard.Pass,
	} {
		if v := parseScene(t, "olga > anna").judge(t, ruleSet(t, text), d, nil); v.Action != want {
			t.Errorf("%s: %s, want %s", text, v.Action, want)
		}
	}
}
