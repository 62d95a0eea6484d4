package procurement

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/money"
)

// Dealer is an organisation as it buys, or as it wins: its processes, or those of
// them that it has with one other.
type Dealer struct {
	Party
	Processes int
	Sums      []money.Amount // in each currency: of awards and contracts that are its own
	Shared    int            // processes with an amount that several suppliers share
	Without   int            // processes without an agreed amount, or called off
}

// DealerFilter selects organisations.
type DealerFilter struct {
	Role  string // Buyer or Supplier
	Key   string // that one alone
	Other string // only with this one, in the other role: its key
	Words string // each of which is in the name
}

func (f DealerFilter) other() string {
	if f.Role == Buyer {
		return Supplier
	}
	return Buyer
}

// from is the part of a query that finds the parties of f, called x.
func (f DealerFilter) from() (string, []any) {
	args := []any{f.Role}
	add := func(v any) string { args = append(args, v); return mark(len(args)) }
	q, conds := ` FROM procurement_party x`, ` WHERE x.role = $1`
	if f.Other != "" {
		q += ` JOIN procurement_party o ON o.process = x.process AND o.role = ` + add(f.other()) + ` AND o.key = ` + add(f.Other)
	}
	if f.Key != "" {
		conds += ` AND x.key = ` + add(f.Key)
	}
	for _, w := range strings.Fields(strings.ToLower(f.Words)) {
		conds += ` AND lower(x.name) LIKE ` + add(within(w)) + ` ESCAPE '!'`
	}
	return q + conds, args
}

var byProcesses = db.Keyset{Columns: []string{"n", "key"}, Desc: true}

// Dealers returns organisations, those with the most processes first, and the cursor
// of those that follow.
func Dealers(ctx context.Context, tx *db.Tx, f DealerFilter, cursor string, limit int) (all []Dealer, next string, err error) {
	from, args := f.from()
	after, more, err := byProcesses.After(cursor, len(args)+1)
	if err != nil {
		return nil, "", err
	}
	args = append(append(args, more...), limit+1)
	all, err = db.List(ctx, tx, func(d *Dealer) []any { return []any{&d.Key, &d.Name, &d.Processes} },
		`SELECT key, name, n FROM (SELECT x.key AS key, max(x.name) AS name, count(*) AS n`+from+` GROUP BY x.key) t WHERE `+after+` `+byProcesses.OrderBy()+` LIMIT `+mark(len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	if len(all) > limit {
		all = all[:limit]
		next = db.Cursor(all[limit-1].Processes, all[limit-1].Key)
	}
	at, keys := map[string]*Dealer{}, []string{}
	for i := range all {
		all[i].Role = f.Role
		at[all[i].Key], keys = &all[i], append(keys, all[i].Key)
	}
	sums, err := f.sums(ctx, tx, "''", keys)
	for _, s := range sums {
		at[s.key].add(s)
	}
	return all, next, err
}

// FindDealer returns one organisation in a role, or db.ErrNotFound.
func FindDealer(ctx context.Context, tx *db.Tx, role, key string) (Dealer, error) {
	all, _, err := Dealers(ctx, tx, DealerFilter{Role: role, Key: key}, "", 1)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return Dealer{}, err
	}
	return all[0], nil
}

// InYear is what an organisation bought or won in a year (Filter.Year), with the year
// in place of the name.
func InYear(ctx context.Context, tx *db.Tx, role, key string) (out []Dealer, err error) {
	sums, err := DealerFilter{Role: role}.sums(ctx, tx, year, []string{key})
	for _, s := range sums {
		if len(out) == 0 || out[len(out)-1].Name != s.group {
			out = append(out, Dealer{Party: Party{Role: role, Key: key, Name: s.group}})
		}
		d := &out[len(out)-1]
		d.Processes += s.n
		d.add(s)
	}
	return out, err
}

// dealt is what an organisation has of one standing in one currency.
type dealt struct {
	key, group, standing, currency string
	n                              int
	minor                          int64
}

func (d *Dealer) add(s dealt) {
	switch s.standing {
	case "none":
		d.Without += s.n
	case "shared":
		d.Shared += s.n
	default:
		d.Sums = append(d.Sums, money.Amount{Minor: s.minor, Currency: s.currency})
	}
}

// sums are the amounts of organisations, each of which is counted once: what
// several suppliers share is nobody's sum.
func (f DealerFilter) sums(ctx context.Context, tx *db.Tx, group string, keys []string) ([]dealt, error) {
	from, args := f.from()
	in, more := db.In(len(args)+1, keys)
	shared := several
	if f.Role == Buyer {
		shared = "FALSE"
	}
	from = strings.Replace(from, ` WHERE `, ` JOIN procurement_process ON procurement_process.id = x.process WHERE `, 1)
	return db.List(ctx, tx, func(s *dealt) []any { return []any{&s.key, &s.group, &s.standing, &s.currency, &s.n, &s.minor} },
		`SELECT key, grouped, standing, currency, count(*), CAST(coalesce(sum(amount), 0) AS BIGINT) FROM (
			SELECT x.key AS key, `+group+` AS grouped, CASE WHEN NOT `+agreed+` THEN 'none' WHEN `+shared+` THEN 'shared' ELSE 'agreed' END AS standing, currency, amount`+
			from+` AND x.key IN `+in+`) t GROUP BY key, grouped, standing, currency ORDER BY key, grouped DESC, standing, currency`, append(args, more...)...)
}
