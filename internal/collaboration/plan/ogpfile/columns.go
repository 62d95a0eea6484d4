package ogpfile

import "slices"

// Column is a heading of the file, as it stands there.
type Column string

// The columns that this package reads by name. OGP calls the number behind a
// label by the label's heading with a line before it.
const (
	ColID             Column = "Commitment Unique Identifier"
	ColMember         Column = "Country/Locality"
	ColPlanNumber     Column = "Action Plan Number"
	ColNumber         Column = "Commitment Number"
	ColCode           Column = "Code"
	ColRegion         Column = "Region"
	ColLevel          Column = "National Or Local"
	ColDummy          Column = "Commitment Dummy"
	ColSubmitted      Column = "Year Of Submission"
	ColEndYear        Column = "Action Plan End Year"
	ColDuration       Column = "Action Plan Duration (Years)"
	ColTheme          Column = "Theme"
	ColTitle          Column = "Commitment Title"
	ColShortTitle     Column = "Short Title"
	ColText           Column = "Full Text"
	ColStart          Column = "Start Date"
	ColEnd            Column = "End Date"
	ColLead           Column = "Lead Institution"
	ColSupporting     Column = "Supporting Institution(s)"
	ColReportYear     Column = "Report Publication Year (Progress Report)"
	ColSpecificity    Column = "Specificity"
	ColVerifiable     Column = "Verifiable"
	ColValueATI       Column = "OGP Value Access To Information"
	ColValueCP        Column = "OGP Value Civic Participation"
	ColValuePA        Column = "OGP Value Public Accountability"
	ColValueTech      Column = "OGP Value Technology"
	ColRelevant       Column = "_Relevant"
	ColImpact         Column = "Potential Impact"
	ColImpactNo       Column = "_Potential Impact"
	ColProgress       Column = "Completion (Progress Report)"
	ColProgressNo     Column = "_CompletionProgress"
	ColStarred2015    Column = "Starred (2015 Only)"
	ColStarProgress   Column = "Starred (Current Formula) Progress Report"
	ColPotential      Column = "Potential for Results"
	ColPotentialNo    Column = "_Potential for Results"
	ColEndReportYear  Column = "Report Publication Year (End Of Term)"
	ColEndTerm        Column = "Completion (End Of Term)"
	ColEndTermNo      Column = "_CompletionEndTerm"
	ColChange         Column = "Change In Completion"
	ColChangeNo       Column = "_ChangeCompletion"
	ColEarly          Column = "Early Results"
	ColEarlyNo        Column = "_Early Results"
	ColOpened         Column = "Did It Open Government (Overall)"
	ColOpenedNo       Column = "_OpenGovernment"
	ColStarEnd        Column = "Starred (Current Formula) End of Term"
	ColCarried        Column = "Carried Forward"
	ColMostRecent     Column = "Most Recently Assessed"
	ColStarRecent     Column = "Star - Most Recently Assessed"
	ColAssessed       Column = "IRM Assessed"
	ColUpdated        Column = "Updated? (Website)"
	ColActive         Column = "Active Commitment"
	ColMaxStar        Column = "Max star"
	ColAmbitionKnown  Column = "Ambition Assessed"
	ColCompKnown      Column = "Comp Assessed"
	ColOpenedKnown    Column = "DIOG Assessed"
	ColMidterm        Column = "Midterm Only"
	ColMaxCompletion  Column = "Max Completion"
	ColRaw            Column = "Raw Completion"
	ColHighCompletion Column = "High Completion"
	ColHighAmbition   Column = "High Ambition"
	ColHighOpened     Column = "High DIOG"
	ColQuadBoth       Column = "Ambitious and complete, or DIOG"
	ColQuadAmbitious  Column = "Ambitious but not complete"
	ColQuadComplete   Column = "Complete but not ambitious"
	ColQuadNeither    Column = "Not complete or ambitious"
	ColNotReviewed    Column = "Not reviewed"
	ColChecksum       Column = "CHECKSUM"
	ColScore          Column = "IRM-Based Score"
	ColBinding        Column = "Binding constraint"
	ColURL            Column = "URL"
	ColLatestReport   Column = "Latest IRM Report"
	ColSubnational    Column = "Subnational in NAPs"
	ColPlan           Column = "Action Plan ID"
	ColSerial         Column = "id"
)

// identityColumns is how many columns say which commitment a row is; the tags
// follow them.
const identityColumns = 19

// columns are the headings of the file in its order, 1 to 171: identity (19),
// tags (86), design (21), results (17), derived and administrative (28).
var columns = []Column{
	"Commitment Unique Identifier",
	"Country/Locality",
	"Action Plan Number",
	"Commitment Number",
	"Code",
	"Region",
	"National Or Local",
	"Commitment Dummy",
	"Year Of Submission",
	"Action Plan End Year",
	"Action Plan Duration (Years)",
	"Theme",
	"Commitment Title",
	"Short Title",
	"Full Text",
	"Start Date",
	"End Date",
	"Lead Institution",
	"Supporting Institution(s)",
	"Anti-Corruption and Integrity",
	"Anti-corruption Institutions",
	"Anti-Corruption Strategies",
	"Asset Disclosure",
	"Audits",
	"Beneficial Ownership",
	"Conflicts Of Interest",
	"Elections",
	"Political Finance",
	"Lobbying",
	"Open Contracting",
	"Public Procurement",
	"Right To Information",
	"Whistleblower Protections",
	"Civic Space and Enabling Environment",
	"Freedom of Assembly",
	"Freedom of Association",
	"Freedom of Expression",
	"Democratizing Decision-Making",
	"Digital Participation",
	"Mainstreaming Participation",
	"Regulatory Governance",
	"Social Accountability",
	"Digital Governance",
	"Automated Decision-making",
	"Data Stewardship and Privacy",
	"Digital Inclusion",
	"Disinformation/Misinformation",
	"Online Civic Space",
	"Environment & Climate",
	"Climate Finance",
	"Climate Mitigation and Adaptation",
	"Environmental Regulation",
	"International Environmental Agreements",
	"Fiscal Openness",
	"Publication Of Budget/Fiscal Information",
	"Public Participation In Budget/Fiscal Policy",
	"Oversight Of Budget/Fiscal Policies",
	"Stimulus and Economic Recovery",
	"Tax",
	"Debt",
	"Inclusion",
	"Gender",
	"Gender-Based Violence",
	"Economic Inclusion",
	"LGBTQIA+",
	"People with Disabilities",
	"Youth",
	"Justice",
	"Access to Justice",
	"Open Justice",
	"Policing & Corrections",
	"Judiciary",
	"Open Parliaments",
	"Public Service Delivery",
	"Citizenship & Immigration",
	"Education",
	"Health & Nutrition",
	"Infrastructure & Transport",
	"Water & Sanitation",
	"Capacity Building",
	"Digital Transformation",
	"Legislation",
	"Regulation",
	"Legislative Oversight",
	"Open Data",
	"Public Participation",
	"Aid",
	"Energy",
	"Extractive Industries",
	"Land and Spatial Planning",
	"Media & Telecommunications",
	"Science & Technology",
	"Security & Public Safety",
	"Labor",
	"Private Sector",
	"Subnational",
	"Human Rights",
	"Open Parliament Plan",
	"Sustainable Development Goals",
	"Open Data (Water/Sanitation)",
	"Open Data (Health)",
	"Open Data (Education)",
	"Participation in Lawmaking",
	"Access to information",
	"Money in Politics",
	"Report Publication Year (Progress Report)",
	"Compound",
	"Cluster",
	"Specificity",
	"_Specificity",
	"Verifiable",
	"OGP Value Access To Information",
	"OGP Value Civic Participation",
	"OGP Value Public Accountability",
	"OGP Value Technology",
	"_Relevant",
	"Potential Impact",
	"_Potential Impact",
	"Completion (Progress Report)",
	"_CompletionProgress",
	"Starred (2015 Only)",
	"Starred (Current Formula) Progress Report",
	"Potential for Results",
	"_Potential for Results",
	"Cluster (AP Review)",
	"Cluster Commitment ID(s)",
	"Report Publication Year (End Of Term)",
	"Completion (End Of Term)",
	"_CompletionEndTerm",
	"Change In Completion",
	"_ChangeCompletion",
	"Early Results",
	"_Early Results",
	"Did It Open Government (Overall)",
	"_OpenGovernment",
	"Did It Open Government (Access To Information)",
	"_DIOGATI",
	"Did It Open Government (Civic Participation)",
	"_DIOGCP",
	"Did It Open Government: Public Accountability",
	"_DIOGPA",
	"Starred (Current Formula) End of Term",
	"Carried Forward",
	"Most Recently Assessed",
	"Star - Most Recently Assessed",
	"IRM Assessed",
	"Updated? (Website)",
	"Active Commitment",
	"Max star",
	"Ambition Assessed",
	"Comp Assessed",
	"DIOG Assessed",
	"Midterm Only",
	"Max Completion",
	"Raw Completion",
	"High Completion",
	"High Ambition",
	"High DIOG",
	"Ambitious and complete, or DIOG",
	"Ambitious but not complete",
	"Complete but not ambitious",
	"Not complete or ambitious",
	"Not reviewed",
	"CHECKSUM",
	"IRM-Based Score",
	"Binding constraint",
	"URL",
	"Latest IRM Report",
	"Subnational in NAPs",
	"Action Plan ID",
	"id",
}

// Columns returns the 171 headings in the order of the file.
func Columns() []Column { return slices.Clone(columns) }

// Identity returns the 19 columns that say which commitment a row is.
func Identity() []Column { return slices.Clone(columns[:identityColumns]) }
