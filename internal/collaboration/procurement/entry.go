package procurement

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/procurement/ocds/field"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/geo"
)

// Entry is a contracting process as an officer writes it, by hand or as a row of a
// table: texts as they are typed. Nothing but the title is required: what is not
// known yet is left empty and added later.
type Entry struct {
	Reference      string // the body's own number; with it the ocid is made
	Title          string
	Description    string
	Category       string // goods, works, services
	Method         string // open, selective, limited, direct
	Rationale      string // why this method
	Currency       string // of all amounts; BZD where it is empty
	Value          string // expected
	Opened         string // civil dates: offers were asked for from, and until
	Closes         string
	Bidders        string // how many handed in an offer
	Awarded        string
	Supplier       string // name
	SupplierNumber string // in the companies registry
	AwardValue     string
	Contract       string // number
	Signed         string
	Starts, Ends   string
	Amount         string // of the contract
	Status         string // of the contract: pending, active, cancelled, terminated
	Paid           string // so far
	District       string
	Place          string // in words: village, mile
	Lat, Lon       string
	BudgetLine     string // in words or numbers of the estimates
}

// kind of an input.
type kind int

const (
	short kind = iota
	long
	civilDay
	sumOfMoney
	count
	degrees
	choice
)

// An Input is one field of an Entry: a column of the table, an input of the form.
type Input struct {
	Name    string
	Choices []string // empty for free text
	kind    kind
	at      func(*Entry) *string
}

// The choices, as OCDS has them.
var (
	Categories = []string{"goods", "works", "services"}
	Methods    = []string{"open", "selective", "limited", "direct"}
	Statuses   = []string{"pending", "active", "terminated", "cancelled"}
	currencies = []string{"BZD", "USD"}
)

// Inputs are the fields of an Entry in their order.
var Inputs = []Input{
	{"reference", nil, short, func(e *Entry) *string { return &e.Reference }},
	{"title", nil, short, func(e *Entry) *string { return &e.Title }},
	{"description", nil, long, func(e *Entry) *string { return &e.Description }},
	{"category", Categories, choice, func(e *Entry) *string { return &e.Category }},
	{"method", Methods, choice, func(e *Entry) *string { return &e.Method }},
	{"rationale", nil, long, func(e *Entry) *string { return &e.Rationale }},
	{"currency", currencies, choice, func(e *Entry) *string { return &e.Currency }},
	{"value", nil, sumOfMoney, func(e *Entry) *string { return &e.Value }},
	{"opened", nil, civilDay, func(e *Entry) *string { return &e.Opened }},
	{"closes", nil, civilDay, func(e *Entry) *string { return &e.Closes }},
	{"bidders", nil, count, func(e *Entry) *string { return &e.Bidders }},
	{"awarded", nil, civilDay, func(e *Entry) *string { return &e.Awarded }},
	{"supplier", nil, short, func(e *Entry) *string { return &e.Supplier }},
	{"supplier_number", nil, short, func(e *Entry) *string { return &e.SupplierNumber }},
	{"award_value", nil, sumOfMoney, func(e *Entry) *string { return &e.AwardValue }},
	{"contract", nil, short, func(e *Entry) *string { return &e.Contract }},
	{"signed", nil, civilDay, func(e *Entry) *string { return &e.Signed }},
	{"starts", nil, civilDay, func(e *Entry) *string { return &e.Starts }},
	{"ends", nil, civilDay, func(e *Entry) *string { return &e.Ends }},
	{"amount", nil, sumOfMoney, func(e *Entry) *string { return &e.Amount }},
	{"status", Statuses, choice, func(e *Entry) *string { return &e.Status }},
	{"paid", nil, sumOfMoney, func(e *Entry) *string { return &e.Paid }},
	{"district", nil, short, func(e *Entry) *string { return &e.District }},
	{"place", nil, short, func(e *Entry) *string { return &e.Place }},
	{"lat", nil, degrees, func(e *Entry) *string { return &e.Lat }},
	{"lon", nil, degrees, func(e *Entry) *string { return &e.Lon }},
	{"budget_line", nil, short, func(e *Entry) *string { return &e.BudgetLine }},
}

// Of is the input's text in an entry.
func (i Input) Of(e *Entry) string { return *i.at(e) }

// Set writes the input's text into an entry.
func (i Input) Set(e *Entry, text string) { *i.at(e) = text }

// Day reports whether the input is a civil date.
func (i Input) Day() bool { return i.kind == civilDay }

// Long reports whether the input is of several lines.
func (i Input) Long() bool { return i.kind == long }

// Number reports whether the input is a number or an amount.
func (i Input) Number() bool { return i.kind == sumOfMoney || i.kind == count || i.kind == degrees }

// mostMinor is the largest amount that may be written, in cents: far above any budget.
const mostMinor = 9_000_000_000_000_000

// How many characters texts may have.
const maxShort, maxLong = 300, 20_000

// check tidies an entry up and says what is wrong with it, by the input.
func (e *Entry) check(now time.Time) error {
	var f fault.Fields
	for _, i := range Inputs {
		at := i.at(e)
		*at = strings.TrimSpace(*at)
		if *at == "" {
			continue
		}
		i.check(&f, at, now)
	}
	f.Require("title", e.Title)
	if d, ok := geo.ParseDistrict(e.District); ok {
		e.District = d.Code
	} else if e.District != "" {
		f.Add("district", "procurement.wrong.district")
	}
	if (e.Lat == "") != (e.Lon == "") {
		f.Add(map[bool]string{true: "lat", false: "lon"}[e.Lat == ""], "procurement.wrong.point")
	}
	e.inOrder(&f)
	e.Reference = ocidPart(e.Reference)
	if e.Value+e.AwardValue+e.Amount+e.Paid == "" {
		e.Currency = ""
	} else {
		e.Currency = field.First(e.Currency, currencies[0])
	}
	if e.Status == "cancelled" && e.Contract+e.Signed+e.Starts+e.Ends+e.Amount+e.Paid == "" {
		e.Status = "" // of no contract
	}
	if e.contract() {
		e.Status = field.First(e.Status, "active")
	}
	if e.Reference != "" && !referencePattern.MatchString(e.Reference) {
		f.Add("reference", "procurement.wrong.reference")
	}
	return f.Err()
}

// referencePattern is what may stand in an ocid and in an address.
var referencePattern = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._/-]{0,99}$`)

// dayFirst is a date as people in Belize write it.
var dayFirst = regexp.MustCompile(`^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$`)

func (i Input) check(f *fault.Fields, at *string, now time.Time) {
	switch i.kind {
	case short:
		f.MaxLen(i.Name, *at, maxShort)
	case long:
		f.MaxLen(i.Name, *at, maxLong)
	case civilDay:
		if m := dayFirst.FindStringSubmatch(*at); m != nil {
			*at = fmt.Sprintf("%s-%02s-%02s", m[3], m[2], m[1])
		}
		if _, err := time.Parse(time.DateOnly, *at); err != nil {
			f.Add(i.Name, "procurement.wrong.day")
		} else if i.Name == "signed" || i.Name == "awarded" {
			f.NotFarDay(i.Name, *at, now)
		}
	case sumOfMoney:
		a, err := money.Parse(*at)
		if err != nil || a.Minor < 0 || a.Minor > mostMinor {
			f.Add(i.Name, "procurement.wrong.amount")
			return
		}
		*at = a.Decimal()
	case count:
		n, err := strconv.Atoi(*at)
		if err != nil || n < 0 || n > 100_000 {
			f.Add(i.Name, "procurement.wrong.count")
			return
		}
		*at = strconv.Itoa(n)
	case degrees:
		limit := map[string]float64{"lat": 90, "lon": 180}[i.Name]
		n, err := strconv.ParseFloat(*at, 64)
		if err != nil || !(n >= -limit && n <= limit) {
			f.Add(i.Name, "procurement.wrong.degrees")
			return
		}
		*at = strconv.FormatFloat(n, 'f', -1, 64)
	case choice:
		if *at = strings.ToLower(*at); i.Name == "currency" {
			*at = strings.ToUpper(*at)
		}
		if !slices.Contains(i.Choices, *at) {
			f.Add(i.Name, "procurement.wrong.choice", "choices", strings.Join(i.Choices, ", "))
		}
	}
}

// inOrder says which dates contradict each other.
func (e *Entry) inOrder(f *fault.Fields) {
	for _, x := range []struct {
		name, early, late string
	}{{"closes", e.Opened, e.Closes}, {"ends", e.Starts, e.Ends}, {"awarded", e.Opened, e.Awarded}} {
		if x.early != "" && x.late != "" && x.late < x.early {
			f.Add(x.name, "procurement.wrong.before")
		}
	}
}
