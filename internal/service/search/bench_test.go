package search

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/service/record"
)

// BenchmarkFind asks an index of 100,000 documents of 60 words, drawn from
// 20,000 with a long tail. On two cores shared by a dozen other jobs: on SQLite a
// rare word 3 ms, a misspelt one 23, one that half of the documents hold 42, two
// such words 46; on PostgreSQL 30, 220, 630 and 330, and 980 for a beginning of
// two letters, most of it for the facets.
func BenchmarkFind(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchFind(b, dbtest.Open(b, dbtest.SQLite(b), Schema)) })
	b.Run("postgres", func(b *testing.B) { benchFind(b, dbtest.Open(b, dbtest.Postgres(b), Schema)) })
}

func benchFind(b *testing.B, d *db.DB) {
	l := open(b, d)
	rnd := rand.New(rand.NewPCG(7, 7))
	syllables := strings.Fields("ba ce di fo gu ha ji ko la me ni po qua ra se ti vo wa xe yo zu bri cra dro")
	words := make([]string, 20_000)
	for i := range words {
		for range 2 + rnd.IntN(3) {
			words[i] += syllables[rnd.IntN(len(syllables))]
		}
	}
	zipf := rand.NewZipf(rnd, 1.1, 4, uint64(len(words)-1))
	text := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = words[zipf.Uint64()]
		}
		return strings.Join(out, " ")
	}
	var refs []record.Ref
	for i := range 100_000 {
		id := fmt.Sprint(i)
		l.say("book", id, text(6), text(54), map[string][]string{"district": {fmt.Sprint(i % 6)}, "org": {fmt.Sprint(i % 40)}})
		refs = append(refs, record.Ref{Kind: "book", ID: id})
	}
	for at := 0; at < len(refs); at += 2000 {
		if err := d.Update(context.Background(), func(tx *db.Tx) error { return l.Refresh(context.Background(), tx, refs[at:at+2000]) }); err != nil {
			b.Fatal(err)
		}
	}
	wrong := words[500][:len(words[500])-2] + "x" + words[500][len(words[500])-1:]
	for name, q := range map[string]Query{
		"rare":   {Words: words[9000]},
		"common": {Words: words[0]},
		"two":    {Words: words[3] + " " + words[40]},
		"facet":  {Words: words[3], Facets: map[string]string{"district": "2"}},
		"typo":   {Words: wrong},
		"prefix": {Words: "ba"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				l.find(q)
			}
		})
	}
}
