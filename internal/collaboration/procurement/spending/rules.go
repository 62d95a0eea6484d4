package spending

import (
	"ceiba/internal/collaboration/procurement/outcome"
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/collaboration/procurement/spending/law"
)

// The kinds of data that rules need.
const (
	Payments   outcome.Need = "payments"
	Officers   outcome.Need = "officers" // who prepared and who approved each
	Heads      outcome.Need = "heads"    // of the estimates, with each payment
	Contracts  outcome.Need = "contracts"
	Documents  outcome.Need = "documents"  // of contracts: written form, reasons, quotations, notices
	Clearances outcome.Need = "clearances" // of contracts
	Graph      outcome.Need = "graph"      // owners, and declarations of public persons
)

// The kinds of subject.
const (
	SubjectPair     = "payee_at_payer"
	SubjectPayee    = "payee"
	SubjectPayer    = "payer"
	SubjectHead     = "head"
	SubjectContract = "contract"
	SubjectLedger   = "ledger"
)

// kind is one of the rules, by its place in rules.
type kind int

const (
	sameDay kind = iota
	split
	bunching
	below
	twice
	checker
	verbal
	avoided
	bypass
	rush
	linked
	invoices
)

// rules are the twelve, in their order.
var rules = []outcome.Rule{
	{ID: "BZ-01", Version: 1, Stage: outcome.Implementation, Subject: SubjectPair, Needs: []outcome.Need{Payments}, Params: []string{limit, "batch_count"}, Words: "spending.bz01.", Doubts: 4},
	{ID: "BZ-02", Version: 1, Stage: outcome.Implementation, Subject: SubjectPair, Needs: []outcome.Need{Payments, Contracts}, Params: []string{limit, "split_days", "split_factor"}, Words: "spending.bz02.", Doubts: 4},
	{ID: "BZ-03", Version: 1, Stage: outcome.Implementation, Subject: SubjectPayer, Needs: []outcome.Need{Payments}, Params: []string{limit, "bunch_low", "bunch_high", "bunch_p", "bunch_min"}, Words: "spending.bz03.", Doubts: 4},
	{ID: "BZ-04", Version: 1, Stage: outcome.Implementation, Subject: SubjectPayee, Needs: []outcome.Need{Payments}, Params: []string{limit, "below_share", "below_min", "below_sum"}, Words: "spending.bz04.", Doubts: 4},
	{ID: "BZ-05", Version: 1, Stage: outcome.Implementation, Subject: SubjectPayee, Cases: []string{"invoice", "amount"}, Needs: []outcome.Need{Payments}, Params: []string{"twice_days"}, Words: "spending.bz05.", Doubts: 4},
	{ID: "BZ-06", Version: 1, Stage: outcome.Implementation, Subject: SubjectPair, Cases: []string{"self", "chain"}, Needs: []outcome.Need{Payments, Officers}, Params: []string{"chain_share", "chain_min"}, Words: "spending.bz06.", Doubts: 4},
	{ID: "BZ-07", Version: 1, Stage: outcome.Contract, Subject: SubjectContract, Cases: []string{"written", "rationale"}, Needs: []outcome.Need{Contracts, Documents}, Params: []string{"verbal_limit", "direct_limit"}, Words: "spending.bz07.", Doubts: 4},
	{ID: "BZ-08", Version: 1, Stage: outcome.Tender, Subject: SubjectContract, Cases: []string{"amber", "red", "fara"}, Needs: []outcome.Need{Contracts, Documents}, Params: []string{"tender_usual", "tender_must", "fara_open", "fara_selective", "fara_limited"}, Words: "spending.bz08.", Doubts: 4},
	{ID: "BZ-09", Version: 1, Stage: outcome.Contract, Subject: SubjectContract, Needs: []outcome.Need{Contracts, Clearances}, Params: []string{"review_limit"}, Words: "spending.bz09.", Doubts: 3},
	{ID: "BZ-10", Version: 1, Stage: outcome.Implementation, Subject: SubjectHead, Needs: []outcome.Need{Payments, Heads}, Params: []string{"fiscal_month", "rush_factor", "rush_share", "rush_min"}, Words: "spending.bz10.", Doubts: 4},
	{ID: "BZ-11", Version: 1, Stage: outcome.Implementation, Subject: SubjectPair, Needs: []outcome.Need{Payments, Graph}, Params: []string{"link_edges"}, Words: "spending.bz11.", Doubts: 4},
	{ID: "BZ-12", Version: 1, Stage: outcome.Implementation, Subject: SubjectPayee, Needs: []outcome.Need{Payments}, Params: []string{"invoice_cap"}, Words: "spending.bz12.", Doubts: 4},
}

// limit is the parameter below which payments pass without the Treasury.
const limit = "treasury_review"

// Rules describes the twelve rules. With a table of law each names what it
// stands on, as far as that is law, practice or proposal rather than our choice.
func Rules(b *law.Book) []outcome.Rule {
	out := make([]outcome.Rule, len(rules))
	for i, r := range rules {
		for _, name := range r.Params {
			for _, l := range b.Lines(name) {
				if l.Basis != law.Choice {
					r.Legal = append(r.Legal, l.Legal)
				}
			}
		}
		out[i] = r
	}
	return out
}

// Terms are the parameters of a rule on a day, for the places in its sentences:
// name and value in turn. A value that is not known is "?".
func Terms(b *law.Book, r outcome.Rule, d civil.Date) []any {
	var out []any
	for _, name := range r.Params {
		value := "?"
		if l, ok := b.At(name, d); ok {
			value = l.Value.String()
		}
		out = append(out, name, value)
	}
	return out
}
