package table

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/tabletest"
)

// csvFile writes text to a file called name.csv.
func csvFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.csv")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

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
	dir, _ := build(t, csvFile(t, villages), Options{})
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
		if err := Derive(context.Background(), dir, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSearchPages follows a search to its end without losing or repeating.
func TestSearchPages(t *testing.T) {
	dir, _ := derived(t, 500)
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	seen := map[int64]bool{}
	q := Query{Text: "belize city", Limit: 7, Filter: Compare{"status", "=", "open"}, Select: []string{"description"}}
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
	all, err := v.Rows(context.Background(), Query{Filter: And{Compare{"status", "=", "open"}, Contains("description", "belize CITY")}, Limit: 1000})
	if err != nil || len(all.Rows) != len(seen) || len(seen) < 20 {
		t.Errorf("the pages hold %d rows, a scan %d, %v", len(seen), len(all.Rows), err)
	}
}

// TestIndexesAreUsed asks SQLite how it would find the rows.
func TestIndexesAreUsed(t *testing.T) {
	dir, _ := derived(t, 5000)
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
		{Query{Filter: Compare{"id", "=", 77}}, "INDEX key (c0=?"},
		{Query{Filter: Compare{"district", "=", "Toledo"}}, "by_c3 (c3=? AND rowid>?)"},
		{Query{Sort: []Sort{{"created_at", true}}}, "SEARCH rows USING COVERING INDEX by_c1"},
		{Query{Filter: Between{"reported_on", "2022-01-01", "2022-01-09"}}, "by_c2 (c2>? AND c2<?)"},
	} {
		p, err := v.Manifest().plan(x.q)
		if err != nil {
			t.Fatal(err)
		}
		w, ok, err := s.way(context.Background(), p)
		if err != nil || !ok || !p.indexed {
			t.Errorf("%+v: way %+v %v, indexed %v, %v", x.q, w, ok, p.indexed, err)
		}
		where, args := p.m.where(inLite, p.filter)
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
	for _, q := range []Query{{Filter: Compare{"cost", ">", 5}}, {Sort: []Sort{{"cost", false}}}, {Filter: Contains("district", "x")}} {
		if page, err := v.Rows(context.Background(), q); err != nil || page.Indexed && q.Filter != nil && columnsOf(q.Filter)[0] == "cost" {
			t.Errorf("%+v: indexed %v, %v", q, page.Indexed, err)
		}
	}
}

// TestBudget cancels a query that takes too long and harms no other.
func TestBudget(t *testing.T) {
	dir, _ := build(t, requestsFile(t, 60_000, tabletest.Spoil{}), Options{})
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
	dir, _ := build(t, csvFile(t, villages), Options{})
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
	dir, m := build(t, csvFile(t, villages), Options{})
	lib := NewLibrary(Limits{})
	defer lib.Close()
	v := opened(t, lib, dir)
	deep := Filter(IsNull{"name"})
	for range 40 {
		deep = Not{deep}
	}
	first, err := v.Rows(context.Background(), Query{Limit: 2, Sort: []Sort{{"name", false}}})
	if err != nil || first.Next == "" {
		t.Fatal(err)
	}
	for name, q := range map[string]Query{
		"unknown column in select": {Select: []string{"nobody"}},
		"unknown column in filter": {Filter: Compare{`name" OR 1=1 --`, "=", 1}},
		"unknown column in sort":   {Sort: []Sort{{"x; DROP TABLE rows", false}}},
		"unknown operator":         {Filter: Compare{"name", "= '' OR", "x"}},
		"text for a number":        {Filter: Compare{"people", "=", "many"}},
		"nesting":                  {Filter: deep},
		"no place":                 {Near: &Near{}},
		"no place for a box":       {Box: &Box{1, 1, 2, 2}},
		"broken cursor":            {Cursor: "????"},
		"cursor of another query":  {Cursor: first.Next},
		"like on a number":         {Filter: Contains("people", "1")},
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
		if _, err := ParseFilter(text, m); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestParseFilter(t *testing.T) {
	dir, m := build(t, csvFile(t, villages), Options{})
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
		f, err := ParseFilter(text, m)
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
	m := &Manifest{
		Columns: []Column{{Name: "name", Type: Text}, {Name: "n", Type: Integer}, {Name: "d", Type: Date}, {Name: "lat", Type: Latitude}, {Name: "lon", Type: Longitude}},
		Stats:   make([]ColumnStats, 5), Geo: &Geo{Lat: "lat", Lon: "lon"},
	}
	for _, s := range []string{"name = 'x' AND n > 5", "d BETWEEN DATE('2020-01-01') AND '2021-01-01'", "S_INTERSECTS(lat, BBOX(-89,15,-87,19))", "NOT (n IN (1,2,3))", `"name" LIKE '%a_\%'`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseFilter(text, m)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid && fault.KindOf(err) != fault.TooLarge {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		checked, err := m.check(got)
		if err != nil {
			t.Fatalf("%q parses but does not check: %v", text, err)
		}
		for _, on := range []engine{inDuck, inLite} { // nothing of the text may reach the SQL but through parameters
			sql, args := m.where(on, checked)
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
		dir, _ := build(t, csvFile(t, fmt.Sprintf("id,n\n1,%d\n", i)), Options{})
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
