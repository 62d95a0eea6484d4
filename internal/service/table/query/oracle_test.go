package query

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

// oracle answers queries by looking at every row of the CSV file in Go.
type oracle struct {
	names []string
	rows  [][]string
}

func readOracle(t *testing.T, path string) oracle {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return oracle{all[0], all[1:]}
}

// cell is the value of a column as it compares: float64, string or nil.
func (o oracle) cell(row int, column string) any {
	i := slices.Index(o.names, column)
	if i < 0 || i >= len(o.rows[row]) || o.rows[row][i] == "" || o.rows[row][i] == "N/A" {
		return nil
	}
	s := o.rows[row][i]
	if column == "id" || column == "priority" || column == "cost" || column == "lat" || column == "lon" {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic(err)
		}
		return f
	}
	return s
}

func compareCells(a, b any) int {
	if x, ok := a.(float64); ok {
		return cmp.Compare(x, b.(float64))
	}
	return cmp.Compare(a.(string), b.(string))
}

// holds is three-valued: the second result is false where SQL says unknown.
func (o oracle) holds(row int, f filter.Filter) (yes, known bool) {
	switch f := f.(type) {
	case nil:
		return true, true
	case filter.And:
		yes, known = true, true
		for _, p := range f {
			y, k := o.holds(row, p)
			if k && !y {
				return false, true
			}
			known = known && k
		}
		return yes, known
	case filter.Or:
		known = true
		for _, p := range f {
			y, k := o.holds(row, p)
			if k && y {
				return true, true
			}
			known = known && k
		}
		return false, known
	case filter.Not:
		y, k := o.holds(row, f.Of)
		return !y, k
	case filter.Compare:
		return o.compares(row, f)
	case filter.In:
		var any filter.Or
		for _, v := range f.Values {
			any = append(any, filter.Compare{Column: f.Column, Op: "=", Value: v})
		}
		return o.holds(row, any)
	case filter.Between:
		return o.holds(row, filter.And{filter.Compare{Column: f.Column, Op: ">=", Value: f.Low}, filter.Compare{Column: f.Column, Op: "<=", Value: f.High}})
	case filter.IsNull:
		return o.cell(row, f.Column) == nil, true
	case filter.InBox:
		return o.holds(row, filter.And{filter.Between{Column: "lat", Low: f.Box.South, High: f.Box.North}, filter.Between{Column: "lon", Low: f.Box.West, High: f.Box.East}})
	}
	panic(fmt.Sprintf("%T", f))
}

func (o oracle) compares(row int, f filter.Compare) (yes, known bool) {
	v := o.cell(row, f.Column)
	if v == nil {
		return false, false
	}
	want := f.Value
	switch x := want.(type) {
	case int:
		want = float64(x)
	case int64:
		want = float64(x)
	}
	c := compareCells(v, want)
	return map[string]bool{"=": c == 0, "<>": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[f.Op], true
}

// ids lists the rows that pass, in order.
func (o oracle) ids(f filter.Filter, sort []Sort) []int64 {
	var out []int64
	for i := range o.rows {
		if y, k := o.holds(i, f); y && k {
			out = append(out, int64(i+1))
		}
	}
	slices.SortFunc(out, func(a, b int64) int {
		desc := false
		for _, s := range sort {
			x, y := o.cell(int(a-1), s.Column), o.cell(int(b-1), s.Column)
			desc = s.Desc
			switch {
			case x == nil && y == nil:
				continue
			case x == nil:
				return 1
			case y == nil:
				return -1
			}
			if c := compareCells(x, y); c != 0 {
				if desc {
					return -c
				}
				return c
			}
		}
		if desc {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	return out
}

// anyFilter makes a random condition.
func anyFilter(r *rand.Rand, depth int) filter.Filter {
	if depth > 0 && r.IntN(3) == 0 {
		parts := []filter.Filter{anyFilter(r, depth-1), anyFilter(r, depth-1)}
		switch r.IntN(4) {
		case 0:
			return filter.Or(parts)
		case 1:
			return filter.Not{Of: parts[0]}
		}
		return filter.And(parts)
	}
	op := []string{"=", "<>", "<", "<=", ">", ">="}[r.IntN(6)]
	date := func() string {
		return fmt.Sprintf("20%02d-%02d-%02d", 19+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28))
	}
	box := func() filter.Box {
		s, w := 15.9+r.Float64()*2.5, -89.2+r.Float64()*1.3
		return filter.Box{South: s, West: w, North: s + r.Float64()*r.Float64(), East: w + r.Float64()*r.Float64()}
	}
	switch r.IntN(10) {
	case 0:
		return filter.Compare{Column: "district", Op: op, Value: "Cayo"}
	case 1:
		return filter.Compare{Column: "status", Op: "=", Value: "open"}
	case 2:
		return filter.Compare{Column: "cost", Op: op, Value: float64(r.IntN(50_000))}
	case 3:
		return filter.In{Column: "priority", Values: []any{1 + r.IntN(5), int64(2)}}
	case 4:
		return filter.Between{Column: "reported_on", Low: date(), High: date()}
	case 5:
		return filter.Compare{Column: "reported_on", Op: op, Value: date()}
	case 6:
		return filter.IsNull{Column: []string{"channel", "created_at", "cost"}[r.IntN(3)]}
	case 7:
		return filter.InBox{Box: box()}
	case 8:
		return filter.Compare{Column: "id", Op: op, Value: r.IntN(4000)}
	}
	return filter.Compare{Column: "district", Op: "=", Value: []string{"Toledo", "Belize", "Corozal"}[r.IntN(3)]}
}

func anySort(r *rand.Rand) []Sort {
	columns := []string{"id", "cost", "district", "reported_on", "created_at", "channel", "priority", "description"}
	var out []Sort
	for range r.IntN(3) {
		out = append(out, Sort{columns[r.IntN(len(columns))], r.IntN(2) == 0})
	}
	return out
}

// TestRowsAgreeWithOracle pages through random queries before and after the
// look-ups are made, and compares every row number with a plain scan in Go.
func TestRowsAgreeWithOracle(t *testing.T) {
	path := tabletest.RequestsFile(t, 3000, tabletest.Spoil{Ragged: 7, NA: 9})
	o := readOracle(t, path)
	dir, _ := versiontest.Build(t, path, profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	for _, state := range []string{"pending", "ready"} {
		r := rand.New(rand.NewPCG(3, 7))
		v := opened(t, lib, dir)
		for range 150 {
			q := Query{Limit: 1 + r.IntN(900), Sort: anySort(r), Total: true, Select: []string{"id", "cost"}}
			if r.IntN(8) > 0 {
				q.Filter = anyFilter(r, 2)
			}
			want := o.ids(q.Filter, q.Sort)
			got := allPages(t, v, q, int64(len(want)))
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %+v: %d rows, want %d: %v … %v", state, q, len(got), len(want), head(got), head(want))
			}
		}
		if err := derive.Files(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func head(ids []int64) []int64 { return ids[:min(len(ids), 12)] }

func opened(t testing.TB, lib *Library, dir string) *Version {
	t.Helper()
	v, err := lib.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// allPages follows the cursors of a query to its end.
func allPages(t *testing.T, v *Version, q Query, total int64) []int64 {
	t.Helper()
	var out []int64
	for {
		page, err := v.Rows(context.Background(), q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		if page.Total == nil || *page.Total != total {
			t.Fatalf("%+v: total %v, want %d", q, page.Total, total)
		}
		for _, row := range page.Rows {
			if len(q.Select) > 0 && row.Cells[0] != row.ID { // column id counts as _id does
				t.Fatalf("row %d came with the cells of %v", row.ID, row.Cells[0])
			}
			out = append(out, row.ID)
		}
		if page.Next == "" {
			return out
		}
		if q.Cursor = page.Next; len(page.Rows) != q.Limit {
			t.Fatalf("a page of %d rows in the middle, limit %d", len(page.Rows), q.Limit)
		}
	}
}

// TestNearestAgreesWithOracle compares distances with a plain scan.
func TestNearestAgreesWithOracle(t *testing.T) {
	path := tabletest.RequestsFile(t, 3000, tabletest.Spoil{Ragged: 7})
	o := readOracle(t, path)
	dir, _ := versiontest.Build(t, path, profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	for _, state := range []string{"pending", "ready"} {
		r := rand.New(rand.NewPCG(5, 5))
		v := opened(t, lib, dir)
		for range 60 {
			n := Near{Lat: 15.5 + r.Float64()*3.5, Lon: -89.5 + r.Float64()*2.5}
			if r.IntN(2) == 0 {
				n.Radius = 1 + r.Float64()*30_000
			}
			var f filter.Filter
			if r.IntN(3) == 0 {
				f = filter.Compare{Column: "status", Op: "=", Value: "open"}
			}
			k := 1 + r.IntN(40)
			var want []float64
			for _, id := range o.ids(f, nil) {
				lat, ok := o.cell(int(id-1), "lat").(float64)
				if ok {
					d := Distance(n.Lat, n.Lon, lat, o.cell(int(id-1), "lon").(float64))
					if n.Radius == 0 || d <= n.Radius {
						want = append(want, d)
					}
				}
			}
			slices.Sort(want)
			want = want[:min(k, len(want))]
			page, err := v.Nearest(context.Background(), n.Lat, n.Lon, k, n.Radius, Query{Filter: f})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Rows) != len(want) {
				t.Fatalf("%s: %+v k=%d: %d rows, want %d", state, n, k, len(page.Rows), len(want))
			}
			for i, row := range page.Rows {
				if d := row.Distance - want[i]; d > 0.001 || d < -0.001 {
					t.Errorf("%s: %+v: number %d is %.3f m away, want %.3f", state, n, i+1, row.Distance, want[i])
				}
			}
		}
		if err := derive.Files(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFacetsAndGroupsAgreeWithOracle counts the same things in Go.
func TestFacetsAndGroupsAgreeWithOracle(t *testing.T) {
	path := tabletest.RequestsFile(t, 3000, tabletest.Spoil{Ragged: 7})
	o := readOracle(t, path)
	dir, _ := versiontest.Build(t, path, profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	for _, f := range []filter.Filter{nil, filter.Compare{Column: "cost", Op: ">", Value: 25_000}, filter.Compare{Column: "district", Op: "=", Value: "Toledo"}} {
		facets, err := v.Facets(context.Background(), []string{"district", "channel", "reported_on"}, f, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range facets {
			counts, missing, total := map[string]int64{}, int64(0), int64(0)
			for _, id := range o.ids(f, nil) {
				if s, ok := o.cell(int(id-1), x.Column.Name).(string); ok {
					counts[s]++
					total++
				} else {
					missing++
				}
			}
			shown := int64(0)
			for i, b := range x.Values {
				if counts[b.Value.(string)] != b.Count || i > 0 && b.Count > x.Values[i-1].Count {
					t.Errorf("%v %s: %v has %d, want %d", f, x.Column.Name, b.Value, b.Count, counts[b.Value.(string)])
				}
				shown += b.Count
			}
			if x.Missing != missing || x.Distinct != int64(len(counts)) || x.Others != total-shown || len(x.Values) != min(4, len(counts)) {
				t.Errorf("%v %s: %d missing, %d distinct, %d others of %d values; want %d, %d, %d", f, x.Column.Name, x.Missing, x.Distinct, x.Others, len(x.Values), missing, len(counts), total-shown)
			}
		}
	}
	months := map[string]int64{}
	for _, id := range o.ids(nil, nil) {
		months[o.cell(int(id-1), "reported_on").(string)[:7]]++
	}
	got, err := v.Aggregate(context.Background(), Aggregation{Groups: []Group{{Column: "reported_on", Part: "month"}}, Limit: 1000})
	if err != nil || len(got.Rows) != len(months) {
		t.Fatalf("%d months, want %d, %v", len(got.Rows), len(months), err)
	}
	for _, r := range got.Rows {
		if months[r[0].(string)] != r[1].(int64) {
			t.Errorf("%v: %v, want %d", r[0], r[1], months[r[0].(string)])
		}
	}
}
