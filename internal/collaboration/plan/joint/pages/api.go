package pages

import (
	"context"
	"time"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/api"
	"ceiba/internal/face/web"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/who"
)

// JointLine is a joint project with its texts.
type JointLine struct {
	ID         string `json:"id" readOnly:"true"`
	Title      string `json:"title" maxLength:"200"`
	Problem    string `json:"problem" required:"false" doc:"Markdown"`
	Objective  string `json:"objective" required:"false" doc:"Markdown"`
	Budget     string `json:"budget" required:"false" doc:"References to budget lines, in words"`
	Lang       string `json:"lang" required:"false"`
	Commitment string `json:"commitment" required:"false" doc:"Id of the commitment that it helps to keep"`
	Lead       string `json:"lead" required:"false" doc:"Id of the organisation that leads; only when it is made"`
	State      string `json:"state" readOnly:"true" doc:"proposed, agreed, under_way, completed or ended"`
	Reason     string `json:"reason" readOnly:"true" doc:"Why it ended"`
	Version    int    `json:"version" required:"false"`
	URL        string `json:"url" readOnly:"true"`
}

// JointBody is a joint project with all that belongs to it.
type JointBody struct {
	JointLine
	Partners   []JointPartnerBody   `json:"partners" readOnly:"true"`
	Pledges    []PledgeBody         `json:"pledges" readOnly:"true"`
	Milestones []JointMilestoneBody `json:"milestones" readOnly:"true"`
}

// JointPartnerBody is an organisation that takes part, or is asked to.
type JointPartnerBody struct {
	ID     string     `json:"id" readOnly:"true"`
	Org    string     `json:"org"`
	Role   string     `json:"role" enum:"lead,co_lead,contributor,monitor"`
	Joined *time.Time `json:"joined" readOnly:"true" doc:"When its own account said so; null while it is only asked"`
	Left   *time.Time `json:"left" readOnly:"true"`
	Reason string     `json:"reason" readOnly:"true" doc:"Why it left"`
}

// PledgeBody is what one organisation gives.
type PledgeBody struct {
	ID       string           `json:"id" readOnly:"true"`
	Org      string           `json:"org" required:"false" doc:"Id of the organisation that gives"`
	What     string           `json:"what" required:"false"`
	InKind   bool             `json:"in_kind" required:"false"`
	Amount   string           `json:"amount" required:"false" doc:"Such as 12500.00, or US$500; empty where it is not said"`
	Currency string           `json:"currency" readOnly:"true"`
	Due      string           `json:"due" required:"false" doc:"Civil date"`
	State    string           `json:"state" readOnly:"true" doc:"offered, confirmed, said_kept (by the one that gives alone), kept (another partner says so), disputed, not_kept or withdrawn"`
	Overdue  bool             `json:"overdue" readOnly:"true" doc:"Its day has passed, and nobody says that it is kept"`
	Version  int              `json:"version" required:"false"`
	URL      string           `json:"url" readOnly:"true"`
	Words    []PledgeWordBody `json:"words,omitempty" readOnly:"true" doc:"Everything that was said of it, for one pledge"`
}

// PledgeWordBody is what somebody says of a pledge.
type PledgeWordBody struct {
	Org      string          `json:"org" readOnly:"true" doc:"The partner for which it was said"`
	Spoke    string          `json:"spoke" readOnly:"true" doc:"That said it: the partner, or what followed it"`
	Own      bool            `json:"own" required:"false" doc:"For the organisation that gives; otherwise for another partner"`
	Says     string          `json:"says" required:"false" doc:"confirmed, kept, not_kept or withdrawn"`
	Text     string          `json:"text" required:"false"`
	Evidence []plan.Evidence `json:"evidence" required:"false"`
	Version  int             `json:"version,omitempty" required:"false" doc:"Of the pledge, as you read it"`
	At       time.Time       `json:"at" readOnly:"true"`
}

// JointMilestoneBody is a step of a joint project.
type JointMilestoneBody struct {
	ID      string `json:"id" readOnly:"true"`
	Title   string `json:"title"`
	Due     string `json:"due"`
	State   string `json:"state"`
	Note    string `json:"note"`
	Late    bool   `json:"late"`
	Version int    `json:"version"`
}

// JointMoveBody is a step of a joint project, as somebody asks for it.
type JointMoveBody struct {
	To      string `json:"to" doc:"agreed, under_way, completed or ended"`
	Reason  string `json:"reason" required:"false" doc:"Needed for ended"`
	Version int    `json:"version"`
}

func (p *Pages) api(a *api.API) {
	write, speak := web.Needs("joint.write"), web.Needs("joint.speak")
	p.projectList().API(a)
	p.pledgeList().API(a)
	api.Add(a, api.Op{Method: "GET", Path: "/joint-projects/{id}", Access: web.Public, Tag: "plans", Summary: "A joint project with its partners, pledges and milestones"}, p.apiOne)
	api.Add(a, api.Op{Method: "POST", Path: "/joint-projects", Access: write, Tag: "plans", Summary: "Propose a joint project", Status: 201}, p.apiPropose)
	api.Add(a, api.Op{Method: "PATCH", Path: "/joint-projects/{id}", Access: write, Tag: "plans", Summary: "Change the texts of a joint project: empty ones stay as they are"}, p.apiEdit)
	api.Add(a, api.Op{Method: "POST", Path: "/joint-projects/{id}/state", Access: write, Tag: "plans", Summary: "Take a joint project to its next state"}, p.apiMove)
	api.Add(a, api.Op{Method: "POST", Path: "/joint-projects/{id}/partners", Access: write, Tag: "plans", Summary: "Ask an organisation to take part", Status: 201}, p.apiInvite)
	api.Add(a, api.Op{Method: "POST", Path: "/joint-projects/{id}/pledges", Access: speak, Tag: "plans", Summary: "Offer a pledge", Status: 201}, p.apiOffer)
	api.Add(a, api.Op{Method: "GET", Path: "/pledges/{id}", Access: web.Public, Tag: "plans", Summary: "A pledge with everything that was said of it"}, p.apiPledge)
	api.Add(a, api.Op{Method: "PATCH", Path: "/pledges/{id}", Access: speak, Tag: "plans", Summary: "Change an offer that nobody confirmed yet: empty texts stay as they are"}, p.apiChange)
	api.Add(a, api.Op{Method: "POST", Path: "/pledges/{id}/words", Access: speak, Tag: "plans", Summary: "Say of a pledge that it is confirmed, kept, not kept or withdrawn", Status: 201}, p.apiSay)
}

func (p *Pages) line(x joint.Project) JointLine {
	return JointLine{
		ID: x.ID, Title: x.Title, Problem: x.Problem, Objective: x.Objective, Budget: x.Budget, Lang: x.Lang, Commitment: x.Commitment,
		Lead: x.Lead, State: string(x.State), Reason: x.Reason, Version: x.Version, URL: p.Base() + x.Ref().Path(),
	}
}

func (p *Pages) pledgeBody(x joint.Pledge, today string) PledgeBody {
	b := PledgeBody{
		ID: x.ID, Org: x.Org, What: x.What, InKind: x.InKind, Due: x.Due, State: string(x.State), Overdue: x.Overdue(today), Version: x.Version,
		URL: p.Base() + x.Ref().Path(),
	}
	if x.Amount.Minor != 0 {
		b.Amount, b.Currency = x.Amount.Decimal(), x.Amount.Currency
	}
	return b
}

// JointKey names a joint project in an address.
type JointKey struct {
	ID string `path:"id" doc:"Id, or any address it ever had"`
}

type jointOutput struct{ Body JointBody }

func (p *Pages) apiOne(ctx context.Context, in *JointKey) (*jointOutput, error) {
	out := &jointOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		pr, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = p.whole(ctx, tx, pr)
		return err
	})
	return out, err
}

// whole is a project with all that belongs to it.
func (p *Pages) whole(ctx context.Context, tx *db.Tx, pr joint.Project) (JointBody, error) {
	b := JointBody{JointLine: p.line(pr), Partners: []JointPartnerBody{}, Pledges: []PledgeBody{}, Milestones: []JointMilestoneBody{}}
	v, today := projectView{Project: pr}, plan.Today(tx)
	if err := v.fill(ctx, tx, who.Actor{}); err != nil {
		return b, err
	}
	for _, x := range v.Partners {
		if !x.Replaced() {
			b.Partners = append(b.Partners, partnerBody(x))
		}
	}
	for _, x := range v.Pledges {
		b.Pledges = append(b.Pledges, p.pledgeBody(x, today))
	}
	for _, m := range v.Milestones {
		b.Milestones = append(b.Milestones, JointMilestoneBody{m.ID, m.Title, m.Due, string(m.State), m.Note, m.Late(today), m.Version})
	}
	return b, nil
}

func partnerBody(x joint.Partner) JointPartnerBody {
	return JointPartnerBody{ID: x.ID, Org: x.Org, Role: string(x.Role), Joined: x.Joined.Maybe(), Left: x.Left.Maybe(), Reason: x.Reason}
}
