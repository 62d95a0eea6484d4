package exchange

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/canada"
	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/template"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
)

// Source is a kind of file.
type Source string

// The kinds of file.
const (
	OGP    Source = "ogp"    // OGP's table of commitments
	Canada Source = "canada" // Canada's tables of indicators
	Ceiba  Source = "ceiba"  // our own export
	Table  Source = "table"  // a spreadsheet with the headings of a template
)

// incoming is a plan of this country as a file has it.
type incoming struct {
	key    string // the file's own id
	plan   plan.Plan
	leader partner // of the plan, where the file names one
	drafts []draft
}

// content is what a file holds.
type content struct {
	source    Source
	header    []string // of OGP's table
	plans     []incoming
	reference []Reference
	problems  []Problem
}

// maxFile is the most bytes that a file of plans may have, as package ogpfile
// has it.
const maxFile = 64 << 20

// maxRows is the most rows of a spreadsheet: far more than any plan has.
const maxRows = 20_000

// read tells by its content what a file is, and reads it. name is what whoever
// sent it calls it; lang is the language of texts that do not say theirs.
func (x *Exchange) read(ctx context.Context, path, name, lang string) (content, error) {
	f, err := os.Open(path)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return content{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return content{}, err
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")), " \t\r\n")
	limited := io.LimitReader(f, maxFile+1)
	line, _, _ := bytes.Cut(head, []byte("\n"))
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case bytes.Contains(bytes.ToLower(line), bytes.ToLower([]byte(ogpfile.ColID))):
		return x.readOGP(limited, lang)
	case bytes.HasPrefix(head, []byte("{")):
		return readOwn(limited)
	case ext == ".yaml" || ext == ".yml":
		return readCanada(limited)
	}
	return x.readTable(ctx, path, name, lang)
}

// readOGP reads OGP's table: the rows of this country as plans, and every row
// that has codes as reference.
func (x *Exchange) readOGP(r io.Reader, lang string) (content, error) {
	f, err := ogpfile.Read(r)
	if err != nil {
		return content{}, err
	}
	out := content{source: OGP, header: headerOf(f)}
	for _, i := range ogpfile.Check(f).Issues {
		out.problems = append(out.problems, fromIssue(i))
	}
	at := map[string]int{}
	for _, row := range f.Rows() {
		plan, key := keysOf(row)
		mine := row.Text(ogpfile.ColCode) == x.Country.Code
		if !mine || f.Has(ogpfile.ColVerifiable) {
			out.reference = append(out.reference, referenceOf(row, plan, key, out.header))
		}
		if !mine {
			continue
		}
		i, ok := at[plan]
		if !ok {
			i = len(out.plans)
			at[plan], out.plans = i, append(out.plans, x.planOf(row, plan, lang))
		}
		d, problems := x.rowDraft(row, key, lang)
		out.plans[i].drafts, out.problems = append(out.plans[i].drafts, d), append(out.problems, problems...)
	}
	return out, nil
}

// keysOf are the identifiers of a row's plan and of the row; those that a table
// of our own leaves to OGP are made from code and numbers.
func keysOf(row ogpfile.Row) (plan, key string) {
	code := row.Text(ogpfile.ColCode)
	plan, key = row.Text(ogpfile.ColPlan), row.ID()
	if plan == "" {
		n, _ := row.Value(ogpfile.ColPlanNumber).Number()
		plan = fmt.Sprintf("AP_%s%02d", code, n)
	}
	if key == "" || key == "NA" {
		key = plan + "/" + either(row.Text(ogpfile.ColNumber), row.Text(ogpfile.ColTitle))
	}
	return plan, key
}

var planCode = regexp.MustCompile(`^AP_[A-Z]{3,4}[0-9]{2}$`)

// planOf is the plan that a row of this country belongs to. The table has no
// title and no days of a plan: they are for its office to say.
func (x *Exchange) planOf(row ogpfile.Row, key, lang string) incoming {
	p := plan.Plan{Lang: lang, Level: plan.National}
	p.Number, _ = row.Value(ogpfile.ColPlanNumber).Number()
	p.Years, _ = row.Value(ogpfile.ColDuration).Number()
	if p.Years < 1 || p.Years > 4 {
		p.Years = 0
	}
	if planCode.MatchString(key) {
		p.Code = key
	}
	p.Title = fmt.Sprintf("%s: %s", row.Text(ogpfile.ColMember), key)
	return incoming{key: key, plan: p}
}

// rowDraft is a commitment of OGP's table. Its text is read under the headings
// of either template; dates that a spreadsheet damaged stay text.
func (x *Exchange) rowDraft(row ogpfile.Row, key, lang string) (draft, []Problem) {
	var problems []Problem
	tell := func(c ogpfile.Column, key string) {
		problems = append(problems, Problem{Row: row.N(), Line: row.Line(), ID: row.ID(), Column: string(c), Value: row.Text(c), Key: key})
	}
	parsed := template.Parse(row.Text(ogpfile.ColTitle), row.Text(ogpfile.ColText))
	f := parsed.Commitment
	if !parsed.Structured() {
		f.Solution, f.Text = f.Text, ""
		tell(ogpfile.ColText, "planexchange.unstructured")
	}
	f.Title, f.Number = row.Text(ogpfile.ColTitle), given(row, ogpfile.ColNumber)
	f.Country = row.Text(ogpfile.ColMember)
	f.Lead = either(given(row, ogpfile.ColLead), f.Lead)
	for _, c := range []struct {
		column ogpfile.Column
		to     *string
		end    bool
	}{{ogpfile.ColStart, &f.Start, false}, {ogpfile.ColEnd, &f.End, true}} {
		if text := given(row, c.column); text != "" {
			*c.to = rowDay(text, c.end)
		}
	}
	supporting := given(row, ogpfile.ColSupporting)
	if f.Government == "" && f.CivilSociety == "" {
		f.Other = joined("; ", f.Other, supporting)
	} else if supporting != "" && !strings.Contains(f.Government+f.CivilSociety+f.Other, supporting) {
		f.Other = joined("; ", f.Other, supporting)
	}
	d := x.take(f, lang)
	d.key, d.row = key, row.N()
	for _, t := range row.Tags() {
		d.c.Tags.V = append(d.c.Tags.V, string(t))
	}
	return d, problems
}

// given is a cell that holds a value.
func given(row ogpfile.Row, c ogpfile.Column) string {
	if v := row.Value(c); v.State == ogpfile.Coded {
		return strings.TrimSpace(v.Text)
	}
	return ""
}

// rowDay is a date of the table as a civil day where its form leaves no doubt,
// and as it stands where it does.
func rowDay(text string, end bool) string {
	s := ogpfile.ParseDate(text)
	if s.Form != ogpfile.FormDay {
		return text
	}
	if end {
		return s.To.Format("2006-01-02")
	}
	return s.From.Format("2006-01-02")
}

// readCanada reads one of Canada's tables, as reference.
func readCanada(r io.Reader) (content, error) {
	p, err := canada.Read(r)
	if err != nil {
		return content{}, fault.New(fault.Invalid, "planexchange.not_canada").Wrap(err)
	}
	out := content{source: Canada}
	for _, c := range p.Commitments {
		f := c.Template()
		var body strings.Builder
		if err := template.RenderCommitment(&body, template.PlainText, f, template.Options{}); err != nil {
			return content{}, err
		}
		out.reference = append(out.reference, Reference{
			Source: Canada, Key: p.ID + "/" + c.Code, Plan: p.ID, Code: "CAN", Country: "Canada", Year: firstYear(p), Number: c.Code,
			Title: f.Title, Body: body.String(), URL: "https://search.open.canada.ca/nap/", Form: jsonOf(f),
		})
	}
	return out, nil
}

// firstYear is that of the first period for which departments report; 0 if the
// file names none.
func firstYear(p canada.Plan) int {
	if len(p.Periods) == 0 {
		return 0
	}
	return year(p.Periods[0])
}

// readTable reads a plan from a spreadsheet.
func (x *Exchange) readTable(ctx context.Context, path, name, lang string) (content, error) {
	r, err := open.File(ctx, path, source.Options{Name: name, HeaderRow: -1, MaxRows: maxRows, MaxBytes: maxFile, MaxInflated: 4 * maxFile, MaxColumns: 200})
	if err != nil {
		return content{}, err
	}
	defer r.Close()
	var rows [][]string
	var lines []int
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return content{}, err
		}
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = clean(string(c))
		}
		rows, lines = append(rows, cells), append(lines, int(row.Line))
	}
	list, problems := template.FromTable(rows)
	if len(list) == 0 {
		return content{}, fault.New(fault.Invalid, "planexchange.no_headings")
	}
	out := content{source: Table}
	for _, p := range problems {
		q := fromCell(p)
		if q.Row >= 1 && q.Row <= len(lines) {
			q.Line = lines[q.Row-1]
		}
		out.problems = append(out.problems, q)
	}
	in := incoming{plan: plan.Plan{Lang: lang, Level: plan.National, Title: strings.TrimSuffix(name, filepath.Ext(name))}}
	for i, f := range list {
		d := x.take(f, lang)
		d.row, d.key = i+1, either(f.Number, strings.ToLower(f.Title))
		in.drafts = append(in.drafts, d)
	}
	out.plans = []incoming{in}
	return out, nil
}

// clean takes out what no engine keeps: NUL, and bytes that are no UTF-8.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "")
}
