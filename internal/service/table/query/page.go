package query

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/cell"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// Query asks for rows. The zero value asks for the first hundred in load
// order, with all columns.
type Query struct {
	Select []string // columns; nil for all
	Filter filter.Filter
	Sort   []Sort      // load order where nothing else decides; rows without a value last
	Limit  int         // rows of a page: 100 if zero, at most MaxPage
	Cursor string      // Page.Next of the page before
	Box    *filter.Box // only rows in it
	Near   *Near       // the nearest rows, nearest first; without Text, Sort and Cursor
	Text   string      // only rows with these words, best match first unless Sort says otherwise
	Total  bool        // count all rows that match; without Filter, Box and Text they are always counted
}

// Sort orders rows by a column.
type Sort struct {
	Column string
	Desc   bool
}

// Near is a point in degrees. Radius, in metres, bounds the distance if it is
// not zero.
type Near struct{ Lat, Lon, Radius float64 }

// MaxPage is the most rows of one page; defaultPage is what no limit means.
const (
	MaxPage     = 10_000
	defaultPage = 100
	maxSorts    = 5
)

// Page is an answer to a Query.
type Page struct {
	Columns []table.Column
	Rows    []Row
	Next    string // cursor of the next page; "" after the last
	Total   *int64 // rows that match over all pages, exact; nil where it was not asked for
	Indexed bool   // the columns asked about have indexes: such queries stay quick however large the table
	Pending bool   // indexes are still being made: the same query will be quicker soon
}

// Row is one row of a Page. Cells stand in the order of Page.Columns: text,
// int64, float64, bool, or nil; dates and times as ISO 8601 text.
type Row struct {
	ID       int64
	Cells    []any
	Distance float64   // metres, when the query said Near
	Why      []Snippet // where the words stand, when the query had a Text
}

// Rows answers a Query.
func (v *Version) Rows(ctx context.Context, q Query) (*Page, error) {
	p, err := newPlan(v.Manifest(), q)
	if err != nil {
		return nil, err
	}
	var page *Page
	err = v.ask(ctx, func(ctx context.Context, s *session) (err error) {
		switch {
		case q.Near != nil:
			page, err = s.nearest(ctx, p)
		case len(p.words) > 0:
			page, err = s.search(ctx, p)
		default:
			page, err = s.page(ctx, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	page.Indexed, page.Pending = p.indexed, !v.Manifest().Ready(table.LookupFile)
	return page, nil
}

// plan is a checked Query.
type plan struct {
	q       Query
	m       *table.Manifest
	columns []table.Column // selected
	stored  []string       // … and their names in the files
	filter  filter.Filter  // with Box, values as stored
	words   []string       // folded, of Text
	sort    []Sort
	after   *cursor
	limit   int
	skip    int64 // rows to pass over, where there is no key to go on from
	indexed bool
}

func newPlan(m *table.Manifest, q Query) (*plan, error) {
	p := &plan{q: q, m: m, sort: q.Sort, limit: q.Limit}
	if p.limit <= 0 {
		p.limit = defaultPage
	}
	p.limit = min(p.limit, MaxPage)
	if err := p.choose(q.Select); err != nil {
		return nil, err
	}
	f := q.Filter
	if q.Box != nil {
		f = filter.And(append(filter.Conjuncts(f), filter.InBox{Box: *q.Box}))
	}
	var err error
	if p.filter, err = filter.Check(m, f); err != nil {
		return nil, err
	}
	if err := p.checkSort(); err != nil {
		return nil, err
	}
	if q.Near != nil && (m.Geo == nil || !cell.InRange(q.Near.Lat, q.Near.Lon) || !(q.Near.Radius >= 0)) {
		return nil, fault.New(fault.Invalid, "table.no_place")
	}
	p.words = wordsOf(q.Text)
	if q.Near != nil && (len(p.words) > 0 || len(q.Sort) > 0 || q.Cursor != "") {
		return nil, fault.New(fault.Invalid, "table.near_alone")
	}
	if q.Cursor != "" {
		if p.after, err = p.readCursor(q.Cursor); err != nil {
			return nil, err
		}
	}
	p.indexed = p.isIndexed()
	return p, nil
}

func (p *plan) choose(names []string) error {
	if names == nil {
		names = p.m.Names()
	}
	for _, n := range names {
		c, err := p.m.Find(n)
		if err != nil {
			return err
		}
		p.columns = append(p.columns, *c)
		p.stored = append(p.stored, stored.Name(p.m, n))
	}
	return nil
}

// checkSort drops what follows a unique column, since it decides nothing.
func (p *plan) checkSort() error {
	if len(p.sort) > maxSorts {
		return fault.New(fault.Invalid, "table.too_many_sorts", "max", maxSorts)
	}
	for i, s := range p.sort {
		if _, err := p.m.Find(s.Column); err != nil {
			return err
		}
		if s.Column == "_id" || s.Column == p.m.Key {
			p.sort = p.sort[:i+1]
			break
		}
	}
	return nil
}

// hasIndex reports that a column, or the place "@", can be looked up.
func hasIndex(m *table.Manifest, column string) bool {
	return column == "_id" || column == "@" || column != "" && column == m.Key || slices.Contains(m.Index, column)
}

func (p *plan) isIndexed() bool {
	for _, c := range filter.Columns(p.filter) {
		if !hasIndex(p.m, c) {
			return false
		}
	}
	return len(p.sort) == 0 || len(p.sort) == 1 && hasIndex(p.m, p.sort[0].Column)
}

// page answers a query without words and distances.
func (s *session) page(ctx context.Context, p *plan) (*Page, error) {
	page := &Page{Columns: p.columns}
	ids, err := s.find(ctx, p)
	if err != nil {
		return nil, err
	}
	more := len(ids) > p.limit
	if more {
		ids = ids[:p.limit]
	}
	if page.Rows, err = s.fetch(ctx, p, ids); err != nil {
		return nil, err
	}
	if p.after == nil && !more && p.q.Total {
		n := int64(len(ids))
		page.Total = &n // they are all there
	} else if page.Total, err = s.total(ctx, p); err != nil {
		return nil, err
	}
	if more {
		last := ids[len(ids)-1]
		page.Next = p.cursorAfter(last, page.Total)
	}
	return page, nil
}

// found is a row that a page will show: its number and its values of the
// columns that it was sorted by.
type found struct {
	id    int64
	keys  []any
	cells []any // of the columns that the page shows; nil where they are yet to be fetched
}

// find lists the rows of a page, one more than asked if there are more.
func (s *session) find(ctx context.Context, p *plan) ([]found, error) {
	if len(p.sort) == 0 && p.filter == nil {
		return p.inLoadOrder(), nil
	}
	if s.lite != nil {
		if w, ok, err := s.way(ctx, p); err != nil {
			return nil, err
		} else if ok {
			return s.findInLite(ctx, p, w)
		}
	}
	if s.lite != nil && p.smallBox() {
		return s.findInBox(ctx, p)
	}
	return s.findInDuck(ctx, p)
}

// inLoadOrder needs no database: the rows are numbered.
func (p *plan) inLoadOrder() []found {
	from := int64(0)
	if p.after != nil {
		from = p.after.ID
	}
	var out []found
	for id := from + 1; id <= p.m.Rows && len(out) <= p.limit; id++ {
		out = append(out, found{id: id})
	}
	return out
}

// findInDuck scans the columns of the filter and the order, and nothing else.
func (s *session) findInDuck(ctx context.Context, p *plan) ([]found, error) {
	where, args := whereSQL(p.m, stored.Duck, p.filter)
	conds := notEmpty(where)
	if p.after != nil {
		c, a := p.afterSQL(stored.Duck)
		conds, args = append(conds, c), append(args, a...)
	}
	exprs := []string{"rowid + 1"}
	for _, k := range p.sort {
		c, _ := p.m.Find(k.Column)
		exprs = append(exprs, stored.Raw(c.Type.Form(), stored.Name(p.m, k.Column)))
	}
	q := "SELECT " + strings.Join(exprs, ", ") + " FROM rows" + whereAll(conds)
	if len(p.sort) > 0 { // else rows come in load order, and the scan stops early
		q += " ORDER BY " + p.orderSQL()
	}
	var out []found
	err := s.heavy(ctx, func() error {
		rows, err := s.duck.QueryContext(ctx, q+fmt.Sprintf(" LIMIT %d OFFSET %d", p.limit+1, p.skip), args...)
		out, err = takeFound(rows, err, len(p.sort), 0)
		return err
	})
	return out, err
}

func notEmpty(conds ...string) []string {
	return slices.DeleteFunc(conds, func(s string) bool { return s == "" })
}

func whereAll(conds []string) string {
	if len(conds) == 0 {
		return ""
	}
	return " WHERE (" + strings.Join(conds, ") AND (") + ")"
}

// orderSQL puts rows without a value last. The row number follows the
// direction of the last column, so that one index serves both.
func (p *plan) orderSQL() string {
	var out []string
	desc := ""
	for _, k := range p.sort {
		desc = map[bool]string{true: " DESC"}[k.Desc]
		out = append(out, stored.Name(p.m, k.Column)+desc+" NULLS LAST")
	}
	return strings.Join(append(out, "_id"+desc), ", ")
}

// takeFound reads row numbers, each with the values of the sorted columns and,
// where there are any, the cells that the page shows.
func takeFound(rows *sql.Rows, err error, keys, cells int) ([]found, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []found
	ptrs := make([]any, 1+keys+cells)
	for rows.Next() {
		f := found{}
		values := make([]any, keys+cells)
		ptrs[0] = &f.id
		for i := range values {
			ptrs[i+1] = &values[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return nil, err
		}
		for i, k := range values[:keys] {
			if b, ok := k.([]byte); ok {
				values[i] = string(b)
			}
		}
		if f.keys = values[:keys:keys]; cells > 0 {
			f.cells = values[keys:]
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// total counts the rows that match, from what is known if possible.
func (s *session) total(ctx context.Context, p *plan) (*int64, error) {
	switch {
	case p.filter == nil:
		return &s.m.Rows, nil
	case p.after != nil && p.after.Total != nil:
		return p.after.Total, nil
	case !p.q.Total:
		return nil, nil
	}
	n, err := s.count(ctx, p.filter)
	return &n, err
}

// countsKept bounds how many totals a version remembers.
const countsKept = 500

func (s *session) count(ctx context.Context, f filter.Filter) (int64, error) {
	if n, ok := knownCount(s.m, f); ok {
		return n, nil
	}
	where, args := whereSQL(s.m, stored.Duck, f)
	key := where + fmt.Sprintf("%v", args)
	s.v.mu.Lock()
	n, ok := s.v.counts[key]
	s.v.mu.Unlock()
	if ok {
		return n, nil
	}
	w, quick, err := s.countWay(ctx, f)
	switch {
	case err != nil:
	case quick:
		where, args := whereSQL(s.m, stored.Lite, f)
		err = s.lite.QueryRowContext(ctx, "SELECT count(*) FROM rows"+w.hint(s.m)+whereAll(notEmpty(where)), args...).Scan(&n)
	default:
		err = s.heavy(ctx, func() error {
			return s.duck.QueryRowContext(ctx, "SELECT count(*) FROM rows"+whereAll(notEmpty(where)), args...).Scan(&n)
		})
	}
	if err == nil {
		s.v.mu.Lock()
		if len(s.v.counts) >= countsKept {
			clear(s.v.counts)
		}
		s.v.counts[key] = n
		s.v.mu.Unlock()
	}
	return n, err
}

// knownCount answers from the statistics: one value of a column of which all
// values were counted.
func knownCount(m *table.Manifest, f filter.Filter) (int64, bool) {
	parts := filter.Conjuncts(f)
	if len(parts) != 1 {
		return 0, len(parts) == 0
	}
	c, ok := parts[0].(filter.Compare)
	if !ok || c.Op != "=" {
		return 0, false
	}
	col, i := m.Column(c.Column)
	if col == nil || !m.Stats[i].TopAll {
		return 0, false
	}
	want := c.Value
	if n, ok := want.(int64); ok {
		want = cell.ShowInt(col, n)
	}
	for _, b := range m.Stats[i].Top {
		if sameValue(b.Value, want) {
			return b.Count, true
		}
	}
	return 0, true
}

// sameValue compares values that may have been through JSON, where every
// number is a float64.
func sameValue(a, b any) bool {
	if n, ok := a.(int64); ok {
		a = float64(n)
	}
	if n, ok := b.(int64); ok {
		b = float64(n)
	}
	return a == b
}
