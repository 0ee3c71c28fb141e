package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"belay/internal/outbox"
	"belay/internal/queue"
)

// QueueMetrics counts the messages in each state whenever it is asked.
func QueueMetrics(q outbox.Queue) prometheus.Collector {
	return &queueMetrics{q: q, desc: prometheus.NewDesc("belay_messages",
		"Messages in a state; counting ends at 10,000 a state.", []string{"state"}, nil)}
}

type queueMetrics struct {
	q    outbox.Queue
	desc *prometheus.Desc
}

func (m *queueMetrics) Describe(out chan<- *prometheus.Desc) { out <- m.desc }

func (m *queueMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := m.q.Counts(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(m.desc, err)
		return
	}
	for _, s := range queue.States() {
		out <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, float64(counts[s].N), s.String())
	}
}
