package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"belay/internal/api/client"
	"belay/internal/config"
)

// remote are the flags of commands that act on a running belay.
type remote struct {
	Server    string `help:"The address of a belay elsewhere, such as https://belay.corp.test." placeholder:"URL"`
	TokenFile string `help:"The file whose first line is the token for --server." placeholder:"FILE" type:"path"`
}

// printing is the flag of commands that print data.
type printing struct {
	JSON bool `name:"json" help:"Print the API's JSON."`
}

// load reads the configuration that the command line names.
func (e *env) load() (*config.Config, error) {
	if e.config == "" {
		return config.Default(), nil
	}
	return config.Load(e.config)
}

// hint names a file that was perhaps meant, where the command line names none.
func (e *env) hint() {
	if e.config != "" {
		return
	}
	for _, file := range []string{"belay.yaml", "/etc/belay/belay.yaml"} {
		if _, err := os.Stat(file); err == nil {
			fmt.Fprintf(e.out, "There is a file %s; to use it: --config %s, or BELAY_CONFIG=%s in the environment.\n", file, file, file)
			return
		}
	}
}

func isConfigError(err error) bool {
	var several config.Errors
	var one *config.Error
	return errors.As(err, &several) || errors.As(err, &one)
}

// connect gives the way to the running belay.
func (r *remote) connect(e *env) (*client.Client, error) {
	if r.Server == "" {
		if r.TokenFile != "" {
			return nil, usagef("--token-file goes with --server")
		}
		c, err := e.loadLoosely()
		if err != nil {
			return nil, err
		}
		return client.Local(string(c.Data)), nil
	}
	var token string
	if r.TokenFile != "" {
		text, err := os.ReadFile(r.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("read the token: %w", err)
		}
		token, _, _ = strings.Cut(string(text), "\n")
		if strings.TrimSpace(token) == "" { // without one, this machine's user would act in its place
			return nil, fmt.Errorf("read the token: the first line of %s is empty; belay token add prints one", r.TokenFile)
		}
	}
	c, err := client.Remote(r.Server, strings.TrimSpace(token))
	if err != nil {
		return nil, &usageError{err.Error()}
	}
	return c, nil
}

// loadLoosely reads the configuration without looking at the files that it
// names: whoever asks a running belay need not be able to read its keys.
func (e *env) loadLoosely() (*config.Config, error) {
	if e.config == "" {
		return config.Default(), nil
	}
	text, err := os.ReadFile(e.config)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return config.Parse(e.config, text)
}
