package spending

import (
	"slices"

	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
)

// Contract applies the rules that look at one contract: BZ-07, 08 and 09.
func (j *Judge) Contract(c *Contract) []outcome.Finding {
	if why := c.fault(); why != "" {
		var out []outcome.Finding
		for _, k := range []kind{verbal, avoided, bypass} {
			f := j.aboutContract(k, c)
			f.Outcome, f.Why, f.About = outcome.Error, "contract", why
			out = append(out, f)
		}
		return out
	}
	return []outcome.Finding{j.written(c), j.rationale(c), j.tender(c), j.fara(c), j.bypass(c)}
}

// fault tells what contradicts itself in a contract, or "".
func (c *Contract) fault() string {
	switch {
	case c.ID == "":
		return "id"
	case c.Signed < 0 || c.Signed > lastDay:
		return "date"
	case c.Value.Minor < 0 || c.Value.Minor > 1000*most:
		return "value"
	}
	return ""
}

func (j *Judge) aboutContract(k kind, c *Contract) outcome.Finding {
	f := j.finding(k, outcome.Clear, outcome.Subject{Kind: SubjectContract, ID: c.ID, By: c.Payer.String()}, c.Signed, c.Signed)
	d := outcome.NewDigest("contract").Add(c.ID, c.Process, c.Payer.Body, c.Payer.Unit, c.Payee, c.Value.Currency, string(c.Method))
	d.AddInt(c.Value.Minor).AddInt(int64(c.Signed))
	for _, fact := range []Fact{c.Written, c.Rationale, c.Quotations, c.Notice} {
		d.AddInt(int64(fact))
	}
	for _, r := range reviewers {
		done, date := c.cleared(r)
		d.Add(string(r)).AddInt(int64(done)).AddInt(int64(date))
	}
	f.InputDigest, f.N = d.Sum(), 1
	if c.Value.Minor > 0 {
		measure(&f, c.Value.Minor, c.Value.Currency)
	}
	return f
}

// against compares a contract's value with limits of its day. Where that cannot
// be done, the finding says why and ok is false.
func (j *Judge) against(f *outcome.Finding, c *Contract, names ...string) (cents []int64, ok bool) {
	switch {
	case c.Signed == 0:
		*f = insufficient(*f, "fact", "signed")
	case c.Value.Minor == 0:
		*f = insufficient(*f, "fact", "value")
	default:
		for _, name := range names {
			l, known := j.Law.At(name, c.Signed)
			switch {
			case !known:
				*f = lacking(*f, name)
				return nil, false
			case string(l.Unit) != c.Value.Currency:
				*f = insufficient(*f, "currency", c.Value.Currency)
				return nil, false
			}
			cents = append(cents, l.Value.Cents())
		}
		return cents, true
	}
	return nil, false
}

// answer judges by a fact that ought to be there.
func (j *Judge) answer(f outcome.Finding, c *Contract, name string, fact Fact) outcome.Finding {
	switch fact {
	case Unknown:
		return insufficient(f, "fact", name)
	case No:
		f.Outcome = outcome.Flag
		j.evidence(&f, outcome.Evidence{At: c.ID, Field: "signed", Value: c.Signed.String()}, outcome.Evidence{At: c.ID, Field: "method", Value: string(c.Method)}, outcome.Evidence{At: c.ID, Field: name, Value: "no"})
	}
	return f
}

func outside(f outcome.Finding, why string) outcome.Finding {
	f.Outcome, f.Why = outcome.NotApplicable, why
	return f
}

// written is the first part of BZ-07: from some value on a contract is in
// writing.
func (j *Judge) written(c *Contract) outcome.Finding {
	f := j.aboutContract(verbal, c)
	f.Case = "written"
	at, ok := j.against(&f, c, "verbal_limit")
	switch {
	case !ok:
		return f
	case c.Value.Minor < at[0]:
		return outside(f, "below")
	}
	return j.answer(f, c, "written", c.Written)
}

// rationale is the second part of BZ-07: above some value an award without
// competition has its reasons written down.
func (j *Judge) rationale(c *Contract) outcome.Finding {
	f := j.aboutContract(verbal, c)
	f.Case = "rationale"
	at, ok := j.against(&f, c, "direct_limit")
	switch {
	case !ok:
		return f
	case c.Value.Minor <= at[0]:
		return outside(f, "below")
	case c.Method == Open || c.Method == Selective:
		return outside(f, "method")
	case c.Method != Direct && c.Method != Limited:
		return insufficient(f, "fact", "method")
	}
	return j.answer(f, c, "rationale", c.Rationale)
}

// tender is BZ-08: above some value quotations or tenders are usual (amber),
// above another a tender is announced (red).
func (j *Judge) tender(c *Contract) outcome.Finding {
	f := j.aboutContract(avoided, c)
	at, ok := j.against(&f, c, "tender_usual", "tender_must")
	switch {
	case !ok:
		return f
	case c.Value.Minor <= at[0]:
		return outside(f, "below")
	case c.Value.Minor > at[1]:
		f.Case = "red"
		return j.answer(f, c, "tender_notice", c.Notice)
	}
	f.Case = "amber"
	asked := max(c.Quotations, c.Notice) // one of them is enough
	if asked == No && (c.Quotations == Unknown || c.Notice == Unknown) {
		asked = Unknown
	}
	return j.answer(f, c, "quotation_or_tender", asked)
}

// fara is the part of BZ-08 by the Act, whose values are not known yet: up to
// which value the method is allowed, or from which it has to be open.
func (j *Judge) fara(c *Contract) outcome.Finding {
	f := j.aboutContract(avoided, c)
	f.Case = "fara"
	name := ""
	switch c.Method {
	case Open:
		return f
	case Selective:
		name = "fara_selective"
	case Limited, Direct:
		name = "fara_limited"
	default:
		return insufficient(f, "fact", "method")
	}
	at, ok := j.against(&f, c, name, "fara_open")
	if !ok {
		return f
	}
	if c.Value.Minor > at[0] || c.Value.Minor >= at[1] {
		return j.answer(f, c, "method_within_limit", No)
	}
	return f
}

// reviewers are those whose documents BZ-09 waits for.
var reviewers = []Reviewer{ProcurementUnit, ContractorGeneral}

// cleared is what is known of a reviewer's document: the first that is there.
func (c *Contract) cleared(by Reviewer) (done Fact, date civil.Date) {
	for _, one := range c.Clearances {
		if one.By != by || one.Done == Unknown {
			continue
		}
		if one.Done == Yes && one.Date > 0 && (date == 0 || one.Date < date) {
			date = one.Date
		}
		done = max(done, one.Done)
	}
	return done, date
}

// bypass is BZ-09: signed before those who review contracts gave their word.
func (j *Judge) bypass(c *Contract) outcome.Finding {
	f := j.aboutContract(bypass, c)
	at, ok := j.against(&f, c, "review_limit")
	switch {
	case !ok:
		return f
	case c.Value.Minor <= at[0]:
		return outside(f, "below")
	}
	missing := ""
	var early []outcome.Evidence
	for _, r := range reviewers {
		switch done, date := c.cleared(r); {
		case done == No:
			early = append(early, outcome.Evidence{At: c.ID, Field: "clearance_" + string(r), Value: "no"})
		case done == Unknown || date == 0:
			missing = string(r)
		case c.Signed < date:
			early = append(early, outcome.Evidence{At: c.ID, Field: "clearance_" + string(r), Value: date.String()})
		}
	}
	switch {
	case len(early) > 0:
		f.Outcome = outcome.Flag
		j.evidence(&f, slices.Concat([]outcome.Evidence{{At: c.ID, Field: "signed", Value: c.Signed.String()}}, early)...)
	case missing != "":
		return insufficient(f, "fact", missing)
	}
	return f
}
