package relay

import (
	"cmp"
	"slices"
	"strings"

	"belay/internal/mail"
	"belay/internal/queue"
)

// group is the part of a job that goes the same way.
type group struct {
	upstreams  []*upstream
	deliveries []int // positions in Job.Deliveries
}

// groups sorts the deliveries of a job by the upstreams that are for them, so
// that those who share an upstream share a transaction.
func (r *Relay) groups(job *queue.Job) []group {
	var all []group
	for i := range job.Deliveries {
		way := r.route(job.Deliveries[i].Recipient.Address)
		n := slices.IndexFunc(all, func(g group) bool { return slices.Equal(g.upstreams, way) })
		if n < 0 {
			n = len(all)
			all = append(all, group{upstreams: way})
		}
		all[n].deliveries = append(all[n].deliveries, i)
	}
	return all
}

// route gives the upstreams for an address: those whose domains name it most
// closely, else those without domains; in the order of the configuration.
func (r *Relay) route(address string) []*upstream {
	if !r.routed {
		return r.upstreams
	}
	_, domain := mail.Split(mail.Key(address))
	best := 0
	var way []*upstream
	for _, u := range r.upstreams {
		switch closeness := u.closeness(domain); {
		case closeness > best:
			best, way = closeness, []*upstream{u}
		case closeness == best && closeness > 0:
			way = append(way, u)
		}
	}
	return way
}

// closeness says how closely the upstream's domains name this one; 0 is not at
// all, 1 is an upstream for every domain.
func (u *upstream) closeness(domain string) int {
	if len(u.Domains) == 0 {
		return 1
	}
	best := 0
	for _, pattern := range u.Domains {
		pattern = strings.TrimPrefix(strings.ToLower(pattern), "*")
		below, isBelow := strings.CutPrefix(pattern, ".")
		key := strings.TrimPrefix(mail.Key("x@"+below), "x@")
		switch {
		case !isBelow && key == domain:
			best = max(best, 1000) // longer than any domain
		case isBelow && strings.HasSuffix(domain, "."+key):
			best = max(best, 1+len(pattern))
		}
	}
	return best
}

// ordered gives the upstreams in the order to try them: by priority, those
// that answer first, among equals the one with the least to do.
func ordered(way []*upstream) []*upstream {
	if len(way) < 2 {
		return way
	}
	type standing struct {
		*upstream
		down bool
		busy int
	}
	all := make([]standing, len(way))
	for i, u := range way {
		all[i] = standing{u, u.trouble() != nil, len(u.slots) * 1000 / u.Connections}
	}
	slices.SortStableFunc(all, func(a, b standing) int {
		switch {
		case a.down != b.down && a.down:
			return 1
		case a.down != b.down:
			return -1
		}
		return cmp.Or(a.Priority-b.Priority, a.busy-b.busy)
	})
	sorted := make([]*upstream, len(all))
	for i, s := range all {
		sorted[i] = s.upstream
	}
	return sorted
}
