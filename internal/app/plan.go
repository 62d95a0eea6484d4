package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ceiba/internal/collaboration/forum"
	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/asked"
	"ceiba/internal/collaboration/plan/exchange"
	"ceiba/internal/collaboration/plan/joint"
	jointpages "ceiba/internal/collaboration/plan/joint/pages"
	planpages "ceiba/internal/collaboration/plan/pages"
	"ceiba/internal/collaboration/plan/repository"
	"ceiba/internal/collaboration/plan/require"
	"ceiba/internal/collaboration/plan/review"
	reviewpages "ceiba/internal/collaboration/plan/review/pages"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/answer"
	"ceiba/internal/service/meeting"
	"ceiba/internal/service/org"
	"ceiba/internal/service/outbound"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// plans joins the plans with the forum that owns each, with the calls in which
// people have their say, and with the meetings of both.
func (a *App) plans() *planpages.Pages {
	p := a.planned()
	a.office().Hosts["plan"] = answer.Host{May: p.May}
	return &planpages.Pages{
		Plans: p, Blob: a.Blob, Base: a.Base, Forums: forumChoices, Proof: a.proof, Coach: a.exchange().Panel, Gives: a.joint().Gives,
		Kinds: func() *record.Registry { return a.Registry },
	}
}

// planned is the rules of plans, with what they ask of others.
func (a *App) planned() *plan.Plans {
	return &plan.Plans{DB: a.DB, Visit: a.visit, Unanswered: unanswered, Decided: decided, Process: process, Reviewed: reviewed}
}

// repository is where the documents of plans are.
func (a *App) repository() *repository.Repository {
	return &repository.Repository{Plans: a.planned(), Blob: a.Blob, Base: a.Base}
}

// asked ranks what people asked for over the calls of a plan.
func (a *App) asked() *asked.Pages { return &asked.Pages{DB: a.DB, Base: a.Base} }

// exchange takes plans in and gives them out.
func (a *App) exchange() *exchange.Exchange {
	return &exchange.Exchange{
		Plans: a.planned(), Blob: a.Blob, Base: a.Base, Policy: func() *who.Policy { return a.Policy }, Library: a.library,
		Country: exchange.Country{Code: "BLZ", Name: "Belize", Region: "Americas"},
	}
}

// reviews joins the independent review with the plans that it judges.
func (a *App) reviews() *reviewpages.Pages {
	return &reviewpages.Pages{
		Reviews: &review.Reviews{DB: a.DB, Plans: a.planned()}, Base: a.Base, Kinds: func() *record.Registry { return a.Registry },
	}
}

// joint joins the joint projects with the plans whose commitments they help to
// keep.
func (a *App) joint() *jointpages.Pages {
	return &jointpages.Pages{Projects: &joint.Projects{DB: a.DB}, Base: a.Base, Kinds: func() *record.Registry { return a.Registry }}
}

// proof is the ledger's pack of a record that anybody may see.
func (a *App) proof(ctx context.Context, tx *db.Tx, of record.Ref) ([]byte, error) {
	card, err := a.Registry.One(ctx, tx, who.Nobody(a.Policy), of)
	if err != nil {
		return nil, err
	}
	if !card.Public {
		return nil, db.ErrNotFound
	}
	return a.Ledger.Pack(ctx, tx, of.Kind, of.ID)
}

// forumChoices are the forums that may own a plan.
func forumChoices(ctx context.Context, tx *db.Tx) (out []org.Choice, err error) {
	all, err := forum.All(ctx, tx)
	for _, f := range all {
		out = append(out, org.Choice{ID: f.ID, Name: f.Name})
	}
	return out, err
}

// unanswered counts the inputs to a plan's calls without an outcome, and all.
func unanswered(ctx context.Context, tx *db.Tx, planID string) (open, all int, err error) {
	of := record.Ref{Kind: "plan", ID: planID}
	waiting, err := answer.Unanswered(ctx, tx, of)
	if err != nil {
		return 0, 0, err
	}
	f, err := answer.FactsOf(ctx, tx, of, db.Time{Time: tx.Now})
	for _, b := range f.Boxes {
		all += len(b.Inputs)
	}
	return len(waiting), max(all, len(waiting)), err
}

// decided reports whether a forum adopted a decision.
func decided(ctx context.Context, tx *db.Tx, decision, forumID string, c plan.Commitment) (bool, error) {
	m, err := forum.Decision(ctx, tx, decision)
	if errors.Is(err, db.ErrNotFound) {
		return false, nil
	}
	return m.Forum == forumID && m.State == "adopted" && concerns(m.About, c), err
}

// concerns reports whether a decision may be about a promise: it names that, its
// plan, or no record. One that names another record is of another matter.
func concerns(about record.Ref, c plan.Commitment) bool {
	return about.Kind == "" || about == c.Ref() || about == record.Ref{Kind: "plan", ID: c.Plan}
}

// process tells the monitor of requirements what the forum, its meetings and
// the calls have on record.
func process(ctx context.Context, tx *db.Tx, p plan.Plan, asOf time.Time, f *require.Facts) error {
	at := db.Time{Time: asOf}
	if err := callFacts(ctx, tx, p, at, f); err != nil {
		return err
	}
	bodies := []record.Ref{p.Ref()}
	if p.Forum != "" {
		bodies = append(bodies, record.Ref{Kind: "forum", ID: p.Forum})
		if err := forumFacts(ctx, tx, p.Forum, at, f); err != nil {
			return err
		}
	}
	for _, of := range bodies {
		if err := meetingFacts(ctx, tx, of, at, f); err != nil {
			return err
		}
	}
	return nil
}

func forumFacts(ctx context.Context, tx *db.Tx, forumID string, at db.Time, f *require.Facts) error {
	known, err := forum.Facts(ctx, tx, forumID, at)
	for _, t := range known.Terms {
		f.Terms = append(f.Terms, require.Term{
			Ref: "term/" + t.Term, Sector: sectorOf(t.Sector), Span: require.Span{Start: require.Day(t.From), End: require.Day(t.To)},
		})
	}
	for _, r := range known.Rules {
		f.Rules = append(f.Rules, require.Paper{Ref: fmt.Sprintf("forum/%s/rules/%d", forumID, r.N), On: require.Day(plan.DayOf(r.Published.Time))})
	}
	return err
}

func meetingFacts(ctx context.Context, tx *db.Tx, of record.Ref, at db.Time, f *require.Facts) error {
	held, err := meeting.Facts(ctx, tx, of, at)
	for _, m := range held {
		x := require.Meeting{
			Ref: "meeting/" + m.Meeting, On: require.Day(plan.DayOf(m.Starts.Time)), By: map[require.Sector]int{},
			Review: m.Purpose == "implementation_review", Presented: m.Presented, Comments: m.Comments,
		}
		for sector, n := range m.Members {
			x.By[sectorOf(sector)] += n
		}
		if x.Review { // results are presented to whoever comes
			for sector, n := range m.Others {
				x.By[sectorOf(sector)] += n
			}
		}
		f.Meetings = append(f.Meetings, x)
	}
	return err
}

// sectorOf is a seat's sector as the requirements count it: a town council is
// government too.
func sectorOf(seat string) require.Sector {
	if forum.Government(seat) {
		return require.Government
	}
	return require.Sector(seat)
}

func callFacts(ctx context.Context, tx *db.Tx, p plan.Plan, at db.Time, f *require.Facts) error {
	facts, err := answer.FactsOf(ctx, tx, p.Ref(), at)
	for _, b := range facts.Boxes {
		call := require.Call{Ref: "call/" + b.Box}
		if n := len(b.Announced); n > 0 { // the last version that was announced
			last := b.Announced[n-1]
			call.Opens = require.Day(plan.DayOf(last.Opens.Time))
			call.Closes = require.Day(plan.DayOf(last.Closes.Add(-time.Microsecond))) // the moment after its last day
		}
		f.Calls = append(f.Calls, call)
		for _, i := range b.Inputs {
			if i.Hidden {
				continue
			}
			in := require.Input{Ref: "input/" + i.ID, On: require.Day(plan.DayOf(i.Received.Time)), Sector: i.Sector}
			if !i.Answered.IsZero() {
				in.Answered = require.Day(plan.DayOf(i.Answered.Time))
			}
			f.Inputs = append(f.Inputs, in)
		}
	}
	return err
}

// visit opens the public page of a plan without signing in: this site's own, at
// the address that the operator gave it, or another that the plan names.
func (a *App) visit(ctx context.Context, p plan.Plan) error {
	address, client := a.Base()+p.Ref().Path(), &http.Client{Timeout: 20 * time.Second}
	if p.Website != "" {
		address, client = p.Website, outbound.Client(outbound.Options{})
	}
	ctx, end := context.WithTimeout(ctx, 30*time.Second)
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// reviewed tells the plans what the last independent assessment says of a
// plan's process.
func reviewed(ctx context.Context, tx *db.Tx, planID string, asOf time.Time) (plan.Reviewed, error) {
	o, err := review.Process(ctx, tx, planID, asOf)
	return plan.Reviewed{Assessment: o.Assessment, Acted: o.Acted, At: o.At}, err
}
