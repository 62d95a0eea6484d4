// Package geo answers where: which district a point is in, what a place name
// means, what is near, and how to draw it.
//
// # What it is for
//
//   - Districts: DistrictAt finds the district of a point, ParseDistrict reads
//     one from the spellings that files and people use.
//   - Coordinates: ParsePoint reads decimal degrees, degrees with minutes and
//     seconds, and metres of UTM zone 16, and says which it read. Distance is
//     the great circle on a sphere of radius 6,371,008.8 m.
//   - Gazetteer: table place, filled by ImportGeoNames or ImportCSV. Search
//     finds names folded, by prefix and misspelt; Resolve turns "San Antonio
//     Toledo", "mile 23 Hummingbird" or "17.25, -88.76" into a point, or asks.
//   - Points of any table: Near (the exact k nearest), InBox, CountInBox and the
//     kept counts of Cells. Index does the same in memory.
//   - Drawing: Layer and MapTile (vector tiles), TileJSON, WriteBasemap (one
//     PMTiles file for offline use) and SVG (a map that needs no script).
//
// # What it promises
//
// Near equals a search through every row, in order, with ties by id, on both
// engines; a property test holds it to that over 10,000 points. An import can be
// stopped and repeated at any time and then changes nothing. Resolve never
// guesses among equals: it gives the candidates, each with its district. What is
// drawn is the same bytes for the same data.
//
// # Districts
//
// A point belongs to the district it is inside of, else to the nearest within
// 25 km (cayes and villages on the shore), else to none. Land of Mexico,
// Guatemala and Honduras more than a kilometre over the border is none, so that
// Chetumal is not in Corozal. The boundaries are Natural Earth's at 1:10 million,
// see SOURCES.md: they carry no small cayes, are good to about a kilometre, and
// are no statement about any border. Glover's and Lighthouse Reef, which they
// leave out, are added as points.
//
// # Limits
//
// Boxes do not cross the 180th meridian. Near and InBox read plain (lat, lon)
// indexes; counting or thinning more than about 200,000 points per request is
// slow (a second for a million), so wide views use Cells or an Index. Names are
// compared letter by letter, not by sound. The miles of a highway are counted
// from whichever end comes first in its file until mileposts are entered: where
// the official miles begin was not found in any open source.
//
// # Sources
//
// ISO 3166-2:BZ; RFC 7946 (GeoJSON, box order); Mapbox Vector Tile 2.1; TileJSON
// 3.0.0; PMTiles version 3; the GeoNames readme of its text format; C. F. F.
// Karney, "Transverse Mercator with an accuracy of a few nanometers" (2011) for
// Krüger's series.
package geo
