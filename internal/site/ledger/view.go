package ledgersite

import (
	"context"
	"strings"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/ledger"
)

// explained are the paragraphs that explain the ledger, in their order.
var explained = []string{"what", "how", "witness", "pack", "erasure", "not"}

func checkpointFacts(ctx context.Context, v explainView) []ui.Pair {
	c := v.Checkpoint
	return []ui.Pair{
		{Term: i18n.T(ctx, "ledger.size"), Text: i18n.Number(ctx, c.Size)},
		{Term: i18n.T(ctx, "ledger.root"), Text: c.Root.String()},
		{Term: i18n.T(ctx, "ledgersite.signed"), Text: i18n.DateTime(ctx, c.At.Time)},
		{Term: i18n.T(ctx, "ledgersite.witnesses"), Text: witnesses(ctx, c), Note: i18n.T(ctx, "ledgersite.witnesses.note")},
		{Term: i18n.T(ctx, "ledgersite.origin"), Text: v.Origin},
	}
}

func witnesses(ctx context.Context, c ledger.Checkpoint) string {
	if c.Seen == 0 {
		return i18n.T(ctx, "ledgersite.witnesses.none")
	}
	return i18n.N(ctx, "ledger.witnesses", c.Seen)
}

func historyRows(ctx context.Context, list []ledger.Checkpoint) (rows [][]ui.Cell) {
	for _, c := range list {
		rows = append(rows, []ui.Cell{ui.Text(i18n.Number(ctx, c.Size)), ui.Text(i18n.DateTime(ctx, c.At.Time)), ui.Text(witnesses(ctx, c)), ui.Text(c.Root.String())})
	}
	return rows
}

// did is the word for what an entry tells, or the entry's own where no module
// has one.
func did(ctx context.Context, verb string) string {
	if i18n.Has(ctx, "did."+verb) {
		return i18n.T(ctx, "did."+verb)
	}
	return verb
}

func entryFacts(ctx context.Context, v Proved) []ui.Pair {
	e := v.Event
	facts := []ui.Pair{
		{Term: i18n.T(ctx, "ledgersite.what"), Text: did(ctx, e.Verb)},
		{Term: i18n.T(ctx, "ledgersite.when"), Text: i18n.DateTime(ctx, e.At.Time)},
		{Term: i18n.T(ctx, "ledgersite.who"), Text: actorName(ctx, v)},
		{Term: i18n.T(ctx, "ledgersite.record"), Text: recordTitle(ctx, v), Href: "/" + e.Kind + "/" + e.Record},
	}
	if e.Note != "" {
		facts = append(facts, ui.Pair{Term: i18n.T(ctx, "ledgersite.reason"), Text: e.Note})
	}
	return facts
}

func recordTitle(ctx context.Context, v Proved) string {
	if v.Event.Title != "" {
		return v.Event.Title
	}
	return v.Event.Kind + " " + v.Event.Record
}

func actorName(ctx context.Context, v Proved) string {
	if _, ok := system(v.Event.Actor); ok {
		return i18n.T(ctx, "ledgersite.system")
	}
	if v.Actor == "" {
		return i18n.T(ctx, "ledgersite.somebody")
	}
	return v.Actor
}

// proofText is the proof as somebody checks it by hand: the leaf, its
// neighbours from the leaf up, and the root they lead to.
func proofText(v Proved) string {
	return "leaf " + v.Leaf.String() + "\n" + strings.Join(hashes(v.Proof), "\n") + "\nroot " + v.Checkpoint.Root.String()
}

// said is the payload with its salt, which together make the digest.
func said(v Proved) string {
	salt, payload := payloadOf(&v.Event)
	return salt + "\n" + payload
}
