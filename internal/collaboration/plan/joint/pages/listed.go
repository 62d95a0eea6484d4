package pages

import (
	"context"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/listing"
	"ceiba/internal/face/ui"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
	"ceiba/internal/service/record"
	"ceiba/internal/service/who"
)

// JointProjectQuery is what joint projects are filtered by.
type JointProjectQuery struct {
	State      string `query:"state" enum:"proposed,agreed,under_way,completed,ended"`
	Commitment string `query:"commitment" doc:"Id or address of the commitment that they help to keep"`
	Org        string `query:"org" doc:"Id or address of an organisation that takes part, or is asked to"`
	listing.Paged
}

// JointProjectRow is a joint project with how its pledges stand. Its texts are at
// GET /joint-projects/{id}.
type JointProjectRow struct {
	ID         string      `json:"id"`
	Title      string      `json:"title"`
	Lang       string      `json:"lang"`
	Lead       string      `json:"lead" doc:"Id of the organisation that leads"`
	LeadName   string      `json:"lead_name"`
	State      string      `json:"state" doc:"proposed, agreed, under_way, completed or ended"`
	Reason     string      `json:"reason" doc:"Why it ended"`
	Commitment string      `json:"commitment" doc:"Id of the commitment that it helps to keep; empty for none"`
	Pledges    int         `json:"pledges" doc:"Confirmed by the organisation that gives, and not withdrawn"`
	Kept       int         `json:"kept" doc:"Another partner says so"`
	SaidKept   int         `json:"said_kept" doc:"Only the one that gives says so"`
	Disputed   int         `json:"disputed"`
	NotKept    int         `json:"not_kept"`
	Silent     int         `json:"silent" doc:"Past their day without a word"`
	Offered    int         `json:"offered" doc:"Not confirmed yet"`
	Proposed   string      `json:"proposed" doc:"Civil date"`
	URL        string      `json:"url"`
	shown      record.Said // its title in the reader's language
	slug       string
}

func (p *Pages) projectList() listing.List[JointProjectQuery, JointProjectRow] {
	return listing.List[JointProjectQuery, JointProjectRow]{
		Path: "/joint-projects", Tag: "plans", Summary: "Joint projects of government and others, the latest first, with how their pledges stand", Words: "joint.list.projects.",
		DB: p.DB, Base: p.Base, Rows: p.projectRows, Name: p.nameOf("joint.state."),
		Columns: []listing.Column[JointProjectRow]{
			{Name: "title", Head: true, Cell: func(_ context.Context, r JointProjectRow) ui.Cell {
				return ui.Cell{Text: r.shown.Text, Href: "/joint/" + r.slug, Note: r.LeadName}
			}},
			{Name: "state", Cell: func(ctx context.Context, r JointProjectRow) ui.Cell {
				return stateCell(stateBadge(ctx, joint.State(r.State)), "")
			}},
			{Name: "proposed", Kind: ui.Day, Cell: func(ctx context.Context, r JointProjectRow) ui.Cell { return ui.Text(i18n.CivilDate(ctx, r.Proposed)) }},
			{Name: "pledges", Kind: ui.Numeric, Cell: func(_ context.Context, r JointProjectRow) ui.Cell {
				return ui.Cell{View: counted(r.ID, "given", r.Pledges)}
			}},
			{Name: "kept", Kind: ui.Numeric, Cell: func(_ context.Context, r JointProjectRow) ui.Cell {
				return ui.Cell{View: counted(r.ID, "kept", r.Kept)}
			}},
		},
	}
}

func (p *Pages) projectRows(ctx context.Context, tx *db.Tx, q JointProjectQuery, cursor string, limit int) (out []JointProjectRow, next string, err error) {
	f := joint.Filter{State: joint.State(q.State)}
	if f.Commitment, err = promiseID(ctx, tx, q.Commitment); err != nil {
		return nil, "", err
	}
	if f.Org, err = orgID(ctx, tx, q.Org); err != nil {
		return nil, "", err
	}
	v := listView{Filter: f}
	if err := v.fill(ctx, tx, cursor, limit); err != nil {
		return nil, "", err
	}
	for _, x := range v.All {
		s := joint.SumOf(v.Pledges[x.ID], v.Today)
		out = append(out, JointProjectRow{
			ID: x.ID, Title: x.Title, Lang: x.Lang, Lead: x.Lead, LeadName: v.Names[x.Lead], State: string(x.State), Reason: x.Reason, Commitment: x.Commitment,
			Pledges: s.Pledges, Kept: s.Kept, SaidKept: s.SaidKept, Disputed: s.Disputed, NotKept: s.NotKept, Silent: s.Silent, Offered: s.Offered,
			Proposed: plan.DayOf(x.Created.Time), URL: p.Base() + x.Ref().Path(), shown: v.Words[x.ID].Say("title", x.Title, x.Lang), slug: v.Slugs[x.ID],
		})
	}
	return out, v.Next, nil
}

// PledgeQuery is what pledges are filtered by.
type PledgeQuery struct {
	Joint      string `query:"joint" doc:"Id or address of a joint project"`
	Commitment string `query:"commitment" doc:"Id or address of the commitment that the project helps to keep"`
	Org        string `query:"org" doc:"Id or address of the organisation that gives"`
	Sector     string `query:"sector" enum:"government,non_government" doc:"Of the organisation that gives"`
	State      string `query:"state" enum:"offered,confirmed,said_kept,kept,disputed,not_kept,withdrawn" doc:"How it stands, by all that was said of it"`
	Is         string `query:"is" enum:"given,kept,said_kept,disputed,not_kept,silent,offered,partner" doc:"given: confirmed and not withdrawn; partner: given, by an organisation that takes part now; silent: past its day without a word"`
	Currency   string `query:"currency" enum:"BZD,USD" doc:"Only money of which the amount is said, in this currency"`
	listing.Paged
}

// PledgeRow is a pledge with the project that it is given to.
type PledgeRow struct {
	ID           string `json:"id"`
	Project      string `json:"project" doc:"Id of the joint project"`
	ProjectTitle string `json:"project_title"`
	ProjectState string `json:"project_state"`
	Commitment   string `json:"commitment" doc:"Id of the commitment that the project helps to keep; empty for none"`
	Org          string `json:"organisation" doc:"Id of the organisation that gives"`
	OrgName      string `json:"organisation_name"`
	Sector       string `json:"sector" doc:"government or non_government"`
	What         string `json:"what"`
	Kind         string `json:"kind" doc:"money or in_kind"`
	Amount       string `json:"amount" doc:"Such as 12500.00; empty where it is not said, and for what is given in kind"`
	Currency     string `json:"currency" doc:"BZD or USD, where an amount is said"`
	Cents        int    `json:"cents" doc:"The amount in hundredths of the currency, to be added up: 0 where it is not said"`
	Due          string `json:"due" doc:"Civil date until which it is given"`
	Standing     string `json:"standing" doc:"offered, confirmed, said_kept (by the one that gives alone), kept (another partner says so), disputed, not_kept or withdrawn"`
	Overdue      bool   `json:"overdue" doc:"Its day has passed, and nobody says that it is kept"`
	Since        string `json:"since" doc:"Civil date since which it stands as it does"`
	Answered     string `json:"answered_by" doc:"The partner that said last whether it is kept; empty for none"`
	URL          string `json:"url"`
	pledge       joint.Pledge
	today        string
}

func (p *Pages) pledgeList() listing.List[PledgeQuery, PledgeRow] {
	return listing.List[PledgeQuery, PledgeRow]{
		Path: "/pledges", Tag: "plans", Summary: "Pledges to joint projects, the latest first, with how each stands", Words: "joint.list.pledges.",
		DB: p.DB, Base: p.Base, Rows: p.pledgeRows, Name: p.nameOf("joint.standing."),
		Columns: []listing.Column[PledgeRow]{
			{Name: "what", Head: true, Cell: func(ctx context.Context, r PledgeRow) ui.Cell { return gift(ctx, r.pledge) }},
			{Name: "organisation", Cell: func(ctx context.Context, r PledgeRow) ui.Cell {
				return ui.Cell{Text: r.OrgName, Href: "/organisation/" + r.Org, Note: sectorWord(ctx, r.Sector)}
			}},
			{Name: "project", Cell: func(_ context.Context, r PledgeRow) ui.Cell {
				return ui.LinkCell(r.ProjectTitle, record.Ref{Kind: "joint", ID: r.Project}.Path())
			}},
			{Name: "due", Kind: ui.Day, Cell: func(ctx context.Context, r PledgeRow) ui.Cell { return ui.Text(i18n.CivilDate(ctx, r.Due)) }},
			{Name: "standing", Cell: func(ctx context.Context, r PledgeRow) ui.Cell { return standingCell(ctx, r.pledge, r.today) }},
		},
	}
}

func (p *Pages) pledgeRows(ctx context.Context, tx *db.Tx, q PledgeQuery, cursor string, limit int) (out []PledgeRow, next string, err error) {
	f := joint.PledgeFilter{Sector: q.Sector, State: joint.Standing(q.State), Is: q.Is, Currency: q.Currency}
	if q.Joint != "" {
		pr, _, err := find(ctx, tx, q.Joint)
		if err != nil {
			return nil, "", err
		}
		f.Joint = pr.ID
	}
	if f.Commitment, err = promiseID(ctx, tx, q.Commitment); err != nil {
		return nil, "", err
	}
	if f.Org, err = orgID(ctx, tx, q.Org); err != nil {
		return nil, "", err
	}
	rows, next, err := joint.Rows(ctx, tx, f, i18n.LangOf(ctx), cursor, limit)
	today := plan.Today(tx)
	for _, r := range rows {
		out = append(out, p.pledgeRow(r, today))
	}
	return out, next, err
}

func (p *Pages) pledgeRow(r joint.Row, today string) PledgeRow {
	out := PledgeRow{
		ID: r.ID, Project: r.Joint, ProjectTitle: r.Project, ProjectState: string(r.State), Commitment: r.Commitment, Org: r.Org, OrgName: r.Giver,
		Sector: joint.Others, What: r.What, Kind: "money", Cents: int(r.Amount.Minor), Due: r.Due, Standing: string(r.Pledge.State), Overdue: r.Overdue(today),
		Since: plan.DayOf(r.Since.Time), Answered: r.Answered, URL: p.Base() + r.Ref().Path(), pledge: r.Pledge, today: today,
	}
	if r.Governs {
		out.Sector = joint.Government
	}
	if r.InKind {
		out.Kind = "in_kind"
	}
	if r.Amount.Minor != 0 {
		out.Amount, out.Currency = r.Amount.Decimal(), r.Amount.Currency
	}
	return out
}

// promiseID is the id of the commitment that a list is filtered by, if the reader
// may see it; "" for none.
func promiseID(ctx context.Context, tx *db.Tx, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	ref, _, err := record.Resolve(ctx, tx, "commitment", key)
	if err != nil {
		return "", err
	}
	_, _, err = plan.SeeCommitment(ctx, tx, who.From(ctx), ref.ID)
	return ref.ID, err
}

// orgID is the id of the organisation that a list is filtered by; "" for none.
func orgID(ctx context.Context, tx *db.Tx, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	o, _, err := org.Find(ctx, tx, key)
	return o.ID, err
}

// nameOf says what a list is filtered by; states are words that begin so.
func (p *Pages) nameOf(states string) func(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
	return func(ctx context.Context, tx *db.Tx, filter, value string) (ui.Link, error) {
		switch filter {
		case "joint", "commitment":
			ref, _, err := record.Resolve(ctx, tx, filter, value)
			if err != nil {
				return ui.Link{}, err
			}
			c, err := p.Kinds().One(ctx, tx, who.From(ctx), ref)
			return ui.Link{Text: c.Title, Href: c.Path()}, err
		case "org":
			o, _, err := org.Find(ctx, tx, value)
			return ui.Link{Text: o.NameIn(i18n.LangOf(ctx)), Href: "/organisation/" + o.ID}, err
		case "state":
			return ui.Link{Text: i18n.T(ctx, states+value)}, nil
		case "sector":
			return ui.Link{Text: sectorWord(ctx, value)}, nil
		}
		return ui.Link{}, nil
	}
}

func sectorWord(ctx context.Context, sector string) string {
	return i18n.T(ctx, "joint.sector."+sector)
}

// pledgesOf is the address of the pledges to a project, further filtered by pairs.
func pledgesOf(project string, pairs ...string) string {
	return listing.Of("/pledges", append([]string{"joint", project}, pairs...)...)
}

// counted is a number of pledges to a project that are something (joint.Sum).
func counted(project, is string, n int) ui.Figure { return ui.Count(n, pledgesOf(project, "is", is)) }
