package search

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/record"
)

const (
	// Depth is how many results can be paged through at most.
	Depth = 500
	// CountTo is how many documents totals and facets count at most.
	CountTo = 3_000
	longest = 12 // words of a query that are looked for
)

// Query is what somebody looks for. Words may be empty: then every document of
// the facets is found, the last changed first.
type Query struct {
	Words  string
	Facets map[string]string // what each must be, such as "kind" or "district"
	Lang   string            // of a record in several languages, the one to show
	Offset int               // results to pass over
	Limit  int               // 20 when 0
}

// Result is a page of what was found.
type Result struct {
	Hits   []Hit
	Total  int                // records; at most CountTo
	More   bool               // there are more than Total
	Next   int                // offset of the next page, 0 at the end
	Some   bool               // no record holds all words, these hold some
	Meant  map[string]string  // words that nothing holds, and what was looked for instead
	Facets map[string][]Count // how the results spread, the most frequent first
}

// Count is how many records have a value.
type Count struct {
	Value string
	N     int
}

// Hit is one record that was found.
type Hit struct {
	Ref   record.Ref
	Lang  string
	Title []Part
	Field string // where the words are: "title" or "body"
	Text  []Part // the passage of the body that says why, or its beginning
}

// Part is a piece of a text; Hit marks the words that were looked for.
type Part struct {
	Text string
	Hit  bool
}

// Find answers a query.
func Find(ctx context.Context, tx *db.Tx, q Query) (r Result, err error) {
	if q.Limit <= 0 {
		q.Limit = 20
	}
	asked, err := understand(ctx, tx, q.Words)
	if err != nil {
		return r, err
	}
	r.Meant = asked.meant
	if q.Words != "" && len(asked.terms) == 0 {
		return r, nil // only signs
	}
	found, err := candidates(ctx, tx, asked, q)
	if err != nil {
		return r, err
	}
	if len(found) == 0 && len(asked.terms) > 1 {
		asked.any, r.Some = true, true
		if found, err = candidates(ctx, tx, asked, q); err != nil {
			return r, err
		}
	}
	if len(found) == 0 {
		r.Some = false
		return r, nil
	}
	if err := spread(ctx, tx, asked, q, &r); err != nil {
		return r, err
	}
	page := oneEach(found, q.Lang)
	if q.Offset >= len(page) {
		return r, nil
	}
	page = page[max(0, q.Offset):]
	if len(page) > q.Limit {
		page, r.Next = page[:q.Limit], q.Offset+q.Limit
	}
	r.Hits, err = hits(ctx, tx, asked, page)
	return r, err
}

// question is a query as it is looked for.
type question struct {
	terms [][]string // for each word, the terms of which a document must hold one
	last  string     // what the last word begins with; "" when it must be whole
	any   bool       // one word is enough
	meant map[string]string
}

// understand cuts a query into words and finds out what each may mean.
func understand(ctx context.Context, tx *db.Tx, text string) (question, error) {
	q := question{}
	words := wordsOf(text)
	if len(words) > longest {
		words = words[:longest]
	}
	for i, w := range words {
		last := i == len(words)-1
		alternatives := distinct([]string{w.folded, stem(w.folded)})
		known, err := holds(ctx, tx, alternatives, last)
		if err != nil {
			return q, err
		}
		if !known {
			near, err := nearest(ctx, tx, w.folded)
			if err != nil {
				return q, err
			}
			if len(near) > 0 {
				if q.meant == nil {
					q.meant = map[string]string{}
				}
				q.meant[text[w.from:w.to]] = near[0]
				for _, n := range near {
					alternatives = append(alternatives, n, stem(n))
				}
				alternatives = distinct(alternatives)
				last = false
			}
		}
		q.terms = append(q.terms, alternatives)
		if last {
			q.last = w.folded
		}
	}
	return q, nil
}

// holds reports whether any document has one of the terms, or a word that
// begins with the first where that is enough. What is no word of the vocabulary
// is taken as it is.
func holds(ctx context.Context, tx *db.Tx, alternatives []string, begins bool) (bool, error) {
	if !spelled(alternatives[0]) {
		return true, nil
	}
	in, args := db.In(1, alternatives)
	found, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM search_word WHERE word IN `+in+`)`, args...)
	if err != nil || found || !begins {
		return found, err
	}
	w := alternatives[0]
	return db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM search_word WHERE word >= $1 AND word < $2)`, w, w+"\U0010FFFF")
}

// nearest returns the words of the vocabulary that are the fewest edits away
// from a misspelt one, the most used first, at most five.
func nearest(ctx context.Context, tx *db.Tx, w string) ([]string, error) {
	most := allowed(w)
	if most == 0 {
		return nil, nil
	}
	type near struct {
		word        string
		docs        int64
		edits, rest int
	}
	in, args := db.In(1, grams(w))
	words, err := db.List(ctx, tx, func(n *near) []any { return []any{&n.word, &n.docs, &n.rest} },
		`SELECT g.word, w.docs, g.shared FROM (SELECT word, count(*) AS shared FROM search_gram WHERE gram IN `+in+` GROUP BY word
		ORDER BY count(*) DESC, word LIMIT 200) g JOIN search_word w ON w.word = g.word`, args...)
	if err != nil {
		return nil, err
	}
	best := most
	for i := range words {
		words[i].edits = id.Edits(w, words[i].word, most)
		best = min(best, words[i].edits)
	}
	words = slices.DeleteFunc(words, func(n near) bool { return n.edits > best })
	slices.SortFunc(words, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.docs, a.docs), -cmp.Compare(len(a.word), len(b.word)), strings.Compare(a.word, b.word))
	})
	var out []string
	for _, n := range words[:min(5, len(words))] {
		out = append(out, n.word)
	}
	return out, nil
}

// match is the condition in the language of the engine's index, on titles or on
// all text.
func (a question) match(tx *db.Tx, facets map[string]string, titles bool) string {
	lite := tx.Pick("y", "") != ""
	and, or := " & ", " | "
	quote := func(t string) string { return "'" + t + "'" }
	if lite {
		and, or = " AND ", " OR "
		quote = func(t string) string { return `"` + t + `"` }
	}
	var words []string
	for i, alternatives := range a.terms {
		var ts []string
		for _, t := range alternatives {
			ts = append(ts, quote(t))
		}
		if i == len(a.terms)-1 && a.last != "" {
			ts = append(ts, quote(a.last)+tx.Pick(" *", ":*"))
		}
		words = append(words, "("+strings.Join(ts, or)+")")
	}
	glue := and
	if a.any {
		glue = or
	}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, tx.Pick(map[bool]string{true: "{title} : ", false: "{title body} : "}[titles], "")+"("+strings.Join(words, glue)+")")
	}
	for _, f := range slices.Sorted(maps.Keys(facets)) {
		if facets[f] == "" {
			continue
		}
		t := facetTerm(f, facets[f])
		if lite {
			t = "{facets} : " + quote(t[1:])
		} else {
			t = quote(t)
		}
		parts = append(parts, t)
	}
	return strings.Join(parts, and)
}

// numbers is the query that gives the documents of a match, the newest first.
func numbers(tx *db.Tx, match string, titles bool, limit int) (string, []any) {
	if match == "" {
		return fmt.Sprintf(`SELECT n FROM search_doc ORDER BY n DESC LIMIT %d`, limit), nil
	}
	column := "in_all"
	if titles {
		column = "in_title"
	}
	return fmt.Sprintf(tx.Pick(`SELECT rowid AS n FROM search_fts WHERE search_fts MATCH $1 ORDER BY rowid DESC LIMIT %[1]d`,
		`SELECT n FROM search_doc WHERE %[2]s @@ CAST($1 AS tsquery) ORDER BY n DESC LIMIT %[1]d`), limit, column), []any{match}
}

// candidate is a document that may be shown.
type candidate struct {
	n      int64
	ref    record.Ref
	lang   string
	terms  string // of the title
	title  bool   // the title holds the words
	points int
}

// candidates returns the documents that match, the best first: those whose
// title does, then the others, each the newest first.
func candidates(ctx context.Context, tx *db.Tx, a question, q Query) ([]candidate, error) {
	var out []candidate
	seen := map[int64]bool{}
	for _, titles := range []bool{true, false} {
		if titles && len(a.terms) == 0 {
			continue
		}
		inner, args := numbers(tx, a.match(tx, q.Facets, titles), titles, Depth)
		list, err := db.List(ctx, tx, func(c *candidate) []any { return []any{&c.n, &c.ref.Kind, &c.ref.ID, &c.lang, &c.terms} },
			`SELECT d.n, d.kind, d.record, d.lang, d.title_terms FROM (`+inner+`) f JOIN search_doc d ON d.n = f.n ORDER BY d.n DESC`, args...)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			if !seen[c.n] {
				seen[c.n] = true
				c.title = titles
				c.points = a.points(c.terms)
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y candidate) int {
		if x.title != y.title {
			return map[bool]int{true: -1, false: 1}[x.title]
		}
		return cmp.Or(cmp.Compare(y.points, x.points), cmp.Compare(y.n, x.n))
	})
	return out[:min(len(out), Depth)], nil
}

// points says how well a title answers: whole words before stems before
// beginnings, and short titles before long ones.
func (a question) points(title string) int {
	words := strings.Fields(title)
	sum := 0
	for i, alternatives := range a.terms {
		best := 0
		for at, t := range alternatives {
			if slices.Contains(words, t) {
				best = max(best, 8-min(at, 3))
			}
		}
		if best == 0 && i == len(a.terms)-1 && a.last != "" && slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, a.last) }) {
			best = 4
		}
		sum += best
	}
	if sum == 0 {
		return 0
	}
	return 100*sum + 100/(1+len(words))
}

// oneEach keeps one document of each record at the place of its best: the one
// in the reader's language where it matches too.
func oneEach(all []candidate, lang string) []candidate {
	at := map[record.Ref]int{}
	var out []candidate
	for _, c := range all {
		i, seen := at[c.ref]
		switch {
		case !seen:
			at[c.ref] = len(out)
			out = append(out, c)
		case c.lang == lang && out[i].lang != lang:
			out[i] = c
		}
	}
	return out
}

// spread counts the results and their facets.
func spread(ctx context.Context, tx *db.Tx, a question, q Query, r *Result) error {
	inner, args := numbers(tx, a.match(tx, q.Facets, false), false, CountTo+1)
	type line struct {
		facet string
		Count
	}
	lines, err := db.List(ctx, tx, func(l *line) []any { return []any{&l.facet, &l.Value, &l.N} },
		`SELECT c.facet, c.value, count(DISTINCT d.kind || ' ' || d.record) FROM (`+inner+`) f JOIN search_facet c ON c.doc = f.n
		JOIN search_doc d ON d.n = f.n GROUP BY c.facet, c.value ORDER BY c.facet, 3 DESC, c.value`, args...)
	r.Facets = map[string][]Count{}
	for _, l := range lines {
		r.Facets[l.facet] = append(r.Facets[l.facet], l.Count)
	}
	r.Total = min(sum(r.Facets["kind"]), CountTo) // a record has one kind
	r.More = sum(r.Facets["lang"]) > CountTo      // a document has one language
	return err
}

func sum(counts []Count) (n int) {
	for _, c := range counts {
		n += c.N
	}
	return n
}

func distinct(in []string) []string {
	var out []string
	for _, v := range in {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// All lists the public records of some facets, such as "kind" or "org", in the order
// of their kinds and ids, a page at a time.
func All(ctx context.Context, tx *db.Tx, facets map[string]string, cursor string, limit int) (refs []record.Ref, next string, err error) {
	keys := db.Keyset{Columns: []string{"d.kind", "d.record"}}
	where, args, err := keys.After(cursor, 1)
	if err != nil {
		return nil, "", err
	}
	for _, name := range slices.Sorted(maps.Keys(facets)) {
		if facets[name] != "" {
			args = append(args, name, facets[name])
			where += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM search_facet f WHERE f.doc = d.n AND f.facet = $%d AND f.value = $%d)`, len(args)-1, len(args))
		}
	}
	args = append(args, limit+1)
	refs, err = db.List(ctx, tx, func(r *record.Ref) []any { return []any{&r.Kind, &r.ID} },
		fmt.Sprintf(`SELECT DISTINCT d.kind, d.record FROM search_doc d WHERE %s %s LIMIT $%d`, where, keys.OrderBy(), len(args)), args...)
	if len(refs) > limit {
		refs = refs[:limit]
		next = db.Cursor(refs[limit-1].Kind, refs[limit-1].ID)
	}
	return refs, next, err
}
