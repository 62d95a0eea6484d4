package atlas

import (
	"embed"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/geo"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Atlas serves tiles and places.
type Atlas struct {
	DB   *db.DB
	Base func() string // public address: "https://open.gov.bz"

	basemap basemap
}

// Module declares the routes.
func (a *Atlas) Module() module.Module {
	return module.Module{Name: "atlas", Words: Words, Routes: a.routes, API: a.api}
}

func (a *Atlas) routes(r *web.Routes) {
	r.Get("/map/{file}", web.Public, a.tileSet, web.Shared)
	r.Get("/map/{file}/{z}/{x}/{y}", web.Public, a.tile, web.Shared)
	r.Get("/map/belize.pmtiles", web.Public, a.pmtiles, web.Streams, web.Limit(web.Heavy))
}

// sets are the tile sets, by the name in their address.
func (a *Atlas) set(name string) (title string, layers []geo.Layer, ok bool) {
	districts, places := geo.DistrictLayer{}, geo.PlaceLayer(a.DB)
	switch name {
	case "districts":
		return districts.Info().Title, []geo.Layer{districts}, true
	case "places":
		return places.Info().Title, []geo.Layer{places}, true
	case "belize":
		return "Belize", []geo.Layer{districts, places}, true
	}
	return "", nil, false
}
