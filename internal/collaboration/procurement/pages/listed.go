package pages

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
)

// ContractingQuery is what contracting processes are filtered by.
type ContractingQuery struct {
	Words    string `query:"q" doc:"Words in the title, the names of buyer and suppliers, or the ocid"`
	Stage    string `query:"stage" enum:"planning,tender,award,contract,implementation,ended,cancelled"`
	Method   string `query:"method" enum:"open,selective,limited,direct" doc:"procurementMethod"`
	Category string `query:"category" enum:"goods,works,services" doc:"mainProcurementCategory"`
	District string `query:"district" enum:"BZ-BZ,BZ-CY,BZ-CZL,BZ-OW,BZ-SC,BZ-TOL"`
	Buyer    string `query:"buyer" doc:"Key of the body that buys"`
	Supplier string `query:"supplier" doc:"Key of a supplier"`
	File     string `query:"file" doc:"Id of a file that brought at least one of its releases"`
	From     string `query:"from" doc:"Civil date: its last release is not before it"`
	To       string `query:"to" doc:"Civil date: its last release is not after it"`
	Year     string `query:"year" doc:"In which it was signed, else awarded, else last heard of"`
	Amount   string `query:"amount" enum:"agreed,none" doc:"agreed: its contracts or awards come to an amount, and it was not called off; none: all others"`
	Shared   string `query:"shared" enum:"yes,no" doc:"yes: several suppliers together; no: at most one"`
	Currency string `query:"currency" doc:"ISO 4217; NONE for an amount without one"`
	Least    string `query:"least" doc:"Least amount, in the currency, such as 50000"`
	listing.Paged
}

// ContractingRow is a contracting process as it stands.
type ContractingRow struct {
	ID          string   `json:"id"`
	OCID        string   `json:"ocid"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Stage       string   `json:"stage" doc:"planning, tender, award, contract, implementation, ended or cancelled"`
	Method      string   `json:"method" doc:"open, selective, limited or direct; empty where it is not said"`
	Details     string   `json:"method_details"`
	Category    string   `json:"category" doc:"goods, works or services; empty where it is not said"`
	Buyer       string   `json:"buyer"`
	BuyerKey    string   `json:"buyer_key"`
	Suppliers   string   `json:"suppliers" doc:"Names, with semicolons between them"`
	Amount      string   `json:"amount" doc:"Such as 12500.00; empty where none is said"`
	Currency    string   `json:"currency"`
	Cents       int      `json:"cents" doc:"The amount in hundredths of the currency, to be added up: 0 where it is not said"`
	AmountOf    string   `json:"amount_of" doc:"contract, award, or tender for what was expected"`
	Latest      string   `json:"latest" doc:"Civil date of the last release"`
	Opened      string   `json:"opened" doc:"Civil date from which offers were taken"`
	Closes      string   `json:"closes"`
	Awarded     string   `json:"awarded"`
	Signed      string   `json:"signed"`
	Bidders     *int64   `json:"bidders" doc:"Null where it is not said"`
	District    string   `json:"district"`
	Lat         *float64 `json:"lat"`
	Lon         *float64 `json:"lon"`
	Releases    int64    `json:"releases"`
	Trouble     string   `json:"trouble" doc:"Why not all of its releases could be merged; empty where they could"`
	Digest      string   `json:"digest" doc:"SHA-256 of the compiled release"`
	URL         string   `json:"url"`
	process     *procurement.Process
}

func (p *Pages) processList() listing.List[ContractingQuery, ContractingRow] {
	return listing.List[ContractingQuery, ContractingRow]{
		Path: "/contracting", Tag: "contracting", Summary: "Contracting processes, those with the latest news first", Words: "procurement.list.",
		DB: p.DB, Base: p.Base, Rows: p.processRows, Name: p.nameOf, Above: p.chooser, Shared: true,
		Columns: []listing.Column[ContractingRow]{
			{Name: "title", Head: true, Cell: func(_ context.Context, r ContractingRow) ui.Cell {
				return ui.Cell{Text: r.process.Name(), Href: r.process.Ref().Path(), Note: r.Buyer}
			}},
			{Name: "stage", Cell: func(ctx context.Context, r ContractingRow) ui.Cell {
				b := stageBadge(ctx, r.process.Stage)
				return ui.StateCell(b.Tone, b.Word)
			}},
			{Name: "suppliers", Cell: func(_ context.Context, r ContractingRow) ui.Cell { return ui.Text(shortened(r.Suppliers)) }},
			{Name: "amount", Kind: ui.Numeric, Cell: func(ctx context.Context, r ContractingRow) ui.Cell {
				return amountCell(ctx, r.process)
			}},
			{Name: "latest", Kind: ui.Day, Cell: func(ctx context.Context, r ContractingRow) ui.Cell { return ui.Text(i18n.CivilDate(ctx, r.Latest)) }},
		},
	}
}

// shortened cuts a list of names that would fill the page.
func shortened(names string) string {
	const most = 120
	if r := []rune(names); len(r) > most {
		return string(r[:most]) + "…"
	}
	return names
}

func stageBadge(ctx context.Context, s procurement.Stage) ui.Badge {
	return ui.Badge{Tone: ui.Tone(s.Tone()), Word: i18n.T(ctx, "procurement.stage."+string(s))}
}

// moneyText is an amount with its currency, or with a word that none is said.
func moneyText(ctx context.Context, a money.Amount) string {
	if a.Currency == "" {
		return i18n.T(ctx, "procurement.no_currency", "amount", strings.TrimSpace(i18n.Money(ctx, a)))
	}
	return i18n.Money(ctx, a)
}

func amountCell(ctx context.Context, p *procurement.Process) ui.Cell {
	if p.Amount == nil {
		return ui.Cell{}
	}
	c := ui.Text(moneyText(ctx, *p.Amount))
	if p.AmountOf == "tender" {
		c.Note = i18n.T(ctx, "procurement.expected")
	}
	return c
}

var civilDay = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// filter is a query as the domain takes it.
func (q ContractingQuery) filter() (procurement.Filter, error) {
	f := procurement.Filter{
		Words: q.Words, Stage: procurement.Stage(q.Stage), Method: q.Method, Category: q.Category, District: q.District, Buyer: q.Buyer,
		Supplier: q.Supplier, File: q.File, From: q.From, To: q.To, Year: q.Year, Amount: q.Amount, Shared: q.Shared, Currency: strings.ToUpper(q.Currency),
	}
	for _, d := range []string{q.From, q.To} {
		if d != "" && !civilDay.MatchString(d) {
			return f, fault.New(fault.Invalid, "procurement.bad_day", "value", d)
		}
	}
	if q.Least == "" {
		return f, nil
	}
	if q.Currency == "" {
		return f, fault.New(fault.Invalid, "procurement.which_currency")
	}
	a, err := money.Parse(q.Least)
	if err != nil {
		return f, fault.New(fault.Invalid, "procurement.bad_amount", "value", q.Least)
	}
	f.Least = a.Minor
	return f, nil
}

func (p *Pages) processRows(ctx context.Context, tx *db.Tx, q ContractingQuery, cursor string, limit int) (out []ContractingRow, next string, err error) {
	f, err := q.filter()
	if err != nil {
		return nil, "", err
	}
	all, next, err := procurement.List(ctx, tx, f, cursor, limit)
	for i := range all {
		out = append(out, p.row(&all[i]))
	}
	return out, next, err
}

func (p *Pages) row(x *procurement.Process) ContractingRow {
	r := ContractingRow{
		ID: x.ID, OCID: x.OCID, Title: x.Title, Description: x.Description, Stage: string(x.Stage), Method: x.Method, Details: x.Details, Category: x.Category,
		Buyer: x.Buyer, BuyerKey: x.BuyerKey, Suppliers: x.Suppliers, AmountOf: x.AmountOf, Latest: x.Latest, Opened: x.Opened, Closes: x.Closes,
		Awarded: x.Awarded, Signed: x.Signed, Bidders: x.Bidders, District: x.District, Releases: x.Releases, Digest: x.Digest,
		Trouble: strings.TrimPrefix(x.Trouble, "procurement.trouble."), URL: p.Base() + x.Ref().Path(), process: x,
	}
	if x.Amount != nil {
		r.Amount, r.Currency, r.Cents = x.Amount.Decimal(), x.Amount.Currency, int(x.Amount.Minor)
	}
	if x.Place != nil {
		r.Lat, r.Lon = &x.Place.Lat, &x.Place.Lon
	}
	return r
}

// nameOf says what a list is filtered by.
func (p *Pages) nameOf(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	switch filter {
	case "stage":
		return ui.Link{Text: i18n.T(ctx, "procurement.stage."+value)}, nil
	case "method", "category":
		return ui.Link{Text: i18n.T(ctx, "procurement."+filter+"."+value)}, nil
	case "district":
		if _, ok := geo.DistrictByCode(value); ok {
			return ui.Link{Text: i18n.T(ctx, "geo.district."+value), Href: "/place/" + value}, nil
		}
	case procurement.Buyer, procurement.Supplier:
		d, err := procurement.FindDealer(ctx, tx, filter, value)
		return ui.Link{Text: d.Name, Href: partyPath(filter, value)}, err
	case "file":
		f, err := procurement.FindImport(ctx, tx, value)
		return ui.Link{Text: f.Name, Href: f.Ref().Path()}, err
	case "process":
		x, err := procurement.Find(ctx, tx, value)
		if err != nil {
			return ui.Link{}, err
		}
		return ui.Link{Text: x.Name(), Href: x.Ref().Path()}, nil
	case "currency":
		if value == procurement.NoCurrency {
			return ui.Link{Text: i18n.T(ctx, "procurement.currency_unsaid")}, nil
		}
	case "amount", "shared":
		return ui.Link{Text: i18n.T(ctx, "procurement.only."+filter+"."+value)}, nil
	}
	return ui.Link{}, nil
}

// chooser is the form above the list of processes.
func (p *Pages) chooser(ctx context.Context, tx *db.Tx, q ContractingQuery) (templ.Component, error) {
	v := chooserView{Query: q}
	for _, s := range procurement.Stages {
		v.Stages = append(v.Stages, ui.Option{Value: string(s), Label: i18n.T(ctx, "procurement.stage."+string(s)), Selected: q.Stage == string(s)})
	}
	for _, m := range []string{"open", "selective", "limited", "direct"} {
		v.Methods = append(v.Methods, ui.Option{Value: m, Label: i18n.T(ctx, "procurement.method."+m), Selected: q.Method == m})
	}
	for _, c := range []string{"goods", "works", "services"} {
		v.Categories = append(v.Categories, ui.Option{Value: c, Label: i18n.T(ctx, "procurement.category."+c), Selected: q.Category == c})
	}
	for _, d := range geo.Districts() {
		v.Districts = append(v.Districts, ui.Option{Value: d.Code, Label: i18n.T(ctx, d.NameKey()), Selected: q.District == d.Code})
	}
	all, err := procurement.Currencies(ctx, tx)
	for _, c := range all {
		v.Currencies = append(v.Currencies, ui.Option{Value: c, Label: c, Selected: q.Currency == c})
	}
	for _, h := range []ui.Hidden{{Name: "buyer", Value: q.Buyer}, {Name: "supplier", Value: q.Supplier}, {Name: "file", Value: q.File}, {Name: "year", Value: q.Year}, {Name: "amount", Value: q.Amount}, {Name: "shared", Value: q.Shared}} {
		if h.Value != "" {
			v.Hidden = append(v.Hidden, h)
		}
	}
	return chooser(v), err
}

// chooserView is what the form above the list of processes shows.
type chooserView struct {
	Query                                              ContractingQuery
	Stages, Methods, Categories, Districts, Currencies []ui.Option
	Hidden                                             []ui.Hidden
}

// missing reports whether an error says that something is not there.
func missing(err error) bool { return errors.Is(err, db.ErrNotFound) }
