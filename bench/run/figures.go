package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is a result as a line of a Markdown table.
func (r result) row(name string) string {
	return fmt.Sprintf("| %s | %.0f | %s | %.0f | %s | %.0f MB | %.1f KB |", name,
		r.In, micro(r.InCPU), r.Out, micro(r.OutCPU), float64(r.Peak)/(1<<20), float64(r.Kept)/1024)
}

func micro(d time.Duration) string {
	return fmt.Sprintf("%.0f µs", float64(d)/float64(time.Microsecond))
}

func milli(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// median takes each figure's median by itself.
func median(all []result) (m result) {
	m.In = middle(all, func(r result) float64 { return r.In })
	m.Out = middle(all, func(r result) float64 { return r.Out })
	m.InCPU = middle(all, func(r result) time.Duration { return r.InCPU })
	m.OutCPU = middle(all, func(r result) time.Duration { return r.OutCPU })
	m.Peak = middle(all, func(r result) int64 { return r.Peak })
	m.Kept = middle(all, func(r result) int64 { return r.Kept })
	return m
}

func middle[T cmp.Ordered](all []result, of func(result) T) T {
	var values []T
	for _, r := range all {
		values = append(values, of(r))
	}
	return quantile(values, 0.5)
}

// quantile sorts values and gives the one that q of them do not exceed.
func quantile[T cmp.Ordered](values []T, q float64) T {
	var zero T
	if len(values) == 0 {
		return zero
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// size64 is how many octets a directory's files take.
func size64(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}

// machine describes where this runs.
func machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores (%s), %s, fsync %s (median)", runtime.NumCPU(), model, runtime.Version(), micro(fsync()))
}

// fsync is how long it takes to append 4 KB to a file and sync it.
func fsync() time.Duration {
	f, err := os.CreateTemp("", "belay-fsync-")
	if err != nil {
		return 0
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took []time.Duration
	for range 200 {
		began := time.Now()
		f.Write(make([]byte, 4096))
		f.Sync()
		took = append(took, time.Since(began))
	}
	return quantile(took, 0.5)
}
