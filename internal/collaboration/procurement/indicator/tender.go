package indicator

import (
	"slices"
	"strings"
	"time"
)

// r003 flags a short submission period: fewer whole days of 24 hours than the
// threshold. A date without a time is none here.
func (f *fold) r003(p *process) {
	if f.R003 == nil || !p.tender || !p.start.ok || !p.end.ok || !methodIn(p.method, f.R003.Methods) {
		return
	}
	days, ok := WholeDays(p.start.s, p.end.s)
	if !ok {
		return
	}
	threshold := f.R003.Threshold
	if own, ok := f.R003.ByDetails[p.details.s]; ok && p.details.ok {
		threshold = own
	}
	if days < threshold {
		f.flag("R003", OCID, p.ocid.s, 1)
	}
}

// WholeDays counts the days of 24 hours between two RFC 3339 times, towards
// zero. Of anything else ok is false.
func WholeDays(start, end string) (days int64, ok bool) {
	from, ok1 := instant(start)
	to, ok2 := instant(end)
	if !ok1 || !ok2 {
		return 0, false
	}
	seconds, nanos := to.Unix()-from.Unix(), to.Nanosecond()-from.Nanosecond()
	if seconds > 0 && nanos < 0 {
		seconds--
	} else if seconds < 0 && nanos > 0 {
		seconds++
	}
	return seconds / (24 * 60 * 60), true
}

// instant reads a time as RFC 3339 has it: T and Z in either case, or a space
// for the T. Go would let through a comma, and hours of one digit.
func instant(s string) (time.Time, bool) {
	if len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || strings.Contains(s, ",") {
		return time.Time{}, false
	}
	b := []byte(s)
	if b[10] == 't' || b[10] == ' ' {
		b[10] = 'T'
	}
	if b[len(b)-1] == 'z' {
		b[len(b)-1] = 'Z'
	}
	t, err := time.Parse(time.RFC3339, string(b))
	return t, err == nil
}

// methodIn reports whether a method is in a list; an empty list has all, and
// those without a method.
func methodIn(method text, list []string) bool {
	return len(list) == 0 || method.ok && slices.Contains(list, method.s)
}

// r018 flags a single bid, by numberOfTenderers alone.
func (f *fold) r018(p *process) {
	if f.R018 != nil && p.oneTenderer && methodIn(p.method, f.R018.Methods) {
		f.flag("R018", OCID, p.ocid.s, 1)
	}
}

// r030 flags a late bid that won: dates are compared as they are written.
func (f *fold) r030(p *process) {
	if f.R030 == nil || !p.end.ok {
		return
	}
	var suppliers []text
	for _, a := range p.awards {
		if a.status.is("active") {
			suppliers = append(suppliers, a.suppliers...)
		}
	}
	for _, b := range p.bids {
		if !b.status.is("valid") || !b.date.ok || b.date.s <= p.end.s {
			continue
		}
		for _, id := range b.tenderers {
			if id.ok && slices.Contains(suppliers, id) {
				f.flag("R030", OCID, p.ocid.s, 1)
				f.flag("R030", Tenderer, id.s, 1)
				f.pair(func(m *Maps) Pairs { return m.R030 }, p.ocid.s, id.s)
			}
		}
	}
}

// r035 flags that all but the winner were disqualified: one tenderer has valid
// bids, is the only supplier, and so many others were disqualified.
func (f *fold) r035(p *process) {
	if f.R035 == nil {
		return
	}
	active, final := p.final()
	if !final {
		return
	}
	var suppliers, valid, refused []text
	for _, a := range active {
		suppliers = append(suppliers, a.suppliers...)
	}
	for _, b := range p.bids {
		switch {
		case b.status.is("valid"):
			valid = append(valid, b.tenderers...)
		case b.status.is("disqualified"):
			refused = append(refused, b.tenderers...)
		}
	}
	won := ids(valid)
	if len(won) != 1 || !slices.Equal(won, ids(suppliers)) {
		return
	}
	others := len(slices.DeleteFunc(ids(refused), func(id string) bool { return id == won[0] }))
	if others < max(f.R035.Threshold, 1) {
		return
	}
	f.flag("R035", OCID, p.ocid.s, float64(others))
	f.flag("R035", Tenderer, won[0], 0)
	f.pair(func(m *Maps) Pairs { return m.R035 }, p.ocid.s, won[0])
}
