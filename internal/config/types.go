package config

import (
	_ "embed"
	"net/netip"
	"time"
)

// The comments in this file are the reference that people read (docs/config.md
// and `belay config reference`): a type's comment introduces its section, a
// field's comment explains its key.

//go:embed types.go
var typesSource []byte

// Config is the whole of belay.yaml.
type Config struct {
	// The directory for the database, the keys, the accounts and the socket.
	// It is made at the first start, readable by its owner only.
	Data Path `yaml:"data"`
	// The name that belay gives itself in greetings and Received lines. The
	// default is the name of the machine.
	Hostname string `yaml:"hostname"`
	// Our own domains; every other domain is external. A subdomain does not
	// come with its parent: name it too.
	Domains []string `yaml:"domains"`
	// Where belay listens. Without a file, `relay` and `web` listen on
	// loopback; with a file, a listener that it does not name stays closed.
	Listen Listen `yaml:"listen"`
	// The domain where `undo@` and `send@` live.
	Service Service `yaml:"service"`
	// Where mail goes. Without any, mail that is due stays in an outbox to be
	// looked at.
	Upstream []Upstream `yaml:"upstream"`
	// A PostgreSQL URL (version 15 or later), for more than one belay on the
	// same mail: `postgres://belay@db1,db2/belay?target_session_attrs=read-write`.
	// Left out, SQLite in `data` keeps everything. A password is better kept
	// in `~/.pgpass` or PGPASSWORD than here.
	Database Secret `yaml:"database"`
	// Who is who: people with all their addresses, groups, managers,
	// assistants, shared mailboxes, organisations: see [people](people.md). A
	// file name alone (`directory: people.yaml`) is short for `file`.
	Directory Directory `yaml:"directory"`
	// How belay asks people about mail.
	Question Question `yaml:"question"`
	// When people work.
	Calendar Calendar `yaml:"calendar"`
	// What makes mail wait, ask or stay: see [rules](rules.md). Left out, mail
	// to the outside world waits for five minutes, assistants of the group
	// `executives` are told beforehand, and a doubtful recipient is asked
	// about; `rules: []` means no rules at all.
	Rules []Rule `yaml:"rules"`
	// What belay makes of single signals, by their codes: see
	// [signals](signals.md). `crowd.broadcast: off` is short for `{off: true}`,
	// and `crowd.broadcast: observe` for `{observe: true}`.
	Signals map[string]SignalSetting `yaml:"signals"`
	// Own words and patterns to look for in mail and its files, beside those
	// that belay brings.
	Words []Words `yaml:"words"`
	// Clients, suppliers, authorities, beside those of the directory: mail about
	// one of them that goes to another is noticed.
	Organisations []Organisation `yaml:"organisations"`
	// With this section belay learns who writes to whom from the mail that
	// passes; without it, it learns nothing by itself: see
	// [privacy](privacy.md).
	Learning *Learning `yaml:"learning"`
	// Programs that write mail as if they were people.
	Programs []Program `yaml:"programs"`
	// Programs that nobody listed, and that show themselves all the same: an
	// address such as `no-reply@` or `rechnung-noreply@`, or mail that calls
	// itself automatic (RFC 3834) from an author who is nobody in the directory.
	UnlistedPrograms UnlistedPrograms `yaml:"unlisted_programs"`
	// What one client, one message, one author may take.
	Limits Limits `yaml:"limits"`
	// How mail is tried again that the upstream would not take at once.
	Retry Retry `yaml:"retry"`
	// How long belay keeps what is finished.
	Keep Keep `yaml:"keep"`
	// What belay says on standard error.
	Log Log `yaml:"log"`

	// File is the file this came from, "" where there was none.
	File string `yaml:"-"`

	source *source
	places map[string]place
}

// Listen are the doors.
type Listen struct {
	// For mail programs: people sign in and send as themselves.
	Submission *Submission `yaml:"submission"`
	// For mail servers of ours: no sign-in, but only from trusted networks.
	Relay *Relay `yaml:"relay"`
	// For a copy of incoming and internal mail (a journal or BCC feed):
	// belay learns from it and relays it nowhere.
	Observe *Observe `yaml:"observe"`
	// For the page and the API.
	Web *Web `yaml:"web"`
}

// Submission is the listener for mail programs (RFC 6409).
type Submission struct {
	// Host and port, for instance `:587` for every address of the machine.
	// Sign-in is offered once TLS has begun (STARTTLS), or on loopback.
	Address Address `yaml:"address"`
	// A second host and port where TLS begins at once, for instance `:465`
	// (RFC 8314).
	TLSAddress Address `yaml:"tls_address"`
	// The certificate. It is needed everywhere but on loopback.
	TLS *TLS `yaml:"tls"`
	// Who checks passwords: `file` (accounts made by `belay user add`) or
	// `upstream` (the upstream server's own sign-in).
	Auth string `yaml:"auth" oneof:"file upstream"`
}

// Relay is the listener for mail servers of ours.
type Relay struct {
	// Host and port, for instance `127.0.0.1:2525`.
	Address Address `yaml:"address"`
	// The networks whose mail is taken, and nobody else's. The default is
	// loopback.
	Trust []netip.Prefix `yaml:"trust"`
	// The certificate to offer STARTTLS with; none is needed.
	TLS *TLS `yaml:"tls"`
}

// Observe is the listener for mail to learn from.
type Observe struct {
	// Host and port, for instance `127.0.0.1:2526`.
	Address Address `yaml:"address"`
	// The networks whose mail is taken. The default is loopback.
	Trust []netip.Prefix `yaml:"trust"`
	// The certificate to offer STARTTLS with; none is needed.
	TLS *TLS `yaml:"tls"`
}

// Web is the listener for the page and the API.
type Web struct {
	// Host and port on loopback: the page knows no sign-in yet.
	Address Address `yaml:"address"`
	// The address that people see in mails and links. The default is
	// `http://` and the address above.
	URL string `yaml:"url"`
}

// TLS is a certificate with its key.
type TLS struct {
	// The certificate and those above it, PEM.
	Cert Path `yaml:"cert"`
	// Its private key, PEM.
	Key Path `yaml:"key"`
}

// Service is where belay itself gets mail.
type Service struct {
	// The domain of `undo@`, `send@` and the others. It must not be one of
	// `domains`: nobody else's mail may go there. The default is `belay.`
	// before the first of `domains`, or `belay.localhost`.
	Domain string `yaml:"domain"`
	// The language of notices to people whose own is not known: en, pl, es,
	// it, tr or nb.
	Language string `yaml:"language" oneof:"en pl es it tr nb"`
	// The authentication service (RFC 8601) whose word is taken that a mail
	// really comes from its author. Nobody's by default.
	AuthservID string `yaml:"authserv_id"`
}

// Upstream is a server that takes our mail.
type Upstream struct {
	// The server's name or IP address.
	Host string `yaml:"host"`
	// Its port. The default is 25, or 465 with `tls: implicit`.
	Port int `yaml:"port"`
	// `required`: STARTTLS, and the certificate must be good. `implicit`: the
	// same, but TLS begins at once. `opportunistic`: TLS where it is offered,
	// whoever's certificate it is. `off`: none.
	TLS string `yaml:"tls" oneof:"required implicit opportunistic off"`
	// A file with the certificates to trust (PEM). The default is the
	// system's.
	CA Path `yaml:"ca"`
	// The name that the certificate must have. The default is `host`.
	TLSName string `yaml:"tls_name"`
	// Our own certificate and key, where the server asks for one.
	ClientCert *TLS `yaml:"client_cert"`
	// The account that belay signs in with (AUTH).
	Username string `yaml:"username"`
	// The file whose first line is its password.
	PasswordFile Path `yaml:"password_file"`
	// Only mail to these domains goes here. An upstream with the recipient's
	// domain is taken before one without `domains`.
	Domains []string `yaml:"domains"`
	// Smaller is tried first; the next number when all of those are down.
	Priority int `yaml:"priority"`
	// The name to greet the server with. The default is `hostname`.
	Helo string `yaml:"helo"`
	// The address of ours to connect from.
	SourceIP netip.Addr `yaml:"source_ip"`
	// How many connections at a time.
	Connections int `yaml:"connections"`
	// How many messages go through one connection before it is closed.
	PerConnection int `yaml:"messages_per_connection"`
	// The most messages in a time, for instance `100/m`. No limit by default.
	Rate Rate `yaml:"rate"`
}

// Directory is where belay learns who is who.
type Directory struct {
	// The file with people and the rest, YAML or CSV (by its ending).
	File Path `yaml:"file"`
	// A directory server that people and groups are read from as well.
	LDAP *LDAP `yaml:"ldap"`
}

// LDAP is a directory server.
type LDAP struct {
	// Its address: `ldaps://ldap.corp.test`, or `ldap://…` for STARTTLS (on
	// loopback also without).
	URL string `yaml:"url"`
	// The account to read with. Without it belay asks as nobody.
	BindDN string `yaml:"bind_dn"`
	// The file whose first line is its password.
	PasswordFile Path `yaml:"password_file"`
	// A file with the certificates to trust (PEM). The default is the
	// system's.
	CA Path `yaml:"ca"`
	// Where to look, for instance `dc=corp,dc=test`.
	Base string `yaml:"base"`
	// Where groups, lists and shared mailboxes are, where that is not `base`.
	GroupBase string `yaml:"group_base"`
	// Which entries are people. The default is every inetOrgPerson or user
	// with an address; accounts that are switched off are left out.
	Filter string `yaml:"filter"`
	// Which entries are groups. The default is every groupOfNames,
	// groupOfUniqueNames, posixGroup and group.
	Groups string `yaml:"groups"`
	// Which entries are lists. The default is groups with an address.
	Lists string `yaml:"lists"`
	// Which entries are shared mailboxes. The default is those of Exchange.
	Shared string `yaml:"shared"`
	// The attributes to read, where yours have other names.
	Attributes LDAPAttributes `yaml:"attributes"`
	// How often to look again.
	Every time.Duration `yaml:"every"`
}

// LDAPAttributes are names of attributes, each a list: the first that has a
// value counts, and of those that may name several people all count.
type LDAPAttributes struct {
	// The default is `[displayName, cn]`.
	Name []string `yaml:"name"`
	// The default is `[mail, mailAlternateAddress, mailLocalAddress,
	// proxyAddresses]`. All count; the main address is the first, or the one
	// after `SMTP:` in capital letters.
	Addresses []string `yaml:"addresses"`
	// The default is `[preferredLanguage]`.
	Language []string `yaml:"language"`
	// The default is `[manager]`: a DN or an address.
	Manager []string `yaml:"manager"`
	// The default is `[secretary, assistant]`: DNs or addresses.
	Assistants []string `yaml:"assistants"`
	// There is no default.
	Deputy []string `yaml:"deputy"`
	// Who may stop the person's mail. The default is `[publicDelegates]`.
	Delegates []string `yaml:"delegates"`
	// Of a person: DNs or names of groups. The default is `[memberOf]`.
	Groups []string `yaml:"groups"`
	// Of a group, list or shared mailbox: DNs, addresses or login names. The
	// default is `[member, uniqueMember, memberUid, msExchDelegateListLink]`.
	Members []string `yaml:"members"`
	// By which a posixGroup names people. The default is `[uid,
	// sAMAccountName]`.
	Login []string `yaml:"login"`
}

// Question is how belay asks people about mail.
type Question struct {
	// How many of the clean messages may be asked about, all questions
	// together: 0.01 is one in a hundred. What belay notices by likelihood
	// keeps to it; what a rule says outright is asked in any case.
	Share float64 `yaml:"share"`
	// For how long belay at first only watches what it would ask because of
	// signals, while it learns how often that would be; `belay learn` on past
	// mail makes it shorter. Without `learning` nothing is watched first.
	Observe time.Duration `yaml:"observe"`
	// What happens to mail when nobody answers: `return` gives it back to its
	// sender, `release` lets it leave. A rule can say otherwise.
	OnSilence string `yaml:"on_silence" oneof:"return release"`
	// After how long those who did not answer are reminded, and their deputies
	// asked. Days are working days and hours working hours (`calendar`); less
	// than one hour is time as it passes.
	Remind Span `yaml:"remind"`
	// After how long nobody answered; counted like `remind`.
	Expire Span `yaml:"expire"`
}

// Calendar is when people work.
type Calendar struct {
	// The time zone, for instance `Europe/Warsaw`. The default is the
	// machine's.
	Timezone string `yaml:"timezone"`
	// Days and hours of work, for instance `Mon-Thu 08:00-17:00, Fri 08:00-14:00`.
	Hours string `yaml:"hours"`
	// Days on which nobody works, for instance `[2026-12-25, 2026-12-26]`.
	Holidays []string `yaml:"holidays"`
	// The hours in which belay writes to nobody who did not just write to it,
	// for instance `20:00-07:00`. None by default.
	Quiet string `yaml:"quiet"`
}

// Rule is one line of policy.
type Rule struct {
	// The sentence that people read beside mail that it holds.
	Name string `yaml:"name"`
	// The condition, in CEL: see [rules](rules.md).
	When string `yaml:"when"`
	// How long the mail waits: `5m`, or `0s..15m` for longer the more doubtful
	// the worst recipient is (the score of its signals). It may stand beside
	// `ask`, `approve` and `copy`, and counts besides them.
	Delay DelayRange `yaml:"delay"`
	// `sender`: the mail waits until its sender says that it is right.
	Ask string `yaml:"ask" oneof:"sender"`
	// Who has to say yes: `manager`, an address, a group, `2 of` a group (two
	// different people), or a list of addresses (any of them).
	Approve Approvers `yaml:"approve"`
	// Who is told before the mail arrives: `assistants` (those of its
	// recipients), or a list of addresses.
	Copy Copies `yaml:"copy"`
	// The mail is refused at the door, and its sender is told this text; `true`
	// takes the rule's name.
	Reject string `yaml:"reject"`
	// `message`: the whole message waits. `recipient`: only the recipients
	// for whom the condition holds wait, and the others' mail leaves.
	Scope string `yaml:"scope" oneof:"message recipient"`
	// Only mail of authors in one of these groups is looked at.
	Groups []string `yaml:"groups"`
	// With `true` the rule only watches: where it matches is shown, and nothing
	// happens.
	Observe bool `yaml:"observe"`
	// From when on the rule counts: a day (`2026-12-01`, in the calendar's
	// zone) or a moment (`2026-12-01T08:00:00+01:00`).
	Start Moment `yaml:"start"`
	// Until when it counts. A day counts whole.
	End Moment `yaml:"end"`
	// What happens when nobody answers this rule's question: `return` or
	// `release`. The default is `question.on_silence`.
	OnSilence string `yaml:"on_silence" oneof:"return release"`
	// `mail`: those who are asked to approve get the mail itself to read. It
	// needs `agreed_by`.
	Show string `yaml:"show" oneof:"mail"`
	// The privacy officer (`roles.privacy` in the directory) who agreed that
	// approvers may read mail that this rule holds.
	AgreedBy string `yaml:"agreed_by"`
}

// SignalSetting is what belay makes of a signal; `CODE` is one of those in
// [signals](signals.md). Rules that name the signal rely on these.
type SignalSetting struct {
	// With `true` nobody looks for it.
	Off bool `yaml:"off"`
	// With `true` it is only watched: it is shown with the mail, with the rules
	// that would have held it, and nothing happens.
	Observe bool `yaml:"observe"`
	// Its score is multiplied by this: above 1 it weighs more, below 1 less.
	Weight float64 `yaml:"weight"`
	// The score (0.2 to 1) from which it counts.
	Threshold float64 `yaml:"threshold"`
}

// Words are own words, or an own pattern, to look for.
type Words struct {
	// The signal that it gives: `content.confidential`, `content.identifier` or
	// `content.secret`.
	Code string `yaml:"code"`
	// What people call it: "our patient number".
	Name string `yaml:"name"`
	// Words and phrases, found whatever their capital letters and accents, as
	// whole words.
	Words []string `yaml:"words"`
	// A pattern instead (RE2): `P-\d{6}`.
	Pattern string `yaml:"pattern"`
	// Only in texts of this language: en, pl, es, it, tr or nb. Without it, in
	// all.
	Language string `yaml:"language" oneof:"en pl es it tr nb"`
	// The score of a find, from 0.2 to 1; from 0.5 on the signal fires.
	Weight float64 `yaml:"weight"`
}

// Organisation is a client, a supplier, an authority.
type Organisation struct {
	// What people call it.
	Name string `yaml:"name"`
	// What it is to us: `client`, `supplier`, `authority`, or another word. Two
	// organisations of the kind `client` in one mail are noticed.
	Kind string `yaml:"kind"`
	// Its domains; those below them belong to it too.
	Domains []string `yaml:"domains"`
	// Words that stand for it: projects, contracts, products.
	Keywords []string `yaml:"keywords"`
}

// Learning is what belay may learn from the mail that passes: who writes to
// whom, when and in which thread, and no text. The section being there switches
// it on; the journal keeps who did that and why.
type Learning struct {
	// Who decided it: an address, or a name. It must be given.
	DecidedBy string `yaml:"decided_by"`
	// What it is for, in a sentence. It must be given.
	Why string `yaml:"why"`
	// For how long it is remembered.
	Retention time.Duration `yaml:"retention"`
	// Addresses and domains about which nothing is learned, whether they write
	// or are written to: the works council, the company doctor, those who take
	// whistleblowers' reports.
	Exclude []string `yaml:"exclude"`
}

// Program is an author that is no person.
type Program struct {
	// The address it writes from.
	Address string `yaml:"address"`
	// Whether rules may hold its mail.
	Hold bool `yaml:"hold"`
	// The person who answers for it, and is asked in its place. The default is
	// the administrator.
	Owner string `yaml:"owner"`
}

// UnlistedPrograms are authors that look like programs.
type UnlistedPrograms struct {
	// Whether belay looks for them at all.
	Recognise bool `yaml:"recognise"`
	// Whether rules may hold their mail. With `false`, only an address of ours
	// lets mail pass; what a header says never does.
	Hold bool `yaml:"hold"`
	// The person who is asked in their place. The default is the administrator.
	Owner string `yaml:"owner"`
}

// Limits are answered with 4xx or 5xx and the right enhanced status code.
type Limits struct {
	// The largest message (SIZE).
	Message Size `yaml:"message"`
	// The most recipients of one message.
	Recipients int `yaml:"recipients"`
	// The most connections at a time, over all SMTP listeners.
	Connections int `yaml:"connections"`
	// The most connections at a time from one IP address.
	PerClient int `yaml:"connections_per_client"`
	// After how many errors belay hangs up.
	Errors int `yaml:"errors"`
	// How long a client may take for its next command.
	CommandTimeout time.Duration `yaml:"command_timeout"`
	// How long a client may be silent within a message.
	DataTimeout time.Duration `yaml:"data_timeout"`
	// How much of a message must come in each second, on average over ten
	// seconds and more; 0 is no limit.
	DataRate Size `yaml:"data_rate"`
	// The most messages an author may send in an hour before the rest waits
	// and the administrator is told (a stolen account).
	AuthorHour AuthorHour `yaml:"author_hour"`
	// The longest that anything may make a mail wait: a rule, a postponement,
	// HOLDFOR and HOLDUNTIL (RFC 4865).
	Hold time.Duration `yaml:"hold"`
}

// AuthorHour is how many messages one author may send in an hour; 0 is no
// limit.
type AuthorHour struct {
	// Of mail programs.
	Submission int `yaml:"submission"`
	// Of mail servers of ours.
	Relay int `yaml:"relay"`
}

// Retry is how mail is tried again.
type Retry struct {
	// How long after the first attempt. The time doubles with each further
	// one, with some chance in it.
	First time.Duration `yaml:"first"`
	// The longest time between two attempts.
	Max time.Duration `yaml:"max"`
	// After how long belay gives up and tells the sender.
	Expire time.Duration `yaml:"expire"`
	// After how long belay tells the sender, once, that the mail is late;
	// 0 is never.
	Warn time.Duration `yaml:"warn"`
}

// Keep counts from the moment when the last delivery of a message ended.
type Keep struct {
	// Mail that was sent.
	Sent time.Duration `yaml:"sent"`
	// Mail that was stopped: until then its sender can have it back.
	Stopped time.Duration `yaml:"stopped"`
	// Envelope, verdict and record of any mail, without its text.
	Facts time.Duration `yaml:"facts"`
}

// Log is what belay says on standard error.
type Log struct {
	// The least important thing said: `debug`, `info`, `warn` or `error`.
	Level string `yaml:"level" oneof:"debug info warn error"`
	// `text` for people, `json` for programs.
	Format string `yaml:"format" oneof:"text json"`
}
