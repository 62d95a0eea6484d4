package i18n

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"

	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/money"
)

// Printer says things in one language.
type Printer struct {
	catalog *Catalog
	lang    string
}

// For returns the printer of a language; an unknown one gives English.
func (c *Catalog) For(lang string) *Printer {
	if !Known(lang) {
		lang = "en"
	}
	return &Printer{c, lang}
}

// Lang returns the code of the printer's language.
func (p *Printer) Lang() string { return p.lang }

// T returns the sentence of key with args, pairs of name and value, put in.
func (p *Printer) T(key string, args ...any) string {
	m, _, ok := p.catalog.find(p.lang, key)
	if !ok {
		return key
	}
	return fill(m[plural.Other], p, args)
}

// N returns the sentence of key in the plural form of n, which fills {n} unless
// args say otherwise.
func (p *Printer) N(key string, n int, args ...any) string {
	m, lang, ok := p.catalog.find(p.lang, key)
	if !ok {
		return key
	}
	text, ok := m[form(lang, int64(n))]
	if !ok {
		text = m[plural.Other]
	}
	return fill(text, p, append(slices.Clip(args), "n", n))
}

// Has reports whether the printer's own language, or English, has key.
func (p *Printer) Has(key string) bool {
	_, _, ok := p.catalog.find(p.lang, key)
	return ok
}

// Fault returns what a person reads of a fault: its sentence, and a plain
// "something went wrong" for any other error.
func (p *Printer) Fault(err *fault.Error) string { return p.T(err.Key, err.Args...) }

func fill(text string, p *Printer, args []any) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			b.WriteString("{" + after)
			return b.String()
		}
		b.WriteString(value(p, args, name))
		text = rest
	}
}

func value(p *Printer, args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case int:
			return p.Number(float64(v))
		case int64:
			return p.Number(float64(v))
		case float64:
			return p.Number(v)
		case time.Time:
			return p.Date(v)
		case money.Amount:
			return p.Money(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return "{" + name + "}"
}

// Belize is the one time zone of the country: UTC-6, no daylight saving.
var Belize = time.FixedZone("America/Belize", -6*3600)

var months = map[string][12]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"es": {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
}

// Date returns the day of t in Belize: "3 March 2026", "3 de marzo de 2026".
func (p *Printer) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(Belize)
	if p.lang == "es" {
		return fmt.Sprintf("%d de %s de %d", t.Day(), months["es"][t.Month()-1], t.Year())
	}
	return fmt.Sprintf("%d %s %d", t.Day(), months["en"][t.Month()-1], t.Year())
}

// DateTime returns the day and the time of t in Belize, on a 24-hour clock.
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.Date(t) + ", " + t.In(Belize).Format("15:04")
}

// CivilDate returns a date kept as YYYY-MM-DD in words, or s itself if it is
// none.
func (p *Printer) CivilDate(s string) string {
	t, err := time.ParseInLocation(time.DateOnly, s, Belize)
	if err != nil {
		return s
	}
	return p.Date(t)
}

// Number returns n with thousands grouped by commas and a decimal point, which
// is the custom of Belize in English and in Spanish. At most six decimals.
func (p *Printer) Number(n float64) string {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Abs(n), 'f', -1, 64)
	if _, frac, ok := strings.Cut(s, "."); ok && len(frac) > 6 {
		s = strconv.FormatFloat(math.Abs(n), 'f', 6, 64)
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	if n < 0 {
		b.WriteString("−")
	}
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if frac != "" {
		b.WriteString("." + frac)
	}
	return b.String()
}

// Money returns "BZ$12,500" or "BZ$12,500.50"; other currencies by their code.
func (p *Printer) Money(a money.Amount) string {
	sign := map[string]string{"BZD": "BZ$", "USD": "US$", "EUR": "€"}[a.Currency]
	if sign == "" {
		sign = a.Currency + " "
	}
	minus, minor := "", a.Minor
	if minor < 0 {
		minus, minor = "−", -minor
	}
	s := minus + sign + p.Number(float64(minor/100))
	if c := minor % 100; c != 0 {
		s += fmt.Sprintf(".%02d", c)
	}
	return s
}

// Bytes returns a size such as "1.4 MB", in powers of 1000.
func (p *Printer) Bytes(n int64) string {
	f := float64(n)
	for _, unit := range []string{"B", "KB", "MB", "GB"} {
		if f < 1000 || unit == "GB" {
			digits := 1
			if unit == "B" || f >= 100 {
				digits = 0
			}
			return strings.TrimSuffix(strconv.FormatFloat(f, 'f', digits, 64), ".0") + " " + unit
		}
		f /= 1000
	}
	return ""
}

type key struct{}

// With returns a context that carries the printer.
func With(ctx context.Context, p *Printer) context.Context { return context.WithValue(ctx, key{}, p) }

var bare = NewCatalog().For("en")

// From returns the context's printer; without one, a printer that knows no
// words and answers with keys.
func From(ctx context.Context) *Printer {
	if p, ok := ctx.Value(key{}).(*Printer); ok {
		return p
	}
	return bare
}

// T is From(ctx).T, for templates.
func T(ctx context.Context, key string, args ...any) string { return From(ctx).T(key, args...) }

// N is From(ctx).N, for templates.
func N(ctx context.Context, key string, n int, args ...any) string {
	return From(ctx).N(key, n, args...)
}

// Has is From(ctx).Has, for templates.
func Has(ctx context.Context, key string) bool { return From(ctx).Has(key) }

// Date is From(ctx).Date, for templates.
func Date(ctx context.Context, t time.Time) string { return From(ctx).Date(t) }

// CivilDate is From(ctx).CivilDate, for templates.
func CivilDate(ctx context.Context, s string) string { return From(ctx).CivilDate(s) }

// DateTime is From(ctx).DateTime, for templates.
func DateTime(ctx context.Context, t time.Time) string { return From(ctx).DateTime(t) }

// Number is From(ctx).Number for any number, for templates.
func Number[T int | int64 | float64](ctx context.Context, n T) string {
	return From(ctx).Number(float64(n))
}

// Money is From(ctx).Money, for templates.
func Money(ctx context.Context, a money.Amount) string { return From(ctx).Money(a) }

// Bytes is From(ctx).Bytes, for templates.
func Bytes(ctx context.Context, n int64) string { return From(ctx).Bytes(n) }

// LangOf is the language code of ctx, for the lang attribute.
func LangOf(ctx context.Context) string { return From(ctx).lang }
