package ballot

import (
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
)

// BlocOf is the bloc to which organisations of a kind belong where nobody says
// otherwise: government, civil_society, or the kind itself.
func BlocOf(k org.Kind) string {
	if k == org.National || k == org.Subnational {
		return "government"
	}
	return string(k)
}

// OrgsOfKind returns every organisation of some kinds that exists, as voters in
// the bloc of their kind; at most 5,000.
func OrgsOfKind(ctx context.Context, tx *db.Tx, kinds []org.Kind) (out []Voter, err error) {
	for _, k := range kinds {
		if !slices.Contains(org.Kinds, k) {
			return nil, fault.Fields{{Name: "kinds", Key: "fault.choice"}}
		}
		for cursor, more := "", true; more && len(out) < 5000; more = cursor != "" {
			var some []org.Org
			if some, cursor, err = org.List(ctx, tx, org.Filter{Kind: k, Cursor: cursor, Limit: 500}); err != nil {
				return nil, err
			}
			for _, o := range some {
				out = append(out, Voter{ID: o.ID, Kind: Org, Bloc: BlocOf(o.Kind), District: o.District})
			}
		}
	}
	return out, nil
}

// ReadVoters reads a pasted list: one voter on a line, as CSV. First the
// address of an organisation (its page's, or the last part of it) or the e-mail
// address of an account; then, if wanted, the bloc and the district. A line that
// means nobody is a fault that names it.
func ReadVoters(ctx context.Context, tx *db.Tx, text string) (out []Voter, err error) {
	r := csv.NewReader(strings.NewReader(strings.TrimSpace(text)))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fault.Fields{{Name: "list", Key: "ballot.list_csv"}}
	}
	var f fault.Fields
	for _, line := range lines {
		v, err := readVoter(ctx, tx, line)
		if errors.Is(err, db.ErrNotFound) {
			f.Add("list", "ballot.list_unknown", "line", strings.Join(line, ", "))
			break
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, f.Err()
}

func readVoter(ctx context.Context, tx *db.Tx, line []string) (v Voter, err error) {
	at := func(i int) string {
		if i < len(line) {
			return strings.TrimSpace(line[i])
		}
		return ""
	}
	if strings.Contains(at(0), "@") {
		v, err = db.Get(ctx, tx, func(v *Voter) []any { return []any{&v.ID, &v.Level, &v.District} },
			`SELECT id, level, district FROM person WHERE email_key = $1 AND state = 'active'`, strings.ToLower(at(0)))
		v.Kind = Person
	} else {
		key := at(0)[strings.LastIndex(at(0), "/")+1:]
		var ref record.Ref
		var o org.Org
		if ref, _, err = record.Resolve(ctx, tx, org.RecordKind, key); err == nil {
			o, err = org.Get(ctx, tx, ref.ID)
		}
		v = Voter{ID: o.ID, Kind: Org, Bloc: BlocOf(o.Kind), District: o.District}
	}
	if at(1) != "" {
		v.Bloc = at(1)
	}
	if d := at(2); d != "" {
		if _, ok := geo.DistrictByCode(d); !ok {
			return v, fault.Fields{{Name: "list", Key: "ballot.list_district", Args: []any{"district", d}}}
		}
		v.District = d
	}
	return v, err
}

// PersonByEmail returns the id of the account with an address, or "".
func PersonByEmail(ctx context.Context, tx *db.Tx, email string) (string, error) {
	person, err := db.Get(ctx, tx, db.One[string], `SELECT id FROM person WHERE email_key = $1 AND state = 'active'`, strings.ToLower(strings.TrimSpace(email)))
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return person, err
}
