package query

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// BenchmarkQueries answers the questions of issue 2, section 5, on the million
// rows. Goals in brackets.
//
// target: ns/op <= [name] /ready/
// target: ns/op <= [name] /facets/
// target: ns/op <= [name] /group/
func BenchmarkQueries(b *testing.B) {
	n := tabletest.BenchRows()
	dir, _ := versiontest.Build(b, tabletest.RequestsFile(b, n, tabletest.Spoil{}), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v, err := lib.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	questions(b, "pending", v, n)
	if err := derive.Files(context.Background(), dir, nil); err != nil {
		b.Fatal(err)
	}
	questions(b, "ready", v, n)
}

func questions(b *testing.B, state string, v *Version, n int) {
	deep := func(q Query) Query { // the page after row 900,000
		p, err := newPlan(v.Manifest(), q)
		if err != nil {
			b.Fatal(err)
		}
		f := found{id: int64(n) * 9 / 10}
		for _, k := range p.sort {
			page, err := v.Rows(context.Background(), Query{Select: []string{k.Column}, Filter: filter.Compare{Column: "_id", Op: "=", Value: f.id}})
			if err != nil {
				b.Fatal(err)
			}
			raw, _ := cell.Literal(&page.Columns[0], page.Rows[0].Cells[0])
			f.keys = append(f.keys, raw)
		}
		q.Cursor = p.cursorAfter(f, nil)
		return q
	}
	for _, x := range []struct {
		name string
		q    Query
	}{
		{"page/first [5ms]", Query{}},
		{"page/deep [5ms]", deep(Query{})},
		{"page/by key [5ms]", Query{Filter: filter.Compare{Column: "id", Op: "=", Value: n / 2}}},
		{"page/key order deep [5ms]", deep(Query{Sort: []Sort{{"id", true}}})},
		{"page/indexed filter [5ms]", Query{Filter: filter.Compare{Column: "district", Op: "=", Value: "Toledo"}}},
		{"page/indexed filter deep [5ms]", deep(Query{Filter: filter.Compare{Column: "district", Op: "=", Value: "Toledo"}})},
		{"page/two indexed [5ms]", Query{Filter: filter.And{filter.Compare{Column: "district", Op: "=", Value: "Toledo"}, filter.Compare{Column: "status", Op: "=", Value: "open"}, filter.Compare{Column: "channel", Op: "=", Value: "web"}}}},
		{"page/indexed range by date [5ms]", Query{Filter: filter.Between{Column: "reported_on", Low: "2022-03-01", High: "2022-03-31"}, Sort: []Sort{{"reported_on", false}}}},
		{"page/indexed range load order [5ms]", Query{Filter: filter.Between{Column: "reported_on", Low: "2022-03-01", High: "2022-03-31"}}},
		{"page/indexed sort deep [5ms]", deep(Query{Sort: []Sort{{"created_at", true}}})},
		{"page/other filter [150ms]", Query{Filter: filter.Compare{Column: "cost", Op: ">", Value: 49_990}}},
		{"page/other filter total [150ms]", Query{Filter: filter.Compare{Column: "cost", Op: ">", Value: 49_990}, Total: true}},
		{"page/other sort [150ms]", Query{Sort: []Sort{{"cost", false}}}},
		{"page/other sort deep [150ms]", deep(Query{Sort: []Sort{{"cost", false}}})},
		{"page/contains rare [150ms]", Query{Filter: filter.Contains("description", "senal caida senal caida")}},
		{"box/1km [10ms]", Query{Box: &filter.Box{South: 17.495, West: -88.2025, North: 17.504, East: -88.193}}},
		{"box/5km [10ms]", Query{Box: &filter.Box{South: 17.475, West: -88.22, North: 17.52, East: -88.175}}},
		{"box/country [10ms]", Query{Box: &filter.Box{South: 15.8, West: -89.3, North: 18.6, East: -87.4}}},
		{"near/10 [15ms]", Query{Near: &Near{Lat: 17.25, Lon: -88.77}, Limit: 10}},
		{"near/10 sparse [15ms]", Query{Near: &Near{Lat: 16.5, Lon: -88.5}, Limit: 10}},
		{"search/word", Query{Text: "garifuna school"}},
		{"search/typo", Query{Text: "garifna"}},
	} {
		b.Run(state+"/"+x.name, func(b *testing.B) {
			for b.Loop() {
				v.counts = map[string]int64{}
				if _, err := v.Rows(context.Background(), x.q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	if state == "ready" {
		return
	}
	wide := filter.Compare{Column: "cost", Op: ">=", Value: 0}
	b.Run("facets/4 of all, filtered [50ms]", func(b *testing.B) {
		for b.Loop() {
			if _, err := v.Facets(context.Background(), []string{"district", "category", "status", "channel"}, wide, 20); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, a := range map[string]Aggregation{
		"category [30ms]":          {Groups: []Group{{Column: "category"}}, Measures: []Measure{{"count", ""}, {"avg", "cost"}, {"max", "cost"}}},
		"district by month [30ms]": {Groups: []Group{{Column: "district"}, {Column: "reported_on", Part: "month"}}, Limit: 1000},
		"median [30ms]":            {Groups: []Group{{Column: "district"}}, Measures: []Measure{{"median", "cost"}}},
	} {
		b.Run("group/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := v.Aggregate(context.Background(), a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkClients is T7: four clients at once, each asking all kinds of
// question in turn. It reports the 95th percentile of each kind in ms.
func BenchmarkClients(b *testing.B) {
	dir, _ := versiontest.Build(b, tabletest.RequestsFile(b, tabletest.BenchRows(), tabletest.Spoil{}), profile.Options{})
	if err := derive.Files(context.Background(), dir, nil); err != nil {
		b.Fatal(err)
	}
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(b, lib, dir)
	ctx := context.Background()
	rows := func(q Query) func(int) error {
		return func(int) error { _, err := v.Rows(ctx, q); return err }
	}
	kinds := []struct {
		name string
		ask  func(i int) error
	}{
		{"indexed", rows(Query{Filter: filter.Compare{Column: "district", Op: "=", Value: "Toledo"}})},
		{"key", func(i int) error {
			_, err := v.Rows(ctx, Query{Filter: filter.Compare{Column: "id", Op: "=", Value: 1 + i*7919%tabletest.BenchRows()}})
			return err
		}},
		{"sort", rows(Query{Sort: []Sort{{"cost", true}}})},
		{"box", rows(Query{Box: &filter.Box{South: 17.495, West: -88.2025, North: 17.504, East: -88.193}})},
		{"near", rows(Query{Near: &Near{Lat: 17.25, Lon: -88.77}, Limit: 10})},
		{"facets", func(i int) error {
			_, err := v.Facets(ctx, []string{"district", "category", "status", "channel"}, filter.Compare{Column: "cost", Op: ">", Value: i % 1000}, 20)
			return err
		}},
		{"group", func(i int) error {
			_, err := v.Aggregate(ctx, Aggregation{Groups: []Group{{Column: "category"}}, Measures: []Measure{{"avg", "cost"}}})
			return err
		}},
	}
	var mu sync.Mutex
	took := make([][]float64, len(kinds))
	b.ResetTimer()
	var wg sync.WaitGroup
	for c := range 4 {
		wg.Go(func() {
			for i := c; i < b.N+c; i++ {
				for k, x := range kinds {
					start := time.Now()
					if err := x.ask(i); err != nil {
						b.Error(err)
						return
					}
					mu.Lock()
					took[k] = append(took[k], float64(time.Since(start).Microseconds())/1000)
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for k, x := range kinds {
		slices.Sort(took[k])
		b.ReportMetric(took[k][len(took[k])*95/100], x.name+"-p95-ms")
	}
}
