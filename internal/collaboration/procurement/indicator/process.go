package indicator

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// text is a field that may be absent, which is another thing than empty. One
// that is there and no text counts as absent.
type text struct {
	s  string
	ok bool
}

// is reports whether the text is there and says s.
func (t text) is(s string) bool { return t.ok && t.s == s }

// process holds what the indicators use of one compiled release. A list that is
// nil was none; one that is there is never nil.
type process struct {
	ocid            text
	tender          bool // there is a tender, and it is an object
	status          text
	method, details text
	start, end      text // of the period for tenders
	oneTenderer     bool // numberOfTenderers is 1
	buyer, entity   text // their ids
	bids            []bid
	awards          []award
}

// bid is one of bids/details.
type bid struct {
	status, date, currency text
	amount                 amount
	tenderers              []text // their ids
}

// award is one of awards.
type award struct {
	status          text
	suppliers       []text // their ids
	classifications []text // the ids of its items' classifications
}

// amount is the price of a bid.
type amount struct {
	value float64
	kind  amountKind
}

type amountKind byte

const (
	noAmount     amountKind = iota
	numberAmount            // a JSON number
	textAmount              // a number in a JSON string, or in {"$numberLong": "…"}
)

// price is the amount and its currency, if the bid has both. Cardinal takes
// numbers alone.
func (b *bid) price(numbersOnly bool) (value float64, currency string, ok bool) {
	if b.amount.kind == noAmount || !b.currency.ok || numbersOnly && b.amount.kind != numberAmount {
		return 0, "", false
	}
	return b.amount.value, b.currency.s, true
}

// submitted reports whether the bid was handed in: pending, valid or
// disqualified.
func (b *bid) submitted() bool {
	return b.status.ok && b.status.s != "invited" && b.status.s != "withdrawn"
}

// final gives the awards in force, if every award that has a status is decided,
// and there is a list of bids. Without that an indicator could still change.
func (p *process) final() (active []award, ok bool) {
	if p.awards == nil || p.bids == nil {
		return nil, false
	}
	for _, a := range p.awards {
		switch {
		case a.status.is("active"):
			active = append(active, a)
		case a.status.ok && a.status.s != "cancelled" && a.status.s != "unsuccessful":
			return nil, false
		}
	}
	return active, true
}

// winner gives the only supplier of the only award in force. Where there are
// several, nobody knows which bids competed for what.
func (p *process) winner() (id string, ok bool) {
	active, final := p.final()
	if !final || len(active) != 1 || len(active[0].suppliers) != 1 {
		return "", false
	}
	return active[0].suppliers[0].s, active[0].suppliers[0].ok
}

// errJSON is why a line is skipped that is no JSON.
var errJSON = errors.New("not JSON")

// parse reads a line by encoding/json: slowly, and obviously as it should be.
// Scan does the same quickly, and is compared with it.
//
// What is no object is a process without an ocid. Of a key that comes twice the
// last counts, and names are told apart by case.
func parse(line []byte) (process, error) {
	if !json.Valid(line) {
		return process{}, errJSON
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return process{}, errJSON
	}
	return newProcess(object(v)), nil
}

func newProcess(release map[string]any) process {
	p := process{ocid: textOf(release["ocid"]), buyer: textOf(object(release["buyer"])["id"])}
	tender := object(release["tender"])
	p.tender = tender != nil
	p.status = textOf(tender["status"])
	p.method, p.details = textOf(tender["procurementMethod"]), textOf(tender["procurementMethodDetails"])
	period := object(tender["tenderPeriod"])
	p.start, p.end = textOf(period["startDate"]), textOf(period["endDate"])
	n, _ := tender["numberOfTenderers"].(json.Number)
	p.oneTenderer = n == "1"
	p.entity = textOf(object(tender["procuringEntity"])["id"])
	p.bids = each(object(release["bids"])["details"], newBid)
	p.awards = each(release["awards"], newAward)
	return p
}

func newBid(v any) bid {
	o := object(v)
	value := object(o["value"])
	return bid{
		status: textOf(o["status"]), date: textOf(o["date"]), currency: textOf(value["currency"]),
		amount: amountOf(value["amount"]), tenderers: each(o["tenderers"], idOf),
	}
}

func newAward(v any) award {
	o := object(v)
	return award{
		status: textOf(o["status"]), suppliers: each(o["suppliers"], idOf),
		classifications: each(o["items"], func(v any) text { return idOf(object(v)["classification"]) }),
	}
}

// amountOf reads a price tolerantly: real files have numbers, numbers in
// strings (Moldova) and objects of a database's export (Colombia, 2021).
func amountOf(v any) amount {
	kind, s := textAmount, ""
	switch v := v.(type) {
	case json.Number:
		kind, s = numberAmount, v.String()
	case string:
		s = v
	case map[string]any:
		s = textOf(v["$numberLong"]).s
	}
	return newAmount(kind, s)
}

func newAmount(kind amountKind, s string) amount {
	if kind == textAmount && strings.Trim(s, "0123456789.-+eE") != "" {
		return amount{} // Go reads hexadecimal digits and the like, too
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return amount{}
	}
	return amount{f, kind}
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func textOf(v any) text {
	s, ok := v.(string)
	return text{s, ok}
}

func idOf(v any) text { return textOf(object(v)["id"]) }

func each[T any](v any, read func(any) T) []T {
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	out := make([]T, 0, len(list))
	for _, one := range list {
		out = append(out, read(one))
	}
	return out
}
