package procurement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/id"
)

// Release is a release as it is kept.
type Release struct {
	ID     string
	Name   string // its own id
	Date   string // as it is written
	Tags   string // JSON
	Import string // id of the import; empty for one written here
	Old    bool   // of OCDS 1.0
	Digest string // SHA-256 of its text
	At     db.Time
	Text   string

	object *ocds.Object
	ocid   string
}

// arrival makes a release of an object.
func arrival(o *ocds.Object, old bool, from string) *Release {
	body := ocds.Append(nil, o)
	sum := sha256.Sum256(body)
	tags, _ := o.Get("tag")
	return &Release{
		Name: field.Text(o, "id"), Date: o.Text("date"), Tags: string(ocds.Append(nil, tags)), Import: from, Old: old, Digest: hex.EncodeToString(sum[:]),
		Text: string(body), object: o, ocid: o.Text("ocid"),
	}
}

// change is what releases make of one process.
type change struct {
	id       string // empty for a new process
	version  int    // that it was worked out from
	created  db.Time
	ocid     string
	org      string
	fresh    []*Release
	releases int64
	facts    Facts
	trouble  string
	compiled string
}

// known is what is here of a process before releases are taken.
type known struct {
	id, ocid, org string
	version       int
	created       db.Time
	digests       map[string]bool
	releases      []*Release
}

// prepare works out what releases change. They are of any processes; what is here
// already changes nothing. It reads from tx and writes nothing.
func prepare(ctx context.Context, tx *db.Tx, org string, releases []*Release) ([]*change, error) {
	var ocids []string
	by := map[string][]*Release{}
	for _, r := range releases {
		if by[r.ocid] == nil {
			ocids = append(ocids, r.ocid)
		}
		by[r.ocid] = append(by[r.ocid], r)
	}
	here, err := knownOf(ctx, tx, ocids)
	if err != nil {
		return nil, err
	}
	var changes []*change
	for _, ocid := range ocids {
		k := here[ocid]
		c := &change{ocid: ocid, org: org, id: k.id, version: k.version, created: k.created}
		if k.id != "" && k.org != "" {
			c.org = k.org
		}
		seen := k.digests
		for _, r := range by[ocid] {
			if !seen[r.Digest] {
				seen[r.Digest] = true
				c.fresh = append(c.fresh, r)
			}
		}
		if len(c.fresh) > 0 {
			changes = append(changes, c)
		}
	}
	return changes, settleAll(changes, here)
}

// knownOf reads the processes of ocids, with their releases.
func knownOf(ctx context.Context, tx *db.Tx, ocids []string) (map[string]*known, error) {
	out, by := map[string]*known{}, map[string]*known{}
	for _, o := range ocids {
		out[o] = &known{ocid: o, digests: map[string]bool{}}
	}
	in, args := db.In(1, ocids)
	found, err := db.List(ctx, tx, func(k *known) []any { return []any{&k.id, &k.ocid, &k.org, &k.version, &k.created} },
		`SELECT id, ocid, org, version, created FROM procurement_process WHERE ocid IN `+in, args...)
	if err != nil || len(found) == 0 {
		return out, err
	}
	var ids []string
	for _, k := range found {
		k.digests = map[string]bool{}
		out[k.ocid], by[k.id] = &k, &k
		ids = append(ids, k.id)
	}
	type row struct {
		Release
		process string
	}
	in, args = db.In(1, ids)
	rows, err := db.List(ctx, tx, func(r *row) []any { return []any{&r.process, &r.Digest, &r.Old, &r.Text} },
		`SELECT process, digest, old, text FROM procurement_release WHERE process IN `+in+` ORDER BY id`, args...)
	for i := range rows {
		k := by[rows[i].process]
		k.digests[rows[i].Digest] = true
		k.releases = append(k.releases, &rows[i].Release)
	}
	return out, err
}

// settleAll merges the releases of each changed process, on all processors.
func settleAll(changes []*change, here map[string]*known) error {
	var wg sync.WaitGroup
	errs := make([]error, min(runtime.GOMAXPROCS(0), len(changes)))
	for w := range errs {
		wg.Go(func() {
			for i := w; i < len(changes); i += len(errs) {
				if err := changes[i].settle(here[changes[i].ocid].releases); err != nil {
					errs[w] = err
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// settle merges the old and the fresh releases.
func (c *change) settle(old []*Release) error {
	var all []any
	version := schema.V10
	for _, r := range slices.Concat(old, c.fresh) {
		if r.object == nil {
			v, err := read.Value([]byte(r.Text), again)
			if err != nil {
				return err
			}
			r.object = v.(*ocds.Object)
		}
		all = append(all, r.object)
		if !r.Old {
			version = schema.V11
		}
	}
	c.releases = int64(len(all))
	compiled, trouble := mergeAll(merge.Standard(version), all)
	c.trouble, c.facts = trouble, FactsOf(compiled)
	c.facts.OCID = c.ocid
	c.compiled = string(ocds.Append(nil, compiled))
	return nil
}

// again are the limits for what was read before, and may be written longer now.
var again = func() read.Limits {
	l := read.Usual
	l.Bytes *= 6
	l.Repeats = true
	return l
}()

// mergeAll merges releases. Where that is not possible it leaves out those without a
// date, and else takes the last: trouble is then the key of why.
func mergeAll(rules *merge.Rules, all []any) (compiled *ocds.Object, trouble string) {
	got, err := merge.Compiled(rules, all)
	if err == nil {
		return got.Release, ""
	}
	trouble = "procurement.trouble." + merge.Inconsistent
	var f *merge.Fault
	if errors.As(err, &f) {
		trouble = "procurement.trouble." + f.Kind
	}
	dated := slices.DeleteFunc(slices.Clone(all), func(v any) bool { o, ok := v.(*ocds.Object); return !ok || o.Text("date") == "" })
	if len(dated) > 0 && len(dated) < len(all) {
		if got, err := merge.Compiled(rules, dated); err == nil {
			return got.Release, trouble
		}
	}
	last, _ := all[len(all)-1].(*ocds.Object)
	if got, err := merge.Compiled(rules, []any{last}); err == nil {
		return got.Release, trouble
	}
	return last, trouble
}

// write stores changes. It returns db.ErrConflict if a process is no longer as they
// were worked out from.
func write(ctx context.Context, tx *db.Tx, changes []*change) error {
	var processes, releases, parties, contracts [][]any
	var old []string
	now := db.Time{Time: tx.Now}
	for _, c := range changes {
		if c.id == "" {
			c.id, c.created = id.Nth(tx.Now, tx.Next()), now
			processes = append(processes, c.row(now))
		} else {
			old = append(old, c.id)
			if err := c.update(ctx, tx, now); err != nil {
				return err
			}
		}
		for _, r := range c.fresh {
			r.ID, r.At = id.Nth(tx.Now, tx.Next()), now
			releases = append(releases, []any{r.ID, c.id, r.Digest, r.Name, r.Date, r.Tags, r.Import, r.Old, r.At, r.Text})
		}
		for _, p := range c.facts.Parties {
			parties = append(parties, []any{c.id, p.Role, p.Key, p.Name})
		}
		for i, k := range c.facts.Contracts {
			minor, currency := minorOf(k)
			contracts = append(contracts, []any{c.id, i + 1, k.Name, k.Award, k.Title, k.Status, minor, currency, k.Signed, k.Starts, k.Ends, k.Supplier})
		}
	}
	for _, table := range []string{"procurement_party", "procurement_contract"} {
		in, args := db.In(1, old)
		if len(old) > 0 {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE process IN `+in, args...); err != nil {
				return err
			}
		}
	}
	for _, x := range []struct {
		into string
		rows [][]any
	}{
		{`INSERT INTO procurement_process (` + columns + `, folded, compiled)`, processes},
		{`INSERT INTO procurement_release (id, process, digest, name, date, tags, import, old, at, text)`, releases},
		{`INSERT INTO procurement_party (process, role, key, name)`, parties},
		{`INSERT INTO procurement_contract (process, n, name, award, title, status, amount, currency, signed, starts, ends, supplier)`, contracts},
	} {
		if _, err := db.InsertAll(ctx, tx, x.into, x.rows, ""); err != nil {
			if errors.Is(err, db.ErrExists) {
				err = db.ErrConflict
			}
			return err
		}
	}
	return nil
}

func minorOf(k Contract) (any, string) {
	if k.Amount == nil {
		return nil, ""
	}
	return k.Amount.Minor, k.Amount.Currency
}

// row is the process in the order of columns, with what is computed behind.
func (c *change) row(now db.Time) []any {
	f := &c.facts
	var minor, lat, lon any
	currency := ""
	if f.Amount != nil {
		minor, currency = f.Amount.Minor, f.Amount.Currency
	}
	if f.Place != nil {
		lat, lon = f.Place.Lat, f.Place.Lon
	}
	buyer, key, suppliers := f.sides()
	sum := sha256.Sum256([]byte(c.compiled))
	return []any{
		c.id, c.ocid, c.org, f.Title, f.Description, string(f.Stage), f.Method, f.Details, f.Category, buyer, key, suppliers,
		minor, currency, f.AmountOf, f.Latest, f.Opened, f.Closes, f.Awarded, f.Signed, f.Bidders, f.District, lat, lon,
		c.releases, c.trouble, hex.EncodeToString(sum[:]), c.created, now, c.version + 1,
		id.Fold(strings.Join([]string{f.Title, buyer, suppliers, c.ocid}, " ")), c.compiled,
	}
}

// sides are the buyer with its key, and the suppliers' names.
func (f *Facts) sides() (buyer, key, suppliers string) {
	var names []string
	for _, p := range f.Parties {
		switch p.Role {
		case Buyer:
			buyer, key = p.Name, p.Key
		case Supplier:
			names = append(names, p.Name)
		}
	}
	return buyer, key, strings.Join(names, "; ")
}

// update writes a process that is here already.
func (c *change) update(ctx context.Context, tx *db.Tx, now db.Time) error {
	names := append(strings.Fields(strings.ReplaceAll(columns, ",", " ")), "folded", "compiled")
	var sets []string
	for i, n := range names {
		if i > 0 {
			sets = append(sets, n+" = "+mark(i+1))
		}
	}
	row := c.row(now)
	return tx.MustChange(ctx, `UPDATE procurement_process SET `+strings.Join(sets, ", ")+` WHERE id = $1 AND version = `+mark(len(names)+1), append(row, c.version)...)
}

func mark(n int) string { return "$" + strconv.Itoa(n) }
