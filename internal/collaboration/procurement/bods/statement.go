package bods

import (
	"encoding/json"
	"regexp"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
)

// RecordType is what a statement is about.
type RecordType string

// The types of record.
const (
	EntityRecord       RecordType = "entity"
	PersonRecord       RecordType = "person"
	RelationshipRecord RecordType = "relationship"
)

// Statement is what somebody said about an entity, a person or a relationship.
// Dates are text as in the file, YYYY-MM-DD or a moment.
type Statement struct {
	ID          string       `json:"statementId"`
	Date        string       `json:"statementDate"`
	Declaration string       `json:"declaration,omitempty"`
	Subject     string       `json:"declarationSubject"` // record that the declaration is about
	Record      string       `json:"recordId"`
	Type        RecordType   `json:"recordType"`
	Status      string       `json:"recordStatus,omitempty"` // new, updated, closed
	Details     Details      `json:"recordDetails"`
	Publication *Publication `json:"publicationDetails,omitempty"`
	Source      *Source      `json:"source,omitempty"`
	Annotations []Annotation `json:"annotations,omitempty"`
}

// Details are the record's: fields of entities, persons and relationships, of
// which those count that belong to the statement's type.
type Details struct {
	Component   bool         `json:"isComponent"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Addresses   []Address    `json:"addresses,omitempty"`

	// Of an entity.
	EntityType    *EntityType    `json:"entityType,omitempty"`
	UnknownEntity *Reason        `json:"unspecifiedEntityDetails,omitempty"`
	Name          string         `json:"name,omitempty"`
	OtherNames    []string       `json:"alternateNames,omitempty"`
	Jurisdiction  *Country       `json:"jurisdiction,omitempty"`
	Founded       string         `json:"foundingDate,omitempty"`
	Dissolved     string         `json:"dissolutionDate,omitempty"`
	Listing       *PublicListing `json:"publicListing,omitempty"`

	// Of a person.
	PersonType    string             `json:"personType,omitempty"` // knownPerson, anonymousPerson, unknownPerson
	UnknownPerson *Reason            `json:"unspecifiedPersonDetails,omitempty"`
	Names         []Name             `json:"names,omitempty"`
	Nationalities []Country          `json:"nationalities,omitempty"`
	BirthPlace    *Address           `json:"placeOfBirth,omitempty"`
	Born          string             `json:"birthDate,omitempty"` // YYYY, YYYY-MM or YYYY-MM-DD
	Died          string             `json:"deathDate,omitempty"`
	Exposure      *PoliticalExposure `json:"politicalExposure,omitempty"`

	// Of a relationship.
	Owned      *Party     `json:"subject,omitempty"`
	Owner      *Party     `json:"interestedParty,omitempty"`
	Components []string   `json:"componentRecords,omitempty"`
	Interests  []Interest `json:"interests,omitempty"`
}

// EntityType is the form of an entity, by the codelists entityType and
// entitySubtype.
type EntityType struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype,omitempty"`
	Details string `json:"details,omitempty"`
}

// PublicListing tells whether the shares are traded.
type PublicListing struct {
	Listed bool `json:"hasPublicListing"`
}

// Reason is why somebody is not named, by the codelist unspecifiedReason.
type Reason struct {
	Reason      string `json:"reason"`
	Description string `json:"description,omitempty"`
}

// Name is a person's.
type Name struct {
	Type   string `json:"type,omitempty"`
	Full   string `json:"fullName"`
	Family string `json:"familyName,omitempty"`
	Given  string `json:"givenName,omitempty"`
}

// Country is a country, or a jurisdiction.
type Country struct {
	Name string `json:"name"`
	Code string `json:"code,omitempty"` // ISO 3166-1 alpha-2; of a jurisdiction also 3166-2
}

// Address is where somebody lives, was born or can be reached.
type Address struct {
	Type    string   `json:"type,omitempty"`
	Address string   `json:"address,omitempty"`
	Post    string   `json:"postCode,omitempty"`
	Country *Country `json:"country,omitempty"`
}

// Identifier is a number in a register. For entities the scheme is a code of
// org-id.guide, for persons a country's three letters with PASSPORT, TAXID or
// IDCARD.
type Identifier struct {
	ID         string `json:"id,omitempty"`
	Scheme     string `json:"scheme,omitempty"`
	SchemeName string `json:"schemeName,omitempty"`
	URI        string `json:"uri,omitempty"`
}

// PoliticalExposure is whether a person holds or held a high public office.
type PoliticalExposure struct {
	Status string `json:"status"` // isPep, isNotPep, unknown
}

// Interest is what an owner holds, by the codelist interestType.
type Interest struct {
	Type    string `json:"type,omitempty"`
	Direct  string `json:"directOrIndirect,omitempty"` // direct, indirect, unknown
	Owner   *bool  `json:"beneficialOwnershipOrControl,omitempty"`
	Details string `json:"details,omitempty"`
	Share   *Share `json:"share,omitempty"`
	Start   string `json:"startDate,omitempty"`
	End     string `json:"endDate,omitempty"`
}

// Share is a percentage, exact or between bounds.
type Share struct {
	Exact      Percent `json:"exact,omitempty"`
	Minimum    Percent `json:"minimum,omitempty"`
	Maximum    Percent `json:"maximum,omitempty"`
	AboveBound Percent `json:"exclusiveMinimum,omitempty"`
	BelowBound Percent `json:"exclusiveMaximum,omitempty"`
}

// Percent is a number from 0 to 100 as its digits, or "" where it is not given.
type Percent string

// MarshalJSON writes a number.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p), nil }

// UnmarshalJSON reads a number, or a text that is one; anything else is not
// given.
func (p *Percent) UnmarshalJSON(text []byte) error {
	s := strings.Trim(string(text), `"`)
	if *p = ""; percent.MatchString(s) {
		*p = Percent(s)
	}
	return nil
}

// percent is how numbers are written that can be percentages.
var percent = regexp.MustCompile(`^(0|[1-9][0-9]{0,2})(\.[0-9]{1,30})?$`)

// Publication is by whom a statement was published, and when.
type Publication struct {
	Date      string     `json:"publicationDate"`
	Version   string     `json:"bodsVersion"`
	License   string     `json:"license,omitempty"`
	Publisher *Publisher `json:"publisher"`
}

// Publisher has a name or an address.
type Publisher struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Source is where the information is from, by the codelist sourceType.
type Source struct {
	Types       []string `json:"type,omitempty"`
	Description string   `json:"description,omitempty"`
	URL         string   `json:"url,omitempty"`
	Retrieved   string   `json:"retrievedAt,omitempty"`
	AssertedBy  []Agent  `json:"assertedBy,omitempty"`
}

// Agent is who said it.
type Agent struct {
	Name string `json:"name,omitempty"`
	URI  string `json:"uri,omitempty"`
}

// Annotation is a remark on part of a statement.
type Annotation struct {
	Motivation  string `json:"motivation"`
	Target      string `json:"statementPointerTarget"`
	Created     string `json:"creationDate,omitempty"`
	Description string `json:"description,omitempty"`
	Transformed string `json:"transformedContent,omitempty"`
	URL         string `json:"url,omitempty"`
}

// Party is one side of a relationship: a record, or why there is none.
type Party struct {
	Record string
	Reason
}

// MarshalJSON writes the record's id, or the reason.
func (p *Party) MarshalJSON() ([]byte, error) {
	if p.Record != "" {
		return json.Marshal(p.Record)
	}
	return json.Marshal(p.Reason)
}

// UnmarshalJSON reads either; anything else is a party of which nothing is known.
func (p *Party) UnmarshalJSON(text []byte) error {
	*p = Party{}
	if json.Unmarshal(text, &p.Record) != nil {
		_ = json.Unmarshal(text, &p.Reason)
	}
	return nil
}

// Of is the view of a statement as it was read. What has another type than the
// standard gives it is left out.
func Of(o *ocds.Object) *Statement {
	var s Statement
	// An error tells of the first field that did not fit; the others are filled in.
	_ = json.Unmarshal(ocds.Append(nil, o), &s)
	return &s
}

// Object is the statement as it is written.
func (s *Statement) Object() *ocds.Object {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return parsed(text)
}

// Day is the civil date of a date, a moment, a month or a year, as YYYY-MM-DD
// with the first day where it is not said; "" if it is none of these.
func Day(s string) string {
	switch len(s) {
	case 4:
		s += "-01-01"
	case 7:
		s += "-01"
	}
	if len(s) < 10 || !isDay(s[:10]) {
		return ""
	}
	return s[:10]
}
