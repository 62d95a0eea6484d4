package pages

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"

	"ceiba/internal/collaboration/consultation"

	"ceiba/internal/face/listing"
	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/table/csv"
	"ceiba/internal/service/who"
)

// eachNote calls fn with everything that actor may see of what people wrote, a
// page at a time, so that a long list holds no transaction open.
func (d *Pages) eachNote(ctx context.Context, c consultation.Consultation, fn func(AnnotationBody) error) error {
	for cursor, more := "", true; more; more = cursor != "" {
		var page []AnnotationBody
		if err := d.DB.View(ctx, func(tx *db.Tx) (err error) {
			page, cursor, err = d.noteBodies(ctx, tx, c, consultation.Which{}, cursor, 200)
			return err
		}); err != nil {
			return err
		}
		for _, b := range page {
			if err := fn(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteColumns are the columns of the download.
var noteColumns = []string{
	"id", "url", "kind", "state", "made_on", "paragraph", "now_in", "hold", "quote", "was", "text", "replacement", "lang", "author", "org", "sector",
	"agreed", "replies", "hidden", "created", "decision", "because", "later", "forwarded", "answered",
}

func (b AnnotationBody) row() []any {
	row := []any{
		b.ID, b.URL, b.Kind, b.State, int64(b.MadeOn), b.Paragraph, b.NowIn, b.Hold, b.Quote, b.Was, b.Text, b.Replacement, b.Lang, b.Author, b.Org,
		b.Sector, int64(b.Agreed), int64(b.Replies), b.Hidden, b.Created.Format("2006-01-02T15:04:05Z07:00"), "", "", "", "", "",
	}
	if a := b.Answer; a != nil {
		copy(row[len(row)-5:], []any{a.Decision, a.Because, a.Later, a.Forwarded, a.At.Format("2006-01-02T15:04:05Z07:00")})
	}
	return row
}

func (d *Pages) writeCSV(ctx context.Context, w io.Writer, c consultation.Consultation) error {
	out := csv.NewWriter(w, noteColumns, true)
	if err := d.eachNote(ctx, c, func(b AnnotationBody) error { return out.Row(b.row()) }); err != nil {
		return err
	}
	return out.Close()
}

// download opens a file of what people wrote.
func (d *Pages) download(w http.ResponseWriter, r *http.Request, typ, ext string) (consultation.Consultation, error) {
	var c consultation.Consultation
	var slug string
	err := d.DB.View(r.Context(), func(tx *db.Tx) (err error) { c, slug, err = d.find(r.Context(), tx, r); return err })
	if err == nil {
		w.Header().Set("Content-Type", typ)
		w.Header().Set("Content-Disposition", `attachment; filename="`+slug+"-notes."+ext+`"`)
	}
	return c, err
}

func (d *Pages) notesCSV(w http.ResponseWriter, r *http.Request) error {
	c, err := d.download(w, r, "text/csv; charset=utf-8", "csv")
	if err != nil {
		return err
	}
	return d.writeCSV(r.Context(), w, c)
}

func (d *Pages) notesJSON(w http.ResponseWriter, r *http.Request) error {
	c, err := d.download(w, r, "application/json", "json")
	if err != nil {
		return err
	}
	return d.writeJSON(r.Context(), w, c)
}

func (d *Pages) writeJSON(ctx context.Context, w io.Writer, c consultation.Consultation) error {
	if _, err := io.WriteString(w, "["); err != nil {
		return err
	}
	sep := "\n"
	if err := d.eachNote(ctx, c, func(b AnnotationBody) error {
		line, err := json.Marshal(b)
		if err == nil {
			_, err = io.WriteString(w, sep+string(line))
		}
		sep = ",\n"
		return err
	}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

// exportAll writes every text that anybody may read, with its versions and what
// people wrote.
func (d *Pages) exportAll(ctx context.Context, put func(string) (module.Writer, error)) error {
	ctx = who.With(ctx, who.Actor{}) // what nobody in particular sees
	for cursor, more := "", true; more; more = cursor != "" {
		var p consultation.Page
		if err := d.DB.View(ctx, func(tx *db.Tx) (err error) { p, err = consultation.All(ctx, tx, cursor, 50); return err }); err != nil {
			return err
		}
		cursor = p.Next
		for _, c := range p.Consultations {
			if err := d.exportOne(ctx, put, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Pages) exportOne(ctx context.Context, put func(string) (module.Writer, error), c consultation.Consultation) error {
	var b ConsultationBody
	if err := d.DB.View(ctx, func(tx *db.Tx) (err error) { b, err = d.whole(ctx, tx, c, 0); return err }); err != nil {
		return err
	}
	dir := path.Join("consultations", b.Slug)
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"consultation.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(b) }},
		{"annotations.json", func(w io.Writer) error { return d.writeJSON(ctx, w, c) }},
		{"annotations.csv", func(w io.Writer) error { return d.writeCSV(ctx, w, c) }},
	} {
		w, err := put(path.Join(dir, file.name))
		if err != nil {
			return err
		}
		if err := file.write(w); err != nil {
			w.Close()
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// allCSV gives all texts that anybody may read.
func (d *Pages) allCSV(w http.ResponseWriter, r *http.Request) error {
	return listing.CSV(w, r, "consultations", func(ctx context.Context, cursor string) (out []ConsultationBody, next string, err error) {
		err = d.DB.View(ctx, func(tx *db.Tx) error {
			p, err := consultation.All(ctx, tx, cursor, 100)
			if err != nil {
				return err
			}
			next = p.Next
			out, err = d.bodies(ctx, tx, p.Consultations)
			return err
		})
		return out, next, err
	})
}
