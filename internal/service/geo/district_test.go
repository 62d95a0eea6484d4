package geo

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/needtest"
)

// testdata opens a file of the shared test data, or skips with a word.
func testdata(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(needtest.Data(t), "geo", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// differing are the settlements whose district in GeoNames is not the one they
// lie in. For Ambergris Caye the boundaries are known to be right.
var differing = []string{
	"Ambergris Caye", "Barquedier Sierra", "Cowpen", "Crossing Landing Bank", "New Home",
	"Nuevo San Juan", "San Juan", "Trion Village", "Yalbac Camp",
}

// TestDistrictsAgreeWithGeoNames is acceptance test 28.
func TestDistrictsAgreeWithGeoNames(t *testing.T) {
	rows, err := csv.NewReader(testdata(t, "places-geonames.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	agree, differ := 0, []string{}
	for _, r := range rows[1:] {
		if r[0] == "" {
			continue // not from GeoNames, so it says no district of its own
		}
		lat, _ := strconv.ParseFloat(r[2], 64)
		lon, _ := strconv.ParseFloat(r[3], 64)
		d, ok := DistrictAt(Point{lat, lon})
		if !ok {
			t.Errorf("%s is outside Belize", r[1])
		}
		if r[1] == "San Pedro" && r[4] == "BZ-BZ" && d.Code != "BZ-BZ" {
			t.Errorf("San Pedro Town is in %s", d.Code)
		}
		if d.Code == r[4] {
			agree++
		} else {
			differ = append(differ, r[1])
		}
	}
	slices.Sort(differ)
	if agree < 443 || !slices.Equal(differ, differing) {
		t.Errorf("%d agree, want 443 or more; these differ: %q", agree, differ)
	}
}

func TestDistrictAt(t *testing.T) {
	for name, c := range map[string]struct {
		at   Point
		want string // "" is outside
	}{
		"Belmopan": {Point{17.2510, -88.7590}, "BZ-CY"}, "San Pedro Town": {Point{17.91598, -87.9659}, "BZ-BZ"},
		"the sea 3 km off Placencia": {Point{16.50, -88.33}, "BZ-SC"}, "Caye Caulker": {Point{17.73659, -88.02761}, "BZ-BZ"},
		"Chetumal in Mexico": {Point{18.5036, -88.3055}, ""}, "Melchor's far side in Guatemala": {Point{17.06, -89.20}, ""},
		"Flores in Guatemala": {Point{16.93, -89.89}, ""}, "Puerto Barrios in Guatemala": {Point{15.73, -88.59}, ""},
		"Santa Rosa, drawn 863 m over the border": {Point{18.4837, -88.45929}, "BZ-CZL"},
		"Half Moon Caye": {Point{17.205, -87.535}, "BZ-BZ"}, "Glover's Reef": {Point{16.75, -87.80}, "BZ-SC"},
		"the open sea": {Point{17.5, -86.9}, ""}, "London": {Point{51.5, -0.1}, ""}, "not a number": {Point{math.NaN(), -88}, ""},
	} {
		d, ok := DistrictAt(c.at)
		if ok != (c.want != "") || ok && d.Code != c.want {
			t.Errorf("%s: %q, %v; want %q", name, d.Code, ok, c.want)
		}
	}
}

func TestDistricts(t *testing.T) {
	km2 := map[string]float64{"BZ-BZ": 3565, "BZ-CY": 5267, "BZ-CZL": 1980, "BZ-OW": 4729, "BZ-SC": 2475, "BZ-TOL": 4367}
	if len(Districts()) != 6 {
		t.Fatalf("%d districts", len(Districts()))
	}
	for _, d := range Districts() {
		if got := areaKm2(d); math.Abs(got-km2[d.Code]) > 0.03*km2[d.Code] {
			t.Errorf("%s covers %.0f km², want about %.0f", d.Code, got, km2[d.Code])
		}
		if at, _ := DistrictAt(d.Label); at.Code != d.Code {
			t.Errorf("the label of %s stands in %s", d.Code, at.Code)
		}
		shape := d.Shape()
		shape[0][0][0][0] = 0
		if again, _ := DistrictByCode(d.Code); again.shape[0][0][0][0] == 0 {
			t.Error("Shape gives the outline itself away, not a copy")
		}
	}
}

// areaKm2 measures a district on UTM's grid, by the shoelace formula.
func areaKm2(d District) float64 {
	sum := 0.0
	for _, polygon := range d.Shape() {
		for i, ring := range polygon {
			area := 0.0
			for j := 1; j < len(ring); j++ {
				x1, y1 := ToUTM16(Point{ring[j-1][1], ring[j-1][0]})
				x2, y2 := ToUTM16(Point{ring[j][1], ring[j][0]})
				area += (x1*y2 - x2*y1) / 2
			}
			if area = math.Abs(area); i > 0 {
				area = -area // a hole
			}
			sum += area
		}
	}
	return sum / 1e6
}

func TestParseDistrict(t *testing.T) {
	for text, want := range map[string]string{
		"Stan Creek": "BZ-SC", "Stann Creek": "BZ-SC", "STANN  CREEK DISTRICT": "BZ-SC", "Belize District": "BZ-BZ", "Belize": "BZ-BZ",
		"BZE": "BZ-BZ", "bz-bz": "BZ-BZ", "CZL": "BZ-CZL", "Cayo District": "BZ-CY", "Distrito de Cayo": "BZ-CY", "Distrito de Belice": "BZ-BZ",
		"Orangewalk": "BZ-OW", "Orange Wlak": "BZ-OW", "Corosal": "BZ-CZL", "Toledo Dist.": "BZ-TOL", "Tolédo": "BZ-TOL", "(Toledo)": "BZ-TOL",
		"BZ.TO": "BZ-TOL", "BH05": "BZ-SC", "ow": "BZ-OW",
		"": "", "District": "", "Belize City": "", "Peten": "", "Orange Walk Town": "", "Chiquibul": "", "x": "", "Caye": "",
	} {
		if d, ok := ParseDistrict(text); d.Code != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", text, d.Code, ok, want)
		}
	}
}

// TestUTM compares with PROJ (npm proj4 2, EPSG:32616).
func TestUTM(t *testing.T) {
	for _, c := range []struct {
		at   Point
		e, n float64
	}{
		{Point{17.25, -88.76}, 312885.643, 1908064.037},
		{Point{17.49952, -88.19756}, 372862.710, 1935215.365},
		{Point{15.9, -89.2}, 264452.300, 1759113.321},
		{Point{18.49, -87.5}, 447216.268, 2044471.661},
		{Point{17, -87}, 500000, 1879555.036},
	} {
		if e, n := ToUTM16(c.at); math.Abs(e-c.e) > 0.002 || math.Abs(n-c.n) > 0.002 {
			t.Errorf("%v is %.3f E %.3f N, want %.3f E %.3f N", c.at, e, n, c.e, c.n)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(14, 20).Draw(t, "lat"), rapid.Float64Range(-91, -85).Draw(t, "lon")}
		e, n := ToUTM16(p)
		if m := Distance(p, FromUTM16(e, n)); m > 0.001 {
			t.Fatalf("%v comes back %g m away", p, m)
		}
	})
}

func TestParsePoint(t *testing.T) {
	capital := Point{17.25, -88.76}
	for text, want := range map[string]Reading{
		"17.25,-88.76": {capital, Decimal, false}, " 17.25  -88.76 ": {capital, Decimal, false}, "(17.25; -88.76)": {capital, Decimal, false},
		"-88.76, 17.25": {capital, Decimal, true}, "17,25; -88,76": {capital, Decimal, false}, "17.25°, -88.76°": {capital, Decimal, false},
		`17°15'00"N 88°45'36"W`: {capital, DMS, false}, `17° 15′ N, 88° 45.6′ W`: {capital, DMS, false}, "N 17 15 00 W 88 45 36": {capital, DMS, false},
		`88°45'36"O 17°15'N`: {capital, DMS, true}, "17.25N 88.76W": {capital, DMS, false},
		"312885.643 1908064.037": {capital, UTM, false}, "16Q 312886E 1908064N": {capital, UTM, false}, "UTM 16N 312886 1908064": {capital, UTM, false},
		"51.5, -0.1": {Point{51.5, -0.1}, Decimal, false},
	} {
		got, err := ParsePoint(text)
		if err != nil || got.Form != want.Form || got.Swapped != want.Swapped || Distance(got.Point, want.Point) > 1 {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "Belmopan", "17.25", "91, 181", "17°75'N 88°W", "17N 18N", "999999999 1", "1e400, 2", "nan, nan", "17.25, -88.76, 3"} {
		if got, err := ParsePoint(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %+v, %v; want a fault", text, got, err)
		}
	}
}

func TestDistance(t *testing.T) {
	quarter := math.Pi / 2 * EarthRadius
	for _, c := range []struct {
		a, b Point
		want float64
	}{
		{Point{0, 0}, Point{0, 0}, 0},
		{Point{0, 0}, Point{0, 90}, quarter},
		{Point{0, 0}, Point{90, 17}, quarter},
		{Point{10, 20}, Point{-10, -160}, 2 * quarter},
		{Point{0, 179}, Point{0, -179}, quarter / 45},
	} {
		if got := Distance(c.a, c.b); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%v to %v is %f, want %f", c.a, c.b, got, c.want)
		}
	}
}

// TestAroundHoldsTheCircle walks the rim of circles anywhere on the Earth.
func TestAroundHoldsTheCircle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Point{rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")}
		q := Point{rapid.Float64Range(-90, 90).Draw(t, "lat2"), rapid.Float64Range(-180, 180).Draw(t, "lon2")}
		if m := Distance(p, q); !Around(p, m).Contains(q) {
			t.Fatalf("%v is %f m from %v but not in its box %v", q, m, p, Around(p, m))
		}
		b, _ := BoxOf(q, Point{rapid.Float64Range(-90, 90).Draw(t, "lat3"), rapid.Float64Range(-180, 180).Draw(t, "lon3")})
		inside := Point{rapid.Float64Range(b.South, b.North).Draw(t, "y"), rapid.Float64Range(b.West, b.East).Draw(t, "x")}
		if bound := boxBound(p, b); bound > Distance(p, inside) {
			t.Fatalf("the bound %f of %v is beyond its point %v at %f", bound, b, inside, Distance(p, inside))
		}
	})
}

func TestParseBox(t *testing.T) {
	want := Box{South: 16, West: -89, North: 18, East: -88}
	for _, text := range []string{"-89,16,-88,18", " -89, 16, -88, 18 ", "-89,16,0,-88,18,900"} {
		if got, err := ParseBox(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1,2,3", "a,b,c,d", "-88,16,-89,18", "-89,18,-88,16", "-89,16,-88,99", "NaN,1,2,3"} {
		if _, err := ParseBox(text); fault.KindOf(err) != fault.Malformed {
			t.Errorf("%q: %v, want a fault of kind Malformed", text, err)
		}
	}
}
