package pages

import (
	"context"

	"ceiba/internal/face/ui"
	"ceiba/internal/service/i18n"
)

func formAction(v formView) string {
	if v.Project.ID == "" {
		return "/joint"
	}
	return "/joint/" + v.Slug + "/edit"
}

func formCancel(v formView) string {
	if v.Project.ID == "" {
		return "/joint"
	}
	return "/joint/" + v.Slug
}

func formSubmit(ctx context.Context, v formView) string {
	if v.Project.ID == "" {
		return i18n.T(ctx, "joint.propose")
	}
	return i18n.T(ctx, "joint.save")
}

func mileTitle(ctx context.Context, v mileView) string {
	if v.One.ID == "" {
		return i18n.T(ctx, "joint.milestone_new")
	}
	return i18n.T(ctx, "joint.milestone_edit")
}

func milestoneColumns(ctx context.Context, edit string) []ui.Column {
	out := []ui.Column{{Label: i18n.T(ctx, "joint.field.milestone"), RowHead: true}, {Label: i18n.T(ctx, "joint.field.due"), Kind: ui.Day}, {Label: i18n.T(ctx, "joint.stands")}}
	if edit != "" {
		out = append(out, ui.Column{Label: i18n.T(ctx, "joint.edit")})
	}
	return out
}

func offerAction(v offerView) string {
	if v.One.ID == "" {
		return "/joint/" + v.Slug + "/pledges"
	}
	return "/pledge/" + v.One.ID + "/edit"
}

func offerCancel(v offerView) string {
	if v.One.ID == "" {
		return "/joint/" + v.Slug
	}
	return "/pledge/" + v.One.ID
}

func sayHidden(f sayForm) []ui.Hidden {
	out := []ui.Hidden{{Name: "says", Value: string(f.says)}}
	if f.own {
		out = append(out, ui.Hidden{Name: "own", Value: "yes"})
	}
	return out
}
