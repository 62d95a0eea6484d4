package pages

import (
	"cmp"
	"context"

	"ceiba/internal/collaboration/plan"
	"ceiba/internal/collaboration/plan/joint"
	"ceiba/internal/face/api"
	"ceiba/internal/ground/db"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/who"
)

type newJointInput struct {
	api.Once
	Body JointLine
}

func (p *Pages) apiPropose(ctx context.Context, in *newJointInput) (*jointOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (JointBody, error) {
		made, err := joint.ProposeIn(ctx, tx, who.From(ctx), joint.Project{
			Title: b.Title, Problem: b.Problem, Objective: b.Objective, Budget: b.Budget, Lang: cmp.Or(b.Lang, i18n.LangOf(ctx)),
			Commitment: b.Commitment, Lead: b.Lead,
		})
		if err != nil {
			return JointBody{}, err
		}
		return p.whole(ctx, tx, made)
	})
	return &jointOutput{Body: body}, err
}

type editJointInput struct {
	JointKey
	api.Once
	Body JointLine
}

func (p *Pages) apiEdit(ctx context.Context, in *editJointInput) (*jointOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (JointBody, error) {
		now, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return JointBody{}, err
		}
		now.Title, now.Problem, now.Objective = cmp.Or(b.Title, now.Title), cmp.Or(b.Problem, now.Problem), cmp.Or(b.Objective, now.Objective)
		now.Budget, now.Lang, now.Commitment = cmp.Or(b.Budget, now.Budget), cmp.Or(b.Lang, now.Lang), cmp.Or(b.Commitment, now.Commitment)
		now.Version = b.Version
		made, err := joint.EditIn(ctx, tx, who.From(ctx), now)
		if err != nil {
			return JointBody{}, err
		}
		return p.whole(ctx, tx, made)
	})
	return &jointOutput{Body: body}, err
}

type moveJointInput struct {
	JointKey
	api.Once
	Body JointMoveBody
}

func (p *Pages) apiMove(ctx context.Context, in *moveJointInput) (*jointOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (JointBody, error) {
		now, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return JointBody{}, err
		}
		made, err := joint.MoveIn(ctx, tx, who.From(ctx), joint.Moving{Joint: now.ID, Version: b.Version, To: joint.State(b.To), Reason: b.Reason})
		if err != nil {
			return JointBody{}, err
		}
		return p.whole(ctx, tx, made)
	})
	return &jointOutput{Body: body}, err
}

type inviteInput struct {
	JointKey
	api.Once
	Body JointPartnerBody
}

type partnerOutput struct{ Body JointPartnerBody }

func (p *Pages) apiInvite(ctx context.Context, in *inviteInput) (*partnerOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (JointPartnerBody, error) {
		now, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return JointPartnerBody{}, err
		}
		made, err := joint.InviteIn(ctx, tx, who.From(ctx), joint.Partner{Joint: now.ID, Org: b.Org, Role: joint.Role(b.Role)})
		return partnerBody(made), err
	})
	return &partnerOutput{Body: body}, err
}

type offerInput struct {
	JointKey
	api.Once
	Body PledgeBody
}

type pledgeOutput struct{ Body PledgeBody }

func (p *Pages) apiOffer(ctx context.Context, in *offerInput) (*pledgeOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (PledgeBody, error) {
		now, _, err := find(ctx, tx, in.ID)
		if err != nil {
			return PledgeBody{}, err
		}
		amount, wrong := readAmount(b.Amount)
		made, err := joint.OfferIn(ctx, tx, who.From(ctx), joint.Pledge{Joint: now.ID, Org: b.Org, What: b.What, InKind: b.InKind, Amount: amount, Due: b.Due})
		if err == nil {
			err = wrong // who may not is told that first
		}
		return p.pledgeBody(made, plan.Today(tx)), err
	})
	return &pledgeOutput{Body: body}, err
}

type changeInput struct {
	PledgeKey
	api.Once
	Body PledgeBody
}

func (p *Pages) apiChange(ctx context.Context, in *changeInput) (*pledgeOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (PledgeBody, error) {
		now, err := joint.GetPledge(ctx, tx, in.ID)
		if err != nil {
			return PledgeBody{}, err
		}
		amount, wrong := readAmount(b.Amount)
		if b.Amount == "" && !b.InKind {
			amount = now.Amount
		}
		now.What, now.Due, now.InKind, now.Amount, now.Version = cmp.Or(b.What, now.What), cmp.Or(b.Due, now.Due), b.InKind, amount, b.Version
		made, err := joint.ChangeIn(ctx, tx, who.From(ctx), now)
		if err == nil {
			err = wrong
		}
		return p.pledgeBody(made, plan.Today(tx)), err
	})
	return &pledgeOutput{Body: body}, err
}

// PledgeKey names a pledge in an address.
type PledgeKey struct {
	ID string `path:"id" doc:"Id of the pledge"`
}

func (p *Pages) apiPledge(ctx context.Context, in *PledgeKey) (*pledgeOutput, error) {
	out := &pledgeOutput{}
	err := p.DB.View(ctx, func(tx *db.Tx) error {
		v, err := joint.GetPledge(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = p.withWords(ctx, tx, v)
		return err
	})
	return out, err
}

// withWords is a pledge with everything that was said of it.
func (p *Pages) withWords(ctx context.Context, tx *db.Tx, v joint.Pledge) (PledgeBody, error) {
	b := p.pledgeBody(v, plan.Today(tx))
	words, err := joint.WordsOf(ctx, tx, v.ID)
	for _, w := range words {
		b.Words = append(b.Words, PledgeWordBody{
			Org: w.Org, Spoke: w.Spoke, Own: w.Org == v.Org, Says: string(w.Says), Text: w.Text, Evidence: w.Evidence.V, At: w.At.Time,
		})
	}
	return b, err
}

type sayInput struct {
	PledgeKey
	api.Once
	Body PledgeWordBody
}

func (p *Pages) apiSay(ctx context.Context, in *sayInput) (*pledgeOutput, error) {
	b := in.Body
	body, err := api.Do(ctx, p.DB, in.Once, in.Body, func(tx *db.Tx) (PledgeBody, error) {
		v, err := joint.SayIn(ctx, tx, who.From(ctx), joint.Saying{
			Pledge: in.ID, Version: b.Version, Own: b.Own, Says: joint.Says(b.Says), Text: b.Text, Evidence: b.Evidence,
		})
		if err != nil {
			return PledgeBody{}, err
		}
		return p.withWords(ctx, tx, v)
	})
	return &pledgeOutput{Body: body}, err
}
