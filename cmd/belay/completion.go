package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCommand prints a script that completes commands and flags. It is
// made from the commands themselves, so it cannot lag behind them.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func (c *completionCommand) Run(e *env) error {
	script := map[string]func([]completion) string{"bash": bash, "zsh": zsh, "fish": fish}[c.Shell]
	fmt.Fprint(e.out, script(completions(e.model.Node, nil)))
	return nil
}

// completion is what may follow some words.
type completion struct {
	path  []string // the commands before it
	words []word
}

type word struct{ text, help string }

// completions walks through the commands.
func completions(n *kong.Node, path []string) []completion {
	c := completion{path: path}
	for _, child := range n.Children {
		if !child.Hidden {
			c.words = append(c.words, word{child.Name, child.Help})
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			c.words = append(c.words, word{"--" + f.Name, f.Help})
		}
	}
	list := []completion{c}
	for _, child := range n.Children {
		list = append(list, completions(child, append(append([]string{}, path...), child.Name))...)
	}
	return list
}

func (c *completion) texts() string {
	texts := make([]string, len(c.words))
	for i, w := range c.words {
		texts[i] = w.text
	}
	return strings.Join(texts, " ")
}

func bash(list []completion) string {
	var b strings.Builder
	b.WriteString(`# belay: completion for bash. Use: source <(belay completion bash)
_belay() {
    local word path=""
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$path $word" in
`)
	for _, c := range list {
		if len(c.path) > 0 {
			before, last := strings.Join(c.path[:len(c.path)-1], " "), c.path[len(c.path)-1]
			fmt.Fprintf(&b, "            %q) path=%q ;;\n", before+" "+last, strings.Join(c.path, " "))
		}
	}
	b.WriteString("        esac\n    done\n    case \"$path\" in\n")
	for _, c := range list {
		fmt.Fprintf(&b, "        %q) COMPREPLY=($(compgen -W %q -- \"${COMP_WORDS[COMP_CWORD]}\")) ;;\n", strings.Join(c.path, " "), c.texts())
	}
	b.WriteString("    esac\n    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -F _belay belay\n")
	return b.String()
}

func zsh(list []completion) string {
	return "#compdef belay\n# belay: completion for zsh. Use: source <(belay completion zsh)\n" +
		"autoload -U +X bashcompinit && bashcompinit\n" + strings.TrimPrefix(bash(list), "# belay: completion for bash. Use: source <(belay completion bash)\n")
}

func fish(list []completion) string {
	var b strings.Builder
	b.WriteString("# belay: completion for fish. Use: belay completion fish | source\n")
	for _, c := range list {
		condition := "__fish_use_subcommand"
		if len(c.path) > 0 {
			parts := make([]string, len(c.path))
			for i, p := range c.path {
				parts[i] = "__fish_seen_subcommand_from " + p
			}
			condition = strings.Join(parts, "; and ")
		}
		for _, w := range c.words {
			help := strings.ReplaceAll(w.help, "'", `\'`)
			if flag, ok := strings.CutPrefix(w.text, "--"); ok {
				fmt.Fprintf(&b, "complete -c belay -n '%s' -l %s -d '%s'\n", condition, flag, help)
			} else {
				fmt.Fprintf(&b, "complete -c belay -f -n '%s' -a %s -d '%s'\n", condition, w.text, help)
			}
		}
	}
	return b.String()
}
