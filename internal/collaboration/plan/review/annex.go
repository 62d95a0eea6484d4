package review

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/collaboration/plan/review/codebook"
)

// WriteAnnex writes the commitments of a report, coded and clustered, under the
// headings of OGP's table: identity and policy areas first, then every column of
// the code-book. What the code-book does not code in that era or report is ND,
// what is not coded yet NR, what the procedure never came to NA.
func WriteAnnex(w io.Writer, a Assessment, r Report) error {
	var first bytes.Buffer
	if err := ogpfile.WriteCommitments(&first, identities(r)); err != nil {
		return err
	}
	known, err := csv.NewReader(&first).ReadAll()
	if err != nil {
		return err
	}
	columns := bookColumns()
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for i, line := range known {
		for _, c := range columns {
			if i == 0 {
				line = append(line, string(c))
			} else {
				line = append(line, cell(c, a, r, r.Rows[i-1]))
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// bookColumns are the columns of the code-book in the order of the file.
func bookColumns() (out []ogpfile.Column) {
	for _, c := range ogpfile.Columns() {
		if slices.ContainsFunc(codebook.Variables, func(v codebook.Variable) bool { return v.Label == c || v.Number == c }) {
			out = append(out, c)
		}
	}
	return out
}

// cell is what stands under a heading for a commitment.
func cell(c ogpfile.Column, a Assessment, r Report, row Row) string {
	i := slices.IndexFunc(codebook.Variables, func(v codebook.Variable) bool { return v.Label == c || v.Number == c })
	v := codebook.Variables[i]
	s := row.Sheet()
	if v.ID == "lens" && a.Year < v.From && a.Product != codebook.Brief { // before 2020 it followed from the values
		if s.Needed(a.Variables()) != nil && !s.Relevant() {
			return codebook.NR
		}
		return bit(s.Relevant())
	}
	if !v.Codes(a.Product, a.Year) {
		return codebook.ND
	}
	if v.Derived {
		return derived(v, a, r, row)
	}
	value := s[v.ID]
	switch {
	case value == "" && s.Stopped() && v.ID == "potential":
		return codebook.NA
	case value == "":
		return codebook.NR
	case codebook.Missing(value):
		return value
	}
	x, _ := v.Value(value)
	if v.Number == c {
		return x.Number
	}
	return x.Name
}

// derived is what follows from other codes and from the clusters.
func derived(v codebook.Variable, a Assessment, r Report, row Row) string {
	s := row.Sheet()
	if strings.HasPrefix(v.ID, "starred") {
		completion := "completion"
		if a.Product == codebook.Midterm {
			completion = "completion_progress"
		}
		switch {
		case a.Product == codebook.Review:
			return codebook.ND // completion is not coded yet
		case s[completion] == "":
			return codebook.NR
		}
		return bit(s.Starred(completion, v.ID == "starred_2015"))
	}
	if v.ID == "cluster" {
		return bit(row.Cluster != "")
	}
	if row.Cluster == "" {
		return codebook.NA
	}
	var numbers []string
	for _, x := range r.Rows {
		if slices.Contains(row.With, x.Commitment) {
			numbers = append(numbers, memberCode+x.Number)
		}
	}
	return strings.Join(numbers, ", ")
}

func bit(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// Belize in OGP's table: its code of three letters stands before numbers of
// commitments.
const member, memberCode = "Belize", "BLZ"

func identities(r Report) (out []ogpfile.Commitment) {
	end, _ := time.Parse(time.DateOnly, r.Glance.End)
	for _, row := range r.Rows {
		level := "National"
		if r.Level == "local" {
			level = "Local"
		}
		c := ogpfile.Commitment{
			Member: member, Code: memberCode, Region: "Americas", Level: level, Plan: r.Number, Number: row.Number, Submitted: r.Year,
			Duration: r.Duration, Title: row.Title, Text: row.Text, Supporting: row.Supporting, Tags: columnsOf(row.Tags),
		}
		if !end.IsZero() {
			c.EndYear = end.Year()
		}
		if row.Lead != "" {
			c.Lead = []string{row.Lead}
		}
		c.Start, _ = time.Parse(time.DateOnly, row.Start)
		c.End, _ = time.Parse(time.DateOnly, row.End)
		out = append(out, c)
	}
	return out
}
