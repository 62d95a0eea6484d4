package spending

import (
	"ceiba/internal/collaboration/procurement/spending/civil"
	"ceiba/internal/ground/money"
)

// Fact is whether something is there, if that is known.
type Fact int8

// The facts. Nobody having said so is not the same as its absence.
const (
	Unknown Fact = iota
	No
	Yes
)

// Method is how the supplier was chosen, by OCDS's list of methods.
type Method string

// The methods; empty where it is not known.
const (
	Open      Method = "open"
	Selective Method = "selective"
	Limited   Method = "limited"
	Direct    Method = "direct"
)

// Reviewer is a body that looks at a contract before it is signed.
type Reviewer string

// The reviewers of Belize.
const (
	ProcurementUnit   Reviewer = "procurement_unit"
	ContractorGeneral Reviewer = "contractor_general"
)

// Clearance is a reviewer's document.
type Clearance struct {
	By   Reviewer
	Done Fact       // No if it is known that there was none
	Date civil.Date // of the document
}

// Contract is a contract, or what is known of it.
type Contract struct {
	ID         string
	Process    string // id of the tender it came from
	Payer      Payer
	Payee      string
	Value      money.Amount
	Method     Method
	Signed     civil.Date
	Written    Fact // a written document is there
	Rationale  Fact // the reasons for the method are written down
	Quotations Fact // quotations were asked for
	Notice     Fact // a tender was announced
	Clearances []Clearance
}
