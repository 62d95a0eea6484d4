package answer

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"strconv"

	"ceiba/internal/face/module"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/record"
	sheet "ceiba/internal/service/table/csv"
)

var inputHead = []string{
	"id", "received", "kind", "title", "text", "language", "district", "community", "sector", "channel", "state", "answered", "merged_into", "reason", "supports", "points", "url",
}

// writeInputs writes the public inputs of a call that a filter selects with their outcomes as CSV, a page
// in each transaction. It names nobody, and a village only where at least
// answer.FewPeople inputs come from it.
func (p *Pages) writeInputs(ctx context.Context, b answer.Box, f answer.Filter, w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(inputHead) // its error is Error's, at the end
	var known map[string]bool
	for cursor, more := "", true; more; more = cursor != "" {
		var list []answer.Input
		var replies map[string]answer.Reply
		if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
			if known == nil {
				if known, err = answer.Communities(ctx, tx, b.ID); err != nil {
					return err
				}
			}
			if list, cursor, err = answer.Inputs(ctx, tx, b.ID, f, cursor, 500); err != nil {
				return err
			}
			var ids []string
			for _, x := range list {
				ids = append(ids, x.Reply)
			}
			replies, err = answer.RepliesByID(ctx, tx, ids)
			return err
		}); err != nil {
			return err
		}
		for _, x := range list {
			out.Write(p.inputRow(x, known, replies[x.Reply].Reason))
		}
	}
	out.Flush()
	return out.Error()
}

func (p *Pages) inputRow(x answer.Input, known map[string]bool, reason string) []string {
	community := ""
	if known[x.District+"\x00"+x.Community] {
		community = x.Community
	}
	return []string{
		x.ID, day(x.Received), x.Kind, sheet.Guard(x.Title), sheet.Guard(x.Text), x.Lang, x.District, sheet.Guard(community), x.Sector, x.Channel, string(x.State), day(x.Answered), x.Root,
		sheet.Guard(reason), strconv.Itoa(x.Supports), strconv.Itoa(x.Points), p.Base() + "/input/" + x.ID,
	}
}

// export writes every published call: what was announced as JSON, its inputs with
// their outcomes as CSV.
func (p *Pages) export(ctx context.Context, put func(string) (module.Writer, error)) error {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []answer.Box
		var slugs map[string]string
		announced := map[string][]answer.Announcement{}
		if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
			if list, cursor, err = answer.Boxes(ctx, tx, cursor, 100); err != nil {
				return err
			}
			var ids []string
			for _, b := range list {
				ids = append(ids, b.ID)
				if announced[b.ID], err = answer.Announcements(ctx, tx, b.ID); err != nil {
					return err
				}
			}
			slugs, err = record.Slugs(ctx, tx, answer.CallKind, ids)
			return err
		}); err != nil {
			return err
		}
		for _, b := range list {
			body := p.callBody(b, slugs[b.ID], p.DB.Now())
			body.Announced = announced[b.ID]
			if err := p.exportCall(ctx, put, b, body); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Pages) exportCall(ctx context.Context, put func(string) (module.Writer, error), b answer.Box, body CallBody) error {
	w, err := put(path.Join("calls", body.Slug, "call.json"))
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if w, err = put(path.Join("calls", body.Slug, "inputs.csv")); err != nil {
		return err
	}
	if err := p.writeInputs(ctx, b, answer.Filter{}, w); err != nil {
		return err
	}
	return w.Close()
}
