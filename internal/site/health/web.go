// Package health answers those who watch the machine: /healthz (the process
// runs), /readyz (it can do its work), /metrics (figures, in Prometheus' text
// format, for administrators or on an address of their own).
//
// None of it tells anything about people.
package health

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/job"
	"ceiba/internal/service/who"
)

// Rules say who may read the figures on the site's own address.
var Rules = []who.Rule{{Action: "site.metrics"}}

// Health keeps the figures.
type Health struct {
	db       *db.DB
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
}

// New returns a Health with no figures yet.
func New(d *db.DB) *Health {
	h := &Health{
		db: d, registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ceiba_requests_total", Help: "Answers by route and status."}, []string{"route", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ceiba_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10},
		}, []string{"route"}),
	}
	h.registry.MustRegister(h.requests, h.took, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &queue{d})
	return h
}

// Module declares the addresses.
func (h *Health) Module() module.Module {
	return module.Module{Name: "health", Actions: Rules, Routes: func(r *web.Routes) {
		r.Get("/healthz", web.Public, h.alive, web.Limit(web.Free))
		r.Get("/readyz", web.Public, h.ready, web.Limit(web.Free))
		r.Get("/metrics", web.Needs("site.metrics"), h.metrics)
	}}
}

// Observe counts one answer.
func (h *Health) Observe(route, _ string, status int, d time.Duration) {
	if route == "" {
		route = "none"
	}
	h.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	h.took.WithLabelValues(route).Observe(d.Seconds())
}

func (h *Health) alive(w http.ResponseWriter, _ *http.Request) error {
	_, err := w.Write([]byte("ok\n"))
	return err
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := h.db.Ping(ctx); err != nil {
		return fault.New(fault.Unavailable, "web.away").Wrap(err)
	}
	_, err := w.Write([]byte("ready\n"))
	return err
}

func (h *Health) metrics(w http.ResponseWriter, r *http.Request) error {
	h.Handler().ServeHTTP(w, r)
	return nil
}

// Handler serves the figures without asking who reads them, for an address
// that only the office's own machines reach.
func (h *Health) Handler() http.Handler {
	return promhttp.HandlerFor(h.registry, promhttp.HandlerOpts{})
}

// queue reads the figures that the database holds when they are asked for.
type queue struct{ db *db.DB }

var (
	jobsDesc = prometheus.NewDesc("ceiba_jobs", "Jobs by kind and state.", []string{"kind", "state"}, nil)
	lagDesc  = prometheus.NewDesc("ceiba_listener_lag", "Events that a listener has not handled.", []string{"listener"}, nil)
)

// Describe is part of prometheus.Collector.
func (q *queue) Describe(ch chan<- *prometheus.Desc) { ch <- jobsDesc; ch <- lagDesc }

// Collect is part of prometheus.Collector. A database that does not answer
// leaves its figures out.
func (q *queue) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var counts []job.Count
	var lags []activity.Lag
	if q.db.View(ctx, func(tx *db.Tx) (err error) {
		if counts, err = job.Counts(ctx, tx); err != nil {
			return err
		}
		lags, err = activity.Lags(ctx, tx)
		return err
	}) != nil {
		return
	}
	for _, c := range counts {
		ch <- prometheus.MustNewConstMetric(jobsDesc, prometheus.GaugeValue, float64(c.Jobs), c.Kind, string(c.State))
	}
	for _, l := range lags {
		ch <- prometheus.MustNewConstMetric(lagDesc, prometheus.GaugeValue, float64(l.Behind), l.Listener)
	}
}
