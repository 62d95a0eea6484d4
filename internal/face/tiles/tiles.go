// Package tiles sends layers of geo as vector tiles with their TileJSON, for maps
// on any site: the places of the atlas and the rows of tables alike.
package tiles

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
)

// Describe sends a TileJSON document, for maps on any site.
func Describe(w http.ResponseWriter, s geo.TileSet) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return json.NewEncoder(w).Encode(s)
}

// Send sends the vector tile that the address of a request names by its parts
// {z}, {x} and {y}, the last ending in ".mvt": 204 where nothing is, and a fault
// of kind Malformed for one that does not exist.
func Send(w http.ResponseWriter, r *http.Request, layers ...geo.Layer) error {
	last, ok := strings.CutSuffix(r.PathValue("y"), ".mvt")
	var at [3]int
	for i, part := range []string{r.PathValue("z"), r.PathValue("x"), last} {
		n, err := strconv.Atoi(part)
		if at[i] = n; err != nil || !ok {
			return fault.New(fault.Malformed, "geo.bad_tile")
		}
	}
	t, err := geo.MapTile(r.Context(), at[0], at[1], at[2], layers...)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if len(t.Raw) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h.Set("Content-Type", "application/vnd.mapbox-vector-tile")
	_, err = w.Write(t.Raw)
	return err
}
