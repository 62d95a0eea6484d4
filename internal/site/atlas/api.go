package atlas

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/paulmach/orb/geojson"

	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
)

// PlaceBody is a place of the gazetteer.
type PlaceBody struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Names      []string `json:"names" doc:"Other names and spellings"`
	Kind       string   `json:"kind" doc:"town, village, neighbourhood, caye, area, facility, road, water or landform"`
	Code       string   `json:"code,omitempty" doc:"Feature code of GeoNames, finer than kind"`
	District   string   `json:"district" doc:"ISO 3166-2 code of the district it lies in"`
	Lat        float64  `json:"lat"`
	Lon        float64  `json:"lon"`
	Population *int64   `json:"population,omitempty"`
	Source     string   `json:"source"`
	SourceID   string   `json:"source_id"`
	Licence    string   `json:"licence"`
	URL        string   `json:"url"`
	Distance   *float64 `json:"distance,omitempty" doc:"Metres from the point asked about"`
}

func (a *Atlas) body(p geo.Place) PlaceBody {
	return PlaceBody{
		ID: p.ID, Name: p.Name, Names: append([]string{}, p.Alt...), Kind: string(p.Kind), Code: p.Code, District: p.District, Lat: p.Point.Lat, Lon: p.Point.Lon,
		Population: p.Population, Source: p.Source, SourceID: p.SourceID, Licence: p.Licence, URL: a.Base() + "/place/" + p.ID,
	}
}

type placesInput struct {
	Q        string  `query:"q" maxLength:"200" doc:"A name, its beginning, or nearly; a district may follow: \"San Antonio, Toledo\""`
	Near     string  `query:"near" doc:"lat,lon: the nearest places, nearest first"`
	Radius   float64 `query:"radius" minimum:"0" doc:"Metres, with near"`
	Box      string  `query:"bbox" doc:"west,south,east,north"`
	District string  `query:"district" doc:"ISO 3166-2, such as BZ-CY"`
	Kind     string  `query:"kind" doc:"One of the kinds that places have"`
	Limit    int     `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Cursor   string  `query:"cursor" doc:"next of the page before; not with near"`
}

type placesOutput struct {
	Body struct {
		Places      []PlaceBody `json:"places"`
		Next        string      `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
		Attribution string      `json:"attribution"`
	}
}

type placeInput struct {
	ID string `path:"id"`
}

type placeOutput struct{ Body PlaceBody }

type resolveInput struct {
	Q string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Coordinates, a place, a district, or a mile of a highway"`
}

// WhereBody is where something is.
type WhereBody struct {
	How      string      `json:"how" doc:"What was recognised"`
	Lat      float64     `json:"lat"`
	Lon      float64     `json:"lon"`
	District string      `json:"district" doc:"Empty outside Belize"`
	Place    *PlaceBody  `json:"place,omitempty"`
	Choices  []PlaceBody `json:"choices" doc:"When the name means several places; then there is no point"`
}

type whereOutput struct{ Body WhereBody }

type districtsOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (a *Atlas) api(x *api.API) {
	get := func(path, summary string) api.Op {
		return api.Op{Method: http.MethodGet, Path: path, Access: web.Public, Tag: "places", Summary: summary, Options: []web.Option{web.Shared}}
	}
	api.Add(x, get("/places", "Places by name, near a point, in a box, or all of them"), a.apiPlaces)
	api.Add(x, get("/places/{id}", "Read a place"), a.apiPlace)
	api.Add(x, get("/where", "Where something is: coordinates, a place name, a mile of a highway"), a.apiWhere)
	api.Add(x, get("/districts", "The six districts as GeoJSON"), a.apiDistricts)
}

func (a *Atlas) apiPlaces(ctx context.Context, in *placesInput) (*placesOutput, error) {
	out := &placesOutput{}
	out.Body.Places, out.Body.Attribution = []PlaceBody{}, geo.PlaceLayer(a.DB).Info().Attribution
	return out, a.DB.View(ctx, func(tx *db.Tx) (err error) {
		if in.Q != "" {
			return a.byName(ctx, tx, in, out)
		}
		table, hits := points(in), []geo.Hit(nil)
		if in.Near != "" {
			at, err := point(in.Near)
			if err != nil {
				return err
			}
			if hits, err = geo.Near(ctx, tx, table, at, in.Limit, in.Radius); err != nil {
				return err
			}
		} else {
			box := geo.Earth
			if in.Box != "" {
				if box, err = geo.ParseBox(in.Box); err != nil {
					return err
				}
			}
			if hits, out.Body.Next, err = geo.InBox(ctx, tx, table, box, in.Limit, in.Cursor); err != nil {
				return err
			}
		}
		return a.fill(ctx, tx, hits, in.Near != "", out)
	})
}

// points are the places of a district and a kind, where they are named.
func points(in *placesInput) geo.Points {
	table := geo.PlacePoints()
	var where []string
	for _, c := range []struct{ column, value string }{{"district", in.District}, {"kind", in.Kind}} {
		if c.value != "" {
			table.Args = append(table.Args, c.value)
			where = append(where, c.column+" = $"+strconv.Itoa(len(table.Args)))
		}
	}
	table.Where = strings.Join(where, " AND ")
	return table
}

// point reads "lat,lon".
func point(text string) (geo.Point, error) {
	lat, lon, _ := strings.Cut(text, ",")
	y, err1 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	x, err2 := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	p := geo.Point{Lat: y, Lon: x}
	if err1 != nil || err2 != nil || !p.Valid() {
		return p, fault.New(fault.Malformed, "geo.point_beyond")
	}
	return p, nil
}

func (a *Atlas) byName(ctx context.Context, tx *db.Tx, in *placesInput, out *placesOutput) error {
	found, err := geo.List(ctx, tx, geo.Question{Words: in.Q, District: in.District, Kind: geo.Kind(in.Kind), Limit: in.Limit, Cursor: in.Cursor})
	out.Body.Next = found.Next
	for _, m := range found.Places {
		out.Body.Places = append(out.Body.Places, a.body(m.Place))
	}
	return err
}

func (a *Atlas) fill(ctx context.Context, tx *db.Tx, hits []geo.Hit, measured bool, out *placesOutput) error {
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	places, err := geo.PlacesByID(ctx, tx, ids)
	for _, h := range hits {
		p, ok := places[h.ID]
		if !ok {
			continue
		}
		b := a.body(p)
		if measured {
			b.Distance = &h.Metres
		}
		out.Body.Places = append(out.Body.Places, b)
	}
	return err
}

func (a *Atlas) apiPlace(ctx context.Context, in *placeInput) (*placeOutput, error) {
	var places map[string]geo.Place
	if err := a.DB.View(ctx, func(tx *db.Tx) (err error) { places, err = geo.PlacesByID(ctx, tx, []string{in.ID}); return err }); err != nil {
		return nil, err
	}
	p, ok := places[in.ID]
	if !ok {
		return nil, db.ErrNotFound
	}
	return &placeOutput{a.body(p)}, nil
}

func (a *Atlas) apiWhere(ctx context.Context, in *resolveInput) (*whereOutput, error) {
	var answer geo.Answer
	err := a.DB.View(ctx, func(tx *db.Tx) (err error) { answer, err = geo.Resolve(ctx, tx, in.Q); return err })
	out := &whereOutput{WhereBody{Choices: []PlaceBody{}}}
	var several *geo.Ambiguous
	if errors.As(err, &several) {
		out.Body.How = "ambiguous"
		for _, p := range several.Choices {
			out.Body.Choices = append(out.Body.Choices, a.body(p))
		}
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	b := &out.Body
	b.How, b.Lat, b.Lon, b.District = string(answer.How), answer.Point.Lat, answer.Point.Lon, answer.District
	if answer.Place != nil {
		p := a.body(*answer.Place)
		b.Place = &p
	}
	return out, nil
}

func (a *Atlas) apiDistricts(ctx context.Context, _ *struct{}) (*districtsOutput, error) {
	layer := geo.DistrictLayer{}
	features, err := layer.Features(ctx, geo.Belize, 0)
	if err != nil {
		return nil, err
	}
	all := geojson.NewFeatureCollection()
	all.ExtraMembers = geojson.Properties{"attribution": layer.Info().Attribution, "note": layer.Info().Description}
	for _, f := range features {
		g := geojson.NewFeature(f.Shape)
		g.ID, g.Properties = f.ID, geojson.Properties{"id": f.ID, "name": f.Properties["name"]}
		all.Append(g)
	}
	text, err := json.Marshal(all)
	return &districtsOutput{ContentType: "application/geo+json", Body: text}, err
}
