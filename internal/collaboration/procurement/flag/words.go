package flag

import (
	"embed"
	"strings"

	"ceiba/internal/collaboration/procurement/outcome"
)

// Words are the sentences of this package. Those of a rule are under Rule.Key:
// title, question, formula, what else could explain it, and what data it needs.
//
//go:embed locale
var Words embed.FS

// WhyKey is the key of the sentence that says why a finding is no flag, or ""
// where there is no more to say. In the sentence {about} stands for
// Finding.About: a path of a release, a currency, or a parameter.
func WhyKey(f *outcome.Finding) string {
	if f.Why == "" {
		return ""
	}
	return "flag.why." + f.Why
}

// AboutKey is the key of the name of the parameter that Finding.About speaks of,
// or "" where it is a path or a currency, which are their own names.
func AboutKey(f *outcome.Finding) string {
	if f.Why != WhyParameter && f.Why != WhyFew || f.About == "" || strings.Contains(f.About, "/") {
		return ""
	}
	return ParamKey(f.About)
}

// ParamKey is the key of a parameter's name.
func ParamKey(name string) string { return "flag.param." + name }

// SubjectKey is the key of the name of a kind of subject.
func SubjectKey(kind string) string { return "flag.subject." + kind }

// Why a finding is no flag: the last parts of its sentence's key. Observations,
// distinct and spread are those of package indicator.
const (
	whyField     = "field"
	WhyNever     = "never"
	WhyFew       = "few"
	WhyParameter = "parameter"
	WhyCurrency  = "currency"
	whyMixed     = "mixed"
	whyOrder     = "order"
	whyNegative  = "negative"
	whyCancelled = "cancelled"
	WhyMethod    = "method"
	whyStage     = "stage"
	WhyNone      = "none"
	whyZero      = "zero"
)
