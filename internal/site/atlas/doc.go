// Package atlas lets others use the places: vector tiles with their TileJSON
// and one file for offline maps at /map, the gazetteer and the districts in the
// API, and the commands' way to fill the gazetteer.
//
// It promises that what is drawn or listed is public: districts and named
// places, which belong to nobody. A tile is the same bytes for the same data
// and is answered from the shared cache.
//
// It leaves the tiles of published tables to the catalogue, which knows who may
// read them, and drawing to package geo.
package atlas
