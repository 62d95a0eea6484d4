package procurement

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

//go:embed sql/*.sql
var files embed.FS

// Schema is this module's part of the database.
var Schema = db.Schema{Module: "procurement", Files: files}

// Words are this module's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// Rules say who may take files in and write processes: officials and editors of the
// body, for it.
var Rules = []who.Rule{
	{Action: "procurement.write", Org: []who.Role{who.Official, who.Editor}},
}

// Process is a contracting process as it stands.
type Process struct {
	ID string
	Facts
	Org       string // the organisation that published it; empty if it is not here
	Buyer     string // name
	BuyerKey  string
	Suppliers string // names, joined by "; "
	Releases  int64
	Trouble   string // key of why not all of its releases could be merged; empty
	Digest    string // SHA-256 of the compiled release
	Created   db.Time
	Changed   db.Time
	Version   int

	minor    *int64
	currency string
	lat, lon *float64
}

// Ref names the process.
func (p *Process) Ref() record.Ref { return record.Ref{Kind: "contracting", ID: p.ID} }

const columns = `id, ocid, org, title, description, stage, method, details, category, buyer, buyer_key, suppliers, amount, currency, amount_of,
	latest, opened, closes, awarded, signed, bidders, district, lat, lon, releases, trouble, digest, created, changed, version`

func fields(p *Process) []any {
	return []any{
		&p.ID, &p.OCID, &p.Org, &p.Title, &p.Description, &p.Stage, &p.Method, &p.Details, &p.Category, &p.Buyer, &p.BuyerKey, &p.Suppliers,
		&p.minor, &p.currency, &p.AmountOf, &p.Latest, &p.Opened, &p.Closes, &p.Awarded, &p.Signed, &p.Bidders, &p.District, &p.lat, &p.lon,
		&p.Releases, &p.Trouble, &p.Digest, &p.Created, &p.Changed, &p.Version,
	}
}

// settle joins what the database has in columns.
func (p *Process) settle() {
	if p.minor != nil {
		p.Amount = &money.Amount{Minor: *p.minor, Currency: p.currency}
	}
	if p.lat != nil && p.lon != nil {
		p.Place = pointAt(*p.lat, *p.lon)
	}
}

func query(ctx context.Context, tx *db.Tx, q string, args ...any) ([]Process, error) {
	all, err := db.List(ctx, tx, fields, `SELECT `+columns+` FROM procurement_process `+q, args...)
	for i := range all {
		all[i].settle()
	}
	return all, err
}

// Find returns a process by its id or its ocid, with its parties and contracts, or
// db.ErrNotFound.
func Find(ctx context.Context, tx *db.Tx, name string) (Process, error) {
	all, err := query(ctx, tx, `WHERE id = $1 OR ocid = $1`, name)
	if err != nil {
		return Process{}, err
	}
	if len(all) == 0 {
		return Process{}, db.ErrNotFound
	}
	p := all[0]
	if p.Parties, err = db.List(ctx, tx, func(v *Party) []any { return []any{&v.Role, &v.Key, &v.Name} },
		`SELECT role, key, name FROM procurement_party WHERE process = $1 ORDER BY role, name, key`, p.ID); err != nil {
		return Process{}, err
	}
	p.Contracts, err = ContractsOf(ctx, tx, p.ID)
	return p, err
}

// ContractsOf are the contracts of a process in the order of its releases.
func ContractsOf(ctx context.Context, tx *db.Tx, process string) (out []Contract, err error) {
	type row struct {
		Contract
		minor    *int64
		currency string
	}
	rows, err := db.List(ctx, tx, func(r *row) []any {
		return []any{&r.Name, &r.Award, &r.Title, &r.Status, &r.minor, &r.currency, &r.Signed, &r.Starts, &r.Ends, &r.Supplier}
	}, `SELECT name, award, title, status, amount, currency, signed, starts, ends, supplier FROM procurement_contract WHERE process = $1 ORDER BY n`, process)
	for _, r := range rows {
		if r.minor != nil {
			r.Amount = &money.Amount{Minor: *r.minor, Currency: r.currency}
		}
		out = append(out, r.Contract)
	}
	return out, err
}

// Titles are the names of processes by their ids.
func Titles(ctx context.Context, tx *db.Tx, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	all, err := byID(ctx, tx, ids)
	for _, p := range all {
		out[p.ID] = p.Name()
	}
	return out, err
}

// Compiled is the compiled release of a process, as JSON.
func Compiled(ctx context.Context, tx *db.Tx, process string) (string, error) {
	return db.Get(ctx, tx, db.One[string], `SELECT compiled FROM procurement_process WHERE id = $1`, process)
}

// Filter selects processes; the zero Filter selects all.
type Filter struct {
	Words    string // each of which is in the title, the buyer's or a supplier's name, or the ocid
	Stage    Stage
	Method   string
	Category string
	District string
	Org      string // that published it
	Party    string // key of a party
	Role     string // of that party; empty for any
	Buyer    string // key
	Supplier string // key
	File     string // id of an import: at least one release came with it
	From, To string // civil dates of the latest release, both included
	Year     string // in which it was signed, else awarded, else last heard of
	Amount   string // WithAmount or WithoutAmount; empty for any
	Shared   string // yes: several suppliers together; no: at most one
	Currency string // NoCurrency for an amount without one
	Least    int64  // minor units of Currency
}

// What Filter.Amount selects.
const (
	WithAmount    = "agreed" // that its awards or contracts come to, and it was not called off
	WithoutAmount = "none"
)

// NoCurrency stands for a currency that is not said.
const NoCurrency = "NONE"

// What queries ask of a process.
const (
	agreed  = `(amount IS NOT NULL AND amount_of <> 'tender' AND stage <> 'cancelled')`
	several = `(SELECT count(*) FROM procurement_party y WHERE y.process = procurement_process.id AND y.role = 'supplier') > 1`
	year    = `substr(CASE WHEN signed <> '' THEN signed WHEN awarded <> '' THEN awarded ELSE latest END, 1, 4)`
)

// fixed are conditions for choices that are no values.
func (f Filter) fixed() (out []string) {
	for _, x := range []struct {
		is   bool
		cond string
	}{
		{f.Amount == WithAmount, agreed},
		{f.Amount == WithoutAmount, "NOT " + agreed},
		{f.Shared == "yes", several},
		{f.Shared == "no", "NOT " + several},
		{f.Currency == NoCurrency, "amount IS NOT NULL AND currency = ''"},
	} {
		if x.is {
			out = append(out, x.cond)
		}
	}
	return out
}

func (f Filter) where() (string, []any) {
	conds, args := append([]string{"TRUE"}, f.fixed()...), []any(nil)
	add := func(cond string, v any) {
		args = append(args, v)
		conds = append(conds, fmt.Sprintf(cond, len(args)))
	}
	for _, x := range []struct{ cond, value string }{
		{"stage = $%d", string(f.Stage)},
		{"method = $%d", f.Method},
		{"category = $%d", f.Category},
		{"district = $%d", f.District},
		{"org = $%d", f.Org},
		{"latest >= $%d", f.From},
		{"latest <= $%d", f.To},
		{"currency = $%d", strings.TrimPrefix(f.Currency, NoCurrency)},
		{year + " = $%d", f.Year},
		{"buyer_key = $%d", f.Buyer},
		{"EXISTS (SELECT 1 FROM procurement_party x WHERE x.process = procurement_process.id AND x.key = $%d AND x.role = 'supplier')", f.Supplier},
		{"EXISTS (SELECT 1 FROM procurement_release x WHERE x.process = procurement_process.id AND x.import = $%d)", f.File},
	} {
		if x.value != "" {
			add(x.cond, x.value)
		}
	}
	if f.Least > 0 {
		add("amount >= $%d", f.Least)
	}
	switch {
	case f.Party != "" && f.Role != "":
		add("EXISTS (SELECT 1 FROM procurement_party x WHERE x.process = procurement_process.id AND x.key = $%d", f.Party)
		add("x.role = $%d)", f.Role)
	case f.Party != "":
		add("EXISTS (SELECT 1 FROM procurement_party x WHERE x.process = procurement_process.id AND x.key = $%d)", f.Party)
	}
	for _, w := range strings.Fields(id.Fold(f.Words)) {
		add(`folded LIKE $%d ESCAPE '!'`, within(w))
	}
	return strings.Join(conds, " AND "), args
}

// within is the pattern of LIKE for texts that hold a word.
func within(word string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word) + "%"
}

var byDate = db.Keyset{Columns: []string{"latest", "id"}, Desc: true}

// List returns processes, those with the latest release first, and the cursor of
// those that follow.
func List(ctx context.Context, tx *db.Tx, f Filter, cursor string, limit int) (all []Process, next string, err error) {
	where, args := f.where()
	after, more, err := byDate.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, more...), limit+1)
	all, err = query(ctx, tx, fmt.Sprintf(`WHERE %s AND %s %s LIMIT $%d`, where, after, byDate.OrderBy(), len(args)), args...)
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].Latest, all[limit-1].ID)
	}
	return all, next, err
}

// Count is how many processes a filter selects.
func Count(ctx context.Context, tx *db.Tx, f Filter) (int, error) {
	where, args := f.where()
	return db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM procurement_process WHERE `+where, args...)
}
