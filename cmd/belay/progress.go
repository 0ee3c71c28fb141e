package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"belay/internal/locale"
)

// progress is a bar at the bottom of a terminal. Where nobody looks it is
// silent. It is for one goroutine.
type progress struct {
	w     io.Writer // nil: nobody looks
	began time.Time
	last  time.Time
	shown bool
}

func newProgress(w io.Writer) *progress {
	p := &progress{began: time.Now()}
	if isTerminal(w) {
		p.w = w
	}
	return p
}

// barWidth is how many characters a bar has.
const barWidth = 28

// show says how far something is; at most ten times a second. rate is what is
// counted a second: "mails", "" for none.
func (p *progress) show(what string, done, all int64, rate string) {
	now := time.Now()
	if p.w == nil || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprint(p.w, "\r"+progressLine(what, done, all, rate, now.Sub(p.began))+"\x1b[K")
}

func progressLine(what string, done, all int64, rate string, took time.Duration) string {
	share := 1.0
	if all > 0 {
		share = min(1, float64(done)/float64(all))
	}
	full := int(share * barWidth)
	line := fmt.Sprintf("%-9s %s%s %3.0f %%", what, strings.Repeat("█", full), strings.Repeat("░", barWidth-full), 100*share)
	if seconds := took.Seconds(); rate != "" && seconds > 1 {
		line += fmt.Sprintf("  %s %s/s", locale.Thousands(int(float64(done)/seconds)), rate)
		if left := took.Seconds() * (1 - share) / max(share, 1e-9); share > 0.01 && share < 1 {
			line += "  " + short(time.Duration(left*float64(time.Second))) + " left"
		}
	}
	return line
}

// again begins another length of work.
func (p *progress) again() { p.began, p.last = time.Now(), time.Time{} }

// clear takes the bar away.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// warn says what is amiss, and stops nothing.
func (e *env) warn(trouble string) {
	if trouble != "" {
		fmt.Fprintf(e.err, "belay: %s\n", clean(trouble))
	}
}
