package pages

import (
	"net/http"

	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/web"
)

// publishRoutes are the files that hold everything.
func (p *Pages) publishRoutes(r *web.Routes) {
	r.Get("/ocds/compiled.jsonl", web.Public, p.lines(true), web.Streams, web.Limit(web.Heavy))
	r.Get("/ocds/releases.jsonl", web.Public, p.lines(false), web.Streams, web.Limit(web.Heavy))
	r.Get("/ocds/processes.csv", web.Public, func(w http.ResponseWriter, r *http.Request) error {
		return listing.CSV(w, r, "processes", p.pageOf)
	}, web.Streams, web.Limit(web.Heavy))
}

// lines sends releases as JSON lines, compressed where the reader takes that.
func (p *Pages) lines(compiled bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		name := "releases.jsonl"
		if compiled {
			name = "compiled.jsonl"
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		return p.writeLines(r.Context(), w, compiled)
	}
}

func (p *Pages) publishAPI(a *api.API) {
	get := func(path, summary string) api.Op {
		return api.Op{Method: http.MethodGet, Path: path, Access: web.Public, Tag: "contracting", Summary: summary}
	}
	api.Add(a, get("/ocds/records", "Record packages by OCDS 1.1.5 of all contracting processes, with links.next"), p.apiRecords)
	api.Add(a, get("/ocds/records/{ocid}", "A contracting process as a record package by OCDS 1.1.5, with its releases and its compiled release"), p.apiRecord)
	api.Add(a, get("/ocds/releases/{ocid}", "The releases of a contracting process as a release package by OCDS 1.1.5"), p.apiReleases)
}
