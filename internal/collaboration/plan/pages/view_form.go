package pages

import (
	"context"
	"strconv"

	"ceiba/internal/collaboration/plan"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
	"ceiba/internal/service/org"
)

func formAction(v formView) string {
	if v.Plan.ID == "" {
		return "/plans"
	}
	return "/plan/" + v.Plan.ID + "/edit"
}

func formCancel(v formView) string {
	if v.Plan.ID == "" {
		return "/plans"
	}
	return v.Plan.Ref().Path()
}

func draftAction(v draftView) string {
	if v.Commitment.ID == "" {
		return "/plan/" + v.PlanSlug + "/commitments"
	}
	return "/commitment/" + v.Slug + "/edit"
}

func draftCancel(v draftView) string {
	if v.Commitment.ID == "" {
		return "/plan/" + v.PlanSlug
	}
	return "/commitment/" + v.Slug
}

func choiceOptions(all []org.Choice, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func orgOptions(all []org.Org, chosen string) (out []ui.Option) {
	for _, o := range all {
		out = append(out, ui.Option{Value: o.ID, Label: o.Name, Selected: o.ID == chosen})
	}
	return out
}

func wordOptions(ctx context.Context, prefix string, values []string, chosen string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: i18n.T(ctx, prefix+v), Selected: v == chosen})
	}
	return out
}

func roleOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, v := range plan.PartyRoles {
		out = append(out, ui.Option{Value: v, Label: i18n.T(ctx, "plan.role."+v), Selected: v == chosen})
	}
	return out
}

func levelOptions(ctx context.Context, chosen plan.Level) (out []ui.Option) {
	for _, v := range []plan.Level{plan.National, plan.Local} {
		out = append(out, ui.Option{Value: string(v), Label: i18n.T(ctx, "plan.level."+string(v)), Selected: v == chosen})
	}
	return out
}

func phaseKindOptions(ctx context.Context, chosen string) (out []ui.Option) {
	for _, v := range plan.PhaseKinds {
		out = append(out, ui.Option{Value: v, Label: i18n.T(ctx, "plan.phase_kind."+v), Selected: v == chosen})
	}
	return out
}

func statusOptions(ctx context.Context, chosen plan.Status) (out []ui.Option) {
	for _, v := range plan.Statuses {
		out = append(out, ui.Option{Value: string(v), Label: i18n.T(ctx, "plan.status."+string(v)), Hint: i18n.T(ctx, "plan.status_hint."+string(v)), Selected: v == chosen})
	}
	return out
}

func firstStages(ctx context.Context, chosen plan.Stage) (out []ui.Option) {
	for _, v := range []plan.Stage{plan.Idea, plan.Proposed, plan.Drafting} {
		out = append(out, ui.Option{Value: string(v), Label: i18n.T(ctx, "plan.stage."+string(v)), Selected: v == chosen})
	}
	return out
}

func yearOptions(chosen int) (out []ui.Option) {
	for _, n := range []int{2, 4, 1, 3} { // OGP takes 2 or 4 today; older plans had others
		out = append(out, ui.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n), Selected: n == chosen})
	}
	return out
}

func oneDistrict(ctx context.Context, chosen string) []ui.Option {
	return districtOptions(ctx, []string{chosen})
}

func langOptions(chosen string) (out []ui.Option) {
	for _, l := range i18n.Languages {
		out = append(out, ui.Option{Value: l.Code, Label: l.Name, Selected: l.Code == chosen})
	}
	return out
}

func phaseAt(v timelineView, i int) plan.Phase {
	if i < len(v.Phases) {
		return v.Phases[i]
	}
	return plan.Phase{}
}

func numberValue(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func hintOf(ctx context.Context, name string) string { return i18n.T(ctx, "plan.hint."+name) }

func hasFormer(c plan.Commitment) bool {
	return c.Texts.V.Contribution != "" || c.Texts.V.Relevance != ""
}

// speaksEmpty is the empty choice of for whom somebody reports: a reviewer
// speaks for no organisation.
func speaksEmpty(ctx context.Context, v reportView) string {
	if v.MayAssess {
		return i18n.T(ctx, "plan.voice.independent")
	}
	return i18n.T(ctx, "plan.choose")
}

// texts are the fields of a plan as the form names them, for comparing two.
func planTexts(p plan.Plan) [][2]string {
	t := p.Texts.V
	return [][2]string{
		{"title", p.Title},
		{"summary", p.Summary},
		{"org", p.Org},
		{"forum", p.Forum},
		{"code", p.Code},
		{"level", string(p.Level)},
		{"district", p.District},
		{"years", strconv.Itoa(p.Years)},
		{"start_date", p.Start},
		{"end_date", p.End},
		{"previous_end", p.PreviousEnd},
		{"introduction", t.Introduction},
		{"efforts", t.Efforts},
		{"process", t.Process},
		{"vision", t.Vision},
		{"contact_name", p.ContactName},
		{"contact_email", p.ContactEmail},
		{"website", p.Website},
		{"lang", p.Lang},
	}
}

func commitmentTexts(c plan.Commitment) [][2]string {
	out := [][2]string{
		{"title", c.Title},
		{"number", c.Number},
		{"lead", c.Lead},
		{"start_date", c.Start},
		{"end_date", c.End},
		{"lang", c.Lang},
		{"contact_name", c.Contact.V.Name},
		{"contact_title", c.Contact.V.Title},
		{"contact_email", c.Contact.V.Email},
		{"contact_phone", c.Contact.V.Phone},
	}
	for _, p := range c.Texts.V.Parts() {
		out = append(out, [2]string{p.Name, *p.Text})
	}
	for _, d := range c.Districts.V {
		out = append(out, [2]string{"districts", d})
	}
	for _, t := range c.Tags.V {
		out = append(out, [2]string{"tags", t})
	}
	return out
}

// conflicts are the fields that two people wrote differently.
func conflicts(ctx context.Context, mine, theirs [][2]string) (out []ui.ConflictField) {
	for i := range mine {
		if i < len(theirs) && mine[i][0] == theirs[i][0] && !several(mine[i][0]) && mine[i][1] != theirs[i][1] {
			out = append(out, ui.ConflictField{Name: mine[i][0], Label: fieldLabel(ctx, mine[i][0]), Mine: mine[i][1], Theirs: theirs[i][1], Long: len(mine[i][1])+len(theirs[i][1]) > 160})
		}
	}
	return out
}

// same carries what needs no choice: equal texts, and the lists as I have
// chosen them.
func same(mine, theirs [][2]string) (out []ui.Hidden) {
	for i := range mine {
		if several(mine[i][0]) || i < len(theirs) && mine[i][1] == theirs[i][1] {
			out = append(out, ui.Hidden{Name: mine[i][0], Value: mine[i][1]})
		}
	}
	return out
}

func several(name string) bool { return name == "districts" || name == "tags" }
