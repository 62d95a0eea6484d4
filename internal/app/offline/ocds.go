package offline

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ceiba/internal/collaboration/procurement/ocds"
	"ceiba/internal/collaboration/procurement/ocds/gather"
	"ceiba/internal/collaboration/procurement/ocds/merge"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
)

// OCDSMerge merges releases of contracting processes. It needs neither database
// nor server.
type OCDSMerge struct {
	Files     []string `arg:"" optional:"" help:"Releases, records or packages of them, as JSON or JSON lines, gzipped or not. Without a file, from standard input."`
	Versioned bool     `help:"Write the history of each value instead of its last state."`
	Standard  string   `enum:"auto,1.0,1.1" default:"auto" help:"Version of OCDS whose rules are used: 1.0, 1.1, or auto, which is what the packages say (1.1 for releases without one)."`
	Repeats   bool     `help:"Where a property occurs twice in one object, take the last value instead of leaving the release out."`
}

// Run runs the command.
func (o *OCDSMerge) Run(c *Console) error {
	g, err := gather.New()
	if err != nil {
		return err
	}
	defer g.Close()
	limits := read.Usual
	limits.Repeats = o.Repeats
	left, err := gatherFiles(c, o.Files, limits, g)
	if err != nil {
		return err
	}
	n := 0
	for p, err := range g.Processes() {
		if err != nil {
			return err
		}
		n++
		ok, err := o.process(c, p)
		if err != nil {
			return err
		}
		if !ok {
			left++
		}
	}
	switch {
	case left > 0:
		return fmt.Errorf("%d contracting processes; %d things were left out, see above", n, left)
	case n == 0:
		return errors.New("no releases were found")
	}
	fmt.Fprintf(c.Err, "%d contracting processes\n", n)
	return nil
}

// process writes one merged release as a line. It reports whether it could.
func (o *OCDSMerge) process(c *Console, p gather.Process) (bool, error) {
	version := p.Version
	if o.Standard != "auto" {
		version = schema.Of(o.Standard)
	}
	run := merge.Compiled
	if o.Versioned {
		run = merge.Versioned
	}
	got, err := run(merge.Standard(version), p.Releases)
	if err != nil {
		where := ""
		var f *merge.Fault
		if errors.As(err, &f) && f.Release >= 0 {
			where = fmt.Sprintf(" (line %d)", p.Places[f.Release].Line)
		}
		fmt.Fprintf(c.Err, "%s: %s%s\n", p.OCID, c.Plain(err), where)
		return false, nil
	}
	for _, w := range got.Warnings {
		fmt.Fprintf(c.Err, "%s: %s\n", p.OCID, c.Say().T(w.Key(), "pointer", w.Pointer, "value", w.Value))
	}
	_, err = c.Out.Write(append(ocds.Append(nil, got.Release), '\n'))
	return true, err
}

// gatherFiles reads files, or standard input where there are none. It says what
// could not be taken, and returns how much that was.
func gatherFiles(c *Console, names []string, limits read.Limits, g *gather.Gatherer) (left int, err error) {
	take := func(name string, r io.Reader) error {
		for item, err := range read.Items(r, limits) {
			if err != nil {
				left++
				fmt.Fprintf(c.Err, "%s: %s\n", name, c.Plain(err))
				continue
			}
			n, err := g.Add(item)
			if err != nil {
				return err
			}
			if left += n; n > 0 {
				fmt.Fprintf(c.Err, "%s: line %d: %d releases are only links, or have no ocid\n", name, item.Line, n)
			}
		}
		return nil
	}
	if len(names) == 0 {
		return left, take("standard input", c.In)
	}
	for _, name := range names {
		f, err := os.Open(c.Path(name))
		if err != nil {
			return left, err
		}
		err = take(filepath.Base(name), f)
		f.Close()
		if err != nil {
			return left, err
		}
	}
	return left, nil
}
