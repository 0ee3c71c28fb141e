package config

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Path is a file or directory; a relative one counts from the directory of the
// configuration file.
type Path string

// Secret is text that `belay config print` does not show.
type Secret string

// Address is a host (empty is every address of the machine) and a port.
type Address string

// Split parts the address. Both are empty where there is none.
func (a Address) Split() (host, port string) {
	host, port, _ = net.SplitHostPort(string(a))
	return host, port
}

// IsLoopback tells whether only this machine can reach the address.
func (a Address) IsLoopback() bool {
	host, _ := a.Split()
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Size is a number of octets.
type Size int64

// Rate is a number of things in a time. The zero Rate is no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// ParseAddress reads host:port.
func ParseAddress(s string) (Address, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		if _, err := strconv.ParseUint(s, 10, 16); err == nil {
			return "", fmt.Errorf(`%q has no host; write "127.0.0.1:%s", or ":%s" for every address of this machine`, s, s, s)
		}
		return "", fmt.Errorf(`%q is no host and port; write them as "127.0.0.1:2525"`, s)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%q is no port; it is a number from 1 to 65535", port)
	}
	if strings.ContainsAny(host, " \t/@") {
		return "", fmt.Errorf("%q is no host", host)
	}
	return Address(s), nil
}

// units of time, as people write them.
var timeUnits = map[string]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day,
	"y": year,
}

// ParseDuration reads a time such as "90s", "1h30m", "5d", "2w", "2y" (of 365
// days); "0" alone needs no unit. Nothing is negative or longer than 100 years.
func ParseDuration(s string) (time.Duration, error) {
	bad := fmt.Errorf(`%q is no time; write it as 30s, 10m, 4h, 5d or 1h30m`, s)
	if s == "0" {
		return 0, nil
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s != "" {
		return 0, fmt.Errorf(`%q has no unit; write %ss, %sm, %sh or %sd`, s, s, s, s, s)
	}
	var sum float64
	for rest := s; ; {
		number := strings.TrimLeft(rest, "0123456789.")
		unit := strings.TrimLeft(number, "abcdefghijklmnopqrstuvwxyz")
		n, err := strconv.ParseFloat(rest[:len(rest)-len(number)], 64)
		scale, ok := timeUnits[number[:len(number)-len(unit)]]
		if err != nil || !ok {
			return 0, bad
		}
		sum += n * float64(scale)
		if sum > float64(100*365*day) {
			return 0, fmt.Errorf("%q is longer than 100 years", s)
		}
		if rest = unit; rest == "" {
			return time.Duration(math.Round(sum)), nil
		}
	}
}

// FormatDuration writes a time as ParseDuration reads it, with the fewest
// units: "5d", "1h30m", "0s"; whole years as "2y".
func FormatDuration(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d%year == 0:
		return fmt.Sprintf("%dy", d/year)
	}
	var b strings.Builder
	for _, unit := range []string{"d", "h", "m", "s", "ms"} {
		if n := d / timeUnits[unit]; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit)
			d -= n * timeUnits[unit]
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// sizeUnits, the largest first so that Size.String finds the shortest form.
var sizeUnits = []struct {
	name string
	n    int64
}{
	{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"KB", 1e3}, {"B", 1},
}

// ParseSize reads a number of octets such as "50MB" (50,000,000), "1 MiB"
// (1,048,576) or "4096".
func ParseSize(s string) (Size, error) {
	number := strings.TrimRight(s, " ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	unit := strings.TrimSpace(s[len(number):])
	n, err := strconv.ParseFloat(number, 64)
	if err == nil && n >= 0 {
		for _, u := range sizeUnits {
			if strings.EqualFold(unit, u.name) || unit == "" && u.n == 1 {
				if n *= float64(u.n); n > 1<<60 {
					return 0, fmt.Errorf("%q is too large", s)
				}
				return Size(n), nil
			}
		}
	}
	return 0, fmt.Errorf(`%q is no size; write it as 50MB, 512KiB or 4096`, s)
}

func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.n == 0 {
			return strconv.FormatInt(int64(s)/u.n, 10) + u.name
		}
	}
	return "0"
}

// ParseRate reads "100/m": a number, and s, m, h or d.
func ParseRate(s string) (Rate, error) {
	number, per, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	unit := timeUnits[strings.TrimSpace(per)]
	if !ok || err != nil || n < 1 || unit < time.Second {
		return Rate{}, fmt.Errorf(`%q is no rate; write it as 20/s, 100/m or 1000/h`, s)
	}
	return Rate{N: n, Per: unit}, nil
}

func (r Rate) String() string {
	if r.N == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%s", r.N, strings.TrimPrefix(FormatDuration(r.Per), "1"))
}

// parsePrefix reads a network, or a single address.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr.Unmap().WithZone(""), addr.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf(`%q is no network; write it as 192.0.2.0/24 or 2001:db8::/32`, s)
	}
	if masked := p.Masked(); masked != p {
		return p, fmt.Errorf("%s is an address inside a network; did you mean %s, or the one address %s?", s, masked, p.Addr())
	}
	return p, nil
}

func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return a, errors.New(strconv.Quote(s) + " is no IP address")
	}
	return a, nil
}
