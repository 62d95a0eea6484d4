package ledgersite

import (
	"context"
	"embed"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/ledger"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// Words are this package's sentences, keys "ledgersite.…". What explains the
// ledger is package ledger's.
//
//go:embed locale/*.json
var Words embed.FS

// Pages serves the log.
type Pages struct {
	DB     *db.DB
	Ledger func() *ledger.Ledger   // opened after the modules are put together
	Kinds  func() *record.Registry // known only once all modules are
	Nobody func() who.Actor        // for whom packs are made: what they may not see is in none
	Base   func() string           // public address of the site
}

// Module declares the pages.
func (p *Pages) Module() module.Module {
	return module.Module{
		Name: "ledgersite", Words: Words, Routes: p.routes, API: p.api,
		Nav: []module.Nav{{Key: "ledgersite.nav", Path: "/ledger", Order: 60, Footer: true}},
	}
}

func (p *Pages) routes(r *web.Routes) {
	r.Get("/ledger", web.Public, p.explain)
	r.Get("/ledger/checkpoint", web.Public, p.file)
	r.Get("/ledger/tile/{path...}", web.Public, p.file)
	r.Get("/ledger/entry/{id}", web.Public, p.entry)
	r.Get("/ledger/pack/{kind}/{id}", web.Public, p.pack, web.Limit(web.Heavy))
}

// latest returns the checkpoint that is published, and whether there is one.
func (p *Pages) latest(ctx context.Context) (ledger.Checkpoint, bool, error) {
	c, err := p.Ledger().Latest(ctx)
	if errors.Is(err, db.ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// Proved is one entry with the proof that it is in the log.
type Proved struct {
	Event      activity.Event
	Envelope   string
	Checkpoint ledger.Checkpoint
	Covered    bool // the checkpoint covers the entry; without it there is no proof yet
	Leaf       tlog.Hash
	Proof      tlog.RecordProof
	Actor      string // the name of who did it; empty for what is no person, or is erased
}

// prove returns a public entry with its proof, or db.ErrNotFound for one that
// is private, unknown or not yet in its place.
func (p *Pages) prove(ctx context.Context, entry string) (out Proved, err error) {
	var some bool
	if out.Checkpoint, some, err = p.latest(ctx); err != nil {
		return out, err
	}
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if out.Event, err = activity.Get(ctx, tx, entry); err != nil {
			return err
		}
		if !out.Event.Public || out.Event.Seq == 0 {
			return db.ErrNotFound
		}
		names, err := who.NamesOf(ctx, tx, []string{out.Event.Actor})
		if err != nil {
			return err
		}
		out.Actor = names[out.Event.Actor]
		out.Envelope = string(out.Event.Envelope())
		out.Leaf = tlog.RecordHash([]byte(out.Envelope))
		if out.Covered = some && out.Event.Seq <= out.Checkpoint.Size; !out.Covered {
			return nil
		}
		out.Proof, err = ledger.ProveInclusion(ctx, tx, out.Checkpoint.Size, out.Event.Seq)
		return err
	})
	return out, err
}

// evidence makes the pack of a record that anybody may see.
func (p *Pages) evidence(ctx context.Context, kind, key string) (pack []byte, err error) {
	ref := record.Ref{Kind: kind, ID: key}
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		card, err := p.Kinds().One(ctx, tx, p.Nobody(), ref)
		if err != nil {
			return err
		}
		if !card.Public {
			return db.ErrNotFound
		}
		pack, err = p.Ledger().Pack(ctx, tx, ref.Kind, ref.ID)
		return err
	})
	return pack, err
}

// hashes gives a proof as text, the nearest neighbour first.
func hashes(proof tlog.RecordProof) []string {
	out := make([]string, len(proof))
	for i, h := range proof {
		out[i] = h.String()
	}
	return out
}

// system tells the program's own work, and commands, from people.
func system(actor string) (name string, ok bool) { return strings.CutPrefix(actor, "system:") }

// payloadOf returns what the entry said and the salt of its digest, in
// hexadecimal; both are empty once erased.
func payloadOf(e *activity.Event) (salt, payload string) {
	s, p := e.Payload()
	return hex.EncodeToString(s), string(p)
}
