package offline

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ceiba/internal/collaboration/procurement/ocds/check"
	"ceiba/internal/collaboration/procurement/ocds/read"
	"ceiba/internal/collaboration/procurement/ocds/schema"
	"ceiba/internal/service/i18n"
)

// OCDSCheck says what is wrong with OCDS data. It needs neither database nor
// server.
type OCDSCheck struct {
	Files    []string `arg:"" optional:"" help:"Releases, records or packages of them, as JSON or JSON lines, gzipped or not. Without a file, from standard input."`
	JSON     bool     `name:"json" help:"Print the result as one JSON object, with the keys of lib-cove-ocds."`
	Each     string   `enum:"none,jsonl,csv" default:"none" help:"Print each single finding instead, a line each: jsonl or csv."`
	Standard string   `enum:"auto,1.0,1.1" default:"auto" help:"Version of OCDS whose rules are used: 1.0, 1.1, or auto, which is what the packages say (1.1 for releases without one)."`
	Language string   `enum:"en,es" default:"en" help:"Language of the sentences: en or es."`
	Repeats  bool     `help:"Where a property occurs twice in one object, take the last value instead of leaving the release out."`
}

// Validate refuses options that contradict each other.
func (o *OCDSCheck) Validate() error {
	if o.JSON && o.Each != "none" {
		return errors.New("--json and --each are two ways to print; choose one")
	}
	return nil
}

// Run runs the command.
func (o *OCDSCheck) Run(c *Console) error {
	say := c.SayIn(o.Language)
	options := check.Options{Limits: read.Usual}
	options.Limits.Repeats = o.Repeats
	if o.Standard != "auto" {
		options.Standard = schema.Of(o.Standard)
	}
	out := bufio.NewWriter(c.Out)
	each, end := lister(o.Each, out, say)
	rep := &check.Report{}
	if err := o.files(c, check.New(options), rep, each); err != nil {
		return err
	}
	var err error
	switch {
	case o.JSON:
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(rep.JSON(say.T))
	case o.Each != "none":
		err = end()
	default:
		summary{rep, say, out}.print()
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return err
	}
	return verdict(rep, say)
}

// files checks files one after the other, or standard input. What cannot be
// opened a second time is copied to a temporary file first.
func (o *OCDSCheck) files(c *Console, checker *check.Checker, rep *check.Report, each func(*check.Found) error) error {
	if len(o.Files) == 0 {
		f, err := os.CreateTemp("", "ocds-*.json")
		if err != nil {
			return fmt.Errorf("make a temporary file: %w", err)
		}
		defer os.Remove(f.Name())
		_, err = io.Copy(f, c.In)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("copy standard input: %w", err)
		}
		return checkFile(checker, f.Name(), "standard input", rep, each)
	}
	for _, name := range o.Files {
		if err := checkFile(checker, c.Path(name), filepath.Base(name), rep, each); err != nil {
			return err
		}
	}
	return nil
}

func checkFile(checker *check.Checker, path, name string, rep *check.Report, each func(*check.Found) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return checker.File(name, f, func() (io.ReadCloser, error) { return os.Open(path) }, rep, each)
}

// verdict is the error with which the command ends if not everything keeps to
// the standard.
func verdict(rep *check.Report, say *i18n.Printer) error {
	all := rep.Releases + rep.Records
	switch {
	case rep.Valid():
		return nil
	case all+rep.Packages+rep.Unread == 0:
		return errors.New(say.T("ocds.check.said.nothing"))
	case rep.Faulty > 0:
		return errors.New(say.N("ocds.check.said.faulty", rep.Faulty, "all", say.Number(float64(all))))
	case rep.Unread > 0:
		return errors.New(say.N("ocds.check.said.unread", rep.Unread))
	}
	return errors.New(say.T("ocds.check.said.around"))
}

// finding is one line of --each.
type finding struct {
	File        string `json:"file"`
	Line        int    `json:"line"`
	OCID        string `json:"ocid,omitempty"`
	Release     string `json:"release,omitempty"`
	Kind        string `json:"kind"`
	Rule        string `json:"rule"`
	Field       string `json:"field"`
	Path        string `json:"path"`
	Value       string `json:"value,omitempty"` // as JSON, shortened
	Description string `json:"description"`
}

var findingColumns = []string{"file", "line", "ocid", "release", "kind", "rule", "field", "path", "value", "description"}

// lister gives what prints a finding, and what ends the list.
func lister(way string, w io.Writer, say *i18n.Printer) (each func(*check.Found) error, end func() error) {
	line := func(f *check.Found) finding {
		return finding{f.File, f.Line, f.OCID, f.ID, string(f.Kind), f.Rule, f.Field, f.Pointer, f.Value, say.T(f.Key(), f.Args()...)}
	}
	switch way {
	case "jsonl":
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return func(f *check.Found) error { return enc.Encode(line(f)) }, func() error { return nil }
	case "csv":
		table := csv.NewWriter(w)
		table.Write(findingColumns) // its error comes with the next
		return func(found *check.Found) error {
				f := line(found)
				return table.Write([]string{f.File, strconv.Itoa(f.Line), f.OCID, f.Release, f.Kind, f.Rule, f.Field, f.Path, f.Value, f.Description})
			}, func() error {
				table.Flush()
				return table.Error()
			}
	}
	return nil, nil
}

// summary prints what was found for somebody who never saw a JSON Schema.
type summary struct {
	*check.Report
	say *i18n.Printer
	out *bufio.Writer
}

// How much of each part is shown.
const (
	topFaults = 10
	topOdd    = 5
)

func (s summary) line(text string)        { fmt.Fprintln(s.out, text) }
func (s summary) count(key string, n int) { s.line(s.say.N("ocds.check.said."+key, n)) }

func (s summary) print() {
	s.counts()
	s.groups("faults", topFaults, s.Groups(check.Unread, check.Invalid, check.ClosedCode, check.Conformance))
	odd := slices.DeleteFunc(s.Groups(check.Odd), func(g *check.Group) bool { return g.Also })
	s.groups("odd", topOdd, odd)
	s.groups("codes", topOdd, s.Groups(check.OpenCode))
	s.fields()
	s.besides()
	if s.Left > 0 {
		s.out.WriteString("\n")
		s.count("left", s.Left)
	}
}

func (s summary) counts() {
	all := s.Releases + s.Records
	if s.Releases > 0 {
		s.count("releases", s.Releases)
	}
	if s.Records > 0 {
		s.count("records", s.Records)
	}
	if s.OCIDs > 0 {
		s.count("processes", s.OCIDs)
	}
	for _, version := range []string{"1.0", "1.1"} {
		if n := s.Versions[version]; n > 0 {
			s.line(s.say.N("ocds.check.said.version", n, "version", version))
		}
	}
	if s.Unread > 0 {
		s.count("unread", s.Unread)
	}
	switch {
	case s.Valid():
		s.line(s.say.T("ocds.check.said.valid"))
	case s.Faulty > 0:
		s.line(s.say.N("ocds.check.said.faulty", s.Faulty, "all", s.say.Number(float64(all))))
	case all == 0:
		s.line(s.say.T("ocds.check.said.nothing"))
	case s.Unread == 0:
		s.line(s.say.T("ocds.check.said.around"))
	}
	if s.Noted > 0 {
		s.count("noted", s.Noted)
	}
}

// groups prints the largest groups, each with its first place.
func (s summary) groups(heading string, top int, groups []*check.Group) {
	if len(groups) == 0 {
		return
	}
	s.line("\n" + s.say.T("ocds.check.said."+heading))
	for i, g := range groups[:min(top, len(groups))] {
		first := g.Examples[0]
		where := cmp.Or(first.Pointer, first.OCID, "/")
		key, args := "ocds.check.said.place", []any{"line", first.Line, "pointer", where, "items", s.say.Number(float64(g.Items))}
		if len(s.Files) > 1 {
			key, args = "ocds.check.said.placed", append(args, "file", first.File)
		}
		fmt.Fprintf(s.out, "%2d. %s\n    %s\n", i+1, s.say.T(g.Key(), g.Args()...), s.say.N(key, g.Count, args...))
		if len(g.Codes) > 1 {
			fmt.Fprintf(s.out, "    %s\n", s.say.T("ocds.check.said.values", "values", s.codes(g)))
		}
	}
	if more := len(groups) - top; more > 0 {
		fmt.Fprintf(s.out, "    %s\n", s.say.N("ocds.check.said.more", more))
	}
}

// codes names the first codes of a group.
func (s summary) codes(g *check.Group) string {
	var out []string
	for _, c := range g.Codes[:min(topOdd, len(g.Codes))] {
		out = append(out, s.say.N("ocds.check.said.field", c.Count, "field", c.Value))
	}
	if len(g.Codes) > topOdd {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// fields prints the fields and extensions that are not known.
func (s summary) fields() {
	groups := slices.DeleteFunc(s.Groups(check.Additional), func(g *check.Group) bool { return g.Rule == "below" })
	if len(groups) > 0 {
		var names []string
		for _, g := range groups[:min(topFaults, len(groups))] {
			names = append(names, s.say.N("ocds.check.said.field", g.Count, "field", check.Label(g.Field)))
		}
		s.line("\n" + s.say.T("ocds.check.said.fields") + "\n    " + strings.Join(names, "\n    "))
		if more := len(groups) - topFaults; more > 0 {
			s.line("    " + s.say.N("ocds.check.said.more", more))
		}
	}
	if unknown := s.Unknown(); len(unknown) > 0 {
		s.line("\n" + s.say.T("ocds.check.said.extensions") + "\n    " + strings.Join(unknown[:min(topFaults, len(unknown))], "\n    "))
		if more := len(unknown) - topFaults; more > 0 {
			s.line("    " + s.say.N("ocds.check.said.more", more))
		}
	}
}

// besides prints how much there is of what matters least.
func (s summary) besides() {
	begun := false
	for _, part := range []struct {
		key  string
		kind check.Kind
	}{{"deprecated", check.Deprecated}, {"empty", check.Empty}, {"noid", check.NoID}} {
		groups, n := s.Groups(part.kind), 0
		for _, g := range groups {
			n += g.Count
		}
		if n == 0 {
			continue
		}
		if !begun {
			begun = true
			s.line("\n" + s.say.T("ocds.check.said.besides"))
		}
		s.line("    " + s.say.N("ocds.check.said."+part.key, n, "field", check.Label(groups[0].Field)))
	}
}
