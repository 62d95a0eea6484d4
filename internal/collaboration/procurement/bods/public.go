package bods

import (
	"errors"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds"
)

// ErrPersonal is returned for a statement that repeats a number or an address of
// a person in a place that would be published.
var ErrPersonal = errors.New("a number or address of a person stands where it would be published")

// Public is the view of a statement that may be published. Of a person there
// stay names, the month of birth, nationalities and whether they hold a public
// office; of addresses the country. Statements of entities and relationships stay
// as they are, without properties that the standard does not have and without
// annotations, which may hold what was corrected.
func Public(o *ocds.Object) (*ocds.Object, error) {
	out := kept(o, publicStatement)
	details := objectAt(o, "recordDetails")
	if details == nil {
		return out, nil
	}
	switch RecordType(o.Text("recordType")) {
	case EntityRecord:
		out.Set("recordDetails", kept(details, publicEntity))
	case RelationshipRecord:
		out.Set("recordDetails", kept(details, publicRelationship))
	case PersonRecord:
		person := publicPerson(details)
		out.Set("recordDetails", person)
		text := string(ocds.Append(nil, out))
		for _, secret := range secrets(details) {
			if strings.Contains(text, secret) {
				return nil, ErrPersonal
			}
		}
	default:
		out.Set("recordDetails", &ocds.Object{}) // of what nobody knows, nothing is known to be harmless
	}
	return out, nil
}

// What stays of each kind.
var (
	publicStatement    = words("statementId statementDate publicationDetails source declaration declarationSubject recordId recordType recordStatus")
	publicEntity       = words("isComponent entityType unspecifiedEntityDetails name alternateNames jurisdiction identifiers foundingDate dissolutionDate addresses uri publicListing formedByStatute")
	publicRelationship = words("isComponent componentRecords subject interestedParty interests")
	publicOfPerson     = words("isComponent personType unspecifiedPersonDetails nationalities")
	publicName         = words("type fullName familyName givenName patronymicName")
	publicExposure     = words("status")
	publicOffice       = words("reason jurisdiction startDate endDate")
)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// kept is an object with some of its properties.
func kept(o *ocds.Object, names map[string]bool) *ocds.Object {
	out := &ocds.Object{}
	for _, f := range o.Fields {
		if names[f.Key] {
			out.Set(f.Key, f.Value)
		}
	}
	return out
}

func publicPerson(d *ocds.Object) *ocds.Object {
	out := kept(d, publicOfPerson)
	if names := each(d, "names", publicName); names != nil {
		out.Set("names", names)
	}
	for _, date := range []string{"birthDate", "deathDate"} {
		if day := d.Text(date); Day(day) != "" {
			out.Set(date, day[:min(7, len(day))])
		}
	}
	if where := objectAt(d, "placeOfBirth"); where != nil {
		out.Set("placeOfBirth", kept(where, words("type country")))
	}
	if addresses := each(d, "addresses", words("type country")); addresses != nil {
		out.Set("addresses", addresses)
	}
	if exposure := objectAt(d, "politicalExposure"); exposure != nil {
		o := kept(exposure, publicExposure)
		if offices := each(exposure, "details", publicOffice); offices != nil {
			o.Set("details", offices)
		}
		out.Set("politicalExposure", o)
	}
	return out
}

// each is a list of objects with some of their properties; nil without a list.
func each(o *ocds.Object, key string, names map[string]bool) []any {
	v, _ := o.Get(key)
	list, ok := v.([]any)
	if !ok {
		return nil
	}
	out := []any{}
	for _, one := range list {
		if inner, ok := one.(*ocds.Object); ok {
			out = append(out, kept(inner, names))
		}
	}
	return out
}

func objectAt(o *ocds.Object, key string) *ocds.Object {
	v, _ := o.Get(key)
	inner, _ := v.(*ocds.Object)
	return inner
}

// secrets are the numbers, addresses and days of birth and death of a person, as
// they stand in JSON. Shorter texts are in anything.
func secrets(d *ocds.Object) (out []string) {
	add := func(s string) {
		text := string(ocds.Append(nil, s))
		if s = text[1 : len(text)-1]; len(s) >= 5 {
			out = append(out, s)
		}
	}
	collect := func(key string, fields ...string) {
		v, _ := d.Get(key)
		list, _ := v.([]any)
		if one := objectAt(d, key); one != nil {
			list = []any{one}
		}
		for _, one := range list {
			if o, ok := one.(*ocds.Object); ok {
				for _, f := range fields {
					add(o.Text(f))
				}
			}
		}
	}
	collect("identifiers", "id", "uri")
	collect("addresses", "address", "postCode")
	collect("placeOfBirth", "address", "postCode")
	for _, date := range []string{"birthDate", "deathDate"} {
		if day := d.Text(date); len(day) > 7 {
			add(day)
		}
	}
	return out
}
