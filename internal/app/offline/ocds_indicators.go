package offline

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"ceiba/internal/collaboration/procurement/indicator"
	"ceiba/internal/collaboration/procurement/indicator/coverage"
	"ceiba/internal/collaboration/procurement/indicator/lines"
	"ceiba/internal/collaboration/procurement/indicator/prepare"
	"ceiba/internal/collaboration/procurement/indicator/settings"
)

// OCDSIndicators computes red flags from compiled releases. It needs neither
// database nor server.
type OCDSIndicators struct {
	File     string `arg:"" help:"OCDS compiled releases, one a line."`
	Settings string `short:"s" placeholder:"FILE.ini" help:"Cardinal's settings file. Without it all indicators are computed with their defaults."`
	Cardinal bool   `help:"Cardinal's own rules: judge by any number of observations, however small."`
	NoMeta   bool   `name:"no-meta" help:"Leave out the quartiles and fences."`
	Map      bool   `help:"Also say which organisations belong to which process."`
	Count    bool   `short:"c" help:"Say on standard error how many results each group has."`
}

// Run runs the command.
func (o *OCDSIndicators) Run(c *Console) error {
	s, err := readSettings(c, o.Settings, settings.All())
	if err != nil {
		return err
	}
	in, err := os.Open(c.Path(o.File))
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := indicator.Compute(in, indicator.Options{Settings: s, Cardinal: o.Cardinal, Maps: o.Map})
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.File), err)
	}
	printSkips(c.Err, r.Skips)
	if o.Count {
		for _, g := range []indicator.Group{indicator.OCID, indicator.Buyer, indicator.ProcuringEntity, indicator.Tenderer} {
			fmt.Fprintf(c.Err, "%s: %d\n", g, len(r.Values[g]))
		}
	}
	if r.OtherCurrency > 0 {
		fmt.Fprintf(c.Err, "Prices were compared in %s; %d in other currencies were left out.\n", r.Currency, r.OtherCurrency)
	}
	if err := printInsufficient(c.Err, r.Insufficient); err != nil {
		return err
	}
	if o.NoMeta {
		r = r.WithoutMeta()
	}
	return c.Print(r)
}

// printInsufficient says by what nothing can be judged, and why.
func printInsufficient(w io.Writer, list []indicator.Insufficient) error {
	if len(list) == 0 {
		return nil
	}
	fmt.Fprintf(w, "Insufficient data; nothing was flagged by these. They need %d observations, %d different values, and quartiles that differ:\n",
		indicator.MinObservations, indicator.MinDistinct)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "INDICATOR\tOF\tOBSERVATIONS\tDIFFERENT VALUES\tQUARTILES")
	for _, i := range list {
		quartiles := "differ"
		if !(i.IQR > 0) {
			quartiles = "the same"
		}
		if i.N == 0 {
			quartiles = "none"
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\n", i.Indicator, i.Group, i.N, i.Distinct, quartiles)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, i := range list {
		for _, e := range i.Exact {
			if e.Beyond {
				fmt.Fprintf(w, "%s %s %s: %d of %d stands out from the others by an exact test (p = %g, %g for so many tests).\n",
					i.Indicator, i.Group, e.ID, e.Part, e.Whole, float64(e.P), float64(e.Adjusted))
			}
		}
	}
	return nil
}

// OCDSPrepare cleans releases up before indicators are computed from them.
type OCDSPrepare struct {
	File     string `arg:"" help:"OCDS compiled releases, one a line."`
	Settings string `short:"s" placeholder:"FILE.ini" help:"Cardinal's settings file. Without it problems are only reported."`
	Output   string `short:"o" placeholder:"FILE" help:"Where the mended releases go; standard output if not given."`
	Errors   string `short:"e" placeholder:"FILE" help:"Where the problems go, as CSV: line, ocid, path, place in the list, value, problem. Standard error if not given."`
}

// Run runs the command.
func (o *OCDSPrepare) Run(c *Console) (err error) {
	s, err := readSettings(c, o.Settings, settings.Settings{})
	if err != nil {
		return err
	}
	in, err := os.Open(c.Path(o.File))
	if err != nil {
		return err
	}
	defer in.Close()
	out, closeOut, err := create(c, o.Output, in, c.Out)
	if err != nil {
		return err
	}
	defer closeOut(&err)
	issues, closeIssues, err := create(c, o.Errors, in, c.Err)
	if err != nil {
		return err
	}
	defer closeIssues(&err)
	rep, err := prepare.Run(in, s.Prepare, out, issues, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.File), err)
	}
	printSkips(c.Err, rep.Skips)
	if rep.NotMoved > 0 {
		fmt.Fprintf(c.Err, "In %d releases the bids of auctions were not moved, for there are other bids.\n", rep.NotMoved)
	}
	return nil
}

// OCDSCoverage counts which fields are filled.
type OCDSCoverage struct {
	File string `arg:"" help:"JSON texts, one a line."`
}

// Run runs the command.
func (o *OCDSCoverage) Run(c *Console) error {
	in, err := os.Open(c.Path(o.File))
	if err != nil {
		return err
	}
	defer in.Close()
	counts, skips, err := coverage.Count(in, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(o.File), err)
	}
	printSkips(c.Err, skips)
	return c.Print(counts)
}

// readSettings reads a settings file, if there is one.
func readSettings(c *Console, name string, otherwise settings.Settings) (settings.Settings, error) {
	if name == "" {
		return otherwise, nil
	}
	f, err := os.Open(c.Path(name))
	if err != nil {
		return otherwise, err
	}
	defer f.Close()
	s, err := settings.Read(f)
	if err != nil {
		return s, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return s, nil
}

// printSkips says which lines were passed over.
func printSkips(w io.Writer, s lines.Skips) {
	for _, skip := range s.First {
		fmt.Fprintf(w, "Line %d was passed over: %s.\n", skip.Line, strings.TrimSuffix(skip.Why, "."))
	}
	if more := s.N - len(s.First); more > 0 {
		fmt.Fprintf(w, "So were %d more.\n", more)
	}
}

// create opens a file to write, which must not be the one that is read. What it
// gives back beside writes what is left, and closes it.
func create(c *Console, name string, in *os.File, otherwise io.Writer) (io.Writer, func(*error), error) {
	to, file := otherwise, (*os.File)(nil)
	if name != "" {
		if is, err := os.Stat(c.Path(name)); err == nil {
			if from, err := in.Stat(); err == nil && os.SameFile(is, from) {
				return nil, nil, fmt.Errorf("%s is the file that is read; name another", filepath.Base(name))
			}
		}
		var err error
		if file, err = os.Create(c.Path(name)); err != nil {
			return nil, nil, err
		}
		to = file
	}
	w := bufio.NewWriter(to)
	return w, func(err *error) {
		last := w.Flush()
		if file != nil {
			if closed := file.Close(); last == nil {
				last = closed
			}
		}
		if *err == nil {
			*err = last
		}
	}, nil
}
