package record

import (
	"context"
	"net/mail"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Report is what somebody says is wrong with a page.
type Report struct {
	ID      string
	Page    string // address within the site
	Message string
	Email   string // where to answer; may be empty
	Author  string // empty for somebody who was not signed in
	Created db.Time
	Done    db.Time
	DoneBy  string
}

const reportColumns = `id, page, message, email, author, created, done, done_by`

func reportFields(r *Report) []any {
	return []any{&r.ID, &r.Page, &r.Message, &r.Email, &r.Author, &r.Created, &r.Done, &r.DoneBy}
}

// openReports is how many reports of one day are kept waiting: a flood of them
// must not fill the disk.
const openReports = 2000

// ReportPage keeps what somebody says of a page, for the moderators. Anybody
// may, signed in or not.
func ReportPage(ctx context.Context, d *db.DB, actor who.Actor, in Report) (Report, error) {
	var p fault.Fields
	in.Message = strings.TrimSpace(in.Message)
	p.Require("message", in.Message)
	p.MaxLen("message", in.Message, 4000)
	p.MaxLen("page", in.Page, 2000)
	if a, err := mail.ParseAddress(in.Email); in.Email != "" && (err != nil || a.Address != in.Email || len(in.Email) > 254) {
		p.Add("email", "fault.email")
	}
	if err := p.Err(); err != nil {
		return in, err
	}
	return in, d.Update(ctx, func(tx *db.Tx) error {
		n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM record_report WHERE created > $1`, tx.Now.Add(-24*time.Hour).UnixMicro())
		if err != nil {
			return err
		}
		if n >= openReports {
			return fault.New(fault.TooMany, "record.too_many_reports").After(time.Hour)
		}
		in.ID, in.Author, in.Created = id.New(tx.Now), actor.ID, db.Time{Time: tx.Now}
		_, err = tx.Exec(ctx, `INSERT INTO record_report (`+reportColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			in.ID, in.Page, in.Message, in.Email, in.Author, in.Created, db.Time{}, "")
		return err
	})
}

// Reports returns those that nobody has settled, the oldest first.
func Reports(ctx context.Context, tx *db.Tx, actor who.Actor) ([]Report, error) {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return nil, err
	}
	return db.List(ctx, tx, reportFields, `SELECT `+reportColumns+` FROM record_report WHERE done IS NULL ORDER BY created, id LIMIT 200`)
}

// SettleReport notes that a report was dealt with.
func SettleReport(ctx context.Context, d *db.DB, actor who.Actor, report string) error {
	if err := actor.Must("record.moderate", who.Site); err != nil {
		return err
	}
	return d.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE record_report SET done = $2, done_by = $3 WHERE id = $1 AND done IS NULL`, report, db.Time{Time: tx.Now}, actor.ID)
		if err == nil && n == 0 {
			return db.ErrNotFound
		}
		return err
	})
}
