package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/derive"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/profile"
	"ceiba/internal/service/table/stored"
	"ceiba/internal/service/table/tabletest"
	"ceiba/internal/service/table/versiontest"
)

const villages = `id,name,people,note
1,Hopkins,1811,Garífuna village on the coast
2,Barranco,157,the southernmost Garifuna village
3,San Pedro Columbia,1100,Q’eqchi’ and Mopan; carretera nueva
4,Bermudian Landing,183,Kriol village with a baboon sanctuary
5,Punta Gorda,6000,town; las carreteras del sur
6,Seine Bight,1310,a Garifuna village beside the lagoon
`

// TestSearchForgives is T23: part of a word, accents, a slip, a Spanish
// ending, and why a row was found.
func TestSearchForgives(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.File(t, villages), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	for _, state := range []string{"pending", "ready"} {
		v := opened(t, lib, dir)
		for _, x := range []struct {
			text string
			want []int64
			why  string
			also bool // also while the index is pending
		}{
			{"garifuna", []int64{1, 2, 6}, "Garífuna", true},
			{"Garífuna", []int64{1, 2, 6}, "Garífuna", true},
			{"GARIF", []int64{1, 2, 6}, "Garífuna", true},
			{"garifuna coast", []int64{1}, "Garífuna", true},
			{"garifna", []int64{1, 2, 6}, "Garífuna", false},
			{"carretera sur", []int64{5}, "carreteras", true},
			{"carreteras nuevas", []int64{3}, "carretera", false},
			{"qeqchi", []int64{3}, "eqchi", false},
			{"zzzz", nil, "", true},
			{`"; DROP TABLE rows; --`, nil, "", true},
		} {
			if state == "pending" && !x.also {
				continue
			}
			page, err := v.Rows(context.Background(), Query{Text: x.text})
			if err != nil {
				t.Fatalf("%s %q: %v", state, x.text, err)
			}
			var got []int64
			why := ""
			for _, r := range page.Rows {
				got = append(got, r.ID)
				if len(x.want) > 0 && r.ID == x.want[0] && len(r.Why) > 0 {
					why = r.Why[0].Match
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, x.want) || why != x.why {
				t.Errorf("%s: %q finds %v because of %q, want %v because of %q", state, x.text, got, why, x.want, x.why)
			}
		}
		if err := derive.Files(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSearchPages follows a search to its end without losing or repeating.
func TestSearchPages(t *testing.T) {
	dir, _ := versiontest.Derived(t, 500)
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	seen := map[int64]bool{}
	q := Query{Text: "belize city", Limit: 7, Filter: filter.Compare{Column: "status", Op: "=", Value: "open"}, Select: []string{"description"}}
	for {
		page, err := v.Rows(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			if seen[r.ID] || !strings.Contains(r.Cells[0].(string), "Belize City") {
				t.Fatalf("row %d again or wrong: %v", r.ID, r.Cells)
			}
			seen[r.ID] = true
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	all, err := v.Rows(context.Background(), Query{Filter: filter.And{filter.Compare{Column: "status", Op: "=", Value: "open"}, filter.Contains("description", "belize CITY")}, Limit: 1000})
	if err != nil || len(all.Rows) != len(seen) || len(seen) < 20 {
		t.Errorf("the pages hold %d rows, a scan %d, %v", len(seen), len(all.Rows), err)
	}
}

// TestIndexesAreUsed asks SQLite how it would find the rows.
func TestIndexesAreUsed(t *testing.T) {
	dir, _ := versiontest.Derived(t, 5000)
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	s, err := v.hold()
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	for _, x := range []struct {
		q    Query
		want string
	}{
		{Query{Filter: filter.Compare{Column: "id", Op: "=", Value: 77}}, "INDEX key (c0=?"},
		{Query{Filter: filter.Compare{Column: "district", Op: "=", Value: "Toledo"}}, "by_c3 (c3=? AND rowid>?)"},
		{Query{Sort: []Sort{{"created_at", true}}}, "SEARCH rows USING COVERING INDEX by_c1"},
		{Query{Filter: filter.Between{Column: "reported_on", Low: "2022-01-01", High: "2022-01-09"}}, "by_c2 (c2>? AND c2<?)"},
	} {
		p, err := newPlan(v.Manifest(), x.q)
		if err != nil {
			t.Fatal(err)
		}
		w, ok, err := s.way(context.Background(), p)
		if err != nil || !ok || !p.indexed {
			t.Errorf("%+v: way %+v %v, indexed %v, %v", x.q, w, ok, p.indexed, err)
		}
		where, args := whereSQL(p.m, stored.Lite, p.filter)
		cond, order := "_id > ?", "_id"
		if len(p.sort) > 0 {
			cond, order = "(c1, _id) < (?, ?)", "c1 DESC, _id DESC"
			args = append([]any{0}, args...)
		}
		rows, err := s.lite.Query("EXPLAIN QUERY PLAN SELECT _id FROM rows"+w.hint(p.m)+whereAll(notEmpty(cond, where))+" ORDER BY "+order+" LIMIT 100", append([]any{0}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		plan := ""
		for rows.Next() {
			var a, b, c int
			var text string
			rows.Scan(&a, &b, &c, &text)
			plan += text + "; "
		}
		if !strings.Contains(plan, x.want) {
			t.Errorf("%+v: plan %q, want %q", x.q, plan, x.want)
		}
	}
	for _, q := range []Query{{Filter: filter.Compare{Column: "cost", Op: ">", Value: 5}}, {Sort: []Sort{{"cost", false}}}, {Filter: filter.Contains("district", "x")}} {
		if page, err := v.Rows(context.Background(), q); err != nil || page.Indexed && q.Filter != nil && filter.Columns(q.Filter)[0] == "cost" {
			t.Errorf("%+v: indexed %v, %v", q, page.Indexed, err)
		}
	}
}

// TestBudget cancels a query that takes too long and harms no other.
func TestBudget(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.RequestsFile(t, 60_000, tabletest.Spoil{}), profile.Options{})
	short := NewLibrary(Limits{Budget: time.Microsecond})
	defer short.Close()
	_, err := opened(t, short, dir).Rows(context.Background(), Query{Sort: []Sort{{"description", false}, {"cost", false}}})
	if fault.KindOf(err) != fault.Timeout && fault.KindOf(err) != fault.Unavailable {
		t.Errorf("over budget: %v", err)
	}
	lib := NewLibrary(Limits{Parallel: 2, Budget: time.Minute})
	defer lib.Close()
	v := opened(t, lib, dir)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%2 == 0 {
				time.AfterFunc(time.Duration(i)*time.Millisecond/4, cancel)
			}
			page, err := v.Rows(ctx, Query{Sort: []Sort{{"description", false}}, Limit: 50})
			switch {
			case i%2 == 0 && err != nil && !errors.Is(err, context.Canceled) && fault.KindOf(err) != fault.Unavailable:
				t.Errorf("left query %d: %v", i, err)
			case i%2 == 1 && (err != nil || len(page.Rows) != 50):
				t.Errorf("query %d beside cancelled ones: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// TestEngineIsLocked tries to reach outside through the engine that answers
// queries.
func TestEngineIsLocked(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.File(t, villages), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	s, err := v.hold()
	if err != nil {
		t.Fatal(err)
	}
	defer s.release()
	out := t.TempDir()
	for _, q := range []string{
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "COPY rows TO '" + out + "/x.csv'", "ATTACH '" + out + "/x.duckdb'",
		"COPY rows TO '" + dir + "/x.csv'",
		"SET memory_limit='8GB'", "SET enable_external_access=true", "INSTALL httpfs", "LOAD spatial", "DELETE FROM rows", "CREATE TABLE version.x(a INT)",
	} {
		if rows, err := s.duck.Query(q); err == nil {
			rows.Close()
			t.Errorf("%s: allowed", q)
		}
	}
	var memory string
	if err := s.duck.QueryRow("SELECT current_setting('memory_limit')").Scan(&memory); err != nil || !strings.HasPrefix(memory, "183") {
		t.Errorf("memory limit is %s, %v; want 192 MB = 183.1 MiB", memory, err)
	}
	if _, err := s.duck.Exec("SELECT 1"); err != nil {
		t.Errorf("a second connection: %v", err)
	}
}

func TestRefusedQueries(t *testing.T) {
	dir, m := versiontest.Build(t, tabletest.File(t, villages), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	deep := filter.Filter(filter.IsNull{Column: "name"})
	for range 40 {
		deep = filter.Not{Of: deep}
	}
	first, err := v.Rows(context.Background(), Query{Limit: 2, Sort: []Sort{{"name", false}}})
	if err != nil || first.Next == "" {
		t.Fatal(err)
	}
	for name, q := range map[string]Query{
		"unknown column in select": {Select: []string{"nobody"}},
		"unknown column in filter": {Filter: filter.Compare{Column: `name" OR 1=1 --`, Op: "=", Value: 1}},
		"unknown column in sort":   {Sort: []Sort{{"x; DROP TABLE rows", false}}},
		"unknown operator":         {Filter: filter.Compare{Column: "name", Op: "= '' OR", Value: "x"}},
		"text for a number":        {Filter: filter.Compare{Column: "people", Op: "=", Value: "many"}},
		"nesting":                  {Filter: deep},
		"no place":                 {Near: &Near{}},
		"no place for a box":       {Box: &filter.Box{South: 1, West: 1, North: 2, East: 2}},
		"broken cursor":            {Cursor: "????"},
		"cursor of another query":  {Cursor: first.Next},
		"like on a number":         {Filter: filter.Contains("people", "1")},
	} {
		if _, err := v.Rows(context.Background(), q); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		"nobody = 1", "name =", "name = 'x", "(name = 'x'", "name = 'x') OR (1=1", "name LIKE 5", "people BETWEEN 1", "people IN ()",
		"sleep(5) = 1", "name = name", "1 = 1", "people > 'x'", "name = 'x'; DROP TABLE rows", strings.Repeat("(", 5000), strings.Repeat("NOT ", 500) + "id = 1",
		strings.Repeat("id = 1 OR ", 600) + "id = 1", "S_INTERSECTS(name, BBOX(1,2,3))", "people = 1e999", "\x00",
	} {
		if _, err := filter.Parse(text, m); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestParseFilter(t *testing.T) {
	dir, m := versiontest.Build(t, tabletest.File(t, villages), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	for text, want := range map[string][]int64{
		"":              {1, 2, 3, 4, 5, 6},
		"people > 1500": {1, 5},
		"1500 < people": {1, 5},
		"people >= 1.811e3 AND NOT name = 'Punta Gorda'": {1},
		`"people" BETWEEN 157 AND 183`:                   {2, 4},
		"people NOT BETWEEN 157 AND 5000":                {5},
		"name IN ('Hopkins', 'Barranco') or id=5":        {1, 2, 5},
		"name LIKE 'B%'":                                 {2, 4},
		"name NOT LIKE '%o%'":                            {4, 6},
		"CASEI(note) LIKE CASEI('%garifuna%')":           {1, 2, 6},
		"note LIKE '%Garifuna%'":                         {2, 6},
		"ACCENTI(CASEI(name)) = 'HOPKINS'":               {1},
		"name = 'It''s' OR name = 'Hopkins'":             {1},
		"CASEI(name) IN (CASEI('HOPKINS'), CASEI('x'))":  {1},
		"note IS NULL":                                   nil,
		"note IS NOT NULL AND (id = 1 OR id = 2)":        {1, 2},
		"NOT (id < 6)":                                   {6},
		"NOT id < 3 AND id < 5":                          {3, 4},
		"id = +3":                                        {3},
		"people < -1":                                    nil,
	} {
		f, err := filter.Parse(text, m)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		page, err := v.Rows(context.Background(), Query{Filter: f})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []int64
		for _, r := range page.Rows {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: rows %v, want %v", text, got, want)
		}
	}
}

func FuzzParseFilter(f *testing.F) {
	m := &table.Manifest{
		Columns: []table.Column{{Name: "name", Type: table.Text}, {Name: "n", Type: table.Integer}, {Name: "d", Type: table.Date}, {Name: "lat", Type: table.Latitude}, {Name: "lon", Type: table.Longitude}},
		Stats:   make([]table.ColumnStats, 5), Geo: &table.Geo{Lat: "lat", Lon: "lon"},
	}
	for _, s := range []string{"name = 'x' AND n > 5", "d BETWEEN DATE('2020-01-01') AND '2021-01-01'", "S_INTERSECTS(lat, BBOX(-89,15,-87,19))", "NOT (n IN (1,2,3))", `"name" LIKE '%a_\%'`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := filter.Parse(text, m)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.TooLarge {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		checked, err := filter.Check(m, got)
		if err != nil {
			t.Fatalf("%q parses but does not check: %v", text, err)
		}
		for _, on := range []stored.Engine{stored.Duck, stored.Lite} { // nothing of the text may reach the SQL but through parameters
			sql, args := whereSQL(m, on, checked)
			if strings.Count(sql, "?") != len(args) || strings.ContainsAny(strings.ReplaceAll(sql, `ESCAPE '\'`, ""), `";\`) {
				t.Fatalf("%q becomes %q with %d arguments", text, sql, len(args))
			}
		}
	})
}

// TestLibraryClosesWhatIsIdle opens more versions than it may keep.
func TestLibraryClosesWhatIsIdle(t *testing.T) {
	lib := NewLibrary(Limits{Open: 2, Idle: time.Minute})
	defer lib.Close()
	now := time.Now()
	lib.now = func() time.Time { now = now.Add(time.Second); return now }
	var versions []*Version
	for i := range 3 {
		dir, _ := versiontest.Build(t, tabletest.File(t, fmt.Sprintf("id,n\n1,%d\n", i)), profile.Options{})
		v := opened(t, lib, dir)
		if _, err := v.Rows(context.Background(), Query{}); err != nil {
			t.Fatal(err)
		}
		versions = append(versions, v)
	}
	if versions[0].duck != nil || versions[2].duck == nil || len(lib.open) != 2 {
		t.Errorf("first open: %v, last open: %v, %d kept", versions[0].duck != nil, versions[2].duck != nil, len(lib.open))
	}
	if page, err := versions[0].Rows(context.Background(), Query{}); err != nil || len(page.Rows) != 1 {
		t.Errorf("a closed version does not open again: %v", err)
	}
	now = now.Add(time.Hour)
	lib.Sweep()
	if len(lib.open) != 0 || versions[2].duck != nil {
		t.Errorf("%d versions open after an hour", len(lib.open))
	}
}

// TestDaysIncludeTheirEvening: a day as the end of a range of times.
func TestDaysIncludeTheirEvening(t *testing.T) {
	dir, _ := versiontest.Build(t, tabletest.File(t, "id,at\n1,2026-03-30 23:00:00\n2,2026-03-31 00:00:00\n3,2026-03-31 18:30:00\n4,2026-04-01 00:00:00\n"), profile.Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	for _, x := range []struct {
		f    filter.Filter
		want int
	}{
		{filter.Between{Column: "at", Low: "2026-03-31", High: "2026-03-31"}, 2},
		{filter.Compare{Column: "at", Op: "<=", Value: "2026-03-31"}, 3},
		{filter.Compare{Column: "at", Op: ">", Value: "2026-03-31"}, 1},
		{filter.Compare{Column: "at", Op: "<", Value: "2026-03-31"}, 1},
		{filter.Compare{Column: "at", Op: ">=", Value: "2026-03-31"}, 3},
		{filter.Compare{Column: "at", Op: "<=", Value: "2026-03-31T18:30:00"}, 3},
	} {
		page, err := v.Rows(context.Background(), Query{Filter: x.f})
		if err != nil || len(page.Rows) != x.want {
			t.Errorf("%+v: %d rows, want %d, %v", x.f, len(page.Rows), x.want, err)
		}
	}
}

// TestLongTextsStayOutOfTheManifest: a column of essays is counted, not kept.
func TestLongTextsStayOutOfTheManifest(t *testing.T) {
	long := strings.Repeat("stone ", 200)
	dir, m := versiontest.Build(t, tabletest.File(t, "id,essay\n1,"+long+"\n2,"+long+"x\n3,short\n"), profile.Options{})
	if len(m.Stats[1].Top) != 0 || m.Stats[1].MaxLength != 1201 || m.Stats[1].Distinct != 3 {
		t.Errorf("%+v", m.Stats[1])
	}
	if text, _ := json.Marshal(m); len(text) > 5000 {
		t.Errorf("a manifest of %d bytes", len(text))
	}
	lib := NewLibrary(Limits{})
	defer lib.Close()
	f, err := opened(t, lib, dir).Facets(context.Background(), []string{"essay"}, nil, 2)
	if ids, err := opened(t, lib, dir).Facets(context.Background(), []string{"id"}, nil, 1); err != nil || ids[0].Values[0].Value != int64(1) {
		t.Errorf("whole numbers come back as %T, %v", ids[0].Values[0].Value, err)
	}
	if err != nil || len(f[0].Values) != 2 || f[0].Distinct != 3 || f[0].Others != 1 {
		t.Errorf("%+v %v", f, err)
	}
}
