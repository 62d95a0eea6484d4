package answer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/geo"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/table/csv"
	"ceiba/internal/service/table/source"
	"ceiba/internal/service/table/source/open"
	"ceiba/internal/service/who"
)

const (
	// MostRows is how many rows a sheet of inputs may have.
	MostRows = 10_000
	// MostBytes is how large the file of a sheet may be.
	MostBytes = 8 << 20

	perStep = 200 // rows that are taken in one transaction
)

// columnNames are the columns of a sheet by the names that people give them, in
// English and Spanish, as package source makes identifiers of them.
var columnNames = map[string]string{
	"text": "text", "texto": "text", "input": "text", "message": "text", "mensaje": "text", "aporte": "text",
	"title": "title", "titulo": "title", "kind": "kind", "type": "kind", "tipo": "kind", "district": "district", "distrito": "district",
	"sector": "sector", "language": "lang", "lang": "lang", "idioma": "lang", "channel": "channel", "canal": "channel",
	"community": "community", "village": "community", "comunidad": "community", "aldea": "community", "date": "date", "fecha": "date", "day": "date",
	"external_id": "external_id", "id": "external_id", "for_org": "for_org", "for": "for_org", "group": "for_org", "grupo": "for_org",
}

// spellings are the words that people write in a sheet for what has a name here.
var spellings = map[string]string{
	"problema": "problem", "comentario": "comment", "habitante": "resident", "vecino": "resident", "joven": "youth", "juventud": "youth", "jovenes": "youth",
	"sociedad_civil": "civil_society", "ngo": "civil_society", "ong": "civil_society", "academia": "academia", "medio": "media", "medios": "media",
	"empresa": "private", "business": "private", "gobierno": "government", "indigena": "indigenous", "papel": "paper", "mesa": "roundtable", "voz": "voice",
	"english": "en", "ingles": "en", "spanish": "es", "espanol": "es", "kriol": "bzj", "garifuna": "cab", "q'eqchi'": "kek", "qeqchi": "kek", "mopan": "mop", "yucatec": "yua",
}

// Trouble is what is wrong with a cell of a row: a sentence of locale/.
type Trouble struct {
	Field string `json:"field"`
	Key   string `json:"key"`
	Args  []any  `json:"args,omitempty"`
}

// BadRow is a row that could not be taken.
type BadRow struct {
	Row      int64     `json:"row"` // line of the file
	Cells    []string  `json:"cells"`
	Troubles []Trouble `json:"troubles"`
}

// Reading is what was found in a sheet.
type Reading struct {
	Columns []string      `json:"columns"` // of the file
	Ignored []string      `json:"ignored"` // of them, those that mean nothing here
	Notes   []source.Note `json:"notes"`   // lines that are no rows
	Bad     []BadRow      `json:"bad"`
}

// Sheet is a file of inputs that somebody wrote down.
type Sheet struct {
	ID       string
	Box      string
	Name     string
	Channel  string
	Content  string // until it is taken in
	Reading  db.JSON[Reading]
	Total    int // rows
	Taken    int
	Doubled  int // that were there already
	Seed     string
	By       string
	Created  db.Time
	Imported db.Time
}

const sheetColumns = `id, box, name, channel, content, bad, total, taken, doubled, seed, by_person, created, imported`

func sheetFields(s *Sheet) []any {
	return []any{&s.ID, &s.Box, &s.Name, &s.Channel, &s.Content, &s.Reading, &s.Total, &s.Taken, &s.Doubled, &s.Seed, &s.By, &s.Created, &s.Imported}
}

// row is a row of a sheet as an input.
type row struct {
	line  int64
	cells []string
	g     Giving
	wrong []Trouble
}

// read reads a sheet's rows. It looks at no input that is there.
func (s *Sheet) read(ctx context.Context, b Box) ([]row, error) {
	f, err := os.CreateTemp("", "ceiba-sheet-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(s.Content)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	r, err := open.File(ctx, f.Name(), source.Options{MaxRows: MostRows, MaxBytes: MostBytes, MaxInflated: 8 * MostBytes})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return s.rows(r, b)
}

func (s *Sheet) rows(r *source.Reader, b Box) (out []row, err error) {
	names, seen := make([]string, len(r.Info().Names)), map[string]int{}
	s.Reading.V = Reading{Columns: r.Info().Names, Ignored: []string{}, Bad: []BadRow{}}
	for i, n := range r.Info().Names {
		if names[i] = columnNames[n]; names[i] == "" || slices.Contains(names[:i], names[i]) {
			names[i] = ""
			s.Reading.V.Ignored = append(s.Reading.V.Ignored, n)
		}
	}
	if !slices.Contains(names, "text") {
		return nil, fault.Fields{{Name: "file", Key: "answer.no_text_column"}}
	}
	for {
		x, err := r.Next()
		if errors.Is(err, io.EOF) {
			s.Reading.V.Notes, s.Total = r.Info().Notes, len(out)
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		got := row{line: x.Line}
		for _, p := range x.Problems {
			got.wrong = append(got.wrong, Trouble{Field: "", Key: "table.problem." + p.Code})
		}
		cells := map[string]string{}
		for i, c := range x.Cells {
			if names[i] == "" { // what means nothing here is not kept: it may be a telephone number
				c = nil
			} else {
				cells[names[i]] = strings.TrimSpace(csv.Unguard(string(c))) // rows that we handed out to be mended
			}
			got.cells = append(got.cells, string(c))
		}
		got.fill(s, b, cells)
		if got.g.External == "" {
			mark := got.mark()
			seen[mark]++
			got.g.External = mark + "#" + strconv.Itoa(seen[mark])
		}
		out = append(out, got)
	}
}

// mark names a row by what it says, for a sheet without ids: the same row of the
// same sheet is the same input.
func (r row) mark() string {
	in := r.g.Input
	sum := sha256.Sum256([]byte(strings.Join([]string{in.Kind, in.Title, in.Text, in.District, in.Community, in.Sector, in.Lang, in.Channel, in.ForOrg, r.g.At.String()}, "\x00")))
	return "row-" + hex.EncodeToString(sum[:12])
}

// fill makes an input of the cells of a row.
func (r *row) fill(s *Sheet, b Box, cells map[string]string) {
	pick := func(column, otherwise string) string {
		v := strings.ReplaceAll(id.Fold(cells[column]), " ", "_")
		if known, ok := spellings[v]; ok {
			v = known
		}
		if v == "" {
			return otherwise
		}
		return v
	}
	in := Input{
		Kind: pick("kind", b.Kinds.V[0]), Title: cells["title"], Text: cells["text"], Lang: pick("lang", b.Lang), Sector: pick("sector", ""), Community: cells["community"],
		Channel: pick("channel", s.Channel), External: cells["external_id"], ForOrg: cells["for_org"], Naming: Anonymous, Sheet: s.ID,
	}
	if d, ok := geo.ParseDistrict(cells["district"]); ok {
		in.District = d.Code
	} else if in.District = cells["district"]; in.District != "" {
		in.District = "?" + in.District // check says that it is none
	}
	r.g = Giving{Input: in, Assisted: true, At: lastDay(b, s.Created.Time)}
	if v := cells["date"]; v != "" {
		at, ok := readDay(v)
		if !ok {
			r.wrong = append(r.wrong, Trouble{Field: "date", Key: "fault.date"})
		}
		r.g.At = at
	}
	r.g.tidy()
	var fields fault.Fields
	if err := r.g.check(b); errors.As(err, &fields) {
		r.add(fields)
	}
}

func (r *row) add(fields fault.Fields) {
	for _, f := range fields {
		r.wrong = append(r.wrong, Trouble{f.Name, f.Key, f.Args})
	}
}

// lastDay is the day that a row without one is taken to be of: today, or the last
// day of a call that has ended.
func lastDay(b Box, now time.Time) time.Time {
	if now.Before(b.Closes.Time) {
		return now
	}
	return b.Closes.Add(-time.Second)
}

// readDay reads a civil date as people write it in Belize: the day before the
// month. What is no date is the zero time.
func readDay(v string) (time.Time, bool) {
	v, _, _ = strings.Cut(v, " ")
	v, _, _ = strings.Cut(v, "T")
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006", "2/1/06"} {
		if t, err := time.ParseInLocation(layout, v, i18n.Belize); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// PutSheet keeps a file of inputs for a preview. Nothing is taken in yet.
func (o *Office) PutSheet(ctx context.Context, actor who.Actor, box, name, channel string, content []byte) (s Sheet, err error) {
	var b Box
	if err := o.DB.View(ctx, func(tx *db.Tx) (err error) { b, err = o.desk(ctx, tx, actor, box); return err }); err != nil {
		return s, err
	}
	var p fault.Fields
	choice(&p, "channel", channel, b.Channels.V)
	if b.Published.IsZero() {
		p.Add("file", "answer.not_open")
	}
	if err := p.Err(); err != nil {
		return s, err
	}
	now := o.DB.Now()
	s = Sheet{ID: id.New(now), Box: b.ID, Name: begin(name, 200), Channel: channel, Content: string(content), Seed: id.Random(), By: actor.ID, Created: db.Time{Time: now}}
	rows, err := s.read(ctx, b)
	if err != nil {
		return s, err
	}
	s.note(rows)
	s.Content = hex.EncodeToString(content) // a file may hold bytes that are no text
	return s, o.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO answer_sheet (`+sheetColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			s.ID, s.Box, s.Name, s.Channel, s.Content, s.Reading, s.Total, 0, 0, s.Seed, s.By, s.Created, s.Imported)
		return err
	})
}

// note lists the rows that cannot be taken.
func (s *Sheet) note(rows []row) {
	s.Reading.V.Bad = []BadRow{}
	for _, r := range rows {
		if len(r.wrong) > 0 {
			s.Reading.V.Bad = append(s.Reading.V.Bad, BadRow{r.line, r.cells, r.wrong})
		}
	}
}

// SheetByID returns a sheet, for somebody who may answer its call.
func (o *Office) SheetByID(ctx context.Context, tx *db.Tx, actor who.Actor, sheet string) (Sheet, error) {
	s, err := db.Get(ctx, tx, sheetFields, `SELECT `+sheetColumns+` FROM answer_sheet WHERE id = $1`, sheet)
	if err != nil {
		return s, err
	}
	_, err = o.desk(ctx, tx, actor, s.Box)
	return s, err
}

// Sheets returns the sheets of a call, the newest first, at most 50, without their
// contents. The caller has checked who may see them.
func Sheets(ctx context.Context, tx *db.Tx, box string) ([]Sheet, error) {
	return db.List(ctx, tx, sheetFields, `SELECT id, box, name, channel, '', bad, total, taken, doubled, seed, by_person, created, imported
		FROM answer_sheet WHERE box = $1 ORDER BY created DESC, id LIMIT 50`, box)
}

// ForgetSheets deletes sheets that nobody took in within a week of looking at them.
func ForgetSheets(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM answer_sheet WHERE imported IS NULL AND created < $1`, db.Time{Time: tx.Now.AddDate(0, 0, -7)})
	return err
}

// Sample returns the first good rows of a sheet as the inputs that they would
// become.
func (s Sheet) Sample(ctx context.Context, b Box, n int) (out []Input, err error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	rows, err := s.read(ctx, b)
	for _, r := range rows {
		if len(r.wrong) == 0 && len(out) < n {
			r.g.Received = db.Time{Time: r.g.At}
			out = append(out, r.g.Input)
		}
	}
	return out, err
}

// open turns the kept content back into the file.
func (s *Sheet) open() error {
	b, err := hex.DecodeString(s.Content)
	s.Content = string(b)
	return err
}

// TakeSheet takes in the good rows of a sheet, some hundred in each transaction. It
// can be asked again after a crash, and a sheet that came before doubles nothing.
func (o *Office) TakeSheet(ctx context.Context, actor who.Actor, sheet string) (s Sheet, err error) {
	var b Box
	if err := o.DB.View(ctx, func(tx *db.Tx) (err error) {
		if s, err = o.SheetByID(ctx, tx, actor, sheet); err != nil {
			return err
		}
		b, err = boxByID(ctx, tx, s.Box)
		return err
	}); err != nil {
		return s, err
	}
	if !s.Imported.IsZero() {
		return s, fault.New(fault.Conflict, "answer.sheet_taken")
	}
	if err := s.open(); err != nil {
		return s, err
	}
	rows, err := s.read(ctx, b)
	if err != nil {
		return s, err
	}
	for part := range slices.Chunk(rows, perStep) {
		if err := o.takeRows(ctx, actor, &s, part); err != nil {
			return s, err
		}
	}
	s.note(rows)
	return s, o.DB.Update(ctx, func(tx *db.Tx) error { return o.taken(ctx, tx, actor, b, &s) })
}

// takeRows takes in some rows. What Give says is wrong with one is noted at it.
func (o *Office) takeRows(ctx context.Context, actor who.Actor, s *Sheet, part []row) error {
	var fresh, doubled int
	wrong := make([]fault.Fields, len(part))
	if err := o.DB.Update(ctx, func(tx *db.Tx) error {
		fresh, doubled = 0, 0
		for i := range part {
			if len(part[i].wrong) > 0 {
				continue
			}
			g := part[i].g
			g.Seed = s.seedOf(g.External)
			got, err := o.Give(ctx, tx, actor, s.Box, g)
			if wrong[i] = nil; errors.As(err, &wrong[i]) {
				continue
			}
			switch {
			case err != nil:
				return fmt.Errorf("row %d: %w", part[i].line, err)
			case got.Fresh:
				fresh++
			case got.Input.Sheet == s.ID: // an attempt before this one took it
				fresh++
			default:
				doubled++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for i := range part {
		part[i].add(wrong[i])
	}
	s.Taken, s.Doubled = s.Taken+fresh, s.Doubled+doubled
	return nil
}

// seedOf is what the receipt of a row is made of.
func (s Sheet) seedOf(external string) string { return "sheet\x00" + s.Seed + "\x00" + external }

// taken notes that a sheet is in. Its content goes.
func (o *Office) taken(ctx context.Context, tx *db.Tx, actor who.Actor, b Box, s *Sheet) error {
	s.Imported, s.Content = db.Time{Time: tx.Now}, ""
	if err := tx.MustChange(ctx, `UPDATE answer_sheet SET content = '', bad = $2, taken = $3, doubled = $4, imported = $5 WHERE id = $1 AND imported IS NULL`,
		s.ID, s.Reading, s.Taken, s.Doubled, s.Imported); err != nil {
		return err
	}
	_, err := activity.Append(ctx, tx, activity.Entry{
		Actor: actor.ID, Verb: "call.sheet_taken", Kind: CallKind, Record: b.ID, Org: b.Org, Public: true, Title: b.Title,
		After: map[string]any{"rows": s.Total, "taken": s.Taken, "there_already": s.Doubled, "bad": len(s.Reading.V.Bad), "channel": s.Channel},
	})
	return err
}

// Handout is the receipt of one row of a sheet.
type Handout struct {
	Input Input
	Code  string
}

// Handouts returns the receipts of the inputs of a sheet, for whoever hands them
// out: this once, since what they are made of is deleted with it.
func (o *Office) Handouts(ctx context.Context, tx *db.Tx, actor who.Actor, sheet string) (out []Handout, err error) {
	s, err := o.SheetByID(ctx, tx, actor, sheet)
	if err != nil {
		return nil, err
	}
	if s.Seed == "" || s.Imported.IsZero() {
		return nil, fault.New(fault.Gone, "answer.receipts_gone")
	}
	list, err := db.List(ctx, tx, inputFields, `SELECT `+inputColumns+` FROM answer_input WHERE sheet = $1 AND sheet <> '' ORDER BY received, id`, s.ID)
	if err != nil {
		return nil, err
	}
	for _, in := range list {
		out = append(out, Handout{in, o.code(s.seedOf(in.External))})
	}
	_, err = tx.Exec(ctx, `UPDATE answer_sheet SET seed = '' WHERE id = $1`, s.ID)
	return out, err
}
