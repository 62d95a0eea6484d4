package pages

import (
	"context"
	"net/http"
	"strings"
	"time"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/api"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/ground/fault"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// PlanBody is an action plan in the API.
type PlanBody struct {
	ID           string           `json:"id" readOnly:"true"`
	Slug         string           `json:"slug" readOnly:"true"`
	Org          string           `json:"org" doc:"Id of the office that leads the process"`
	Code         string           `json:"code" required:"false" doc:"OGP's code, such as AP_JAM01"`
	Title        string           `json:"title" maxLength:"200"`
	Summary      string           `json:"summary" required:"false"`
	Introduction string           `json:"introduction" required:"false" doc:"Markdown, as the three below"`
	Efforts      string           `json:"efforts" required:"false"`
	Process      string           `json:"process" required:"false"`
	Vision       string           `json:"vision" required:"false"`
	Lang         string           `json:"lang" required:"false"`
	Level        string           `json:"level" required:"false" enum:"national,local"`
	District     string           `json:"district" required:"false" doc:"ISO 3166-2, of a local plan"`
	Start        string           `json:"start_date" required:"false" doc:"Civil date, or empty"`
	End          string           `json:"end_date" required:"false"`
	Years        int              `json:"years" required:"false" doc:"Duration; today OGP takes 2 or 4"`
	PreviousEnd  string           `json:"previous_end" required:"false" doc:"Last day of the plan before"`
	ContactName  string           `json:"contact_name" required:"false"`
	ContactEmail string           `json:"contact_email" required:"false"`
	Website      string           `json:"website" required:"false"`
	State        string           `json:"state" readOnly:"true"`
	Delivered    *time.Time       `json:"delivered" readOnly:"true"`
	Version      int              `json:"version" required:"false"`
	URL          string           `json:"url" readOnly:"true"`
	Timelines    []plan.Timeline  `json:"timelines" readOnly:"true" doc:"Every version that was published"`
	Commitments  []CommitmentLine `json:"commitments" readOnly:"true"`
}

// CommitmentLine is a commitment in the list of its plan.
type CommitmentLine struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	Title      string `json:"title"`
	Lead       string `json:"lead"`
	State      string `json:"state"`
	Stands     string `json:"stands" doc:"kept, late, silent, under_way or not_begun, by what the government can show"`
	Milestones int    `json:"milestones"`
	Done       int    `json:"done"`
	Late       int    `json:"late"`
	Silent     int    `json:"silent"`
	URL        string `json:"url"`
}

// CommitmentBody is a commitment in the API.
type CommitmentBody struct {
	ID         string          `json:"id" readOnly:"true"`
	Plan       string          `json:"plan" readOnly:"true"`
	Number     string          `json:"number" required:"false"`
	Title      string          `json:"title" maxLength:"200"`
	Texts      plan.Texts      `json:"headings" required:"false" doc:"Markdown, under the headings of the OGP's present and former template"`
	Lang       string          `json:"lang" required:"false"`
	Lead       string          `json:"lead" required:"false" doc:"Id of the organisation that leads"`
	Start      string          `json:"start_date" required:"false"`
	End        string          `json:"end_date" required:"false"`
	Tags       []string        `json:"tags" required:"false" doc:"Policy areas, by the headings of the OGP's file"`
	Districts  []string        `json:"districts" required:"false"`
	State      string          `json:"state" required:"false" doc:"When it is made: idea, proposed or drafting"`
	Reason     string          `json:"reason" readOnly:"true"`
	Successor  string          `json:"successor" readOnly:"true"`
	Version    int             `json:"version" required:"false"`
	URL        string          `json:"url" readOnly:"true"`
	Milestones []MilestoneBody `json:"milestones" readOnly:"true"`
	Parties    []PartyBody     `json:"parties" readOnly:"true"`
}

// MilestoneBody is a milestone with what each voice said of it last.
type MilestoneBody struct {
	plan.Planned
	Voices map[plan.Voice]VoiceBody `json:"voices"`
}

// VoiceBody is what one voice said last.
type VoiceBody struct {
	Status     plan.Status     `json:"status" doc:"As it was said; empty for silence"`
	Shown      string          `json:"shown" doc:"What of it can be defended: claimed without evidence, silent after half a year"`
	Late       bool            `json:"late"`
	Silent     bool            `json:"silent"`
	Text       string          `json:"text"`
	Challenges string          `json:"challenges"`
	Evidence   []plan.Evidence `json:"evidence"`
	Org        string          `json:"org"`
	At         *time.Time      `json:"at"`
}

// PartyBody is an organisation that takes part in a commitment.
type PartyBody struct {
	ID        string     `json:"id"`
	Org       string     `json:"org"`
	Role      string     `json:"role"`
	Confirmed *time.Time `json:"confirmed" doc:"When its own account said so"`
}

// RequirementBody is the verdict of one rule in one phase.
type RequirementBody struct {
	Rule        string   `json:"rule" doc:"Such as 1.1a"`
	Requirement string   `json:"requirement" doc:"As OGP counts: one of eight"`
	Phase       string   `json:"phase"`
	Status      string   `json:"status" doc:"met, warned, waits, not_met or not_yet"`
	Words       string   `json:"words"`
	Due         string   `json:"due" doc:"Until when the next thing has to happen"`
	DaysLeft    int      `json:"days_left"`
	Evidence    []string `json:"evidence"`
}

// RequirementsBody is how a plan stands with the requirements on a day.
type RequirementsBody struct {
	On       string            `json:"on"`
	Verdicts []RequirementBody `json:"verdicts"`
	Contrary []int             `json:"contrary_to_process" doc:"Reasons of the Procedural Review that hold: 1 no plan within a year, 2 requirements not met, 3 no progress"`
	PlanDue  string            `json:"plan_due"`
	Trends   []PlanTrend       `json:"engagement" doc:"Who takes part lately, beside who did before: an early warning, no rule of OGP"`
}

// PlanTrend is how much of something there was lately, and how much before.
type PlanTrend struct {
	What    string  `json:"what" doc:"inputs, attendance or reports"`
	Sector  string  `json:"sector,omitempty" doc:"Of attendance"`
	Before  float64 `json:"before"`
	Now     float64 `json:"now"`
	From    string  `json:"from" doc:"First day of what is before"`
	Between string  `json:"between" doc:"First day of what is lately"`
	To      string  `json:"to" doc:"Last day of what is lately"`
	Falls   bool    `json:"falls" doc:"By a quarter or more, from three or more"`
}

// PlanKey names the thing of an address.
type PlanKey struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

func (p *Pages) api(a *api.API) {
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/plans", Access: web.Public, Summary: "Action plans", Tag: "Plans"}, p.apiList)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/plans/{id}", Access: web.Public, Summary: "An action plan with its commitments", Tag: "Plans"}, p.apiPlan)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/plans/{id}/requirements", Access: web.Public, Summary: "How a plan meets OGP's minimum requirements, on any day", Tag: "Plans"}, p.apiRequirements)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/plans", Access: web.Needs("plan.write"), Summary: "Begin a plan", Tag: "Plans", Status: http.StatusCreated}, p.apiCreate)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/plans/{id}/commitments", Access: web.Needs("commitment.write"), Summary: "Add a commitment to a plan that is being made", Tag: "Plans", Status: http.StatusCreated}, p.apiDraft)
	api.Add(a, api.Op{Method: http.MethodGet, Path: "/commitments/{id}", Access: web.Public, Summary: "A commitment with its milestones and what three voices say of them", Tag: "Plans"}, p.apiCommitment)
	api.Add(a, api.Op{Method: http.MethodPost, Path: "/milestones/{id}/reports", Access: web.SignedIn, Summary: "Say how a milestone stands", Tag: "Plans", Status: http.StatusCreated}, p.apiReport)
}

func (p *Pages) planBody(pl plan.Plan, slug string) PlanBody {
	t := pl.Texts.V
	b := PlanBody{
		ID: pl.ID, Slug: slug, Org: pl.Org, Code: pl.Code, Title: pl.Title, Summary: pl.Summary, Introduction: t.Introduction,
		Efforts: t.Efforts, Process: t.Process, Vision: t.Vision, Lang: pl.Lang, Level: string(pl.Level), District: pl.District,
		Start: pl.Start, End: pl.End, Years: pl.Years, PreviousEnd: pl.PreviousEnd, ContactName: pl.ContactName,
		ContactEmail: pl.ContactEmail, Website: pl.Website, State: string(pl.State), Version: pl.Version,
		URL: p.Base() + pl.Ref().Path(), Timelines: []plan.Timeline{}, Commitments: []CommitmentLine{},
	}
	if !pl.Delivered.IsZero() {
		b.Delivered = &pl.Delivered.Time
	}
	return b
}

type plansInput struct{ listing.Paged }

type plansOutput struct {
	Body struct {
		Plans []PlanBody `json:"plans"`
		Next  string     `json:"next,omitempty" doc:"Cursor of the next page; absent at the end"`
	}
}

func (p *Pages) apiList(ctx context.Context, in *plansInput) (*plansOutput, error) {
	out := &plansOutput{}
	out.Body.Plans = []PlanBody{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		some, next, err := p.somePlans(ctx, tx, in.Cursor, in.Limit)
		out.Body.Plans, out.Body.Next = append(out.Body.Plans, some...), next
		return err
	})
	return out, err
}

// somePlans are a page of the plans that the reader may see.
func (p *Pages) somePlans(ctx context.Context, tx *db.Tx, cursor string, limit int) (out []PlanBody, next string, err error) {
	all, err := plan.List(ctx, tx, who.From(ctx))
	if err != nil {
		return nil, "", err
	}
	if all, next, err = listing.Cut(all, func(pl plan.Plan) string { return pl.ID }, cursor, limit); err != nil {
		return nil, "", err
	}
	var ids []string
	for _, pl := range all {
		ids = append(ids, pl.ID)
	}
	slugs, err := record.Slugs(ctx, tx, "plan", ids)
	for _, pl := range all {
		out = append(out, p.planBody(pl, slugs[pl.ID]))
	}
	return out, next, err
}

type planOutput struct{ Body PlanBody }

// byKey finds a plan by an id or an address.
func byKey(ctx context.Context, tx *db.Tx, key string) (plan.Plan, string, error) {
	ref, slug, err := record.Resolve(ctx, tx, "plan", key)
	if err != nil {
		return plan.Plan{}, "", err
	}
	pl, err := plan.See(ctx, tx, who.From(ctx), ref.ID)
	return pl, slug, err
}

func (p *Pages) apiPlan(ctx context.Context, in *PlanKey) (*planOutput, error) {
	out := &planOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		pl, slug, err := byKey(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body = p.planBody(pl, slug)
		ts, err := plan.Timelines(ctx, tx, pl.ID)
		if err != nil {
			return err
		}
		out.Body.Timelines = append(out.Body.Timelines, ts...)
		ps, err := plan.Promises(ctx, tx, pl)
		for _, c := range ps {
			out.Body.Commitments = append(out.Body.Commitments, CommitmentLine{
				ID: c.ID, Number: c.Number, Title: c.Title, Lead: c.Lead, State: string(c.State), Stands: c.Sum.Word(), Milestones: c.Sum.Milestones,
				Done: c.Sum.Done, Late: c.Sum.Late, Silent: c.Sum.Silent, URL: p.Base() + c.Ref().Path(),
			})
		}
		return err
	})
	return out, err
}

type requirementsInput struct {
	PlanKey
	On string `query:"on" doc:"Civil date, today if empty: what was on record at its end"`
}

type requirementsOutput struct{ Body RequirementsBody }

func (p *Pages) apiRequirements(ctx context.Context, in *requirementsInput) (*requirementsOutput, error) {
	out := &requirementsOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		pl, _, err := byKey(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		on := in.On
		if on == "" {
			on = plan.Today(tx)
		}
		if plan.EndOf(on).IsZero() || on > plan.Today(tx) {
			return fault.Fields{{Name: "on", Key: "plan.no_such_day"}}
		}
		m, err := p.Monitor(ctx, tx, pl, on)
		out.Body = requirementsBody(ctx, m)
		return err
	})
	return out, err
}

func requirementsBody(ctx context.Context, m plan.Monitor) RequirementsBody {
	b := RequirementsBody{On: m.On, Verdicts: []RequirementBody{}, Contrary: m.Clock.Contrary, PlanDue: string(m.Clock.PlanDue)}
	if b.Contrary == nil {
		b.Contrary = []int{}
	}
	for _, v := range m.Verdicts {
		r := RequirementBody{
			Rule: v.Rule.ID, Requirement: v.Rule.Parent, Phase: string(v.Phase), Status: string(v.Status), Words: saidWords(ctx, v.Words, func(string) string { return "" }).Text(ctx),
			Due: string(v.Due), DaysLeft: v.Left, Evidence: v.Evidence,
		}
		if r.Evidence == nil {
			r.Evidence = []string{}
		}
		b.Verdicts = append(b.Verdicts, r)
	}
	b.Trends = []PlanTrend{}
	for _, t := range m.Trends {
		b.Trends = append(b.Trends, PlanTrend{
			What: t.What, Sector: string(t.Sector), Before: t.Before, Now: t.Now, Falls: t.Falls(),
			From: string(t.Earlier.Start), Between: string(t.Lately.Start), To: string(t.Lately.End),
		})
	}
	return b
}

type newPlanInput struct {
	api.Once
	Body PlanBody
}

func (p *Pages) apiCreate(ctx context.Context, in *newPlanInput) (*planOutput, error) {
	b := in.Body
	pl := plan.Plan{
		Org: b.Org, Code: b.Code, Title: b.Title, Summary: b.Summary, Lang: orElse(b.Lang, "en"), Level: plan.Level(orElse(b.Level, string(plan.National))),
		District: b.District, Start: b.Start, End: b.End, Years: b.Years, PreviousEnd: b.PreviousEnd, ContactName: b.ContactName,
		ContactEmail: b.ContactEmail, Website: b.Website,
	}
	pl.Texts.V = plan.Sections{Introduction: b.Introduction, Efforts: b.Efforts, Process: b.Process, Vision: b.Vision}
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (PlanBody, error) {
		made, err := plan.CreateIn(ctx, tx, who.From(ctx), pl)
		return p.planBody(made, ""), err
	})
	return &planOutput{Body: body}, err
}

func orElse(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		return otherwise
	}
	return s
}

type newCommitmentInput struct {
	PlanKey
	api.Once
	Body CommitmentBody
}

type commitmentOutput struct{ Body CommitmentBody }

func (p *Pages) apiDraft(ctx context.Context, in *newCommitmentInput) (*commitmentOutput, error) {
	b := in.Body
	c := plan.Commitment{
		Number: b.Number, Title: b.Title, Lang: orElse(b.Lang, i18n.LangOf(ctx)), Lead: b.Lead, Start: b.Start, End: b.End,
		State: plan.Stage(orElse(b.State, string(plan.Drafting))),
	}
	c.Texts.V, c.Tags.V, c.Districts.V = b.Texts, b.Tags, b.Districts
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (CommitmentBody, error) {
		pl, _, err := byKey(ctx, tx, in.ID)
		if err != nil {
			return CommitmentBody{}, err
		}
		c.Plan = pl.ID
		made, err := plan.DraftIn(ctx, tx, who.From(ctx), c)
		return p.commitmentBody(made), err
	})
	return &commitmentOutput{Body: body}, err
}

func (p *Pages) commitmentBody(c plan.Commitment) CommitmentBody {
	return CommitmentBody{
		ID: c.ID, Plan: c.Plan, Number: c.Number, Title: c.Title, Texts: c.Texts.V, Lang: c.Lang, Lead: c.Lead, Start: c.Start, End: c.End,
		Tags: some(c.Tags.V), Districts: some(c.Districts.V), State: string(c.State), Reason: c.Reason, Successor: c.Successor,
		Version: c.Version, URL: p.Base() + c.Ref().Path(), Milestones: []MilestoneBody{}, Parties: []PartyBody{},
	}
}

// some is a list that is never null in JSON.
func some(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (p *Pages) apiCommitment(ctx context.Context, in *PlanKey) (*commitmentOutput, error) {
	out := &commitmentOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		ref, _, err := record.Resolve(ctx, tx, "commitment", in.ID)
		if err != nil {
			return err
		}
		c, pl, err := plan.SeeCommitment(ctx, tx, who.From(ctx), ref.ID)
		if err != nil {
			return err
		}
		out.Body = p.commitmentBody(c)
		ms, err := plan.Milestones(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		words, err := plan.WordsNow(ctx, tx, c.Ref())
		if err != nil {
			return err
		}
		standing := plan.Stand(ms, words, pl.Start, plan.Today(tx))
		for _, m := range ms {
			out.Body.Milestones = append(out.Body.Milestones, milestoneBody(m, standing[m.ID]))
		}
		parties, err := plan.Parties(ctx, tx, c.ID)
		for _, x := range parties {
			if x.Left.IsZero() {
				out.Body.Parties = append(out.Body.Parties, PartyBody{ID: x.ID, Org: x.Org, Role: x.Role, Confirmed: x.Confirmed.Maybe()})
			}
		}
		return err
	})
	return out, err
}

func milestoneBody(m plan.Milestone, voices map[plan.Voice]plan.Shown) MilestoneBody {
	b := MilestoneBody{Planned: m.Planned, Voices: map[plan.Voice]VoiceBody{}}
	for v, s := range voices {
		x := VoiceBody{
			Status: s.Status, Shown: s.Word(), Late: s.Late, Silent: s.Silent, Text: s.Last.Text, Challenges: s.Last.Challenges,
			Evidence: s.Last.Evidence.V, Org: s.Last.Org, At: s.Last.At.Maybe(),
		}
		if x.Evidence == nil {
			x.Evidence = []plan.Evidence{}
		}
		b.Voices[v] = x
	}
	return b
}

// ReportBody is what somebody says of a milestone.
type ReportBody struct {
	ID         string          `json:"id" readOnly:"true"`
	Org        string          `json:"org" required:"false" doc:"Id of the organisation for which you speak; empty for an independent reviewer"`
	Voice      string          `json:"voice" readOnly:"true"`
	Status     string          `json:"status" enum:"not_started,limited,substantial,complete,withdrawn"`
	Text       string          `json:"text" doc:"Markdown: what was done"`
	Challenges string          `json:"challenges" required:"false" doc:"What stands in the way; needed for not_started and limited, and when late"`
	Reason     string          `json:"reason" required:"false" doc:"Why it is less than was said before"`
	Evidence   []plan.Evidence `json:"evidence" required:"false" doc:"Needed for more than limited"`
	Period     string          `json:"period" readOnly:"true"`
}

type reportInput struct {
	PlanKey
	api.Once
	Body ReportBody
}

type reportOutput struct{ Body ReportBody }

func (p *Pages) apiReport(ctx context.Context, in *reportInput) (*reportOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (ReportBody, error) {
		made, err := plan.ReportIn(ctx, tx, who.From(ctx), plan.Progress{
			Milestone: in.ID, Org: b.Org, Status: plan.Status(b.Status), Text: b.Text, Challenges: b.Challenges, Reason: b.Reason,
			Evidence: db.JSON[[]plan.Evidence]{V: b.Evidence},
		})
		b.ID, b.Voice, b.Period = made.ID, string(made.Voice), made.Period
		return b, err
	})
	return &reportOutput{Body: body}, err
}
