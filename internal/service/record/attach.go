package record

import (
	"context"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Attachment is a file that belongs to a record. Its content is in package
// blob, under SHA.
type Attachment struct {
	ID      string
	Of      Ref
	SHA     string
	Name    string
	Type    string // media type, as blob found it
	Bytes   int64
	Alt     string // what a picture shows; needed for pictures
	By      string
	Created db.Time
}

const attachmentColumns = `id, kind, record, sha, name, type, bytes, alt, by_person, created`

func attachmentFields(a *Attachment) []any {
	return []any{&a.ID, &a.Of.Kind, &a.Of.ID, &a.SHA, &a.Name, &a.Type, &a.Bytes, &a.Alt, &a.By, &a.Created}
}

const mostAttachments = 50

// Attach adds a file, which is stored already, to a.Of. A picture needs a text
// that says what it shows.
func (r *Registry) Attach(ctx context.Context, d *db.DB, actor who.Actor, a Attachment) (Attachment, error) {
	var p fault.Fields
	a.Alt = strings.TrimSpace(a.Alt)
	p.Require("file", a.SHA)
	p.MaxLen("alt", a.Alt, 500)
	p.MaxLen("file", a.Name, 255)
	if strings.HasPrefix(a.Type, "image/") {
		p.Require("alt", a.Alt)
	}
	err := d.Update(ctx, func(tx *db.Tx) error {
		card, err := r.mayAttach(ctx, tx, actor, a.Of)
		if err != nil {
			return err
		}
		if err := p.Err(); err != nil {
			return err
		}
		n, err := db.Get(ctx, tx, db.One[int], `SELECT count(*) FROM record_attachment WHERE kind = $1 AND record = $2`, a.Of.Kind, a.Of.ID)
		if err != nil {
			return err
		}
		if n >= mostAttachments {
			return fault.New(fault.Conflict, "record.many_files", "max", mostAttachments)
		}
		a.ID, a.By, a.Created = id.New(tx.Now), actor.ID, db.Time{Time: tx.Now}
		if _, err := tx.Exec(ctx, `INSERT INTO record_attachment (`+attachmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			a.ID, a.Of.Kind, a.Of.ID, a.SHA, a.Name, a.Type, a.Bytes, a.Alt, a.By, a.Created); err != nil {
			return err
		}
		return tell(ctx, tx, actor, "record.attached", card, true, "", map[string]any{"name": a.Name, "sha256": a.SHA, "bytes": a.Bytes, "alt": a.Alt})
	})
	return a, err
}

// MayAttach reports whether actor may add files to a record, before they send
// one.
func (r *Registry) MayAttach(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) error {
	_, err := r.mayAttach(ctx, tx, actor, of)
	return err
}

func (r *Registry) mayAttach(ctx context.Context, tx *db.Tx, actor who.Actor, of Ref) (Card, error) {
	card, err := r.live(ctx, tx, actor, of)
	if err != nil {
		return Card{}, err
	}
	return card, actor.Must("record.attach", who.In(card.Org))
}

// Detach takes a file off its record. What the log said of it stays.
func (r *Registry) Detach(ctx context.Context, d *db.DB, actor who.Actor, attachment string) (a Attachment, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error {
		if a, err = db.Get(ctx, tx, attachmentFields, `SELECT `+attachmentColumns+` FROM record_attachment WHERE id = $1`, attachment); err != nil {
			return err
		}
		card, err := r.mayAttach(ctx, tx, actor, a.Of)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM record_attachment WHERE id = $1`, a.ID); err != nil {
			return err
		}
		return tell(ctx, tx, actor, "record.detached", card, true, "", map[string]any{"name": a.Name, "sha256": a.SHA})
	})
	return a, err
}

// Attachments returns the files of a record, the oldest first. The caller has
// checked that the reader may see the record.
func Attachments(ctx context.Context, tx *db.Tx, of Ref) ([]Attachment, error) {
	return db.List(ctx, tx, attachmentFields, `SELECT `+attachmentColumns+` FROM record_attachment WHERE kind = $1 AND record = $2 ORDER BY created, id`, of.Kind, of.ID)
}

// Attachment returns a file of a record that actor may see.
func (r *Registry) Attachment(ctx context.Context, tx *db.Tx, actor who.Actor, attachment string) (Attachment, error) {
	a, err := db.Get(ctx, tx, attachmentFields, `SELECT `+attachmentColumns+` FROM record_attachment WHERE id = $1`, attachment)
	if err != nil {
		return Attachment{}, err
	}
	_, err = r.live(ctx, tx, actor, a.Of)
	return a, err
}
