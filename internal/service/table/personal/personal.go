// Package personal finds columns that tell something about living people, by
// their labels and the first of their values, so that nobody makes them public
// without having been asked. It guesses: a person decides.
package personal

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"ceiba/internal/ground/id"
)

// Kind is what a column seems to tell about living people. It has a word at
// "table.personal."+kind in the locale/ of package table.
type Kind string

// The kinds of personal data that are looked for.
const (
	Email     Kind = "email"
	Phone     Kind = "phone"
	SSN       Kind = "social_security"
	Passport  Kind = "passport"
	Card      Kind = "payment_card"
	Birth     Kind = "birth_date"
	Name      Kind = "name" // only beside another kind, or in a column called so
	Address   Kind = "home_address"
	Bank      Kind = "bank_account"
	Health    Kind = "health_record"
	Licence   Kind = "licence_number"
	IPAddress Kind = "ip_address"
)

// Finding is one finding.
type Finding struct {
	Column int
	Kind   Kind
	Hits   int    // values that look like it; 0 where only the label says so
	Seen   int    // values that are not empty
	Masked string // one of the hits, its middle hidden
}

// inText are numbers and addresses that are told by their form, wherever in a
// text they stand. One is enough: they do not come about by chance.
var inText = []struct {
	kind  Kind
	form  *regexp.Regexp
	check func(string) bool
}{
	{Email, regexp.MustCompile(`(?i)\b[a-z0-9][a-z0-9._%+\-]*@[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,}\b`), nil},
	{SSN, regexp.MustCompile(`\b\d{3}-\d{2}-\d{4}\b`), nil},
	{Card, regexp.MustCompile(`\b(?:\d{4}[ \-]?){3}\d{1,4}\b|\b3[47]\d{2}[ \-]?\d{6}[ \-]?\d{5}\b`), luhn},
	{Bank, regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b`), iban},
}

// byColumn are forms that are common in other data too: most values must have
// them, and the label must not say otherwise.
var phone = regexp.MustCompile(`^(?:\+?\d{1,3}[ .\-]?)?(?:\(\d{2,4}\)[ .\-]?)?\d{3}[ .\-]\d{4}$|^\+?\d{1,3}[ .\-]\d{3}[ .\-]\d{3}[ .\-]\d{4}$|^\(?\d{3}\)?[ .\-]\d{3}[ .\-]\d{4}$|^\+\d{10,14}$`)

// The forms that a label must promise: any nine digits are a Belizean Social
// Security number, and any date a birthday.
var (
	passport = regexp.MustCompile(`^[A-Za-z]{0,2}\d{6,9}$`)
	digits   = regexp.MustCompile(`\d`)
)

// said are words of a label, in English and Spanish, and the kind they promise.
var said = []struct {
	kind  Kind
	words []string
	form  *regexp.Regexp // that values must have; nil: any
}{
	{SSN, []string{"ssn", "ssb", "social security", "social_security", "seguro social", "nib number", "tax id", "tin number", "curp", "dpi", "cedula"}, digits},
	{Passport, []string{"passport", "pasaporte"}, passport},
	{Birth, []string{"birth", "dob", "nacimiento", "born on", "birthday"}, digits},
	{Phone, []string{"phone", "mobile", "cell no", "cellular", "telefono", "celular", "whatsapp"}, digits},
	{Email, []string{"email", "e-mail", "correo electronico"}, regexp.MustCompile(`@`)},
	{Address, []string{"home address", "residential address", "domicilio", "direccion particular"}, nil},
	{Bank, []string{"account number", "bank account", "iban", "numero de cuenta"}, digits},
	{Health, []string{"diagnosis", "patient", "medical record", "hiv", "diagnostico", "paciente"}, nil},
	{Licence, []string{"driver licence", "drivers license", "driver's license", "licence no", "voter id"}, digits},
	{IPAddress, []string{"ip address", "ip_address"}, regexp.MustCompile(`^\d{1,3}(?:\.\d{1,3}){3}$|:`)},
	{Name, []string{"first name", "last name", "surname", "full name", "forename", "given name", "apellido", "nombre completo", "maiden name", "next of kin", "mother's name", "father's name"}, nil},
}

// public are words of labels that speak of things, whose numbers and names are
// no one's private ones.
var public = []string{"hotline", "office", "company", "supplier", "school", "business", "organisation", "organization"}

// Columns looks for personal data in the first values of each
// column: samples[c] are values of the column labelled labels[c]. Publishing is
// to stop until a person has looked at what it finds. It finds every e-mail
// address, card and dashed social security number in the sample, also inside
// longer text; other kinds need a column full of them, or a label that says so.
func Columns(labels []string, samples [][]string) []Finding {
	var out []Finding
	for c, label := range labels {
		var values []string
		if c < len(samples) {
			values = samples[c]
		}
		out = append(out, personalIn(c, label, values)...)
	}
	return withNames(out, labels, samples)
}

// personalIn looks at one column.
func personalIn(c int, label string, values []string) []Finding {
	found := map[Kind]*Finding{}
	seen := 0
	hit := func(k Kind, v string) {
		f := found[k]
		if f == nil {
			f = &Finding{Column: c, Kind: k, Masked: mask(v)}
			found[k] = f
		}
		f.Hits++
	}
	phones := 0
	for _, v := range values {
		v = strings.TrimSpace(v)
		if v == "" {
			continue
		}
		seen++
		for _, t := range inText {
			if m := t.form.FindString(v); m != "" && (t.check == nil || t.check(m)) {
				hit(t.kind, m)
			}
		}
		if phone.MatchString(v) {
			phones++
		}
	}
	if phones*2 > seen && phones > 1 {
		found[Phone] = &Finding{Column: c, Kind: Phone, Hits: phones, Masked: mask(firstLike(values, phone))}
	}
	promised(c, label, values, found)
	var out []Finding
	for _, f := range found {
		f.Seen = seen
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	return out
}

// promised adds what the label says and the values do not gainsay.
func promised(c int, label string, values []string, found map[Kind]*Finding) {
	l := " " + strings.Join(strings.FieldsFunc(id.Fold(label), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' }), " ") + " "
	for _, s := range said {
		if found[s.kind] != nil || !slices.ContainsFunc(s.words, func(w string) bool {
			return strings.Contains(l, " "+strings.NewReplacer("_", " ", "-", " ").Replace(w))
		}) {
			continue
		}
		if slices.ContainsFunc(public, func(w string) bool { return strings.Contains(l, w) }) {
			continue
		}
		form := s.form
		if form == nil {
			form = regexp.MustCompile(`\S`)
		}
		hits := 0
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" && form.MatchString(v) {
				hits++
			}
		}
		if hits > 0 {
			found[s.kind] = &Finding{Column: c, Kind: s.kind, Hits: hits, Masked: mask(firstLike(values, form))}
		}
	}
}

// withNames adds columns called "name" beside a column that tells something
// private about the same person. A name alone may be that of a street.
func withNames(found []Finding, labels []string, samples [][]string) []Finding {
	private := slices.ContainsFunc(found, func(f Finding) bool {
		return f.Kind == Birth || f.Kind == SSN || f.Kind == Passport || f.Kind == Health
	})
	if !private {
		return found
	}
	for c, label := range labels {
		l := strings.TrimSpace(id.Fold(label))
		if (l == "name" || l == "names" || l == "nombre" || l == "nombres") && c < len(samples) && len(samples[c]) > 0 {
			found = append(found, Finding{Column: c, Kind: Name, Hits: len(samples[c]), Seen: len(samples[c]), Masked: mask(samples[c][0])})
		}
	}
	return found
}

func firstLike(values []string, form *regexp.Regexp) string {
	for _, v := range values {
		if form.MatchString(strings.TrimSpace(v)) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// mask hides all but the ends of a value.
func mask(v string) string {
	r := []rune(v)
	if len(r) <= 4 {
		return strings.Repeat("•", len(r))
	}
	return string(r[:2]) + strings.Repeat("•", min(len(r)-3, 12)) + string(r[len(r)-1:])
}

// luhn checks the check digit of a card number, and that a card may start so.
func luhn(s string) bool {
	sum, n := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n >= 13 && n <= 16 && sum%10 == 0 && s[0] >= '3' && s[0] <= '6'
}

// iban checks the two check digits.
func iban(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	if len(s) < 15 {
		return false
	}
	rest := 0
	for _, r := range s[4:] + s[:4] {
		switch {
		case r >= '0' && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		default:
			rest = (rest*100 + int(r-'A') + 10) % 97
		}
	}
	return rest == 1
}
