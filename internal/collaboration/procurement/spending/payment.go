package spending

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

// Payer is who paid: a body, such as a ministry, and a unit of it.
type Payer struct {
	Body string // id
	Unit string // id within the body; empty where the ledger does not tell
}

// String is the payer as findings name it.
func (p Payer) String() string {
	if p.Unit == "" {
		return p.Body
	}
	return p.Body + "/" + p.Unit
}

// Officer is who did a step. Person is an id of the ledger's own, with which two
// steps can be seen to be the same person's: no name.
type Officer struct {
	Role   string
	Person string // empty where the ledger does not tell
}

// Payment is one line of the ledger.
type Payment struct {
	ID       string
	Payer    Payer
	Payee    string // id
	Invoice  string // the number that the payee gave it; may be empty
	Amount   money.Amount
	Date     civil.Date // on which it was paid
	Prepared Officer
	Approved Officer
	Head     string // of the estimates
	Contract string // id; empty where none is linked
	Process  string // id of the tender; empty where none is linked
}

// most is the largest amount of a payment in cents, ten milliards: more than
// the country spends in years. Larger ones are mistakes.
const most = 1_000_000_000_000

// fault tells what cannot be right about a payment, or "".
func (p *Payment) fault() string {
	switch {
	case p.ID == "":
		return "id"
	case p.Payee == "":
		return "payee"
	case p.Payer.Body == "":
		return "payer"
	case p.Date <= 0 || p.Date > lastDay:
		return "date"
	case p.Amount.Currency == "":
		return "currency"
	case p.Amount.Minor > most || p.Amount.Minor < -most:
		return "amount"
	}
	return ""
}

var lastDay = civil.Of(9999, 12, 31)

// comparePayments is the one order of payments of one payee.
func comparePayments(a, b *Payment) int {
	if a.Date != b.Date {
		return int(a.Date) - int(b.Date)
	}
	if c := strings.Compare(a.ID, b.ID); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(a.Amount.Minor, b.Amount.Minor), strings.Compare(a.Amount.Currency, b.Amount.Currency),
		strings.Compare(a.Payer.Body, b.Payer.Body), strings.Compare(a.Payer.Unit, b.Payer.Unit),
		strings.Compare(a.Payee, b.Payee), strings.Compare(a.Invoice, b.Invoice), strings.Compare(a.Head, b.Head),
		strings.Compare(a.Contract, b.Contract), strings.Compare(a.Process, b.Process),
		strings.Compare(a.Prepared.Role, b.Prepared.Role), strings.Compare(a.Approved.Role, b.Approved.Role),
		strings.Compare(a.Prepared.Person, b.Prepared.Person), strings.Compare(a.Approved.Person, b.Approved.Person),
	)
}

// nothing is what people write where there is no number.
var nothing = map[string]bool{"0": true, "NA": true, "NIL": true, "NONE": true, "NOINVOICE": true}

// invoice is an invoice number as people would say that two are the same:
// capitals, letters and digits only, numbers without zeros before them. Two
// numbers stay apart: 1-23 is not 12-3.
func invoice(s string) string {
	b := make([]byte, 0, len(s))
	digits, number := 0, false // digits written of the number we are in; whether one ended before
	zeros := false             // the number we are in began with zeros
	end := func() {
		if zeros && digits == 0 {
			b = append(b, '0')
		}
		number = number || digits > 0 || zeros
		digits, zeros = 0, false
	}
	for _, r := range strings.ToUpper(s) {
		switch {
		case r >= '0' && r <= '9':
			if digits == 0 && !zeros && number {
				b = append(b, '-')
				number = false
			}
			if r == '0' && digits == 0 {
				zeros = true
				continue
			}
			b = append(b, byte(r))
			digits++
		case r >= 'A' && r <= 'Z', r > 0x7f:
			end()
			number = false
			b = utf8.AppendRune(b, r)
		default:
			end()
		}
	}
	end()
	if out := string(b); !nothing[out] {
		return out
	}
	return ""
}
