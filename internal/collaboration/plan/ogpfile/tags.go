package ogpfile

import "slices"

// Tag is a policy area of OGP's taxonomy.
type Tag struct {
	Column Column // its heading
	Parent Column // the area it belongs to; empty for an area, a tool, a sector
	Group  Group
	// Loose says that the tag stands beside its parent without setting it:
	// of 64 commitments on the right to information 60 are not about
	// corruption.
	Loose bool
}

// Group is a part of the taxonomy.
type Group string

// The groups of tags.
const (
	GroupArea   Group = "area"   // a policy area, with or without children
	GroupTool   Group = "tool"   // what cuts across areas
	GroupSector Group = "sector" // sectors, and slices that OGP drew for its own reports
)

// tags are the 86 tags in the order of the file's columns 20 to 105. That a
// child sets its parent was checked against all 558 rows; a parent may be set
// without a child.
var tags = []Tag{
	{"Anti-Corruption and Integrity", "", GroupArea, false},
	{"Anti-corruption Institutions", "Anti-Corruption and Integrity", GroupArea, false},
	{"Anti-Corruption Strategies", "Anti-Corruption and Integrity", GroupArea, false},
	{"Asset Disclosure", "Anti-Corruption and Integrity", GroupArea, false},
	{"Audits", "Anti-Corruption and Integrity", GroupArea, false},
	{"Beneficial Ownership", "Anti-Corruption and Integrity", GroupArea, false},
	{"Conflicts Of Interest", "Anti-Corruption and Integrity", GroupArea, false},
	{"Elections", "Anti-Corruption and Integrity", GroupArea, false},
	{"Political Finance", "Anti-Corruption and Integrity", GroupArea, false},
	{"Lobbying", "Anti-Corruption and Integrity", GroupArea, false},
	{"Open Contracting", "Anti-Corruption and Integrity", GroupArea, false},
	{"Public Procurement", "Anti-Corruption and Integrity", GroupArea, false},
	{"Right To Information", "Anti-Corruption and Integrity", GroupArea, true},
	{"Whistleblower Protections", "Anti-Corruption and Integrity", GroupArea, false},
	{"Civic Space and Enabling Environment", "", GroupArea, false},
	{"Freedom of Assembly", "Civic Space and Enabling Environment", GroupArea, false},
	{"Freedom of Association", "Civic Space and Enabling Environment", GroupArea, false},
	{"Freedom of Expression", "Civic Space and Enabling Environment", GroupArea, false},
	{"Democratizing Decision-Making", "", GroupArea, false},
	{"Digital Participation", "Democratizing Decision-Making", GroupArea, false},
	{"Mainstreaming Participation", "Democratizing Decision-Making", GroupArea, false},
	{"Regulatory Governance", "Democratizing Decision-Making", GroupArea, false},
	{"Social Accountability", "Democratizing Decision-Making", GroupArea, false},
	{"Digital Governance", "", GroupArea, false},
	{"Automated Decision-making", "Digital Governance", GroupArea, false},
	{"Data Stewardship and Privacy", "Digital Governance", GroupArea, false},
	{"Digital Inclusion", "Digital Governance", GroupArea, false},
	{"Disinformation/Misinformation", "Digital Governance", GroupArea, false},
	{"Online Civic Space", "Digital Governance", GroupArea, false},
	{"Environment & Climate", "", GroupArea, false},
	{"Climate Finance", "Environment & Climate", GroupArea, false},
	{"Climate Mitigation and Adaptation", "Environment & Climate", GroupArea, false},
	{"Environmental Regulation", "Environment & Climate", GroupArea, false},
	{"International Environmental Agreements", "Environment & Climate", GroupArea, false},
	{"Fiscal Openness", "", GroupArea, false},
	{"Publication Of Budget/Fiscal Information", "Fiscal Openness", GroupArea, false},
	{"Public Participation In Budget/Fiscal Policy", "Fiscal Openness", GroupArea, false},
	{"Oversight Of Budget/Fiscal Policies", "Fiscal Openness", GroupArea, false},
	{"Stimulus and Economic Recovery", "Fiscal Openness", GroupArea, false},
	{"Tax", "Fiscal Openness", GroupArea, false},
	{"Debt", "Fiscal Openness", GroupArea, false},
	{"Inclusion", "", GroupArea, false},
	{"Gender", "Inclusion", GroupArea, false},
	{"Gender-Based Violence", "Inclusion", GroupArea, false},
	{"Economic Inclusion", "Inclusion", GroupArea, false},
	{"LGBTQIA+", "Inclusion", GroupArea, false},
	{"People with Disabilities", "Inclusion", GroupArea, false},
	{"Youth", "Inclusion", GroupArea, false},
	{"Justice", "", GroupArea, false},
	{"Access to Justice", "Justice", GroupArea, false},
	{"Open Justice", "Justice", GroupArea, false},
	{"Policing & Corrections", "Justice", GroupArea, false},
	{"Judiciary", "Justice", GroupArea, false},
	{"Open Parliaments", "", GroupArea, false},
	{"Public Service Delivery", "", GroupArea, false},
	{"Citizenship & Immigration", "Public Service Delivery", GroupArea, false},
	{"Education", "Public Service Delivery", GroupArea, false},
	{"Health & Nutrition", "Public Service Delivery", GroupArea, false},
	{"Infrastructure & Transport", "Public Service Delivery", GroupArea, false},
	{"Water & Sanitation", "Public Service Delivery", GroupArea, false},
	{"Capacity Building", "", GroupTool, false},
	{"Digital Transformation", "", GroupTool, false},
	{"Legislation", "", GroupTool, false},
	{"Regulation", "", GroupTool, false},
	{"Legislative Oversight", "", GroupTool, false},
	{"Open Data", "", GroupTool, false},
	{"Public Participation", "", GroupTool, false},
	{"Aid", "", GroupSector, false},
	{"Energy", "", GroupSector, false},
	{"Extractive Industries", "", GroupSector, false},
	{"Land and Spatial Planning", "", GroupSector, false},
	{"Media & Telecommunications", "", GroupSector, false},
	{"Science & Technology", "", GroupSector, false},
	{"Security & Public Safety", "", GroupSector, false},
	{"Labor", "", GroupSector, false},
	{"Private Sector", "", GroupSector, false},
	{"Subnational", "", GroupSector, false},
	{"Human Rights", "", GroupSector, false},
	{"Open Parliament Plan", "", GroupSector, false},
	{"Sustainable Development Goals", "", GroupSector, false},
	{"Open Data (Water/Sanitation)", "", GroupSector, false},
	{"Open Data (Health)", "", GroupSector, false},
	{"Open Data (Education)", "", GroupSector, false},
	{"Participation in Lawmaking", "", GroupSector, false},
	{"Access to information", "", GroupSector, false},
	{"Money in Politics", "", GroupSector, false},
}

// Tags returns the 86 tags in the order of the file.
func Tags() []Tag { return slices.Clone(tags) }

// TagOf finds a tag by its heading.
func TagOf(c Column) (Tag, bool) {
	i := slices.IndexFunc(tags, func(t Tag) bool { return t.Column == c })
	if i < 0 {
		return Tag{}, false
	}
	return tags[i], true
}

// Children returns the tags below an area.
func Children(area Column) (out []Tag) {
	for _, t := range tags {
		if t.Parent == area {
			out = append(out, t)
		}
	}
	return out
}

// WithParents adds to a choice of tags the areas that they set, and returns
// all in the order of the file. Unknown headings are left out.
func WithParents(chosen []Column) (out []Column) {
	set := map[Column]bool{}
	for _, c := range chosen {
		if t, ok := TagOf(c); ok {
			set[c] = true
			if t.Parent != "" && !t.Loose {
				set[t.Parent] = true
			}
		}
	}
	for _, t := range tags {
		if set[t.Column] {
			out = append(out, t.Column)
		}
	}
	return out
}
