package geo

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// Fit is how well a name answers what was typed; smaller is better.
type Fit int

// The fits, best first.
const (
	FitName   Fit = iota // it is the place's name
	FitAlt               // it is one of its other names
	FitPrefix            // a name begins with it
	FitWord              // a later word of a name begins with it
	FitTypo              // a name differs by a letter or two
)

// Match is a place found by name.
type Match struct {
	Place
	Fit   Fit
	Edits int // letters that differ, for FitTypo
}

const (
	// searchPool is how many names that begin with the text are looked at.
	searchPool = 300
	// searchScan is how many names are compared letter by letter when too few
	// begin with the text.
	searchScan = 50_000
)

// Search finds places by name: case, accents and apostrophes do not matter,
// the beginning is enough, and a letter or two may be wrong. A district after
// the name ("San Antonio, Toledo") leaves only places there, unless the whole is
// a name itself. The best come first: the exact name, then settlements, then the
// most populous, then by name, district and id.
func Search(ctx context.Context, tx *db.Tx, text string, limit int) ([]Match, error) {
	return seeker{tx: tx, limit: max(limit, 1), pool: searchPool}.search(ctx, text)
}

// search is Search among the places that s seeks.
func (s seeker) search(ctx context.Context, text string) ([]Match, error) {
	whole := foldName(text)
	if whole == "" {
		return nil, nil
	}
	name, district, ok := splitDistrict(text)
	if !ok {
		return s.find(ctx, whole, s.district)
	}
	if exact, err := s.beginning(ctx, whole, s.district); err != nil || len(exact) > 0 && exact[0].Fit <= FitAlt {
		return s.cut(exact), err
	}
	found, err := s.find(ctx, name, district)
	if err != nil || len(found) > 0 || district != "BZ-BZ" {
		return found, err
	}
	return s.find(ctx, name, s.district) // "Placencia, Belize" means the country
}

// splitDistrict takes a district off the end of text: "san antonio in toledo"
// gives "san antonio" and BZ-TOL.
func splitDistrict(text string) (name, district string, ok bool) {
	words := strings.Fields(foldName(text))
	for n := min(3, len(words)-1); n > 0; n-- {
		d, found := ParseDistrict(strings.Join(words[len(words)-n:], " "))
		if !found {
			continue
		}
		rest := words[:len(words)-n]
		for len(rest) > 1 && slices.Contains([]string{"in", "en", "de", "of"}, rest[len(rest)-1]) {
			rest = rest[:len(rest)-1]
		}
		return strings.Join(rest, " "), d.Code, true
	}
	return "", "", false
}

// seeker runs the queries of one search.
type seeker struct {
	tx       *db.Tx
	limit    int
	pool     int    // how many names that begin with the text are looked at
	kind     Kind   // "" for any
	district string // in which the places lie where the text names none; "" for any
}

// find looks at the names that begin with folded, and at the others only when
// those are too few.
func (s seeker) find(ctx context.Context, folded, district string) ([]Match, error) {
	found, err := s.beginning(ctx, folded, district)
	if err != nil || len(found) >= s.limit {
		return s.cut(found), err
	}
	others, err := s.others(ctx, folded, district, found)
	return s.cut(append(found, others...)), err
}

func (s seeker) cut(found []Match) []Match {
	slices.SortFunc(found, better)
	return found[:min(s.limit, len(found))]
}

// named is a name of a place.
type named struct{ id, folded string }

func scanNamed(n *named) []any { return []any{&n.id, &n.folded} }

// beginning finds the names that begin with folded, best first.
func (s seeker) beginning(ctx context.Context, folded, district string) ([]Match, error) {
	names, err := db.List(ctx, s.tx, scanNamed, `SELECT n.place_id, n.folded FROM place_name n JOIN place p ON p.id = n.place_id
		WHERE n.folded >= $1 AND n.folded < $2 AND ($3 = '' OR p.district = $3 OR p.stated = $3) AND ($5 = '' OR p.kind = $5)
		ORDER BY CASE WHEN n.folded = $1 THEN 0 ELSE 1 END, COALESCE(p.population, 0) DESC, n.folded, p.id LIMIT $4`,
		folded, folded+string(utf8.MaxRune), district, s.pool, string(s.kind))
	if err != nil {
		return nil, err
	}
	fits := map[string]Match{}
	for _, n := range names {
		fit := FitPrefix
		if n.folded == folded {
			fit = FitAlt // or FitName, as load finds out
		}
		keepBetter(fits, n.id, Match{Fit: fit})
	}
	return s.load(ctx, fits, folded, "")
}

// others finds the names with a later word that begins with folded, and those
// that a typing error explains.
func (s seeker) others(ctx context.Context, folded, district string, had []Match) ([]Match, error) {
	n, most := utf8.RuneCountInString(folded), typos(folded)
	inner := "% " + folded + "%" // folded has no sign that LIKE knows
	names, err := db.List(ctx, s.tx, scanNamed,
		`SELECT place_id, folded FROM place_name WHERE letters BETWEEN $1 AND $2 OR folded LIKE $3 LIMIT $4`,
		n-most, n+most, inner, searchScan)
	if err != nil {
		return nil, err
	}
	fits := map[string]Match{}
	for _, name := range names {
		if strings.Contains(name.folded, " "+folded) {
			keepBetter(fits, name.id, Match{Fit: FitWord})
		} else if e := id.Edits(folded, name.folded, most); e <= most {
			keepBetter(fits, name.id, Match{Fit: FitTypo, Edits: e})
		}
	}
	for _, m := range had {
		delete(fits, m.ID)
	}
	return s.load(ctx, fits, folded, district)
}

// typos is how many letters of a name may be wrong: none in a short one.
func typos(folded string) int {
	switch n := utf8.RuneCountInString(folded); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

func keepBetter(fits map[string]Match, id string, m Match) {
	old, ok := fits[id]
	if !ok || m.Fit < old.Fit || m.Fit == old.Fit && m.Edits < old.Edits {
		fits[id] = m
	}
}

// load reads the places that fit and sorts them.
func (s seeker) load(ctx context.Context, fits map[string]Match, folded, district string) ([]Match, error) {
	ids := make([]string, 0, len(fits))
	for id := range fits {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var out []Match
	for chunk := range slices.Chunk(ids, 200) {
		places, err := PlacesByID(ctx, s.tx, chunk)
		if err != nil {
			return nil, err
		}
		for id, p := range places {
			m := fits[id]
			m.Place = p
			if m.Fit == FitAlt && foldName(p.Name) == folded {
				m.Fit = FitName
			}
			if (district == "" || p.lies(district)) && (s.kind == "" || p.Kind == s.kind) {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, better)
	return out, nil
}

// better orders matches, best first.
func better(a, b Match) int {
	return cmp.Or(cmp.Compare(a.Fit, b.Fit), cmp.Compare(a.Edits, b.Edits),
		cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(people(b.Place), people(a.Place)),
		strings.Compare(a.Name, b.Name), strings.Compare(a.District, b.District), strings.Compare(a.ID, b.ID))
}

func people(p Place) int64 {
	if p.Population == nil {
		return 0
	}
	return *p.Population
}
