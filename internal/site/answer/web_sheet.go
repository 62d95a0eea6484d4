package answer

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	sheet "ceiba/internal/service/table/csv"
	"ceiba/internal/service/who"
)

const sheets = "/call/{key}/sheets"

func (p *Pages) sheetRoutes(r *web.Routes) {
	r.Get(sheets, web.SignedIn, p.sheetForm)
	r.Post(sheets, web.SignedIn, p.putSheet, web.Body(answer.MostBytes+1<<20), web.Limit(web.Heavy))
	r.Get(sheets+"/{id}", web.SignedIn, p.sheet)
	r.Post(sheets+"/{id}/take", web.SignedIn, p.takeSheet, web.Streams, web.Limit(web.Heavy))
	r.Get(sheets+"/{id}/bad.csv", web.SignedIn, p.badRows)
	r.Post(sheets+"/{id}/receipts", web.SignedIn, p.handouts)
}

// sheetView is the page of a call's sheets, or of one of them.
type sheetView struct {
	web.Wrong
	Box     answer.Box
	Slug    string
	Sheets  []answer.Sheet
	Sheet   answer.Sheet
	Sample  []answer.Input
	Channel string
}

// Path is the address of the call's sheets.
func (v sheetView) Path() string { return "/call/" + v.Slug + "/sheets" }

func (p *Pages) sheetForm(w http.ResponseWriter, r *http.Request) error {
	return p.sheetsWith(w, r, http.StatusOK, sheetView{})
}

func (p *Pages) sheetsWith(w http.ResponseWriter, r *http.Request, status int, v sheetView) error {
	ctx := r.Context()
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Box, v.Slug, err = p.atDesk(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		v.Sheets, err = answer.Sheets(ctx, tx, v.Box.ID)
		return err
	}); err != nil {
		return err
	}
	return web.Page(w, r, status, ui.Page{Title: i18n.T(ctx, "call.sheets"), Kind: ui.Form, Private: true, Crumbs: v.crumbs(ctx)}, sheetsPage(v))
}

func (v sheetView) crumbs(ctx context.Context) []ui.Link {
	return []ui.Link{{Text: v.Box.Title, Href: "/call/" + v.Slug}, {Text: i18n.T(ctx, "call.desk"), Href: "/call/" + v.Slug + "/desk"}}
}

func (p *Pages) putSheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v := sheetView{Channel: f.Line("channel")}
	var s answer.Sheet
	file, head, err := r.FormFile("file")
	if err != nil {
		err = fault.Fields{{Name: "file", Key: "fault.required"}}
	} else {
		defer file.Close()
		var b answer.Box
		if err = p.DB.View(ctx, func(tx *db.Tx) error { b, _, err = p.atDesk(ctx, tx, r.PathValue("key")); return err }); err == nil {
			var content []byte
			if content, err = io.ReadAll(io.LimitReader(file, answer.MostBytes+1)); err == nil {
				s, err = p.PutSheet(ctx, who.From(ctx), b.ID, head.Filename, v.Channel, content)
			}
		}
	}
	var ok bool
	if v.Wrong, ok = web.Mend(w, r, err, "file", fieldLabel); ok {
		return p.sheetsWith(w, r, v.Status, v)
	}
	if err != nil {
		return err
	}
	web.Redirect(w, r, "/call/"+r.PathValue("key")+"/sheets/"+s.ID)
	return nil
}

// oneSheet reads the sheet of an address.
func (p *Pages) oneSheet(ctx context.Context, r *http.Request) (v sheetView, err error) {
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		if v.Box, v.Slug, err = p.atDesk(ctx, tx, r.PathValue("key")); err != nil {
			return err
		}
		if v.Sheet, err = p.SheetByID(ctx, tx, who.From(ctx), r.PathValue("id")); err == nil && v.Sheet.Box != v.Box.ID {
			err = db.ErrNotFound
		}
		return err
	})
	return v, err
}

func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.oneSheet(ctx, r)
	if err != nil {
		return err
	}
	if v.Sheet.Imported.IsZero() {
		if v.Sample, err = v.Sheet.Sample(ctx, v.Box, 5); err != nil {
			return err
		}
	}
	return web.Page(w, r, http.StatusOK, ui.Page{Title: v.Sheet.Name, Kind: ui.Form, Private: true, Wide: true, Crumbs: append(v.crumbs(ctx), ui.Link{Text: i18n.T(ctx, "call.sheets"), Href: v.Path()})}, sheetPage(v))
}

func (p *Pages) takeSheet(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.oneSheet(ctx, r)
	if err != nil {
		return err
	}
	if _, err := p.TakeSheet(ctx, who.From(ctx), v.Sheet.ID); err != nil {
		return err
	}
	web.Flash(w, ui.Done, "call.sheet.done")
	web.Redirect(w, r, v.Path()+"/"+v.Sheet.ID)
	return nil
}

// badRows sends the rows that could not be taken, with what is wrong, so that they
// can be mended and brought in again.
func (p *Pages) badRows(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.oneSheet(ctx, r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	head := []string{"row", "problem"}
	for _, c := range v.Sheet.Reading.V.Columns {
		head = append(head, sheet.Guard(c))
	}
	out.Write(head)
	for _, x := range v.Sheet.Reading.V.Bad {
		line := []string{strconv.FormatInt(x.Row, 10), troubles(ctx, x)}
		for _, c := range x.Cells {
			line = append(line, sheet.Guard(c))
		}
		out.Write(line)
	}
	return sendCSV(w, v.Slug+"-rows.csv", out, &b)
}

// handouts sends the receipts of a sheet, the only time that they can be read.
func (p *Pages) handouts(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.oneSheet(ctx, r)
	if err != nil {
		return err
	}
	var list []answer.Handout
	if err := p.DB.Update(ctx, func(tx *db.Tx) error { list, err = p.Handouts(ctx, tx, who.From(ctx), v.Sheet.ID); return err }); err != nil {
		return err
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	out.Write([]string{"external_id", "title", "receipt", "address"})
	for _, x := range list {
		code := answer.Grouped(x.Code)
		out.Write([]string{sheet.Guard(x.Input.External), sheet.Guard(x.Input.Title), code, p.Base() + "/receipt?code=" + code})
	}
	return sendCSV(w, v.Slug+"-receipts.csv", out, &b)
}

func sendCSV(w http.ResponseWriter, name string, out *csv.Writer, b *bytes.Buffer) error {
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err := w.Write(b.Bytes())
	return err
}

// troubles says what is wrong with a row.
func troubles(ctx context.Context, x answer.BadRow) string {
	var said []string
	for _, t := range x.Troubles {
		text := i18n.T(ctx, t.Key, t.Args...)
		if t.Field != "" {
			text = fieldLabel(ctx, t.Field) + ": " + text
		}
		said = append(said, text)
	}
	return strings.Join(said, " · ")
}

func badTable(ctx context.Context, s answer.Sheet) (rows [][]ui.Cell) {
	bad := s.Reading.V.Bad
	for _, x := range bad[:min(len(bad), 50)] {
		rows = append(rows, []ui.Cell{ui.Text(strconv.FormatInt(x.Row, 10)), {Text: troubles(ctx, x), Note: short(strings.Join(filled(x.Cells), " · "))}})
	}
	return rows
}

// filled are the cells of a row that hold something.
func filled(cells []string) (out []string) {
	for _, c := range cells {
		if c != "" {
			out = append(out, c)
		}
	}
	return out
}

func sheetRows(ctx context.Context, v sheetView) (rows [][]ui.Cell) {
	for _, s := range v.Sheets {
		state := i18n.T(ctx, "call.sheet.preview")
		if !s.Imported.IsZero() {
			state = i18n.T(ctx, "call.sheet.in")
		}
		rows = append(rows, []ui.Cell{ui.LinkCell(s.Name, v.Path()+"/"+s.ID), ui.Text(i18n.Date(ctx, s.Created.Time)), ui.Text(i18n.Number(ctx, s.Total)), ui.Text(i18n.Number(ctx, s.Taken)), ui.Text(state)})
	}
	return rows
}

// csv sends all public inputs of a call with their outcomes.
func (p *Pages) csv(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var b answer.Box
	var slug string
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		b, slug, err = p.BoxByKey(ctx, tx, who.From(ctx), r.PathValue("key"))
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+slug+`.csv"`)
	return p.writeInputs(ctx, b, filterOf(r.URL.Query()), w)
}

// day is the day of a time in Belize, empty for none.
func day(t db.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(i18n.Belize).Format(time.DateOnly)
}
