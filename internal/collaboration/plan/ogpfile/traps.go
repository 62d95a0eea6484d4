package ogpfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	idForm    = regexp.MustCompile(`^[A-Z]{2,3}\d{4}$`)
	floatForm = regexp.MustCompile(`^\d+\.\d{10,}$`)
	pathForm  = regexp.MustCompile(`^\d+(\.\d+){2,}$`)
)

func itoa(n int) string                 { return strconv.Itoa(n) }
func hasLines(s string) bool            { return strings.ContainsAny(s, "\r\n") }
func oneOf(s string, in ...string) bool { return slices.Contains(in, s) }

// plainNumber is a commitment's number as its author wrote it: a spreadsheet
// keeps 4.1 as the nearest binary fraction and may print that.
func plainNumber(s string) string {
	if !floatForm.MatchString(s) {
		return s
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(x, 'g', 12, 64)
}

func (c *checker) identity(r Row) {
	if !idForm.MatchString(r.ID()) {
		c.add(r, KindIDForm, ColID, "", "")
	}
	switch n := r.Text(ColNumber); {
	case plainNumber(n) != n:
		c.add(r, KindNumberFloat, ColNumber, plainNumber(n), "")
	case pathForm.MatchString(n):
		c.add(r, KindNumberPath, ColNumber, n, "")
	}
}

// dateKinds are the forms that need a look.
var dateKinds = map[Form]Kind{
	FormShifted: KindDateShifted, FormSerial: KindDateSerial, FormShort: KindDateShort, FormWords: KindDateWords,
	FormDayLed: KindDateDayFirst, FormMonth: KindDatePart, FormQuarter: KindDatePart, FormSeason: KindDatePart, FormYear: KindDatePart,
}

func (c *checker) dates(r Row) {
	start, end := ParseDate(r.Text(ColStart)), ParseDate(r.Text(ColEnd))
	c.date(r, ColStart, start)
	c.date(r, ColEnd, end)
	if start.Known() && end.Known() && end.To.Before(start.From) {
		c.add(r, KindDateOrder, ColEnd, "", string(ColStart)+": "+r.Text(ColStart))
	}
}

func (c *checker) date(r Row, col Column, s Span) {
	if k, ok := dateKinds[s.Form]; ok {
		c.add(r, k, col, dateRepair(s, col == ColEnd), "")
	}
	if day, ok := swapped(r.Text(col)); ok && c.dayLed[planID(r)] {
		c.add(r, KindDateEither, col, OGPDate(day), "")
	}
}

// dayLed finds the plans in which somebody wrote days first, so that their
// other dates may be meant so too.
func dayLed(f *File) map[string]bool {
	out := map[string]bool{}
	for _, r := range f.Rows() {
		if ParseDate(r.Text(ColStart)).Form == FormDayLed || ParseDate(r.Text(ColEnd)).Form == FormDayLed {
			out[planID(r)] = true
		}
	}
	return out
}

// dateRepair proposes the first day of what a start means, the last of what an
// end means, the year itself where a year was lost, and ND for words.
func dateRepair(s Span, end bool) string {
	switch {
	case s.Form == FormWords:
		return "ND"
	case s.Form == FormShifted:
		return itoa(s.From.Year())
	case end:
		return OGPDate(s.To)
	}
	return OGPDate(s.From)
}

// institutions finds words for nothing, and lists.
func (c *checker) institutions(r Row) {
	for _, col := range []Column{ColTheme, ColLead, ColSupporting} {
		text := strings.TrimSpace(r.Text(col))
		switch {
		case oneOf(strings.ToUpper(text), "N/A", "N.A.", "N/D", "N/R", "NONE", "-"):
			c.add(r, KindMissingWord, col, "NA", "")
		case col != ColTheme && len(SplitNames(text)) > 1:
			c.add(r, KindList, col, strings.Join(SplitNames(text), "; "), "")
		}
	}
}

// SplitNames cuts a list of institutions as the file writes them, separated by
// semicolons or line breaks. Commas are left alone, for they stand in names.
func SplitNames(text string) (out []string) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		part = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(part), "•·-–*\t "))
		if part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (c *checker) title(r Row) {
	title := r.Text(ColTitle)
	if strings.ToUpper(title) == title && strings.ToLower(title) != title && len(title) > 12 {
		c.add(r, KindCapitals, ColTitle, sentenceCase(title), "")
	}
	if spanish(title) {
		c.add(r, KindLanguage, ColTitle, "es", "")
	}
}

func sentenceCase(s string) string {
	low := []rune(strings.ToLower(s))
	for i, r := range low {
		if unicode.IsLetter(r) {
			low[i] = unicode.ToUpper(r)
			break
		}
	}
	return string(low)
}

// spanish tells whether a title is probably Spanish: two of its words are such
// as only Spanish has among the languages of the file.
func spanish(s string) bool {
	n := 0
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if oneOf(strings.Trim(w, ".,;:()"), "de", "la", "el", "los", "las", "del", "para", "en", "con", "y", "una", "un", "por", "al") {
			n++
		}
	}
	return n >= 2
}

// codes finds values that their column does not know.
func (c *checker) codes(r Row) {
	for _, t := range tags {
		if v := r.Value(t.Column); !v.Is("0", "1", "ND") {
			c.add(r, KindCode, t.Column, "ND", "")
		}
	}
	for _, col := range flags {
		if v := r.Value(col); c.file.Has(col) && v.State == Coded && !v.Is("0", "1") {
			c.add(r, KindCode, col, "", "")
		}
	}
	for col, words := range labels {
		if v := r.Value(col); v.State == Coded && !v.Is(words...) {
			c.add(r, KindCode, col, labelFor(col, v.Text), "")
		}
	}
}

// labelFor is the word that a number under Verifiable stands for.
func labelFor(col Column, code string) string {
	if col != ColVerifiable {
		return ""
	}
	return map[string]string{"1": "Yes", "0": "No"}[code]
}

// books compares labels with numbers.
func (c *checker) books(r Row) {
	for _, b := range Books {
		if !c.file.Has(b.Label) || !c.file.Has(b.Number) {
			continue
		}
		label, number := r.Value(b.Label), r.Value(b.Number)
		want, known := b.Codes[label.Text]
		switch {
		case label.State == Coded && !known:
			c.add(r, KindCode, b.Label, "", string(b.Number)+": "+number.Text)
		case label.State != Coded:
			want, known = label.Text, true
		}
		if known && number.Text != want && (b.Label != ColChange || !oneOf(number.Text, changeSteps[label.Text]...)) {
			c.add(r, KindLabel, b.Number, want, string(b.Label)+": "+label.Text)
		}
		if label.State == Coded {
			c.era(r, b)
		}
	}
}

func (c *checker) era(r Row, b Book) {
	year, ok := r.Value(ColSubmitted).Number()
	if ok && (b.From > 0 && year < b.From || b.To > 0 && year > b.To) {
		c.add(r, KindEra, b.Label, "", string(ColSubmitted)+": "+itoa(year))
	}
}

func (c *checker) parents(r Row) {
	for _, t := range tags {
		if t.Parent != "" && !t.Loose && r.Text(t.Column) == "1" && r.Text(t.Parent) != "1" {
			c.add(r, KindParent, t.Parent, "1", string(t.Column)+": 1")
		}
	}
}

// values compares _Relevant with the OGP values that make it, and Verifiable
// with Specificity: Yes for Medium and High, No for Low and None. Technology
// alone never made a commitment relevant.
func (c *checker) values(r Row) {
	relevant := r.Value(ColRelevant)
	var any, all bool
	for i, col := range []Column{ColValueATI, ColValueCP, ColValuePA} {
		v := r.Value(col)
		any = any || v.Text == "1"
		all = v.State == Coded && (all || i == 0)
	}
	if all && relevant.Text != yes(any) {
		c.add(r, KindRelevant, ColRelevant, yes(any), "OGP values")
	}
	if v := r.Value(ColValueTech); all && v.State != Coded {
		c.add(r, KindRelevant, ColValueTech, "", "OGP values")
	}
	specific := r.Value(ColSpecificity)
	want := "No"
	if specific.Is("Medium", "High") {
		want = "Yes"
	}
	if specific.State == Coded && r.Text(ColVerifiable) != want {
		c.add(r, KindVerifiable, ColVerifiable, want, string(ColSpecificity)+": "+specific.Text)
	}
}

func (c *checker) address(r Row) {
	if u := r.Text(ColURL); strings.ContainsAny(u, "' ") {
		c.add(r, KindURL, ColURL, strings.NewReplacer("'", "%27", " ", "%20").Replace(u), "")
	}
}

func (c *checker) spaces(r Row) {
	for _, col := range columns {
		if text := r.Text(col); strings.TrimSpace(text) != text {
			c.add(r, KindSpace, col, strings.TrimSpace(text), "")
		}
	}
}
