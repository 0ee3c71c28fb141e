package api

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"belay/internal/guard"
	"belay/internal/outbox"
	"belay/internal/queue"
)

// patience is how long a count may take.
const patience = 5 * time.Second

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
	ctx, cancel := context.WithTimeout(context.Background(), patience)
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

// Asking is what the figures about questions come from; the queue has it.
type Asking interface {
	CountQuestions(ctx context.Context) (map[guard.Action]int, error)
	Tally() queue.Tally
}

// QuestionMetrics counts open questions whenever it is asked, and gives what was
// written and answered since the start.
func QuestionMetrics(q Asking) prometheus.Collector {
	return &questionMetrics{q: q,
		open:    prometheus.NewDesc("belay_questions_open", "Questions that nobody has answered yet; counting ends at 100,000.", []string{"kind"}, nil),
		notices: prometheus.NewDesc("belay_notices_written_total", "Notices about questions, and advance notices.", []string{"kind"}, nil),
		answers: prometheus.NewDesc("belay_answers_total", "Answers to questions; none: nobody answered in time.", []string{"answer"}, nil)}
}

type questionMetrics struct {
	q                      Asking
	open, notices, answers *prometheus.Desc
}

func (m *questionMetrics) Describe(out chan<- *prometheus.Desc) {
	out <- m.open
	out <- m.notices
	out <- m.answers
}

func (m *questionMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if open, err := m.q.CountQuestions(ctx); err != nil {
		out <- prometheus.NewInvalidMetric(m.open, err)
	} else {
		for _, kind := range []guard.Action{guard.Ask, guard.Approve} {
			out <- prometheus.MustNewConstMetric(m.open, prometheus.GaugeValue, float64(open[kind]), string(kind))
		}
	}
	counter := func(desc *prometheus.Desc, n int64, label string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), label)
	}
	tally := m.q.Tally()
	for kind, n := range tally.Notices {
		counter(m.notices, n, string(kind))
	}
	counter(m.answers, tally.Yes, "yes")
	counter(m.answers, tally.No, "no")
	counter(m.answers, tally.Silence, "none")
}
