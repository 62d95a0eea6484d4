package geo

import (
	"context"
	"embed"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is the module's tables.
var Schema = db.Schema{Module: "geo", Files: files}

// Kind is what sort of place something is.
type Kind string

// The kinds of place.
const (
	Town          Kind = "town" // cities too
	Village       Kind = "village"
	Neighbourhood Kind = "neighbourhood"
	Caye          Kind = "caye" // any island
	Area          Kind = "area" // administrative areas, parks, reserves
	Road          Kind = "road"
	Facility      Kind = "facility" // a building or site
	Water         Kind = "water"    // rivers, lagoons, bays
	Landform      Kind = "landform"
)

// Kinds lists every kind, the most looked-for first.
var Kinds = []Kind{Town, Village, Neighbourhood, Caye, Area, Facility, Road, Water, Landform}

// Key is the key of the kind's word in locale/.
func (k Kind) Key() string { return "geo.kind." + string(k) }

// Place is one entry of the gazetteer.
type Place struct {
	ID         string
	Kind       Kind
	Code       string // feature code of GeoNames, such as RESF; finer than Kind, "" when not known
	Name       string
	Alt        []string // other names and spellings
	District   string   // ISO 3166-2 code of the district it lies in
	Stated     string   // the code its source gives, where it gives one
	Point      Point
	Source     string // who says so, such as GeoNames
	SourceID   string // its id there; with Source, unique
	Licence    string
	Population *int64 // nil when the source gives none
	ChangedAt  time.Time
}

// Title is the place's name with its district beside it, which tells the four
// San Antonios apart.
func (p Place) Title() string {
	if d, ok := DistrictByCode(p.District); ok {
		return p.Name + ", " + d.Name
	}
	return p.Name
}

// lies reports whether the place is in the district, by its point or by what
// its source says: people know a village by either.
func (p Place) lies(district string) bool { return p.District == district || p.Stated == district }

// names returns the place's names folded, its own first, each once.
func (p Place) names() []string {
	var out []string
	for _, n := range append([]string{p.Name}, p.Alt...) {
		if f := foldName(n); f != "" && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// foldName folds a name for comparison: no case, accents, apostrophes or stops,
// single blanks for all else that is no letter or digit; "Lord’s Bank" is "lords
// bank", and "St." is "saint".
func foldName(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			return r
		case r == '\'', r == '.':
			return -1
		}
		return ' '
	}, id.Fold(name))
	words := strings.Fields(s)
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "mt":
			words[i] = "mount"
		}
	}
	return strings.Join(words, " ")
}

// check returns what is wrong with a place before it is written, or nil.
func (p *Place) check() error {
	var f fault.Fields
	f.Require("name", p.Name)
	f.MaxLen("name", p.Name, 200)
	f.MaxLen("code", p.Code, 20)
	f.Require("source", p.Source)
	f.Require("source_id", p.SourceID)
	if p.Name != "" && foldName(p.Name) == "" {
		f.Add("name", "geo.name_no_letters", "name", p.Name)
	}
	if !p.Point.Valid() {
		f.Add("lat", "geo.point_beyond")
	}
	if !slices.Contains(Kinds, p.Kind) {
		f.Add("kind", "geo.kind_unknown", "kind", string(p.Kind))
	}
	return f.Err()
}

// settle completes a place: its district follows from its point.
func (p *Place) settle() error {
	if err := p.check(); err != nil {
		return err
	}
	d, ok := DistrictAt(p.Point)
	if !ok {
		return fault.New(fault.Invalid, "geo.outside", "lat", p.Point.Lat, "lon", p.Point.Lon)
	}
	p.District = d.Code
	return nil
}

const placeColumns = `id, kind, code, name, alt, district, stated, lat, lon, source, source_id, licence, population, changed_at`

// placeRow is a place as the database gives it.
type placeRow struct {
	Place
	alt     db.JSON[[]string]
	changed db.Time
}

func scanPlace(p *placeRow) []any {
	return []any{
		&p.ID, &p.Kind, &p.Code, &p.Name, &p.alt, &p.District, &p.Stated, &p.Point.Lat, &p.Point.Lon,
		&p.Source, &p.SourceID, &p.Licence, &p.Population, &p.changed,
	}
}

func (r placeRow) place() Place {
	r.Alt, r.ChangedAt = r.alt.V, r.changed.Time
	return r.Place
}

func listPlaces(ctx context.Context, tx *db.Tx, rest string, args ...any) ([]Place, error) {
	rows, err := db.List(ctx, tx, scanPlace, `SELECT `+placeColumns+` FROM place `+rest, args...)
	places := make([]Place, len(rows))
	for i, r := range rows {
		places[i] = r.place()
	}
	return places, err
}

// PlaceByID returns one place, or db.ErrNotFound.
func PlaceByID(ctx context.Context, tx *db.Tx, id string) (Place, error) {
	r, err := db.Get(ctx, tx, scanPlace, `SELECT `+placeColumns+` FROM place WHERE id = $1`, id)
	return r.place(), err
}

// PlacesByID returns the places with these ids, by id; those that do not exist
// are left out.
func PlacesByID(ctx context.Context, tx *db.Tx, ids []string) (map[string]Place, error) {
	in, args := db.In(1, ids)
	places, err := listPlaces(ctx, tx, `WHERE id IN `+in, args...)
	byID := make(map[string]Place, len(places))
	for _, p := range places {
		byID[p.ID] = p
	}
	return byID, err
}

// PlacePoints is the gazetteer for Near and InBox.
func PlacePoints() Points { return Points{Table: "place", ID: "id", Lat: "lat", Lon: "lon"} }

// PlacesVersion is another text after every change of the gazetteer: for those
// who keep something made from it.
func PlacesVersion(ctx context.Context, tx *db.Tx) (string, error) {
	return db.Get(ctx, tx, db.One[string], `SELECT CAST(count(*) AS TEXT) || '-' || CAST(coalesce(max(changed_at), 0) AS TEXT) FROM place`)
}

// Outcome is what Save did with a place.
type Outcome int

// The outcomes of Save.
const (
	Same Outcome = iota // it was there with these very values
	Added
	Changed
)

// Save writes a place, known by its source and source id: it adds it, brings it
// up to date, or leaves it alone when nothing differs. Its District is set from
// its point, and its ID from the entry that was there. A place that is wrong or
// outside Belize is a fault of kind Invalid. The caller has checked who asks.
func Save(ctx context.Context, tx *db.Tx, p Place) (Place, Outcome, error) {
	if err := p.settle(); err != nil {
		return p, Same, err
	}
	was, err := listPlaces(ctx, tx, `WHERE source = $1 AND source_id = $2`, p.Source, p.SourceID)
	if err != nil {
		return p, Same, err
	}
	var old *Place
	if len(was) == 1 {
		old = &was[0]
	}
	outcome, err := p.write(ctx, tx, old)
	return p, outcome, err
}

// write stores p, which is settled, over the entry that was there, if any.
func (p *Place) write(ctx context.Context, tx *db.Tx, old *Place) (Outcome, error) {
	outcome := Added
	p.ID, p.ChangedAt = id.New(tx.Now), tx.Now
	if old != nil {
		p.ID, outcome = old.ID, Changed
		if p.equal(*old) {
			return Same, nil
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO place (id, kind, code, name, folded, alt, district, stated, lat, lon, source, source_id, licence, population, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (source, source_id) DO UPDATE SET kind = excluded.kind, code = excluded.code, name = excluded.name, folded = excluded.folded, alt = excluded.alt,
			district = excluded.district, stated = excluded.stated, lat = excluded.lat, lon = excluded.lon, licence = excluded.licence,
			population = excluded.population, changed_at = excluded.changed_at`,
		p.ID, string(p.Kind), p.Code, p.Name, foldName(p.Name), db.JSON[[]string]{V: append([]string{}, p.Alt...)}, p.District, p.Stated,
		p.Point.Lat, p.Point.Lon, p.Source, p.SourceID, p.Licence, p.Population, db.Time{Time: p.ChangedAt})
	if err != nil {
		return outcome, err
	}
	return outcome, p.writeNames(ctx, tx, outcome == Changed)
}

func (p *Place) writeNames(ctx context.Context, tx *db.Tx, again bool) error {
	if again {
		if _, err := tx.Exec(ctx, `DELETE FROM place_name WHERE place_id = $1`, p.ID); err != nil {
			return err
		}
	}
	for i, n := range p.names() {
		_, err := tx.Exec(ctx, `INSERT INTO place_name (place_id, folded, letters, main) VALUES ($1, $2, $3, $4)`,
			p.ID, n, utf8.RuneCountInString(n), i == 0)
		if err != nil {
			return err
		}
	}
	return nil
}

// equal reports whether nothing that a source gives differs.
func (p Place) equal(o Place) bool {
	same := p.Population == nil && o.Population == nil ||
		p.Population != nil && o.Population != nil && *p.Population == *o.Population
	return same && p.Kind == o.Kind && p.Code == o.Code && p.Name == o.Name && slices.Equal(p.Alt, o.Alt) && p.District == o.District &&
		p.Stated == o.Stated && p.Point == o.Point && p.Licence == o.Licence
}
