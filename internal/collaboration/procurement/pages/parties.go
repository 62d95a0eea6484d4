package pages

import (
	"context"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/money"
	"ceiba/internal/service/i18n"
)

// plainKey are keys that stand in an address as they are.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// partyPath is the address of an organisation in a role. Keys have any characters:
// what is more than letters, digits and a few signs is written as base64url after
// "~".
func partyPath(role, key string) string {
	if !plainKey.MatchString(key) {
		key = "~" + base64.RawURLEncoding.EncodeToString([]byte(key))
	}
	return "/" + role + "/" + key
}

// partyKey reads the last part of such an address.
func partyKey(part string) (string, error) {
	coded, ok := strings.CutPrefix(part, "~")
	if !ok {
		return part, nil
	}
	key, err := base64.RawURLEncoding.DecodeString(coded)
	if err != nil {
		return "", db.ErrNotFound
	}
	return string(key), nil
}

// ContractingSupplierQuery is what suppliers are filtered by.
type ContractingSupplierQuery struct {
	Words string `query:"q" doc:"Words in the name"`
	Buyer string `query:"buyer" doc:"Key of a body: only what they won from it"`
	listing.Paged
}

// ContractingBuyerQuery is what bodies that buy are filtered by.
type ContractingBuyerQuery struct {
	Words    string `query:"q" doc:"Words in the name"`
	Supplier string `query:"supplier" doc:"Key of a supplier: only what they bought from it"`
	listing.Paged
}

// ContractingPartyRow is an organisation with what it bought or won.
type ContractingPartyRow struct {
	Key       string   `json:"key" doc:"Its identifier with its scheme, or the id that the data give it, or its name without accents and case"`
	Name      string   `json:"name"`
	Processes int      `json:"processes"`
	Amounts   []string `json:"amounts" doc:"The sum in each currency: of awards and contracts that are its own, such as BZD 12500.00"`
	Shared    int      `json:"shared" doc:"Processes with an amount that several suppliers share: in no sum"`
	Without   int      `json:"without_amount" doc:"Processes without an agreed amount, or called off"`
	URL       string   `json:"url"`
	dealer    procurement.Dealer
	other     string // key of the one that it is about in the other role
}

func (p *Pages) supplierList() listing.List[ContractingSupplierQuery, ContractingPartyRow] {
	return listing.List[ContractingSupplierQuery, ContractingPartyRow]{
		Path: "/suppliers", Tag: "contracting", Summary: "Suppliers with what they won, those with the most processes first", Words: "procurement.suppliers.",
		DB: p.DB, Base: p.Base, Name: p.nameOf, Shared: true, Columns: partyColumns(true),
		Above: func(_ context.Context, _ *db.Tx, q ContractingSupplierQuery) (templ.Component, error) {
			return partySearch("/suppliers", q.Words, "buyer", q.Buyer), nil
		},
		Rows: func(ctx context.Context, tx *db.Tx, q ContractingSupplierQuery, cursor string, limit int) ([]ContractingPartyRow, string, error) {
			return p.partyRows(ctx, tx, procurement.DealerFilter{Role: procurement.Supplier, Words: q.Words, Other: q.Buyer}, cursor, limit)
		},
	}
}

func (p *Pages) buyerList() listing.List[ContractingBuyerQuery, ContractingPartyRow] {
	return listing.List[ContractingBuyerQuery, ContractingPartyRow]{
		Path: "/buyers", Tag: "contracting", Summary: "Public bodies with what they bought, those with the most processes first", Words: "procurement.buyers.",
		DB: p.DB, Base: p.Base, Name: p.nameOf, Shared: true, Columns: partyColumns(false),
		Above: func(_ context.Context, _ *db.Tx, q ContractingBuyerQuery) (templ.Component, error) {
			return partySearch("/buyers", q.Words, "supplier", q.Supplier), nil
		},
		Rows: func(ctx context.Context, tx *db.Tx, q ContractingBuyerQuery, cursor string, limit int) ([]ContractingPartyRow, string, error) {
			return p.partyRows(ctx, tx, procurement.DealerFilter{Role: procurement.Buyer, Words: q.Words, Other: q.Supplier}, cursor, limit)
		},
	}
}

func partyColumns(suppliers bool) []listing.Column[ContractingPartyRow] {
	out := []listing.Column[ContractingPartyRow]{
		{Name: "name", Head: true, Cell: func(_ context.Context, r ContractingPartyRow) ui.Cell {
			return ui.LinkCell(r.Name, partyPath(r.dealer.Role, r.Key))
		}},
		{Name: "processes", Kind: ui.Numeric, Cell: func(_ context.Context, r ContractingPartyRow) ui.Cell { return ui.Cell{View: r.count(r.Processes)} }},
		{Name: "amounts", Kind: ui.Numeric, Cell: func(ctx context.Context, r ContractingPartyRow) ui.Cell {
			if len(r.dealer.Sums) == 0 {
				return ui.Cell{}
			}
			return ui.Cell{View: sumsView(r.totals(ctx))}
		}},
		{Name: "without", Kind: ui.Numeric, Cell: func(_ context.Context, r ContractingPartyRow) ui.Cell {
			return ui.Cell{View: r.count(r.Without, "amount", procurement.WithoutAmount)}
		}},
	}
	if suppliers {
		out = append(out, listing.Column[ContractingPartyRow]{Name: "shared", Kind: ui.Numeric, Cell: func(_ context.Context, r ContractingPartyRow) ui.Cell {
			return ui.Cell{View: r.count(r.Shared, "amount", procurement.WithAmount, "shared", "yes")}
		}})
	}
	return out
}

// rowsOf is the address of the processes that a row is about, further filtered by
// pairs.
func (r ContractingPartyRow) rowsOf(pairs ...string) string {
	own := []string{r.dealer.Role, r.Key}
	if r.other != "" {
		role := procurement.Supplier
		if r.dealer.Role == procurement.Supplier {
			role = procurement.Buyer
		}
		own = append(own, role, r.other)
	}
	return listing.Of("/contracting", append(own, pairs...)...)
}

func (r ContractingPartyRow) count(n int, pairs ...string) ui.Figure {
	return ui.Count(n, r.rowsOf(pairs...))
}

// totals are the sums in each currency, as figures.
func (r ContractingPartyRow) totals(ctx context.Context, pairs ...string) (out []ui.Figure) {
	for _, a := range r.dealer.Sums {
		pairs := append([]string{"amount", procurement.WithAmount, "currency", currencyCode(a)}, pairs...)
		if r.dealer.Role == procurement.Supplier {
			pairs = append(pairs, "shared", "no")
		}
		out = append(out, ui.Total(int(a.Minor), "cents", r.rowsOf(pairs...)).As(moneyText(ctx, a)))
	}
	return out
}

func currencyCode(a money.Amount) string {
	if a.Currency == "" {
		return procurement.NoCurrency
	}
	return a.Currency
}

func (p *Pages) partyRows(ctx context.Context, tx *db.Tx, f procurement.DealerFilter, cursor string, limit int) (out []ContractingPartyRow, next string, err error) {
	all, next, err := procurement.Dealers(ctx, tx, f, cursor, limit)
	for _, d := range all {
		out = append(out, p.partyRow(d, f.Other))
	}
	return out, next, err
}

func (p *Pages) partyRow(d procurement.Dealer, other string) ContractingPartyRow {
	r := ContractingPartyRow{
		Key: d.Key, Name: d.Name, Processes: d.Processes, Amounts: []string{}, Shared: d.Shared, Without: d.Without,
		URL: p.Base() + partyPath(d.Role, d.Key), dealer: d, other: other,
	}
	for _, a := range d.Sums {
		r.Amounts = append(r.Amounts, currencyCode(a)+" "+a.Decimal())
	}
	return r
}

// yearRows is a table of what an organisation bought or won in each year.
func (p *Pages) yearRows(ctx context.Context, all []procurement.Dealer) (out [][]ui.Cell) {
	for _, d := range all {
		r := p.partyRow(d, "")
		name, pairs := d.Name, []string{"year", d.Name}
		if _, err := strconv.Atoi(name); err != nil {
			name, pairs = i18n.T(ctx, "procurement.no_year"), nil // nothing to filter by
		}
		cells := []ui.Cell{ui.Text(name), {}, {}}
		if pairs != nil {
			cells[1].View = r.count(d.Processes, pairs...)
			if len(d.Sums) > 0 {
				cells[2].View = sumsView(r.totals(ctx, pairs...))
			}
		}
		out = append(out, cells)
	}
	return out
}
