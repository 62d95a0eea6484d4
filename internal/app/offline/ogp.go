package offline

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"ceiba/internal/collaboration/plan/ogpfile"
	"ceiba/internal/service/i18n"
)

// OGPDerive recomputes what follows from other columns in OGP's table of
// commitments. It needs neither database nor server.
type OGPDerive struct {
	File string `arg:"" help:"OGP's table of commitments, as CSV."`
	All  bool   `help:"Also the three quadrants whose rule the table itself does not keep."`
}

// Run runs the command.
func (o *OGPDerive) Run(c *Console) error {
	f, err := readOGP(c, o.File)
	if err != nil {
		return err
	}
	rules := ogpfile.Rules()
	if o.All {
		rules = append(rules, ogpfile.Candidates()...)
	}
	d, err := ogpfile.Derive(f, rules)
	if err != nil {
		return err
	}
	if err := d.Write(c.Out); err != nil {
		return err
	}
	return printMismatches(c.Err, d)
}

// printMismatches says where the file disagrees: column, count, identifiers.
func printMismatches(w io.Writer, d ogpfile.Derived) error {
	fmt.Fprintf(w, "%d columns recomputed for %d commitments. Where the file says something else:\n", len(d.Columns), len(d.IDs))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COLUMN\tMISMATCHES\tIDS")
	for _, m := range d.Mismatches {
		fmt.Fprintf(t, "%s\t%d\t%s\n", m.Column, len(m.IDs), strings.Join(m.IDs, " "))
	}
	return t.Flush()
}

// OGPCheck reports what is wrong in OGP's table of commitments. It
// changes nothing, and needs neither database nor server.
type OGPCheck struct {
	File string `arg:"" help:"OGP's table of commitments, as CSV."`
	JSON bool   `name:"json" help:"Print one JSON object instead of a table."`
}

// ogpIssue is an issue with the sentence that explains it.
type ogpIssue struct {
	ogpfile.Issue
	Means string `json:"means"`
}

// Run runs the command.
func (o *OGPCheck) Run(c *Console) error {
	f, err := readOGP(c, o.File)
	if err != nil {
		return err
	}
	rep, say := ogpfile.Check(f), c.Say()
	if !o.JSON {
		return printIssues(c.Out, rep, say)
	}
	out := struct {
		ogpfile.Report
		Issues []ogpIssue `json:"issues"`
	}{Report: rep, Issues: []ogpIssue{}}
	for _, i := range rep.Issues {
		out.Issues = append(out.Issues, ogpIssue{i, say.T(i.Key())})
	}
	return c.Print(out)
}

// printIssues prints one table for each kind of trouble, the worst first.
func printIssues(w io.Writer, rep ogpfile.Report, say *i18n.Printer) error {
	fmt.Fprintf(w, "%d commitments, %d columns, %d identifiers, %d members, %d action plans\n", rep.Rows, rep.Columns, rep.IDs, rep.Members, rep.Plans)
	fmt.Fprintf(w, "full texts: %d to %d characters, median %d; %d with line breaks\n", rep.Text.Shortest, rep.Text.Longest, rep.Text.Median, rep.Text.WithLines)
	if len(rep.Extra) > 0 {
		fmt.Fprintf(w, "columns that OGP does not have: %s\n", strings.Join(rep.Extra, ", "))
	}
	fmt.Fprintf(w, "%d things to look at; nothing was changed\n", len(rep.Issues))
	for _, level := range []ogpfile.Level{ogpfile.Damage, ogpfile.Contradiction, ogpfile.Notice} {
		for _, kind := range kindsOf(rep, level) {
			fmt.Fprintf(w, "\n%s (%s, %d): %s\n", kind, say.T("ogpfile.level."+string(level)), rep.Count(kind), say.T(ogpfile.Issue{Kind: kind}.Key()))
			if err := printKind(w, rep, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// kindsOf lists the kinds of a level that occur, in the order in which they do.
func kindsOf(rep ogpfile.Report, level ogpfile.Level) (out []ogpfile.Kind) {
	seen := map[ogpfile.Kind]bool{}
	for _, i := range rep.Issues {
		if i.Level == level && !seen[i.Kind] {
			seen[i.Kind] = true
			out = append(out, i.Kind)
		}
	}
	return out
}

func printKind(w io.Writer, rep ogpfile.Report, kind ogpfile.Kind) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  ROW\tLINE\tID\tCOLUMN\tVALUE\tPROPOSED\tAGAINST")
	for _, i := range rep.Issues {
		if i.Kind == kind {
			fmt.Fprintf(t, "  %d\t%d\t%s\t%s\t%s\t%s\t%s\n", i.Row, i.Line, i.ID, i.Column, brief(i.Value), cmp.Or(brief(i.Repair), "?"), brief(i.Other))
		}
	}
	return t.Flush()
}

// briefRunes is how much of a value a table on a terminal shows.
const briefRunes = 48

func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > briefRunes {
		return string([]rune(s)[:briefRunes-1]) + "…"
	}
	return s
}

func readOGP(c *Console, name string) (*ogpfile.File, error) {
	f, err := os.Open(c.Path(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	got, err := ogpfile.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", filepath.Base(name), c.Plain(err))
	}
	return got, nil
}
