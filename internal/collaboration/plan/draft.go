package plan

import (
	"context"
	"slices"
	"strings"

	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/ground/id"
	"ceiba/internal/service/activity"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

func getCommitment(ctx context.Context, tx *db.Tx, commitment string) (Commitment, error) {
	return db.Get(ctx, tx, commitmentFields, `SELECT `+commitmentColumns+` FROM commitment WHERE id = $1`, commitment)
}

// SeeCommitment returns a commitment of a plan that actor may read.
func SeeCommitment(ctx context.Context, tx *db.Tx, actor who.Actor, commitment string) (Commitment, Plan, error) {
	c, err := getCommitment(ctx, tx, commitment)
	if err != nil {
		return c, Plan{}, err
	}
	p, err := See(ctx, tx, actor, c.Plan)
	return c, p, err
}

// mayDraft returns a commitment that actor may work on.
func mayDraft(ctx context.Context, tx *db.Tx, actor who.Actor, commitment string) (Commitment, Plan, error) {
	c, p, err := SeeCommitment(ctx, tx, actor, commitment)
	if err != nil {
		return c, p, err
	}
	return c, p, MustDraft(actor, c, p)
}

// MustDraft asks actor whether they may work on a commitment: the office of the
// plan may, and so may who leads.
func MustDraft(actor who.Actor, c Commitment, p Plan) error {
	if c.Lead != "" && actor.May("commitment.write", who.In(c.Lead)) {
		return nil
	}
	return actor.Must("commitment.write", who.In(p.Org))
}

// Commitments returns those of some plans, plan by plan in the order of their
// numbers, those that left it last.
func Commitments(ctx context.Context, tx *db.Tx, plans ...string) ([]Commitment, error) {
	in, args := db.In(1, plans)
	all, err := db.List(ctx, tx, commitmentFields, `SELECT `+commitmentColumns+` FROM commitment WHERE plan IN `+in+` ORDER BY id`, args...)
	slices.SortStableFunc(all, func(a, b Commitment) int {
		if a.Plan != b.Plan {
			return slices.Index(plans, a.Plan) - slices.Index(plans, b.Plan)
		}
		if x, y := a.State.Led() || a.State == Withdrawn, b.State.Led() || b.State == Withdrawn; x != y {
			if x {
				return 1
			}
			return -1
		}
		return byNumber(a.Number, b.Number)
	})
	return all, err
}

// byNumber orders "2" before "10" and "3.2" before "3.10"; those without a
// number come last.
func byNumber(a, b string) int {
	if (a == "") != (b == "") {
		return strings.Compare(b, a)
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if len(as[i]) != len(bs[i]) {
			return len(as[i]) - len(bs[i])
		}
		if n := strings.Compare(as[i], bs[i]); n != 0 {
			return n
		}
	}
	return len(as) - len(bs)
}

// Draft stores a new commitment. in.State is Idea, Proposed or Drafting.
func (p *Plans) Draft(ctx context.Context, actor who.Actor, in Commitment) (out Commitment, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = DraftIn(ctx, tx, actor, in); return err })
	return out, err
}

// DraftIn is Draft in a transaction that the caller has.
func DraftIn(ctx context.Context, tx *db.Tx, actor who.Actor, in Commitment) (Commitment, error) {
	return DraftWhole(ctx, tx, actor, in, nil)
}

// DraftWhole stores a new commitment with its milestones as one version.
func DraftWhole(ctx context.Context, tx *db.Tx, actor who.Actor, in Commitment, ms []Planned) (Commitment, error) {
	pl, err := See(ctx, tx, actor, in.Plan)
	if err != nil {
		return Commitment{}, err
	}
	if err := actor.Must("commitment.write", who.In(pl.Org)); err != nil {
		return Commitment{}, err
	}
	if !pl.Open() {
		return Commitment{}, fault.New(fault.Conflict, "plan.frozen")
	}
	if !slices.Contains([]Stage{Idea, Proposed, Drafting}, in.State) {
		return Commitment{}, fault.Fields{{Name: "state", Key: "fault.choice"}}
	}
	in.tidy()
	if err := in.Check(); err != nil {
		return Commitment{}, err
	}
	if err := notFar(tx.Now, "start_date", in.Start, "end_date", in.End); err != nil {
		return Commitment{}, err
	}
	if err := exists(ctx, tx, "lead", in.Lead); err != nil {
		return Commitment{}, err
	}
	in.ID, in.Version, in.CreatedBy, in.Reason, in.Successor = id.New(tx.Now), 1, actor.ID, "", ""
	in.Created, in.Changed = db.Time{Time: tx.Now}, db.Time{Time: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO commitment (`+commitmentColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
		$14, $15, $16, $17, $18, $19)`, in.ID, in.Plan, in.Number, in.Title, in.Texts, in.Lang, in.Lead, in.Start, in.End, in.Tags, in.Districts,
		in.Contact, in.State, in.Reason, in.Successor, in.CreatedBy, in.Created, in.Changed, in.Version); err != nil {
		return Commitment{}, err
	}
	if _, err := record.NewSlug(ctx, tx, in.Ref(), in.Title); err != nil {
		return Commitment{}, err
	}
	for _, planned := range ms {
		m := Milestone{Planned: planned, Commitment: in.ID}
		if err := m.check(); err != nil {
			return Commitment{}, err
		}
		if err := m.insert(ctx, tx); err != nil {
			return Commitment{}, err
		}
	}
	return in, in.settle(ctx, tx, actor, pl, change{verb: "commitment.created"})
}

func (c *Commitment) tidy() {
	c.Title, c.Number = strings.TrimSpace(c.Title), strings.TrimSpace(c.Number)
	slices.Sort(c.Tags.V)
	c.Tags.V = slices.Compact(c.Tags.V)
	slices.Sort(c.Districts.V)
	c.Districts.V = slices.Compact(c.Districts.V)
}

// change says why a commitment is as it is now.
type change struct {
	verb     string
	before   *Commitment
	reason   string
	decision string
}

// settle keeps the version that a change made, and tells the log.
func (c *Commitment) settle(ctx context.Context, tx *db.Tx, actor who.Actor, p Plan, ch change) error {
	ms, err := Milestones(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO commitment_version (commitment, version, body, state, at, by, reason, decision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, c.ID, c.Version, db.JSON[Body]{V: c.body(ms)}, c.State, tx.Now.UnixMicro(), actor.ID,
		ch.reason, ch.decision); err != nil {
		return err
	}
	if ch.before != nil && ch.before.Title != c.Title {
		if _, err := record.SetSlug(ctx, tx, c.Ref(), c.Title); err != nil {
			return err
		}
	}
	e := activity.Entry{
		Actor: actor.ID, Verb: ch.verb, Kind: "commitment", Record: c.ID, Org: c.Answers(p), Title: c.Title, Note: ch.reason,
		Public: p.Public(), After: c.said(ms, ch.decision),
	}
	if ch.before != nil {
		e.Before = map[string]any{"version": ch.before.Version, "state": ch.before.State}
	}
	_, err = activity.Append(ctx, tx, e)
	return err
}

// Answers is the organisation that answers for a commitment.
func (c *Commitment) Answers(p Plan) string {
	if c.Lead != "" {
		return c.Lead
	}
	return p.Org
}

// said is what the log keeps of a commitment: the whole text, as the version
// before is an entry of its own.
func (c *Commitment) said(ms []Milestone, decision string) map[string]any {
	return map[string]any{
		"plan": c.Plan, "number": c.Number, "version": c.Version, "body": c.body(ms), "state": c.State, "successor": c.Successor,
		"decision": decision,
	}
}

// Body is the text of a commitment with what belongs to it: what an amendment
// changes and what a version keeps.
type Body struct {
	Title     string   `json:"title"`
	Texts     Texts    `json:"texts"`
	Lead      string   `json:"lead"`
	Start     string   `json:"start_date"`
	End       string   `json:"end_date"`
	Tags      []string `json:"tags"`
	Districts []string `json:"districts"`
	Contact   Contact  `json:"contact"`
	// Milestones are those that were not taken out.
	Milestones []Planned `json:"milestones"`
}

func (c *Commitment) body(ms []Milestone) Body {
	b := Body{c.Title, c.Texts.V, c.Lead, c.Start, c.End, c.Tags.V, c.Districts.V, c.Contact.V, nil}
	for _, m := range ms {
		b.Milestones = append(b.Milestones, m.Planned)
	}
	return b
}

// Save is a change to the text of a commitment.
type Save struct {
	Commitment        // as it should be; its Version is the one that was seen
	Reason     string // public; needed for an amendment
	Decision   string // id of the forum's decision, where a forum owns the plan
}

// Save changes the text of a commitment; db.ErrConflict if somebody changed it
// since. In a plan that was delivered this is an amendment.
func (p *Plans) Save(ctx context.Context, actor who.Actor, s Save) (out Commitment, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = p.save(ctx, tx, actor, s); return err })
	return out, err
}

func (p *Plans) save(ctx context.Context, tx *db.Tx, actor who.Actor, s Save) (Commitment, error) {
	old, pl, err := mayDraft(ctx, tx, actor, s.ID)
	if err != nil {
		return Commitment{}, err
	}
	ch := change{verb: "commitment.changed", before: &old, reason: s.Reason}
	if !pl.Open() {
		ch.verb, ch.decision = "commitment.amended", s.Decision
		if err := p.mayAmend(ctx, tx, actor, old, pl, s); err != nil {
			return Commitment{}, err
		}
	}
	in := s.Commitment
	in.tidy()
	in.Plan, in.State, in.Reason, in.Successor, in.CreatedBy, in.Created = old.Plan, old.State, old.Reason, old.Successor, old.CreatedBy, old.Created
	if err := in.Check(); err != nil {
		return Commitment{}, err
	}
	if err := notFar(tx.Now, "start_date", in.Start, "end_date", in.End); err != nil {
		return Commitment{}, err
	}
	if in.Lead != old.Lead {
		if err := exists(ctx, tx, "lead", in.Lead); err != nil {
			return Commitment{}, err
		}
	}
	if in.State == Agreed || in.State == Active {
		ms, err := Milestones(ctx, tx, in.ID)
		if err == nil {
			err = in.Ready(ms)
		}
		if err != nil {
			return Commitment{}, err
		}
	}
	in.Changed = db.Time{Time: tx.Now}
	if err := tx.MustChange(ctx, `UPDATE commitment SET number = $3, title = $4, texts = $5, lang = $6, lead = $7, start_date = $8, end_date = $9,
		tags = $10, districts = $11, contact = $12, changed = $13, version = version + 1 WHERE id = $1 AND version = $2`,
		in.ID, in.Version, in.Number, in.Title, in.Texts, in.Lang, in.Lead, in.Start, in.End, in.Tags, in.Districts, in.Contact, in.Changed); err != nil {
		return Commitment{}, err
	}
	in.Version++
	return in, in.settle(ctx, tx, actor, pl, ch)
}

// mayAmend checks what an amendment of a delivered plan needs: the office of
// the plan, a reason, and the decision of the forum that owns it.
func (p *Plans) mayAmend(ctx context.Context, tx *db.Tx, actor who.Actor, old Commitment, pl Plan, s Save) error {
	if err := actor.Must("plan.write", who.In(pl.Org)); err != nil {
		return err
	}
	if old.State != Active {
		return fault.New(fault.Conflict, "plan.frozen")
	}
	return p.grounds(ctx, tx, pl, old, s.Reason, s.Decision)
}

// grounds checks the reason for changing a promise, and the decision of the forum
// that owns the plan.
func (p *Plans) grounds(ctx context.Context, tx *db.Tx, pl Plan, c Commitment, reason, decision string) error {
	var f fault.Fields
	f.Require("reason", reason)
	f.MaxLen("reason", reason, 5000)
	if pl.Forum != "" {
		f.Require("decision", decision)
	}
	if err := f.Err(); err != nil {
		return err
	}
	if decision == "" || p.Decided == nil {
		return nil
	}
	if ok, err := p.Decided(ctx, tx, decision, pl.Forum, c); err != nil {
		return err
	} else if !ok {
		return fault.Fields{{Name: "decision", Key: "plan.no_decision"}}
	}
	return nil
}

// Version is a commitment as it was.
type Version struct {
	Version  int
	Body     db.JSON[Body]
	State    Stage
	At       db.Time
	By       string
	Reason   string
	Decision string
}

// Versions returns every version of a commitment, the first one first.
func Versions(ctx context.Context, tx *db.Tx, commitment string) ([]Version, error) {
	return db.List(ctx, tx, func(v *Version) []any {
		return []any{&v.Version, &v.Body, &v.State, &v.At, &v.By, &v.Reason, &v.Decision}
	}, `SELECT version, body, state, at, by, reason, decision FROM commitment_version WHERE commitment = $1 ORDER BY version`, commitment)
}

// Staging is one step of a commitment, as somebody asks for it.
type Staging struct {
	Commitment string
	Version    int
	To         Stage
	Reason     string
	Successor  string // where it leads on to, for merged, split and carried forward
	Decision   string // id of the forum's decision, where the step gives a promise up
}

// GivesUp reports whether a step changes what was promised, as an amendment does:
// a commitment of a delivered plan is withdrawn, or given up before the plan's
// last day. on is a civil date.
func GivesUp(pl Plan, from, to Stage, on string) bool {
	if from != Active {
		return false
	}
	return to == Withdrawn || (to == EndedIncomplete || to == CarriedForward) && on <= pl.End
}

// Stage takes a commitment to another stage.
func (p *Plans) Stage(ctx context.Context, actor who.Actor, s Staging) (out Commitment, err error) {
	err = p.DB.Update(ctx, func(tx *db.Tx) error { out, err = p.stage(ctx, tx, actor, s); return err })
	return out, err
}

func (p *Plans) stage(ctx context.Context, tx *db.Tx, actor who.Actor, s Staging) (Commitment, error) {
	old, pl, err := SeeCommitment(ctx, tx, actor, s.Commitment)
	if err != nil {
		return Commitment{}, err
	}
	if err := actor.Must("plan.write", who.In(pl.Org)); err != nil {
		return Commitment{}, err
	}
	if !slices.Contains(stages[old.State], s.To) {
		return Commitment{}, fault.New(fault.Conflict, "plan.bad_stage")
	}
	if !pl.Open() && slices.Contains([]Stage{Shortlisted, Drafting, Agreed}, s.To) { // a later promise is another plan's
		return Commitment{}, fault.New(fault.Conflict, "plan.frozen")
	}
	if err := mayStage(ctx, tx, old, s); err != nil {
		return Commitment{}, err
	}
	ch := change{verb: "commitment." + string(s.To), before: &old, reason: s.Reason}
	if GivesUp(pl, old.State, s.To, Today(tx)) {
		if err := p.grounds(ctx, tx, pl, old, s.Reason, s.Decision); err != nil {
			return Commitment{}, err
		}
		ch.decision = s.Decision
	}
	now := old
	now.State, now.Reason, now.Successor, now.Changed = s.To, s.Reason, s.Successor, db.Time{Time: tx.Now}
	if err := now.restage(ctx, tx, s.Version); err != nil {
		return Commitment{}, err
	}
	now.Version++
	if s.Successor != "" {
		if err := record.Link(ctx, tx, actor, record.Ref{Kind: "commitment", ID: s.Successor}, "follows_from", now.Ref()); err != nil {
			return Commitment{}, err
		}
	}
	return now, now.settle(ctx, tx, actor, pl, ch)
}

func (c *Commitment) restage(ctx context.Context, tx *db.Tx, seen int) error {
	return tx.MustChange(ctx, `UPDATE commitment SET state = $3, reason = $4, successor = $5, changed = $6, version = version + 1
		WHERE id = $1 AND version = $2`, c.ID, seen, c.State, c.Reason, c.Successor, c.Changed)
}

// mayStage checks what a step itself asks for.
func mayStage(ctx context.Context, tx *db.Tx, old Commitment, s Staging) error {
	var f fault.Fields
	f.MaxLen("reason", s.Reason, 5000)
	if s.To == Withdrawn || s.To == EndedIncomplete || s.To.Led() || slices.Index(Stages, s.To) < slices.Index(Stages, old.State) {
		f.Require("reason", s.Reason)
	}
	if s.To.Led() {
		f.Require("successor", s.Successor)
	}
	if err := f.Err(); err != nil {
		return err
	}
	if s.To.Led() {
		if _, err := getCommitment(ctx, tx, s.Successor); err != nil || s.Successor == old.ID {
			return fault.Fields{{Name: "successor", Key: "fault.choice"}}
		}
	}
	ms, err := Milestones(ctx, tx, old.ID)
	if err != nil {
		return err
	}
	switch s.To {
	case Agreed:
		return old.Ready(ms)
	case Complete:
		return allComplete(ctx, tx, old, ms)
	}
	return nil
}

// activate makes the agreed commitments of a plan active and gives up those
// that never got beyond an idea: part of delivering it.
func activate(ctx context.Context, tx *db.Tx, actor who.Actor, plan string) error {
	p, err := get(ctx, tx, plan)
	if err != nil {
		return err
	}
	all, err := Commitments(ctx, tx, plan)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.State != Agreed {
			continue
		}
		now := c
		now.State, now.Changed = Active, db.Time{Time: tx.Now}
		if err := now.restage(ctx, tx, c.Version); err != nil {
			return err
		}
		now.Version++
		if err := now.settle(ctx, tx, actor, p, change{verb: "commitment.active", before: &c}); err != nil {
			return err
		}
	}
	return nil
}
