package story

import (
	"context"
	"embed"

	"ceiba/internal/face/api"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Story serves the pages that show several kinds.
type Story struct {
	DB     *db.DB
	Kinds  func() *record.Registry // known only once all modules are
	Policy func() *who.Policy
	Base   func() string // public address: "https://open.gov.bz"
}

// Module declares the pages, the feeds and their part of the API.
func (s *Story) Module() module.Module {
	return module.Module{Name: "story", Words: Words, Routes: s.routes, API: s.api, Nav: []module.Nav{
		{Key: "story.part", Path: "/take-part", Order: 7},
		{Key: "story.organisations", Path: "/organisations", Order: 60},
		{Key: "story.places", Path: "/places", Order: 65},
		{Key: "story.activity", Path: "/activity", Order: 70},
		{Key: "story.design", Path: "/design", Order: 95, Footer: true},
	}}
}

func (s *Story) routes(r *web.Routes) {
	r.Get("/{$}", web.Public, s.home, web.Daily)
	r.Get("/search", web.Public, s.search, web.Shared)
	r.Get("/take-part", web.Public, s.part) // not web.Shared: what is open changes with the clock
	r.Get("/places", web.Public, s.places, web.Shared)
	r.Get("/place/{code}", web.Public, s.place, web.Shared)
	r.Get("/promises", web.Public, s.promisesHome, web.Daily)
	r.Get("/promises/{district}", web.Public, s.promises, web.Daily)
	r.Get("/organisations", web.Public, s.organisations, web.Shared)
	r.Get("/organisations.csv", web.Public, s.organisationsCSV, web.Streams)
	r.Get("/organisation/{key}", web.Public, s.organisation, web.Shared)
	r.Get("/activity", web.Public, s.activity, web.Shared)
	r.Get("/activity.atom", web.Public, s.atom, web.Shared)
	r.Get("/activity.json", web.Public, s.jsonFeed, web.Shared)
	r.Get("/design", web.Public, s.design, web.Shared)
	r.Get("/activity.csv", web.Public, s.activityCSV, web.Streams, web.Limit(web.Heavy))
	s.recordList().Routes(r)
	s.entryList().Routes(r)
}

func (s *Story) api(a *api.API) {
	s.storyAPI(a)
	s.orgAPI(a)
	s.recordList().API(a)
	s.entryList().API(a)
}

// anybody is the reader for whom these pages are made: nobody in particular.
func (s *Story) anybody() who.Actor { return who.Nobody(s.Policy()) }

// cards describes records as everybody may see them, in the order of refs;
// what is not public is left out.
func (s *Story) cards(ctx context.Context, tx *db.Tx, refs []record.Ref) ([]record.Card, error) {
	found, err := s.describe(ctx, tx, refs)
	var out []record.Card
	for _, ref := range refs {
		if c, ok := found[ref]; ok {
			out = append(out, c)
		}
	}
	return out, err
}

func (s *Story) describe(ctx context.Context, tx *db.Tx, refs []record.Ref) (map[record.Ref]record.Card, error) {
	found, err := s.Kinds().Describe(ctx, tx, s.anybody(), refs)
	for ref, c := range found {
		if !c.Public {
			delete(found, ref)
		}
	}
	return found, err
}
