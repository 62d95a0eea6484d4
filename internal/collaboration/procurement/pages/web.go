package pages

import (
	"context"
	"io"
	"net/http"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/collaboration/procurement/redflag"
	"ceiba/internal/face/api"
	"ceiba/internal/face/talk"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (p *Pages) routes(r *web.Routes) {
	p.processList().Routes(r)
	p.supplierList().Routes(r)
	p.buyerList().Routes(r)
	p.releaseList().Routes(r)
	p.fileList().Routes(r)
	p.faultList().Routes(r)
	p.publishRoutes(r)
	r.Get("/contracting/{id}", web.Public, p.show)
	r.Get("/contracting/{id}/compiled", web.Public, p.compiled)
	r.Get("/contracting/{id}/release/{digest}", web.Public, p.release)
	r.Get("/supplier/{key}", web.Public, p.dealer(procurement.Supplier), web.Shared)
	r.Get("/buyer/{key}", web.Public, p.dealer(procurement.Buyer), web.Shared)
	r.Get("/contractingfile/{id}", web.Public, p.file, web.Shared)
}

func (p *Pages) api(a *api.API) {
	p.processList().API(a)
	p.supplierList().API(a)
	p.buyerList().API(a)
	p.releaseList().API(a)
	p.fileList().API(a)
	p.faultList().API(a)
	p.publishAPI(a)
}

// processView is what the page of a process shows.
type processView struct {
	Process  procurement.Process
	Story    procurement.Story
	Unread   bool // the compiled release could not be read
	Releases []ContractingReleaseRow
	More     bool // there are older releases than those shown
	Files    map[string]string
	Edges    []record.Edge
	Asked    int // questions that stand about it
	Talk     talk.Talk
	Kinds    *record.Registry
	Base     string
}

// onStory is how many releases, documents and items the page of a process shows.
const onStory = 50

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if v.Process.ID != r.PathValue("id") {
		http.Redirect(w, r, v.Process.Ref().Path(), http.StatusMovedPermanently)
		return nil
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: v.Process.Name(), Description: saysShort(ctx, v.Process), Canonical: v.Base + v.Process.Ref().Path(), Wide: true,
		Crumbs: crumbs(ctx), Feeds: []ui.Feed{{Title: v.Process.Name(), Href: "/activity.atom?kind=contracting&record=" + v.Process.ID}},
	}, processPage(v))
}

func (p *Pages) load(r *http.Request) (v processView, err error) {
	ctx := r.Context()
	v.Base, v.Kinds = p.Base(), p.Kinds()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Process, err = procurement.Find(ctx, tx, r.PathValue("id")); err != nil {
			return err
		}
		whole, err := wholeOf(ctx, tx, v.Process)
		if err != nil {
			return err
		}
		if v.Story, err = procurement.StoryOf(whole); err != nil {
			v.Unread = true // it stays as it came; the page says so
		}
		rows, next, err := p.releaseRows(ctx, tx, ContractingReleaseQuery{Process: v.Process.ID}, "", onStory)
		if err != nil {
			return err
		}
		v.Releases, v.More = rows, next != ""
		if v.Files, err = procurement.FileNames(ctx, tx, filesOf(rows)); err != nil {
			return err
		}
		if v.Asked, err = redflag.Count(ctx, tx, redflag.Filter{Process: v.Process.ID}); err != nil {
			return err
		}
		ref := v.Process.Ref()
		if v.Talk, err = talk.Load(ctx, tx, v.Kinds, who.From(ctx), record.Card{Ref: ref, Org: v.Process.Org}, ref.Path()); err != nil {
			return err
		}
		v.Edges, err = v.Kinds.Edges(ctx, tx, who.From(ctx), ref)
		return err
	})
	return v, err
}

// toFollow is how many releases a page reads to tell how amounts changed.
const toFollow = 300

// wholeOf is the process with its releases, unless these are very many.
func wholeOf(ctx context.Context, tx *db.Tx, p procurement.Process) (procurement.Published, error) {
	if p.Releases <= toFollow {
		return procurement.Record(ctx, tx, p.ID)
	}
	compiled, err := procurement.Compiled(ctx, tx, p.ID)
	return procurement.Published{ID: p.ID, OCID: p.OCID, Compiled: compiled}, err
}

// compiled sends the compiled release as it is kept: its digest is of these bytes.
func (p *Pages) compiled(w http.ResponseWriter, r *http.Request) error {
	return p.text(w, r, func(tx *db.Tx) (string, error) {
		x, err := procurement.Find(r.Context(), tx, r.PathValue("id"))
		if err != nil {
			return "", err
		}
		return procurement.Compiled(r.Context(), tx, x.ID)
	})
}

// release sends a release as it is kept.
func (p *Pages) release(w http.ResponseWriter, r *http.Request) error {
	return p.text(w, r, func(tx *db.Tx) (string, error) {
		return procurement.ReleaseText(r.Context(), tx, r.PathValue("id"), r.PathValue("digest"))
	})
}

func (p *Pages) text(w http.ResponseWriter, r *http.Request, read func(tx *db.Tx) (string, error)) error {
	var body string
	if err := p.DB.View(r.Context(), func(tx *db.Tx) (err error) { body, err = read(tx); return err }); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err := io.WriteString(w, body)
	return err
}

// partyView is what the page of an organisation shows.
type partyView struct {
	Row   ContractingPartyRow
	Role  string
	Years []procurement.Dealer
	With  []ContractingPartyRow // in the other role
	More  bool
	Both  string // address of the same organisation in the other role; empty where it has none
	Data  *ui.Data
	cells [][]ui.Cell
}

// onParty is how many others the page of an organisation shows.
const onParty = 20

func (p *Pages) dealer(role string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		key, err := partyKey(r.PathValue("key"))
		if err != nil {
			return err
		}
		if at := partyPath(role, key); at != "/"+role+"/"+r.PathValue("key") {
			http.Redirect(w, r, at, http.StatusMovedPermanently)
			return nil
		}
		v := partyView{Role: role}
		if err := p.DB.View(ctx, func(tx *db.Tx) error { return p.fillParty(r, tx, &v, key) }); err != nil {
			return err
		}
		return web.Page(w, r, http.StatusOK, ui.Page{
			Title: v.Row.Name, Description: i18n.T(ctx, "procurement.party."+role+".lead"), Canonical: p.Base() + partyPath(role, key), Wide: true,
			Crumbs: crumbs(ctx, ui.Link{Text: i18n.T(ctx, "procurement."+role+"s.title"), Href: "/" + role + "s"}),
		}, partyPage(v))
	}
}

func (p *Pages) fillParty(r *http.Request, tx *db.Tx, v *partyView, key string) error {
	ctx := r.Context()
	d, err := procurement.FindDealer(ctx, tx, v.Role, key)
	if err != nil {
		return err
	}
	v.Row = p.partyRow(d, "")
	if v.Years, err = procurement.InYear(ctx, tx, v.Role, key); err != nil {
		return err
	}
	v.cells = p.yearRows(ctx, v.Years)
	other := otherRole(v.Role)
	rows, next, err := p.partyRows(ctx, tx, procurement.DealerFilter{Role: other, Other: key}, "", onParty)
	if err != nil {
		return err
	}
	v.With, v.More, v.Data = rows, next != "", p.partyData(v.Role, key)
	if _, err := procurement.FindDealer(ctx, tx, other, key); err == nil {
		v.Both = partyPath(other, key)
	} else if !missing(err) {
		return err
	}
	return nil
}

func otherRole(role string) string {
	if role == procurement.Buyer {
		return procurement.Supplier
	}
	return procurement.Buyer
}

// fileView is what the page of a file shows.
type fileView struct {
	Row    ContractingFileRow
	Faults []ContractingFaultRow
	Base   string
}

func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := fileView{Base: p.Base()}
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		t, err := procurement.FindImport(ctx, tx, r.PathValue("id"))
		if err != nil {
			return err
		}
		v.Row = p.fileRow(t)
		v.Faults, _, err = p.faultRows(ctx, tx, ContractingFaultQuery{File: t.ID}, "", onStory)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: titled(v.Row.Name, v.Row.ID), Description: i18n.T(ctx, "procurement.file.lead"), Canonical: v.Base + "/contractingfile/" + v.Row.ID, Wide: true,
		Crumbs: crumbs(ctx, ui.Link{Text: i18n.T(ctx, "procurement.files.title"), Href: "/contracting-files"}),
	}, filePage(v))
}
