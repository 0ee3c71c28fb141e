package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"belay/internal/access"
)

// accountsFile and tokensFile stand in the data directory. belay reads them
// anew when they change, so these commands need no running belay.
const (
	accountsFile = "accounts"
	tokensFile   = "tokens"
)

// userCommand is about the accounts of mail programs.
type userCommand struct {
	Add      userAdd      `cmd:"" help:"Make an account; asks for its password."`
	Password userPassword `cmd:"" help:"Give an account another password."`
	Grant    userGrant    `cmd:"" help:"Let an account write as another address too, or as a whole domain (@corp.test)."`
	Revoke   userRevoke   `cmd:"" help:"Take such an address back."`
	Remove   userRemove   `cmd:"" help:"Take an account away."`
	List     userList     `cmd:"" help:"List the accounts."`
}

func (e *env) accounts() (*access.Accounts, error) {
	dir, err := e.dataDirectory()
	if err != nil {
		return nil, err
	}
	return access.OpenAccounts(filepath.Join(dir, accountsFile), access.AccountOptions{})
}

// dataDirectory is the data directory, made where it is not there yet.
func (e *env) dataDirectory() (string, error) {
	c, err := e.loadLoosely()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(string(c.Data), 0o700); err != nil {
		return "", fmt.Errorf("make the data directory: %w", err)
	}
	return string(c.Data), nil
}

type userAdd struct {
	Name       string   `arg:"" help:"The address that signs in."`
	Grant      []string `help:"Another address that it may write as; may be given again." placeholder:"ADDRESS"`
	NoPassword bool     `help:"Without a password: for grants to accounts that the upstream checks."`
}

func (c *userAdd) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	if err := accounts.MayAdd(c.Name, c.Grant...); err != nil {
		return about1("add", c.Name, err) // before somebody types a password in vain
	}
	var password string
	if !c.NoPassword {
		if password, err = e.password(); err != nil {
			return err
		}
	}
	if err := accounts.Add(c.Name, password, c.Grant...); err != nil {
		return about1("add", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s may sign in now.\n", c.Name)
	return nil
}

type userPassword struct {
	Name string `arg:"" help:"The account."`
}

func (c *userPassword) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	if !accounts.Has(c.Name) {
		return about1("change", c.Name, access.ErrNotFound)
	}
	password, err := e.password()
	if err != nil {
		return err
	}
	if err := accounts.SetPassword(c.Name, password); err != nil {
		return about1("change", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s has a new password.\n", c.Name)
	return nil
}

type userGrant struct {
	Name    string   `arg:"" help:"The account."`
	Address []string `arg:"" help:"An address, or @domain for all of a domain."`
}

func (c *userGrant) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Grant(c.Name, c.Address...); err != nil {
		return about1("change", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s may write as %s too.\n", c.Name, strings.Join(c.Address, ", "))
	return nil
}

type userRevoke struct {
	Name    string   `arg:"" help:"The account."`
	Address []string `arg:"" help:"An address, or @domain, that was granted."`
}

func (c *userRevoke) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Revoke(c.Name, c.Address...); err != nil {
		return about1("change", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s may no longer write as %s.\n", c.Name, strings.Join(c.Address, ", "))
	return nil
}

type userRemove struct {
	Name string `arg:"" help:"The account."`
}

func (c *userRemove) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Remove(c.Name); err != nil {
		return about1("remove", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s is gone.\n", c.Name)
	return nil
}

type userList struct{ printing }

func (c *userList) Run(e *env) error {
	accounts, err := e.accounts()
	if err != nil {
		return err
	}
	list := accounts.List()
	if c.JSON {
		type view struct {
			Name   string   `json:"name"`
			Grants []string `json:"grants"`
			SignIn bool     `json:"sign_in"`
		}
		views := make([]view, len(list))
		for i, a := range list {
			views[i] = view{a.Name, append([]string{}, a.Grants...), a.SignIn}
		}
		raw, err := json.Marshal(map[string]any{"accounts": views})
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	if len(list) == 0 {
		fmt.Fprintln(e.out, "There is no account yet; make one with belay user add.")
		return nil
	}
	t := &table{heads: []string{"ACCOUNT", "PASSWORD", "MAY ALSO WRITE AS"}}
	for _, a := range list {
		password := "yes"
		if !a.SignIn {
			password = "none"
		}
		t.add(a.Name, password, strings.Join(a.Grants, ", "))
	}
	t.print(e.out)
	return nil
}

// about1 says which account or token an error is about.
func about1(verb, name string, err error) error {
	switch {
	case errors.Is(err, access.ErrNotFound):
		return fmt.Errorf("%s is not there; the list command shows what is", name)
	case errors.Is(err, access.ErrExists):
		return fmt.Errorf("%s is there already", name)
	}
	return fmt.Errorf("%s %s: %w", verb, name, err)
}

// password asks for a password twice on a terminal, and reads a line of
// standard input elsewhere.
func (e *env) password() (string, error) {
	f, ok := e.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(e.in).ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			return "", fmt.Errorf("no password came on standard input: %w", err)
		}
		return line, nil
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(e.err, prompt)
		secret, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.err)
		return string(secret), err
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if first == "" {
		return "", errors.New("an empty password lets everybody in; nothing was changed")
	}
	second, err := ask("Once more: ")
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if first != second {
		return "", errors.New("the two are not the same; nothing was changed")
	}
	return first, nil
}
