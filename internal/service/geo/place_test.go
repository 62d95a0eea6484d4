package geo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/dbtest"
	"ceiba/internal/ground/fault"
)

func view(t testing.TB, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	ctx := context.Background()
	if err := d.View(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }); err != nil {
		t.Fatal(err)
	}
}

func counts(r Import) [4]int { return [4]int{r.Added, r.Changed, r.Same, r.Skipped} }

func TestImportCSV(t *testing.T) {
	file, err := io.ReadAll(testdata(t, "places-geonames.csv"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i, want := range [][4]int{{474, 0, 0, 0}, {0, 0, 474, 0}} {
			if got, err := ImportCSV(ctx, d, bytes.NewReader(file)); err != nil || counts(got) != want {
				t.Errorf("time %d: %+v, %v; want %v", i+1, got, err, want)
			}
		}
		moved := strings.Replace(string(file), "Belize City,17.49952", "Belize City,17.49", 1)
		if got, err := ImportCSV(ctx, d, strings.NewReader(moved)); err != nil || counts(got) != [4]int{0, 1, 473, 0} {
			t.Errorf("one place moved: %+v, %v", got, err)
		}
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			hits, err := Near(ctx, tx, PlacePoints(), Point{17.49, -88.19756}, 1, 0)
			if err != nil || len(hits) != 1 || hits[0].Metres != 0 {
				t.Fatalf("nearest: %v, %v", hits, err)
			}
			p, err := PlaceByID(ctx, tx, hits[0].ID)
			if p.Title() != "Belize City, Belize" || p.Kind != Town || *p.Population != 61461 || p.Source != GeoNames || p.SourceID != "3582677" {
				t.Errorf("%+v", p)
			}
			return err
		})
	}, Schema)
}

func TestImportCSVNamesWhatItSkips(t *testing.T) {
	const file = "\ufeffName,Lat,Lon,District,Population\n" +
		"Good,17.2,-88.7,Cayo,5\n" + // line 2
		"No number,seventeen,-88.7,,\n" +
		"Abroad,18.5036,-88.3055,,\n" +
		",17.2,-88.7,,\n" +
		"Where,17.2,-88.7,Peten,\n" +
		"\"Two\nlines\",17.1,-88.7,,\n" + // lines 7 and 8
		"Short,17.2\n" +
		"People,17.2,-88.7,,many\n" +
		"Bad\xffbytes,17.2,-88.7,,\n" +
		"!!!,17.2,-88.7,,\n"
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		got, err := ImportCSV(context.Background(), d, strings.NewReader(file))
		if err != nil || counts(got) != [4]int{2, 0, 0, 8} {
			t.Fatalf("%+v, %v", got, err)
		}
		var lines []int
		for _, s := range got.Reasons {
			lines = append(lines, s.Line)
			if fault.KindOf(s.Err) != fault.Invalid {
				t.Errorf("line %d: %v is no sentence for a person", s.Line, s.Err)
			}
		}
		if want := []int{3, 4, 5, 6, 9, 10, 11, 12}; !slices.Equal(lines, want) {
			t.Errorf("lines %v, want %v", lines, want)
		}
		if _, err := ImportCSV(context.Background(), d, strings.NewReader("name,lat\nx,1\n")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a column is missing: %v", err)
		}
		if _, err := ImportCSV(context.Background(), d, strings.NewReader("")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an empty file: %v", err)
		}
	}, Schema)
}

// geoNamesLine writes a line of GeoNames' format.
func geoNamesLine(gid, name, alt, lat, lon, class, code, country, admin1, people string) string {
	return strings.Join([]string{gid, name, "", alt, lat, lon, class, code, country, "", admin1, "", "", "", people, "", "12", "America/Belize", "2022-03-01"}, "\t") + "\n"
}

func TestImportGeoNames(t *testing.T) {
	file := geoNamesLine("3582672", "Belmopan", "Belmopán,Бельмопан,Belmopan", "17.25", "-88.76687", "P", "PPLC", "BZ", "02", "13381") +
		geoNamesLine("3582431", "Caye Caulker", "Cayo Corker", "17.74", "-88.03", "T", "ISL", "BZ", "01", "0") +
		geoNamesLine("7602111", "Ambergris Caye", "", "17.93954", "-87.94702", "T", "ISL", "BZ", "03", "0") +
		geoNamesLine("1", "Chetumal", "", "18.5", "-88.3", "P", "PPLA", "MX", "23", "1") +
		"3582672\tshort line\n" +
		geoNamesLine("x", "No id", "", "17", "-88.7", "P", "PPL", "BZ", "02", "") +
		geoNamesLine("2", "Nul\x00", "", "17", "-88.7", "P", "PPL", "BZ", "02", "") +
		geoNamesLine("3", strings.Repeat("long", 1<<18), "", "17", "-88.7", "P", "PPL", "BZ", "02", "") +
		geoNamesLine("3582672", "Belmopan City", "", "17.25", "-88.76687", "P", "PPLC", "BZ", "02", "13381")
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		got, err := ImportGeoNames(context.Background(), d, strings.NewReader(file))
		if err != nil || counts(got) != [4]int{3, 1, 0, 4} || got.Elsewhere != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			places, err := listPlaces(ctx, tx, `ORDER BY name`)
			if len(places) != 3 {
				t.Fatalf("%+v", places)
			}
			if p := places[0]; p.Kind != Caye || p.District != "BZ-BZ" || p.Stated != "BZ-CZL" || p.Population != nil {
				t.Errorf("Ambergris Caye is %+v: the boundaries, not the source, say where it is", p)
			}
			if p := places[1]; p.Name != "Belmopan City" || p.Kind != Town || len(p.Alt) != 0 {
				t.Errorf("the later line did not win: %+v", p)
			}
			found, err2 := Search(ctx, tx, "cayo corker", 5)
			if len(found) != 1 || found[0].Fit != FitAlt {
				t.Errorf("by another name: %+v", found)
			}
			return errors.Join(err, err2)
		})
	}, Schema)
}

// gazetteer fills a database with the places and roads of the test data.
func gazetteer(t testing.TB, d *db.DB) {
	t.Helper()
	ctx := context.Background()
	if _, err := ImportCSV(ctx, d, testdata(t, "places-geonames.csv")); err != nil {
		t.Fatal(err)
	}
	roads, err := io.ReadAll(testdata(t, "roads-main-osm-odbl.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // again changes nothing
		err = d.Update(ctx, func(tx *db.Tx) error {
			_, err := ImportRoads(ctx, tx, bytes.NewReader(roads), "OpenStreetMap", "ODbL 1.0")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestResolve holds acceptance test 39 for places.
func TestResolve(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		gazetteer(t, d)
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			for text, want := range map[string]struct {
				how      How
				district string
				name     string
			}{
				"San Antonio Toledo": {ByPlace, "BZ-TOL", "San Antonio"}, "san antonio, tol": {ByPlace, "BZ-TOL", "San Antonio"},
				"Lords Bank": {ByPlace, "BZ-BZ", "Lord’s Bank"}, "lord's bank": {ByPlace, "BZ-BZ", "Lord’s Bank"},
				"St Margaret": {ByPlace, "BZ-CY", "St. Margaret"}, "Placencia, Belize": {ByPlace, "BZ-SC", "Placencia"},
				"Plasencia": {BySpelling, "BZ-SC", "Placencia"}, "Orange Walk, Orange Walk": {ByPlace, "BZ-OW", "Orange Walk"},
				"Toledo District": {ByDistrict, "BZ-TOL", ""}, "17.25,-88.76": {ByCoordinates, "BZ-CY", ""},
				"mile 23 humingbird": {ByMile, "BZ-CY", ""},
			} {
				a, err := Resolve(ctx, tx, text)
				if err != nil || a.How != want.how || a.District != want.district || want.name != "" && a.Place.Name != want.name {
					t.Errorf("%q: %+v, %v; want %+v", text, a, err, want)
				}
			}
			return ambiguous(t, ctx, tx)
		})
	}, Schema)
}

func ambiguous(t *testing.T, ctx context.Context, tx *db.Tx) error {
	t.Helper()
	_, err := Resolve(ctx, tx, "san antonio")
	var ask *Ambiguous
	if !errors.As(err, &ask) || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("san antonio: %v, want a question", err)
	}
	var districts []string
	for _, p := range ask.Choices {
		districts = append(districts, p.District)
	}
	slices.Sort(districts)
	if len(slices.Compact(districts)) < 3 {
		t.Errorf("choices in %v", districts)
	}
	if _, err := Resolve(ctx, tx, "Atlantis"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Atlantis: %v", err)
	}
	one, err := Resolve(ctx, tx, ask.Choices[0].ID)
	if one.How != ByID || one.Place.ID != ask.Choices[0].ID {
		t.Errorf("by id: %+v", one)
	}
	return err
}

func TestSearch(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		gazetteer(t, d)
		view(t, d, func(ctx context.Context, tx *db.Tx) error {
			for text, want := range map[string]string{
				"belmo": "Belmopan", "BELIZE CIT": "Belize City", "dangrga": "Dangriga", "bight": "Commerce Bight Village", "corozal": "Corozal",
				"San Jose Orange Walk": "San Jose", "benque": "Benque Viejo el Carmen", "100%": "", "": "", "'": "", "zzzzzz": "",
			} {
				found, err := Search(ctx, tx, text, 5)
				if err != nil {
					return err
				}
				if len(found) == 0 != (want == "") || len(found) > 5 || len(found) > 0 && found[0].Name != want {
					t.Errorf("%q: %+v, want %q first", text, found, want)
				}
			}
			return nil
		})
	}, Schema)
}

func TestMileposts(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, d *db.DB) {
		gazetteer(t, d)
		ctx := context.Background()
		mile := func(text string) (m Mile, found bool, err error) {
			d.View(ctx, func(tx *db.Tx) error { m, found, err = FindMile(ctx, tx, text); return nil })
			return m, found, err
		}
		m, found, err := mile("Mile 23 Hummingbird Highway")
		if want := (Point{17.0875, -88.6062}); !found || err != nil || m.Calibrated || Distance(m.Point, want) > 500 {
			t.Errorf("mile 23 is %+v, %v, %v; want near %v", m, found, err, want)
		}
		if _, found, err := mile("mile 400 Hummingbird"); found || fault.KindOf(err) != fault.Invalid {
			t.Errorf("mile 400: %v, %v", found, err)
		}
		for _, text := range []string{"mile 5 Nowhere Road", "Hummingbird", "mile Hummingbird", ""} {
			if _, found, err := mile(text); found || err != nil {
				t.Errorf("%q: %v, %v", text, found, err)
			}
		}
		far, _, _ := mile("milla 40 de la hummingbird")
		// Surveyed posts that count from the other end, mile 0 at our mile 40.
		err = d.Update(ctx, func(tx *db.Tx) error {
			return errors.Join(SetMilepost(ctx, tx, "Hummingbird Highway", 0, far.Point), SetMilepost(ctx, tx, "hummingbird", 17, m.Point))
		})
		if err != nil {
			t.Fatal(err)
		}
		turned, _, err := mile("mile 8 1/2 Hummingbird Hwy")
		plain := math.Abs(Distance(turned.Point, m.Point) - Distance(turned.Point, far.Point))
		if err != nil || !turned.Calibrated || Distance(turned.Point, far.Point) < 5000 || plain > 15_000 {
			t.Errorf("between two posts: %+v, %v", turned, err)
		}
		err = d.Update(ctx, func(tx *db.Tx) error { return SetMilepost(ctx, tx, "Nowhere", 1, far.Point) })
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a post of no highway: %v", err)
		}
	}, Schema)
}
