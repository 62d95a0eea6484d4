package query

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/table"
	"ceiba/internal/service/table/filter"
	"ceiba/internal/service/table/stored"
)

// Snippet shows where a row has the words that were asked for: the text
// around the first of them, which stands in Match.
type Snippet struct {
	Column string `json:"column"`
	Before string `json:"before"`
	Match  string `json:"match"`
	After  string `json:"after"`
}

const (
	maxWords     = 12
	snippetRunes = 60
)

// wordsOf splits a search into folded words; the rest is left out.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(id.Fold(table.Shorten(text, 500)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	return words[:min(len(words), maxWords)]
}

// search answers a query with words. Each word matches as a beginning; when
// that finds nothing, endings are taken off (carreteras finds carretera), then
// each unknown word is replaced by the nearest words of the table.
func (s *session) search(ctx context.Context, p *plan) (*Page, error) {
	if len(stored.WordColumns(s.m)) == 0 {
		return nil, fault.New(fault.Invalid, "table.no_text")
	}
	if s.lite == nil || !simple(p.filter) {
		return s.searchInDuck(ctx, p)
	}
	var terms [][]string
	var ids []found
	for _, loosen := range []func(context.Context, string) ([]string, error){s.asTyped, s.stemmed, s.respelt} {
		terms = terms[:0]
		for _, w := range p.words {
			t, err := loosen(ctx, w)
			if err != nil {
				return nil, err
			}
			terms = append(terms, t)
		}
		var err error
		if ids, err = s.match(ctx, p, terms); err != nil {
			return nil, err
		}
		if len(ids) > 0 || p.after != nil {
			break
		}
	}
	return s.found(ctx, p, ids, terms)
}

// found makes the page of a search.
func (s *session) found(ctx context.Context, p *plan, ids []found, terms [][]string) (*Page, error) {
	page := &Page{Columns: p.columns}
	more := len(ids) > p.limit
	if more {
		ids = ids[:p.limit]
	}
	var err error
	if page.Rows, err = s.fetch(ctx, p, ids); err != nil {
		return nil, err
	}
	if more {
		page.Next = p.cursorAfter(found{id: p.seen() + int64(len(ids)), keys: make([]any, len(p.sort))}, nil)
	}
	if p.q.Total && s.lite != nil && simple(p.filter) {
		if page.Total, err = s.countMatches(ctx, p, terms); err != nil {
			return nil, err
		}
	}
	return page, s.explain(ctx, p, page, terms)
}

func (s *session) countMatches(ctx context.Context, p *plan, terms [][]string) (*int64, error) {
	where, args := whereSQL(p.m, stored.Lite, p.filter)
	q := "SELECT count(*) FROM words WHERE words MATCH ?"
	if where != "" {
		q = "SELECT count(*) FROM words JOIN rows ON rows._id = words.rowid WHERE words MATCH ? AND (" + stored.Qualified(where) + ")"
	}
	var n int64
	err := s.lite.QueryRowContext(ctx, q, append([]any{ftsQuery(terms)}, args...)...).Scan(&n)
	return &n, err
}

// seen is how many rows of the search the pages before have shown: results by
// relevance have no key to go on from.
func (p *plan) seen() int64 {
	if p.after == nil {
		return 0
	}
	return p.after.ID
}

// maxSearchDepth is how far a search can be paged.
const maxSearchDepth = 20_000

func (s *session) match(ctx context.Context, p *plan, terms [][]string) ([]found, error) {
	if p.seen() > maxSearchDepth {
		return nil, fault.New(fault.Invalid, "table.search_too_deep", "max", maxSearchDepth)
	}
	where, more := whereSQL(p.m, stored.Lite, p.filter)
	order := "rank, _id"
	if len(p.sort) > 0 {
		order = p.orderSQL()
	}
	q := "SELECT _id FROM words JOIN rows ON rows._id = words.rowid WHERE words MATCH ?"
	if where != "" {
		q += " AND (" + stored.Qualified(where) + ")"
	}
	if len(p.sort) > 0 {
		order = stored.Qualified(order)
	}
	q += " ORDER BY " + order + fmt.Sprintf(" LIMIT %d OFFSET %d", p.limit+1, p.seen())
	rows, err := s.lookUp(ctx, q, append([]any{ftsQuery(terms)}, more...)...)
	return takeFound(rows, err, 0, 0)
}

// ftsQuery asks for all words, each as one of its alternatives. Words hold
// letters and digits only, so quoting is enough.
func ftsQuery(terms [][]string) string {
	var all []string
	for _, alternatives := range terms {
		var one []string
		for _, t := range alternatives {
			one = append(one, `"`+t+`"*`)
		}
		all = append(all, "("+strings.Join(one, " OR ")+")")
	}
	return strings.Join(all, " AND ")
}

func (s *session) asTyped(_ context.Context, w string) ([]string, error) { return []string{w}, nil }

func (s *session) stemmed(_ context.Context, w string) ([]string, error) {
	return slices.Compact([]string{w, stem(w)}), nil
}

// stem takes off endings that mark number and gender in English and Spanish.
// It is meant for the beginning of words, so it may be rough.
func stem(w string) string {
	for _, end := range []string{"ciones", "mente", "iones", "cion", "ando", "iendo", "ies", "ing", "ado", "ada", "ed", "es", "os", "as", "s", "o", "a", "e", "y"} {
		if base, ok := strings.CutSuffix(w, end); ok && len(base) >= 4 {
			return base
		}
	}
	return w
}

// respelt replaces a word that the table does not have by its nearest ones.
func (s *session) respelt(ctx context.Context, w string) ([]string, error) {
	n := utf8.RuneCountInString(w)
	if n < 4 {
		return []string{w}, nil
	}
	var grams []string
	runes := []rune(w)
	for i := 0; i+3 <= n; i++ {
		grams = append(grams, `"`+string(runes[i:i+3])+`"`)
	}
	rows, err := s.lite.QueryContext(ctx, "SELECT term FROM spelling WHERE spelling MATCH ? ORDER BY rank LIMIT 100", strings.Join(grams, " OR "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	allowed := 1
	if n >= 7 {
		allowed = 2
	}
	best, out := allowed, []string{}
	for rows.Next() {
		var term string
		if err := rows.Scan(&term); err != nil {
			return nil, err
		}
		d := id.Edits(w, id.Fold(term), best)
		if d < best {
			best, out = d, out[:0]
		}
		if d <= best {
			out = append(out, id.Fold(term))
		}
	}
	if len(out) == 0 {
		out = []string{w}
	}
	return out[:min(len(out), 8)], rows.Err()
}

// searchInDuck scans the texts while the word index is pending: each word
// somewhere in one of the columns.
func (s *session) searchInDuck(ctx context.Context, p *plan) (*Page, error) {
	var all filter.And
	var terms [][]string
	for _, w := range p.words {
		var one filter.Or
		for _, i := range stored.WordColumns(s.m) {
			one = append(one, filter.Contains(s.m.Columns[i].Name, w))
		}
		all = append(all, one)
		terms = append(terms, []string{w})
	}
	scan := *p
	scan.filter, scan.after, scan.skip = append(all, filter.Conjuncts(p.filter)...), nil, p.seen()
	ids, err := s.findInDuck(ctx, &scan)
	if err != nil {
		return nil, err
	}
	return s.found(ctx, p, ids, terms)
}

// explain finds the words in the rows of a page.
func (s *session) explain(ctx context.Context, p *plan, page *Page, terms [][]string) error {
	if len(page.Rows) == 0 {
		return nil
	}
	texts := plan{m: p.m}
	ids := make([]found, len(page.Rows))
	for i, r := range page.Rows {
		ids[i].id = r.ID
	}
	for _, i := range stored.WordColumns(s.m) {
		texts.columns = append(texts.columns, p.m.Columns[i])
		texts.stored = append(texts.stored, stored.Column(i))
	}
	rows, err := s.fetch(ctx, &texts, ids)
	if err != nil {
		return err
	}
	for i, r := range rows {
		for k, cell := range r.Cells {
			text, _ := cell.(string)
			if w, ok := snippet(text, terms); ok && len(page.Rows[i].Why) < 3 {
				w.Column = texts.columns[k].Name
				page.Rows[i].Why = append(page.Rows[i].Why, w)
			}
		}
	}
	return nil
}

// snippet finds the first word of text that one of the terms begins.
func snippet(text string, terms [][]string) (Snippet, bool) {
	start := -1
	for i, r := range text + " " {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mn, r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && begins(id.Fold(text[start:i]), terms) {
			return Snippet{Before: lastRunes(text[:start], snippetRunes), Match: text[start:i], After: firstRunes(text[i:], snippetRunes)}, true
		}
		start = -1
	}
	return Snippet{}, false
}

func begins(word string, terms [][]string) bool {
	for _, alternatives := range terms {
		for _, t := range alternatives {
			if strings.HasPrefix(word, t) {
				return true
			}
		}
	}
	return false
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func lastRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return "…" + string(r[len(r)-n:])
	}
	return s
}
