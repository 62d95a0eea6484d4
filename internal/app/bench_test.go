package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ceiba/internal/ground/config"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/who"
)

// These benchmarks ask the whole server, without a network between: what
// `go run ./dev bench side` compares with another server over loopback, small
// enough to be profiled (go test -bench Create -cpuprofile cpu.out). They report
// processor time, which neighbours on the machine disturb least.

// benchHouse is a demonstration without limits, and a way to ask it.
func benchHouse(b *testing.B) (h *house, ask func(r *http.Request, want int)) {
	h = openHouse(b, config.Store{}, func(s *config.Serve) { s.Limits = "off" })
	return h, func(r *http.Request, want int) {
		w := httptest.NewRecorder()
		h.Server.ServeHTTP(w, r)
		if w.Code != want {
			b.Errorf("%s %s: %d %.300s", r.Method, r.URL, w.Code, w.Body)
		}
	}
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u) // its arguments are right: cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs f on 50 goroutines and reports the processor time of one call.
func measure(b *testing.B, f func(n int64)) {
	var n atomic.Int64
	b.SetParallelism(25)
	b.ReportAllocs()
	before := cpu()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			f(n.Add(1))
		}
	})
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// BenchmarkRecord reads a dataset as JSON, as served: after the first time from
// the shared cache.
//
// target: cpu-µs/op <= 80
func BenchmarkRecord(b *testing.B) {
	h, ask := benchHouse(b)
	path := "/api/v1/datasets/" + h.one(`SELECT id FROM dataset ORDER BY id LIMIT 1`)
	measure(b, func(int64) { ask(httptest.NewRequest("GET", path, nil), http.StatusOK) })
}

// BenchmarkTablePage renders the page of a table with its first 50 rows: the
// same again and again, and another every time.
//
// target: cpu-µs/op <= 1000 /served
func BenchmarkTablePage(b *testing.B) {
	h, ask := benchHouse(b)
	path := "/resource/" + h.one(`SELECT id FROM resource ORDER BY id LIMIT 1`)
	b.Run("served", func(b *testing.B) {
		measure(b, func(int64) { ask(httptest.NewRequest("GET", path, nil), http.StatusOK) })
	})
	b.Run("another", func(b *testing.B) {
		measure(b, func(n int64) {
			ask(httptest.NewRequest("GET", path+"?filter="+url.QueryEscape(fmt.Sprintf("days_open < %d", 1000+n)), nil), http.StatusOK)
		})
	})
}

// BenchmarkCreate makes drafts with a key: decoded, allowed, unique, kept under
// its Idempotency-Key and in the log.
func BenchmarkCreate(b *testing.B) {
	h, ask := benchHouse(b)
	p, _, err := h.Who.AddPerson(b.Context(), h.system(), "bench@example.org", "Bench", who.Grant{Role: who.Official, Org: h.org})
	must(b, err)
	key, err := h.Who.MakeKeyFor(b.Context(), h.system(), p.ID, "bench", time.Hour)
	must(b, err)
	run := fmt.Sprint(time.Now().UnixNano()) // b.N is tried several times on one house
	measure(b, func(n int64) {
		r := httptest.NewRequest("POST", "/api/v1/datasets", strings.NewReader(fmt.Sprintf(`{"org":%q,"title":"Option B because of drainage %s %d"}`, h.org, run, n)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Idempotency-Key", fmt.Sprint(run, "-", n))
		ask(r, http.StatusCreated)
	})
}

// BenchmarkInput takes inputs to the demonstration's call with a key: public,
// decoded, unique by their receipt, indexed by their words, kept under their
// Idempotency-Key and in the log.
func BenchmarkInput(b *testing.B) {
	h, ask := benchHouse(b)
	path := "/api/v1/calls/" + h.one(`SELECT id FROM answer_box WHERE published IS NOT NULL ORDER BY closes DESC LIMIT 1`) + "/inputs"
	run := fmt.Sprint(time.Now().UnixNano())
	measure(b, func(n int64) {
		r := httptest.NewRequest("POST", path, strings.NewReader(fmt.Sprintf(`{"kind":"problem","text":"I support option B because of drainage %s %d","lang":"en","naming":"pseudonym","name":"Bench"}`, run, n)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", fmt.Sprint("some-long-key-", run, "-", n))
		ask(r, http.StatusCreated)
	})
}

// BenchmarkSupport is one complete vote, as the specification of reliability has
// it (5, P3): a person supports an input with a key, once (unique by input and
// person), kept under their Idempotency-Key, counted, and in the log. 200 µs of
// processor; a quarter of PocketBase's for a plain record would be 103.
func BenchmarkSupport(b *testing.B) {
	h, ask := benchHouse(b)
	inputs := h.manyInputs(b.N/benchVoters + 1)
	keys := make([]string, benchVoters)
	for i := range keys {
		p, _, err := h.Who.AddPerson(b.Context(), h.system(), fmt.Sprintf("voter%d-%d@example.org", i, b.N), "Bench", who.Grant{Role: who.Resident})
		must(b, err)
		h.exec(`UPDATE person SET level = 1 WHERE id = $1`, p.ID) // as a code by e-mail would
		keys[i], err = h.Who.MakeKeyFor(b.Context(), h.system(), p.ID, "bench", time.Hour)
		must(b, err)
	}
	measure(b, func(n int64) {
		r := httptest.NewRequest("POST", "/api/v1/inputs/"+inputs[(n-1)/benchVoters]+"/support", strings.NewReader(`{"on":true}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+keys[n%benchVoters])
		r.Header.Set("Idempotency-Key", fmt.Sprint("vote-", b.N, "-", n))
		ask(r, http.StatusOK)
	})
}

// benchVoters is how many people vote in BenchmarkSupport.
const benchVoters = 100

// manyInputs stores n inputs more in the demonstration's call, and returns their ids.
func (h *house) manyInputs(n int) (ids []string) {
	box := h.one(`SELECT id FROM answer_box WHERE published IS NOT NULL ORDER BY closes DESC LIMIT 1`)
	for i := range n {
		var in answer.Given
		must(h.t, h.DB.Update(h.t.Context(), func(tx *db.Tx) (err error) {
			in, err = h.Answers.Give(h.t.Context(), tx, h.system(), box, answer.Giving{Input: answer.Input{Kind: "problem", Text: fmt.Sprintf("The road is under water %d", i), Lang: "en", Naming: answer.Pseudonym, Name: "Bench"}})
			return err
		}))
		ids = append(ids, in.Input.ID)
	}
	return ids
}
