package check

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"sync"
	"time"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/extension"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// everything is the newest version with all extensions known.
var everything = sync.OnceValue(func() *rules { return newRules(schema.V11, extension.All) })

// Anomalies lists what is odd in one release, compiled or not: what somebody who
// reads it with tolerance, such as an importer into a database, has to decide
// about, or to ask the publisher about. Each finding is of the kind Odd, has its
// JSON pointer from the release, and a rule:
//
//   - number.text, number.words, number.empty, number.wrapped: an amount or
//     another number written as text that reads as one (Other is the number), as
//     text that does not, as an empty text, or as a database exports it:
//     {"$numberLong": "15"} (Other is the number again).
//   - number.negative, number.huge, duration.negative: less than nothing, 10^15
//     or more.
//   - currency: an amount without one.
//   - date.day, date.zone, date.words, date.wrapped, date.year: a date without a
//     time, without a time zone, one that nobody can read, one as a database
//     exports it (Other is the date), or one before 1900 or after 2100.
//   - period, award.early, contract.early: a period that ends before it begins,
//     an award before its tender began, a signature before its award.
//   - ids.mixed, ids.twins, ids.twice, ids.spaces, ids.wrapped: ids of a list
//     that are texts and numbers, the same as text and as number, the same
//     twice, with spaces around them, or as a database exports them.
//   - list.object, object.list: one object where a list belongs, and the reverse.
//   - award.missing, award.type: a contract whose award is not there, or only
//     with an id of another type.
//   - party.missing, party.type: an organisation that is not among the parties,
//     or only with an id of another type. Only releases that have parties are
//     asked.
//   - tenderers: another number of tenderers than are listed.
//   - text.broken: the sign that stands for a character lost in conversion.
//
// It looks at the fields of OCDS 1.1 and of the extensions known to package
// extension, never panics, and gives the same list for the same release. A
// release that names no awards or no parties says nothing about those that are
// missing: publishers may hand these out in another release of the process.
func Anomalies(release *ocds.Object) []Finding {
	w := &walker{}
	w.anomalies(release)
	return w.found
}

// anomalies notes the anomalies of the release at the end of the trail.
func (w *walker) anomalies(release *ocds.Object) {
	o := &oddities{walker: w}
	o.object(everything().release.node, release)
	o.links(release)
}

// oddities looks for what is odd.
type oddities struct{ *walker }

func (o *oddities) odd(rule, value, other string) {
	f := o.finding(Odd, "odd."+rule)
	f.Value, f.Other = value, other
	o.note(f)
}

func (o *oddities) object(n *node, in *ocds.Object) {
	for _, p := range in.Fields {
		f, _ := n.find(p.Key)
		if f == nil {
			continue
		}
		o.enter(p.Key)
		o.value(f, p.Key, p.Value)
		o.leave()
	}
	if n.fields["startDate"] != nil && n.fields["endDate"] != nil {
		o.order(in, "startDate", "endDate", "period")
		o.order(in, "startDate", "maxExtentDate", "period")
	}
	if n.fields["amount"] != nil && n.fields["currency"] != nil {
		amount, _ := in.Get("amount")
		if currency, _ := in.Get("currency"); amount != nil && amount != "" && (currency == nil || currency == "") {
			o.enter("amount")
			o.odd("currency", brief(amount), "")
			o.leave()
		}
	}
}

func (o *oddities) value(f *field, name string, v any) {
	switch v := v.(type) {
	case string:
		o.text(f, name, v)
	case json.Number:
		o.number(f, name, v)
	case *ocds.Object:
		if o.wrapped(f, name, v) {
			return
		}
		if f.is.list && !f.is.object && !f.is.text {
			o.odd("list.object", brief(v), "")
		}
		o.object(f.node, v)
	case []any:
		if f.is.object && !f.is.list {
			o.odd("object.list", "", "")
		}
		o.list(f, v)
	}
}

func (o *oddities) list(f *field, list []any) {
	o.ids(list)
	for i, x := range list {
		o.enterAt(i)
		switch x := x.(type) {
		case *ocds.Object:
			o.object(f.node, x)
		case string:
			o.broken(x)
		}
		o.leave()
	}
}

// plainNumber is a number that reads the same everywhere.
var plainNumber = regexp.MustCompile(`^\s*-?[0-9]+(\.[0-9]+)?\s*$`)

func (o *oddities) text(f *field, name, s string) {
	o.broken(s)
	switch {
	case f.is.number && !f.is.text && plainNumber.MatchString(s):
		o.odd("number.text", brief(s), strings.TrimSpace(s))
	case f.is.number && !f.is.text:
		o.odd("number."+textRule(s), brief(s), "")
	case f.dated:
		o.date(s)
	case name == "id" && s != strings.TrimSpace(s):
		o.odd("ids.spaces", brief(s), "")
	}
}

func (o *oddities) broken(s string) {
	if strings.ContainsRune(s, '\uFFFD') {
		o.odd("text.broken", brief(s), "")
	}
}

func (o *oddities) date(s string) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		if t.Year() < 1900 || t.Year() > 2100 {
			o.odd("date.year", brief(s), "")
		}
		return
	}
	switch dateRule(s) {
	case "date.day":
		o.odd("date.day", brief(s), "")
	case "date.zone":
		o.odd("date.zone", brief(s), "")
	case "date.other":
		o.odd("date.words", brief(s), "")
	}
}

// huge is more than any public body pays, in any currency.
const huge = 1e15

func (o *oddities) number(f *field, name string, n json.Number) {
	if !f.is.number || f.is.text {
		return
	}
	x, _ := n.Float64() // infinite for what is too large
	switch {
	case math.Abs(x) >= huge:
		o.odd("number.huge", brief(n), "")
	case x < 0 && name == "durationInDays":
		o.odd("duration.negative", brief(n), "")
	case x < 0:
		o.odd("number.negative", brief(n), "")
	}
}

// isWrapped reports whether an object is a value as MongoDB exports it.
func isWrapped(o *ocds.Object) bool {
	return len(o.Fields) == 1 && strings.HasPrefix(o.Fields[0].Key, "$") && scalar(o.Fields[0].Value)
}

// wrapped notes a value as MongoDB exports it, and reports whether it is one.
func (o *oddities) wrapped(f *field, name string, v *ocds.Object) bool {
	if !isWrapped(v) {
		return false
	}
	inner := string(appendText(nil, v.Fields[0].Value))
	switch {
	case f.is.number && !f.is.text:
		o.odd("number.wrapped", brief(v), shorten(inner))
	case f.dated:
		o.odd("date.wrapped", brief(v), shorten(inner))
	case name == "id" || name == "awardID":
		o.odd("ids.wrapped", brief(v), shorten(inner))
	default:
		return false
	}
	return true
}

// ids notes what is odd with the ids of the objects in a list.
func (o *oddities) ids(list []any) {
	texts, numbers := map[string]bool{}, map[string]bool{}
	told := map[string]bool{}
	for i, x := range list {
		in, ok := x.(*ocds.Object)
		if !ok {
			continue
		}
		v, _ := in.Get("id")
		mine, other := texts, numbers
		key, isText := v.(string)
		if n, ok := v.(json.Number); ok {
			mine, other, key = numbers, texts, n.String()
		} else if !isText {
			continue
		}
		if rule := repeated(key, mine, other); rule != "" && !told[rule+key] {
			told[rule+key] = true
			o.enterAt(i)
			o.enter("id")
			o.odd(rule, brief(v), "")
			o.leave()
			o.leave()
		}
		mine[key] = true
	}
	if len(texts) > 0 && len(numbers) > 0 {
		o.odd("ids.mixed", "", "")
	}
}

func repeated(key string, mine, other map[string]bool) string {
	switch {
	case mine[key]:
		return "ids.twice"
	case other[key]:
		return "ids.twins"
	}
	return ""
}

// order notes that a date comes before another one that should come first.
func (o *oddities) order(in *ocds.Object, first, then, rule string) {
	a, b := in.Text(first), in.Text(then)
	if before(b, a) {
		o.enter(then)
		o.odd(rule, brief(b), brief(a))
		o.leave()
	}
}

// before reports whether a date is before another one. Dates that lack a zone or
// a time are compared only with their like.
func before(a, b string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		x, err := time.Parse(layout, a)
		if err != nil {
			continue
		}
		y, err := time.Parse(layout, b)
		return err == nil && x.Before(y)
	}
	return false
}
