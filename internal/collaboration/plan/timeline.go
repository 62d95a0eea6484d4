package plan

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/who"
)

// Phase is a part of co-creation, as the timeline announces it.
type Phase struct {
	Kind   string `json:"kind"` // one of PhaseKinds
	Title  string `json:"title"`
	Starts string `json:"starts"` // YYYY-MM-DD
	Ends   string `json:"ends"`
	How    string `json:"how"` // how people can take part; empty where they cannot
}

// PhaseKinds are the sorts of phases, in their usual order.
var PhaseKinds = []string{"preparation", "problems", "ideas", "drafting", "comments", "answers", "adoption"}

// opens is the phase kind that does not count as co-creation yet.
const opens = "preparation"

// Timeline is one published version.
type Timeline struct {
	ID        string
	Plan      string
	Version   int
	Phases    db.JSON[[]Phase]
	Note      string // why it differs from the one before
	Published db.Time
	By        string
}

const timelineColumns = `id, plan, version, phases, note, published, by`

func timelineFields(t *Timeline) []any {
	return []any{&t.ID, &t.Plan, &t.Version, &t.Phases, &t.Note, &t.Published, &t.By}
}

// Start is the first day of co-creation: of the first phase that is more than
// preparation.
func (t *Timeline) Start() string {
	for _, p := range t.Phases.V {
		if p.Kind != opens {
			return p.Starts
		}
	}
	return ""
}

// End is the last day of the last phase.
func (t *Timeline) End() (last string) {
	for _, p := range t.Phases.V {
		last = max(last, p.Ends)
	}
	return last
}

// Opportunities is in how many phases people can take part.
func (t *Timeline) Opportunities() (n int) {
	for _, p := range t.Phases.V {
		if p.How != "" {
			n++
		}
	}
	return n
}

// Timelines returns the published versions of a plan's timeline, the first one
// first.
func Timelines(ctx context.Context, tx *db.Tx, plan string) ([]Timeline, error) {
	return db.List(ctx, tx, timelineFields, `SELECT `+timelineColumns+` FROM plan_timeline WHERE plan = $1 ORDER BY version`, plan)
}

// PublishTimeline publishes a version of the timeline; the day on which it
// counts as published is the server's. The first one makes the plan public. A
// phase that was announced may be extended; to end it sooner than announced is
// refused, as people count on it.
func (p *Plans) PublishTimeline(ctx context.Context, actor who.Actor, plan string, phases []Phase, note string) (out Timeline, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = publishTimeline(ctx, tx, actor, plan, phases, note); return err })
	return out, err
}

func publishTimeline(ctx context.Context, tx *db.Tx, actor who.Actor, plan string, phases []Phase, note string) (Timeline, error) {
	pl, err := mayWrite(ctx, tx, actor, plan)
	if err != nil {
		return Timeline{}, err
	}
	if !pl.Open() {
		return Timeline{}, fault.New(fault.Conflict, "plan.frozen")
	}
	before, err := Timelines(ctx, tx, plan)
	if err != nil {
		return Timeline{}, err
	}
	slices.SortStableFunc(phases, func(a, b Phase) int { return strings.Compare(a.Starts, b.Starts) })
	if err := checkPhases(phases, before, note, Today(tx)); err != nil {
		return Timeline{}, err
	}
	t := Timeline{
		ID: id.New(tx.Now), Plan: plan, Version: len(before) + 1, Phases: db.JSON[[]Phase]{V: phases},
		Note: note, Published: db.Time{Time: tx.Now}, By: actor.ID,
	}
	if _, err := tx.Exec(ctx, `INSERT INTO plan_timeline (`+timelineColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.Plan, t.Version, t.Phases, t.Note, t.Published, t.By); err != nil {
		return Timeline{}, err
	}
	if pl.State == Preparing {
		if pl, err = pl.appear(ctx, tx, actor); err != nil {
			return Timeline{}, err
		}
	}
	return t, pl.of(ctx, tx, actor, "plan.timeline", pl.Title, note, t)
}

// appear makes a plan public with its first timeline.
func (p Plan) appear(ctx context.Context, tx *db.Tx, actor who.Actor) (Plan, error) {
	before := p
	p.State, p.Changed = TimelinePublished, db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE plan SET state = $2, changed = $3, version = version + 1 WHERE id = $1`, p.ID, p.State, p.Changed); err != nil {
		return p, err
	}
	p.Version++
	if err := p.step(ctx, tx, actor, ""); err != nil {
		return p, err
	}
	if err := p.tell(ctx, tx, actor, "plan."+string(p.State), &before, ""); err != nil {
		return p, err
	}
	return p, p.sayPapers(ctx, tx, actor)
}

func checkPhases(phases []Phase, before []Timeline, note, today string) error {
	var f fault.Fields
	if len(phases) == 0 {
		f.Add("phases", "plan.no_phase")
	}
	if len(phases) > 20 {
		f.Add("phases", "plan.many_phases", "max", 20)
	}
	for i, p := range phases {
		name := func(s string) string { return s + "." + strconv.Itoa(i+1) }
		f.Require(name("title"), p.Title)
		f.MaxLen(name("title"), p.Title, MaxTitle)
		f.MaxLen(name("how"), p.How, 2000)
		f.Require(name("starts"), p.Starts)
		f.Require(name("ends"), p.Ends)
		CheckDay(&f, name("starts"), p.Starts)
		CheckDay(&f, name("ends"), p.Ends)
		if now, err := time.Parse(time.DateOnly, today); err == nil {
			f.NotFarDay(name("starts"), p.Starts, now)
			f.NotFarDay(name("ends"), p.Ends, now)
		}
		if p.Ends < p.Starts {
			f.Add(name("ends"), "plan.ends_before")
		}
		if !slices.Contains(PhaseKinds, p.Kind) {
			f.Add(name("kind"), "fault.choice")
		}
	}
	if len(before) > 0 {
		f.Require("note", note)
		checkExtended(&f, phases, before[len(before)-1].Phases.V, today)
	}
	f.MaxLen("note", note, 2000)
	return f.Err()
}

// checkExtended refuses to end a phase that has begun, and in which people can
// take part, sooner than was announced.
func checkExtended(f *fault.Fields, now, announced []Phase, today string) {
	for _, old := range announced {
		if old.How == "" || old.Starts > today || old.Ends < today {
			continue
		}
		ends := ""
		for _, p := range now {
			if p.Kind == old.Kind {
				ends = max(ends, p.Ends)
			}
		}
		if ends < old.Ends {
			f.Add("phases", "plan.shortened", "phase", old.Title, "date", old.Ends)
		}
	}
}

// MarshalJSON gives a timeline as the log and the API show it.
func (t Timeline) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"version": t.Version, "phases": t.Phases.V, "note": t.Note, "published": DayOf(t.Published.Time), "start": t.Start(), "end": t.End(),
	})
}
