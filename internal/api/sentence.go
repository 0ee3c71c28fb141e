package api

import (
	"strings"

	"belay/internal/queue"
)

// sentence says why a message waits.
func (s *server) sentence(m *queue.Message) string {
	var names []string
	for _, hit := range m.Verdict.Rules {
		if !hit.Observed {
			names = append(names, hit.Name)
		}
	}
	return strings.Join(names, "; ")
}
