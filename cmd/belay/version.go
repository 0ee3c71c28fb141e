package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"belay/internal/api"
)

// version is set by the build (-ldflags "-X main.version=…"); without it the
// source's own is shown.
var version = "0.1.0-dev"

// versionCommand says which belay this is. It asks nobody: it works where
// nothing runs.
type versionCommand struct{ printing }

func (c *versionCommand) Run(e *env) error {
	v := thisVersion()
	if c.JSON {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return printJSON(e.out, raw)
	}
	fmt.Fprintf(e.out, "belay %s", v.Version)
	if v.Commit != "" {
		fmt.Fprintf(e.out, " (%s)", v.Commit)
	}
	fmt.Fprintf(e.out, ", %s\n", v.Go)
	return nil
}

func thisVersion() api.Version {
	v := api.Version{Version: version, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			v.Commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			v.Commit += "+changes"
		}
	}
	return v
}
