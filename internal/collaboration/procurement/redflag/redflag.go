// Package redflag asks the questions of package flag of every contracting process
// that is here, keeps those that stand, and the replies to them.
//
// A red flag is a question, never an accusation: each page says what else could
// explain it, by what formula it was found and from which values of which release, and
// what the organisations concerned reply. A reply stays, also when the question is
// not asked any more.
//
// All is asked again some minutes after something was written (Ask), in one pass over
// the compiled releases. What the last run came to, with how many could not be judged,
// is in the log with a digest over the questions that stand.
//
// Limits: only what is flagged is kept; what is clear or cannot be judged is counted.
// Whether an account speaks for the supplier is not checked: it replies in the name of
// its own organisation.
package redflag

import (
	"context"
	"embed"
	"encoding/json"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/flag"
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "redflag", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may reply: those who act for an organisation, in its name.
var Rules = []who.Rule{{Action: "redflag.reply", Org: []who.Role{who.Official, who.Editor, who.Member}}}

// Flag is a question that stands.
type Flag struct {
	ID      string
	Process string // id of the contracting process; empty where it is about something else
	Finding outcome.Finding
	Since   db.Time // first asked
}

// Rule is the rule of the question.
func (f *Flag) Rule() *flag.Rule { return RuleOf(f.Finding.Rule) }

// RuleOf is one of the 73 rules by its code; nil for none.
func RuleOf(code string) *flag.Rule {
	all := flag.Rules()
	if i := slices.IndexFunc(all, func(r flag.Rule) bool { return r.ID == code }); i >= 0 {
		return &all[i]
	}
	return nil
}

type row struct {
	Flag
	finding string
}

func rowFields(r *row) []any { return []any{&r.ID, &r.Process, &r.finding, &r.Since} }

func query(ctx context.Context, tx *db.Tx, where string, args ...any) (out []Flag, err error) {
	rows, err := db.List(ctx, tx, rowFields, `SELECT id, process, finding, since FROM redflag `+where, args...)
	for _, r := range rows {
		if err := json.Unmarshal([]byte(r.finding), &r.Finding); err != nil {
			return nil, err
		}
		out = append(out, r.Flag)
	}
	return out, err
}

// Find returns a question that stands, or db.ErrNotFound.
func Find(ctx context.Context, tx *db.Tx, name string) (Flag, error) {
	all, err := query(ctx, tx, `WHERE id = $1`, name)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return Flag{}, err
	}
	return all[0], nil
}

// Filter selects questions; the zero Filter selects all.
type Filter struct {
	Rule    string
	Process string // id
	Subject string
}

func (f Filter) where() (string, []any) {
	var conds []string
	var args []any
	for _, x := range []struct{ column, value string }{{"rule", f.Rule}, {"process", f.Process}, {"about", f.Subject}} {
		if x.value != "" {
			args = append(args, x.value)
			conds = append(conds, x.column+" = $"+string(rune('0'+len(args))))
		}
	}
	return strings.Join(append(conds, "TRUE"), " AND "), args
}

var order = db.Keyset{Columns: []string{"rule", "id"}}

// List returns questions by rule, and the cursor of those that follow.
func List(ctx context.Context, tx *db.Tx, f Filter, cursor string, limit int) (all []Flag, next string, err error) {
	where, args := f.where()
	after, more, err := order.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(args, more...)
	args = append(args, limit+1)
	all, err = query(ctx, tx, `WHERE `+where+` AND `+after+` `+order.OrderBy()+` LIMIT $`+string(rune('0'+len(args))), args...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].Finding.Rule, all[limit-1].ID)
	}
	return all, next, err
}

// Count is how many questions a filter selects.
func Count(ctx context.Context, tx *db.Tx, f Filter) (int, error) {
	where, args := f.where()
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM redflag WHERE `+where, args...)
}

// Reply is what an organisation says to a question.
type Reply struct {
	ID   string
	Org  string
	Text string
	At   db.Time
}

// Replies are those to a question, the oldest first.
func Replies(ctx context.Context, tx *db.Tx, name string) ([]Reply, error) {
	return db.List(ctx, tx, func(r *Reply) []any { return []any{&r.ID, &r.Org, &r.Text, &r.At} },
		`SELECT id, org, text, at FROM redflag_reply WHERE flag = $1 ORDER BY id LIMIT 200`, name)
}

// MaxReply is how many characters a reply may have.
const MaxReply = 5000

// Answer keeps a reply in the name of an organisation.
func Answer(ctx context.Context, tx *db.Tx, actor who.Actor, name, org, text string) error {
	f, err := Find(ctx, tx, name)
	if err != nil {
		return err
	}
	var wrong fault.Fields
	wrong.Require("org", org)
	wrong.Require("text", strings.TrimSpace(text))
	wrong.MaxLen("text", text, MaxReply)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := actor.Must("redflag.reply", who.In(org)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO redflag_reply (id, flag, org, by_person, text, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New(tx.Now), name, org, actor.ID, strings.TrimSpace(text), db.Time{Time: tx.Now}); err != nil {
		return err
	}
	of := record.Ref{Kind: "redflagrun", ID: name}
	if f.Process != "" {
		of = record.Ref{Kind: "contracting", ID: f.Process}
	}
	_, err = activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "redflag.replied", Kind: of.Kind, Record: of.ID, Org: org, Public: true, Title: f.Finding.Rule,
		After: map[string]string{"flag": name, "rule": f.Finding.Rule, "text": strings.TrimSpace(text)},
	})
	return err
}
