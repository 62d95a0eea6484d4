// Package settings reads the settings file of Cardinal, Open Contracting's
// program for procurement indicators: an INI file, one section for each
// indicator that is to be computed, with its thresholds.
//
// Names and defaults are those of cardinal-rs 0.0.8 (src/indicators/mod.rs, and
// the text of src/lib.rs, init). An unknown name in a known section is an error,
// for a threshold with a typing error would otherwise be ignored; an unknown
// section is passed over, as Cardinal does.
//
// It stops at what Cardinal's documentation shows of INI: comments on lines of
// their own, quotation marks around a whole value, no escapes.
package settings

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Settings are what a file sets. An indicator that has no section is nil, and
// not computed. Nil numbers are left to the indicator.
type Settings struct {
	Currency          string   // the one in which prices are compared; empty is the first that is seen
	NoPriceComparison []string // procurementMethodDetails whose prices say nothing
	PriceComparison   []string // if any, the only ones whose prices say something
	Excluded          []string // procurementMethodDetails that are left out altogether

	R003 *R003
	R018 *R018
	R024 *Fence
	R025 *R025
	R028 *Plain
	R030 *Plain
	R035 *R035
	R036 *Plain
	R038 *R038
	R048 *R048
	R058 *Fence

	Prepare Prepare
}

// Plain is an indicator that has nothing to set.
type Plain struct{}

// Fence is an indicator whose limit comes from the data unless it is set.
type Fence struct {
	Threshold *float64 // a ratio
}

// R003 is the short submission period.
type R003 struct {
	Threshold int64            // whole days, 15 unless set
	Methods   []string         // procurementMethod; none is all
	ByDetails map[string]int64 // days by procurementMethodDetails
}

// R018 is the single bid.
type R018 struct {
	Methods []string // procurementMethod, open and selective unless set; none is all
}

// R025 is the excessive unsuccessful bids.
type R025 struct {
	Percentile int      // of the number of processes, 75 unless set
	Threshold  *float64 // a ratio of bids won
}

// R035 is all but the winner disqualified.
type R035 struct {
	Threshold int // others disqualified, 1 unless set and never less
}

// R038 is the excessive disqualified bids.
type R038 struct {
	Threshold        *float64 // a ratio of bids disqualified
	MinimumBids      int      // for a tenderer, 2 unless set
	MinimumProcesses int      // for a buyer or a procuring entity, 2 unless set
}

// R048 is the heterogeneous supplier.
type R048 struct {
	Digits           int  // of a classification that count, 2 unless set
	Threshold        *int // different classifications
	MinimumProcesses int  // of a supplier, 20 unless set
}

// Prepare is what the clean-up before the indicators changes.
type Prepare struct {
	Currency      string // where a bid's value has none
	ItemScheme    string // where an item's classification has none
	BidStatus     string
	AwardStatus   string
	PartyRoles    bool // add the roles that references to a party show
	RedactAmounts []float64
	RedactIDs     []string

	AwardByContracts bool // an award whose contracts are all cancelled is cancelled
	MoveAuctions     bool // from /auctions to /bids
	PrefixBuyer      string
	PrefixTenderer   string
	SplitDetails     *string // procurementMethodDetails end before this text

	BidStatuses   map[string]string // the publisher's code to OCDS's
	AwardStatuses map[string]string
}

// All has every indicator, with its defaults: what is computed without a file.
func All() Settings {
	var s Settings
	for _, name := range []string{"R003", "R018", "R024", "R025", "R028", "R030", "R035", "R036", "R038", "R048", "R058"} {
		s.enable(name)
	}
	return s
}

// Read reads a settings file. Errors say the line, and what is wrong there.
func Read(r io.Reader) (Settings, error) {
	var s Settings
	entries, err := parseINI(r)
	if err != nil {
		return s, err
	}
	for _, e := range entries {
		if err := s.set(e); err != nil {
			return s, fmt.Errorf("line %d: %w", e.line, err)
		}
	}
	return s, nil
}

// enable gives an indicator its defaults, unless it has them.
func (s *Settings) enable(name string) {
	switch name {
	case "R003":
		s.R003 = first(s.R003, R003{Threshold: 15})
	case "R018":
		s.R018 = first(s.R018, R018{Methods: []string{"open", "selective"}})
	case "R024":
		s.R024 = first(s.R024, Fence{})
	case "R025":
		s.R025 = first(s.R025, R025{Percentile: 75})
	case "R028":
		s.R028 = first(s.R028, Plain{})
	case "R030":
		s.R030 = first(s.R030, Plain{})
	case "R035":
		s.R035 = first(s.R035, R035{Threshold: 1})
	case "R036":
		s.R036 = first(s.R036, Plain{})
	case "R038":
		s.R038 = first(s.R038, R038{MinimumBids: 2, MinimumProcesses: 2})
	case "R048":
		s.R048 = first(s.R048, R048{Digits: 2, MinimumProcesses: 20})
	case "R058":
		s.R058 = first(s.R058, Fence{})
	}
}

func first[T any](have *T, otherwise T) *T {
	if have != nil {
		return have
	}
	return &otherwise
}

// set takes in one property, or the heading of a section.
func (s *Settings) set(e entry) error {
	name, _, _ := strings.Cut(e.section, ".")
	s.enable(name)
	if e.key == "" {
		return nil
	}
	switch e.section {
	case "R003.procurement_method_details":
		days, err := strconv.ParseInt(e.value, 10, 64)
		if s.R003.ByDetails == nil {
			s.R003.ByDetails = map[string]int64{}
		}
		s.R003.ByDetails[e.key] = days
		return number(e, err)
	case "codelists.bid_status":
		put(&s.Prepare.BidStatuses, e)
		return nil
	case "codelists.award_status":
		put(&s.Prepare.AwardStatuses, e)
		return nil
	}
	names, known := s.names()[e.section]
	if !known {
		return nil
	}
	into, known := names[e.key]
	if !known {
		if e.section == "" {
			return nil
		}
		return fmt.Errorf("[%s] has no %q", e.section, e.key)
	}
	return assign(into, e)
}

func put(m *map[string]string, e entry) {
	if *m == nil {
		*m = map[string]string{}
	}
	(*m)[e.key] = e.value
}

// names says where the properties of each section go; sections of indicators
// that are not enabled are not asked for.
func (s *Settings) names() map[string]map[string]any {
	p, out := &s.Prepare, map[string]map[string]any{}
	out[""] = map[string]any{
		"currency": &s.Currency, "no_price_comparison_procurement_methods": &s.NoPriceComparison,
		"price_comparison_procurement_methods": &s.PriceComparison,
	}
	out["output"] = map[string]any{"info_currency_mismatches": new(bool)}
	out["exclusions"] = map[string]any{"procurement_method_details": &s.Excluded}
	out["defaults"] = map[string]any{
		"currency": &p.Currency, "item_classification_scheme": &p.ItemScheme, "bid_status": &p.BidStatus,
		"award_status": &p.AwardStatus, "party_roles": &p.PartyRoles,
	}
	out["redactions"] = map[string]any{"amount": &p.RedactAmounts, "organization_id": &p.RedactIDs}
	out["corrections"] = map[string]any{"award_status_by_contract_status": &p.AwardByContracts}
	out["modifications"] = map[string]any{
		"move_auctions": &p.MoveAuctions, "prefix_buyer_or_procuring_entity_id": &p.PrefixBuyer,
		"prefix_tenderer_or_supplier_id": &p.PrefixTenderer, "split_procurement_method_details": &p.SplitDetails,
	}
	for _, plain := range []string{"R028", "R030", "R036"} {
		out[plain] = map[string]any{}
	}
	s.indicatorNames(out)
	return out
}

func (s *Settings) indicatorNames(out map[string]map[string]any) {
	if s.R003 != nil {
		out["R003"] = map[string]any{"threshold": &s.R003.Threshold, "procurement_methods": &s.R003.Methods}
	}
	if s.R018 != nil {
		out["R018"] = map[string]any{"procurement_methods": &s.R018.Methods}
	}
	if s.R024 != nil {
		out["R024"] = map[string]any{"threshold": &s.R024.Threshold}
	}
	if s.R025 != nil {
		out["R025"] = map[string]any{"percentile": &s.R025.Percentile, "threshold": &s.R025.Threshold}
	}
	if s.R035 != nil {
		out["R035"] = map[string]any{"threshold": &s.R035.Threshold}
	}
	if s.R038 != nil {
		out["R038"] = map[string]any{
			"threshold": &s.R038.Threshold, "minimum_submitted_bids": &s.R038.MinimumBids,
			"minimum_contracting_processes": &s.R038.MinimumProcesses,
		}
	}
	if s.R048 != nil {
		out["R048"] = map[string]any{
			"digits": &s.R048.Digits, "threshold": &s.R048.Threshold,
			"minimum_contracting_processes": &s.R048.MinimumProcesses,
		}
	}
	if s.R058 != nil {
		out["R058"] = map[string]any{"threshold": &s.R058.Threshold}
	}
}

// assign reads a value as what it is to be.
func assign(into any, e entry) (err error) {
	switch p := into.(type) {
	case *string:
		*p = e.value
	case **string:
		*p = &e.value
	case *[]string:
		*p = pipes(e.value)
	case *[]float64:
		*p = amounts(e.value)
	case *bool:
		switch strings.ToLower(e.value) {
		case "true", "yes", "on", "1":
			*p = true
		case "false", "no", "off", "0":
			*p = false
		default:
			return fmt.Errorf("%s: %q is neither true nor false", e.key, e.value)
		}
	case *int:
		*p, err = natural(e.value)
	case **int:
		var n int
		n, err = natural(e.value)
		*p = &n
	case *int64:
		*p, err = strconv.ParseInt(e.value, 10, 64)
	case **float64:
		var f float64
		f, err = strconv.ParseFloat(e.value, 64)
		*p = &f
	default:
		err = fmt.Errorf("no way to read %T", into)
	}
	return number(e, err)
}

// natural reads a count, which is never negative.
func natural(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

func number(e entry, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %q is not a number that can stand here", e.key, e.value)
	}
	return nil
}

// pipes takes a list apart, whose last element may be ended too.
func pipes(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "|"), "|")
}

// amounts takes the numbers of a list; what is none is passed over, as Cardinal
// does.
func amounts(s string) (out []float64) {
	for _, part := range pipes(s) {
		if f, err := strconv.ParseFloat(part, 64); err == nil {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}
