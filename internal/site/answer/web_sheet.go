package answer

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

func (p *Pages) sheetRoutes(*web.Routes) {}

// csv sends all public inputs of a call with their outcomes. It names nobody, and
// a village only where at least answer.FewPeople inputs come from it.
func (p *Pages) csv(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var b answer.Box
	var slug string
	var known map[string]bool
	if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
		if b, slug, err = p.BoxByKey(ctx, tx, who.From(ctx), r.PathValue("key")); err != nil {
			return err
		}
		known, err = answer.Communities(ctx, tx, b.ID)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+slug+`.csv"`)
	out := csv.NewWriter(w)
	out.Write([]string{"id", "received", "kind", "title", "text", "language", "district", "community", "sector", "channel", "state", "answered", "merged_into", "reason", "supports", "points", "url"})
	for cursor, more := "", true; more; {
		var list []answer.Input
		var replies map[string]answer.Reply
		if err := p.DB.View(ctx, func(tx *db.Tx) (err error) {
			if list, cursor, err = answer.Inputs(ctx, tx, b.ID, answer.Filter{}, cursor, 500); err != nil {
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
			community := ""
			if known[x.District+"\x00"+x.Community] {
				community = x.Community
			}
			out.Write([]string{
				x.ID, day(x.Received), x.Kind, cell(x.Title), cell(x.Text), x.Lang, x.District, cell(community), x.Sector, x.Channel, string(x.State), day(x.Answered), x.Root,
				cell(replies[x.Reply].Reason), strconv.Itoa(x.Supports), strconv.Itoa(x.Points), p.Base() + "/input/" + x.ID,
			})
		}
		more = cursor != ""
	}
	out.Flush()
	return out.Error()
}

// day is the day of a time in Belize, empty for none.
func day(t db.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(i18n.Belize).Format(time.DateOnly)
}

// cell keeps a spreadsheet from taking what somebody wrote for a formula.
func cell(text string) string {
	if text != "" && (text[0] == '=' || text[0] == '+' || text[0] == '-' || text[0] == '@') {
		return "'" + text
	}
	return text
}
