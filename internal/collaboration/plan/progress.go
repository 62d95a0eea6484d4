package plan

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/who"
)

// Status is how far a milestone is, as somebody says.
type Status string

// The statuses, by what the IRM calls completion.
const (
	NotStarted  Status = "not_started"
	Limited     Status = "limited"
	Substantial Status = "substantial"
	Completed   Status = "complete"
	Dropped     Status = "withdrawn"
)

// Statuses are all statuses in their order.
var Statuses = []Status{NotStarted, Limited, Substantial, Completed, Dropped}

func (s Status) rank() int { return slices.Index(Statuses, s) }

// less reports whether s says that less is done than t does.
func (s Status) less(t Status) bool { return s != Dropped && t != Dropped && s.rank() < t.rank() }

// Voice is who speaks: three series that are shown side by side and never
// averaged.
type Voice string

// The voices.
const (
	Government   Voice = "government"
	CivilSociety Voice = "civil_society" // and everybody else who is not the government
	Independent  Voice = "independent"   // a reviewer
)

// Voices are all voices in the order in which pages show them.
var Voices = []Voice{Government, CivilSociety, Independent}

// Evidence is something that shows a claim.
type Evidence struct {
	Title string `json:"title"`
	URL   string `json:"url"` // of a page, a file, or a record of this site
}

// Progress is what one voice said of a milestone at one time.
type Progress struct {
	ID         string
	Plan       string
	Commitment string
	Milestone  string
	Period     string // "2026-H1", by the day it was said
	Voice      Voice
	Org        string // for which it was said; empty for a reviewer
	Person     string // who said it; empty once erased
	Status     Status
	Text       string // Markdown: what was done
	Challenges string // what stands in the way
	Reason     string // why it is less than this voice said before
	Evidence   db.JSON[[]Evidence]
	At         db.Time
}

const progressColumns = `id, plan, commitment, milestone, period, voice, org, person, status, text, challenges, reason, evidence, at`

func progressFields(p *Progress) []any {
	return []any{
		&p.ID, &p.Plan, &p.Commitment, &p.Milestone, &p.Period, &p.Voice, &p.Org, &p.Person, &p.Status, &p.Text, &p.Challenges, &p.Reason,
		&p.Evidence, &p.At,
	}
}

// PeriodOf is the half-year in which a moment lies: "2026-H1".
func PeriodOf(t time.Time) string {
	t = t.In(i18n.Belize)
	half := "H1"
	if t.Month() > time.June {
		half = "H2"
	}
	return strconv.Itoa(t.Year()) + "-" + half
}

func (p *Progress) check(before Status, late bool) error {
	p.Text, p.Challenges, p.Reason = strings.TrimSpace(p.Text), strings.TrimSpace(p.Challenges), strings.TrimSpace(p.Reason)
	var f fault.Fields
	if p.Status.rank() < 0 {
		f.Add("status", "fault.choice")
	}
	f.Require("text", p.Text)
	for name, text := range map[string]string{"text": p.Text, "challenges": p.Challenges, "reason": p.Reason} {
		f.MaxLen(name, text, 10_000)
	}
	if p.Challenges == "" {
		switch {
		case p.Status == NotStarted || p.Status == Limited:
			f.Add("challenges", "plan.challenges_needed")
		case late && p.Status != Completed && p.Status != Dropped:
			f.Add("challenges", "plan.challenges_late")
		}
	}
	if p.Reason == "" && (p.Status.less(before) || p.Status == Dropped) {
		f.Add("reason", "plan.less_reason")
	}
	if (p.Status == Substantial || p.Status == Completed) && len(p.Evidence.V) == 0 {
		f.Add("evidence", "plan.evidence_needed")
	}
	CheckEvidence(&f, p.Evidence.V)
	return f.Err()
}

// CheckEvidence notes what is wrong with things that show a claim: at most
// twenty, each an address on the web or within this site.
func CheckEvidence(f *fault.Fields, all []Evidence) {
	if len(all) > 20 {
		f.Add("evidence", "plan.evidence_many", "max", 20)
	}
	for _, e := range all {
		if !webAddress(e.URL) && !(strings.HasPrefix(e.URL, "/") && !strings.HasPrefix(e.URL, "//")) {
			f.Add("evidence", "fault.url")
			break
		}
	}
}

// ReadEvidence reads evidence as people type it: an address on each line, with
// words before or behind it.
func ReadEvidence(text string) (out []Evidence) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		e := Evidence{Title: line, URL: line}
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "/") {
				e.URL = word
				if rest := strings.TrimSpace(strings.Replace(line, word, "", 1)); rest != "" {
					e.Title = strings.Trim(rest, " :–-")
				}
				break
			}
		}
		out = append(out, e)
	}
	return out
}

// Report says how a milestone stands. Which voice it is follows from who
// speaks: an evaluator without an organisation is the independent one, a
// government's account that of the government, which must be a party to the
// commitment or follow one that was; every other organisation observes.
func (p *Plans) Report(ctx context.Context, actor who.Actor, in Progress) (out Progress, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = ReportIn(ctx, tx, actor, in); return err })
	return out, err
}

// ReportIn is Report in a transaction that the caller has.
func ReportIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Progress) (Progress, error) {
	m, err := MilestoneByID(ctx, tx, in.Milestone)
	if err != nil {
		return Progress{}, err
	}
	c, pl, err := SeeCommitment(ctx, tx, actor, m.Commitment)
	if err != nil {
		return Progress{}, err
	}
	if in.Voice, err = voiceOf(ctx, tx, actor, c, m, in.Org); err != nil {
		return Progress{}, err
	}
	if c.State != Active && c.State != EndedIncomplete {
		return Progress{}, fault.New(fault.Conflict, "plan.not_active")
	}
	last, err := lastSaid(ctx, tx, m.ID, in.Voice, in.Org)
	if err != nil {
		return Progress{}, err
	}
	if err := in.check(last, m.End != "" && Today(tx) > m.End); err != nil {
		return Progress{}, err
	}
	in.Plan, in.Commitment, in.Person = pl.ID, c.ID, actor.ID
	if err := in.insert(ctx, tx); err != nil {
		return Progress{}, err
	}
	return in, c.tell(ctx, tx, actor, pl, "commitment.reported", in.Text, map[string]any{
		"id": in.ID, "milestone": m.ID, "title": m.Title, "voice": in.Voice, "org": in.Org, "status": in.Status, "before": last,
		"challenges": in.Challenges, "reason": in.Reason, "evidence": in.Evidence.V, "period": in.Period,
	})
}

// insert stores what was said, and that it is the last word of its voice.
func (p *Progress) insert(ctx context.Context, tx *db.Tx) error {
	p.ID, p.At, p.Period = id.New(tx.Now), db.Time{Time: tx.Now}, PeriodOf(tx.Now)
	if p.Evidence.V == nil {
		p.Evidence.V = []Evidence{}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO progress (`+progressColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		p.ID, p.Plan, p.Commitment, p.Milestone, p.Period, p.Voice, p.Org, p.Person, p.Status, p.Text, p.Challenges, p.Reason,
		p.Evidence, p.At); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO progress_last (milestone, voice, plan, progress, status, shows, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (milestone, voice) DO UPDATE SET progress = excluded.progress, status = excluded.status, shows = excluded.shows, at = excluded.at`,
		p.Milestone, p.Voice, p.Plan, p.ID, p.Status, len(p.Evidence.V) > 0, p.At)
	return err
}

// lastSaid returns the status that this voice, for this organisation, said
// last; empty if it said none.
func lastSaid(ctx context.Context, tx *db.Tx, milestone string, v Voice, org string) (Status, error) {
	q, args := `SELECT status FROM progress WHERE milestone = $1 AND voice = $2`, []any{milestone, v}
	if v != Government { // the government is one voice, whichever ministry leads by now
		q, args = q+` AND org = $3`, append(args, org)
	}
	got, err := db.List(ctx, tx, db.One[Status], q+` ORDER BY at DESC, id DESC LIMIT 1`, args...)
	if err != nil || len(got) == 0 {
		return "", err
	}
	return got[0], nil
}

func voiceOf(ctx context.Context, tx *db.Tx, actor who.Actor, c Commitment, m Milestone, speaksFor string) (Voice, error) {
	if speaksFor == "" {
		return Independent, actor.Must("progress.assess", who.Scope{})
	}
	if err := actor.Must("progress.report", who.In(speaksFor)); err != nil {
		return "", err
	}
	o, err := org.Get(ctx, tx, speaksFor)
	if err != nil {
		return "", err
	}
	if !Governs(o.Kind) {
		return CivilSociety, nil
	}
	ok, err := answersFor(ctx, tx, c, m, speaksFor)
	if err == nil && !ok {
		err = fault.New(fault.Denied, "plan.not_a_party")
	}
	return Government, err
}

// Governs reports whether a kind of organisation is government, national or
// local.
func Governs(k org.Kind) bool { return k == org.National || k == org.Subnational }

// answersFor reports whether an organisation leads a commitment or one of its
// milestones, is a party to it, or has followed one that does: a promise does
// not lose its owner when a ministry is renamed.
func answersFor(ctx context.Context, tx *db.Tx, c Commitment, m Milestone, speaksFor string) (bool, error) {
	parties, err := Parties(ctx, tx, c.ID)
	if err != nil {
		return false, err
	}
	owners := []string{c.Lead, m.Lead}
	for _, p := range parties {
		if p.Left.IsZero() {
			owners = append(owners, p.Org)
		}
	}
	if slices.Contains(owners, speaksFor) {
		return true, nil
	}
	for _, o := range owners {
		if o == "" {
			continue
		}
		heirs, err := org.Heirs(ctx, tx, o)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(heirs, func(h org.Org) bool { return h.ID == speaksFor }) {
			return true, nil
		}
	}
	return false, nil
}

// Reports returns what was said of the milestones of a plan by time: all of
// it, not only the last word of each voice.
func Reports(ctx context.Context, tx *db.Tx, plan string) ([]Progress, error) {
	return db.List(ctx, tx, progressFields, `SELECT `+progressColumns+` FROM progress WHERE plan = $1 ORDER BY at, id`, plan)
}

// CommitmentOfProgress is the commitment that a report is about.
func CommitmentOfProgress(ctx context.Context, tx *db.Tx, progress string) (string, error) {
	return db.Get(ctx, tx, db.One[string], `SELECT commitment FROM progress WHERE id = $1`, progress)
}
