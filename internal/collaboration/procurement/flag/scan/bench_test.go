package scan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ceiba/internal/collaboration/procurement/flag/scan"
	"ceiba/internal/collaboration/procurement/outcome"
)

// drawn are n releases of about 3 kB, each with its own ocid.
func drawn(n int) string {
	rng := rand.New(rand.NewPCG(1, 2))
	return many(n, func(i int) string {
		price, class1 := rng.IntN(60000)+1, fmt.Sprintf("%04d1503", rng.IntN(200))
		who := make([]string, 2+rng.IntN(4))
		var in, parts []string
		for k := range who {
			who[k] = fmt.Sprintf("T%04d", rng.IntN(2000))
			in = append(in, fmt.Sprintf("%s valid %d 2025-%02d-%02dT%02d:00:00Z", who[k], price+rng.IntN(price), 1+rng.IntN(12), 1+rng.IntN(28), rng.IntN(24)))
			parts = append(parts, fmt.Sprintf(`{"id":%q,"name":"Company number %s Limited","roles":["tenderer"],"address":{"streetAddress":"%d Albert Street","locality":"Belize City"},"contactPoint":{"telephone":"+501 6%06d","email":"%s@example.org"}}`, who[k], who[k], rng.IntN(900), rng.IntN(1e6), who[k]))
		}
		method := []string{open_, direct, open_}[i%3]
		start := fmt.Sprintf(`"tenderPeriod":{"startDate":"2025-%02d-01T00:00:00Z","endDate":"2025-%02d-%02dT00:00:00Z"}`, 1+i%12, 1+i%12, 2+rng.IntN(26))
		return strings.Join([]string{
			`"date":"2026-06-01T00:00:00Z"`, by(fmt.Sprintf("B%03d", rng.IntN(90))), parties(parts...),
			tender(method, start, value(fmt.Sprint(price*2)), class(class1), bidders(len(who)), `"awardCriteria":"priceOnly"`, documents("tenderNotice 2025-01-01", "biddingDocuments 2025-01-01"), `"description":"`+strings.Repeat("works and services ", 30)+`"`),
			bids(in...), award(who[0], "2025-12-20", fmt.Sprint(price), class(class1)),
			contract(value(fmt.Sprint(price)), `"dateSigned":"2025-12-28T00:00:00Z"`, documents("contractSigned 2025-12-30")),
		}, ",")
	})
}

// BenchmarkScan recomputes everything for 100,000 processes.
func BenchmarkScan(b *testing.B) {
	text := drawn(100_000)
	b.SetBytes(int64(len(text)))
	b.ResetTimer()
	for b.Loop() {
		n := 0
		if _, err := scan.Scan(strings.NewReader(text), scan.Options{}, func(*outcome.Finding) error {
			n++
			return nil
		}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n), "findings")
	}
}
