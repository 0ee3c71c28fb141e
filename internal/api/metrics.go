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
	List(ctx context.Context, f queue.Filter) (page []*queue.Message, next string, err error)
	Tally() queue.Tally
}

// QuestionMetrics counts open questions whenever it is asked, and gives what was
// written and answered since the start.
func QuestionMetrics(q Asking) prometheus.Collector {
	return &questionMetrics{q: q,
		open:    prometheus.NewDesc("belay_questions_open", "Questions that nobody has answered yet; counting ends at 2,000 mails.", []string{"kind"}, nil),
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
	if open, err := m.count(ctx); err != nil {
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

// countPages is how many pages of mails with open questions are counted.
const countPages = 4

func (m *questionMetrics) count(ctx context.Context) (map[guard.Action]int, error) {
	open := map[guard.Action]int{}
	f := queue.Filter{Asked: "*", Limit: 500}
	for range countPages {
		page, next, err := m.q.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, mail := range page {
			for _, q := range mail.Questions {
				if q.State == queue.QuestionOpen {
					open[q.Kind]++
				}
			}
		}
		if next == "" {
			break
		}
		f.Cursor = next
	}
	return open, nil
}
