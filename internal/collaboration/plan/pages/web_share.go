package pages

import (
	"context"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/face/ui"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func (p *Pages) shareRoutes(r *web.Routes) {
	r.Get("/plan/{key}/calendar.ics", web.Public, p.calendar)
	r.Get("/commitment/{key}/status.svg", web.Public, p.statusPicture)
	r.Get("/commitment/{key}/embed", web.Public, p.embed)
}

// calendar gives the phases of the timeline and the ends of all milestones as
// iCalendar (RFC 5545), as whole days.
func (p *Pages) calendar(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	cal := ics.NewCalendarFor("Ceiba")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRTimezone("America/Belize")
	if err := p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := find(ctx, tx, r)
		if err != nil {
			return err
		}
		cal.SetXWRCalName(pl.Title)
		if err := p.phaseEvents(ctx, tx, cal, pl); err != nil {
			return err
		}
		return p.milestoneEvents(ctx, tx, cal, pl)
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, err := w.Write([]byte(cal.Serialize(ics.WithNewLineWindows)))
	return err
}

func (p *Pages) phaseEvents(ctx context.Context, tx *db.Tx, cal *ics.Calendar, pl plan.Plan) error {
	ts, err := plan.Timelines(ctx, tx, pl.ID)
	if err != nil || len(ts) == 0 {
		return err
	}
	last := ts[len(ts)-1]
	for i, ph := range last.Phases.V {
		e := cal.AddEvent("plan-" + pl.ID + "-phase-" + strconv.Itoa(i+1) + "@ceiba")
		e.SetSequence(last.Version)
		wholeDays(e, ph.Starts, ph.Ends, last.Published.Time)
		e.SetSummary(ph.Title)
		e.SetDescription(strings.TrimSpace(ph.How + "\n" + p.Base() + pl.Ref().Path()))
		e.SetURL(p.Base() + pl.Ref().Path())
	}
	return nil
}

func (p *Pages) milestoneEvents(ctx context.Context, tx *db.Tx, cal *ics.Calendar, pl plan.Plan) error {
	cs, err := plan.Commitments(ctx, tx, pl.ID)
	if err != nil {
		return err
	}
	ms, err := plan.MilestonesOf(ctx, tx, pl.ID)
	for _, c := range cs {
		if !c.State.Promised() {
			continue
		}
		for _, m := range ms[c.ID] {
			if m.End == "" {
				continue
			}
			e := cal.AddEvent("milestone-" + m.ID + "@ceiba")
			e.SetSequence(m.Version)
			wholeDays(e, m.End, m.End, c.Changed.Time)
			e.SetSummary(m.Title + " (" + c.Title + ")")
			e.SetDescription(strings.TrimSpace(m.Output + "\n" + p.Base() + c.Ref().Path()))
			e.SetURL(p.Base() + c.Ref().Path())
		}
	}
	return err
}

// wholeDays sets an event from a civil day to another, both in it.
func wholeDays(e *ics.VEvent, from, to string, changed time.Time) {
	e.SetDtStampTime(changed.UTC())
	start, _ := time.Parse(time.DateOnly, from)
	end, _ := time.Parse(time.DateOnly, to)
	e.SetAllDayStartAt(start)
	e.SetAllDayEndAt(end.AddDate(0, 0, 1))
}

// status is what a small picture or frame says of a commitment.
type status struct {
	Commitment  plan.Commitment
	Title, Word string
	Tone        ui.Tone
	Line, Href  string
	Public      bool
}

func (p *Pages) status(r *http.Request) (s status, err error) {
	ctx := r.Context()
	err = p.DB.View(ctx, func(tx *db.Tx) error {
		ref, _, err := record.Resolve(ctx, tx, "commitment", r.PathValue("key"))
		if err != nil {
			return err
		}
		c, pl, err := plan.SeeCommitment(ctx, tx, who.From(ctx), ref.ID)
		if err != nil {
			return err
		}
		v := commitmentView{Commitment: c, Plan: pl}
		if v.Milestones, err = plan.Milestones(ctx, tx, c.ID); err != nil {
			return err
		}
		words, err := plan.WordsNow(ctx, tx, c.Ref())
		v.Sum = plan.Stand(v.Milestones, words, pl.Start, plan.Today(tx)).Sum(v.Milestones)
		b := stateBadge(ctx, v)
		s = status{Commitment: c, Title: c.Title, Word: b.Word, Tone: b.Tone, Href: p.Base() + c.Ref().Path(), Public: pl.Public()}
		s.Line = ui.Say(ctx, "plan.done_of", "done", milestoneCount(c.ID, "done", v.Sum.Done), "of", milestoneCount(c.ID, "", v.Sum.Milestones)).Text(ctx)
		return err
	})
	return s, err
}

// statusColours are the colours of a picture for each tone, with white text at
// a contrast of at least 4.5.
var statusColours = map[ui.Tone]string{ui.Done: "#1c5d2c", ui.Late: "#9a1b12", ui.Attention: "#7a4b00", ui.Going: "#00527a", ui.Plain: "#444444"}

// statusPicture is how a commitment stands as a picture for other sites, which
// needs no script there.
func (p *Pages) statusPicture(w http.ResponseWriter, r *http.Request) error {
	s, err := p.status(r)
	if err != nil {
		return err
	}
	colour := statusColours[s.Tone]
	if colour == "" {
		colour = statusColours[ui.Plain]
	}
	title := []rune(s.Title)
	if len(title) > 44 {
		title = append(title[:43], '…')
	}
	text := `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="56" role="img" aria-label="` + html.EscapeString(s.Title+": "+s.Word+", "+s.Line) + `">` +
		`<rect width="360" height="56" rx="6" fill="#fffdf8" stroke="#c9bfa5"/><rect x="0" y="0" width="8" height="56" fill="` + colour + `"/>` +
		`<text x="20" y="22" font-family="sans-serif" font-size="14" fill="#10303a">` + html.EscapeString(string(title)) + `</text>` +
		`<text x="20" y="43" font-family="sans-serif" font-size="14" font-weight="bold" fill="` + colour + `">` + html.EscapeString(s.Word) + `</text>` +
		`<text x="345" y="43" font-family="sans-serif" font-size="13" text-anchor="end" fill="#444">` + html.EscapeString(s.Line) + `</text></svg>`
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	if s.Public { // else only who prepares the plan sees it
		h.Set("Cache-Control", "public, max-age=600")
	}
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, err = w.Write([]byte(text))
	return err
}

// embed shows the code with which another site shows the picture.
func (p *Pages) embed(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.status(r)
	if err != nil {
		return err
	}
	code := `<a href="` + s.Href + `"><img src="` + s.Href + `/status.svg" width="360" height="56" alt="` + html.EscapeString(s.Title) + `"></a>`
	return web.Page(w, r, http.StatusOK, ui.Page{
		Title: i18n.T(ctx, "plan.embed"), Private: true, Crumbs: []ui.Link{{Text: s.Title, Href: s.Commitment.Ref().Path()}},
	}, embedPage(s, code))
}
