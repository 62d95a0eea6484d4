package pages

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/module"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
)

// OCDSPublisher says who publishes a package: this site.
type OCDSPublisher struct {
	Name string `json:"name"`
	URI  string `json:"uri"`
}

// OCDSLinks lead through packages.
type OCDSLinks struct {
	Next string `json:"next,omitempty" doc:"Address of the next package; none at the end"`
}

// OCDSPackage is what every package says about itself, by OCDS 1.1.5.
type OCDSPackage struct {
	URI       string        `json:"uri"`
	Version   string        `json:"version" doc:"1.1; 1.0 for a process all of whose releases came as that"`
	Published time.Time     `json:"publishedDate" doc:"When it last changed"`
	Publisher OCDSPublisher `json:"publisher"`
	License   string        `json:"license,omitempty" doc:"Of the files that all of it came with, where they say one address"`
	Links     *OCDSLinks    `json:"links,omitempty"`
}

// OCDSRecord is a contracting process by the standard.
type OCDSRecord struct {
	OCID     string            `json:"ocid"`
	Releases []json.RawMessage `json:"releases" doc:"As they came, the oldest first"`
	Compiled json.RawMessage   `json:"compiledRelease" doc:"What they merge into"`
}

// OCDSRecordPackage is a record package of OCDS 1.1.5.
type OCDSRecordPackage struct {
	OCDSPackage
	Records []OCDSRecord `json:"records"`
}

// OCDSReleasePackage is a release package of OCDS 1.1.5.
type OCDSReleasePackage struct {
	OCDSPackage
	Releases []json.RawMessage `json:"releases" doc:"As they came, the oldest first"`
}

// about is what a package of processes says about itself.
func (p *Pages) about(ctx context.Context, tx *db.Tx, path string, all []procurement.Published) (OCDSPackage, error) {
	out := OCDSPackage{URI: p.Base() + api.Base + path, Version: "1.1", Publisher: OCDSPublisher{Name: "Ceiba", URI: p.Base()}, Published: tx.Now}
	if p.Site != nil {
		out.Publisher.Name = p.Site(ctx)
	}
	var ids []string
	for i, x := range all {
		ids = append(ids, x.ID)
		if at := x.Changed.Time; i == 0 || at.After(out.Published) {
			out.Published = at
		}
	}
	if len(all) == 1 && all[0].Old {
		out.Version = "1.0"
	}
	licences, err := procurement.Licences(ctx, tx, ids)
	if len(licences) == 1 && (strings.HasPrefix(licences[0], "https://") || strings.HasPrefix(licences[0], "http://")) {
		out.License = licences[0]
	}
	return out, err
}

func releasesOf(x procurement.Published) []json.RawMessage {
	out := []json.RawMessage{}
	for _, r := range x.Releases {
		out = append(out, json.RawMessage(r.Text))
	}
	return out
}

func recordOf(x procurement.Published) OCDSRecord {
	return OCDSRecord{OCID: x.OCID, Releases: releasesOf(x), Compiled: json.RawMessage(x.Compiled)}
}

// OCDSKey names a contracting process in an address.
type OCDSKey struct {
	OCID string `path:"ocid" doc:"The open contracting id, or the id here"`
}

type ocdsRecordOutput struct{ Body OCDSRecordPackage }

type ocdsReleaseOutput struct{ Body OCDSReleasePackage }

func (p *Pages) apiRecord(ctx context.Context, in *OCDSKey) (*ocdsRecordOutput, error) {
	out := &ocdsRecordOutput{}
	err := p.one(ctx, "records", in.OCID, func(about OCDSPackage, x procurement.Published) {
		out.Body = OCDSRecordPackage{about, []OCDSRecord{recordOf(x)}}
	})
	return out, err
}

func (p *Pages) apiReleases(ctx context.Context, in *OCDSKey) (*ocdsReleaseOutput, error) {
	out := &ocdsReleaseOutput{}
	err := p.one(ctx, "releases", in.OCID, func(about OCDSPackage, x procurement.Published) {
		out.Body = OCDSReleasePackage{about, releasesOf(x)}
	})
	return out, err
}

// one reads a process with what a package of it says about itself.
func (p *Pages) one(ctx context.Context, what, name string, use func(OCDSPackage, procurement.Published)) error {
	return p.DB.View(ctx, func(tx *db.Tx) error {
		x, err := procurement.Record(ctx, tx, name)
		if err != nil {
			return err
		}
		about, err := p.about(ctx, tx, "/ocds/"+what+"/"+url.PathEscape(x.OCID), []procurement.Published{x})
		use(about, x)
		return err
	})
}

// OCDSRecordsQuery pages through all records. A page is small: a record may be large.
type OCDSRecordsQuery struct {
	Cursor string `query:"cursor" doc:"Of the next package, as links.next of the one before has it"`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"20"`
}

func (p *Pages) apiRecords(ctx context.Context, in *OCDSRecordsQuery) (*ocdsRecordOutput, error) {
	out := &ocdsRecordOutput{}
	out.Body.Records = []OCDSRecord{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		all, next, err := procurement.Records(ctx, tx, in.Cursor, in.Limit)
		if err != nil {
			return err
		}
		for _, x := range all {
			out.Body.Records = append(out.Body.Records, recordOf(x))
		}
		if out.Body.OCDSPackage, err = p.about(ctx, tx, listing.Of("/ocds/records", "cursor", in.Cursor), all); err != nil {
			return err
		}
		out.Body.Version, out.Body.Links = "1.1", &OCDSLinks{}
		if next != "" {
			out.Body.Links.Next = p.Base() + api.Base + listing.Of("/ocds/records", "cursor", next, "limit", strconv.Itoa(in.Limit))
		}
		return nil
	})
	return out, err
}

// atOnce is how many texts are read at a time: one may be some megabytes.
const atOnce = 16

// writeLines writes all compiled releases, or all releases, a line each, in the order
// in which they came. Memory is bounded by a few of them.
func (p *Pages) writeLines(ctx context.Context, w io.Writer, compiled bool) error {
	for after, more := "", true; more; {
		var texts []string
		ctx, done := web.LookUp(ctx)
		err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
			texts, after, err = procurement.Texts(ctx, tx, compiled, after, atOnce)
			return err
		})
		done()
		if err != nil {
			return err
		}
		for _, t := range texts {
			if _, err := io.WriteString(w, t+"\n"); err != nil {
				return err
			}
		}
		more = len(texts) == atOnce
	}
	return nil
}

// pageOf reads a page of all processes, for files.
func (p *Pages) pageOf(ctx context.Context, cursor string) (rows []ContractingRow, next string, err error) {
	const inFile = 500
	err = p.DB.View(ctx, func(tx *db.Tx) (err error) {
		rows, next, err = p.processRows(ctx, tx, ContractingQuery{}, cursor, inFile)
		return err
	})
	return rows, next, err
}

// bulkFiles are the files that hold everything, by their names.
var bulkFiles = []string{"compiled.jsonl", "releases.jsonl", "processes.csv"}

// export writes the same files for "ceiba export".
func (p *Pages) export(ctx context.Context, put func(name string) (module.Writer, error)) error {
	n := 0
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) { n, err = procurement.Count(ctx, tx, procurement.Filter{}); return err }); err != nil || n == 0 {
		return err // a site without contracts has no files of them
	}
	for _, name := range bulkFiles {
		w, err := put("contracting/" + name)
		if err != nil {
			return err
		}
		if err := p.bulk(ctx, w, name); err != nil {
			w.Close()
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) bulk(ctx context.Context, w io.Writer, name string) error {
	if name == "processes.csv" {
		return listing.WriteCSV(ctx, w, p.pageOf)
	}
	return p.writeLines(ctx, w, slices.Index(bulkFiles, name) == 0)
}
