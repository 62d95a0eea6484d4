package geo

import (
	"context"
	"io"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
)

// MetresPerMile is the length of the miles on Belize's roads.
const MetresPerMile = 1609.344

// Mile is a place on a highway.
type Mile struct {
	Highway    string // its name
	Mile       float64
	Point      Point
	Calibrated bool // by surveyed mileposts; else counted from one end of the line
}

// highwayNames gives the names of today, folded, for those of before 2012 and
// 2021, which people still use.
var highwayNames = map[string]string{
	"western": "george price", "northern": "philip goldson", "southern": "thomas vincent ramos", "coastal": "coastal plain",
}

var mileText = regexp.MustCompile(`^(?:mile|miles|milla|mi|ml)\s*(\d+(?:\.\d+)?)(\s+1\s*/\s*2|½)?\s+(?:(?:on|of|the|de|del|en|la)\s+)*(.+)$`)

// FindMile reads text such as "mile 23 Hummingbird" or "Milla 8 1/2 Western
// Highway" and finds the point. found is false when the text is no mile, or no
// highway of that name is loaded. A mile beyond the end is a fault of kind
// Invalid.
func FindMile(ctx context.Context, tx *db.Tx, text string) (mile Mile, found bool, err error) {
	m := mileText.FindStringSubmatch(strings.TrimSpace(id.Fold(strings.ReplaceAll(text, ",", " "))))
	if m == nil {
		return Mile{}, false, nil
	}
	if mile.Mile, err = strconv.ParseFloat(m[1], 64); err != nil {
		return Mile{}, false, nil // a number too long to be a mile
	}
	if m[2] != "" {
		mile.Mile += 0.5
	}
	h, ok, err := findHighway(ctx, tx, bareHighway(m[3]))
	if err != nil || !ok {
		return Mile{}, false, err
	}
	mile.Highway = h.name
	mile.Point, mile.Calibrated, err = h.at(ctx, tx, mile.Mile)
	return mile, err == nil, err
}

// bareHighway folds a highway's name without the word for highway.
func bareHighway(name string) string {
	var words []string
	for _, w := range strings.Fields(foldName(name)) {
		if !slices.Contains([]string{"highway", "hwy", "road", "rd", "carretera"}, w) {
			words = append(words, w)
		}
	}
	s := strings.Join(words, " ")
	if today, ok := highwayNames[s]; ok {
		return today
	}
	return s
}

type highway struct {
	id, name, folded string
	metres           float64
}

func scanHighway(h *highway) []any { return []any{&h.id, &h.name, &h.folded, &h.metres} }

// findHighway finds the highway whose name is bare, begins with it, or differs
// by a letter or two, if it is the only such one.
func findHighway(ctx context.Context, tx *db.Tx, bare string) (highway, bool, error) {
	roads, err := db.List(ctx, tx, scanHighway, `SELECT id, name, folded, metres FROM highway ORDER BY folded`)
	if err != nil || bare == "" {
		return highway{}, false, err
	}
	for _, fits := range []func(string) bool{
		func(name string) bool { return name == bare },
		func(name string) bool { return strings.HasPrefix(name, bare) },
		func(name string) bool { return id.Edits(bare, name, 2) <= typos(bare) },
	} {
		var good []highway
		for _, h := range roads {
			if fits(h.folded) {
				good = append(good, h)
			}
		}
		if len(good) == 1 {
			return good[0], true, nil
		}
	}
	return highway{}, false, nil
}

// vertex is a point of a highway and its metres from the start of the line.
type vertex struct {
	Point
	metres float64
}

func scanVertex(v *vertex) []any { return []any{&v.Lat, &v.Lon, &v.metres} }

// at returns the point of a mile: between the mileposts around it, or beyond
// the last two; without two mileposts, that many miles from the line's start.
func (h highway) at(ctx context.Context, tx *db.Tx, mile float64) (p Point, calibrated bool, err error) {
	line, err := db.List(ctx, tx, scanVertex, `SELECT lat, lon, metres FROM highway_point WHERE highway_id = $1 ORDER BY seq`, h.id)
	if err != nil {
		return Point{}, false, err
	}
	posts, err := db.List(ctx, tx, scanVertex, `SELECT lat, lon, mile FROM milepost WHERE highway_id = $1 ORDER BY mile`, h.id)
	if err != nil {
		return Point{}, false, err
	}
	metres, calibrated := mile*MetresPerMile, len(posts) >= 2
	if calibrated {
		metres = calibrate(line, posts, mile)
	}
	if metres < 0 || metres > h.metres {
		return Point{}, calibrated, fault.New(fault.Invalid, "geo.mile_beyond", "road", h.name,
			"miles", math.Floor(h.metres/MetresPerMile), "mile", mile)
	}
	return along(line, metres), calibrated, nil
}

// calibrate turns a mile into metres along the line. Each post's metres field
// holds its mile.
func calibrate(line, posts []vertex, mile float64) float64 {
	i := sort.Search(len(posts), func(i int) bool { return posts[i].metres >= mile })
	i = min(max(i, 1), len(posts)-1)
	a, b := posts[i-1], posts[i]
	from, to := metresAt(line, a.Point), metresAt(line, b.Point)
	return from + (to-from)*(mile-a.metres)/(b.metres-a.metres)
}

// metresAt returns the metres along the line of its point nearest to p.
func metresAt(line []vertex, p Point) float64 {
	best, least := 0.0, math.Inf(1)
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		q := nearestOn(orb.Point{a.Lon, a.Lat}, orb.Point{b.Lon, b.Lat}, p, math.Cos(p.Lat*radian))
		if m := Distance(p, q); m < least {
			best, least = a.metres+Distance(a.Point, q), m
		}
	}
	return best
}

// along returns the point that many metres from the start of the line.
func along(line []vertex, metres float64) Point {
	i := sort.Search(len(line), func(i int) bool { return line[i].metres >= metres })
	if i == 0 || i == len(line) {
		return line[min(i, len(line)-1)].Point
	}
	a, b := line[i-1], line[i]
	t := (metres - a.metres) / (b.metres - a.metres)
	return Point{a.Lat + t*(b.Lat-a.Lat), a.Lon + t*(b.Lon-a.Lon)}
}

// SetMilepost enters a surveyed milepost of the highway called name, or moves
// it. With two or more, miles are counted between them. A highway that is not
// loaded is db.ErrNotFound. The caller has checked who asks.
func SetMilepost(ctx context.Context, tx *db.Tx, name string, mile float64, at Point) error {
	h, ok, err := findHighway(ctx, tx, bareHighway(name))
	if err != nil {
		return err
	}
	if !ok {
		return db.ErrNotFound
	}
	if !at.Valid() {
		return fault.New(fault.Invalid, "geo.point_beyond")
	}
	_, err = tx.Exec(ctx, `INSERT INTO milepost (highway_id, mile, lat, lon) VALUES ($1, $2, $3, $4)
		ON CONFLICT (highway_id, mile) DO UPDATE SET lat = excluded.lat, lon = excluded.lon`, h.id, mile, at.Lat, at.Lon)
	return err
}

const (
	// maxRoads is the largest file of roads that is read, in bytes.
	maxRoads = 64 << 20
	// joinGap is how far apart, in metres, two pieces of a road may end and
	// still be joined.
	joinGap = 5000
)

// ImportRoads reads GeoJSON lines that have a "name", joins the pieces of each
// highway into one line and stores it in place of the one of that name, whose
// mileposts stay. It returns how many highways it stored. The line starts at the
// end nearer to Belmopan, for want of an open source of where the miles begin.
func ImportRoads(ctx context.Context, tx *db.Tx, r io.Reader, source, licence string) (int, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxRoads))
	if err != nil {
		return 0, err
	}
	fc, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		return 0, fault.New(fault.Invalid, "geo.roads_unread").Wrap(err)
	}
	pieces, names := map[string]orb.MultiLineString{}, []string{}
	for _, f := range fc.Features {
		name, _ := f.Properties["name"].(string)
		lines := linesOf(f.Geometry)
		if bareHighway(name) == "" || len(lines) == 0 {
			continue
		}
		if pieces[name] == nil {
			names = append(names, name)
		}
		pieces[name] = append(pieces[name], lines...)
	}
	if len(names) == 0 {
		return 0, fault.New(fault.Invalid, "geo.roads_unread")
	}
	for _, name := range names {
		if err := saveHighway(ctx, tx, name, join(pieces[name]), source, licence); err != nil {
			return 0, err
		}
	}
	return len(names), nil
}

func linesOf(g orb.Geometry) (out orb.MultiLineString) {
	var all orb.MultiLineString
	switch g := g.(type) {
	case orb.LineString:
		all = orb.MultiLineString{g}
	case orb.MultiLineString:
		all = g
	}
	for _, l := range all {
		if len(l) >= 2 {
			out = append(out, l)
		}
	}
	return out
}

func latLon(p orb.Point) Point { return Point{Lat: p[1], Lon: p[0]} }

func lineLength(l orb.LineString) (metres float64) {
	for i := 1; i < len(l); i++ {
		metres += Distance(latLon(l[i-1]), latLon(l[i]))
	}
	return metres
}

// join makes one line of the pieces of a road: it begins with the longest and
// keeps adding, at either end, the piece that ends nearest, turned as it fits.
// Pieces that lie beside what is there (the other carriageway) or too far from
// its ends are left out.
func join(pieces orb.MultiLineString) orb.LineString {
	rest := slices.Clone(pieces)
	slices.SortStableFunc(rest, func(a, b orb.LineString) int { return int(lineLength(b) - lineLength(a)) })
	line := slices.Clone(rest[0])
	rest = rest[1:]
	for {
		best, least, front, turn := -1, float64(joinGap), false, false
		for i, piece := range rest {
			for _, c := range []struct {
				end, to     orb.Point
				front, turn bool
			}{
				{line[len(line)-1], piece[0], false, false},
				{line[len(line)-1], piece[len(piece)-1], false, true},
				{line[0], piece[len(piece)-1], true, false},
				{line[0], piece[0], true, true},
			} {
				if m := Distance(latLon(c.end), latLon(c.to)); m < least && !beside(line, piece) {
					best, least, front, turn = i, m, c.front, c.turn
				}
			}
		}
		if best < 0 {
			return fromBelmopan(line)
		}
		piece := slices.Clone(rest[best])
		rest = slices.Delete(rest, best, best+1)
		if turn {
			piece.Reverse()
		}
		if front {
			line = append(piece, line...)
		} else {
			line = append(line, piece...)
		}
	}
}

// beside reports whether a piece runs along the line: its middle is near it.
func beside(line, piece orb.LineString) bool {
	middle := latLon(piece[len(piece)/2])
	if len(piece) == 2 {
		middle = Point{(piece[0][1] + piece[1][1]) / 2, (piece[0][0] + piece[1][0]) / 2}
	}
	for i := 1; i < len(line); i++ {
		if Distance(middle, nearestOn(line[i-1], line[i], middle, math.Cos(middle.Lat*radian))) < 60 {
			return true
		}
	}
	return false
}

func fromBelmopan(line orb.LineString) orb.LineString {
	belmopan := Point{17.251, -88.759}
	if Distance(belmopan, latLon(line[len(line)-1])) < Distance(belmopan, latLon(line[0])) {
		line.Reverse()
	}
	return line
}

func saveHighway(ctx context.Context, tx *db.Tx, name string, line orb.LineString, source, licence string) error {
	hid, err := db.Get(ctx, tx, db.One[string], `INSERT INTO highway (id, name, folded, metres, source, licence) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (folded) DO UPDATE SET name = excluded.name, metres = excluded.metres, source = excluded.source, licence = excluded.licence
		RETURNING id`, id.New(tx.Now), name, bareHighway(name), lineLength(line), source, licence)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM highway_point WHERE highway_id = $1`, hid); err != nil {
		return err
	}
	metres := 0.0
	for i, p := range line {
		if i > 0 {
			metres += Distance(latLon(line[i-1]), latLon(p))
		}
		_, err := tx.Exec(ctx, `INSERT INTO highway_point (highway_id, seq, lat, lon, metres) VALUES ($1, $2, $3, $4, $5)`, hid, i, p[1], p[0], metres)
		if err != nil {
			return err
		}
	}
	return nil
}
