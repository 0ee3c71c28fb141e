// Command belay holds outgoing mail for a moment, so that a mistake can still
// be stopped. Each command stands in a file of its own; serve.go starts the
// rooms in order.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // zones by name, on machines without zone files too

	"github.com/alecthomas/kong"
)

// cli is every command. What the fields' tags say is what --help shows.
type cli struct {
	Config string `help:"The configuration file; without one belay runs on loopback with its data in ./belay-data." placeholder:"FILE" type:"path" env:"BELAY_CONFIG"`

	Serve      serveCommand      `cmd:"" help:"Run belay."`
	Send       sendCommand       `cmd:"" help:"Send a mail through belay, for trying."`
	Check      checkCommand      `cmd:"" help:"Judge one mail with the rules, and say what would happen to it."`
	Judge      judgeCommand      `cmd:"" help:"Judge a stream of mails, one line of JSON each; what programs and measurements use."`
	Learn      learnCommand      `cmd:"" help:"Learn from past mail: who writes to whom. Journaled; no text is kept."`
	LookBack   lookBackCommand   `cmd:"" help:"Judge past mail as if belay had been there: what would have waited, been asked, and gone wrong."`
	Eval       evalCommand       `cmd:"" help:"Measure how well wrong recipients are found: make mistakes out of past mail, and judge them."`
	Held       heldCommand       `cmd:"" help:"List the mails that wait."`
	Show       showCommand       `cmd:"" help:"Show one mail with its recipients and its record."`
	Stop       stopCommand       `cmd:"" help:"Stop a mail: it never leaves."`
	Release    releaseCommand    `cmd:"" help:"Send a mail now."`
	Approve    approveCommand    `cmd:"" help:"Say yes to what mails wait for."`
	Deny       denyCommand       `cmd:"" help:"Say no to what mails wait for: they are stopped."`
	Right      rightCommand      `cmd:"" help:"Say that a mail is right and not to be asked about again, or list and take back what was said so."`
	Postpone   postponeCommand   `cmd:"" help:"Let a mail wait longer."`
	Bypass     bypassCommand     `cmd:"" help:"Let everything pass for a while; journaled, and shown everywhere."`
	User       userCommand       `cmd:"" help:"The accounts of mail programs."`
	Token      tokenCommand      `cmd:"" help:"The tokens of programs that use the API."`
	Journal    journalCommand    `cmd:"" help:"The record of who did what."`
	Person     personCommand     `cmd:"" help:"What was learned of a person: hand it out, or erase it."`
	Directory  directoryCommand  `cmd:"" help:"Who is who: people, mailboxes, organisations."`
	Backup     backupCommand     `cmd:"" help:"Write a backup, also while belay runs."`
	Restore    restoreCommand    `cmd:"" help:"Bring a backup back: into a new data directory, or what a running belay lacks."`
	Configure  configCommand     `cmd:"" name:"config" help:"Check, print and explain the configuration."`
	Doctor     doctorCommand     `cmd:"" help:"Look whether everything is in order, and say what to do."`
	Completion completionCommand `cmd:"" help:"Print the completion script for a shell."`
	Version    versionCommand    `cmd:"" help:"Say which belay this is."`
}

// env is what a command may use of the world.
type env struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	config string // --config
	model  *kong.Application
}

// usageError is a command that was called wrongly: exit 2.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// errSilent ends a command with exit 1 when it has already said why.
var errSilent = errors.New("already said")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second Ctrl-C does not wait for what is under way
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// exit carries kong's wish to end (after --help) out of its parser.
type exit int

// run is main without the process. It gives the exit code: 0 done, 1 could
// not, 2 wrong usage.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) (code int) {
	defer func() {
		if r := recover(); r != nil {
			wanted, ok := r.(exit)
			if !ok {
				panic(r)
			}
			code = int(wanted)
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("belay"),
		kong.Description("belay holds outgoing mail for a moment, so that a mistake can still be stopped."),
		kong.Writers(out, errOut), kong.Exit(func(code int) { panic(exit(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		panic(err) // the tags above are wrong
	}
	if len(args) > 0 && args[0] == "help" { // as other programs have it: belay help check
		args = append(args[1:len(args):len(args)], "--help")
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		var wrong *kong.ParseError
		command := "belay"
		if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Command() != "" {
			command += " " + strings.Fields(wrong.Context.Command())[0]
		}
		fmt.Fprintf(errOut, "belay: %s; %s --help says how\n", oneLine(err), command)
		return 2
	}
	err = parsed.Run(&env{ctx: ctx, in: in, out: out, err: errOut, config: c.Config, model: parser.Model})
	return report(errOut, err)
}

// report says what went wrong in one line and gives the exit code.
func report(errOut io.Writer, err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	case errors.As(err, &usage):
		fmt.Fprintf(errOut, "belay: %s\n", oneLine(err))
		return 2
	}
	fmt.Fprintf(errOut, "belay: %s\n", oneLine(err))
	return 1
}

// oneLine keeps errors to a line each; those of a configuration show its line
// beneath and stay as they are.
func oneLine(err error) string {
	text := strings.TrimSpace(err.Error())
	if isConfigError(err) {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
