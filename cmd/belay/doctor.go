package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"belay/internal/api"
	"belay/internal/api/client"
	"belay/internal/config"
	"belay/internal/db"
	"belay/internal/seal"
)

// doctorCommand looks whether everything is in order.
type doctorCommand struct{ printing }

// finding is what one look found. Advice says what to do about it.
type finding struct {
	What   string `json:"what"`
	Level  level  `json:"level"`
	Text   string `json:"text"`
	Advice string `json:"advice,omitempty"`
}

type level string

const (
	fine  level = "ok"
	doubt level = "warning"
	wrong level = "error"
)

// diagnosis collects findings.
type diagnosis struct {
	e        *env
	cfg      *config.Config
	conn     *client.Client
	running  bool
	findings []finding
}

func (d *diagnosis) add(what string, l level, advice, format string, args ...any) {
	d.findings = append(d.findings, finding{what, l, fmt.Sprintf(format, args...), advice})
}

func (c *doctorCommand) Run(e *env) error {
	d := &diagnosis{e: e}
	if d.configuration() {
		for _, look := range []func(){d.program, d.directory, d.space, d.disk, d.keys, d.database, d.clock, d.ports, d.upstreams, d.people, d.learned, d.files, d.bypass} {
			look()
		}
	}
	bad := 0
	for _, f := range d.findings {
		if f.Level == wrong {
			bad++
		}
	}
	if c.JSON {
		raw, err := json.Marshal(map[string]any{"ok": bad == 0, "findings": d.findings})
		if err != nil {
			return err
		}
		if err := printJSON(e.out, raw); err != nil {
			return err
		}
	} else {
		d.print()
	}
	if bad > 0 {
		return errSilent
	}
	return nil
}

func (d *diagnosis) print() {
	marks := map[level]string{fine: "ok  ", doubt: "look", wrong: "BAD "}
	for _, f := range d.findings {
		fmt.Fprintf(d.e.out, "%s  %-14s%s\n", marks[f.Level], f.What, f.Text)
		if f.Advice != "" {
			fmt.Fprintf(d.e.out, "%-20s→ %s\n", "", f.Advice)
		}
	}
}

func (d *diagnosis) configuration() bool {
	cfg, err := d.e.load()
	if err == nil {
		_, err = rulesOf(cfg)
	}
	switch {
	case err != nil:
		d.add("configuration", wrong, "mend the file; belay config reference says what may stand in it", "%v", err)
		return false
	case d.e.config == "":
		d.add("configuration", fine, "", "no file is given; the defaults hold (loopback only)")
	default:
		d.add("configuration", fine, "", "%s is in order", d.e.config)
	}
	d.cfg = cfg
	d.conn = client.Local(string(cfg.Data))
	return true
}

func (d *diagnosis) program() {
	var v api.Version
	ctx, cancel := context.WithTimeout(d.e.ctx, 5*time.Second)
	defer cancel()
	_, err := d.conn.Into(ctx, http.MethodGet, "/api/v1/version", nil, &v)
	switch {
	case err == nil && v.Version != thisVersion().Version:
		d.running = true
		d.add("program", doubt, "start it again to run the new one", "belay %s runs; this command is %s", v.Version, thisVersion().Version)
	case err == nil:
		d.running = true
		d.add("program", fine, "", "belay %s runs", v.Version)
	case errors.Is(err, client.ErrNotRunning):
		d.add("program", doubt, "start it: belay serve", "belay does not run on %s", d.cfg.Data)
	default:
		d.add("program", wrong, "look into its log", "%v", err)
	}
}

func (d *diagnosis) directory() {
	info, err := os.Stat(string(d.cfg.Data))
	switch {
	case errors.Is(err, os.ErrNotExist):
		d.add("data", doubt, "belay serve makes it", "%s is not there yet", d.cfg.Data)
	case err != nil:
		d.add("data", wrong, "let the user that belay runs as read it", "%v", err)
	case info.Mode().Perm()&0o077 != 0:
		d.add("data", wrong, "chmod 700 "+string(d.cfg.Data), "others on this machine can look into %s (mode %o)", d.cfg.Data, info.Mode().Perm())
	default:
		d.add("data", fine, "", "%s is its owner's alone", d.cfg.Data)
	}
}

// existing is the data directory, or what of its path is there already.
func (d *diagnosis) existing() string {
	dir := string(d.cfg.Data)
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// Less free space than leastSpace is an error, less than fairSpace a warning.
const (
	leastSpace = 200 << 20
	fairSpace  = 2 << 30
)

func (d *diagnosis) space() {
	var fs unix.Statfs_t
	if err := unix.Statfs(d.existing(), &fs); err != nil {
		d.add("space", doubt, "", "cannot tell how much is free: %v", err)
		return
	}
	free := int64(fs.Bavail) * fs.Bsize
	text := fmt.Sprintf("%.1f GB are free", float64(free)/1e9)
	switch {
	case free < leastSpace:
		d.add("space", wrong, "make room: belay answers 452 when the disk is full", "%s", text)
	case free < fairSpace:
		d.add("space", doubt, "make room before mail piles up", "%s", text)
	default:
		d.add("space", fine, "", "%s", text)
	}
}

// disk looks how long it takes until something is really on the disk, on
// which everything that belay promises rests.
func (d *diagnosis) disk() {
	f, err := os.CreateTemp(d.existing(), ".doctor-")
	if err != nil {
		d.add("disk", wrong, "let the user that belay runs as write there", "%v", err)
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	const rounds = 20
	began := time.Now()
	for range rounds {
		if _, err := f.Write(make([]byte, 4096)); err == nil {
			err = f.Sync()
		}
		if err != nil {
			d.add("disk", wrong, "look at the disk", "%v", err)
			return
		}
	}
	each := time.Since(began) / rounds
	switch {
	case each > 50*time.Millisecond:
		d.add("disk", doubt, "a faster disk for the data directory makes belay faster", "a safe write takes %s", each.Round(time.Millisecond))
	case each < 20*time.Microsecond:
		d.add("disk", doubt, "see that the disk does not only pretend to write (tmpfs, a write cache without battery)", "a safe write takes only %s", each.Round(time.Microsecond))
	default:
		d.add("disk", fine, "", "a safe write takes %s", each.Round(10*time.Microsecond))
	}
}

func (d *diagnosis) keys() {
	if os.Getenv(keyVariable) != "" {
		d.add("keys", fine, "", "they come from %s", keyVariable)
		return
	}
	dir := filepath.Join(string(d.cfg.Data), keysFolder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		d.add("keys", doubt, "belay serve makes them", "there are none yet")
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 {
			d.add("keys", wrong, "chmod 600 "+filepath.Join(dir, e.Name()), "others can read %s", e.Name())
			return
		}
	}
	if _, err := seal.Load(dir, ""); err != nil {
		d.add("keys", wrong, "put back the keys from a backup: without them no kept mail can be read", "%v", err)
		return
	}
	d.add("keys", fine, "", "they can be read, by their owner alone")
}

func (d *diagnosis) database() {
	if d.running && d.cfg.Database == "" {
		d.add("database", fine, "", "belay has it open")
		return
	}
	if _, err := os.Stat(filepath.Join(string(d.cfg.Data), databaseFile)); err != nil && d.cfg.Database == "" {
		d.add("database", doubt, "belay serve makes it", "there is none yet")
		return
	}
	ctx, cancel := context.WithTimeout(d.e.ctx, 15*time.Second)
	defer cancel()
	database, err := openDatabase(ctx, d.cfg, discard)
	if err != nil {
		d.add("database", wrong, "see that it runs, and that belay may use it", "%v", err)
		return
	}
	defer database.Close()
	d.add("database", fine, "", "%s answers, at version %d", database.Dialect(), database.Version())
	if database.Dialect() == db.Postgres {
		d.databaseClock(ctx, database)
	}
}

func (d *diagnosis) databaseClock(ctx context.Context, database *db.DB) {
	now, err := reference(database)(ctx)
	if off := time.Until(now).Abs(); err == nil && off > 5*time.Second {
		d.add("clock", doubt, "let NTP set both", "this machine and the database are %s apart; due times go by the database", off.Round(time.Second))
	}
}

func (d *diagnosis) clock() {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		d.add("clock", doubt, "", "cannot tell whether it is set from the network: %v", err)
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		d.add("clock", doubt, "let NTP set it (systemd-timesyncd, chrony); a jump moves no due time, but people read these times",
			"%s; nothing keeps it right", time.Now().Format(time.RFC3339))
	default:
		d.add("clock", fine, "", "%s, kept right from the network", time.Now().Format(time.RFC3339))
	}
}

// ports looks whether the ports are free, or belay's own.
func (d *diagnosis) ports() {
	doors := smtpDoors(d.cfg)
	if w := d.cfg.Listen.Web; w != nil {
		doors = append(doors, smtpDoor{"web", "listen.web.address", w.Address, false})
	}
	if len(doors) == 0 {
		d.add("ports", doubt, "name a listener under listen:", "belay listens nowhere")
	}
	for _, o := range doors {
		if d.running {
			conn, err := net.DialTimeout("tcp", string(o.address), 3*time.Second)
			if err != nil {
				d.add("port", wrong, "start belay again; its log says why it is closed", "%s (%s) does not answer", o.address, o.key)
				continue
			}
			conn.Close()
			d.add("port", fine, "", "%s answers (%s)", o.address, o.name)
			continue
		}
		l, err := listen(d.e.ctx, option(d.cfg, o.key), o.address)
		if err != nil {
			d.add("port", wrong, "", "%v", err)
			continue
		}
		l.Close()
		d.add("port", fine, "", "%s is free (%s)", o.address, o.name)
	}
}

func (d *diagnosis) bypass() {
	var b api.Bypass
	if !d.running {
		return
	}
	if _, err := d.conn.Into(d.e.ctx, http.MethodGet, "/api/v1/bypass", nil, &b); err == nil && b.Active {
		d.add("bypass", doubt, "belay bypass --off ends it", "everything passes until %s, by %s: %s", b.Until.Local().Format(time.DateTime), clean(b.By), clean(b.Why))
	}
}
