package answer

import (
	"context"
	"embed"

	"ceiba/internal/ground/db"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "answer", Files: files}

// Words are this module's sentences, keys "answer.…".
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may do what. For a call whose record has a Host, the host says
// who may "answer.box" and "answer.reply" instead.
var Rules = []who.Rule{
	{Action: "answer.box", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "answer.reply", Site: []who.Role{who.Secretariat}, Org: []who.Role{who.Official, who.Editor, who.Facilitator}},
	{Action: "input.give", Public: true},
	{Action: "input.support", Site: []who.Role{who.Resident}, Level: who.L1},
}

// Host is what a domain says about calls that belong to its records.
type Host struct {
	// May returns nil if actor may do action ("answer.box", "answer.reply") on
	// calls of the record of an id, and the reason why not otherwise.
	May func(ctx context.Context, tx *db.Tx, actor who.Actor, action, id string) error
}

// Office is where calls are made, inputs given and answers written. Its methods
// that take a Tx are parts of the caller's transaction.
type Office struct {
	DB *db.DB
	// Kinds knows the records that calls belong to and that replies changed.
	Kinds func() *record.Registry
	// Hosts are the domains that calls belong to, by the kind of the record.
	Hosts map[string]Host
	// Secret keys the digests of receipts. The same on every node, and kept
	// outside the database and its backups: losing it makes receipts unreadable.
	Secret []byte
}

// may asks who may act on calls of a record: its host, or else the rule for the
// organisation that answers.
func (o *Office) may(ctx context.Context, tx *db.Tx, actor who.Actor, action string, b Box) error {
	if h, ok := o.Hosts[b.Of.Kind]; ok && h.May != nil {
		return h.May(ctx, tx, actor, action, b.Of.ID)
	}
	return actor.Must(action, who.In(b.Org))
}

// May reports whether actor may do action on a call.
func (o *Office) May(ctx context.Context, tx *db.Tx, actor who.Actor, action string, b Box) bool {
	return actor.SignedIn() && o.may(ctx, tx, actor, action, b) == nil
}
