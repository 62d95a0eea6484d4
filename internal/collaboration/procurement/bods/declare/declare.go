// Package declare writes valid statements of BODS 0.4 out of the few facts that
// an officer knows: a company, who owns it with which share or interest, since
// when, and who said so.
//
// What it promises: what Statements returns is accepted by package schema and by
// package check, or there is an error that says what is missing. The same facts
// give the same statements, ids among them. A record's id stays the same from
// one declaration to the next, so that statements about it are a series.
//
// It stops at owners that hold directly: a company that owns is named as such,
// and its own owners are in its own declaration. Records' ids are the caller's:
// ids of the site, never numbers of identity papers, since they are published.
package declare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"ceiba/internal/collaboration/procurement/bods"
	"ceiba/internal/collaboration/procurement/bods/check"
	"ceiba/internal/collaboration/procurement/bods/schema"
	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/outcome"
)

// Facts are what somebody declared on a day.
type Facts struct {
	Declaration string // its reference; may be empty
	Date        string // YYYY-MM-DD on which it was declared
	Status      string // of the records: new, updated or closed; "new" if empty
	Company     Company
	Owners      []Owner
	NoOwners    string // why there are none: a code of unspecifiedReason
	Source      bods.Source
	Publisher   bods.Publisher
	Published   string // YYYY-MM-DD; Date if empty
	License     string // an address; may be empty
}

// Company is an entity that is registered, a state body or another.
type Company struct {
	Record       string
	Name         string
	Type         string // code of entityType; registeredEntity if empty
	Jurisdiction bods.Country
	Identifiers  []bods.Identifier
	Founded      string
}

// Person is a human being.
type Person struct {
	Record        string
	Name          string
	Born          string // YYYY, YYYY-MM or YYYY-MM-DD; may be empty
	Nationalities []bods.Country
	Identifiers   []bods.Identifier
	Addresses     []bods.Address
	Exposed       string // isPep, isNotPep, unknown; may be empty
	Hidden        string // a person whose name is not given: a code of unspecifiedReason
}

// Owner is who holds interests in the company: a person, a company, or nobody
// known, with the reason.
type Owner struct {
	Person    *Person
	Company   *Company
	Unknown   string // code of unspecifiedReason
	Interests []Interest
}

// Interest is what is held.
type Interest struct {
	Type       string // code of interestType
	Share      bods.Share
	Since      string // YYYY-MM-DD; may be empty
	Until      string
	Beneficial bool // this makes a person a beneficial owner
}

// ErrFacts is returned for facts that make no declaration; its text says what is
// missing.
var ErrFacts = errors.New("not enough for a declaration")

// Statements writes the statements of a declaration: the company, then its
// owners, then what they hold.
func Statements(f Facts) ([]*bods.Statement, error) {
	if f.Company.Record == "" || f.Company.Name == "" {
		return nil, fmt.Errorf("%w: the company's record and name", ErrFacts)
	}
	if len(f.Owners) == 0 && f.NoOwners == "" {
		return nil, fmt.Errorf("%w: an owner, or why there is none", ErrFacts)
	}
	f.Status, f.Published = cmp.Or(f.Status, "new"), cmp.Or(f.Published, f.Date)
	out := []*bods.Statement{f.statement(f.Company.Record, bods.EntityRecord, f.Company.details())}
	var relations []*bods.Statement
	for _, o := range f.owners() {
		party, about, err := f.party(o)
		if err != nil {
			return nil, err
		}
		if about != nil && !slices.ContainsFunc(out, func(s *bods.Statement) bool { return s.Record == about.Record }) {
			out = append(out, about)
		}
		relations = append(relations, f.relation(party, o))
	}
	out = append(out, relations...)
	return out, judged(out)
}

// owners are those that were named, or a nobody with the reason.
func (f *Facts) owners() []Owner {
	if f.NoOwners != "" {
		return append(slices.Clone(f.Owners), Owner{Unknown: f.NoOwners})
	}
	return f.Owners
}

// party is an owner as a side of a relationship, and the statement about them.
func (f *Facts) party(o Owner) (*bods.Party, *bods.Statement, error) {
	switch {
	case o.Person != nil && o.Person.Record != "":
		return &bods.Party{Record: o.Person.Record}, f.statement(o.Person.Record, bods.PersonRecord, o.Person.details()), nil
	case o.Company != nil && o.Company.Record != "":
		return &bods.Party{Record: o.Company.Record}, f.statement(o.Company.Record, bods.EntityRecord, o.Company.details()), nil
	case o.Person == nil && o.Company == nil && o.Unknown != "":
		return &bods.Party{Reason: bods.Reason{Reason: o.Unknown}}, nil, nil
	}
	return nil, nil, fmt.Errorf("%w: who the owner is, with a record, or why nobody knows", ErrFacts)
}

func (f *Facts) relation(party *bods.Party, o Owner) *bods.Statement {
	d := bods.Details{Owned: &bods.Party{Record: f.Company.Record}, Owner: party}
	for _, i := range o.Interests {
		beneficial := i.Beneficial
		one := bods.Interest{Type: i.Type, Direct: "direct", Owner: &beneficial, Start: i.Since, End: i.Until}
		if i.Share != (bods.Share{}) {
			share := i.Share
			one.Share = &share
		}
		d.Interests = append(d.Interests, one)
	}
	record := outcome.NewDigest("relationship").Add(f.Company.Record, party.Record, party.Reason.Reason).Sum()[:40]
	return f.statement(record, bods.RelationshipRecord, d)
}

func (c *Company) details() bods.Details {
	d := bods.Details{
		EntityType: &bods.EntityType{Type: cmp.Or(c.Type, "registeredEntity")}, Name: c.Name, Identifiers: c.Identifiers, Founded: c.Founded,
	}
	if c.Jurisdiction != (bods.Country{}) {
		where := c.Jurisdiction
		d.Jurisdiction = &where
	}
	return d
}

func (p *Person) details() bods.Details {
	d := bods.Details{PersonType: "knownPerson", Born: p.Born, Nationalities: p.Nationalities, Identifiers: p.Identifiers, Addresses: p.Addresses}
	if p.Name != "" {
		d.Names = []bods.Name{{Type: "legal", Full: p.Name}}
	}
	if p.Exposed != "" {
		d.Exposure = &bods.PoliticalExposure{Status: p.Exposed}
	}
	if p.Hidden != "" {
		d.PersonType, d.UnknownPerson = "anonymousPerson", &bods.Reason{Reason: p.Hidden}
		if p.Name == "" && p.Hidden == "unknown" {
			d.PersonType = "unknownPerson"
		}
	}
	return d
}

// statement says something of a record. Its id is a digest of all it says.
func (f *Facts) statement(record string, t bods.RecordType, d bods.Details) *bods.Statement {
	source, publisher := f.Source, f.Publisher
	s := &bods.Statement{
		Date: f.Date, Declaration: f.Declaration, Subject: f.Company.Record, Record: record, Type: t, Status: f.Status, Details: d, Source: &source,
		Publication: &bods.Publication{Date: f.Published, Version: "0.4", License: f.License, Publisher: &publisher},
	}
	s.ID = outcome.NewDigest("statement").Add(string(ocds.Append(nil, s.Object()))).Sum()
	return s
}

// judged applies the schemas and checks.
func judged(all []*bods.Statement) error {
	objects := make([]*ocds.Object, len(all))
	var wrong []error
	for i, s := range all {
		objects[i] = s.Object()
		for _, p := range schema.Validate(objects[i], i) {
			wrong = append(wrong, &p)
		}
	}
	for _, p := range check.Check(objects, check.Options{}) {
		wrong = append(wrong, &p)
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %w", ErrFacts, errors.Join(wrong...))
	}
	return nil
}

// Write is a file of statements: a JSON array with a statement on each line.
func Write(all []*bods.Statement) []byte {
	b := []byte{'['}
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = ocds.Append(append(b, '\n'), s.Object())
	}
	return append(b, "\n]\n"...)
}
