package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"belay/internal/access"
	"belay/internal/config"
)

// tokenCommand is about the tokens of programs that use the API.
type tokenCommand struct {
	Add    tokenAdd    `cmd:"" help:"Make a token and print it, once."`
	List   tokenList   `cmd:"" help:"List the tokens."`
	Revoke tokenRevoke `cmd:"" help:"Take a token away."`
}

func (e *env) tokens() (*access.Tokens, error) {
	dir, err := e.dataDirectory()
	if err != nil {
		return nil, err
	}
	return access.OpenTokens(filepath.Join(dir, tokensFile), nil, nil)
}

type tokenAdd struct {
	printing
	Name    string `arg:"" help:"What it is for."`
	Scope   string `help:"read: look. admin: act, too." enum:"read,admin" default:"read"`
	Expires string `help:"After how long it ends, such as 90d; never by default." placeholder:"TIME"`
}

func (c *tokenAdd) Run(e *env) error {
	tokens, err := e.tokens()
	if err != nil {
		return err
	}
	var expires time.Time
	if c.Expires != "" {
		d, err := config.ParseDuration(c.Expires)
		if err != nil || d == 0 {
			return usagef("--expires must be a length of time, such as 90d")
		}
		expires = time.Now().Add(d)
	}
	secret, made, err := tokens.Create(c.Name, access.Scope(c.Scope), expires)
	if err != nil {
		return about1("add", c.Name, err)
	}
	if c.JSON {
		raw, err := json.Marshal(struct {
			access.Token
			Secret string `json:"token"`
		}{made, secret})
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	// The token alone goes to standard output, so that it can go to a file.
	fmt.Fprintf(e.err, "The token of %s (%s), shown only now:\n", made.Name, made.Scope)
	fmt.Fprintln(e.out, secret)
	return nil
}

type tokenList struct{ printing }

func (c *tokenList) Run(e *env) error {
	tokens, err := e.tokens()
	if err != nil {
		return err
	}
	list := tokens.List()
	if c.JSON {
		raw, err := json.Marshal(map[string]any{"tokens": append([]access.Token{}, list...)})
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	if len(list) == 0 {
		fmt.Fprintln(e.out, "There is no token yet; make one with belay token add.")
		return nil
	}
	t := &table{heads: []string{"ID", "SCOPE", "MADE", "ENDS", "NAME"}}
	now := time.Now()
	for _, k := range list {
		ends := "never"
		if !k.Expires.IsZero() {
			ends = relative(k.Expires, now)
		}
		t.add(k.ID, string(k.Scope), relative(k.Created, now), ends, k.Name)
	}
	t.print(e.out)
	return nil
}

type tokenRevoke struct {
	Name string `arg:"" help:"Its name or id."`
}

func (c *tokenRevoke) Run(e *env) error {
	tokens, err := e.tokens()
	if err != nil {
		return err
	}
	if err := tokens.Revoke(c.Name); err != nil {
		return about1("revoke", c.Name, err)
	}
	fmt.Fprintf(e.out, "%s lets nobody in any more.\n", c.Name)
	return nil
}
