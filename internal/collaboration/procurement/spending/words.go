package spending

import (
	"embed"

	"ceiba/internal/collaboration/procurement/outcome"
)

// Words are the sentences of this package.
//
//go:embed locale
var Words embed.FS

// WhyKey is the key of the sentence that says why a finding is no flag, or ""
// where there is no more to say. In the sentence {about} stands for what
// AboutKey names.
func WhyKey(f *outcome.Finding) string {
	if f.Why == "" {
		return ""
	}
	return "spending.why." + f.Why
}

// AboutKey is the key of the name of what Finding.About speaks of, or "". A
// currency is its own name.
func AboutKey(f *outcome.Finding) string {
	switch {
	case f.About == "" || f.Why == "currency":
		return ""
	case f.Why == "parameter" || f.Why == "few":
		return ParamKey(f.About)
	}
	return "spending.fact." + f.About
}

// ParamKey is the key of a parameter's name.
func ParamKey(name string) string { return "spending.param." + name }

// CaseKey is the key of the name of a part of a rule.
func CaseKey(which string) string { return "spending.case." + which }

// FigureKey is the key of the name of a figure, or of a field of the evidence.
func FigureKey(name string) string { return "spending.figure." + name }

// SubjectKey is the key of the name of a kind of subject.
func SubjectKey(kind string) string { return "spending.subject." + kind }

// NeedKey is the key of the name of a kind of data.
func NeedKey(n outcome.Need) string { return "spending.need." + string(n) }
