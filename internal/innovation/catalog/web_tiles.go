package catalog

import (
	"net/http"

	"ceiba/internal/face/tiles"
	"ceiba/internal/ground/fault"
	"ceiba/internal/innovation/catalog/rowmap"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/table/query"
)

// drawn opens a table as a layer of vector tiles.
func (c *Catalog) drawn(r *http.Request, show func(exploreView, geo.Layer) error) error {
	ctx := r.Context()
	in := ResourceInput{ID: r.PathValue("id"), Version: r.URL.Query().Get("version")}
	return c.with(ctx, in, func(v exploreView, t *query.Version) error {
		if v.M.Geo == nil {
			return fault.New(fault.NotFound, "catalog.no_places")
		}
		return show(v, rowmap.Layer{Table: t, Title: v.Resource.Title, Credit: v.Dataset.Title + " (" + v.Dataset.Licence + ")"})
	})
}

// tileSet answers with TileJSON: map programs take the layer by its address.
func (c *Catalog) tileSet(w http.ResponseWriter, r *http.Request) error {
	return c.drawn(r, func(v exploreView, layer geo.Layer) error {
		address := c.Base() + "/resource/" + v.Resource.ID + "/tiles/{z}/{x}/{y}.mvt"
		if version := r.URL.Query().Get("version"); version != "" {
			address += "?version=" + version
		}
		return tiles.Describe(w, geo.NewTileSet(v.Resource.Title, address, layer))
	})
}

func (c *Catalog) tile(w http.ResponseWriter, r *http.Request) error {
	return c.drawn(r, func(_ exploreView, layer geo.Layer) error { return tiles.Send(w, r, layer) })
}
