package ledgersite

import (
	"net/http"
	"strconv"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/ledger"
)

// open lets pages of any site read an answer: everything here is public.
func open(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }

// file serves the log's files by their tlog-tiles paths.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	path := strings.TrimPrefix(r.URL.Path, "/ledger/")
	f, err := p.Ledger().File(r.Context(), path)
	if err != nil {
		return err
	}
	h := w.Header()
	open(h)
	h.Set("Content-Type", f.Type)
	h.Set("Content-Length", strconv.Itoa(len(f.Body)))
	h.Set("Cache-Control", "public, no-cache")
	if f.Immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, err = w.Write(f.Body)
	return err
}

// explainView is what the first page shows.
type explainView struct {
	Checkpoint ledger.Checkpoint
	Some       bool // there is a checkpoint
	History    []ledger.Checkpoint
	Key        string
	Origin     string
	Base       string
}

func (p *Pages) explain(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := explainView{Key: p.Ledger().Key(), Origin: p.Ledger().Origin(), Base: p.Base()}
	var err error
	if v.Checkpoint, v.Some, err = p.latest(ctx); err != nil {
		return err
	}
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.History, err = ledger.History(ctx, tx, v.Checkpoint.Size, 10)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "ledger.title"), Description: i18n.T(ctx, "ledger.explain.what"),
		Canonical: p.Base() + "/ledger",
	}, explainPage(v))
}

func (p *Pages) entry(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.prove(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	title := i18n.T(ctx, "ledgersite.entry.title", "seq", v.Event.Seq)
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: title, Canonical: p.Base() + "/ledger/entry/" + v.Event.ID,
		Crumbs: []ui.Link{{Text: i18n.T(ctx, "ledgersite.nav"), Href: "/ledger"}},
	}, entryPage(title, v, p.Base()))
}

// pack gives the evidence about a record as a file.
func (p *Pages) pack(w http.ResponseWriter, r *http.Request) error {
	kind, key := r.PathValue("kind"), r.PathValue("id")
	pack, err := p.evidence(r.Context(), kind, key)
	if err != nil {
		return err
	}
	h := w.Header()
	open(h)
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="evidence-`+kind+`-`+key+`.json"`)
	h.Set("Cache-Control", "no-store") // every checkpoint makes another
	_, err = w.Write(pack)
	return err
}
