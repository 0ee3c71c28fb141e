package demo

import (
	"time"

	"belay/internal/config"
)

// The company's rules, by the sentences that people read.
const (
	RuleAssistants = "the executives' assistants know first"
	RulePay        = "about somebody's pay, and to the outside: is that right?"
	RuleManager    = "contracts and bank details leave with the manager's yes"
	RuleFigures    = "figures that are not public yet need two of the executives"
)

// Rules are what the company agreed on, beside the default rules that the
// caller gives, whose delays become wait. A newcomer sees each of them by
// writing a mail with such a subject.
func Rules(defaults []config.Rule, wait time.Duration) []config.Rule {
	rules := append([]config.Rule(nil), defaults...)
	for i := range rules {
		if rules[i].Delay.Max > 0 {
			rules[i].Delay = config.DelayRange{Min: wait, Max: wait}
		}
	}
	outside := "recipients.exists(r, r.external) && "
	return append(rules,
		config.Rule{Name: RulePay, Ask: "sender", Scope: "recipient",
			When: outside + `message.subject.matches("(?i)salar|pay ?roll|wynagrodze|n[oó]mina|stipend|cedolin|maaş|lønn")`},
		config.Rule{Name: RuleManager, Approve: config.Approvers{Manager: true}, Scope: "message",
			When: outside + `message.subject.matches("(?i)contract|bank|umow|contrato|contratt|coordinate|sözleşme|kontrakt")`},
		config.Rule{Name: RuleFigures, Approve: config.Approvers{Group: "executives", Need: 2}, Scope: "message",
			When: outside + `message.subject.matches("(?i)quarter|kwarta|trimestr|çeyrek|kvartal")`})
}

// Programs are the company's robots, and who answers for them.
func Programs() []config.Program {
	return []config.Program{{Address: "billing@" + Domain, Hold: true, Owner: "giulia.ferri@" + Domain}}
}
