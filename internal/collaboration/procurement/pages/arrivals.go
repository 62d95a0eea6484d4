package pages

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/collaboration/procurement"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
)

// ContractingReleaseQuery is what releases are filtered by.
type ContractingReleaseQuery struct {
	Process string `query:"process" doc:"Id or ocid of a contracting process"`
	File    string `query:"file" doc:"Id of the file that brought them"`
	listing.Paged
}

// ContractingReleaseRow is a release as it came.
type ContractingReleaseRow struct {
	ID      string    `json:"id"`
	OCID    string    `json:"ocid"`
	Title   string    `json:"title" doc:"Of its process"`
	Release string    `json:"release" doc:"Its own id"`
	Date    string    `json:"date" doc:"As it is written"`
	Tags    []string  `json:"tags"`
	Old     bool      `json:"ocds_1_0" doc:"It came as OCDS 1.0"`
	File    string    `json:"file" doc:"Id of the file that brought it; empty for one written here"`
	Taken   time.Time `json:"taken"`
	Digest  string    `json:"digest" doc:"SHA-256 of its text"`
	URL     string    `json:"url" doc:"Its text"`
	process string
}

func (p *Pages) releaseList() listing.List[ContractingReleaseQuery, ContractingReleaseRow] {
	return listing.List[ContractingReleaseQuery, ContractingReleaseRow]{
		Path: "/contracting-releases", Tag: "contracting", Summary: "Releases as they came, the latest first", Words: "procurement.releases.",
		DB: p.DB, Base: p.Base, Rows: p.releaseRows, Name: p.nameOf, Shared: true,
		Columns: []listing.Column[ContractingReleaseRow]{
			{Name: "date", Kind: ui.Day, Head: true, Cell: func(ctx context.Context, r ContractingReleaseRow) ui.Cell {
				return ui.LinkCell(releaseDay(ctx, r.Date), releasePath(r.process, r.Digest))
			}},
			{Name: "tags", Cell: func(ctx context.Context, r ContractingReleaseRow) ui.Cell { return ui.Text(tagWords(ctx, r.Tags)) }},
			{Name: "process", Cell: func(_ context.Context, r ContractingReleaseRow) ui.Cell {
				return ui.LinkCell(titled(r.Title, r.OCID), record.Ref{Kind: "contracting", ID: r.process}.Path())
			}},
			{Name: "digest", Cell: func(_ context.Context, r ContractingReleaseRow) ui.Cell { return ui.Cell{View: digestView(r.Digest)} }},
		},
	}
}

func titled(title, otherwise string) string {
	if title != "" {
		return title
	}
	return otherwise
}

// releaseDay is the day of a release as it is written, or a word that none is.
func releaseDay(ctx context.Context, date string) string {
	if len(date) >= 10 && civilDay.MatchString(date[:10]) {
		return i18n.CivilDate(ctx, date[:10])
	}
	return i18n.T(ctx, "procurement.no_date")
}

func releasePath(process, digest string) string {
	return "/contracting/" + process + "/release/" + digest
}

// tagWords are the tags of a release in words.
func tagWords(ctx context.Context, tags []string) string {
	var out []string
	for _, t := range tags {
		if key := "procurement.tag." + t; i18n.Has(ctx, key) {
			t = i18n.T(ctx, key)
		}
		out = append(out, t)
	}
	return strings.Join(out, ", ")
}

func (p *Pages) releaseRows(ctx context.Context, tx *db.Tx, q ContractingReleaseQuery, cursor string, limit int) (out []ContractingReleaseRow, next string, err error) {
	f := procurement.ReleaseFilter{File: q.File}
	if q.Process != "" {
		x, err := procurement.Find(ctx, tx, q.Process)
		if err != nil {
			return nil, "", err
		}
		f.Process = x.ID
	}
	all, next, err := procurement.Releases(ctx, tx, f, cursor, limit)
	for _, r := range all {
		tags := []string{}
		if json.Unmarshal([]byte(r.Tags), &tags) != nil {
			tags = []string{}
		}
		out = append(out, ContractingReleaseRow{
			ID: r.ID, OCID: r.OCID, Title: r.Title, Release: r.Name, Date: r.Date, Tags: tags, Old: r.Old, File: r.Import, Taken: r.At.Time,
			Digest: r.Digest, URL: p.Base() + releasePath(r.Process, r.Digest), process: r.Process,
		})
	}
	return out, next, err
}

// ContractingFileQuery pages through files.
type ContractingFileQuery struct{ listing.Paged }

// ContractingFileRow is a file that was taken in.
type ContractingFileRow struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Licence   string     `json:"licence"`
	Read      int        `json:"releases" doc:"That the file has"`
	Fresh     int        `json:"new" doc:"Of which were not here"`
	Processes int        `json:"changes" doc:"Of processes: one that changed twice is counted twice"`
	Faults    int        `json:"faults"`
	Digest    string     `json:"digest" doc:"SHA-256 over the digests of its releases, in their order"`
	Begun     time.Time  `json:"begun"`
	Ended     *time.Time `json:"ended" doc:"Null while it runs, or if it was cut off"`
	URL       string     `json:"url"`
}

func (p *Pages) fileList() listing.List[ContractingFileQuery, ContractingFileRow] {
	return listing.List[ContractingFileQuery, ContractingFileRow]{
		Path: "/contracting-files", Tag: "contracting", Summary: "Files of contracting data that were taken in, the latest first", Words: "procurement.files.",
		DB: p.DB, Base: p.Base, Shared: true,
		Rows: func(ctx context.Context, tx *db.Tx, _ ContractingFileQuery, cursor string, limit int) (out []ContractingFileRow, next string, err error) {
			all, next, err := procurement.Imports(ctx, tx, cursor, limit)
			for _, t := range all {
				out = append(out, p.fileRow(t))
			}
			return out, next, err
		},
		Columns: []listing.Column[ContractingFileRow]{
			{Name: "name", Head: true, Cell: func(_ context.Context, r ContractingFileRow) ui.Cell {
				return ui.Cell{Text: titled(r.Name, r.ID), Href: "/contractingfile/" + r.ID, Note: r.Licence}
			}},
			{Name: "begun", Kind: ui.Day, Cell: func(ctx context.Context, r ContractingFileRow) ui.Cell { return ui.Text(i18n.Date(ctx, r.Begun)) }},
			{Name: "fresh", Kind: ui.Numeric, Cell: func(_ context.Context, r ContractingFileRow) ui.Cell { return ui.Cell{View: freshFigure(r)} }},
			{Name: "faults", Kind: ui.Numeric, Cell: func(_ context.Context, r ContractingFileRow) ui.Cell { return ui.Cell{View: faultFigure(r)} }},
		},
	}
}

func (p *Pages) fileRow(t procurement.Taken) ContractingFileRow {
	r := ContractingFileRow{
		ID: t.ID, Name: t.Name, Licence: t.Licence, Read: int(t.Read), Fresh: int(t.Fresh), Processes: int(t.Processes), Faults: int(t.Faults),
		Digest: t.Digest, Begun: t.Created.Time, URL: p.Base() + t.Ref().Path(),
	}
	if t.Ended != nil {
		r.Ended = t.Ended.Maybe()
	}
	return r
}

func freshFigure(r ContractingFileRow) ui.Figure {
	return ui.Count(r.Fresh, listing.Of("/contracting-releases", "file", r.ID))
}

// faultFigure is how many faults a file has; of very many, not all are kept.
func faultFigure(r ContractingFileRow) ui.Figure {
	rows := listing.Of("/contracting-faults", "file", r.ID)
	if r.Faults > procurement.KeptFaults {
		return ui.Derived(r.Faults, rows)
	}
	return ui.Count(r.Faults, rows)
}

// ContractingFaultQuery is what faults are filtered by.
type ContractingFaultQuery struct {
	File string `query:"file" doc:"Id of a file"`
	listing.Paged
}

// ContractingFaultRow is something in a file that could not be taken.
type ContractingFaultRow struct {
	File    string `json:"file" doc:"Id"`
	Number  int    `json:"number" doc:"From 1, in the order of the file"`
	Line    int    `json:"line" doc:"Of the file; 0 where it is not known"`
	OCID    string `json:"ocid" doc:"Empty where it is not known"`
	Pointer string `json:"pointer" doc:"Within the document (RFC 6901)"`
	Kind    string `json:"kind"`
	Says    string `json:"says" doc:"The sentence, in the language of the request"`
}

func (p *Pages) faultList() listing.List[ContractingFaultQuery, ContractingFaultRow] {
	return listing.List[ContractingFaultQuery, ContractingFaultRow]{
		Path: "/contracting-faults", Tag: "contracting", Summary: "What could not be taken in of files of contracting data, row by row", Words: "procurement.faults.",
		DB: p.DB, Base: p.Base, Name: p.nameOf, Rows: p.faultRows,
		Columns: []listing.Column[ContractingFaultRow]{
			{Name: "says", Head: true, Cell: func(_ context.Context, r ContractingFaultRow) ui.Cell { return ui.Text(r.Says) }},
			{Name: "line", Cell: func(_ context.Context, r ContractingFaultRow) ui.Cell { return ui.Text(lineText(r.Line)) }},
			{Name: "pointer", Cell: func(_ context.Context, r ContractingFaultRow) ui.Cell { return ui.Text(r.Pointer) }},
			{Name: "ocid", Cell: func(_ context.Context, r ContractingFaultRow) ui.Cell { return ui.Text(r.OCID) }},
		},
	}
}

func lineText(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}

func (p *Pages) faultRows(ctx context.Context, tx *db.Tx, q ContractingFaultQuery, cursor string, limit int) (out []ContractingFaultRow, next string, err error) {
	if q.File != "" {
		if _, err := procurement.FindImport(ctx, tx, q.File); err != nil {
			return nil, "", err
		}
	}
	all, next, err := procurement.AllFaults(ctx, tx, q.File, cursor, limit)
	for _, f := range all {
		out = append(out, ContractingFaultRow{
			File: f.File, Number: int(f.N), Line: int(f.Line), OCID: f.OCID, Pointer: f.Pointer, Kind: f.Word[strings.LastIndex(f.Word, ".")+1:], Says: f.Say(i18n.From(ctx)),
		})
	}
	return out, next, err
}
