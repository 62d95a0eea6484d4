package geo

import (
	_ "embed"
	"fmt"
	"math"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/planar"
)

// Attribution is the credit of the embedded boundaries. Every map and file that
// shows them carries it.
const Attribution = "Made with Natural Earth"

const (
	// Offshore is how far, in metres, a point at sea or on a caye may lie from
	// a district and still belong to it.
	Offshore = 25_000
	// BorderDoubt is how far, in metres, the embedded border may be from the
	// true one. A point this little way inside a neighbour is given to the
	// nearest district. Of the settlements that GeoNames puts in Belize, Santa
	// Rosa in Corozal lies furthest over the drawn border, 863 m; the centre of
	// Chetumal in Mexico lies 2.4 km over it.
	BorderDoubt = 1_000
)

// atolls are the two that lie too far out for Offshore and that the boundaries
// leave out: where each is, and whose.
var atolls = []struct {
	district string
	at       Point
}{
	{"BZ-SC", Point{16.83, -87.78}}, // Glover's Reef
	{"BZ-BZ", Point{17.27, -87.53}}, // Lighthouse Reef
}

//go:embed districts.geojson
var districtsFile []byte

//go:embed neighbours.geojson
var neighboursFile []byte

// District is one of the six districts of Belize.
type District struct {
	Code     string // ISO 3166-2, such as BZ-CY
	Name     string // as on the map, without the word "District"
	Label    Point  // where its name stands well on a map
	Bounds   Box
	Wikidata string // item, such as Q508773
	GeoNames int64  // id
	Admin1   string // GeoNames' number of it within Belize, such as 02

	shape orb.MultiPolygon
}

// NameKey is the key of the district's name in locale/.
func (d District) NameKey() string { return "geo.district." + d.Code }

// Shape returns the outline, longitude before latitude, as a copy that the
// caller may change.
func (d District) Shape() orb.MultiPolygon { return d.shape.Clone() }

// Contains reports whether p is inside the outline or on it.
func (d District) Contains(p Point) bool {
	return d.Bounds.Contains(p) && planar.MultiPolygonContains(d.shape, orb.Point{p.Lon, p.Lat})
}

// Districts returns the six districts in the order of their codes.
func Districts() []District {
	return append([]District(nil), atlas().districts...)
}

// DistrictByCode returns the district with an ISO 3166-2 code.
func DistrictByCode(code string) (District, bool) {
	for _, d := range atlas().districts {
		if d.Code == code {
			return d, true
		}
	}
	return District{}, false
}

// DistrictAt returns the district of a point: the one it is inside of, else the
// nearest within Offshore, unless the point is on a neighbour's land. It
// returns false outside Belize.
func DistrictAt(p Point) (District, bool) {
	d, metres := NearestDistrict(p)
	limit := float64(Offshore)
	if metres > BorderDoubt && abroad(p) {
		limit = BorderDoubt
	}
	return d, metres <= limit
}

// NearestDistrict returns the district nearest to p and the distance in metres
// to its outline, or to the middle of its atolls; 0 when p is inside. Of two that share a border point it is
// the one whose code comes first. A point that is not on the Earth is
// infinitely far.
func NearestDistrict(p Point) (District, float64) {
	if !p.Valid() {
		return District{}, math.Inf(1)
	}
	districts := atlas().districts
	for _, d := range districts {
		if d.Contains(p) {
			return d, 0
		}
	}
	best, least := District{}, math.Inf(1)
	for _, d := range districts {
		if m := outlineDistance(d.shape, p); m < least {
			best, least = d, m
		}
	}
	for _, a := range atolls {
		if m := Distance(a.at, p); m < least {
			best, _ = DistrictByCode(a.district)
			least = m
		}
	}
	return best, least
}

// abroad reports whether p is on land of Mexico, Guatemala or Honduras.
func abroad(p Point) bool {
	for _, land := range atlas().neighbours {
		if planar.MultiPolygonContains(land, orb.Point{p.Lon, p.Lat}) {
			return true
		}
	}
	return false
}

// outlineDistance is the distance in metres from p to the nearest point of an
// outline: the nearest on the plane that touches the Earth at p, measured on
// the sphere. Within 100 km of p the plane misleads by less than 0.1 %.
func outlineDistance(m orb.MultiPolygon, p Point) float64 {
	shrink := math.Cos(p.Lat * radian)
	best, least := p, math.Inf(1)
	for _, polygon := range m {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				q := nearestOn(ring[i-1], ring[i], p, shrink)
				dx, dy := (q.Lon-p.Lon)*shrink, q.Lat-p.Lat
				if d := dx*dx + dy*dy; d < least {
					best, least = q, d
				}
			}
		}
	}
	return Distance(p, best)
}

// nearestOn returns the point of the segment a-b that is nearest to p. shrink
// is the cosine of p's latitude.
func nearestOn(a, b orb.Point, p Point, shrink float64) Point {
	ax, ay := (a[0]-p.Lon)*shrink, a[1]-p.Lat
	dx, dy := (b[0]-a[0])*shrink, b[1]-a[1]
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, -(ax*dx+ay*dy)/l))
	}
	return Point{Lat: a[1] + t*(b[1]-a[1]), Lon: a[0] + t*(b[0]-a[0])}
}

// borders is what the embedded files hold.
type borders struct {
	districts  []District
	neighbours []orb.MultiPolygon
}

// atlas parses the embedded files once; they are constants of the program.
var atlas = sync.OnceValue(func() borders {
	var b borders
	for _, f := range mustRead(districtsFile) {
		b.districts = append(b.districts, districtOf(f))
	}
	for _, f := range mustRead(neighboursFile) {
		b.neighbours = append(b.neighbours, f.Geometry.(orb.MultiPolygon))
	}
	return b
})

func mustRead(file []byte) []*geojson.Feature {
	fc, err := geojson.UnmarshalFeatureCollection(file)
	if err != nil {
		panic(fmt.Errorf("geo: the embedded boundaries: %w", err)) // a test reads them
	}
	return fc.Features
}

func districtOf(f *geojson.Feature) District {
	label := f.Properties["label"].([]any)
	shape := f.Geometry.(orb.MultiPolygon)
	return District{
		Code:     f.ID.(string),
		Name:     f.Properties.MustString("name"),
		Label:    Point{Lat: label[1].(float64), Lon: label[0].(float64)},
		Bounds:   boxOfBound(shape.Bound()),
		Wikidata: f.Properties.MustString("wikidata"),
		GeoNames: int64(f.Properties.MustFloat64("geonames")),
		Admin1:   f.Properties.MustString("admin1"),
		shape:    shape,
	}
}

func boxOfBound(b orb.Bound) Box {
	return Box{South: b.Min[1], West: b.Min[0], North: b.Max[1], East: b.Max[0]}
}
