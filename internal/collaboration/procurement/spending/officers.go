package spending

import (
	"strconv"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// chain is who prepared and who approved a payment.
type chain struct{ prepared, approved string }

// checker is BZ-06: the same person prepared and approved, or the same two did
// so for nearly all of a payee's invoices.
func (j *Judge) checker(g *group) []outcome.Finding {
	base := j.begin(checker, g, g.pair())
	base.InputDigest = g.pattern()
	if len(g.paid) == 0 {
		base.Outcome, base.Why = outcome.NotApplicable, "payments"
		return []outcome.Finding{base}
	}
	return []outcome.Finding{j.self(base, g), j.chain(base, g)}
}

func known(p *Payment) bool { return p.Prepared.Person != "" && p.Approved.Person != "" }

// self looks for payments that one person both prepared and approved.
func (j *Judge) self(f outcome.Finding, g *group) outcome.Finding {
	f.Case = "self"
	var same []*Payment
	unknown := 0
	for _, p := range g.paid {
		switch {
		case !known(p):
			unknown++
		case p.Prepared.Person == p.Approved.Person:
			same = append(same, p)
		}
	}
	f.N, f.Value, f.Unit = len(g.paid), decimal(len(same)), "count"
	count(&f, "unknown", unknown)
	switch {
	case len(same) > 0:
		f.Outcome = outcome.Flag
		j.people(&f, same)
	case unknown > 0:
		return insufficient(f, "fact", "officers")
	}
	return f
}

// chain looks whether one pair of people handled nearly all.
func (j *Judge) chain(f outcome.Finding, g *group) outcome.Finding {
	f.Case = "chain"
	_, last := g.span()
	t := terms{book: j.Law, day: last}
	part, least := t.at("chain_share"), t.at("chain_min").Int()
	if t.missing != "" {
		return lacking(f, t.missing)
	}
	by := map[chain][]*Payment{}
	var most []*Payment
	judged := 0
	for _, p := range g.paid {
		if known(p) {
			c := chain{p.Prepared.Person, p.Approved.Person}
			by[c] = append(by[c], p)
			judged++
			if len(by[c]) > len(most) {
				most = by[c]
			}
		}
	}
	f.N = judged
	share(&f, int64(len(most)), int64(judged))
	count(&f, "unknown", len(g.paid)-judged)
	switch {
	case judged == 0:
		return insufficient(f, "fact", "officers")
	case judged < least:
		return insufficient(f, "few", "chain_min")
	case part.Compare(int64(len(most)), int64(judged)) >= 0:
		f.Outcome = outcome.Flag
		j.people(&f, most)
	}
	return f
}

// people lists payments with the roles of who handled them; the people
// themselves are for those who may see them.
func (j *Judge) people(f *outcome.Finding, rows []*Payment) {
	for _, p := range rows {
		j.evidence(f,
			outcome.Evidence{At: p.ID, Field: "prepared_role", Value: p.Prepared.Role},
			outcome.Evidence{At: p.ID, Field: "approved_role", Value: p.Approved.Role},
			outcome.Evidence{At: p.ID, Field: "prepared_person", Value: p.Prepared.Person, Personal: true},
			outcome.Evidence{At: p.ID, Field: "approved_person", Value: p.Approved.Person, Personal: true})
	}
}

// pattern is a digest of who handled which payment that tells nothing of the
// people: each is the number of the payment they appear at first. A digest of
// their ids could be found out by trying the names of the staff.
func (g *group) pattern() string {
	numbers := map[string]int64{"": -1}
	number := func(person string) int64 {
		if _, ok := numbers[person]; !ok {
			numbers[person] = int64(len(numbers))
		}
		return numbers[person]
	}
	d := outcome.NewDigest("officers").Add(g.digest)
	for _, p := range g.paid {
		d.Add(p.Prepared.Role, p.Approved.Role).AddInt(number(p.Prepared.Person)).AddInt(number(p.Approved.Person))
	}
	return d.Sum()
}

// linked is BZ-11: few steps from a payee to a public person of the body that
// pays it, by the graph of owners and declarations.
func (j *Judge) linked(g *group) []outcome.Finding {
	var out []outcome.Finding
	done := map[string]bool{}
	for _, p := range g.paid {
		if body := p.Payer.Body; !done[body] {
			done[body] = true
			out = append(out, j.link(g, body))
		}
	}
	return out
}

func (j *Judge) link(g *group, body string) outcome.Finding {
	var first, last civil.Date
	n := 0
	for _, p := range g.paid {
		if p.Payer.Body != body {
			continue
		}
		if n == 0 {
			first = p.Date
		}
		last = p.Date
		n++
	}
	f := j.finding(linked, outcome.Clear, outcome.Subject{Kind: SubjectPair, ID: g.payee, By: body}, first, last)
	f.N = n
	d := outcome.NewDigest("link").Add(g.payee, body)
	t := terms{book: j.Law, day: last}
	edges := t.at("link_edges").Int()
	if t.missing != "" {
		return lacking(f, t.missing)
	}
	if j.Links == nil {
		return insufficient(f, "graph", "graph")
	}
	path := j.Links.Path(g.payee, body, edges)
	d.Add(strconv.FormatBool(path.Found), path.Missing)
	for _, s := range path.Steps {
		d.Add(s.Kind, s.At)
	}
	f.InputDigest = d.Sum()
	switch {
	case path.Found && len(path.Steps) <= edges:
		f.Outcome, f.Value, f.Unit = outcome.Flag, decimal(len(path.Steps)), "edges"
		for _, s := range path.Steps {
			j.evidence(&f, outcome.Evidence{At: s.At, Field: s.Kind, Personal: s.Personal})
		}
	case path.Missing != "":
		return insufficient(f, "graph", path.Missing)
	}
	return f
}
