// Package extension knows the fields of six extensions of OCDS: bids, lots,
// enquiries, beneficial owners, contract completion and budget breakdown.
//
// A package of OCDS data names its extensions by the addresses of their
// metadata. Those are not fetched. Instead each of the six is here as a patch of
// the release schema (a JSON merge patch, RFC 7396), written by us after the
// fields that the extensions list. A patch holds the fields of the newest
// version, and older names beside them.
//
// It stops at these six, of version 1.1 of the standard, and leaves out lists of
// countries and of measures, patterns of translated fields (title_es), and what
// other extensions than these hang into them.
//
// Source: the repositories ocds_bid_extension (d62ff4b), ocds_lots_extension
// (8d3b52e), ocds_enquiry_extension (e278d5b), ocds_beneficialOwners_extension
// (e37e79a), ocds_contract_completion_extension (5c07b62) and
// ocds_budget_breakdown_extension (345db69) of open-contracting-extensions.
package extension

import (
	"embed"
	"net/url"
	"slices"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/read"
)

// Name is the name of an extension in OCP's registry.
type Name string

// The extensions known here.
const (
	Bids               Name = "bids"
	Lots               Name = "lots"
	Enquiries          Name = "enquiries"
	BeneficialOwners   Name = "beneficialOwners"
	ContractCompletion Name = "contract_completion"
	BudgetBreakdown    Name = "budget_breakdown"
)

// All are the extensions known here.
var All = []Name{Bids, Lots, Enquiries, BeneficialOwners, ContractCompletion, BudgetBreakdown}

// folders are the names of the extensions' repositories.
var folders = map[string]Name{
	"ocds_bid_extension": Bids, "ocds_lots_extension": Lots, "ocds_enquiry_extension": Enquiries,
	"ocds_beneficialowners_extension": BeneficialOwners, "ocds_contract_completion_extension": ContractCompletion,
	"ocds_budget_breakdown_extension": BudgetBreakdown,
}

// Of tells which extension the address of an extension's metadata means, and
// whether it is one known here:
// https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/v1.1.5/extension.json
// and https://extensions.open-contracting.org/en/extensions/bids/v1.1.5/ mean
// bids.
func Of(address string) (Name, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", false
	}
	steps := strings.Split(u.Path, "/")
	for i, step := range steps {
		if n, ok := folders[strings.ToLower(step)]; ok {
			return n, true
		}
		if n := Name(step); i > 0 && steps[i-1] == "extensions" && slices.Contains(All, n) {
			return n, true
		}
	}
	return "", false
}

//go:embed patches
var patches embed.FS

// Patch returns a release schema with the fields of extensions. The schema that
// is given stays as it is, and shares with the new one what did not change.
func Patch(schema *ocds.Object, names ...Name) *ocds.Object {
	for _, n := range names {
		text, err := patches.ReadFile("patches/" + string(n) + ".json")
		if err != nil {
			panic(err)
		}
		patch, err := read.Value(text, read.Usual)
		if err != nil {
			panic(err)
		}
		schema = merged(schema, patch.(*ocds.Object))
	}
	return schema
}

// merged is RFC 7396 for patches that take nothing away.
func merged(target, patch *ocds.Object) *ocds.Object {
	out := &ocds.Object{Fields: slices.Clone(target.Fields)}
	for _, f := range patch.Fields {
		old, _ := target.Get(f.Key)
		inner, both := old.(*ocds.Object)
		deeper, ok := f.Value.(*ocds.Object)
		if both && ok {
			out.Set(f.Key, merged(inner, deeper))
			continue
		}
		out.Set(f.Key, f.Value)
	}
	return out
}

// Codes are the codes that extensions bring: the codelists of their own, and
// what they add to those of the standard, by the names of the files.
func Codes(names ...Name) map[string][]string {
	lists := map[string][]string{}
	for _, n := range names {
		switch n {
		case Bids:
			lists["bidStatus.csv"] = []string{"invited", "pending", "valid", "disqualified", "withdrawn"}
			lists["submissionType.csv"] = []string{"expressionOfInterest", "bid"}
		case BudgetBreakdown:
			lists["partyRole.csv"] = []string{"sourceParty"}
		}
	}
	return lists
}
