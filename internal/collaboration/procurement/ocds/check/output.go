package check

import (
	"encoding/json"
	"path"
	"slices"

	"ceiba/internal/collaboration/procurement/ocds/extension"
)

// Say gives a sentence in some language: its key, and pairs of name and value.
type Say func(key string, args ...any) string

// JSON gives the report for machines. Its keys are those of lib-cove-ocds in its
// API context, with these differences: what lib-cove-ocds lists one by one is
// grouped here, each with count, items (in how many releases and records) and
// up to three examples; paths are JSON pointers; codes and deprecated fields are
// counted; and files, valid, packages, releases, records, versions_used,
// reading_errors, anomalies, count_with_errors, count_with_anomalies and
// not_grouped are ours.
func (r *Report) JSON(say Say) any {
	return output{
		Files: r.Files, Valid: r.Valid(), Versions: r.Versions,
		Count: r.Releases + r.Records, Releases: r.Releases, Records: r.Records, Packages: r.Packages, OCIDs: r.OCIDs,
		Faulty: r.Faulty, Noted: r.Noted, Extensions: r.extensions(),
		Unread: r.entries(say, Unread), Invalid: r.entries(say, Invalid), Conformance: r.conformance(say),
		Closed: r.coded(ClosedCode), Open: r.coded(OpenCode), Deprecated: r.deprecated(),
		Additional: r.additional(), AllAdditional: r.allAdditional(),
		Checks: checks{r.located(Empty)}, Structure: structure{r.located(NoID)},
		Anomalies: r.entries(say, Odd), Left: r.Left,
	}
}

type output struct {
	Files         []string          `json:"files"`
	Valid         bool              `json:"valid"`
	Versions      map[string]int    `json:"versions_used"`
	Count         int               `json:"count"`
	Releases      int               `json:"releases"`
	Records       int               `json:"records"`
	Packages      int               `json:"packages"`
	OCIDs         int               `json:"unique_ocids_count"`
	Faulty        int               `json:"count_with_errors"`
	Noted         int               `json:"count_with_anomalies"`
	Extensions    extensions        `json:"extensions"`
	Unread        []entry           `json:"reading_errors"`
	Invalid       []entry           `json:"validation_errors"`
	Conformance   conformance       `json:"conformance_errors"`
	Closed        map[string]*coded `json:"additional_closed_codelist_values"`
	Open          map[string]*coded `json:"additional_open_codelist_values"`
	Deprecated    []deprecatedField `json:"deprecated_fields"`
	Additional    []additionalField `json:"additional_fields"`
	AllAdditional []additionalInfo  `json:"all_additional_fields"`
	Checks        checks            `json:"additional_checks"`
	Structure     structure         `json:"structure_warnings"`
	Anomalies     []entry           `json:"anomalies"`
	Left          int               `json:"not_grouped"`
}

// entry is a group of findings.
type entry struct {
	Type        string          `json:"type"`
	Rule        string          `json:"rule"`
	Field       string          `json:"field"`
	Description string          `json:"description"`
	Path        string          `json:"path"`
	Value       json.RawMessage `json:"value,omitempty"`
	Count       int             `json:"count"`
	Items       int             `json:"items"`
	Also        bool            `json:"also_an_error,omitempty"`
	Examples    []example       `json:"examples"`
}

type example struct {
	File  string          `json:"file,omitempty"`
	Line  int             `json:"line"`
	Path  string          `json:"path"`
	OCID  string          `json:"ocid,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

// raw gives a value as JSON, or what is left of it as a text.
func raw(value string) json.RawMessage {
	if value == "" {
		return nil
	}
	if json.Valid([]byte(value)) {
		return json.RawMessage(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}

func (r *Report) examples(g *Group) (out []example) {
	for _, f := range g.Examples {
		e := example{Line: f.Line, Path: f.Pointer, OCID: f.OCID, Value: raw(f.Value)}
		if len(r.Files) > 1 {
			e.File = f.File
		}
		out = append(out, e)
	}
	return out
}

func (r *Report) entries(say Say, kind Kind) []entry {
	out := []entry{}
	for _, g := range r.Groups(kind) {
		out = append(out, entry{
			g.Type(), g.Rule, g.Field, say(g.Key(), g.Args()...), g.Pointer, raw(g.Value), g.Count, g.Items, g.Also, r.examples(g),
		})
	}
	return out
}

type conformance struct {
	Prefixes [][2]string `json:"ocds_prefixes_bad_format,omitempty"` // ocid and path of the first ones
	Count    int         `json:"ocds_prefixes_bad_format_count,omitempty"`
	Versions []entry     `json:"versions,omitempty"`
}

func (r *Report) conformance(say Say) (out conformance) {
	for _, e := range r.entries(say, Conformance) {
		if e.Rule != "prefix" {
			out.Versions = append(out.Versions, e)
			continue
		}
		out.Count += e.Count
		for _, one := range e.Examples {
			var ocid string
			if json.Unmarshal(one.Value, &ocid) == nil {
				out.Prefixes = append(out.Prefixes, [2]string{ocid, one.Path})
			}
		}
	}
	return out
}

// coded is a field with codes that its codelist does not have.
type coded struct {
	Path     string    `json:"path"`
	Field    string    `json:"field"`
	Codelist string    `json:"codelist"`
	URL      string    `json:"codelist_url"`
	Open     bool      `json:"isopen"`
	Values   []string  `json:"values"`
	Counts   []int     `json:"counts"` // of each value
	Count    int       `json:"count"`
	Examples []example `json:"examples"`
}

// codelists is where the standard's codelists are to be read.
const codelists = "https://raw.githubusercontent.com/open-contracting/standard/1.1/schema/codelists/"

func (r *Report) coded(kind Kind) map[string]*coded {
	out := map[string]*coded{}
	for _, g := range r.Groups(kind) {
		in, name := path.Split(g.Field)
		c := &coded{
			Path: path.Clean("/" + in)[1:], Field: name, Codelist: g.Name, URL: codelists + g.Name, Open: kind == OpenCode, Count: g.Count, Examples: r.examples(g),
		}
		for _, code := range g.Codes {
			c.Values, c.Counts = append(c.Values, code.Text()), append(c.Counts, code.Count)
		}
		out[g.Field] = c
	}
	return out
}

type deprecatedField struct {
	Field       string    `json:"field"`
	Path        string    `json:"path"` // without positions
	Paths       []string  `json:"paths"`
	Explanation [2]string `json:"explanation"` // since which version, and why
	Count       int       `json:"count"`
}

func (r *Report) deprecated() []deprecatedField {
	out := []deprecatedField{}
	for _, g := range r.Groups(Deprecated) {
		d := deprecatedField{Field: path.Base(g.Field), Path: g.Field, Explanation: [2]string{g.Other, g.Name}, Count: g.Count}
		for _, f := range g.Examples {
			d.Paths = append(d.Paths, path.Dir(f.Pointer))
		}
		out = append(out, d)
	}
	return out
}

type additionalField struct {
	Path  string `json:"path"`
	Field string `json:"field"`
	Count int    `json:"usage_count"`
}

type additionalInfo struct {
	Path     string            `json:"path"`
	Field    string            `json:"field_name"`
	Count    int               `json:"count"`
	Root     bool              `json:"root_additional_field"` // it is not itself within one
	Values   []json.RawMessage `json:"examples"`
	Examples []example         `json:"places"`
}

func (r *Report) additional() []additionalField {
	out := []additionalField{}
	for _, a := range r.allAdditional() {
		if a.Root {
			out = append(out, additionalField{a.Path, a.Field, a.Count})
		}
	}
	return out
}

func (r *Report) allAdditional() []additionalInfo {
	out := []additionalInfo{}
	for _, g := range r.Groups(Additional) {
		in, name := path.Split("/" + g.Field)
		a := additionalInfo{Path: path.Clean(in), Field: name, Count: g.Count, Root: g.Rule != "below", Values: []json.RawMessage{}, Examples: r.examples(g)}
		if a.Path == "/" {
			a.Path = ""
		}
		for _, e := range a.Examples {
			if e.Value != nil {
				a.Values = append(a.Values, e.Value)
			}
		}
		out = append(out, a)
	}
	return out
}

type checks struct {
	Empty []location `json:"empty_field"`
}

type structure struct {
	NoID []location `json:"missing_ids"`
}

type location struct {
	Location string   `json:"json_location"` // of the first
	Field    string   `json:"field"`
	Count    int      `json:"count"`
	More     []string `json:"examples"`
}

func (r *Report) located(kind Kind) []location {
	out := []location{}
	for _, g := range r.Groups(kind) {
		l := location{Location: g.Pointer, Field: g.Field, Count: g.Count}
		for _, f := range g.Examples {
			l.More = append(l.More, f.Pointer)
		}
		out = append(out, l)
	}
	return out
}

type extensions struct {
	Known    []knownExtension `json:"extensions"`
	Unknown  [][2]string      `json:"invalid_extensions"` // address, and why its fields are not known
	Extended bool             `json:"is_extended_schema"`
}

type knownExtension struct {
	URL   string         `json:"url"`
	Name  extension.Name `json:"name"`
	Count int            `json:"count"` // in how many packages
}

func (r *Report) extensions() extensions {
	out := extensions{Known: []knownExtension{}, Unknown: [][2]string{}}
	for address, n := range r.Extensions {
		if name, ok := extension.Of(address); ok {
			out.Known = append(out.Known, knownExtension{address, name, n})
		}
	}
	slices.SortFunc(out.Known, func(a, b knownExtension) int {
		if a.URL < b.URL {
			return -1
		}
		return 1
	})
	for _, address := range r.Unknown() {
		out.Unknown = append(out.Unknown, [2]string{address, "not known here, and not fetched"})
	}
	out.Extended = len(out.Known) > 0
	return out
}
