// Package backup writes a whole site into one file and reads it back, on either
// database and either kind of blob store.
//
// The file is a ZIP: ceiba-backup.json says what it is, tables/NAME.ndjson hold
// the rows of one consistent snapshot (one JSON array a line, in the order of
// the columns that the header names), blobs/SHA256 hold the files. Files are
// named by their content and never change, so that copying them after the
// snapshot keeps the whole consistent while the site goes on.
//
// What is computed from the rest is left out and made again: full-text indexes,
// the local cache of versions. What must not lie in one place with the data is
// left out too: the ledger's signing key and the sign-in secret. Keep these two
// files apart, and bring them along when you restore elsewhere.
//
// Limits: a restore is one transaction. Read wants an empty site; Replace throws
// away what is there.
package backup

import (
	"archive/zip"
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/blob"
)

// Words are this package's sentences.
//
//go:embed locale/*.json
var Words embed.FS

// format is raised when older programs could not read a backup.
const format = 1

const headerName = "ceiba-backup.json"

// Header says what a backup holds.
type Header struct {
	Format int         `json:"format"`
	Ceiba  string      `json:"ceiba"` // version of the program that wrote it
	Engine string      `json:"engine"`
	Made   time.Time   `json:"made"`
	Tables []TableHead `json:"tables"`
}

// TableHead names a table's columns in the order of its rows.
type TableHead struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// Report is what was written or read.
type Report struct {
	Rows  int64 `json:"rows"`
	Blobs int64 `json:"blobs"`
	Bytes int64 `json:"bytes"` // of blobs
}

// Write writes a backup of the site to w while it goes on.
func Write(ctx context.Context, d *db.DB, b *blob.Store, version string, w io.Writer) (Report, error) {
	z := zip.NewWriter(w)
	var rep Report
	if err := d.View(ctx, func(tx *db.Tx) error { return writeTables(ctx, tx, z, version, d.Engine(), &rep) }); err != nil {
		return rep, err
	}
	for s, err := range b.Walk(ctx) {
		if err != nil {
			return rep, err
		}
		if err := writeBlob(ctx, b, z, s); err != nil {
			return rep, err
		}
		rep.Blobs++
		rep.Bytes += s.Size
	}
	return rep, z.Close()
}

func writeTables(ctx context.Context, tx *db.Tx, z *zip.Writer, version, engine string, rep *Report) error {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return err
	}
	h := Header{Format: format, Ceiba: version, Engine: engine, Made: tx.Now}
	for _, t := range tables {
		h.Tables = append(h.Tables, TableHead{t.Name, t.Columns})
	}
	head, err := z.Create(headerName)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(head).Encode(h); err != nil {
		return err
	}
	for _, t := range tables {
		f, err := z.Create("tables/" + t.Name + ".ndjson")
		if err != nil {
			return err
		}
		enc := json.NewEncoder(f)
		enc.SetEscapeHTML(false)
		if err := tx.Each(ctx, t, func(row []any) error { rep.Rows++; return enc.Encode(row) }); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func writeBlob(ctx context.Context, b *blob.Store, z *zip.Writer, s blob.Stored) error {
	r, err := b.Open(ctx, s.SHA256)
	if errors.Is(err, db.ErrNotFound) {
		return nil // cleared away since it was listed
	}
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := z.CreateHeader(&zip.FileHeader{Name: "blobs/" + s.SHA256, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return err
}

// Read restores a backup into an empty site whose tables exist. Files come
// first: a restore that breaks off leaves the database empty, and can be run
// again.
func Read(ctx context.Context, d *db.DB, b *blob.Store, r io.ReaderAt, size int64) (Report, error) {
	return read(ctx, d, b, r, size, mustBeEmpty)
}

// Replace restores a backup over a site: every row that is there goes in the
// same transaction, so that a backup that cannot be read changes nothing.
// Nothing else may run on the site meanwhile. Files are added to those there.
func Replace(ctx context.Context, d *db.DB, b *blob.Store, r io.ReaderAt, size int64) (Report, error) {
	return read(ctx, d, b, r, size, empty)
}

// Check reads what a backup says of itself, and refuses a file that is none.
func Check(r io.ReaderAt, size int64) (Header, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Header{}, fault.New(fault.Invalid, "backup.not_one").Wrap(err)
	}
	return readHeader(z)
}

// read restores; before looks after the tables as they are, in an order in
// which what is referred to comes first.
func read(ctx context.Context, d *db.DB, b *blob.Store, r io.ReaderAt, size int64, before func(context.Context, *db.Tx, []db.Table) error) (Report, error) {
	h, err := Check(r, size)
	if err != nil {
		return Report{}, err
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Report{}, err
	}
	var rep Report
	for _, f := range z.File {
		if sha, ok := strings.CutPrefix(f.Name, "blobs/"); ok {
			if err := readBlob(ctx, b, f, sha, &rep); err != nil {
				return rep, err
			}
		}
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		rep.Rows = 0
		tables, err := tx.Tables(ctx)
		if err != nil {
			return err
		}
		if err := before(ctx, tx, tables); err != nil {
			return err
		}
		return readTables(ctx, tx, z, tables, h, &rep)
	})
	return rep, err
}

func readHeader(z *zip.Reader) (Header, error) {
	var h Header
	f, err := z.Open(headerName)
	if err != nil {
		return h, fault.New(fault.Invalid, "backup.not_one").Wrap(err)
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&h); err != nil {
		return h, fault.New(fault.Invalid, "backup.not_one").Wrap(err)
	}
	if h.Format != format {
		return h, fault.New(fault.Invalid, "backup.other_format", "format", h.Format, "version", h.Ceiba)
	}
	return h, nil
}

func readBlob(ctx context.Context, b *blob.Store, f *zip.File, sha string, rep *Report) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	ref, err := b.Put(ctx, r, blob.PutOptions{Ours: true})
	if err != nil {
		return err
	}
	if ref.SHA256 != sha {
		return fault.New(fault.Invalid, "backup.damaged", "name", f.Name)
	}
	rep.Blobs++
	rep.Bytes += ref.Size
	return nil
}

// mustBeEmpty refuses a site with rows.
func mustBeEmpty(ctx context.Context, tx *db.Tx, tables []db.Table) error {
	for _, t := range tables {
		any, err := db.Get(ctx, tx, db.One[bool], `SELECT EXISTS (SELECT 1 FROM "`+t.Name+`")`)
		if err != nil {
			return err
		}
		if any {
			return fault.New(fault.Conflict, "backup.not_empty", "table", t.Name)
		}
	}
	return nil
}

// Empty throws away every row that a backup holds. What is derived from them has
// to be made anew.
func Empty(ctx context.Context, tx *db.Tx) error {
	tables, err := tx.Tables(ctx)
	if err != nil {
		return err
	}
	return empty(ctx, tx, tables)
}

// empty throws all rows away.
func empty(ctx context.Context, tx *db.Tx, tables []db.Table) error {
	for _, t := range slices.Backward(tables) { // what refers goes before what it refers to
		if _, err := tx.Exec(ctx, `DELETE FROM "`+t.Name+`"`); err != nil {
			return fmt.Errorf("empty %s: %w", t.Name, err)
		}
	}
	return nil
}

func readTables(ctx context.Context, tx *db.Tx, z *zip.Reader, tables []db.Table, h Header, rep *Report) error {
	for _, t := range tables { // in their order: what is referred to comes first
		for _, head := range h.Tables {
			if head.Name != t.Name {
				continue
			}
			if err := readTable(ctx, tx, z, db.Table{Name: t.Name, Columns: head.Columns}, rep); err != nil {
				return fmt.Errorf("table %s: %w", t.Name, err)
			}
		}
	}
	return nil
}

func readTable(ctx context.Context, tx *db.Tx, z *zip.Reader, t db.Table, rep *Report) error {
	f, err := z.Open("tables/" + t.Name + ".ndjson")
	if err != nil {
		return fault.New(fault.Invalid, "backup.damaged", "name", t.Name).Wrap(err)
	}
	defer f.Close()
	dec := json.NewDecoder(bufio.NewReader(f))
	dec.UseNumber()
	for dec.More() {
		var row []any
		if err := dec.Decode(&row); err != nil {
			return fault.New(fault.Invalid, "backup.damaged", "name", t.Name).Wrap(err)
		}
		if err := tx.Put(ctx, t, row); err != nil {
			return err
		}
		rep.Rows++
	}
	return nil
}
