package spending_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"ceiba/internal/collaboration/procurement/spending"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

// BenchmarkLedger judges a million payments of three years by all rules.
func BenchmarkLedger(b *testing.B) {
	const n = 1_000_000
	rng := rand.New(rand.NewPCG(1, 2))
	start := day("2023-04-01")
	rows := make([]spending.Payment, n)
	for i := range rows {
		payee := rng.IntN(20000) // each is paid by up to three units
		rows[i] = spending.Payment{
			ID: fmt.Sprintf("pay-%07d", i), Payer: spending.Payer{Body: fmt.Sprint("body-", payee%30), Unit: fmt.Sprint("unit-", rng.IntN(3))},
			Payee: fmt.Sprint("payee-", payee), Invoice: fmt.Sprintf("INV-%06d", rng.IntN(n)),
			Amount: money.Amount{Minor: rng.Int64N(2_000_000) + 1, Currency: "BZD"}, Date: start + civil.Date(rng.IntN(1096)),
			Prepared: spending.Officer{Role: "clerk", Person: fmt.Sprint("p", rng.IntN(100))}, Approved: spending.Officer{Role: "head", Person: fmt.Sprint("p", rng.IntN(100))},
			Head: fmt.Sprint(rng.IntN(40)),
		}
	}
	contracts := make([]spending.Contract, 1500)
	for i := range contracts {
		contracts[i] = whole("60,000")
		contracts[i].ID = fmt.Sprint(i)
	}
	j := spending.New(spending.Options{})
	b.ResetTimer()
	for b.Loop() {
		b.ReportMetric(float64(len(j.Ledger(rows, contracts, runtime.GOMAXPROCS(0)))), "findings")
	}
}
